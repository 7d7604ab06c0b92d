"""The 98 WFLW landmarks of a posed head, exact, from any direction.

Eyes and lips are vertices, brows lie on the curve that draws them, the nose is a set of fixed domain points. The
contour moves with the view: each of its points slides along a line from the jaw's edge towards the middle of the
face to the place that the viewer sees as the outline (`contour`).
"""

from weakref import WeakKeyDictionary

import numpy as np

from sfp_core.heads.brows import STYLE_WIDTH, brow_points
from sfp_core.heads.contour import CONTOUR, MARCH, MARCH_SHARE, contour_angles, outline
from sfp_core.heads.domain import direction_of, domain_of
from sfp_core.heads.eyes import eyeball_centre, gaze_rotation
from sfp_core.heads.head import Head, PosedHead
from sfp_core.heads.piece import Rider
from sfp_core.heads.template import CHARACTER_LEFT, CHARACTER_RIGHT, EYE_POINTS, LIP_POINTS

_EAR_RISE = 0.56  # head units that one radian of the domain rises before the ear
# Where annotators of WFLW put them, by the shares of the mouth's and the eye's width in its mean face: the peaks of
# cupid's bow lie near the middle, and the points beside the middle of a lid nearer to it than at an eighth of a turn.
_OUTER_LIP_DEG = (180, 127.5, 105, 90, 75, 52.5, 0, -41, -65, -90, -115, -139)  # 76 to 87, 0 at the image's right
_INNER_LIP_DEG = (180, 120, 90, 60, 0, -60, -90, -120)  # 88 to 95
_EYE_TURNS = np.array([0, 6, 10, 14, 20, 26, 30, 34]) / 40  # 0 outer corner, 1/4 top, 1/2 inner corner, 3/4 bottom
# Brow landmarks as (along, across): 33 to 41 outer to inner on the upper edge, then back on the lower edge.
_BROW_UPPER = np.array([1.0, 0.5, 0.0, -0.5, -0.98]), np.array([0.0, 1.0, 1.0, 1.0, 0.9])
_BROW_LOWER = np.array([-0.98, -0.5, 0.0, 0.5]), np.array([-0.9, -1.0, -1.0, -1.0])
_EDGE = 0.9  # a brow's edge lies this many half thicknesses of its tube from its middle line


def _riding(head: Head, points: np.ndarray, mirror: np.ndarray) -> Rider:
    """Domain points (n, 2) that ride on the skin.

    `mirror` (n,) names the point on the other side of each; both lean on mirrored vertices, so that they move alike.
    """
    from scipy.spatial import cKDTree  # costs start-up where no landmark is asked for

    distance, nearest = cKDTree(head.points).query(points, k=4)
    weights = 1.0 / (distance + 1e-3) ** 2
    weights /= 2 * weights.sum(axis=1, keepdims=True)
    return Rider(
        head.surface(points),
        np.concatenate([nearest, head.base.mirror[nearest[mirror]]], axis=1),
        np.concatenate([weights, weights[mirror]], axis=1)[..., None],
        head.neutral.vertices,
    )


def _contour_lines(head: Head) -> np.ndarray:
    """Candidates of every contour point, (33, 25, 2) domain rad, from the jaw's edge inwards."""
    shape, angle = head.identity.shape, contour_angles()
    chin = domain_of(np.array([0.0, shape.chin_y - shape.chin_size * 0.55, shape.chin_z + 0.05]))[1]
    x = np.sign(angle) * np.abs(np.sin(angle)) ** 0.9 * 1.42
    top = shape.eye_y / _EAR_RISE + 0.05
    y = top + (chin - top) * np.cos(angle) ** 0.75
    edge = np.stack([x, y], axis=-1)
    middle = np.stack([0.12 * np.sin(angle), np.clip(0.85 * y, -0.85, 0.0)], axis=-1)
    share = np.linspace(0.0, MARCH_SHARE, MARCH)[None, :, None]
    return np.asarray(edge[:, None] * (1 - share) + middle[:, None] * share)


