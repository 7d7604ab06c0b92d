"""Maya ASCII scenes, read for their animation curves, the plugs these move, and the sound.

Nothing else is looked at, and nothing is executed.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from sfp_core.curves.loose import LooseCurves
from sfp_core.curves.take import SoundReference
from sfp_core.errors import SfpError
from sfp_core.formats.maya_names import TANGENT_CODES, TRANSFORM_ATTRIBUTES
from sfp_core.formats.maya_plugs import controller_names, namespace_of
from sfp_core.formats.maya_statements import Statement, maya_statements
from sfp_core.formats.maya_units import CENTIMETRES, DEGREES, rate_of
from sfp_core.rig import Keys, TangentType, Unit

log = logging.getLogger(__name__)

STEEPEST = 5729577.9485111479
"""Units per second of a tangent that stands upright (AnimX's greatest)."""

_UNITS: dict[str, Unit] = {"animCurveTL": "linear", "animCurveTA": "angle_deg", "animCurveTU": "none"}
_TANGENTS: dict[int, TangentType] = {code: word for word, code in TANGENT_CODES.items()}
_AUTO = TANGENT_CODES["auto"]
# Attributes of curves that are read, by their short and long names; those of arrays by their width.
_LONG_NAMES = {
    "keyTimeValue": "ktv",
    "keyTanInType": "kit",
    "keyTanOutType": "kot",
    "keyTanInX": "kix",
    "keyTanInY": "kiy",
    "keyTanOutX": "kox",
    "keyTanOutY": "koy",
    "tangentType": "tan",
    "weightedTangents": "wgt",
}
_WIDTHS = {"ktv": 2, "kit": 1, "kot": 1, "kix": 1, "kiy": 1, "kox": 1, "koy": 1}
_SET = re.compile(r'setAttr\s+(?:-\w+\s+(?:\w+\s+)?)*"\.([\w.]+)(?:\[(\d{1,12})(?::(\d{1,12}))?\])?"')
_STRING_VALUES = re.compile(r'\s*-type\s+"string"')
_PLACE_HOLDER = re.compile(r"(.+)\.(?:phl|placeHolderList)\[(\d+)\]")
_PLAYBACK = re.compile(r"playbackOptions\b[^;]*")
_PLAYBACK_START = re.compile(r"\s-(ast|min)\s+(-?\d{1,12}(?:\.\d*)?(?:e[-+]?\d{1,2})?)(?=\s|$)")


@dataclass
class CurveNode:
    """An animation curve as the file has it.

    Attributes
    ----------
    line : int
        Where the node is created.
    pieces : dict
        By attribute: index of the first entry, and entries, (m,) or (m, 2) float64.
    plug : str
        What the node itself says it moves (old files of Studio Library), else empty.
    """

    line: int
    kind: str
    tangent: float = _AUTO
    weighted: bool = False
    pieces: dict[str, list[tuple[int, np.ndarray]]] = field(default_factory=dict)
    plug: str = ""


@dataclass
class SoundNode:
    """A sound on the timeline: its file, and the frame on which it starts."""

    file: str = ""
    frame: float = 0.0


@dataclass
class MayaCurves:
    """What a file has of interest to us.

    Attributes
    ----------
    nodes : dict of str to CurveNode
        By name, with namespace.
    plugs : dict of str to list of str
        What each curve moves, as `node.attribute`, with namespaces; empty where it moves nothing in this file.
    start_frame : float or None
        Of the scene's animation, where it says.
    """

    path: Path
    rate: Fraction = Fraction(24)
    centimetres: float = 1.0
    degrees: float = 1.0
    nodes: dict[str, CurveNode] = field(default_factory=dict)
    plugs: dict[str, list[str]] = field(default_factory=dict)
    start_frame: float | None = None
    sounds: list[SoundNode] = field(default_factory=list)


def read_maya_ascii(path: Path, *, namespace: str | None = None) -> LooseCurves:
    """The animation curves of a Maya ASCII scene.

    Curves over time of translations, rotations and other numbers (`animCurveTL`, `TA`, `TU`) are read, with the
    plugs that they are connected to, in referenced rigs too, and the first sound node. Set-driven keys, constraints,
    expressions and animation layers are not: a curve that goes through a node first has that node's name.

    * Controllers are named as `controller_names` says: `jaw.ty` for `|mery:face|mery:jaw.translateY`. Curves that are
      connected to nothing are left out; where none is connected, as in files of Studio Library, they are called by
      what their own names say (`jaw_translateY`), or by these names.
    * Values become centimetres and degrees whatever the file's units, slopes those units per second.
    * Tangents of weighted curves lose their weights, which is told: fixed ones keep their slopes, and the curve
      between the keys is near, not the same. Types that we have no word for become auto, which is told.
    * Outside its keys a curve is constant, whatever the scene says of infinity.
    * Frame 0 of a take is where the scene's animation starts, or 0 where it does not say.

    Parameters
    ----------
    namespace : str, optional
        Read only curves of nodes in this namespace, for scenes with several characters.

    Raises
    ------
    SfpError
        Not there, not Maya ASCII, cut off, or with keys that make no curve; the message names file and line.
    """
    scene = scan_maya_curves(path)
    targets = [(plug, name) for name in scene.nodes for plug in scene.plugs.get(name, ())]
    if not targets:
        targets = [(_default_plug(node, name), name) for name, node in scene.nodes.items()]
    if namespace is not None:
        targets = [(plug, name) for plug, name in targets if namespace_of(plug.partition(".")[0]) == namespace]
    keys = curve_keys(scene)
    kept = [(plug, name) for plug, name in targets if name in keys]
    names = controller_names([plug for plug, _ in kept])
    return loose_curves(scene, {name: node for name, (_, node) in zip(names, kept, strict=True)}, keys)


def loose_curves(scene: MayaCurves, nodes: Mapping[str, str], keys: Mapping[str, Keys]) -> LooseCurves:
    """Curves by controller, for the curve nodes that move them and those nodes' keys."""
    start = scene.start_frame or 0.0
    sounds = [
        SoundReference(one.file, offset_seconds=(one.frame - start) / float(scene.rate))
        for one in scene.sounds
        if one.file
    ]
    units = {controller: _UNITS[scene.nodes[node].kind] for controller, node in nodes.items()}
    return LooseCurves(
        {one: keys[node] for one, node in nodes.items()}, units, scene.rate, start, next(iter(sounds), None)
    )


def scan_maya_curves(path: Path) -> MayaCurves:
    """Read a file for what `MayaCurves` holds, without making keys of it."""
    scanner = _Scanner(MayaCurves(Path(path)))
    for statement in maya_statements(path):
        scanner.take(statement)
    return scanner.scene


class _Scanner:
    """Statements in, a scene out."""

    def __init__(self, scene: MayaCurves) -> None:
        self.scene = scene
        self._node: CurveNode | None = None
        self._kind = ""
        self._name = ""
        self._place_holders: dict[tuple[str, str], str] = {}

    def take(self, statement: Statement) -> None:
        command = statement.text[:12]
        if command.startswith("setAttr"):
            if self._kind:
                self._set(statement)
        elif command.startswith("createNode"):
            self._create(statement)
        elif command.startswith("connectAttr"):
            self._connect(statement)
        elif command.startswith("select"):
            self._kind = ""
        elif command.startswith("currentUnit"):
            self._units(statement)

    def _fail(self, line: int, message: str) -> SfpError:
        return SfpError(f"{self.scene.path}:{line}: {message}")

    def _units(self, statement: Statement) -> None:
        words = statement.words()[1:]
        for flag, word in zip(words[::2], words[1::2], strict=False):
            rate, length, angle = rate_of(word), CENTIMETRES.get(word), DEGREES.get(word)
            if flag in ("-t", "-time") and rate is not None:
                self.scene.rate = rate
            elif flag in ("-l", "-linear") and length is not None:
                self.scene.centimetres = length
            elif flag in ("-a", "-angle") and angle is not None:
                self.scene.degrees = angle
            else:
                raise self._fail(statement.line, f"currentUnit {flag} {word}: no unit of Maya's that we know")

    def _create(self, statement: Statement) -> None:
        words = statement.words()
        self._kind = words[1] if len(words) > 1 else ""
        self._name = next((after for flag, after in pairwise(words) if flag in ("-n", "-name")), "")
        if self._kind in _UNITS:
            self._node = self.scene.nodes[self._name] = CurveNode(statement.line, self._kind)
        elif self._kind == "audio":
            self.scene.sounds.append(SoundNode())
        elif self._kind not in ("script", "reference"):
            self._kind = ""

    def _set(self, statement: Statement) -> None:
        match = _SET.match(statement.text)
        if match is None:
            return
        name = _LONG_NAMES.get(match[1], match[1])
        if self._kind in _UNITS:
            self._set_curve(statement, name, match)
        elif self._kind == "audio" and name in ("f", "filename"):
            self.scene.sounds[-1].file = _text(statement)
        elif self._kind == "audio" and name in ("o", "offset"):
            self.scene.sounds[-1].frame = self._numbers(statement, match)[0]
        elif self._kind == "script" and name in ("b", "before"):
            self._playback(_text(statement))
        elif self._kind == "reference" and name in ("ed", "edits"):
            self._edits(statement.words())

    def _set_curve(self, statement: Statement, name: str, match: re.Match[str]) -> None:
        assert self._node is not None
        if name in _WIDTHS and match[2] is not None:
            first, last = int(match[2]), int(match[3] or match[2])
            entries, width = self._numbers(statement, match), _WIDTHS[name]
            if len(entries) != width * (last - first + 1):
                raise self._fail(
                    statement.line,
                    f"{self._name}.{name}[{first}:{last}] has {len(entries)} numbers; "
                    f"expected {width * (last - first + 1)}",
                )
            shape = (-1, 2) if width == 2 else (-1,)
            self._node.pieces.setdefault(name, []).append((first, np.array(entries).reshape(shape)))
        elif name == "tan":
            self._node.tangent = self._numbers(statement, match)[0]
        elif name == "wgt":
            self._node.weighted = statement.text[match.end() :].strip() in ("yes", "on", "true", "1")
        elif name == "fullname" and _STRING_VALUES.match(statement.text, match.end()):
            self._node.plug = _text(statement)

    def _numbers(self, statement: Statement, match: re.Match[str]) -> list[float]:
        try:
            numbers = list(map(float, statement.text[match.end() :].split()))
        except ValueError as error:
            raise self._fail(statement.line, f"{self._name}.{match[1]}: {error}; expected numbers") from error
        if not numbers or not np.isfinite(numbers).all():
            raise self._fail(statement.line, f"{self._name}.{match[1]}: expected finite numbers")
        return numbers

    def _playback(self, script: str) -> None:
        """The start of the animation, or else of the playback range, out of the text of Maya's own script node."""
        for command in _PLAYBACK.findall(script):
            found = dict(_PLAYBACK_START.findall(command))
            if found:
                self.scene.start_frame = float(found.get("ast") or found["min"])

    def _edits(self, words: Sequence[str]) -> None:
        """Which plug of a referenced rig each place holder stands for: `5 4 "RN" "plug" "RN.placeHolderList[1]"`."""
        for index in range(4, len(words)):
            found = _PLACE_HOLDER.fullmatch(words[index])
            if found and list(words[index - 4 : index - 2]) == ["5", "4"]:
                self._place_holders[found[1], found[2]] = words[index - 1]

    def _connect(self, statement: Statement) -> None:
        plugs = [word for word in statement.words()[1:] if "." in word and not word.startswith("-")]
        if len(plugs) < 2:
            return
        source, _, output = plugs[0].partition(".")
        if source not in self.scene.nodes or output not in ("o", "output"):
            return
        held = _PLACE_HOLDER.fullmatch(plugs[1])
        plug = plugs[1] if held is None else self._place_holders.get((held[1], held[2]))
        if plug is not None:
            self.scene.plugs.setdefault(source, []).append(plug)


def _text(statement: Statement) -> str:
    """The string that a `setAttr ... -type "string"` sets, also one in pieces: `( "one" + "two")`."""
    words = statement.words()
    after = next((index for index, word in enumerate(words) if word in ("-type", "-typ")), len(words))
    pieces = [word for word in words[after + 2 :] if word not in ("(", "+", ")")]
    return "".join(pieces)


def _default_plug(curve: CurveNode, name: str) -> str:
    """What a curve without connection moves, going by what it says or by the name that Maya gives such curves."""
    if curve.plug:
        return curve.plug
    node, _, attribute = name.rpartition("_")
    known = {long for long, _ in TRANSFORM_ATTRIBUTES.values()} | {"visibility"}
    return f"{node}.{attribute}" if node and attribute in known else name


def curve_keys(scene: MayaCurves) -> dict[str, Keys]:
    """Keys of every curve that has some, by the node's name: centimetres, degrees, frames, units per second."""
    keys, told = {}, _Told()
    for name, node in scene.nodes.items():
        if "ktv" in node.pieces:
            keys[name] = _keys(scene, name, node, told)
    told.warn(scene.path)
    return keys


@dataclass
class _Told:
    """What of the file's curves is not kept."""

    weighted: int = 0
    unknown: set[int] = field(default_factory=set)

    def warn(self, path: Path) -> None:
        if self.weighted:
            log.warning("%s: %d weighted curves; slopes are kept, weights are not", path, self.weighted)
        if self.unknown:
            codes = ", ".join(map(str, sorted(self.unknown)))
            log.warning("%s: tangent types %s are none that we know; read as auto", path, codes)


def _keys(scene: MayaCurves, name: str, node: CurveNode, told: _Told) -> Keys:
    where = f"{scene.path}:{node.line}: curve {name}"
    indices, pairs = _merged(node.pieces["ktv"])
    with np.errstate(over="ignore"):
        frames, values = pairs[:, 0], pairs[:, 1] * _value_scale(scene, node)
    if not np.isfinite(values).all():
        raise SfpError(f"{where}: values beyond what a number can hold in centimetres or degrees")
    falling = np.flatnonzero(np.diff(frames) <= 0)
    if len(falling):
        before, after = frames[falling[0]], frames[falling[0] + 1]
        raise SfpError(f"{where}: a key at {after:g} follows one at {before:g}; expected frames that rise")
    sides = []
    for side in ("i", "o"):
        codes = _spread(node.pieces.get(f"k{side}t"), indices, node.tangent)
        codes = np.clip(codes, -1, 1000).astype(int)  # numbers beyond are unknown types too
        words = {code: _TANGENTS.get(code, "auto") for code in np.unique(codes).tolist()}
        told.unknown |= set(words) - set(_TANGENTS)
        types = tuple(map(words.__getitem__, codes.tolist()))
        x = _spread(node.pieces.get(f"k{side}x"), indices, 1.0)
        y = _spread(node.pieces.get(f"k{side}y"), indices, 0.0)
        sides.append((types, np.where(codes == TANGENT_CODES["fixed"], _slopes(x, y, node.kind), 0.0)))
    told.weighted += node.weighted
    (in_types, in_slopes), (out_types, out_slopes) = sides
    return Keys(frames, values, in_types, out_types, in_slopes, out_slopes)


def _value_scale(scene: MayaCurves, node: CurveNode) -> float:
    return {"animCurveTL": scene.centimetres, "animCurveTA": scene.degrees}.get(node.kind, 1.0)


def _slopes(x: np.ndarray, y: np.ndarray, kind: str) -> np.ndarray:
    """Units per second of tangents (x seconds, y internal units), (n,): radians become degrees, upright ones steep."""
    upright = np.abs(y) >= STEEPEST * np.abs(x)
    slopes = np.where(upright, np.sign(y) * STEEPEST, y / np.where(upright, 1.0, x))
    return np.rad2deg(slopes) if kind == "animCurveTA" else slopes


def _merged(pieces: Sequence[tuple[int, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Indices, rising, and their entries; of entries set twice the last."""
    indices = np.concatenate([first + np.arange(len(entries)) for first, entries in pieces])
    entries = np.concatenate([entries for _, entries in pieces])
    unique, last = np.unique(indices[::-1], return_index=True)
    return unique, entries[::-1][last]


def _spread(pieces: Sequence[tuple[int, np.ndarray]] | None, indices: np.ndarray, default: float) -> np.ndarray:
    """Entries of an array at these indices, `default` where it has none."""
    values = np.full(len(indices), float(default))
    if pieces:
        known, entries = _merged(pieces)
        place = np.clip(np.searchsorted(known, indices), 0, len(known) - 1)
        found = known[place] == indices
        values[found] = entries[place[found]]
    return values
