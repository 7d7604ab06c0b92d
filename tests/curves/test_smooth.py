import itertools
from fractions import Fraction

import numpy as np
import pytest

from sfp_core.curves.smooth import Smoothing, event_frames, smooth, smoothing_named
from sfp_core.errors import SfpError
from sfp_core.landmarks import Event
from sfp_core.rig import ControllerCurves, ControllerSpec, RigSpec

NAMES = ("up_lip.ty", "jaw.ty", "lf_lid.ty", "lf_brow.ty", "head.rx")
RIG = RigSpec("test", tuple(ControllerSpec(name, -1.0, 1.0) for name in NAMES))
STRENGTHS = ("none", "light", "normal", "strong")


def curves_of(column, fps=24):
    return ControllerCurves(RIG, Fraction(fps), 0.0, np.tile(np.asarray(column)[:, None], (1, len(NAMES))))


def crossing(column, level, rising=True):
    """Frame at which a column first crosses a level, between frames by a straight line."""
    above = column >= level if rising else column <= level
    frame = int(np.argmax(above))
    return frame - 1 + (level - column[frame - 1]) / (column[frame] - column[frame - 1])


def noisy(count=400, seed=0, scale=0.02):
    rng = np.random.default_rng(seed)
    return np.clip(0.5 * np.sin(np.arange(count) / 15) + rng.normal(0, scale, count), -1, 1)


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("fps", [24, 60])
def test_an_onset_moves_by_less_than_half_a_frame(strength, fps):
    step = np.where(np.arange(80) < 40, -0.4, 0.6)
    out = smooth(curves_of(step, fps), smoothing_named(strength, NAMES)).values
    for index, name in enumerate(NAMES):
        assert abs(crossing(out[:, index], 0.1) - 39.5) < 0.5, name


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("width", [1, 2, 3, 6])
def test_a_pulse_keeps_both_flanks_within_half_a_frame(strength, width):
    pulse = np.where((np.arange(60) >= 30) & (np.arange(60) < 30 + width), 0.6, 0.0)
    out = smooth(curves_of(pulse), smoothing_named(strength, NAMES)).values
    for index, name in enumerate(NAMES):
        assert abs(crossing(out[:, index], 0.3) - 29.5) < 0.5, name
        back = crossing(out[::-1, index], 0.3)
        assert abs((59 - back) - (29.5 + width)) < 0.5, name


def test_reversing_time_commutes_with_smoothing():
    column = noisy()
    for strength in STRENGTHS:
        forth = smooth(curves_of(column), smoothing_named(strength, NAMES)).values
        back = smooth(curves_of(column[::-1]), smoothing_named(strength, NAMES)).values
        assert back[::-1] == pytest.approx(forth, abs=1e-12)


def test_straight_lines_and_ends_stay():
    line = np.linspace(-0.9, 0.8, 50)
    out = smooth(curves_of(line), smoothing_named("strong", NAMES)).values
    assert out == pytest.approx(np.tile(line[:, None], 5), abs=1e-12)
    ends = smooth(curves_of(noisy()), smoothing_named("strong", NAMES)).values
    assert ends[[0, -1]] == pytest.approx(np.tile(noisy()[[0, -1], None], 5), abs=1e-12)


def test_stronger_words_leave_less_jitter_and_brows_less_than_lips():
    jitter = {}
    for strength in STRENGTHS:
        out = smooth(curves_of(noisy()), smoothing_named(strength, NAMES)).values
        jitter[strength] = np.abs(np.diff(out, 2, axis=0)).mean(axis=0)
    assert np.array_equal(jitter["none"], np.full(5, jitter["none"][0]))
    for weak, strong in itertools.pairwise(STRENGTHS):
        assert (jitter[strong] < jitter[weak]).all()
    lips, jaw, lid, brow, head = jitter["normal"]
    assert lid < jitter["none"][2]
    assert head < brow < 0.5 * lips
    assert jaw < lips < lid  # lids may be fastest


def test_events_keep_their_values_exactly_on_the_controllers_they_hold():
    column = noisy(seed=3)
    events = (Event("lip_seal", 2.0, 2.1), Event("blink", 5.0, 5.15))
    curves = curves_of(column)
    smoothing = smoothing_named("strong", NAMES)
    plain, held = smooth(curves, smoothing).values, smooth(curves, smoothing, events=events).values
    seal, blink = np.arange(48, 51), np.arange(120, 124)
    assert np.array_equal(held[seal][:, :2], curves.values[seal][:, :2])
    assert np.array_equal(held[blink][:, 2], curves.values[blink][:, 2])
    assert np.array_equal(held[:, 3:], plain[:, 3:])  # brows and head know nothing of it
    assert np.array_equal(held[150:], plain[150:])  # nor does anything far away
    assert (np.abs(plain[seal][:, :2] - curves.values[seal][:, :2]) > 0).all()


def test_event_frames_are_those_inside_and_the_nearest_for_a_short_one():
    curves = ControllerCurves(RIG, Fraction(24), 0.5, np.zeros((48, 5)))
    events = (Event("lip_seal", 1.0, 1.1), Event("lip_seal", 1.36, 1.365), Event("lip_tuck", 99.0, 99.1))
    got = event_frames(events, curves)
    assert got[0].tolist() == [12, 13, 14, 21]
    assert got[1].tolist() == got[0].tolist()
    assert all(len(got[index]) == 0 for index in (2, 3, 4))


def test_values_stay_within_limits_and_no_value_moves_more_than_allowed():
    rng = np.random.default_rng(5)
    column = np.where(rng.random(300) < 0.5, -1.0, 1.0)
    smoothing = smoothing_named("strong", NAMES)
    out = smooth(curves_of(column), smoothing).values
    assert np.abs(out).max() <= 1.0
    assert (np.abs(out - column[:, None]).max(axis=0) <= smoothing.largest_change * 2.0 + 1e-12).all()


def test_none_changes_nothing_and_a_single_frame_passes():
    curves = curves_of(noisy())
    assert np.array_equal(smooth(curves, smoothing_named("none", NAMES)).values, curves.values)
    one = curves_of([0.25])
    assert np.array_equal(smooth(one, smoothing_named("strong", NAMES)).values, one.values)
    two = curves_of([0.25, 0.5])
    assert smooth(two, smoothing_named("strong", NAMES)).values == pytest.approx(two.values)


def test_wrong_words_and_sizes_are_refused():
    with pytest.raises(SfpError, match="'mild' is unknown; expected one of none, light"):
        smoothing_named("mild", NAMES)
    with pytest.raises(SfpError, match="2 widths, but test has 5 controllers"):
        smooth(curves_of(noisy()), Smoothing(np.zeros(2), np.zeros(2)))
    with pytest.raises(SfpError, match="sigma_seconds must be one number of at least 0"):
        Smoothing(np.array([-1.0]), np.zeros(1))
