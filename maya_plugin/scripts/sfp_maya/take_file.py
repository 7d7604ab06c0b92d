"""take.curves.json: the plug-in's one reader, and the only place that writes an animator's changes back into it.

The same golden files bind this reader and that of `sfp_core`. FORMATS.md of the project explains the file line by line.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Mapping, Sequence

from .curves import TANGENTS, Key, Keys, limited, summed, weighted
from .errors import SfpMayaError

FORMAT, VERSION = "sfp.curves", 1
NAME = "take.curves.json"
UNITS = ("linear", "angle_deg", "none")
_LARGEST = 1e300


@dataclass(frozen=True)
class Sound:
    """The sound of a take; it starts `offset_seconds` after frame 0."""

    file: str
    sha256: str
    offset_seconds: float


@dataclass(frozen=True)
class Channel:
    """The keys of one controller on one layer of the take. `edited`: first and last frames of what people changed."""

    controller: str
    layer: str
    unit: str
    limits: tuple[float, float]
    neutral: float
    keys: Keys
    worst_error: float
    edited: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Take:
    """A take as it is in the file. Frame 0 is at 0 s; `weights` are those of its layers, in order."""

    path: Path
    rig: str
    fps: Fraction
    frames: int
    sound: Sound | None
    weights: Mapping[str, float]
    channels: tuple[Channel, ...]

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits: the same for every take of this sound with this rig."""
        sound = (self.sound.sha256 or self.sound.file) if self.sound else self.path.resolve().as_posix()
        return hashlib.sha256(f"{self.rig}\n{sound}".encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Motion:
    """One controller with all layers of the take together, in the take's frames. No keys: it rests at neutral."""

    controller: str
    unit: str
    limits: tuple[float, float]
    neutral: float
    keys: Keys


def read_take(path: Path) -> Take:
    """Read a take: the file, or the folder that holds it. Keys that this version does not know are passed over.

    Raises
    ------
    SfpMayaError
        Not there, not this format, a newer version, or contents that make no take; names the place in the file.
    """
    path = Path(path)
    if path.is_dir():
        path = path / NAME
    return _take(_content(path), path)


def motions(take: Take) -> tuple[Motion, ...]:
    """What each controller does: neutral + sum over layers of weight x (layer value - neutral), within its limits."""
    channels: dict[str, list[Channel]] = {}
    for channel in take.channels:
        channels.setdefault(channel.controller, []).append(channel)
    found = []
    for controller, several in channels.items():
        first = several[0]
        parts = [weighted(one.keys, take.weights[one.layer], one.neutral) for one in several if one.keys]
        keys = parts[0] if len(parts) == 1 else summed(parts, first.neutral, take.fps) if parts else ()
        found.append(Motion(controller, first.unit, first.limits, first.neutral, limited(keys, *first.limits)))
    return tuple(found)


def write_edits(
    path: Path, edits: Mapping[str, tuple[Keys, tuple[float, float]]], *, fps: Fraction | None = None
) -> tuple[str, ...]:
    """Put curves that an animator changed into a take, and mark where: `sfp animate --keep` leaves them alone.

    Parameters
    ----------
    edits : mapping of controller to (keys, (first, last))
        The whole curve of the controller, and the frames between which it was changed; frames of the take.
    fps : Fraction, optional
        Checked against the take's rate: keys at another rate would be at other times.

    Returns
    -------
    tuple of str
        Controllers that the take has not, which were left out.

    Where a controller is on several layers of the take, its curve goes to the first, and the others rest.
    """
    path = Path(path)
    if path.is_dir():
        path = path / NAME
    content = _content(path)
    take = _take(content, path)
    if fps is not None and fps != take.fps:
        raise SfpMayaError(f"{path}: a take at {take.fps} fps; expected {fps}, the rate of the keys to put back")
    done = set()
    for entry, channel in zip(content["channels"], take.channels):
        edit = edits.get(channel.controller)
        if edit is None:
            continue
        keys, span = edit
        several = sum(other.controller == channel.controller for other in take.channels) > 1
        first = channel.controller not in done
        done.add(channel.controller)
        weight = take.weights[channel.layer]
        own = weighted(keys, 1.0 / weight, channel.neutral) if first and weight else ()
        entry["keys"] = [_key_entry(key) for key in own]
        spans = [list(one) for one in channel.edited]
        spans.append([0, take.frames - 1] if several else [_plain(span[0]), _plain(span[1])])
        entry["edited"] = _united(spans)
    _write(path, content)
    return tuple(sorted(set(edits) - done))


def _united(spans: Sequence[Sequence[float]]) -> list[list[float]]:
    united: list[list[float]] = []
    for first, last in sorted((span[0], span[1]) for span in spans):
        if united and first <= united[-1][1]:
            united[-1][1] = max(united[-1][1], last)
        else:
            united.append([first, last])
    return united


def _key_entry(key: Key) -> list[Any]:
    slopes = [_plain(key.in_slope), _plain(key.out_slope)] if key.fixed else []
    return [_plain(key.frame), _plain(key.value), key.in_type, key.out_type, *slopes]


def _plain(number: float) -> float:
    return int(number) if float(number).is_integer() and abs(number) < 2**53 else number


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """The file whole or not at all: written beside it, then put in its place."""
    compact = {name: json.dumps(value, separators=(",", ":"), ensure_ascii=False) for name, value in content.items()}
    channels = ",\n  ".join(
        json.dumps(entry, separators=(",", ":"), ensure_ascii=False, allow_nan=False) for entry in content["channels"]
    )
    compact["channels"] = f"[\n  {channels}\n ]"
    text = "{\n" + ",\n".join(f" {json.dumps(name)}: {value}" for name, value in compact.items()) + "\n}\n"
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=".sfp-", suffix=".json", dir=str(path.parent))
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        Path(temporary).replace(path)  # on Windows this fails while another program holds the file: nothing is lost
    except OSError as error:
        if temporary is not None and Path(temporary).exists():
            Path(temporary).unlink()
        raise SfpMayaError(f"{path}: cannot be written ({error.strerror or error})") from error


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise SfpMayaError(f"{path}: no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SfpMayaError(f"{path}: cannot be read as text ({error})") from error
    except json.JSONDecodeError as error:
        raise SfpMayaError(f"{path}:{error.lineno}:{error.colno}: not JSON ({error.msg})") from error
    except (ValueError, RecursionError) as error:
        raise SfpMayaError(f"{path}: not JSON that can be used ({error})") from error
    if not isinstance(content, dict):
        raise SfpMayaError(f"{path}: expected a JSON object, got {type(content).__name__}")
    if content.get("format") != FORMAT:
        raise SfpMayaError(f"{path}: format is {content.get('format')!r}; expected {FORMAT!r}")
    version = content.get("version")
    if not isinstance(version, int) or version < 1:
        raise SfpMayaError(f"{path}: version is {version!r}; expected a whole number from 1 to {VERSION}")
    if version > VERSION:
        raise SfpMayaError(
            f"{path}: {FORMAT} version {version} is newer than this plug-in reads ({VERSION}); update the Maya module"
        )
    return content


def _take(content: Mapping[str, Any], path: Path) -> Take:
    where = f"{path}: "
    layers = _list(content, "layers", where)
    weights: dict[str, float] = {}
    for index, entry in enumerate(layers):
        place = f"{where}layers[{index}]"
        name = _text(_object(entry, place), "name", f"{place}.")
        if name in weights:
            raise SfpMayaError(f"{place}: {name!r} is there twice; layers must have names of their own")
        weights[name] = _number(entry.get("weight", 1.0), f"{place}.weight")
    channels = tuple(
        _channel(entry, f"{where}channels[{index}]") for index, entry in enumerate(_list(content, "channels", where))
    )
    first: dict[str, Channel] = {}
    seen = set()
    for index, channel in enumerate(channels):
        place = f"{where}channels[{index}]: {channel.controller} on layer {channel.layer}"
        if channel.layer not in weights:
            raise SfpMayaError(f"{place}: there is no such layer; the take has {', '.join(weights) or 'none'}")
        if (channel.controller, channel.layer) in seen:
            raise SfpMayaError(f"{place}: is there twice")
        seen.add((channel.controller, channel.layer))
        other = first.setdefault(channel.controller, channel)
        if (other.limits, other.neutral, other.unit) != (channel.limits, channel.neutral, channel.unit):
            raise SfpMayaError(f"{place}: limits, neutral or unit differ from those on layer {other.layer}")
    frames = content.get("frames")
    if not isinstance(frames, int) or isinstance(frames, bool) or frames < 1:
        raise SfpMayaError(f"{where}frames: expected a whole number of at least 1, got {frames!r:.60}")
    return Take(
        path, _text(content, "rig", where), _rate(content, where), frames, _sound(content, where), weights, channels
    )


def _rate(content: Mapping[str, Any], where: str) -> Fraction:
    text = _text(content, "fps", where)
    try:
        rate = Fraction(text) if len(text) < 24 and "e" not in text.lower() else Fraction(0)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 1 <= rate <= 1000:
        raise SfpMayaError(f"{where}fps: {text[:40]!r}; expected 1 to 1000 as 24 or 24000/1001")
    return rate


def _sound(content: Mapping[str, Any], where: str) -> Sound | None:
    entry = content.get("sound")
    if entry is None:
        return None
    place = f"{where}sound"
    _object(entry, place)
    digest = _text(entry, "sha256", f"{place}.") if "sha256" in entry else ""
    offset = _number(entry.get("offset_seconds", 0.0), f"{place}.offset_seconds")
    return Sound(_text(entry, "file", f"{place}."), digest, offset)


def _channel(entry: Any, where: str) -> Channel:
    _object(entry, where)
    unit = _text(entry, "unit", f"{where}.")
    if unit not in UNITS:
        raise SfpMayaError(f"{where}.unit: {unit!r}; expected one of {', '.join(UNITS)}")
    limits = [
        _number(value, f"{where}.limits[{index}]") for index, value in enumerate(_list(entry, "limits", f"{where}."))
    ]
    if len(limits) != 2 or not limits[0] < limits[1]:
        raise SfpMayaError(f"{where}.limits: {limits}; expected 2 numbers, lowest and highest")
    neutral = _number(entry.get("neutral"), f"{where}.neutral")
    if not limits[0] <= neutral <= limits[1]:
        raise SfpMayaError(f"{where}.neutral: {neutral:g}; expected {limits[0]:g} to {limits[1]:g}")
    spans = _list(entry, "edited", f"{where}.") if "edited" in entry else []
    return Channel(
        _text(entry, "controller", f"{where}."),
        _text(entry, "layer", f"{where}."),
        unit,
        (limits[0], limits[1]),
        neutral,
        _keys(_list(entry, "keys", f"{where}."), f"{where}.keys"),
        _number(entry.get("worst_error", 0.0), f"{where}.worst_error"),
        tuple(_span(span, f"{where}.edited[{index}]") for index, span in enumerate(spans)),
    )


def _span(span: Any, where: str) -> tuple[float, float]:
    if not isinstance(span, list) or len(span) != 2:
        raise SfpMayaError(f"{where}: expected [first frame, last frame], got {span!r:.60}")
    first, last = (_number(value, f"{where}[{index}]") for index, value in enumerate(span))
    if first > last:
        raise SfpMayaError(f"{where}: {first:g} after {last:g}; expected first and last frame, in order")
    return first, last


def _keys(entries: Sequence[Any], where: str) -> Keys:
    keys: list[Key] = []
    for index, entry in enumerate(entries):
        place = f"{where}[{index}]"
        if not isinstance(entry, list) or len(entry) not in (4, 6):
            raise SfpMayaError(f"{place}: expected [frame, value, in type, out type] and two slopes if fixed")
        frame, value = (_number(entry[at], f"{place}[{at}]") for at in (0, 1))
        for side in (2, 3):
            if entry[side] not in TANGENTS:
                raise SfpMayaError(
                    f"{place}[{side}]: tangent type {entry[side]!r:.40}; expected one of {', '.join(TANGENTS)}"
                )
        if "fixed" in entry[2:4] and len(entry) != 6:
            raise SfpMayaError(f"{place}: a fixed tangent without slopes; expected two more numbers, units per second")
        into, out = (_number(entry[at], f"{place}[{at}]") for at in (4, 5)) if len(entry) == 6 else (0.0, 0.0)
        if keys and frame <= keys[-1].frame:
            raise SfpMayaError(f"{place}: frame {frame:g} after frame {keys[-1].frame:g}; expected rising frames")
        keys.append(Key(frame, value, entry[2], entry[3], into, out))
    return tuple(keys)


def _object(entry: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(entry, dict):
        raise SfpMayaError(f"{where}: expected an object, got {entry!r:.60}")
    return entry


def _text(entry: Mapping[str, Any], name: str, where: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str):
        raise SfpMayaError(f"{where}{name}: expected text, got {value!r:.60}")
    return value


def _list(entry: Mapping[str, Any], name: str, where: str) -> list[Any]:
    value = entry.get(name)
    if not isinstance(value, list):
        raise SfpMayaError(f"{where}{name}: expected a list, got {value!r:.60}")
    return value


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < _LARGEST:
        raise SfpMayaError(f"{where}: expected a finite number, got {str(value)[:60]!r}")
    return float(value)
