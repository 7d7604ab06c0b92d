"""Looks of film, print and screen with flat colours or old chemistry: cel animation, vintage photograph, pixel art."""

import cv2
import numpy as np

from sfp_core.render.looks.colours import dark_ink, hsv, luminance, mix, pick, ramp, saturated, step
from sfp_core.render.looks.lines import contours, filled, random_pen
from sfp_core.render.looks.noise import blurred, cloud, grain
from sfp_core.render.looks.study import Study
from sfp_core.render.mesh import Part


def cel(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Animation paint: flat colour, one hard shadow, sometimes a light edge, lines of ink over a painted background."""
    base = saturated(study.albedo, rng.uniform(0.95, 1.4))
    lift = rng.uniform(0.0, 0.3)
    base = np.clip(base / max(study.skin_value, 0.12) ** lift, 0, 1)
    edge = rng.uniform(0.38, 0.6)
    soft = pick(rng, 0.02, 0.06)
    shadow = step(edge + soft, edge - soft, blurred(study.form, 0.8 * study.unit))
    shadow = shadow * (1 - 0.8 * study.mask(Part.EYE, Part.TEETH))
    tint = hsv(pick(rng, 0.62, 0.72, 0.82, 0.05) + rng.normal(0, 0.03), rng.uniform(0.2, 0.5), rng.uniform(0.6, 0.85))
    flat = mix(base, base * tint, shadow)
    if rng.random() < 0.4:
        bright = step(1.04, 1.08, blurred(study.shade, 0.6 * study.unit)) * study.cover
        flat = mix(flat, np.ones(3, np.float32), rng.uniform(0.2, 0.5) * bright)
    flat = mix(flat, study.picture, 0.6 * study.mask(Part.EYE))  # keeps the highlights
    kind = rng.random()
    if kind < 0.4:
        behind = np.broadcast_to(hsv(rng.random(), rng.uniform(0.05, 0.6), rng.uniform(0.5, 1.0)), flat.shape)
    elif kind < 0.75:
        behind = study.painted(study.muted(rng), study.flow(rng), size=5)
    else:
        ys = np.linspace(0, 1, study.size[0], dtype=np.float32)[:, None] + np.zeros(study.size, np.float32)
        behind = ramp([hsv(rng.random(), 0.4, 0.9), hsv(rng.random(), 0.4, 0.6)], ys)
    picture = mix(behind, flat, study.cover)
    pen = random_pen(rng, 0.9, 2.4)
    lines = np.maximum(contours(study, pen, rng), study.mask(Part.LID, sigma=0.6))
    if rng.random() < 0.35:  # self-coloured lines
        return np.asarray(mix(picture, picture * hsv(0.05, 0.3, 0.35), lines), dtype=np.float32)
    return mix(picture, dark_ink(rng, 0.4), lines)


def vintage_photo(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Silver, sepia or cyanotype; a soft lens, grain, faded corners, dust and scratches."""
    grey = luminance(study.picture)
    if rng.random() < 0.4:  # orthochromatic plates: blind to red
        grey = np.asarray(study.picture @ np.array([0.02, 0.4, 0.58], np.float32), dtype=np.float32)
    low, high = np.percentile(grey[study.cover > 0.5][::7] if study.seen.any() else grey, [1, 97])
    grey = np.clip((grey - float(low)) / max(float(high - low), 0.1), 0, 1) ** rng.uniform(0.7, 1.1)
    grey = 0.5 * grey + 0.5 * blurred(grey, rng.uniform(0.4, 1.6) * study.unit)
    fade = rng.uniform(-0.5, 0.4) * study.far() + 0.04 * cloud(rng, study.size, 80 * study.unit, 2)
    grey = np.clip(grey + fade + rng.uniform(0.02, 0.06) * grain(rng, study.size, 0.6 * study.unit), 0, 1)
    hue, saturation = ((0.08, 0.45), (0.1, 0.25), (0.58, 0.6), (0.0, 0.0))[int(rng.choice(4, p=[0.45, 0.2, 0.1, 0.25]))]
    black = hsv(hue, min(1.6 * saturation, 1), rng.uniform(0.08, 0.2))
    middle, white = hsv(hue, saturation, 0.58), hsv(hue, 0.3 * saturation, rng.uniform(0.85, 0.97))
    picture = ramp([black, middle, white], grey)
    dust = step(3.0, 3.6, grain(rng, study.size, 0.7 * study.unit))
    return mix(picture, white, 0.7 * dust)


def pixel_art(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Big pixels in few colours with ordered dithering; blocks lie evenly over the picture, so nothing moves."""
    block = rng.uniform(2.2, 3.4) * study.unit
    rows, columns = (max(round(length / block), 8) for length in study.size)
    pen = random_pen(rng, 1.2, 2.0)
    lines = np.maximum(0.7 * contours(study, pen, rng), filled(study, brow=0.8))
    drawn = mix(saturated(study.picture, rng.uniform(1.1, 1.6)), hsv(rng.random(), 0.4, 0.1), lines)
    small = np.asarray(cv2.resize(drawn, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.float32)
    order = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], dtype=np.float32) / 16 - 0.47
    dither = np.tile(order, (rows // 4 + 1, columns // 4 + 1))[:rows, :columns, None] * pick(rng, 0.0, 0.3, 0.6)
    levels = int(rng.integers(3, 7))
    stepped = np.clip(np.round(small * (levels - 1) + dither) / (levels - 1), 0, 1)
    if rng.random() < 0.3:  # an old hand-held screen of four greens or greys
        hue, saturation = pick(rng, 0.25, 0.1, 0.6), rng.uniform(0.1, 0.6)
        shades = [hsv(hue, saturation, value) for value in (0.15, 0.4, 0.68, 0.92)]
        grey = luminance(small)
        low, high = np.percentile(grey, [3, 97])
        grey = np.clip(np.round((grey - float(low)) / max(float(high - low), 0.2) * 3 + dither[..., 0]), 0, 3) / 3
        stepped = ramp(shades, grey)
    size = (study.size[1], study.size[0])
    return np.asarray(
        cv2.resize(stepped.astype(np.float32), size, interpolation=cv2.INTER_NEAREST_EXACT), dtype=np.float32
    )
