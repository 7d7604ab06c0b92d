"""The take's own animation layer: made, filled, found again. What the plug-in knows of a layer is written on it.

The layer's weight is 0 before the clip, 1 during it and 0 after it, with four hand-over frames on either side, so that
outside of them every controller does what it did.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Mapping, Sequence

from maya import cmds

from .errors import SfpMayaError

HAND_OVER = 4
"""Frames before and after a clip in which a layer comes and goes; `sfp_core.curves.kept` has the same."""
_RECORD = "sfpTake"
_VERSION = 1


@dataclass(frozen=True)
class LayerRecord:
    """What is written on a layer.

    Attributes
    ----------
    take : str
        Id of the take.
    first_frame : int
        Where frame 0 of the take is in the scene.
    path : str
        The take's file.
    fingerprints : mapping of str to str
        Of every curve as it was keyed, by controller.
    """

    take: str
    namespace: str
    first_frame: int
    fps: str
    path: str
    fingerprints: Mapping[str, str] = field(default_factory=dict)

    def with_fingerprints(self, fingerprints: Mapping[str, str]) -> LayerRecord:
        """The same record of these curves."""
        return replace(self, fingerprints=dict(fingerprints))


def own_layers() -> dict[str, LayerRecord]:
    """All layers of takes in the scene, by name. Layers whose record cannot be read are left alone."""
    found = {}
    for layer in cmds.ls(type="animLayer") or []:
        if cmds.attributeQuery(_RECORD, node=layer, exists=True):
            record = _decoded(str(cmds.getAttr(f"{layer}.{_RECORD}") or ""))
            if record is not None:
                found[str(layer)] = record
    return found


def _decoded(text: str) -> LayerRecord | None:
    try:
        content = json.loads(text)
        if content.pop("version") != _VERSION:
            return None
        return LayerRecord(**content)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def layer_of(take_id: str, namespace: str) -> str | None:
    """The layer of this take on this character, if there is one."""
    for layer, record in own_layers().items():
        if (record.take, record.namespace) == (take_id, namespace):
            return layer
    return None


def make_layer(name: str, *, override: bool) -> str:
    """A new layer with a record to be filled. Neither selected nor preferred: keys go where they went before."""
    layer = str(cmds.animLayer(name, override=override))
    cmds.addAttr(layer, longName=_RECORD, dataType="string")
    return layer


def write_record(layer: str, record: LayerRecord) -> None:
    """Write on the layer what is in it."""
    content = {"version": _VERSION, **record.__dict__}
    cmds.setAttr(f"{layer}.{_RECORD}", json.dumps(content, sort_keys=True), type="string")


def key_weight(layer: str, first_frame: float, last_frame: float) -> None:
    """Weight 0, 1 during the clip, 0, on a curve made anew."""
    if curve_into(f"{layer}.weight"):
        cmds.cutKey(f"{layer}.weight", clear=True)
    for frame, weight in (
        (first_frame - HAND_OVER, 0.0),
        (first_frame, 1.0),
        (last_frame, 1.0),
        (last_frame + HAND_OVER, 0.0),
    ):
        cmds.setKeyframe(
            layer, attribute="weight", time=frame, value=weight, inTangentType="flat", outTangentType="flat"
        )


def add_plugs(layer: str, plugs: Sequence[str]) -> None:
    """Put attributes on a layer, in one command."""
    if plugs:
        cmds.animLayer(layer, edit=True, attribute=list(plugs))


def layered_plug(layer: str, plug: str) -> str:
    """The input that a layer's curve of an attribute goes into."""
    found = cmds.animLayer(layer, query=True, layeredPlug=plug)  # type: ignore[call-overload]  # needs a value
    if not found:
        raise SfpMayaError(f"{plug}: Maya did not put it on layer {layer}")
    return str(found[0] if isinstance(found, (list, tuple)) else found)


def curve_into(plug: str) -> str | None:
    """The animation curve that drives a plug directly."""
    found: list[str] = list(
        cmds.listConnections(plug, source=True, destination=False, type="animCurve", skipConversionNodes=True) or []
    )
    return found[0] if found else None
