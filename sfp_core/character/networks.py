"""The mapper's and the forward model's small networks in NumPy, so that animation loads no torch.

Letters: T frames, K controllers, F features (2 K), D = 196 coordinates of anchored landmarks, M components.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sfp_core.errors import SfpError

Tensors = Mapping[str, np.ndarray]
_LAYERS = ("first", "second", "third")


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * values))  # no overflow for large negative values


@dataclass(frozen=True)
class Perceptron:
    """Two hidden layers with SiLU between three affine maps; (in, out) float32 weights."""

    weights: tuple[np.ndarray, np.ndarray, np.ndarray]
    biases: tuple[np.ndarray, np.ndarray, np.ndarray]

    @classmethod
    def of(cls, tensors: Tensors) -> "Perceptron":
        """From tensors named `first.weight` to `third.bias`."""
        weights = tuple(np.asarray(tensors[f"{layer}.weight"], dtype=np.float32) for layer in _LAYERS)
        biases = tuple(np.asarray(tensors[f"{layer}.bias"], dtype=np.float32) for layer in _LAYERS)
        first, second, third = weights
        fits = all(w.ndim == 2 and b.shape == (w.shape[1],) for w, b in zip(weights, biases, strict=True))
        if not fits or first.shape[1] != second.shape[0] or second.shape[1] != third.shape[0]:
            raise SfpError(f"network: layers of shapes {[w.shape for w in weights]} do not follow on each other")
        return cls((first, second, third), (biases[0], biases[1], biases[2]))

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """(T, in) float32 -> (T, out) float32."""
        return self.with_hidden(inputs)[0]

    def with_hidden(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The result and what the two hidden layers were before SiLU, for `pulled_back`."""
        first = inputs @ self.weights[0] + self.biases[0]
        second = (first * _sigmoid(first)) @ self.weights[1] + self.biases[1]
        return (second * _sigmoid(second)) @ self.weights[2] + self.biases[2], first, second

    def pulled_back(self, slopes: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Slopes (T, out) of a scalar by the results, as slopes (T, in) by the inputs."""
        for hidden, weight in ((second, self.weights[2]), (first, self.weights[1])):
            gate = _sigmoid(hidden)
            slopes = (slopes @ weight.T) * (gate * (1 + hidden * (1 - gate)))
        return np.asarray(slopes @ self.weights[0].T)


@dataclass(frozen=True)
class MapperNetwork:
    """Anchored displacements -> shares of the controllers' ranges: a linear path and a perceptron beside it.

    Attributes
    ----------
    basis : (D, M) float32
        Whitens detector noise and pose variation.
    linear : (M, K) float32
    perceptron : Perceptron
        M -> K.
    neutral : (K,) float32
        Shares at neutral; no displacement gives exactly these.
    """

    basis: np.ndarray
    linear: np.ndarray
    perceptron: Perceptron
    neutral: np.ndarray

    @classmethod
    def of(cls, tensors: Tensors) -> "MapperNetwork":
        """From the tensors of `mapper.safetensors`."""
        basis, linear, neutral = (np.asarray(tensors[n], dtype=np.float32) for n in ("basis", "linear", "neutral"))
        return cls(basis, linear, Perceptron.of(tensors), neutral)

    def __call__(self, displacements: np.ndarray) -> np.ndarray:
        """(T, D) displacements from neutral, anchored space -> (T, K) float32 shares within [0, 1]."""
        whitened = displacements.astype(np.float32) @ self.basis
        at_rest = self.perceptron(np.zeros((1, whitened.shape[1]), dtype=np.float32))
        moved = whitened @ self.linear + self.perceptron(whitened) - at_rest
        return np.asarray(np.clip(self.neutral + moved, 0.0, 1.0))


@dataclass(frozen=True)
class ForwardNetwork:
    """Shares of the controllers' ranges -> whitened displacements.

    A controller's way up and its way down are features of their own (two-sided controllers drive different shapes),
    each with a straight and a bent part; a small perceptron adds what controllers do to each other.

    Attributes
    ----------
    neutral : (K,) float32
    straight, bent : (2 K, M) float32
        For the features and for their squares.
    perceptron : Perceptron
        2 K -> M.
    basis : (D, M) float32
        Displacements to whitened ones: noise has unit variance in each of the M components.
    back : (M, D) float32
        Whitened displacements back to displacements.
    """

    neutral: np.ndarray
    straight: np.ndarray
    bent: np.ndarray
    perceptron: Perceptron
    basis: np.ndarray
    back: np.ndarray

    @classmethod
    def of(cls, tensors: Tensors) -> "ForwardNetwork":
        """From the tensors of `forward.safetensors`."""
        names = ("neutral", "straight", "bent", "basis", "back")
        neutral, straight, bent, basis, back = (np.asarray(tensors[name], dtype=np.float32) for name in names)
        return cls(neutral, straight, bent, Perceptron.of(tensors), basis, back)

    def __call__(self, shares: np.ndarray) -> np.ndarray:
        """(T, K) shares -> (T, D) displacements from neutral, anchored space."""
        return np.asarray(self.whitened(shares) @ self.back)

    def whitened(self, shares: np.ndarray) -> np.ndarray:
        """(T, K) shares -> (T, M) whitened displacements; neutral gives exactly 0."""
        features = rectified(shares.astype(np.float32) - self.neutral)
        at_rest = self.perceptron(np.zeros((1, features.shape[1]), dtype=np.float32))
        bent = (features * np.abs(features)) @ self.bent
        return np.asarray(features @ self.straight + bent + self.perceptron(features) - at_rest)

    def with_slopes(self, shares: np.ndarray, goal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Whitened misfit (T, M) to `goal` (T, M), and the slopes (T, K) of half its square by the shares."""
        moved = shares.astype(np.float32) - self.neutral
        features = rectified(moved)
        at_rest = self.perceptron(np.zeros((1, features.shape[1]), dtype=np.float32))
        curved, first, second = self.perceptron.with_hidden(features)
        misfit = features @ self.straight + (features * np.abs(features)) @ self.bent + curved - at_rest - goal
        by_features = misfit @ self.straight.T + 2 * np.abs(features) * (misfit @ self.bent.T)
        by_features += self.perceptron.pulled_back(misfit, first, second)
        count = moved.shape[1]
        return misfit, np.where(moved >= 0, by_features[:, :count], by_features[:, count:])


def rectified(moved: np.ndarray) -> np.ndarray:
    """Changes of shares (T, K) as features (T, 2 K): the ways up (>= 0), then the ways down (<= 0)."""
    return np.concatenate([np.maximum(moved, 0), np.minimum(moved, 0)], axis=1)
