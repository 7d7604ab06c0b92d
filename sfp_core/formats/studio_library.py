"""Clips of Studio Library: a folder `NAME.anim` with `pose.json` and `animation.ma`, by the samples of its tests."""

import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sfp_core.curves.loose import LooseCurves
from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.take import Take, flattened
from sfp_core.errors import SfpError
from sfp_core.files import folder_written_whole, read_json
from sfp_core.formats.maya_curve_nodes import curve_node, scene_head
from sfp_core.formats.maya_names import long_attribute
from sfp_core.formats.maya_plugs import (
    Plug,
    by_node,
    controller_names,
    namespace_of,
    namespace_prefix,
    prefixed,
    scene_plugs,
)
from sfp_core.formats.maya_read import curve_keys, loose_curves, scan_maya_curves
from sfp_core.formats.maya_units import Timeline

_TYPES = {"animCurveTL": "doubleLinear", "animCurveTA": "doubleAngle", "animCurveTU": "double"}
_SUFFIX = ".anim"


def write_studio_library(path: Path, take: Take, *, start_frame: int = 0, namespace: str | None = None) -> Path:
    """Write a take as a clip that Studio Library loads onto a rig of any namespace.

    Layers are merged, rates that Maya has no word for become the next higher one, as in `write_maya_ascii`. Controllers
    without keys are in the pose and get a static key when the clip is loaded. The time of writing is in the file.

    Parameters
    ----------
    path : Path
        The folder, `NAME.anim`; what is there is replaced.
    start_frame : int
        The frame of the timeline on which frame 0 of the take falls.
    namespace : str, optional
        Of the rig's nodes.

    Raises
    ------
    SfpError
        A name without `.anim` or a path with letters beyond ASCII, which Studio Library refuses; a namespace that is
        not legal in Maya, two controllers that would be one plug, a folder that cannot be written.
    """
    path = Path(path)
    if path.suffix != _SUFFIX:
        raise SfpError(f"{path}: a clip of Studio Library is a folder NAME{_SUFFIX}; got the suffix {path.suffix!r}")
    if not str(path.absolute()).isascii():
        raise SfpError(f"{path}: Studio Library refuses paths with letters beyond ASCII; choose another name or folder")
    prefix = namespace_prefix(namespace, path)
    take = flattened(take)
    timeline = Timeline.of(take, start_frame=start_frame, path=path)
    plugs = scene_plugs(take, path)
    keyed = [plug for plug in plugs if plug.channel.keys.count]
    curves = {_name(plug): f"CURVE{number}" for number, plug in enumerate(keyed, start=1)}
    with folder_written_whole(path) as folder:
        pose = {"metadata": _metadata(take, timeline), "objects": _objects(plugs, curves, prefix, take)}
        text = json.dumps(pose, indent=2, allow_nan=False) + "\n"
        (folder / "pose.json").write_text(text, encoding="utf-8", newline="\n")
        with (folder / "animation.ma").open("w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(f"{line}\n" for line in scene_head("animation.ma", timeline))
            for plug in keyed:
                stream.writelines(f"{line}\n" for line in curve_node(curves[_name(plug)], plug, timeline))
            stream.write("// End\n")
    return path


def _name(plug: Plug) -> str:
    return f"{plug.node}.{plug.attribute}"


def _metadata(take: Take, timeline: Timeline) -> dict[str, Any]:
    return {
        "mayaSceneFile": "",
        "angularUnit": "deg",
        "ctime": str(int(time.time())),
        "endFrame": math.ceil(timeline.frame(take.frames - 1)),
        "linearUnit": "cm",
        "version": "1.0.0",
        "user": "",
        "startFrame": timeline.start,
        "timeUnit": timeline.unit,
        "mayaVersion": "2022",
    }


def _objects(plugs: list[Plug], curves: dict[str, str], prefix: str, take: Take) -> dict[str, Any]:
    """The value of every attribute at the first frame, and the name of its curve."""
    objects: dict[str, Any] = {}
    for node, mine in by_node(plugs).items():
        attributes: dict[str, Any] = {}
        for plug in mine:
            keys = plug.channel.keys
            value = float(evaluate(keys, np.zeros(1), take.fps)[0]) if keys.count else plug.channel.neutral
            curve = {"curve": curves[_name(plug)]} if keys.count else {}
            attributes[long_attribute(plug.attribute)] = {**curve, "type": _TYPES[plug.curve_type], "value": value}
        objects[prefixed(node, prefix)] = {"attrs": attributes}
    return objects


def read_studio_library(path: Path, *, namespace: str | None = None) -> LooseCurves:
    """The curves of a clip, named by the nodes and attributes that the pose gives them.

    Values, tangents and what is told of them are as in `read_maya_ascii`. Attributes without a curve are left out.
    Frame 0 of a take is the clip's start frame.

    Parameters
    ----------
    path : Path
        The folder.
    namespace : str, optional
        Read only curves of nodes in this namespace.

    Raises
    ------
    SfpError
        Not such a folder, a clip saved as Maya binary or by Studio Library 1, or files that cannot be used.
    """
    path = Path(path)
    for name in ("pose.json", "animation.ma"):
        if not (path / name).is_file():
            raise SfpError(f"{path}: no {name} in it; expected a clip of Studio Library 2 saved as Maya ASCII")
    pose = read_json(path / "pose.json")
    start = pose["metadata"].get("startFrame", 0) if isinstance(pose.get("metadata"), dict) else 0
    if isinstance(start, bool) or not isinstance(start, int | float) or not math.isfinite(start):
        raise SfpError(f"{path / 'pose.json'}: metadata.startFrame is {start!r}; expected a number")
    scene = scan_maya_curves(path / "animation.ma")
    scene.start_frame = float(start)
    keys = curve_keys(scene)
    curves = [
        (plug, curve)
        for plug, curve in _curves_of(pose, path / "pose.json")
        if curve in keys and (namespace is None or namespace_of(plug.partition(".")[0]) == namespace)
    ]
    names = controller_names([plug for plug, _ in curves])
    return loose_curves(scene, {name: curve for name, (_, curve) in zip(names, curves, strict=True)}, keys)


def _curves_of(pose: dict[str, Any], where: Path) -> Iterator[tuple[str, str]]:
    """Plug and name of the curve of every attribute that has one."""
    objects = pose.get("objects")
    if not isinstance(objects, dict):
        raise SfpError(f"{where}: objects: expected an object of nodes, got {type(objects).__name__}")
    for node, entry in objects.items():
        attributes = entry.get("attrs") if isinstance(entry, dict) else None
        if not isinstance(attributes, dict):
            raise SfpError(f"{where}: objects.{node}.attrs: expected an object of attributes")
        for attribute, content in attributes.items():
            curve = content.get("curve") if isinstance(content, dict) else None
            if isinstance(curve, str):
                yield f"{node}.{attribute}", curve
