"""A smooth thin-plate warp of space: it takes control points to where they shall be and bends as little as it can.

In three dimensions the thin plate's kernel is the distance itself (Bookstein, "Principal Warps", PAMI 1989; Duchon
1977): the warp is an affine map plus a sum of distances to the control points, each with a vector.
"""

from dataclasses import dataclass

import numpy as np

from sfp_core.compiled import compiled
from sfp_core.errors import SfpError


@compiled
def _warped(points: np.ndarray, centres: np.ndarray, vectors: np.ndarray, affine: np.ndarray, out: np.ndarray) -> None:
    """out (n, 3) of points (n, 3), centres (k, 3), vectors (k, 3), affine (4, 3)."""
    for i in range(points.shape[0]):
        px, py, pz = points[i, 0], points[i, 1], points[i, 2]
        x = affine[0, 0] + px * affine[1, 0] + py * affine[2, 0] + pz * affine[3, 0]
        y = affine[0, 1] + px * affine[1, 1] + py * affine[2, 1] + pz * affine[3, 1]
        z = affine[0, 2] + px * affine[1, 2] + py * affine[2, 2] + pz * affine[3, 2]
        for j in range(centres.shape[0]):
            dx, dy, dz = px - centres[j, 0], py - centres[j, 1], pz - centres[j, 2]
            distance = np.sqrt(dx * dx + dy * dy + dz * dz)
            x += distance * vectors[j, 0]
            y += distance * vectors[j, 1]
            z += distance * vectors[j, 2]
        out[i, 0], out[i, 1], out[i, 2] = x, y, z


@dataclass(frozen=True, eq=False)
class ThinPlate:
    """A warp of space.

    Attributes
    ----------
    centres : (K, 3) float64
        The control points before the warp.
    vectors : (K, 3) float64
        Weight of the distance to each.
    affine : (4, 3) float64
        Shift, then the images of the axes.
    """

    centres: np.ndarray
    vectors: np.ndarray
    affine: np.ndarray

    @classmethod
    def between(cls, source: np.ndarray, target: np.ndarray, *, softness: float = 0.0) -> "ThinPlate":
        """The warp that takes `source` (K, 3) to `target` (K, 3); with `softness` (head units) only nearly so.

        Raises
        ------
        SfpError
            Other shapes, fewer than four points, or points that lie in one plane or coincide.
        """
        if source.shape != target.shape or source.ndim != 2 or source.shape[1] != 3 or len(source) < 4:
            raise SfpError(
                f"warp: control points of shapes {source.shape} and {target.shape}; expected two equal (K, 3), K >= 4"
            )
        count = len(source)
        system = np.zeros((count + 4, count + 4))
        system[:count, :count] = np.linalg.norm(source[:, None] - source, axis=-1) - softness * np.eye(count)
        system[:count, count] = system[count, :count] = 1.0
        system[:count, count + 1 :] = source
        system[count + 1 :, :count] = source.T
        wanted = np.zeros((count + 4, 3))
        wanted[:count] = target
        try:
            solved = np.linalg.solve(system, wanted)
        except np.linalg.LinAlgError as error:
            raise SfpError("warp: control points coincide or lie in one plane; expected points in space") from error
        return cls(source.astype(np.float64), solved[:count], solved[count:])

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """(..., 3) points to (..., 3) float64."""
        flat = np.ascontiguousarray(points, dtype=np.float64).reshape(-1, 3)
        out = np.empty_like(flat)
        _warped(flat, self.centres, self.vectors, self.affine, out)
        return out.reshape(points.shape)

    def stretch(self, points: np.ndarray) -> np.ndarray:
        """How much volume grows at points (n, 3): the Jacobian's determinant, (n,); below 0 it is inside out."""
        away = points[:, None] - self.centres
        away /= np.maximum(np.linalg.norm(away, axis=-1, keepdims=True), 1e-9)
        jacobian = np.einsum("nki,kj->nji", away, self.vectors) + self.affine[1:].T
        return np.asarray(np.linalg.det(jacobian))
