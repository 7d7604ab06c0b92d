"""The `.anim` files of Maya's animImportExport: keys of several nodes, by their order and by name.

The grammar is that of Autodesk's page "ANIM file format". Angles of fixed tangents follow the rule by which the graph
editor shows them (tech-artists.org, "animation curve tangent data"): the arc tangent of units of the file per frame.
No Maya has confirmed that for this format.
"""

import logging
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple, TextIO, get_args

import numpy as np

from sfp_core.curves.loose import LooseCurves
from sfp_core.curves.take import Take
from sfp_core.errors import SfpError
from sfp_core.formats.maya_anim_data import anim_data, attribute_words, slope_of_angle, write_by_node
from sfp_core.formats.maya_plugs import (
    Plug,
    controller_names,
    namespace_of,
)
from sfp_core.formats.maya_units import CENTIMETRES, DEGREES, Timeline, rate_of
from sfp_core.rig import Keys, TangentType, Unit

log = logging.getLogger(__name__)


def write_maya_anim(path: Path, take: Take, *, start_frame: int = 0, namespace: str | None = None) -> Path:
    """Write a take as a file for Maya's File > Import with animImportExport.

    Maya pastes the curves onto the selected nodes in the order of the file, not by name. Layers are merged, rates
    that Maya has no word for become the next higher one, as in `write_maya_ascii`. All tangent types keep their words;
    fixed ones are written with angles that no Maya has confirmed, which is told. Channels without keys are left out.

    Parameters
    ----------
    start_frame : int
        The frame of the timeline on which frame 0 of the take falls.
    namespace : str, optional
        Of the rig's nodes.

    Raises
    ------
    SfpError
        A namespace that is not legal in Maya, two controllers that would be one plug, a file that cannot be written.
    """
    return write_by_node(path, take, "anim", _node, start_frame=start_frame, namespace=namespace)


def _node(name: str, plugs: list[Plug], timeline: Timeline) -> Iterator[str]:
    keyed = [plug for plug in plugs if plug.channel.keys.count]
    if not keyed:
        yield f"anim {name} 0 0 0;"  # a place holder, since nodes are matched by their order
    for index, plug in enumerate(keyed):
        yield f"anim {attribute_words(plug)} {name} 0 0 {index};"
        yield from anim_data(plug, timeline)


_MARK = re.compile(r"([;{}])")
_COMMENT = re.compile(r"(?:^|\s)(?://|#).*")
_OUTPUT_UNITS: dict[str, Unit] = {"linear": "linear", "angular": "angle_deg", "unitless": "none"}
# Words that are tangent types of Maya but none of ours, and what is read for them.
_NEAREST: dict[str, TangentType] = {
    "global": "auto",
    "smooth": "spline",
    "slow": "spline",
    "fast": "spline",
    "automix": "auto",
    "autoease": "auto",
    "autocustom": "auto",
}
_TYPES: dict[str, TangentType] = {**{kind: kind for kind in get_args(TangentType)}, **_NEAREST}
_UPRIGHT_DEG = 90.0 - 1e-5


class _Line(NamedTuple):
    """Words up to a semicolon or a brace."""

    number: int
    words: list[str]
    end: str

    @property
    def first(self) -> str:
        return self.words[0] if self.words else ""


@dataclass
class _Curve:
    """What stands in one animData block."""

    line: int
    settings: dict[str, str] = field(default_factory=dict)
    keys: list[_Line] = field(default_factory=list)


@dataclass(frozen=True)
class _Scales:
    """What a curve's numbers are multiplied with: values to centimetres or degrees, angles to degrees."""

    value: float
    angle: float


