"""The landmarks of this family that are not its outline: the inner table and the brows."""

from dataclasses import dataclass

import numpy as np

from sfp_core.layout import WFLW_98
from training.anny.anchors import BROW_ROWS, Riders
from training.anny.store import HeadStore
from training.anny.table98 import ROWS

# Brow edges as (station, across): station 0 is the outer end, 8 the inner; across -1 the lower edge, 1 the upper.
_UPPER = np.array([0.0, 2.0, 4.0, 6.0, 7.9]), np.array([0.0, 1.0, 1.0, 1.0, 0.9])
_LOWER = np.array([7.9, 6.0, 4.0, 2.0]), np.array([-0.9, -1.0, -1.0, -1.0])
_TAPER = np.array([0.12, 0.45, 0.68, 0.84, 0.94, 1.0, 1.0, 0.95, 0.80])  # of the thickness at each station


@dataclass(frozen=True, eq=False)
class BrowLine:
    """The brow of one character on the brow patch: half thickness and rise, head units at rest."""

    thickness: float
    rise: float

    def places(self, patch: np.ndarray, station: np.ndarray, across: np.ndarray) -> np.ndarray:
        """(n, 3) places at stations (n,) and shares of the thickness (n,), on a posed patch (9, 11, 3)."""
        height = self.rise + across * self.thickness * np.interp(station, np.arange(len(_TAPER)), _TAPER)
        row = np.interp(height, BROW_ROWS, np.arange(len(BROW_ROWS)))
        i = np.clip(station.astype(int), 0, patch.shape[0] - 2)
        j = np.clip(row.astype(int), 0, patch.shape[1] - 2)
        s, t = (station - i)[:, None], (row - j)[:, None]
        upper = patch[i, j] * (1 - s) * (1 - t) + patch[i + 1, j] * s * (1 - t)
        return np.asarray(upper + patch[i, j + 1] * (1 - s) * t + patch[i + 1, j + 1] * s * t)


def inner_riders(store: HeadStore) -> tuple[np.ndarray, Riders]:
    """Which landmarks the table holds, both sides (n,), and their riders (n, 4)."""
    numbers: list[int] = []
    index, weight = [], []
    for number, row in ROWS.items():
        ids, shares = np.array([i for i, _ in row]), np.array([w for _, w in row])
        vertices = store.place_of_id[ids]
        padding = 4 - len(row)
        for where, at in ((number, vertices), (WFLW_98.mirror[number], store.mirror[vertices])):
            if where in numbers:
                continue
            numbers.append(where)
            index.append(np.pad(at, (0, padding)))
            weight.append(np.pad(shares / shares.sum(), (0, padding)))
    return np.array(numbers), Riders(np.array(index), np.array(weight))


def brow_landmarks(line: BrowLine, patches: np.ndarray) -> np.ndarray:
    """33 to 50, (18, 3), from the posed patches (2, 9, 11, 3) of the character's left and right."""
    out = []
    for patch, mirrored in ((patches[1], False), (patches[0], True)):  # the image's left is the character's right
        upper, lower = line.places(patch, *_UPPER), line.places(patch, *_LOWER)
        out += [upper[::-1], lower[::-1]] if mirrored else [upper, lower]
    return np.concatenate(out)
