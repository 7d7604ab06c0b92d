"""The skin of a neutral head: a smooth union of ellipsoids and capsules, kept as a radius for every direction.

Signed distances of an ellipsoid (bound), a round cone and the polynomial smooth minimum follow I. Quilez,
"Distance functions" and "Smooth minimum" (iquilezles.org, articles). Blobby unions are the 3D-cartoon look.
"""

import math
from functools import cache
from typing import Any

import numpy as np
from numba import njit

from sfp_core.heads.domain import direction_of
from sfp_core.heads.identity import Shape

GRID = 151  # directions along each side of the radius map; odd, so that one column lies on the middle line
HALF_RANGE_RAD = 3.0  # the map covers the domain from -3 to 3 rad
_FOCUS = 2.2  # how much closer together the map's lines run in front of the face than behind
_FAR = 2.1  # march inwards from here, head units
_STEPS = 34
_STEP_SHARE = 0.72  # the ellipsoid's distance is only a bound, so do not trust all of it
_RADIUS_LIMITS = (0.2, 1.75)


@njit(inline="always", fastmath=True)  # type: ignore[untyped-decorator]
def _ellipsoid(x: float, y: float, z: float, cx: float, cy: float, cz: float, rx: float, ry: float, rz: float) -> float:
    a, b, c = (x - cx) / rx, (y - cy) / ry, (z - cz) / rz
    inside = math.sqrt(a * a + b * b + c * c)
    a, b, c = a / rx, b / ry, c / rz
    return inside * (inside - 1.0) / (math.sqrt(a * a + b * b + c * c) + 1e-9)


@njit(inline="always", fastmath=True)  # type: ignore[untyped-decorator]
def _capsule(
    x: float,
    y: float,
    z: float,
    ax: float,
    ay: float,
    az: float,
    bx: float,
    by: float,
    bz: float,
    ra: float,
    rb: float,
) -> float:
    px, py, pz = x - ax, y - ay, z - az
    dx, dy, dz = bx - ax, by - ay, bz - az
    share = min(1.0, max(0.0, (px * dx + py * dy + pz * dz) / (dx * dx + dy * dy + dz * dz)))
    px, py, pz = px - share * dx, py - share * dy, pz - share * dz
    return math.sqrt(px * px + py * py + pz * pz) - (ra + (rb - ra) * share)


@njit(inline="always", fastmath=True)  # type: ignore[untyped-decorator]
def _union(a: float, b: float, width: float) -> float:
    share = min(1.0, max(0.0, 0.5 + 0.5 * (b - a) / width))
    return b * (1.0 - share) + a * share - width * share * (1.0 - share)


@njit(inline="always", fastmath=True)  # type: ignore[untyped-decorator]
def _carved(a: float, b: float, width: float) -> float:
    """`a` without `b`, with a rounded edge."""
    share = min(1.0, max(0.0, 0.5 - 0.5 * (a + b) / width))
    return a * (1.0 - share) - b * share + width * share * (1.0 - share)


@njit(cache=True, fastmath=True)  # type: ignore[untyped-decorator]
def _distance(x: float, y: float, z: float, s: Any) -> float:
    """Signed distance of the head; `s` is `_packed(shape)`. Left and right are alike."""
    x = abs(x)
    d = _ellipsoid(x, y, z, 0.0, s[3], -0.12, s[0], s[1], s[2])  # cranium
    d = _union(d, _ellipsoid(x, y, z, 0.0, s[7], s[8], s[4], s[5], s[6]), 0.30)  # face
    jaw_x, jaw_y = s[9], s[10] + 0.12
    d = _union(d, _capsule(x, y, z, 0.0, s[10], 0.15, jaw_x, jaw_y, 0.0, 0.20, 0.15), 0.28)  # jaw
    ramus_x = 0.5 * (jaw_x + 0.80 * s[0])
    d = _union(d, _capsule(x, y, z, jaw_x, jaw_y, 0.0, ramus_x, 0.05, -0.10, 0.14, 0.15), 0.25)  # up to the ear
    d = _union(d, _ellipsoid(x, y, z, 0.0, s[12] + 0.05, s[13], s[11] * 1.25, s[11], s[11]), 0.25)  # chin
    d = _union(d, _ellipsoid(x, y, z, s[15], s[16], 0.50, s[14], s[14], s[14] * 0.9), 0.22)  # cheek
    eye_x, eye_y, eye_z, eye_r = s[22], s[23], s[24], s[25]
    ridge = _ellipsoid(x, y, z, eye_x, eye_y + eye_r * 1.05, eye_z + 0.05, eye_r * 1.1, s[26], 0.16)
    d = _union(d, ridge, 0.16)
    inner = eye_x - eye_r * 0.95
    socket = _ellipsoid(x, y, z, inner, eye_y - 0.02, eye_z + 0.36, 0.09, 0.5 * eye_r + 0.05, 0.10 + 0.10 * s[30])
    d = _carved(d, socket, 0.12)  # the hollow between eye and nose
    bulge = _ellipsoid(x, y, z, eye_x, eye_y, eye_z - 0.01, eye_r * 1.06, eye_r * 1.03, eye_r * 0.98)
    d = _union(d, bulge, 0.10)  # carries the lids
    nose, nose_y, nose_z = s[17], s[18], s[19]
    bridge = _capsule(
        x, y, z, 0.0, eye_y + 0.10, 0.66, 0.0, nose_y + nose * 0.3, nose_z - nose * 0.6, s[21], nose * 0.58
    )
    d = _union(d, bridge, 0.12)
    d = _union(d, _ellipsoid(x, y, z, 0.0, s[27], 0.58, s[28] * 1.2, 0.24, 0.22), 0.20)  # mound of the mouth
    fold = _ellipsoid(x, y, z, 0.0, s[31], s[32], 0.6 * s[28], 0.035, 0.03 + 0.06 * s[33])
    d = _carved(d, fold, 0.09)  # under the lower lip
    d = _union(d, _ellipsoid(x, y, z, 0.0, nose_y, nose_z, nose * 0.95, nose * 0.85, nose), 0.05 + 0.2 * nose)  # tip
    wing_x, wing_y, wing_z = nose * s[20], nose_y - nose * 0.15, nose_z - nose * 0.45
    wing = _ellipsoid(x, y, z, wing_x, wing_y, wing_z, nose * 0.5, nose * 0.48, nose * 0.6)
    d = _union(d, wing, 0.015 + 0.15 * nose)
    neck: float = _union(d, _capsule(x, y, z, 0.0, -0.6, -0.12, 0.0, -2.2, -0.28, s[29], s[29] * 1.15), 0.18)
    return neck


