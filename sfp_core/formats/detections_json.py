"""Landmarks and boxes of faces in pictures as JSON: what `sfp detect` writes and what it is told.

Detections: `{"PATH": [{"layout": "wflw98", "points": [[x, y] x 98], "confidence": [98], "box": [x0, y0, x1, y1]}]}`,
a picture without a face is `[]`. Boxes: `{"file.png": [x0, y0, x1, y1]}` or a list of such boxes.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.files import read_json
from sfp_core.landmarks import Landmarks
from sfp_core.layout import layout_named

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class BoxedFace:
    """A face of a picture: landmarks in image space and the box that was used, before any margin."""

    landmarks: Landmarks
    box: Box


def as_text(pictures: Mapping[str, Sequence[BoxedFace]]) -> str:
    """The JSON text, one line a face; 1/1000 px and 1/10000 of confidence are kept."""
    entries = []
    for name, faces in pictures.items():
        lines = ",\n".join("  " + json.dumps(_to_json(face), allow_nan=False) for face in faces)
        entries.append(f" {json.dumps(name)}: [" + (f"\n{lines}\n ]" if faces else "]"))
    return "{\n" + ",\n".join(entries) + "\n}\n"


def _to_json(face: BoxedFace) -> dict[str, Any]:
    return {
        "layout": face.landmarks.layout.name,
        "points": face.landmarks.points.round(3).tolist(),
        "confidence": face.landmarks.confidence.round(4).tolist(),
        "box": [round(float(edge), 3) for edge in face.box],
    }


def read(path: Path) -> dict[str, list[BoxedFace]]:
    """Faces by picture.

    Raises
    ------
    SfpError
        Not there, not JSON, or an entry that is no face; the message names its place.
    """
    result = {}
    for name, faces in read_json(path).items():
        where = f"{path}: {name!r}"
        if not isinstance(faces, list):
            raise SfpError(f"{where}: expected a list of faces, got {type(faces).__name__}")
        result[name] = [_face(face, f"{where}[{index}]") for index, face in enumerate(faces)]
    return result


def _face(content: Any, where: str) -> BoxedFace:
    if not isinstance(content, dict):
        raise SfpError(f"{where}: expected an object, got {type(content).__name__}")
    try:
        layout = layout_named(str(content.get("layout")))
        points = np.array(content["points"], dtype=np.float64)
        confidence = np.array(content.get("confidence", ()), dtype=np.float64)
        landmarks = Landmarks(points, layout, "image", confidence)
    except KeyError as error:
        raise SfpError(f"{where}: has no {error}; expected layout, points, confidence and box") from error
    except (TypeError, ValueError) as error:
        raise SfpError(f"{where}: points and confidence must be lists of numbers ({error})") from error
    except SfpError as error:
        raise SfpError(f"{where}: {error}") from error
    return BoxedFace(landmarks, _box(content.get("box"), where))


def read_boxes(path: Path) -> dict[str, list[Box]]:
    """Given boxes by picture; one box or several for each.

    Raises
    ------
    SfpError
        Not there, not JSON, or an entry that is no box; the message names its place.
    """
    result = {}
    for name, content in read_json(path).items():
        where = f"{path}: {name!r}"
        if not isinstance(content, list) or not content:
            raise SfpError(f"{where}: expected a box [x0, y0, x1, y1] or a list of boxes, got {content!r}")
        several = isinstance(content[0], list)
        result[name] = [_box(box, where) for box in (content if several else [content])]
    return result


def _box(content: Any, where: str) -> Box:
    good = isinstance(content, list) and len(content) == 4
    if not good or not all(isinstance(n, (int, float)) and math.isfinite(n) for n in content):
        raise SfpError(f"{where}: box is {content!r}; expected four numbers x0, y0, x1, y1")
    x0, y0, x1, y1 = (float(edge) for edge in content)
    return x0, y0, x1, y1
