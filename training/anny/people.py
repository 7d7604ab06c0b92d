"""Random people: humans of all ages, and characters that start from a design and vary about it."""

from dataclasses import dataclass, field, fields, replace

import numpy as np

from sfp_core.heads.identity import Look, Triple, Wear
from training.anny.person import Person, Style

_FEATURES = (
    *("chin-height-incr", "chin-prominent-incr", "chin-bones-incr", "chin-width-incr", "chin-jaw-drop-incr"),
    *("l-cheek-volume-incr", "l-cheek-bones-incr", "l-cheek-inner-incr", "l-cheek-trans-up", "chin-prognathism-incr"),
    *("forehead-temple-incr", "forehead-scale-vert-incr", "forehead-nubian-incr", "forehead-trans-forward"),
    *("head-fat-incr", "head-scale-horiz-incr", "head-scale-depth-incr", "head-angle-out", "head-age-incr"),
    *("mouth-scale-horiz-incr", "mouth-scale-vert-incr", "mouth-upperlip-height-incr", "mouth-lowerlip-height-incr"),
    *("mouth-upperlip-volume-incr", "mouth-lowerlip-volume-incr", "mouth-cupidsbow-incr", "mouth-angles-up"),
    *("mouth-trans-up", "mouth-laugh-lines-out", "mouth-philtrum-volume-incr"),
    *("nose-scale-horiz-incr", "nose-scale-vert-incr", "nose-scale-depth-incr", "nose-curve-convex", "nose-hump-incr"),
    *("nose-width1-incr", "nose-width2-incr", "nose-width3-incr", "nose-point-up", "nose-point-width-incr"),
    *("nose-flaring-incr", "nose-volume-incr", "nose-greek-incr", "nose-base-up", "nose-trans-up"),
    *("l-eye-scale-incr", "l-eye-height1-incr", "l-eye-height2-incr", "l-eye-height3-incr", "l-eye-trans-up"),
    *("l-eye-trans-out", "l-eye-corner1-up", "l-eye-corner2-up", "l-eye-bag-incr", "l-eye-epicanthus-out"),
    *("l-eye-eyefold-up", "l-eye-eyefold-angle-up", "eyebrows-trans-up", "eyebrows-trans-forward", "eyebrows-angle-up"),
    *("l-ear-scale-incr", "l-ear-flap-incr", "l-ear-lobe-incr", "l-ear-shape-round", "l-ear-rot-forward"),
    *("neck-double-incr",),
)
_SPREAD = 0.38  # of a feature's strength; clipped to 0.9
_UNEVEN = 0.10  # of the one-sided part
_SKIN = np.array([[0.97, 0.84, 0.76], [0.93, 0.74, 0.62], [0.82, 0.60, 0.45], [0.62, 0.42, 0.29], [0.40, 0.26, 0.19]])
_HAIR: tuple[Triple, ...] = (
    *((0.07, 0.06, 0.06), (0.16, 0.10, 0.07), (0.30, 0.17, 0.09), (0.45, 0.27, 0.14)),
    *((0.62, 0.32, 0.12), (0.84, 0.68, 0.40)),
)
_GREY: Triple = (0.80, 0.80, 0.80)
_IRIS: tuple[Triple, ...] = (
    (0.28, 0.17, 0.09),
    (0.40, 0.25, 0.12),
    (0.42, 0.44, 0.24),
    (0.36, 0.50, 0.60),
    (0.45, 0.55, 0.55),
)
_SHORT = ("buzz", "crop", "side_part", "quiff", "receding", "spiky", "curly", "afro")
_LONG = ("straight", "wavy", "bob", "ponytail", "bun", "curly", "pigtails", "afro")


@dataclass(frozen=True)
class Design:
    """A kind of character: its style, and ranges of age and gender that go with it."""

    style: Style
    ages: tuple[float, float]
    genders: tuple[float, float]
    features: dict[str, float] = field(default_factory=dict)
    fantasy: float = 0.05  # how often the skin has no human tone


