"""Similarity transforms, canonical space, and the paper's error measure."""

from dataclasses import dataclass

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.layout import Layout


@dataclass(frozen=True)
class Similarity:
    """q = scale * R(angle) p + shift, for points with y down (a positive angle turns clockwise to the eye).

    `shift` is (2,) float64 in the target space.
    """

    scale: float
    angle_rad: float
    shift: np.ndarray

    def _matrix(self) -> np.ndarray:
        cosine, sine = np.cos(self.angle_rad), np.sin(self.angle_rad)
        return self.scale * np.array([[cosine, -sine], [sine, cosine]])

    def apply(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) points in the source space to the target space."""
        return np.asarray(points @ self._matrix().T + self.shift)

    def invert(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) points in the target space back to the source space."""
        return np.asarray((points - self.shift) @ np.linalg.inv(self._matrix()).T)


def normalize(points: np.ndarray, layout: Layout) -> tuple[np.ndarray, Similarity]:
    """Move points to canonical space: eye centre at the origin, outer eye corners 1 apart and level.

    Only the eye corners are used, so that an opening mouth does not change the scale.

    Parameters
    ----------
    points : (N, 2) float
        Image space, pixels. N is `layout.count`.

    Returns
    -------
    canonical : (N, 2) float64
        No unit. x to the viewer's right, y down.
    similarity : Similarity
        The way back: `similarity.invert(canonical)` gives `points`.
    """
    if points.shape != (layout.count, 2):
        raise SfpError(f"landmarks: expected ({layout.count}, 2) numbers for {layout.name}, got {points.shape}")
    left, right = points[layout.outer_eye_left], points[layout.outer_eye_right]
    across = right - left
    distance = float(np.hypot(*across))
    if not distance > 0:
        raise SfpError("landmarks: the outer eye corners coincide, so the face has no scale; expected two places")
    similarity = Similarity(1.0 / distance, -float(np.arctan2(across[1], across[0])), np.zeros(2))
    shift = -similarity.apply((left + right) / 2)
    similarity = Similarity(similarity.scale, similarity.angle_rad, shift)
    return similarity.apply(points), similarity


def inter_ocular(points: np.ndarray, layout: Layout) -> np.ndarray:
    """Distance of the outer eye corners, (...,) float64, of (..., N, 2) points."""
    across = points[..., layout.outer_eye_right, :] - points[..., layout.outer_eye_left, :]
    return np.asarray(np.hypot(across[..., 0], across[..., 1]))


def nme(predicted: np.ndarray, truth: np.ndarray, layout: Layout) -> np.ndarray:
    """Normalised mean error of each face, a share (0.05 is 5 %), paper eq. 6.

    Parameters
    ----------
    predicted, truth : (..., N, 2) float
        One space.

    Returns
    -------
    (...,) float64
    """
    distances = np.linalg.norm(predicted - truth, axis=-1)
    return np.asarray(distances.mean(axis=-1) / inter_ocular(truth, layout))
