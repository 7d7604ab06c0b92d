"""Other sets of landmarks as partly known WFLW landmarks.

A landmark that means the same point in both sets is taught with weight 1; all others have weight 0 and only an
estimated place, so that boxes and crops can be made as for whole faces.

68 points (iBUG): those that `ibug68_from_wflw98` takes over unchanged, 52 of the 98. Between them, places that give the
labelled 68 points again. 29 points (COFW; Burgos-Artizzu et al. 2013) and 19 (AFLW without ears; Koestinger et al.
2011, the order in which the set is passed around today): the tables below. Estimates there come from a
mean face, stretched to fit.
"""

from functools import lru_cache

import numpy as np

from sfp_core.heads.head import Head
from sfp_core.heads.identity import Identity
from sfp_core.heads.landmarks98 import landmarks98
from sfp_core.layout import IBUG_68, WFLW_98, ibug68_from_wflw98

FEWEST_KNOWN = 6  # an affine fit of the mean face has six numbers and each point gives two; half of that is slack

# Which WFLW landmark each one is; -1 where WFLW has none at that place (inner brow ends, nostrils, eye centres).
# fmt: off
_COFW_29 = (
    33, 46, -1, -1,  # brows: outer ends, inner ends (WFLW draws two edges there)
    35, 40, 44, 48,  # middles: left upper, left lower, right upper, right lower
    60, 72, 64, 68,  # eyes: outer corners, inner corners
    62, 66, 70, 74,  # lids: left upper, left lower, right upper, right lower
    96, 97,          # pupils
    -1, -1, 54, 57,  # nose: wings, tip, under it
    76, 82, 79, 90, 94, 85,  # mouth: corners, upper lip's upper and lower edge, lower lip's upper and lower edge
    16,              # chin
)
_AFLW_19 = (
    33, -1, -1, -1, -1, 46,  # brows
    60, -1, 64, 68, -1, 72,  # eyes: corners; their middles are not the pupils
    -1, 54, -1,      # nose: tip
    76, -1, 82,      # mouth: corners; its middle is no point of the lips
    16,              # chin
)
# fmt: on
_TABLES = {29: _COFW_29, 19: _AFLW_19}
TRAINABLE = (WFLW_98.count, IBUG_68.count, *_TABLES)


@lru_cache(maxsize=1)
def matrix_68_from_98() -> np.ndarray:
    """(68, 98) float64: the weights behind `ibug68_from_wflw98`."""
    unit = np.repeat(np.eye(WFLW_98.count)[..., None], 2, axis=2)  # (98, 98, 2): the k-th face has landmark k at 1
    return ibug68_from_wflw98(unit)[..., 0].T


@lru_cache(maxsize=1)
def wflw_of_ibug() -> np.ndarray:
    """(68,) int64: the WFLW landmark that is the same point, or -1."""
    matrix = matrix_68_from_98()
    return np.where(matrix.max(1) == 1, matrix.argmax(1), -1)


@lru_cache(maxsize=1)
def _matrix_98_from_68() -> np.ndarray:
    """(98, 68): places for 98 landmarks whose 68 are the given ones, exactly."""
    backward = np.zeros((WFLW_98.count, IBUG_68.count))
    same = wflw_of_ibug()
    backward[same[same >= 0], np.flatnonzero(same >= 0)] = 1
    for target, row in enumerate(matrix_68_from_98()):
        if np.isclose(row.max(), 0.5):  # the middle of two brow edges: both edges are put there
            backward[np.flatnonzero(row), target] = 1
    for group in ("left_eye", "right_eye"):
        corner = WFLW_98.groups[group][0]
        for near, middle, far in ((corner + 1, corner + 2, corner + 3), (corner + 5, corner + 6, corner + 7)):
            # two labels a lid, each 2/3 of the nearer and 1/3 of the middle landmark: the middle is put between them
            first, second = (int(matrix_68_from_98()[:, point].argmax()) for point in (near, far))
            backward[middle, [first, second]] = 0.5
            for point, label in ((near, first), (far, second)):
                backward[point] = -0.5 * backward[middle]
                backward[point, label] += 1.5
    for odd in range(1, 32, 2):  # contour
        backward[odd] = (backward[odd - 1] + backward[odd + 1]) / 2
    for pupil, group in ((96, "left_eye"), (97, "right_eye")):
        backward[pupil] = backward[WFLW_98.group(group)].mean(0)
    return backward


@lru_cache(maxsize=1)
def _mean_face() -> np.ndarray:
    """(98, 2): the landmarks of the plainest head seen from the front, y down."""
    points = landmarks98(Head(Identity()).pose({}), np.eye(3))
    return np.asarray(points[:, :2] * [1, -1])


def wflw98_from(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Partly known WFLW landmarks from those of any set that can be trained on.

    Parameters
    ----------
    points : (N, 2) float
        N is one of `TRAINABLE`; image space; NaN where a landmark is not labelled.

    Returns
    -------
    points : (98, 2) float64
        All finite.
    weights : (98,) float32
        1 where the landmark is labelled, 0 where its place is an estimate.

    Raises
    ------
    ValueError
        Another number of landmarks, or too few of them labelled.
    """
    count = len(points)
    if points.shape != (count, 2) or count not in TRAINABLE:
        known = ", ".join(map(str, TRAINABLE))
        raise ValueError(f"{count} landmarks; sets of {known} can be trained on (98 WFLW, 68 iBUG, 29 COFW, 19 AFLW)")
    labelled = np.isfinite(points).all(axis=1)
    if count == WFLW_98.count:
        placed, weights = np.where(labelled[:, None], points, np.nan), labelled.astype(np.float32)
    else:
        same = wflw_of_ibug() if count == IBUG_68.count else np.asarray(_TABLES[count])
        taken = labelled & (same >= 0)
        weights = np.zeros(WFLW_98.count, np.float32)
        weights[same[taken]] = 1
        placed = np.full((WFLW_98.count, 2), np.nan)
        if count == IBUG_68.count:
            matrix = _matrix_98_from_68()
            whole = ~(matrix[:, ~labelled] != 0).any(axis=1)
            placed[whole] = (matrix[:, labelled] @ points[labelled])[whole]
        placed[same[taken]] = points[taken]
    if weights.sum() < FEWEST_KNOWN:
        raise ValueError(f"{int(weights.sum())} landmarks that WFLW has too are labelled; expected {FEWEST_KNOWN}")
    return _filled(placed), weights


def _filled(placed: np.ndarray) -> np.ndarray:
    """Landmarks (98, 2) whose NaN are replaced by the mean face, stretched to fit the others."""
    known = np.isfinite(placed).all(axis=1)
    if known.all():
        return placed
    mean = np.column_stack([_mean_face(), np.ones(WFLW_98.count)])
    affine = np.linalg.lstsq(mean[known], placed[known], rcond=None)[0]
    return np.where(known[:, None], placed, mean @ affine)
