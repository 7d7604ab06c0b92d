"""Landmarks of a capture's pictures."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sfp_core.character.anchor import ANCHORS, anchored
from sfp_core.character.capture import Capture, capture_character
from sfp_core.character.observe import observe
from sfp_core.character.poses import pose_set
from sfp_core.errors import SfpError
from sfp_core.geometry import normalize
from sfp_core.layout import WFLW_98


@pytest.fixture
def capture(dots: Any, tmp_path: Path) -> Capture:
    return capture_character(dots, pose_set(dots.rig, count=60, seed=0), tmp_path, size=64)


def test_exact_detections_give_the_exact_face_whatever_turn_and_size(
    dots: Any, detector_of: Any, capture: Capture, tmp_path: Path
) -> None:
    seen = observe(capture, tmp_path, detector_of(dots, noise=0.0))
    truth = dots.landmarks(capture.values)
    neutral = normalize(dots.landmarks(dots.rig.neutral[None])[0], WFLW_98)[0]
    assert np.abs(seen.neutral - neutral).max() < 2e-3  # the mean of pictures that are turned a little
    assert np.array_equal(seen.used, np.arange(60))
    # the upper lids of this rig do not carry the anchors, so the anchored motion is the rig's own
    moved = (seen.points - seen.neutral) - (truth - truth[0])
    assert np.abs(moved[:, list(ANCHORS)]).max() < 1e-3
    assert np.abs(moved).max() < 3e-3


def test_missing_and_broken_pictures_are_listed_and_the_others_used(
    dots: Any, detector_of: Any, capture: Capture, tmp_path: Path
) -> None:
    (tmp_path / "00020.jpg").unlink()
    (tmp_path / "00021.jpg").write_bytes(b"not a picture")
    seen = observe(capture, tmp_path, detector_of(dots, noise=0.0))
    assert np.array_equal(seen.used, np.delete(np.arange(60), [20, 21]))
    assert len(seen.problems) == 2
    assert all(name in problem for name, problem in zip(("00020.jpg", "00021.jpg"), seen.problems, strict=True))
    swept = dots.landmarks(capture.values)[22]
    assert np.abs(seen.points[20] - seen.neutral - (swept - dots.landmarks(dots.rig.neutral[None])[0])).max() < 3e-3


def test_too_few_pictures_or_no_face_is_refused(dots: Any, detector_of: Any, capture: Capture, tmp_path: Path) -> None:
    with pytest.raises(SfpError, match=r"no face found in the neutral picture 00000\.jpg"):
        observe(capture, tmp_path, detector_of(dots, blind=True))
    for number in range(30, 43):
        (tmp_path / f"{number:05d}.jpg").unlink()
    with pytest.raises(SfpError, match=r"only 47 of 60 pictures can be used, expected at least 80%.*and 8 more"):
        observe(capture, tmp_path, detector_of(dots), box=(5.0, 5.0, 60.0, 60.0))


def test_anchoring_undoes_any_similarity_and_keeps_motion() -> None:
    rng = np.random.default_rng(0)
    reference = rng.normal(size=(98, 2))
    moved = np.tile(reference, (4, 1, 1))
    moved[:, 76:] += rng.normal(size=(4, 22, 2))
    angle, scale, shift = 0.4, 3.0, np.array([7.0, -2.0])
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    assert np.allclose(anchored(moved @ turn.T + shift, reference), moved, atol=1e-12)


def test_anchoring_refuses_a_face_without_size_and_another_shape() -> None:
    reference = np.random.default_rng(0).normal(size=(98, 2))
    with pytest.raises(SfpError, match="frame 1: the eye corners coincide"):
        anchored(np.stack([reference, np.zeros((98, 2))]), reference)
    with pytest.raises(SfpError, match=r"expected \(frames, 98, 2\) numbers, got \(98, 2\)"):
        anchored(reference, reference)
