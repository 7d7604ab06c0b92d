"""Textures on meshes: pictures by texture coordinates, holes cut by their opacity, faces that have no inside.

Textures lie one behind the other in one row of texels, each with its smaller copies, so that a sample reads from the
copy whose texels are about as large as the sample.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sfp_core.compiled import compiled
from sfp_core.errors import SfpError

CLAMPED, REPEATED, MIRRORED = 0, 1, 2
_WRAPS = (CLAMPED, REPEATED, MIRRORED)
_UNPAINTED = -1


@dataclass(frozen=True, eq=False)
class Texture:
    """One picture to lay on faces.

    Attributes
    ----------
    picture : (H, W, 4) uint8
        sRGB and opacity; row 0 is at v = 0.
    wrap_u, wrap_v : int
        CLAMPED, REPEATED or MIRRORED: what lies beyond 0..1.
    cutoff : float
        Texels less opaque than this, 0..1, are holes; 0 cuts none.
    """

    picture: np.ndarray
    wrap_u: int = REPEATED
    wrap_v: int = REPEATED
    cutoff: float = 0.0

    def __post_init__(self) -> None:
        shape = self.picture.shape
        if self.picture.dtype != np.uint8 or len(shape) != 3 or shape[2] != 4 or 0 in shape:
            raise SfpError(
                f"texture: {self.picture.dtype} of shape {shape}; expected uint8 of shape (height, width, 4)"
            )
        if self.wrap_u not in _WRAPS or self.wrap_v not in _WRAPS:
            raise SfpError(f"texture: wraps {self.wrap_u}, {self.wrap_v}; expected numbers of {_WRAPS}")
        if not 0 <= self.cutoff <= 1:
            raise SfpError(f"texture: cutoff {self.cutoff}; expected 0 to 1")


@dataclass(frozen=True, eq=False)
class Paint:
    """What a mesh wears beside the colours of its vertices; textures multiply those.

    Attributes
    ----------
    uv : (V, 2) float32
        Texture coordinates; v runs down, as the rows of a picture do.
    texture : (F,) int32
        Which texture a face has, -1 for none.
    one_sided : (F,) bool
        Faces that are not there seen from inside.
    weld : (V,) int32
        The vertex whose normal a vertex shares: seams of textures split vertices where the surface is smooth.
    textures : tuple of Texture

    Raises
    ------
    SfpError
        Arrays that do not fit, or a face whose texture is not there.
    """

    uv: np.ndarray
    texture: np.ndarray
    one_sided: np.ndarray
    weld: np.ndarray
    textures: tuple[Texture, ...]

    def __post_init__(self) -> None:
        for name, kind in (("uv", np.float32), ("texture", np.int32), ("one_sided", np.bool_), ("weld", np.int32)):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype=kind))
        vertices, faces = len(self.weld), len(self.texture)
        if self.uv.shape != (vertices, 2) or self.weld.shape != (vertices,) or self.one_sided.shape != (faces,):
            raise SfpError(
                f"paint: uv {self.uv.shape}, weld {self.weld.shape}, texture {self.texture.shape}, one_sided "
                f"{self.one_sided.shape}; expected (V, 2), (V,), (F,), (F,)"
            )
        if not np.isfinite(self.uv).all() or np.abs(self.uv).max(initial=0.0) > 1e6:
            raise SfpError("paint: texture coordinates must be finite and within a million")
        if faces and not (self.texture.min() >= _UNPAINTED and self.texture.max() < len(self.textures)):
            raise SfpError(
                f"paint: faces name textures {self.texture.min()} to {self.texture.max()}; "
                f"expected -1 to {len(self.textures) - 1}"
            )
        if vertices and not (self.weld.min() >= 0 and self.weld.max() < vertices):
            raise SfpError(f"paint: weld names vertices {self.weld.min()} to {self.weld.max()}, of {vertices}")
        texels, levels, table = _stored(self.textures)
        object.__setattr__(self, "_texels", texels)
        object.__setattr__(self, "_levels", levels)
        object.__setattr__(self, "_table", table)
        object.__setattr__(self, "_cutoffs", np.array([t.cutoff for t in self.textures], dtype=np.float32))

    @property
    def texels(self) -> np.ndarray:
        """(n, 4) uint8: all textures and their smaller copies, rows after rows."""
        return self._texels  # type: ignore[attr-defined, no-any-return]

    @property
    def levels(self) -> np.ndarray:
        """(m, 3) int64: first texel, width and height of every copy."""
        return self._levels  # type: ignore[attr-defined, no-any-return]

    @property
    def table(self) -> np.ndarray:
        """(t, 4) int64: first level, number of levels, and the wraps of every texture."""
        return self._table  # type: ignore[attr-defined, no-any-return]

    @property
    def cutoffs(self) -> np.ndarray:
        """(t,) float32 of every texture."""
        return self._cutoffs  # type: ignore[attr-defined, no-any-return]


def _stored(textures: Sequence[Texture]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Texels, levels and table of `Paint`."""
    texels: list[np.ndarray] = [np.zeros((0, 4), np.uint8)]
    levels: list[tuple[int, int, int]] = []
    table: list[tuple[int, int, int, int]] = []
    first = 0
    for texture in textures:
        start, picture = len(levels), texture.picture
        while True:
            height, width = picture.shape[:2]
            levels.append((first, width, height))
            texels.append(picture.reshape(-1, 4))
            first += width * height
            if width == 1 and height == 1:
                break
            picture = _halved(picture)
        table.append((start, len(levels) - start, texture.wrap_u, texture.wrap_v))
    return (
        np.ascontiguousarray(np.concatenate(texels)),
        np.array(levels, dtype=np.int64).reshape(-1, 3),
        np.array(table, dtype=np.int64).reshape(-1, 4),
    )


