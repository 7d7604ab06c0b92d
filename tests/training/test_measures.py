"""NME, failing rate, area, regions and openings against displacements that were chosen first."""

from pathlib import Path

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.layout import IBUG_68, WFLW_98, ibug68_from_wflw98
from training.evaluation import evaluate
from training.labelled_sets import Group, LabelledSet, jittered_boxes
from training.measures import (
    crop_sides,
    opening_errors,
    openings,
    point_errors,
    profiles,
    regions,
    scale,
    score,
)


def some_faces(count: int, *, seed: int = 3) -> np.ndarray:
    """Points (count, 98, 2) within 200 px, outer eye corners exactly 80 px apart, along a slanted line."""
    points = np.random.default_rng(seed).uniform(0, 200, (count, 98, 2))
    points[:, 60], points[:, 72] = (60, 60), (60 + 64, 60 + 48)
    points[:, 0], points[:, 32] = (0, 100), (200, 100)  # every box is 200 px wide
    return points


def labelled(points: np.ndarray, **fields: object) -> LabelledSet:
    boxes = np.concatenate([points.min(axis=1), points.max(axis=1)], axis=1)
    layout = WFLW_98 if points.shape[1] == 98 else IBUG_68
    return LabelledSet("made up", layout, (Path("x.png"),) * len(points), points, boxes, **fields)  # type: ignore[arg-type]


