"""Fitting the mapper: anchored landmarks -> shares of the controllers' ranges. Loads torch.

A detector's noise hides small motions, and some thousand poses are few for some fifty controllers. So most of what the
network learns from is made: controllers of real poses recombined, shown by the forward model, under fresh noise of the
measured covariance. The real landmarks are mixed in, since no forward model knows all of a detector's habits.

Letters: Q poses, K controllers, M components.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sfp_core.character.fit_forward import ForwardFit
from sfp_core.character.networks import MapperNetwork, Perceptron, Tensors
from sfp_core.character.perceptron import at_rest, falling_rate, new_perceptron, tensors_of

_OUTSIDE_SLOPE = 0.1  # of the loss beyond the limits, where the result is clipped: the way back must not be lost
_CHECKED_EVERY = 200
_RESTING = 0.1  # of the made poses: what only trembles must be answered with rest
_MIXED = (0.25, 0.5, 0.75)  # shares of a straight answer learned from detected landmarks alone
_RIDGE = 10.0  # its penalty, in observations of unit variance


@dataclass(frozen=True)
class MapperConfig:
    """How the mapper is fitted.

    Attributes
    ----------
    made : int
        How many recombined poses.
    real_share : float
        Share of a batch that is detected landmarks.
    absolute : float
        Weight of the absolute error beside the squared one: controllers that nothing tells of stay still.
    noise : float
        Deviation of the noise added to made landmarks, as multiple of the measured one.
    """

    hidden: int = 192
    steps: int = 2000
    batch: int = 256
    made: int = 40_000
    real_share: float = 0.2
    absolute: float = 0.1
    noise: float = 1.0
    learning_rate: float = 2e-3
    weight_decay: float = 0.01


def recombined(shares: np.ndarray, neutral: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Poses (count, K): each controller from one of two real poses (Q, K), at another strength; some at rest."""
    first, second = shares[rng.integers(len(shares), size=count)], shares[rng.integers(len(shares), size=count)]
    from_first = rng.random((count, shares.shape[1])) < rng.choice([0.5, 0.8, 1.0], size=(count, 1))
    strength = rng.uniform(0.3, 1.2, size=(count, 1)) * (rng.random((count, 1)) >= _RESTING)
    return np.asarray(np.clip(neutral + strength * (np.where(from_first, first, second) - neutral), 0, 1))


def fit_mapper(
    shares: np.ndarray,
    displacements: np.ndarray,
    unseen: np.ndarray,
    visible: np.ndarray,
    forward: ForwardFit,
    config: MapperConfig,
    *,
    generator: torch.Generator,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, np.ndarray]:
    """Tensors as `MapperNetwork.of` reads them.

    Parameters
    ----------
    shares : (Q, K) float64
    displacements : (Q, D) float64
        Anchored space.
    unseen : (Q,) bool
        Poses that only choose the best state.
    visible : (K,) bool
        Controllers to learn; the others get zero weights and stay at neutral.
    """
    network = forward.network
    rng = np.random.default_rng(int(torch.randint(2**31, (1,), generator=generator)))
    made_shares = recombined(shares[~unseen], network.neutral, config.made, rng)
    made = network.whitened(made_shares).astype(np.float64)
    root = np.linalg.cholesky(forward.noise + 1e-9 * np.eye(len(forward.noise))) * config.noise
    scale = np.sqrt((made**2).mean(axis=0) + np.diag(forward.noise))
    basis = np.asarray(network.basis, dtype=np.float64) / scale
    linear = _linear_path(made / scale, made_shares - network.neutral, root / scale[:, None])
    trainer = _Trainer(
        torch.from_numpy(made / scale).float(),
        torch.from_numpy(made_shares).float(),
        torch.from_numpy(displacements[~unseen] @ basis).float(),
        torch.from_numpy(shares[~unseen]).float(),
        torch.from_numpy(root / scale[:, None]).float(),
        torch.from_numpy(network.neutral.copy()),
        torch.from_numpy(visible),
    )
    aside = (torch.from_numpy(displacements[unseen] @ basis).float(), torch.from_numpy(shares[unseen]).float())
    fitted = trainer.train(torch.from_numpy(linear).float(), aside, config, generator, progress)
    fitted = _mixed(fitted, displacements @ basis, shares, unseen, visible, network.neutral.astype(np.float64))
    fitted["basis"] = basis.astype(np.float32)
    fitted["neutral"] = network.neutral.copy()
    for name in ("linear", "third.weight", "third.bias"):
        fitted[name] = np.where(visible, fitted[name], np.float32(0))
    return fitted


def _linear_path(made: np.ndarray, moved: np.ndarray, root: np.ndarray) -> np.ndarray:
    """(M, K) best straight answer under the noise: where the network begins."""
    gram = made.T @ made / len(made) + root @ root.T
    return np.asarray(np.linalg.solve(gram, made.T @ moved / len(made)))


