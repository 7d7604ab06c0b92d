"""Animation curves of the fake: keys in ticks and internal units, values by Bézier handles.

Written apart from the module that is tested: AnimX (Autodesk, Apache-2.0) is what both follow.
"""

from __future__ import annotations

from bisect import bisect_right
from math import radians
from typing import Any, Dict

TICKS = 141120000  # a second, since Maya 2017 (API: MTime)
WORDS = {
    1: "fixed",
    2: "linear",
    3: "flat",
    5: "step",
    9: "spline",
    10: "clamped",
    16: "plateau",
    17: "stepnext",
    18: "auto",
}
CODES = {word: code for code, word in WORDS.items()}
# Values inside are centimetres and radians (Nodes: animCurveTL, animCurveTA).
INTERNAL = {"animCurveTL": 1.0, "animCurveTA": radians(1.0), "animCurveTU": 1.0}

Key = Dict[str, Any]


def new_key(ticks: int, value: float, into: int = 18, out: int = 18) -> Key:
    """A key; its fixed tangents are flat until they are given a direction."""
    return {"t": ticks, "v": value, "i": into, "o": out, "ix": 1.0, "iy": 0.0, "ox": 1.0, "oy": 0.0, "lock": True}


def slopes(keys: list[Key], at: int) -> tuple[float, float]:
    """Rise a second before and after a key, internal units."""
    return _side(keys, at, "i"), _side(keys, at, "o")


def _side(keys: list[Key], at: int, side: str) -> float:
    kind = WORDS[keys[at][side]]
    if kind == "fixed":
        return keys[at][side + "y"] / keys[at][side + "x"]
    last = len(keys) - 1
    if kind == "linear":
        other = at - 1 if side == "i" else at + 1
        return _line(keys, at, other) if 0 <= other <= last else 0.0
    if kind == "auto":
        if not 0 < at < last:
            return 0.0
        three = [3.0 * _line(keys, at - 1, at), _line(keys, at - 1, at + 1), 3.0 * _line(keys, at, at + 1)]
        if min(three) > 0.0:
            return min(three)
        return max(three) if max(three) < 0.0 else 0.0
    if kind in ("flat", "step", "stepnext"):
        return 0.0
    if kind == "spline":
        return _line(keys, max(at - 1, 0), min(at + 1, last)) if last else 0.0
    raise NotImplementedError(f"tangent type {kind}")


def _line(keys: list[Key], one: int, other: int) -> float:
    return (keys[other]["v"] - keys[one]["v"]) * TICKS / (keys[other]["t"] - keys[one]["t"])


def value_at(keys: list[Key], ticks: int) -> float:
    """De Casteljau on the segment; constant outside of the keys."""
    at = bisect_right([key["t"] for key in keys], ticks) - 1
    if at < 0:
        return float(keys[0]["v"])
    if at == len(keys) - 1 or keys[at]["t"] == ticks:
        return float(keys[at]["v"])
    left, right = keys[at], keys[at + 1]
    if WORDS[left["o"]] == "step":
        return float(left["v"])
    if WORDS[left["o"]] == "stepnext":
        return float(right["v"])
    third = (right["t"] - left["t"]) / TICKS / 3.0
    points = [
        left["v"],
        left["v"] + third * slopes(keys, at)[1],
        right["v"] - third * slopes(keys, at + 1)[0],
        right["v"],
    ]
    share = (ticks - left["t"]) / (right["t"] - left["t"])
    while len(points) > 1:
        points = [one + share * (other - one) for one, other in zip(points, points[1:])]
    return float(points[0])


def freeze(keys: list[Key], at: int, sides: str = "io") -> None:
    """Make tangents fixed as they are now (Commands: keyTangent, "fixed": the tangent stays)."""
    both = dict(zip("io", slopes(keys, at)))
    for side in sides:
        length = (1.0 + both[side] ** 2) ** 0.5
        keys[at][side] = CODES["fixed"]
        keys[at][side + "x"], keys[at][side + "y"] = 1.0 / length, both[side] / length
