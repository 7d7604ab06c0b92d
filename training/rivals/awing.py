"""Stacked hourglasses with adaptive wing loss: Wang, Bo, Fuxin, "Adaptive Wing Loss", ICCV 2019.

Sizes from the authors' program, github.com/protossw512/AdaptiveWingLoss (Apache-2.0), core/models.py. Each stage gives
a heatmap a landmark and one of the face's boundary lines; CoordConv tells the next stage where on the lines it is.
B pictures, N landmarks, G cells a side.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sfp_core.errors import SfpError
from sfp_core.layout import WFLW_98
from training.detector_losses import mean_over_taught
from training.rivals.blocks import ConvBlock
from training.rivals.boundary import ON_LINES, boundary_map
from training.rivals.heatmaps import gaussian_maps, shifted_peaks

ALPHA, OMEGA, EPSILON, THETA = 2.1, 14.0, 1.0, 0.5  # the paper's values
MAP_WEIGHT, FOREGROUND = 10.0, 0.2  # W of the weighted loss map, and the height from which a cell belongs to it
SIGMA_CELLS, REACH_CELLS = 1.75, 3.5  # utils.py: 7 x 7 cells, a quarter of which is sigma
_ON_LINE = 0.05  # coord_conv.py: height of the boundary map from which a cell gets its coordinates


@dataclass(frozen=True)
class AwingConfig:
    """Sizes; the default is the published network for WFLW.

    Attributes
    ----------
    input_px : int
        Side of the crop; the maps have a quarter of it.
    stages, depth, channels : int
        Hourglasses, how often each halves the maps, and their width.
    rounded : bool
        Teach cells and not places; see `heatmaps.gaussian_maps`.
    """

    input_px: int = 256
    stages: int = 4
    depth: int = 4
    channels: int = 256
    rounded: bool = False

    def __post_init__(self) -> None:
        if self.stages < 1 or self.depth < 1 or self.channels % 4 or self.input_px % (4 << self.depth):
            raise SfpError(
                f"awing: {self}; expected stages and depth from 1, channels a multiple of 4, and input_px a multiple "
                f"of {4 << max(self.depth, 1)}"
            )

    @property
    def grid(self) -> int:
        """G, cells a side."""
        return self.input_px // 4


class CoordConv(nn.Module):
    """A convolution that also sees where it is: x, y, the radius, and after a first stage x and y on the lines."""

    def __init__(self, entry: int, width: int, size: int, *, stride: int = 1, lines: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(entry + (5 if lines else 3), width, size, stride, size // 2)

    def forward(self, features: Tensor, boundary: Tensor | None) -> Tensor:
        """(B, entry, H, H), and the boundary map (B, 1, H, H) where lines are used."""
        axis = torch.linspace(-1, 1, features.shape[-1], dtype=features.dtype, device=features.device)
        y, x = torch.meshgrid(axis, axis, indexing="ij")
        places = torch.stack([x, y, torch.hypot(x, y) / 2**0.5]).expand(len(features), -1, -1, -1)
        seen = [features, places]
        if boundary is not None:
            seen.append(places[:, :2] * (boundary > _ON_LINE))
        return self.conv(torch.cat(seen, 1))  # type: ignore[no-any-return]


class Hourglass(nn.Module):
    """Halve the maps `depth` times and double them back, adding what each size knows."""

    def __init__(self, channels: int, depth: int) -> None:
        super().__init__()
        self.skip, self.down, self.up = (ConvBlock(channels, channels) for _ in range(3))
        self.within = Hourglass(channels, depth - 1) if depth > 1 else ConvBlock(channels, channels)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape."""
        small = self.up(self.within(self.down(F.avg_pool2d(features, 2))))
        return self.skip(features) + F.interpolate(small, scale_factor=2.0)  # type: ignore[no-any-return]


class Stage(nn.Module):
    """An hourglass, its maps, and the way to the next stage."""

    def __init__(self, channels: int, depth: int, *, first: bool, last: bool) -> None:
        super().__init__()
        self.coords = CoordConv(channels, channels, 1, lines=not first)
        end = (nn.Conv2d(channels, channels, 1), nn.BatchNorm2d(channels), nn.ReLU(inplace=True))
        self.features = nn.Sequential(Hourglass(channels, depth), ConvBlock(channels, channels), *end)
        self.maps = nn.Conv2d(channels, WFLW_98.count + 1, 1)
        self.last = last
        if not last:
            self.from_features = nn.Conv2d(channels, channels, 1)
            self.from_maps = nn.Conv2d(WFLW_98.count + 1, channels, 1)

    def forward(self, entry: Tensor, boundary: Tensor | None) -> tuple[Tensor, Tensor]:
        """(B, C, G, G) and the stage before's map of the lines -> maps (B, N + 1, G, G) and the next stage's entry."""
        features = self.features(self.coords(entry, boundary))
        maps = self.maps(features)
        return maps, entry if self.last else entry + self.from_features(features) + self.from_maps(maps)


