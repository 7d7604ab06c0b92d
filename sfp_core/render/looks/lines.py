"""Ink lines from the layers: borders between parts, steps in depth, folds, and dark detail of the picture."""

from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import cv2
import numpy as np

from sfp_core.compiled import compiled
from sfp_core.render.looks.colours import step
from sfp_core.render.looks.noise import blurred, cloud
from sfp_core.render.looks.study import EYE_PARTS, INNER_MOUTH_PARTS, MOUTH_PARTS, Study
from sfp_core.render.mesh import Part


@dataclass(frozen=True)
class Pen:
    """How a hand draws lines.

    Attributes
    ----------
    weight : float
        Width of an ordinary line, units.
    pressure : float
        0..1: how far the width swells and thins along a line.
    shadow_side : float
        0..1: how much heavier lines are on the side away from the light, here below and to the right.
    detail : float
        0..1: folds and small dark things drawn; 0 only borders.
    """

    weight: float = 1.5
    pressure: float = 0.4
    shadow_side: float = 0.4
    detail: float = 0.6


def random_pen(rng: np.random.Generator, thinnest: float, thickest: float) -> Pen:
    """A pen with a weight between the two (units), and a hand of its own."""
    return Pen(rng.uniform(thinnest, thickest), rng.uniform(0.1, 0.6), rng.uniform(0, 0.7), rng.uniform(0.35, 0.9))


def border(soft: np.ndarray, sigma_px: float, width_px: np.ndarray, shadow_side: float = 0.0) -> np.ndarray:
    """(H, W) 0..1: a line along the half-way curve of a mask (H, W) that a Gaussian of `sigma_px` has smoothed."""
    ink = np.zeros(soft.shape, dtype=np.float32)
    _draw_border(ink, soft, np.asarray(width_px, dtype=np.float32), shadow_side, _distances(round(sigma_px, 1)))
    return ink


@cache
def _distances(sigma_px: float) -> np.ndarray:
    """(1024,) float32: for a mask's value 0..1, the distance (pixels) from its border times its steepness there.

    A hard edge smoothed by a Gaussian rises as the normal distribution does. The steepness is what half the difference
    of the two neighbours gives.
    """
    normal = NormalDist()
    deviations = np.array([normal.inv_cdf((k + 0.5) / 1024) for k in range(1024)])
    rise = [0.5 * (normal.cdf(z + 1 / sigma_px) - normal.cdf(z - 1 / sigma_px)) for z in deviations]
    return np.asarray(np.abs(deviations) * sigma_px * rise, dtype=np.float32)


@compiled
def _draw_border(
    ink: np.ndarray, soft: np.ndarray, width_px: np.ndarray, shadow_side: float, distance: np.ndarray
) -> None:
    side = np.float32(shadow_side)
    height, width = ink.shape
    for y in range(height):
        for x in range(width):
            value = soft[y, x]
            if value < 0.004 or value > 0.996:
                continue
            left, right = soft[y, max(x - 1, 0)], soft[y, min(x + 1, width - 1)]
            over, under = soft[max(y - 1, 0), x], soft[min(y + 1, height - 1), x]
            along_x, along_y = np.float32(0.5) * (right - left), np.float32(0.5) * (under - over)
            steep = np.sqrt(along_x * along_x + along_y * along_y) + np.float32(1e-4)
            wide = width_px[y, x]
            # The second term is 1 where the mask ends below or to the right.
            wide *= np.float32(1.0) - side * (np.float32(0.5) * along_x + np.float32(0.85) * along_y) / steep
            reach = np.float32(0.5) * wide + np.float32(0.5) - distance[int(value * 1023 + np.float32(0.5))] / steep
            ink[y, x] = max(ink[y, x], min(max(reach, 0), 1) * min(max(wide, 0), 1))


def folds(study: Study) -> np.ndarray:
    """(H, W) float32: how sharply the surface folds inwards, 1 for a clear crease; 0 where empty or rounded."""
    right, up, _ = cv2.split(study.layers.normal)
    # The normal's y is up, the picture's is down.
    bend = np.asarray(cv2.Sobel(blurred(up, study.unit), cv2.CV_32F, 0, 1, scale=0.125), dtype=np.float32)
    bend -= np.asarray(cv2.Sobel(blurred(right, study.unit), cv2.CV_32F, 1, 0, scale=0.125))
    inside = blurred(study.seen.astype(np.float32), 1.5 * study.unit) > 0.97
    return np.asarray(np.clip(bend * np.float32(study.unit) * 7, 0, 1) * inside, dtype=np.float32)


