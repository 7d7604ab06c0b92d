"""Fitting the forward model: what a detector sees of a rig, as a function of its controllers. Loads torch.

First the part that has a closed form (ridge regression on the ways up and down of every controller and their squares),
which few poses determine well; then a small perceptron on what is left, kept only if it helps on poses not seen.

Letters: Q poses, K controllers, F = 2 K features, D = 196 coordinates, M components.
"""

from dataclasses import dataclass

import numpy as np
import torch

from sfp_core.character.networks import ForwardNetwork, Perceptron, Tensors, rectified
from sfp_core.character.perceptron import at_rest, falling_rate, new_perceptron, tensors_of

_PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
_BENT_PENALTY = 4.0  # squares are damped this much more than the straight part
_SIGNAL = 0.1  # of the noise's deviation: components that poses move less are left out
_NOISE_FLOOR = 2e-4  # canonical units: 0.02 % of the inter-ocular distance, below any detector's noise
_WORTH = 0.99  # the perceptron stays if it brings the misfit on unseen poses below this share


@dataclass(frozen=True)
class ForwardConfig:
    """How the forward model is fitted.

    Attributes
    ----------
    components : int
        M at most.
    hidden, steps, batch : int
        Of the perceptron.
    """

    components: int = 96
    hidden: int = 96
    steps: int = 1200
    batch: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 0.05


@dataclass(frozen=True)
class ForwardFit:
    """A forward model and what it leaves unexplained.

    Attributes
    ----------
    tensors : mapping of str to array
        As `ForwardNetwork.of` reads them.
    noise : (M, M) float64
        Covariance of whitened landmarks around the model, on poses it was not fitted to.
    misfit : float
        Root mean square of that noise over components; 1 where the first guess of it was right.
    """

    tensors: Tensors
    noise: np.ndarray
    misfit: float

    @property
    def network(self) -> ForwardNetwork:
        """The model in NumPy."""
        return ForwardNetwork.of(self.tensors)


def fit_forward(
    shares: np.ndarray,
    displacements: np.ndarray,
    unseen: np.ndarray,
    neutral: np.ndarray,
    config: ForwardConfig,
    *,
    generator: torch.Generator,
) -> ForwardFit:
    """Fit displacements (Q, D) as a function of shares (Q, K).

    Parameters
    ----------
    unseen : (Q,) bool
        Poses that only choose between variants and measure the noise.
    neutral : (K,) float64
        Shares at neutral.
    """
    features = rectified(shares - neutral)
    design = np.concatenate([features, features * np.abs(features)], axis=1)
    basis, back = _whitening(design[~unseen], displacements[~unseen], config.components)
    whitened = displacements @ basis
    closed = _best_ridge(design, whitened, unseen)
    left = whitened - design @ closed
    tensors: dict[str, np.ndarray] = {
        "neutral": neutral.astype(np.float32),
        "straight": closed[: features.shape[1]].astype(np.float32),
        "bent": closed[features.shape[1] :].astype(np.float32),
        "basis": basis.astype(np.float32),
        "back": back.astype(np.float32),
    }
    perceptron, curved = _fit_perceptron(features, left, unseen, config, generator)
    if (curved[unseen] ** 2).mean() < _WORTH * (left[unseen] ** 2).mean():
        left = curved
    else:
        perceptron = {name: np.zeros_like(tensor) for name, tensor in perceptron.items()}
    rest = left[unseen]
    noise = rest.T @ rest / len(rest)
    noise = 0.7 * noise + 0.3 * np.diag(np.diag(noise))  # few poses estimate correlations badly
    return ForwardFit(tensors | perceptron, noise, float(np.sqrt((rest**2).mean())))


def _ridge(design: np.ndarray, targets: np.ndarray, penalty: float) -> np.ndarray:
    """Coefficients (2 F, M); `penalty` in units of one observation of the noise."""
    damping = np.full(design.shape[1], penalty)
    damping[design.shape[1] // 2 :] *= _BENT_PENALTY
    return np.asarray(np.linalg.solve(design.T @ design + np.diag(damping), design.T @ targets))


def _whitening(design: np.ndarray, displacements: np.ndarray, components: int) -> tuple[np.ndarray, np.ndarray]:
    """(D, M): noise to unit variance, then the directions that poses move most against it; and (M, D) back."""
    model = design @ _ridge(design, displacements, 1.0)
    rest = displacements - model
    freedom = max(len(design) - design.shape[1], len(design) // 2)
    covariance = rest.T @ rest / freedom
    covariance += (_NOISE_FLOOR**2 + 0.02 * np.trace(covariance) / len(covariance)) * np.eye(len(covariance))
    power, axes = np.linalg.eigh(covariance)
    unit, unit_back = axes / np.sqrt(power), np.sqrt(power)[:, None] * axes.T
    signal = model @ unit
    strength, directions = np.linalg.eigh(signal.T @ signal / len(signal))
    order = np.argsort(strength)[::-1][:components]
    order = order[strength[order] > _SIGNAL**2]
    return unit @ directions[:, order], directions[:, order].T @ unit_back


def _best_ridge(design: np.ndarray, whitened: np.ndarray, unseen: np.ndarray) -> np.ndarray:
    """The penalty that serves unseen poses best."""
    best, least = np.zeros((design.shape[1], whitened.shape[1])), np.inf
    for penalty in _PENALTIES:
        closed = _ridge(design[~unseen], whitened[~unseen], penalty)
        misfit = float(((whitened[unseen] - design[unseen] @ closed) ** 2).mean())
        if misfit < least:
            best, least = closed, misfit
    return best


def _fit_perceptron(
    features: np.ndarray, left: np.ndarray, unseen: np.ndarray, config: ForwardConfig, generator: torch.Generator
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Tensors of the best state on unseen poses, and what is left (Q, M) after it."""
    perceptron = new_perceptron(features.shape[1], config.hidden, left.shape[1], generator=generator)
    inputs, targets = torch.from_numpy(features).float(), torch.from_numpy(left).float()
    seen = torch.from_numpy(np.flatnonzero(~unseen))
    aside = torch.from_numpy(np.flatnonzero(unseen))
    optimiser = torch.optim.AdamW(perceptron.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    rate = falling_rate(optimiser, config.steps)
    best, least = tensors_of(perceptron), float((targets[aside] ** 2).mean())
    for step in range(config.steps):
        rows = seen[torch.randint(len(seen), (config.batch,), generator=generator)]
        made = perceptron(inputs[rows]) - at_rest(perceptron, inputs)
        loss = (made - targets[rows]).pow(2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rate.step()
        if step % 100 == 99:
            with torch.no_grad():
                misfit = float((perceptron(inputs[aside]) - at_rest(perceptron, inputs) - targets[aside]).pow(2).mean())
            if misfit < least:
                best, least = tensors_of(perceptron), misfit
    network, zero = Perceptron.of(best), np.zeros((1, features.shape[1]), dtype=np.float32)
    return best, left - (network(features.astype(np.float32)) - network(zero))