class Awing(nn.Module):
    """The whole network."""

    def __init__(self, config: AwingConfig) -> None:
        super().__init__()
        wide, half = config.channels, config.channels // 2
        self.first = CoordConv(3, wide // 4, 7, stride=2)
        self.norm = nn.BatchNorm2d(wide // 4)
        blocks = (ConvBlock(wide // 4, half), nn.AvgPool2d(2), ConvBlock(half, half), ConvBlock(half, wide))
        self.stem = nn.Sequential(*blocks)
        last = config.stages - 1
        self.stages = nn.ModuleList(
            Stage(wide, config.depth, first=index == 0, last=index == last) for index in range(config.stages)
        )

    def forward(self, crops: Tensor) -> list[Tensor]:
        """(B, 3, input_px, input_px) RGB in [-1, 1] -> (B, N + 1, G, G) of each stage; the last map is the lines'."""
        entry = self.stem(F.relu(self.norm(self.first(crops, None))))
        results: list[Tensor] = []
        for stage in self.stages:
            maps, entry = stage(entry, results[-1][:, -1:] if results else None)
            results.append(maps)
        return results


class AwingTrainee:
    """The network as a training program sees it."""

    def __init__(self, config: AwingConfig) -> None:
        self.config = config
        self.input_px = config.input_px

    def make(self) -> nn.Module:
        """A fresh network, drawn from torch's generator."""
        return Awing(self.config)

    def targets(self, points: Tensor) -> Tensor:
        """Maps (B, N + 1, G, G) that are taught for landmarks (B, N, 2) in crop pixels."""
        grid, places = self.config.grid, points / 4
        sizes = {"sigma_cells": SIGMA_CELLS, "reach_cells": REACH_CELLS}
        maps = gaussian_maps(places, grid, **sizes, rounded=self.config.rounded)
        return torch.cat([maps, boundary_map(places, grid)[:, None]], 1)

    def loss(
        self, network: nn.Module, crops: Tensor, points: Tensor, weights: Tensor | None
    ) -> tuple[Tensor, dict[str, float]]:
        """Adaptive wing loss with its weighted map, mean over cells and maps, summed over the stages.

        The lines count as much as their landmarks on average; not at all in a face where the place of one is unknown
        (weight 0), for a line with a hole would teach that there is none.
        """
        wanted = self.targets(points.float())
        known = torch.ones_like(wanted[:, :-1, 0, 0]) if weights is None else weights.float()  # (B, N)
        on_lines = known[:, ON_LINES]
        of_lines = on_lines.mean(1, keepdim=True) * (on_lines > 0).all(1, keepdim=True)
        weight = torch.cat([known, of_lines], 1)
        emphasis = 1 + MAP_WEIGHT * (F.max_pool2d(wanted, 3, 1, 1) > FOREGROUND)
        losses = [(adaptive_wing(maps.float(), wanted) * emphasis).mean((2, 3)) for maps in network(crops)]
        each = [mean_over_taught(loss, weight) for loss in losses]
        return torch.stack(each).sum(), {f"stage_{index + 1}": value.item() for index, value in enumerate(each)}

    def landmarks(self, network: nn.Module, crops: Tensor) -> Tensor:
        """(B, N, 2) crop pixels."""
        return shifted_peaks(network(crops)[-1][:, :-1].float()) * 4


def adaptive_wing(found: Tensor, wanted: Tensor) -> Tensor:
    """The paper's loss of each cell: a logarithm near the truth, the sharper the higher the truth is."""
    error, power = (found - wanted).abs(), ALPHA - wanted
    ratio = (THETA / EPSILON) ** power
    slope = OMEGA / (1 + ratio) * power * (THETA / EPSILON) ** (power - 1) / EPSILON
    near = OMEGA * torch.log1p((error / EPSILON) ** power)
    return torch.where(error < THETA, near, slope * (error - THETA) + OMEGA * torch.log1p(ratio))
