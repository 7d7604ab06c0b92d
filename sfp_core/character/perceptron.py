"""Making and training the small networks' perceptrons; the trained numbers go to `networks.Perceptron`. Loads torch."""

import numpy as np
import torch
from torch import Tensor, nn

_NAMES = ("first", "second", "third")


def new_perceptron(inputs: int, hidden: int, outputs: int, *, generator: torch.Generator) -> nn.Sequential:
    """Two hidden layers with SiLU; the last layer starts at zero, so that a path beside it leads at first."""
    layers = [nn.Linear(inputs, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, outputs)]
    with torch.no_grad():
        for layer in layers:
            nn.init.normal_(layer.weight, std=layer.in_features**-0.5, generator=generator)
            nn.init.zeros_(layer.bias)
        layers[-1].weight.zero_()
    return nn.Sequential(layers[0], nn.SiLU(), layers[1], nn.SiLU(), layers[2])


def tensors_of(perceptron: nn.Sequential) -> dict[str, np.ndarray]:
    """Tensors `first.weight` (in, out) to `third.bias`, float32."""
    layers = [layer for layer in perceptron if isinstance(layer, nn.Linear)]
    tensors: dict[str, np.ndarray] = {}
    for name, layer in zip(_NAMES, layers, strict=True):
        tensors[f"{name}.weight"] = layer.weight.detach().numpy().T.astype(np.float32)
        tensors[f"{name}.bias"] = layer.bias.detach().numpy().astype(np.float32)
    return tensors


def at_rest(perceptron: nn.Sequential, inputs: Tensor) -> Tensor:
    """What the perceptron gives for the input of neutral, (1, outputs); it is subtracted everywhere."""
    return perceptron(torch.zeros(1, inputs.shape[1]))  # type: ignore[no-any-return]  # modules are untyped when called


def falling_rate(optimiser: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    """A short warm-up, then a cosine down to nothing."""
    warm = max(1, steps // 20)

    def share(step: int) -> float:
        return (step + 1) / warm if step < warm else 0.5 * (1 + float(np.cos(np.pi * (step - warm) / (steps - warm))))

    return torch.optim.lr_scheduler.LambdaLR(optimiser, share)
