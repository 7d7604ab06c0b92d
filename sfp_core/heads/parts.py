"""The parts of a head that are no skin: eyeballs, brows, ears, teeth, tongue, the inside of the mouth."""

import numpy as np

from sfp_core.heads.actions import ActionState
from sfp_core.heads.brows import brow_points, brow_radius
from sfp_core.heads.domain import direction_of
from sfp_core.heads.eyes import eyeball_centre, gaze_rotation
from sfp_core.heads.identity import Identity
from sfp_core.heads.mouth import jaw_moved
from sfp_core.heads.surface import Surface
from sfp_core.heads.template import EYE_POINTS, LIP_POINTS, Template
from sfp_core.render.mesh import Mesh, Part

_TEETH = (0.97, 0.96, 0.93)
_TONGUE = (0.82, 0.38, 0.40)
_TEETH_DEPTH = 0.14  # behind the skin, head units
_MOUTH_INSIDE = (0.32, 0.10, 0.11)


def _mesh(vertices: np.ndarray, faces: np.ndarray, colour: object, gloss: float, part: Part = Part.SKIN) -> Mesh:
    colours = np.broadcast_to(np.asarray(colour, dtype=np.float32), (len(vertices), 3))
    return Mesh(
        vertices=vertices.astype(np.float32),
        faces=faces.astype(np.int32),
        colours=np.clip(colours, 0.0, 1.0),
        gloss=np.full(len(faces), gloss, dtype=np.float32),
        parts=np.full(len(faces), part, dtype=np.uint8),
    )


def _grid_faces(rows: int, columns: int) -> np.ndarray:
    """Triangles of `rows` closed rings of `columns` vertices, (n, 3)."""
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns), indexing="ij")
    a, b = i * columns + j, i * columns + (j + 1) % columns
    return np.concatenate(
        [np.stack([a, a + columns, b], -1).reshape(-1, 3), np.stack([b, a + columns, b + columns], -1).reshape(-1, 3)]
    )


def tube(path: np.ndarray, radius: np.ndarray, *, sides: int, flatness: float) -> tuple[np.ndarray, np.ndarray]:
    """A tube along a path (m, 3), closed at its ends by its taper: vertices and faces, outside counter-clockwise."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    a = np.cross(tangent, (0.0, 0.0, 1.0))
    a /= np.linalg.norm(a, axis=1, keepdims=True) + 1e-9
    b = np.cross(a, tangent)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    ring = np.cos(angle)[:, None] * a[:, None] + flatness * np.sin(angle)[:, None] * b[:, None]
    vertices = path[:, None] + radius[:, None, None] * ring
    return vertices.reshape(-1, 3), _grid_faces(len(path), sides)


def _sphere(radius: tuple[float, float, float], *, around: int, down: int) -> tuple[np.ndarray, np.ndarray]:
    longitude = np.linspace(0, 2 * np.pi, around, endpoint=False)
    latitude = np.linspace(0, np.pi, down)
    x = np.outer(np.sin(latitude), np.cos(longitude))
    z = np.outer(np.sin(latitude), np.sin(longitude))
    y = np.repeat(np.cos(latitude)[:, None], around, axis=1)
    faces = _grid_faces(down, around)[:, ::-1]
    return np.stack([x, y, z], -1).reshape(-1, 3) * radius, faces


def eyeball(identity: Identity, state: ActionState, side: int) -> Mesh:
    """A sphere with rings of pupil, iris (dark rim) and white, turned to the gaze."""
    look, around = identity.look, 48
    pupil, iris = look.pupil_share, look.iris_share
    edges = [np.linspace(0, pupil, 5), [pupil + 1e-3], np.linspace(pupil, iris, 7)[1:], [iris + 1e-3]]
    angle = np.concatenate([*edges, np.linspace(iris, np.pi * 0.75, 14)[1:]])
    turn = np.linspace(0, 2 * np.pi, around, endpoint=False)
    x, y = np.outer(np.sin(angle), np.cos(turn)), np.outer(np.sin(angle), np.sin(turn))
    z = np.repeat(np.cos(angle)[:, None], around, axis=1)
    share = np.clip((angle - pupil) / (iris - pupil), 0.0, 1.0)
    brightness = 0.55 + 0.70 * share
    brightness = np.where(angle > iris * 0.88, brightness * 0.45, brightness)
    colours = np.asarray(look.iris) * brightness[:, None]
    colours = np.where((angle <= pupil + 5e-4)[:, None], 0.03, colours)
    colours = np.where((angle > iris + 5e-4)[:, None], 0.97, colours)
    vertices = np.stack([x, y, z], -1).reshape(-1, 3) @ gaze_rotation(state, side).T
    vertices = vertices * identity.shape.eye_radius + eyeball_centre(identity.shape, side)
    return _mesh(vertices, _grid_faces(len(angle), around), np.repeat(colours, around, axis=0), 0.9, Part.EYE)


def lid_edge(identity: Identity, vertices: np.ndarray, base: Template, side: int) -> Mesh:
    """The thickness of the lids: a strip from the rim inwards, dark as a lash line."""
    rim = vertices[base.eyes[side, 0]]
    inside = eyeball_centre(identity.shape, side) * 0.07 + rim * 0.93
    j = np.arange(EYE_POINTS)
    b = (j + 1) % EYE_POINTS
    faces = np.concatenate([np.stack([j, b, j + EYE_POINTS], -1), np.stack([b, b + EYE_POINTS, j + EYE_POINTS], -1)])
    return _mesh(np.concatenate([rim, inside]), faces, np.asarray(identity.look.skin) * 0.35, 0.05, Part.LID)


def brow(identity: Identity, state: ActionState, surface: Surface, side: int) -> Mesh:
    """A tapered tube along the brow's curve, lying on the skin."""
    along = np.linspace(-1, 1, 15)
    points = brow_points(state, identity.shape, side, along, np.zeros(15))
    path = surface(points) + direction_of(points) * 0.015
    vertices, faces = tube(path, brow_radius(identity.shape, along), sides=12, flatness=0.6)
    return _mesh(vertices, faces if side == 0 else faces[:, ::-1], identity.look.brow, 0.08, Part.BROW)