def read_maya_anim(path: Path, *, namespace: str | None = None) -> LooseCurves:
    """The curves of a `.anim` file.

    * Controllers are named as `controller_names` says: `jaw.ty` for `mery:jaw` and `translate.translateY`. Children of
      compound attributes have their own names.
    * Values become centimetres and degrees whatever the file's units, slopes those units per second.
    * Fixed tangents have the slopes of their angles. Weights are not kept, so that weighted curves are near and not
      the same between their keys; that, and words for types that we have none for, is told.
    * Curves over something else than time, and curves whose output is a time, are left out, which is told. Outside its
      keys a curve is constant, whatever the file says of infinity.
    * Frame 0 of a take is the file's start time, or frame 0 where it has none.

    Parameters
    ----------
    namespace : str, optional
        Read only curves of nodes in this namespace.

    Raises
    ------
    SfpError
        Not there, not such a file, cut off, or with keys that make no curve; the message names file and line.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as stream:
            reader = _Reader(path)
            reader.read(_lines(stream))
    except FileNotFoundError as error:
        raise SfpError(f"{path}: no such file") from error
    except IsADirectoryError as error:
        raise SfpError(
            f"{path}: a folder, as Studio Library's clips are; expected a file that Maya exported"
        ) from error
    except OSError as error:
        raise SfpError(f"{path}: cannot be read ({error.strerror or error})") from error
    reader.warn()
    kept = [
        index
        for index, (plug, *_) in enumerate(reader.curves)
        if namespace is None or namespace_of(plug.partition(".")[0]) == namespace
    ]
    names = controller_names([reader.curves[index][0] for index in kept])
    doubles = [name for name, count in Counter(names).items() if count > 1]
    if doubles:
        raise SfpError(f"{path}: {doubles[0]} has {names.count(doubles[0])} curves; expected one for each attribute")
    found = {name: reader.curves[index] for name, index in zip(names, kept, strict=True)}
    return LooseCurves(
        {name: keys for name, (_, _, keys) in found.items()},
        {name: unit for name, (_, unit, _) in found.items()},
        reader.rate,
        reader.start_frame,
    )


def _lines(stream: TextIO) -> Iterator[_Line]:
    """Statements, comments left out. The end of a line ends one too, as some programs forget their semicolons."""
    words: list[str] = []
    for number, text in enumerate(stream, start=1):
        if "#" in text or "//" in text:
            text = _COMMENT.sub("", text)
        text = text.strip()
        if not words and text.endswith(";") and len(_MARK.findall(text)) == 1:  # as most are: a key a line
            if text != ";":
                yield _Line(number, text[:-1].split(), ";")
            continue
        pieces = _MARK.split(text)
        for piece, mark in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
            words += piece.split()
            opens = not mark and words in (["animData"], ["keys"])  # the brace is on the next line
            if (words or mark in ("{", "}")) and not opens:
                yield _Line(number, words, mark)
                words = []
    if words:
        yield _Line(number, words, "")


class _Reader:
    """Statements in, curves out: (plug with namespace, unit, keys)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rate = Fraction(24)
        self.start_frame = 0.0
        self.curves: list[tuple[str, Unit, Keys]] = []
        self._units = {"linearUnit": CENTIMETRES["cm"], "angularUnit": DEGREES["deg"]}
        self._told: Counter[str] = Counter()

    def _fail(self, line: int, message: str) -> SfpError:
        return SfpError(f"{self.path}:{line}: {message}")

    def read(self, lines: Iterator[_Line]) -> None:
        first = next(lines, None)
        if first is None or first.first != "animVersion" or len(first.words) != 2:
            raise self._fail(1, "does not begin with animVersion; expected a .anim file of Maya's animImportExport")
        if first.words[1].split(".")[0] != "1":
            raise self._fail(first.number, f"animVersion {first.words[1]}; expected 1.0 or 1.1")
        plug = ""
        for line in lines:
            if line.first == "anim":
                plug = self._plug(line)
            elif line.first == "animData" and line.end == "{":
                if not plug:
                    raise self._fail(line.number, "animData without an anim line before it")
                self._add(plug, self._curve(line, lines))
                plug = ""
            elif line.end in ("{", "}"):
                raise self._fail(line.number, f"{' '.join([*line.words, line.end])!r}; expected anim or animData")
            else:
                self._header(line)

    def _header(self, line: _Line) -> None:
        word = line.words[1] if len(line.words) > 1 else ""
        if line.first == "timeUnit":
            rate = rate_of(word)
            if rate is None:
                raise self._fail(line.number, f"timeUnit {word!r}; expected film, pal, ntsc, 23.976fps or the like")
            self.rate = rate
        elif line.first == "startTime":
            self.start_frame = self._number(line, word)
        elif line.first in self._units:
            self._units[line.first] = self._unit(line, line.first, word)

    def _unit(self, line: _Line, kind: str, word: str) -> float:
        known = CENTIMETRES if kind == "linearUnit" else DEGREES
        if word not in known:
            raise self._fail(line.number, f"{line.first} {word!r}; expected one of {', '.join(known)}")
        return known[word]

    def _number(self, line: _Line, word: str) -> float:
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self._fail(line.number, f"{word!r}; expected a finite number")
        return value

    def _plug(self, line: _Line) -> str:
        """`node.attribute` of an `anim` line; nothing for a place holder, which has no curve."""
        names, places = line.words[1:-3], line.words[-3:]
        if len(names) not in (1, 3) or not all(word.isdigit() for word in places):
            raise self._fail(
                line.number,
                f"anim with {len(line.words) - 1} words; expected attribute, its own name, node and three numbers",
            )
        if len(names) == 1:
            return ""
        full, own, node = names
        return f"{node}.{full if '[' in full else own}"

    def _curve(self, opening: _Line, lines: Iterator[_Line]) -> _Curve:
        curve = _Curve(opening.number)
        for line in lines:
            if line.end == "}" and not line.words:
                return curve
            if line.first == "keys" and line.end == "{":
                for key in lines:
                    if key.end == "{":
                        raise self._fail(key.number, "a brace among keys; expected frame, value and tangents")
                    if key.words:
                        curve.keys.append(key)
                    if key.end == "}":
                        break
                else:
                    break
            elif line.end == "{":
                raise self._fail(line.number, f"{line.first!r} in animData; expected keys")
            elif len(line.words) > 1:
                curve.settings[line.first] = line.words[1]
                if line.first in ("inputUnit", "outputUnit", "tangentAngleUnit"):
                    self._check_unit(line, curve)
        raise self._fail(opening.number, "animData without end; the file may be cut off: expected a whole file")

    def _check_unit(self, line: _Line, curve: _Curve) -> None:
        """Units of one curve; those of its input would change the rate of the keys, which no Maya writes."""
        word = line.words[1]
        if line.first == "tangentAngleUnit":
            self._unit(line, "angularUnit", word)
        elif line.first == "outputUnit" and curve.settings.get("output") in ("linear", "angular"):
            self._unit(line, f"{curve.settings['output']}Unit", word)
        elif line.first == "inputUnit" and rate_of(word) != self.rate:
            raise self._fail(line.number, f"inputUnit {word!r}; expected the unit of the file, at {self.rate} fps")

    def _add(self, plug: str, curve: _Curve) -> None:
        if curve.settings.get("input", "time") != "time" or curve.settings.get("output") == "time":
            self._told["curves that are not numbers over time; left out"] += 1
            return
        output = curve.settings.get("output", "")
        if output not in _OUTPUT_UNITS:
            raise self._fail(curve.line, f"output {output!r}; expected linear, angular, unitless or time")
        if not curve.keys:
            return
        if curve.settings.get("weighted", "0") != "0":
            self._told["weighted curves; slopes are kept, weights are not"] += 1
        self.curves.append((plug, _OUTPUT_UNITS[output], self._keys(curve, self._scales(curve, output))))

    def _scales(self, curve: _Curve, output: str) -> _Scales:
        own = curve.settings.get("outputUnit")
        value = {"linear": self._units["linearUnit"], "angular": self._units["angularUnit"]}.get(output, 1.0)
        if own is not None and output != "unitless":
            value = (CENTIMETRES if output == "linear" else DEGREES)[own]
        angle = curve.settings.get("tangentAngleUnit")
        return _Scales(value, self._units["angularUnit"] if angle is None else DEGREES[angle])

    def _keys(self, curve: _Curve, scales: _Scales) -> Keys:
        for line in curve.keys:
            if len(line.words) < 4:
                raise self._fail(line.number, f"a key of {len(line.words)} words; expected time, value, two tangents")
        frames, values = self._column(curve, 0), self._column(curve, 1)
        falling = np.flatnonzero(np.diff(frames) <= 0)
        if len(falling):
            at = falling[0] + 1
            raise self._fail(
                curve.keys[at].number,
                f"a key at {frames[at]:g} follows one at {frames[at - 1]:g}; expected frames that rise",
            )
        with np.errstate(over="ignore"):
            values *= scales.value
        if not np.isfinite(values).all():
            raise self._fail(curve.line, "values beyond what a number can hold in centimetres or degrees")
        in_types, out_types = self._types(curve, 2), self._types(curve, 3)
        slopes = np.zeros((2, len(frames)))
        for index, types in enumerate(zip(in_types, out_types, strict=True)):
            if "fixed" in types:
                angles = self._angles(curve.keys[index], types.count("fixed"))
                for side, kind in enumerate(types):
                    if kind == "fixed":
                        slopes[side, index] = self._slope(next(angles), scales)
        return Keys(frames, values, in_types, out_types, slopes[0], slopes[1])

    def _column(self, curve: _Curve, place: int) -> np.ndarray:
        """Numbers that stand at one place in every key, (n,) float64."""
        try:
            numbers = np.array([float(line.words[place]) for line in curve.keys])
        except ValueError:
            numbers = np.array([math.nan])
        if not np.isfinite(numbers).all():
            for line in curve.keys:
                self._number(line, line.words[place])
        return numbers

    def _types(self, curve: _Curve, place: int) -> tuple[TangentType, ...]:
        """Tangent types that stand at one place in every key."""
        words = [line.words[place] for line in curve.keys]
        for word, count in Counter(words).items():
            if word not in _TYPES:
                line = curve.keys[words.index(word)]
                raise self._fail(line.number, f"tangent {word!r}; expected one of {', '.join(_TYPES)}")
            if word in _NEAREST:
                self._told[f"tangents {word}; read as {_NEAREST[word]}"] += count
        return tuple(map(_TYPES.__getitem__, words))

    def _angles(self, line: _Line, count: int) -> Iterator[float]:
        """Angles of a key's fixed tangents: behind locks and breakdown, each with its weight."""
        words = line.words[7:]
        if len(words) < 2 * count:
            raise self._fail(line.number, "a fixed tangent without angle and weight; expected both behind three marks")
        return (self._number(line, word) for word in words[: 2 * count : 2])

    def _slope(self, angle: float, scales: _Scales) -> float:
        angle_deg = min(max(angle * scales.angle, -_UPRIGHT_DEG), _UPRIGHT_DEG)
        return slope_of_angle(angle_deg, self.rate) * scales.value

    def warn(self) -> None:
        for what, count in self._told.items():
            log.warning("%s: %d %s", self.path, count, what)
