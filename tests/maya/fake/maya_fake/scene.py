"""Nodes, plugs, connections and what they evaluate to; units; the undo queue. No command is known here."""

from __future__ import annotations

import json
import pickle
from fractions import Fraction
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator, Tuple

from . import curve

RATES = {
    "game": Fraction(15),
    "film": Fraction(24),
    "pal": Fraction(25),
    "ntsc": Fraction(30),
    "show": Fraction(48),
    "palf": Fraction(50),
    "ntscf": Fraction(60),
    "23.976fps": Fraction(24000, 1001),
    "29.97fps": Fraction(30000, 1001),
    "59.94fps": Fraction(60000, 1001),
    "12fps": Fraction(12),
}
CENTIMETRES = {"mm": 0.1, "cm": 1.0, "m": 100.0}
TRANSFORM = {
    f"{word}{axis}": (f"{letter}{axis.lower()}", kind, default)
    for word, letter, kind, default in (
        ("translate", "t", "doubleLinear", 0.0),
        ("rotate", "r", "doubleAngle", 0.0),
        ("scale", "s", "double", 1.0),
    )
    for axis in "XYZ"
}
BLENDS = {"translate": "animBlendNodeAdditiveDL", "rotate": "animBlendNodeAdditiveRotation"}


class Attribute:
    """One attribute of one node. Numbers are in internal units: centimetres, radians, ticks."""

    def __init__(self, short: str, kind: str, value: Any, *, keyable: bool = True) -> None:
        self.short = short
        self.kind = kind
        self.value = value
        self.keyable = keyable
        self.locked = False
        self.minimum: float | None = None
        self.maximum: float | None = None


class Node:
    """A node. `parent` is the id of its parent, for transforms."""

    def __init__(self, number: int, name: str, kind: str, parent: int | None) -> None:
        self.number = number
        self.name = name
        self.kind = kind
        self.parent = parent
        self.referenced = False
        self.attributes: dict[str, Attribute] = {}
        self.keys: list[curve.Key] = []
        self.limits: dict[str, list[Any]] = {}
        self.plugs: list[tuple[int, str]] = []  # of a layer

    @property
    def is_curve(self) -> bool:
        """Whether it is an animation curve over time."""
        return self.kind.startswith("animCurveT")


Plug = Tuple[int, str]


class State:
    """All that undo takes back."""

    def __init__(self) -> None:
        self.nodes: dict[int, Node] = {}
        self.sources: dict[Plug, Plug] = {}  # what drives a plug
        self.namespaces = {""}
        self.selection: list[int] = []
        self.ticks = 0
        self.units = {"time": "film", "linear": "cm", "angle": "deg"}
        self.auto_key = False
        self.made = 0


