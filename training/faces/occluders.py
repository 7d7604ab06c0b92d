"""Things before a face, as meshes in view space: hands, bars, leaves, balls and boxes."""

from collections.abc import Callable

import numpy as np

from sfp_core.heads.hands import HandPlace
from sfp_core.render.camera import rotation_from_degrees
from sfp_core.render.mesh import Mesh, Part, merged
from training.faces.family import Subject
from training.faces.framing import Placement

_KINDS = ("hand", "bars", "leaves", "object")
_SHARES = (0.40, 0.15, 0.20, 0.25)
_HAND_PLACES: tuple[HandPlace, ...] = ("cheek", "chin", "mouth", "eye")
_NEARER = 1.4  # head units: how far before a head's middle things hang
_AROUND = 14  # corners of a tube, a disc or a leaf


def random_occluder(subject: Subject, face: Placement, rng: np.random.Generator) -> tuple[str, Mesh]:
    """The kind and a mesh that hides part of a face: the character's own hand, or a thing between it and the eye."""
    height = subject.frame()[1]
    kind = str(rng.choice(_KINDS, p=_SHARES))
    if kind == "hand":
        place = _HAND_PLACES[int(rng.integers(len(_HAND_PLACES)))]
        hand = subject.hand(place, side=int(rng.integers(2)), curl=rng.uniform(0.1, 0.7))
        return kind, Mesh(face.to_view(hand.vertices), hand.faces, hand.colours, hand.gloss, hand.parts)
    makers: dict[str, Callable[[float, np.random.Generator], Mesh]] = {
        "bars": _bars,
        "leaves": _leaves,
        "object": _object,
    }
    mesh = makers[kind](height, rng)
    where = face.place + np.array([0.0, 0.0, _NEARER * height / 2.2])
    return kind, Mesh(mesh.vertices + where.astype(np.float32), mesh.faces, mesh.colours, mesh.gloss, mesh.parts)


def disc(radius: tuple[float, float], rotation: np.ndarray, centre: np.ndarray, colour: np.ndarray) -> Mesh:
    """A flat ellipse that looks along its rotation's third column."""
    angle = np.arange(_AROUND) * 2 * np.pi / _AROUND
    rim = np.stack([radius[0] * np.cos(angle), radius[1] * np.sin(angle), np.zeros(_AROUND)], axis=-1)
    vertices = np.concatenate([rim, np.zeros((1, 3))]) @ rotation.T + centre
    around = np.arange(_AROUND)
    faces = np.stack([around, np.roll(around, -1), np.full(_AROUND, _AROUND)], axis=-1)
    return _worn(vertices, faces, colour, 0.1)


def _worn(vertices: np.ndarray, faces: np.ndarray, colour: np.ndarray, gloss: float) -> Mesh:
    count = len(faces)
    colours = np.tile(np.clip(colour, 0, 1), (len(vertices), 1))
    return Mesh(vertices, faces, colours, np.full(count, gloss), np.full(count, Part.WEAR))


def _tube(start: np.ndarray, end: np.ndarray, radius: float, colour: np.ndarray) -> Mesh:
    along = (end - start) / np.linalg.norm(end - start)
    across = np.cross(along, [0.0, 0.0, 1.0])
    across /= np.linalg.norm(across)
    angle = np.arange(_AROUND) * 2 * np.pi / _AROUND
    ring = radius * (np.cos(angle)[:, None] * across + np.sin(angle)[:, None] * np.cross(along, across))
    around, following = np.arange(_AROUND), np.roll(np.arange(_AROUND), -1)
    faces = np.concatenate(
        [
            np.stack([around, following, around + _AROUND], axis=-1),
            np.stack([following, following + _AROUND, around + _AROUND], axis=-1),
        ]
    )
    return _worn(np.concatenate([start + ring, end + ring]), faces[:, ::-1], colour, 0.3)


def _bars(height: float, rng: np.random.Generator) -> Mesh:
    """A grid's bars, or one branch."""
    angle = rng.normal(np.pi / 2, 0.25) if rng.random() < 0.7 else rng.uniform(0, np.pi)
    along = np.array([np.cos(angle), np.sin(angle), 0.0])
    across = np.array([-along[1], along[0], 0.0])
    count, pitch = int(rng.integers(1, 5)), rng.uniform(0.28, 0.5) * height
    radius, first = rng.uniform(0.012, 0.04) * height, rng.uniform(-0.35, 0.1) * height
    colour = rng.uniform(0.02, 0.7, 3)
    bars = []
    for number in range(count):
        middle = across * (first + number * pitch)
        bars.append(_tube(middle - along * 2.5 * height, middle + along * 2.5 * height, radius, colour))
    return merged(bars)


def _leaves(height: float, rng: np.random.Generator) -> Mesh:
    """Leaves that reach in from one side."""
    side = rng.uniform(0, 2 * np.pi)
    root = np.array([np.cos(side), np.sin(side), 0.0]) * rng.uniform(0.35, 0.6) * height
    green = rng.uniform((0.05, 0.25, 0.03), (0.45, 0.65, 0.25)) if rng.random() < 0.8 else rng.uniform(0.1, 0.9, 3)
    leaves = []
    for _ in range(int(rng.integers(6, 22))):
        centre = root + np.append(rng.normal(0, 0.17 * height, 2), rng.uniform(-0.05, 0.25))
        turned = rotation_from_degrees(rng.uniform(-50, 50), rng.uniform(-50, 50), rng.uniform(-180, 180))
        size = rng.uniform(0.05, 0.13) * height
        leaves.append(disc((size, size * rng.uniform(0.3, 0.5)), turned, centre, green * rng.uniform(0.6, 1.3)))
    return merged(leaves)


def _object(height: float, rng: np.random.Generator) -> Mesh:
    """A box, a cup, a microphone-like ball: one smooth or edged body over the lower or a side part of the face."""
    centre = np.array([rng.normal(0, 0.2), rng.normal(-0.18, 0.2), 0.0]) * height
    turned = rotation_from_degrees(*rng.uniform(-40, 40, 3))
    half = rng.uniform(0.07, 0.2, 3) * height
    steps_v, steps_u = 9, 16
    polar, turn = np.linspace(0, np.pi, steps_v), np.arange(steps_u) * 2 * np.pi / steps_u
    ball = np.stack(
        [
            np.sin(polar)[:, None] * np.cos(turn),
            np.cos(polar)[:, None] * np.ones(steps_u),
            np.sin(polar)[:, None] * np.sin(turn),
        ],
        axis=-1,
    ).reshape(-1, 3)
    edged = rng.choice([1.0, 0.35])  # 1 an ellipsoid, less a box with round edges
    body = np.sign(ball) * np.abs(ball) ** edged * half
    ring = np.arange(steps_v - 1)[:, None] * steps_u
    one, following = ring + np.arange(steps_u), ring + np.roll(np.arange(steps_u), -1)
    faces = np.concatenate(
        [
            np.stack([one, following, one + steps_u], axis=-1).reshape(-1, 3),
            np.stack([following, following + steps_u, one + steps_u], axis=-1).reshape(-1, 3),
        ]
    )
    mesh = _worn(body @ turned.T + centre, faces, rng.uniform(0.05, 0.95, 3), rng.uniform(0.05, 0.6))
    stripes = rng.random() < 0.4
    if stripes:
        colours = mesh.colours.copy()
        colours.reshape(steps_v, steps_u, 3)[2:4] = rng.uniform(0.05, 0.95, 3)
        mesh = Mesh(mesh.vertices, mesh.faces, colours, mesh.gloss, mesh.parts)
    return mesh
