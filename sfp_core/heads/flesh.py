"""What moves on the face beside lips, lids and jaw: cheeks, nostrils, the fold from nose to mouth, the chin's boss."""

import numpy as np

from sfp_core.heads.actions import ActionState
from sfp_core.heads.identity import Shape
from sfp_core.heads.surface import Surface
from sfp_core.heads.template import Template

_FOLD_WIDTH_RAD = 0.055
_FOLD_DEPTH = 0.030  # head units


def inflate_cheeks(state: ActionState, shape: Shape, vertices: np.ndarray, out: np.ndarray, surface: Surface) -> None:
    """Cheeks that puff, rise with a smile and squint; `out` (V, 3) points outwards; changes `vertices` in place."""
    moves = []
    for side, sign in enumerate((1.0, -1.0)):
        smile, squint = max(state.sides("mouthSmile")[side], 0.0), state.sides("cheekSquint")[side]
        puff = state["cheekPuff"] + state.sides("cheekPuff")[side]
        bulge, rise = 0.07 * smile + 0.05 * squint + 0.15 * puff, 0.05 * smile + 0.06 * squint
        if not (bulge or rise):
            continue
        from_front = np.array([sign * shape.cheek_x * 1.05, shape.cheek_y + 0.02, 0.6])
        apple = surface(np.arctan2(from_front[:2], from_front[2]))
        near = _near(vertices, apple, (0.28, 0.22, 0.35))
        weight = _bump(vertices[near], apple, (0.28, 0.22, 0.35))
        moves.append((near, weight * (out[near] * bulge + np.array([0.0, rise, 0.0]))))
    _apply(moves, vertices)


def sneer(state: ActionState, shape: Shape, vertices: np.ndarray) -> None:
    """Nostrils drawn up; changes `vertices` in place."""
    n, moves = shape.nose_size, []
    for side, sign in enumerate((1.0, -1.0)):
        strength = state.sides("noseSneer")[side]
        if strength:
            wing = np.array([sign * n * shape.nose_width, shape.nose_y - n * 0.2, shape.nose_z - n * 0.35])
            size = (n * 0.75, n * 0.8, n * 1.2)
            near = _near(vertices, wing, size)
            lift = np.array([sign * 0.022, 0.095, 0.01])
            moves.append((near, _bump(vertices[near], wing, size) * lift * strength))
    _apply(moves, vertices)


def crease_folds(
    state: ActionState, shape: Shape, vertices: np.ndarray, points: np.ndarray, out: np.ndarray, base: Template
) -> None:
    """The fold from the nose's wing around the mouth's corner; changes `vertices` in place.

    `points` (V, 2) are the vertices' places in the domain, `out` (V, 3) their outward directions.
    """
    around = base.around_mouth
    centre, corners = points[base.mouth[0]].mean(axis=0), points[base.mouth[3, [0, 24]]]
    for side, sign in enumerate((1.0, -1.0)):
        strength = 0.8 * max(state.sides("mouthSmile")[side], 0.0) + 0.8 * state.sides("noseSneer")[side]
        strength += 0.4 * state.sides("mouthUpperUp")[side]
        if strength <= 0:
            continue
        wing = np.array([sign * 1.1 * shape.nose_size * shape.nose_width, shape.nose_y - 0.2 * shape.nose_size])
        start = wing / (0.9 * shape.nose_z)
        end = corners[side] + (sign * 0.05, 0.3 * (start[1] - centre[1]) - 0.06)
        along = end - start
        place = points[around] - start
        share = np.clip(place @ along / (along @ along), 0.0, 1.0)
        bow = sign * 0.05 * np.sin(np.pi * share)  # the fold curves around the cheek
        across = np.hypot(place[:, 0] - share * along[0] - bow, place[:, 1] - share * along[1])
        depth = np.exp(-((across / _FOLD_WIDTH_RAD) ** 2)) * np.sin(np.pi * np.clip(share, 0.08, 0.92)) ** 0.5
        vertices[around] -= out[around] * (_FOLD_DEPTH * min(strength, 1.2) * depth)[:, None]


def raise_chin(state: ActionState, shape: Shape, vertices: np.ndarray) -> None:
    """The chin's boss pushed up and out under a shrugging lip; changes `vertices` in place."""
    strength = state["mouthShrugLower"]
    if strength:
        boss = np.array([0.0, shape.chin_y + 0.2 * shape.chin_size, shape.chin_z + shape.chin_size])
        size = (0.9 * shape.chin_size + 0.05, 0.7 * shape.chin_size + 0.04, 0.3)
        near = _near(vertices, boss, size)
        vertices[near] += _bump(vertices[near], boss, size) * np.array([0.0, 0.035, 0.030]) * strength


def _apply(moves: list[tuple[np.ndarray, np.ndarray]], vertices: np.ndarray) -> None:
    """Move vertices, after both sides were measured on the same skin, so that they stay alike."""
    for near, move in moves:
        vertices[near] += move


def _near(vertices: np.ndarray, centre: np.ndarray, size: tuple[float, float, float]) -> np.ndarray:
    """Indices of the vertices that a bump of this size reaches."""
    return np.flatnonzero((np.abs(vertices - centre) < 2.6 * np.asarray(size)).all(axis=1))


def _bump(vertices: np.ndarray, centre: np.ndarray, size: tuple[float, float, float]) -> np.ndarray:
    """A Gaussian around `centre`, (n, 1)."""
    return np.asarray(np.exp(-(((vertices - centre) / size) ** 2).sum(axis=1)))[:, None]
