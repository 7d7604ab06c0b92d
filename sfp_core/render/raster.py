"""Which triangle each pixel sees: a z-buffer in compiled loops.

Corners are rounded to 1/256 pixel and the edge functions are whole numbers, so that two triangles which share an edge
leave no gap between them, and `raster_reference` finds the very same faces.
"""

from dataclasses import dataclass

import numpy as np

from sfp_core.compiled import compiled
from sfp_core.errors import SfpError
from sfp_core.render.paint import Paint, face_levels, opacity

SUBPIXEL_BITS = 8
# Triangles that reach further out than this many pixels are left out, so that products of whole numbers fit 64 bits.
GUARD_PX = float(1 << 20)

_ONE = 1 << SUBPIXEL_BITS
_HALF = _ONE >> 1
# Faces seen from inside are held against tiles of this many pixels: most lie behind what is drawn already.
_TILE = 8
# The inverse depth between corners, rounded to float32, may pass the largest corner's by less than this factor.
_ROUNDING = 1.0 + 1e-6


@dataclass(frozen=True, eq=False)
class Raster:
    """What every pixel centre sees.

    Attributes
    ----------
    face : (H, W) int32
        Index of the nearest face, -1 where there is none. Of equally near faces
        those seen from outside come first, then the first in order.
    weights : (H, W, 2) float32
        Perspective-correct barycentric weights of the face's vertices 0 and 1; vertex 2 has the rest of 1. 0 if empty.
    inverse_depth : (H, W) float32
        1 / depth, 0 where empty.
    """

    face: np.ndarray
    weights: np.ndarray
    inverse_depth: np.ndarray


def rasterise(
    points_px: np.ndarray,
    inverse_depth: np.ndarray,
    faces: np.ndarray,
    width: int,
    height: int,
    *,
    paint: Paint | None = None,
) -> Raster:
    """Find the nearest face at every pixel centre; both sides of a face are seen.

    Left out are faces without area on the 1/256 pixel grid, and faces with a corner that is behind the eye, not finite
    or further than 2**20 pixels away: nothing is clipped at the eye.

    Parameters
    ----------
    points_px : (V, 2) float64
        Image space, pixels.
    inverse_depth : (V,) float64
        1 / depth; 0 or less for a vertex behind the eye.
    faces : (F, 3) int32
    width, height : int
        Of the picture, at least 1.
    paint : Paint, optional
        Of the mesh; nothing is seen where its textures have holes.

    Raises
    ------
    SfpError
        A picture without pixels, arrays that do not fit, or a face of vertices that are not there.
    """
    if width < 1 or height < 1:
        raise SfpError(f"picture of {width} x {height} pixels: expected at least 1 x 1")
    count = len(points_px)
    if points_px.shape != (count, 2) or inverse_depth.shape != (count,) or faces.shape != (len(faces), 3):
        raise SfpError(
            f"raster: points {points_px.shape}, inverse depth {inverse_depth.shape}, faces {faces.shape}; "
            "expected (V, 2), (V,), (F, 3)"
        )
    if faces.size and not (faces.min() >= 0 and faces.max() < count):  # the compiled loop does not look
        raise SfpError(f"raster: faces name vertices {faces.min()} to {faces.max()}; expected 0 to {count - 1}")
    face = np.full((height, width), -1, dtype=np.int32)
    weights = np.zeros((height, width, 2), dtype=np.float32)
    nearest = np.zeros((height, width), dtype=np.float32)
    points_px = np.ascontiguousarray(points_px, dtype=np.float64)
    inverse_depth = np.ascontiguousarray(inverse_depth, dtype=np.float64)
    faces = np.ascontiguousarray(faces, dtype=np.int32)
    holes = None
    if paint and paint.cutoffs.any():
        levels = face_levels(paint, points_px, faces)
        holes = (paint.cutoffs, paint.uv, paint.texture, levels, paint.texels, paint.levels, paint.table)
    _fill(points_px, inverse_depth, faces, face, weights, nearest, holes)
    return Raster(face, weights, nearest)


