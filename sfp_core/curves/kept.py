"""What an animator changed in a take stays when the take is made anew.

A channel of the old take names the spans of frames that were edited. Within a span the new curve is the old one,
value for value between the keys too; four frames before and after it the new curve is untouched. Keys at these four
places get fixed tangents, so that nothing outside moves when keys inside come and go.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from sfp_core.curves.maya_curve import evaluate, tangent_slopes
from sfp_core.curves.take import Channel, Take
from sfp_core.errors import SfpError
from sfp_core.rig import Keys, TangentType

HAND_OVER = 4
"""Frames in which a curve passes from what was made anew to what was kept."""


def with_edits_of(new: Take, old: Take) -> tuple[Take, tuple[str, ...]]:
    """`new` with the edited spans and the layers' weights of `old`.

    Returns
    -------
    take : Take
        Spans stay marked as edited. Keys beyond the new take's end are kept too.
    lost : tuple of str
        Controllers with edits that have no place in `new`, e.g. since its rig lacks them.

    Raises
    ------
    SfpError
        Takes of different rigs.
    """
    if new.rig != old.rig:
        raise SfpError(f"take of {old.rig}: cannot be kept in a take of {new.rig}; expected the same character")
    ratio = float(new.fps / old.fps)
    edited = {
        (channel.controller, channel.layer): _at_other_rate(channel, ratio)
        for channel in old.channels
        if channel.edited
    }
    channels = []
    for channel in new.channels:
        before = edited.pop((channel.controller, channel.layer), None)
        channels.append(channel if before is None else _spliced(channel, before, new))
    weights = {layer.name: layer.weight for layer in old.layers}
    layers = tuple(replace(layer, weight=weights.get(layer.name, layer.weight)) for layer in new.layers)
    lost = tuple(sorted({controller for controller, _ in edited}))
    return replace(new, layers=layers, channels=tuple(channels)), lost


def marked(take: Take, controllers: Iterable[str], *, span: tuple[float, float] | None = None) -> Take:
    """The take with these controllers' keys marked as edited, in frames `span` or all over.

    Raises
    ------
    SfpError
        A controller that the take has not.
    """
    wanted = set(controllers)
    unknown = sorted(wanted - {channel.controller for channel in take.channels})
    if unknown:
        raise SfpError(f"take of {take.rig}: has no controller {', '.join(map(repr, unknown))} to mark")
    whole = span or (0.0, float(take.frames - 1))
    channels = tuple(
        replace(channel, edited=_united([*channel.edited, whole])) if channel.controller in wanted else channel
        for channel in take.channels
    )
    return replace(take, channels=channels)


def unmarked(take: Take) -> Take:
    """The take without any mark."""
    return replace(take, channels=tuple(replace(channel, edited=()) for channel in take.channels))


def _united(spans: Iterable[tuple[float, float]], *, nearer: float = 0.0) -> tuple[tuple[float, float], ...]:
    """The same spans in order, those that overlap or have no more than `nearer` frames between them as one."""
    united: list[tuple[float, float]] = []
    for first, last in sorted(spans):
        if united and first <= united[-1][1] + nearer:
            united[-1] = (united[-1][0], max(united[-1][1], last))
        else:
            united.append((first, last))
    return tuple(united)


def _at_other_rate(channel: Channel, ratio: float) -> Channel:
    """The channel with its keys at the same times at another rate."""
    if ratio == 1.0:
        return channel
    keys = replace(channel.keys, frames=channel.keys.frames * ratio)
    return replace(channel, keys=keys, edited=tuple((first * ratio, last * ratio) for first, last in channel.edited))


def _spliced(new: Channel, old: Channel, take: Take) -> Channel:
    """The new channel with the old one's keys within its edited spans."""
    spans = _united(old.edited, nearer=2 * HAND_OVER)
    if any(first <= 0 and last >= take.frames - 1 for first, last in spans):
        return replace(new, keys=old.keys, worst_error=old.worst_error, edited=spans)
    rested = _resting(new.neutral, take)
    keys = new.keys if new.keys.count else rested
    source = old.keys if old.keys.count else rested
    for first, last in spans:
        inner = _cut(source, (first, last), take)
        inner = _part(inner, (inner.frames >= first) & (inner.frames <= last))
        borders = [frame for frame in (first - HAND_OVER, last + HAND_OVER) if 0 < frame < take.frames - 1]
        outer = _cut(keys, borders, take)
        outer = _part(outer, (outer.frames <= first - HAND_OVER) | (outer.frames >= last + HAND_OVER))
        keys = _joined(outer, inner)
    return replace(new, keys=keys, edited=spans)


