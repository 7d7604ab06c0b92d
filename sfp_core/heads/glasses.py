"""Glasses: rims before the eyes, a bridge over the nose and temples back to the ears."""

import numpy as np

from sfp_core.heads.domain import smoothstep
from sfp_core.heads.fitting import Fitting
from sfp_core.heads.identity import Wear
from sfp_core.heads.solids import disc_faces, grid_faces, mirrored, ring_tube, solid, unit
from sfp_core.render.mesh import Mesh, Part, merged

_AROUND = 44
_WRAP = 0.16  # how far the outer edge of a lens bends back, head units a head unit


def _squareness(style: str) -> float:
    return {"round": 2.0, "square": 4.5, "sun": 2.8}[style]


def glasses_mesh(fit: Fitting, wear: Wear) -> Mesh:
    """Glasses in one of the styles of `GLASSES` but "none"; the same on both sides."""
    style = wear.glasses
    power = 2.0 / _squareness(style)
    turn = np.linspace(0, 2 * np.pi, _AROUND, endpoint=False)
    eye, radius = fit.eyes[0], fit.eye_radius
    wide = max(0.80 * radius + 0.075, 0.24)
    wide = min(wide * (1.06 if style == "square" else 1.0), 0.94 * eye[0])
    high = min(wide * {"round": 1.0, "square": 0.80, "sun": 0.86}[style], 0.80 * radius + 0.12)
    cosine, sine = np.cos(turn), np.sin(turn)
    shape = np.stack(
        [np.sign(cosine) * np.abs(cosine) ** power * wide, np.sign(sine) * np.abs(sine) ** power * high], -1
    )
    if style == "sun":
        shape[:, 1] -= 0.10 * high * (shape[:, 0] / wide) ** 2 * (shape[:, 1] > 0)
    centre = np.array([max(eye[0], wide + 0.035), eye[1] - 0.04 * radius])
    flat = centre + shape
    bend = _WRAP * np.maximum(flat[:, 0] - centre[0], 0.0) ** 1.5
    before_eye = eye[2] + 1.06 * radius + 0.03
    inside = shape[None] * np.linspace(0.35, 1.0, 4)[:, None, None] + centre
    skin = float((fit.front_depth(inside) + _WRAP * np.maximum(inside[..., 0] - centre[0], 0) ** 1.5).max())
    depth = max(before_eye, min(skin + 0.03, before_eye + 0.16))
    path = np.concatenate([flat, (depth - bend)[:, None]], axis=-1)
    thick = {"round": 0.018, "square": 0.027, "sun": 0.027}[style]
    outward = np.concatenate([unit_2d(shape), np.zeros((_AROUND, 1))], axis=-1)
    vertices, faces = ring_tube(path, thick, sides=8, outwards=outward)
    pieces = [solid(vertices, faces, wear.metal, gloss=0.55, part=Part.WEAR)]
    if style == "sun":
        pieces.append(_lens(path))
    pieces.append(_temple(fit, path, wear, thick))
    half = merged(pieces)
    inner = path[np.argmin(path[:, 0])]
    return merged([half, mirrored(half), _bridge(fit, inner, centre[1] + 0.22 * high, wear, thick)])


def unit_2d(vectors: np.ndarray) -> np.ndarray:
    """Vectors (n, 2) at length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def _lens(path: np.ndarray) -> Mesh:
    """A dark bulging pane in the rim `path` (n, 3)."""
    middle = path.mean(axis=0)
    rings = [middle + (path - middle) * share + (0, 0, 0.035 * (1 - share**2)) for share in (1.0, 0.75, 0.45)]
    vertices = np.concatenate([*rings, (middle + np.array([0.0, 0.0, 0.035]))[None]])
    count = len(path)
    faces = np.concatenate([grid_faces(3, count)[:, ::-1], disc_faces(count, 2 * count, 3 * count)])
    up = (vertices[:, 1] - middle[1]) / np.ptp(path[:, 1])
    colours = np.array([0.05, 0.055, 0.07]) + smoothstep(-up, -0.5, 0.5)[:, None] * np.array([0.16, 0.13, 0.10])
    return solid(vertices, faces, colours, gloss=0.85, part=Part.WEAR)


def _temple(fit: Fitting, path: np.ndarray, wear: Wear, thick: float) -> Mesh:
    """The arm from the rim's outer end back over the ear, outside the skin."""
    start = path[np.argmax(path[:, 0] + 0.3 * path[:, 1])]
    end = fit.ears[0] + np.array([0.02, 0.45 * fit.ear_size + 0.02, -0.10])
    share = np.linspace(0, 1, 12)[:, None]
    line = start * (1 - share) + end * share
    line[:, 0] = np.maximum(line[:, 0], start[0] + (end[0] - start[0]) * np.sqrt(share[:, 0]))
    least = fit.radius(line) + 0.02
    short = np.maximum(least - np.linalg.norm(line, axis=1), 0.0)
    line = line + unit(line * (1.0, 0.0, 0.35)) * short[:, None]
    angle = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    tangent = unit(np.gradient(line, axis=0))
    across = unit(np.cross((0.0, 1.0, 0.0), tangent))
    up = np.cross(tangent, across)
    ring = 0.6 * np.cos(angle)[:, None] * across[:, None] + np.sin(angle)[:, None] * up[:, None]
    vertices = (line[:, None] + 0.9 * thick * ring).reshape(-1, 3)
    return solid(vertices, grid_faces(12, 8)[:, ::-1], wear.metal, gloss=0.5, part=Part.WEAR)


def _bridge(fit: Fitting, inner: np.ndarray, height: float, wear: Wear, thick: float) -> Mesh:
    """The arch over the nose between both rims; `inner` (3,) is the left rim's innermost place."""
    x = np.linspace(-inner[0] - 0.01, inner[0] + 0.01, 11)
    arch = 1 - (x / (inner[0] + 0.01)) ** 2
    nose = float(fit.front_depth(np.array([[0.0, height]]))[0])
    z = inner[2] + arch * np.clip(nose + 0.025 - inner[2], 0.0, 0.25)
    line = np.stack([x, height + 0.035 * arch, z], axis=-1)
    angle = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    tangent = unit(np.gradient(line, axis=0))
    side = unit(np.cross(tangent, (0.0, 1.0, 0.0)))
    up = np.cross(side, tangent)
    ring = np.cos(angle)[:, None] * side[:, None] + np.sin(angle)[:, None] * up[:, None]
    vertices = (line[:, None] + thick * ring).reshape(-1, 3)
    return solid(vertices, grid_faces(11, 8), wear.metal, gloss=0.55, part=Part.WEAR)
