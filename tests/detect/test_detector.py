"""The detector around its network; that the shipped weights know faces is checked at the end."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sfp_core.detect.codec import Codec, CodecConfig
from sfp_core.detect.crop import MARGIN
from sfp_core.detect.detector import SHIPPED_WEIGHTS, Detector
from sfp_core.detect.detector_file import write_detector
from sfp_core.detect.finder import FoundFace
from sfp_core.detect.network import NetworkConfig, StackedHourglass
from sfp_core.detect.passes import Pass
from sfp_core.errors import SfpError
from sfp_core.files import sha256_of
from sfp_core.weights import read_weights, write_weights

CONFIG = NetworkConfig(
    input_px=32,
    stem_channels=(8, 16),
    stem_blocks=(0, 1),
    channels=16,
    stages=2,
    depth=2,
    inner_channels=8,
    head_channels=8,
    neighbours=3,
)
NEIGHBOURS = [[(i + j + 1) % 98 for j in range(3)] for i in range(98)]
PICTURE = np.random.default_rng(7).integers(0, 256, (90, 110, 3)).astype(np.uint8)
BOX = (30.0, 20.0, 62.0, 56.0)


def _network() -> StackedHourglass:
    torch.manual_seed(1)
    network = StackedHourglass(CONFIG)
    with torch.no_grad():
        network(torch.randn(8, 3, 32, 32))
    return network.eval()


def _detector(**codec: object) -> Detector:
    config = CodecConfig(**codec)  # type: ignore[arg-type]
    return Detector(Pass(_network(), Codec(config, grid=CONFIG.grid, neighbours=NEIGHBOURS)))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "d.safetensors"
    write_detector(path, _network(), CodecConfig(), NEIGHBOURS, {"steps": 3})
    return path


def test_weights_come_back_without_the_neighbour_heads(weights: Path) -> None:
    loaded = Detector.load(weights)
    assert loaded.training == {"steps": 3}
    assert loaded.sha256 == sha256_of(weights)
    assert loaded.first.network.config.neighbours == 0
    assert not any("neighbour" in name for name in loaded.first.network.state_dict())
    mine, theirs = (d.detect(PICTURE, BOX)[0].landmarks for d in (_detector(), loaded))
    # float16 keeps 3 digits of weights; the crop is 45 px wide
    assert np.abs(mine.points - theirs.points).max() < 0.05
    assert np.abs(mine.confidence - theirs.confidence).max() < 0.01


def test_weights_that_vote_keep_the_neighbour_heads(tmp_path: Path) -> None:
    path = tmp_path / "d.safetensors"
    write_detector(path, _network(), CodecConfig(votes=True), NEIGHBOURS, {})
    loaded = Detector.load(path)
    assert loaded.first.network.config.neighbours == 3
    voted, alone = loaded.detect(PICTURE, BOX)[0], _detector().detect(PICTURE, BOX)[0]
    assert np.abs(voted.landmarks.points - alone.landmarks.points).max() > 0.5
    assert np.abs(voted.landmarks.points - _detector(votes=True).detect(PICTURE, BOX)[0].landmarks.points).max() < 0.1


def test_landmarks_move_with_picture_and_box() -> None:
    moved = np.zeros((200, 200, 3), np.uint8)
    moved[13 : 13 + 90, 41 : 41 + 110] = PICTURE
    box = (BOX[0] + 41, BOX[1] + 13, BOX[2] + 41, BOX[3] + 13)
    detector = _detector()
    here, there = detector.detect(PICTURE, BOX)[0], detector.detect(moved, box)[0]
    assert np.allclose(there.landmarks.points, here.landmarks.points + np.array([41, 13]), atol=1e-3)
    assert here.box == BOX


def test_landmarks_scale_with_picture_and_box() -> None:
    """Tripled pixels are averaged back to the very crop."""
    box = (30.0, 20.0, 55.6, 45.6)  # 25.6 * MARGIN = 32: the crop is cut at the scale of the picture
    assert np.isclose(25.6 * MARGIN, CONFIG.input_px)
    large = PICTURE.repeat(3, 0).repeat(3, 1)
    detector = _detector()
    small, tripled = detector.detect(PICTURE, box)[0], detector.detect(large, tuple(3 * e for e in box))[0]
    assert np.allclose(tripled.landmarks.points, 3 * small.landmarks.points, atol=0.5)


def test_batches_of_any_size_give_the_same() -> None:
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (60 + i, 80 - i, 3)).astype(np.uint8) for i in range(7)]
    boxes = [(5.0 + i, 4.0, 40.0 + i, 44.0) for i in range(7)]
    detector = _detector()
    singly = [detector.detect(p, b)[0] for p, b in zip(pictures, boxes, strict=True)]
    together = detector.detect_many((p for p in pictures), boxes, batch=3)
    assert len(together) == 7
    for one, other in zip(singly, together, strict=True):
        assert np.allclose(one.landmarks.points, other.landmarks.points, atol=1e-3)
        assert one.box == other.box


def test_an_overhanging_box_is_used_and_one_outside_is_told() -> None:
    detector = _detector()
    found = detector.detect(PICTURE, (-20, -20, 20, 20))
    assert len(found) == 1 and np.isfinite(found[0].landmarks.points).all()
    with pytest.raises(SfpError, match="wholly outside the picture of 110 x 90 px"):
        detector.detect(PICTURE, (111, 0, 140, 30))
    with pytest.raises(SfpError, match="box of picture 1: "):
        detector.detect_many([PICTURE, PICTURE], [BOX, (0, 90, 10, 99)])


def test_without_a_box_the_finder_is_asked() -> None:
    class Given:
        def __init__(self, *boxes: tuple[float, float, float, float]) -> None:
            self.boxes = boxes

        def find(self, picture: np.ndarray) -> list[FoundFace]:
            assert picture is PICTURE
            return [FoundFace(box, 0.9) for box in self.boxes]

    detector = _detector()
    for boxes in ((), (BOX,), (BOX, (5.0, 5.0, 40.0, 40.0))):
        detector._finder = Given(*boxes)  # type: ignore[assignment]
        found = detector.detect(PICTURE, passes=1)
        assert tuple(face.box for face in found) == boxes


def test_confidence_is_between_0_and_1() -> None:
    confidence = _detector().detect(PICTURE, BOX)[0].landmarks.confidence
    assert confidence.shape == (98,)
    assert (confidence > 0).all() and (confidence <= 1).all()


def test_weights_of_something_else_are_told(tmp_path: Path, weights: Path) -> None:
    tensors, metadata = read_weights(weights)
    other = tmp_path / "other.safetensors"
    write_weights(other, tensors, {**metadata, "kind": "mapper"})
    with pytest.raises(SfpError, match="kind 'mapper'; expected 'detector'"):
        Detector.load(other)
    write_weights(other, {k: v for k, v in tensors.items() if "stem" not in k}, metadata)
    with pytest.raises(SfpError, match="do not fit together") as caught:
        Detector.load(other)
    assert "\n" not in str(caught.value)
    write_weights(other, tensors, {**metadata, "network": "{"})
    with pytest.raises(SfpError, match="do not fit together"):
        Detector.load(other)


@pytest.mark.skipif(not SHIPPED_WEIGHTS.exists(), reason="the detector's weights are not in this checkout")
def test_shipped_weights_are_small_and_say_where_they_come_from() -> None:
    assert SHIPPED_WEIGHTS.stat().st_size <= 12e6
    training = Detector.load().training
    assert training["steps"] > 0 and training["val_nme_percent"] < 7  # of hard scenes, profiles included