DESIGNS: dict[str, Design] = {
    "girl": Design(
        Style(
            eye_size=1.75, eye_open=1.5, eye_apart=0.03, eye_up=-0.04, eye_tilt=0.06, crown=1.08, cranium=1.14,
            back=1.05, cheeks=1.06, jaw=0.86, chin=0.74, length=0.88, nose=0.62, nose_out=0.8, nose_up=0.02,
            mouth_width=0.85, forehead_out=0.05, brow_up=0.05, ears=0.95, neck=0.62,
        ),
        (2.0, 3.0), (0.7, 1.0),
    ),
    "boy": Design(
        Style(
            eye_size=1.6, eye_open=1.4, eye_apart=0.02, crown=1.05, cranium=1.12, cheeks=1.10, jaw=1.0, chin=0.85,
            length=0.90, nose=0.8, nose_width=0.9, mouth_width=1.05, brow_up=0.04, ears=1.3, ears_out=0.06, neck=0.62,
        ),
        (1.6, 2.8), (0.0, 0.4),
    ),
    "hero": Design(
        Style(
            eye_size=1.15, eye_open=1.1, crown=0.96, cranium=0.95, cheeks=1.0, jaw=1.22, chin=1.45, chin_out=0.10,
            length=1.06, nose=0.95, mouth_width=1.12, brow_up=-0.03, neck=1.18, ears=0.9,
        ),
        (3.0, 3.3), (0.0, 0.2), {"chin-bones-incr": 0.6, "chin-cleft-incr": 0.7},
    ),
    "heroine": Design(
        Style(
            eye_size=1.45, eye_open=1.3, eye_tilt=0.14, crown=1.0, cranium=1.04, cheeks=1.04, jaw=0.84, chin=0.68,
            length=0.96, nose=0.72, nose_width=0.85, mouth_width=0.95, lips=1.15, brow_up=0.04, ears=0.85, neck=0.68,
        ),
        (2.8, 3.2), (0.9, 1.0), {"mouth-lowerlip-volume-incr": 0.5},
    ),
    "grandfather": Design(
        Style(
            eye_size=1.15, eye_open=1.05, crown=0.96, cranium=0.92, cheeks=0.92, jaw=0.86, chin=0.95, length=1.14,
            chin_out=0.08, nose=1.35, nose_out=1.25, nose_width=0.95, nose_up=0.02, mouth_width=0.95, ears=1.45,
            ears_out=0.04, neck=0.75, brow_up=0.02,
        ),
        (3.5, 4.0), (0.0, 0.3),
    ),
    "grandmother": Design(
        Style(
            eye_size=1.35, eye_open=1.15, cranium=1.02, cheeks=1.14, jaw=1.06, chin=0.85, length=0.90, nose=1.0,
            nose_width=1.15, mouth_width=1.0, brow_up=0.03, neck=0.8,
        ),
        (3.4, 4.0), (0.7, 1.0),
    ),
    "villain": Design(
        Style(
            eye_size=1.2, eye_open=1.0, eye_tilt=0.22, crown=1.04, cranium=0.96, cheeks=0.90, jaw=0.78, chin=0.70,
            length=1.16, chin_out=0.12, nose=1.1, nose_width=0.75, nose_out=1.3, mouth_width=1.15, lips=0.8,
            brow_up=-0.02, forehead_out=0.04, ears=1.05, neck=0.7,
        ),
        (3.0, 3.8), (0.0, 0.7), {}, 0.15,
    ),
    "baby": Design(
        Style(
            eye_size=1.45, eye_open=1.35, eye_up=-0.06, crown=1.14, cranium=1.16, back=1.10, cheeks=1.16, jaw=1.06,
            chin=0.9, length=0.84, nose=0.66, nose_out=0.8, mouth_width=0.8, forehead_out=0.08, brow_up=0.05, neck=0.55,
        ),
        (0.6, 1.6), (0.2, 0.8), {"l-cheek-volume-incr": 0.5},
    ),
    "troll": Design(
        Style(
            eye_size=1.0, eye_open=1.05, eye_apart=0.03, crown=0.80, cranium=0.92, cheeks=1.12, jaw=1.30, chin=1.35,
            length=1.08, chin_out=0.12, nose=1.6, nose_width=1.2, nose_out=1.05, nose_up=0.03, mouth_width=1.4,
            lips=1.1, brow_up=-0.02, ears=1.6, ears_out=0.10, neck=1.25,
        ),
        (3.0, 4.0), (0.0, 0.3), {}, 0.6,
    ),
    "round": Design(
        Style(
            eye_size=1.3, eye_open=1.25, crown=0.94, cranium=1.04, cheeks=1.26, jaw=1.26, chin=1.15, length=0.92,
            nose=1.05, nose_width=1.15, mouth_width=0.95, brow_up=0.03, neck=1.1, ears=0.9,
        ),
        (2.4, 3.6), (0.0, 1.0), {"head-fat-incr": 0.6},
    ),
    "elf": Design(
        Style(
            eye_size=1.5, eye_open=1.25, eye_tilt=0.20, eye_apart=0.02, crown=1.04, cranium=1.02, cheeks=0.96, jaw=0.78,
            chin=0.62, length=1.0, nose=0.75, nose_width=0.8, mouth_width=0.9, brow_up=0.03, ears=1.4, neck=0.58,
        ),
        (2.4, 3.2), (0.2, 1.0), {"l-ear-shape-round": -1.0}, 0.35,
    ),
}  # fmt: skip


