"""The still face that MakeItTalk's networks set in motion: its mouth shut, normalised, with the standard face's depth.

68 landmarks, first in the picture (pixels), at last in the template's space: jaw ends (0 and 16) 1.6 apart with the
origin midway between them, x to the viewer's right, y down, z a tenth of the standard face's.
"""

from dataclasses import dataclass, fields

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.layout import IBUG_68

_JAW_WIDTH = 1.6
_DEPTH = 0.1  # of the standard face's
_CROP_PX = 256  # the original's stills are crops of this size

_LEFT_JAW, _CHIN, _RIGHT_JAW = 0, 8, 16
_CORNERS = (60, 64)  # of the inner lips
_UPPER_INNER, _LOWER_INNER = np.array([61, 62, 63]), np.array([67, 66, 65])
_UPPER_OUTER, _LOWER_OUTER = np.array([49, 50, 51, 52, 53]), np.array([59, 58, 57, 56, 55])
# A jaw opens a mouth: the upper lip stays. How landmarks go with the middle of the lower lip, as on the built-in heads:
# mouth corners, the outer lower lip, and the contour: the chin by so much, its neighbours less and less.
_CORNERS_FOLLOW, _LIP_FOLLOWS = 0.38, np.array([0.75, 0.95, 1.0, 0.95, 0.75])
_CHIN_FOLLOWS, _CHIN_REACH = 0.5, 4.6
_MOUTH_CORNERS = np.array([48, 54, 60, 64])
_UPPER_LIDS, _LOWER_LIDS = np.array([37, 38, 43, 44]), np.array([41, 40, 47, 46])
_EYES = ((36, 39), (42, 45))  # corners

# Shares of the width of a mouth and of an eye. Drawn eyes at rest are 0.37 to 0.55 open, people's about 0.3.
_MOUTH_OPEN, _EYES_SHUT = 0.18, 0.15


@dataclass(frozen=True)
class TemplateOptions:
    """What is done to a still face; the values are those of the original, which asks for stills that need nothing.

    Attributes
    ----------
    close_mouth : bool
        Bring the lips together, and the chin with them. The networks have only seen faces with the mouth shut; the
        original leaves this to people for photographs and does it for every drawing.
    level : bool
        Turn a tilted face upright, by its outer eye corners; the original wants upright stills.
    thin_lips_px : float
        How far the outer lips move towards each other, each. Pixels of a crop of 256 pixels.
    open_eyes_px : float
        How far the lids move from each other, each. Pixels of a crop of 256 pixels.
    crop_per_face : float
        Side of such a crop in sizes of the face (the longer side of its landmarks' box), our measure of what the
        original asks for: a portrait that is cut to head and hair.
    """

    close_mouth: bool = True
    level: bool = True
    thin_lips_px: float = 1.0
    open_eyes_px: float = 2.0
    crop_per_face: float = 1.8

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self) if field.type is float):
            if not np.isfinite(getattr(self, name)) or getattr(self, name) < 0:
                raise SfpError(f"template: {name} is {getattr(self, name)}; expected a finite number of at least 0")


AS_SEEN = TemplateOptions(close_mouth=False, level=False, thin_lips_px=0.0, open_eyes_px=0.0)


@dataclass(frozen=True)
class Template:
    """The still face, and what a person should know of it.

    Attributes
    ----------
    points : (68, 3) float64
        Template's space.
    warnings : tuple of str
        Each in one line.
    """

    points: np.ndarray
    warnings: tuple[str, ...] = ()


