"""Small marks that ride on the skin: nostrils, freckles, moles and wrinkles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sfp_core.heads.domain import domain_of
from sfp_core.heads.piece import Piece, Rider
from sfp_core.heads.solids import disc_faces, grid_faces, solid, unit
from sfp_core.heads.template import CHARACTER_LEFT, CHARACTER_RIGHT, eye_centre
from sfp_core.render.mesh import Mesh, Part, merged

if TYPE_CHECKING:
    from sfp_core.heads.head import Head

_OVER_SKIN = 0.007  # head units, so that a mark is not hidden by the facets of the skin
_CORNERS = 9


def marks(head: Head) -> Piece:
    """All marks of a head as one piece."""
    look, rng = head.identity.look, np.random.default_rng([head.identity.wear.hair_seed, 13])
    meshes = [_nostrils(head)]
    if look.freckles > 0:
        meshes.append(_freckles(head, rng))
    if look.moles > 0:
        meshes.append(_moles(head, rng))
    if look.wrinkles > 0:
        meshes.append(_wrinkles(head))
    mesh = merged(meshes)
    reference = head.surface(head.points)
    allowed = np.setdiff1d(np.arange(len(reference)), head.base.eyes[:, :3].ravel())
    rider = Rider.on(reference, np.asarray(mesh.vertices, dtype=np.float64), allowed=allowed)
    moved = rider.rest + ((head.neutral.vertices - reference)[rider.nearest] * rider.weights).sum(axis=1)
    return Piece(Mesh(moved, mesh.faces, mesh.colours, mesh.gloss, mesh.parts), rider)


def _lifted(head: Head, points: np.ndarray, lift: float = _OVER_SKIN) -> np.ndarray:
    """Places (n, 3) a little over the skin at domain points (n, 2)."""
    step = 0.02
    place = head.surface(points)
    right_step, up_step = np.array([step, 0.0]), np.array([0.0, step])
    right = head.surface(points + right_step) - head.surface(points - right_step)
    up = head.surface(points + up_step) - head.surface(points - up_step)
    return np.asarray(place + unit(np.cross(right, up)) * lift)


def _discs(head: Head, centres: np.ndarray, radii: np.ndarray, colours: np.ndarray) -> Mesh:
    """Round spots at domain points (n, 2) with radii (n,), rad, and colours (n, 3)."""
    angle = np.arange(_CORNERS) * 2 * np.pi / _CORNERS
    corner = np.concatenate([np.stack([np.cos(angle), np.sin(angle)], axis=-1), np.zeros((1, 2))])
    points = centres[:, None] + radii[:, None, None] * corner
    faces = disc_faces(_CORNERS, 0, _CORNERS)[None] + (np.arange(len(centres)) * (_CORNERS + 1))[:, None, None]
    return solid(
        _lifted(head, points.reshape(-1, 2)), faces.reshape(-1, 3), np.repeat(colours, _CORNERS + 1, axis=0),
        gloss=0.06, part=Part.SKIN,
    )  # fmt: skip


def _off_features(head: Head, points: np.ndarray) -> np.ndarray:
    """Which domain points (n, 2) keep clear of eyes and lips, (n,) bool."""
    shape = head.identity.shape
    free = np.ones(len(points), dtype=bool)
    for side in (CHARACTER_LEFT, CHARACTER_RIGHT):
        free &= np.linalg.norm(points - eye_centre(shape, side), axis=1) > 1.35 * shape.eye_radius
    lips = head.points[head.base.mouth[3]]
    reach = np.abs(points - lips.mean(axis=0)) / (np.ptp(lips, axis=0) / 2 + 0.05)
    return np.asarray(free & (np.linalg.norm(reach, axis=1) > 1))


def _freckles(head: Head, rng: np.random.Generator) -> Mesh:
    shape, look = head.identity.shape, head.identity.look
    count = int(26 + 40 * look.freckles)
    nose = domain_of(np.array([0.0, shape.nose_y + 0.3 * shape.nose_size, shape.nose_z]))
    side = rng.choice([-1.0, 1.0], count)
    over_nose = rng.random(count) < 0.2
    x = np.where(over_nose, rng.normal(0, 0.09, count), side * (0.42 + rng.normal(0, 0.15, count)))
    centres = np.stack([x, nose[1] - 0.06 + rng.normal(0, 0.085, count)], axis=-1)
    centres = centres[_off_features(head, centres)]
    skin = np.asarray(look.skin)
    strength = 0.16 + 0.26 * look.freckles * rng.uniform(0.5, 1.0, (len(centres), 1))
    colours = skin * (1 - strength * (0.7, 1.0, 1.15))
    return _discs(head, centres, rng.uniform(0.008, 0.017, len(centres)), colours)


def _moles(head: Head, rng: np.random.Generator) -> Mesh:
    places = rng.uniform((-0.75, -0.60), (0.75, 0.10), (8 * head.identity.look.moles, 2))
    places = places[_off_features(head, places)][: head.identity.look.moles]
    colour = np.asarray(head.identity.look.skin) * (0.38, 0.28, 0.26)
    return _discs(head, places, rng.uniform(0.014, 0.024, len(places)), np.tile(colour, (len(places), 1)))


def _nostrils(head: Head) -> Mesh:
    """Two dark ovals under the nose, on the same rays as the skin there."""
    shape, n = head.identity.shape, head.identity.shape.nose_size
    angle = np.arange(_CORNERS) * 2 * np.pi / _CORNERS
    ring = np.concatenate([np.stack([np.cos(angle), np.sin(angle)], axis=-1), np.zeros((1, 2))])
    pieces = []
    for sign in (1.0, -1.0):
        centre = np.array([sign * 0.50 * n * shape.nose_width, shape.nose_y - 0.62 * n, shape.nose_z - 0.22 * n])
        across = np.array([sign * 0.25 * n, 0.05 * n, -0.05 * n])
        along = np.array([-sign * 0.05 * n, 0.11 * n, 0.20 * n])
        place = domain_of(centre + ring[:, :1] * across + ring[:, 1:] * along)
        faces = disc_faces(_CORNERS, 0, _CORNERS)
        colour = np.asarray(head.identity.look.skin) * (0.34, 0.22, 0.20)
        mesh = solid(_lifted(head, place, 0.010), faces, colour, gloss=0.02, part=Part.SKIN)
        pieces.append(mesh if sign > 0 else Mesh(mesh.vertices, faces[:, ::-1], mesh.colours, mesh.gloss, mesh.parts))
    return merged(pieces)


def _wrinkles(head: Head) -> Mesh:
    """Lines across the forehead and beside the eyes."""
    shape = head.identity.shape
    high = 0.98 * shape.brow_y + shape.brow_arch + shape.brow_thickness
    lines = []
    for number, (rise, half) in enumerate(((0.13, 0.34), (0.22, 0.27), (0.31, 0.16))):
        x = np.linspace(-half, half, 15)
        y = high + rise + 0.022 * np.cos(x * 9 + number) - 0.16 * x * x
        lines.append(np.stack([x, y], axis=-1))
    for side, sign in ((CHARACTER_LEFT, 1.0), (CHARACTER_RIGHT, -1.0)):
        corner = head.points[head.base.eyes[side, 3, 0]]
        for turn in (0.35, -0.05, -0.45):
            along = np.linspace(0.03, 0.15, 8)[:, None]
            lines.append(corner + along * np.array([sign * np.cos(turn), np.sin(turn)]))
    skin = np.asarray(head.identity.look.skin)
    colour = skin * (1 - 0.42 * head.identity.look.wrinkles * np.array([0.8, 1.0, 1.0]))
    pieces = []
    for line in lines:
        width = 0.0085 * np.sin(np.linspace(0.08, np.pi - 0.08, len(line)))[:, None]
        tangent = np.gradient(line, axis=0)
        normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=-1)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        both = np.stack([line - width * normal, line + width * normal], axis=1).reshape(-1, 2)
        faces = grid_faces(len(line), 2, closed=False)
        pieces.append(solid(_lifted(head, both), faces, colour, gloss=0.02, part=Part.SKIN))
    return merged(pieces)
