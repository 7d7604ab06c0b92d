"""What `sfp detect` found in pictures, to the file that was asked for, and back for `sfp draw`."""

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sfp_core.errors import SfpError

if TYPE_CHECKING:
    from sfp_core.formats.detections_json import BoxedFace

_SUFFIXES = (".json", ".txt", ".npz")
_FPS = Fraction(24)  # of pictures as a sequence: they have no rate of their own
_PICTURES = "pictures"  # the fact of an .npz that names them

_Entry = TypeVar("_Entry")


def check_output(output: Path) -> None:
    """Raise SfpError where what is found in pictures cannot be written as asked."""
    if output.suffix.lower() not in _SUFFIXES:
        raise SfpError(
            f"{output}: landmarks of pictures are written as .json, as .txt (lines of WFLW's lists) or as .npz; "
            f"got {output.suffix or 'no suffix'}"
        )


def write_found(output: Path, found: "Mapping[str, list[BoxedFace]]", *, detector_sha256: str) -> None:
    """Write faces by picture in the format of the suffix."""
    from sfp_core.files import write_text
    from sfp_core.formats import detections_json, wflw_lines

    suffix = output.suffix.lower()
    if suffix == ".npz":
        _write_npz(output, found, detector_sha256)
    else:
        write_text(output, (wflw_lines if suffix == ".txt" else detections_json).as_text(found))


def _write_npz(output: Path, found: "Mapping[str, list[BoxedFace]]", detector_sha256: str) -> None:
    """One face a picture, the first; pictures without one are bridged and have confidence 0."""
    import numpy as np

    from sfp_core.detect.steady import without_gaps
    from sfp_core.formats.landmarks_npz import write_landmarks_npz
    from sfp_core.landmarks import LandmarkSequence

    layout = next((faces[0].landmarks.layout for faces in found.values() if faces), None)
    if layout is None:
        raise SfpError(f"{output}: no picture has a face, so there are no landmarks to write; .json can say so")
    empty = np.full((layout.count, 2), np.nan)
    points = np.stack([faces[0].landmarks.points if faces else empty for faces in found.values()])
    confidence = np.stack(
        [faces[0].landmarks.confidence if faces else np.zeros(layout.count) for faces in found.values()]
    )
    info = {_PICTURES: json.dumps(list(found)), "detector_sha256": detector_sha256, "filter": "none"}
    whole = without_gaps(points, np.arange(len(points), dtype=np.float64))
    write_landmarks_npz(output, LandmarkSequence(whole, _FPS, layout, "image", confidence, info=info))


def read_found(path: Path) -> "dict[str, list[BoxedFace]]":
    """Faces by picture from what `sfp detect` wrote of pictures, .json or .npz."""
    from sfp_core.formats import detections_json

    if path.suffix.lower() != ".npz":
        return detections_json.read(path)
    from sfp_core.detect.crop import tight_box
    from sfp_core.formats.landmarks_npz import read_landmarks_npz
    from sfp_core.landmarks import Landmarks

    sequence = read_landmarks_npz(path)
    try:
        names = json.loads(str(sequence.info.get(_PICTURES, "null")))
    except ValueError:
        names = None
    if not isinstance(names, list) or len(names) != sequence.frames or sequence.space != "image":
        raise SfpError(f"{path}: these landmarks in time are of no pictures; expected those of sfp detect PICTURE")
    faces = {}
    for name, points, confidence in zip(names, sequence.points, sequence.confidence, strict=True):
        face = Landmarks(points, sequence.layout, "image", confidence)
        faces[str(name)] = [detections_json.BoxedFace(face, tight_box(points))] if confidence.any() else []
    return faces


def entry_of(picture: Path, by_name: "Mapping[str, _Entry]") -> "_Entry | None":
    """What is kept of a picture: by its path as given, by the end of its path, or by its name if only one has it."""
    if str(picture) in by_name:
        return by_name[str(picture)]
    place = picture.resolve().as_posix()
    ends = [name for name in by_name if place.endswith("/" + name)]
    ends = [max(ends, key=len)] if ends else [name for name in by_name if Path(name).name == picture.name]
    return by_name[ends[0]] if len(ends) == 1 else None
