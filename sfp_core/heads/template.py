"""The mesh that all heads share: eye rings, lip loops and a fill, triangulated once in the domain.

Because the topology never changes, a vertex means the same on every head: landmarks and controllers are written in
vertices and need no fitting.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sfp_core.heads.domain import domain_of, smoothstep
from sfp_core.heads.identity import Shape

EYE_POINTS, EYE_RINGS = 40, 9  # from the lid's rim outwards
LIP_POINTS, LIP_LOOPS = 48, 7  # from the opening outwards; loop 2 is the vermilion border
BACK_POINTS = 40  # the last ring, at the back of the head
CHARACTER_LEFT, CHARACTER_RIGHT = 0, 1

EYE_ANGLES = np.linspace(0.0, 2.0 * np.pi, EYE_POINTS, endpoint=False)  # 0 outer corner, then up
LIP_ANGLES = np.linspace(0.0, 2.0 * np.pi, LIP_POINTS, endpoint=False)  # 0 the character's left corner, then up
_MOUTH_FALLOFF_RAD = 0.32
_LEAST_FALLOFF = 2e-3  # what follows the mouth by less does not follow at all
_NOSE = (0.0, -0.15), (0.25, 0.30)  # centre and half axes of the region with finer triangles, rad
_NOSE_SPACING = 0.031
_EYE_KNOTS, _MOUTH_KNOTS = (0.38, 0.32), (0.46, 0.19)  # half axes of the rings that carry eyes and mouth, rad
_LEAST_AREA = 2e-6  # of a triangle in the domain, twice rad^2
_MOST_ROUNDS = 60
_NOSE_ROOM_SHARE = 0.85  # of the way to the nose is the most that the mouth's ring may take
_SOCKET_MARGIN_RAD = 0.05  # the eye rings end this far outside the eyeball's outline
_BETWEEN_EYES_RAD = 0.045  # and at least so far from the middle line


@dataclass(frozen=True)
class Template:
    """Fixed topology.

    Attributes
    ----------
    points : (V, 2) float64
        Domain points of the default layout, rad.
    mirror : (V,) int
        The vertex on the other side of the middle line.
    faces : (F, 3) int32
        Counter-clockwise seen from the front; eye and mouth openings are holes.
    eyes : (2, EYE_RINGS, EYE_POINTS) int
        Vertices of the rings; character's left first.
    mouth : (LIP_LOOPS, LIP_POINTS) int
        Vertices of the loops.
    back : (BACK_POINTS,) int
        Vertices of the last ring.
    around_mouth : (n,) int
        Vertices that the mouth moves, the lips' own left out.
    mouth_pull : (n, LIP_POINTS) float64
        How they follow the outermost lip loop: Shepard weights, faded out with the distance; rows sum to that fade.
    """

    points: np.ndarray
    mirror: np.ndarray
    faces: np.ndarray
    eyes: np.ndarray
    mouth: np.ndarray
    back: np.ndarray
    around_mouth: np.ndarray
    mouth_pull: np.ndarray


def eye_centre(shape: Shape, side: int) -> np.ndarray:
    """Where an eye looks out of the head, (2,) domain rad. `side` 0 is the character's left (+x)."""
    sign = 1.0 if side == CHARACTER_LEFT else -1.0
    return domain_of(np.array([sign * shape.eye_x, shape.eye_y, shape.eye_z + shape.eye_radius * 0.3]))


def mouth_centre(shape: Shape) -> np.ndarray:
    """Middle of the closed lips, (2,) domain rad."""
    return domain_of(np.array([0.0, shape.mouth_y, 0.80]))


def nose_base(shape: Shape) -> np.ndarray:
    """Where the nose meets the upper lip, (2,) domain rad."""
    return domain_of(np.array([0.0, shape.nose_y - 0.9 * shape.nose_size, shape.nose_z - 0.2 * shape.nose_size]))


def _ellipse(centre: np.ndarray, angles: np.ndarray, width: float, height: float) -> np.ndarray:
    return np.asarray(centre + np.stack([np.cos(angles) * width, np.sin(angles) * height], axis=-1))


def _fill_points(eye_centres: list[np.ndarray], mouth: np.ndarray) -> np.ndarray:
    """Hexagonal points, finest on the nose, finer on the face than behind, outside the feature loops, (n, 2)."""
    parts = [_hexagonal(_NOSE_SPACING, 1.0)]
    parts[0] = parts[0][_in_ellipse(parts[0], *_NOSE)]
    for spacing, inner, outer in ((0.052, 0.0, 1.05), (0.085, 1.05, 1.7), (0.15, 1.7, 2.85)):
        grid = _hexagonal(spacing, outer)
        radius = np.linalg.norm(grid, axis=1)
        centre, axes = _NOSE
        nose = _in_ellipse(grid, centre, (axes[0] + spacing / 2, axes[1] + spacing / 2))
        parts.append(grid[(radius >= inner) & (radius < outer) & ~nose])
    points = np.concatenate(parts)
    free = ~_in_ellipse(points, tuple(mouth), (0.495, 0.22))
    for eye in eye_centres:
        free &= ~_in_ellipse(points, tuple(eye), (0.405, 0.345))
    return np.asarray(points[free])


