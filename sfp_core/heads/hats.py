"""Hats and headbands, and how hair gives way under them."""

import numpy as np

from sfp_core.heads.domain import smoothstep
from sfp_core.heads.fitting import Fitting
from sfp_core.heads.grooming import ray
from sfp_core.heads.identity import Wear
from sfp_core.heads.solids import grid_faces, solid, sphere, unit
from sfp_core.render.mesh import Mesh, Part, merged

_COLUMNS = 64
_OFF = 0.105  # of a hat off the skin, head units
_PRESSED = 0.075  # hair under a hat is no thicker than this


def hat_line(fit: Fitting, azimuth: np.ndarray) -> np.ndarray:
    """Elevation of a hat's lower edge, rad: over the brows in front, over the ears, lower behind."""
    brow = np.arctan2(fit.brow_top + 0.10, float(fit.front_depth(np.array([[0.0, fit.brow_top + 0.1]]))[0]))
    front = float(np.clip(brow + 0.04, 0.50, 0.95))
    ear = fit.ears[0, 1] + fit.ear_size * 0.75
    side = float(np.clip(np.arctan2(ear, fit.ears[0, 0]), 0.16, 0.45))
    around = 0.5 + 0.5 * np.cos(azimuth)  # 1 in front, 0 behind
    return np.asarray(side + (front - side) * smoothstep(around, 0.40, 1.0) - 0.16 * smoothstep(-around, -0.45, 0.0))


def pressed(fit: Fitting, wear: Wear, hair: Mesh) -> Mesh:
    """The hair as it lies under the hat or headband that is worn."""
    if wear.hat in ("none", "crown") or len(hair.vertices) == 0:
        return hair
    vertices = np.asarray(hair.vertices, dtype=np.float64)
    distance = np.linalg.norm(vertices, axis=1)
    azimuth = np.arctan2(vertices[:, 0], vertices[:, 2])
    elevation = np.arcsin(np.clip(vertices[:, 1] / np.maximum(distance, 1e-9), -1, 1))
    over = elevation - hat_line(fit, azimuth)
    band = np.exp(-(((over - 0.10) / 0.10) ** 2))
    share = band if wear.hat == "headband" else smoothstep(over, -0.14, 0.02)
    room = fit.radius(vertices) + _PRESSED
    goal = np.minimum(distance, room)
    scale = (distance * (1 - share) + goal * share) / np.maximum(distance, 1e-9)
    return Mesh(vertices * scale[:, None], hair.faces, hair.colours, hair.gloss, hair.parts)


def hat_mesh(fit: Fitting, wear: Wear) -> Mesh:
    """The hat of one of the styles of `HATS` but "none"."""
    makers = {
        "brim": _brimmed, "cap": _cap, "beanie": _beanie, "top_hat": _top_hat, "crown": _crown, "headband": _headband,
    }  # fmt: skip
    return merged(makers[wear.hat](fit, wear))


def _azimuth() -> np.ndarray:
    return np.linspace(0, 2 * np.pi, _COLUMNS, endpoint=False)


def _dome(fit: Fitting, wear: Wear, *, off: float = _OFF, rows: int = 18, bulge: float = 0.0) -> Mesh:
    """Cloth over the skull from the hat line up; `bulge` lifts its top."""
    azimuth = _azimuth()
    low = hat_line(fit, azimuth)
    share = np.linspace(0, 1, rows)[:, None]
    elevation = low * (1 - share) + np.pi / 2 * share
    out = ray(np.broadcast_to(azimuth, elevation.shape), elevation)
    places = fit.on_skin(out, np.broadcast_to(off + bulge * np.sin(np.pi / 2 * share) ** 1.5, elevation.shape))
    inside = fit.on_skin(out[:1], 0.0)
    faces = grid_faces(rows + 1, _COLUMNS)
    return solid(
        np.concatenate([inside, places]).reshape(-1, 3), faces, wear.hat_colour,
        gloss=0.06, part=Part.WEAR,
    )  # fmt: skip


def _belt(fit: Fitting, *, off: float, low: float, high: float, rows: int = 9) -> np.ndarray:
    """A rounded band over the hat line between elevations `low` and `high` above it, (rows, _COLUMNS, 3)."""
    azimuth = _azimuth()
    share = np.linspace(0, 1, rows)[:, None]
    elevation = hat_line(fit, azimuth) + low + (high - low) * share
    out = ray(np.broadcast_to(azimuth, elevation.shape), elevation)
    lift = off * np.sin(np.pi * share) ** 0.35 - 0.02 * (np.sin(np.pi * share) < 1e-6)
    return fit.on_skin(out, np.broadcast_to(lift, elevation.shape))


