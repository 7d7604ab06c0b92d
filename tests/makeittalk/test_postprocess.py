from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import scipy.signal

from makeittalk_bridge.blinks import blink_frames, closure, with_lids
from makeittalk_bridge.postprocess import (
    FOR_CARTOONS,
    PostProcessing,
    composed,
    finished,
    inner_lip_area,
    narrowed,
    rested,
    smoothed,
    untangled,
    with_shut_mouth,
)
from sfp_core.errors import SfpError

ORIGINAL = PostProcessing()
NOTHING = PostProcessing(
    amp_lip_x=1,
    amp_lip_y=1,
    amp_pos=1,
    pose_window=1,
    close_pose_mouth=0,
    rest_share=0,
    untangle_lips=False,
    straighten_nose=False,
    track_window=1,
    narrow_eyes=0,
    blinks=False,
    face_window=1,
    mouth_window=1,
)


@pytest.fixture
def moved() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(60, 68, 3))


def test_defaults_are_those_of_the_original() -> None:
    assert {field.name: getattr(ORIGINAL, field.name) for field in fields(ORIGINAL)} == {
        "amp_lip_x": 2.0,
        "amp_lip_y": 2.0,
        "amp_pos": 0.5,
        "pose_window": 31,
        "close_pose_mouth": 0.99,
        "rest_share": 0.5,
        "untangle_lips": True,
        "straighten_nose": True,
        "track_window": 5,
        "narrow_eyes": 0.05,
        "blinks": True,
        "face_window": 15,
        "mouth_window": 5,
    }
    assert (FOR_CARTOONS.face_window, FOR_CARTOONS.mouth_window, FOR_CARTOONS.blinks) == (17, 11, False)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"amp_pos": float("nan")}, "amp_pos is nan; expected a finite number"),
        ({"close_pose_mouth": 1.1}, "close_pose_mouth is 1.1; expected 0 to 1"),
        ({"rest_share": -0.1}, "rest_share is -0.1; expected 0 to 1"),
        ({"face_window": 14}, "face_window is 14; expected an odd number from 1"),
        ({"track_window": -1}, "track_window is -1; expected an odd number from 1"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_an_option_that_cannot_be_is_named(change: dict[str, Any], what: str) -> None:
    with pytest.raises(SfpError, match=f"post-processing: {what}"):
        replace(ORIGINAL, **change)


@pytest.mark.parametrize("window", [1, 5, 31])
def test_smoothing_keeps_a_cubic_and_is_scipys(moved: np.ndarray, window: int) -> None:
    time = np.linspace(-1, 1, 60)[:, None]
    cubic = 1 + 2 * time - 3 * time**2 + 0.5 * time**3
    assert np.abs(smoothed(cubic, window) - cubic).max() < 1e-12
    if window > 3:
        assert np.array_equal(smoothed(moved, window), scipy.signal.savgol_filter(moved, window, 3, axis=0))


@pytest.mark.parametrize("frames", range(1, 34))
def test_a_clip_shorter_than_the_window_is_smoothed_as_in_the_original(moved: np.ndarray, frames: int) -> None:
    window = min(frames - 1, 31) // 2 * 2 + 1
    short = moved[:frames]
    expected = scipy.signal.savgol_filter(short, window, 3, axis=0) if window > 3 else short
    assert np.abs(smoothed(short, 31) - expected).max() < 1e-12


def test_a_shut_mouth_moves_as_one(moved: np.ndarray) -> None:
    pairs = [(49, 59), (50, 58), (51, 57), (52, 56), (53, 55), (61, 67), (62, 66), (63, 65)]
    shut, nearly = with_shut_mouth(moved, 1.0), with_shut_mouth(moved, 0.99)
    for upper, lower in pairs:
        assert np.allclose(shut[:, upper], (moved[:, upper] + moved[:, lower]) / 2)
        assert np.allclose(shut[:, upper], shut[:, lower])
        apart = nearly[:, upper] - nearly[:, lower]
        assert np.allclose(apart, 0.01 * (moved[:, upper] - moved[:, lower]))
    others = sorted(set(range(68)) - {index for pair in pairs for index in pair})
    assert np.array_equal(shut[:, others], moved[:, others])


@pytest.mark.parametrize(("share", "count"), [(0.5, 30), (0.25, 15), (0.001, 1), (1.0, 60)])
def test_rest_is_the_mean_of_the_lowest(moved: np.ndarray, share: float, count: int) -> None:
    expected = moved - np.sort(moved, axis=0)[:count].mean(axis=0)
    assert np.abs(rested(moved, share) - expected).max() < 1e-12
    assert np.abs(rested(moved + 5.0, share) - expected).max() < 1e-12  # where it was does not matter


def test_one_frame_is_at_rest(moved: np.ndarray) -> None:
    assert not rested(moved[:1], 0.5).any()


def _mouths(openings: list[float]) -> np.ndarray:
    """Faces with inner lips opened so far (below 0: passed through each other), outer lips 0.1 beyond, y down."""
    points = np.random.default_rng(1).normal(size=(len(openings), 68, 3))
    across = np.linspace(-0.4, 0.4, 5)
    for face, opening in zip(points, openings, strict=True):
        half = opening / 2 * np.array([0, 0.7, 1, 0.7, 0])
        face[[60, 61, 62, 63, 64], :2] = np.stack([across, -half], axis=1)
        face[[67, 66, 65], :2] = np.stack([across, half], axis=1)[1:4]
        face[[48, 54], :2] = [[-0.5, 0], [0.5, 0]]
        face[[49, 50, 51, 52, 53], :2] = np.stack([across, -half - 0.1], axis=1)
        face[[59, 58, 57, 56, 55], :2] = np.stack([across, half + 0.1], axis=1)
    return points


def test_area_of_the_inner_lips_by_hand() -> None:
    """Three trapezoids and two triangles, 0.2 wide: 0.2 h (0.7/2 + 1.7/2 + 1.7/2 + 0.7/2) = 0.48 h."""
    assert inner_lip_area(_mouths([0.5, 0.0, -0.25])) == pytest.approx([0.24, 0.0, -0.12])


def test_lips_in_order_are_left_alone() -> None:
    points = _mouths([0.1, 0.0, 0.3])
    assert np.array_equal(untangled(points), points)


def test_lips_that_passed_through_each_other_touch() -> None:
    points = _mouths([0.2, -0.1, 0.1])
    right = untangled(points)
    assert np.array_equal(right[[0, 2]], points[[0, 2]])
    assert np.abs(right[1, [61, 62, 63]] - right[1, [67, 66, 65]]).max() == 0
    assert np.allclose(right[1, [61, 62, 63]], (points[1, [61, 62, 63]] + points[1, [67, 66, 65]]) / 2)
    before, after = points[0], right[1]
    for outer, inner in zip(
        (49, 50, 51, 52, 53, 55, 56, 57, 58, 59), (60, 61, 62, 63, 64, 64, 65, 66, 67, 60), strict=True
    ):
        assert after[outer, 1] - after[inner, 1] == pytest.approx(before[outer, 1] - before[inner, 1])
        assert np.array_equal(after[outer, [0, 2]], points[1, outer, [0, 2]])  # only heights change
    untouched = sorted(set(range(68)) - {*range(49, 54), *range(55, 60), *range(61, 64), *range(65, 68)})
    assert np.array_equal(after[untouched], points[1, untouched])


def test_a_row_of_tangled_frames_keeps_the_last_good_lips() -> None:
    right = untangled(_mouths([0.2, -0.1, -0.3, -0.2]))
    heights = right[:, [51], 1] - right[:, [62], 1]
    assert heights == pytest.approx(np.full((4, 1), heights[0, 0]))
    assert (inner_lip_area(right[1:]) >= -1e-12).all()


def test_a_tangled_first_frame_keeps_its_own_outer_lips() -> None:
    points = _mouths([-0.1, 0.1])
    right = untangled(points)
    assert np.allclose(right[0, 48:60], points[0, 48:60])
    assert inner_lip_area(right)[0] == pytest.approx(0)


def test_composition_is_the_sum_of_its_parts(moved: np.ndarray, template: np.ndarray) -> None:
    content, pose = moved[:, ::-1], moved
    assert np.allclose(composed(content, pose, template, options=NOTHING), template + content + pose)
    louder = composed(content, pose, template, options=replace(NOTHING, amp_lip_x=2, amp_lip_y=3, amp_pos=0.25))
    gains = np.ones((68, 3))
    gains[48:, :2] = 2, 3
    assert np.allclose(louder, template + content * gains + 0.25 * pose)


def test_composition_in_the_order_of_the_original(moved: np.ndarray, template: np.ndarray) -> None:
    content, pose = moved[:, ::-1] * 0.01, moved * 0.01
    expected_pose = 0.5 * with_shut_mouth(scipy.signal.savgol_filter(pose, 31, 3, axis=0), 0.99)
    expected_lips = content - np.sort(content, axis=0)[:30].mean(axis=0)
    expected_lips[:, 48:, :2] *= 2
    expected = untangled(template + expected_pose + expected_lips)
    assert np.abs(composed(content, pose, template, options=ORIGINAL) - expected).max() < 1e-12


def test_nothing_is_done_where_all_options_are_off(moved: np.ndarray) -> None:
    assert np.array_equal(finished(moved, np.zeros(60), options=NOTHING), moved)


def test_last_steps_in_the_order_of_the_original(moved: np.ndarray) -> None:
    closed = closure(60, [20])
    points = moved.copy()
    points[:, 27] = 2 * points[:, 28] - points[:, 29]
    points = scipy.signal.savgol_filter(points, 5, 3, axis=0)
    points = with_lids(narrowed(points, 0.05), closed)
    expected = np.concatenate(
        [
            scipy.signal.savgol_filter(part, size, 3, axis=0)
            for part, size in ((points[:, :48], 15), (points[:, 48:], 5))
        ],
        axis=1,
    )
    before = moved.copy()
    assert np.abs(finished(moved, closed, options=ORIGINAL) - expected).max() < 1e-12
    assert np.array_equal(moved, before)  # arguments are never changed


def test_narrow_eyes_swap_a_twentieth(moved: np.ndarray) -> None:
    narrow = narrowed(moved, 0.05)
    for upper, lower in ((37, 41), (38, 40), (43, 47), (44, 46)):
        assert np.allclose(narrow[:, upper], 0.95 * moved[:, upper] + 0.05 * moved[:, lower])
        assert np.allclose(narrow[:, lower], 0.95 * moved[:, lower] + 0.05 * moved[:, upper])


def test_blinks_are_those_of_the_seed_and_in_their_places() -> None:
    frames = 375_000  # long enough for every distance
    shut = blink_frames(frames, np.random.default_rng(3))
    assert shut == blink_frames(frames, np.random.default_rng(3))
    assert shut != blink_frames(frames, np.random.default_rng(4))
    gaps = np.diff(shut)
    assert shut[0] == 30
    assert gaps.min() == 90
    assert gaps.max() == 149
    assert shut[-1] + 15 < frames


@pytest.mark.parametrize("frames", [1, 45, 46])
def test_only_blinks_that_end_are_begun(frames: int) -> None:
    shut = blink_frames(frames, np.random.default_rng(0))
    assert shut == ([30] if frames > 45 else [])
    assert closure(frames, shut).shape == (frames,)


def test_lids_close_in_ten_frames_and_open_in_fifteen() -> None:
    closed = closure(100, [30])
    assert closed[30] == 1
    assert closed[20:31] == pytest.approx(np.arange(11) / 10)
    assert closed[31:45] == pytest.approx(np.arange(13, -1, -1) / 15)
    assert not closed[:21].any()
    assert not closed[44:].any()


def test_shut_lids_meet_three_quarters_down_and_follow_the_head(moved: np.ndarray) -> None:
    closed = np.linspace(0, 1, 60)
    lids = with_lids(moved, closed)
    assert np.array_equal(lids[0], moved[0])
    for upper, lower in ((37, 41), (38, 40), (43, 47), (44, 46)):
        meeting = 0.25 * moved[-1, upper] + 0.75 * moved[-1, lower]
        assert np.allclose(lids[-1, upper], meeting)
        assert np.allclose(lids[-1, lower], meeting)
        assert np.allclose(lids[:, upper] - lids[:, lower], (1 - closed[:, None]) * (moved[:, upper] - moved[:, lower]))
    assert np.allclose(with_lids(moved + 7, closed), lids + 7)