def moved(points: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Each face with all its points moved by this share of 80 px, each point in a direction of its own."""
    angles = np.random.default_rng(4).uniform(0, 2 * np.pi, points.shape[:2])
    return points + 80 * shares[:, None, None] * np.stack([np.cos(angles), np.sin(angles)], -1)


def area_by_steps(errors: np.ndarray, steps: int = 100_000) -> float:
    """The area under the cumulative curve up to 0.1 over 0.1, summed column by column."""
    at = (np.arange(steps) + 0.5) / steps * 0.1
    return float(np.searchsorted(np.sort(errors), at, side="right").mean() / len(errors))


def test_a_known_displacement_gives_known_figures():
    shares = np.array([0.01, 0.02, 0.05, 0.12, 0.30])
    truth = some_faces(5)
    result = evaluate(labelled(truth), moved(truth, shares), detector="d", boxes="labelled")
    figures = result.record()
    assert np.allclose(result.measures["98"], shares, atol=1e-12)
    assert figures["nme98"] == pytest.approx(10.0, abs=1e-4)  # (1 + 2 + 5 + 12 + 30) / 5
    assert figures["median98"] == pytest.approx(5.0, abs=1e-4)
    assert figures["fr10_98"] == pytest.approx(40.0, abs=1e-4)  # two of five
    assert figures["auc10_98"] == pytest.approx((0.9 + 0.8 + 0.5) / 5, abs=1e-4)


def test_area_is_that_of_the_curve_summed_by_columns():
    errors = np.random.default_rng(5).gamma(2, 0.03, 400)
    assert score(errors).auc10 == pytest.approx(area_by_steps(errors), abs=1e-4)  # a column is 1e-5 of the width


def test_perfect_answers_have_area_one_and_no_error():
    truth = some_faces(4)
    figures = evaluate(labelled(truth), truth, detector="d", boxes="labelled").record()
    for key in ("98", "51", "68"):
        assert (figures[f"nme{key}"], figures[f"fr10_{key}"], figures[f"auc10_{key}"]) == (0, 0, 1)
    assert set(figures["regions"].values()) == {0}
    assert figures["openings"]["eyes"]["error"] == 0 and figures["openings"]["mouth"]["correlation"] == 1


def test_an_error_at_the_threshold_is_no_failure():
    assert score(np.array([0.1])).fr10 == 0 and score(np.array([0.1 + 1e-9])).fr10 == 100


def test_no_faces_have_no_figures():
    assert score(np.zeros(0)).faces == 0 and np.isnan(score(np.zeros(0)).nme)


@pytest.mark.parametrize("layout", [WFLW_98, IBUG_68], ids=lambda layout: layout.name)
def test_regions_part_the_face(layout):
    together = np.concatenate(list(regions(layout).values()))
    assert sorted(together) == list(range(layout.count))
    assert ("pupils" in regions(layout)) == (layout is WFLW_98)


def test_a_moved_mouth_is_an_error_of_the_mouth_alone():
    truth = some_faces(3)
    found = truth.copy()
    found[:, 76:96] += (0, 8.0)
    result = evaluate(labelled(truth), found, detector="d", boxes="labelled").record()
    assert result["regions"] == {"contour": 0, "brows": 0, "nose": 0, "eyes": 0, "mouth": 10, "pupils": 0}
    assert result["nme98"] == pytest.approx(10 * 20 / 98, abs=1e-4)
    assert result["nme68"] == pytest.approx(10 * 20 / 68, abs=1e-4)  # the 20 points of the mouth are in both layouts
    assert result["nme51"] == pytest.approx(10 * 20 / 51, abs=1e-4)
    assert result["openings"]["mouth"]["error"] == pytest.approx(0, abs=1e-4)  # moved, but no wider


def test_truth_of_68_points_is_compared_with_the_68_that_98_imply():
    found = some_faces(3)
    truth = ibug68_from_wflw98(found)
    truth[:, IBUG_68.group("contour")] += (0, 4.0)
    figures = evaluate(labelled(truth), found, detector="d", boxes="labelled").record()
    assert figures["nme51"] == 0 and "nme98" not in figures
    assert figures["nme68"] == pytest.approx(5 * 17 / 68, abs=1e-4)


def test_lids_found_too_closed_show_as_error_and_bias():
    truth = np.zeros((2, 98, 2))
    truth[:, 60], truth[:, 72] = (0, 0), (100, 0)
    for upper, lower in ((61, 67), (62, 66), (63, 65), (69, 75), (70, 74), (71, 73)):
        truth[0, upper], truth[0, lower] = (20, -10), (20, 10)
        truth[1, upper], truth[1, lower] = (20, -4), (20, 4)
    truth[:, 90], truth[:, 94] = (50, 60), (50, 90)
    assert openings(truth, WFLW_98)["mouth"].tolist() == [30, 30]
    found = truth.copy()
    found[0, 61:64, 1] += 6.0  # the image's left eye of the first face by 6 of its 20 px
    assert openings(truth, WFLW_98)["left_eye"].tolist() == [20, 8]
    eyes = opening_errors(found, truth, np.full(2, 100.0), WFLW_98)["eyes"]
    assert eyes.error == pytest.approx(6 / 4) and eyes.bias == pytest.approx(-6 / 4)  # one of four eyes
    assert 0.8 < eyes.correlation < 1


def test_faces_with_near_eye_corners_are_counted_apart():
    truth = some_faces(4)
    box_side = np.ptp(truth, axis=1).max(axis=1)
    truth[2, 72] = truth[2, 60] + (0.124 * box_side[2], 0)  # the crop is 1.25 boxes wide, so a tenth of it is 0.125
    truth[3, 72] = truth[3, 60] + (0.126 * box_side[3], 0)
    found = truth.copy()
    found[2] += (50, 0)
    group = Group("look", "all", np.ones(4, bool))
    result = evaluate(labelled(truth, groups=(group,)), found, detector="d", boxes="labelled")
    assert result.profile.tolist() == [False, False, True, False]
    figures = result.record()
    assert (figures["nme98"], figures["profiles"]) == (0, 1)
    assert figures["nme98_with_profiles"] > 0 and figures["box_error_profiles"] > 0
    assert (result.rows[0].fair.faces, result.rows[0].profiles, result.rows[0].every.faces) == (3, 1, 4)
    assert result.worst(24, profiles=True) == [2] and 2 not in result.worst(24)


def test_eye_corners_in_one_place_give_finite_errors():
    truth = some_faces(1)
    truth[0, 72] = truth[0, 60]
    sides = crop_sides(labelled(truth).boxes)
    assert profiles(truth, sides, WFLW_98).all()
    assert np.isfinite(point_errors(truth + 1, truth, scale(truth, sides, WFLW_98))).all()


def test_profiles_alone_leave_the_other_figures_empty():
    truth = some_faces(1)
    truth[0, 72] = truth[0, 60] + (1, 0)
    figures = evaluate(labelled(truth), truth, detector="d", boxes="labelled").record()
    assert figures["nme98"] is None and figures["openings"] == {}


def test_answers_that_are_no_numbers_are_refused():
    truth = some_faces(2)
    with pytest.raises(SfpError, match=r"expected finite ones, \(2, 98, 2\)"):
        evaluate(labelled(truth), np.full_like(truth, np.nan), detector="d", boxes="labelled")
    with pytest.raises(SfpError, match=r"found \(1, 98, 2\)"):
        evaluate(labelled(truth), truth[:1], detector="d", boxes="labelled")


def test_jitter_keeps_its_promise_and_does_not_depend_on_later_faces():
    boxes = np.tile([100.0, 50.0, 300.0, 150.0], (2000, 1))
    drawn = jittered_boxes(boxes, 7)
    size = drawn[:, 2:] - drawn[:, :2]
    shift = ((drawn[:, 2:] + drawn[:, :2]) / 2 - (200, 100)) / (200, 100)
    factor = size / (200, 100)
    assert np.allclose(factor[:, 0], factor[:, 1])
    assert 1.0 <= factor.min() < 1.01 and 1.29 < factor.max() <= 1.3
    assert np.abs(shift).max() <= 0.1 and (shift.max(axis=0) > 0.099).all() and (shift.min(axis=0) < -0.099).all()
    assert np.abs(np.corrcoef(np.column_stack([factor[:, 0], shift]).T) - np.eye(3)).max() < 0.1
    assert np.array_equal(jittered_boxes(boxes[:5], 7), drawn[:5])
    assert not np.array_equal(jittered_boxes(boxes, 8), drawn)


def test_some_faces_are_spread_over_the_set():
    groups = (Group("look", "last", np.arange(10) == 9), Group("look", "second", np.arange(10) == 1))
    few = labelled(some_faces(10), groups=groups).some(4)
    assert len(few) == 4
    assert [(group.name, group.members.tolist()) for group in few.groups] == [("last", [False, False, False, True])]
