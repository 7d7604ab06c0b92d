"""What all Maya ASCII files of ours share: how they begin, and animation curves as nodes."""

import math
from collections.abc import Iterable, Iterator

import numpy as np

from sfp_core.curves.maya_curve import tangent_slopes
from sfp_core.formats.maya_names import TANGENT_CODES, comment_text, number
from sfp_core.formats.maya_plugs import Plug
from sfp_core.formats.maya_units import Timeline
from sfp_core.rig import Keys

_LINE_WIDTH = 100
_CHUNK = 250  # keys to a setAttr, as Maya does


def scene_head(name: str, timeline: Timeline, *, note: str = "") -> Iterator[str]:
    """The lines that every scene begins with, units included."""
    yield "//Maya ASCII 2022 scene"
    yield f"//Name: {comment_text(name)}"
    if note:
        yield f"//{comment_text(note)}"
    yield "//Codeset: UTF-8"
    yield 'requires maya "2022";'
    yield f"currentUnit -l centimeter -a degree -t {timeline.unit};"
    yield 'fileInfo "application" "maya";'


def curve_node(name: str, plug: Plug, timeline: Timeline) -> Iterator[str]:
    """Lines that create the node of a curve.

    Keys are in centimetres, degrees and frames of the file; slopes of fixed tangents, as Maya does, unit vectors in
    seconds and internal units (centimetres, radians).
    """
    keys = plug.channel.keys
    count = keys.count
    yield f'createNode {plug.curve_type} -n "{name}";'
    yield '\tsetAttr ".tan" 18;'
    yield '\tsetAttr ".wgt" no;'
    pairs = [f"{number(timeline.frame(f))} {number(v)}" for f, v in zip(keys.frames, keys.values, strict=True)]
    yield from _array("ktv", pairs, count)
    for side, types in (("kit", keys.in_types), ("kot", keys.out_types)):
        if any(kind != "auto" for kind in types):
            yield from _array(side, [str(TANGENT_CODES[kind]) for kind in types], count)
    broken = broken_tangents(keys)
    if broken.any():
        yield from _array("ktl", ["no" if one else "yes" for one in broken], count)
    if "fixed" in keys.in_types or "fixed" in keys.out_types:
        # Slopes in internal units: degrees become radians.
        scale = math.pi / 180.0 if plug.curve_type == "animCurveTA" else 1.0
        for side, slopes in zip("io", tangent_slopes(keys, timeline.fps), strict=True):
            inner = slopes * scale
            length = np.hypot(1.0, inner)
            yield from _array(f"k{side}x", [number(value) for value in 1.0 / length], count)
            yield from _array(f"k{side}y", [number(value) for value in inner / length], count)


def broken_tangents(keys: Keys) -> np.ndarray:
    """Keys whose two tangents turn on their own, (n,) bool."""
    types = np.array([first != second for first, second in zip(keys.in_types, keys.out_types, strict=True)], dtype=bool)
    fixed = np.array(["fixed" in pair for pair in zip(keys.in_types, keys.out_types, strict=True)], dtype=bool)
    return np.asarray(types | (fixed & (keys.in_slopes != keys.out_slopes)))


def _array(name: str, entries: list[str], count: int) -> Iterator[str]:
    """`setAttr -s 3 ".ktv[0:2]"  1 0 5 -0.52 9 -0.1;` in pieces, lines wrapped as Maya does."""
    for start in range(0, count, _CHUNK):
        stop = min(start + _CHUNK, count)
        size = f"-s {count} " if count > 1 and start == 0 else ""
        span = f"{start}:{stop - 1}" if stop - start > 1 else f"{start}"
        yield _wrapped(f'\tsetAttr {size}".{name}[{span}]" ', entries[start:stop])


def _wrapped(head: str, words: Iterable[str]) -> str:
    lines = [head]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > _LINE_WIDTH:
            lines.append("\t\t")
        lines[-1] += " " + word
    return "\n".join(lines) + ";"
