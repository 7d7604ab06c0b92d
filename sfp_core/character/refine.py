"""Refinement: controller values moved until the forward model shows the landmarks that were seen.

For each frame t, with f the forward model and m the mapper's answer, the shares v of the ranges minimise

    misfit |f(v_t) - seen_t|^2 (whitened by the noise)  +  |(v_t - m_t) / tolerance|^2  +  smoothness |v_t - v_t-1|^2

inside the limits, by an accelerated projected gradient whose step is scaled for each controller.
"""

from dataclasses import dataclass, replace

import numpy as np

from sfp_core.character.networks import ForwardNetwork

_BLOCK = 512  # frames at once: bounds memory, and keeps the arrays in the processor's cache


@dataclass(frozen=True)
class RefineConfig:
    """How hard to refine.

    Attributes
    ----------
    iterations : int
        0 leaves the mapper's answer as it is.
    misfit : float
        Weight of the landmarks; 1 takes them for as noisy as the detector's, more for cleaner ones.
    deviation : float
        Weight of staying near the mapper's answer.
    smoothness : float
        Weight of frame-to-frame changes, in units of `tolerance`.
    sparsity : float
        Weight of |share - neutral|: controllers that the landmarks do not ask for rest.
    """

    iterations: int = 20
    misfit: float = 1.0
    deviation: float = 1.0
    smoothness: float = 0.0
    sparsity: float = 0.0


def for_made(config: RefineConfig) -> RefineConfig:
    """The same for landmarks that are made, by speech or by retargeting: there is less noise to distrust in them.

    Chosen on known curves of another seed than the benchmark's: the fewest false motions at about the least error.
    """
    return replace(config, misfit=2.0, sparsity=2.0)


@dataclass(frozen=True)
class Refiner:
    """A forward model, and how far its owner's mapper is off.

    Attributes
    ----------
    tolerance : (K,) float32
        Usual error of the mapper, shares of the range; 0 holds a controller where the mapper put it.
    """

    forward: ForwardNetwork
    tolerance: np.ndarray

    def __call__(self, shares: np.ndarray, displacements: np.ndarray, config: RefineConfig) -> np.ndarray:
        """(T, K) shares and (T, D) seen displacements, anchored space -> (T, K) float32 shares within [0, 1]."""
        if config.iterations < 1 or not len(shares):
            return shares.astype(np.float32)
        blocks = range(0, len(shares), _BLOCK)
        parts = [
            self._refined(shares[i : i + _BLOCK].astype(np.float32), displacements[i : i + _BLOCK], config)
            for i in blocks
        ]
        return np.concatenate(parts)

    def _refined(self, start: np.ndarray, displacements: np.ndarray, config: RefineConfig) -> np.ndarray:
        goal = displacements.astype(np.float32) @ self.forward.basis
        free = self.tolerance > 0
        precision = np.where(free, 1 / np.maximum(self.tolerance, 1e-3) ** 2, 0).astype(np.float32)
        step = np.where(free, 1 / self._steepness(config, precision), 0).astype(np.float32)
        neutral = self.forward.neutral
        current, ahead, momentum = start, start, 1.0
        for _ in range(config.iterations):
            _, slopes = self.forward.with_slopes(ahead, goal)
            slopes *= np.float32(config.misfit)
            slopes += (config.deviation * precision) * (ahead - start)
            if config.smoothness and len(start) > 1:
                change = np.diff(ahead, axis=0) * (config.smoothness * precision)
                slopes[1:] += change
                slopes[:-1] -= change
            moved = ahead - step * slopes - neutral
            rested = np.sign(moved) * np.maximum(np.abs(moved) - config.sparsity * step, 0)
            following = np.clip(neutral + rested, 0, 1)
            next_momentum = (1 + np.sqrt(1 + 4 * momentum**2)) / 2  # Nesterov's sequence, as in FISTA
            ahead = following + np.float32((momentum - 1) / next_momentum) * (following - current)
            current, momentum = following, next_momentum
        return np.asarray(current, dtype=np.float32)

    def _steepness(self, config: RefineConfig, precision: np.ndarray) -> np.ndarray:
        """(K,) bound of the curvature along each controller: row sums of |J^T J| bound its largest eigenvalue."""
        count = len(self.tolerance)
        slopes = self.forward.straight + np.sign(self.forward.straight) * np.abs(self.forward.bent)
        gram = np.abs(slopes @ slopes.T).reshape(2, count, 2, count)  # a controller is on its way up or down, not both
        curvature = gram.max(axis=(0, 2)).sum(axis=1) * config.misfit
        return np.asarray(curvature + (config.deviation + 4 * config.smoothness) * precision + 1e-6)
