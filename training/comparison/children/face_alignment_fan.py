"""FAN of the package face-alignment, 68 points in two dimensions, on the given box; see `serve.py`.

The package's face finder is not asked: FAN was trained on boxes around the landmarks, which is what ours are, and the
package makes its own margin around a box that it is given. Its weights are downloaded by the package at its first use.
"""

from __future__ import annotations

import importlib
import inspect
from typing import Any

NAME = "face-alignment"
PACKAGE = "face_alignment"
MARGINS = (3.0,)  # room for the package's own crop, which is about twice the box


def load(model: str | None) -> Any:
    """The function that finds; there is no model to choose."""
    if model is not None:
        raise ValueError(f"takes no model, got {model}")
    import numpy as np

    package = importlib.import_module("face_alignment")
    kinds = package.LandmarksType
    two = kinds.TWO_D if hasattr(kinds, "TWO_D") else kinds._2D  # its name before release 1.4
    # The finder "folder" reads boxes from files: it needs no weights, and its scale is that of boxes of landmarks.
    wanted = {"device": "cpu", "face_detector": "folder", "compile": False}  # compiling takes minutes
    known = inspect.signature(package.FaceAlignment.__init__).parameters
    try:
        network = package.FaceAlignment(two, **{name: value for name, value in wanted.items() if name in known})
    except OSError as error:
        told = f"the package cannot fetch its weights ({error}); use it once where there is a network, it keeps them"
        raise ValueError(told) from error

    def find(crop: Any, box: tuple[float, float, float, float]) -> Any:
        """(68, 2) pixels of the crop, or None."""
        found = network.get_landmarks_from_image(crop, detected_faces=[np.array(box)])
        return found[0][:, :2] if found else None

    return find
