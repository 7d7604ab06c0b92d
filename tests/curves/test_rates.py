"""Takes at other rates: the same motion in time, with nothing that adds up."""

from fractions import Fraction

import numpy as np
import pytest

from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.rates import at_rate
from sfp_core.curves.take import Channel, Layer, SoundReference, Spoken, Take
from sfp_core.errors import SfpError
from sfp_core.rig import Keys

RATES = [
    Fraction(one) for one in ("24000/1001", "24", "25", "30000/1001", "30", "48", "50", "60000/1001", "60", "37/3")
]
PAIRS = [(old, new) for old in RATES for new in RATES if old != new]
SOME = PAIRS[::4]  # every rate is in it, both ways
HOUR = 3600
SOUND = SoundReference("line.wav", "ab" * 32, 12345 / 48000)
SPOKEN = Spoken(((0.1, 0.4, "hi"),), ((0.0, 0.1, ""), (0.1, 1 / 3, "HH"), (1 / 3, 0.4, "AY")))


def keys(frames, values, kind="auto"):
    zeros = np.zeros(len(frames))
    return Keys(
        np.array(frames, dtype=float),
        np.array(values, dtype=float),
        (kind,) * len(frames),
        (kind,) * len(frames),
        zeros,
        zeros,
    )


def channel(one, *, name="jaw.ty", layer="speech", **more):
    return Channel(name, layer, "linear", (-1.0, 1.0), 0.0, one, **more)


def take(*channels, fps=Fraction(24), frames=49):
    layers = tuple(Layer(name, weight) for name, weight in (("speech", 1.0), ("blinks", 0.5)))
    return Take("test", fps, frames, SOUND, layers, channels, SPOKEN)


def swinging(fps, seconds=10.0, step=0.2, seed=0):
    """Turning points about every `step` seconds, of which each second one is held for a while, as closures are."""
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.uniform(0.7, 1.3, int(seconds / step)) * step)
    frames = np.unique(np.round(times * float(fps)))
    values = rng.uniform(0.3, 0.9, len(frames)) * (-1.0) ** np.arange(len(frames))
    held = np.arange(1, len(frames), 2)
    held = held[np.diff(np.append(frames, np.inf))[held] > 2]
    frames = np.insert(frames, held + 1, frames[held] + 1)
    return keys(frames, np.insert(values, held + 1, values[held]))


def played(one, fps, seconds):
    return evaluate(one, np.asarray(seconds) * float(fps), fps)


# What stays


@pytest.mark.parametrize(("old", "new"), SOME, ids=str)
def test_everything_but_the_keys_stays(old, new):
    before = take(
        channel(keys([3, 9, 20], [0, 1, -1])), channel(keys([], []), name="still.ty", layer="blinks"), fps=old
    )
    after = at_rate(before, new)
    assert (after.fps, after.rig, after.layers, after.sound, after.spoken) == (
        new,
        "test",
        before.layers,
        SOUND,
        SPOKEN,
    )
    assert [(c.controller, c.layer, c.unit, c.limits, c.neutral) for c in after.channels] == [
        (c.controller, c.layer, c.unit, c.limits, c.neutral) for c in before.channels
    ]
    assert after.channels[1].keys.count == 0
    assert abs(Fraction(after.frames - 1) / new - Fraction(before.frames - 1) / old) <= Fraction(1, 2) / new


def test_the_same_rate_is_the_same_take():
    before = take(channel(swinging(24)))
    assert at_rate(before, Fraction(24)) is before


@pytest.mark.parametrize("rate", [0, -24, 24, 24.0])
def test_a_rate_must_be_a_fraction_above_0(rate):
    wrong = rate if isinstance(rate, float) else Fraction(rate) if rate != 24 else rate
    with pytest.raises(SfpError, match="fps must be a Fraction above 0"):
        at_rate(take(channel(keys([0], [1]))), wrong)


