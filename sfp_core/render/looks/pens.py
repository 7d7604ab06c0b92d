"""Looks drawn with pen and needle: line art, manga, hatching, engraving, etching, line and wash, ink wash."""

import numpy as np

from sfp_core.render.looks.colours import Colour, dark_ink, hsv, luminance, mix, paper_colour, pick, step, times
from sfp_core.render.looks.lines import Pen, contours, filled, inked, random_pen, ruled
from sfp_core.render.looks.noise import blurred, cloud, grain, laid, paper
from sfp_core.render.looks.strokes import streaks
from sfp_core.render.looks.study import Study
from sfp_core.render.mesh import Part


def sheet(study: Study, rng: np.random.Generator, colour: Colour, roughness: float = 0.012) -> np.ndarray:
    """(H, W, 3) float32: a sheet of paper of this colour, a little uneven and sometimes stained."""
    tooth = paper(rng, study.size, study.unit) if rng.random() < 0.6 else laid(rng, study.size, study.unit)
    stain = cloud(rng, study.size, 90 * study.unit, 2) * np.float32(rng.uniform(0, 0.025))
    value = 1 + np.float32(roughness) * tooth + stain
    return times(colour, value)


def surroundings(study: Study, rng: np.random.Generator, darkest: float = 0.75) -> np.ndarray:
    """(H, W) float32: darkness 0..1 behind the figure: bare paper, an even tone, a shadow or the scene's."""
    kind = rng.random()
    if kind < 0.45:
        return np.zeros(study.size, dtype=np.float32)
    strength = rng.uniform(0.15, darkest)
    if kind < 0.62:
        return np.full(study.size, strength, dtype=np.float32)
    if kind < 0.85:  # darker to one side or towards an edge
        theta = rng.uniform(0, 2 * np.pi)
        along = (study.across / study.size[1] - 0.5) * float(np.cos(theta))
        along = along + (study.down / study.size[0] - 0.5) * float(np.sin(theta))
        return np.asarray(strength * np.clip(0.5 + along + 0.1 * cloud(rng, study.size, 40 * study.unit), 0, 1))
    return np.asarray(strength * (1 - blurred(luminance(study.background), 4 * study.unit)), dtype=np.float32)


def darkness(study: Study, rng: np.random.Generator, tone: np.ndarray, around: float = 0.75) -> np.ndarray:
    """(H, W) float32: 0..1, of the figure by `tone` and of what is behind it."""
    return np.asarray(1 - tone * study.cover - (1 - study.cover) * (1 - surroundings(study, rng, around)))


def hair_strokes(study: Study, rng: np.random.Generator, amount: float) -> np.ndarray:
    """(H, W) float32: 0..1, pen strokes along the locks of the hair; `amount` 0..1 of it is covered."""
    hair = study.has(Part.HAIR)
    if not hair.any():
        return np.zeros(study.size, dtype=np.float32)
    noise = grain(rng, study.size, 0.5 * study.unit)
    strokes = streaks(noise, study.flow(rng, sigma=2.5), max(int(9 * study.unit), 2))
    return np.asarray(step(1.1 - 2 * amount, 1.7 - 2 * amount, strokes) * blurred(hair.astype(np.float32), 0.6))


