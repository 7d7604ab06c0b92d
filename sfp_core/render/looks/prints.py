"""Looks from the printing press: woodcut, linocut, screen print, newsprint, comic, Japanese woodblock."""

import cv2
import numpy as np

from sfp_core.render.looks.colours import dark_ink, hsv, luminance, mix, paper_colour, pick, step, times
from sfp_core.render.looks.lines import Pen, contours, filled, inked, ruled
from sfp_core.render.looks.noise import blurred, cloud, grain, laid, stretched, wood
from sfp_core.render.looks.pens import darkness, hair_strokes, screen, sheet, surroundings
from sfp_core.render.looks.strokes import streaks
from sfp_core.render.looks.study import INNER_MOUTH_PARTS, Study
from sfp_core.render.mesh import Part

_MOST_MISREGISTERED = 1.3  # units; only of flat colours: the key block, which carries every line, stays where it is


def _shifted(image: np.ndarray, rng: np.random.Generator, unit: float) -> np.ndarray:
    """The image moved by a fraction of a unit or so, as a plate laid a little beside its marks."""
    by = rng.uniform(-_MOST_MISREGISTERED, _MOST_MISREGISTERED, 2) * unit
    matrix = np.array([[1, 0, by[0]], [0, 1, by[1]]])
    moved = cv2.warpAffine(image, matrix, image.shape[1::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.float32)


def _salt(study: Study, rng: np.random.Generator, share: float) -> np.ndarray:
    """(H, W) 0..1: where the ink has not taken, small specks."""
    return step(2.4 - 2 * share, 3.0 - 2 * share, grain(rng, study.size, 0.8 * study.unit))


def woodcut(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Hard black and white: solid shadows, half-tones of tapering cuts, thick lines, wood grain in the black."""
    tone = study.tone(depth=rng.uniform(0.8, 1.0), lift=rng.uniform(0.8, 1.0))
    dark = darkness(study, rng, tone, 1.0)
    spacing = rng.uniform(4.5, 7.0)
    unsteady = 0.15 * cloud(rng, study.size, 16 * study.unit)
    cuts = ruled(study, rng.uniform(-80, 80), spacing, pick(rng, -1, 1) * rng.uniform(0.2, 0.6), unsteady)
    # Below 0.25 clean paper, above 0.7 solid ink, wedges between.
    ink = inked(cuts, 1.15 * step(0.22, 0.85, dark), spacing * study.unit)
    pen = Pen(rng.uniform(2.0, 3.4), rng.uniform(0.5, 0.9), 0.7, rng.uniform(0.5, 0.9))
    ink = np.maximum(ink, np.maximum(contours(study, pen, rng), filled(study)))
    ink = _carved_eyes(study, ink)
    ink = ink * (1 - 0.6 * step(1.5, 2.6, wood(rng, study.size, study.unit) + 0.5 * grain(rng, study.size, 0.6)))
    ink = ink * (1 - _salt(study, rng, 0.12))
    if rng.random() < 0.3:  # chatter: stray ridges in the cleared ground
        ridges = ruled(study, rng.uniform(0, 180), spacing * 1.7, 0, unsteady * 4)
        chatter = streaks(grain(rng, study.size, 0.7 * study.unit), np.full(study.size, 0.6, np.float32), 4)
        ink = np.maximum(ink, inked(ridges, 0.14 * step(1.2, 1.8, chatter), spacing) * (1 - study.cover))
    ground = sheet(study, rng, paper_colour(rng, 0.25), 0.02)
    return mix(ground, dark_ink(rng, 0.25), step(0.15, 0.85, ink))


def _carved_eyes(study: Study, ink: np.ndarray) -> np.ndarray:
    """The ink with the whites of the eyes and the teeth cut clean."""
    white = study.mask(Part.EYE, sigma=0.6) * step(0.5, 0.7, study.eye_value) + study.mask(Part.TEETH, sigma=0.6)
    return np.asarray(ink * (1 - 0.9 * np.clip(white, 0, 1)), dtype=np.float32)


def linocut(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Two or three flat colours reduced on one block, rounded cuts, gouge marks left in the ground."""
    tone = study.tone(depth=rng.uniform(0.75, 1.0), lift=rng.uniform(0.75, 1.0))
    soft = blurred(tone, 1.2 * study.unit)
    hue = rng.random()
    light = hsv(hue + rng.normal(0, 0.05), rng.uniform(0.1, 0.45), rng.uniform(0.85, 0.98))
    middle = hsv(hue + pick(rng, 0.0, 0.08, -0.1, 0.5), rng.uniform(0.35, 0.75), rng.uniform(0.5, 0.8))
    block = dark_ink(rng, 0.5)
    ground = sheet(study, rng, light if rng.random() < 0.6 else paper_colour(rng, 0.0), 0.015)
    around = hsv(hue + pick(rng, 0.33, 0.5, 0.66), rng.uniform(0.25, 0.65), rng.uniform(0.45, 0.9))
    gouge = streaks(grain(rng, study.size, 1.0 * study.unit), study.flow(rng, free=0.01), max(int(9 * study.unit), 2))
    rough = 0.035 * gouge
    second = step(0.66, 0.58, soft + rough) * study.cover
    pen = Pen(rng.uniform(1.8, 3.0), 0.4, 0.7, rng.uniform(0.4, 0.8))
    key = np.maximum(step(0.34, 0.27, soft + rough) * study.cover, np.maximum(contours(study, pen, rng), filled(study)))
    key = _carved_eyes(study, key)
    behind = (1 - study.cover) * (1 - step(1.0, 1.5, gouge) * rng.uniform(0, 1))
    worn = 1 - 0.6 * _salt(study, rng, 0.1)
    picture = mix(ground, around, behind * worn)
    picture = mix(picture, middle, _shifted(second, rng, study.unit) * worn * (1 - study.mask(Part.EYE, Part.TEETH)))
    return mix(picture, block, step(0.2, 0.8, key) * worn)


def screen_print(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Flat loud inks a little out of register under one black photographic stencil."""
    start = rng.random()
    hues = [start + offset for offset in rng.permutation([0.0, 0.13, 0.34, 0.5, 0.67, 0.84])]
    loud = [hsv(hue, rng.uniform(0.35, 0.95), rng.uniform(0.75, 1.0)) for hue in hues]
    picture = np.broadcast_to(loud[0], (*study.size, 3)).astype(np.float32)
    skin = hsv(hues[1], rng.uniform(0.1, 0.5), rng.uniform(0.88, 1.0))
    picture = mix(picture, skin, _shifted(study.cover, rng, study.unit))
    for parts, ink in (
        ((Part.HAIR,), loud[2]),
        ((Part.LIPS, Part.TONGUE), loud[3] * np.float32(0.9)),
        ((Part.WEAR,), loud[4]),
    ):
        picture = mix(picture, ink, _shifted(study.mask(*parts), rng, study.unit))
    if rng.random() < 0.5:  # eye shadow and a cheek of a fourth ink
        lids = np.clip(blurred(study.has(Part.EYE, Part.LID).astype(np.float32), 3 * study.unit) * 2, 0, 1)
        picture = mix(picture, loud[5], _shifted(lids, rng, study.unit) * study.mask(Part.SKIN) * 0.8)
    picture = mix(picture, np.array([0.97, 0.97, 0.95], np.float32), study.mask(Part.EYE, Part.TEETH, sigma=0.6))
    tone = study.tone(depth=1.0, lift=rng.uniform(0.8, 1.0), hair=0.6)
    coarse = screen(study, rng.uniform(2.0, 3.2), 45.0)
    level, contrast = rng.uniform(0.28, 0.42), rng.uniform(0.08, 0.3)
    photo = step(level + 0.06, level - 0.06, tone + contrast * (coarse - 0.5)) * study.cover
    pen = Pen(rng.uniform(1.0, 1.8), 0.3, 0.6, rng.uniform(0.5, 0.8))
    photo = np.maximum(photo, np.maximum(0.95 * contours(study, pen, rng), filled(study)))
    dragged = stretched(rng, study.size, 2 * study.unit, 60 * study.unit)
    worn = 1 - 0.5 * _salt(study, rng, 0.15) - 0.12 * step(0.8, 2.0, dragged)
    return mix(times(picture, 1 + 0.015 * dragged), dark_ink(rng, 0.3), photo * worn)


def newsprint(study: Study, rng: np.random.Generator) -> np.ndarray:
    """A newspaper photograph: one black dot screen on greyish paper."""
    tone = study.tone(depth=rng.uniform(0.7, 0.95), lift=rng.uniform(0.65, 0.95))
    level = tone * study.cover + (1 - study.cover) * blurred(luminance(study.background), 1.5 * study.unit)
    if rng.random() < 0.4:
        level = tone * study.cover + (1 - study.cover) * (1 - surroundings(study, rng))
    # The screen eats fine features, so that retouchers drew them in.
    level = np.clip(1.15 * level, 0, 1)
    sharp = np.clip(level + 1.2 * (level - blurred(level, 2.0 * study.unit)), 0, 1)
    spacing = rng.uniform(2.4, 3.8)
    dots = screen(study, spacing, pick(rng, 45.0, 30.0, 22.5, 60.0))
    dark = 0.03 + 0.92 * (1 - sharp)
    ink = step(-0.16, 0.16, dark - dots)
    retouched = 0.85 * filled(study, brow=0.7)
    pen = Pen(1.1, 0.3, 0.3, 0.4)
    ink = np.maximum(ink, np.maximum(retouched, 0.6 * contours(study, pen, rng)))
    ink = ink * np.clip(0.85 + 0.08 * grain(rng, study.size, 0.9 * study.unit), 0, 1)
    ground = sheet(study, rng, hsv(0.12, rng.uniform(0.02, 0.16), rng.uniform(0.78, 0.93)), 0.03)
    return mix(ground, dark_ink(rng, 0.1), ink)


def comic(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Four-colour printing in coarse dots under black lines, as in old comic books."""
    shadow = step(0.5, 0.42, study.form) * study.cover
    vivid = np.clip(0.5 + (study.albedo / max(study.skin_value, 0.12) ** 0.5 - 0.5) * 1.1, 0, 1)
    white = study.mask(Part.EYE, Part.TEETH)
    flat = mix(vivid, np.clip(study.albedo * 1.2, 0, 1), white)
    flat = mix(flat, flat * hsv(pick(rng, 0.62, 0.75, 0.08), 0.3, 0.72), shadow * (1 - 0.6 * white))
    if rng.random() < 0.5:
        behind = np.broadcast_to(hsv(rng.random(), rng.uniform(0.2, 0.9), rng.uniform(0.75, 1)), flat.shape)
    else:
        behind = np.asarray(np.round(blurred(study.background, 3 * study.unit) * 3) / 3)
    flat = mix(behind, flat, study.cover)
    spacing = rng.uniform(2.3, 3.6)
    inks = ((0.02, 0.62, 0.86), (0.88, 0.10, 0.48), (0.99, 0.88, 0.08))
    planes = [np.ones(study.size, dtype=np.float32) for _ in range(3)]
    # Cyan, magenta, yellow, each at the angle of the trade.
    for ink, angle, plane in zip(inks, (15.0, 75.0, 0.0), cv2.split(flat), strict=True):
        dots = step(-0.14, 0.14, (1 - plane) * 0.98 - screen(study, spacing, angle))
        for channel in range(3):
            planes[channel] *= 1 - dots * (1 - ink[channel])
    picture = mix(np.asarray(cv2.merge(planes)), flat, rng.uniform(0.25, 0.6))
    pen = Pen(rng.uniform(1.3, 2.4), rng.uniform(0.4, 0.8), rng.uniform(0.4, 0.8), rng.uniform(0.4, 0.7))
    black = np.maximum(contours(study, pen, rng), filled(study))
    black = np.maximum(black, hair_strokes(study, rng, rng.uniform(0.02, 0.2)))
    ground = times(paper_colour(rng, 0.0), 1 + 0.02 * grain(rng, study.size, 0.7 * study.unit))
    return mix(picture * ground, np.array([0.06, 0.05, 0.07], np.float32), black * (1 - 0.3 * _salt(study, rng, 0.1)))


def ukiyo_e(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Japanese woodblock: pale flat skin, thin key lines, black hair, few vegetable colours, a shaded band of sky."""
    ground = sheet(study, rng, hsv(0.11, rng.uniform(0.12, 0.32), rng.uniform(0.80, 0.95)), 0.02)
    grain_of_block = 1 + 0.035 * wood(rng, study.size, study.unit)
    colours = [(0.60, 0.45, 0.55), (0.01, 0.55, 0.72), (0.12, 0.45, 0.80), (0.25, 0.30, 0.55), (0.08, 0.25, 0.62)]
    choose = rng.permutation(len(colours))
    plates = [hsv(colours[k][0] + rng.normal(0, 0.02), colours[k][1], colours[k][2]) for k in choose]
    ys = np.linspace(0, 1, study.size[0], dtype=np.float32)[:, None] + np.zeros(study.size, np.float32)
    band = step(rng.uniform(0.25, 0.7), 0.0, ys) if rng.random() < 0.6 else np.full(study.size, rng.uniform(0.3, 0.9))
    picture = mix(ground, ground * plates[0], np.asarray(band, np.float32) * (1 - study.cover))
    if rng.random() < 0.7:
        pale = hsv(0.09, rng.uniform(0.06, 0.22), rng.uniform(0.93, 1.0))
    else:
        tint = study.albedo[study.has(Part.SKIN)][::53]
        pale = np.clip(tint.mean(axis=0) * 0.5 + 0.5, 0, 1) if len(tint) else hsv(0.09, 0.1, 1.0)
    picture = mix(picture, np.broadcast_to(0.5 * ground + 0.5 * pale, ground.shape) * pale, study.cover)
    if rng.random() < 0.5:  # a faint blush, wiped onto the block
        picture = mix(picture, picture * hsv(0.02, 0.25, 1.0), step(0.7, 0.3, study.form) * study.mask(Part.SKIN))
    red = hsv(0.005, rng.uniform(0.5, 0.8), rng.uniform(0.6, 0.8))
    black = hsv(0.6, 0.3, rng.uniform(0.08, 0.2))
    picture = mix(picture, picture * red, _shifted(study.mask(Part.LIPS, Part.TONGUE), rng, study.unit))
    picture = mix(picture, picture * plates[1], _shifted(study.mask(Part.WEAR), rng, study.unit))
    dark_hair = rng.random() < 0.75 or study.skin_value < 0.12
    hair = study.mask(Part.HAIR)
    picture = mix(picture, black if dark_hair else plates[2], hair * (0.95 if dark_hair else 0.8))
    if dark_hair:  # combed lines of paper in the black
        picture = mix(picture, ground * 0.8, hair * hair_strokes(study, rng, 0.06) * 0.6)
    picture = times(picture, grain_of_block)
    picture = mix(picture, ground, study.mask(Part.EYE, Part.TEETH, sigma=0.6) * 0.9)
    pen = Pen(rng.uniform(0.9, 1.6), rng.uniform(0.4, 0.9), 0.4, rng.uniform(0.3, 0.7))
    ink = np.maximum(contours(study, pen, rng), filled(study, brow=0.9))
    inner = study.mask(*INNER_MOUTH_PARTS, sigma=0.6) * step(0.35, 0.2, study.light)
    ink = np.maximum(ink, 0.7 * inner) * (1 - 0.3 * _salt(study, rng, 0.1))
    fibres = 1 + 0.02 * laid(rng, study.size, study.unit)
    return times(mix(picture, black, ink), fibres)
