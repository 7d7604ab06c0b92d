"""The losses of the paper (eqs. 2 to 5) and one on the decoded point, summed over the stages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import torch
from torch import Tensor

from sfp_core.detect.codec import Codec, Targets, read_offsets
from sfp_core.detect.network import StageMaps
from sfp_core.errors import SfpError
from sfp_core.layout import WFLW_98

PositionLoss = Literal["squared", "cross_entropy"]

_MEAN_SHARE = 0.45  # inter-ocular distance over the crop's side, mean of 1,929 generated faces
_MOST = 3.0


@dataclass(frozen=True)
class LossConfig:
    """Weights of the losses.

    Attributes
    ----------
    position, offset, neighbour : float
        alpha_H, alpha_O, alpha_N of eq. 5.
    position_loss : str
        "squared" is eq. 2; "cross_entropy" teaches the same map with a gradient that does not vanish.
    coordinate : float
        Weight of the mean L1 distance, in cells, between decoded and true point. Not in the paper: 0 there.
    even : bool
        A face counts by the mean inter-ocular distance over its own, at most 3 times: what the NME measures, where
        each cell of error weighs more in a face seen from the side. Not in the paper: off there.
    """

    position: float = 1.0
    offset: float = 0.1
    neighbour: float = 0.1
    position_loss: PositionLoss = "squared"
    coordinate: float = 0.0
    even: bool = False

    def __post_init__(self) -> None:
        if self.position_loss not in get_args(PositionLoss):
            raise SfpError(f"loss: position_loss is {self.position_loss!r}; expected 'squared' or 'cross_entropy'")


def face_weights(points: Tensor, grid: int) -> Tensor:
    """How much faces (B, N, 2) in grid space count when each error is a share of the inter-ocular distance: (B, 1)."""
    across = points[:, WFLW_98.outer_eye_right] - points[:, WFLW_98.outer_eye_left]
    weights: Tensor = (_MEAN_SHARE * grid / across.norm(dim=1, keepdim=True)).clamp(max=_MOST)
    return weights


def mean_over_taught(values: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean of `values` over all elements; `weight` has the same shape. 0 when nothing is taught."""
    return (values * weight).sum() / weight.sum().clamp(min=1)


def position_loss(probability: Tensor, targets: Targets) -> Tensor:
    """Eq. 2: squared error of the normalised maps, mean over landmarks and cells."""
    squared = (probability - targets.position).square().mean((2, 3))  # (B, N)
    return mean_over_taught(squared, targets.weight)


def position_cross_entropy(position: Tensor, targets: Targets) -> Tensor:
    """Cross entropy of the maps to their targets, less the targets' own entropy: 0 at the optimum, nats."""
    log_probability = position.flatten(2).log_softmax(2)
    wanted = targets.position.flatten(2)
    divergence = (torch.xlogy(wanted, wanted) - wanted * log_probability).sum(2)  # (B, N)
    return mean_over_taught(divergence, targets.weight)


def offset_loss(maps: StageMaps, targets: Targets) -> Tensor:
    """Eq. 3: mean of the x and y errors at the ground-truth cell (and the cells around it that are taught)."""
    error = (read_offsets(maps.offset, targets.offset_cells) - targets.offset).abs().mean(3)  # (B, N, M)
    return mean_over_taught(error, targets.offset_weight)


def neighbour_loss(maps: StageMaps, targets: Targets, neighbour_weight: Tensor | None = None) -> Tensor:
    """Eq. 4: mean of the x and y errors of the K neighbours, read at the ground-truth cell.

    With `neighbour_weight` (B, N, K), the mean over the neighbours is weighted by it.
    """
    if maps.neighbour is None:
        raise SfpError("neighbour loss: the network has no neighbour heads; set its weight to 0 or neighbours above 0")
    distance = (maps.neighbour - targets.neighbour).abs()  # (B, N, K, 2)
    if neighbour_weight is None:
        return mean_over_taught(distance.mean((2, 3)), targets.weight)
    share = neighbour_weight / neighbour_weight.sum(2, keepdim=True).clamp(min=1e-6)
    error = (distance.mean(3) * share).sum(2)  # (B, N); 0 where no neighbour is known
    return mean_over_taught(error, targets.weight)


def coordinate_loss(probability: Tensor, maps: StageMaps, targets: Targets, codec: Codec) -> Tensor:
    """Mean L1 distance of the decoded points, cells. What the decode rule does is taught as a whole."""
    error = (codec.decode_normalised(probability, maps) - targets.points).abs().mean(2)  # (B, N)
    return mean_over_taught(error, targets.weight)


def total_loss(
    stages: Sequence[StageMaps],
    targets: Targets,
    codec: Codec,
    config: LossConfig,
    *,
    point_weight: Tensor | None = None,
) -> tuple[Tensor, dict[str, float]]:
    """Eq. 5 summed over the stages, and each part's unweighted sum for the log.

    `point_weight` (B, N) says how much each landmark counts, as itself and as a neighbour; left out: all count 1.
    """
    neighbour_weight = None
    if point_weight is not None:
        neighbour_weight = point_weight[:, codec.neighbours.to(point_weight.device)]  # (B, N, K)
        offset_weight = targets.offset_weight * point_weight[..., None]
        targets = replace(targets, weight=targets.weight * point_weight, offset_weight=offset_weight)
    total = targets.points.new_zeros(())
    parts: dict[str, float] = {}
    for maps in stages:
        probability = codec.normalised(maps.position)
        if config.position_loss == "squared":
            terms = {"position": (config.position, position_loss(probability, targets))}
        else:
            terms = {"position": (config.position, position_cross_entropy(maps.position, targets))}
        terms["offset"] = (config.offset, offset_loss(maps, targets))
        if config.neighbour:
            terms["neighbour"] = (config.neighbour, neighbour_loss(maps, targets, neighbour_weight))
        if config.coordinate:
            terms["coordinate"] = (config.coordinate, coordinate_loss(probability, maps, targets, codec))
        for name, (weight, value) in terms.items():
            total = total + weight * value
            parts[name] = parts.get(name, 0.0) + value.item()
    return total, parts
