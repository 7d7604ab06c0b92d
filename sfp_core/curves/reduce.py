"""Key reduction: the fewest keys that keep a curve within a stated tolerance when Maya plays it.

Keys stand on whole frames, unless finer places are asked for, with auto tangents; linear and flat ones are used where
they save a key. The error is the distance to the *dense curve*, which is what Maya would play with an auto key on every
frame, measured at every frame and at three places between two frames.

How: a curve is cut at its turning points and at pinned frames, which become keys with their exact values (a turning
point counts when the curve turns back by more than twice the tolerance: less can be passed over within it). Where a
piece is not within tolerance yet, keys are put in, each at the frame that helps most. Then keys are taken out again
wherever the tolerance still holds: one key dropped, or two replaced by one at the best frame, whose value may leave
the dense curve within the tolerance. Auto tangents see only the neighbouring keys, so all of this is local, and it is
done for all pieces of many controllers at once. A curve too long for that is worked on in stretches that end at
turning points.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from sfp_core.curves.maya_curve import auto_slopes, evaluate, hermite
from sfp_core.curves.segments import SUBSTEPS, Dense
from sfp_core.curves.sparse import SparseKeys
from sfp_core.errors import SfpError
from sfp_core.rig import ControllerCurves, Keys, TangentType

_BATCH_FRAMES = 20_000  # frames of all controllers worked on at once; bounds the memory to some 100 megabytes
_MOST_PER_FRAME = 4


@dataclass(frozen=True)
class Reduced:
    """The keys of one controller and what was lost.

    Attributes
    ----------
    keys : Keys
        None at all where the controller rests at neutral.
    worst_error : float
        Largest distance from the dense curve, at frames and between, as a share of the controller's range.
    """

    keys: Keys
    worst_error: float


def reduce_curves(
    curves: ControllerCurves,
    *,
    tolerance: float | np.ndarray = 0.01,
    pinned: Sequence[np.ndarray] = (),
    per_frame: int = 1,
) -> tuple[Reduced, ...]:
    """Sparse keys for every controller, in the rig's order.

    Parameters
    ----------
    curves : ControllerCurves
        (T, K); T is at least 1.
    tolerance : float or (K,) float
        Largest error allowed, as a share of the controller's range. 0 keeps every frame at which the curve moves.
    pinned : sequence of K int arrays, or empty
        Frames at which the value must be kept exactly, e.g. lips sealed (`smooth.event_frames`). The first and the
        last frame of a run of pinned frames become keys.
    per_frame : int
        On how many places a frame keys may stand: 1 for whole frames, 2 for half ones too, at most 4. A controller for
        which that saves no key keeps to whole frames.

    Returns
    -------
    tuple of K Reduced
        One key for a controller that moves less than the tolerance; none if that is at neutral.
    """
    rig, count = curves.rig, len(curves.rig.controllers)
    share = np.broadcast_to(np.asarray(tolerance, dtype=np.float64), (count,))
    if not ((share >= 0) & (share < 1)).all():
        raise SfpError(f"tolerance {tolerance}: expected shares of the range from 0 to below 1, e.g. 0.01")
    if pinned and len(pinned) != count:
        raise SfpError(f"pinned frames: {len(pinned)} lists, but {rig.name} has {count} controllers")
    if per_frame not in range(1, _MOST_PER_FRAME + 1):
        raise SfpError(f"keys on {per_frame} places a frame: expected 1 to {_MOST_PER_FRAME}")
    if curves.frames == 0:
        raise SfpError(f"curves of {rig.name}: no frames; expected at least one")
    spans = rig.maximum - rig.minimum
    results: list[Reduced | None] = [None] * count
    moving = []
    for index in range(count):
        values = curves.values[:, index]
        pins = pin_ends(pinned[index]) if pinned else np.zeros(0, dtype=np.int64)
        allowed = float(share[index] * spans[index])
        still = _still(values, pins, allowed=allowed, neutral=float(rig.neutral[index]))
        if still is not None:
            results[index] = _measured(still, values, curves.fps, spans[index], rest=float(rig.neutral[index]))
        elif allowed == 0:
            results[index] = _measured(_every_moving_frame(values), values, curves.fps, spans[index])
        else:
            moving.append((index, pins, allowed))
    per_batch = max(1, _BATCH_FRAMES // curves.frames)
    for start in range(0, len(moving), per_batch):
        batch = moving[start : start + per_batch]
        columns = np.ascontiguousarray(curves.values[:, [index for index, _, _ in batch]].T)
        allowed_each = np.array([allowed for _, _, allowed in batch])
        pins_each = [pins for _, pins, _ in batch]
        keyed = [_reduced(columns, allowed_each, pins_each, places) for places in sorted({1, per_frame})]
        for (index, _, allowed), values, choices in zip(batch, columns, zip(*keyed, strict=True), strict=True):
            found = [_measured(keys, values, curves.fps, spans[index]) for keys in choices]
            kept = [one for one in found if one.worst_error * spans[index] <= allowed] or found[:1]
            results[index] = min(kept, key=lambda one: one.keys.count)
    return tuple(result for result in results if result is not None)


def pin_ends(frames: np.ndarray) -> np.ndarray:
    """First and last frame of every run of neighbouring frames."""
    frames = np.unique(np.asarray(frames, dtype=np.int64))
    if len(frames) < 3:
        return frames
    inner = np.zeros(len(frames), dtype=bool)
    inner[1:-1] = (np.diff(frames)[:-1] == 1) & (np.diff(frames)[1:] == 1)
    return frames[~inner]


def _still(values: np.ndarray, pins: np.ndarray, *, allowed: float, neutral: float) -> Keys | None:
    """No or one key for a controller that moves less than `allowed`, else None."""
    low, high = float(values.min()), float(values.max())
    if high - low > allowed:
        return None
    if max(high - neutral, neutral - low) <= allowed:
        return _keys(np.zeros(0, dtype=np.int64), np.zeros(0))
    # A sealed lip is what shows, so the one value is one of those that are pinned.
    value = np.sort(values[pins])[len(pins) // 2] if len(pins) else values[0] if high == low else (low + high) / 2
    return _keys(np.zeros(1, dtype=np.int64), np.array([value]))


def _keys(frames: np.ndarray, values: np.ndarray) -> Keys:
    auto: TangentType = "auto"
    types = (auto,) * len(frames)
    zeros = np.zeros(len(frames))
    return Keys(frames, values, types, types, zeros, zeros)


def _every_moving_frame(values: np.ndarray) -> Keys:
    moves = np.zeros(len(values) + 1, dtype=bool)
    moves[1:-1] = np.diff(values) != 0
    frames = np.flatnonzero(moves[1:] | moves[:-1])
    return _keys(frames, values[frames])


def _measured(keys: Keys, values: np.ndarray, fps: Fraction, span: float, *, rest: float = 0.0) -> Reduced:
    """The keys with their worst error, by Maya's own evaluation, at frames and between."""
    dense, worst = dense_curve(values), 0.0
    for begin in range(0, len(dense), _BATCH_FRAMES * SUBSTEPS):
        target = dense[begin : begin + _BATCH_FRAMES * SUBSTEPS]
        places = np.arange(begin, begin + len(target)) / SUBSTEPS
        played = evaluate(keys, places, fps) if keys.count else np.full(len(places), rest)
        worst = max(worst, float(np.abs(played - target).max()))
    return Reduced(keys, worst / span)


