"""Anchored space: canonical landmarks moved onto a face by points that do not move with speech.

Canonical space hangs on two points, the outer eye corners, and their detection noise moves all others. The mapper
therefore lays every frame onto the character's neutral by least squares over seven points: the four eye corners and
the upper three of the nose bridge. Any similarity of the input cancels out.
"""

from collections.abc import Sequence

import numpy as np

from sfp_core.errors import SfpError

ANCHORS = (51, 52, 53, 60, 64, 68, 72)  # WFLW: nose bridge without the tip, outer and inner eye corners
ANCHORS_68 = (27, 28, 29, 36, 39, 42, 45)  # the same seven among iBUG's 68


def anchored(points: np.ndarray, reference: np.ndarray, *, anchors: Sequence[int] = ANCHORS) -> np.ndarray:
    """Points moved by the similarity that brings their anchors nearest to those of `reference`.

    Parameters
    ----------
    points : (T, N, 2) float
        Any space that a similarity relates to that of `reference`.
    reference : (N, 2) float
        Canonical space: the character's neutral.
    anchors : sequence of int
        Which of the N landmarks do not move with speech; the default is for WFLW's 98.

    Returns
    -------
    (T, N, 2) float64
        In the space of `reference`.

    Raises
    ------
    SfpError
        Another shape, or a frame whose anchors coincide.
    """
    if points.ndim != 3 or points.shape[1:] != reference.shape:
        raise SfpError(
            f"landmarks: expected (frames, {', '.join(str(n) for n in reference.shape)}) numbers, got {points.shape}"
        )
    flat = points[..., 0] + 1j * points[..., 1]  # a similarity is one complex factor and one shift
    target = reference[..., 0] + 1j * reference[..., 1]
    chosen = list(anchors)
    centre, goal = flat[:, chosen].mean(axis=1, keepdims=True), target[chosen].mean()
    spread = flat[:, chosen] - centre
    power = (np.abs(spread) ** 2).sum(axis=1, keepdims=True)
    if not (power > 0).all():
        frame = int(np.argmin(power > 0))
        raise SfpError(f"landmarks: frame {frame}: the eye corners coincide or are not finite; expected seven places")
    factor = (spread.conj() * (target[chosen] - goal)).sum(axis=1, keepdims=True) / power
    moved = (flat - centre) * factor + goal
    return np.stack([moved.real, moved.imag], axis=-1)