def random_human(rng: np.random.Generator) -> Person:
    """A person as they might be met: all ages, uneven a little."""
    age = float(rng.choice([rng.uniform(0.8, 2.0), rng.uniform(2.0, 2.8), rng.uniform(2.8, 3.3), rng.uniform(3.3, 4.0)],
                           p=[0.10, 0.18, 0.42, 0.30]))  # fmt: skip
    return _person(rng, age=age, gender=float(rng.beta(0.5, 0.5)), style=None)


def random_character(rng: np.random.Generator) -> Person:
    """A stylised character: a design drawn weaker or stronger, with every measure varied."""
    design = DESIGNS[str(rng.choice(list(DESIGNS)))]
    strength = rng.uniform(0.65, 1.15)
    neutral, measures = Style(), {}
    for measure in fields(Style):
        start, wanted = getattr(neutral, measure.name), getattr(design.style, measure.name)
        noise = rng.normal(0, 0.05 if start else 0.018)
        measures[measure.name] = float(start + (wanted - start) * strength * rng.uniform(0.75, 1.2) + noise)
    person = _person(
        rng,
        age=rng.uniform(*design.ages),
        gender=rng.uniform(*design.genders),
        style=Style(**measures),
        fantasy=design.fantasy,
    )
    features = {**person.features, **{name: value * rng.uniform(0.4, 1.1) for name, value in design.features.items()}}
    return replace(person, features={name: float(np.clip(value, -1, 1)) for name, value in features.items()})


def _person(
    rng: np.random.Generator, *, age: float, gender: float, style: Style | None, fantasy: float = 0.0
) -> Person:
    spread = _SPREAD * (1.0 if style is None else 0.7) * (0.4 if age < 2 else 1.0)
    thickness = rng.uniform(0.018, 0.036) if gender > 0.5 else rng.uniform(0.026, 0.052)
    chosen = rng.choice(len(_FEATURES), size=int(rng.integers(12, 30)), replace=False)
    features = {_FEATURES[i]: float(np.clip(rng.normal(0, spread), -0.9, 0.9)) for i in chosen}
    uneven = {name: float(rng.normal(0, _UNEVEN)) for name in _FEATURES if name.startswith("l-") and rng.random() < 0.3}
    races = rng.dirichlet([0.45, 0.45, 0.45])
    look = _look(rng, age=age, gender=gender, races=races, fantasy=rng.random() < fantasy, drawn=style is not None)
    return Person(
        age=float(age),
        gender=float(gender),
        races=(float(races[0]), float(races[1]), float(races[2])),
        muscle=float(np.clip(rng.normal(0, 0.4), -1, 1)),
        weight=float(np.clip(rng.normal(0, 0.45), -1, 1)),
        features=features,
        uneven=uneven,
        brow_thickness=float(thickness * np.interp(age, [1.0, 2.5], [0.5, 1.0])),
        brow_rise=float(rng.normal(0.0, 0.018)),
        style=style,
        look=look,
        wear=_wear(rng, age=age, gender=gender),
    )


def _triple(colour: np.ndarray) -> Triple:
    red, green, blue = np.clip(colour, 0.0, 1.0).tolist()
    return red, green, blue


def _hue(rng: np.random.Generator, saturation: tuple[float, float], value: tuple[float, float]) -> np.ndarray:
    full = np.clip(np.abs((rng.random() * 6 + np.array([0.0, 4.0, 2.0])) % 6 - 3) - 1, 0, 1)
    return np.asarray((1 - rng.uniform(*saturation) * (1 - full)) * rng.uniform(*value))