@pytest.mark.parametrize(
    ("old", "new"), [("24", "48"), ("24", "120"), ("30000/1001", "60000/1001"), ("25/2", "25"), ("37/3", "37")]
)
@pytest.mark.parametrize("kind", ["auto", "linear", "spline", "clamped", "step"])
def test_a_whole_multiple_keeps_the_keys(old, new, kind):
    old, new = Fraction(old), Fraction(new)
    one = swinging(old)
    one = keys(one.frames, one.values, kind)
    before = take(channel(one, worst_error=0.003, edited=((3.0, 7.0),)), fps=old, frames=500)
    after = at_rate(before, new).channels[0]
    assert np.array_equal(after.keys.frames, one.frames * int(new / old))
    assert np.array_equal(after.keys.values, one.values)
    assert (after.keys.in_types, after.keys.out_types, after.worst_error) == (one.in_types, one.out_types, 0.003)
    assert after.edited == ((3.0 * int(new / old), 7.0 * int(new / old)),)
    seconds = np.linspace(0, 10, 4001)
    np.testing.assert_allclose(played(after.keys, new, seconds), played(one, old, seconds), atol=1e-9)


def test_keys_that_come_to_lie_on_frames_are_kept_downwards_too():
    before = take(channel(keys([0, 10, 14, 30], [0, 1, -1, 0])), fps=Fraction(60), frames=61)
    after = at_rate(before, Fraction(30)).channels[0]
    assert after.keys.frames.tolist() == [0, 5, 7, 15]


def test_slopes_that_were_fixed_stay_in_units_a_second():
    fixed = ("fixed",) * 3
    one = Keys(
        np.array([0.0, 5, 12]), np.array([0.0, 1, 0]), fixed, fixed, np.array([1.0, 2, 3]), np.array([4.0, 5, 6])
    )
    after = at_rate(take(channel(one)), Fraction(96)).channels[0].keys
    assert (after.in_slopes.tolist(), after.out_slopes.tolist()) == ([1, 2, 3], [4, 5, 6])


# The motion


@pytest.mark.parametrize(("old", "new"), SOME, ids=str)
def test_the_motion_is_the_same_to_within_half_a_frame(old, new):
    one = swinging(old)
    before = take(channel(one), fps=old, frames=int(10 * old) + 30)
    after = at_rate(before, new)
    result = after.channels[0].keys
    assert np.array_equal(result.frames, np.round(result.frames))
    seconds = np.arange(0.1, 9.5, 0.01)
    near = np.arange(-0.5, 0.501, 0.05) / float(new)  # where a turning point may have gone
    window = np.array([played(one, old, seconds + shift) for shift in near])
    values = played(result, new, seconds)
    # Between neighbouring frames a curve that turns twice is beyond what its frames can show.
    allowed = 0.02 + 0.02 * (old > new)
    beyond = np.maximum(window.min(axis=0) - values, values - window.max(axis=0))
    assert np.quantile(beyond, 0.99) <= allowed
    assert beyond.max() <= 0.35


@pytest.mark.parametrize(("old", "new"), SOME, ids=str)
def test_turning_points_and_held_values_are_exact_on_the_nearest_frame(old, new):
    one = swinging(old, step=0.25)
    result = at_rate(take(channel(one), fps=old, frames=int(12 * old)), new).channels[0].keys
    frames = np.floor(one.frames * float(new / old) + 0.5)
    alone = np.array([len(set(one.values[frames == frame])) == 1 for frame in frames])
    assert alone.all() or (old > new and alone.mean() > 0.95)
    assert np.array_equal(evaluate(result, frames, new)[alone], one.values[alone])
    assert np.isin(frames[alone], result.frames).all()


@pytest.mark.parametrize(("old", "new"), SOME, ids=str)
def test_an_hour_in_a_key_is_less_than_half_a_frame_off(old, new):
    last = int(HOUR * old)
    one = keys([0, 10, last - 12, last - 5, last], [0, 1, -1, 1, 0])
    after = at_rate(take(channel(one), fps=old, frames=last + 1), new)
    seconds = one.frames / float(old)
    result = after.channels[0].keys
    for time, value in zip(seconds, one.values, strict=True):
        found = result.frames[result.values == value] / float(new)
        assert np.abs(found - time).min() <= 0.5 / float(new) + 1e-6
    assert abs((after.frames - 1) / new - last / old) <= Fraction(1, 2) / new


