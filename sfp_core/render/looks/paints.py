"""Painted looks: watercolour, gouache, oil, impasto, pointillism, fauvist, old master."""

import cv2
import numpy as np

from sfp_core.render.looks.colours import Colour, hsv, luminance, mix, paper_colour, pick, ramp, saturated, step, times
from sfp_core.render.looks.lines import Pen, contours, filled
from sfp_core.render.looks.noise import blurred, canvas, cloud, cracks, grain, paper, stretched
from sfp_core.render.looks.strokes import dabs, streaks
from sfp_core.render.looks.study import Study
from sfp_core.render.mesh import Part


def brushed(
    study: Study,
    rng: np.random.Generator,
    colours: np.ndarray,
    flow: np.ndarray,
    *,
    length: float,
    width: float,
    cover: float,
    jitter: float,
    opacity: float = 0.9,
) -> tuple[np.ndarray, np.ndarray]:
    """Paint `colours` (H, W, 3) in dabs along `flow`, larger ones first.

    Parameters
    ----------
    length, width : float
        Half sizes of the smallest dabs, units.
    cover : float
        How many times the dabs of one size cover the picture.
    jitter : float
        Spread of the dabs' colours, 0..1.

    Returns
    -------
    painted : (H, W, 3) float32
    relief : (H, W) float32
        0..1: thickness of the paint.
    """
    painted = np.array(colours, dtype=np.float32)
    relief = np.full(study.size, 0.4, dtype=np.float32)
    bristles = np.clip(0.75 + 0.3 * stretched(rng, (1, 256), 1, 1.5)[0] + 0.15 * rng.standard_normal(256), 0.05, 1)
    for scale in (1.8, 1.0):
        half = np.array([length, width]) * scale * study.unit
        half = np.maximum(half, 0.8)
        count = int(np.clip(cover * study.size[0] * study.size[1] / (np.pi * half[0] * half[1]), 16, 4500))
        places = np.stack([rng.integers(0, study.size[1], count), rng.integers(0, study.size[0], count)], axis=1)
        across, down = places[:, 0], places[:, 1]
        tint = jitter * (rng.standard_normal((count, 1)) * 0.7 + rng.standard_normal((count, 3)) * 0.6)
        tint[study.has(Part.EYE)[down, across]] *= 0.3  # whites stay white, pupils black
        dabs(
            painted,
            relief,
            study.groups,
            places.astype(np.int32),
            (flow[down, across] + rng.normal(0, 0.15, count)).astype(np.float32),
            (half * rng.uniform(0.6, 1.25, (count, 2))).astype(np.float32),
            (colours[down, across] + tint).astype(np.float32),
            bristles.astype(np.float32),
            opacity,
        )
    return np.clip(painted, 0, 1), relief


