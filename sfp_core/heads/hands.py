"""A cartoon hand before the face: a palm with four fingers and a thumb made of capsules."""

from typing import Literal

import numpy as np

from sfp_core.heads.fitting import Fitting
from sfp_core.heads.identity import Triple
from sfp_core.heads.solids import capsule, solid, sphere, unit
from sfp_core.render.mesh import Mesh, Part, merged

HandPlace = Literal["cheek", "chin", "mouth", "eye"]

# Fingers in the hand's own axes (x across, y towards the finger tips, z out of its back), for a palm 1 wide:
# root x, root y, splay (rad), length, radius.
_FINGERS = (
    (-0.36, 0.44, 0.16, 0.80, 0.135),
    (-0.12, 0.52, 0.05, 0.95, 0.142),
    (0.13, 0.51, -0.05, 0.90, 0.140),
    (0.36, 0.42, -0.17, 0.70, 0.122),
)
_THUMB = (-0.44, -0.18, 0.85, 0.72, 0.155)


def hand_mesh(
    fit: Fitting,
    *,
    skin: Triple,
    sleeve: Triple,
    place: HandPlace,
    side: int = 0,
    curl: float = 0.35,
    size: float = 1.0,
) -> Mesh:
    """A hand that touches the resting head.

    Parameters
    ----------
    fit : Fitting
    skin, sleeve : Triple
        RGB in [0, 1].
    place : "cheek", "chin", "mouth" or "eye"
    side : int
        0 the character's left (+x), 1 right.
    curl : float
        How far the fingers bend towards the head, rad a joint.
    size : float
        1 is a palm of 0.36 head units across.
    """
    bend = {"chin": 0.75, "mouth": 0.22}.get(place, curl)
    rotation, where = _placed(fit, place)
    scale = 0.36 * size
    vertices, faces, sleeve_from = _hand(bend)
    placed = vertices * scale @ rotation + where
    if side == 1:
        placed, faces = placed * (-1.0, 1.0, 1.0), [part[:, ::-1] for part in faces]
    colours = np.tile(np.asarray(skin) * (1.0, 0.965, 0.955), (len(vertices), 1))
    tip = np.clip((vertices[:, 1] - 1.0) / 0.4, 0, 1)[:, None]
    colours = colours * (1 - tip * (0.0, 0.06, 0.06))
    body = solid(placed, faces[0], colours, gloss=0.08, part=Part.HAND)
    arm = solid(placed[sleeve_from:], faces[1] - sleeve_from, sleeve, gloss=0.04, part=Part.HAND)
    return merged([body, arm])


def _placed(fit: Fitting, place: HandPlace) -> tuple[np.ndarray, np.ndarray]:
    """Rows are the hand's axes in the world, (3, 3), and where its palm's middle lies, (3,); for the left side."""
    eye, mouth, chin = fit.eyes[0], fit.mouth, fit.chin
    if place == "cheek":
        out = unit(np.array([0.86, -0.22, 0.52]))
        where = fit.on_skin(unit(np.array([0.80, 0.5 * mouth[1] + 0.3 * chin[1], 0.55])), 0.06)
        up = np.array([0.10, 1.0, -0.05])
    elif place == "eye":
        out = unit(np.array([0.30, 0.0, 0.95]))
        where = eye + np.array([0.04, -0.30 * fit.eye_radius, fit.eye_radius * 1.05 + 0.13])
        up = np.array([-0.35, 1.0, 0.10])
    elif place == "mouth":
        out = unit(np.array([0.10, -0.08, 1.0]))
        where = mouth + np.array([0.14, -0.05, 0.16])
        up = np.array([-0.85, 0.55, -0.05])
    else:
        out = unit(np.array([0.30, -0.62, 0.75]))
        where = np.array([0.20, chin[1] - 0.06, chin[2] + 0.16])
        up = np.array([-0.72, 0.60, 0.10])
    across = unit(np.cross(up, out))
    return np.stack([across, unit(np.cross(out, across)), out]), where


def _hand(curl: float) -> tuple[np.ndarray, list[np.ndarray], int]:
    """Vertices, the faces of hand and sleeve, and the sleeve's first vertex; the palm is 1 wide about the origin."""
    palm, palm_faces = sphere((0.52, 0.56, 0.22), around=28, down=18)
    square = 1 + 0.14 * np.abs(np.sin(2 * np.arctan2(palm[:, 1], palm[:, 0])))
    palm = palm * np.stack([square, square, np.ones(len(palm))], axis=-1)
    pieces = [(palm, palm_faces)]
    for x, y, splay, length, radius in _FINGERS:
        pieces += _finger(np.array([x, y, 0.0]), -splay, length, radius, curl)
    x, y, splay, length, radius = _THUMB
    pieces += _finger(np.array([x, y, -0.04]), -splay, length, radius, 0.55 * curl)
    pieces.append(capsule(np.array([0.0, -0.35, -0.02]), np.array([0.0, -0.95, -0.04]), (0.30, 0.28), around=14))
    first = sum(len(vertices) for vertices, _ in pieces)
    pieces.append(capsule(np.array([0.0, -1.05, -0.04]), np.array([0.0, -5.2, -0.30]), (0.42, 0.60), around=18))
    starts = np.cumsum([0] + [len(vertices) for vertices, _ in pieces])
    faces = [part + start for (_, part), start in zip(pieces, starts[:-1], strict=True)]
    return np.concatenate([vertices for vertices, _ in pieces]), [np.concatenate(faces[:-1]), faces[-1]], first


def _finger(
    root: np.ndarray, splay: float, length: float, radius: float, curl: float
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Three capsules that bend towards the palm's side (-z)."""
    parts, place, bend = [], root, 0.15 + 0.3 * curl
    for share, thick in ((0.42, 1.0), (0.32, 0.95), (0.26, 0.88)):
        forward = np.array([np.sin(splay) * np.cos(bend), np.cos(splay) * np.cos(bend), -np.sin(bend)])
        following = place + forward * (share * length)
        parts.append(capsule(place, following, (radius * thick, radius * thick * 0.95)))
        place, bend = following, bend + curl
    return parts
