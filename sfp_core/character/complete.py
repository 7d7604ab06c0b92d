"""The 98 landmarks that 68 stand for on one character, learned from what the character itself can do.

52 of the 98 are among the 68; the others (every second contour point, brow edges, lids, pupils) are a linear function
of how far the 68 have moved from neutral. So one bundle serves detectors, which give 98 points with pupils, and
sources of 68 points, such as MakeItTalk's networks.
"""

import numpy as np

from sfp_core.character.networks import ForwardNetwork
from sfp_core.layout import WFLW_98, ibug68_from_wflw98

_FROM_98 = ibug68_from_wflw98(np.tile(np.eye(98)[..., None], 2))[..., 0].T  # (68, 98): how the 68 come about
SAME_68 = np.flatnonzero((_FROM_98 == 1).any(axis=1))  # of the 68: those that are landmarks of the 98 themselves
SAME_98 = _FROM_98[SAME_68].argmax(axis=1)
MISSING_98 = np.setdiff1d(np.arange(WFLW_98.count), SAME_98)
_NOISE = 0.004  # of the inter-ocular distance: what detectors are off at a point of the 68
_PROBED = 600  # poses in which a forward model is asked


def learned_completion(displacements: np.ndarray) -> np.ndarray:
    """How the missing landmarks follow the 68.

    Parameters
    ----------
    displacements : (Q, 196) float
        From neutral, anchored space.

    Returns
    -------
    (136, 92) float32
        Displacements of the 68 to those of `MISSING_98`, both flattened.
    """
    moved = displacements.reshape(len(displacements), -1, 2)
    seen = ibug68_from_wflw98(moved).reshape(len(moved), -1)
    wanted = moved[:, MISSING_98].reshape(len(moved), -1)
    gram = seen.T @ seen + len(seen) * _NOISE**2 * np.eye(seen.shape[1])
    return np.asarray(np.linalg.solve(gram, seen.T @ wanted), dtype=np.float32)


def completion_of(forward: ForwardNetwork) -> np.ndarray:
    """As `learned_completion`, from what a forward model shows: for bundles made before it was stored in them."""
    rng = np.random.default_rng(0)
    count = len(forward.neutral)
    moves = rng.random((_PROBED, count)) < rng.uniform(0.05, 0.5, size=(_PROBED, 1))
    shares = np.where(moves, rng.uniform(size=(_PROBED, count)), forward.neutral)
    return learned_completion(forward(shares).astype(np.float64))


def completed(displacements: np.ndarray, completion: np.ndarray) -> np.ndarray:
    """(T, 68, 2) displacements from neutral -> (T, 196) displacements of the 98, flattened."""
    moved = np.empty((len(displacements), WFLW_98.count, 2))
    moved[:, SAME_98] = displacements[:, SAME_68]
    flat = displacements.reshape(len(displacements), -1)
    moved[:, MISSING_98] = (flat @ completion).reshape(len(flat), -1, 2)
    return moved.reshape(len(moved), -1)