class Session:
    """A running Maya: the scene, its undo queue, and what undo does not touch."""

    def __init__(self) -> None:
        self.restart()

    def restart(self, *, batch: bool = False) -> None:
        """As after starting Maya."""
        self.state = State()
        self.batch = batch
        self.undo_on = True
        self.depth = 0
        self.undos: list[tuple[str, bytes]] = []
        self.redos: list[tuple[str, bytes]] = []
        self.clipboard: list[curve.Key] = []
        self.options: dict[str, Any] = {}
        self.evaluation = "parallel"
        self.suspended = False
        self.slider_sound = ""
        self.scene_name = ""
        self.plugins: dict[str, Any] = {}
        self.commands: dict[str, Any] = {}  # of plug-ins
        self.calls: dict[str, int] = {}
        self.warnings: list[str] = []
        self.deferred: list[Callable[[], Any]] = []
        self.before: Callable[[str], None] = lambda name: None
        self.arrays_settable = True  # whether setAttr takes a curve's arrays outside of a file
        self.full_disk = False

    # Undo: Commands: undoInfo, undo. A chunk is one step, whatever is in it.

    def record(self, name: str) -> None:
        """Before an undoable command outside of a chunk."""
        if self.undo_on and not self.depth:
            self.undos.append((name, pickle.dumps(self.state)))
            self.redos.clear()

    def open_chunk(self, name: str) -> None:
        """Begin a step."""
        self.record(name)
        self.depth += 1

    def close_chunk(self) -> None:
        """End it."""
        if not self.depth:
            raise RuntimeError("undoInfo: there is no open chunk")
        self.depth -= 1

    def undo(self) -> None:
        """Take one step back."""
        if not self.undo_on or not self.undos:
            raise RuntimeError("There are no more commands to undo.")
        name, before = self.undos.pop()
        self.redos.append((name, pickle.dumps(self.state)))
        self.state = pickle.loads(before)

    def redo(self) -> None:
        """And forward again."""
        if not self.redos:
            raise RuntimeError("There are no more commands to redo.")
        name, after = self.redos.pop()
        self.undos.append((name, pickle.dumps(self.state)))
        self.state = pickle.loads(after)

    def flush_undo(self) -> None:
        """Opening a file, or turning undo off, forgets all steps (Commands: file, undoInfo)."""
        self.undos.clear()
        self.redos.clear()

    # Names

    def path(self, node: Node) -> str:
        """The full path of a transform, the name of another node."""
        if node.kind != "transform":
            return node.name
        parent = "" if node.parent is None else self.path(self.state.nodes[node.parent])
        return f"{parent}|{node.name}"

    def short_name(self, node: Node) -> str:
        """The shortest name that is unique (Commands: ls, without -long)."""
        parts = self.path(node).lstrip("|").split("|")
        for count in range(1, len(parts) + 1):
            name = "|".join(parts[-count:])
            if len(self.matches(name)) == 1:
                return name
        return self.path(node)

    def matches(self, name: str) -> list[Node]:
        """Nodes of this name or partial path."""
        name = name[1:] if name.startswith(":") else name
        leaf = name.rpartition("|")[2]
        found = [node for node in self.state.nodes.values() if node.name == leaf]
        if "|" not in name:
            return found
        whole = name.startswith("|")
        return [
            node for node in found if self.path(node) == name or (not whole and self.path(node).endswith(f"|{name}"))
        ]

    def node(self, name: str) -> Node:
        """The one node of this name (messages as Maya's)."""
        found = self.matches(name)
        if not found:
            raise ValueError(f"No object matches name: {name}")
        if len(found) > 1:
            raise ValueError(f"More than one object matches name: {name}")
        return found[0]

    def plug(self, text: str) -> tuple[Node, str]:
        """Node and long attribute name of `node.attribute`."""
        name, dot, attribute = text.partition(".")
        node = self.node(name)
        long = self.long_name(node, attribute) if dot else None
        if long is None:
            raise ValueError(f"No object matches name: {text}")
        return node, long

    def long_name(self, node: Node, attribute: str) -> str | None:
        """The attribute's long name, None where there is none."""
        for long, one in node.attributes.items():
            if attribute in (long, one.short):
                return long
        return None

    def plug_name(self, plug: Plug) -> str:
        """`node.attribute` with the shortest name."""
        return f"{self.short_name(self.state.nodes[plug[0]])}.{plug[1]}"

    # Making and deleting

    def make(self, kind: str, name: str, parent: str | None = None) -> Node:
        """A new node; a name that is taken gets a number (Commands: createNode)."""
        namespace = name.rpartition(":")[0]
        if namespace not in self.state.namespaces:
            raise RuntimeError(f"namespace {namespace!r} does not exist")
        self.state.made += 1
        unique, count = name, 0
        above = None if parent is None else self.node(parent).number
        while any(
            node.name == unique and (kind != "transform" or node.parent == above) for node in self.state.nodes.values()
        ):
            count += 1
            unique = f"{name}{count}"
        node = Node(self.state.made, unique, kind, above)
        self.state.nodes[node.number] = node
        node.attributes.update(_attributes_of(kind))
        return node

    def delete(self, node: Node) -> None:
        """The node, what hangs below it, and its connections; a layer with all that it put in the way."""
        if node.referenced:
            raise RuntimeError(f"Cannot delete {node.name}: it is from a referenced file")
        for child in [one for one in self.state.nodes.values() if one.parent == node.number]:
            self.delete(child)
        if node.kind == "animLayer":
            for plug in list(node.plugs):
                self.off_layer(node, plug)
        self.state.nodes.pop(node.number, None)
        self.state.selection = [number for number in self.state.selection if number != node.number]
        self.state.sources = {
            into: out for into, out in self.state.sources.items() if node.number not in (into[0], out[0])
        }
        for layer in self.state.nodes.values():
            layer.plugs = [plug for plug in layer.plugs if plug[0] != node.number]

    # Layers (Commands: animLayer; Nodes: animLayer, animBlendNodeBase)

    def onto_layer(self, layer: Node, plug: Plug) -> None:
        """Put a blend node in front of an attribute; what drove it, or its value, becomes the blend's input A."""
        node, long = self.state.nodes[plug[0]], plug[1]
        attribute = node.attributes[long]
        if attribute.locked:
            raise RuntimeError(f"{node.name}.{long} is locked and cannot be added to {layer.name}")
        if not attribute.keyable:
            raise RuntimeError(f"{node.name}.{long} is not keyable")
        if plug in layer.plugs:
            return
        word = long[:-1]
        blend = self.make(
            BLENDS.get(word, "animBlendNodeAdditive"), f"{node.name.rpartition(':')[2]}_{long}_{layer.name}"
        )
        end = long[-1] if word == "rotate" else ""
        value = self.value(plug, self.state.ticks)
        override = bool(layer.attributes["override"].value)
        blend.attributes = {
            f"inputA{end}": Attribute(f"ia{end}", attribute.kind, value),
            f"inputB{end}": Attribute(f"ib{end}", attribute.kind, value if override else 0.0),
            f"output{end}": Attribute(f"o{end}", attribute.kind, value),
        }
        source = self.state.sources.pop(plug, None)
        if source is not None:
            self.state.sources[blend.number, f"inputA{end}"] = source
        self.state.sources[plug] = (blend.number, f"output{end}")
        blend.plugs = [(layer.number, "")]
        layer.plugs.append(plug)

    def off_layer(self, layer: Node, plug: Plug) -> None:
        """Take the blend out again, with the layer's curve; the attribute gets back what drove it."""
        above = plug
        while True:
            blend = self.state.nodes[self.state.sources[above][0]]
            end = _end_of(blend)
            if blend.plugs == [(layer.number, "")]:
                break
            above = (blend.number, f"inputA{end}")
        lower = self.state.sources.get((blend.number, f"inputA{end}"))
        own = self.state.sources.get((blend.number, f"inputB{end}"))
        rest = blend.attributes[f"inputA{end}"].value
        blend.plugs = []
        self.delete(blend)
        if own is not None and self.state.nodes[own[0]].is_curve:
            self.delete(self.state.nodes[own[0]])
        if lower is not None:
            self.state.sources[above] = lower
        else:
            self.state.nodes[above[0]].attributes[above[1]].value = rest
        layer.plugs.remove(plug)

    def layered(self, layer: Node, plug: Plug) -> Plug | None:
        """The input of a layer's curve for an attribute."""
        at: Plug | None = self.state.sources.get(plug)
        while at is not None and self.state.nodes[at[0]].kind.startswith("animBlendNode"):
            blend = self.state.nodes[at[0]]
            if blend.plugs == [(layer.number, "")]:
                return blend.number, f"inputB{_end_of(blend)}"
            at = self.state.sources.get((blend.number, f"inputA{_end_of(blend)}"))
        return None

    # Values

    def value(self, plug: Plug, ticks: int) -> Any:
        """What a plug is at a time, internal units."""
        source = self.state.sources.get(plug)
        if source is None:
            return self.state.nodes[plug[0]].attributes[plug[1]].value
        node = self.state.nodes[source[0]]
        if node.is_curve:
            return curve.value_at(node.keys, ticks)
        if node.kind.startswith("animBlendNode"):
            end = _end_of(node)
            layer = self.state.nodes[node.plugs[0][0]]
            weight = 0.0 if layer.attributes["mute"].value else self.value((layer.number, "weight"), ticks)
            lower, upper = (self.value((node.number, f"input{side}{end}"), ticks) for side in "AB")
            # Nodes: animBlendNodeBase: an override layer takes its share from below, an additive one does not
            return (
                (1.0 - weight) * lower + weight * upper
                if layer.attributes["override"].value
                else lower + weight * upper
            )
        return self.value(source, ticks)

    # Units (Commands: currentUnit): commands speak UI units, nodes keep internal ones

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return RATES[self.state.units["time"]]

    def ticks(self, frame: float) -> int:
        """Ticks of a frame, rounded as MTime does."""
        return round(frame * int(curve.TICKS / self.rate))  # ticks are chosen so that every rate has whole ones

    def frame(self, ticks: int) -> float:
        """Frame of ticks."""
        return ticks / int(curve.TICKS / self.rate)

    def internal_per_ui(self, kind: str) -> float:
        """By attribute type or curve type."""
        if kind in ("doubleLinear", "animCurveTL"):
            return CENTIMETRES[self.state.units["linear"]]
        if kind in ("doubleAngle", "animCurveTA") and self.state.units["angle"] == "deg":
            return curve.INTERNAL["animCurveTA"]
        return 1.0

    # Looking from tests, and files

    def evaluated(self, plug: str, frame: float) -> float:
        """What an attribute shows at a frame, UI units."""
        return self.played(plug, [frame])[0]

    def played(self, plug: str, frames: Iterable[float]) -> list[float]:
        """What an attribute shows at some frames, UI units."""
        node, long = self.plug(plug)
        unit = self.internal_per_ui(node.attributes[long].kind)
        return [float(self.value((node.number, long), self.ticks(frame))) / unit for frame in frames]

    def dump(self) -> bytes:
        """All that undo takes back, as text: two scenes are the same when these bytes are."""
        return json.dumps(self._plain(), sort_keys=True, indent=1, default=sorted).encode()

    def _plain(self) -> dict[str, Any]:
        state = self.state
        nodes = {
            str(number): {
                **{name: value for name, value in node.__dict__.items() if name != "attributes"},
                "attributes": {long: one.__dict__ for long, one in node.attributes.items()},
            }
            for number, node in state.nodes.items()
        }
        sources = {f"{into[0]}.{into[1]}": list(out) for into, out in state.sources.items()}
        rest = {name: value for name, value in state.__dict__.items() if name not in ("nodes", "sources", "made")}
        return {"nodes": nodes, "sources": sources, **rest}

    def save(self, path: Path) -> None:
        """A scene file of the fake: JSON, whatever its suffix."""
        if self.full_disk:
            raise RuntimeError(f"Could not save file: {path}: No space left on device")
        content = {**self._plain(), "made": self.state.made}
        path.write_text("//Fake scene\n" + json.dumps(content, default=sorted), encoding="utf-8")

    def load(self, path: Path) -> State:
        """A scene file of the fake."""
        head, _, text = path.read_text(encoding="utf-8").partition("\n")
        if head != "//Fake scene":
            raise RuntimeError(f"{path}: is no scene file")
        content = json.loads(text)
        state = State()
        state.__dict__.update({name: content[name] for name in ("selection", "ticks", "units", "auto_key", "made")})
        state.namespaces = set(content["namespaces"])
        for number, values in content["nodes"].items():
            node = Node(int(number), values["name"], values["kind"], values["parent"])
            attributes = values.pop("attributes")
            node.__dict__.update(values)
            node.plugs = [(plug[0], plug[1]) for plug in values["plugs"]]
            for long, one in attributes.items():
                node.attributes[long] = Attribute(one["short"], one["kind"], one["value"])
                node.attributes[long].__dict__.update(one)
            state.nodes[node.number] = node
        for into, out in content["sources"].items():
            number, _, attribute = into.partition(".")
            state.sources[int(number), attribute] = (out[0], out[1])
        return state

    def of_kind(self, kind: str) -> Iterator[Node]:
        """Nodes of a type; "animCurve" and "animBlendNodeBase" are what many inherit from."""
        for node in self.state.nodes.values():
            if node.kind == kind or (kind == "animCurve" and node.kind.startswith("animCurve")):
                yield node


