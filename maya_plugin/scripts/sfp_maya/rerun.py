"""A take that is applied again: what an animator has changed since is found, kept, and handed back to the take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Mapping

from maya import cmds

from .curves import Keys, changed_span, fingerprint, rounded
from .errors import SfpMayaError
from .layers import LayerRecord, curve_into, layered_plug, own_layers
from .placing import placed_keys, taken_keys
from .rig import Target, look
from .scene import frame_rate
from .scene_curves import read_curve
from .take_file import motions, read_take, write_edits


@dataclass(frozen=True)
class LayerCurve:
    """A controller's curve on a take's layer, as it is now.

    Attributes
    ----------
    node : str or None
        The curve; None where the animator deleted it, which is a change too.
    keys : Keys
        In frames of the scene, UI units.
    changed : bool
        Whether it differs from what was keyed.
    """

    plug: str
    node: str | None
    keys: Keys
    changed: bool


def layer_curves(layer: str, record: LayerRecord, targets: Mapping[str, Target]) -> dict[str, LayerCurve]:
    """The curves that were keyed on a layer and whose controllers are still on it, by controller."""
    fps = frame_rate()
    on_layer = {str(plug) for plug in cmds.animLayer(layer, query=True, attribute=True) or []}
    found = {}
    for controller, written in record.fingerprints.items():
        target = targets.get(controller)
        if target is None or not _is_on(target.plug, on_layer):
            continue
        node = curve_into(layered_plug(layer, target.plug))
        keys = read_curve(node, fps) if node else ()
        changed = fingerprint(_at_rate_of(keys, record, fps)) != written
        found[controller] = LayerCurve(target.plug, node, keys, changed)
    return found


def _is_on(plug: str, names: set[str]) -> bool:
    return any(plug == name or plug.endswith(f"|{name}") for name in names)


def _at_rate_of(keys: Keys, record: LayerRecord, fps: Fraction) -> Keys:
    """Keys in frames of the rate that the scene had when they were written: Maya moves keys with its time unit."""
    ratio = Fraction(record.fps) / fps
    if ratio == 1:
        return keys
    return rounded(tuple(replace(key, frame=key.frame * float(ratio)) for key in keys))


def changed_controllers(layer: str) -> tuple[str, ...]:
    """Controllers of a take's layer that an animator has changed, for a window that asks before it replaces them."""
    record = own_layers().get(layer)
    if record is None:
        raise SfpMayaError(f"{layer}: is no layer of a take")
    targets = _targets_of(record, Path(record.path))
    curves = layer_curves(layer, record, targets)
    return tuple(controller for controller, curve in curves.items() if curve.changed)


def hand_back(layer: str, *, path: Path | None = None) -> tuple[str, ...]:
    """Write changed curves of a layer into its take as edited spans, so that `sfp animate --keep` respects them.

    Parameters
    ----------
    path : Path, optional
        The take's file; the one that the layer was made from.

    Returns
    -------
    tuple of str
        The controllers that were written.

    Raises
    ------
    SfpMayaError
        No layer of a take, or its file is gone or cannot be written.
    """
    record = own_layers().get(layer)
    if record is None:
        raise SfpMayaError(f"{layer}: is no layer of a take")
    file = Path(path or record.path)
    take = read_take(file)
    fps = frame_rate()
    additive = not cmds.animLayer(layer, query=True, override=True)
    targets = _targets_of(record, file)
    edits: dict[str, tuple[Keys, tuple[float, float]]] = {}
    for controller, curve in layer_curves(layer, record, targets).items():
        if not curve.changed:
            continue
        target = targets[controller]
        ratio = fps / take.fps
        known, _ = placed_keys(target, ratio, record.first_frame, additive=additive)
        span = None
        if fingerprint(_at_rate_of(known, record, fps)) == record.fingerprints[controller]:
            span = changed_span(known, curve.keys, fps)
        whole = (0.0, float(take.frames - 1))
        if span is not None:
            first, last = ((frame - record.first_frame) / float(ratio) for frame in span)
            whole = (max(first, 0.0), min(last, whole[1])) if first <= whole[1] and last >= 0 else whole
        edits[controller] = (taken_keys(target, curve.keys, ratio, record.first_frame, additive=additive), whole)
    if edits:
        write_edits(file, edits)
    return tuple(edits)


def _targets_of(record: LayerRecord, file: Path) -> dict[str, Target]:
    found = look(motions(read_take(file)), record.namespace)
    return {target.motion.controller: target for target in found.targets}