def steps_in_depth(study: Study) -> np.ndarray:
    """(H, W) float32: 0..1, on the near side of where one surface hides another inside the mesh."""
    kernel = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], dtype=np.float32)
    depth = study.layers.inverse_depth * np.float32(1 / study.depths[1])
    drop = -np.asarray(cv2.filter2D(depth, cv2.CV_32F, kernel), dtype=np.float32)
    inside = blurred(study.seen.astype(np.float32), 1.0 * study.unit) > 0.95
    return blurred(np.clip((drop - 0.06) * 14, 0, 1) * inside, 0.45)


def dark_detail(study: Study, sigma: float = 1.1) -> np.ndarray:
    """(H, W) float32: 0..1 where the picture is darker than its surroundings: nostrils, wrinkles, locks, freckles."""
    value = np.where(study.seen, study.light, np.float32(study.skin_value))
    wide = blurred(value, 2.2 * sigma * study.unit)
    return np.asarray(step(0.06, 0.30, (wide - blurred(value, sigma * study.unit)) / (wide + 0.1)))


def contours(study: Study, pen: Pen, rng: np.random.Generator) -> np.ndarray:
    """All lines of a drawing.

    Returns
    -------
    ink : (H, W) float32
        0 none to 1 full. Lines lie on the borders of the parts, brows and lashes are not filled.
    """
    swell = 1 + pen.pressure * 0.6 * np.clip(cloud(rng, study.size, 22 * study.unit), -1.4, 1.6)
    width = np.float32(pen.weight * study.unit) * swell
    shadow_side = pen.shadow_side
    sigma, sigma_px = 0.9, 0.9 * max(study.unit, 0.6)
    distances = _distances(round(sigma_px, 1))
    ink = border(blurred(study.cover, sigma_px), sigma_px, width * 1.15, shadow_side)
    for parts, weight in (
        ((Part.HAIR,), 1.0),
        (EYE_PARTS, 1.1),
        (MOUTH_PARTS, 0.75),
        (INNER_MOUTH_PARTS, 1.0),
        ((Part.WEAR,), 0.95),
        ((Part.HAND,), 1.0),
    ):
        _draw_border(ink, study.mask(*parts, sigma=sigma), width * np.float32(weight), shadow_side, distances)
    ink = np.maximum(ink, step(0.15, 0.5, steps_in_depth(study)) * np.clip(0.85 * width, 0.4, 1))
    iris = blurred(study.iris.astype(np.float32), sigma_px)
    ink = np.maximum(ink, border(iris, sigma_px, width * 0.7) * study.mask(Part.EYE))
    if pen.detail > 0:
        creases = step(0.75 - 0.45 * pen.detail, 0.95, folds(study)) * np.clip(0.8 * width, 0.3, 1)
        small = step(1.0 - 0.7 * pen.detail, 1.15 - 0.5 * pen.detail, dark_detail(study))
        detail = np.maximum(creases, small * np.clip(0.7 * width, 0.3, 1))
        ink = np.maximum(ink, detail * (1 - study.mask(Part.EYE)))
    return np.asarray(ink, dtype=np.float32)


def filled(study: Study, brow: float = 1.0) -> np.ndarray:
    """(H, W) float32: 0..1, what a pen fills in black: pupils, dark irises, lashes, the inside of the mouth, brows."""
    dark_eye = study.mask(Part.EYE) * step(0.42, 0.24, study.eye_value)
    ink = np.maximum(dark_eye, study.mask(Part.LID, Part.MOUTH, sigma=0.6))
    return np.asarray(np.maximum(ink, np.float32(brow) * study.mask(Part.BROW, sigma=0.6)))


def ruled(study: Study, angle_deg: float, spacing: float, bend: float, offset: np.ndarray | float = 0.0) -> np.ndarray:
    """Parallel lines that bend over the form, as a distance field.

    Parameters
    ----------
    angle_deg : float
        Of the lines on flat paper: 0 is level.
    spacing : float
        Between two lines, units.
    bend : float
        0 straight; 1 as if drawn on the relief, seen from the side.
    offset : (H, W) or float
        Added to the phase, in lines: the hand's unsteadiness.

    Returns
    -------
    share : (H, W) float32
        0 on a line's middle, 1 half-way to the next: below a darkness it is ink.
    """
    theta = np.deg2rad(angle_deg)
    flat = study.down * np.float32(np.cos(theta)) - study.across * np.float32(np.sin(theta))
    across = flat + np.float32(bend) * study.relief
    phase = across / np.float32(spacing * study.unit) + offset
    return np.asarray(2 * np.abs(phase - np.floor(phase) - 0.5), dtype=np.float32)


def inked(share: np.ndarray, darkness: np.ndarray, spacing_px: float) -> np.ndarray:
    """(H, W) 0..1: lines of `ruled` whose width follows `darkness` (0..1, the part of the paper that is covered)."""
    return np.asarray(
        np.clip((darkness - share) * np.float32(0.5 * max(spacing_px, 2)) + 0.5, 0, 1) * (darkness > 0.02)
    )
