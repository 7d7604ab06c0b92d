"""Neck, shoulders and what they wear: a bust on which a head stands."""

import numpy as np

from sfp_core.heads.domain import smoothstep
from sfp_core.heads.fitting import Fitting
from sfp_core.heads.identity import Look, Wear
from sfp_core.heads.solids import grid_faces, ring_tube, solid, unit
from sfp_core.render.mesh import Mesh, Part, merged

_COLUMNS = 44
_NECK_Z = -0.17  # of the neck's middle at its foot, head units
_FOOT = -1.22  # where the neck meets the shoulders
_LOWER_BODY = 2.5  # head units


def _foot(fit: Fitting) -> float:
    """Height at which the neck meets the shoulders: a little under the chin."""
    return float(min(_FOOT, fit.chin[1] - 0.17))


def _body(fit: Fitting, rows: np.ndarray, lift: float) -> np.ndarray:
    """Points (len(rows), _COLUMNS, 3) of neck, shoulders and chest; rows run 0 at the neck's top to 1 at the chest."""
    turn = np.linspace(0, 2 * np.pi, _COLUMNS, endpoint=False)
    neck, foot = fit.neck_radius, _foot(fit)
    wide, deep = 0.66 + 0.95 * neck, 0.34 + 0.42 * neck
    knots = np.array([0.0, 0.22, 0.36, 0.50, 0.66, 0.82, 1.0])
    throat = [0.86 * neck, 1.08 * neck + 0.015, 1.24 * neck]  # around the head's own neck, from inside the jaw down
    x = np.interp(rows, knots, [*throat, 0.55 * wide + 0.3 * neck, 0.92 * wide, 1.05 * wide, 1.06 * wide])
    z = np.interp(rows, knots, [*throat, 0.62 * deep + 0.3 * neck, 0.95 * deep, 1.08 * deep, 1.15 * deep])
    y = foot + np.interp(rows, knots, [0.46, 0.20, 0.0, -0.12, -0.28, -0.58, -1.15])
    slope = smoothstep(rows, 0.30, 0.60)[:, None]
    sideways = np.sin(turn)[None]
    across = (x[:, None] + lift) * np.sign(sideways) * np.abs(sideways) ** (1 - 0.18 * slope)
    along = (z[:, None] + lift) * np.cos(turn)[None] + _NECK_Z
    down = y[:, None] - 0.10 * slope * np.cos(turn)[None] * (rows[:, None] < 0.75) - 0.05 * slope * sideways**2
    return np.stack(np.broadcast_arrays(across, down, along), axis=-1)


def bust_mesh(fit: Fitting, look: Look, wear: Wear) -> Mesh:
    """Neck, shoulders and clothes; all of it holds still."""
    bare = wear.clothes == "none"
    skin_rows = np.linspace(0.0, 1.0 if bare else 0.50, 12)
    body = _body(fit, skin_rows, 0.0)
    if bare:
        skin_rows, body = np.append(skin_rows, 1.0), _lengthened(body)
    skin = solid(
        body.reshape(-1, 3), grid_faces(len(skin_rows), _COLUMNS)[:, ::-1], look.skin, gloss=0.08, part=Part.SKIN
    )
    if wear.clothes == "none":
        return skin
    pieces = [skin, _shirt(fit, wear)]
    if wear.clothes == "collar":
        pieces.append(_collar(fit, wear))
    elif wear.clothes == "high_neck":
        pieces.append(_roll(fit, wear, height=0.16, thick=0.105, folds=2))
    elif wear.clothes == "scarf":
        pieces.append(_scarf(fit, wear))
    return merged(pieces)


def _lengthened(body: np.ndarray) -> np.ndarray:
    """The rows of a body with one more far below, so that no picture shows where it ends."""
    return np.concatenate([body, body[-1:] * (1.1, 1.0, 1.1) - (0.0, _LOWER_BODY, 0.0)])


def _shirt(fit: Fitting, wear: Wear) -> Mesh:
    """From a hem around the neck down over the chest, a little off the skin."""
    start = 0.24 if wear.clothes == "high_neck" else 0.40
    rows = np.concatenate([[start - 0.004, start], np.linspace(start, 1.0, 12)[1:]])
    body = _lengthened(_body(fit, rows, 0.030))
    rows = np.append(rows, 1.0)
    body[0] = _body(fit, rows[:1], -0.03)[0]  # the hem is closed against the skin
    turn = np.linspace(0, 2 * np.pi, _COLUMNS, endpoint=False)
    front = np.exp(-((np.minimum(turn, 2 * np.pi - turn) / 0.9) ** 2)) * (wear.clothes != "high_neck")
    neckline = front * np.exp(-np.maximum(rows - start, 0) / 0.12)[:, None]
    body[..., 1] -= 0.08 * neckline
    body[..., 2] += 0.09 * neckline
    fold = 1 + 0.05 * np.sin(9 * turn)[None] * (rows[:, None] > 0.55)
    hem = np.where(np.arange(len(rows))[:, None] < 3, 0.82, 1.0)
    colours = np.asarray(wear.cloth) * (fold * hem)[..., None]
    faces = grid_faces(len(rows), _COLUMNS)[:, ::-1]
    return solid(body.reshape(-1, 3), faces, colours.reshape(-1, 3), gloss=0.05, part=Part.WEAR)


