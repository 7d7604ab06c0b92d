"""Maya's animation curves: the values that non-weighted keys take between the keys.

Between two keys a curve is a cubic Hermite with a slope at either end; before the first and after the last key it is
constant, or goes on as one of Maya's infinities says. The slope of each tangent type and the infinities follow
Autodesk's AnimX (`animx.h`, `animx.cpp`) and, for spline, clamped and plateau, the curve engine of the Maya devkit.
Times inside are seconds and slopes units per second.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, get_args

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.rig import Keys, TangentType

Infinity = Literal["constant", "linear", "cycle", "cycleRelative", "oscillate"]

# A clamped tangent is flat where a neighbour is nearer than this, in the curve's own unit (devkit's curve engine).
_CLAMP_DISTANCE = 0.05


def secants(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Slopes of the straight lines from key to key, (n - 1,) for (n,) rising times and values."""
    return np.asarray(np.diff(values) / np.diff(times))


def auto_slopes(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Slopes of auto tangents: as spline, but never so steep that the curve leaves the range of its neighbours.

    Parameters
    ----------
    times, values : (n,) float
        Keys in rising order of time, any unit.

    Returns
    -------
    (n,) float64
        Values per time. Zero at both ends and at local extrema.
    """
    slopes = np.zeros(len(times))
    if len(times) < 3:
        return slopes
    line = secants(times, values)
    slopes[1:-1] = limited_slope(3.0 * line[:-1], _across(times, values), 3.0 * line[1:])
    return slopes


def limited_slope(before: np.ndarray, across: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The flattest of three slopes where all have one sign, else zero (the rule of auto tangents, AnimX).

    `before` and `after` are three times the slopes to the neighbours: a tangent handle is a third of a segment long,
    so at that slope the handle's end reaches the neighbour's value.
    """
    rising = np.minimum(np.minimum(before, after), across)
    falling = np.maximum(np.maximum(before, after), across)
    return np.asarray(np.maximum(rising, 0.0) + np.minimum(falling, 0.0))


def _across(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Slope from the key before to the key after, (n - 2,)."""
    return np.asarray((values[2:] - values[:-2]) / (times[2:] - times[:-2]))


def _spline_slopes(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    slopes = np.zeros(len(times))
    if len(times) > 1:
        line = secants(times, values)
        slopes[0], slopes[-1] = line[0], line[-1]
        slopes[1:-1] = _across(times, values)
    return slopes


def _clamped_slopes(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    slopes = _spline_slopes(times, values)
    near = np.abs(np.diff(values)) <= _CLAMP_DISTANCE
    slopes[:-1][near] = 0.0
    slopes[1:][near] = 0.0
    return slopes


def _plateau_slopes(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    slopes = np.zeros(len(times))
    if len(times) > 2:
        line, across = secants(times, values), _across(times, values)
        gentle = np.minimum(np.abs(line[:-1]), np.abs(line[1:])) * 3.0
        inside = (line[:-1] * line[1:] > 0) & (np.abs(across) <= gentle)
        slopes[1:-1] = np.where(inside, across, 0.0)
    return slopes


def _side_slopes(
    types: Sequence[TangentType], fixed: np.ndarray, linear: np.ndarray, times: np.ndarray, values: np.ndarray
) -> np.ndarray:
    """Slopes on one side of the keys; flat, step and stepnext are zero."""
    kinds = np.asarray(types)
    slopes = np.where(kinds == "fixed", fixed, 0.0)
    if (kinds == "linear").any():
        slopes = np.where(kinds == "linear", linear, slopes)
    for name, rule in (
        ("auto", auto_slopes),
        ("spline", _spline_slopes),
        ("clamped", _clamped_slopes),
        ("plateau", _plateau_slopes),
    ):
        if (kinds == name).any():
            slopes = np.where(kinds == name, rule(times, values), slopes)
    return slopes


def tangent_slopes(keys: Keys, fps: Fraction) -> tuple[np.ndarray, np.ndarray]:
    """The slopes that the keys' tangent types stand for.

    Returns
    -------
    in_slopes, out_slopes : (n,) float64
        Units per second; zero for flat, step and stepnext.
    """
    count = keys.count
    if count == 0:
        return np.zeros(0), np.zeros(0)
    times = keys.frames / float(fps)
    line = secants(times, keys.values)
    before, after = np.zeros(count), np.zeros(count)
    before[1:], after[:-1] = line, line
    return (
        _side_slopes(keys.in_types, keys.in_slopes, before, times, keys.values),
        _side_slopes(keys.out_types, keys.out_slopes, after, times, keys.values),
    )


def evaluate(
    keys: Keys, frames: np.ndarray, fps: Fraction, *, before: Infinity = "constant", after: Infinity = "constant"
) -> np.ndarray:
    """Values of a curve, as Maya plays it.

    Parameters
    ----------
    keys : Keys
        At least one.
    frames : (n,) float
        Where, in frames; need neither be whole nor in order.
    fps : Fraction
        Frames a second of `frames` and of the keys.
    before, after : Infinity
        How the curve goes on before its first and after its last key. "linear" follows the tangent there; the others
        repeat the keys: as they are, each time from where the last one ended, or back and forth.

    Returns
    -------
    (n,) float64
        In the keys' unit. A single key is constant, whatever the infinity.

    Raises
    ------
    SfpError
        Without keys: such a channel has no curve, and its controller stays where it is.
    """
    if keys.count == 0:
        raise SfpError("curve: it has no keys; expected at least one")
    for word in (before, after):
        if word not in get_args(Infinity):
            raise SfpError(f"infinity {word!r} is unknown; expected one of {', '.join(get_args(Infinity))}")
    frames = np.asarray(frames, dtype=np.float64)
    if keys.count == 1:
        return np.full(frames.shape, keys.values[0])
    in_slopes, out_slopes = tangent_slopes(keys, fps)
    at = np.clip(frames, keys.frames[0], keys.frames[-1])
    added = np.zeros(frames.shape)
    if before != "constant" and (early := frames < keys.frames[0]).any():
        slope = _end_slope(keys, keys.in_types[0], in_slopes[0], side=0, fps=fps)
        beyond = keys.frames[0] - frames[early]
        at[early], added[early] = _before(keys, beyond, before, fall=slope * beyond / float(fps))
    if after != "constant" and (late := frames > keys.frames[-1]).any():
        slope = _end_slope(keys, keys.out_types[-1], out_slopes[-1], side=-1, fps=fps)
        beyond = frames[late] - keys.frames[-1]
        at[late], added[late] = _after(keys, beyond, after, rise=slope * beyond / float(fps))
    return _between(keys, at, (in_slopes, out_slopes), fps) + added


def _end_slope(keys: Keys, kind: TangentType, slope: float, *, side: int, fps: Fraction) -> float:
    """Slope of a curve outside its keys; a linear tangent continues the line that ends or begins there."""
    if kind != "linear":
        return slope
    return float(secants(keys.frames / float(fps), keys.values)[side])


def _before(keys: Keys, beyond: np.ndarray, kind: Infinity, *, fall: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where to look instead at `beyond` frames before the first key, and what to add to the value there."""
    if kind == "linear":
        return np.full(len(beyond), keys.frames[0]), -fall
    cycles, rest = np.divmod(beyond, keys.frames[-1] - keys.frames[0])
    turned = (kind == "oscillate") & (cycles % 2 == 0)
    at = np.where(turned, keys.frames[0] + rest, keys.frames[-1] - rest)
    return at, -_climbed(keys, cycles, kind)


def _after(keys: Keys, beyond: np.ndarray, kind: Infinity, *, rise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As `_before`, behind the last key."""
    if kind == "linear":
        return np.full(len(beyond), keys.frames[-1]), rise
    cycles, rest = np.divmod(beyond, keys.frames[-1] - keys.frames[0])
    turned = (kind == "oscillate") & (cycles % 2 == 0)
    at = np.where(turned, keys.frames[-1] - rest, keys.frames[0] + rest)
    return at, _climbed(keys, cycles, kind)


def _climbed(keys: Keys, cycles: np.ndarray, kind: Infinity) -> np.ndarray:
    """By how much the values of a repetition are higher than those of the keys."""
    return np.asarray((cycles + 1.0) * (keys.values[-1] - keys.values[0]) * (kind == "cycleRelative"))


def _between(keys: Keys, at: np.ndarray, slopes: tuple[np.ndarray, np.ndarray], fps: Fraction) -> np.ndarray:
    """Values from the first to the last key."""
    in_slopes, out_slopes = slopes
    left = np.clip(np.searchsorted(keys.frames, at, side="right") - 1, 0, keys.count - 2)
    right = left + 1
    width = keys.frames[right] - keys.frames[left]
    share = (at - keys.frames[left]) / width
    seconds = width / float(fps)
    result = hermite(
        share, keys.values[left], keys.values[right], out_slopes[left] * seconds, in_slopes[right] * seconds
    )
    kinds = np.asarray(keys.out_types)[left]
    result = np.where((kinds == "step") & (share < 1.0), keys.values[left], result)
    result = np.where((kinds == "stepnext") & (share > 0.0), keys.values[right], result)
    return np.asarray(np.where(share >= 1.0, keys.values[right], result))


def hermite(
    share: np.ndarray, first: np.ndarray, last: np.ndarray, rise_out: np.ndarray, rise_in: np.ndarray
) -> np.ndarray:
    """Cubic Hermite at `share` in [0, 1] of a segment; `rise` is slope times length of the segment."""
    step = last - first
    square = share * share
    curve = 3.0 * step - 2.0 * rise_out - rise_in
    bend = rise_out + rise_in - 2.0 * step
    return np.asarray(first + share * rise_out + square * (curve + share * bend))
