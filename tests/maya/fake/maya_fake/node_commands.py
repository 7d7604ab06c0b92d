"""Commands about nodes, attributes, connections, names and the selection."""

from __future__ import annotations

import re
from typing import Any

from . import curve
from .registry import command
from .scene import SESSION, Attribute, Node

_ARRAY = re.compile(r"(ktv|kit|kot|kix|kiy|kox|koy|ktl)\[(\d+):(\d+)\]$")
_FIELDS = {"kit": "i", "kot": "o", "kix": "ix", "kiy": "iy", "kox": "ox", "koy": "oy", "ktl": "lock"}


@command("name", "parent", "skipSelect")
def createNode(
    mode: str, kind: str, *, name: str | None = None, parent: str | None = None, skipSelect: bool = False
) -> str:
    # Commands: createNode: the new node is selected unless -skipSelect
    node = SESSION.make(kind, name or f"{kind}1", parent)
    if not skipSelect:
        SESSION.state.selection = [node.number]
    return SESSION.short_name(node)


@command()
def delete(mode: str, *names: str) -> None:
    # Commands: delete
    for node in [SESSION.node(name) for name in names]:
        if node.number in SESSION.state.nodes:
            SESSION.delete(node)


@command("selection", "long", "type", "recursive", undoable=False)
def ls(
    mode: str,
    *names: str,
    selection: bool = False,
    long: bool = False,
    type: str | None = None,
    recursive: bool = False,
) -> list[str]:
    # Commands: ls: names that match nothing are passed over; -recursive looks into all namespaces
    nodes = list(SESSION.state.nodes.values())
    if selection:
        nodes = [SESSION.state.nodes[number] for number in SESSION.state.selection]
    if names and recursive:
        leaves = {name.rpartition("|")[2] for name in names}
        nodes = [node for node in nodes if node.name.rpartition(":")[2] in leaves]
    elif names:
        nodes = [node for name in names for node in SESSION.matches(name)]
    if type is not None:
        wanted = {node.number for node in SESSION.of_kind(type)}
        nodes = [node for node in nodes if node.number in wanted]
    nodes = list({node.number: node for node in nodes}.values())
    return [SESSION.path(node) if long else SESSION.short_name(node) for node in nodes]


@command("replace", "clear")
def select(mode: str, *names: str, replace: bool = False, clear: bool = False) -> None:
    # Commands: select
    SESSION.state.selection = [] if clear else [SESSION.node(name).number for name in names]


@command("exists", "node", "rangeExists", "range", undoable=False)
def attributeQuery(
    mode: str, attribute: str, *, node: str, exists: bool = False, rangeExists: bool = False, range: bool = False
) -> Any:
    # Commands: attributeQuery
    at = SESSION.node(node)
    long = SESSION.long_name(at, attribute)
    if exists:
        return long is not None
    if long is None:
        raise RuntimeError(f"Attribute '{attribute}' does not exist on {node}")
    one = at.attributes[long]
    both = one.minimum is not None and one.maximum is not None
    if rangeExists:
        return both
    return [one.minimum, one.maximum] if both else None


@command("longName", "attributeType", "dataType", "keyable", "defaultValue", "minValue", "maxValue")
def addAttr(
    mode: str,
    name: str,
    *,
    longName: str,
    attributeType: str = "",
    dataType: str = "",
    keyable: bool = False,
    defaultValue: float = 0.0,
    minValue: float | None = None,
    maxValue: float | None = None,
) -> None:
    # Commands: addAttr
    node = SESSION.node(name)
    if SESSION.long_name(node, longName) is not None:
        raise RuntimeError(f"Attribute name '{longName}' is in use on {name}")
    kind = attributeType or dataType
    one = Attribute(longName, kind, "" if kind == "string" else defaultValue, keyable=keyable and kind != "string")
    one.minimum, one.maximum = minValue, maxValue
    node.attributes[longName] = one


