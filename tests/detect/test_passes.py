"""Two networks in one detector: the second sees faces upright, where the first has found them."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from sfp_core.detect.codec import CodecConfig
from sfp_core.detect.crop import CropRegion, tight_box, upright_turn_deg
from sfp_core.detect.detector import Detector
from sfp_core.detect.detector_file import write_detector, write_two_passes
from sfp_core.detect.network import NetworkConfig, StackedHourglass
from sfp_core.detect.passes import Pass, drawn_anew
from sfp_core.errors import SfpError
from sfp_core.heads.head import Head
from sfp_core.heads.identity import Identity
from sfp_core.heads.landmarks98 import landmarks98
from sfp_core.layout import WFLW_98
from sfp_core.render.camera import rotation_from_degrees
from sfp_core.weights import read_weights, write_weights
from training.join_passes import main

CONFIG = NetworkConfig(
    input_px=32,
    stem_channels=(8, 16),
    stem_blocks=(0, 1),
    channels=16,
    stages=1,
    depth=2,
    inner_channels=8,
    head_channels=8,
    neighbours=0,
)
NO_NEIGHBOURS: list[list[int]] = [[] for _ in range(98)]
BOX = (30.0, 20.0, 62.0, 56.0)


def _picture() -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (90, 110, 3)).astype(np.uint8)


def _written(path: Path, seed: int, *, upright: bool) -> Path:
    torch.manual_seed(seed)
    network = StackedHourglass(CONFIG)
    with torch.no_grad():
        network(torch.randn(8, 3, 32, 32))
    write_detector(path, network.eval(), CodecConfig(), NO_NEIGHBOURS, {"steps": seed}, upright=upright)
    return path


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return _written(tmp_path / "first.safetensors", 1, upright=False)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return _written(tmp_path / "second.safetensors", 2, upright=True)


@pytest.fixture
def joined(tmp_path: Path, first: Path, second: Path) -> Path:
    path = tmp_path / "joined.safetensors"
    write_two_passes(path, first, second)
    return path


@pytest.fixture(scope="module")
def face() -> np.ndarray:
    """The landmarks (98, 2) of a head seen from the front, y down."""
    head = Head(Identity())
    return landmarks98(head.pose({}), rotation_from_degrees(0, 0, 0))[:, :2] * np.array([100.0, -100.0])


def _turned(points: np.ndarray, turn_deg: float) -> np.ndarray:
    """Points turned clockwise as seen, y down."""
    angle = np.radians(turn_deg)
    return points @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


@pytest.mark.parametrize("turn_deg", [-150.0, -30.0, 0.0, 4.0, 75.0])
def test_the_turn_of_a_face_is_found(face: np.ndarray, turn_deg: float) -> None:
    assert upright_turn_deg(face) == pytest.approx(0, abs=0.2)  # heads have two equal sides
    assert upright_turn_deg(_turned(face, turn_deg)) == pytest.approx(upright_turn_deg(face) + turn_deg, abs=1e-9)


def test_a_mirrored_face_is_turned_the_other_way(face: np.ndarray) -> None:
    tipped = _turned(face, 20)
    mirrored = tipped[list(WFLW_98.mirror)] * np.array([-1.0, 1.0])
    assert upright_turn_deg(mirrored) == pytest.approx(-upright_turn_deg(tipped), abs=1e-9)


def test_an_upright_crop_hides_turn_size_and_place(face: np.ndarray) -> None:
    plain = CropRegion.of_face(face, upright=True).to_crop(face, 64)
    moved = 1.7 * _turned(face, 33) + np.array([40.0, -12.0])
    assert np.allclose(CropRegion.of_face(moved, upright=True).to_crop(moved, 64), plain, atol=1e-9)
    margins = np.array([plain.min(), 64 - plain.max()])
    assert np.allclose(margins, 64 * (1 - 1 / 1.25) / 2)  # the longer side touches the box
    assert CropRegion.of_face(moved) == CropRegion.of_box(tight_box(moved))


def test_the_second_network_sees_what_the_first_one_found(
    first: Path, joined: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector, alone, picture = Detector.load(joined), Detector.load(first), _picture()
    assert detector.second.upright and not detector.first.upright
    assert detector.training == {"steps": 2} and detector.first.training == {"steps": 1}
    once = alone.detect(picture, BOX, passes=1)[0].landmarks.points
    assert np.array_equal(detector.detect(picture, BOX, passes=1)[0].landmarks.points, once)
    assert detector._next_region(BOX, once) == CropRegion.of_box(BOX)  # what was found can be no face in that box
    monkeypatch.setattr("sfp_core.detect.passes.same_face", lambda old, new: True)
    region = detector._next_region(drawn_anew(BOX, once), once)
    assert region == CropRegion.of_face(once, upright=True) and abs(region.turn_deg) > 0.1
    twice = detector.detect(picture, BOX)[0].landmarks.points
    assert np.allclose(twice, detector.second([picture], [region])[0][0], atol=1e-4)
    assert np.abs(twice - once).max() > 0.01  # another network, so another answer


def test_a_film_is_followed_with_the_second_network_alone(joined: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    detector = Detector.load(joined)
    seen: list[str] = []
    for name, one in (("first", detector.first), ("second", detector.second)):

        def spy(pictures, regions, *, both_ways: bool = False, one: Pass = one, name: str = name):  # type: ignore[no-untyped-def]
            seen.append(name)
            points, confidence = one(pictures, regions, both_ways=both_ways)
            return points, np.ones_like(confidence)

        spy.region_of_box = one.region_of_box  # type: ignore[attr-defined]
        spy.region_of_face = one.region_of_face  # type: ignore[attr-defined]
        spy.margin = one.margin  # type: ignore[attr-defined]
        monkeypatch.setattr(detector, name, spy)
    monkeypatch.setattr("sfp_core.detect.detector.same_face", lambda old, new: True)
    frames = [_picture()] * 4
    film = detector.track(frames, BOX, fps=Fraction(24), steadied=False)
    assert seen == ["first", "second", "second", "second", "second"]
    assert all(face is not None for face in film)


def test_what_does_not_belong_together_is_refused(tmp_path: Path, first: Path, second: Path, joined: Path) -> None:
    out = tmp_path / "out.safetensors"
    with pytest.raises(SfpError, match=r"second\.safetensors: was trained to be a second pass; give it as the second"):
        write_two_passes(out, second, second)
    with pytest.raises(SfpError, match=r"first\.safetensors: was not trained to be a second pass"):
        write_two_passes(out, first, first)
    assert not out.exists()
    with pytest.raises(SfpError, match="is a second pass alone; join it to a first"):
        Detector.load(second)
    tensors, metadata = read_weights(joined)
    for broken in (
        {key: value for key, value in metadata.items() if key != "second"},
        metadata | {"second": "{}"},
        metadata | {"second": json.dumps({**json.loads(metadata["second"]), "network": "[]"})},
    ):
        write_weights(out, tensors, broken)
        with pytest.raises(SfpError, match="do not fit together"):
            Detector.load(out)


def test_a_new_second_pass_takes_the_place_of_the_old(tmp_path: Path, joined: Path, first: Path) -> None:
    newer, out = _written(tmp_path / "newer.safetensors", 3, upright=True), tmp_path / "out.safetensors"
    write_two_passes(out, joined, newer)
    assert Detector.load(out).training == {"steps": 3}
    write_two_passes(tmp_path / "straight.safetensors", first, newer)
    assert out.read_bytes() == (tmp_path / "straight.safetensors").read_bytes()


def test_the_command_joins(
    tmp_path: Path, first: Path, second: Path, joined: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.safetensors"
    assert main([str(first), str(second), "-o", str(out)]) == 0
    assert out.read_bytes() == joined.read_bytes()
    assert main([str(second), str(first), "-o", str(tmp_path / "x.safetensors")]) == 1
    assert "give it as the second" in capsys.readouterr().err
    assert main([str(first), str(second), "-o", str(tmp_path / "x.bin")]) == 1
    assert "ends in .safetensors" in capsys.readouterr().err


def test_a_pass_is_what_it_was_made_with(joined: Path) -> None:
    one = Detector.load(joined).second
    wider = replace(one, margin=1.5)
    assert wider.region_of_box(BOX).side == pytest.approx(one.region_of_box(BOX).side * 1.5 / 1.25)


def test_seen_both_ways_a_mirrored_picture_has_the_mirrored_landmarks(joined: Path) -> None:
    eyes, picture = Detector.load(joined, runtime="torch").second, _picture()
    width = picture.shape[1]
    region = CropRegion(46.0, 38.0, 44.0)
    turned = CropRegion(width - 46.0, 38.0, 44.0)
    mirrored = np.ascontiguousarray(picture[:, ::-1])
    points, confidence = eyes([picture], [region], both_ways=True)
    other, other_confidence = eyes([mirrored], [turned], both_ways=True)
    mirror = list(WFLW_98.mirror)
    assert np.abs(other[:, mirror] * (-1, 1) + (width, 0) - points).max() < 1e-4
    assert np.abs(other_confidence[:, mirror] - confidence).max() < 1e-5
    one_way = eyes([picture], [region])[0]
    assert np.abs(one_way - points).max() > 0.01  # this network has habits
