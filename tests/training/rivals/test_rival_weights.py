"""Weights files of the rivals, and pictures and boxes through them."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from sfp_core.detect.codec import nearest_landmarks
from sfp_core.detect.crop import Box, CropRegion
from sfp_core.detect.detector import drawn_anew
from sfp_core.detect.runtime import to_input
from sfp_core.errors import SfpError
from sfp_core.weights import read_weights, write_weights
from training.rivals.awing import AwingConfig, AwingTrainee
from training.rivals.choice import RivalTrainee
from training.rivals.hrnet import HrnetConfig, HrnetTrainee
from training.rivals.pipnet import PipnetConfig, PipnetTrainee
from training.rivals.weights import Rival, load_rival, write_rival

NEIGHBOURS = nearest_landmarks(np.random.default_rng(3).random((98, 2)), 10)
SMALL: dict[str, RivalTrainee] = {
    "pipnet": PipnetTrainee(PipnetConfig(128, 16, widths=(8, 8, 16, 16), blocks=(1, 1, 1, 1)), NEIGHBOURS),
    "awing": AwingTrainee(AwingConfig(128, stages=2, depth=2, channels=16)),
    "hrnet": HrnetTrainee(HrnetConfig(128, stem=8, widths=(4, 4, 8), modules=(1, 1), blocks=1)),
}
PICTURE = np.random.default_rng(0).integers(0, 256, (90, 140, 3), dtype=np.uint8)
BOXES = [(20.0, 10.0, 90.0, 80.0), (-15.0, 5.0, 60.0, 70.0), (50.0, 20.0, 150.0, 100.0)]


def _written(path: Path, name: str, *, passes: int = 10) -> nn.Module:
    torch.manual_seed(1)
    network = SMALL[name].make()
    with torch.no_grad():  # in training mode, so that normalisation has something to remember
        for _ in range(passes):
            network(torch.rand(2, 3, 128, 128) * 2 - 1)
    write_rival(path, network, name, SMALL[name].config, NEIGHBOURS, {"steps": 20})  # type: ignore[arg-type]
    return network.eval()


@pytest.mark.parametrize("name", SMALL)
def test_a_rival_comes_back_as_it_was_written(name: str, tmp_path: Path) -> None:
    network = _written(tmp_path / "r.safetensors", name)
    rival = load_rival(tmp_path / "r.safetensors")
    assert rival.name == name and rival.training == {"steps": 20} and len(rival.sha256) == 64
    assert asdict(rival.trainee.config) == asdict(SMALL[name].config)
    if isinstance(rival.trainee, PipnetTrainee):
        assert torch.equal(rival.trainee.vote_shares, SMALL[name].vote_shares)  # type: ignore[union-attr]
    crops = torch.rand(2, 3, 128, 128) * 2 - 1
    with torch.inference_mode():
        before, after = network(crops), rival.network(crops)
    for mine, theirs in zip(before, after, strict=True):
        assert (mine - theirs).abs().max() < 5e-3 * mine.abs().max()  # 11 bits of mantissa, through some ten layers
    tensors, metadata = read_weights(tmp_path / "r.safetensors")
    assert metadata["kind"] == "rival"
    assert {t.dtype for t in tensors.values() if t.ndim > 1} == {np.dtype(np.float16)}
    assert {t.dtype for t in tensors.values() if t.ndim == 1} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", SMALL)
def test_batches_do_not_matter_and_crops_are_those_of_our_detector(name: str, tmp_path: Path) -> None:
    _written(tmp_path / "r.safetensors", name)
    rival = load_rival(tmp_path / "r.safetensors")
    boxes: list[Box] = list(BOXES)
    for passes in (1, 2):  # the second in the boxes that the first one's landmarks draw
        found = rival.detect_many((PICTURE for _ in BOXES), BOXES, batch=2, passes=passes)
        assert found.shape == (3, 98, 2) and found.dtype == np.float64
        for box, points in zip(boxes, found, strict=True):
            region = CropRegion.of_box(box)
            with torch.inference_mode():
                crop = rival.trainee.landmarks(rival.network, to_input(region.cut(PICTURE, 128)[None]))
            # of float32: a crop that moved by a hair has other bytes, and maps of chance may peak elsewhere
            assert np.allclose(points, region.to_image(crop[0].numpy(), 128), atol=1e-2)
        boxes = [drawn_anew(box, points) for box, points in zip(boxes, found, strict=True)]


class _Peaks(nn.Module):
    """A network that says the same of every crop: all landmarks at one cell of 32 x 32."""

    def __init__(self, column: int, row: int) -> None:
        super().__init__()
        self.maps = nn.Parameter(torch.zeros(98, 32, 32))
        self.maps.data[:, row, column] = 1.0

    def forward(self, crops: Tensor) -> Tensor:
        return self.maps.expand(len(crops), -1, -1, -1)


@pytest.mark.parametrize(("column", "row"), [(0, 0), (10, 20), (31, 31)])
def test_maps_set_by_hand_come_out_where_they_are_in_the_picture(column: int, row: int) -> None:
    rival = Rival("hrnet", SMALL["hrnet"], _Peaks(column, row))
    found = rival.detect_many([PICTURE], [(20, 10, 90, 80)])
    side = 70 * 1.25  # around (55, 45), 32 cells wide
    expected = (55 - side / 2 + (column + 0.5) / 32 * side, 45 - side / 2 + (row + 0.5) / 32 * side)
    assert np.allclose(found, expected, atol=1e-9)


def test_no_faces_give_no_landmarks_and_bad_boxes_are_named() -> None:
    rival = Rival("hrnet", SMALL["hrnet"], _Peaks(3, 4))
    assert rival.detect_many([], []).shape == (0, 98, 2)
    with pytest.raises(SfpError, match=r"box of picture 1: .* wholly outside"):
        rival.detect_many([PICTURE] * 2, [(0, 0, 9, 9), (900, 0, 990, 9)])
    with pytest.raises(SfpError, match="picture 0: expected an RGB picture"):
        rival.detect_many([PICTURE[..., 0]], [(0, 0, 9, 9)])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "detector"}, "kind 'detector'; expected 'rival'"),
        ({"name": "alexnet"}, "rival is 'alexnet'"),
        ({"name": "awing"}, "do not fit together"),
        ({"network": '{"input_px": 100}'}, "multiple of 32"),
        ({"network": "{"}, "do not fit together"),
        ({"network": '{"input_px": 128}'}, "do not fit together"),
    ],
)
def test_a_file_of_something_else_is_refused_in_one_line(change: dict[str, str], said: str, tmp_path: Path) -> None:
    path = tmp_path / "r.safetensors"
    _written(path, "hrnet", passes=0)
    tensors, metadata = read_weights(path)
    write_weights(path, tensors, {**metadata, **change})
    with pytest.raises(SfpError, match=said) as caught:
        load_rival(path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)
