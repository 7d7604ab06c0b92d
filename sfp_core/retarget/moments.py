"""Moments of a clip that smoothing must not wash out: lips that close between openings, and blinks."""

from fractions import Fraction

import numpy as np

from sfp_core.landmarks import Event, EventKind
from sfp_core.retarget.measures import measured, places
from sfp_core.retarget.ranges import Ranges
from sfp_core.timing import frame_seconds

_CLOSED, _PARTED = 0.06, 0.12  # shares of the mouth's range: lips together, lips apart
_SHUT, _OPEN = 0.35, 0.6  # shares of the lids' way: shut, open
_LONGEST_SEAL_SECONDS, _LONGEST_BLINK_SECONDS = 0.4, 0.6  # what lasts longer needs no protection
_FROM_LOWEST = 0.08  # frames so near the most closed one belong to the moment


def moments(points: np.ndarray, face: Ranges, *, fps: Fraction) -> tuple[Event, ...]:
    """Closing lips and blinks of (T, 98, 2) landmarks in the proportions of `face`, in time order.

    A moment's time is that of whole frames: from its first frame to its last one.
    """
    change = measured(points) - face.at_rest
    lips = places(span="lip_gap")
    opened = (change[:, lips] / face.up[lips]).mean(axis=1)
    lids = places(span="lid")
    room = np.maximum(face.at_rest - face.shut, 1e-4)
    openness = 1 + change[:, lids] / room[lids]
    half = len(lids) // 2
    least = np.minimum(openness[:, :half].mean(axis=1), openness[:, half:].mean(axis=1))  # a wink is one too
    seals = _dips(opened, _CLOSED, _PARTED, _LONGEST_SEAL_SECONDS * float(fps))
    blinks = _dips(least, _SHUT, _OPEN, _LONGEST_BLINK_SECONDS * float(fps))
    events = [*_events("lip_seal", seals, fps), *_events("blink", blinks, fps)]
    return tuple(sorted(events, key=lambda event: event.start_seconds))


def _dips(values: np.ndarray, low: float, high: float, longest: float) -> list[tuple[int, int]]:
    """First and last frame of each stay below `low` that comes from and goes to `high` within `longest` frames.

    Only the frames near the lowest one are counted.
    """
    below = np.concatenate([[False], values < low, [False]])
    starts, ends = np.flatnonzero(~below[:-1] & below[1:]), np.flatnonzero(below[:-1] & ~below[1:]) - 1
    found = []
    for start, end in zip(starts, ends, strict=True):
        if end - start + 1 > longest or start == 0 or end == len(values) - 1:
            continue
        reach = max(1, round(longest))
        before, after = values[max(0, start - reach) : start], values[end + 1 : end + 1 + reach]
        if before.max() < high or after.max() < high:
            continue
        lowest = values[start : end + 1].min()
        near = start + np.flatnonzero(values[start : end + 1] <= lowest + _FROM_LOWEST)
        found.append((int(near[0]), int(near[-1])))
    return found


def _events(kind: EventKind, dips: list[tuple[int, int]], fps: Fraction) -> list[Event]:
    return [Event(kind, frame_seconds(first, fps), frame_seconds(last, fps)) for first, last in dips]
