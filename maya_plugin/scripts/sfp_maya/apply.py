"""Keys of a take onto a rig: looked at first, then written in one step of undo, with the sound on the time slider."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Mapping, Sequence

from maya import cmds

from .curves import Key, Keys, fingerprint, shifted, with_held_ends
from .errors import SfpMayaError
from .guards import one_undo, undisturbed
from .layers import (
    HAND_OVER,
    LayerRecord,
    add_plugs,
    curve_into,
    key_weight,
    layer_of,
    layered_plug,
    make_layer,
    own_layers,
    write_record,
)
from .placing import placed_keys
from .report import Report, Skipped
from .rerun import LayerCurve, layer_curves
from .rig import Found, Target, look
from .scene import frame_rate
from .scene_curves import CurveWriter, curve_writer, key_frames
from .take_file import Take, motions
from .timeline_sound import place_sound, sound_file_of

OVERRIDE, ADDITIVE, DIRECT = "override", "additive", "direct"
MODES = (OVERRIDE, ADDITIVE, DIRECT)


@dataclass(frozen=True)
class ApplyOptions:
    """How a take is put into the scene.

    Attributes
    ----------
    mode : str
        `override` or `additive`: on an animation layer of its own; `direct`: on the controllers themselves.
    replace_all : bool
        On a re-run, replace curves that an animator has changed too.
    with_sound : bool
        Place the sound.
    sound_file : Path, optional
        Another file than the take names, such as its wav.
    """

    mode: str = OVERRIDE
    replace_all: bool = False
    with_sound: bool = True
    sound_file: Path | None = None

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise SfpMayaError(f"mode {self.mode!r}: expected one of {', '.join(MODES)}")


@dataclass(frozen=True)
class _Clip:
    """Where a take lies in the scene."""

    take: Take
    namespace: str
    fps: Fraction
    first: int
    last: int

    @property
    def ratio(self) -> Fraction:
        return self.fps / self.take.fps


@dataclass(frozen=True)
class _Work:
    """What is to be keyed, in the scene's frames and units."""

    keys: Mapping[str, tuple[Target, Keys]]
    resting: tuple[str, ...]
    limited: tuple[str, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True)
class _ToWrite:
    """A curve to be made and connected."""

    plug: str
    curve_type: str
    keys: Keys


def apply_take(take: Take, *, namespace: str, start_frame: int, options: ApplyOptions | None = None) -> Report:
    """Key a character with a take.

    Parameters
    ----------
    namespace : str
        Of the character, "" for none; `rig.find_namespace` finds it from the selection.
    start_frame : int
        Where frame 0 of the take comes to lie; negative ones too.

    Raises
    ------
    SfpMayaError
        Nothing of the take can be keyed, or Maya refused in the middle; the scene is as it was then.
    """
    options = options or ApplyOptions()
    fps = frame_rate()
    length = int(round((take.frames - 1) * fps / take.fps))
    clip = _Clip(take, namespace, fps, start_frame, start_frame + length)
    layer = None if options.mode == DIRECT else layer_of(take.id, namespace)
    additive = options.mode == ADDITIVE
    if layer is not None:
        additive = not cmds.animLayer(layer, query=True, override=True)
    found = look(motions(take), namespace)
    work = _work(found, clip, additive=additive, direct=options.mode == DIRECT)
    if not work.keys and not work.resting:
        told = "; ".join(f"{one.controller}: {one.reason}" for one in work.skipped[:3])
        raise SfpMayaError(f"none of the take's {len(work.skipped)} controllers can be keyed ({told} ...)")
    before = {}
    if layer is not None:
        targets = {target.motion.controller: target for target in found.targets}
        before = layer_curves(layer, own_layers()[layer], targets)
    with one_undo("sfp animate"), undisturbed():
        writer = curve_writer(fps)
        if options.mode == DIRECT:
            _key_directly(work, clip, writer)
            kept: tuple[str, ...] = ()
        else:
            if layer is None:
                layer = make_layer(_layer_name(take), override=not additive)
            kept = _key_layer(layer, work, clip, before, writer, replace_all=options.replace_all)
        node, notes = _sound(clip, options)
    if not writer.in_bulk:
        notes += ("this Maya takes no curves in bulk: every key was set by a command, fixed tangents as auto ones",)
    keyed = tuple(controller for controller in work.keys if controller not in kept)
    return Report(
        layer,
        namespace,
        clip.first,
        clip.last,
        str(fps),
        str(take.fps),
        sum(len(work.keys[controller][1]) for controller in keyed),
        keyed,
        work.resting,
        work.skipped,
        work.limited,
        kept,
        node,
        notes,
    )


def _work(found: Found, clip: _Clip, *, additive: bool, direct: bool) -> _Work:
    keys: dict[str, tuple[Target, Keys]] = {}
    resting: list[str] = []
    narrow: list[str] = []
    skipped = list(found.skipped)
    for target in found.targets:
        controller = target.motion.controller
        if direct and target.layered:
            skipped.append(Skipped(controller, "is on animation layers, so that it cannot be keyed without one"))
            continue
        if direct and target.curve and cmds.referenceQuery(target.curve, isNodeReferenced=True):
            skipped.append(Skipped(controller, f"its keys ({target.curve}) are in a referenced file; use a layer"))
            continue
        if not target.motion.keys:
            resting.append(controller)
            continue
        own, cut = placed_keys(target, clip.ratio, clip.first, additive=additive)
        keys[controller] = (target, with_held_ends(own, clip.fps) if direct else own)
        if cut:
            narrow.append(controller)
    return _Work(keys, tuple(resting), tuple(narrow), tuple(skipped))


