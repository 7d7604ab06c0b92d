import itertools
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.reduce import dense_curve, reduce_curves, turning_points
from sfp_core.errors import SfpError
from sfp_core.rig import ControllerCurves, ControllerSpec, Keys, RigSpec

FPS = Fraction(24)


def curves_of(*columns, low=-1.0, high=1.0, neutral=0.0, fps=FPS):
    specs = tuple(ControllerSpec(f"lip{index}.ty", low, high, neutral) for index in range(len(columns)))
    return ControllerCurves(RigSpec("test", specs), fps, 0.0, np.stack(columns, axis=1))


def speech(count=240, seed=0, rate=6.0, fps=24.0):
    """A smooth random walk between targets at about `rate` a second, with rests: how lips move."""
    rng = np.random.default_rng(seed)
    fine = np.zeros(count * 10)
    place = 0.0
    while place < len(fine):
        width = rng.gamma(4, fps * 10 / rate / 4)
        fine[int(place) : int(place + width)] = 0.0 if rng.random() < 0.2 else rng.uniform(-0.7, 0.9)
        place += width
    taps = np.exp(-0.5 * (np.arange(-60, 61) / (0.06 * fps * 10)) ** 2)
    return np.convolve(np.pad(fine, 60, mode="edge"), taps / taps.sum(), mode="valid")[::10]


def every_auto_key(column):
    auto = ("auto",) * len(column)
    return Keys(np.arange(len(column)), column, auto, auto, np.zeros(len(column)), np.zeros(len(column)))


def played(keys, frames):
    return evaluate(keys, np.arange((frames - 1) * 4 + 1) / 4, FPS)


def test_dense_curve_is_what_maya_plays_with_a_key_on_every_frame():
    column = speech(60)
    assert dense_curve(column) == pytest.approx(played(every_auto_key(column), 60), abs=1e-14)


@pytest.mark.parametrize("tolerance", [0.003, 0.01, 0.05])
@pytest.mark.parametrize("seed", range(4))
def test_error_stays_within_tolerance_at_and_between_frames(tolerance, seed):
    column = speech(seed=seed)
    (one,) = reduce_curves(curves_of(column), tolerance=tolerance)
    error = np.abs(played(one.keys, len(column)) - played(every_auto_key(column), len(column))).max() / 2.0
    assert error <= tolerance
    assert one.worst_error == pytest.approx(error, abs=1e-12)
    assert one.keys.count < len(column) * (0.75 if tolerance < 0.01 else 0.5)
    assert np.array_equal(one.keys.frames, np.round(one.keys.frames))
    assert set(one.keys.in_types) | set(one.keys.out_types) <= {"auto", "linear", "flat"}
    assert one.keys.values.min() >= -1.0
    assert one.keys.values.max() <= 1.0


def test_turning_points_and_pins_are_keys_with_exact_values():
    column = speech(seed=7)
    pins = np.array([50, 51, 52, 53, 120])
    (one,) = reduce_curves(curves_of(column), pinned=[pins])
    at = {int(frame): value for frame, value in zip(one.keys.frames, one.keys.values, strict=True)}
    for frame in (50, 53, 120, *turning_points(column / 0.02, 2.0).tolist()):
        assert at[frame] == column[frame]
    assert column.max() in at.values()
    assert column.min() in at.values()


def test_turning_points_alternate_and_differ_by_more_than_the_threshold():
    column = speech(seed=11) + np.random.default_rng(0).normal(0, 0.003, 240)
    points = turning_points(column, 0.04)
    values = column[[0, *points, 239]]
    assert (np.abs(np.diff(values[1:-1])) > 0.04).all()
    assert (np.diff(np.sign(np.diff(values[1:-1]))) != 0).all()
    for first, last in itertools.pairwise(points):  # each is the extreme one of its stretch
        part = column[first : last + 1]
        assert {part.min(), part.max()} == {column[first], column[last]}


def test_curves_made_of_few_auto_keys_are_found_again():
    rng = np.random.default_rng(3)
    for _ in range(20):
        frames = np.cumsum(rng.integers(5, 15, 9)) - 5.0
        values = np.where(np.arange(9) % 2, rng.uniform(0.2, 0.9, 9), rng.uniform(-0.9, -0.2, 9))
        auto = ("auto",) * 9
        known = Keys(frames, values, auto, auto, np.zeros(9), np.zeros(9))
        column = evaluate(known, np.arange(frames[-1] + 1), FPS)
        (one,) = reduce_curves(curves_of(column), tolerance=0.01)
        assert set(frames[1:-1]) <= set(one.keys.frames)
        assert one.keys.count == 9


