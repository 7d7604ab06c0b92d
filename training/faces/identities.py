"""Random characters: looks and clothes in palettes that go together, on the proportions of `shapes.py`."""

import colorsys
from dataclasses import dataclass, replace

import numpy as np

from sfp_core.heads.identity import Identity, Look, Shape, Triple, Wear
from training.faces.shapes import random_shape

_FANTASY_SHARE = 0.20
# Human skin from the lightest to the darkest.
_SKIN = np.array(
    [
        (0.99, 0.87, 0.81), (0.97, 0.81, 0.71), (0.95, 0.75, 0.62), (0.89, 0.68, 0.52), (0.81, 0.58, 0.43),
        (0.70, 0.48, 0.34), (0.58, 0.38, 0.26), (0.46, 0.30, 0.21), (0.36, 0.23, 0.165), (0.28, 0.18, 0.135),
    ]
)  # fmt: skip
_FANTASY_SKIN: tuple[Triple, ...] = (
    (0.55, 0.72, 0.38), (0.42, 0.60, 0.42), (0.42, 0.60, 0.82), (0.55, 0.78, 0.80), (0.62, 0.52, 0.80),
    (0.85, 0.60, 0.78), (0.80, 0.32, 0.28), (0.66, 0.68, 0.72), (0.90, 0.80, 0.52), (0.32, 0.38, 0.56),
)  # fmt: skip
# Roots and tips of hair, and how common each is on light, middle and dark skin.
_HAIR: tuple[tuple[Triple, Triple, tuple[float, float, float]], ...] = (
    ((0.085, 0.070, 0.068), (0.16, 0.13, 0.125), (0.12, 0.42, 0.68)),
    ((0.200, 0.115, 0.075), (0.33, 0.20, 0.13), (0.24, 0.34, 0.22)),
    ((0.360, 0.195, 0.105), (0.52, 0.31, 0.17), (0.22, 0.10, 0.03)),
    ((0.620, 0.270, 0.095), (0.80, 0.42, 0.17), (0.14, 0.02, 0.00)),
    ((0.720, 0.520, 0.250), (0.93, 0.78, 0.48), (0.18, 0.04, 0.03)),
    ((0.900, 0.780, 0.500), (0.97, 0.90, 0.70), (0.10, 0.01, 0.00)),
)
_DYED: tuple[Triple, ...] = (
    (0.80, 0.30, 0.52), (0.30, 0.42, 0.78), (0.20, 0.60, 0.58), (0.50, 0.30, 0.66), (0.36, 0.62, 0.30),
    (0.85, 0.22, 0.18), (0.92, 0.92, 0.95),
)  # fmt: skip
_GREY: tuple[Triple, ...] = ((0.52, 0.51, 0.52), (0.74, 0.74, 0.76), (0.92, 0.92, 0.91))
_IRIS: tuple[tuple[Triple, float], ...] = (
    ((0.38, 0.22, 0.10), 0.38), ((0.30, 0.52, 0.78), 0.20), ((0.34, 0.56, 0.32), 0.16), ((0.58, 0.40, 0.16), 0.14),
    ((0.50, 0.58, 0.64), 0.12),
)  # fmt: skip
_FANTASY_IRIS: tuple[Triple, ...] = ((0.92, 0.74, 0.16), (0.85, 0.25, 0.20), (0.60, 0.32, 0.82), (0.20, 0.78, 0.70))
_LIPSTICK: tuple[Triple, ...] = (
    (0.78, 0.12, 0.16), (0.62, 0.10, 0.22), (0.86, 0.36, 0.42), (0.88, 0.42, 0.34), (0.45, 0.14, 0.26),
    (0.70, 0.28, 0.30),
)  # fmt: skip
_EYESHADOW: tuple[Triple, ...] = (
    (0.46, 0.30, 0.52), (0.30, 0.44, 0.66), (0.30, 0.55, 0.50), (0.60, 0.38, 0.26), (0.78, 0.46, 0.52),
    (0.26, 0.22, 0.26),
)  # fmt: skip
_CLOTH: tuple[Triple, ...] = (
    (0.20, 0.28, 0.42), (0.16, 0.42, 0.48), (0.70, 0.26, 0.22), (0.88, 0.66, 0.26), (0.90, 0.88, 0.82),
    (0.30, 0.44, 0.30), (0.48, 0.30, 0.46), (0.16, 0.16, 0.19), (0.82, 0.52, 0.42), (0.52, 0.66, 0.78),
    (0.46, 0.36, 0.28), (0.86, 0.56, 0.66),
)  # fmt: skip
_METAL: tuple[Triple, ...] = (
    (0.12, 0.11, 0.12), (0.12, 0.11, 0.12), (0.42, 0.24, 0.13), (0.80, 0.64, 0.30), (0.70, 0.71, 0.74),
    (0.55, 0.12, 0.14), (0.14, 0.22, 0.40),
)  # fmt: skip
_SOFT_HAIR = (
    "straight", "straight", "wavy", "wavy", "curly", "bob", "bob", "ponytail", "pigtails", "bun", "afro", "side_part",
    "crop",
)  # fmt: skip
_HARD_HAIR = (
    "crop", "crop", "side_part", "side_part", "quiff", "quiff", "buzz", "buzz", "spiky", "mohawk", "curly", "afro",
    "receding", "wavy",
)  # fmt: skip
_OLD_HAIR = ("receding", "receding", "tufts", "tufts", "side_part", "bun", "bob", "crop")