def _layer_name(take: Take) -> str:
    stem = Path(take.sound.file.replace("\\", "/")).stem if take.sound else take.path.parent.name
    return "sfp_" + "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in stem)


def _key_layer(
    layer: str,
    work: _Work,
    clip: _Clip,
    before: Mapping[str, LayerCurve],
    writer: CurveWriter,
    *,
    replace_all: bool,
) -> tuple[str, ...]:
    """Fill a take's layer; returns the controllers whose changed curves were kept."""
    record = own_layers().get(layer)
    kept = () if replace_all else tuple(controller for controller, curve in before.items() if curve.changed)
    new = {controller: pair for controller, pair in work.keys.items() if controller not in kept}
    for controller, curve in before.items():
        if controller not in work.keys and controller not in kept:
            cmds.animLayer(layer, edit=True, removeAttribute=curve.plug)
    add_plugs(layer, [target.plug for controller, (target, _) in new.items() if controller not in before])
    late = clip.first - record.first_frame if record else 0
    curves = [_ToWrite(target.plug, target.curve_type, keys) for target, keys in new.values()]
    for controller in kept if late else ():
        curve = before[controller]
        if curve.node:
            curves.append(_ToWrite(curve.plug, str(cmds.nodeType(curve.node)), shifted(curve.keys, late)))
    _connect(layer, curves, writer, replacing=bool(before))
    key_weight(layer, clip.first, clip.last)
    prints = {controller: fingerprint(keys) for controller, (_, keys) in new.items()}
    old = record.fingerprints if record else {}
    # a kept curve keeps the print of what was keyed once, so that it counts as changed the next time too
    prints.update((controller, old[controller]) for controller in kept)
    path = clip.take.path.resolve().as_posix()
    write_record(layer, LayerRecord(clip.take.id, clip.namespace, clip.first, str(clip.fps), path, prints))
    return kept


def _curve_name(plug: str) -> str:
    """`jaw_translateY` of `|a|mery:jaw.translateY`: a curve of ours is in no namespace."""
    return plug.rsplit("|", 1)[-1].rsplit(":", 1)[-1].replace(".", "_")


def _connect(layer: str, curves: Sequence[_ToWrite], writer: CurveWriter, *, replacing: bool) -> None:
    """A new curve for every plug, on the layer; those that were there go."""
    inputs = [layered_plug(layer, one.plug) for one in curves]
    old = [curve_into(into) for into in inputs] if replacing else []
    nodes = [writer.written(one.curve_type, f"{_curve_name(one.plug)}_{layer}", one.keys) for one in curves]
    writer.finish([(node, one.keys) for node, one in zip(nodes, curves)])
    for node, into in zip(nodes, inputs):
        cmds.connectAttr(f"{node}.output", into, force=True)
    gone = [node for node in old if node is not None]
    if gone:
        cmds.delete(gone)


def _key_directly(work: _Work, clip: _Clip, writer: CurveWriter) -> None:
    """Keys on the controllers' own curves; what they do outside of the clip and its hand-over frames stays."""
    first, last = float(clip.first - HAND_OVER), float(clip.last + HAND_OVER)
    fresh = [(target, keys) for target, keys in work.keys.values() if target.curve is None]
    nodes = []
    for target, keys in fresh:
        rest = float(cmds.getAttr(target.plug))
        bordered = (Key(first, rest, "flat", "flat"), *keys, Key(last, rest, "flat", "flat"))
        nodes.append((writer.written(target.curve_type, _curve_name(target.plug), bordered), bordered))
    writer.finish(nodes)
    for (target, _), (node, _) in zip(fresh, nodes):
        cmds.connectAttr(f"{node}.output", target.plug)
    for target, keys in work.keys.values():
        if target.curve is not None:
            _into_curve(target, target.curve, keys, (first, last), writer)


def _into_curve(target: Target, curve: str, keys: Keys, span: tuple[float, float], writer: CurveWriter) -> None:
    """Replace what a curve does within `span` by `keys`; outside it stays, value for value."""
    first, last = span
    times = key_frames(curve)
    # the keys next to the borders get new neighbours, which would turn their tangents
    near = [max((time for time in times if time <= first), default=None)]
    near.append(min((time for time in times if time >= last), default=None))
    for time in near:
        if time is not None:
            cmds.keyTangent(curve, time=(time, time), inTangentType="fixed", outTangentType="fixed")
    cmds.setKeyframe(curve, insert=True, time=[first, last])
    for time in span:
        cmds.keyTangent(curve, time=(time, time), inTangentType="fixed", outTangentType="fixed")
    cmds.cutKey(curve, time=(first + 0.001, last - 0.001), clear=True)
    part = writer.written(target.curve_type, "sfp_part", keys)
    writer.finish([(part, keys)])
    cmds.copyKey(part, time=(keys[0].frame, keys[-1].frame))
    cmds.pasteKey(target.plug, option="merge", time=(keys[0].frame, keys[0].frame), connect=False)
    cmds.delete(part)


def _sound(clip: _Clip, options: ApplyOptions) -> tuple[str | None, tuple[str, ...]]:
    if not options.with_sound or clip.take.sound is None:
        return None, ()
    file = options.sound_file or sound_file_of(clip.take)
    if file is None:
        return None, ()
    return place_sound(file, clip.first + clip.take.sound.offset_seconds * float(clip.fps))
