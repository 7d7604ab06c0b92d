"""PIPNet with ResNet-18: Jin, Liao, Shao, "Pixel-in-Pixel Net", IJCV 2021, and github.com/jhb86253817/PIPNet (MIT).

On a coarse grid five 1x1 heads say in which cell each landmark lies, where in the cell, and where the landmark's
neighbours are from there. B pictures, N landmarks, K neighbours, G cells a side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sfp_core.detect.network import conv_norm
from sfp_core.errors import SfpError
from sfp_core.layout import WFLW_98
from training.detector_losses import mean_over_taught
from training.rivals.blocks import BasicBlock, begin_as_resnet

MAP_WEIGHT = 10.0  # of the squared error of the position maps; offsets count 1 (the public experiments' weights)
_HEAD_STD = 1e-3  # lib/networks.py: heads and the transposed convolution


@dataclass(frozen=True)
class PipnetConfig:
    """Sizes; the default is the published network for WFLW.

    Attributes
    ----------
    input_px : int
        Side of the crop.
    stride : int
        Pixels a cell: 32 (the last features of ResNet), or 16, for which a transposed convolution doubles them.
    widths, blocks : tuple of int
        Channels and basic blocks of ResNet's four layers.
    neighbours, landmarks : int
        K and N.
    """

    input_px: int = 256
    stride: int = 32
    widths: tuple[int, ...] = (64, 128, 256, 512)
    blocks: tuple[int, ...] = (2, 2, 2, 2)
    neighbours: int = 10
    landmarks: int = WFLW_98.count

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))
        object.__setattr__(self, "blocks", tuple(self.blocks))
        if self.stride not in (16, 32) or self.input_px < 32 or self.input_px % 32:
            raise SfpError(
                f"pipnet: input_px {self.input_px} and stride {self.stride}; expected a multiple of 32, and 16 or 32"
            )
        if len(self.widths) != 4 or len(self.blocks) != 4:
            raise SfpError(f"pipnet: expected 4 widths and 4 blocks, got {self.widths} and {self.blocks}")

    @property
    def grid(self) -> int:
        """G, cells a side."""
        return self.input_px // self.stride


class PipnetMaps(NamedTuple):
    """What the heads say: position (B, N, G, G); x and y (B, N, G, G) from the cell's top left corner, in cells;
    neighbour_x and neighbour_y (B, N, K, G, G) likewise."""

    position: Tensor
    x: Tensor
    y: Tensor
    neighbour_x: Tensor
    neighbour_y: Tensor


class Pipnet(nn.Module):
    """ResNet of basic blocks with PIPNet's heads; weights begin at random, as there are none pre-trained to load."""

    def __init__(self, config: PipnetConfig) -> None:
        super().__init__()
        self.config = config
        layers: list[nn.Module] = [conv_norm(3, config.widths[0], 7, stride=2), nn.MaxPool2d(3, 2, 1)]
        width = config.widths[0]
        for index, (wide, blocks) in enumerate(zip(config.widths, config.blocks, strict=True)):
            for block in range(blocks):
                layers.append(BasicBlock(width, wide, stride=2 if index and not block else 1))
                width = wide
        self.backbone = nn.Sequential(*layers)
        begin_as_resnet(self.backbone)
        self.doubled: nn.Module = nn.Identity()
        if config.stride == 16:
            doubling = nn.ConvTranspose2d(width, width, 4, 2, 1, bias=False)
            nn.init.normal_(doubling.weight, std=_HEAD_STD)
            self.doubled = nn.Sequential(doubling, nn.BatchNorm2d(width), nn.ReLU(inplace=True))
        count = config.landmarks
        maps = (count, count, count, count * config.neighbours, count * config.neighbours)
        self.heads = nn.ModuleList(nn.Conv2d(width, number, 1) for number in maps)
        for head in self.heads:
            assert isinstance(head, nn.Conv2d) and head.bias is not None
            nn.init.normal_(head.weight, std=_HEAD_STD)
            nn.init.zeros_(head.bias)

    def forward(self, crops: Tensor) -> PipnetMaps:
        """(B, 3, input_px, input_px) RGB in [-1, 1]."""
        features = self.doubled(self.backbone(crops))
        position, x, y, near_x, near_y = (head(features) for head in self.heads)
        apart = (self.config.landmarks, self.config.neighbours)
        return PipnetMaps(position, x, y, near_x.unflatten(1, apart), near_y.unflatten(1, apart))


