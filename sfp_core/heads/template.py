"""The mesh that all heads share: eye rings, lip loops and a fill, triangulated once in the domain.

Because the topology never changes, a vertex means the same on every head: landmarks and controllers are written in
vertices and need no fitting.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from sfp_core.heads.domain import domain_of, smoothstep
from sfp_core.heads.identity import Shape

EYE_POINTS, EYE_RINGS = 40, 9  # from the lid's rim outwards
LIP_POINTS, LIP_LOOPS = 48, 7  # from the opening outwards; loop 2 is the vermilion border
BACK_POINTS = 40  # the last ring, at the back of the head
CHARACTER_LEFT, CHARACTER_RIGHT = 0, 1

EYE_ANGLES = np.linspace(0.0, 2.0 * np.pi, EYE_POINTS, endpoint=False)  # 0 outer corner, then up
LIP_ANGLES = np.linspace(0.0, 2.0 * np.pi, LIP_POINTS, endpoint=False)  # 0 the character's left corner, then up
_MOUTH_FALLOFF_RAD = 0.26
_EYE_KNOTS, _MOUTH_KNOTS = (0.38, 0.32), (0.46, 0.19)  # half axes of the rings that carry eyes and mouth, rad


@dataclass(frozen=True)
class Template:
    """Fixed topology.

    Attributes
    ----------
    points : (V, 2) float64
        Domain points of the default layout, rad.
    faces : (F, 3) int32
        Counter-clockwise seen from the front; eye and mouth openings are holes.
    eyes : (2, EYE_RINGS, EYE_POINTS) int
        Vertices of the rings; character's left first.
    mouth : (LIP_LOOPS, LIP_POINTS) int
        Vertices of the loops.
    back : (BACK_POINTS,) int
        Vertices of the last ring.
    mouth_weights : (V, LIP_POINTS) float64
        How a vertex follows the outermost lip loop (Shepard weights; rows sum to 1).
    mouth_falloff : (V,) float64
        How much it follows at all, 1 on the lips to 0 far away.
    """

    points: np.ndarray
    faces: np.ndarray
    eyes: np.ndarray
    mouth: np.ndarray
    back: np.ndarray
    mouth_weights: np.ndarray
    mouth_falloff: np.ndarray


def eye_centre(shape: Shape, side: int) -> np.ndarray:
    """Where an eye looks out of the head, (2,) domain rad. `side` 0 is the character's left (+x)."""
    sign = 1.0 if side == CHARACTER_LEFT else -1.0
    return domain_of(np.array([sign * shape.eye_x, shape.eye_y, shape.eye_z + shape.eye_radius * 0.3]))


def mouth_centre(shape: Shape) -> np.ndarray:
    """Middle of the closed lips, (2,) domain rad."""
    return domain_of(np.array([0.0, shape.mouth_y, 0.80]))


def _ellipse(centre: np.ndarray, angles: np.ndarray, width: float, height: float) -> np.ndarray:
    return np.asarray(centre + np.stack([np.cos(angles) * width, np.sin(angles) * height], axis=-1))


def _fill_points(eye_centres: list[np.ndarray], mouth: np.ndarray) -> np.ndarray:
    """Hexagonal points, finer on the face, outside the feature loops, (n, 2)."""
    parts = []
    for spacing, inner, outer in ((0.052, 0.0, 1.05), (0.085, 1.05, 1.7), (0.15, 1.7, 2.85)):
        half = int(outer / spacing) + 1
        columns, rows = np.meshgrid(np.arange(-half, half + 1), np.arange(-half, half + 1))
        grid = np.stack([(columns + 0.5 * (rows % 2)) * spacing, rows * spacing * 0.866], axis=-1).reshape(-1, 2)
        radius = np.linalg.norm(grid, axis=1)
        parts.append(grid[(radius >= inner) & (radius < outer)])
    points = np.concatenate(parts)
    free = np.linalg.norm((points - mouth) / (0.495, 0.22), axis=1) >= 1
    for centre in eye_centres:
        free &= np.linalg.norm((points - centre) / (0.405, 0.345), axis=1) >= 1
    return np.asarray(points[free])


@cache
def template() -> Template:
    """The shared mesh. Built in about 0.1 s at first use."""
    from scipy.spatial import Delaunay

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
    falloff[lips.ravel()] = 1.0
    return Template(
        points=points,
        faces=faces.astype(np.int32),
        eyes=eyes,
        mouth=lips,
        back=np.arange(len(points) - BACK_POINTS, len(points)),
        mouth_weights=weights / weights.sum(axis=1, keepdims=True),
        mouth_falloff=falloff,
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


def fitted_points(shape: Shape) -> np.ndarray:
    """The template's points moved so that eyes and mouth sit where this shape has them, (V, 2) domain rad.

    A thin-plate spline through rings around eyes and mouth, held on a far circle and faded out towards the back.
    """
    base, default = template(), Shape()
    knots, matrix, fade = _warp()
    goals = knots.copy()
    eight = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    for side in (CHARACTER_LEFT, CHARACTER_RIGHT):
        growth = shape.eye_radius / default.eye_radius
        centre, first = eye_centre(shape, side), 9 * side
        goals[first : first + 8] = centre + _ellipse(np.zeros(2), eight, *_EYE_KNOTS) * growth
        goals[first + 8] = centre
    widening = shape.mouth_half_width / default.mouth_half_width
    around = _ellipse(np.zeros(2), eight, *_MOUTH_KNOTS) * (widening, 0.5 + 0.5 * widening)
    goals[18:26] = mouth_centre(shape) + around
    return np.asarray(base.points + matrix @ (goals - knots) * fade)
