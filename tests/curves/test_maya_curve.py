import json
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sfp_core.curves.maya_curve import auto_slopes, evaluate, tangent_slopes
from sfp_core.errors import SfpError
from sfp_core.rig import Keys

FPS = Fraction(24)


def keys_of(rows):
    """Rows of frame, value, in type, out type, and slopes if fixed."""
    rows = [(*row, 0.0, 0.0)[:6] for row in rows]
    frames, values, in_types, out_types, in_slopes, out_slopes = zip(*rows, strict=True)
    return Keys(np.array(frames), np.array(values), in_types, out_types, np.array(in_slopes), np.array(out_slopes))


def uniform(kind, frames, values):
    return keys_of([(f, v, kind, kind) for f, v in zip(frames, values, strict=True)])


def test_equals_the_recorded_values_of_animx():
    folder = os.environ.get("SFP_SHARED_DATA")
    path = Path(folder or "") / "maya/animx_golden/maya_curve_golden.json"
    if not folder or not path.exists():
        pytest.skip("SFP_SHARED_DATA with maya/animx_golden is not here")
    curves = json.loads(path.read_text(encoding="utf-8"))
    assert len(curves) == 120
    worst = 0.0
    for curve in curves:
        fps = Fraction(curve["fps"]).limit_denominator(2000)
        # recorded as frame, value, in type, in slope, out type, out slope
        rows = [(k[0], k[1], k[2], k[4], k[3], k[5]) for k in curve["keys"]]
        samples = np.array(curve["samples"])
        worst = max(worst, np.abs(evaluate(keys_of(rows), samples[:, 0], fps) - samples[:, 1]).max())
    assert worst < 1e-13


# Values of AnimX for curves of our own, so that the check stands without the development data.
GOLDEN = (
    (
        [(9, 0.687712, "auto", "auto"), (11, 0.492268, "auto", "auto"), (19, 0.10938, "auto", "auto")],
        {
            9.625: 0.6501476591796874,
            10.5: 0.5390717125,
            11.083333333333334: 0.48742467610677076,
            13.999999999999998: 0.3033465625,
            17.79166666666666: 0.12398562446017796,
            7: 0.687712,
            21: 0.10938,
        },
    ),
)


@pytest.mark.parametrize(("rows", "samples"), GOLDEN)
def test_small_golden_curves(rows, samples):
    got = evaluate(keys_of(rows), np.array(list(samples)), FPS)
    assert got == pytest.approx(list(samples.values()), abs=1e-12)


@pytest.mark.parametrize("kind", ["auto", "linear", "flat", "step", "stepnext", "spline", "clamped", "plateau"])
def test_passes_through_every_key_and_rests_outside(kind):
    frames, values = np.array([3.0, 4, 9, 10.5, 20]), np.array([0.3, -1, 2, 2, 0.1])
    keys = uniform(kind, frames, values)
    assert np.array_equal(evaluate(keys, frames, FPS), values)
    assert np.array_equal(evaluate(keys, np.array([-5, 2.999, 20.001, 99]), FPS), [0.3, 0.3, 0.1, 0.1])


def test_linear_keys_give_straight_lines():
    frames, values = np.array([0.0, 2, 7, 11]), np.array([0.0, 1, -2, 0.5])
    at = np.linspace(0, 11, 200)
    assert evaluate(uniform("linear", frames, values), at, FPS) == pytest.approx(
        np.interp(at, frames, values), abs=1e-15
    )


def test_fixed_slopes_of_a_cubic_give_the_cubic_at_any_rate():
    polynomial = np.polynomial.Polynomial([0.3, -1.0, 2.0, 0.7])
    for fps in (Fraction(24), Fraction(24000, 1001), Fraction(60)):
        frames = np.array([0.0, 5, 6, 17])
        seconds = frames / float(fps)
        slopes = polynomial.deriv()(seconds)
        rows = [(f, polynomial(s), "fixed", "fixed", d, d) for f, s, d in zip(frames, seconds, slopes, strict=True)]
        at = np.linspace(0, 17, 100)
        assert evaluate(keys_of(rows), at, fps) == pytest.approx(polynomial(at / float(fps)), abs=1e-13)


def test_step_holds_and_stepnext_jumps_at_once():
    keys = keys_of([(0, 1, "auto", "step"), (10, 2, "auto", "stepnext"), (20, 3, "auto", "auto")])
    got = evaluate(keys, np.array([0, 0.01, 9.99, 10, 10.01, 19.9, 20]), FPS)
    assert got.tolist() == [1, 1, 1, 2, 3, 3, 3]


def test_auto_never_leaves_the_range_of_neighbouring_keys():
    rng = np.random.default_rng(1)
    for _ in range(200):
        count = int(rng.integers(2, 12))
        frames = np.cumsum(rng.integers(1, 9, count)).astype(float)
        values = rng.normal(size=count).round(1)  # rounding makes equal neighbours
        at = np.linspace(frames[0], frames[-1], 300)
        got = evaluate(uniform("auto", frames, values), at, FPS)
        left = np.clip(np.searchsorted(frames, at, side="right") - 1, 0, count - 2)
        low, high = np.minimum(values[left], values[left + 1]), np.maximum(values[left], values[left + 1])
        assert (got >= low - 1e-12).all()
        assert (got <= high + 1e-12).all()


