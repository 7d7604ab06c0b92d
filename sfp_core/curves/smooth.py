"""Smoothing that takes the jitter and leaves the acting: zero-phase, in bounds, with closures and blinks kept.

Every controller is smoothed with a Gaussian of its own width. Three rules keep the performance:

* at frames of an event (lips sealed, lids shut) the values stay exactly as they were, and the smoothing fades in
  around them;
* no value moves by more than a stated share of the controller's range, so that a step, however sharp, keeps its time:
  its 50 % crossing moves by at most that share over the step's slope, far less than half a frame;
* a Gaussian is symmetric in time: nothing comes later or earlier.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

import numpy as np

from sfp_core.curves.parts import Part, held_by, part_of
from sfp_core.errors import SfpError
from sfp_core.landmarks import Event
from sfp_core.rig import ControllerCurves, RigSpec
from sfp_core.timing import frame_at_or_after, frame_at_or_before, frame_nearest

Strength = Literal["none", "light", "normal", "strong"]

_FACTORS: Mapping[Strength, float] = {"none": 0.0, "light": 0.5, "normal": 1.0, "strong": 2.0}
# Seconds at "normal". Lips turn up to 6 times a second and lids shut in 0.1 s, so both get far less than brows.
_SIGMA_SECONDS: Mapping[Part, float] = {
    "lids": 0.010,
    "gaze": 0.010,
    "lips": 0.018,
    "corners": 0.022,
    "tongue": 0.018,
    "jaw": 0.022,
    "cheeks": 0.040,
    "brows": 0.050,
    "head": 0.080,
    "other": 0.030,
}
_LARGEST_CHANGE = 0.04  # share of the range at "normal": above the jitter of detected landmarks, below an onset
_FADE_SIGMAS = 3.0  # beyond that a Gaussian is spent


@dataclass(frozen=True)
class Smoothing:
    """How much to smooth each controller.

    Attributes
    ----------
    sigma_seconds : (K,) float64
        Width of the Gaussian; 0 leaves a controller as it is.
    largest_change : (K,) float64
        By how much a value may move at most, as a share of the controller's range.
    """

    sigma_seconds: np.ndarray
    largest_change: np.ndarray

    def __post_init__(self) -> None:
        for name in ("sigma_seconds", "largest_change"):
            array = np.array(getattr(self, name), dtype=np.float64)
            if array.ndim != 1 or not np.isfinite(array).all() or (array < 0).any():
                raise SfpError(f"smoothing: {name} must be one number of at least 0 a controller")
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if len(self.sigma_seconds) != len(self.largest_change):
            raise SfpError(
                f"smoothing: {len(self.sigma_seconds)} widths, but {len(self.largest_change)} largest changes"
            )


def smoothing_named(strength: Strength, names: Sequence[str]) -> Smoothing:
    """Smoothing in plain words, lighter for lips and lids than for brows and head.

    Parameters
    ----------
    strength : "none", "light", "normal" or "strong"
    names : sequence of str
        Controllers, in the order of the curves.
    """
    if strength not in get_args(Strength):
        raise SfpError(f"smoothing {strength!r} is unknown; expected one of {', '.join(get_args(Strength))}")
    factor = _FACTORS[strength]
    sigma = np.array([factor * _SIGMA_SECONDS[part_of(name)] for name in names])
    return Smoothing(sigma, np.full(len(names), factor * _LARGEST_CHANGE))


def smooth(curves: ControllerCurves, smoothing: Smoothing, *, events: Sequence[Event] = ()) -> ControllerCurves:
    """Smoothed curves; values at the events' frames are kept exactly, on the controllers that an event holds.

    One controller is worked on at a time, so memory stays that of the result.
    """
    if len(smoothing.sigma_seconds) != len(curves.rig.controllers):
        raise SfpError(
            f"smoothing: {len(smoothing.sigma_seconds)} widths, but {curves.rig.name} has "
            f"{len(curves.rig.controllers)} controllers"
        )
    held = event_frames(events, curves)
    span = curves.rig.maximum - curves.rig.minimum
    result = curves.values.copy()
    for index, sigma_seconds in enumerate(smoothing.sigma_seconds):
        sigma_frames = float(sigma_seconds * curves.fps)
        limit = float(smoothing.largest_change[index] * span[index])
        column = curves.values[:, index]
        if sigma_frames <= 0 or limit <= 0 or len(column) < 2 or not np.ptp(column):
            continue
        change = limit * np.tanh((_gaussian(column, sigma_frames) - column) / limit)
        change *= _away_from(held[index], len(column), _FADE_SIGMAS * sigma_frames)
        result[:, index] = column + change
    return ControllerCurves(
        curves.rig, curves.fps, curves.start_seconds, np.clip(result, curves.rig.minimum, curves.rig.maximum)
    )


def event_frames(events: Sequence[Event], curves: ControllerCurves) -> tuple[np.ndarray, ...]:
    """For each controller the frames at which events hold it, K arrays of rising int64.

    An event that falls between two frames holds the nearest one.
    """
    return frames_held(events, curves.rig, fps=curves.fps, start_seconds=curves.start_seconds, frames=curves.frames)


def frames_held(
    events: Sequence[Event], rig: RigSpec, *, fps: Fraction, start_seconds: float, frames: int
) -> tuple[np.ndarray, ...]:
    """As `event_frames`, where there are no curves yet."""
    by_kind: dict[str, set[int]] = {}
    for event in events:
        start, end = event.start_seconds - start_seconds, event.end_seconds - start_seconds
        first, last = frame_at_or_after(start, fps), frame_at_or_before(end, fps)
        if first > last:
            first = last = frame_nearest((start + end) / 2, fps)
        inside = range(max(first, 0), min(last, frames - 1) + 1)
        by_kind.setdefault(event.kind, set()).update(inside)
    held: list[set[int]] = [set() for _ in rig.controllers]
    for kind, kept in by_kind.items():
        for index in np.flatnonzero(held_by(kind, rig.names)):  # type: ignore[arg-type]
            held[index] |= kept
    return tuple(np.array(sorted(kept), dtype=np.int64) for kept in held)


def _gaussian(column: np.ndarray, sigma_frames: float) -> np.ndarray:
    """A column (T,) convolved with a Gaussian; beyond the ends it goes on point-symmetrically, so the ends stay."""
    reach = min(max(1, int(np.ceil(4.0 * sigma_frames))), len(column) - 1)
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma_frames) ** 2)
    before = 2.0 * column[0] - column[reach:0:-1]
    after = 2.0 * column[-1] - column[-2 : -reach - 2 : -1]
    return np.convolve(np.concatenate([before, column, after]), taps / taps.sum(), mode="valid")


def _away_from(held: np.ndarray, count: int, fade_frames: float) -> np.ndarray:
    """Weights (count,): 0 at the held frames, rising to 1 at `fade_frames` from the nearest one."""
    if len(held) == 0:
        return np.ones(count)
    frames = np.arange(count)
    after = np.searchsorted(held, frames)
    following = held[np.minimum(after, len(held) - 1)]
    preceding = held[np.maximum(after - 1, 0)]
    distance = np.minimum(np.abs(following - frames), np.abs(frames - preceding))
    share = np.minimum(distance / max(fade_frames, 1.0), 1.0)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * share))
