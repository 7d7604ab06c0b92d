"""Beards: a shell on the skin of the jaw with locks on it, and moustaches; all of it rides on the skin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sfp_core.heads.domain import direction_of, domain_of, smoothstep
from sfp_core.heads.grooming import Growth, grow, lock_surface, taper
from sfp_core.heads.piece import Piece, Rider
from sfp_core.heads.solids import solid
from sfp_core.render.mesh import Part

if TYPE_CHECKING:
    from sfp_core.heads.actions import ActionState
    from sfp_core.heads.head import Head, Skin

_GLOSS = 0.16
_LOCKS = {"full": 64, "goatee": 26}


def beard_pieces(head: Head) -> list[Piece]:
    """The beard of a style of `BEARDS` but "none"."""
    style, rng = head.identity.wear.beard, np.random.default_rng([head.identity.wear.hair_seed, 29])
    pieces = [_moustache(head, rng, long=style == "moustache")]
    if style != "moustache":
        weight = _weight(head, style)
        pieces += [_shell(head, weight, rng), _locks(head, weight, style, rng)]
    return pieces


def _mouth(head: Head) -> tuple[np.ndarray, np.ndarray]:
    """Middle (2,) and half extent (2,) of the painted lips in the domain."""
    lips = head.points[head.base.mouth[2]]
    return head.mouth.centre, np.ptp(lips, axis=0) / 2


def _weight(head: Head, style: str) -> np.ndarray:
    """How thick the beard grows on every skin vertex, (V,) in [0, 1]."""
    shape, points = head.identity.shape, head.points
    x, y = np.abs(points[:, 0]), points[:, 1]
    middle, half = _mouth(head)
    chin = domain_of(np.array([0.0, shape.chin_y - 0.6 * shape.chin_size, shape.chin_z + 0.5 * shape.chin_size]))[1]
    line = np.interp(x, [0.0, half[0] + 0.10, 0.75, 1.10, 1.35], [middle[1], middle[1] + 0.04, -0.34, 0.06, 0.22])
    weight = smoothstep(line - y, 0.0, 0.10) * smoothstep(-x, -1.38, -1.26) * smoothstep(y, chin - 0.40, chin - 0.12)
    around = np.hypot(x / (half[0] + 0.05), (y - middle[1]) / (half[1] + 0.06))
    soul = np.exp(-((x / 0.07) ** 2)) * (y < middle[1] - half[1] - 0.015)  # the tuft under the lower lip
    weight = weight * np.maximum(smoothstep(around, 1.0, 1.35), soul)
    weight[head.base.mouth[:4].ravel()] = 0.0
    if style == "goatee":
        weight = weight * np.exp(-((x / (0.7 * half[0] + 0.12)) ** 2))
    return np.asarray(weight)


def _paint(head: Head, tone: np.ndarray) -> np.ndarray:
    return np.asarray(np.asarray(head.identity.look.hair) * tone[:, None])


def _shell(head: Head, weight: np.ndarray, rng: np.random.Generator) -> Piece:
    faces = head.base.faces[(weight[head.base.faces] > 0.02).any(axis=1)]
    used, faces = np.unique(faces, return_inverse=True)
    faces = faces.reshape(-1, 3)
    points, thick = head.points[used], weight[used]
    out = direction_of(points)
    front = np.exp(-((points[:, 0] / 0.45) ** 2))
    offset = out * (0.13 * thick - 0.022 * (1 - smoothstep(thick, 0.0, 0.25)))[:, None]
    offset[:, 1] -= thick * (0.03 + 0.10 * front)
    rest = head.neutral.vertices[used] + offset
    tone = 0.76 + 0.14 * rng.random(len(used))
    mesh = solid(rest, faces, _paint(head, tone), gloss=_GLOSS * 0.5, part=Part.HAIR)

    def move(state: ActionState, skin: Skin) -> np.ndarray:
        return np.asarray(skin.vertices[used] + offset)

    return Piece(mesh, move)


def _locks(head: Head, weight: np.ndarray, style: str, rng: np.random.Generator) -> Piece:
    candidates = np.flatnonzero(weight > 0.35)
    count = min(_LOCKS[style], len(candidates))
    order = candidates[np.argsort(head.points[candidates, 1])]  # evenly over the height, from the chin up
    chosen = order[np.linspace(0, len(order) - 1, count).astype(np.intp)]
    points = head.points[chosen]
    out = direction_of(points)
    roots = head.neutral.vertices[chosen] + out * (0.07 * weight[chosen])[:, None]
    inwards = np.stack(
        [-0.35 * np.sign(points[:, 0]) * np.minimum(1, np.abs(points[:, 0])), -np.ones(count), 0.15 * np.ones(count)],
        -1,
    )
    towards = inwards + 0.45 * out + rng.normal(0, 0.10, (count, 3))
    front = np.exp(-((points[:, 0] / 0.5) ** 2))
    length = 0.20 + 0.20 * front * rng.uniform(0.6, 1.2, count)
    paths = grow(
        head.fitting, roots, towards, Growth(1.0, pull=(0.0, -0.25, 0.0), clearance=-1.0), steps=5, scale=length
    )
    width = rng.uniform(0.05, 0.085, (count, 1)) * taper(6, root=0.7, tip=1.7)
    vertices, faces, along, shade = lock_surface(paths, width, flatness=0.55, sides=5)
    tone = shade * (0.92 + 0.14 * along) * (1 + np.repeat(rng.uniform(-0.10, 0.10, count), 6 * 5))
    owner = np.repeat(chosen, 6 * 5)
    offset = vertices - head.neutral.vertices[owner]

    def move(state: ActionState, skin: Skin) -> np.ndarray:
        return np.asarray(skin.vertices[owner] + offset)

    return Piece(solid(vertices, faces, _paint(head, tone), gloss=_GLOSS, part=Part.HAIR), move)


def _moustache(head: Head, rng: np.random.Generator, *, long: bool) -> Piece:
    """Locks from under the nose outwards along the upper lip, on both sides alike."""
    middle, half = _mouth(head)
    base = domain_of(head.fitting.nose_base)[1]
    room = max(base - (middle[1] + half[1]), 0.03)
    steps, rows = 9, 4
    share = np.linspace(0, 1, steps)
    reach = half[0] * (1.30 if long else 1.02) + 0.05
    paths, widths = [], []
    for sign in (1.0, -1.0):
        for row in range(rows):
            start = middle[1] + half[1] + room * (0.22 + 0.62 * row / (rows - 1))
            end = middle[1] + (0.10 if long else -0.06) - 0.035 * (rows - 1 - row)
            x = sign * (0.012 + (reach - 0.03 * row) * share)
            y = start + (end - start) * share**1.8 + (0.10 if long else 0.0) * share**5
            points = np.stack([x, y], axis=-1)
            lift = 0.035 + 0.055 * np.sin(np.pi * np.clip(share * 0.85 + 0.12, 0, 1))
            paths.append(head.surface(points) + direction_of(points) * lift[:, None])
            widths.append((0.028 + 0.55 * room / rows + 0.012 * long) * taper(steps, root=0.75, tip=2.6))
    vertices, faces, along, shade = lock_surface(np.array(paths), np.array(widths), flatness=0.8, sides=6)
    own = np.tile(np.repeat(rng.uniform(-0.10, 0.10, rows), steps * 6), 2)
    mesh = solid(vertices, faces, _paint(head, shade * (1 + own) * (1 + 0.12 * along)), gloss=_GLOSS, part=Part.HAIR)
    above = head.points[:, 1] > middle[1] - 0.01
    lower = np.sin(np.linspace(0, 2 * np.pi, head.base.mouth.shape[1], endpoint=False)) < -1e-6
    above[head.base.mouth[:, lower].ravel()] = False
    above[head.base.eyes.ravel()] = False
    return Piece(mesh, Rider.on(head.neutral.vertices, vertices, allowed=np.flatnonzero(above)))
