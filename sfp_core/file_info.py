"""What a file is and what is in it, told by its contents: the facts of `sfp info`."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sfp_core.errors import SfpError
from sfp_core.files import read_json
from sfp_core.target import CURVES

Facts = dict[str, str]


def describe(path: Path) -> Facts:
    """Facts about a file or folder by name, the kind first.

    Raises
    ------
    SfpError
        Not there, broken, of a newer version, or nothing that this program knows.
    """
    path = Path(path)
    if not path.exists():
        raise SfpError(f"{path}: no such file")
    if path.is_dir():
        for name, reader in _IN_FOLDERS.items():
            if (path / name).is_file():
                return reader(path / name)
        raise SfpError(f"{path}: a folder without {' or '.join(_IN_FOLDERS)}; expected a take or a capture")
    reader = _BY_SUFFIX.get(path.suffix.lower(), _media)
    return reader(path)


def _json(path: Path) -> Facts:
    content = read_json(path)
    name = content.get("format")
    reader = _BY_FORMAT.get(str(name))
    if reader is not None:
        return reader(path)
    if name is None and content and all(isinstance(faces, list) for faces in content.values()):
        return _detections(path)
    raise SfpError(f"{path}: format is {name!r}; expected one of {', '.join(_BY_FORMAT)}")


def _take(path: Path) -> Facts:
    from sfp_core.formats.curves_json import read_curves_json

    take = read_curves_json(path)
    return {
        "kind": "take",
        "rig": take.rig,
        "length": f"{take.frames} frames at {take.fps} fps",
        "sound": take.sound.file if take.sound is not None else "none",
        "layers": ", ".join(layer.name for layer in take.layers),
        "keys": f"{take.key_count} on {take.moving_channels} of {len(take.channels)} controllers",
        "worst error": f"{100 * take.worst_error:.2g} % of a controller's range",
    }


def _capture(path: Path) -> Facts:
    from sfp_core.character.capture import read_capture

    capture = read_capture(path)
    return {
        "kind": "capture",
        "rig": capture.rig.name,
        "source": capture.source,
        "poses": str(len(capture.poses)),
        "controllers": str(len(capture.rig.controllers)),
        "pictures": f"{capture.size[0]} x {capture.size[1]} pixels",
    }


def _phones(path: Path) -> Facts:
    from sfp_core.speech import read_phones

    track = read_phones(path)
    return {
        "kind": "phones",
        "length": f"{float(track.seconds):.2f} s",
        "phones": str(sum(bool(phone.symbol) for phone in track.phones)),
        "words": str(len(track.words)),
        "found by": track.rung,
    }


def _landmarks(path: Path) -> Facts:
    from sfp_core.formats.landmarks_npz import read_landmarks_npz

    sequence = read_landmarks_npz(path)
    return {
        "kind": "moving landmarks",
        "layout": sequence.layout.name,
        "space": sequence.space,
        "length": f"{sequence.frames} frames at {sequence.fps} fps",
        "head": "moves" if sequence.head_deg is not None else "not recorded",
        "events": str(len(sequence.events)),
    }


def _detections(path: Path) -> Facts:
    from sfp_core.formats import detections_json

    faces = detections_json.read(path)
    return {
        "kind": "detected landmarks",
        "pictures": str(len(faces)),
        "faces": str(sum(len(found) for found in faces.values())),
    }


def _identity(path: Path) -> Facts:
    return {"kind": "identity of a built-in character", "name": path.stem}


def _weights(path: Path) -> Facts:
    from sfp_core.weights import read_weights

    tensors, metadata = read_weights(path)
    numbers = sum(tensor.size for tensor in tensors.values())
    facts = {"kind": f"weights: {metadata.get('kind', 'unknown')}", "numbers": f"{numbers / 1e6:.2f} million"}
    return facts | {name: _short(value) for name, value in metadata.items() if name != "kind"}


def _character(path: Path) -> Facts:
    from sfp_core.character.character import Character

    character = Character.load(str(path))
    return {
        "kind": "character",
        "rig": character.rig.name,
        "controllers": str(len(character.rig.controllers)),
    }


def _media(path: Path) -> Facts:
    """A picture or a sound, whatever its suffix."""
    from sfp_core.detect.pictures import SUFFIXES, read_picture

    if path.suffix.lower() in SUFFIXES:
        height, width = read_picture(path).shape[:2]
        return {"kind": "picture", "size": f"{width} x {height} pixels"}
    from sfp_core.speech.audio import sound_seconds

    return {"kind": "sound", "length": f"{float(sound_seconds(path)):.3f} s"}


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 200 else f"{text[:200]}..."


_BY_FORMAT: Mapping[str, Callable[[Path], Facts]] = {
    "sfp.curves": _take,
    "sfp.capture": _capture,
    "sfp.phones": _phones,
    "sfp.identity": _identity,
}
_BY_SUFFIX: Mapping[str, Callable[[Path], Facts]] = {
    ".json": _json,
    ".npz": _landmarks,
    ".textgrid": _phones,
    ".safetensors": _weights,
    ".character": _character,
}
_IN_FOLDERS: Mapping[str, Callable[[Path], Facts]] = {CURVES: _take, "capture.json": _capture}
