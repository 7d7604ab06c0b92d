"""The flat domain on which a head is drawn: directions from the head's centre, unrolled around the face axis.

A domain point (x, y), radians, stands for the direction that leaves the +z axis (straight out of the face) at the
angle |(x, y)| towards (x, y): the azimuthal equidistant projection. World axes: x to the viewer's right (the
character's left), y up, z towards the viewer.
"""

import numpy as np


def direction_of(points: np.ndarray) -> np.ndarray:
    """Unit directions, (..., 3), of domain points, (..., 2) rad."""
    angle = np.linalg.norm(points, axis=-1)
    share = np.sinc(angle / np.pi)  # sin(angle) / angle
    return np.stack([points[..., 0] * share, points[..., 1] * share, np.cos(angle)], axis=-1)


def domain_of(directions: np.ndarray) -> np.ndarray:
    """Domain points, (..., 2) rad, of directions, (..., 3), of any length above 0. The inverse of `direction_of`."""
    unit = directions / np.linalg.norm(directions, axis=-1, keepdims=True)
    across = np.linalg.norm(unit[..., :2], axis=-1)
    angle = np.arctan2(across, unit[..., 2])
    return np.asarray(unit[..., :2] * (angle / np.maximum(across, 1e-12))[..., None])


def smoothstep(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 below `low`, 1 above `high`, a cubic with flat ends between."""
    share = np.clip((values - low) / (high - low), 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share))