def test_a_straight_ramp_takes_two_keys_and_a_hold_none_of_its_own():
    ramp = np.concatenate([np.zeros(20), np.linspace(0, 0.8, 25), np.full(30, 0.8)])
    (one,) = reduce_curves(curves_of(ramp), tolerance=0.005)
    assert one.keys.frames.tolist() == [20, 44]
    assert (one.keys.in_types[1], one.keys.out_types[0]) == ("linear", "linear")
    assert one.worst_error <= 0.005


def test_controllers_that_rest_get_one_key_or_none():
    rng = np.random.default_rng(0)
    still = np.full(50, 0.5)
    trembling = 0.5 + rng.uniform(-0.009, 0.009, 50)
    at_rest = rng.uniform(-0.009, 0.009, 50)
    got = reduce_curves(curves_of(still, trembling, at_rest, np.zeros(50)))
    assert [one.keys.count for one in got] == [1, 1, 0, 0]
    assert got[0].keys.values.tolist() == [0.5]
    assert got[0].worst_error == 0
    assert max(one.worst_error for one in got) <= 0.01
    (at_neutral,) = reduce_curves(curves_of(still, neutral=0.5))
    assert at_neutral.keys.count == 0


def test_a_resting_controller_takes_a_pinned_value():
    column = 0.5 + np.random.default_rng(0).uniform(-0.009, 0.009, 50)
    (one,) = reduce_curves(curves_of(column), pinned=[np.array([20])])
    assert one.keys.values.tolist() == [column[20]]


def test_tolerance_zero_keeps_every_moving_frame_and_is_exact():
    column = np.concatenate([np.zeros(10), speech(60, seed=2), np.full(10, 0.3)])
    (one,) = reduce_curves(curves_of(column), tolerance=0.0)
    assert one.worst_error < 1e-15
    moving = np.flatnonzero((np.diff(column, prepend=column[0]) != 0) | (np.diff(column, append=column[-1]) != 0))
    assert one.keys.frames.tolist() == moving.tolist()


def test_one_tolerance_for_each_controller():
    column = speech(seed=5)
    tight, loose = reduce_curves(curves_of(column, column), tolerance=np.array([0.002, 0.05]))
    assert tight.keys.count > loose.keys.count
    assert tight.worst_error <= 0.002
    assert loose.worst_error <= 0.05


def test_mirrored_values_give_mirrored_keys_and_batches_do_not_matter():
    columns = [speech(seed=seed) for seed in range(5)]
    together = reduce_curves(curves_of(*columns))
    for column, one in zip(columns, together, strict=True):
        (alone,) = reduce_curves(curves_of(column))
        assert alone.keys.frames.tolist() == one.keys.frames.tolist()
        assert alone.keys.values.tolist() == one.keys.values.tolist()
        (turned,) = reduce_curves(curves_of(-column))
        assert turned.keys.count == pytest.approx(one.keys.count, abs=2)  # offsets are tried in a fixed order


@pytest.mark.parametrize(
    "column",
    [
        [0.3],
        [0.3, -0.4],
        [0.0, 1.0, 0.0],
        [1.0, -1.0] * 20,
        [0.0] * 20 + [1.0] * 20,
        [0.0] * 20 + [1.0] + [0.0] * 20,
        list(np.random.default_rng(0).uniform(-1, 1, 60)),
        list(np.linspace(-1, 1, 600)),
        list(np.sin(np.arange(700) / 100) * 0.5),
        list(np.clip(np.cumsum(np.random.default_rng(1).normal(0, 0.01, 500)), -1, 1)),
    ],
    ids=["one", "two", "spike3", "zigzag", "step", "pulse", "noise", "ramp", "slow", "walk"],
)
def test_odd_curves_stay_within_tolerance(column):
    (one,) = reduce_curves(curves_of(np.array(column)), tolerance=0.01)
    assert one.worst_error <= 0.01
    assert one.keys.count <= len(column)


def test_fewer_keys_than_ramer_douglas_peucker():
    columns = [speech(seed=seed, count=480, rate=8.0) for seed in range(6)]
    ours = sum(one.keys.count for one in reduce_curves(curves_of(*columns)))
    theirs = sum(_rdp_count(dense_curve(column)[::4], 0.02) for column in columns)
    assert ours < 0.7 * theirs