def _mixed(
    fitted: dict[str, np.ndarray],
    seen: np.ndarray,
    shares: np.ndarray,
    unseen: np.ndarray,
    visible: np.ndarray,
    neutral: np.ndarray,
) -> dict[str, np.ndarray]:
    """The network with as much of a straight answer mixed in as serves unseen poses best, perhaps none.

    The forward model is furthest from the detector where many controllers are far out; there a straight answer that
    has only ever seen detected landmarks errs less, and in another way.

    Parameters
    ----------
    seen : (Q, M) float64
        Detected landmarks in the network's basis.
    """
    known, moved = seen[~unseen], shares - neutral
    ridge = np.linalg.solve(known.T @ known + _RIDGE * np.eye(known.shape[1]), known.T @ moved[~unseen])
    perceptron, asked = Perceptron.of(fitted), seen[unseen].astype(np.float32)
    curved = perceptron(asked) - perceptron(np.zeros((1, asked.shape[1]), dtype=np.float32))
    own, straight = asked @ fitted["linear"] + curved, asked @ ridge

    def misfit(share: float) -> float:
        answer = np.clip(neutral + (1 - share) * own + share * straight, 0, 1)
        return float(((answer - shares[unseen])[:, visible] ** 2).mean())

    best = min((0.0, *_MIXED), key=misfit)
    changed = {"linear": (1 - best) * fitted["linear"] + best * ridge}
    changed |= {name: (1 - best) * fitted[name] for name in ("third.weight", "third.bias")}
    return fitted | {name: tensor.astype(np.float32) for name, tensor in changed.items()}


@dataclass(frozen=True)
class _Trainer:
    """Samples and their noise: `made` (N, M) shown by the forward model, `seen` (Q, M) detected; shares beside both."""

    made: Tensor
    made_shares: Tensor
    seen: Tensor
    seen_shares: Tensor
    root: Tensor
    neutral: Tensor
    visible: Tensor

    def train(
        self,
        linear: Tensor,
        aside: tuple[Tensor, Tensor],
        config: MapperConfig,
        generator: torch.Generator,
        progress: Callable[[int, int], None] | None,
    ) -> dict[str, np.ndarray]:
        """Tensors `linear` and `first.weight` to `third.bias` of the state that serves unseen poses best."""
        perceptron = new_perceptron(self.made.shape[1], config.hidden, linear.shape[1], generator=generator)
        path = linear.clone().requires_grad_()
        optimiser = torch.optim.AdamW(
            [
                {"params": [path], "weight_decay": 0.0, "lr": 0.1 * config.learning_rate},
                {"params": list(perceptron.parameters()), "weight_decay": config.weight_decay},
            ],
            lr=config.learning_rate,
        )
        rate = falling_rate(optimiser, config.steps)

        def answer(inputs: Tensor) -> Tensor:
            moved: Tensor = inputs @ path + perceptron(inputs) - at_rest(perceptron, inputs)
            return self.neutral + moved

        best: dict[str, np.ndarray] = {}
        least = np.inf
        for step in range(config.steps):
            inputs, wanted = self._batch(config, generator)
            loss = self._loss(answer(inputs), wanted, config)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch has no types for it
            optimiser.step()
            rate.step()
            if step % _CHECKED_EVERY == _CHECKED_EVERY - 1 or step == config.steps - 1:
                with torch.no_grad():
                    misfit = float(self._loss(answer(aside[0]), aside[1], config))
                if misfit < least or not best:
                    least = misfit
                    best = {"linear": path.detach().numpy().astype(np.float32).copy(), **tensors_of(perceptron)}
                    best = {name: tensor.copy() for name, tensor in best.items()}
                if progress:
                    progress(step + 1, config.steps)
        return best

    def _batch(self, config: MapperConfig, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        real = round(config.real_share * config.batch)
        rows = torch.randint(len(self.made), (config.batch - real,), generator=generator)
        noise = torch.randn(len(rows), self.made.shape[1], generator=generator) @ self.root.T
        seen = torch.randint(len(self.seen), (real,), generator=generator)
        inputs = torch.cat([self.made[rows] + noise, self.seen[seen]])
        return inputs, torch.cat([self.made_shares[rows], self.seen_shares[seen]])

    def _loss(self, answer: Tensor, wanted: Tensor, config: MapperConfig) -> Tensor:
        inside = answer.clamp(0, 1)
        error = ((inside + _OUTSIDE_SLOPE * (answer - inside)) - wanted)[:, self.visible]
        return (error.pow(2) + config.absolute * error.abs()).mean()


def shares_of(tensors: Tensors, displacements: np.ndarray) -> np.ndarray:
    """(Q, K) float64 shares that a fitted mapper answers."""
    return np.asarray(MapperNetwork.of(tensors)(displacements), dtype=np.float64)
