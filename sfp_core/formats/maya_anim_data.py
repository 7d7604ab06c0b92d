"""The `animData` block that `.anim` and `.atom` files share: one curve, its keys one a line."""

import logging
import math
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from sfp_core.curves.maya_curve import tangent_slopes
from sfp_core.curves.take import Take, flattened
from sfp_core.files import written_whole
from sfp_core.formats.maya_curve_nodes import broken_tangents
from sfp_core.formats.maya_names import TRANSFORM_ATTRIBUTES, long_attribute, number
from sfp_core.formats.maya_plugs import Plug, by_node, namespace_prefix, prefixed, scene_plugs
from sfp_core.formats.maya_units import Timeline

log = logging.getLogger(__name__)

_OUTPUTS = {"animCurveTL": "linear", "animCurveTA": "angular", "animCurveTU": "unitless"}


def tangent_angles(slopes: np.ndarray, rate: Fraction) -> np.ndarray:
    """Angles of tangents as the graph editor shows them: degrees, the arc tangent of units per frame.

    Parameters
    ----------
    slopes : (n,) float
        Centimetres, degrees or plain numbers per second.
    rate : Fraction
        Frames a second.
    """
    return np.asarray(np.degrees(np.arctan(slopes / float(rate))))


def slope_of_angle(angle_deg: float, rate: Fraction) -> float:
    """Units per second of a tangent at this angle, the way back of `tangent_angles`; an upright one is very steep."""
    return math.tan(math.radians(angle_deg)) * float(rate)


def header(kind: str, timeline: Timeline, frames: int, *, scene: bool = False) -> Iterator[str]:
    """The first lines of a file: version, units and the frames from the first to the last."""
    yield f"{kind}Version {'1.1' if kind == 'anim' else '1.0'};"
    yield "mayaVersion 2022;"
    if scene:
        yield "mayaSceneFile ;"
    yield f"timeUnit {timeline.unit};"
    yield "linearUnit cm;"
    yield "angularUnit deg;"
    yield f"startTime {number(timeline.frame(0))};"
    yield f"endTime {number(timeline.frame(frames - 1))};"


def write_by_node(
    path: Path,
    take: Take,
    kind: str,
    lines_of: Callable[[str, list[Plug], Timeline], Iterator[str]],
    *,
    start_frame: int,
    namespace: str | None,
) -> Path:
    """Write a file of this kind, layers merged: its head, then what `lines_of` makes of each node's plugs."""
    path = Path(path)
    prefix = namespace_prefix(namespace, path)
    take = flattened(take)
    timeline = Timeline.of(take, start_frame=start_frame, path=path)
    plugs = scene_plugs(take, path)
    warn_of_fixed(plugs, path)
    with written_whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"{line}\n" for line in header(kind, timeline, take.frames, scene=kind == "atom"))
        for node, mine in by_node(plugs).items():
            stream.writelines(f"{line}\n" for line in lines_of(prefixed(node, prefix), mine, timeline))
    return path


def attribute_words(plug: Plug) -> str:
    """An attribute with its parent, and by itself: `translate.translateY translateY`."""
    if plug.attribute not in TRANSFORM_ATTRIBUTES:
        return f"{plug.attribute} {plug.attribute.rpartition('.')[2].partition('[')[0]}"
    long = long_attribute(plug.attribute)
    return f"{long[:-1]}.{long} {long}"


def anim_data(plug: Plug, timeline: Timeline, *, indent: str = "") -> Iterator[str]:
    """The block of a curve: centimetres, degrees and frames of the file."""
    keys = plug.channel.keys
    yield f"{indent}animData {{"
    yield f"{indent}  input time;"
    yield f"{indent}  output {_OUTPUTS[plug.curve_type]};"
    yield f"{indent}  weighted 0;"
    yield f"{indent}  preInfinity constant;"
    yield f"{indent}  postInfinity constant;"
    yield f"{indent}  keys {{"
    angles = [tangent_angles(slopes, timeline.rate) for slopes in tangent_slopes(keys, timeline.fps)]
    rows = zip(keys.frames, keys.values, keys.in_types, keys.out_types, broken_tangents(keys), *angles, strict=True)
    for frame, value, in_type, out_type, broken, in_angle, out_angle in rows:
        tangents = "".join(
            f" {number(angle)} 1"  # the weight of a tangent that has none
            for kind, angle in ((in_type, in_angle), (out_type, out_angle))
            if kind == "fixed"
        )
        place = f"{number(timeline.frame(frame))} {number(value)}"
        yield f"{indent}    {place} {in_type} {out_type} {0 if broken else 1} 1 0{tangents};"
    yield f"{indent}  }}"
    yield f"{indent}}}"


def warn_of_fixed(plugs: Iterable[Plug], path: Path) -> None:
    """Tell that fixed tangents are written as angles by a rule that nobody has confirmed with Maya."""
    count = sum(
        "fixed" in pair
        for plug in plugs
        for pair in zip(plug.channel.keys.in_types, plug.channel.keys.out_types, strict=True)
    )
    if count:
        log.warning(
            "%s: %d keys with fixed tangents; no Maya has confirmed their angles, take.ma is exact", path, count
        )
