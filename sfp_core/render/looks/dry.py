"""Looks rubbed onto the tooth of paper: pencil, charcoal, pastel."""

import numpy as np

from sfp_core.render.looks.colours import Colour, hsv, mix, paper_colour, pick, saturated, step
from sfp_core.render.looks.lines import Pen, contours, filled
from sfp_core.render.looks.noise import blurred, cloud, grain, laid, paper
from sfp_core.render.looks.paints import brushed
from sfp_core.render.looks.pens import darkness, hair_strokes, sheet
from sfp_core.render.looks.strokes import streaks
from sfp_core.render.looks.study import Study
from sfp_core.render.mesh import Part


def _rubbed(dark: np.ndarray, tooth: np.ndarray, bite: float) -> np.ndarray:
    """How much pigment sticks: all of the paper's hills are caught before its valleys. All 0..1 but `tooth`."""
    return np.asarray(np.clip(dark * (1 + bite * tooth) + 0.25 * bite * dark * (1 - dark) * tooth, 0, 1))


def pencil(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Graphite or coloured pencil: slanted strokes, soft lines drawn more than once, grain of the paper."""
    tone = study.tone(depth=rng.uniform(0.65, 0.9), lift=rng.uniform(0.7, 0.95))
    dark = np.clip(darkness(study, rng, tone, 0.35), 0, 1)
    slant = np.float32(np.deg2rad(rng.uniform(25, 70) * pick(rng, -1, 1)))
    along = slant + 0.15 * cloud(rng, study.size, 30 * study.unit)
    reach = max(int(8 * study.unit), 2)
    strokes = streaks(grain(rng, study.size, 0.45 * study.unit), along, reach)
    if rng.random() < 0.5:
        strokes = strokes * 0.7 + 0.7 * streaks(
            grain(rng, study.size, 0.6 * study.unit), along + np.float32(0.9), reach
        )
    shaded = 0.8 * dark * np.clip(0.85 + 0.22 * strokes, 0.2, 1.3)
    lines = 0.75 * contours(study, Pen(rng.uniform(1.0, 1.9), 0.8, 0.4, rng.uniform(0.6, 0.95)), rng)
    pigment = np.maximum(np.maximum(shaded, lines), 0.85 * filled(study, brow=0.65))
    pigment = np.maximum(pigment, 0.7 * hair_strokes(study, rng, 0.25))
    stuck = _rubbed(pigment, paper(rng, study.size, study.unit), rng.uniform(0.1, 0.28))
    ground = sheet(study, rng, paper_colour(rng, 0.15), 0.015)
    lead: Colour = hsv(0.62, rng.uniform(0, 0.15), rng.uniform(0.12, 0.28))
    if rng.random() < 0.3:  # sanguine, sepia or blue
        lead = hsv(pick(rng, 0.03, 0.07, 0.62), rng.uniform(0.5, 0.8), rng.uniform(0.35, 0.6))
    elif rng.random() < 0.4:  # coloured pencils
        light = max(study.skin_value, 0.12) ** rng.uniform(0.4, 0.8)
        colour = np.clip(saturated(np.clip(study.albedo / light, 0, 1), 1.3), 0, 1)
        white = np.clip(study.cover - 0.9 * study.mask(Part.EYE), 0, 1)
        tinted = mix(ground, ground * colour, _rubbed(0.8 * white, strokes, 0.12))
        tinted = mix(tinted, tinted * colour, dark * study.cover)
        return mix(tinted, lead, stuck * np.float32(0.75))
    return mix(ground, lead, stuck)


def charcoal(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Soft black, smudged with the finger, over rough paper; heavy accents, lights lifted with the rubber."""
    tone = study.tone(depth=rng.uniform(0.85, 1.0), lift=rng.uniform(0.65, 0.95))
    dark = np.clip(darkness(study, rng, tone, 0.95), 0, 1)
    smudged = blurred(dark, 2.0 * study.unit)
    tooth = laid(rng, study.size, study.unit) if rng.random() < 0.4 else paper(rng, study.size, study.unit, 1.2)
    rubbed = streaks(grain(rng, study.size, 1.0 * study.unit), study.flow(rng), max(int(8 * study.unit), 2))
    pigment = 0.55 * dark + 0.4 * smudged + 0.05 * rubbed * step(0.02, 0.3, smudged)
    pen = Pen(rng.uniform(1.8, 3.2), 0.9, 0.8, rng.uniform(0.5, 0.9))
    lines = contours(study, pen, rng)
    pigment = np.maximum(pigment, 0.55 * blurred(lines, 0.7 * study.unit) + 0.4 * lines)
    pigment = np.maximum(pigment, 0.95 * filled(study, brow=0.85))
    stuck = _rubbed(np.clip(pigment, 0, 1), tooth, rng.uniform(0.1, 0.25))
    lifted = study.mask(Part.EYE) * step(0.6, 0.9, study.eye_value) * 0.7
    black = hsv(pick(rng, 0.07, 0.6), rng.uniform(0, 0.25), rng.uniform(0.05, 0.13))
    if rng.random() < 0.2:
        black = hsv(0.03, 0.7, 0.33)  # sanguine
    ground = sheet(study, rng, paper_colour(rng, 0.3), 0.02)
    picture = mix(ground, black, np.clip(stuck * 0.97 * (1 - lifted), 0, 1))
    if rng.random() < 0.4:  # white chalk
        chalk = step(0.9, 1.05, study.shade) * study.mask(Part.SKIN, Part.HAND)
        picture = mix(picture, np.full(3, 0.97, np.float32), _rubbed(0.55 * chalk, tooth, 0.5))
    return picture


def pastel(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Chalky strokes of colour on tinted paper, which shows through."""
    ground_colour = hsv(rng.random(), rng.uniform(0.05, 0.35), rng.uniform(0.35, 0.75))
    ground = sheet(study, rng, ground_colour, 0.03)
    flow = study.flow(rng, sigma=5, free=0.003)
    picture = mix(study.muted(rng), study.exposed, study.cover)
    colours = saturated(blurred(picture, 0.8 * study.unit), rng.uniform(1.1, 1.7))
    colours = np.asarray(np.clip(colours * rng.uniform(0.95, 1.05) + 0.06, 0, 1), dtype=np.float32)
    painted, _ = brushed(
        study, rng, colours, flow, length=rng.uniform(5, 8), width=rng.uniform(1.6, 2.6), cover=1.5, jitter=0.05
    )
    tooth = paper(rng, study.size, study.unit, rng.uniform(1.0, 1.6))
    features = study.mask(Part.EYE, Part.LID, Part.BROW, Part.MOUTH, Part.LIPS, Part.TEETH)
    stuck = np.clip(0.84 + 0.2 * tooth + 0.2 * features, 0, 1)
    bare = step(-0.4, 0.8, cloud(rng, study.size, 35 * study.unit, 2)) * (1 - study.cover) * rng.uniform(0, 1)
    picture = mix(ground, painted, stuck * (1 - bare))
    lines = np.maximum(0.7 * contours(study, Pen(1.5, 0.9, 0.5, 0.5), rng), 0.9 * filled(study, brow=0.7))
    dark = hsv(pick(rng, 0.05, 0.62, 0.9), 0.5, 0.2)
    return mix(picture, dark, _rubbed(0.85 * lines, tooth, 0.3))
