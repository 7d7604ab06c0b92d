"""What is wrong with a head: measures that tell a broken identity from one that a character designer would keep.

Measured on the head itself: its landmarks from the front, its posed triangles, and small pictures in which nothing
may show that belongs inside. Limits were set on identities broken on purpose (`tests/heads/broken_identities.json`)
and on designed ones.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from sfp_core.heads.domain import domain_of
from sfp_core.heads.eyes import eyeball_centre
from sfp_core.heads.head import Head, PosedHead
from sfp_core.heads.identity import Identity
from sfp_core.heads.landmarks98 import landmarks98
from sfp_core.heads.template import CHARACTER_LEFT
from sfp_core.render.camera import Camera
from sfp_core.render.mesh import Part
from sfp_core.render.raster import rasterise

# Landmarks of WFLW, by index.
_CONTOUR_CHIN, _NOSE_TOP, _NOSE_TIP, _NOSE_BASE = 16, 51, 54, 57
_LIP_TOP, _LIP_BOTTOM, _LEFT_CORNER, _RIGHT_CORNER = 79, 85, 76, 82
_LEFT_BROW_OUTER, _LEFT_BROW_INNER, _NOSE_LEFT, _NOSE_RIGHT = 33, 37, 55, 59
_LEFT_BROW_LOWER, _LEFT_EYE_TOP = slice(38, 42), slice(61, 64)
_LEFT_EYE, _RIGHT_EYE = slice(60, 68), slice(68, 76)

# Limits, in shares of the face's height (brows to chin) where nothing else is said.
_LEAST_NOSE_TO_LIP = 0.035
_LEAST_LIP_TO_CHIN = 0.07
_LEAST_BROW_OVER_EYE = 0.0
_MOST_BROW_OVER_EYE = 0.26
_LEAST_NOSE_UNDER_EYES = 0.02
_LEAST_EYE_HEIGHT, _LEAST_EYE_WIDTH = 0.025, 0.06
_MOST_MOUTH_WIDTH = 0.92  # of the contour's width at the mouth
_LEAST_MOUTH_WIDTH = 0.12  # of the same
_MOST_EYE_REACH = 1.0  # of the skull's half width
_MOST_JAW = 1.15  # contour's width at the mouth over the skull's
_MOST_CHIN = 0.75  # half width of the chin's boss over the skull's
_MOST_MOUTH_RAD = 0.62  # from its middle to a corner, seen from the head's centre
_MOST_LIPS = 0.16
_MOST_NOSE_WIDTH = 0.62  # of the contour's
_MOST_FACE_RATIO, _LEAST_FACE_RATIO = 1.6, 0.6  # contour's width over the face's height
_LEAST_NECK = 0.13  # of the contour's width
_MOST_NECK = 0.98  # of the contour's width half-way from mouth to chin's level
_MOST_INSIDE = 0.0015  # of the head's pixels
_LEAST_EYE_SEEN = 0.6  # of the lids' opening
_MOST_FOLDED = 0.01  # of the face's triangles, by area
_FACE_RAD = 1.0  # the face proper: this far from its axis in the domain

_MOST_SUNKEN = 0.13  # head units

_SIZE_PX = 160
_BLINK: Mapping[str, float] = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}
_EXTREMES: tuple[Mapping[str, float], ...] = (
    {},
    {"jawOpen": 1.0, **_BLINK},
    {"jawOpen": 0.6, "mouthSmileLeft": 1.0, "mouthSmileRight": 1.0, "eyeWideLeft": 1.0, "eyeWideRight": 1.0},
    {"mouthPucker": 1.0},
    {"mouthFunnel": 1.0, "cheekPuff": 1.0},
)


def faults(identity: Identity) -> tuple[str, ...]:
    """What is wrong with this head, one short phrase each; empty for a sound one. Takes some 60 ms.

    Examples
    --------
    >>> faults(Identity())
    ()
    """
    head = Head(identity)
    return tuple(dict.fromkeys([*_misplaced(head), *_folded(head), *_showing_through(head)]))


def _misplaced(head: Head) -> Iterator[str]:
    """Features on top of each other, measured on the resting face from the front, x right, y up."""
    posed = head.pose({})
    p = landmarks98(posed, np.eye(3))
    shape = head.identity.shape
    contour, brows = p[:33, :2], p[33:51]
    top, chin = float(brows[:, 1].max()), float(contour[:, 1].min())
    height = top - chin
    width = float(np.ptp(contour[:, 0]))
    if not _LEAST_FACE_RATIO < width / height < _MOST_FACE_RATIO:
        yield "face too wide or too narrow"
    if np.diff(contour[:17, 1]).max() > 0.02 * height:
        yield "contour turns back"
    lip_top, lip_bottom = float(p[_LIP_TOP, 1]), float(p[_LIP_BOTTOM, 1])
    if p[_NOSE_BASE, 1] - lip_top < _LEAST_NOSE_TO_LIP * height:
        yield "mouth on the nose"
    if lip_bottom - contour[_CONTOUR_CHIN, 1] < _LEAST_LIP_TO_CHIN * height:
        yield "mouth on the chin"
    corner = float(p[_RIGHT_CORNER, 0])
    at_mouth = _contour_width(contour, float(p[_RIGHT_CORNER, 1]))
    if corner > _MOST_MOUTH_WIDTH * at_mouth / 2 or head.mouth.half_width > _MOST_MOUTH_RAD:
        yield "mouth wider than the face"
    if corner < _LEAST_MOUTH_WIDTH * at_mouth / 2:
        yield "mouth too small"
    if lip_top - lip_bottom > _MOST_LIPS * height:
        yield "lips too thick"
    if shape.mouth_y - 1.5 * shape.lower_lip < shape.chin_y + 0.2 * shape.chin_size:
        yield "mouth under the chin"
    nose_width = float(p[_NOSE_RIGHT, 0] - p[_NOSE_LEFT, 0])
    if nose_width > _MOST_NOSE_WIDTH * width:
        yield "nose too wide"
    inner, outer = p[_LEFT_BROW_INNER, 0], p[_LEFT_BROW_OUTER, 0]
    if inner > -0.03 or -outer > _contour_width(contour, float(p[60, 1])) * 0.53:
        yield "brows longer than the forehead"
    eyes, bottom = p[_LEFT_EYE], float(p[_LEFT_EYE, 1].min())
    gap = float((p[_LEFT_BROW_LOWER, 1] - p[_LEFT_EYE_TOP, 1].max()).min())
    if gap < _LEAST_BROW_OVER_EYE * height:
        yield "brow in the eye"
    if gap > _MOST_BROW_OVER_EYE * height:
        yield "brow far from the eye"
    if np.ptp(eyes[:, 1]) < _LEAST_EYE_HEIGHT * height or np.ptp(eyes[:, 0]) < _LEAST_EYE_WIDTH * height:
        yield "eye too small"
    if eyes[4, 0] > -0.002:  # its inner corner: the character's right eye lies at x < 0
        yield "eyes grown together"
    if shape.eye_x < shape.eye_radius:
        yield "eyeballs overlap"
    if -eyes[0, 0] > 0.99 * _contour_width(contour, float(eyes[0, 1])) / 2:
        yield "eye beside the face"
    skull = max(shape.cranium[0], shape.face[0])
    if shape.eye_x + 0.9 * shape.eye_radius > _MOST_EYE_REACH * skull:
        yield "eye beside the head"
    if max(at_mouth / 2, shape.jaw_width) > _MOST_JAW * skull:
        yield "jaw wider than the head"
    if 1.25 * shape.chin_size > _MOST_CHIN * skull:
        yield "chin too big"
    if bottom < lip_top + _LEAST_NOSE_TO_LIP * height:
        yield "eyes beside the mouth"
    if p[_NOSE_BASE, 1] > p[_LEFT_EYE, 1].mean() - _LEAST_NOSE_UNDER_EYES * height:
        yield "nose between the eyes"
    if shape.nose_size * shape.nose_width * 1.2 > shape.eye_x - 0.1 * shape.eye_radius and p[_NOSE_TIP, 1] > bottom:
        yield "nose over the eyes"
    if 2 * shape.neck_radius > _MOST_NECK * width:
        yield "neck wider than the face"
    if 2 * shape.neck_radius < _LEAST_NECK * width:
        yield "neck too thin"
    centre = eyeball_centre(shape, CHARACTER_LEFT)
    socket = float(np.linalg.norm(head.surface(head.points[head.base.eyes[CHARACTER_LEFT, -1]]), axis=1).mean())
    if np.linalg.norm(centre) > socket:
        yield "eyeball out of its socket"
    if np.linalg.norm(centre) + shape.eye_radius < socket - _MOST_SUNKEN:
        yield "eyeball sunken in"
    if p[_NOSE_TIP, 2] < p[_NOSE_TOP, 2] - 0.02:
        yield "nose sunken in"


def _contour_width(contour: np.ndarray, level: float) -> float:
    """Width of the face's contour at this height; 0 below the chin."""
    right = contour[16:]
    order = np.argsort(right[:, 1])
    return 2 * float(np.interp(level, right[order, 1], right[order, 0], left=0.0))


