"""Standard faces that any character should be able to show: lip shapes, lids, expressions.

They are posed through the vocabularies found in a rig's names; a rig of unknown names shows its controllers one by one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sfp_core.heads.expressions import EXPRESSIONS, LIDS, VISEMES
from sfp_core.rig import RigSpec
from sfp_core.rigs.vocabulary.known import recognised
from sfp_core.rigs.vocabulary.vocabulary import Recognised

FaceKind = Literal["neutral", "viseme", "lids", "expression", "sweep"]

_LEAST = 0.05  # of a range: a face that moves no controller further is not shown by this rig
_KINDS: Mapping[FaceKind, Mapping[str, Mapping[str, float]]] = {
    "viseme": VISEMES,
    "lids": LIDS,
    "expression": EXPRESSIONS,
}


@dataclass(frozen=True)
class StandardFace:
    """A face and how a rig shows it.

    Attributes
    ----------
    values : (K,) float64
        Controller units, within the rig's limits.
    """

    name: str
    kind: FaceKind
    values: np.ndarray


def standard_faces(rig: RigSpec) -> tuple[StandardFace, ...]:
    """Neutral, then what the rig can show of lip shapes, lids and expressions; else every controller at its limits."""
    neutral = StandardFace("neutral", "neutral", rig.neutral.astype(np.float64))
    found = recognised(rig)
    faces = [
        StandardFace(name, kind, _shown(rig, found, name, actions))
        for kind, named in _KINDS.items()
        for name, actions in named.items()
    ]
    span = rig.maximum - rig.minimum
    moving = [face for face in faces if (np.abs(face.values - rig.neutral) / span).max() > _LEAST]
    return (neutral, *(moving or _swept(rig)))


def _shown(rig: RigSpec, found: tuple[Recognised, ...], name: str, actions: Mapping[str, float]) -> np.ndarray:
    """(K,) values by the first vocabulary that has the face; neutral where none has."""
    for one in found:
        if one.shows(name):
            change = one.change(one.own_face(name) or one.words_of(actions))
            return np.asarray(np.clip(rig.neutral + change, rig.minimum, rig.maximum))
    return rig.neutral.astype(np.float64)


def _swept(rig: RigSpec) -> list[StandardFace]:
    """Every controller at each of its limits, and with its partner where it has one."""
    faces = []
    for k, name in enumerate(rig.names):
        partner = rig.index(rig.mirror.get(name, name))
        for word, bound in (("down", rig.minimum), ("up", rig.maximum)):
            if bound[k] == rig.neutral[k]:
                continue
            values = rig.neutral.astype(np.float64)
            values[k] = bound[k]
            faces.append(StandardFace(f"{name} {word}", "sweep", values))
            if partner > k and bound[partner] != rig.neutral[partner]:
                both = values.copy()
                both[partner] = bound[partner]
                faces.append(StandardFace(f"{name} and partner {word}", "sweep", both))
    return faces
