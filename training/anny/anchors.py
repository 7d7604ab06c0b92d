"""Points that ride on the skin of the stored mesh, and how they are found on the mean head."""

from dataclasses import dataclass

import numpy as np

from sfp_core.heads.contour import CONTOUR, MARCH, MARCH_SHARE
from sfp_core.heads.domain import direction_of

_RAY_CENTRE = np.array([0.0, -0.25, 0.12])
_EDGE_ACROSS, _EAR_LEVEL, _CHIN_LEVEL = 1.66, 0.68, -1.14  # domain of rays from that centre, rad
# The brows' patch: stations from the outer to the inner end, rows from below to above the brow's middle line.
BROW_X = np.array([0.515, 0.47, 0.42, 0.37, 0.32, 0.27, 0.225, 0.175, 0.125])
BROW_Y = np.array([0.138, 0.166, 0.186, 0.198, 0.202, 0.198, 0.188, 0.174, 0.156])
BROW_ROWS = np.arange(-3, 8) * 0.03  # head units over the middle line


@dataclass(frozen=True, eq=False)
class Riders:
    """Points as weighted means of vertices.

    Attributes
    ----------
    index : (..., K) int64
    weight : (..., K) float64
        Sums to 1.
    """

    index: np.ndarray
    weight: np.ndarray

    def __call__(self, vertices: np.ndarray) -> np.ndarray:
        """(..., 3) places on (V, 3) vertices."""
        return np.asarray(np.einsum("...kc,...k->...c", vertices[self.index], self.weight))

    def mirrored(self, mirror: np.ndarray) -> "Riders":
        """The same points on the other side of the face."""
        return Riders(mirror[self.index], self.weight)


def cast_rays(
    origins: np.ndarray, directions: np.ndarray, vertices: np.ndarray, triangles: np.ndarray, *, last: bool
) -> Riders:
    """Where rays meet a mesh: the last place along each ray, or the first.

    Parameters
    ----------
    origins, directions : (n, 3) float
    vertices : (V, 3) float
    triangles : (F, 3) int

    Returns
    -------
    Riders
        (n, 3) vertices and weights. A ray that misses rides on the vertex that it passes nearest to.
    """
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    edge_1, edge_2 = b - a, c - a
    index, weight = np.zeros((len(origins), 3), dtype=np.int64), np.zeros((len(origins), 3))
    for i, (origin, direction) in enumerate(zip(origins, directions, strict=True)):
        across = np.cross(direction, edge_2)
        volume = np.einsum("fc,fc->f", edge_1, across)
        safe = np.where(np.abs(volume) > 1e-12, volume, np.inf)
        to_origin = origin - a
        u = np.einsum("fc,fc->f", to_origin, across) / safe
        turned = np.cross(to_origin, edge_1)
        v = turned @ direction / safe
        distance = np.einsum("fc,fc->f", turned, edge_2) / safe
        hit = np.flatnonzero((u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (distance > 1e-6) & np.isfinite(safe))
        if len(hit):
            face = hit[np.argmax(distance[hit]) if last else np.argmin(distance[hit])]
            index[i], weight[i] = triangles[face], (1 - u[face] - v[face], u[face], v[face])
        else:
            along = (vertices - origin) @ direction
            beside = np.linalg.norm(vertices - origin - along[:, None] * direction, axis=1)
            index[i], weight[i] = np.argmin(np.where(along > 0, beside, np.inf)), (1.0, 0.0, 0.0)
    return Riders(index, weight)


def find_contour(mean: np.ndarray, triangles: np.ndarray, mirror: np.ndarray) -> Riders:
    """(33, 25) candidates on the mean head (V, 3); symmetric."""
    angle = np.linspace(-1.0, 1.0, CONTOUR)[CONTOUR // 2 :] * np.pi / 2  # the middle and the character's left
    x = np.sin(angle) ** 0.75 * _EDGE_ACROSS
    y = _EAR_LEVEL + (_CHIN_LEVEL - _EAR_LEVEL) * np.clip(np.cos(angle), 0, 1) ** 0.45
    edge = np.stack([x, y], axis=-1)
    middle = np.stack([0.12 * np.sin(angle), np.clip(0.85 * y, -0.75, 0.15)], axis=-1)
    share = np.linspace(0.0, MARCH_SHARE, MARCH)[None, :, None]
    lines = edge[:, None] * (1 - share) + middle[:, None] * share
    directions = direction_of(lines.reshape(-1, 2))
    origins = np.broadcast_to(_RAY_CENTRE, directions.shape)
    half = cast_rays(origins, directions, mean, triangles, last=True)
    shape = (CONTOUR // 2 + 1, MARCH, 3)
    left = Riders(half.index.reshape(shape), half.weight.reshape(shape))
    right = left.mirrored(mirror)
    index = np.concatenate([right.index[:0:-1], left.index])
    return Riders(index, np.concatenate([right.weight[:0:-1], left.weight]))


def find_brows(mean: np.ndarray, triangles: np.ndarray) -> Riders:
    """(stations, rows) on the character's left of the mean head (V, 3)."""
    y = BROW_Y[:, None] + BROW_ROWS
    origins = np.stack([np.broadcast_to(BROW_X[:, None], y.shape), y, np.full_like(y, 2.0)], axis=-1).reshape(-1, 3)
    found = cast_rays(origins, np.broadcast_to([0.0, 0.0, -1.0], origins.shape), mean, triangles, last=False)
    shape = (len(BROW_X), len(BROW_ROWS), 3)
    return Riders(found.index.reshape(shape), found.weight.reshape(shape))


def ring_walk(first: np.ndarray, quads: np.ndarray, count: int) -> np.ndarray:
    """Rings of vertices from the closed ring `first` (n,) outwards over quads that continue it, (count, n)."""
    neighbours: dict[int, set[int]] = {}
    for quad in quads:
        for a, b in zip(quad.tolist(), np.roll(quad, -1).tolist(), strict=True):
            neighbours.setdefault(a, set()).add(b)
            neighbours.setdefault(b, set()).add(a)
    rings, seen = [first.tolist()], set(first.tolist())
    while len(rings) < count:
        following = [[v for v in neighbours[vertex] if v not in seen] for vertex in rings[-1]]
        rings.append([options[0] for options in following if len(options) == 1])
        if len(rings[-1]) != len(first):
            raise ValueError(f"ring {len(rings)} has {len(rings[-1])} vertices; expected {len(first)}")
        seen |= set(rings[-1])
    return np.array(rings)


def border_loop(inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """The closed loop of edges that two sets of quads share, as vertices in order, (n,)."""

    def edges(quads: np.ndarray) -> set[tuple[int, int]]:
        pairs = np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1).reshape(-1, 2)
        return {(min(pair), max(pair)) for pair in pairs.tolist()}

    links: dict[int, list[int]] = {}
    for a, b in edges(inside) & edges(outside):
        links.setdefault(a, []).append(b)
        links.setdefault(b, []).append(a)
    loop = [min(links)]
    loop.append(min(links[loop[0]]))
    while True:
        following = next(v for v in links[loop[-1]] if v != loop[-2])
        if following == loop[0]:
            return np.array(loop)
        loop.append(following)
