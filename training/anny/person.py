"""What makes one head of this family differ from another: how it grew, its features, its style and its paint."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sfp_core.heads.identity import Look, Wear
from training.anny.store import AGES, GENDERS, RACES, HeadStore


@dataclass(frozen=True)
class Style:
    """How a head is drawn: factors (1 leaves a measure as it grew) and shifts in head units (0 leaves it).

    Attributes
    ----------
    eye_size, eye_open : float
        Of the eyeball, and of the lids' opening on it.
    eye_apart, eye_up, eye_tilt : float
        Shifts of each eye outwards and up; turn of its slit, rad, outer corner up.
    crown, cranium, back : float
        Height over the eyes, width at the temples, depth behind the ears.
    cheeks, jaw, chin : float
        Width at three heights.
    length : float
        Of the face below the eyes.
    chin_out, forehead_out : float
        Shifts forward.
    nose, nose_width, nose_out, nose_up : float
        Size, more width, more depth, shift up.
    mouth_width, lips, mouth_up : float
    brow_up : float
    ears, ears_out : float
    neck : float
        Thickness.
    """

    eye_size: float = 1.0
    eye_open: float = 1.0
    eye_apart: float = 0.0
    eye_up: float = 0.0
    eye_tilt: float = 0.0
    crown: float = 1.0
    cranium: float = 1.0
    back: float = 1.0
    cheeks: float = 1.0
    jaw: float = 1.0
    chin: float = 1.0
    length: float = 1.0
    chin_out: float = 0.0
    forehead_out: float = 0.0
    nose: float = 1.0
    nose_width: float = 1.0
    nose_out: float = 1.0
    nose_up: float = 0.0
    mouth_width: float = 1.0
    lips: float = 1.0
    mouth_up: float = 0.0
    brow_up: float = 0.0
    ears: float = 1.0
    ears_out: float = 0.0
    neck: float = 1.0


@dataclass(frozen=True)
class Person:
    """One character.

    Attributes
    ----------
    age : float
        0 newborn, 1 baby, 2 child, 3 young, 4 old.
    gender : float
        0 male to 1 female.
    races : (3,) of float
        Shares of `store.RACES`; they need not sum to 1.
    muscle, weight : float
        -1 to 1.
    features : mapping of str to float
        Strength, -1 to 1, of changes of the store (names that end in incr, up, out ...; below 0 the opposite).
    uneven : mapping of str to float
        Added on the character's left alone.
    brow_thickness, brow_rise : float
        Half of it, and how far the resting brows lie over their usual place, head units.
    style : Style or None
        None leaves the head human.
    look, wear : Look, Wear
        As of the procedural heads. Not every style of theirs is known here: eyes are round, ears as they grew, teeth a
        row; a beard is stubble; `freckles`, `wrinkles`, `moles` and `hand` are not drawn.
    """

    age: float = 3.0
    gender: float = 0.5
    races: tuple[float, float, float] = (1.0, 1.0, 1.0)
    muscle: float = 0.0
    weight: float = 0.0
    features: Mapping[str, float] = field(default_factory=dict)
    uneven: Mapping[str, float] = field(default_factory=dict)
    brow_thickness: float = 0.032
    brow_rise: float = 0.0
    style: Style | None = None
    look: Look = field(default_factory=Look)
    wear: Wear = field(default_factory=Wear)


def _ages(age: float) -> list[tuple[str, float]]:
    low = int(np.clip(np.floor(age), 0, len(AGES) - 2))
    share = float(np.clip(age - low, 0.0, 1.0))
    return [(AGES[low], 1 - share), (AGES[low + 1], share)]


def _add(store: HeadStore, vertices: np.ndarray, name: str, strength: float, *, sides: str) -> None:
    """Add a change of `store.changes` or its opposite; of one-sided ones the left, the right (mirrored) or both."""
    if strength < 0:  # the opposite stands next in the store
        name, strength = store.changes.names[store.changes.names.index(name) + 1], -strength
    index, delta = store.changes[name]
    if not name.startswith("l-") or "left" in sides:
        vertices[index] += strength * delta
    if name.startswith("l-") and "right" in sides:
        vertices[store.mirror[index]] += strength * delta * (-1, 1, 1)


def grown(store: HeadStore, person: Person) -> np.ndarray:
    """The resting human head, (V, 3) float64, head units; crown and chin as far apart as on every head.

    Raises
    ------
    SfpError
        A feature that the store does not have.
    """
    vertices = store.mean.astype(np.float64)
    total = sum(person.races)
    builds = (("minmuscle", "maxmuscle", person.muscle), ("minweight", "maxweight", person.weight))
    for age, share in _ages(person.age):
        for gender, part in zip(GENDERS, (1 - person.gender, person.gender), strict=True):
            middle = np.zeros_like(vertices)
            for race, weight in zip(RACES, person.races, strict=True):
                index, delta = store.macros[f"{age}.{gender}.{race}"]
                middle[index] += delta * (weight / total)
            vertices += middle * (share * part)
            for least, most, strength in builds:
                if strength:
                    index, delta = store.macros[f"{age}.{gender}.{most if strength > 0 else least}"]
                    step = -_even_races(store, age, gender)
                    step[index] += delta
                    vertices += step * (share * part * abs(strength))
    for name, strength in person.features.items():
        _add(store, vertices, name, strength, sides="left and right")
    for name, strength in person.uneven.items():
        _add(store, vertices, name, strength, sides="left")
    return vertices


def _even_races(store: HeadStore, age: str, gender: str) -> np.ndarray:
    """The step to an even mix of races, which the extremes of build start from."""
    step = np.zeros((len(store.mean), 3))
    for race in RACES:
        index, delta = store.macros[f"{age}.{gender}.{race}"]
        step[index] += delta / len(RACES)
    return step
