"""The stacked hourglass of the paper: a stem, S hourglasses, five residual heads after each.

Shapes below: B pictures, C channels, G cells a side of the grid, N landmarks, K neighbours of a landmark.
"""

from dataclasses import dataclass
from typing import Literal, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sfp_core.errors import SfpError
from sfp_core.layout import layout_named

Merge = Literal["concat", "add"]
Heads = Literal["residual", "plain"]


@dataclass(frozen=True)
class NetworkConfig:
    """Sizes of a network; written into its weights file.

    Attributes
    ----------
    layout : str
        Name of the landmark layout; its count is N.
    input_px : int
        Side of the square crop, pixels.
    stem_channels : tuple of int
        Width after each halving of the crop; four of them lead from 256 px to 16 cells.
    stem_blocks : tuple of int
        Residual modules after each halving.
    channels : int
        C, the width of the hourglasses.
    stages : int
        S, how many hourglasses.
    depth : int
        How often an hourglass halves the grid.
    inner_channels : int
        Width inside a residual module of an hourglass.
    head_channels : int
        Width of the residual module that begins each head.
    neighbours : int
        K (the paper's B); 0 leaves the neighbour heads out, as in shipped weights that do not vote.
    merge : str
        How features and maps join the input of the next stage: "concat" (then a 1x1 convolution) or "add".
    heads : str
        "residual", the paper's, or "plain": a 1x1 convolution alone, as in PIPNet; then `head_channels` is not used.
    """

    layout: str = "wflw98"
    input_px: int = 256
    stem_channels: tuple[int, ...] = (64, 128, 256, 256)
    stem_blocks: tuple[int, ...] = (0, 1, 1, 1)
    channels: int = 256
    stages: int = 4
    depth: int = 4
    inner_channels: int = 128
    head_channels: int = 256
    neighbours: int = 10
    merge: Merge = "concat"
    heads: Heads = "residual"

    def __post_init__(self) -> None:
        object.__setattr__(self, "stem_channels", tuple(self.stem_channels))
        object.__setattr__(self, "stem_blocks", tuple(self.stem_blocks))
        if len(self.stem_channels) != len(self.stem_blocks):
            raise SfpError(
                f"network: stem_channels has {len(self.stem_channels)} numbers, but stem_blocks {len(self.stem_blocks)}"
            )
        if self.input_px % (1 << (len(self.stem_channels) + self.depth)):
            raise SfpError(
                f"network: input_px {self.input_px} cannot be halved {len(self.stem_channels)} times by the stem and "
                f"{self.depth} times by an hourglass; expected a multiple of "
                f"{1 << (len(self.stem_channels) + self.depth)}"
            )
        if self.merge not in ("concat", "add"):
            raise SfpError(f"network: merge is {self.merge!r}; expected 'concat' or 'add'")
        if self.heads not in ("residual", "plain"):
            raise SfpError(f"network: heads is {self.heads!r}; expected 'residual' or 'plain'")
        if min(self.stages, self.depth, self.channels, *self.stem_channels) < 1 or self.neighbours < 0:
            raise SfpError("network: stages, depth and widths must be 1 or more, neighbours 0 or more")

    @property
    def grid(self) -> int:
        """G, cells a side."""
        return self.input_px >> len(self.stem_channels)

    @property
    def landmarks(self) -> int:
        """N."""
        return layout_named(self.layout).count


@dataclass(frozen=True)
class StageMaps:
    """What the heads of one stage say.

    Attributes
    ----------
    position : (B, N, G, G) float
        Before normalisation; rows are y, columns are x.
    offset : (B, N, 2, G, G) float
        From the cell's centre to the landmark, (x, y), cells.
    neighbour : (B, N, K, 2) float or None
        From the centre of the cell in `cells` to the landmark's neighbours, (x, y), cells.
    cells : (B, N) int64 or None
        Where `neighbour` was read, y * G + x.
    """

    position: Tensor
    offset: Tensor
    neighbour: Tensor | None = None
    cells: Tensor | None = None


