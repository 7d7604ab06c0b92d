"""Compiled brushes: strokes drawn along a flow, dabs of paint, and the filter that turns a picture into patches."""

import numpy as np

from sfp_core.compiled import compiled


def streaks(noise: np.ndarray, angle: np.ndarray, reach: int) -> np.ndarray:
    """Smear noise along a flow, so that it looks like strokes.

    Parameters
    ----------
    noise : (H, W) float32
    angle : (H, W) float32
        Radians, of the flow; x to the right, y down. Its sign does not matter.
    reach : int
        Pixels to go each way, at least 1.

    Returns
    -------
    smeared : (H, W) float32
        Mean of the noise along the flow, times the square root of the number of steps: white noise keeps its spread.
    """
    padded = np.pad(noise, reach + 1, mode="symmetric")
    return np.asarray(_smeared(padded, np.cos(angle), np.sin(angle), reach))


@compiled
def _smeared(padded: np.ndarray, along_x: np.ndarray, along_y: np.ndarray, reach: int) -> np.ndarray:
    height, width = along_x.shape
    out = np.empty((height, width), np.float32)
    one = np.float32(65536.0)
    scale = np.float32(1.0 / np.sqrt(2.0 * reach + 1.0))
    for y in range(height):
        for x in range(width):
            # Strokes are short: a straight one does. 16-bit fixed point, as rounding costs more than the rest.
            dx, dy = int(along_x[y, x] * one), int(along_y[y, x] * one)
            px = ((x + reach + 1) << 16) + 32768 - reach * dx
            py = ((y + reach + 1) << 16) + 32768 - reach * dy
            total = np.float32(0.0)
            for _ in range(2 * reach + 1):
                total += padded[py >> 16, px >> 16]
                px += dx
                py += dy
            out[y, x] = total * scale
    return out


@compiled
def patches(
    mean: np.ndarray, spread: np.ndarray, angle: np.ndarray, along: float, across: float, sharpness: float
) -> np.ndarray:
    """Anisotropic Kuwahara filter with Gaussian sectors: each pixel takes the colour of its most even neighbourhoods.

    Parameters
    ----------
    mean : (H, W, 3) float32
        The picture smoothed by the sectors' Gaussian.
    spread : (H, W) float32
        The variance under the same Gaussian.
    angle : (H, W) float32
        Radians, of the flow.
    along, across : float
        Pixels from a pixel to the middles of its six sectors, along and across the flow.
    sharpness : float
        The larger, the more the most even sector wins.

    Returns
    -------
    patches : (H, W, 3) float32
    """
    height, width = angle.shape
    out = np.empty_like(mean)
    along_x, along_y = np.cos(angle), np.sin(angle)
    round_x, round_y = np.empty(6, np.float32), np.empty(6, np.float32)
    for k in range(6):
        round_x[k], round_y[k] = along * np.cos(k * np.pi / 3), across * np.sin(k * np.pi / 3)
    gain = np.float32(sharpness)
    for y in range(height):
        for x in range(width):
            c, s = along_x[y, x], along_y[y, x]
            red = green = blue = total = np.float32(0.0)
            middle_x, middle_y = np.float32(x) + np.float32(0.5), np.float32(y) + np.float32(0.5)
            for k in range(6):
                ix = int(middle_x + c * round_x[k] - s * round_y[k])
                iy = int(middle_y + s * round_x[k] + c * round_y[k])
                ix, iy = min(max(ix, 0), width - 1), min(max(iy, 0), height - 1)
                weight = np.float32(1.0) / (np.float32(1e-3) + gain * spread[iy, ix])
                weight *= weight
                weight *= weight
                red += weight * mean[iy, ix, 0]
                green += weight * mean[iy, ix, 1]
                blue += weight * mean[iy, ix, 2]
                total += weight
            out[y, x, 0], out[y, x, 1], out[y, x, 2] = red / total, green / total, blue / total
    return out


@compiled
def dabs(
    ground: np.ndarray,
    relief: np.ndarray,
    group: np.ndarray,
    places: np.ndarray,
    angles: np.ndarray,
    sizes: np.ndarray,
    colours: np.ndarray,
    bristles: np.ndarray,
    opacity: float,
) -> None:
    """Lay dabs of paint, one after the other, onto `ground` and `relief`, which are changed.

    A dab covers only pixels of the group under its middle, so that no feature's border moves.

    Parameters
    ----------
    ground : (H, W, 3) float32
    relief : (H, W) float32
        Thickness of the paint.
    group : (H, W) uint8
    places : (N, 2) int32
        Pixel of each middle: x, y, inside the picture.
    angles : (N,) float32
        Radians.
    sizes : (N, 2) float32
        Half length and half width, pixels.
    colours : (N, 3) float32
    bristles : (M,) float32
        0..1, the paint's share for every pixel of the brush's width; every dab reads from a place of its own.
    opacity : float
        0..1.
    """
    height, width = group.shape
    one, three, half = np.float32(1.0), np.float32(3.0), np.float32(0.5)
    opaque = np.float32(opacity)
    for n in range(len(places)):
        cx, cy = places[n, 0], places[n, 1]
        c, s = np.cos(angles[n]), np.sin(angles[n])
        half_length, half_width = sizes[n, 0], sizes[n, 1]
        mine = group[cy, cx]
        reach_x = int(abs(c) * half_length + abs(s) * half_width + one)
        reach_y = int(abs(s) * half_length + abs(c) * half_width + one)
        first = (n * 7) % (len(bristles) - 64)
        u_step, v_step = c / half_length, -s / half_width
        left, right = max(cx - reach_x, 0), min(cx + reach_x + 1, width)
        for y in range(max(cy - reach_y, 0), min(cy + reach_y + 1, height)):
            dx, dy = np.float32(left - cx), np.float32(y - cy)
            u = (c * dx + s * dy) / half_length - u_step
            v = (c * dy - s * dx) / half_width - v_step
            for x in range(left, right):
                u += u_step
                v += v_step
                away = u * u * u * u + v * v
                if away >= one or group[y, x] != mine:
                    continue
                hair = bristles[first + min(int((v + one) * half_width), 63)]
                share = opaque * hair * min(one, three * (one - away))
                ground[y, x, 0] += share * (colours[n, 0] - ground[y, x, 0])
                ground[y, x, 1] += share * (colours[n, 1] - ground[y, x, 1])
                ground[y, x, 2] += share * (colours[n, 2] - ground[y, x, 2])
                relief[y, x] += share * (hair * (one - half * v * v) - relief[y, x])