def raked(picture: np.ndarray, relief: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """The picture (H, W, 3) with its relief (H, W) lit from the upper left or right."""
    side = pick(rng, -1, 1)
    slope = np.zeros_like(relief)
    slope[1:-1, 1:-1] = (relief[2:, 1:-1] - relief[:-2, 1:-1]) + side * (relief[1:-1, 2:] - relief[1:-1, :-2])
    return np.asarray(np.clip(times(picture, 1 + strength * slope), 0, 1))


def _features(study: Study, picture: np.ndarray, rng: np.random.Generator, strength: float, ink: Colour) -> np.ndarray:
    """The picture with eyes, brows, lips and outline stated again in dark paint."""
    pen = Pen(rng.uniform(1.0, 1.8), 0.8, 0.5, 0.35)
    lines = np.maximum(strength * contours(study, pen, rng), 0.75 * filled(study, brow=0.5))
    return mix(picture, ink, lines)


def watercolour(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Transparent layers on white paper: dark rims where they dried, bleeding, granulating pigment, paper left bare."""
    unit = study.unit
    skin_lift = rng.uniform(0.4, 0.8)
    lifted = np.clip(study.albedo / max(study.skin_value, 0.12) ** skin_lift * rng.uniform(0.85, 1.0), 0.02, 1)
    lifted = saturated(lifted, rng.uniform(1.0, 1.5))
    # Pigments add up as densities. How much there is of the colour itself, of the shadow's and of the wash's:
    edge = np.clip(study.cover - blurred(study.cover, 2.2 * unit), 0, 1)
    inner = study.mask(Part.HAIR, Part.LIPS)
    inner_edge = np.clip(inner - blurred(inner, 2 * unit), 0, 1)
    body = study.cover * (1 + 1.4 * edge) * (1 + 0.9 * inner_edge)
    shadow = np.zeros(study.size, dtype=np.float32)
    for at, strength in ((0.62, 0.5), (0.3, 0.6)):
        wandering = study.form + 0.07 * cloud(rng, study.size, 12 * unit, 2)
        layer = step(at + 0.06, at - 0.06, wandering) * study.cover
        rim = np.clip(layer - blurred(layer, 2.0 * unit), 0, 1)
        shadow += strength * layer + 0.9 * rim
    pool = 1 + 0.22 * cloud(rng, study.size, 30 * unit, 2) + 0.10 * paper(rng, study.size, unit)
    white = step(0.97, 1.1, study.shade) * study.mask(Part.SKIN) * 0.6  # paper left bare
    wet = np.clip(pool * (1 - white), 0.1, 2) * (1 - study.mask(Part.EYE))
    shadow_hue = -np.log(hsv(pick(rng, 0.65, 0.75, 0.05, 0.55), rng.uniform(0.25, 0.5), 0.8))
    density = times(-np.log(np.clip(lifted, 0.03, 1)), body * wet) + times(shadow_hue, shadow * wet)
    if rng.random() < 0.75:  # a loose wash behind, with a dried rim of its own
        washes = cloud(rng, study.size, 60 * unit, 3) + rng.uniform(-0.6, 0.8)
        layer = step(-0.15, 0.15, washes) * (1 - study.cover)
        rim = np.clip(layer - blurred(layer, 3 * unit), 0, 1)
        hue = hsv(rng.random(), 0.5, 0.9)
        if rng.random() < 0.4:
            hue = blurred(study.background, 12 * unit)
        amount = rng.uniform(0.3, 1.0) * layer * (1 + 0.25 * cloud(rng, study.size, 18 * unit)) + rim
        density += times(-np.log(np.clip(hue, 0.15, 1)), amount * pool)
    picture = sheet_of_paint(study, rng, paper_colour(rng, 0.0)) * np.exp(-np.clip(density, 0, 4))
    picture = mix(picture, times(0.3 + 0.7 * lifted, study.eye_value), study.mask(Part.EYE))
    ink = hsv(pick(rng, 0.07, 0.62), 0.5, rng.uniform(0.15, 0.35))
    pen = Pen(rng.uniform(0.9, 1.5), 0.9, 0.4, rng.uniform(0.3, 0.8))
    lines = np.maximum(rng.uniform(0.3, 0.9) * contours(study, pen, rng), 0.85 * filled(study, brow=0.7))
    return mix(picture, ink, lines)


def sheet_of_paint(study: Study, rng: np.random.Generator, colour: Colour) -> np.ndarray:
    """(H, W, 3) float32: rough paper for wet paint."""
    return times(colour, 1 + 0.022 * paper(rng, study.size, study.unit, 1.3))


def gouache(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Opaque flat patches in few tones, edges of the brush, a matt surface."""
    flow = study.flow(rng, sigma=6, free=0.004)
    levels = int(rng.integers(3, 6))
    form = study.form + 0.04 * cloud(rng, study.size, 10 * study.unit)
    stepped = np.floor(np.clip(form, 0, 0.999) * levels) / max(levels - 1, 1)
    cool, warm = hsv(pick(rng, 0.62, 0.7, 0.78, 0.05), rng.uniform(0.2, 0.5), 0.55), hsv(0.11, 0.1, 1.08)
    base = saturated(study.albedo / max(study.skin_value, 0.12) ** rng.uniform(0, 0.5), rng.uniform(0.9, 1.3))
    colours = mix(base * cool, base * warm, stepped)
    eyes = study.mask(Part.EYE)
    colours = mix(colours, study.picture, 0.85 * eyes)
    behind = study.muted(rng)
    if rng.random() < 0.6:
        behind = mix(behind, hsv(rng.random(), rng.uniform(0.1, 0.5), rng.uniform(0.4, 0.9)), 0.8)
    colours = np.clip(mix(behind, colours, study.cover), 0, 1)
    painted, relief = brushed(
        study, rng, colours, flow, length=rng.uniform(6, 10), width=rng.uniform(2.2, 3.6), cover=1.2, jitter=0.03
    )
    painted = raked(painted, relief, 0.12, rng)
    painted = _features(study, painted, rng, rng.uniform(0, 0.8), hsv(rng.random(), 0.4, 0.15))
    return times(painted, 1 + 0.02 * paper(rng, study.size, study.unit))


def oil(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Patches of colour along the form, bristle marks and canvas under raking light."""
    flow = study.flow(rng, sigma=rng.uniform(3, 6))
    picture = mix(study.muted(rng), saturated(study.exposed, rng.uniform(0.9, 1.4)), study.cover)
    picture = np.clip(0.5 + (picture - 0.5) * rng.uniform(1.0, 1.25), 0, 1)
    painted = study.painted(picture, flow, size=rng.uniform(2.2, 3.4))
    size = np.float32(rng.uniform(0.01, 0.035))
    hue = np.asarray(cv2.merge([cloud(rng, study.size, 14 * study.unit) for _ in range(3)]))
    painted = painted + times(hue, size * (1 - 0.7 * study.mask(Part.EYE)))
    bristle = streaks(grain(rng, study.size, 1.1 * study.unit), flow, max(int(7 * study.unit), 2))
    painted = times(painted, 1 + 0.035 * bristle)
    glaze = hsv(pick(rng, 0.08, 0.1, 0.55, 0.3), rng.uniform(0, 0.25), 1.0)
    painted = _features(study, painted * glaze, rng, rng.uniform(0, 0.6), hsv(pick(rng, 0.05, 0.6), 0.5, 0.13))
    relief = 0.20 * bristle + rng.uniform(0.1, 0.5) * canvas(rng, study.size, study.unit, rng.uniform(1.6, 2.6))
    return raked(painted, relief, rng.uniform(0.06, 0.14), rng)


def impasto(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Thick separate strokes that swirl around the forms, colours broken into neighbours, dark outlines."""
    flow = study.flow(rng, sigma=rng.uniform(4, 8), free=0.003)
    picture = mix(study.muted(rng), study.exposed, study.cover)
    picture = saturated(blurred(picture, 0.8 * study.unit), rng.uniform(1.2, 1.9))
    cool, warm = hsv(pick(rng, 0.6, 0.5, 0.4), rng.uniform(0.2, 0.6), 0.75), hsv(rng.uniform(0.08, 0.16), 0.3, 1.15)
    toned = picture * ramp([cool, np.ones(3, np.float32), warm], np.clip(study.light, 0, 1))
    colours = mix(np.clip(toned, 0, 1), study.picture, 0.6 * study.mask(Part.EYE))
    if rng.random() < 0.6:
        ground = ramp([hsv(rng.random(), 0.6, 0.35), hsv(rng.random(), 0.5, 0.85)], luminance(study.background))
        colours = mix(ground, colours, study.cover)
    painted, relief = brushed(
        study, rng, colours, flow, length=rng.uniform(5, 8), width=rng.uniform(1.7, 2.8), cover=1.6, jitter=0.07
    )
    ink = hsv(pick(rng, 0.62, 0.05, 0.4), 0.6, 0.2)
    painted = _features(study, painted, rng, rng.uniform(0.3, 0.9), ink)
    return raked(painted, relief, rng.uniform(0.2, 0.4), rng)


def pointillism(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Round dots of clear colours that mix in the eye."""
    flow = study.flow(rng, sigma=4)
    picture = mix(study.muted(rng), study.exposed, study.cover)
    vivid = saturated(blurred(picture, 0.8 * study.unit), rng.uniform(1.2, 1.8))
    radius = rng.uniform(1.4, 2.1)
    shadows = hsv(pick(rng, 0.62, 0.7, 0.78), 0.5, 0.9)
    colours = mix(vivid, vivid * shadows, 0.5 * study.cover * step(0.6, 0.3, study.form))
    colours = np.clip(colours * 1.08 + 0.03, 0, 1)
    painted, relief = brushed(
        study, rng, colours, flow, length=radius, width=radius, cover=1.5, jitter=rng.uniform(0.1, 0.18)
    )
    painted = _features(study, painted, rng, 0.5, hsv(0.68, 0.6, 0.2))
    return raked(painted, relief, 0.15, rng)


def fauvist(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Arbitrary strong colours chosen by tone, in flat areas with visible brush and dark contours."""
    flow = study.flow(rng, sigma=7, free=0.006)
    start, turn = rng.random(), pick(rng, -1, 1)
    values = (0.25, 0.48, 0.68, 0.85, 0.97)
    hues = start + turn * np.array([0.0, 0.12, 0.3, 0.55, 0.62]) + rng.normal(0, 0.04, 5)
    face = [hsv(hue, rng.uniform(0.35, 0.85), value) for hue, value in zip(hues, values, strict=True)]
    tone = study.tone(depth=0.95, lift=0.9, hair=0.3)
    stepped = np.floor(np.clip(tone + 0.05 * cloud(rng, study.size, 12 * study.unit), 0, 0.999) * 5) / 4
    colours = ramp(face, 0.8 * stepped + 0.2 * tone)
    natural = rng.uniform(0, 0.4)
    colours = mix(colours, saturated(study.picture, 1.6), natural)
    for parts, colour in (
        ((Part.HAIR,), hsv(rng.random(), rng.uniform(0.5, 0.9), rng.uniform(0.2, 0.8))),
        ((Part.LIPS,), hsv(rng.normal(0, 0.05), 0.85, 0.8)),
        ((Part.WEAR,), hsv(rng.random(), 0.7, 0.7)),
    ):
        colours = mix(colours, times(colour, 0.7 + 0.4 * study.form), 0.9 * study.mask(*parts))
    white = study.mask(Part.EYE, sigma=0.6)
    colours = mix(colours, times(np.ones(3, np.float32), study.eye_value), 0.85 * white)
    behind = ramp([hsv(rng.random(), 0.7, 0.55), hsv(rng.random(), 0.6, 0.9)], luminance(study.background))
    colours = np.clip(mix(behind, colours, study.cover), 0, 1)
    painted, relief = brushed(
        study, rng, colours, flow, length=rng.uniform(6, 10), width=rng.uniform(2, 3.2), cover=1.3, jitter=0.06
    )
    pen = Pen(rng.uniform(1.8, 3.2), 0.8, 0.4, rng.uniform(0.3, 0.6))
    ink = np.maximum(rng.uniform(0.7, 1) * contours(study, pen, rng), filled(study, brow=0.9))
    painted = mix(painted, hsv(pick(rng, 0.62, 0.38, 0.0, 0.08), 0.7, rng.uniform(0.1, 0.25)), ink)
    return raked(painted, relief + 0.1 * canvas(rng, study.size, study.unit, 2.0), 0.22, rng)


def old_master(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Umber shadows, warm flesh, a dark ground, yellowed varnish with cracks."""
    unit = study.unit
    tone = study.tone(depth=rng.uniform(0.7, 0.9), lift=rng.uniform(0.45, 0.75), hair=0.9)
    level = np.clip(blurred(tone, 0.7 * unit) * rng.uniform(0.85, 1.0), 0, 1) ** rng.uniform(1.0, 1.5)
    umber, sienna = hsv(0.07, 0.65, 0.10), hsv(rng.uniform(0.04, 0.07), 0.70, 0.42)
    flesh, cream = hsv(rng.uniform(0.07, 0.09), 0.45, 0.80), hsv(0.11, rng.uniform(0.15, 0.28), 0.97)
    limited = ramp([umber, sienna, flesh, cream], level)
    chroma = times(study.albedo, 1 / np.maximum(study.inherent, 0.08))
    limited = limited * np.clip(1 + rng.uniform(0.2, 0.55) * (saturated(chroma, 0.8) - 1), 0.4, 1.5)
    lips = times(hsv(0.01, 0.6, 0.62), 0.5 + 0.6 * study.form)
    limited = mix(limited, lips, 0.55 * study.mask(Part.LIPS))
    depth_hue = hsv(pick(rng, 0.08, 0.25, 0.55, 0.0), rng.uniform(0.3, 0.6), 1.0)
    glow = np.clip(0.2 + 0.05 * cloud(rng, study.size, 80 * unit) + 0.12 * luminance(study.background), 0.02, 1)
    behind = times(depth_hue * rng.uniform(0.6, 1.6), glow)
    if rng.random() < 0.25:  # a window with sky
        behind = 0.6 * study.muted(rng) * hsv(0.12, 0.2, 1) + 0.15
    picture = np.clip(mix(behind, limited, blurred(study.cover, 0.6 * unit)), 0, 1)
    picture = blurred(picture, rng.uniform(0.3, 0.7) * unit)
    lines = np.maximum(0.35 * contours(study, Pen(1.4, 0.8, 0.8, 0.5), rng), 0.8 * filled(study, brow=0.6))
    picture = mix(picture, umber, lines)
    varnish = hsv(rng.uniform(0.09, 0.13), rng.uniform(0.1, 0.35), 1.0)
    picture = times(picture * varnish, 1 - rng.uniform(0.1, 0.6) * study.far())
    relief = rng.uniform(0.1, 0.4) * canvas(rng, study.size, unit, rng.uniform(1.4, 2.2)) + 0.2 * grain(
        rng, study.size, 0.8
    )
    picture = raked(np.asarray(picture, np.float32), relief, 0.08, rng)
    if rng.random() < 0.7:
        depth = rng.uniform(0.15, 0.4)
        cracked = cracks(rng, study.size, rng.uniform(7, 14) * unit, rng.uniform(0.5, 0.95))
        picture = times(picture, 1 - depth * cracked)
    return picture
