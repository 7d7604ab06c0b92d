"""The networks in NumPy against torch and against their own slopes."""

import numpy as np
import torch

from sfp_core.character.networks import ForwardNetwork, MapperNetwork, Perceptron
from sfp_core.character.perceptron import new_perceptron, tensors_of

RNG = np.random.default_rng(0)
K, D, M, H = 5, 196, 7, 9


def _random(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape)


def _perceptron(inputs: int, outputs: int) -> dict[str, np.ndarray]:
    shapes = {"first": (inputs, H), "second": (H, H), "third": (H, outputs)}
    return {f"{n}.weight": _random(*s) for n, s in shapes.items()} | {
        f"{n}.bias": _random(s[1]) for n, s in shapes.items()
    }


def _forward() -> ForwardNetwork:
    tensors = {"straight": _random(2 * K, M), "bent": _random(2 * K, M), "basis": _random(D, M), "back": _random(M, D)}
    return ForwardNetwork.of(tensors | {"neutral": np.linspace(0, 1, K)} | _perceptron(2 * K, M))


def test_perceptron_gives_what_torch_gives() -> None:
    module = new_perceptron(6, 8, 4, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        module[-1].weight.normal_()
        module[-1].bias.normal_()
        inputs = torch.randn(10, 6)
        expected = module(inputs).numpy()
    assert np.allclose(Perceptron.of(tensors_of(module))(inputs.numpy()), expected, atol=1e-5)


def test_neutral_is_exact_both_ways() -> None:
    forward = _forward()
    assert not forward.whitened(forward.neutral[None]).any()
    tensors = {"basis": _random(D, M), "linear": _random(M, K), "neutral": np.linspace(0, 1, K)}
    mapper = MapperNetwork.of(tensors | _perceptron(M, K))
    assert np.allclose(mapper(np.zeros((2, D))), mapper.neutral, atol=2e-6)  # float32; `controllers` snaps it


def test_slopes_are_those_of_finite_differences() -> None:
    forward = _forward()
    shares, goal = RNG.uniform(0.1, 0.9, size=(3, K)), _random(3, M).astype(np.float32)

    def energy(at: np.ndarray) -> np.ndarray:
        return 0.5 * (forward.whitened(at) - goal).astype(np.float64).__pow__(2).sum(axis=1)

    _, slopes = forward.with_slopes(shares, goal)
    for k in range(K):
        step = np.zeros(K)
        step[k] = 1e-3
        differences = (energy(shares + step) - energy(shares - step)) / 2e-3
        assert np.allclose(slopes[:, k], differences, rtol=2e-2, atol=2e-2 * np.abs(slopes).max())