def _edge(fit: Fitting, off: float) -> np.ndarray:
    azimuth = _azimuth()
    return fit.on_skin(ray(azimuth, hat_line(fit, azimuth)), off)


def _rim(edge: np.ndarray, width: np.ndarray, droop: np.ndarray, *, rows: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """A brim from the closed line `edge` (n, 3) outwards by `width` (n,), with an underside."""
    out = unit(edge * (1.0, 0.0, 1.0))
    share = np.linspace(0, 1, rows)[:, None, None]
    top = edge + out * (width[:, None] * share) + np.array([0.0, 1.0, 0.0]) * (droop[:, None] * share**1.6 + 0.012)
    under = top - (0.0, 0.028, 0.0)
    loop = np.concatenate([top, under[::-1]])
    return loop.reshape(-1, 3), grid_faces(2 * rows, len(edge))[:, ::-1]


def _brimmed(fit: Fitting, wear: Wear) -> list[Mesh]:
    azimuth = _azimuth()
    edge = _edge(fit, _OFF * 0.9)
    level = 0.35 * edge[:, 1].mean() + 0.65 * edge[:, 1]
    edge[:, 1] = level
    vertices, faces = _rim(edge, np.full(_COLUMNS, 0.44), 0.10 * np.cos(2 * azimuth) * -1 - 0.03)
    crown = _dome(fit, wear, off=_OFF, bulge=0.20)
    pinch = np.asarray(crown.vertices, dtype=np.float64).copy()
    top = smoothstep(pinch[:, 1], pinch[:, 1].max() - 0.35, pinch[:, 1].max())
    pinch[:, 1] -= 0.14 * top * np.exp(-((pinch[:, 0] / 0.16) ** 2))  # the crease along the crown
    band = _belt(fit, off=_OFF + 0.03, low=0.0, high=0.16).reshape(-1, 3)
    ribbon = np.asarray(wear.hat_colour) * 0.45
    return [
        Mesh(pinch, crown.faces, crown.colours, crown.gloss, crown.parts),
        solid(vertices, faces, np.asarray(wear.hat_colour) * 0.96, gloss=0.06, part=Part.WEAR),
        solid(band, grid_faces(9, _COLUMNS), ribbon, gloss=0.15, part=Part.WEAR),
    ]


def _cap(fit: Fitting, wear: Wear) -> list[Mesh]:
    azimuth = _azimuth()
    dome = _dome(fit, wear, off=_OFF, bulge=0.03)
    seam = np.abs(np.sin(3 * np.tile(azimuth, 19))) ** 0.25
    colours = dome.colours * (0.72 + 0.28 * seam)[:, None]
    edge = _edge(fit, _OFF * 0.95)
    front = smoothstep(np.cos(azimuth), 0.50, 0.80)
    vertices, faces = _rim(edge, 0.52 * front**0.6 + 0.004, -0.10 * front - 0.06 * front * np.sin(azimuth) ** 2)
    button, button_faces = sphere((0.05, 0.03, 0.05), around=14, down=8)
    top = fit.on_skin(np.array([[0.0, 1.0, 0.0]]), _OFF + 0.04)[0]
    return [
        Mesh(dome.vertices, dome.faces, np.clip(colours, 0, 1), dome.gloss, dome.parts),
        solid(vertices, faces, np.asarray(wear.hat_colour) * 0.78, gloss=0.10, part=Part.WEAR),
        solid(button + top, button_faces, np.asarray(wear.hat_colour) * 0.78, gloss=0.1, part=Part.WEAR),
    ]


def _beanie(fit: Fitting, wear: Wear) -> list[Mesh]:
    azimuth = _azimuth()
    dome = _dome(fit, wear, off=_OFF - 0.005, bulge=0.12)
    ribs = 1 + 0.10 * np.cos(32 * azimuth)
    colours = np.asarray(wear.hat_colour) * np.tile(ribs, 19)[:, None]
    cuff = _belt(fit, off=_OFF + 0.05, low=-0.05, high=0.24)
    darker = np.asarray(wear.hat_colour) * 0.82 * np.tile(ribs, 9)[:, None]
    ball, ball_faces = sphere((0.17, 0.17, 0.17), around=26, down=18)
    ball = ball * (1 + 0.10 * np.sin(38 * ball[:, :1]) * np.sin(41 * ball[:, 1:2]) * np.sin(39 * ball[:, 2:]))
    top = fit.on_skin(np.array([[0.0, 1.0, -0.12]]), _OFF + 0.22)[0]
    light = np.clip(np.asarray(wear.hat_colour) * 0.4 + 0.55, 0, 1)
    return [
        Mesh(dome.vertices, dome.faces, np.clip(colours, 0, 1), dome.gloss, dome.parts),
        solid(cuff.reshape(-1, 3), grid_faces(9, _COLUMNS), darker, gloss=0.04, part=Part.WEAR),
        solid(ball + top, ball_faces, light, gloss=0.03, part=Part.WEAR),
    ]  # fmt: skip


def _top_hat(fit: Fitting, wear: Wear) -> list[Mesh]:
    azimuth = _azimuth()
    edge = _edge(fit, _OFF * 0.8)
    edge[:, 1] = edge[:, 1].max() + 0.02 + 0.03 * np.cos(azimuth)
    edge[:, [0, 2]] = fit.on_skin(ray(azimuth, np.full(_COLUMNS, 0.62)), _OFF * 0.8)[:, [0, 2]]
    middle = edge.mean(axis=0)
    levels = np.array([(0.0, 1.0), (0.25, 0.97), (0.55, 0.98), (0.85, 1.06), (0.88, 1.04), (0.885, 0.9), (0.885, 0.0)])
    rows = [middle + (edge - middle) * (1.0, 1.0, 1.0) * share + (0.0, height, 0.0) for height, share in levels]
    sides = np.concatenate([rows[0], *rows])
    tone = np.repeat([0.35, 0.35, 0.35, 1.0, 1.0, 1.0, 0.95, 0.9], _COLUMNS)
    colour = np.asarray(wear.hat_colour)
    vertices, faces = _rim(edge, np.full(_COLUMNS, 0.27), 0.09 * np.sin(azimuth) ** 2 - 0.02)
    band = np.concatenate([middle + (edge - middle) * 1.025 + (0.0, h, 0.0) for h in (0.02, 0.10, 0.19)])
    return [
        solid(
            sides, grid_faces(8, _COLUMNS), colour * np.where(tone < 0.5, 0.9, tone)[:, None], gloss=0.2, part=Part.WEAR
        ),
        solid(vertices, faces, colour, gloss=0.2, part=Part.WEAR),
        solid(band, grid_faces(3, _COLUMNS), np.asarray(wear.cloth), gloss=0.2, part=Part.WEAR),
    ]


def _crown(fit: Fitting, wear: Wear) -> list[Mesh]:
    azimuth = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    ring = fit.on_skin(ray(azimuth, np.full(80, 0.82)), 0.06 + 0.6 * wear.hair_volume)
    ring[:, 1] = ring[:, 1].mean() + 0.04 * np.cos(azimuth)
    tooth = np.abs((azimuth * 8 / (2 * np.pi)) % 1.0 - 0.5) * 2
    height = 0.16 + 0.26 * tooth**1.4
    out = unit(ring * (1.0, 0.0, 1.0))
    outer = [
        ring,
        ring + (0, 0.05, 0) + out * 0.012,
        ring + np.array([0.0, 0.12, 0.0]),
        ring + out * 0.05 + height[:, None] * (0, 1, 0),
    ]
    inner = [row - out * 0.03 for row in outer[::-1]]
    loop = np.concatenate([*outer, *inner])
    gold = np.array([0.95, 0.74, 0.25])
    pieces = [solid(loop, grid_faces(8, 80), gold, gloss=0.6, part=Part.WEAR)]
    jewel, faces = sphere((0.05, 0.06, 0.03), around=12, down=8)
    for index in (0, 10, 20, 30, 40, 50, 60, 70):
        turn = np.stack([np.cross((0.0, 1.0, 0.0), out[index]), np.array([0.0, 1.0, 0.0]), out[index]])
        place = ring[index] + out[index] * 0.02 + (0, 0.11, 0)
        pieces.append(solid(jewel @ turn + place, faces, wear.hat_colour, gloss=0.9, part=Part.WEAR))
    return pieces


def _headband(fit: Fitting, wear: Wear) -> list[Mesh]:
    band = _belt(fit, off=_PRESSED + 0.035, low=0.02, high=0.19)
    return [solid(band.reshape(-1, 3), grid_faces(9, _COLUMNS), wear.hat_colour, gloss=0.08, part=Part.WEAR)]