def _folded(head: Head) -> Iterator[str]:
    """Skin that turns its inside out in an extreme pose."""
    if any(turned_over(head, strengths) > _MOST_FOLDED for strengths in _EXTREMES):
        yield "skin folds over itself"


def turned_over(head: Head, strengths: Mapping[str, float]) -> float:
    """Share of the face's area that is inside out in a pose; the red of the lips, which curls, is left out."""
    base = head.base
    curls = np.zeros(len(base.points), dtype=bool)
    curls[base.mouth[:4].ravel()] = True
    face = (np.linalg.norm(head.points, axis=1) < _FACE_RAD)[base.faces].all(axis=1) & ~curls[base.faces].all(axis=1)
    flat = domain_of(head.pose(strengths).skin.vertices)[base.faces[face]]
    a, b = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    area = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return float(-area[area < 0].sum() / np.abs(area).sum())


def _showing_through(head: Head) -> Iterator[str]:
    """Eyes through shut lids, teeth or tongue through closed lips; skin in front of open eyes."""
    seen, _ = _parts_seen(head.pose(_BLINK))
    whole = max(int((seen >= 0).sum()), 1)
    if (seen == Part.EYE).sum() > _MOST_INSIDE * whole:
        yield "eyes show through shut lids"
    if np.isin(seen, (Part.TEETH, Part.TONGUE, Part.MOUTH)).sum() > _MOST_INSIDE * whole:
        yield "the mouth's inside shows through closed lips"
    seen, points = _parts_seen(head.pose({}))
    opening = _area(points[_LEFT_EYE]) + _area(points[_RIGHT_EYE])
    if (seen == Part.EYE).sum() < _LEAST_EYE_SEEN * opening:
        yield "skin before the eyes"


def _area(corners: np.ndarray) -> float:
    """Of a polygon (n, 2)."""
    x, y = corners.T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def _parts_seen(posed: PosedHead) -> tuple[np.ndarray, np.ndarray]:
    """The `Part` at every pixel of a small picture from the front, -1 for nothing, and the landmarks in it (98, 2).

    Hair and what is worn is left out: it may hide what it likes.
    """
    centre, height = posed.head.frame()
    camera = Camera(centre, np.eye(3), 20.0, float(height * 0.6 / np.tan(np.deg2rad(10.0))))
    mesh = posed.mesh()
    bare = ~np.isin(mesh.parts, (Part.HAIR, Part.WEAR, Part.HAND, Part.LID))
    points, inverse_depth = camera.project(mesh.vertices, _SIZE_PX, _SIZE_PX)
    face = rasterise(points, inverse_depth, mesh.faces[bare], _SIZE_PX, _SIZE_PX).face
    landmarks = camera.project(landmarks98(posed, camera.rotation), _SIZE_PX, _SIZE_PX)[0]
    return np.where(face >= 0, mesh.parts[bare][face].astype(np.int16), -1), landmarks