def template_of(
    points: np.ndarray, standard_face: np.ndarray, *, options: TemplateOptions | None = None, where: str = "the still"
) -> Template:
    """The template of a face in a picture.

    Parameters
    ----------
    points : (68, 2) float
        Image space or canonical.
    standard_face : (68, 3) float
        MakeItTalk's own; only its depth is used.
    where : str
        What messages call the face.

    Raises
    ------
    SfpError
        No 68 finite points, or a face whose jaw ends are not left and right of each other.
    """
    options = options or TemplateOptions()
    face = np.array(points, dtype=np.float64)
    if face.shape != (IBUG_68.count, 2) or not np.isfinite(face).all():
        raise SfpError(f"{where}: landmarks of shape {face.shape}, or not finite; expected 68 points")
    warnings = []
    if mouth_opening(face) > _MOUTH_OPEN:
        told = "it was shut" if options.close_mouth else "it stays as it is"
        warnings.append(f"{where}: the mouth is open; {told}, but a still with the mouth shut gives better lips")
    if eye_opening(face).min() < _EYES_SHUT:
        warnings.append(f"{where}: an eye is shut, so its lids will hardly move; a still with open eyes shows blinks")
    if options.level:
        face = levelled(face)
    pixel = options.crop_per_face * float(np.ptp(face, axis=0).max()) / _CROP_PX
    if options.close_mouth:
        face = with_mouth_shut(face)
    face[_UPPER_OUTER, 1] += options.thin_lips_px * pixel
    face[_LOWER_OUTER, 1] -= options.thin_lips_px * pixel
    face[_UPPER_LIDS, 1] -= options.open_eyes_px * pixel
    face[_LOWER_LIDS, 1] += options.open_eyes_px * pixel
    depth = _DEPTH * np.asarray(standard_face, dtype=np.float64)[:, 2]
    return Template(np.column_stack([normalised(face, where=where), depth]), tuple(warnings))


def mouth_opening(points: np.ndarray) -> float:
    """How far the inner lips are apart in the middle, shares of their width; of (68, 2) points."""
    width = float(np.linalg.norm(points[_CORNERS[1]] - points[_CORNERS[0]]))
    gap = float(np.linalg.norm(points[_LOWER_INNER[1]] - points[_UPPER_INNER[1]]))
    return gap / width if width > 0 else 0.0


def eye_opening(points: np.ndarray) -> np.ndarray:
    """How far the lids are apart, shares of the eye's width, (2,) float64, image left and right; of (68, 2) points."""
    gaps = np.linalg.norm(points[_LOWER_LIDS] - points[_UPPER_LIDS], axis=1).reshape(2, 2).mean(axis=1)
    widths = np.array([np.linalg.norm(points[inner] - points[outer]) for outer, inner in _EYES])
    return np.asarray(np.where(widths > 0, gaps / np.maximum(widths, np.finfo(float).tiny), 0.0))


def levelled(points: np.ndarray) -> np.ndarray:
    """Turned about the middle between the outer eye corners until these are level; (68, 2) both."""
    left, right = points[IBUG_68.outer_eye_left], points[IBUG_68.outer_eye_right]
    across = right - left
    length = float(np.linalg.norm(across))
    if length == 0:
        return points.copy()
    cosine, sine = across / length
    return np.asarray((points - (left + right) / 2) @ np.array([[cosine, -sine], [sine, cosine]]) + (left + right) / 2)


def with_mouth_shut(points: np.ndarray) -> np.ndarray:
    """With the lower lip up against the upper one, and what hangs on the jaw up with it; (68, 2) both."""
    shut = points.copy()
    up = points[_UPPER_INNER[1]] - points[_LOWER_INNER[1]]
    shut[_LOWER_INNER] = points[_UPPER_INNER]
    shut[_LOWER_OUTER] += _LIP_FOLLOWS[:, None] * up
    shut[_MOUTH_CORNERS] += _CORNERS_FOLLOW * up
    contour = IBUG_68.group("contour")
    shut[contour] += _CHIN_FOLLOWS * np.exp(-(((contour - _CHIN) / _CHIN_REACH) ** 2))[:, None] * up
    return shut


def normalised(points: np.ndarray, *, where: str = "the still") -> np.ndarray:
    """Jaw ends 1.6 apart in x, the origin midway; (68, 2) both."""
    left, right = points[_LEFT_JAW], points[_RIGHT_JAW]
    if not right[0] > left[0]:
        raise SfpError(f"{where}: the jaw's right end is not right of its left end; expected an upright face")
    return np.asarray((points - (left + right) / 2) * (_JAW_WIDTH / (right[0] - left[0])))
