"""Landmarks to targets and back."""

import numpy as np
import pytest
import torch
from torch import Tensor

from sfp_core.detect.codec import Codec, CodecConfig, Targets, nearest_landmarks
from sfp_core.detect.network import StageMaps
from sfp_core.errors import SfpError

G, N, K = 16, 7, 3
NEIGHBOURS = tuple(tuple((i + j + 1) % N for j in range(K)) for i in range(N))


def _codec(**config: object) -> Codec:
    return Codec(CodecConfig(**config), grid=G, neighbours=NEIGHBOURS)  # type: ignore[arg-type]


def _perfect_maps(codec: Codec, targets: Targets) -> StageMaps:
    """What a network would say that had learnt the targets: maps as logarithms, offsets right in every cell."""
    cells = torch.arange(G * G)
    offset = targets.points[:, :, None] - codec.centres(cells)  # (B, N, G*G, 2)
    offset = offset.transpose(2, 3).reshape(*targets.points.shape[:2], 2, G, G)
    return StageMaps(targets.position.clamp(min=1e-30).log(), offset, targets.neighbour, targets.cells)


def _points(low: float, high: float, batch: int = 64) -> Tensor:
    rng = np.random.default_rng(3)
    random = rng.uniform(low, high, (batch, N, 2))
    random[0] = np.linspace(low, high, N)[:, None]  # both ends and whole numbers in between
    random[1] = np.round(random[1])
    return torch.from_numpy(random)


@pytest.mark.parametrize("votes", [False, True], ids=["alone", "votes"])
@pytest.mark.parametrize("target", ["one_hot", "bilinear", "gaussian"])
@pytest.mark.parametrize("rule", ["argmax_offset", "weighted_offset"])
def test_decoding_exact_targets_gives_the_points_even_outside_the_crop(rule: str, target: str, votes: bool) -> None:
    codec = _codec(rule=rule, target=target, votes=votes)
    points = _points(-0.9, G + 0.9)
    targets = codec.encode(points)
    assert (targets.weight == 1).all()
    assert torch.allclose(codec.decode(_perfect_maps(codec, targets)), points, atol=1e-4, rtol=0)


def test_soft_argmax_of_bilinear_maps_is_exact_between_the_outermost_centres() -> None:
    codec = _codec(rule="soft_argmax", target="bilinear")
    points = _points(0.5, G - 0.5)
    assert torch.allclose(codec.decode(_perfect_maps(codec, codec.encode(points))), points, atol=1e-4, rtol=0)


def test_one_cell_or_half_a_cell_is_not_forgiven() -> None:
    codec = _codec()
    points = _points(2, G - 2)
    decoded = codec.decode(_perfect_maps(codec, codec.encode(points + 0.5)))
    assert torch.allclose(decoded - points, torch.full_like(points, 0.5), atol=1e-4)


def test_cells_are_counted_in_rows_and_offsets_start_at_their_centres() -> None:
    targets = _codec(offset_radius=0).encode(torch.tensor([[[3.75, 12.5]] * N]))
    assert targets.cells.tolist() == [[12 * G + 3] * N]
    assert targets.offset_cells.tolist() == [[[12 * G + 3]] * N]
    assert torch.equal(targets.offset[0, 0, 0], torch.tensor([0.25, 0.0]))
    assert targets.position[0, 0].nonzero().tolist() == [[12, 3], [12, 4]]  # y, x


def test_position_targets_sum_to_one_wherever_the_point_is() -> None:
    for target in ("one_hot", "bilinear", "gaussian"):
        position = _codec(target=target).encode(_points(-3, G + 3)).position
        assert torch.allclose(position.sum((2, 3)), torch.ones(64, N, dtype=torch.float64))
        assert (position >= 0).all()


def test_points_far_outside_are_not_taught_and_cells_beyond_the_border_neither() -> None:
    points = torch.full((1, N, 2), 8.0)
    points[0, 0] = torch.tensor([-1.01, 8.0])
    points[0, 1] = torch.tensor([0.2, 0.2])
    targets = _codec().encode(points)
    assert targets.weight[0].tolist() == [0.0] + [1.0] * (N - 1)
    assert targets.offset_weight[0].sum(1).tolist() == [0.0, 4.0] + [9.0] * (N - 2)  # a corner has 4 cells around it
    assert ((targets.offset_cells >= 0) & (targets.offset_cells < G * G)).all()


def test_neighbour_targets_lead_to_the_neighbours() -> None:
    codec = _codec()
    points = _points(0, G)
    targets = codec.encode(points)
    reached = codec.centres(targets.cells)[:, :, None] + targets.neighbour
    assert torch.allclose(reached, points[:, torch.tensor(NEIGHBOURS)])


def test_a_vote_counts_as_much_as_the_point_itself() -> None:
    codec = _codec(votes=True)
    points = _points(2, G - 2)
    maps = _perfect_maps(codec, codec.encode(points))
    assert maps.neighbour is not None
    shifted = maps.neighbour.clone()
    shifted[:, 0, 0] += 1.0  # landmark 0 is wrong about its first neighbour, number 1, by one cell
    moved = codec.decode(StageMaps(maps.position, maps.offset, shifted, maps.cells)) - points
    assert torch.allclose(moved[:, 1], torch.full((64, 2), 1 / (1 + K), dtype=torch.float64), atol=1e-4)
    assert moved[:, [i for i in range(N) if i != 1]].abs().max() < 1e-4


def test_confidence_is_the_mass_around_the_peak() -> None:
    codec = _codec()
    sure = codec.encode(torch.full((1, N, 2), 5.3)).position.clamp(min=1e-30).log()
    assert torch.allclose(codec.confidence(sure), torch.ones(1, N))
    unsure = torch.zeros(1, N, G, G)
    unsure[..., 8, 8] = 1e-6
    assert torch.allclose(codec.confidence(unsure), torch.full((1, N), 9 / (G * G)), rtol=1e-4)


def test_nearest_landmarks_leave_out_the_landmark_itself_even_among_twins() -> None:
    points = np.array([[0.0, 0], [0, 0], [1, 0], [5, 0]])
    assert nearest_landmarks(points, 2) == ((1, 2), (0, 2), (0, 1), (2, 0))


def test_decoding_teaches_position_and_offset() -> None:
    codec = _codec(rule="weighted_offset")
    position = torch.zeros(1, N, G, G, requires_grad=True)
    offset = torch.zeros(1, N, 2, G, G, requires_grad=True)
    codec.decode(StageMaps(position, offset)).sum().backward()  # type: ignore[no-untyped-call]
    assert position.grad is not None and offset.grad is not None
    assert position.grad.abs().sum() > 0
    assert torch.allclose(offset.grad, torch.full_like(offset, 1 / (G * G)))


def test_unknown_rules_and_votes_without_neighbours_are_refused() -> None:
    with pytest.raises(SfpError, match="rule is 'best'"):
        CodecConfig(rule="best")  # type: ignore[arg-type]
    with pytest.raises(SfpError, match="votes need neighbours"):
        Codec(CodecConfig(votes=True), grid=G, neighbours=[()] * N)
