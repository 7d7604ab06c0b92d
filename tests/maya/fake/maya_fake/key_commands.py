"""Commands about keys, layers, time and sound."""

from __future__ import annotations

from typing import Any, Callable

from . import curve
from .registry import command
from .scene import SESSION, Node, Plug


def _curves(names: tuple[str, ...]) -> list[Node]:
    """The curves that key commands act on: of nodes that are curves, and of attributes that one drives directly."""
    found = []
    for name in names:
        if "." in name:
            source = SESSION.state.sources.get(_plug(name))
            node = None if source is None else SESSION.state.nodes[source[0]]
        else:
            node = SESSION.node(name)
        if node is not None and node.is_curve:
            found.append(node)
    return found


def _plug(text: str) -> Plug:
    node, long = SESSION.plug(text)
    return node.number, long


def _editable(node: Node) -> None:
    if node.referenced:
        raise RuntimeError(f"{node.name} is from a referenced file and cannot be edited")


def _range(time: Any) -> Callable[[int], bool]:
    """Commands: keyframe: a pair is a range with both ends; times of keys are compared in ticks."""
    if time is None:
        return lambda ticks: True
    first, last = (SESSION.ticks(frame) for frame in time)
    return lambda ticks: first <= ticks <= last


def _drop_if_empty(node: Node) -> None:
    """Commands: cutKey: a curve without keys is deleted, unless nothing is driven by it."""
    if not node.keys:
        SESSION.delete(node)


@command("query", "timeChange", "valueChange")
def keyframe(mode: str, *names: str, timeChange: bool = False, valueChange: bool = False) -> list[float] | None:
    # Commands: keyframe: frames and UI units; None where there are no keys
    found: list[float] = []
    for node in _curves(names):
        unit = SESSION.internal_per_ui(node.kind)
        found.extend(SESSION.frame(key["t"]) if timeChange else key["v"] / unit for key in node.keys)
    return found or None


@command("time", "inTangentType", "outTangentType", "weightedTangents")
def keyTangent(
    mode: str,
    *names: str,
    time: Any = None,
    inTangentType: Any = None,
    outTangentType: Any = None,
    weightedTangents: bool | None = None,
) -> Any:
    # Commands: keyTangent
    within = _range(time)
    if mode == "query":
        side = "i" if inTangentType else "o"
        return [curve.WORDS[key[side]] for node in _curves(names) for key in node.keys] or None
    for node in _curves(names):
        _editable(node)
        if weightedTangents is not None:
            node.attributes["weightedTangents"].value = weightedTangents
        for at, key in enumerate(node.keys):
            if not within(key["t"]):
                continue
            for side, kind in (("i", inTangentType), ("o", outTangentType)):
                if kind == "fixed":
                    curve.freeze(node.keys, at, side)
                elif kind is not None:
                    key[side] = curve.CODES[kind]
    return None


@command("attribute", "time", "value", "inTangentType", "outTangentType", "insert")
def setKeyframe(
    mode: str,
    *names: str,
    attribute: str | None = None,
    time: Any = None,
    value: float | None = None,
    inTangentType: str = "auto",
    outTangentType: str = "auto",
    insert: bool = False,
) -> int:
    # Commands: setKeyframe: on objects' attributes or on curves; -insert keeps the curve's shape
    times = (
        [SESSION.frame(SESSION.state.ticks)] if time is None else time if isinstance(time, (list, tuple)) else [time]
    )
    if "fixed" in (inTangentType, outTangentType):
        raise RuntimeError("setKeyframe: fixed is no type to key with")  # not among the valid values of the page
    count = 0
    for name in names:
        node = _curve_to_key(name if attribute is None else f"{name}.{attribute}")
        for frame in times:
            count += 1
            if insert:
                _insert(node, SESSION.ticks(frame))
            else:
                unit = SESSION.internal_per_ui(node.kind)
                own = 0.0 if value is None else value * unit
                _put(
                    node,
                    curve.new_key(SESSION.ticks(frame), own, curve.CODES[inTangentType], curve.CODES[outTangentType]),
                )
    return count


def _curve_to_key(name: str) -> Node:
    if "." not in name:
        node = SESSION.node(name)
        if not node.is_curve:
            raise RuntimeError(f"setKeyframe: {name} names no attribute")
        _editable(node)
        return node
    node, long = SESSION.plug(name)
    one = node.attributes[long]
    if one.locked or not one.keyable:
        raise RuntimeError(f"setKeyframe: '{name}' is locked or not keyable")
    source = SESSION.state.sources.get((node.number, long))
    if source is not None:
        driver = SESSION.state.nodes[source[0]]
        if not driver.is_curve:
            raise RuntimeError(f"setKeyframe: '{name}' is connected to {driver.name}")
        _editable(driver)
        return driver
    kind = {"doubleLinear": "animCurveTL", "doubleAngle": "animCurveTA"}.get(one.kind, "animCurveTU")
    made = SESSION.make(kind, f"{node.name.rpartition(':')[2]}_{long}")
    made.attributes["weightedTangents"].value = False  # keys set by command follow the preference, off by default
    SESSION.state.sources[node.number, long] = (made.number, "output")
    return made


def _put(node: Node, key: curve.Key) -> None:
    node.keys = sorted([one for one in node.keys if one["t"] != key["t"]] + [key], key=lambda one: int(one["t"]))


def _insert(node: Node, ticks: int) -> None:
    """A key on the curve, with the curve's own direction; its neighbours keep their types, and may turn."""
    if any(key["t"] == ticks for key in node.keys):
        return
    value = curve.value_at(node.keys, ticks)
    inside = node.keys[0]["t"] < ticks < node.keys[-1]["t"]
    slope = _slope_within(node.keys, ticks) if inside else 0.0
    key = curve.new_key(ticks, value, 1, 1)
    length = (1.0 + slope * slope) ** 0.5
    key.update(ix=1.0 / length, iy=slope / length, ox=1.0 / length, oy=slope / length)
    _put(node, key)