def _end_of(blend: Node) -> str:
    """ "X", "Y" or "Z" of a blend of rotations, else ""."""
    return next(name for name in blend.attributes if name.startswith("output"))[len("output") :]


def _attributes_of(kind: str) -> dict[str, Attribute]:
    if kind == "transform":
        found = {long: Attribute(short, type_, value) for long, (short, type_, value) in TRANSFORM.items()}
        found["visibility"] = Attribute("v", "bool", True)
        return found
    if kind == "animLayer":
        weight = Attribute("w", "double", 1.0)
        weight.minimum, weight.maximum = 0.0, 1.0
        names = ("mute", "solo", "override", "lock", "selected", "preferred", "passthrough")
        return {"weight": weight, **{name: Attribute(name, "bool", False, keyable=False) for name in names}}
    if kind.startswith("animCurveT"):
        # Nodes: animCurve: weightedTangents is on by default, as files show: they write "no"
        return {"output": Attribute("o", "double", 0.0), "weightedTangents": Attribute("wgt", "bool", True)}
    if kind == "audio":
        return {
            "filename": Attribute("f", "string", "", keyable=False),
            "offset": Attribute("o", "time", 0, keyable=False),
        }
    if kind.startswith("animBlendNode"):
        return {}  # by what it blends; see onto_layer
    if kind in ("multiplyDivide", "network"):
        return {"outputX": Attribute("ox", "double", 0.0, keyable=False)}
    raise RuntimeError(f"Unknown object type: {kind}")


SESSION = Session()