class PipnetTrainee:
    """PIPNet as a training program sees it.

    `neighbours` (N, K) are the nearest landmarks of the training faces' mean (`codec.nearest_landmarks`).
    """

    def __init__(self, config: PipnetConfig, neighbours: Sequence[Sequence[int]]) -> None:
        self.config = config
        self.input_px = config.input_px
        self.neighbours = torch.as_tensor(neighbours, dtype=torch.int64)  # (N, K)
        if self.neighbours.shape != (config.landmarks, config.neighbours):
            raise SfpError(
                f"pipnet: neighbours are a table {tuple(self.neighbours.shape)}; expected "
                f"({config.landmarks}, {config.neighbours}), as `codec.nearest_landmarks` gives"
            )
        self.own_share, self.vote_shares = _shares(self.neighbours)

    def make(self) -> nn.Module:
        """A fresh network, drawn from torch's generator."""
        return Pipnet(self.config)

    def loss(
        self, network: nn.Module, crops: Tensor, points: Tensor, weights: Tensor | None
    ) -> tuple[Tensor, dict[str, float]]:
        """10 x squared error of the one-hot maps plus L1 of offsets, read at the landmark's cell, each a mean.

        A neighbour counts by its own weight times that of the landmark at whose cell it is read.
        """
        maps = PipnetMaps(*(part.float() for part in network(crops)))
        grid = self.config.grid
        target = points.float() / self.config.stride  # grid space, (B, N, 2)
        corner = target.floor().clamp(0, grid - 1)
        cells = (corner[..., 1] * grid + corner[..., 0]).long()  # (B, N)
        weight = torch.ones_like(target[..., 0]) if weights is None else weights.float()
        neighbours = self.neighbours.to(points.device)

        one_hot = F.one_hot(cells, grid * grid).to(target.dtype)
        position = mean_over_taught((maps.position.flatten(2) - one_hot).square().mean(2), weight)
        own = (_read(maps.x, maps.y, cells) - (target - corner)).abs().sum(-1)  # x and y are two means, summed
        offset = mean_over_taught(own, weight)
        wanted = target[:, neighbours] - corner[:, :, None]  # (B, N, K, 2)
        near = (_read(maps.neighbour_x, maps.neighbour_y, cells[..., None]) - wanted).abs().sum(-1)
        neighbour = mean_over_taught(near, weight[..., None] * weight[:, neighbours])
        total = MAP_WEIGHT * position + offset + neighbour
        return total, {"map": position.item(), "offset": offset.item(), "neighbour": neighbour.item()}

    def landmarks(self, network: nn.Module, crops: Tensor) -> Tensor:
        """(B, N, 2) crop pixels: highest cell plus offset, then the mean with the votes of the others."""
        maps = PipnetMaps(*(part.float() for part in network(crops)))
        cells = maps.position.flatten(2).argmax(2)
        corner = torch.stack([cells % self.config.grid, cells // self.config.grid], -1)
        own = corner + _read(maps.x, maps.y, cells)
        votes = corner[:, :, None] + _read(maps.neighbour_x, maps.neighbour_y, cells[..., None])  # (B, N, K, 2)
        own_share, vote_shares = self.own_share.to(own.device), self.vote_shares.to(own.device)
        return (own * own_share[:, None] + vote_shares @ votes.flatten(1, 2)) * self.config.stride


def _read(x: Tensor, y: Tensor, cells: Tensor) -> Tensor:
    """Two stacks of maps (B, N, ..., G, G) read at the cells (B, N, ...) of the landmarks: (B, N, ..., 2)."""
    where = cells.expand(x.shape[:-2])[..., None]
    return torch.cat([x.flatten(-2).gather(-1, where), y.flatten(-2).gather(-1, where)], -1)


def _shares(neighbours: Tensor) -> tuple[Tensor, Tensor]:
    """How much a landmark's own place (N,) and each vote (N, N * K) weigh in its mean.

    PIPNet's own rule: the list of those who count a landmark among their neighbours is repeated until it is as long as
    the longest such list, so that one mean over a full table serves all (lib/functions.py, get_meanface). So every own
    place weighs 1 / (longest + 1), however few vote, and some votes count once more than others. We keep it because
    the rival is to be measured as published; our own `Codec` counts every vote once.
    """
    count = len(neighbours)
    voted_for = neighbours.flatten()
    voters = [(voted_for == landmark).nonzero()[:, 0] for landmark in range(count)]
    longest = max(len(list_) for list_ in voters)
    own, votes = torch.ones(count), torch.zeros(count, len(voted_for))
    for landmark, list_ in enumerate(voters):
        if len(list_):
            own[landmark] = 1 / (longest + 1)
            repeated = list_[torch.arange(longest) % len(list_)]
            votes[landmark] = torch.bincount(repeated, minlength=len(voted_for)) / (longest + 1)
    return own, votes