def _rdp_count(column, tolerance):
    """Keys of a polyline by Ramer-Douglas-Peucker with vertical distances; errors at frames only, which favours it."""
    kept, open_ = {0, len(column) - 1}, [(0, len(column) - 1)]
    while open_:
        first, last = open_.pop()
        inner = np.arange(first + 1, last)
        if len(inner) == 0:
            continue
        error = np.abs(column[inner] - np.interp(inner, [first, last], [column[first], column[last]]))
        if error.max() > tolerance:
            middle = int(inner[error.argmax()])
            kept.add(middle)
            open_ += [(first, middle), (middle, last)]
    return len(kept)


@pytest.mark.parametrize("per_frame", [2, 3, 4])
def test_keys_between_frames_save_keys_and_stay_within_tolerance(per_frame):
    columns = [speech(seed=seed, rate=9.0) for seed in range(4)]
    whole = reduce_curves(curves_of(*columns))
    finer = reduce_curves(curves_of(*columns), per_frame=per_frame)
    assert sum(one.keys.count for one in finer) < sum(one.keys.count for one in whole)
    for column, one, other in zip(columns, finer, whole, strict=True):
        assert one.keys.count <= other.keys.count
        assert np.array_equal(one.keys.frames * per_frame, np.round(one.keys.frames * per_frame))
        at = np.linspace(0, len(column) - 1, 5000)
        off = evaluate(one.keys, at, FPS) - evaluate(every_auto_key(column), at, FPS)
        assert np.abs(off).max() <= 0.02 * 1.05  # between the four measured places a cubic can pass it by a little


def test_keys_stay_within_limits_that_the_curve_rests_on():
    column = np.clip(speech(seed=3, rate=8.0) * 1.6, -1.0, 1.0)
    (one,) = reduce_curves(curves_of(column), tolerance=0.03)
    assert one.keys.values.max() == 1.0
    assert one.keys.values.min() >= -1.0
    assert np.abs(played(one.keys, len(column))).max() <= 1.0 + 1e-12


def test_long_curves_need_memory_in_proportion():
    column = np.tile(speech(1200, seed=4), 10)
    curves = curves_of(column)
    reduce_curves(curves_of(column[:200]))  # compiles
    tracemalloc.start()
    (one,) = reduce_curves(curves, tolerance=0.02)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert one.worst_error <= 0.02
    assert peak < 90e6


def test_stretches_of_a_long_curve_join_within_tolerance(monkeypatch):
    column = np.concatenate([speech(seed=4), np.linspace(speech(seed=4)[-1], 0.95, 400), speech(600, seed=5)])
    monkeypatch.setattr("sfp_core.curves.reduce._BATCH_FRAMES", 100)  # the ramp is cut where nothing turns
    (cut,) = reduce_curves(curves_of(column))
    monkeypatch.undo()
    (whole,) = reduce_curves(curves_of(column))
    assert cut.worst_error <= 0.01
    assert cut.keys.count <= whole.keys.count + 12  # one or two more where stretches meet
    assert cut.worst_error == pytest.approx(
        np.abs(played(cut.keys, len(column)) - dense_curve(column)).max() / 2, abs=1e-12
    )


@pytest.mark.slow
def test_a_million_frames_take_minutes_and_not_gigabytes():
    column = np.tile(speech(10_000, seed=4), 100)
    tracemalloc.start()
    (one,) = reduce_curves(curves_of(column), tolerance=0.02)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert one.worst_error <= 0.02
    assert one.keys.count < 0.4 * len(column)
    assert peak < 600e6


def test_frames_that_are_not_numbers_are_refused_before_anything_is_keyed():
    column = np.zeros(5)
    column[3] = np.nan
    with pytest.raises(SfpError, match=r"lip0.ty is nan at frame 3; expected -1 to 1"):
        curves_of(column)
    with pytest.raises(SfpError, match=r"lip0.ty is 1.5 at frame 0; expected -1 to 1"):
        curves_of(np.full(5, 1.5))


def test_wrong_input_is_told():
    with pytest.raises(SfpError, match="expected shares of the range"):
        reduce_curves(curves_of(np.zeros(5)), tolerance=1.5)
    with pytest.raises(SfpError, match="2 lists, but test has 1 controllers"):
        reduce_curves(curves_of(np.zeros(5)), pinned=[np.zeros(0, int), np.zeros(0, int)])
    with pytest.raises(SfpError, match="keys on 9 places a frame: expected 1 to 4"):
        reduce_curves(curves_of(np.zeros(5)), per_frame=9)
    with pytest.raises(SfpError, match="no frames; expected at least one"):
        reduce_curves(curves_of(np.zeros(0)))
