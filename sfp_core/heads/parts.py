"""Eyeballs, lids with their lashes, brows, the inside of the mouth, teeth and tongue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sfp_core.heads.actions import ActionState
from sfp_core.heads.brows import STYLE_WIDTH, brow_points, brow_radius
from sfp_core.heads.domain import direction_of, smoothstep
from sfp_core.heads.eyes import eyeball_centre, gaze_rotation
from sfp_core.heads.identity import Identity
from sfp_core.heads.mouth import jaw_moved
from sfp_core.heads.piece import Piece
from sfp_core.heads.solids import grid_faces, solid, sphere, unit
from sfp_core.heads.surface import Surface
from sfp_core.heads.template import EYE_ANGLES, EYE_POINTS, LIP_POINTS, Template
from sfp_core.render.mesh import Part

if TYPE_CHECKING:
    from sfp_core.heads.head import Skin

_TOOTH = np.array([0.97, 0.96, 0.93])
_GAP = np.array([0.55, 0.45, 0.42])
_TONGUE = np.array([0.82, 0.38, 0.40])
_TEETH_DEPTH = 0.095  # of their front behind the skin, head units
_MOUTH_INSIDE = (0.32, 0.10, 0.11)
_BLACK_INSIDE = (0.07, 0.025, 0.03)
_LASH_COLOUR = (0.045, 0.035, 0.04)
_AROUND = 48  # vertices around an eyeball's axis
_LASH_POINTS = 45
_BROW_POINTS, _BROW_SIDES = 23, 10


def eyeball(identity: Identity, side: int) -> Piece:
    """A sphere with rings of pupil, iris (dark rim) and white, turned to the gaze."""
    look, shape = identity.look, identity.shape
    turn = np.linspace(0, 2 * np.pi, _AROUND, endpoint=False)
    iris = {"dark": 0.74, "dot": 0.34}.get(look.eyes, look.iris_share)
    pupil = {"dark": 0.45, "dot": 0.26}.get(look.eyes, look.pupil_share)
    narrow = np.ones(_AROUND)
    if look.eyes == "slit":
        pupil = 0.82 * iris
        narrow = 0.16 / np.sqrt((0.16 * np.sin(turn)) ** 2 + np.cos(turn) ** 2)  # an ellipse that stands upright
    edges = [np.linspace(0, 1, 4), [1.001], np.linspace(1, 2, 7)[1:], [2.001], np.linspace(2, 3, 10)[1:]]
    step = np.concatenate([np.asarray(part, dtype=np.float64) for part in edges])[:, None]
    inner = pupil * narrow[None]
    angle = np.where(
        step <= 1,
        step * inner,
        np.where(step <= 2, inner + (step - 1) * (iris - inner), iris + (step - 2) * (np.pi * 0.72 - iris)),
    )
    vertices = np.stack([np.sin(angle) * np.cos(turn), np.sin(angle) * np.sin(turn), np.cos(angle)], axis=-1).reshape(
        -1, 3
    )
    colours = _eye_colours(identity, step, turn).reshape(-1, 3)
    centre = eyeball_centre(shape, side)

    def move(state: ActionState, skin: Skin) -> np.ndarray:
        return np.asarray(vertices @ (gaze_rotation(state, side).T * shape.eye_radius) + centre)

    mesh = solid(
        vertices * shape.eye_radius + centre, grid_faces(len(step), _AROUND), colours, gloss=0.9, part=Part.EYE
    )
    return Piece(mesh, move)


def _eye_colours(identity: Identity, step: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Colours of an eyeball's rings, (rings, around, 3): an iris lit from below under a dark rim, with fine rays."""
    look = identity.look
    share = np.clip(step - 1, 0.0, 1.0)
    if look.eyes in ("dark", "dot"):
        iris = np.broadcast_to(np.asarray(look.iris) * 0.30, (len(step), len(turn), 3))
    else:
        lit = 0.62 + 0.75 * share - 0.34 * np.sin(turn)  # light gathers opposite to where it comes from
        rays = 1 + 0.10 * np.sin(17 * turn + 2) * share + 0.07 * np.sin(29 * turn) * share
        rim = np.where(share > 0.80, 0.36, 1.0)
        iris = np.asarray(look.iris) * (lit * rays * rim)[..., None]
    white = np.asarray(look.sclera) * (1 - 0.10 * smoothstep(step, 2.0, 2.5))[..., None]
    colours = np.where((step > 2.0005)[..., None], white, iris)
    return np.where((step <= 1.0005)[..., None], np.float64(0.025), colours)


