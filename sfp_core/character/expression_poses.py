"""Faces that speak with a feeling, for rigs whose controllers have names that we know.

Feelings and lip shapes are those of `sfp_core.heads.expressions`, told by facial action; a vocabulary turns them into
controllers. Where a rig has more than one vocabulary (ARKit's shapes and Oculus' visemes), each is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from sfp_core.heads.expressions import (
    EXPRESSION_NAMES,
    LIDS,
    STRENGTHS,
    VISEMES,
    Side,
    expression,
    gaze,
    one_sided,
    spoken,
)
from sfp_core.rig import RigSpec
from sfp_core.rigs.vocabulary.known import recognised
from sfp_core.rigs.vocabulary.vocabulary import Recognised

_STRENGTH = (0.5, 1.0)
_ONE_SIDED, _SILENT = 0.25, 0.1  # shares of the poses
_BLINKING, _LOOKING = 0.2, 0.35
_OTHER_SIDE = (0.0, 0.5)  # what a one-sided feeling leaves of the other side
_LIPS_GIVE_WAY = 0.7  # of a feeling's own mouth, under a lip shape at full strength
_EYES_FEEL = ("wink_left", "wink_right", "squint", "wide", "half")  # of LIDS, as feelings of their own

Shown = tuple[Recognised, str]
"""A named face, and the vocabulary that can show it."""


@dataclass(frozen=True)
class Repertoire:
    """What a rig can show, by name of face and vocabulary.

    Attributes
    ----------
    feelings, visemes, blinks : tuple of Shown
    looks : tuple of Recognised
        Those that can turn the eyes.
    """

    rig: RigSpec
    feelings: tuple[Shown, ...]
    visemes: tuple[Shown, ...]
    blinks: tuple[Shown, ...]
    looks: tuple[Recognised, ...]

    @classmethod
    def of(cls, rig: RigSpec) -> "Repertoire":
        """All that the vocabularies found in the rig can show."""
        found = recognised(rig)

        def shown(names: Sequence[str]) -> tuple[Shown, ...]:
            return tuple((one, name) for name in names for one in found if one.shows(name))

        return cls(
            rig,
            shown([name for name in EXPRESSION_NAMES if name != "neutral"] + list(_EYES_FEEL)),
            shown([name for name in VISEMES if name != "sil"]),
            shown(["blink"]),
            tuple(one for one in found if any(one.words_of(gaze(1.0, 1.0)).values())),
        )

    @property
    def empty(self) -> bool:
        """Whether there is nothing to combine: no feeling or no lip shape."""
        return not (self.feelings and self.visemes)

    def pose(self, rng: np.random.Generator) -> np.ndarray:
        """One feeling and one lip shape, sometimes with a blink or a glance; (K,) float64, controller units."""
        speaking = 0.0 if rng.random() < _SILENT else rng.uniform(*_STRENGTH)
        change = self._felt(*_drawn(self.feelings, rng), speaking=speaking, rng=rng)
        if speaking:
            one, viseme = _drawn(self.visemes, rng)
            own = one.own_face(viseme)
            change = change + one.change(_scaled(own or one.words_of(VISEMES[viseme]), speaking))
        if self.blinks and rng.random() < _BLINKING:
            one, blink = _drawn(self.blinks, rng)
            change = change + one.change(_scaled(one.own_face(blink) or one.words_of(LIDS[blink]), rng.uniform(0.3, 1)))
        if self.looks and rng.random() < _LOOKING:
            one = self.looks[int(rng.integers(len(self.looks)))]
            change = change + one.change(one.words_of(gaze(*rng.uniform(-1, 1, 2))))
        rig = self.rig
        return np.asarray(np.clip(rig.neutral + change, rig.minimum, rig.maximum))

    def _felt(self, one: Recognised, name: str, *, speaking: float, rng: np.random.Generator) -> np.ndarray:
        """A feeling as a change (K,), its mouth giving way to what is said."""
        strength = rng.uniform(*_STRENGTH)
        level = STRENGTHS[int(rng.integers(len(STRENGTHS)))]
        side = get_args(Side)[int(rng.integers(2))] if rng.random() < _ONE_SIDED else None
        other = rng.uniform(*_OTHER_SIDE)
        own = one.own_face(name)
        if own is not None:
            lips, kept = one.vocabulary.lips, 1 - _LIPS_GIVE_WAY * speaking
            return one.change({w: s * strength * (kept if w in lips else 1.0) for w, s in own.items()})
        face = LIDS[name] if name in LIDS else expression(name, level)
        if side is not None:
            face = one_sided(face, side, other=other)
        return one.change(_scaled(one.words_of(spoken(face, {}, strength=speaking)), strength))


def expression_poses(rig: RigSpec, *, count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Feelings x lip shapes at strength 0.5 to 1, each drawn as often as any other.

    Returns
    -------
    list of (K,) float64
        Controller units, within limits; `count` of them, or none for a rig whose names tell nothing.
    """
    repertoire = Repertoire.of(rig)
    return [] if repertoire.empty else [repertoire.pose(rng) for _ in range(count)]


def _drawn(shown: tuple[Shown, ...], rng: np.random.Generator) -> Shown:
    """A name, then one of the vocabularies that show it: many vocabularies make no face more frequent."""
    names = list(dict.fromkeys(name for _, name in shown))
    name = names[int(rng.integers(len(names)))]
    able = [one for one, other in shown if other == name]
    return able[int(rng.integers(len(able)))], name


def _scaled(strengths: dict[str, float], factor: float) -> dict[str, float]:
    return {word: factor * strength for word, strength in strengths.items()}
