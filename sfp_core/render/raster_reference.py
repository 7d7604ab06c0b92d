"""The rasteriser of `raster` in plain NumPy, one triangle at a time: slow, and the oracle of its tests."""

import numpy as np

from sfp_core.render.raster import GUARD_PX, SUBPIXEL_BITS, Raster


def rasterise_reference(
    points_px: np.ndarray, inverse_depth: np.ndarray, faces: np.ndarray, width: int, height: int
) -> Raster:
    """As `raster.rasterise`: the same arguments, the same faces."""
    one = 1 << SUBPIXEL_BITS
    with np.errstate(invalid="ignore"):
        usable = (np.abs(points_px) <= GUARD_PX).all(axis=1) & (inverse_depth > 0) & np.isfinite(inverse_depth)
    grid = np.floor(np.where(usable[:, None], points_px, 0.0) * one + 0.5).astype(np.int64)
    face = np.full((height, width), -1, dtype=np.int32)
    weights = np.zeros((height, width, 2), dtype=np.float32)
    nearest = np.zeros((height, width), dtype=np.float32)
    a, b, c = (grid[np.asarray(faces)[:, k]] for k in range(3))
    areas = _cross(b - a, c - a)
    for index in np.argsort(np.sign(areas), kind="stable"):  # y is down: below 0 is seen from outside
        corners, area = faces[index], areas[index]
        if area == 0 or not usable[corners].all():
            continue
        triangle = grid[corners]
        low = np.clip(triangle.min(axis=0) // one, 0, (width, height))
        high = np.clip(triangle.max(axis=0) // one + 1, 0, (width, height))
        rows, columns = slice(low[1], high[1]), slice(low[0], high[0])
        centres = np.stack(np.meshgrid(*(np.arange(low[k], high[k]) * one + one // 2 for k in (0, 1))), axis=-1)
        edges = np.stack(
            [_cross(triangle[(k + 1) % 3] - centres, triangle[(k + 2) % 3] - centres) for k in range(3)], axis=-1
        ) * np.sign(area)
        parts = edges * inverse_depth[corners]
        total = parts[..., 0] + parts[..., 1] + parts[..., 2]
        near = (total * (1.0 / abs(area))).astype(np.float32)
        seen = (edges >= 0).all(axis=-1) & (near > nearest[rows, columns])
        face[rows, columns][seen] = index
        nearest[rows, columns][seen] = near[seen]
        weights[rows, columns][seen] = parts[seen][:, :2] / total[seen][:, None]
    return Raster(face, weights, nearest)


def _cross(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.asarray(first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0])
