"""Landmark clips in canonical space and at another rate."""

from fractions import Fraction

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.geometry import Similarity
from sfp_core.landmarks import LandmarkSequence
from sfp_core.layout import IBUG_68, WFLW_98
from sfp_core.retarget import canonical, resampled


def _face(seed: int) -> np.ndarray:
    points = np.random.default_rng(seed).normal(0.0, 0.3, (98, 2))
    points[60], points[72] = (-0.5, 0.0), (0.5, 0.0)
    return points


def _speaking(face: np.ndarray, openings: np.ndarray) -> np.ndarray:
    """The face with the lower lip lowered by each of the openings."""
    points = np.repeat(face[None], len(openings), axis=0)
    points[:, 94, 1] += openings
    return points


OPENINGS = np.concatenate([np.zeros(4), np.linspace(0.0, 0.3, 12)])


def test_image_space_becomes_canonical_and_its_tilt_the_roll() -> None:
    tilt = Similarity(140.0, np.deg2rad(12.0), np.array([300.0, 200.0]))  # y down: clockwise, to the viewer's right
    face = _face(3)
    sequence = LandmarkSequence(tilt.apply(face)[None], Fraction(24), WFLW_98, "image")
    upright = canonical(sequence)
    assert upright.space == "canonical"
    assert np.allclose(upright.points[0], face, atol=1e-9)
    assert upright.head_deg is not None
    assert np.allclose(upright.head_deg, [[0.0, 0.0, 12.0]], atol=1e-9)


def test_another_layout_is_refused() -> None:
    with pytest.raises(SfpError, match="layout ibug68; expected wflw98"):
        canonical(LandmarkSequence(np.zeros((1, 68, 2)), Fraction(24), IBUG_68))


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(24000, 1001), Fraction(60)], ids=str)
def test_resampling_keeps_the_time_of_a_linear_motion(fps: Fraction) -> None:
    source = Fraction(125, 2)
    times = np.arange(200) / float(source)
    sequence = LandmarkSequence(_speaking(_face(1), 0.2 * times), source, WFLW_98)
    result = resampled(sequence, fps)
    new_times = np.arange(result.frames) / float(fps)
    assert result.fps == fps
    assert times[-1] - 1 / float(fps) < new_times[-1] <= times[-1]
    assert np.allclose(result.points, _speaking(_face(1), 0.2 * new_times), atol=1e-12)


def test_resampling_to_the_same_rate_changes_nothing() -> None:
    sequence = LandmarkSequence(_speaking(_face(1), OPENINGS), Fraction(30), WFLW_98)
    assert resampled(sequence, Fraction(30)) is sequence
