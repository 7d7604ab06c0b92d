"""Keys and the curves they make, in Maya's maths: what is keyed, resampled, merged and compared. No Maya needed.

Between two keys a curve is a cubic Hermite with a slope at either end; outside them it is constant. The slope of each
tangent type is that of `sfp_core.curves.maya_curve`; the tests hold the two together.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import Any, Iterable, Sequence, Tuple

TANGENTS = ("auto", "linear", "flat", "step", "stepnext", "spline", "clamped", "plateau", "fixed")
DECIMALS = 6
"""Values are keyed with so many decimals, so that what Maya gives back has the same fingerprint."""
_SEEN = 10.0**-5  # smaller differences are of rounding
_CLAMP_DISTANCE = 0.05  # as in sfp_core.curves.maya_curve


@dataclass(frozen=True)
class Key:
    """One key. `frame` in frames of its curve's rate; slopes in units per second, used where a type is `fixed`."""

    frame: float
    value: float
    in_type: str = "auto"
    out_type: str = "auto"
    in_slope: float = 0.0
    out_slope: float = 0.0

    @property
    def fixed(self) -> bool:
        """Whether one of the two tangents is fixed."""
        return "fixed" in (self.in_type, self.out_type)


Keys = Tuple[Key, ...]


def slopes(keys: Sequence[Key], fps: Fraction) -> list[tuple[float, float]]:
    """In and out slope of every key, units per second; 0 for flat and stepped ones."""
    rate = float(fps)
    count = len(keys)
    lines = [
        (keys[at + 1].value - keys[at].value) * rate / (keys[at + 1].frame - keys[at].frame) for at in range(count - 1)
    ]
    found = []
    for at, key in enumerate(keys):
        before = lines[at - 1] if at else 0.0
        after = lines[at] if at < count - 1 else 0.0
        found.append(
            (
                _slope(key.in_type, key.in_slope, before, keys, at, lines, rate),
                _slope(key.out_type, key.out_slope, after, keys, at, lines, rate),
            )
        )
    return found


def _slope(
    kind: str, fixed: float, line: float, keys: Sequence[Key], at: int, lines: Sequence[float], rate: float
) -> float:
    if kind == "fixed":
        return fixed
    if kind == "linear":
        return line
    if kind not in ("auto", "spline", "clamped", "plateau") or len(keys) < 2:
        return 0.0
    inside = 0 < at < len(keys) - 1
    if not inside:
        end = lines[0] if at == 0 else lines[-1]
        near = abs(keys[1].value - keys[0].value if at == 0 else keys[-1].value - keys[-2].value) <= _CLAMP_DISTANCE
        return end if kind == "spline" or (kind == "clamped" and not near) else 0.0
    before, after = lines[at - 1], lines[at]
    across = (keys[at + 1].value - keys[at - 1].value) * rate / (keys[at + 1].frame - keys[at - 1].frame)
    if kind == "spline":
        return across
    if kind == "clamped":
        steps = (keys[at].value - keys[at - 1].value, keys[at + 1].value - keys[at].value)
        return 0.0 if any(abs(step) <= _CLAMP_DISTANCE for step in steps) else across
    if kind == "plateau":
        gentle = abs(across) <= 3.0 * min(abs(before), abs(after))
        return across if before * after > 0 and gentle else 0.0
    rising = min(3.0 * before, across, 3.0 * after)
    falling = max(3.0 * before, across, 3.0 * after)
    return max(rising, 0.0) + min(falling, 0.0)


class Curve:
    """Keys made ready to be asked for values. At least one key."""

    def __init__(self, keys: Sequence[Key], fps: Fraction) -> None:
        self._keys = tuple(keys)
        self._frames = [key.frame for key in keys]
        self._slopes = slopes(keys, fps)
        self._rate = float(fps)

    def value(self, frame: float) -> float:
        """The value that Maya plays at a frame."""
        return self._at(frame)[0]

    def slope(self, frame: float) -> tuple[float, float]:
        """Slopes just before and just after a frame, units per second."""
        at = bisect_right(self._frames, frame) - 1
        if at >= 0 and self._frames[at] == frame:
            into, out = self._slopes[at]
            return (into if at else 0.0, out if at < len(self._keys) - 1 else 0.0)
        both = self._at(frame)[1]
        return both, both

    def _at(self, frame: float) -> tuple[float, float]:
        """Value, and slope where the frame lies between two keys."""
        keys = self._keys
        at = bisect_right(self._frames, frame) - 1
        if at < 0:
            return keys[0].value, 0.0
        if at >= len(keys) - 1 or keys[at].frame == frame:
            return keys[at].value, 0.0
        left, right = keys[at], keys[at + 1]
        if left.out_type == "step":
            return left.value, 0.0
        if left.out_type == "stepnext":
            return right.value, 0.0
        width = right.frame - left.frame
        seconds = width / self._rate
        share = (frame - left.frame) / width
        out, into = self._slopes[at][1] * seconds, self._slopes[at + 1][0] * seconds
        step = right.value - left.value
        curve, bend = 3.0 * step - 2.0 * out - into, out + into - 2.0 * step
        value = left.value + share * out + share * share * (curve + share * bend)
        return value, (out + share * (2.0 * curve + 3.0 * share * bend)) / seconds


def weighted(keys: Keys, weight: float, neutral: float) -> Keys:
    """The curve drawn towards neutral, or away from it. Exact for every tangent type but `clamped`."""
    if weight == 1.0:
        return keys
    return tuple(
        replace(
            key,
            value=neutral + weight * (key.value - neutral),
            in_slope=weight * key.in_slope,
            out_slope=weight * key.out_slope,
        )
        for key in keys
    )


