"""WFLW's 98 landmarks that iBUG's 68 imply on any face, so that sources of 68 points are retargeted as all others are.

52 of the 98 are among the 68. Of the others, contour and lids lie on smooth curves through those that are there; brow
edges keep the middle of the brow and a usual thickness; pupils look straight ahead. All of it is one linear map of
complex numbers (x + iy), so turn, size and place of a face pass through it, and `ibug68_from_wflw98` gives back the 68.

`Character.completion` answers the same question for landmarks that have a character's own proportions already.
"""

from dataclasses import replace

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.landmarks import LandmarkSequence
from sfp_core.layout import IBUG_68, WFLW_98, ibug68_from_wflw98

_MIDWAY = (-1 / 16, 9 / 16, 9 / 16, -1 / 16)  # a cubic through four even steps, between the second and the third
_FIRST_MIDWAY = (3 / 8, 6 / 8, -1 / 8)  # a parabola through three, between the first and the second
# Half a brow's thickness at 18 to 21, and where a pupil lies from the middle between the corners of its eye; in lengths
# of the brow (17 to 21) and of the eye. Means of the built-in heads at rest, which differ by 0.06 and 0.01.
_HALF_BROW = (0.073, 0.079, 0.083, 0.074)
_PUPIL = -0.015
_LEFT_BROW = ((34, 41, 18), (35, 40, 19), (36, 39, 20), (37, 38, 21))  # upper and lower edge, and their middle


def _direct() -> np.ndarray:
    """(98, 68): the 52 landmarks that both have, zero rows for the others."""
    from_98 = ibug68_from_wflw98(np.tile(np.eye(98)[..., None], 2))[..., 0].T
    return np.where(from_98 == 1, 1.0, 0.0).T


def _left_half() -> np.ndarray:
    """(98, 68) complex: what both layouts have, and the missing landmarks of the image's left side."""
    matrix = _direct().astype(np.complex128)
    matrix[1, :3] = _FIRST_MIDWAY
    for point in range(3, 17, 2):
        matrix[point, (point - 3) // 2 : (point + 5) // 2] = _MIDWAY
    for (upper, lower, middle), half in zip(_LEFT_BROW, _HALF_BROW, strict=True):
        matrix[[upper, lower], middle] = 1.0
        for edge, side in ((upper, -1j), (lower, 1j)):  # y down: -i times the brow points upwards
            matrix[edge, 21] += side * half
            matrix[edge, 17] -= side * half
    for corners, outer, near, middle, far in (((36, 39), 37, 61, 62, 63), ((39, 36), 40, 65, 66, 67)):
        along = (corners[0], outer, outer + 1, corners[1])
        matrix[middle, along] = _MIDWAY
        for lid, ibug in ((near, outer), (far, outer + 1)):  # those lie a third of the way to the middle
            matrix[lid] = -matrix[middle] / 2
            matrix[lid, ibug] += 1.5
    matrix[96, [36, 39]] = (0.5 - _PUPIL, 0.5 + _PUPIL)
    return matrix


def _matrix() -> np.ndarray:
    left = _left_half()
    mirrored = left.conj()[np.ix_(WFLW_98.mirror, IBUG_68.mirror)]
    return np.where(np.abs(left).sum(axis=1, keepdims=True) > 0, left, mirrored)


_MATRIX_98_FROM_68 = _matrix()
_SHARES_98_FROM_68 = np.abs(_MATRIX_98_FROM_68) / np.abs(_MATRIX_98_FROM_68).sum(axis=1, keepdims=True)


def wflw98_from_ibug68(points: np.ndarray) -> np.ndarray:
    """The 98 WFLW landmarks that 68 iBUG landmarks imply.

    Parameters
    ----------
    points : (..., 68, 2) float
        Any space.

    Returns
    -------
    (..., 98, 2) float64
        The same space. Contours and brows of the two layouts are defined differently by those who label them.
    """
    if points.shape[-2:] != (IBUG_68.count, 2):
        raise SfpError(f"landmarks: expected (..., {IBUG_68.count}, 2) numbers, got {points.shape}")
    flat = (points[..., 0] + 1j * points[..., 1]) @ _MATRIX_98_FROM_68.T
    return np.stack([flat.real, flat.imag], axis=-1)


def as_wflw98(sequence: LandmarkSequence) -> LandmarkSequence:
    """The sequence with 98 landmarks; one that has them comes back as it is."""
    if sequence.layout is not IBUG_68:
        return sequence
    return replace(
        sequence,
        points=wflw98_from_ibug68(sequence.points),
        confidence=np.clip(sequence.confidence @ _SHARES_98_FROM_68.T, 0.0, 1.0),
        layout=WFLW_98,
    )
