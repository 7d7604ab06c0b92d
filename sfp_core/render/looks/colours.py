"""Colours for looks: luminance, steps, ramps, random inks and papers. All colours are sRGB, 0 to 1."""

import colorsys
from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np

from sfp_core.compiled import compiled

Colour: TypeAlias = np.ndarray  # (3,) float32
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def luminance(rgb: np.ndarray) -> np.ndarray:
    """(..., 3) to (...), both 0..1."""
    return np.asarray(rgb @ _LUMA, dtype=np.float32)


def step(low: float | np.ndarray, high: float | np.ndarray, value: np.ndarray) -> np.ndarray:
    """A smooth step: 0 at `low`, 1 at `high`; `high` below `low` turns it round."""
    if isinstance(low, float) and isinstance(high, float) and value.ndim == 2 and value.dtype == np.float32:
        return np.asarray(_stepped(value, low, 1.0 / (high - low)))
    share = np.clip((value - low) / (np.asarray(high, dtype=np.float32) - low), 0.0, 1.0)
    return np.asarray(share * share * (3 - 2 * share), dtype=np.float32)


def mix(below: np.ndarray, above: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    """`above` over `below`: colours (..., 3), share (...) or one number, 0..1."""
    share = np.asarray(share, dtype=np.float32)
    if share.ndim == 2 and below.ndim == 3 and above.ndim in (1, 3):
        covering = np.broadcast_to(np.asarray(above, np.float32), below.shape if above.ndim == 3 else (1, 1, 3))
        return np.asarray(_mixed(np.asarray(below, np.float32), np.ascontiguousarray(covering), share))
    if share.ndim == 2:
        share = share[..., None]
    return np.asarray(below + (above - below) * share, dtype=np.float32)


def times(rgb: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Colours (H, W, 3), or one colour (3,), times numbers (H, W): (H, W, 3) float32."""
    colours = np.ascontiguousarray(rgb if rgb.ndim == 3 else rgb[None, None], dtype=np.float32)
    return np.asarray(_product(colours, np.asarray(factor, dtype=np.float32)))


@compiled
def _product(colours: np.ndarray, factor: np.ndarray) -> np.ndarray:
    rows, columns = factor.shape
    each = 1 if colours.shape[0] * colours.shape[1] == rows * columns else 0  # 0: one colour everywhere
    out = np.empty((rows, columns, 3), np.float32)
    for y in range(rows):
        for x in range(columns):
            for k in range(3):
                out[y, x, k] = colours[y * each, x * each, k] * factor[y, x]
    return out


@compiled
def _stepped(value: np.ndarray, low: float, slope: float) -> np.ndarray:
    first, by, three, two = np.float32(low), np.float32(slope), np.float32(3.0), np.float32(2.0)
    out = np.empty(value.shape, np.float32)
    for y in range(value.shape[0]):
        for x in range(value.shape[1]):
            share = min(max((value[y, x] - first) * by, np.float32(0.0)), np.float32(1.0))
            out[y, x] = share * share * (three - two * share)
    return out


@compiled
def _mixed(below: np.ndarray, above: np.ndarray, share: np.ndarray) -> np.ndarray:
    rows, columns = share.shape
    each = 1 if above.shape[0] * above.shape[1] == rows * columns else 0  # 0: one colour everywhere
    out = np.empty((rows, columns, 3), np.float32)
    for y in range(rows):
        for x in range(columns):
            for k in range(3):
                value = below[y, x, k]
                out[y, x, k] = value + (above[y * each, x * each, k] - value) * share[y, x]
    return out


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """Hue in turns, any number."""
    return np.array(colorsys.hsv_to_rgb(hue % 1.0, min(max(saturation, 0), 1), min(max(value, 0), 1)), np.float32)


def pick(rng: np.random.Generator, *values: float) -> float:
    """One of the values, as a plain number: NumPy's own would turn float32 pictures into float64."""
    return values[int(rng.integers(len(values)))]


def ramp(colours: Sequence[Colour], value: np.ndarray) -> np.ndarray:
    """Value 0..1 (H, W) to colours spread evenly from the first (0) to the last (1)."""
    table = np.stack(
        [
            np.interp(np.linspace(0, 1, 256), np.linspace(0, 1, len(colours)), [colour[k] for colour in colours])
            for k in range(3)
        ],
        axis=1,
    ).astype(np.float32)
    index = (np.clip(value, 0, 1) * 255 + 0.5).astype(np.uint8)
    return np.asarray(cv2.LUT(cv2.merge([index, index, index]), table[None]))


def saturated(rgb: np.ndarray, strength: float) -> np.ndarray:
    """Strength 0 is grey, 1 unchanged, more is stronger; clipped to 0..1."""
    mixing = strength * np.eye(3) + (1 - strength) * np.broadcast_to(_LUMA, (3, 3))
    return np.asarray(np.clip(cv2.transform(np.asarray(rgb, dtype=np.float32), mixing), 0, 1), dtype=np.float32)


def dark_ink(rng: np.random.Generator, colourful: float = 0.3) -> Colour:
    """Black or nearly: warm, cool, sepia, or (with chance `colourful`) a dark hue."""
    if rng.random() < colourful:
        return hsv(pick(rng, 0.62, 0.05, 0.75, 0.45, 0.0) + rng.normal(0, 0.02), 0.6, rng.uniform(0.15, 0.3))
    return hsv(pick(rng, 0.07, 0.62), rng.uniform(0, 0.4), rng.uniform(0.03, 0.14))


def paper_colour(rng: np.random.Generator, toned: float = 0.25) -> Colour:
    """White, cream or aged; with chance `toned` a brown, grey or blue paper."""
    if rng.random() < toned:
        hue = pick(rng, 0.09, 0.08, 0.11, 0.10, 0.58, 0.2)
        return hsv(hue, rng.uniform(0.1, 0.4 if hue < 0.15 else 0.2), rng.uniform(0.62, 0.82))
    return hsv(rng.uniform(0.09, 0.14), rng.uniform(0.0, 0.2), rng.uniform(0.9, 1.0))


def to_bytes(rgb: np.ndarray) -> np.ndarray:
    """(H, W, 3) 0..1 to uint8, clipped."""
    return np.asarray((np.clip(rgb, 0, 1) * 255 + 0.5).astype(np.uint8))
