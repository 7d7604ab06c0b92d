"""The keys of many controllers while they are being reduced: put in where needed, taken out where not.

Keys of all controllers stand in one row, ordered by *place* = controller * T + frame, so that one NumPy call serves
all of them. Values are in units of the tolerance.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from sfp_core.curves.maya_curve import auto_slopes
from sfp_core.curves.segments import AUTO, LINEAR, SUBSTEPS, TYPE_PAIRS, Dense, Segments, auto_slope, errors
from sfp_core.rig import TangentType

_WITHIN = 1.0 - 1e-9  # of the tolerance: leaves room for rounding in the final check
_MOST_CANDIDATES = 48  # frames tried for one new key
_OFFSETS = np.array(
    [0.0, -0.25, 0.25, -0.5, 0.5, -0.75, 0.75, -0.95, 0.95]
)  # tried for a key that replaces two, in units of the tolerance
_WORDS: dict[int, TangentType] = {AUTO: "auto", LINEAR: "linear"}


class SparseKeys:
    """Keys of C controllers that are to meet `dense` within 1.

    It begins with keys at `frames` (C arrays), of which those in `kept` (C arrays) stay as they are.
    """

    def __init__(self, dense: Dense, frames: Sequence[np.ndarray], kept: Sequence[np.ndarray]) -> None:
        self._dense = dense
        self._place = np.concatenate([index * dense.frames + mine for index, mine in enumerate(frames)])
        self._offset = np.zeros(len(self._place))
        self._kept = np.isin(
            self._place, np.concatenate([index * dense.frames + mine for index, mine in enumerate(kept)])
        )
        self._good = np.zeros(len(self._place), dtype=bool)  # the segment from here is known to be within tolerance
        # No key goes beyond the curve's own range, and so none beyond the controller's limits.
        self._lowest, self._highest = dense.values.min(axis=1), dense.values.max(axis=1)
        self._changed: dict[int, np.ndarray] = {}  # by kind of removal: keys whose surroundings it has not seen yet

    def fill(self) -> None:
        """Put keys in until every segment is within tolerance, or none can be put in any more."""
        before = -1
        while len(self._place) > before:
            before = len(self._place)
            segments, left = self._segments()
            open_ = ~self._good[left]
            error, _ = errors(self._dense, segments.where(open_), fine=True)
            self._good[left[open_][error <= _WITHIN]] = True
            failing = left[open_][error > _WITHIN]
            if len(failing) == 0:
                return
            self._insert(self._new_places(failing))

    def thin(self) -> None:
        """Take keys out while every segment stays within tolerance."""
        self._changed = {removed: np.ones(len(self._place), dtype=bool) for removed in (1, 2)}
        while any(changed.any() for changed in self._changed.values()):
            for removed in self._changed:
                self._drop(removed)
        self._drop_rests()

    def _drop_rests(self) -> None:
        """Drop first and last keys where the curve may as well rest at the value of the key next to them."""
        bounds = self._bounds()
        gone = np.zeros(len(self._place), dtype=bool)
        for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            inward = list(range(begin, end))
            while len(inward) > 1 and self._may_rest(inward):
                gone[inward.pop(0)] = True
            inward.reverse()
            while len(inward) > 1 and self._may_rest(inward):
                gone[inward.pop(0)] = True
        self._place, self._offset, self._kept = self._place[~gone], self._offset[~gone], self._kept[~gone]

    def _may_rest(self, inward: list[int]) -> bool:
        """Whether the first of these keys, in order from one end of a curve inwards, can go."""
        if self._kept[inward[0]]:
            return False
        some = np.sort(inward[:4])  # what the slopes of the first three depend on
        forward = inward[0] < inward[1]
        place, value = self._place[some], self._dense.at(self._place[some]) + self._offset[some]
        controller, frame = divmod(int(self._place[inward[1]]), self._dense.frames)
        fine = self._dense.fine[controller]
        outside = fine[: frame * SUBSTEPS + 1] if forward else fine[frame * SUBSTEPS :]
        if np.abs(outside - value[1 if forward else -2]).max() > _WITHIN:
            return False
        if len(some) == 2:
            return True
        slope = auto_slopes(place, value)
        left, right = (1, 2) if forward else (len(some) - 3, len(some) - 2)
        slope[left if forward else right] = 0.0  # an end key is flat
        one = Segments(
            *(
                np.array([part])
                for part in (
                    place[left],
                    place[right] - place[left],
                    value[left],
                    value[right],
                    slope[left],
                    slope[right],
                )
            )
        )
        return bool(errors(self._dense, one, fine=True)[0][0] <= _WITHIN)

    def _bounds(self) -> np.ndarray:
        """Index of the first key of each controller, and the end, (C + 1,)."""
        return np.searchsorted(self._place, np.arange(len(self._dense.values) + 1) * self._dense.frames)

    def channels(self) -> Iterator[tuple[np.ndarray, np.ndarray, tuple[TangentType, ...], tuple[TangentType, ...]]]:
        """For every controller: frames, value offsets from the dense curve, in types, out types."""
        segments, left = self._segments()
        _, pair = errors(self._dense, segments, fine=True)
        out_kind, in_kind = np.zeros(len(self._place), dtype=int), np.zeros(len(self._place), dtype=int)
        out_kind[left] = np.array(TYPE_PAIRS)[pair, 0]
        in_kind[left + 1] = np.array(TYPE_PAIRS)[pair, 1]
        bounds = self._bounds()
        for index in range(len(self._dense.values)):
            mine = slice(bounds[index], bounds[index + 1])
            yield (
                self._place[mine] - index * self._dense.frames,
                self._offset[mine],
                tuple(_WORDS.get(kind, "flat") for kind in in_kind[mine].tolist()),
                tuple(_WORDS.get(kind, "flat") for kind in out_kind[mine].tolist()),
            )

    def _values(self) -> np.ndarray:
        return self._dense.at(self._place) + self._offset

    def _neighbours(self) -> tuple[np.ndarray, np.ndarray]:
        """Index of the key before and after on the same controller, -1 where there is none."""
        controller = self._place // self._dense.frames
        index = np.arange(len(self._place))
        same = controller[1:] == controller[:-1]
        before, after = np.full(len(index), -1), np.full(len(index), -1)
        before[1:][same] = index[:-1][same]
        after[:-1][same] = index[1:][same]
        return before, after

    def _slopes(self) -> np.ndarray:
        before, after = self._neighbours()
        values = self._values()
        return auto_slope(
            np.where(before < 0, -1, self._place[before]),
            self._place,
            np.where(after < 0, -1, self._place[after]),
            (values[before], values, values[after]),
        )

    def _segments(self) -> tuple[Segments, np.ndarray]:
        """All segments and the index of the key at the left of each."""
        _, after = self._neighbours()
        left = np.flatnonzero(after >= 0)
        values, slopes = self._values(), self._slopes()
        return (
            Segments(
                self._place[left],
                self._place[left + 1] - self._place[left],
                values[left],
                values[left + 1],
                slopes[left],
                slopes[left + 1],
            ),
            left,
        )

    def _insert(self, places: np.ndarray) -> None:
        slopes = self._slopes()
        places = np.setdiff1d(places, self._place)
        where = np.searchsorted(self._place, places)
        old_next = np.append(self._place[1:], -1)
        old_slope_next = np.append(slopes[1:], 0.0)
        self._place = np.insert(self._place, where, places)
        self._offset = np.insert(self._offset, where, 0.0)
        self._kept = np.insert(self._kept, where, False)
        self._good = np.insert(self._good, where, False)
        new_slopes = self._slopes()
        self._good &= np.append(self._place[1:], -1) == np.insert(old_next, where, -2)
        self._good &= new_slopes == np.insert(slopes, where, 0.0)
        self._good &= np.append(new_slopes[1:], 0.0) == np.insert(old_slope_next, where, 0.0)

    def _new_places(self, failing: np.ndarray) -> np.ndarray:
        """Where to put new keys so that the segments from the keys `failing` get better."""
        length = self._place[failing + 1] - self._place[failing]
        short = self._place[failing[length == 1]]
        # Two keys on neighbouring frames fail only because their tangents do: give them their own neighbours.
        frames = self._dense.frames
        beside = [short[short % frames > 0] - 1, (short + 2)[(short + 1) % frames < frames - 1]]
        return np.concatenate([*beside, self._best_inside(failing[length > 1])])

    def _best_inside(self, left: np.ndarray) -> np.ndarray:
        """For each segment from the keys `left` (2 frames or longer) the frame where one key helps most."""
        if len(left) == 0:
            return np.zeros(0, dtype=np.int64)
        begin, length = self._place[left], self._place[left + 1] - self._place[left]
        count = np.minimum(length - 1, _MOST_CANDIDATES)
        first = np.cumsum(count) - count
        rank = np.arange(int(count.sum())) - np.repeat(first, count) + 1
        middle = np.repeat(begin, count) + rank * np.repeat(length, count) // np.repeat(count + 1, count)
        sides = self._sides(np.repeat(left, count), np.repeat(left + 1, count), middle, self._dense.at(middle))
        error = [errors(self._dense, side, fine=False)[0] for side in sides[1:3]]
        both = np.maximum(error[0], error[1])
        # A side that is done is worth more than two that are nearly done.
        score = np.where(both <= 1.0, both, 10.0 + both + np.minimum(error[0], error[1]))
        best = np.minimum.reduceat(score, first)
        hit = np.flatnonzero(score == np.repeat(best, count))
        owner = np.repeat(np.arange(len(left)), count)[hit]
        return np.asarray(middle[hit[np.unique(owner, return_index=True)[1]]])

    def _sides(
        self, a: np.ndarray, b: np.ndarray, middle: np.ndarray, value: np.ndarray
    ) -> tuple[Segments, Segments, Segments, Segments]:
        """The four segments that change when the keys between a and b give way to one at `middle`.

        `a`, `b` are indices of keys; `middle` a place, or -1 for none: then the third segment has no length.
        Segments that do not exist have length 1 and no slope, and so no error at frames.
        """
        before, after = self._neighbours()
        values, slopes, place = self._values(), self._slopes(), self._place
        outer_a, outer_b = before[a], after[b]
        none = middle < 0
        next_a = np.where(none, place[b], middle)
        next_a_value = np.where(none, values[b], value)
        prev_b, prev_b_value = np.where(none, place[a], middle), np.where(none, values[a], value)
        at_a = auto_slope(
            np.where(outer_a < 0, -1, place[outer_a]), place[a], next_a, (values[outer_a], values[a], next_a_value)
        )
        at_b = auto_slope(
            prev_b, place[b], np.where(outer_b < 0, -1, place[outer_b]), (prev_b_value, values[b], values[outer_b])
        )
        at_middle = np.where(none, at_b, auto_slope(place[a], middle, place[b], (values[a], value, values[b])))
        missing_a, missing_b = outer_a < 0, outer_b < 0
        left = np.where(missing_a, a, outer_a)
        right = np.where(missing_b, b, outer_b)
        return (
            Segments(
                place[left], np.where(missing_a, 0, place[a] - place[left]), values[left], values[a], slopes[left], at_a
            ),
            Segments(place[a], next_a - place[a], values[a], next_a_value, at_a, at_middle),
            Segments(
                np.where(none, place[b], middle),
                np.where(none, 0, place[b] - middle),
                next_a_value,
                values[b],
                at_middle,
                at_b,
            ),
            Segments(
                place[b], np.where(missing_b, 0, place[right] - place[b]), values[b], values[right], at_b, slopes[right]
            ),
        )

    def _drop(self, removed: int) -> None:
        """Drop single keys (`removed` 1), or put one for two (2), where something has changed since the last time."""
        count, changed = len(self._place), self._changed[removed]
        first = np.arange(1, count - removed)
        controller = self._place // self._dense.frames
        free = controller[first - 1] == controller[first + removed]
        near = changed[first - 1] | changed[first + removed]
        for step in range(removed):
            free &= ~self._kept[first + step]
            near |= changed[first + step]
        first = first[free & near]
        self._changed[removed] = np.zeros(count, dtype=bool)
        a, b = first - 1, first + removed
        if removed == 1:
            owner, middle, offset = np.arange(len(a)), np.full(len(a), -1), np.zeros(len(a))
        else:
            owner, middle, offset = self._replacements(a, b)
        error = self._replaced_errors(a[owner], b[owner], middle, offset)
        order = np.lexsort((error, owner))
        order = order[error[order] <= _WITHIN]
        best = order[np.unique(owner[order], return_index=True)[1]]
        self._apply(a[owner[best]], b[owner[best]], middle[best], offset[best])

    def _replacements(self, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Candidates for one key between the keys a and b: owner (which pair), place, value offset."""
        length = self._place[b] - self._place[a]
        count = np.minimum(length - 1, _MOST_CANDIDATES)
        owner = np.repeat(np.arange(len(a)), count)
        rank = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count) + 1
        middle = self._place[a][owner] + rank * length[owner] // (count[owner] + 1)
        controller, at = middle // self._dense.frames, self._dense.at(middle)
        values = np.clip(at + _OFFSETS[:, None], self._lowest[controller], self._highest[controller])
        return np.tile(owner, len(_OFFSETS)), np.tile(middle, len(_OFFSETS)), (values - at).ravel()

    def _replaced_errors(self, a: np.ndarray, b: np.ndarray, middle: np.ndarray, offset: np.ndarray) -> np.ndarray:
        """Largest error after each replacement; infinite as soon as it is known to be too large."""
        value = np.where(middle < 0, 0.0, self._dense.at(np.maximum(middle, 0)) + offset)
        sides = self._sides(a, b, middle, value)
        worst = np.zeros(len(a))
        alive = np.arange(len(a))
        for fine in (False, True):
            for side in (sides[1], sides[2], sides[0], sides[3]):
                error, _ = errors(self._dense, side.where(alive), fine=fine, enough=_WITHIN)
                worst[alive] = np.maximum(worst[alive], error)
                dead = worst[alive] > _WITHIN
                worst[alive[dead]] = np.inf
                alive = alive[~dead]
        return worst

    def _apply(self, a: np.ndarray, b: np.ndarray, middle: np.ndarray, offset: np.ndarray) -> None:
        """Carry out those replacements that do not touch each other; the others stay marked as changed."""
        changed = np.zeros(len(self._place), dtype=bool)
        gone = np.zeros(len(self._place), dtype=bool)
        new: list[tuple[int, float]] = []
        reached = -1
        for left, right, place, shift in zip(a.tolist(), b.tolist(), middle.tolist(), offset.tolist(), strict=True):
            if left - 1 < reached:
                changed[left : right + 1] = True
                continue
            reached = right + 1
            gone[left + 1 : right] = True
            changed[max(left - 2, 0) : right + 3] = True
            if place >= 0:
                new.append((place, shift))
        places = np.array([place for place, _ in new], dtype=np.int64)
        left_over = self._place[~gone]
        where = np.searchsorted(left_over, places)
        self._place = np.insert(left_over, where, places)
        self._offset = np.insert(self._offset[~gone], where, np.array([shift for _, shift in new]))
        self._kept = np.insert(self._kept[~gone], where, False)
        for removed, before in self._changed.items():
            self._changed[removed] = np.insert((before | changed)[~gone], where, True)
