"""HRNetV2-W18 heatmaps: Sun et al., "High-Resolution Representations for Labeling Pixels and Regions", 2019.

Sizes from the authors' program, github.com/HRNet/HRNet-Facial-Landmark-Detection (MIT), lib/models/hrnet.py and
experiments/wflw. Branches of a quarter, an eighth ... of the crop's size run side by side and exchange what they know
after every module. B pictures, N landmarks, G cells a side.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sfp_core.detect.network import Residual, conv_norm
from sfp_core.errors import SfpError
from sfp_core.layout import WFLW_98
from training.detector_losses import mean_over_taught
from training.rivals.blocks import BasicBlock, begin_as_resnet
from training.rivals.heatmaps import gaussian_maps, shifted_peaks

SIGMA_CELLS, REACH_CELLS = 1.5, 5.0  # MODEL.SIGMA; transforms.py, generate_target, draws 10 x 10 cells
_MOMENTUM = 0.01  # hrnet.py, BN_MOMENTUM
_LAST_STD = 1e-3  # hrnet.py, init_weights


@dataclass(frozen=True)
class HrnetConfig:
    """Sizes; the default is the published network for WFLW.

    Attributes
    ----------
    input_px : int
        Side of the crop; the maps have a quarter of it.
    stem : int
        Channels of the two convolutions that halve the crop; the first stage is four times as wide.
    widths : tuple of int
        Channels of the branches, each half the size of the one before.
    modules : tuple of int
        Exchanges in the stages of 2, 3 ... branches.
    blocks : int
        Blocks of a branch between exchanges.
    rounded : bool
        Teach cells and not places; see `heatmaps.gaussian_maps`.
    """

    input_px: int = 256
    stem: int = 64
    widths: tuple[int, ...] = (18, 36, 72, 144)
    modules: tuple[int, ...] = (1, 4, 3)
    blocks: int = 4
    rounded: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))
        object.__setattr__(self, "modules", tuple(self.modules))
        if len(self.widths) != len(self.modules) + 1 or not self.modules:
            raise SfpError(f"hrnet: {len(self.widths)} widths and {len(self.modules)} modules; expected one width more")
        least = 2 << len(self.widths)
        if self.input_px < least or self.input_px % least:
            raise SfpError(f"hrnet: input_px {self.input_px}; expected a multiple of {least}")

    @property
    def grid(self) -> int:
        """G, cells a side."""
        return self.input_px // 4


class Exchange(nn.Module):
    """Blocks on every branch, then each branch becomes the sum of all, brought to its size."""

    def __init__(self, widths: tuple[int, ...], blocks: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(*(BasicBlock(width, width) for _ in range(blocks))) for width in widths
        )
        count = range(len(widths))
        self.ways = nn.ModuleList(nn.ModuleList(_way(widths, source, goal) for source in count) for goal in count)

    def forward(self, branches: list[Tensor]) -> list[Tensor]:
        """Maps (B, width, H, H), (B, width, H / 2, H / 2) ... -> the same shapes."""
        known = [branch(features) for branch, features in zip(self.branches, branches, strict=True)]
        results = []
        for own, ways in zip(known, self.ways, strict=True):
            assert isinstance(ways, nn.ModuleList)
            brought = [_resized(way(features), own) for way, features in zip(ways, known, strict=True)]
            results.append(F.relu(sum(brought[1:], start=brought[0])))
        return results


def _way(widths: tuple[int, ...], source: int, goal: int) -> nn.Module:
    """From one branch to another: halvings to a smaller one, a 1x1 convolution to a larger one."""
    if source == goal:
        return nn.Identity()
    if source > goal:
        return conv_norm(widths[source], widths[goal], 1, active=False)
    steps = [conv_norm(widths[source], widths[source], 3, stride=2) for _ in range(goal - source - 1)]
    return nn.Sequential(*steps, conv_norm(widths[source], widths[goal], 3, stride=2, active=False))


def _resized(features: Tensor, like: Tensor) -> Tensor:
    if features.shape[-1] == like.shape[-1]:
        return features
    return F.interpolate(features, size=like.shape[-2:], mode="bilinear", align_corners=False)


class Hrnet(nn.Module):
    """The whole network; weights begin at random, as there are none pre-trained to load."""

    def __init__(self, config: HrnetConfig) -> None:
        super().__init__()
        stem, widths = config.stem, config.widths
        self.stem = nn.Sequential(
            conv_norm(3, stem, 3, stride=2),
            conv_norm(stem, stem, 3, stride=2),
            *(Residual(stem if index == 0 else 4 * stem, 4 * stem, stem) for index in range(4)),
        )
        self.first = conv_norm(4 * stem, widths[0], 3)
        befores = (4 * stem, *widths[1:-1])  # each stage begins one branch, from the last there was
        self.halved = nn.ModuleList(
            conv_norm(before, after, 3, stride=2) for before, after in zip(befores, widths[1:], strict=True)
        )
        self.stages = nn.ModuleList(
            nn.Sequential(*(Exchange(widths[: index + 2], config.blocks) for _ in range(modules)))
            for index, modules in enumerate(config.modules)
        )
        last = nn.Conv2d(sum(widths), WFLW_98.count, 1)
        joined = (nn.Conv2d(sum(widths), sum(widths), 1), nn.BatchNorm2d(sum(widths)), nn.ReLU(inplace=True))
        self.head = nn.Sequential(*joined, last)
        begin_as_resnet(self)
        nn.init.normal_(last.weight, std=_LAST_STD)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = _MOMENTUM

    def forward(self, crops: Tensor) -> Tensor:
        """(B, 3, input_px, input_px) RGB in [-1, 1] -> maps (B, N, G, G)."""
        features = self.stem(crops)
        branches, last = [self.first(features)], features
        for halve, stage in zip(self.halved, self.stages, strict=True):
            branches = stage([*branches, halve(last)])
            last = branches[-1]
        joined = torch.cat([_resized(branch, branches[0]) for branch in branches], 1)  # (B, 270, G, G)
        return self.head(joined)  # type: ignore[no-any-return]  # modules are untyped when called


class HrnetTrainee:
    """The network as a training program sees it."""

    def __init__(self, config: HrnetConfig) -> None:
        self.config = config
        self.input_px = config.input_px

    def make(self) -> nn.Module:
        """A fresh network, drawn from torch's generator."""
        return Hrnet(self.config)

    def targets(self, points: Tensor) -> Tensor:
        """Maps (B, N, G, G) that are taught for landmarks (B, N, 2) in crop pixels."""
        sizes = {"sigma_cells": SIGMA_CELLS, "reach_cells": REACH_CELLS}
        return gaussian_maps(points / 4, self.config.grid, **sizes, rounded=self.config.rounded)

    def loss(
        self, network: nn.Module, crops: Tensor, points: Tensor, weights: Tensor | None
    ) -> tuple[Tensor, dict[str, float]]:
        """Squared error of the maps, mean over cells and landmarks."""
        squared = (network(crops).float() - self.targets(points.float())).square().mean((2, 3))  # (B, N)
        weight = torch.ones_like(squared) if weights is None else weights.float()
        loss = mean_over_taught(squared, weight)
        return loss, {"map": loss.item()}

    def landmarks(self, network: nn.Module, crops: Tensor) -> Tensor:
        """(B, N, 2) crop pixels."""
        return shifted_peaks(network(crops).float()) * 4