def summed(parts: Sequence[Keys], neutral: float, fps: Fraction) -> Keys:
    """One curve that is neutral + the sum of what the parts differ from it.

    Between two keys of any part all are cubics, and so is their sum: with keys at all their frames and fixed tangents
    it is exact. Where a part steps, the sum is keyed on every frame instead.
    """
    curves = [Curve(keys, fps) for keys in parts]
    frames = sorted({key.frame for keys in parts for key in keys})
    if any(kind.startswith("step") for keys in parts for key in keys for kind in (key.in_type, key.out_type)):
        frames = sorted({*frames, *(float(frame) for frame in range(floor(frames[0]), floor(frames[-1]) + 1))})
        return tuple(Key(frame, _sum_at(curves, frame, neutral), "linear", "linear") for frame in frames)
    keys = []
    for frame in frames:
        both = [curve.slope(frame) for curve in curves]
        value = _sum_at(curves, frame, neutral)
        keys.append(Key(frame, value, "fixed", "fixed", sum(pair[0] for pair in both), sum(pair[1] for pair in both)))
    return tuple(keys)


def _sum_at(curves: Sequence[Curve], frame: float, neutral: float) -> float:
    return neutral + sum(curve.value(frame) - neutral for curve in curves)


def at_rate(keys: Keys, ratio: Fraction) -> Keys:
    """The keys on whole frames of another rate (`ratio` = new / old). Values stay as they are, moved by half a frame
    at most; of keys that meet on one frame the one furthest off the straight line between the others' neighbours stays.
    """
    if ratio == 1 and all(float(key.frame).is_integer() for key in keys):
        return keys
    groups: list[list[Key]] = []
    for key in keys:
        frame = float(floor(Fraction(key.frame) * ratio + Fraction(1, 2)))
        moved = replace(key, frame=frame)
        if groups and groups[-1][0].frame == frame:
            groups[-1].append(moved)
        else:
            groups.append([moved])
    return tuple(_most_telling(groups, at) for at in range(len(groups)))


def _most_telling(groups: Sequence[Sequence[Key]], at: int) -> Key:
    before, after = groups[max(at - 1, 0)], groups[min(at + 1, len(groups) - 1)]
    middle = (before[-1].value + after[0].value) / 2.0
    return max(groups[at], key=lambda key: abs(key.value - middle))


def shifted(keys: Keys, frames: float) -> Keys:
    """The same keys, later by so many frames."""
    return tuple(replace(key, frame=key.frame + frames) for key in keys)


def limited(keys: Keys, minimum: float | None, maximum: float | None) -> Keys:
    """Keys kept within limits; a key that is moved gets flat tangents, so that the curve does not leave them."""
    kept = []
    for key in keys:
        value = key.value if minimum is None else max(key.value, minimum)
        value = value if maximum is None else min(value, maximum)
        kept.append(key if value == key.value else Key(key.frame, value, "flat", "flat"))
    return tuple(kept)


def with_held_ends(keys: Keys, fps: Fraction) -> Keys:
    """The same curve between its first and last key, whatever keys come to lie before and after it."""
    curve = Curve(keys, fps)
    held = list(keys)
    if len(held) > 1:
        held[0] = replace(held[0], **_held("out", held[0].out_type, curve.slope(held[0].frame)[1]))
        held[-1] = replace(held[-1], **_held("in", held[-1].in_type, curve.slope(held[-1].frame)[0]))
    held[0] = replace(held[0], in_type="flat")
    held[-1] = replace(held[-1], out_type="flat")
    return tuple(held)


def _held(side: str, kind: str, slope: float) -> dict[str, Any]:
    """The tangent of an end key, which depends on no neighbour beyond it."""
    if kind not in ("auto", "spline", "clamped", "plateau"):
        return {}
    return {f"{side}_type": "fixed", f"{side}_slope": slope} if slope else {f"{side}_type": "flat"}


def rounded(keys: Iterable[Key]) -> Keys:
    """Keys with the decimals that are written."""
    return tuple(
        Key(
            round(key.frame, 3),
            round(key.value, DECIMALS) + 0.0,
            key.in_type,
            key.out_type,
            round(key.in_slope, DECIMALS) + 0.0,
            round(key.out_slope, DECIMALS) + 0.0,
        )
        for key in keys
    )


def fingerprint(keys: Iterable[Key]) -> str:
    """Sixteen hexadecimal digits that change when an animator moves, adds, removes or bends a key.

    Times, values and tangent types; the slopes of fixed tangents are not in it, since what Maya gives back of them
    depends on its preferences. Bending a tangent by hand makes an auto one fixed and is seen.
    """
    text = ";".join(
        f"{key.frame:.3f},{round(key.value, DECIMALS) + 0.0:.{DECIMALS}f},{key.in_type},{key.out_type}" for key in keys
    )
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def changed_span(old: Keys, new: Keys, fps: Fraction) -> tuple[float, float] | None:
    """First and last whole frame at which two curves differ, with one frame more on either side.

    None where they differ nowhere, or one of them has no keys, so that no frame can be named.
    """
    if not old or not new:
        return None
    before, after = Curve(old, fps), Curve(new, fps)
    frames = range(floor(min(old[0].frame, new[0].frame)), ceil(max(old[-1].frame, new[-1].frame)) + 1)
    changed = [frame for frame in frames if abs(before.value(frame) - after.value(frame)) > _SEEN]
    return (changed[0] - 1.0, changed[-1] + 1.0) if changed else None