def _nose_points(head: Head) -> np.ndarray:
    """51 to 59, (9, 2) domain rad."""
    shape, n = head.identity.shape, head.identity.shape.nose_size
    tip = domain_of(np.array([0.0, shape.nose_y, shape.nose_z]))[1]
    top = domain_of(np.array([0.0, shape.eye_y, 0.75]))[1]
    bridge = np.stack([np.zeros(4), np.linspace(top, tip, 4)], axis=-1)
    across = np.array([-1, -0.5, 0, 0.5, 1]) * n * shape.nose_width * 1.25
    down = shape.nose_y - n * np.array([0.35, 0.75, 0.85, 0.75, 0.35])
    depth = shape.nose_z - n * np.array([0.45, 0.15, 0.05, 0.15, 0.45])
    return np.concatenate([bridge, domain_of(np.stack([across, down, depth], axis=-1))])


_CACHE: WeakKeyDictionary[Head, tuple[Rider, Rider]] = WeakKeyDictionary()


def _riders(head: Head) -> tuple[Rider, Rider]:
    if head not in _CACHE:
        opposite = np.arange(CONTOUR * MARCH).reshape(CONTOUR, MARCH)[::-1].ravel()
        _CACHE[head] = (
            _riding(head, _contour_lines(head).reshape(-1, 2), opposite),
            _riding(head, _nose_points(head), np.array([0, 1, 2, 3, 8, 7, 6, 5, 4])),
        )
    return _CACHE[head]


def landmarks98(posed: PosedHead, rotation: np.ndarray) -> np.ndarray:
    """WFLW landmarks in head units.

    Parameters
    ----------
    posed : PosedHead
    rotation : (3, 3) float
        World to view, as in `Camera.rotation`; it only decides where the contour runs.

    Returns
    -------
    (98, 3) float64
    """
    head, state, shape = posed.head, posed.state, posed.head.identity.shape
    vertices, base = posed.skin.vertices, posed.head.base
    contour, nose = _riders(head)
    points = np.empty((98, 3))
    points[:33] = outline(contour.on_skin(vertices).reshape(CONTOUR, MARCH, 3), rotation)
    edge = _EDGE * STYLE_WIDTH[head.identity.wear.brows]
    for first, side in ((33, CHARACTER_RIGHT), (42, CHARACTER_LEFT)):  # the image's left is the character's right
        on_skin = []
        for along, across in (_BROW_UPPER, _BROW_LOWER):
            flat = brow_points(state, shape, side, along, across * edge)
            on_skin.append(head.surface(flat) + direction_of(flat) * 0.03)
        upper, lower = on_skin
        points[first : first + 9] = np.concatenate([upper, lower] if first == 33 else [upper[::-1], lower[::-1]])
    points[51:60] = nose.on_skin(vertices)
    image_left, image_right = vertices[base.eyes[CHARACTER_RIGHT, 0]], vertices[base.eyes[CHARACTER_LEFT, 0]]
    points[60:68] = image_left[np.rint(_EYE_TURNS * EYE_POINTS).astype(int) % EYE_POINTS]
    points[68:76] = image_right[np.rint((0.5 - _EYE_TURNS) * EYE_POINTS).astype(int) % EYE_POINTS]
    points[76:88] = vertices[base.mouth[2]][_lip_index(_OUTER_LIP_DEG)]
    points[88:96] = vertices[base.mouth[0]][_lip_index(_INNER_LIP_DEG)]
    for index, side in ((96, CHARACTER_RIGHT), (97, CHARACTER_LEFT)):
        gaze = gaze_rotation(state, side) @ (0.0, 0.0, 1.0)
        points[index] = eyeball_centre(shape, side) + gaze * shape.eye_radius
    return points


def _lip_index(degrees: tuple[float, ...]) -> np.ndarray:
    return np.rint(np.array(degrees) % 360 / 360 * LIP_POINTS).astype(int) % LIP_POINTS