@command("keyable", "unlocked", "scalar", undoable=False)
def listAttr(
    mode: str, name: str, *, keyable: bool = False, unlocked: bool = False, scalar: bool = False
) -> list[str] | None:
    # Commands: listAttr: long names; None where there is none
    found = [
        long
        for long, one in SESSION.node(name).attributes.items()
        if (one.keyable or not keyable) and not (unlocked and one.locked) and not (scalar and one.kind == "string")
    ]
    return found or None


@command("lock", "type", "time", "keyable", undoable=False)
def getAttr(
    mode: str, text: str, *, lock: bool = False, type: bool = False, time: float | None = None, keyable: bool = False
) -> Any:
    # Commands: getAttr: UI units; -time evaluates at another time
    name, _, attribute = text.partition(".")
    array = _ARRAY.match(attribute)
    if array:
        return _get_array(SESSION.node(name), array)
    node, long = SESSION.plug(text)
    one = node.attributes[long]
    if lock:
        return one.locked
    if type:
        return one.kind
    if keyable:
        return one.keyable
    value = SESSION.value((node.number, long), SESSION.state.ticks if time is None else SESSION.ticks(time))
    if one.kind == "time":
        return SESSION.frame(value)
    return value if isinstance(value, (str, bool)) else value / SESSION.internal_per_ui(one.kind)


@command("type", "size", "lock", "keyable")
def setAttr(
    mode: str,
    text: str,
    *values: Any,
    type: str | None = None,
    size: int | None = None,
    lock: bool | None = None,
    keyable: bool | None = None,
) -> None:
    # Commands: setAttr: UI units; "-size" is a hint for arrays; a locked or connected attribute is refused
    name, _, attribute = text.partition(".")
    array = _ARRAY.match(attribute)
    if array:
        if not SESSION.arrays_settable:
            raise RuntimeError(f"setAttr: The attribute '{text}' cannot be modified.")
        _set_array(SESSION.node(name), array, list(values))
        return
    node, long = SESSION.plug(text)
    one = node.attributes[long]
    if keyable is not None:
        one.keyable = keyable
    if lock is not None:
        if node.referenced and one.locked and not lock:
            raise RuntimeError(f"setAttr: '{text}' is locked in the referenced file and cannot be unlocked")
        one.locked = lock
    if not values:
        return
    source = SESSION.state.sources.get((node.number, long))
    driven = source is not None and not SESSION.state.nodes[source[0]].is_curve
    if (one.locked and not lock) or driven:
        raise RuntimeError(f"setAttr: The attribute '{text}' is locked or connected and cannot be modified.")
    if (one.kind == "string") != (type == "string"):
        raise RuntimeError(f"setAttr: Type of '{text}' is {one.kind}")
    (value,) = values
    one.value = value if one.kind in ("string", "bool") else value * SESSION.internal_per_ui(one.kind)


def _set_array(node: Node, array: Any, values: list[Any]) -> None:
    """Nodes: animCurve: arrays of its keys, as they are in Maya ASCII files: times in frames, values in UI units."""
    field, first, last = array.group(1), int(array.group(2)), int(array.group(3))
    count = last - first + 1
    if not node.is_curve or first:
        raise RuntimeError(f"setAttr: {node.name}.{array.group(0)} is not there")
    if len(values) != count * (2 if field == "ktv" else 1):
        raise RuntimeError(f"setAttr: Error reading data elements number of {node.name}.{array.group(0)}")
    if field == "ktv":
        unit = SESSION.internal_per_ui(node.kind)
        times = [SESSION.ticks(frame) for frame in values[0::2]]
        if any(later <= sooner for sooner, later in zip(times, times[1:])):
            raise RuntimeError(f"setAttr: times of {node.name} do not rise")
        node.keys = [curve.new_key(ticks, value * unit, 3, 3) for ticks, value in zip(times, values[1::2])]
        return
    if count > len(node.keys):
        raise RuntimeError(f"setAttr: {node.name} has {len(node.keys)} keys")
    for key, value in zip(node.keys, values):
        if field in ("kit", "kot") and value not in curve.WORDS:
            raise RuntimeError(f"setAttr: {value} is no tangent type")
        # while a curve is weighted the length of a tangent's vector means its weight
        if field in ("kix", "kiy", "kox", "koy") and node.attributes["weightedTangents"].value:
            raise RuntimeError(f"setAttr: {node.name} is weighted: its tangents are no directions")
        key[_FIELDS[field]] = value