def dense_curve(values: np.ndarray, *, steps: int = SUBSTEPS) -> np.ndarray:
    """What Maya plays with an auto key on every frame, (T,) values -> ((T - 1) * steps + 1,)."""
    slopes = auto_slopes(np.arange(len(values)), values)
    share = np.arange(steps)[None] / steps
    played = np.empty((len(values) - 1) * steps + 1)
    for begin in range(0, len(values) - 1, _BATCH_FRAMES):
        left = slice(begin, min(begin + _BATCH_FRAMES, len(values) - 1))
        right = slice(left.start + 1, left.stop + 1)
        inner = hermite(share, values[left, None], values[right, None], slopes[left, None], slopes[right, None])
        played[left.start * steps : left.stop * steps] = inner.ravel()
    played[-1] = values[-1]
    return played


def _reduced(columns: np.ndarray, allowed: np.ndarray, pins: Sequence[np.ndarray], per_frame: int) -> list[Keys]:
    """Keys of several moving controllers: `columns` (C, T) and the largest error `allowed` (C,), in one unit each."""
    scaled = columns / allowed[:, None]  # the tolerance becomes 1 for all
    fine = np.stack([dense_curve(row, steps=SUBSTEPS * per_frame) for row in scaled])
    dense = Dense(fine[:, ::SUBSTEPS], fine)  # one "frame" of it is one place where a key may stand
    kept = [
        np.union1d(turning_points(row, 2.0), mine * per_frame).astype(np.int64)
        for row, mine in zip(dense.values, pins, strict=True)
    ]
    if dense.frames <= _BATCH_FRAMES:
        found = _reduce_batch(dense, kept)
    else:
        rows = range(len(columns))
        found = [_reduce_long(Dense(dense.values[[row]], fine[[row]]), kept[row]) for row in rows]
    return [
        _in_unit(keys, row, column, allowed=limit, per_frame=per_frame)
        for keys, row, column, limit in zip(found, dense.values, columns, allowed, strict=True)
    ]


