"""Rules that one rival has and the others have not, against their equations."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from sfp_core.detect.codec import nearest_landmarks
from training.rivals.awing import AwingConfig, AwingTrainee, CoordConv, adaptive_wing
from training.rivals.boundary import ON_LINES, boundary_map
from training.rivals.heatmaps import gaussian_maps, shifted_peaks
from training.rivals.pipnet import PipnetConfig, PipnetMaps, PipnetTrainee


def test_pipnet_votes_are_counted_as_its_authors_count_them() -> None:
    neighbours = nearest_landmarks(np.random.default_rng(1).random((98, 2)), 10)
    trainee = PipnetTrainee(PipnetConfig(), neighbours)
    generator = torch.Generator().manual_seed(2)
    flat = [torch.randn(1, 98, 8, 8, generator=generator) for _ in range(3)]
    near = [torch.randn(1, 98, 10, 8, 8, generator=generator) for _ in range(2)]
    maps = PipnetMaps(*flat, *near)
    found = trainee.landmarks(lambda crops: maps, torch.zeros(1, 3, 256, 256))[0]  # type: ignore[arg-type]

    voters: list[list[tuple[int, int]]] = [[] for _ in range(98)]
    for landmark, row in enumerate(neighbours):
        for k, other in enumerate(row):
            voters[other].append((landmark, k))
    longest = max(map(len, voters))
    assert longest > min(map(len, voters)) > 0  # else the rule would make no difference
    cells = [divmod(int(maps.position[0, n].argmax()), 8) for n in range(98)]
    for n, (row_, column) in enumerate(cells):
        places = [(column + float(maps.x[0, n, row_, column]), row_ + float(maps.y[0, n, row_, column]))]
        for m, k in (voters[n] * 11)[:longest]:
            r, c = cells[m]
            places.append((c + float(maps.neighbour_x[0, m, k, r, c]), r + float(maps.neighbour_y[0, m, k, r, c])))
        assert found[n].tolist() == pytest.approx([32 * v for v in np.mean(places, axis=0)], abs=1e-3)


def test_a_landmark_that_nobody_counts_keeps_its_own_place() -> None:
    neighbours = [[1] if n == 0 else [0] for n in range(98)]
    trainee = PipnetTrainee(PipnetConfig(neighbours=1), neighbours)
    assert trainee.own_share[:3].tolist() == pytest.approx([1 / 98, 1 / 98, 1.0])
    total = trainee.own_share + trainee.vote_shares.sum(1)
    assert torch.allclose(total, torch.ones(98))


@pytest.mark.parametrize("truth", [0.0, 0.2, 0.5, 1.0])
def test_adaptive_wing_loss_is_smooth_and_steep_near_high_truth(truth: float) -> None:
    def loss(error: float) -> tuple[float, float]:
        found = torch.tensor([truth + error], dtype=torch.float64, requires_grad=True)
        value = adaptive_wing(found, torch.tensor([truth], dtype=torch.float64))
        (slope,) = torch.autograd.grad(value.sum(), found)
        return value.item(), slope.item()

    assert loss(0.0) == (0.0, 0.0)
    assert loss(0.3)[0] == pytest.approx(14 * math.log(1 + 0.3 ** (2.1 - truth)))
    below, above = loss(0.5 - 1e-9), loss(0.5 + 1e-9)
    assert below == pytest.approx(above, rel=1e-6)  # value and slope meet at theta
    assert loss(0.9)[1] == pytest.approx(above[1])  # straight from there
    assert loss(-0.4)[0] == pytest.approx(loss(0.4)[0])


def test_the_weighted_map_counts_cells_near_a_landmark_11_times() -> None:
    trainee = AwingTrainee(AwingConfig(input_px=128, stages=1))
    points = torch.full((1, 98, 2), 66.0)
    perfect = trainee.targets(points)
    losses = {}
    for name, column in (("far", 2), ("near", 17)):
        maps = perfect.clone()
        maps[0, 96, 16, column] += 0.1
        losses[name] = trainee.loss(lambda crops, maps=maps: [maps], torch.zeros(1), points, None)[0].item()  # type: ignore[arg-type, misc]
    plain = {
        name: adaptive_wing(perfect[0, 96, 16, column] + 0.1, perfect[0, 96, 16, column]).item()
        for name, column in (("far", 2), ("near", 17))
    }
    assert losses["far"] == pytest.approx(plain["far"] / (99 * 32**2), rel=1e-4)
    assert losses["near"] == pytest.approx(11 * plain["near"] / (99 * 32**2), rel=1e-4)


def test_the_lines_are_not_taught_where_a_place_on_them_is_unknown() -> None:
    trainee = AwingTrainee(AwingConfig(input_px=128, stages=1))
    points = torch.rand(2, 98, 2, generator=torch.Generator().manual_seed(0)) * 128
    maps = trainee.targets(points)
    maps[:, -1] = 0.5
    maps.requires_grad_()
    weights = torch.ones(2, 98)
    weights[0, 76], weights[1, 96] = 0, 0  # a mouth corner, which is on two lines; a pupil, which is on none
    trainee.loss(lambda crops: [maps], torch.zeros(1), points, weights)[0].backward()  # type: ignore[arg-type, no-untyped-call]
    assert maps.grad is not None
    assert maps.grad[0, -1].abs().max() == 0
    assert maps.grad[1, -1].abs().min() > 0


def test_the_boundary_map_falls_off_with_the_distance_from_the_lines() -> None:
    points = torch.rand(1, 98, 2, generator=torch.Generator().manual_seed(4)) * 16
    lines = [
        *(range(33), range(33, 38), range(42, 47), range(51, 55), range(55, 60), range(60, 65), range(68, 73)),
        *((64, 65, 66, 67, 60), (72, 73, 74, 75, 68), range(76, 83), (*range(82, 88), 76)),
        *(range(88, 93), (*range(92, 96), 88)),
    ]
    share = np.linspace(0, 1, 501)[:, None]
    on = np.concatenate(
        [points[0, a].numpy() * (1 - share) + points[0, b].numpy() * share for line in lines for a, b in pairwise(line)]
    )
    cells = np.stack(np.meshgrid(np.arange(16) + 0.5, np.arange(16) + 0.5), -1).reshape(-1, 2)
    away = np.array([np.sqrt(((cell - on) ** 2).sum(1).min()) for cell in cells]).reshape(16, 16)
    expected = np.where(away < 3, np.exp(-0.5 * away**2), 0)
    assert np.abs(boundary_map(points, 16)[0].numpy() - expected).max() < 1e-2  # samples are up to 0.04 cells apart
    assert sorted(set(range(98)) - set(ON_LINES)) == [*range(38, 42), *range(47, 51), 96, 97]


def test_coord_conv_sees_where_it_is_and_where_the_lines_are() -> None:
    layer = CoordConv(1, 5, 1, lines=True)
    with torch.no_grad():
        layer.conv.bias.zero_()  # type: ignore[union-attr]
        layer.conv.weight.zero_()
        layer.conv.weight[:, 1:, 0, 0] = torch.eye(5)  # pass all but the features on
        boundary = torch.zeros(1, 1, 9, 9)
        boundary[..., 3, 7], boundary[..., 5, 5] = 0.9, 0.04
        x, y, radius, line_x, line_y = layer(torch.zeros(1, 1, 9, 9), boundary)[0]
    assert torch.allclose(x, torch.linspace(-1, 1, 9).expand(9, 9)) and torch.equal(y, x.T)
    assert radius.max() == pytest.approx(1) and radius[4, 4] == 0
    assert line_x.nonzero().tolist() == [[3, 7]]  # 0.04 is no line
    assert (line_x[3, 7].item(), line_y[3, 7].item()) == pytest.approx((0.75, -0.25))


def test_peaks_are_shifted_a_quarter_cell_to_the_higher_neighbour() -> None:
    maps = torch.zeros(1, 3, 8, 8)
    maps[0, 0, 3, 5], maps[0, 0, 3, 6], maps[0, 0, 2, 5] = 1.0, 0.5, 0.2
    maps[0, 1, 4, 4] = 1.0  # equal neighbours
    maps[0, 2, 0, 6], maps[0, 2, 0, 5] = 1.0, 0.5  # on the border
    assert shifted_peaks(maps)[0].tolist() == [[5.75, 3.25], [4.5, 4.5], [6.5, 0.5]]


def test_gaussians_lie_on_the_landmark_and_end_at_their_reach() -> None:
    points = torch.tensor([[[5.25, 9.5], [100.0, -3.0]]])
    maps = gaussian_maps(points, 16, sigma_cells=1.5, reach_cells=3.5, rounded=False)
    assert maps[0, 0, 9, 5].item() == pytest.approx(math.exp(-0.5 * (0.25 / 1.5) ** 2))
    assert maps[0, 0, 11, 4].item() == pytest.approx(math.exp(-0.5 * (0.75**2 + 2**2) / 1.5**2))
    assert maps[0, 0].any(0).nonzero().flatten().tolist() == [*range(2, 9)]  # columns 1.75 to 8.75 from the landmark
    assert divmod(int(maps[0, 1].argmax()), 16) == (0, 15)  # outside: the nearest corner
    rounded = gaussian_maps(points, 16, sigma_cells=1.5, reach_cells=3.5, rounded=True)
    assert rounded[0, 0, 9, 5] == 1 and rounded[0, 1, 0, 15] == 1
