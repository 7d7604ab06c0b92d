"""The perspective camera: from world space to pixels.

World space is right-handed: x to the viewer's right, y up, z towards the viewer. View space has the same axes after the
camera's rotation about `centre`, which is its origin; the eye stands at (0, 0, distance) and looks along -z.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sfp_core.errors import SfpError

# A vertex nearer to the eye than this share of the distance to the centre counts as behind it.
NEAR = 1e-3


def rotation_from_degrees(pitch_deg: float, yaw_deg: float, roll_deg: float) -> np.ndarray:
    """The rotation of a head that looked at the viewer.

    The head yaws about the upright axis, then pitches about its own ear-to-ear axis, then rolls about its own nose.

    Parameters
    ----------
    pitch_deg : float
        Above 0 looks down.
    yaw_deg : float
        Above 0 turns the face to the viewer's right.
    roll_deg : float
        Above 0 tips the head to the viewer's right: clockwise in the image.

    Returns
    -------
    rotation : (3, 3) float64
        `rotation @ vertex` turns a column; `vertices @ rotation.T` turns rows.
    """
    pitch, yaw, roll = np.deg2rad([pitch_deg, yaw_deg, -roll_deg])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    return np.asarray(about_y @ about_x @ about_z, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera that looks at `centre`.

    Attributes
    ----------
    centre : (3,) float64
        World space: the point that falls on the middle of the picture.
    rotation : (3, 3) float64
        World to view, about `centre`. To turn the head and leave the lights, give the head's rotation here.
    fov_deg : float
        Angle spanned by the smaller side of the picture, above 0 and below 170 degrees.
    distance : float
        From the eye to `centre`, world units, above 0.
    """

    centre: np.ndarray
    rotation: np.ndarray
    fov_deg: float
    distance: float

    def __post_init__(self) -> None:
        for name, shape in (("centre", (3,)), ("rotation", (3, 3))):
            array = np.array(getattr(self, name), dtype=np.float64)
            if array.shape != shape or not np.isfinite(array).all():
                raise SfpError(f"camera: {name} is {array.tolist()}; expected {shape} finite numbers")
            object.__setattr__(self, name, array)
        if not np.allclose(self.rotation @ self.rotation.T, np.eye(3), atol=1e-5) or np.linalg.det(self.rotation) < 0:
            raise SfpError(f"camera: rotation {self.rotation.tolist()} does not rotate; use rotation_from_degrees")
        if not 0 < self.fov_deg < 170:
            raise SfpError(f"camera: field of view is {self.fov_deg} degrees; expected above 0 and below 170")
        if not 0 < self.distance < np.inf:
            raise SfpError(f"camera: distance is {self.distance}; expected a number above 0")

    @cached_property
    def _half_extent(self) -> float:  # tangent of half the angle
        return float(np.tan(np.deg2rad(self.fov_deg) / 2))

    def focal_px(self, width: int, height: int) -> float:
        """The focal length in pixels of a picture of this size."""
        return 0.5 * min(width, height) / self._half_extent

    def to_view(self, vertices: np.ndarray) -> np.ndarray:
        """(..., 3) world space to (..., 3) float64 view space."""
        return np.asarray((np.asarray(vertices, dtype=np.float64) - self.centre) @ self.rotation.T)

    def project(self, vertices: np.ndarray, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        """World space to pixels.

        Parameters
        ----------
        vertices : (..., 3) float
            World space.
        width, height : int
            Of the picture, pixels.

        Returns
        -------
        points_px : (..., 2) float64
            Image space: pixel (0, 0) covers [0, 1) x [0, 1), y down. NaN where the vertex is behind the eye.
        inverse_depth : (...) float64
            1 / depth along the line of sight, per world unit; larger is nearer; 0 where the vertex is behind the eye.
        """
        view = self.to_view(vertices)
        depth = self.distance - view[..., 2]
        ahead = depth > NEAR * self.distance
        inverse_depth = np.where(ahead, 1.0 / np.where(ahead, depth, 1.0), 0.0)
        scale = np.where(ahead, self.focal_px(width, height) * inverse_depth, np.nan)
        points = np.stack([0.5 * width + scale * view[..., 0], 0.5 * height - scale * view[..., 1]], axis=-1)
        return points, inverse_depth
