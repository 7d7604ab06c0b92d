"""Curves as the samplers of a glTF animation: one row of times for all curves of a node, nothing lost.

glTF keys all morph weights of a node at the same times. These are the frames at which any of the curves has a knot;
the other curves get knots there too, which does not change them. Where a curve jumps there are two rows: one right
before the frame, at the last time that a float32 can tell apart from it, with what the curve arrives with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from sfp_core.curves.knots import Knots, sides

Interpolation = Literal["STEP", "LINEAR", "CUBICSPLINE"]

_STRAIGHT = 1e-9  # units: what rises otherwise than its chord by less is a straight line


@dataclass(frozen=True, eq=False)
class Sum:
    """A number over time: `constant` and strengths times curves."""

    constant: float
    curves: tuple[tuple[float, Knots], ...] = ()

    def at(self, frames: np.ndarray) -> np.ndarray:
        """The fields of `knots.Sides` at frames (m,), as rows of (4, m) float64."""
        rows = np.zeros((4, len(frames)))
        rows[:2] = self.constant
        for strength, knots in self.curves:
            one = sides(knots, frames)
            rows += strength * np.stack([one.arriving, one.leaving, one.in_slopes, one.out_slopes])
        return rows


@dataclass(frozen=True, eq=False)
class Samples:
    """A sampler.

    Attributes
    ----------
    seconds : (n,) float32
        Rising.
    values : (n, M) or (n, 3, M) float32
        With `CUBICSPLINE` in tangent, value and out tangent of every key; tangents are units per second.
    """

    interpolation: Interpolation
    seconds: np.ndarray
    values: np.ndarray


def sampled(numbers: Sequence[Sum], *, frames: int, fps: Fraction, start_frame: int) -> Samples:
    """Keys of M numbers, from the first to the last of so many frames.

    `STEP` where all hold from key to key, `LINEAR` where all go straight, else `CUBICSPLINE`.

    Parameters
    ----------
    start_frame : int
        At least 0; frame 0 is at start_frame / fps seconds.
    """
    last = frames - 1.0
    knots = [one.frames for number in numbers for _, one in number.curves]
    places = np.unique(np.clip(np.concatenate([[0.0, last], *knots]), 0.0, last))
    arriving, leaving, in_slopes, out_slopes = np.stack([number.at(places) for number in numbers], axis=2)
    arriving[0], in_slopes[0], out_slopes[-1] = leaving[0], 0.0, 0.0  # what lies outside is cut off
    jumps = (arriving != leaving).any(axis=1)
    exact = (start_frame + places) / float(fps)
    seconds = np.where(jumps, _at_or_before(exact), exact.astype(np.float32))
    rise, width = arriving[1:] - leaving[:-1], np.diff(places)[:, None]
    if not (rise.any() or in_slopes.any() or out_slopes.any()):
        return Samples("STEP", _rising(seconds), leaving.astype(np.float32))
    rows = np.repeat(np.arange(len(places)), 1 + jumps)
    before, after = np.diff(rows, append=-1) == 0, np.diff(rows, prepend=-1) == 0  # first and second of two rows
    seconds = _rising(np.where(before, np.nextafter(seconds[rows], np.float32(-1.0)), seconds[rows]))
    values = np.where(before[:, None], arriving[rows], leaving[rows])
    straight = np.abs(out_slopes[:-1] * width - rise) <= _STRAIGHT
    straight &= np.abs(in_slopes[1:] * width - rise) <= _STRAIGHT
    if straight.all():
        return Samples("LINEAR", seconds, values.astype(np.float32))
    come = np.where(after[:, None], 0.0, in_slopes[rows]) * float(fps)
    go = np.where(before[:, None], 0.0, out_slopes[rows]) * float(fps)
    return Samples("CUBICSPLINE", seconds, np.stack([come, values, go], axis=1).astype(np.float32))


def _at_or_before(seconds: np.ndarray) -> np.ndarray:
    """The last float32 that is not after each time: a frame begins with what the curve leaves with."""
    near = seconds.astype(np.float32)
    return np.where(near.astype(np.float64) > seconds, np.nextafter(near, np.float32(-1.0)), near)


def _rising(seconds: np.ndarray) -> np.ndarray:
    """Times (n,) float32, those that a float32 cannot tell apart moved on as little as can be."""
    seconds = seconds.copy()
    while (late := np.flatnonzero(np.diff(seconds) <= 0.0)).size:
        seconds[late + 1] = np.nextafter(seconds[late], np.float32(np.inf))
    return seconds
