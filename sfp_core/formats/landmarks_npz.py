"""Landmarks in time as a NumPy archive (`*.npz`) that loads without pickle. `FORMATS.md` explains its arrays."""

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.files import written_whole
from sfp_core.landmarks import Event, LandmarkSequence, Space
from sfp_core.layout import layout_named
from sfp_core.timing import parse_fps

_DAMAGE = (zipfile.BadZipFile, zlib.error, NotImplementedError)  # of the archive, as zipfile tells it


def write_landmarks_npz(path: Path, sequence: LandmarkSequence) -> Path:
    """Write landmarks; reading gives the same bits. Events go into `info`.

    Returns
    -------
    Path
        `path`.
    """
    info = {
        **sequence.info,
        "events": [
            {"kind": event.kind, "start_seconds": event.start_seconds, "end_seconds": event.end_seconds}
            for event in sequence.events
        ],
    }
    arrays: dict[str, Any] = {
        "points": sequence.points,
        "fps": np.array(str(sequence.fps)),
        "layout": np.array(sequence.layout.name),
        "space": np.array(sequence.space),
        "confidence": sequence.confidence,
        "info": np.array(json.dumps(info, allow_nan=False)),
    }
    if sequence.head_deg is not None:
        arrays["head_deg"] = sequence.head_deg
    with written_whole(Path(path)) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, **arrays)
    return Path(path)


def read_landmarks_npz(path: Path) -> LandmarkSequence:
    """Read landmarks. Arrays unknown to this version are passed over.

    Raises
    ------
    SfpError
        Not there, no such archive, or arrays that are missing or do not fit each other.
    """
    path = Path(path)
    arrays = _arrays(path)
    try:
        fps = parse_fps(_text(arrays, "fps"))
        info, events = _info(_text(arrays, "info")) if "info" in arrays else ({}, ())
        return LandmarkSequence(
            _numbers(arrays, "points"),
            fps,
            layout_named(_text(arrays, "layout")),
            cast(Space, _text(arrays, "space")),
            _numbers(arrays, "confidence") if "confidence" in arrays else np.empty(0),
            _numbers(arrays, "head_deg") if "head_deg" in arrays else None,
            events,
            info,
        )
    except SfpError as error:
        raise SfpError(f"{path}: {error}") from error


def _arrays(path: Path) -> dict[str, np.ndarray]:
    names = ("points", "fps", "layout", "space", "confidence", "head_deg", "info")
    try:
        with path.open("rb") as stream:
            if not zipfile.is_zipfile(stream):
                raise SfpError(
                    f"{path}: is no .npz archive; expected landmarks as written by: sfp landmarks -o FILE.npz"
                )
            stream.seek(0)
            with np.load(stream, allow_pickle=False) as archive:
                return {name: archive[name] for name in names if name in archive.files}
    except FileNotFoundError as error:
        raise SfpError(f"{path}: no such file") from error
    except (OSError, ValueError, EOFError, KeyError, MemoryError, *_DAMAGE) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise SfpError(f"{path}: cannot be read as landmarks ({reason})") from error


def _one(arrays: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    if name not in arrays:
        raise SfpError(f"array {name!r} is missing; it has {', '.join(arrays) or 'none that we know'}")
    return arrays[name]


def _text(arrays: Mapping[str, np.ndarray], name: str) -> str:
    array = _one(arrays, name)
    if array.dtype.kind != "U" or array.ndim != 0:
        raise SfpError(f"{name}: expected one text, got {array.dtype} of shape {array.shape}")
    return str(array)


def _numbers(arrays: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    array = _one(arrays, name)
    if array.dtype.kind not in "fiu" or array.ndim < 2:
        raise SfpError(f"{name}: expected numbers for every frame, got {array.dtype} of shape {array.shape}")
    return np.asarray(array, dtype=np.float64)


def _info(text: str) -> tuple[dict[str, str | float], tuple[Event, ...]]:
    """Facts for people, and the events among them; nested facts become JSON text."""
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SfpError(f"info: not JSON ({error})") from error
    if not isinstance(content, dict):
        raise SfpError(f"info: expected a JSON object, got {type(content).__name__}")
    entries = content.pop("events", [])
    if not isinstance(entries, list):
        raise SfpError(f"info: events: expected a list, got {entries!r:.60}")
    events = tuple(_event(entry, f"info: events[{index}]") for index, entry in enumerate(entries))
    info = {
        name: value if isinstance(value, str | float | int) and not isinstance(value, bool) else json.dumps(value)
        for name, value in content.items()
    }
    return info, events


def _event(entry: Any, where: str) -> Event:
    try:
        return Event(entry["kind"], float(entry["start_seconds"]), float(entry["end_seconds"]))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise SfpError(f"{where}: expected kind, start_seconds and end_seconds, got {entry!r:.80}") from error
    except SfpError as error:
        raise SfpError(f"{where}: {error}") from error