@dataclass(frozen=True)
class Taste:
    """What look and wear of one character have in common.

    Attributes
    ----------
    softness : float
        0 (heavy brow, broad neck) to 1 (fine features); softer ones wear more make-up and longer hair.
    age : float
        0..1; above 0.7 hair turns grey and skin wrinkles.
    fantasy : bool
        A being of another hue.
    """

    softness: float
    age: float
    fantasy: bool


def random_taste(rng: np.random.Generator, shape: Shape | None = None) -> Taste:
    """A taste; with a shape, one that suits its features."""
    softness = rng.random()
    if shape is not None:
        heavy = (
            (shape.neck_radius - 0.22) / 0.25 + (shape.brow_thickness - 0.025) / 0.05 + (shape.jaw_width - 0.42) / 0.3
        )
        softness = float(np.clip(0.85 - 0.33 * heavy + rng.normal(0, 0.15), 0.0, 1.0))
    age = rng.beta(1.4, 2.2)
    if shape is not None:
        age = float(
            np.clip(age + 1.6 * max(shape.nose_size - 0.15, 0.0) - 1.2 * max(shape.eye_radius - 0.28, 0.0), 0, 1)
        )
    return Taste(softness, age, rng.random() < _FANTASY_SHARE)


def random_look(rng: np.random.Generator, taste: Taste | None = None) -> Look:
    """Colours, eyes, make-up: human skin four times of five, a fantasy hue else; hair, brows and lips suit the skin."""
    taste = taste or random_taste(rng)
    u = rng.uniform
    tone = rng.random() ** 1.4
    skin = _fantasy_skin(rng) if taste.fantasy else _human_skin(rng, tone)
    hair, tip = _hair_colours(rng, taste, tone)
    made_up = rng.random() < 0.12 + 0.38 * taste.softness
    lips = skin * (0.98, 0.66, 0.66) * u(0.84, 1.0) + np.array([0.03, 0.0, 0.01])
    if made_up and rng.random() < 0.7:
        lips = np.asarray(_pick(rng, _LIPSTICK)) * u(0.85, 1.1)
    elif rng.random() < 0.18:
        lips = skin * (0.94, 0.84, 0.82)  # lips that are hardly drawn
    brow = hair * u(0.45, 0.8) if hair.max() < 0.7 else hair * (0.72, 0.64, 0.52)
    if taste.age > 0.8 and hair.max() > 0.7:
        brow = hair * 0.86
    weights = np.array([weight for _, weight in _IRIS]) * np.where(np.arange(len(_IRIS)) == 0, 1 + 6 * tone**2, 1.0)
    iris = np.asarray(_IRIS[int(rng.choice(len(_IRIS), p=weights / weights.sum()))][0]) * u(0.8, 1.25)
    if taste.fantasy and rng.random() < 0.5:
        iris = np.asarray(_pick(rng, _FANTASY_IRIS))
    lined = rng.random() < 0.18 + 0.45 * taste.softness
    return Look(
        skin=_triple(skin),
        lips=_triple(lips),
        hair=_triple(hair),
        hair_tip=_triple(tip),
        brow=_triple(brow),
        iris=_triple(iris),
        sclera=(0.96, 0.90, 0.62) if taste.fantasy and rng.random() < 0.3 else (0.97, 0.97, 0.97),
        eyes=_eye_style(rng, taste),
        teeth=str(rng.choice(["row", "gap", "canines", "none"], p=[0.70, 0.10, 0.05, 0.15])),
        blush=u(0.0, 0.42),
        iris_share=u(0.46, 0.76),
        pupil_share=u(0.16, 0.38),
        eyeliner=int(rng.choice([1, 2], p=[0.65, 0.35])) if lined else 0,
        eyeshadow=u(0.3, 0.9) if made_up and rng.random() < 0.6 else 0.0,
        eyeshadow_colour=_pick(rng, _EYESHADOW),
        lip_gloss=u(0.4, 1.0) if made_up else u(0.0, 0.3),
        freckles=u(0.3, 1.0) if rng.random() < 0.20 * (1 - tone) else 0.0,
        stubble=u(0.3, 1.0) if rng.random() < 0.28 * (1 - taste.softness) else 0.0,
        wrinkles=u(0.4, 1.0) if taste.age > 0.68 else 0.0,
        moles=int(rng.integers(1, 4)) if rng.random() < 0.12 else 0,
    )


