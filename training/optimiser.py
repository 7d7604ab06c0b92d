"""How steps are taken: Adam with a learning rate that follows the run."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import nn

from sfp_core.errors import SfpError

Schedule = Literal["cosine", "steps"]


@dataclass(frozen=True)
class OptimiserConfig:
    """How steps are taken.

    Attributes
    ----------
    kind : str
        "adam" or "adamw".
    rate, weight_decay : float
        Learning rate at its highest, and decay of convolution weights.
    schedule : str
        "cosine" falls to zero; "steps" divides by 10 at each share of the run in `decays_at`.
    warmup_steps : int
        Steps over which the rate rises from zero.
    decays_at : tuple of float
        For "steps", shares of the run.
    clip : float
        Largest norm of the gradient; 0 leaves it alone.
    """

    kind: Literal["adam", "adamw"] = "adamw"
    rate: float = 2e-3
    weight_decay: float = 1e-3
    schedule: Schedule = "cosine"
    warmup_steps: int = 100
    decays_at: tuple[float, ...] = ()
    clip: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in ("adam", "adamw") or self.schedule not in get_args(Schedule):
            raise SfpError(f"optimiser: kind {self.kind!r} and schedule {self.schedule!r} are not both known")

    def rate_at(self, step: int, steps: int) -> float:
        """The learning rate of a step (from 0) of a run of `steps`."""
        warm = min(1.0, (step + 1) / self.warmup_steps) if self.warmup_steps else 1.0
        if self.schedule == "cosine":
            return self.rate * warm * 0.5 * (1 + math.cos(math.pi * step / steps))
        return self.rate * warm * 0.1 ** sum(step >= share * steps for share in self.decays_at)


def make_optimiser(network: nn.Module, config: OptimiserConfig) -> torch.optim.Optimizer:
    """Adam or AdamW; biases and normalisation do not decay."""
    decayed = [p for p in network.parameters() if p.ndim > 1]
    kept = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": config.weight_decay}, {"params": kept, "weight_decay": 0.0}]
    kind = torch.optim.AdamW if config.kind == "adamw" else torch.optim.Adam
    return kind(groups, lr=config.rate, foreach=True)


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """The learning rate of all groups."""
    for group in optimiser.param_groups:
        group["lr"] = rate
