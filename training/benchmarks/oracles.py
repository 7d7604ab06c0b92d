"""Curves as played by a program that is not ours: usd-core's `Ts`, where it is installed."""

from fractions import Fraction
from typing import Any

import numpy as np

from sfp_core.curves.maya_curve import Infinity, secants, tangent_slopes
from sfp_core.rig import Keys

_MODES: dict[Infinity, str] = {
    "constant": "ExtrapHeld",
    "linear": "ExtrapSloped",
    "cycle": "ExtrapLoopReset",
    "cycleRelative": "ExtrapLoopRepeat",
    "oscillate": "ExtrapLoopOscillate",
}


def usd_values(keys: Keys, frames: np.ndarray, fps: Fraction, *, infinity: Infinity = "constant") -> np.ndarray:
    """Values of a `Ts.Spline` with Hermite knots at these keys, (n,) float64.

    The slopes at the keys are ours, what is played between and outside them is USD's. No stepped keys.
    """
    from pxr import Ts  # the optional usd-core

    ins, outs = tangent_slopes(keys, fps)
    spline = Ts.Spline("double")
    spline.SetCurveType(Ts.CurveTypeHermite)
    times = keys.frames / float(fps)
    for time, value, slope_in, slope_out in zip(times, keys.values, ins, outs, strict=True):
        knot = Ts.Knot("double")
        knot.SetNextInterpolation(Ts.InterpCurve)
        knot.SetTime(time)
        knot.SetValue(value)
        knot.SetPreTanSlope(slope_in)
        knot.SetPostTanSlope(slope_out)
        spline.SetKnot(knot)
    line = secants(times, keys.values)
    before, after = Ts.Extrapolation(getattr(Ts, _MODES[infinity])), Ts.Extrapolation(getattr(Ts, _MODES[infinity]))
    if infinity == "linear":
        before.slope = float(line[0] if keys.in_types[0] == "linear" else ins[0])
        after.slope = float(line[-1] if keys.out_types[-1] == "linear" else outs[-1])
    spline.SetPreExtrapolation(before)
    spline.SetPostExtrapolation(after)
    played: list[Any] = [spline.Eval(time) for time in frames / float(fps)]
    return np.array(played, dtype=np.float64)
