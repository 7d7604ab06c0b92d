"""Our own annotations (`sfp.faces`, JSON lines) with what they know of visibility."""

from pathlib import Path

import numpy as np

from training.annotations import read_annotations
from training.detector_data import LabelledFace


def read_own(path: Path, *, pictures: Path, hidden_weight: float = 1.0) -> list[LabelledFace]:
    """The faces of which enough can be seen; landmarks that are not visible count `hidden_weight`."""
    faces = []
    for picture in read_annotations(path):
        width, height = picture.size
        for face in picture.faces:
            if not face.listed((width, height)):
                continue
            weights = np.where(face.visible, 1.0, hidden_weight).astype(np.float32)
            whole = None if (weights == 1).all() else weights
            path_of = Path(pictures) / picture.picture
            points = face.points.astype(np.float32)
            faces.append(LabelledFace(path_of, points, face.box, face.flags, whole, face.expression))
    return faces