def _in_unit(keys: Keys, scaled: np.ndarray, column: np.ndarray, *, allowed: float, per_frame: int) -> Keys:
    """Keys in units of the tolerance and places as keys in the controller's unit and frames, exact where they were."""
    place = keys.frames.astype(np.int64)
    exact = dense_curve(column, steps=per_frame)[place]
    return replace(keys, frames=keys.frames / per_frame, values=exact + (keys.values - scaled[place]) * allowed)


def _reduce_long(dense: Dense, kept: np.ndarray) -> Keys:
    """Keys of one controller, stretch by stretch; where two of them meet stands a key that is not auto."""
    cuts = [0]
    while cuts[-1] < dense.frames - 1:
        limit = min(cuts[-1] + _BATCH_FRAMES, dense.frames - 1)
        usable = kept[(kept > cuts[-1]) & (kept <= limit)]
        cuts.append(int(usable[-1]) if len(usable) and limit < dense.frames - 1 else limit)
    frames: list[np.ndarray] = []
    values: list[np.ndarray] = []
    in_types: list[TangentType] = []
    out_types: list[TangentType] = []
    for first, last in itertools.pairwise(cuts):
        part = Dense(dense.values[:, first : last + 1], dense.fine[:, first * SUBSTEPS : last * SUBSTEPS + 1])
        inner = kept[(kept >= first) & (kept <= last)]
        met = [cut for cut in (first, last) if 0 < cut < dense.frames - 1]
        (keys,) = _reduce_batch(part, [np.union1d(inner, met).astype(np.int64) - first])
        own = slice(1 if first else 0, None)  # the key at the cut is there already
        if first:
            out_types[-1] = _held(keys.out_types[0])
        frames.append(keys.frames[own] + first)
        values.append(keys.values[own])
        in_types += keys.in_types[own]
        out_types += keys.out_types[own]
        if last < dense.frames - 1:
            in_types[-1] = _held(in_types[-1])
    zeros = np.zeros(len(in_types))
    return Keys(np.concatenate(frames), np.concatenate(values), tuple(in_types), tuple(out_types), zeros, zeros)


def _held(kind: TangentType) -> TangentType:
    """The type by its own slope at the end of a curve: an auto tangent is flat there."""
    return "flat" if kind == "auto" else kind


def _reduce_batch(dense: Dense, kept: Sequence[np.ndarray]) -> list[Keys]:
    """Keys of several moving controllers in units of the tolerance; those at the frames `kept` stay exact."""
    begun = [_with_ends(row, mine) for row, mine in zip(dense.values, kept, strict=True)]
    sparse = SparseKeys(dense, begun, kept)
    sparse.fill()
    sparse.thin()
    results = []
    for values, (frames, offsets, in_types, out_types) in zip(dense.values, sparse.channels(), strict=True):
        zeros = np.zeros(len(frames))
        results.append(Keys(frames, values[frames] + offsets, in_types, out_types, zeros, zeros))
    return results


def _with_ends(values: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """The kept frames and those at which the motion begins and ends, in order."""
    moving = np.flatnonzero(np.diff(values))
    return np.unique(np.concatenate([moving[:1], moving[-1:] + 1, kept]).astype(np.int64))


def turning_points(values: np.ndarray, threshold: float) -> np.ndarray:
    """Frames of the maxima and minima between which the curve moves by more than `threshold`, in order, (n,) int64."""
    steps = np.diff(values)
    moving = np.flatnonzero(steps)
    if len(moving) < 2:
        return np.zeros(0, dtype=np.int64)
    rising = steps[moving] > 0
    extrema = moving[np.flatnonzero(rising[1:] != rising[:-1])] + 1
    frames = [0, *extrema.tolist(), len(values) - 1]
    found: list[int] = []
    high = low = 0
    direction = 0
    for frame in frames:
        value = values[frame]
        if direction >= 0 and value > values[high]:
            high = frame
        if direction <= 0 and value < values[low]:
            low = frame
        if direction >= 0 and values[high] - value > threshold:
            if direction > 0 or high > 0:
                found.append(high)
            direction, low = -1, frame
        elif direction <= 0 and value - values[low] > threshold:
            if direction < 0 or low > 0:
                found.append(low)
            direction, high = 1, frame
    last = high if direction > 0 else low
    if direction and abs(values[last] - values[-1]) > threshold / 2:
        found.append(last)
    return np.array(found, dtype=np.int64)
