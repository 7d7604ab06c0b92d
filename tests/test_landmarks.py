from fractions import Fraction

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.face import Face, lip_aperture, mouth_width
from sfp_core.landmarks import Event, Landmarks, LandmarkSequence
from sfp_core.layout import IBUG_68, WFLW_98

POINTS = np.random.default_rng(0).normal(size=(98, 2))
REACH = {
    **dict.fromkeys(("mouth_open", "mouth_wide", "mouth_narrow"), 0.1),
    **dict.fromkeys(("corner_up", "corner_down", "brow_up", "brow_down"), 0.2),
}


def test_landmarks_are_copied_locked_and_confident_by_default():
    points = POINTS.copy()
    landmarks = Landmarks(points, WFLW_98)
    points[0] = 99
    assert np.array_equal(landmarks.points, POINTS)
    assert landmarks.confidence.tolist() == [1.0] * 98
    assert landmarks.points.dtype == np.float64
    with pytest.raises(ValueError, match="read-only"):
        landmarks.points[0] = 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((POINTS[:68], WFLW_98), r"points: expected an array of shape \(98, 2\), got \(68, 2\)"),
        ((POINTS, IBUG_68), r"points: expected an array of shape \(68, 2\)"),
        ((POINTS * np.nan, WFLW_98), "196 numbers are not finite"),
        ((POINTS, WFLW_98, "crop"), "space 'crop' is unknown; expected one of image, canonical"),
        ((POINTS, WFLW_98, "image", np.ones(68)), r"confidence: expected an array of shape \(98,\), got \(68,\)"),
    ],
)
def test_landmarks_that_cannot_be_are_refused(arguments, message):
    with pytest.raises(SfpError, match=message):
        Landmarks(*arguments)


def test_a_sequence_is_copied_locked_and_may_be_empty():
    points = np.tile(POINTS, (4, 1, 1))
    sequence = LandmarkSequence(points, Fraction(24), WFLW_98)
    points[0] = 99
    assert np.array_equal(sequence.points[0], POINTS)
    assert sequence.frames == 4
    assert sequence.confidence.shape == (4, 98)
    assert LandmarkSequence(np.zeros((0, 98, 2)), Fraction(24), WFLW_98).frames == 0
    with pytest.raises(ValueError, match="read-only"):
        sequence.points[0] = 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"points": POINTS}, r"shape \(98, 98, 2\)"),
        ({"fps": 24}, "fps must be a Fraction above 0, got 24"),
        ({"fps": Fraction(0)}, "fps must be a Fraction above 0"),
        ({"head_deg": np.zeros((3, 3))}, r"head_deg: expected an array of shape \(4, 3\), got \(3, 3\)"),
        ({"confidence": np.zeros((4, 97))}, r"confidence: expected an array of shape \(4, 98\)"),
        ({"space": "pixels"}, "space 'pixels' is unknown"),
    ],
)
def test_sequences_that_cannot_be_are_refused(options, message):
    good = {"points": np.tile(POINTS, (4, 1, 1)), "fps": Fraction(24), "layout": WFLW_98}
    with pytest.raises(SfpError, match=message):
        LandmarkSequence(**good | options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sneeze", 0, 1), "event kind 'sneeze' is unknown; expected one of lip_seal, lip_tuck, blink"),
        (("blink", 2.0, 1.0), "starts at 2.0 s, but ends at 1.0 s"),
        (("blink", float("nan"), 1.0), "starts at nan s"),
        (("blink", 0.0, float("nan")), "ends at nan s"),
        (("blink", 0.0, float("inf")), "ends at inf s"),
    ],
)
def test_events_that_cannot_be_are_refused(arguments, message):
    with pytest.raises(SfpError, match=message):
        Event(*arguments)


def test_a_face_needs_all_of_its_reach():
    face = Face(POINTS, WFLW_98, REACH)
    assert np.array_equal(face.neutral, POINTS)
    with pytest.raises(TypeError):
        face.reach["mouth_open"] = 3
    with pytest.raises(SfpError, match="reach must give mouth_open"):
        Face(POINTS, WFLW_98, {"mouth_open": 1.0})
    with pytest.raises(SfpError, match="numbers >= 0"):
        Face(POINTS, WFLW_98, REACH | {"brow_up": -1.0})
    with pytest.raises(SfpError, match=r"neutral must be \(98, 2\) finite numbers"):
        Face(POINTS[:5], WFLW_98, REACH)


def test_aperture_and_width_are_distances_of_the_middle_and_the_corners():
    points = np.zeros((2, 98, 2))
    points[0, 90], points[0, 94] = (0.1, 0.3), (0.1, 0.5)
    points[1, 76], points[1, 82] = (-0.3, 0.4), (0.1, 0.1)
    assert lip_aperture(points) == pytest.approx([0.2, 0.0])
    assert mouth_width(points) == pytest.approx([0.0, 0.5])
