"""Landmarks to training targets and maps back to landmarks: the one place for the rules the paper leaves open.

Grid space: the crop is [0, G] x [0, G]; cell (column c, row r) covers [c, c + 1) x [r, r + 1) and its *centre* is
(c + 0.5, r + 0.5). Offsets go from the centre of a cell to the landmark, in cells, (x, y). (PIPNet measures from the
cell's corner instead; the two differ by 0.5.) A landmark belongs to the cell that covers it; outside the crop, to the
nearest cell of the border, with the offset it really has.

Shapes: B pictures, N landmarks, G cells a side, K neighbours, M cells around the landmark where offsets are taught.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from sfp_core.detect.network import StageMaps
from sfp_core.errors import SfpError

Rule = Literal["soft_argmax", "argmax_offset", "weighted_offset"]
Target = Literal["one_hot", "bilinear", "gaussian"]

OUTSIDE_CELLS = 1.0  # a landmark further than this outside the crop is not taught: nothing there shows where it is


@dataclass(frozen=True)
class CodecConfig:
    """Which rules are used; written into the weights file.

    Attributes
    ----------
    rule : str
        "soft_argmax": sum_i h_i y_i (eq. 1), y_i the cell centres; exact only for points between the outermost
        centres and for bilinear maps. "argmax_offset": centre of the best cell plus its offset. "weighted_offset":
        sum_i h_i (y_i + o_i), the two at once; equal to the second when h is one-hot.
    target : str
        The position map that is taught: "one_hot", "bilinear" (four cells whose mean is the point), "gaussian".
    sigma_cells : float
        Of the Gaussian.
    offset_radius : int
        Offsets are taught in the (2 r + 1)^2 cells around the landmark's; 0 is eq. 3. "weighted_offset" needs 1.
    votes : bool
        Average a point with what its neighbours' neighbour maps say of it (PIPNet's rule, without its padding).
    """

    rule: Rule = "weighted_offset"
    target: Target = "bilinear"
    sigma_cells: float = 0.7
    offset_radius: int = 1
    votes: bool = False

    def __post_init__(self) -> None:
        for name, value, allowed in (("rule", self.rule, get_args(Rule)), ("target", self.target, get_args(Target))):
            if value not in allowed:
                raise SfpError(f"codec: {name} is {value!r}; expected one of {', '.join(allowed)}")
        if self.sigma_cells <= 0 or self.offset_radius < 0:
            raise SfpError("codec: sigma_cells must be above 0 and offset_radius 0 or more")


@dataclass(frozen=True)
class Targets:
    """What the network is taught for a batch.

    Attributes
    ----------
    points : (B, N, 2) float
        Grid space.
    weight : (B, N) float
        1 where the landmark is taught, 0 where it lies too far outside the crop.
    cells : (B, N) int64
        The landmark's cell, row * G + column.
    position : (B, N, G, G) float
        Sums to 1 over the cells.
    offset_cells, offset, offset_weight : (B, N, M) int64, (B, N, M, 2) float, (B, N, M) float
        Where offsets are taught, what, and 0 for cells beyond the border.
    neighbour : (B, N, K, 2) float
        From the centre of the landmark's cell to its neighbours.
    """

    points: Tensor
    weight: Tensor
    cells: Tensor
    position: Tensor
    offset_cells: Tensor
    offset: Tensor
    offset_weight: Tensor
    neighbour: Tensor


def nearest_landmarks(mean_points: np.ndarray, count: int) -> tuple[tuple[int, ...], ...]:
    """The `count` nearest landmarks of each landmark of the mean face, nearest first (paper 5.2).

    Parameters
    ----------
    mean_points : (N, 2) float
        Mean of the *training* faces in their crops, any unit.
    count : int
        K.
    """
    distance = np.linalg.norm(mean_points[:, None] - mean_points[None], axis=2)
    np.fill_diagonal(distance, -1.0)  # itself comes first and is left out
    order = np.argsort(distance, axis=1, kind="stable")[:, 1 : count + 1]
    return tuple(tuple(int(j) for j in row) for row in order)


class Codec:
    """The rules for one grid size and one table of neighbours."""

    def __init__(self, config: CodecConfig, *, grid: int, neighbours: Sequence[Sequence[int]]) -> None:
        self.config = config
        self.grid = grid
        self.neighbours = torch.tensor(neighbours, dtype=torch.int64)  # (N, K)
        if self.neighbours.ndim != 2:
            raise SfpError(f"codec: neighbours must be a table of N rows, got shape {tuple(self.neighbours.shape)}")
        if config.votes and not self.neighbours.numel():
            raise SfpError("codec: votes need neighbours, but the table of neighbours is empty")

    def centres(self, cells: Tensor) -> Tensor:
        """Centres (..., 2), (x, y), of cells (...) int64."""
        return torch.stack([cells % self.grid, cells // self.grid], -1) + 0.5

    def encode(self, points: Tensor) -> Targets:
        """Targets for landmarks (B, N, 2) in grid space; points outside the crop are allowed."""
        grid = self.grid
        column_row = points.floor().clamp(0, grid - 1).long()  # (B, N, 2)
        cells = column_row[..., 1] * grid + column_row[..., 0]
        weight = ((points >= -OUTSIDE_CELLS) & (points <= grid + OUTSIDE_CELLS)).all(-1).to(points.dtype)

        radius = self.config.offset_radius
        steps = torch.arange(-radius, radius + 1)
        around = torch.cartesian_prod(steps, steps).flip(-1)  # (M, 2) as (x, y)
        around_cells = column_row[:, :, None] + around  # (B, N, M, 2)
        inside = ((around_cells >= 0) & (around_cells < grid)).all(-1)
        around_cells = around_cells.clamp(0, grid - 1)
        offset_cells = around_cells[..., 1] * grid + around_cells[..., 0]
        offset = points[:, :, None] - (around_cells + 0.5)

        neighbour = points[:, self.neighbours] - self.centres(cells)[:, :, None]
        return Targets(
            points=points,
            weight=weight,
            cells=cells,
            position=self._position_map(points, cells),
            offset_cells=offset_cells,
            offset=offset,
            offset_weight=inside.to(points.dtype) * weight[..., None],
            neighbour=neighbour,
        )

    def _position_map(self, points: Tensor, cells: Tensor) -> Tensor:
        grid = self.grid
        if self.config.target == "one_hot":
            one_hot = torch.nn.functional.one_hot(cells, grid * grid).to(points.dtype)
            return one_hot.view(*cells.shape, grid, grid)
        centres = torch.arange(grid, dtype=points.dtype) + 0.5
        inner = points.clamp(0.5, grid - 0.5)  # beyond the outermost centres no map has the point as its mean
        distance = inner[..., None] - centres  # (B, N, 2, G)
        if self.config.target == "bilinear":
            axis = (1 - distance.abs()).clamp(min=0)
        else:
            axis = torch.exp(-0.5 * (distance / self.config.sigma_cells) ** 2)
        axis = axis / axis.sum(-1, keepdim=True)
        return axis[:, :, 1, :, None] * axis[:, :, 0, None, :]

    def normalised(self, position: Tensor) -> Tensor:
        """Position maps (B, N, G, G) as the heads give them -> maps that sum to 1 (softmax over the cells)."""
        return position.flatten(2).softmax(2).view_as(position)

    def decode(self, maps: StageMaps) -> Tensor:
        """Landmarks (B, N, 2) in grid space from the maps of one stage; differentiable in the offsets and,
        without argmax, in the position maps."""
        return self.decode_normalised(self.normalised(maps.position), maps)

    def decode_normalised(self, probability: Tensor, maps: StageMaps) -> Tensor:
        """As `decode`, from position maps (B, N, G, G) that sum to 1 already."""
        rule = self.config.rule
        if rule == "argmax_offset":
            cells = probability.flatten(2).argmax(2)
            points = self.centres(cells) + read_offsets(maps.offset, cells[..., None])[:, :, 0]
        else:
            axis = torch.arange(self.grid, dtype=probability.dtype, device=probability.device) + 0.5
            points = torch.stack([probability.sum(2) @ axis, probability.sum(3) @ axis], -1)
            if rule == "weighted_offset":
                points = points + (probability[:, :, None] * maps.offset).sum((3, 4))
        return self._with_votes(points, maps) if self.config.votes else points

    def _with_votes(self, points: Tensor, maps: StageMaps) -> Tensor:
        """Mean of each point and of what every landmark says that counts it among its neighbours."""
        if maps.neighbour is None or maps.cells is None:
            raise SfpError("codec: votes are on, but the network gave no neighbour maps")
        votes = self.centres(maps.cells)[:, :, None] + maps.neighbour  # (B, N, K, 2)
        voted_for = self.neighbours.flatten().to(points.device)  # (N*K,)
        total = points.index_add(1, voted_for, votes.flatten(1, 2).to(points.dtype))
        voters = torch.bincount(voted_for, minlength=points.shape[1]).to(points.dtype)
        return total / (1 + voters)[None, :, None]

    def confidence(self, position: Tensor) -> Tensor:
        """(B, N) in [0, 1]: how much of the normalised map lies in the 3x3 cells around its peak."""
        probability = self.normalised(position)
        mass = torch.nn.functional.avg_pool2d(probability, 3, 1, 1, divisor_override=1)
        peak = probability.flatten(2).argmax(2, keepdim=True)
        return mass.flatten(2).gather(2, peak)[..., 0].clamp(0, 1)


def read_offsets(offset: Tensor, cells: Tensor) -> Tensor:
    """Offset maps (B, N, 2, G, G) read at cells (B, N, M) int64: (B, N, M, 2)."""
    where = cells[:, :, None].expand(-1, -1, 2, -1)  # (B, N, 2, M)
    return offset.flatten(3).gather(3, where).transpose(2, 3)
