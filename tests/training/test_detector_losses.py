"""Equations 2 to 5 of the paper."""

import numpy as np
import pytest
import torch
from torch import Tensor

from sfp_core.detect.codec import Codec, CodecConfig, Targets
from sfp_core.detect.network import StageMaps
from sfp_core.errors import SfpError
from sfp_core.layout import WFLW_98
from training.detector_losses import (
    LossConfig,
    coordinate_loss,
    face_weights,
    neighbour_loss,
    offset_loss,
    position_cross_entropy,
    position_loss,
    total_loss,
)

G, N, K, B = 6, 5, 2, 3
NEIGHBOURS = [[(i + 1) % N, (i + 2) % N] for i in range(N)]


def _case(**codec: object) -> tuple[Codec, Targets, StageMaps]:
    rules = Codec(CodecConfig(**codec), grid=G, neighbours=NEIGHBOURS)  # type: ignore[arg-type]
    generator = torch.Generator().manual_seed(2)
    points = torch.rand(B, N, 2, generator=generator, dtype=torch.float64) * G
    points[0, 0] = torch.tensor([-5.0, 2.0])  # too far outside: not taught
    targets = rules.encode(points)
    maps = StageMaps(
        torch.randn(B, N, G, G, generator=generator, dtype=torch.float64),
        torch.randn(B, N, 2, G, G, generator=generator, dtype=torch.float64),
        torch.randn(B, N, K, 2, generator=generator, dtype=torch.float64),
        targets.cells,
    )
    return rules, targets, maps


def test_the_losses_are_the_sums_of_the_paper() -> None:
    """Equations 2 to 4 as written, with loops, for the points that are taught."""
    codec, targets, maps = _case(target="one_hot", offset_radius=0)
    probability = codec.normalised(maps.position)
    loss_h, loss_o, loss_n, taught = 0.0, 0.0, 0.0, 0
    for b in range(B):
        for i in range(N):
            if (b, i) == (0, 0):
                continue
            taught += 1
            x, y = targets.points[b, i].tolist()
            column, row = int(np.floor(x)), int(np.floor(y))
            for j in range(G):
                for k in range(G):
                    wanted = float((j, k) == (row, column))
                    loss_h += (float(probability[b, i, j, k]) - wanted) ** 2 / (G * G)
            for p, coordinate, cell in ((0, x, column), (1, y, row)):
                loss_o += abs(float(maps.offset[b, i, p, row, column]) - (coordinate - cell - 0.5)) / 2
                for n, other in enumerate(NEIGHBOURS[i]):
                    there = float(targets.points[b, other, p])
                    assert maps.neighbour is not None
                    loss_n += abs(float(maps.neighbour[b, i, n, p]) - (there - cell - 0.5)) / (2 * K)
    assert taught == B * N - 1
    assert position_loss(probability, targets).item() == pytest.approx(loss_h / taught)
    assert offset_loss(maps, targets).item() == pytest.approx(loss_o / taught)
    assert neighbour_loss(maps, targets).item() == pytest.approx(loss_n / taught)


def test_the_total_weighs_the_parts_and_sums_the_stages() -> None:
    codec, targets, maps = _case()
    config = LossConfig(position=2.0, offset=0.5, neighbour=0.25, coordinate=3.0)
    total, parts = total_loss([maps, maps], targets, codec, config)
    one = {
        "position": position_loss(codec.normalised(maps.position), targets),
        "offset": offset_loss(maps, targets),
        "neighbour": neighbour_loss(maps, targets),
        "coordinate": coordinate_loss(codec.normalised(maps.position), maps, targets, codec),
    }
    assert parts == pytest.approx({name: 2 * value.item() for name, value in one.items()})
    expected = 2 * one["position"] + 0.5 * one["offset"] + 0.25 * one["neighbour"] + 3 * one["coordinate"]
    assert total.item() == pytest.approx(2 * expected.item())


def _perfect(codec: Codec, targets: Targets) -> StageMaps:
    offset = targets.points[:, :, None] - codec.centres(torch.arange(G * G))
    offset = offset.transpose(2, 3).reshape(B, N, 2, G, G)
    return StageMaps(targets.position.clamp(min=1e-30).log(), offset, targets.neighbour, targets.cells)


@pytest.mark.parametrize("loss", ["squared", "cross_entropy"])
def test_perfect_maps_cost_nothing(loss: str) -> None:
    codec, targets, _ = _case()
    config = LossConfig(position_loss=loss, coordinate=1.0)  # type: ignore[arg-type]
    total, parts = total_loss([_perfect(codec, targets)], targets, codec, config)
    assert total.item() == pytest.approx(0, abs=1e-6), parts


def test_cross_entropy_is_least_at_the_target_and_equals_the_divergence() -> None:
    _, targets, maps = _case(target="gaussian")
    log_probability = maps.position.flatten(2).log_softmax(2).view_as(maps.position)
    divergence: Tensor = (targets.position * (targets.position.log() - log_probability)).sum((2, 3))
    expected = (divergence * targets.weight).sum() / targets.weight.sum()
    assert position_cross_entropy(maps.position, targets).item() == pytest.approx(expected.item())


def test_points_that_are_not_taught_do_not_pull() -> None:
    codec, targets, maps = _case()
    leaves = [t.clone().requires_grad_() for t in (maps.position, maps.offset, maps.neighbour)]  # type: ignore[union-attr]
    total, _ = total_loss(
        [StageMaps(*leaves, targets.cells)], targets, codec, LossConfig(position_loss="cross_entropy", coordinate=1.0)
    )
    total.backward()  # type: ignore[no-untyped-call]
    for leaf in leaves:
        assert leaf.grad is not None
        assert not leaf.grad[0, 0].any()
        assert leaf.grad[1, 1].any()


def test_a_batch_in_which_nothing_is_taught_costs_nothing() -> None:
    codec, _, maps = _case()
    targets = codec.encode(torch.full((B, N, 2), 100.0, dtype=torch.float64))
    total, _ = total_loss([maps], targets, codec, LossConfig(coordinate=1.0))
    assert total.item() == 0


def test_neighbour_loss_without_neighbour_heads_is_told() -> None:
    codec, targets, maps = _case()
    with pytest.raises(SfpError, match="no neighbour heads"):
        total_loss([StageMaps(maps.position, maps.offset)], targets, codec, LossConfig())
    total_loss([StageMaps(maps.position, maps.offset)], targets, codec, LossConfig(neighbour=0.0))


def test_an_unknown_position_loss_is_refused() -> None:
    with pytest.raises(SfpError, match="position_loss is 'hinge'"):
        LossConfig(position_loss="hinge")  # type: ignore[arg-type]


def test_a_face_seen_from_the_side_counts_as_its_errors_do_in_the_nme() -> None:
    """The same error in cells, over half the inter-ocular distance, is twice the NME."""
    points = torch.zeros(4, 98, 2, dtype=torch.float64)
    for face, across in enumerate((0.45, 0.225, 0.9, 0.01)):  # shares of the crop
        points[face, WFLW_98.outer_eye_right, 0] = across * 16
    assert torch.allclose(face_weights(points, 16)[:, 0], torch.tensor([1.0, 2.0, 0.5, 3.0], dtype=torch.float64))
    tipped = points[..., [1, 0]]
    assert torch.allclose(face_weights(tipped, 16), face_weights(points, 16))