def _look(
    rng: np.random.Generator, *, age: float, gender: float, races: np.ndarray, fantasy: bool, drawn: bool
) -> Look:
    u = rng.uniform
    tone = np.clip(races @ (3.4, 1.2, 0.5) + rng.normal(0, 0.45), 0, 3.999)
    low = int(tone)
    skin = _SKIN[low] + (tone - low) * (_SKIN[low + 1] - _SKIN[low])
    if fantasy:
        skin = _hue(rng, (0.25, 0.6), (0.55, 0.9))
    painted = gender > 0.6 and age > 2.6 and rng.random() < 0.35
    lips = (
        np.array([u(0.60, 0.85), u(0.10, 0.25), u(0.12, 0.28)]) if painted else skin * (0.95, 0.66, 0.66) * u(0.9, 1.05)
    )
    dark = bool(races[2] < 0.5)
    hair = np.asarray(_HAIR[int(rng.integers(0, 3 if dark else len(_HAIR)))])
    if drawn and age > 1.6 and rng.random() < 0.15:
        hair = _hue(rng, (0.4, 0.8), (0.4, 0.9))
    grey = float(np.clip((age - 3.3) / 0.5, 0, 1)) * u(0.3, 1.0)
    hair = hair * (1 - grey) + np.asarray(_GREY) * grey
    iris = np.asarray(_IRIS[int(rng.integers(0, 2 if dark else len(_IRIS)))]) * u(0.8, 1.15)
    if drawn and rng.random() < 0.5:
        iris = _hue(rng, (0.3, 0.8), (0.3, 0.8))
    return Look(
        skin=_triple(skin),
        lips=_triple(lips),
        hair=_triple(hair),
        brow=_triple(hair * u(0.5, 0.9) if grey < 0.6 else hair * u(0.7, 1.0)),
        iris=_triple(iris),
        sclera=_triple(np.array([0.93, 0.92, 0.90]) + (0.04 if drawn else u(-0.03, 0.02))),
        blush=u(0.1, 0.7),
        iris_share=u(0.50, 0.70) if drawn else u(0.46, 0.53),
        pupil_share=u(0.18, 0.34) if drawn else u(0.14, 0.24),
        eyeliner=int(rng.choice([0, 1, 2], p=[0.55, 0.3, 0.15])) if gender > 0.6 and age > 2.4 else 0,
        eyeshadow=u(0.3, 0.9) if gender > 0.6 and age > 2.6 and rng.random() < 0.25 else 0.0,
        eyeshadow_colour=_triple(_hue(rng, (0.2, 0.6), (0.3, 0.7))),
        stubble=u(0.3, 1.0) if gender < 0.35 and age > 2.8 and rng.random() < 0.4 else 0.0,
    )


def _wear(rng: np.random.Generator, *, age: float, gender: float) -> Wear:
    u = rng.uniform
    bald = 0.55 if age < 1.2 else 0.10 + (0.25 if gender < 0.4 and age > 3.3 else 0.0)
    styles = _LONG if gender > 0.5 else _SHORT
    hair = "bald" if rng.random() < bald else str(rng.choice(styles))
    if age < 1.2 and hair != "bald":
        hair = str(rng.choice(["buzz", "crop"]))
    fringe = (
        "none"
        if hair in ("bald", "buzz", "receding") or rng.random() < 0.75
        else str(rng.choice(["straight", "swept", "wispy"]))
    )
    return Wear(
        hair=hair,
        fringe=fringe,
        hairline=u(0.72, 0.98),
        hair_volume=u(0.07, 0.16),
        hair_length=u(0.5, 1.1),
        hair_seed=int(rng.integers(0, 2**31)),
        lashes=u(0.1, 0.4) if gender > 0.6 and rng.random() < 0.35 else 0.0,
        glasses=str(rng.choice(["round", "square", "sun"], p=[0.45, 0.45, 0.1])) if rng.random() < 0.14 else "none",
        hat=str(rng.choice(["brim", "cap", "beanie", "headband", "top_hat"])) if rng.random() < 0.10 else "none",
        clothes=str(rng.choice(["none", "shirt", "collar", "high_neck", "scarf"], p=[0.1, 0.4, 0.2, 0.2, 0.1])),
        earrings=str(rng.choice(["stud", "hoop"])) if gender > 0.6 and rng.random() < 0.2 else "none",
        cloth=_triple(_hue(rng, (0.1, 0.7), (0.25, 0.85))),
        hat_colour=_triple(_hue(rng, (0.2, 0.7), (0.25, 0.8))),
        metal=_triple(_hue(rng, (0.0, 0.5), (0.1, 0.6))),
    )
