"""dlib's shape predictor of 68 points on dlib's own face rectangle, else on the given box; see `serve.py`.

The predictor was trained on the rectangles of dlib's face finder and drifts on others. So the finder is asked first;
of what it finds the rectangle with most overlap counts. Where it finds nothing, which is often on drawn faces, the
square that it would most likely have found stands in, made of the given box, so that dlib always answers.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

NAME = "dlib"
PACKAGE = "dlib"
MARGINS = (2.0,)

_FINDER_PX = 80  # the finder looks for faces of this size and larger; smaller ones are enlarged first
_LEAST_OVERLAP = 0.2  # intersection over union of the rectangle and the square of the box
# The finder's square against the tight box of 68 points, in longer sides of it: medians of the 27 of 36 portraits in
# which dlib 20.0.1 finds a face (standard deviations 0.10 and 0.05).
_SIDE, _UP = 1.06, 0.075
_MODEL = "shape_predictor_68_face_landmarks.dat"


def load(model: str | None) -> Any:
    """The function that finds, with the predictor in the file `model`."""
    if model is None:
        raise ValueError(f"the package carries no model; give {_MODEL} of dlib.net: --shelf dlib=PYTHON,{_MODEL}")
    if not Path(model).is_file():
        raise ValueError(f"{model}: no such file; expected {_MODEL} of dlib.net")
    dlib = importlib.import_module("dlib")
    finder, predictor = dlib.get_frontal_face_detector(), dlib.shape_predictor(model)

    def find(crop: Any, box: tuple[float, float, float, float]) -> Any:
        """68 pairs, pixels of the crop."""
        side = max(box[2] - box[0], box[3] - box[1])
        half = _SIDE * side / 2
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2 - _UP * side
        square = dlib.rectangle(*(round(at) for at in (x - half, y - half, x + half, y + half)))
        found = [
            one for one in finder(crop, 1 if side < 2 * _FINDER_PX else 0) if overlap(one, square) > _LEAST_OVERLAP
        ]
        rectangle = max(found, key=lambda one: overlap(one, square), default=square)
        shape = predictor(crop, rectangle)
        # dlib counts pixel centres as whole numbers
        return [(shape.part(index).x + 0.5, shape.part(index).y + 0.5) for index in range(shape.num_parts)]

    return find


def overlap(one: Any, other: Any) -> float:
    """Intersection over union of two of dlib's rectangles."""
    both = one.intersect(other).area()
    areas = one.area() + other.area() - both
    return float(both / areas) if areas else 0.0
