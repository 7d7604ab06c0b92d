"""Ambient occlusion from what the picture itself shows: creases get less of the light that comes from all sides.

Worked out for every second pixel of every second row, smoothed along surfaces and spread to all pixels. The taps turn
from pixel to pixel in a pattern of 4 x 4, which the smoothing takes out again exactly: no noise is left, and no bands.
"""

import math
from functools import cache

import numpy as np

from sfp_core.compiled import compiled, inlined
from sfp_core.render.view import Surfaces, View

_TAPS = 8
# A surface this much above the horizon, as a sine, takes no light yet: flat faces of a round form hide nothing.
_HORIZON = 0.10
# Of the mean over the taps: a right-angled crease then loses at its bottom about the third that is lost in nature.
_DARKNESS = 3.6
_NEAREST_PX, _FURTHEST_SHARE = 2.0, 0.2  # limits of the taps' reach in the picture
_FAR = np.float32(1e9)  # depth of nothing


def ambient_light(view: View, half: Surfaces, *, strength: float, radius: float) -> np.ndarray:
    """How much ambient light reaches every pixel.

    Parameters
    ----------
    half : Surfaces
        Of `view` in steps of 2.
    strength : float
        0..1: how dark the deepest crease gets.
    radius : float
        World units: surfaces further away than this take no light.

    Returns
    -------
    unoccluded : (H, W) float32
        0..1; 1 where empty.
    """
    near = half.inverse_depth
    depth = np.where(near > 0, 1.0 / np.where(near > 0, near, 1.0), _FAR).astype(np.float32)
    middle = (0.5 * view.width - 0.5) / 2, (0.5 * view.height - 0.5) / 2
    hidden = np.zeros_like(near)
    _gather(depth, half.normal, 2 * view.slope, middle[0], middle[1], radius, fan(_TAPS, 1.0), hidden)
    return lightened(hidden, near, view.inverse_depth, thickness=0.25 * radius, strength=strength)


@cache
def fan(taps: int, power: float) -> np.ndarray:
    """(16, taps, 3) float32: taps that spiral out, x, y and distance up to 1, turned for each of the phases.

    Distances are the taps' share in their number to this power: 0.5 spreads them evenly, 1 gathers them inside.
    """
    angle = np.arange(16)[:, None] * (2 * math.pi / 16) + np.arange(taps) * math.pi * (3.0 - math.sqrt(5.0))
    away = np.broadcast_to(((np.arange(taps) + 0.5) / taps) ** power, angle.shape)
    return np.stack([away * np.cos(angle), away * np.sin(angle), away], axis=-1).astype(np.float32)


@inlined
def phase(y: int, x: int) -> int:
    """Which of the 16 turns a pixel takes: each once in every 4 x 4, neighbours far apart."""
    return ((x & 3) * 4 + ((y + 2 * x) & 3) * 5) & 15


def lightened(
    dark: np.ndarray, near: np.ndarray, all_near: np.ndarray, *, thickness: float, strength: float
) -> np.ndarray:
    """The light that is left: darkness of every second pixel, smoothed along its surface and spread to all pixels.

    Parameters
    ----------
    dark, near : (h, w) float32
        Of the pixels in even rows and columns: light lost, 0..1, and inverse depth, 0 where empty.
    all_near : (H, W) float32
        Inverse depth of all pixels.
    thickness : float
        World units: depths that differ by more belong to different surfaces.
    strength : float
        0..1: the light lost where it is darkest.

    Returns
    -------
    (H, W) float32
        0..1; 1 where empty.
    """
    across = np.zeros_like(dark)
    _smooth(dark, near, thickness, across, 0, 1)
    smooth = np.zeros_like(dark)
    _smooth(across, near, thickness, smooth, 1, 0)
    result = np.ones(all_near.shape, dtype=np.float32)
    _spread(smooth, near, all_near, thickness, strength, result)
    return result


@compiled
def _gather(
    depth: np.ndarray,
    normal: np.ndarray,
    slope: float,
    middle_x: float,
    middle_y: float,
    radius: float,
    directions: np.ndarray,
    hidden: np.ndarray,
) -> None:
    height, width = depth.shape
    reach = 1.0 / (radius * radius)
    taps = directions.shape[1]
    for y in range(height):
        for x in range(width):
            here = depth[y, x]
            if here >= _FAR:
                continue
            px, py = (x - middle_x) * slope * here, (middle_y - y) * slope * here
            nx, ny, nz = normal[y, x, 0], normal[y, x, 1], normal[y, x, 2]
            pixels = min(max(radius / (slope * here), _NEAREST_PX), _FURTHEST_SHARE * height)
            turned = phase(y, x)
            total = 0.0
            for tap in range(taps):  # without branches: a tap on nothing is far away and fades to 0
                at_x = min(max(int(x + 0.5 + pixels * directions[turned, tap, 0]), 0), width - 1)
                at_y = min(max(int(y + 0.5 + pixels * directions[turned, tap, 1]), 0), height - 1)
                other = depth[at_y, at_x]
                vx = (at_x - middle_x) * slope * other - px
                vy = (middle_y - at_y) * slope * other - py
                vz = here - other
                squared = vx * vx + vy * vy + vz * vz
                fade = max(1.0 - squared * reach, 0.0)
                total += fade * max((vx * nx + vy * ny + vz * nz) / math.sqrt(squared + 1e-12) - _HORIZON, 0.0)
            hidden[y, x] = min(_DARKNESS * total / taps, 1.0)


@compiled
def _smooth(
    values: np.ndarray, near: np.ndarray, thickness: float, result: np.ndarray, step_y: int, step_x: int
) -> None:
    """Weights 1 2 2 2 1 along rows or columns: every phase of a pattern of 4 counts the same."""
    height, width = values.shape
    for y in range(height):
        for x in range(width):
            if near[y, x] <= 0:
                continue
            # Depths differ by thickness where inverse depths differ by about this.
            scale = 1.0 / (thickness * near[y, x] * near[y, x])
            total, weights = 2.0 * values[y, x], 2.0
            for step in (-2, -1, 1, 2):
                at_y, at_x = y + step * step_y, x + step * step_x
                if at_y < 0 or at_x < 0 or at_y >= height or at_x >= width or near[at_y, at_x] <= 0:
                    continue
                weight = max(1.0 - abs(near[at_y, at_x] - near[y, x]) * scale, 0.0)
                if abs(step) == 1:
                    weight *= 2.0
                total += weight * values[at_y, at_x]
                weights += weight
            result[y, x] = total / weights


@compiled
def _spread(
    values: np.ndarray, near: np.ndarray, all_near: np.ndarray, thickness: float, strength: float, result: np.ndarray
) -> None:
    height, width = values.shape
    for y in range(all_near.shape[0]):
        for x in range(all_near.shape[1]):
            here = all_near[y, x]
            if here <= 0:
                continue
            scale = 1.0 / (thickness * here * here)
            total = weights = 0.0
            for at_y in range(y >> 1, min((y + 1) >> 1, height - 1) + 1):
                for at_x in range(x >> 1, min((x + 1) >> 1, width - 1) + 1):
                    if near[at_y, at_x] <= 0:
                        continue
                    weight = 1e-4 + max(1.0 - abs(near[at_y, at_x] - here) * scale, 0.0)
                    total += weight * values[at_y, at_x]
                    weights += weight
            if weights > 0:
                result[y, x] = 1.0 - strength * total / weights