def test_auto_slopes_by_hand():
    # rising 0 -> 1 -> 4 on frames 0, 1, 3: across 4/3, limits 3 * 1 and 3 * 1.5
    assert auto_slopes(np.array([0.0, 1, 3]), np.array([0.0, 1, 4])).tolist() == [0.0, 4 / 3, 0.0]
    # a hardly rising first segment holds the slope down to three times its own
    assert auto_slopes(np.array([0.0, 1, 2]), np.array([0.0, 0.1, 4])) == pytest.approx([0, 0.3, 0])
    assert auto_slopes(np.array([0.0, 1, 2]), np.array([0.0, -0.1, -4])) == pytest.approx([0, -0.3, 0])
    assert auto_slopes(np.array([0.0, 1, 2]), np.array([0.0, 4, 1])).tolist() == [0, 0, 0]  # an extremum
    assert auto_slopes(np.array([0.0, 1, 2]), np.array([1.0, 1, 2])).tolist() == [0, 0, 0]  # the end of a hold


def test_spline_ends_point_along_their_segments_and_plateau_is_spline_or_flat():
    frames, values = np.array([0.0, 1, 2, 3]), np.array([0.0, 0.1, 4, 5])
    spline, _ = tangent_slopes(uniform("spline", frames, values), Fraction(1))
    plateau, _ = tangent_slopes(uniform("plateau", frames, values), Fraction(1))
    assert spline == pytest.approx([0.1, 2.0, 2.45, 1.0])
    assert plateau == pytest.approx([0.0, 0.0, 2.45, 0.0])  # at 1 a spline's handle would pass the key before


def test_clamped_is_flat_next_to_a_key_of_nearly_the_same_value():
    slopes, _ = tangent_slopes(uniform("clamped", np.arange(4.0), np.array([0.0, 0.04, 1, 2])), Fraction(1))
    assert slopes == pytest.approx([0, 0, 0.98, 1.0])


def test_mirrored_in_time_is_the_same_curve():
    rng = np.random.default_rng(2)
    frames, values = np.cumsum(rng.integers(1, 6, 9)).astype(float), rng.normal(size=9)
    at = np.linspace(frames[0], frames[-1], 100)
    for kind in ("auto", "spline", "plateau", "clamped", "linear"):
        forth = evaluate(uniform(kind, frames, values), at, FPS)
        back = evaluate(uniform(kind, -frames[::-1], values[::-1]), -at, FPS)
        assert back == pytest.approx(forth, abs=1e-12), kind


def test_one_key_is_constant_and_no_key_is_refused():
    assert evaluate(uniform("auto", [5.0], [0.7]), np.array([0.0, 5, 9]), FPS).tolist() == [0.7] * 3
    empty = Keys(np.zeros(0), np.zeros(0), (), (), np.zeros(0), np.zeros(0))
    with pytest.raises(SfpError, match="no keys"):
        evaluate(empty, np.zeros(1), FPS)


# The rules of AnimX (animx.cpp, evaluateInfinity), which the test below has an independent program check.
INFINITIES = {
    "constant": ([0.25, 0.25, 0.25], [1.0, 1.0, 1.0]),
    "linear": ([-0.75, -1.75, -9.75], [1.0, 1.0, 1.0]),  # a slope of 1 into the first key, flat out of the last one
    "cycle": ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
    "cycleRelative": ([-0.25, -1.0, -7.0], [1.25, 2.0, 8.0]),  # 0.75 higher each time
    "oscillate": ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
}


@pytest.mark.parametrize("kind", INFINITIES)
def test_infinities_by_hand(kind):
    keys = keys_of([(0, 0.25, "fixed", "linear", 1.0, 0.0), (1, 0.5, "linear", "linear"), (2, 1.0, "linear", "flat")])
    early, late = np.array([-1.0, -2.0, -10.0]), np.array([3.0, 4.0, 12.0])
    if kind in ("cycle", "cycleRelative", "oscillate"):
        early, late = np.array([-1.0, -3.0, -19.0]), np.array([3.0, 5.0, 21.0])
    got_early = evaluate(keys, early, Fraction(1), before=kind)
    got_late = evaluate(keys, late, Fraction(1), after=kind)
    assert got_early == pytest.approx(INFINITIES[kind][0], abs=1e-14)
    assert got_late == pytest.approx(INFINITIES[kind][1], abs=1e-14)


def test_lines_go_on_under_linear_infinity_and_a_single_key_does_not():
    keys = uniform("linear", [0.0, 2, 4], [0.0, 2.0, 3.0])
    got = evaluate(keys, np.array([-3.0, 10.0]), Fraction(24), before="linear", after="linear")
    assert got == pytest.approx([-3.0, 6.0], abs=1e-14)
    one = uniform("linear", [5.0], [0.7])
    for kind in INFINITIES:
        assert evaluate(one, np.array([-1.0, 9.0]), FPS, before=kind, after=kind).tolist() == [0.7, 0.7]
    with pytest.raises(SfpError, match="infinity 'loop' is unknown; expected one of constant, linear, cycle"):
        evaluate(keys, np.zeros(1), FPS, before="loop")


@pytest.mark.parametrize("kind", ["auto", "spline", "plateau", "linear", "flat", "clamped"])
def test_equals_usd_core_inside_and_outside_the_keys(kind):
    pytest.importorskip("pxr", reason="needs usd-core (pip install usd-core)")
    from training.benchmarks.oracles import usd_values

    rng = np.random.default_rng(8)
    for infinity in INFINITIES:
        frames = np.cumsum(rng.integers(1, 9, 7)).astype(float)
        keys = uniform(kind, frames, rng.normal(size=7))
        at = np.sort(rng.uniform(frames[0] - 90, frames[-1] + 90, 400))
        ours = evaluate(keys, at, FPS, before=infinity, after=infinity)
        theirs = usd_values(keys, at, FPS, infinity=infinity)
        # an error of the time at 90 frames (1e-14) times the steepest slope
        assert ours == pytest.approx(theirs, abs=1e-11), infinity