def line_art(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Few lines of ink on paper; eyes and brows are filled, hair is left open, stroked or filled."""
    pen = random_pen(rng, 1.1, 2.6)
    ink = np.maximum(contours(study, pen, rng), filled(study, brow=pick(rng, 1.0, 0.75)))
    hair = rng.random()
    if hair < 0.5:
        ink = np.maximum(ink, hair_strokes(study, rng, rng.uniform(0.05, 0.3)))
    elif hair < 0.75:
        gloss = step(0.95, 1.08, study.shade) if rng.random() < 0.5 else np.float32(0)
        ink = np.maximum(ink, study.mask(Part.HAIR) * (1 - gloss))
    if rng.random() < 0.35:  # spotted blacks in the shadow
        ink = np.maximum(ink, study.cover * step(0.22, 0.14, study.form))
    ground = sheet(study, rng, paper_colour(rng))
    if rng.random() < 0.15:
        back = hsv(rng.random(), rng.uniform(0.1, 0.6), rng.uniform(0.5, 0.95))
        ground = mix(ground, ground * back, 1 - study.cover)
    return mix(ground, dark_ink(rng), ink)


def manga(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Black lines, white skin, shadows and hair in screentone."""
    pen = random_pen(rng, 1.0, 1.9)
    ink = np.maximum(contours(study, pen, rng), filled(study))
    lift = rng.uniform(0.8, 1.0)
    dots = screen(study, rng.uniform(2.6, 4.2), pick(rng, 45.0, 30.0, 60.0))
    shadow = study.mask(Part.SKIN, Part.HAND, Part.LIPS) * step(0.50, 0.42, study.form)
    tone = rng.uniform(0.2, 0.4) * shadow + 0.18 * study.mask(Part.LIPS)
    hair = study.mask(Part.HAIR)
    kind = rng.random()
    own = 1 - np.clip(study.inherent / max(study.skin_value, 0.12) ** lift, 0, 1)
    if kind < 0.35:
        ink = np.maximum(ink, hair * (1 - step(0.9, 0.98, study.shade)))
    elif kind < 0.8:
        tone = tone + hair * rng.uniform(0.25, 0.55)
    ink = np.maximum(ink, hair_strokes(study, rng, 0.12))
    tone = tone + study.mask(Part.WEAR) * np.clip(own, 0.1, 0.7)
    tone = tone + (1 - study.cover) * surroundings(study, rng, 0.5)
    ink = np.maximum(ink, np.clip((tone - dots) * 4 * study.unit + 0.5, 0, 1) * (tone > 0.06))
    grey = mix(np.full((*study.size, 3), rng.uniform(0.95, 1.0), np.float32), np.full(3, 0.05, np.float32), ink)
    return np.asarray(grey * paper_colour(rng, 0.0) if rng.random() < 0.4 else grey)


def screen(study: Study, spacing: float, angle_deg: float) -> np.ndarray:
    """(H, W) float32: 0..1 thresholds of a dot screen; even steps of darkness cover even shares of the paper."""
    theta = np.deg2rad(angle_deg)
    pitch = np.float32(2 * np.pi / (spacing * max(study.unit, 0.6)))
    u = (study.across * np.float32(np.cos(theta)) + study.down * np.float32(np.sin(theta))) * pitch
    v = (study.down * np.float32(np.cos(theta)) - study.across * np.float32(np.sin(theta))) * pitch
    wave = 0.25 * (np.cos(u) + np.cos(v))  # -0.5..0.5
    # The share of a period below a level is nearly an S curve, which this straightens.
    return np.asarray(0.5 - wave * (1.5 - 2 * wave * wave), dtype=np.float32)


def hatching(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Pen strokes in one, two, three directions as it gets darker, over a few outlines."""
    pen = random_pen(rng, 0.9, 1.7)
    dark = darkness(study, rng, study.tone(depth=rng.uniform(0.75, 0.95), lift=rng.uniform(0.75, 1)), 0.6)
    spacing, first = rng.uniform(3.2, 5.0), rng.uniform(20, 70) * pick(rng, -1, 1)
    bend = rng.uniform(0.1, 0.45)
    ink = np.maximum(contours(study, pen, rng), filled(study, brow=0.9))
    raggedness = [streaked(study, rng, first + turn) for turn in (0, 62)]
    for turn, begins, width in ((0, 0.28, 0.34), (62, 0.52, 0.34), (-48, 0.70, 0.38), (25, 0.84, 0.5)):
        unsteady = 0.12 * cloud(rng, study.size, 18 * study.unit)
        share = ruled(study, first + turn, spacing, bend if turn == 0 else 0.4 * bend, unsteady)
        # Strokes begin and end where the hand lifts, not all on one contour of the shadow.
        ragged = dark + 0.06 * raggedness[turn == 62]
        ink = np.maximum(ink, inked(share, width * step(begins - 0.04, begins + 0.1, ragged), spacing * study.unit))
    ground = sheet(study, rng, paper_colour(rng))
    return mix(ground, dark_ink(rng), np.clip(ink * (0.93 + 0.07 * grain(rng, study.size, 0.5)), 0, 1))


def streaked(study: Study, rng: np.random.Generator, angle_deg: float) -> np.ndarray:
    """(H, W) float32: noise in streaks along one direction, spread about 1."""
    angle = np.full(study.size, np.deg2rad(angle_deg), dtype=np.float32)
    return np.asarray(streaks(grain(rng, study.size, 0.5 * study.unit), angle, max(int(5 * study.unit), 2)))


def engraving(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Curved parallel lines that swell with the shadow, crossed in the dark, as on banknotes and in old books."""
    tone = study.tone(depth=rng.uniform(0.8, 1.0), lift=rng.uniform(0.7, 0.95))
    dark = np.clip(darkness(study, rng, tone, 0.8) * 0.95 + 0.05, 0, 1)
    spacing = rng.uniform(2.8, 4.2)
    first, bend = rng.uniform(-35, 35), pick(rng, -1, 1) * rng.uniform(0.25, 0.6)
    pitch = spacing * study.unit
    unsteady = 0.05 * cloud(rng, study.size, 12 * study.unit)
    ink = inked(ruled(study, first, spacing, bend, unsteady), 0.04 + 0.74 * dark**1.15, pitch)
    crossing = ruled(study, first + rng.uniform(50, 80), spacing, -0.6 * bend, unsteady)
    ink = np.maximum(ink, inked(crossing, 0.65 * step(0.4, 1.0, dark), pitch))
    if rng.random() < 0.5:  # a third set, fine, in the deepest shadow
        ink = np.maximum(ink, inked(ruled(study, first - 60, spacing, 0.3 * bend), 0.6 * step(0.7, 1, dark), pitch))
    ink = ink * step(0.05, 0.20, dark)
    pen = Pen(rng.uniform(0.9, 1.6), rng.uniform(0.2, 0.6), 0.5, rng.uniform(0.5, 0.9))
    ink = np.maximum(ink, np.maximum(contours(study, pen, rng), filled(study, brow=0.8)))
    worn = np.clip(0.92 + 0.1 * grain(rng, study.size, 0.8 * study.unit), 0, 1)
    return mix(sheet(study, rng, paper_colour(rng, 0.15), 0.02), dark_ink(rng), ink * worn)


def etching(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Fine free needle strokes in bundles, a film of ink left on the plate, warm black."""
    tone = study.tone(depth=rng.uniform(0.75, 0.95), lift=rng.uniform(0.8, 1.0))
    dark = darkness(study, rng, tone, 0.7)
    flow = study.flow(rng, sigma=5, free=0.004)
    ink = np.zeros(study.size, dtype=np.float32)
    reach = max(int(7 * study.unit), 2)
    for turn, begins in ((rng.uniform(0.5, 0.9), 0.16), (rng.uniform(-0.8, -0.4), 0.42), (1.5, 0.66)):
        needle = streaks(grain(rng, study.size, 0.4 * study.unit), flow + np.float32(turn), reach)
        covered = 0.75 * step(begins, begins + 0.75, dark)
        ink = np.maximum(ink, step(1.5 - 2.3 * covered, 2.1 - 2.3 * covered, needle) * step(begins, begins + 0.1, dark))
    pen = Pen(rng.uniform(0.8, 1.3), 0.7, 0.5, rng.uniform(0.6, 0.95))
    lines = np.maximum(contours(study, pen, rng), 0.9 * filled(study, brow=0.7))
    ink = np.clip(np.maximum(ink * 0.85, lines), 0, 1)
    film = np.clip(0.12 + 0.09 * cloud(rng, study.size, 50 * study.unit, 3) + 0.15 * dark, 0, 0.4) * rng.uniform(0.3, 1)
    black = dark_ink(rng, 0.0)
    plate = mix(sheet(study, rng, paper_colour(rng, 0.1), 0.02), hsv(0.09, 0.35, 0.45), film)
    return mix(plate, black, ink)


def line_and_wash(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Nervous ink lines on toned paper, a little watered colour on cheeks, lips and hair, white heightening."""
    ground = sheet(study, rng, paper_colour(rng, 0.75), 0.03)
    smooth = blurred(study.albedo, 2.5 * study.unit)
    wash = np.clip(0.30 + 0.25 * cloud(rng, study.size, 26 * study.unit, 2), 0, 1) * rng.uniform(0.4, 1.0)
    wash = wash * np.where(study.has(Part.LIPS, Part.HAIR, Part.WEAR), 1.3, step(0.9, 0.4, study.form) * 0.9 + 0.1)
    painted = mix(ground, ground * np.clip(smooth * 1.1, 0, 1), np.clip(wash * study.cover, 0, 1))
    if rng.random() < 0.6:
        high = step(0.92, 1.05, study.shade) * study.mask(Part.SKIN, Part.HAND)
        high = high + study.mask(Part.EYE) * step(0.6, 0.9, study.eye_value)
        touches = np.clip(high * (0.5 + 0.4 * streaked(study, rng, rng.uniform(0, 180))), 0, 1)
        painted = mix(painted, np.array([0.97, 0.96, 0.92], np.float32), touches * rng.uniform(0.5, 0.9))
    pen = Pen(rng.uniform(1.0, 2.0), rng.uniform(0.6, 1.0), rng.uniform(0.2, 0.7), rng.uniform(0.7, 1.0))
    ink = np.maximum(contours(study, pen, rng), filled(study, brow=0.8))
    ink = np.maximum(ink, hair_strokes(study, rng, rng.uniform(0.15, 0.4)))
    dry = np.clip(1.0 + 0.25 * paper(rng, study.size, study.unit), 0, 1)
    return mix(painted, dark_ink(rng, 0.2), ink * dry)


def ink_wash(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Brush and diluted ink: three or four greys that pool at their edges, lines of the full brush."""
    tone = study.tone(depth=rng.uniform(0.7, 0.95), lift=rng.uniform(0.75, 1.0))
    dark = darkness(study, rng, tone, 0.5)
    levels = int(rng.integers(3, 5))
    wet = dark + 0.03 * cloud(rng, study.size, 18 * study.unit, 2)
    pooled = np.zeros(study.size, dtype=np.float32)
    for level in range(levels):
        at = 0.18 + 0.68 * level / levels
        layer = step(at - 0.05, at + 0.05, wet)
        rim = np.clip(layer - blurred(layer, 2.2 * study.unit), 0, 1)
        pooled += (0.75 / levels) * layer + 0.25 * rim
    pooled *= 1 + 0.10 * paper(rng, study.size, study.unit)
    pen = Pen(rng.uniform(1.6, 3.0), rng.uniform(0.7, 1.0), 0.6, rng.uniform(0.4, 0.8))
    bristle = np.clip(1.1 + 0.35 * paper(rng, study.size, study.unit), 0.2, 1)
    ink = np.maximum(0.92 * contours(study, pen, rng) * bristle, 0.95 * filled(study, brow=0.9))
    ground = sheet(study, rng, paper_colour(rng, 0.1), 0.02)
    hue = dark_ink(rng, 0.25)
    return mix(mix(ground, hue, np.clip(pooled, 0, 0.92)), hue, ink)
