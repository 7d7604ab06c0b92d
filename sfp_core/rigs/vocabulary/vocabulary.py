"""A vocabulary: what each word for a controller does to the face, and how it is found in the names of a rig."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Literal, get_args

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.heads.actions import ACTIONS
from sfp_core.heads.expressions import EXPRESSIONS, LIDS, VISEMES
from sfp_core.rig import RigSpec
from sfp_core.rigs.vocabulary.naming import compact, endings, last_part, long_attribute

Drive = Mapping[str, float]
Match = Literal["ending", "part", "name"]
Measure = Literal["share", "change"]

_ENOUGH = 0.4  # of a face's actions, by strength: drooping lids alone are no disgust

FACES: Mapping[str, Mapping[str, float]] = {**EXPRESSIONS, **VISEMES, **LIDS}
"""Every named face, over actions: the seven expressions, the lip shapes of speech, what lids do."""


@dataclass(frozen=True)
class Vocabulary:
    """Words for controllers and what they mean.

    Attributes
    ----------
    words : mapping of word to its spellings
        A spelling is compared without case and separators, L and R stand for Left and Right.
    drives : mapping of facial action to {word: strength}
        What the action asks of which words at full strength. Actions are those of `sfp_core.heads.actions`; an
        action the vocabulary cannot show is left out.
    faces : mapping of face to {word: strength}
        Faces of `FACES` that the vocabulary has words of its own for; they are taken instead of `drives`.
    lips : frozenset of str
        Words of `faces` that shape the lips alone: of a feeling they give way where something is said.
    direct : mapping of speech articulator to {word: strength}
        What speech may drive past the landmarks, at full strength. Names are those of `sfp_core.speech.direct`.
    match : Match
        `ending`: a name may carry a prefix (`Head_jawOpen`, `blendShape1.jawOpen`). `part`: what stands behind the
        last dot is the word, nothing more: for words of one or two letters. `name`: the whole `node.attribute`.
    measure : Measure
        Of strengths. `share`: of the way from neutral to the maximum, or to the minimum where it is negative.
        `change`: in the controller's unit, from neutral.
    least : int
        With fewer of its words a rig does not speak this vocabulary.
    core : (words, count)
        Words of which at least `count` must be there too.
    """

    name: str
    words: Mapping[str, tuple[str, ...]]
    drives: Mapping[str, Drive] = field(default_factory=dict)
    faces: Mapping[str, Drive] = field(default_factory=dict)
    lips: frozenset[str] = frozenset()
    direct: Mapping[str, Drive] = field(default_factory=dict)
    match: Match = "ending"
    measure: Measure = "share"
    least: int = 6
    core: tuple[tuple[str, ...], int] = ((), 0)

    def __post_init__(self) -> None:
        problems = [f"action {a!r} is unknown" for a in self.drives if a not in _KNOWN]
        problems += [f"face {f!r} is unknown" for f in self.faces if f not in FACES]
        for table in (self.drives, self.faces, self.direct):
            for key, drive in table.items():
                problems += [f"{key}: {word!r} is none of its words" for word in drive if word not in self.words]
                problems += [f"{key}.{w}: {s!r} is no number" for w, s in drive.items() if not np.isfinite(s)]
                if self.measure == "share":
                    problems += [f"{key}.{w}: {s} is beyond -1 to 1" for w, s in drive.items() if abs(s) > 1]
        problems += [f"{word!r} is none of its words" for word in (*self.lips, *self.core[0]) if word not in self.words]
        if self.match not in get_args(Match) or self.measure not in get_args(Measure):
            problems.append(f"match {self.match!r} and measure {self.measure!r}")
        if problems:
            raise SfpError(f"vocabulary {self.name}: {'; '.join(problems[:5])}")

    @cached_property
    def _by_spelling(self) -> dict[str, str]:
        key = long_attribute if self.match == "name" else compact
        return {key(spelling): word for word, spellings in self.words.items() for spelling in (word, *spellings)}

    def word_of(self, controller: str) -> str | None:
        """The word that a controller's name says, or None."""
        if self.match == "name":
            return self._by_spelling.get(long_attribute(controller))
        if self.match == "part":
            return self._by_spelling.get(compact(last_part(controller)))
        return next((self._by_spelling[e] for e in endings(controller) if e in self._by_spelling), None)

    def found_in(self, rig: RigSpec) -> "Recognised | None":
        """The vocabulary as this rig speaks it; None where too few of its words are there."""
        controllers: dict[str, list[str]] = {}
        for name in rig.names:
            word = self.word_of(name)
            if word is not None:
                controllers.setdefault(word, []).append(name)
        core, count = self.core
        if len(controllers) < self.least or sum(word in controllers for word in core) < count:
            return None
        return Recognised(self, rig, {word: tuple(names) for word, names in controllers.items()})


_KNOWN = frozenset(ACTIONS)


@dataclass(frozen=True)
class Recognised:
    """A vocabulary found in a rig.

    Attributes
    ----------
    controllers : mapping of word to controllers
        Several where more than one mesh carries the same shape; a word that the rig lacks is not in it.
    """

    vocabulary: Vocabulary
    rig: RigSpec
    controllers: Mapping[str, tuple[str, ...]]

    def change(self, strengths: Mapping[str, float]) -> np.ndarray:
        """Strengths of words as a change from neutral, (K,) float64, controller units, within the limits."""
        rig, total = self.rig, np.zeros(len(self.rig.names))
        for word, strength in strengths.items():
            for name in self.controllers.get(word, ()):
                total[rig.index(name)] += strength
        below, above = rig.minimum - rig.neutral, rig.maximum - rig.neutral
        if self.vocabulary.measure == "share":
            total = np.where(total < 0, -total * below, total * above)
        return np.asarray(np.clip(total, below, above))

    def words_of(self, actions: Mapping[str, float]) -> dict[str, float]:
        """Facial actions as strengths of words; actions that it cannot show are left out."""
        strengths: dict[str, float] = {}
        for action, strength in actions.items():
            for word, gain in self.vocabulary.drives.get(action, {}).items():
                if word in self.controllers:
                    strengths[word] = strengths.get(word, 0.0) + gain * strength
        return strengths

    def own_face(self, name: str) -> dict[str, float] | None:
        """Words of a named face where the vocabulary has its own, and the rig at least one of them; else None."""
        own = {w: s for w, s in self.vocabulary.faces.get(name, {}).items() if w in self.controllers}
        return own or None

    def shows(self, name: str) -> bool:
        """Whether this rig shows the named face of `FACES`: by words of its own, or by enough of what makes it."""
        if self.own_face(name):
            return True
        parts = {
            action: abs(s) for action, s in FACES[name].items() if not action.startswith("tongue")
        }  # hidden mostly
        told = sum(strength for action, strength in parts.items() if self.words_of({action: strength}))
        return told > _ENOUGH * sum(parts.values())

    def direct_table(self) -> dict[str, dict[str, float]]:
        """Speech articulator -> {controller: change from neutral at full strength, controller units}."""
        table: dict[str, dict[str, float]] = {}
        for articulator, drive in self.vocabulary.direct.items():
            changes = self.change(drive)
            names = chain.from_iterable(self.controllers.get(word, ()) for word in drive)
            moved = {name: float(changes[self.rig.index(name)]) for name in names}
            if any(moved.values()):
                table[articulator] = {name: value for name, value in moved.items() if value}
        return table
