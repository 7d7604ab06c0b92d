"""Moments when lips must meet: when they are, how they come and go, and that every one of them is on a frame."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from sfp_core.landmarks import Event, EventKind
from sfp_core.speech.phones import Phone
from sfp_core.timing import frame_at_or_after, frame_at_or_before, frame_nearest, frame_seconds

_EARLY_SECONDS = 0.015  # the lips meet a little before the sound changes
_RELEASE = {"P": 0.65, "B": 0.65, "M": 0.85, "F": 0.8, "V": 0.8}  # share of the phone at which they part
_LONGEST_SECONDS = 0.16
_MERGE_SECONDS = 0.045  # two closures nearer than this are one (JALI: po*p m*an)
_HASTE = 0.75  # the quickest closing or opening, as a share of the usual; lips have a mass
_SOFT_SECONDS = 1e-7  # float times of frames
SEAL_COMING_GOING = (0.10, 0.11)  # seconds. JALI: bilabials take 120 ms from a pause and 60 ms from a vowel
TUCK_COMING_GOING = (0.08, 0.09)


def closures(phones: Sequence[Phone], symbols: frozenset[str], kind: EventKind) -> tuple[Event, ...]:
    """Closures of the phones with these symbols, in time order; near ones are joined."""
    found: list[Event] = []
    for phone in phones:
        if phone.symbol not in symbols:
            continue
        release = phone.start_seconds + _RELEASE[phone.symbol] * phone.seconds
        start = max(phone.start_seconds - _EARLY_SECONDS, release - _LONGEST_SECONDS, 0.0)
        if found and start - found[-1].end_seconds < _MERGE_SECONDS:
            found[-1] = replace(found[-1], end_seconds=release)
        else:
            found.append(Event(kind, start, release))
    return tuple(found)


def on_frames(events: Sequence[Event], fps: Fraction, frames: int) -> tuple[Event, ...]:
    """The events, stretched where needed so that each contains the time of at least one of `frames` frames.

    Two that would claim neighbouring frames with none left between them are joined.
    """
    stretched: list[Event] = []
    for event in events:
        start, end = event.start_seconds, event.end_seconds
        if frame_at_or_after(start, fps) > min(frame_at_or_before(end, fps), frames - 1):
            nearest = frame_seconds(min(frame_nearest((start + end) / 2, fps), frames - 1), fps)
            start, end = min(start, nearest), max(end, nearest)
        if stretched and frame_at_or_after(start, fps) - frame_at_or_before(stretched[-1].end_seconds, fps) < 2:
            stretched[-1] = replace(stretched[-1], end_seconds=max(end, stretched[-1].end_seconds))
        else:
            stretched.append(Event(event.kind, start, end))
    return tuple(stretched)


def closeness(
    events: Sequence[Event], seconds: np.ndarray, *, coming: float, going: float, among: Sequence[Event] = ()
) -> np.ndarray:
    """How closed, (T,) float64 in [0, 1], at times (T,): exactly 1 within every event, rising and falling smoothly.

    Parameters
    ----------
    coming, going : float
        Seconds that a whole closing and a whole opening take. Where two events are near, both are cut to half of the
        gap, but to no less than `_HASTE` of themselves: then the lips part between them, but not fully.
    among : sequence of Event
        Other closures of the same lips, which count as near ones too.
    """
    times = np.asarray(seconds, dtype=np.float64)
    closed = np.zeros(len(times))
    starts = np.sort([event.start_seconds for event in (*events, *among)])
    ends = np.sort([event.end_seconds for event in (*events, *among)])
    for event in events:
        if not len(times) or event.end_seconds + going < times[0]:
            continue
        if event.start_seconds - coming > times[-1]:
            break
        earlier = int(np.searchsorted(ends, event.start_seconds, side="right"))
        later = int(np.searchsorted(starts, event.end_seconds))
        before = event.start_seconds - ends[earlier - 1] if earlier else np.inf
        after = starts[later] - event.end_seconds if later < len(starts) else np.inf
        rise = min(coming, max(before / 2, _HASTE * coming))
        fall = min(going, max(after / 2, _HASTE * going))
        first = int(np.searchsorted(times, event.start_seconds - rise))
        last = int(np.searchsorted(times, event.end_seconds + fall, side="right"))
        near = times[first:last]
        outside = np.maximum(
            (event.start_seconds - near - _SOFT_SECONDS) / rise, (near - event.end_seconds - _SOFT_SECONDS) / fall
        )
        shape = 0.5 + 0.5 * np.cos(np.pi * np.clip(outside, 0.0, 1.0))
        closed[first:last] = np.maximum(closed[first:last], shape)
    return closed


def lips_together(seals: Sequence[Event], tucks: Sequence[Event], seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far the lips are sealed and how far the lower one is tucked, each (T,) float64 as `closeness`, (T,) times."""
    (seal_coming, seal_going), (tuck_coming, tuck_going) = SEAL_COMING_GOING, TUCK_COMING_GOING
    seal = closeness(seals, seconds, coming=seal_coming, going=seal_going, among=tucks)
    return seal, closeness(tucks, seconds, coming=tuck_coming, going=tuck_going, among=seals)