@njit(cache=True, fastmath=True)  # type: ignore[untyped-decorator]
def _march(directions: Any, s: Any) -> Any:
    """Distance from the centre to the skin along each direction, by sphere tracing from outside."""
    radii = np.empty(len(directions))
    for i in range(len(directions)):
        radius = _FAR
        for _ in range(_STEPS):
            distance = _distance(directions[i, 0] * radius, directions[i, 1] * radius, directions[i, 2] * radius, s)
            radius -= distance * _STEP_SHARE
            if abs(distance) < 2e-4:
                break
        radii[i] = radius
    return radii


def _packed(shape: Shape) -> np.ndarray:
    """The shape's numbers in the order in which `_distance` reads them, (34,) float64."""
    q = shape
    fold_y = 0.55 * q.mouth_y + 0.45 * (q.chin_y + 0.3 * q.chin_size) - 0.8 * q.lower_lip
    fold_z = 0.5 * (0.80 + q.chin_z + q.chin_size) + 0.10
    # fmt: off
    numbers = (
        *q.cranium, q.cranium_y, *q.face, q.face_y, q.face_z, q.jaw_width, q.jaw_y, q.chin_size, q.chin_y, q.chin_z,
        q.cheek_size, q.cheek_x, q.cheek_y, q.nose_size, q.nose_y, q.nose_z, q.nose_width, q.bridge,
        q.eye_x, q.eye_y, q.eye_z, q.eye_radius, q.brow_ridge, q.mouth_y, q.mouth_half_width, q.neck_radius,
        q.socket, fold_y, fold_z, q.chin_fold,
    )
    # fmt: on
    return np.array(numbers, dtype=np.float64)


def _line_of(coordinate: np.ndarray) -> np.ndarray:
    """The (fractional) line of the map on which a domain coordinate lies, 0 to GRID - 1."""
    share = np.arcsinh(coordinate * (math.sinh(_FOCUS) / HALF_RANGE_RAD)) * (0.5 / _FOCUS)
    return np.asarray((share + 0.5) * (GRID - 1))


@cache
def _half_grid_directions() -> np.ndarray:
    """Directions of the map's nodes with x >= 0, row by row."""
    axis = np.sinh(np.linspace(-_FOCUS, _FOCUS, GRID)) * (HALF_RANGE_RAD / math.sinh(_FOCUS))
    points = np.stack(np.meshgrid(axis[GRID // 2 :], axis), axis=-1)
    angle = np.linalg.norm(points, axis=-1, keepdims=True)
    points = points * np.minimum(1.0, 3.12 / np.maximum(angle, 1e-9))  # beyond the back of the head: its pole
    return direction_of(points).reshape(-1, 3)


class Surface:
    """The neutral skin as a function on the domain."""

    def __init__(self, shape: Shape) -> None:
        half = _march(_half_grid_directions(), _packed(shape)).reshape(GRID, GRID // 2 + 1)
        radii = np.concatenate([half[:, :0:-1], half], axis=1)  # left and right are alike
        self.radii: np.ndarray = np.clip(radii, *_RADIUS_LIMITS)

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Skin positions, (..., 3) head units, at domain points, (..., 2) rad; bilinear between the map's nodes."""
        scaled = np.clip(_line_of(points), 0.0, GRID - 1.001)
        column, row = np.floor(scaled[..., 0]).astype(np.intp), np.floor(scaled[..., 1]).astype(np.intp)
        u, v = scaled[..., 0] - column, scaled[..., 1] - row
        r = self.radii
        top = r[row, column] * (1 - u) + r[row, column + 1] * u
        bottom = r[row + 1, column] * (1 - u) + r[row + 1, column + 1] * u
        return np.asarray(direction_of(points) * (top * (1 - v) + bottom * v)[..., None])
