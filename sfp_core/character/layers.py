"""Which layer of a take a controller is on: by its name, or by what it moves where the name tells nothing.

The eyes' parts of a performance do not depend on what is said, so a take keeps them apart: an animator turns down the
blinks, or deletes them, and the words stay.
"""

from collections.abc import Mapping

import numpy as np

from sfp_core.character.character import Character
from sfp_core.curves.parts import Part, part_of
from sfp_core.layout import WFLW_98

BLINKS, GAZE, BROWS, HEAD = "blinks", "gaze", "brows", "head"
_BY_NAME: Mapping[Part, str] = {"lids": BLINKS, "gaze": GAZE, "brows": BROWS, "head": HEAD}
_REGIONS: Mapping[str, np.ndarray] = {
    BLINKS: np.concatenate([WFLW_98.group("left_eye"), WFLW_98.group("right_eye")]),
    GAZE: np.array([96, 97]),
    BROWS: np.concatenate([WFLW_98.group("left_brow"), WFLW_98.group("right_brow")]),
}
_LEADS = 2.0  # a region that moves this much further than the rest of the face is what a controller is for


def layers_of(character: Character, *, main: str) -> tuple[str, ...]:
    """The layer of each controller, (K,): `main`, or `BLINKS`, `GAZE`, `BROWS` or `HEAD`."""
    motions = _motions(character)
    layers = []
    for index, name in enumerate(character.rig.names):
        part = part_of(name)
        layers.append(_BY_NAME.get(part, main) if part != "other" else _measured(motions[index], main))
    return tuple(layers)


def _measured(motion: np.ndarray, main: str) -> str:
    """The layer whose landmarks a motion (98, 2) moves far beyond all others."""
    lengths = np.sqrt((motion**2).sum(axis=1))
    for layer, region in _REGIONS.items():
        if lengths[region].max() > _LEADS * np.delete(lengths, region).max():
            return layer
    return main


def _motions(character: Character) -> np.ndarray:
    """(K, 98, 2): where each controller takes the landmarks, from neutral to the end that takes them further."""
    forward = character.forward
    count = len(character.rig.names)
    ends = []
    for end in (0.0, 1.0):
        posed = np.tile(forward.neutral, (count, 1))
        np.fill_diagonal(posed, end)
        ends.append(forward(posed).astype(np.float64).reshape(count, -1, 2))
    further = (ends[1] ** 2).sum(axis=(1, 2)) > (ends[0] ** 2).sum(axis=(1, 2))
    return np.where(further[:, None, None], ends[1], ends[0])
