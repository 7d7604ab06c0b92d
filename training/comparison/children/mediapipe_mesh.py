"""MediaPipe's FaceMesh, the refined mesh of 478 points, each picture by itself; see `serve.py`.

Of at most four found faces the one whose 68 points overlap the box best is taken, if they overlap at all; a mesh on
something else is no answer. Both thresholds are lower than the package's 0.5, which favours it on drawn faces.
"""

from __future__ import annotations

import importlib
from typing import Any

NAME = "mediapipe"
PACKAGE = "mediapipe"
MARGINS = (1.6, 2.0, 1.3, 2.6, 3.4)  # its face finder wants some room, how much varies from picture to picture

_CONFIDENCE = 0.3
_LEAST_OVERLAP = 0.2  # intersection over union of the boxes

# Mesh vertices of the 68 iBUG points; of two, the middle. The vertices lie on the outlines that the package draws
# (mediapipe.solutions.face_mesh_connections: face oval, brow edges, nose, eyes, lips). Which vertex of an outline is
# which point of iBUG is a convention; this one is that of github.com/PeizhiYan/Mediapipe_2_Dlib_Landmarks with the two
# sides made alike, but for brows, where the middle of both edges is taken, as `ibug68_from_wflw98` does for ours, and
# the bridge of the nose, which has the other published choice. Both favour it: on 36 portraits the median of the inner
# 51 goes from 5.0 to 4.7 %.
# fmt: off
IBUG_68 = (
    (127,), (234,), (93,), (132, 58), (58, 172), (136,), (150,), (176,), (152,),  # contour, image left to chin
    (400,), (379,), (365,), (288, 397), (361, 288), (323,), (454,), (356,),
    (70, 46), (63, 53), (105, 52), (66, 65), (107, 55),  # brow on the image's left
    (336, 285), (296, 295), (334, 282), (293, 283), (300, 276),
    (168,), (197,), (5,), (4,), (98,), (97,), (2,), (326,), (327,),  # bridge, then base of the nose
    (33,), (160,), (158,), (133,), (153,), (144,),  # eye on the image's left
    (362,), (385,), (387,), (263,), (373,), (380,),
    (61,), (39,), (37,), (0,), (267,), (269,), (291,), (321,), (314,), (17,), (84,), (91,),  # outer lip
    (78,), (82,), (13,), (312,), (308,), (317,), (14,), (87,),  # inner lip
)
# fmt: on


def load(model: str | None) -> Any:
    """The function that finds; there is no model to choose."""
    if model is not None:
        raise ValueError(f"takes no model, got {model}")
    import numpy as np

    solutions = importlib.import_module("mediapipe").solutions
    mesh = solutions.face_mesh.FaceMesh(
        static_image_mode=True, max_num_faces=4, refine_landmarks=True, min_detection_confidence=_CONFIDENCE
    )

    def find(crop: Any, box: tuple[float, float, float, float]) -> Any:
        """(68, 2) pixels of the crop, or None."""
        height, width = crop.shape[:2]
        best, most = None, _LEAST_OVERLAP
        for face in mesh.process(crop).multi_face_landmarks or []:
            vertices = np.array([(vertex.x * width, vertex.y * height) for vertex in face.landmark])
            points = np.array([vertices[list(indices)].mean(axis=0) for indices in IBUG_68])
            if (share := overlap((*points.min(axis=0), *points.max(axis=0)), box)) > most:
                best, most = points, share
        return best

    return find


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Intersection over union of two boxes (x0, y0, x1, y1)."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    both = max(0.0, width) * max(0.0, height)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return float(both / (areas - both)) if areas > both else 0.0
