"""take.curves.json: the keys of a take, for programs that read JSON. `FORMATS.md` explains it line by line."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np

from sfp_core.curves.take import Channel, Layer, SoundReference, Spoken, Take
from sfp_core.errors import SfpError
from sfp_core.files import read_json, write_json
from sfp_core.rig import Keys, TangentType, Unit
from sfp_core.timing import parse_fps

FORMAT, VERSION = "sfp.curves", 1
_LARGEST = 1e300  # no controller needs more, and sums of such numbers stay finite


def write_curves_json(path: Path, take: Take) -> Path:
    """Write a take. Numbers are written so that reading gives the same bits.

    Returns
    -------
    Path
        `path`.
    """
    write_json(path, take, encode=_encoded)
    return Path(path)


def read_curves_json(path: Path) -> Take:
    """Read a take. Keys unknown to this version are passed over.

    Raises
    ------
    SfpError
        Not there, not this format, a newer version, or contents that make no take; names the place in the file.
    """
    path = Path(path)
    content = read_json(path, format_name=FORMAT, version=VERSION)
    where = f"{path}: "
    fps = _rate(content, where)
    sound = content.get("sound")
    channels = tuple(
        _channel(entry, f"{where}channels[{index}]") for index, entry in enumerate(_list(content, "channels", where))
    )
    layers = tuple(
        _layer(entry, f"{where}layers[{index}]") for index, entry in enumerate(_list(content, "layers", where))
    )
    rig, frames = _text(content, "rig", where), _whole(content, "frames", where)
    reference = None if sound is None else _sound(sound, f"{where}sound")
    try:
        return Take(rig, fps, frames, reference, layers, channels, _spoken(content.get("spoken"), where))
    except SfpError as error:
        raise SfpError(f"{where}{error}") from error


def _encoded(take: Take) -> str:
    """JSON with one line a channel: short, and readable in a diff."""
    head = {
        "format": FORMAT,
        "version": VERSION,
        "rig": take.rig,
        "fps": str(take.fps),
        "frames": take.frames,
        "sound": None
        if take.sound is None
        else {
            "file": take.sound.file,
            "sha256": take.sound.sha256,
            "offset_seconds": take.sound.offset_seconds,
        },
        "layers": [{"name": layer.name, "weight": layer.weight} for layer in take.layers],
    }
    if take.spoken is not None:
        head["spoken"] = {name: [list(one) for one in getattr(take.spoken, name)] for name in ("words", "phones")}
    lines = [f"{json.dumps(name)}: {_compact(value)}," for name, value in head.items()]
    channels = ",\n  ".join(_compact(_channel_entry(channel)) for channel in take.channels)
    return "{\n" + "\n".join(f" {line}" for line in lines) + '\n "channels": [\n  ' + channels + "\n ]\n}"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def _channel_entry(channel: Channel) -> dict[str, Any]:
    keys = channel.keys
    columns = (keys.frames, keys.values, keys.in_slopes, keys.out_slopes)
    entries: list[list[Any]] = []
    for frame, value, slope_in, slope_out, type_in, type_out in zip(
        *(_numbers(column) for column in columns), keys.in_types, keys.out_types, strict=True
    ):
        slopes = [slope_in, slope_out] if "fixed" in (type_in, type_out) else []
        entries.append([frame, value, type_in, type_out, *slopes])
    edited = {"edited": [_numbers(span) for span in channel.edited]} if channel.edited else {}
    return {
        "controller": channel.controller,
        "layer": channel.layer,
        "unit": channel.unit,
        "limits": _numbers(channel.limits),
        "neutral": _numbers([channel.neutral])[0],
        "keys": entries,
        "worst_error": float(channel.worst_error),
        **edited,
    }


def _numbers(values: Any) -> list[float | int]:
    """Python numbers; whole ones as int, which is shorter and the same in JSON."""
    return [
        int(value) if value.is_integer() and abs(value) < 2**53 else value
        for value in np.asarray(values, dtype=np.float64).tolist()
    ]


def _channel(entry: Any, where: str) -> Channel:
    if not isinstance(entry, dict):
        raise SfpError(f"{where}: expected an object, got {entry!r:.60}")
    unit = _text(entry, "unit", f"{where}.")
    if unit not in get_args(Unit):
        raise SfpError(f"{where}.unit: {unit!r}; expected one of {', '.join(get_args(Unit))}")
    limits = _list(entry, "limits", f"{where}.")
    if len(limits) != 2:
        raise SfpError(f"{where}.limits: {len(limits)} numbers; expected 2, lowest and highest")
    low, high = (_number(value, f"{where}.limits[{index}]") for index, value in enumerate(limits))
    return Channel(
        _text(entry, "controller", f"{where}."),
        _text(entry, "layer", f"{where}."),
        cast(Unit, unit),
        (low, high),
        _number(entry.get("neutral"), f"{where}.neutral"),
        _keys(_list(entry, "keys", f"{where}."), f"{where}.keys"),
        _number(entry.get("worst_error", 0.0), f"{where}.worst_error"),
        _edited(entry, where),
    )


def _edited(entry: dict[str, Any], where: str) -> tuple[tuple[float, float], ...]:
    spans = []
    for index, span in enumerate(_list(entry, "edited", f"{where}.") if "edited" in entry else ()):
        place = f"{where}.edited[{index}]"
        if not isinstance(span, list) or len(span) != 2:
            raise SfpError(f"{place}: expected [first frame, last frame], got {span!r:.60}")
        spans.append((_number(span[0], f"{place}[0]"), _number(span[1], f"{place}[1]")))
    return tuple(spans)


def _spoken(entry: Any, where: str) -> Spoken | None:
    if entry is None:
        return None
    if not isinstance(entry, dict):
        raise SfpError(f"{where}spoken: expected an object or null, got {entry!r:.60}")
    lists = []
    for name in ("words", "phones"):
        spans = []
        for index, span in enumerate(_list(entry, name, f"{where}spoken.")):
            place = f"{where}spoken.{name}[{index}]"
            if not isinstance(span, list) or len(span) != 3 or not isinstance(span[2], str):
                raise SfpError(f"{place}: expected [start, end, text], got {span!r:.60}")
            spans.append((_number(span[0], f"{place}[0]"), _number(span[1], f"{place}[1]"), span[2]))
        lists.append(tuple(spans))
    return Spoken(*lists)


def _keys(entries: list[Any], where: str) -> Keys:
    kinds = get_args(TangentType)
    frames: list[float] = []
    values: list[float] = []
    slopes: list[tuple[float, float]] = []
    types: list[tuple[TangentType, TangentType]] = []
    for index, entry in enumerate(entries):
        place = f"{where}[{index}]"
        if not isinstance(entry, list) or len(entry) not in (4, 6):
            raise SfpError(f"{place}: expected [frame, value, in type, out type] and two slopes if fixed")
        frames.append(_number(entry[0], f"{place}[0]"))
        values.append(_number(entry[1], f"{place}[1]"))
        for side in (2, 3):
            if entry[side] not in kinds:
                raise SfpError(f"{place}[{side}]: tangent type {entry[side]!r:.40}; expected one of {', '.join(kinds)}")
        types.append((entry[2], entry[3]))
        if "fixed" in entry[2:4] and len(entry) != 6:
            raise SfpError(f"{place}: a fixed tangent without slopes; expected two more numbers, units per second")
        pair = [_number(entry[4 + side], f"{place}[{4 + side}]") for side in (0, 1)] if len(entry) == 6 else [0.0, 0.0]
        slopes.append((pair[0], pair[1]))
        if index and frames[-1] <= frames[-2]:
            raise SfpError(f"{place}: frame {frames[-1]:g} after frame {frames[-2]:g}; expected rising frames")
    return Keys(
        np.array(frames),
        np.array(values),
        tuple(pair[0] for pair in types),
        tuple(pair[1] for pair in types),
        np.array([pair[0] for pair in slopes]),
        np.array([pair[1] for pair in slopes]),
    )


def _rate(content: dict[str, Any], where: str) -> Fraction:
    try:
        return parse_fps(_text(content, "fps", where))
    except SfpError as error:
        if str(error).startswith(where):
            raise
        raise SfpError(f"{where}fps: {error}") from error


def _layer(entry: Any, where: str) -> Layer:
    if not isinstance(entry, dict):
        raise SfpError(f"{where}: expected an object, got {entry!r:.60}")
    return Layer(_text(entry, "name", f"{where}."), _number(entry.get("weight", 1.0), f"{where}.weight"))


def _sound(entry: Any, where: str) -> SoundReference:
    if not isinstance(entry, dict):
        raise SfpError(f"{where}: expected an object or null, got {entry!r:.60}")
    return SoundReference(
        _text(entry, "file", f"{where}."),
        _text(entry, "sha256", f"{where}.") if "sha256" in entry else "",
        _number(entry.get("offset_seconds", 0.0), f"{where}.offset_seconds"),
    )


def _text(entry: dict[str, Any], name: str, where: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str):
        raise SfpError(f"{where}{name}: expected text, got {value!r:.60}")
    return value


def _list(entry: dict[str, Any], name: str, where: str) -> list[Any]:
    value = entry.get(name)
    if not isinstance(value, list):
        raise SfpError(f"{where}{name}: expected a list, got {value!r:.60}")
    return value


def _whole(entry: dict[str, Any], name: str, where: str) -> int:
    value = entry.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise SfpError(f"{where}{name}: expected a whole number, got {value!r:.60}")
    return value


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
        raise SfpError(f"{where}: expected a finite number, got {str(value)[:60]!r}")
    return float(value)
