"""Measures of a face, and faces given measures."""

import numpy as np

from sfp_core.layout import WFLW_98
from sfp_core.retarget.measures import given, measured, measures, places

RNG = np.random.default_rng(4)


def test_a_face_given_values_measures_exactly_these() -> None:
    points, values = RNG.normal(size=(5, 98, 2)), RNG.normal(size=(5, len(measures())))
    assert np.allclose(measured(given(points, values)), values, atol=1e-9)


def test_a_face_given_its_own_values_stays() -> None:
    points = RNG.normal(size=(5, 98, 2))
    assert np.allclose(given(points, measured(points)), points, atol=1e-12)


def test_a_mirrored_face_measures_the_same_on_the_other_side() -> None:
    points = RNG.normal(size=(98, 2))
    mirrored = points[list(WFLW_98.mirror)] * (-1, 1)
    here = dict(zip([one.name for one in measures()], measured(points), strict=True))
    there = dict(zip([one.name for one in measures()], measured(mirrored), strict=True))
    for name in ("corner", "brow_inner", "brow_outer"):
        assert np.isclose(here[f"{name}_left"], there[f"{name}_right"])
    assert np.isclose(here["gaze_left_x"], -there["gaze_right_x"])
    assert np.isclose(here["mouth_shift"], -there["mouth_shift"])
    for same in ("lip_gap_middle", "mouth_width", "jaw"):
        assert np.isclose(here[same], there[same])


def test_brows_and_mouth_do_not_move_each_other() -> None:
    points = RNG.normal(size=(98, 2))
    values = measured(points)
    values[places(part="brows")] += 0.1
    moved = np.linalg.norm(given(points, values) - points, axis=1)
    brows = np.concatenate([WFLW_98.group("left_brow"), WFLW_98.group("right_brow")])
    assert (moved[brows] > 0.01).all()
    assert np.delete(moved, brows).max() < 1e-12
