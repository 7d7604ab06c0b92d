"""The face's outline as the viewer sees it: "landmark marching" (Zhu et al., CVPR 2015), for any family of heads.

Each of the 33 contour points has a line of candidates from before the ear inwards; the outermost one is taken.
"""

from functools import cache

import numpy as np

CONTOUR = 33
MARCH = 25  # candidates of one contour point
MARCH_SHARE = 0.75  # of the way to the middle of the face
_SHARPNESS = 60.0  # of the choice of the outermost candidate, per head unit


@cache
def contour_angles() -> np.ndarray:
    """Where the lines stand, (33,) rad, from the image's left (-pi / 2) over the chin (0)."""
    return np.linspace(-1.0, 1.0, CONTOUR) * np.pi / 2


def outline(candidates: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """The outermost candidate of every line as the viewer sees it, (33, 3) from (33, 25, 3).

    A soft choice, smoothed along the contour and then spaced evenly on both sides of the chin, so that the outline
    neither jumps nor bunches when the head turns.
    """
    angle = contour_angles()
    outwards = np.stack([np.sin(angle), -0.9 * np.cos(angle)], axis=-1)
    outwards /= np.linalg.norm(outwards, axis=1, keepdims=True)
    reach = np.einsum("nkc,nc->nk", candidates @ rotation.T[:, :2], outwards)
    weight = np.exp(_SHARPNESS * (reach - reach.max(axis=1, keepdims=True)))
    place = (weight * np.arange(MARCH)).sum(axis=1) / weight.sum(axis=1)
    kernel = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9
    place = np.convolve(np.pad(place, 2, mode="edge"), kernel, mode="valid")
    low = np.clip(np.floor(place).astype(np.intp), 0, MARCH - 2)
    share = (place - low)[:, None]
    row = np.arange(CONTOUR)
    chosen = candidates[row, low] * (1 - share) + candidates[row, low + 1] * share
    return np.concatenate([_evenly_spaced(chosen[:17]), _evenly_spaced(chosen[16:])[1:]])


def _evenly_spaced(line: np.ndarray) -> np.ndarray:
    """The same number of points, equal steps along the line; its ends stay."""
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    goals = np.linspace(0.0, along[-1], len(line))
    return np.stack([np.interp(goals, along, line[:, axis]) for axis in range(3)], axis=-1)