def _get_array(node: Node, array: Any) -> Any:
    field, last = array.group(1), int(array.group(3))
    values = [key[_FIELDS[field]] for key in node.keys[: last + 1]]
    return values[0] if len(values) == 1 else values


@command("source", "destination", "plugs", "connections", "skipConversionNodes", "type", undoable=False)
def listConnections(
    mode: str,
    *names: str,
    source: bool = True,
    destination: bool = True,
    plugs: bool = False,
    connections: bool = False,
    skipConversionNodes: bool = False,
    type: str | None = None,
) -> list[str] | None:
    # Commands: listConnections: with -connections pairs of own plug and other end; None where there is none
    if destination:
        raise NotImplementedError("listConnections of destinations")
    found: list[str] = []
    for name in names:
        if "." not in name:
            raise NotImplementedError("listConnections of nodes")
        node, long = SESSION.plug(name)
        out = SESSION.state.sources.get((node.number, long))
        if out is None:
            continue
        other = SESSION.state.nodes[out[0]]
        if type is not None and not other.kind.startswith(type):
            continue
        if connections:
            found.append(SESSION.plug_name((node.number, long)))
        found.append(SESSION.plug_name(out) if plugs else SESSION.short_name(other))
    return found or None


@command("force")
def connectAttr(mode: str, first: str, second: str, *, force: bool = False) -> str:
    # Commands: connectAttr: refuses a locked destination, and one that is driven unless -force
    out, long_out = SESSION.plug(first)
    into, long_into = SESSION.plug(second)
    if into.attributes[long_into].locked:
        raise RuntimeError(f"connectAttr: The destination attribute '{second}' is locked")
    if (into.number, long_into) in SESSION.state.sources and not force:
        raise RuntimeError(f"connectAttr: '{second}' already has an incoming connection")
    SESSION.state.sources[into.number, long_into] = (out.number, long_out)
    return f"Connected {first} to {second}."


@command(undoable=False)
def nodeType(mode: str, name: str) -> str:
    # Commands: nodeType
    return SESSION.node(name).kind


@command("isNodeReferenced", undoable=False)
def referenceQuery(mode: str, name: str, *, isNodeReferenced: bool) -> bool:
    # Commands: referenceQuery
    return SESSION.node(name).referenced


_AXES = {
    f"{prefix}{word}{axis}": (f"{attribute}{axis}", bool(prefix))
    for prefix in ("", "enable")
    for word, attribute in (("translation", "translate"), ("rotation", "rotate"))
    for axis in "XYZ"
}
_FLAGS = tuple(
    name[0].lower() + name[1:] if not name.startswith("enable") else "enable" + name[6].upper() + name[7:]
    for name in _AXES
)
_BY_FLAG = dict(zip(_FLAGS, _AXES.values()))


@command(*_FLAGS)
def transformLimits(mode: str, name: str, **flags: Any) -> Any:
    # Commands: transformLimits: [lowest, highest] in UI units; "enable" flags turn either end on
    node = SESSION.node(name)
    for flag, value in flags.items():
        attribute, enabling = _BY_FLAG[flag]
        limits = node.limits.setdefault(attribute, [-1.0, 1.0, False, False])
        part = slice(2, 4) if enabling else slice(0, 2)
        if mode == "query":
            return list(limits[part])
        limits[part] = list(value)
    return None
