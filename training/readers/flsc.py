"""FLSC as a JSON file of our own (`sfp.flsc`; see FORMATS.md), since the set's own files are not published."""

from pathlib import Path
from typing import Any

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.files import read_json
from sfp_core.heads.expressions import EXPRESSION_NAMES
from sfp_core.layout import WFLW_98
from training.detector_data import PIXEL_CENTRE_OFFSET, LabelledFace
from training.problems import Problems
from training.readers.faces import inside, labelled_face, numbers

FORMAT, VERSION = "sfp.flsc", 1
_PIXELS = {"edges": 0.0, "centres": PIXEL_CENTRE_OFFSET}


def read_flsc(path: Path, *, pictures: Path, hidden_weight: float = 1.0) -> list[LabelledFace]:
    """All faces of a file. Landmarks that are not visible count `hidden_weight`.

    Raises
    ------
    SfpError
        Another format or a newer version, or malformed entries, all of them together.
    """
    content = read_json(path, format_name=FORMAT, version=VERSION)
    pixels, entries = content.get("pixels", "edges"), content.get("faces")
    if pixels not in _PIXELS:
        raise SfpError(f"{path}: pixels is {pixels!r}; expected one of {', '.join(_PIXELS)}")
    if not isinstance(entries, list):
        raise SfpError(f"{path}: faces: expected a list, got {type(entries).__name__}")
    problems = Problems()
    faces = []
    for index, entry in enumerate(entries):
        try:
            faces.append(_face(entry, pictures, _PIXELS[pixels], hidden_weight))
        except ValueError as error:
            problems.add(f"{path}: faces[{index}]", error)
    problems.refuse()
    return faces


def _face(entry: Any, pictures: Path, offset: float, hidden_weight: float) -> LabelledFace:
    if not isinstance(entry, dict):
        raise ValueError(f"expected an object, got {type(entry).__name__}")
    points = numbers(entry.get("points"), "points")
    if points.shape != (WFLW_98.count, 2) or not np.isfinite(points).all():
        raise ValueError(f"points: {points.shape} numbers; expected ({WFLW_98.count}, 2) finite ones")
    expression = str(entry.get("expression", "")).lower()
    if expression and expression not in EXPRESSION_NAMES:
        raise ValueError(f"expression {expression!r}; expected one of {', '.join(EXPRESSION_NAMES)}")
    weights = None
    if "visible" in entry:
        visible = numbers(entry["visible"], "visible")
        if visible.shape != (WFLW_98.count,) or not np.isin(visible, (0, 1)).all():
            raise ValueError(f"visible: {visible.shape} numbers; expected {WFLW_98.count} of 0 or 1")
        weights = np.where(visible == 1, 1.0, hidden_weight)
    box = None if entry.get("box") is None else numbers(entry["box"], "box") + offset
    name = inside(entry.get("picture"), pictures)
    return labelled_face(name, points + offset, box=box, expression=expression, point_weights=weights)