def _collar(fit: Fitting, wear: Wear) -> Mesh:
    """Two wings that fold over, open in front."""
    columns, rows = 41, 7
    turn = np.linspace(0.16, 2 * np.pi - 0.16, columns)
    front = np.exp(-((np.minimum(turn, 2 * np.pi - turn) / 0.75) ** 2))
    neck, foot = fit.neck_radius, _foot(fit)
    share = np.linspace(0, 1, rows)[:, None]
    radius = neck + 0.045 + 0.16 * share**1.3 + 0.05 * np.sin(np.pi * share)
    top, bottom = foot + 0.15 - 0.12 * front, foot - 0.06 - 0.26 * front
    y = top * (1 - share) + bottom * share + 0.03 * np.sin(np.pi * share)
    reach = radius + 0.16 * front * share
    places = np.stack(
        np.broadcast_arrays(reach * 1.06 * np.sin(turn), y, reach * np.cos(turn) + _NECK_Z + 0.02), axis=-1
    )
    inner = places - unit(places * (1.0, 0.0, 1.0)) * 0.03
    loop = np.concatenate([inner[::-1], places])
    colours = np.clip(np.asarray(wear.cloth) * 1.25 + 0.12, 0, 1)
    return solid(loop.reshape(-1, 3), grid_faces(2 * rows, columns, closed=False), colours, gloss=0.05, part=Part.WEAR)


def _roll(fit: Fitting, wear: Wear, *, height: float, thick: float, folds: int) -> Mesh:
    """Cloth rolled around the neck."""
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    out = np.stack([np.sin(turn), np.zeros(48), np.cos(turn)], axis=-1)
    pieces = []
    for fold in range(folds):
        radius = fit.neck_radius + 0.45 * thick + 0.035 * fold
        path = out * (radius, 0, radius) + (0.0, _foot(fit) + height * (1 - 0.75 * fold), _NECK_Z + 0.02)
        path[:, 1] -= 0.05 * np.cos(turn)
        vertices, faces = ring_tube(path, thick, sides=12, outwards=out)
        ribs = np.repeat(1 + 0.07 * np.sin(np.arange(49) * np.pi), 12)[:, None]
        pieces.append(solid(vertices, faces, np.asarray(wear.cloth) * 1.08 * ribs, gloss=0.04, part=Part.WEAR))
    return merged(pieces)


def _scarf(fit: Fitting, wear: Wear) -> Mesh:
    """Two thick turns around the neck and an end that hangs down in front."""
    colour = np.asarray(wear.hat_colour)
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    out = np.stack([np.sin(turn), np.zeros(48), np.cos(turn)], axis=-1)
    pieces = []
    for level, (grow, tilt) in enumerate(((0.06, 0.06), (0.11, -0.08))):
        radius = fit.neck_radius + grow
        path = out * (radius * 1.08, 0, radius) + (0.0, _foot(fit) + 0.13 - 0.14 * level, _NECK_Z + 0.02)
        path[:, 1] += tilt * np.sin(turn) - 0.04 * np.cos(turn)
        vertices, faces = ring_tube(path, 0.125, sides=12, outwards=out)
        stripes = np.where(np.arange(49) // 4 % 3 == 0, 1.25, 1.0)
        pieces.append(solid(vertices, faces, colour * np.repeat(stripes, 12)[:, None], gloss=0.04, part=Part.WEAR))
    columns, rows = 9, 12
    across, down = np.linspace(-0.15, 0.15, columns), np.linspace(0.0, 0.85, rows)[:, None]
    x = across * (1 + 0.25 * down) + 0.22
    bulge = 0.05 * np.sqrt(np.clip(1 - (across / 0.16) ** 2, 0, 1))
    front = _body(fit, np.array([0.6]), 0.0)[0, :, 2].max()
    z = np.minimum(fit.neck_radius + 0.05 + 0.35 * down, front + 0.10) + bulge
    flap = np.stack(np.broadcast_arrays(x, _foot(fit) - 0.02 - down, z + 0.02), axis=-1)
    stripes = np.where(np.arange(rows)[:, None] // 2 % 3 == 0, 1.25, 1.0)
    tone = np.broadcast_to(stripes, (rows, columns)).reshape(-1, 1)
    faces = grid_faces(rows, columns, closed=False)
    pieces.append(solid(flap.reshape(-1, 3), faces, colour * tone, gloss=0.04, part=Part.WEAR))
    return merged(pieces)