def lid_edge(identity: Identity, neutral: np.ndarray, base: Template, side: int) -> Piece:
    """The thickness of the lids: a strip from the rim inwards, dark as a lash line."""
    ring, centre = base.eyes[side, 0], eyeball_centre(identity.shape, side)
    j = np.arange(EYE_POINTS)
    b = (j + 1) % EYE_POINTS
    faces = np.concatenate([np.stack([j, b, j + EYE_POINTS], -1), np.stack([b, b + EYE_POINTS, j + EYE_POINTS], -1)])
    faces = faces if side == 0 else faces[:, ::-1]

    def strip(vertices: np.ndarray) -> np.ndarray:
        rim = vertices[ring]
        return np.concatenate([rim, centre * 0.07 + rim * 0.93])

    def move(state: ActionState, skin: Skin) -> np.ndarray:
        return strip(skin.vertices)

    lined = (np.sin(EYE_ANGLES) > -0.05) | (identity.look.eyeliner == 2)
    dark = np.where(lined[:, None] & (identity.look.eyeliner > 0), 0.05, np.asarray(identity.look.skin) * 0.42)
    return Piece(solid(strip(neutral), faces, np.concatenate([dark, dark * 0.8]), gloss=0.05, part=Part.LID), move)


def lashes(identity: Identity, neutral: np.ndarray, base: Template, side: int) -> Piece:
    """Upper lashes: a curved ribbon of spikes off the upper lid's rim, longest at its outer end; it follows the lid."""
    shape, length = identity.shape, identity.wear.lashes * identity.shape.eye_radius
    upper = base.eyes[side, 0, : EYE_POINTS // 2 + 1]  # outer corner to inner corner
    above = base.eyes[side, 1, : EYE_POINTS // 2 + 1]
    centre = eyeball_centre(shape, side)
    place = np.linspace(0, EYE_POINTS // 2, _LASH_POINTS)
    low = np.minimum(place.astype(np.intp), EYE_POINTS // 2 - 1)
    share = (place - low)[:, None]
    along = place / (EYE_POINTS // 2)
    spike = np.array([0.16, 0.45, 1.0, 0.52, 0.20])[np.arange(_LASH_POINTS) % 5]
    reach = (length * np.sin(np.pi * np.clip(along * 0.86 + 0.12, 0, 1)) ** 0.6 * (1.1 - 0.65 * along))[:, None]
    flare = np.array([(1.0 if side == 0 else -1.0) * 0.55, 0.0, 0.0]) * (0.75 - along)[:, None]
    i = np.arange(_LASH_POINTS - 1)
    n = _LASH_POINTS
    faces = np.concatenate(
        [np.stack([i + r * n, i + r * n + 1, i + (r + 1) * n], -1) for r in (0, 1)]
        + [np.stack([i + r * n + 1, i + (r + 1) * n + 1, i + (r + 1) * n], -1) for r in (0, 1)]
    )
    faces = faces[:, ::-1] if side == 0 else faces

    def ribbon(vertices: np.ndarray) -> np.ndarray:
        rim, skin = vertices[upper], vertices[above]
        root = rim[low] * (1 - share) + rim[low + 1] * share
        over = skin[low] * (1 - share) + skin[low + 1] * share
        out = unit(root - centre)
        up = unit(unit(over - root) * 0.55 + out * 0.65 + flare)
        curl = unit(up + np.array([0.0, 0.55, 0.0]) + 0.3 * flare)
        middle = root + up * (0.5 * reach * (0.25 + 0.75 * spike[:, None]))
        return np.concatenate([root + out * 0.004, middle, middle + curl * (0.55 * reach * spike[:, None])])

    def move(state: ActionState, skin: Skin) -> np.ndarray:
        return ribbon(skin.vertices)

    return Piece(solid(ribbon(neutral), faces, _LASH_COLOUR, gloss=0.1, part=Part.LID), move)


def brow(identity: Identity, surface: Surface, side: int) -> Piece:
    """A tapered tube along the brow's curve, lying on the skin, streaked like hair; bushy ones are tufted."""
    shape, style = identity.shape, identity.wear.brows
    along = np.linspace(-1, 1, _BROW_POINTS)
    angle = np.arange(_BROW_SIDES) * 2 * np.pi / _BROW_SIDES
    radius = brow_radius(shape, along) * STYLE_WIDTH[style]
    radius[[0, -1]] *= (0.45, 0.15)
    wave = np.sin(np.arange(_BROW_POINTS) * 2.1)[:, None] * np.cos(angle)[None]
    tufts = 1 + (0.22 if style == "bushy" else 0.05) * wave
    flatness = 0.75 if style == "bushy" else 0.55
    colours = np.asarray(identity.look.brow) * (
        1 + 0.22 * np.sin(1.7 * np.arange(_BROW_POINTS)[:, None] + 2.5 * angle) + 0.10 * np.sin(angle * 3)
    )[..., None].reshape(-1, 1)
    faces = grid_faces(_BROW_POINTS, _BROW_SIDES)
    zero = np.zeros(_BROW_POINTS)

    def move(state: ActionState, skin: Skin) -> np.ndarray:
        points = brow_points(state, shape, side, along, zero)
        out = direction_of(points)
        path = surface(points) + out * (0.012 + 0.2 * radius[:, None])
        tangent = unit(np.gradient(path, axis=0))
        across = unit(np.cross(out, tangent))
        ring = np.cos(angle)[:, None] * across[:, None] + flatness * np.sin(angle)[:, None] * out[:, None]
        return np.asarray((path[:, None] + (radius[:, None] * tufts)[..., None] * ring).reshape(-1, 3))

    rest = move(ActionState({}), None)  # type: ignore[arg-type]  # brows ask the surface, not the skin
    return Piece(solid(rest, faces[:, ::-1], colours, gloss=0.08, part=Part.BROW), move)


def mouth_inside(identity: Identity, neutral: np.ndarray, base: Template) -> Piece:
    """A dark bag behind the lips."""
    ring = base.mouth[0]

    def bag(vertices: np.ndarray) -> np.ndarray:
        rim = vertices[ring]
        centre = rim.mean(axis=0)
        rings = [rim, centre + (rim - centre) * 1.02 + (0, 0, -0.12), centre + (rim - centre) * 0.9 + (0, 0, -0.38)]
        return np.concatenate([*rings, (centre - (0, 0, 0.45))[None]])

    def move(state: ActionState, skin: Skin) -> np.ndarray:
        return bag(skin.vertices)

    j = np.arange(LIP_POINTS)
    last = 2 * LIP_POINTS
    lid = np.stack([last + j, last + (j + 1) % LIP_POINTS, np.full(LIP_POINTS, 3 * LIP_POINTS)], -1)
    inside = _BLACK_INSIDE if identity.look.teeth == "none" else _MOUTH_INSIDE
    colours = np.tile(inside, (3 * LIP_POINTS + 1, 1))
    colours[:LIP_POINTS] = np.asarray(identity.look.lips) * 0.8
    faces = np.concatenate([grid_faces(3, LIP_POINTS)[:, ::-1], lid])
    return Piece(solid(bag(neutral), faces, colours, gloss=0.02, part=Part.MOUTH), move)


def teeth(identity: Identity, surface: Surface, mouth: np.ndarray) -> list[Piece]:
    """Two rows of teeth, the lower one fixed to the jaw; `mouth` is the mouth's domain centre, (2,)."""
    pieces = []
    for upper in (True, False):
        vertices, faces, colours = _row_of_teeth(identity, surface, mouth, upper=upper)
        mesh = solid(vertices, faces, colours, gloss=0.3, part=Part.TEETH)

        def move(state: ActionState, skin: Skin, rest: np.ndarray = vertices) -> np.ndarray:
            return jaw_moved(state, rest)

        pieces.append(Piece(mesh, None if upper else move))
    return pieces


def _row_of_teeth(
    identity: Identity, surface: Surface, mouth: np.ndarray, *, upper: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    width, style = identity.shape.mouth_half_width * 1.26, identity.look.teeth
    count, per_tooth = 8, 5
    columns = count * per_tooth + 1
    place = np.linspace(-1.0, 1.0, columns)
    tooth = (np.arange(columns) % per_tooth) / per_tooth
    between = np.arange(columns) % per_tooth == 0  # the seam of two teeth
    across = np.stack([place * width, np.full(columns, mouth[1])], axis=-1)
    behind = surface(across) - direction_of(across) * _TEETH_DEPTH
    front_y = surface(mouth)[1]
    middle, half = (front_y + 0.028, 0.056) if upper else (front_y - 0.052, 0.044)
    bite = np.full(columns, half) * (1 - 0.10 * np.abs(2 * tooth - 1) ** 2 * ~between) - 0.14 * half * between
    if style == "canines":
        number = np.abs(np.arange(columns) / per_tooth - count / 2)
        bite += half * (0.95 if upper else 0.5) * np.clip(1 - np.abs(number - 2.5) / 0.6, 0, 1)
    turn = np.linspace(-0.6, 1.0, 6)  # from the gum over the front to the biting edge
    down = -1.0 if upper else 1.0
    y = middle + down * np.sin(turn * np.pi / 2)[:, None] * np.where(turn[:, None] > 0, bite[None], half)
    inwards = (0.050 * (1 - np.cos(turn * np.pi / 2)))[:, None] + 0.010 * between[None]
    out = unit(behind * (1.0, 0.0, 1.0))
    vertices = (
        np.stack(np.broadcast_arrays(behind[None, :, 0], y, behind[None, :, 2]), axis=-1) - out * (inwards[..., None])
    )
    seam = _TOOTH * 0.78
    if style == "gap":
        gap = np.abs(place) < 1.0 / columns
        vertices[:, gap] -= out[gap] * 0.03
        seam = np.where(gap[:, None], _GAP * 0.5, seam)
    colours = np.broadcast_to(np.where(between[:, None], seam, _TOOTH), (6, columns, 3)).copy()
    colours[0] *= (0.92, 0.72, 0.70)
    faces = grid_faces(6, columns, closed=False)
    return vertices.reshape(-1, 3), faces if upper else faces[:, ::-1], colours.reshape(-1, 3)


def tongue(identity: Identity, surface: Surface, mouth: np.ndarray) -> Piece:
    """A flat ellipsoid with a furrow, carried by most of the jaw's opening."""
    width = identity.shape.mouth_half_width * 1.15
    front = surface(mouth)
    front[2] = min(front[2], float(surface(mouth - (0.0, 0.10))[2]))  # behind the fold under the lip, too
    rest, faces = sphere((width * 0.62, 0.055, 0.22), around=20, down=12)
    furrow = np.exp(-((rest[:, 0] / (width * 0.12)) ** 2)) * (rest[:, 1] > 0)
    rest[:, 1] -= 0.016 * furrow
    tip = np.clip((rest[:, 2] + 0.05) / 0.25, 0.0, 1.0) ** 1.5
    colours = _TONGUE * (1 - 0.16 * furrow)[:, None]

    def move(state: ActionState, skin: Skin) -> np.ndarray:
        out, up = state["tongueOut"], state["tongueUp"]
        vertices = rest.copy()
        vertices[:, 1] += tip * (0.11 * up - 0.10 * out)
        vertices += (0.0, front[1] - 0.05, front[2] - 0.26 + 0.30 * out)
        return jaw_moved(state, vertices, share=0.85)

    at_rest = move(ActionState({}), None)  # type: ignore[arg-type]  # the tongue hangs on the jaw, not on the skin
    return Piece(solid(at_rest, faces, colours, gloss=0.15, part=Part.TONGUE), move)