def _slope_within(keys: list[curve.Key], ticks: int) -> float:
    """Direction of the curve between two keys: of the Bézier's last inner points."""
    at = max(index for index, key in enumerate(keys) if key["t"] <= ticks)
    left, right = keys[at], keys[at + 1]
    seconds = (right["t"] - left["t"]) / curve.TICKS
    share = (ticks - left["t"]) / (right["t"] - left["t"])
    points = [
        left["v"],
        left["v"] + seconds / 3.0 * curve.slopes(keys, at)[1],
        right["v"] - seconds / 3.0 * curve.slopes(keys, at + 1)[0],
        right["v"],
    ]
    while len(points) > 2:
        points = [one + share * (other - one) for one, other in zip(points, points[1:])]
    return float(3.0 * (points[1] - points[0]) / seconds)


@command("time", "clear")
def cutKey(mode: str, *names: str, time: Any = None, clear: bool = False) -> int:
    # Commands: cutKey: -clear leaves the clipboard alone
    if not clear:
        raise NotImplementedError("cutKey without clear")
    within = _range(time)
    count = 0
    for node in _curves(names):
        _editable(node)
        kept = [key for key in node.keys if not within(key["t"])]
        count += len(node.keys) - len(kept)
        node.keys = kept
        _drop_if_empty(node)
    return count


@command("time", undoable=False)
def copyKey(mode: str, *names: str, time: Any = None) -> int:
    # Commands: copyKey: into the clipboard, which is no part of the scene
    (node,) = _curves(names)
    within = _range(time)
    SESSION.clipboard = [dict(key) for key in node.keys if within(key["t"])]
    return 1


@command("option", "time", "connect")
def pasteKey(mode: str, *names: str, option: str, time: Any, connect: bool) -> int:
    # Commands: pasteKey: "merge" puts the keys among those that are there; the first comes to lie at -time
    if option != "merge" or connect:
        raise NotImplementedError(f"pasteKey with option {option}, connect {connect}")
    if not SESSION.clipboard:
        raise RuntimeError("pasteKey: The keyframe clipboard is empty")
    for name in names:
        node = _curve_to_key(name)
        late = SESSION.ticks(time[0]) - SESSION.clipboard[0]["t"]
        for key in SESSION.clipboard:
            _put(node, {**key, "t": key["t"] + late})
    return len(names)


@command("override", "attribute", "removeAttribute", "layeredPlug", "weight", "mute")
def animLayer(
    mode: str,
    *names: str,
    override: bool | None = None,
    attribute: Any = None,
    removeAttribute: Any = None,
    layeredPlug: str | None = None,
    mute: bool | None = None,
) -> Any:
    # Commands: animLayer: the first layer brings the root layer BaseAnimation with it
    if mode == "create":
        if not any(SESSION.of_kind("animLayer")):
            SESSION.make("animLayer", "BaseAnimation")
        node = SESSION.make("animLayer", names[0])
        node.attributes["override"].value = bool(override)
        return node.name
    layer = SESSION.node(names[0])
    if layer.kind != "animLayer":
        raise RuntimeError(f"animLayer: {names[0]} is no animation layer")
    if mode == "query":
        if attribute:
            return [SESSION.plug_name(plug) for plug in layer.plugs] or None
        if layeredPlug is not None:
            found = SESSION.layered(layer, _plug(layeredPlug))
            return None if found is None else SESSION.plug_name(found)
        return bool(layer.attributes["override"].value)
    for text in [attribute] if isinstance(attribute, str) else attribute or []:
        SESSION.onto_layer(layer, _plug(text))
    for text in [removeAttribute] if isinstance(removeAttribute, str) else removeAttribute or []:
        SESSION.off_layer(layer, _plug(text))
    if mute is not None:
        layer.attributes["mute"].value = mute
    return None


@command()
def currentTime(mode: str, *frames: float) -> float:
    # Commands: currentTime: undoable, as most commands are
    if mode != "query":
        SESSION.state.ticks = SESSION.ticks(frames[0])
    return SESSION.frame(SESSION.state.ticks)


@command("time", "linear", "angle")
def currentUnit(mode: str, **units: Any) -> Any:
    # Commands: currentUnit: keys stay at their time, that is at other frames
    if mode == "query":
        (name,) = units
        return SESSION.state.units[name]
    SESSION.state.units.update(units)
    return None


@command("state")
def autoKeyframe(mode: str, *, state: bool = True) -> Any:
    # Commands: autoKeyframe: undoable
    if mode == "query":
        return SESSION.state.auto_key
    SESSION.state.auto_key = bool(state)
    return None


@command("file", "offset", "name")
def sound(mode: str, *names: str, file: str = "", offset: float = 0.0, name: str = "audio1") -> str:
    # Commands: sound: -offset is the frame that the sound starts at
    if mode == "edit":
        node = SESSION.node(names[0])
    else:
        node = SESSION.make("audio", name)
        node.attributes["filename"].value = file
    node.attributes["offset"].value = SESSION.ticks(offset)
    return node.name


@command("sound", "displaySound", undoable=False)
def timeControl(mode: str, slider: str, *, sound: Any = None, displaySound: bool = False) -> Any:
    # Commands: timeControl: part of the window, so neither undone nor there in batch
    if SESSION.batch:
        raise RuntimeError(f"timeControl: Object '{slider}' not found.")
    if mode == "query":
        return SESSION.slider_sound if SESSION.matches(SESSION.slider_sound) else ""
    if displaySound and sound is not None:
        SESSION.slider_sound = SESSION.node(sound).name
    return None
