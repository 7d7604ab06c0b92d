"""Animation curves in the scene, written whole and read back.

A curve is a node of its own, filled by a few `setAttr` of its arrays, as Maya's own ASCII files do it; only then is it
connected. So a thousand keys cost as many commands as one, the animator's key clipboard is left alone, and everything
is undone by Maya itself. Whether this Maya takes such a `setAttr` outside of a file is tried first, on a curve that is
deleted again; where it does not, every key is set by a command of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import hypot, radians
from typing import Sequence

from maya import cmds

from .curves import Curve, Key, Keys, rounded
from .scene import per_take_unit

# Codes of `.kit` and `.kot`, which are those of Maya ASCII files and not the API's.
_CODES = {
    "fixed": 1,
    "linear": 2,
    "flat": 3,
    "step": 5,
    "spline": 9,
    "clamped": 10,
    "plateau": 16,
    "stepnext": 17,
    "auto": 18,
}


@dataclass(frozen=True)
class CurveWriter:
    """How this Maya takes curves. `in_bulk`: by `setAttr` of whole arrays."""

    fps: Fraction
    in_bulk: bool

    def written(self, curve_type: str, name: str, keys: Keys) -> str:
        """A new curve node with these keys, connected to nothing.

        Parameters
        ----------
        keys : Keys
            At least one; frames of the scene, values in UI units, slopes in UI units per second.
        """
        node = str(cmds.createNode(curve_type, name=name, skipSelect=True))
        if self.in_bulk:
            _set_arrays(node, keys)
        else:
            _set_keys(node, keys, self.fps)
        return node

    def finish(self, curves: Sequence[tuple[str, Keys]]) -> None:
        """Make curves unweighted, in one command, and give fixed tangents their slopes, which only then mean angles."""
        if not curves:
            return
        cmds.keyTangent([node for node, _ in curves], edit=True, weightedTangents=False)
        if self.in_bulk:
            for node, keys in curves:
                if any(key.fixed for key in keys):
                    _set_slopes(node, keys, self.fps)


def curve_writer(fps: Fraction) -> CurveWriter:
    """Try on a curve of three keys which way this Maya takes curves; the curve is gone afterwards."""
    trial = (Key(0.0, 0.0), Key(5.0, 0.5, "flat", "linear"), Key(9.0, 0.25))
    node = str(cmds.createNode("animCurveTU", name="sfp_trial", skipSelect=True))
    try:
        _set_arrays(node, trial)
        in_bulk = [(key.frame, key.value) for key in read_curve(node, fps)] == [(key.frame, key.value) for key in trial]
    except (RuntimeError, TypeError, ValueError):
        in_bulk = False
    cmds.delete(node)
    return CurveWriter(fps, in_bulk)


def _set_arrays(node: str, keys: Keys) -> None:
    last = len(keys) - 1
    pairs = [number for key in keys for number in (key.frame, key.value)]
    cmds.setAttr(f"{node}.ktv[0:{last}]", *pairs, size=len(keys))
    cmds.setAttr(f"{node}.kit[0:{last}]", *[_CODES[key.in_type] for key in keys], size=len(keys))
    cmds.setAttr(f"{node}.kot[0:{last}]", *[_CODES[key.out_type] for key in keys], size=len(keys))


def _set_slopes(node: str, keys: Keys, fps: Fraction) -> None:
    """Tangents as unit vectors of seconds and internal units (centimetres, radians), as in Maya's files."""
    unit = _internal_per_ui(node)
    curve = Curve(keys, fps)
    both = [curve.slope(key.frame) for key in keys]
    last = len(keys) - 1
    cmds.setAttr(f"{node}.ktl[0:{last}]", *[key.in_slope == key.out_slope for key in keys], size=len(keys))
    for side, attributes in enumerate((("kix", "kiy"), ("kox", "koy"))):
        vectors = [_unit_vector(pair[side] * unit) for pair in both]
        for axis, attribute in enumerate(attributes):
            cmds.setAttr(f"{node}.{attribute}[0:{last}]", *[vector[axis] for vector in vectors], size=len(keys))


def _unit_vector(slope: float) -> tuple[float, float]:
    length = hypot(1.0, slope)
    return 1.0 / length, slope / length


def _internal_per_ui(node: str) -> float:
    """What one UI unit of a curve's values is inside Maya."""
    kind = str(cmds.nodeType(node))
    internal = radians(1.0) if kind == "animCurveTA" else 1.0  # a take's degree is so many radians; its cm is Maya's
    return internal / per_take_unit(kind)


def _set_keys(node: str, keys: Keys, fps: Fraction) -> None:
    """One command a key. Fixed tangents become auto ones here: by command their angle depends on preferences."""
    for key in keys:
        cmds.setKeyframe(
            node,
            time=key.frame,
            value=key.value,
            inTangentType="auto" if key.in_type == "fixed" else key.in_type,
            outTangentType="auto" if key.out_type == "fixed" else key.out_type,
        )


def read_curve(node: str, fps: Fraction) -> Keys:
    """The keys of a curve: frames, UI units, with the decimals that are written.

    Slopes are read only where a tangent is fixed.
    """
    frames = key_frames(node)
    values = _array(cmds.keyframe(node, query=True, valueChange=True) or [])
    into = [str(kind) for kind in cmds.keyTangent(node, query=True, inTangentType=True) or []]
    out = [str(kind) for kind in cmds.keyTangent(node, query=True, outTangentType=True) or []]
    # slow, fast and types of plug-ins have slopes of their own, as fixed ones do
    into, out = ([kind if kind in _CODES else "fixed" for kind in kinds] for kinds in (into, out))
    pairs = [(0.0, 0.0)] * len(frames)
    if "fixed" in into or "fixed" in out:
        unit = _internal_per_ui(node)
        sides = [_slopes_of(node, attributes, len(frames), unit) for attributes in (("kix", "kiy"), ("kox", "koy"))]
        pairs = list(zip(*sides))
    return rounded(
        Key(frame, value, kind_in, kind_out, *(pair if "fixed" in (kind_in, kind_out) else (0.0, 0.0)))
        for frame, value, kind_in, kind_out, pair in zip(frames, values, into, out, pairs)
    )


def key_frames(node: str) -> list[float]:
    """The frames of a curve's keys."""
    return _array(cmds.keyframe(node, query=True, timeChange=True) or [])


def _slopes_of(node: str, attributes: tuple[str, str], count: int, unit: float) -> list[float]:
    x, y = (_array(cmds.getAttr(f"{node}.{attribute}[0:{count - 1}]")) for attribute in attributes)
    return [rise / run / unit if run else 0.0 for run, rise in zip(x, y)]


def _array(value: object) -> list[float]:
    """One number comes back as itself, several as a list."""
    return [float(one) for one in value] if isinstance(value, (list, tuple)) else [float(value)]  # type: ignore[arg-type]