def test_there_and_back_every_frame_is_in_its_place():
    """A key on every frame at 24 is at 60, and back at 24, on the frame it came from."""
    one = keys(np.arange(200), np.random.default_rng(1).uniform(-1, 1, 200))
    before = take(channel(one), frames=200)
    there = at_rate(before, Fraction(60))
    back = at_rate(there, Fraction(24), tolerance=1e-6)
    turning = np.flatnonzero(np.diff(np.sign(np.diff(one.values)))) + 1
    assert back.frames == 200
    assert np.array_equal(evaluate(back.channels[0].keys, turning.astype(float), Fraction(24)), one.values[turning])


def test_a_turning_point_goes_before_the_end_of_a_rest_and_the_nearer_before_the_farther():
    # At 60: rest until 4, closed at 5 and 6, rest from 7; 4 and 5 both come to lie on frame 2 at 24, 6 is at 2.4.
    one = keys([0, 4, 5, 6, 7, 20], [0, 0, -1, -1, 0, 0])
    result = at_rate(take(channel(one), fps=Fraction(60), frames=30), Fraction(24)).channels[0].keys
    assert evaluate(result, np.array([2.0]), Fraction(24)).tolist() == [-1.0]
    # 10 is at 3.7 and 11 at 4.07, at 22.2 a second: both on 4, and 11 is nearer.
    two = keys([0, 10, 11, 20], [0, 0.8, -0.8, 0])
    nearer = at_rate(take(channel(two), fps=Fraction(60), frames=30), Fraction(111, 5)).channels[0].keys
    assert evaluate(nearer, np.array([4.0]), Fraction(111, 5)).tolist() == [-0.8]


def test_steps_stay_steps():
    one = keys([0, 7, 8, 9, 30], [0, 1, 0.5, -1, 0], "step")
    result = at_rate(take(channel(one), fps=Fraction(60), frames=31), Fraction(24)).channels[0].keys
    assert result.frames.tolist() == [0, 3, 4, 12]
    assert result.values.tolist() == [0, 0.5, -1, 0]
    assert set(result.out_types) == {"step"}


def test_a_single_key_and_keys_outside_the_take_are_no_problem():
    single = channel(keys([7.3], [0.4]), name="one.ty")
    outside = channel(keys([-20, 3, 11, 90], [0.1, 1, -1, 0.9]), name="two.ty")
    after = at_rate(take(single, outside), Fraction(25))
    assert (after.channels[0].keys.frames.tolist(), after.channels[0].keys.values.tolist()) == ([8.0], [0.4])
    seconds = np.linspace(0, 2, 200)
    difference = played(after.channels[1].keys, 25, seconds) - played(outside.keys, 24, seconds)
    assert np.abs(difference).max() < 0.2
    assert np.quantile(np.abs(difference), 0.5) < 0.05


def test_a_layer_may_go_beyond_the_limits_that_hold_for_the_sum():
    beyond = channel(keys([0, 10, 21, 40], [0, 1.6, -1.7, 0]), layer="blinks")
    result = at_rate(take(beyond), Fraction(30)).channels[0]
    assert (result.keys.values.max(), result.keys.values.min()) == (1.6, -1.7)
    assert result.worst_error <= 0.01


def test_errors_add_up_and_stay_within_the_tolerance():
    before = take(channel(swinging(24), worst_error=0.004), frames=300)
    after = at_rate(before, Fraction(25), tolerance=0.02).channels[0]
    assert 0.004 < after.worst_error <= 0.024
    finer = at_rate(before, Fraction(25), tolerance=0.001).channels[0]
    assert finer.worst_error <= 0.005
    assert finer.keys.count > after.keys.count


def test_edited_spans_hold_what_they_held():
    edited = channel(keys([0, 7, 13, 20], [0, 1, -1, 0]), edited=((7.0, 13.0), (19.5, 20.0)))
    assert at_rate(take(edited), Fraction(25)).channels[0].edited == ((7.0, 14.0), (20.0, 21.0))


def test_layers_are_added_up_as_before():
    speech, blinks = channel(swinging(24, seed=1)), channel(swinging(24, seed=2), layer="blinks")
    before = take(speech, blinks, frames=241)
    rig = before.rig_spec()
    after = at_rate(before, Fraction(60), tolerance=0.005)
    whole = before.curves(rig, fps=Fraction(60)).values
    assert np.quantile(np.abs(after.curves(rig).values[: len(whole)] - whole), 0.9) < 0.2
    assert np.median(np.abs(after.curves(rig).values[: len(whole)] - whole)) < 0.03