def random_wear(rng: np.random.Generator, taste: Taste | None = None) -> Wear:
    """Hair, brows, lashes, ears, beard, glasses, hat, clothes: bald one time of six, most heads with few things on."""
    taste = taste or random_taste(rng)
    u = rng.uniform
    soft = rng.random() < taste.softness
    styles = _OLD_HAIR if taste.age > 0.68 else _SOFT_HAIR if soft else _HARD_HAIR
    hair = "bald" if rng.random() < 0.17 else str(rng.choice(styles))
    fringed = hair in ("straight", "wavy", "bob", "ponytail", "pigtails", "bun", "crop", "curly")
    hat = "none"
    if rng.random() < 0.12:
        hat = str(
            rng.choice(["brim", "cap", "beanie", "top_hat", "crown", "headband"], p=[0.2, 0.22, 0.22, 0.1, 0.08, 0.18])
        )
    hidden = hat in ("brim", "cap", "beanie", "top_hat")
    bearded = not soft and rng.random() < 0.19
    cloth = _pick(rng, _CLOTH)
    return Wear(
        hair=hair,
        fringe=str(rng.choice(["straight", "swept", "wispy"]))
        if fringed and not hidden and rng.random() < 0.34
        else "none",
        hairline=u(0.72, 0.95),
        hair_volume=u(0.08, 0.21),
        hair_length=u(0.7, 1.25),
        hair_seed=int(rng.integers(0, 10_000)),
        beard=str(rng.choice(["full", "full", "goatee", "moustache"])) if bearded else "none",
        brows=_brow_style(rng, soft),
        lashes=u(0.12, 0.32) if rng.random() < 0.08 + 0.62 * soft else 0.0,
        ears=_ear_style(rng, taste),
        glasses=str(rng.choice(["round", "square", "sun"], p=[0.45, 0.43, 0.12])) if rng.random() < 0.12 else "none",
        hat=hat,
        clothes=str(rng.choice(["shirt", "collar", "high_neck", "scarf", "none"], p=[0.45, 0.25, 0.14, 0.08, 0.08])),
        earrings=str(rng.choice(["stud", "hoop"])) if rng.random() < 0.05 + 0.25 * soft else "none",
        hand=str(rng.choice(["cheek", "chin", "mouth", "eye"])) if rng.random() < 0.04 else "none",
        cloth=cloth,
        hat_colour=_pick(rng, tuple(colour for colour in _CLOTH if colour != cloth)),
        metal=_pick(rng, _METAL),
    )


