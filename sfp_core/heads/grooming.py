"""How strands of hair lie on a skull and fall from it: the scalp's grid, and locks that grow under a gentle pull."""

from dataclasses import dataclass

import numpy as np

from sfp_core.heads.domain import smoothstep
from sfp_core.heads.fitting import Fitting
from sfp_core.heads.solids import locks, unit

_BACK_OF_SKULL = np.array([0.0, 0.15, -0.10])  # the hair's outward direction is measured from about here, head units


def ray(azimuth: np.ndarray, elevation: np.ndarray) -> np.ndarray:
    """Directions (..., 3): azimuth 0 in front, above 0 towards +x; elevation above the horizon; both rad."""
    cosine = np.cos(elevation)
    return np.stack(np.broadcast_arrays(np.sin(azimuth) * cosine, np.sin(elevation), np.cos(azimuth) * cosine), axis=-1)


def hairline_elevation(azimuth: np.ndarray, hairline: float) -> np.ndarray:
    """Where the hair begins all around the head, rad above the horizon: temples, sideburns, over the ears, the nape."""
    around = np.abs((azimuth + np.pi) % (2 * np.pi) - np.pi)
    knots = np.array([0.0, 0.35, 0.62, 0.86, 1.05, 1.20, 1.34, 1.62, 1.95, 2.4, np.pi])
    front = hairline + np.array([-0.02, 0.0, 0.05, -0.08])
    line = np.concatenate([front, [0.62 * hairline, 0.14, -0.04, 0.16, -0.16, -0.42, -0.52]])
    return np.asarray(np.interp(around, knots, line))


def outwards(places: np.ndarray) -> np.ndarray:
    """Which way hair at these places (..., 3) looks: away from the skull, sideways below it."""
    centre = np.broadcast_to(_BACK_OF_SKULL, places.shape).copy()
    centre[..., 1] = np.minimum(places[..., 1], centre[..., 1])
    return unit(places - centre)


@dataclass(frozen=True)
class Growth:
    """How locks grow.

    Attributes
    ----------
    lengths : float
        Head units.
    pull : three floats
        Direction that bends the lock more and more, mostly down; its length is its strength a step.
    clearance : float
        Locks keep so far off the skin, head units.
    cling : float
        0..1: how much of a gap over the clearance each step closes, down to the jaw.
    stiffness : float
        0..1, share of the direction that a step keeps.
    """

    length: float
    pull: tuple[float, float, float] = (0.0, -0.35, 0.0)
    clearance: float = 0.05
    cling: float = 0.0
    stiffness: float = 1.0


def grow(
    fit: Fitting, roots: np.ndarray, towards: np.ndarray, growth: Growth, *, steps: int, scale: np.ndarray | float = 1.0
) -> np.ndarray:
    """Paths of locks, (L, steps + 1, 3).

    Parameters
    ----------
    roots : (L, 3)
        Where they leave the head.
    towards : (L, 3)
        First direction.
    scale : (L,) or float
        Of each lock's length.
    """
    step = np.broadcast_to(growth.length * np.asarray(scale) / steps, (len(roots),))[:, None]
    place, heading = roots, unit(towards)
    path = [place]
    for _ in range(steps):
        heading = unit(heading * growth.stiffness + np.asarray(growth.pull))
        place = place + heading * step
        distance = np.linalg.norm(place, axis=1)
        least = fit.radius(place) + growth.clearance
        inside = np.maximum(least - distance, 0.0)
        push = unit(place)
        sideways = unit(place * (1.0, 0.0, 1.0))
        low = smoothstep(-place[:, 1], 0.55, 0.85)[:, None]  # about the neck hair is held off sideways
        place = place + (push * (1 - low) + sideways * low) * np.minimum(inside, 0.25)[:, None]
        if growth.cling:
            gap = np.linalg.norm(place, axis=1) - fit.radius(place) - growth.clearance
            held = growth.cling * (1 - smoothstep(-place[:, 1], 0.35, 0.75))  # below the jaw hair hangs free
            place = place - unit(place) * (held * np.maximum(gap, 0.0))[:, None]
        path.append(place)
        heading = unit(place - path[-2])
    return np.stack(path, axis=1)


def taper(steps: int, *, root: float = 0.55, tip: float = 2.2) -> np.ndarray:
    """Share of a lock's full width along it, (steps,): widest at a third, a point at the end."""
    along = np.linspace(0.0, 1.0, steps)
    return np.asarray((root + (1 - root) * np.sin(np.pi * np.clip(along / 0.7, 0, 1) * 0.5)) * (1 - along**tip))


def lock_surface(
    paths: np.ndarray, widths: np.ndarray, *, flatness: float = 0.5, sides: int = 6
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Locks along paths (L, P, 3) with half widths (L, P).

    Returns
    -------
    vertices (n, 3), faces (m, 3), along (n,), shade (n,)
        `along` runs 0 root to 1 tip, `shade` is darker on the side that faces the head and at the root.
    """
    count, steps = paths.shape[:2]
    widths = np.broadcast_to(widths, (count, steps))
    vertices, faces = locks(paths, outwards(paths), widths, sides=sides, flatness=flatness)
    along = np.broadcast_to(np.linspace(0, 1, steps)[None, :, None], (count, steps, sides)).ravel()
    facing = np.cos(np.arange(sides) * 2 * np.pi / sides)
    shade = np.broadcast_to(
        np.where(facing > 0, 0.72 + 0.30 * facing, 0.72 + 0.20 * facing)[None, None], (count, steps, sides)
    ).ravel()
    return vertices, faces, along, shade * (0.82 + 0.18 * smoothstep(along, 0.0, 0.3))