def _hexagonal(spacing: float, outer: float) -> np.ndarray:
    half = int(outer / spacing) + 1
    columns, rows = np.meshgrid(np.arange(-half, half + 1), np.arange(-half, half + 1))
    return np.stack([(columns + 0.5 * (rows % 2)) * spacing, rows * spacing * 0.866], axis=-1).reshape(-1, 2)


def _in_ellipse(points: np.ndarray, centre: tuple[float, ...], axes: tuple[float, float]) -> np.ndarray:
    return np.asarray(np.linalg.norm((points - np.asarray(centre)) / axes, axis=1) < 1)


@cache
def template() -> Template:
    """The shared mesh. Built in about 0.1 s at first use."""
    from scipy.spatial import Delaunay, cKDTree

    shape = Shape()
    centres = [eye_centre(shape, side) for side in (CHARACTER_LEFT, CHARACTER_RIGHT)]
    mouth = mouth_centre(shape)
    rings: list[np.ndarray] = []
    for side, centre in enumerate(centres):
        angles = EYE_ANGLES if side == CHARACTER_LEFT else np.pi - EYE_ANGLES
        for share in np.linspace(0.0, 1.0, EYE_RINGS):
            rings.append(_ellipse(centre, angles, 0.19 + 0.19 * share, 0.13 + 0.19 * share))
    loops = [_ellipse(mouth, LIP_ANGLES, 0.27 + 0.032 * k, 0.010 + 0.030 * k) for k in range(LIP_LOOPS)]
    back = _ellipse(np.zeros(2), np.linspace(0, 2 * np.pi, BACK_POINTS, endpoint=False), 2.95, 2.95)
    points = np.concatenate([*rings, *loops, _fill_points(centres, mouth), back])

    eye_count = 2 * EYE_RINGS * EYE_POINTS
    eyes = np.arange(eye_count).reshape(2, EYE_RINGS, EYE_POINTS)
    lips = eye_count + np.arange(LIP_LOOPS * LIP_POINTS).reshape(LIP_LOOPS, LIP_POINTS)
    faces = Delaunay(points).simplices
    for hole in (eyes[0, 0], eyes[1, 0], lips[0]):
        faces = faces[~np.isin(faces, hole).all(axis=1)]
    a, b, c = (points[faces[:, i]] for i in range(3))
    turns_right = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) < (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    faces[turns_right] = faces[turns_right][:, ::-1]

    distance = np.linalg.norm(points[:, None] - points[lips[-1]][None], axis=2)
    weights = 1.0 / (distance + 0.01) ** 3
    falloff = np.exp(-((distance.min(axis=1) / _MOUTH_FALLOFF_RAD) ** 2))
    falloff[lips.ravel()] = 0.0
    around = np.flatnonzero(falloff > _LEAST_FALLOFF)
    pull = weights[around] * (falloff[around] / weights[around].sum(axis=1))[:, None]
    return Template(
        points=points,
        mirror=cKDTree(points).query(points * (-1, 1))[1],
        faces=faces.astype(np.int32),
        eyes=eyes,
        mouth=lips,
        back=np.arange(len(points) - BACK_POINTS, len(points)),
        around_mouth=around,
        mouth_pull=pull,
    )


def _thin_plate(radius: np.ndarray) -> np.ndarray:
    return np.asarray(radius * radius * np.log(radius + 1e-9))


@cache
def _warp() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The thin-plate spline of `fitted_points`, which depends on the template alone.

    Returns its knots (n, 2), the matrix (V, n) that turns shifts of the knots into shifts of the vertices, and the
    fade (V, 1) towards the back of the head.
    """
    base, default = template(), Shape()
    eight = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    rings = []
    for side in (CHARACTER_LEFT, CHARACTER_RIGHT):
        centre = base.points[base.eyes[side, 0]].mean(axis=0)
        rings += [_ellipse(centre, eight, *_EYE_KNOTS), centre[None]]
    rings.append(_ellipse(mouth_centre(default), eight, *_MOUTH_KNOTS))
    rings.append(_ellipse(np.zeros(2), np.linspace(0, 2 * np.pi, 16, endpoint=False), 1.9, 1.9))
    knots = np.concatenate(rings)
    n = len(knots)
    affine = np.column_stack([np.ones(n), knots])
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _thin_plate(np.linalg.norm(knots[:, None] - knots[None], axis=2)) + 1e-3 * np.eye(n)
    system[:n, n:], system[n:, :n] = affine, affine.T
    kernel = _thin_plate(np.linalg.norm(base.points[:, None] - knots[None], axis=2))
    basis = np.column_stack([kernel, np.ones(len(base.points)), base.points])
    matrix = np.linalg.solve(system, basis.T)[:n].T  # the system is symmetric
    fade = 1.0 - smoothstep(np.linalg.norm(base.points, axis=1), 1.5, 2.3)
    return knots, matrix, fade[:, None]


def _round_eyeball(shape: Shape, side: int, angles: np.ndarray) -> np.ndarray:
    """Domain points of the eyeball's rim as the head's centre sees it, (n, 2) rad."""
    sign = 1.0 if side == CHARACTER_LEFT else -1.0
    rim = np.stack([np.cos(angles), np.sin(angles), np.full(len(angles), 0.15)], axis=-1) * shape.eye_radius
    return domain_of(np.array([sign * shape.eye_x, shape.eye_y, shape.eye_z]) + rim)


def fitted_points(shape: Shape) -> np.ndarray:
    """The template's points moved so that eyes and mouth sit where this shape has them, (V, 2) domain rad.

    A thin-plate spline through rings around eyes and mouth, held on a far circle and faded out towards the back.
    """
    base, default = template(), Shape()
    knots, matrix, fade = _warp()
    goals = knots.copy()
    eight = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    for side in (CHARACTER_LEFT, CHARACTER_RIGHT):
        centre, first = eye_centre(shape, side), 9 * side
        around = _round_eyeball(shape, side, eight) - centre
        reach = np.linalg.norm(around, axis=1, keepdims=True)
        goals[first : first + 8] = centre + around * (1 + _SOCKET_MARGIN_RAD / reach)
        sign = 1.0 if side == CHARACTER_LEFT else -1.0
        between = min(_BETWEEN_EYES_RAD, 0.6 * float((sign * (centre + around)[:, 0]).min()))
        goals[first : first + 8, 0] = sign * np.maximum(sign * goals[first : first + 8, 0], between)
        goals[first + 8] = centre
    widening = shape.mouth_half_width / default.mouth_half_width
    around = _ellipse(np.zeros(2), eight, *_MOUTH_KNOTS) * (widening, 0.5 + 0.5 * widening)
    room = _NOSE_ROOM_SHARE * float(nose_base(shape)[1] - mouth_centre(shape)[1])
    around[:, 1] = np.where(around[:, 1] > 0, around[:, 1] * min(1.0, room / around[:, 1].max()), around[:, 1])
    goals[18:26] = mouth_centre(shape) + around
    return np.asarray(base.points + matrix @ (goals - knots) * fade)


def _flipped(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """(F,) bool: triangles that the warp has turned over, or pressed almost flat."""
    a, b, c = points[faces[:, 0]], points[faces[:, 1]], points[faces[:, 2]]
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    return np.asarray(area < _LEAST_AREA)


@cache
def _neighbours() -> tuple[np.ndarray, Any]:
    """(V,) bool, which vertices belong to no ring or loop, and the sparse (V, V) matrix of means over neighbours."""
    from scipy.sparse import csr_array

    base = template()
    count = len(base.points)
    free = np.ones(count, dtype=bool)
    free[np.concatenate([base.eyes.ravel(), base.mouth.ravel(), base.back])] = False
    rows = base.faces[:, [0, 1, 1, 2, 2, 0]].ravel()
    columns = base.faces[:, [1, 0, 2, 1, 0, 2]].ravel()
    links = csr_array((np.ones(len(rows)), (rows, columns)), shape=(count, count))
    links.data[:] = 1.0
    degree = np.asarray(links.sum(axis=1)).ravel()
    return free, csr_array(links / degree[:, None])


def symmetric(points: np.ndarray) -> np.ndarray:
    """Domain points (V, 2) of which each is exactly the mirror image of its partner."""
    return np.asarray(0.5 * (points + points[template().mirror] * (-1, 1)))


def evened_out(points: np.ndarray) -> np.ndarray:
    """Domain points (V, 2) without triangles turned over: free vertices around such go to their neighbours' mean."""
    free, mean = _neighbours()
    faces = template().faces
    faces = faces[free[faces].any(axis=1)]
    bad = _flipped(points, faces)
    points = points.copy()
    for _ in range(_MOST_ROUNDS):
        if not bad.any():
            break
        touched = np.zeros(len(points))
        touched[faces[bad].ravel()] = 1.0
        move = (touched > 0) | (mean @ touched > 0)
        move = (move | (mean @ move > 0)) & free
        points[move] = 0.4 * points[move] + 0.6 * (mean @ points)[move]
        bad = _flipped(points, faces)
    return points
