"""Where the face of a stranger's figure is: found by the vertices that morph targets move, and by the head's joint."""

from dataclasses import dataclass

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.rigs.gltf.morphs import Displacements

_CLEAR = 0.05  # of a controller's largest displacement: what moves less does not count as moved
_BODILY = 2.0  # controllers whose region is this many times as large as the usual one move a body
_ON_HEAD = 0.5  # share of the head's joints in a vertex of the head
_ROOM = 1.5  # the picture's side in sides of the moved region: room for forehead, ears and an open jaw
_LEAST = 1e-9


@dataclass(frozen=True, eq=False)
class Frame:
    """The picture's place: its middle (3,) and half its side, both in world units."""

    centre: np.ndarray
    half: float


def face_frame(points: np.ndarray, moves: Displacements, on_head: np.ndarray, *, where: str) -> Frame:
    """The square that holds the face in every pose of a single controller.

    Parameters
    ----------
    points : (V, 3) float64
        The neutral figure, world space.
    moves : Displacements
    on_head : (V,) float64
        Share of the head's joints in every vertex; all 0 where no head is known.
    where : str
        The file, for the message.

    Raises
    ------
    SfpError
        No controller moves a vertex.
    """
    regions = []
    for controller in range(len(moves.first) - 1):
        vertices, deltas = moves.of(controller)
        length = np.linalg.norm(deltas, axis=1)
        if len(length) and length.max() > 0:
            clear = length > _CLEAR * length.max()
            regions.append((vertices[clear], points[vertices[clear]] + deltas[clear]))
    if not regions:
        raise SfpError(f"{where}: its morph targets move no vertex; expected a face that moves")
    head = on_head >= _ON_HEAD
    if any(head[vertices].any() for vertices, _ in regions):
        chosen = [(vertices[head[vertices]], moved[head[vertices]]) for vertices, moved in regions]
        regions = [(vertices, moved) for vertices, moved in chosen if len(vertices)]
    sizes = np.array([float(np.ptp(points[vertices], axis=0).max()) for vertices, _ in regions])
    usual = max(float(np.median(sizes)), _LEAST)
    kept = [region for region, size in zip(regions, sizes, strict=True) if size <= _BODILY * usual] or regions
    both = np.concatenate([part for vertices, moved in kept for part in (points[vertices], moved)])
    low, high = both.min(axis=0), both.max(axis=0)
    half = 0.5 * _ROOM * max(float((high - low)[:2].max()), _LEAST)
    return Frame((low + high) / 2, half)