def _resting(value: float, take: Take) -> Keys:
    """One key: a curve that does not move."""
    auto: tuple[TangentType, ...] = ("auto",)
    return Keys(np.zeros(1), np.array([value]), auto, auto, np.zeros(1), np.zeros(1))


def _cut(keys: Keys, frames: Iterable[float], take: Take) -> Keys:
    """The same curve with keys at these frames too; they and their neighbours get fixed tangents.

    A key that another one comes next to would turn its auto tangent; fixed, it stays as it was.
    """
    places = np.array(sorted(set(frames)))
    missing = places[~np.isin(places, keys.frames)]
    in_slopes, out_slopes = (np.array(side) for side in tangent_slopes(keys, take.fps))
    added = evaluate(keys, missing, take.fps) if len(missing) else np.zeros(0)
    added_slopes = _slopes_at(keys, missing, take)
    stepped = _stepping(keys, missing)
    order = np.argsort(np.concatenate([keys.frames, missing]), kind="stable")
    all_frames = np.concatenate([keys.frames, missing])[order]
    near = np.zeros(len(all_frames), dtype=bool)
    for place in places:
        at = int(np.searchsorted(all_frames, place))
        near[max(at - 1, 0) : at + 2] = True
    in_types = np.array([*keys.in_types, *stepped], dtype=object)[order]
    out_types = np.array([*keys.out_types, *stepped], dtype=object)[order]
    for types in (in_types, out_types):
        smooth = ~np.isin(types.astype(str), ("step", "stepnext", "linear", "flat"))
        types[near & smooth] = "fixed"
    return Keys(
        all_frames,
        np.concatenate([keys.values, added])[order],
        tuple(in_types.tolist()),
        tuple(out_types.tolist()),
        np.concatenate([in_slopes, added_slopes])[order],
        np.concatenate([out_slopes, added_slopes])[order],
    )


def _slopes_at(keys: Keys, frames: np.ndarray, take: Take) -> np.ndarray:
    """Slopes of the curve at frames without a key, units per second; zero where it is constant or steps."""
    if keys.count < 2:
        return np.zeros(len(frames))
    in_slopes, out_slopes = tangent_slopes(keys, take.fps)
    left = np.searchsorted(keys.frames, frames, side="right") - 1
    inside = (left >= 0) & (left < keys.count - 1)
    left = np.clip(left, 0, keys.count - 2)
    stepping = np.isin(np.array(keys.out_types, dtype=str)[left], ("step", "stepnext"))
    width = keys.frames[left + 1] - keys.frames[left]
    seconds = width / float(take.fps)
    share = (frames - keys.frames[left]) / width
    step = (keys.values[left + 1] - keys.values[left]) / seconds
    out, into = out_slopes[left], in_slopes[left + 1]
    slope = out + share * (2 * (3 * step - 2 * out - into) + 3 * share * (out + into - 2 * step))
    return np.where(inside & ~stepping, slope, 0.0)


def _stepping(keys: Keys, frames: np.ndarray) -> list[TangentType]:
    """The tangent types of keys put in at these frames: those of a step where the curve steps there, else fixed."""
    left = np.searchsorted(keys.frames, frames, side="right") - 1
    kinds: list[TangentType] = []
    for place in left:
        kind: TangentType = keys.out_types[place] if 0 <= place < keys.count - 1 else "fixed"
        kinds.append(kind if kind in ("step", "stepnext") else "fixed")
    return kinds


def _part(keys: Keys, chosen: np.ndarray) -> Keys:
    where = np.flatnonzero(chosen)
    return Keys(
        keys.frames[where],
        keys.values[where],
        tuple(keys.in_types[place] for place in where),
        tuple(keys.out_types[place] for place in where),
        keys.in_slopes[where],
        keys.out_slopes[where],
    )


def _joined(one: Keys, other: Keys) -> Keys:
    """All keys of both, in order of time."""
    order = np.argsort(np.concatenate([one.frames, other.frames]), kind="stable")
    return Keys(
        np.concatenate([one.frames, other.frames])[order],
        np.concatenate([one.values, other.values])[order],
        tuple((one.in_types + other.in_types)[place] for place in order),
        tuple((one.out_types + other.out_types)[place] for place in order),
        np.concatenate([one.in_slopes, other.in_slopes])[order],
        np.concatenate([one.out_slopes, other.out_slopes])[order],
    )