@compiled
def _fill(
    points: np.ndarray,
    inverse_depth: np.ndarray,
    faces: np.ndarray,
    face: np.ndarray,
    weights: np.ndarray,
    nearest: np.ndarray,
    holes: "tuple[np.ndarray, ...] | None",  # without them Numba leaves their code out
) -> None:
    height, width = face.shape
    count = len(points)
    grid = np.zeros((count, 2), dtype=np.int64)
    usable = np.zeros(count, dtype=np.bool_)
    for v in range(count):
        x, y = points[v, 0], points[v, 1]
        if abs(x) <= GUARD_PX and abs(y) <= GUARD_PX and inverse_depth[v] > 0 and inverse_depth[v] < np.inf:
            usable[v] = True
            grid[v, 0] = int(np.floor(x * _ONE + 0.5))
            grid[v, 1] = int(np.floor(y * _ONE + 0.5))
    # Faces seen from outside hide most others: drawn first, they save the work on those.
    # One index without a sign is quicker than two that might count from the end.
    flat_face, flat_weights, flat_nearest = face.reshape(-1), weights.reshape(-1, 2), nearest.reshape(-1)
    least = np.zeros((height // _TILE + 1, width // _TILE + 1), dtype=np.float32)
    for side in (-1, 1):
        if side > 0:
            _least_of_tiles(nearest, least)
        for f in range(len(faces)):
            a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
            if not (usable[a] and usable[b] and usable[c]):
                continue
            xa, ya, xb, yb, xc, yc = grid[a, 0], grid[a, 1], grid[b, 0], grid[b, 1], grid[c, 0], grid[c, 1]
            area = side * ((xb - xa) * (yc - ya) - (yb - ya) * (xc - xa))
            if area <= 0:
                continue
            # Pixels whose centres, at (n + 1/2), lie within the box of the corners.
            left = max((min(xa, xb, xc) + _HALF - 1) >> SUBPIXEL_BITS, 0)
            right = min((max(xa, xb, xc) - _HALF) >> SUBPIXEL_BITS, width - 1)
            top = max((min(ya, yb, yc) + _HALF - 1) >> SUBPIXEL_BITS, 0)
            bottom = min((max(ya, yb, yc) - _HALF) >> SUBPIXEL_BITS, height - 1)
            if left > right or top > bottom:
                continue
            near_a, near_b, near_c = inverse_depth[a], inverse_depth[b], inverse_depth[c]
            if side > 0:
                nearest_corner = max(near_a, near_b, near_c) * _ROUNDING
                hidden = True
                for tile_y in range(top // _TILE, bottom // _TILE + 1):
                    for tile_x in range(left // _TILE, right // _TILE + 1):
                        hidden = hidden and least[tile_y, tile_x] > nearest_corner
                if hidden:
                    continue
            px, py = left * _ONE + _HALF, top * _ONE + _HALF
            # Twice the area of (pixel, next corner, next but one): not negative for all three inside.
            row_a = side * ((xb - px) * (yc - py) - (yb - py) * (xc - px))
            row_b = side * ((xc - px) * (ya - py) - (yc - py) * (xa - px))
            row_c = side * ((xa - px) * (yb - py) - (ya - py) * (xb - px))
            right_a, right_b, right_c = side * (yb - yc) * _ONE, side * (yc - ya) * _ONE, side * (ya - yb) * _ONE
            down_a, down_b, down_c = side * (xc - xb) * _ONE, side * (xa - xc) * _ONE, side * (xb - xa) * _ONE
            whole = 1.0 / area
            for y in range(top, bottom + 1):
                first = np.uint64(y * width)
                at_a, at_b, at_c, x = row_a, row_b, row_c, left
                while x <= right and (at_a | at_b | at_c) < 0:
                    at_a, at_b, at_c, x = at_a + right_a, at_b + right_b, at_c + right_c, x + 1
                while x <= right and (at_a | at_b | at_c) >= 0:  # a triangle covers one run of a row
                    part_a, part_b = at_a * near_a, at_b * near_b
                    total = part_a + part_b + at_c * near_c
                    near = np.float32(total * whole)
                    at = first + np.uint64(x)
                    if near > flat_nearest[at] and (
                        holes is None or _is_solid(f, part_a / total, part_b / total, faces, holes)
                    ):
                        flat_nearest[at] = near
                        flat_face[at] = f
                        share = 1.0 / total
                        flat_weights[at, 0] = part_a * share
                        flat_weights[at, 1] = part_b * share
                    at_a, at_b, at_c, x = at_a + right_a, at_b + right_b, at_c + right_c, x + 1
                row_a += down_a
                row_b += down_b
                row_c += down_c


@compiled
def _is_solid(f: int, wa: float, wb: float, faces: np.ndarray, holes: tuple[np.ndarray, ...]) -> bool:
    """Whether a face has no hole at a sample with these barycentric weights."""
    cutoffs, uv, texture, levels, texels, places, table = holes
    if texture[f] < 0 or cutoffs[texture[f]] <= 0:
        return True
    return bool(opacity(wa, wb, f, faces, uv, texture, levels, texels, places, table) >= cutoffs[texture[f]])


@compiled
def _least_of_tiles(nearest: np.ndarray, least: np.ndarray) -> None:
    """The inverse depth that every pixel of a whole tile reaches; tiles cut by the edge keep 0."""
    height, width = nearest.shape
    for tile_y in range(height // _TILE):
        row = nearest[tile_y * _TILE].copy()
        for y in range(tile_y * _TILE + 1, (tile_y + 1) * _TILE):
            for x in range(width):
                row[x] = min(row[x], nearest[y, x])
        for tile_x in range(width // _TILE):
            lowest = row[tile_x * _TILE]
            for x in range(tile_x * _TILE + 1, (tile_x + 1) * _TILE):
                lowest = min(lowest, row[x])
            least[tile_y, tile_x] = lowest
