"""A curve as other programs know it: knots with a value and two slopes, and spans that hold. No tangent types are left.

Between two knots the curve is the cubic Hermite that Maya plays (see `maya_curve`), so a knot can be put in anywhere
without changing it: value and slope there are the curve's own.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sfp_core.curves.maya_curve import hermite, tangent_slopes
from sfp_core.rig import Keys


@dataclass(frozen=True, eq=False)
class Knots:
    """A curve; before its first and after its last knot it is constant.

    Attributes
    ----------
    frames : (n,) float64
        Rising.
    values : (n,) float64
        At the knot and just after it; differs from what the span before ends with where that one holds.
    in_slopes, out_slopes : (n,) float64
        Units per frame.
    held : (n,) bool
        Whether the span after the knot keeps the knot's value to its end.
    """

    frames: np.ndarray
    values: np.ndarray
    in_slopes: np.ndarray
    out_slopes: np.ndarray
    held: np.ndarray


@dataclass(frozen=True, eq=False)
class Sides:
    """A curve at some frames: what it arrives with from the left and leaves with to the right, all (m,) float64.

    Attributes
    ----------
    arriving, leaving : (m,) float64
        The same but where the curve jumps.
    in_slopes, out_slopes : (m,) float64
        Units per frame.
    """

    arriving: np.ndarray
    leaving: np.ndarray
    in_slopes: np.ndarray
    out_slopes: np.ndarray


def knots_of(keys: Keys, fps: Fraction) -> Knots:
    """The curve that keys stand for.

    Every key becomes a knot. A `stepnext` key becomes two, the second one at the next number that a float64 can tell
    apart from the first: the curve has the key's own value at the key, and the next key's right after it.

    Parameters
    ----------
    keys : Keys
        At least one.
    """
    in_slopes, out_slopes = (slopes / float(fps) for slopes in tangent_slopes(keys, fps))
    kinds = np.asarray(keys.out_types)
    jumping = np.flatnonzero(kinds[:-1] == "stepnext")
    held = (kinds == "step") | (kinds == "stepnext")
    held[-1] = False

    def put_in(array: np.ndarray, new: np.ndarray) -> np.ndarray:
        return np.insert(array, jumping + 1, new)

    return Knots(
        put_in(keys.frames, np.nextafter(keys.frames[jumping], np.inf)),
        put_in(keys.values, keys.values[jumping + 1]),
        put_in(in_slopes, np.zeros(len(jumping))),
        put_in(out_slopes, np.zeros(len(jumping))),
        put_in(held, np.ones(len(jumping), dtype=bool)),
    )


def sides(knots: Knots, frames: np.ndarray) -> Sides:
    """A curve at any frames, (m,) float64, each in the two spans that meet there."""
    arriving, in_slopes = _on_spans(knots, np.searchsorted(knots.frames, frames, side="left") - 1, frames)
    leaving, out_slopes = _on_spans(knots, np.searchsorted(knots.frames, frames, side="right") - 1, frames)
    return Sides(arriving, leaving, in_slopes, out_slopes)


def _on_spans(knots: Knots, spans: np.ndarray, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Value and slope at frames, on the spans of these numbers: -1 before the first knot, n - 1 after the last."""
    last = len(knots.frames) - 1
    if last == 0:
        return np.full(frames.shape, knots.values[0]), np.zeros(frames.shape)
    left = np.clip(spans, 0, last - 1)
    width = knots.frames[left + 1] - knots.frames[left]
    share = np.clip((frames - knots.frames[left]) / width, 0.0, 1.0)
    first, second = knots.values[left], knots.values[left + 1]
    rise_out, rise_in = knots.out_slopes[left] * width, knots.in_slopes[left + 1] * width
    value = hermite(share, first, second, rise_out, rise_in)
    slope = _slope(share, second - first, rise_out, rise_in) / width
    ended = share >= 1.0  # there rounding would make a jump of nothing
    value = np.where(ended, second, value)
    slope = np.where(ended, knots.in_slopes[left + 1], slope)
    held = knots.held[left]
    outside = (spans < 0) | (spans >= last)
    value = np.where(held, first, value)
    value = np.where(spans < 0, knots.values[0], np.where(spans >= last, knots.values[-1], value))
    return value, np.where(held | outside, 0.0, slope)


def _slope(share: np.ndarray, step: np.ndarray, rise_out: np.ndarray, rise_in: np.ndarray) -> np.ndarray:
    """How fast `maya_curve.hermite` changes with `share`."""
    curve = 3.0 * step - 2.0 * rise_out - rise_in
    bend = rise_out + rise_in - 2.0 * step
    return np.asarray(rise_out + share * (2.0 * curve + 3.0 * share * bend))