def _halved(picture: np.ndarray) -> np.ndarray:
    """Half as wide and high, rounded up. Colours are weighed by opacity, so that no hidden colour bleeds in."""
    height, width = picture.shape[:2]
    even = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge").astype(np.float32)
    four = even.reshape((height + 1) // 2, 2, (width + 1) // 2, 2, 4)
    opacity = four[..., 3:].sum(axis=(1, 3))
    weighed = (four[..., :3] * four[..., 3:]).sum(axis=(1, 3)) / np.maximum(opacity, 1e-6)
    colours = np.where(opacity > 0, weighed, four[..., :3].mean(axis=(1, 3)))
    return np.asarray(np.rint(np.concatenate([colours, opacity / 4], axis=-1)), dtype=np.uint8)


def face_levels(paint: Paint, points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """The level of its texture that every face is read from.

    Parameters
    ----------
    points : (V, 2) float64
        Image space, samples.
    faces : (F, 3) int32

    Returns
    -------
    (F,) int32
        Numbers of `Paint.levels`; -1 where there is no texture.
    """
    levels = np.full(len(faces), _UNPAINTED, dtype=np.int32)
    _choose(points, faces, paint.uv, paint.texture, paint.levels, paint.table, levels)
    return levels


def seen_faces(paint: Paint, facing: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """`faces` (F, 3), those that are not there seen from inside shrunk to a point."""
    gone = paint.one_sided & (facing < 0)
    return np.where(gone[:, None], np.int32(0), faces) if gone.any() else faces


def sampled(paint: Paint, face: np.ndarray, weights: np.ndarray, faces: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """The textures' colours in every sample.

    Parameters
    ----------
    face : (H, W) int32
    weights : (H, W, 2) float32
        Of a Raster.
    faces : (F, 3) int32
    levels : (F,) int32
        Of `face_levels`.

    Returns
    -------
    (H, W, 3) float32
        sRGB 0..1, unlit; 1 where there is no texture, or no face.
    """
    tints = np.ones((*face.shape, 3), dtype=np.float32)
    _sample(face, weights, faces, levels, paint.uv, paint.texture, paint.texels, paint.levels, paint.table, tints)
    return tints


@compiled
def _choose(
    points: np.ndarray,
    faces: np.ndarray,
    uv: np.ndarray,
    texture: np.ndarray,
    levels: np.ndarray,
    table: np.ndarray,
    chosen: np.ndarray,
) -> None:
    for f in range(len(faces)):
        t = texture[f]
        if t < 0:
            continue
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        first, count = table[t, 0], table[t, 1]
        area = abs(
            (points[b, 0] - points[a, 0]) * (points[c, 1] - points[a, 1])
            - (points[b, 1] - points[a, 1]) * (points[c, 0] - points[a, 0])
        )
        texels = abs(
            (float(uv[b, 0]) - uv[a, 0]) * (float(uv[c, 1]) - uv[a, 1])
            - (float(uv[b, 1]) - uv[a, 1]) * (float(uv[c, 0]) - uv[a, 0])
        )
        texels *= levels[first, 1] * levels[first, 2]
        level = 0
        if texels > 0.0 and area > 0.0 and texels / area > 1.0:
            level = min(int(0.5 * math.log2(texels / area) + 0.5), int(count) - 1)
        chosen[f] = first + level


@compiled
def wrapped(place: int, size: int, wrap: int) -> int:
    """The texel of a row of `size` at a whole place that may lie beyond it."""
    if wrap == CLAMPED:
        return min(max(place, 0), size - 1)
    if wrap == REPEATED:
        return place % size
    place = place % (2 * size)
    return place if place < size else 2 * size - 1 - place


@compiled
def corners_of(
    u: float, v: float, first: int, width: int, height: int, wrap_u: int, wrap_v: int
) -> tuple[int, int, int, int, float, float]:
    """The four texels around a place, and how far it lies on the way to the right and to the lower ones."""
    x, y = u * width - 0.5, v * height - 0.5
    left, top = math.floor(x), math.floor(y)
    x0, x1 = wrapped(int(left), width, wrap_u), wrapped(int(left) + 1, width, wrap_u)
    y0, y1 = wrapped(int(top), height, wrap_v), wrapped(int(top) + 1, height, wrap_v)
    above, below = first + y0 * width, first + y1 * width
    return above + x0, above + x1, below + x0, below + x1, x - left, y - top


@compiled
def opacity(
    wa: float,
    wb: float,
    f: int,
    faces: np.ndarray,
    uv: np.ndarray,
    texture: np.ndarray,
    levels: np.ndarray,
    texels: np.ndarray,
    places: np.ndarray,
    table: np.ndarray,
) -> float:
    """How opaque a textured face is at a sample with these barycentric weights, 0..1."""
    t, level = texture[f], levels[f]
    a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
    wc = 1.0 - wa - wb
    u = wa * uv[a, 0] + wb * uv[b, 0] + wc * uv[c, 0]
    v = wa * uv[a, 1] + wb * uv[b, 1] + wc * uv[c, 1]
    p, q, r, s, x, y = corners_of(u, v, places[level, 0], places[level, 1], places[level, 2], table[t, 2], table[t, 3])
    above = (1.0 - x) * texels[p, 3] + x * texels[q, 3]
    below = (1.0 - x) * texels[r, 3] + x * texels[s, 3]
    return float(((1.0 - y) * above + y * below) * (1.0 / 255.0))


@compiled
def _sample(
    face: np.ndarray,
    weights: np.ndarray,
    faces: np.ndarray,
    levels: np.ndarray,
    uv: np.ndarray,
    texture: np.ndarray,
    texels: np.ndarray,
    places: np.ndarray,
    table: np.ndarray,
    tints: np.ndarray,
) -> None:
    for y in range(face.shape[0]):
        for x in range(face.shape[1]):
            f = face[y, x]
            if f < 0 or texture[f] < 0:
                continue
            t, level = texture[f], levels[f]
            wa, wb = float(weights[y, x, 0]), float(weights[y, x, 1])
            wc = 1.0 - wa - wb
            a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
            u = wa * uv[a, 0] + wb * uv[b, 0] + wc * uv[c, 0]
            v = wa * uv[a, 1] + wb * uv[b, 1] + wc * uv[c, 1]
            p, q, r, s, right, down = corners_of(
                u, v, places[level, 0], places[level, 1], places[level, 2], table[t, 2], table[t, 3]
            )
            for k in range(3):
                above = (1.0 - right) * texels[p, k] + right * texels[q, k]
                below = (1.0 - right) * texels[r, k] + right * texels[s, k]
                tints[y, x, k] = ((1.0 - down) * above + down * below) * (1.0 / 255.0)
