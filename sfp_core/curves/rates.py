"""A take at another rate: the same motion in time, keyed on whole frames of the new rate.

Frame i of the new take is at exactly i / fps, and every key that shapes the motion lies on the frame nearest to where
it was: nothing adds up, whatever the length. What is said, the sound and its offset are seconds and stay as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

import numpy as np

from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.reduce import reduce_curves
from sfp_core.curves.take import Channel, Take
from sfp_core.errors import SfpError
from sfp_core.rig import ControllerCurves, ControllerSpec, Keys, RigSpec
from sfp_core.timing import frame_nearest

_STEPS = frozenset(("step", "stepnext"))


@dataclass(frozen=True)
class _Marks:
    """Frames of the new rate at which a value must be that of an old key: (n,) rising int64, (n,) float64."""

    frames: np.ndarray
    values: np.ndarray


def at_rate(take: Take, fps: Fraction, *, tolerance: float = 0.01) -> Take:
    """The same motion on whole frames of another rate.

    A channel whose keys all come to lie on whole frames keeps them: those with keys on whole frames where the new
    rate is a whole multiple of the old one. The others are keyed anew. Turning points and held values, such as lips
    that are sealed, keep their exact values, on the frame nearest to their time; where two fall on one frame, a
    turning point goes before the end of a rest, and the nearer before the farther. Channels of steps alone keep their
    steps.

    Parameters
    ----------
    fps : Fraction
        Frames a second of the result.
    tolerance : float
        Largest error of the new keys, a share of the controller's range.

    Returns
    -------
    Take
        As long as the old one to within half a frame; layers, weights, sound and words are the same. A channel's
        `worst_error` is its old one and what was added. Edited spans are widened to whole frames.
    """
    if not isinstance(fps, Fraction) or fps <= 0:
        raise SfpError(f"take of {take.rig}: fps must be a Fraction above 0, got {fps!r}")
    if fps == take.fps:
        return take
    ratio = fps / take.fps
    frames = frame_nearest(Fraction(take.frames - 1) / take.fps, fps) + 1
    channels: list[Channel | None] = [_moved(channel, ratio) for channel in take.channels]
    rest = [index for index, channel in enumerate(channels) if channel is None]
    for index, channel in zip(rest, _keyed_anew(take, rest, fps, frames, tolerance), strict=True):
        channels[index] = channel
    return replace(take, fps=fps, frames=frames, channels=tuple(one for one in channels if one is not None))


def _moved(channel: Channel, ratio: Fraction) -> Channel | None:
    """The channel with its keys on the nearest frames, where that loses nothing; else None."""
    keys = channel.keys
    exact = [Fraction(frame) * ratio for frame in keys.frames.tolist()]
    whole = all(place.denominator == 1 for place in exact)
    if not (whole or keys.count < 2 or _STEPS.issuperset(keys.out_types[:-1])):
        return None
    frames = np.array([floor(place + Fraction(1, 2)) for place in exact], dtype=np.float64)
    last = np.append(np.diff(frames) > 0, True)[: keys.count]  # of several steps on one frame the last shows
    return replace(channel, keys=_picked(keys, frames, last), edited=_edited(channel, ratio))


def _picked(keys: Keys, frames: np.ndarray, kept: np.ndarray) -> Keys:
    places = np.flatnonzero(kept)
    return Keys(
        frames[places],
        keys.values[places],
        tuple(keys.in_types[place] for place in places),
        tuple(keys.out_types[place] for place in places),
        keys.in_slopes[places],
        keys.out_slopes[places],
    )


def _edited(channel: Channel, ratio: Fraction) -> tuple[tuple[float, float], ...]:
    return tuple(
        (float(floor(Fraction(first) * ratio)), float(ceil(Fraction(last) * ratio))) for first, last in channel.edited
    )


def _keyed_anew(take: Take, indices: Sequence[int], fps: Fraction, frames: int, tolerance: float) -> list[Channel]:
    """Channels of the take, by their places, as keys on whole frames of `fps`."""
    if not indices:
        return []
    channels = [take.channels[index] for index in indices]
    ratio = fps / take.fps
    places = np.arange(frames) * float(1 / ratio)
    values = np.empty((frames, len(channels)))
    marks = []
    for column, channel in enumerate(channels):
        mark = _marks(channel.keys, ratio, frames)
        values[:, column] = evaluate(channel.keys, places, take.fps)
        values[mark.frames, column] = mark.values
        marks.append(mark.frames)
    # A layer's own values may lie beyond the controller's limits, which hold for the sum of all layers.
    low = np.minimum([channel.limits[0] for channel in channels], values.min(axis=0))
    high = np.maximum([channel.limits[1] for channel in channels], values.max(axis=0))
    spans = np.array([channel.limits[1] - channel.limits[0] for channel in channels])
    wider = spans / (high - low)
    rig = RigSpec(
        take.rig,
        tuple(
            ControllerSpec(str(index), float(low[column]), float(high[column]), take.channels[index].neutral)
            for column, index in enumerate(indices)
        ),
    )
    reduced = reduce_curves(ControllerCurves(rig, fps, 0.0, values), tolerance=tolerance * wider, pinned=marks)
    return [
        replace(
            channel,
            keys=one.keys,
            worst_error=channel.worst_error + one.worst_error / float(share),
            edited=_edited(channel, ratio),
        )
        for channel, one, share in zip(channels, reduced, wider, strict=True)
    ]


def _marks(keys: Keys, ratio: Fraction, frames: int) -> _Marks:
    """The keys that shape the motion, on the frames nearest to them."""
    turning, held = _turning_and_held(keys.values)
    best: dict[int, tuple[bool, Fraction, int]] = {}
    for index in np.flatnonzero(turning | held).tolist():
        place = Fraction(float(keys.frames[index])) * ratio
        frame = floor(place + Fraction(1, 2))
        if 0 <= frame < frames:
            rank = (bool(turning[index]), -abs(place - frame), index)
            best[frame] = max(best.get(frame, rank), rank)
    chosen = sorted(best)
    return _Marks(np.array(chosen, dtype=np.int64), keys.values[[best[frame][2] for frame in chosen]])


def _turning_and_held(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which keys are at a maximum or minimum, alone or in a row of equal ones, and which hold a value; (n,) bool.

    The first and the last key hold theirs: before and after them the curve is constant.
    """
    starts = np.flatnonzero(np.append(True, np.diff(values) != 0))
    runs = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(values))))
    directions = np.sign(np.diff(values[starts]))
    turns = np.zeros(len(starts), dtype=bool)
    turns[1:-1] = directions[1:] != directions[:-1]
    held = np.bincount(runs)[runs] > 1
    held[[0, -1]] = True
    return turns[runs], held
