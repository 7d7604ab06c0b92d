"""Landmarks drawn on pictures, for people to look at."""

import cv2
import numpy as np

from sfp_core.detect.crop import checked_picture
from sfp_core.landmarks import Landmarks

# RGB by group; pairs share a hue, the image's left one is the lighter.
_COLOURS = {
    "contour": (255, 196, 0),
    "left_brow": (120, 220, 90),
    "right_brow": (30, 160, 40),
    "nose": (255, 120, 200),
    "nose_bridge": (255, 120, 200),
    "nose_base": (255, 120, 200),
    "left_eye": (90, 200, 255),
    "right_eye": (20, 120, 255),
    "outer_lip": (255, 70, 60),
    "inner_lip": (190, 20, 90),
    "left_pupil": (255, 255, 255),
    "right_pupil": (255, 255, 255),
}
_CLOSED = {"left_eye", "right_eye", "outer_lip", "inner_lip"}
_CLOSED_98 = {"left_brow", "right_brow"}  # WFLW goes around a brow, iBUG along it
_SHIFT = 4  # OpenCV draws at 1/16 px


def draw_landmarks(picture: np.ndarray, faces: list[Landmarks], *, numbers: bool = False) -> np.ndarray:
    """A copy of a picture with the landmarks of its faces: thin lines along the parts and a dot a point.

    Parameters
    ----------
    picture : (H, W, 3) uint8
        RGB.
    faces : list of Landmarks
        Image space.
    numbers : bool
        Write its index beside each point.

    Returns
    -------
    (H, W, 3) uint8
    """
    canvas = checked_picture(picture).copy()
    for face in faces:
        size = float(np.ptp(face.points, axis=0).max())
        radius, thickness = max(0.8, size / 160), max(1, round(size / 260))
        named = {name: indices for name, indices in face.layout.groups.items() if name in _COLOURS}
        for name, indices in named.items():
            closed = name in _CLOSED or (name in _CLOSED_98 and face.layout.count == 98)
            line = _fixed_point(face.points[list(indices)])
            cv2.polylines(canvas, [line], closed, _COLOURS[name], thickness, cv2.LINE_AA, _SHIFT)
        for name, indices in named.items():
            for index in indices:
                x, y = _fixed_point(face.points[index]).tolist()
                cv2.circle(canvas, (x, y), round(radius * (1 << _SHIFT)), _COLOURS[name], -1, cv2.LINE_AA, _SHIFT)
        if numbers:
            for index, (x, y) in enumerate(face.points.round().astype(int).tolist()):
                cv2.putText(
                    canvas, str(index), (x + 2, y - 2), cv2.FONT_HERSHEY_SIMPLEX, 0.3, (255, 255, 255), 1, cv2.LINE_AA
                )
    return canvas


def _fixed_point(points: np.ndarray) -> np.ndarray:
    """Our coordinates as OpenCV's: pixel centres whole, in 1/16 px, int32."""
    return np.asarray(((points - 0.5) * (1 << _SHIFT)).round().astype(np.int32))