def random_identity(rng: np.random.Generator) -> Identity:
    """One character whose look and wear suit its shape."""
    shape = random_shape(rng)
    taste = random_taste(rng, shape)
    look, wear = random_look(rng, taste), random_wear(rng, taste)
    if look.stubble and wear.beard != "none":
        look = replace(look, stubble=0.0)
    return Identity(shape, look, wear)


def _human_skin(rng: np.random.Generator, tone: float) -> np.ndarray:
    place = tone * (len(_SKIN) - 1)
    low = min(int(place), len(_SKIN) - 2)
    skin = _SKIN[low] * (1 - (place - low)) + _SKIN[low + 1] * (place - low)
    warmth = rng.uniform(-0.03, 0.03)
    return np.asarray(skin * (1 + warmth * 0.5, 1.0, 1 - warmth))


def _fantasy_skin(rng: np.random.Generator) -> np.ndarray:
    hue, saturation, value = colorsys.rgb_to_hsv(*_pick(rng, _FANTASY_SKIN))
    turned = (hue + rng.uniform(-0.04, 0.04)) % 1.0
    value = float(np.clip(value * rng.uniform(0.8, 1.1), 0.0, 1.0))
    return np.array(colorsys.hsv_to_rgb(turned, saturation * rng.uniform(0.8, 1.15), value))


def _hair_colours(rng: np.random.Generator, taste: Taste, tone: float) -> tuple[np.ndarray, np.ndarray]:
    """Colours at the roots and at the tips."""
    if taste.age > 0.70:
        root = np.asarray(_pick(rng, _GREY))
        return root, np.minimum(root * 1.12 + 0.03, 1.0)
    if rng.random() < (0.5 if taste.fantasy else 0.10):
        root = np.asarray(_pick(rng, _DYED)) * rng.uniform(0.7, 1.0)
        return root, np.minimum(root * 1.25 + 0.05, 1.0)
    column = 0 if tone < 0.35 else 1 if tone < 0.65 else 2
    weights = np.array([common[column] for _, _, common in _HAIR])
    chosen, tip, _ = _HAIR[int(rng.choice(len(_HAIR), p=weights / weights.sum()))]
    scale = rng.uniform(0.88, 1.15)
    if rng.random() < 0.08:
        tip = _pick(rng, _DYED)  # dipped
    return np.asarray(chosen) * scale, np.asarray(tip) * scale


def _eye_style(rng: np.random.Generator, taste: Taste) -> str:
    if taste.fantasy and rng.random() < 0.25:
        return str(rng.choice(["slit", "dark"]))
    return str(rng.choice(["iris", "dark", "dot"], p=[0.94, 0.035, 0.025]))


def _brow_style(rng: np.random.Generator, soft: bool) -> str:
    return str(
        rng.choice(["plain", "thin", "bushy", "none"], p=[0.55, 0.38, 0.03, 0.04] if soft else [0.6, 0.06, 0.29, 0.05])
    )


def _ear_style(rng: np.random.Generator, taste: Taste) -> str:
    weights = [0.25, 0.20, 0.45, 0.10] if taste.fantasy else [0.86, 0.10, 0.01, 0.03]
    return str(rng.choice(["human", "round", "elf", "none"], p=weights))


def _pick(rng: np.random.Generator, colours: tuple[Triple, ...]) -> Triple:
    return colours[int(rng.integers(len(colours)))]


def _triple(colour: np.ndarray) -> Triple:
    red, green, blue = np.clip(np.round(colour, 4), 0.0, 1.0).tolist()
    return red, green, blue