def conv_norm(in_channels: int, out_channels: int, size: int, *, stride: int = 1, active: bool = True) -> nn.Sequential:
    """A convolution, batch normalisation and, if `active`, ReLU."""
    layers: list[nn.Module] = [
        nn.Conv2d(in_channels, out_channels, size, stride, size // 2, bias=False),
        nn.BatchNorm2d(out_channels),
    ]
    return nn.Sequential(*layers, nn.ReLU(inplace=True)) if active else nn.Sequential(*layers)


class Residual(nn.Module):
    """The bottleneck residual module: 1x1 to `inner` channels, 3x3, 1x1 to `out_channels`, plus the input."""

    def __init__(self, in_channels: int, out_channels: int, inner: int) -> None:
        super().__init__()
        self.path = nn.Sequential(
            conv_norm(in_channels, inner, 1),
            conv_norm(inner, inner, 3),
            conv_norm(inner, out_channels, 1, active=False),
        )
        same = in_channels == out_channels
        self.skip = nn.Identity() if same else conv_norm(in_channels, out_channels, 1, active=False)

    def forward(self, features: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, out_channels, H, W)."""
        return F.relu(self.path(features) + self.skip(features), inplace=True)


class Hourglass(nn.Module):
    """Halve the grid `depth` times and double it back, adding what each size knows."""

    def __init__(self, channels: int, inner: int, depth: int) -> None:
        super().__init__()
        self.skip = Residual(channels, channels, inner)
        self.down = Residual(channels, channels, inner)
        self.within: nn.Module = (
            Hourglass(channels, inner, depth - 1) if depth > 1 else Residual(channels, channels, inner)
        )
        self.up = Residual(channels, channels, inner)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape."""
        small = self.up(self.within(self.down(F.max_pool2d(features, 2))))
        joined: Tensor = self.skip(features) + F.interpolate(small, scale_factor=2.0, mode="nearest")
        return joined


class Head(nn.Module):
    """A residual module (with 0 `head_channels`: none) and a 1x1 convolution to maps."""

    def __init__(self, channels: int, head_channels: int, maps: int) -> None:
        super().__init__()
        self.residual: nn.Module = nn.Identity()
        if head_channels:
            self.residual = Residual(channels, head_channels, max(head_channels // 2, 1))
        head_channels = head_channels or channels
        self.maps = nn.Conv2d(head_channels, maps, 1)
        nn.init.normal_(self.maps.weight, std=1e-2)
        nn.init.zeros_(self.maps.bias)  # type: ignore[arg-type]  # there is a bias

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, G, G) -> (B, maps, G, G)."""
        return self.maps(self.residual(features))  # type: ignore[no-any-return]  # modules are untyped when called

    def read_at(self, features: Tensor, cells: Tensor) -> Tensor:
        """What `forward` gives, for landmark n at `cells[:, n]` alone: (B, N, maps / N).

        The last convolution is 1x1, so only the cells that are read need to be computed. Eq. 4 reads one cell of
        G * G: for the 2 N K neighbour maps this saves most of a training step.
        """
        features = self.residual(features).flatten(2)  # (B, H, G*G)
        where = cells[:, None].expand(-1, features.shape[1], -1)  # (B, H, N)
        at_cells = features.gather(2, where)  # (B, H, N)
        weight = self.maps.weight.view(cells.shape[1], -1, features.shape[1])  # (N, K, H)
        bias = self.maps.bias.view(cells.shape[1], -1)  # type: ignore[union-attr]  # (N, K)
        read: Tensor = torch.einsum("bhn,nkh->bnk", at_cells, weight)
        return read + bias


class Stage(nn.Module):
    """One hourglass, its five heads, and the way to the next stage."""

    def __init__(self, config: NetworkConfig, *, last: bool) -> None:
        super().__init__()
        channels, count = config.channels, config.landmarks
        head_channels = config.head_channels if config.heads == "residual" else 0
        self.hourglass = Hourglass(channels, config.inner_channels, config.depth)
        self.features = Residual(channels, channels, config.inner_channels)
        self.position = Head(channels, head_channels, count)
        self.offset_x = Head(channels, head_channels, count)
        self.offset_y = Head(channels, head_channels, count)
        if config.neighbours:
            self.neighbour_x = Head(channels, head_channels, count * config.neighbours)
            self.neighbour_y = Head(channels, head_channels, count * config.neighbours)
        self.has_neighbours = config.neighbours > 0
        self.last = last
        self.merge_add = config.merge == "add"
        if not last and self.merge_add:
            self.from_features = nn.Conv2d(channels, channels, 1)
            self.from_maps = nn.Conv2d(count, channels, 1)
        elif not last:
            self.joined = conv_norm(2 * channels + count, channels, 1)

    def forward(self, entry: Tensor, *, cells: Tensor | None, votes: bool) -> tuple[StageMaps, Tensor]:
        """(B, C, G, G) -> the maps and the features (B, C, G, G) they were read from."""
        position, features = self.found(entry)
        offset = torch.stack([self.offset_x(features), self.offset_y(features)], 2)
        if votes and cells is None:
            cells = position.flatten(2).argmax(2)
        if cells is None or not self.has_neighbours:
            return StageMaps(position, offset), features
        neighbour = torch.stack(
            [self.neighbour_x.read_at(features, cells), self.neighbour_y.read_at(features, cells)], 3
        )
        return StageMaps(position, offset, neighbour, cells), features

    def found(self, entry: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, G, G) -> the position maps alone, all that the next stage asks for, and the features."""
        features = self.features(self.hourglass(entry))
        return self.position(features), features

    def next_entry(self, entry: Tensor, features: Tensor, position: Tensor) -> Tensor:
        """The input of the next stage: this one's input, its features and its normalised maps, merged."""
        maps = position.flatten(2).softmax(2).view_as(position)
        maps = maps * position.shape[-1]  # of the order of 1 where the landmark is, like the features
        if self.merge_add:
            return entry + self.from_features(features) + self.from_maps(maps)  # type: ignore[no-any-return]
        return self.joined(torch.cat([entry, features, maps], 1))  # type: ignore[no-any-return]


class StackedHourglass(nn.Module):
    """The network of the paper (section 4)."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        stem: list[nn.Module] = []
        width = 3
        for index, (channels, blocks) in enumerate(zip(config.stem_channels, config.stem_blocks, strict=True)):
            stem.append(conv_norm(width, channels, 5 if index == 0 else 3, stride=2))
            stem += [Residual(channels, channels, channels // 2) for _ in range(blocks)]
            width = channels
        if width != config.channels:
            stem.append(Residual(width, config.channels, config.inner_channels))
        self.stem = nn.Sequential(*stem)
        self.stages = nn.ModuleList(Stage(config, last=i == config.stages - 1) for i in range(config.stages))

    def forward(self, crops: Tensor, *, cells: Tensor | None = None, votes: bool = False) -> list[StageMaps]:
        """Maps of every stage, the last one best.

        Parameters
        ----------
        crops : (B, 3, input_px, input_px) float
            RGB, (value / 255 - 0.5) * 2.
        cells : (B, N) int64, optional
            The ground-truth cells y * G + x, where eq. 4 reads the neighbour maps.
        votes : bool
            Read the neighbour maps at the peak of the position map instead.
        """
        entry = self.stem(crops)
        results = []
        for module in self.stages:
            stage = cast(Stage, module)
            maps, features = stage(entry, cells=cells, votes=votes)
            results.append(maps)
            if not stage.last:
                entry = stage.next_entry(entry, features, maps.position)
        return results

    def last_stage(self, crops: Tensor, *, votes: bool = False) -> StageMaps:
        """What `forward` gives last, without the offsets of the stages before, which nothing at inference reads."""
        entry = self.stem(crops)
        for module in self.stages[:-1]:
            stage = cast(Stage, module)
            position, features = stage.found(entry)
            entry = stage.next_entry(entry, features, position)
        last: StageMaps = self.stages[-1](entry, cells=None, votes=votes)[0]
        return last
