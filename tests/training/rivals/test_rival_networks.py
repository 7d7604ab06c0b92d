"""What holds for every rival: sizes, losses, decoding, learning."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from sfp_core.detect.codec import nearest_landmarks
from sfp_core.errors import SfpError
from training.rivals.awing import AwingConfig, AwingTrainee
from training.rivals.choice import RivalTrainee, rival_named
from training.rivals.hrnet import HrnetConfig, HrnetTrainee
from training.rivals.pipnet import PipnetConfig, PipnetMaps, PipnetTrainee

NEIGHBOURS = nearest_landmarks(np.random.default_rng(3).random((98, 2)), 10)
NAMES = ("pipnet", "awing", "hrnet")


def _small(name: str) -> RivalTrainee:
    if name == "pipnet":
        config = PipnetConfig(input_px=128, stride=16, widths=(8, 8, 16, 16), blocks=(1, 1, 1, 1))
        return PipnetTrainee(config, NEIGHBOURS)
    if name == "awing":
        return AwingTrainee(AwingConfig(input_px=128, stages=2, depth=2, channels=16))
    return HrnetTrainee(HrnetConfig(input_px=128, stem=8, widths=(4, 4, 8), modules=(1, 1), blocks=1))


class _Says(nn.Module):
    """A network whose maps are set by hand."""

    def __init__(self, maps: Any) -> None:
        super().__init__()
        self.maps = maps

    def forward(self, crops: Tensor) -> Any:
        return self.maps


def _points(*, low: float, high: float, faces: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return low + (high - low) * torch.rand(faces, 98, 2, generator=generator)


def _perfect(trainee: RivalTrainee, points: Tensor) -> Any:
    """The maps that leave nothing to be wished for."""
    if isinstance(trainee, HrnetTrainee):
        return trainee.targets(points)
    if isinstance(trainee, AwingTrainee):
        return [trainee.targets(points)] * trainee.config.stages
    grid, stride = trainee.config.grid, trainee.config.stride
    faces, count = points.shape[:2]
    position, x, y = (torch.zeros(faces, count, grid, grid) for _ in range(3))
    near_x, near_y = (torch.zeros(faces, count, 10, grid, grid) for _ in range(2))
    for face in range(faces):
        for landmark in range(count):
            place = points[face, landmark] / stride
            column, row = (int(min(max(value, 0), grid - 1)) for value in place.floor().tolist())
            here = (face, landmark, row, column)
            position[here], x[here], y[here] = 1.0, place[0] - column, place[1] - row
            for k, other in enumerate(NEIGHBOURS[landmark]):
                near_x[face, landmark, k, row, column] = points[face, other, 0] / stride - column
                near_y[face, landmark, k, row, column] = points[face, other, 1] / stride - row
    return PipnetMaps(position, x, y, near_x, near_y)


CROPS = torch.zeros(2, 3, 128, 128)


@pytest.mark.parametrize(
    ("name", "exact", "published_millions", "digits"),
    [
        # ResNet-18 without its classifier has 11,176,512; the heads are 513 x 98 x (3 + 2 x 10).
        pytest.param("pipnet", 12_332_814, 12.33, 2, id="pipnet"),
        # The figure of the AWing paper.
        pytest.param("awing", 24_153_036, 24.15, 2, id="awing"),
        # The layers of the public program, with its head for 98 landmarks. Its README rounds HRNetV2-W18 to 9.3 M.
        pytest.param("hrnet", 9_662_528, 9.66, 2, id="hrnet"),
    ],
)
def test_defaults_have_as_many_parameters_as_published(
    name: Any, exact: int, published_millions: float, digits: int
) -> None:
    trainee = rival_named(name, 256, NEIGHBOURS)
    count = sum(parameter.numel() for parameter in trainee.make().parameters())
    assert count == exact
    assert round(count / 1e6, digits) == published_millions


def test_pipnet_for_68_landmarks_is_the_published_12_million() -> None:
    trainee = PipnetTrainee(PipnetConfig(landmarks=68), [range(10)] * 68)
    network = trainee.make()
    assert sum(parameter.numel() for parameter in network.parameters()) == 11_978_844


@pytest.mark.parametrize(
    ("name", "input_px", "grid"),
    [
        *(("pipnet", 256, 8), ("pipnet", 128, 8), ("awing", 256, 64), ("awing", 128, 32)),
        *(("hrnet", 256, 64), ("hrnet", 128, 32)),
    ],
)
def test_maps_keep_their_share_of_the_crop(name: Any, input_px: int, grid: int) -> None:
    trainee = rival_named(name, input_px, NEIGHBOURS)
    assert trainee.input_px == input_px
    with torch.inference_mode():
        maps = trainee.make().eval()(torch.zeros(1, 3, input_px, input_px))
    if name == "pipnet":
        assert [tuple(part.shape) for part in maps[:3]] == [(1, 98, grid, grid)] * 3
        assert [tuple(part.shape) for part in maps[3:]] == [(1, 98, 10, grid, grid)] * 2
    elif name == "awing":
        assert [tuple(stage.shape) for stage in maps] == [(1, 99, grid, grid)] * 4
    else:
        assert maps.shape == (1, 98, grid, grid)


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: rival_named("alexnet", 256, NEIGHBOURS), "'alexnet'; expected one of pipnet, awing, hrnet"),  # type: ignore[arg-type]
        (lambda: rival_named("pipnet", 64, NEIGHBOURS), "input_px 64 and stride 8"),
        (lambda: rival_named("pipnet", 256, NEIGHBOURS[:5]), r"table \(5, 10\); expected \(98, 10\)"),
        (lambda: rival_named("awing", 100, NEIGHBOURS), "multiple of 64"),
        (lambda: rival_named("hrnet", 100, NEIGHBOURS), "multiple of 32"),
        (lambda: HrnetConfig(widths=(4, 8)), "2 widths and 3 modules"),
        (lambda: PipnetConfig(widths=(4, 8)), "expected 4 widths"),
    ],
)
def test_what_cannot_be_built_is_refused(build: Callable[[], object], said: str) -> None:
    with pytest.raises(SfpError, match=said):
        build()


@pytest.mark.parametrize(
    ("name", "bound_px"),
    [("pipnet", 1e-3), ("awing", 1.001), ("hrnet", 1.001)],  # exact; a quarter of a cell of 4 px
)
def test_perfect_maps_decode_to_the_points(name: str, bound_px: float) -> None:
    trainee = _small(name)
    points = _points(low=4.1, high=123.9)  # not in the cells on the border, where there is no shift
    found = trainee.landmarks(_Says(_perfect(trainee, points)), CROPS)
    assert (found - points).abs().max() <= bound_px
    assert (found - points).mean(dim=(0, 1)).abs().max() < bound_px / 4  # in crop pixels, without a constant shift


@pytest.mark.parametrize("name", ["awing", "hrnet"])
def test_rounded_targets_decode_to_the_centre_of_the_cell(name: str) -> None:
    config: Any = AwingConfig(input_px=128, rounded=True) if name == "awing" else HrnetConfig(128, rounded=True)
    trainee = AwingTrainee(config) if name == "awing" else HrnetTrainee(config)
    points = _points(low=0.0, high=128.0)
    found = trainee.landmarks(_Says(_perfect(trainee, points)), CROPS)
    assert torch.equal(found, (points / 4).floor() * 4 + 2)


@pytest.mark.parametrize("name", NAMES)
def test_points_outside_the_crop_are_found_as_near_as_the_maps_reach(name: str) -> None:
    trainee = _small(name)
    points = _points(low=-40.0, high=168.0)
    found = trainee.landmarks(_Says(_perfect(trainee, points)), CROPS)
    wanted = points if name == "pipnet" else points.clamp(0, 128)
    assert (found - wanted).abs().max() <= (1e-3 if name == "pipnet" else 2.001)  # half a cell on the border


@pytest.mark.parametrize("name", NAMES)
def test_the_loss_of_perfect_maps_is_nothing_and_rises_with_every_point_that_moves(name: str) -> None:
    trainee = _small(name)
    points = _points(low=8.0, high=120.0)
    network = _Says(_perfect(trainee, points))
    loss, parts = trainee.loss(network, CROPS, points, None)
    assert loss.item() == pytest.approx(0, abs=1e-6) and loss.ndim == 0
    assert all(value == pytest.approx(0, abs=1e-6) for value in parts.values())
    json.dumps(parts)  # plain numbers
    losses = []
    for step in (1.0, 2.0, 4.0):
        moved = points.clone()
        moved[0, 60, 0] += step
        losses.append(trainee.loss(network, CROPS, moved, None)[0].item())
    assert loss.item() + 1e-7 < losses[0] < losses[1] < losses[2]


def _leaves(maps: Any) -> list[Tensor]:
    return [maps] if isinstance(maps, Tensor) else list(maps)


@pytest.mark.parametrize("name", NAMES)
def test_a_landmark_of_weight_0_is_out_of_the_loss(name: str) -> None:
    trainee = _small(name)
    points = _points(low=8.0, high=120.0)
    maps = _perfect(trainee, _points(low=8.0, high=120.0).flip(0))  # maps of other faces: everything is wrong
    for leaf in _leaves(maps):
        leaf.requires_grad_()
    weights = torch.ones(2, 98)
    weights[0, 30] = 0.0
    loss = trainee.loss(_Says(maps), CROPS, points, weights)[0]
    loss.backward()  # type: ignore[no-untyped-call]
    for leaf in _leaves(maps):
        assert leaf.grad is not None
        assert leaf.grad[0, 30].abs().max() == 0
        assert leaf.grad[1, 30].abs().max() > 0  # the same landmark of the other face counts

    moved = points.clone()
    moved[0, 30] = torch.tensor([99.0, -7.0])
    assert torch.equal(trainee.loss(_Says(maps), CROPS, moved, weights)[0], loss)
    assert not torch.equal(trainee.loss(_Says(maps), CROPS, moved, None)[0], loss)
    assert trainee.loss(_Says(maps), CROPS, points, torch.zeros(2, 98))[0].item() == 0


@pytest.mark.parametrize("name", NAMES)
def test_half_weights_count_half(name: str) -> None:
    trainee = _small(name)
    points = _points(low=8.0, high=120.0)
    moved = points.clone()
    moved[:, 96] += 6.0  # a pupil: on no line, so that it changes no other map
    network = _Says(_perfect(trainee, points))
    weights = torch.ones(2, 98)
    whole = trainee.loss(network, CROPS, moved, weights)
    assert torch.equal(whole[0], trainee.loss(network, CROPS, moved, None)[0])
    weights[:, 96] = 0.5
    half = trainee.loss(network, CROPS, moved, weights)
    maps = 99 if name == "awing" else 98
    for part in {"pipnet": ("map", "offset"), "awing": ("stage_1", "stage_2"), "hrnet": ("map",)}[name]:
        assert half[1][part] == pytest.approx(whole[1][part] * 0.5 * maps / (maps - 0.5), rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_few_steps_lower_the_loss_and_teach_every_weight(name: str) -> None:
    trainee = _small(name)
    torch.manual_seed(0)
    network = trainee.make().train()
    crops = torch.rand(2, 3, 128, 128) * 2 - 1
    points = _points(low=8.0, high=120.0)
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    losses = []
    for _ in range(30 if name == "pipnet" else 12):
        loss, _parts = trainee.loss(network, crops, points, None)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(loss.item())
    untaught = [key for key, parameter in network.named_parameters() if parameter.grad is None]
    assert not untaught  # distributed training waits for the gradient of every weight
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_makes_the_same_network(name: str) -> None:
    trainee = _small(name)
    states = []
    for _ in range(2):
        torch.manual_seed(5)
        states.append(trainee.make().state_dict())
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