def ear(identity: Identity, surface: Surface, side: int) -> Mesh:
    """An ellipsoid with a dent on its outer side."""
    size, sign = identity.shape.ear_size, 1.0 if side == 0 else -1.0
    root = surface(np.array([sign * 1.50, -0.02 + identity.shape.ear_y]))
    vertices, faces = _sphere((size * 0.28, size, size * 0.62), around=28, down=16)
    dent = 0.45 * np.exp(-((vertices[:, 1] / size) ** 2 / 0.22 + (vertices[:, 2] / (size * 0.62)) ** 2 / 0.25))
    vertices[:, 0] *= 1 - dent * (vertices[:, 0] > 0)
    cosine, sine = np.cos(0.35), np.sin(0.35)
    x, z = vertices[:, 0] * cosine + vertices[:, 2] * sine, -vertices[:, 0] * sine + vertices[:, 2] * cosine
    vertices = np.stack([sign * x, vertices[:, 1], z], -1) + root + (sign * size * 0.15, 0.0, -0.02)
    return _mesh(
        vertices, faces if side == 0 else faces[:, ::-1], np.asarray(identity.look.skin) * (0.98, 0.93, 0.92), 0.08
    )


def mouth_inside(identity: Identity, vertices: np.ndarray, base: Template) -> Mesh:
    """A dark bag behind the lips."""
    rim = vertices[base.mouth[0]]
    centre = rim.mean(axis=0)
    rings = [rim, centre + (rim - centre) * 1.02 + (0, 0, -0.12), centre + (rim - centre) * 0.9 + (0, 0, -0.38)]
    bag = np.concatenate([*rings, (centre - (0, 0, 0.45))[None]])
    faces = _grid_faces(3, LIP_POINTS)[:, ::-1]
    j = np.arange(LIP_POINTS)
    last = 2 * LIP_POINTS
    lid = np.stack([last + j, last + (j + 1) % LIP_POINTS, np.full(LIP_POINTS, 3 * LIP_POINTS)], -1)
    colours = np.tile(_MOUTH_INSIDE, (len(bag), 1))
    colours[:LIP_POINTS] = np.asarray(identity.look.lips) * 0.8
    return _mesh(bag, np.concatenate([faces, lid]), colours, 0.02, Part.MOUTH)


def teeth_and_tongue(identity: Identity, state: ActionState, surface: Surface, mouth: np.ndarray) -> list[Mesh]:
    """Two rows of teeth and the tongue, fixed to skull and jaw; `mouth` is the mouth's domain centre, (2,)."""
    width = identity.shape.mouth_half_width * 1.15
    front = surface(mouth)
    across = np.stack([np.linspace(-1.0, 1.0, 25) * width * 1.1, np.full(25, mouth[1])], axis=-1)
    behind_lips = surface(across) - direction_of(across) * _TEETH_DEPTH
    parts = []
    for upper in (True, False):
        middle = front[1] + (0.028 if upper else -0.052)
        half_height = 0.053 if upper else 0.043
        arch = np.stack([behind_lips[:, 0], np.full(25, middle), behind_lips[:, 2]], axis=-1)
        vertices, faces = tube(arch, np.full(25, 0.055), sides=10, flatness=0.5)
        vertices[:, 1] = middle + (vertices[:, 1] - middle) * half_height / 0.055
        parts.append(_mesh(vertices if upper else jaw_moved(state, vertices), faces, _TEETH, 0.3, Part.TEETH))
    out, up = state["tongueOut"], state["tongueUp"]
    vertices, faces = _sphere((width * 0.62, 0.055, 0.22), around=24, down=14)
    tip = np.clip((vertices[:, 2] + 0.05) / 0.25, 0.0, 1.0) ** 1.5
    vertices[:, 1] += tip * (0.11 * up - 0.10 * out)
    vertices += (0.0, front[1] - 0.05, front[2] - 0.26 + 0.30 * out)
    parts.append(_mesh(jaw_moved(state, vertices, share=0.85), faces, _TONGUE, 0.15, Part.TONGUE))
    return parts
