"""Which landmarks are seen, and what hides those that are not: points against what every pixel sees."""

from dataclasses import dataclass

import numpy as np

from sfp_core.layout import WFLW_98
from sfp_core.render.camera import Camera
from sfp_core.render.mesh import Mesh, Part
from sfp_core.render.raster import Raster, rasterise
from sfp_core.render.view import NO_PART

SLACK = 0.01  # share of the head's height by which something must lie before a point to hide it
_FOLD_SLACK = 0.025  # lips and the corners of eyes lie this deep in their folds, and are seen
_PUPILS = np.concatenate([WFLW_98.group("left_pupil"), WFLW_98.group("right_pupil")])
_BROWS = np.concatenate([WFLW_98.group("left_brow"), WFLW_98.group("right_brow")])
_LIDS = np.concatenate([WFLW_98.group("left_eye"), WFLW_98.group("right_eye")])
_FOLDS = np.concatenate([_LIDS, WFLW_98.group("mouth")])
_COVERS = (Part.HAIR, Part.WEAR, Part.HAND)  # of the head's own mesh: what covers a face without being face


@dataclass(frozen=True, eq=False)
class Seen:
    """What every sample of a square picture sees.

    Attributes
    ----------
    raster : Raster
        Its faces are those of the mesh.
    part : (F,) uint8
        A `Part` for every face of the mesh.
    owner : (F,) int16
        Which head or thing each face comes from.
    """

    raster: Raster
    part: np.ndarray
    owner: np.ndarray

    def at(self, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Inverse depth (0 where empty), part (NO_PART) and owner (-1) at samples, each of the arguments' shape."""
        face = self.raster.face[rows, columns]
        part, owner = self.part[face], self.owner[face]
        empty = face < 0
        part[empty], owner[empty] = NO_PART, -1
        return self.raster.inverse_depth[rows, columns].astype(np.float64), part, owner


def seen_by(mesh: Mesh, owners: np.ndarray, camera: Camera, *, size: int) -> Seen:
    """What a square picture of this size sees; `owners` (F,) int16 tells whose each face is."""
    points, inverse_depth = camera.project(mesh.vertices, size, size)
    return Seen(rasterise(points, inverse_depth, mesh.faces, size, size), mesh.parts, owners)


@dataclass(frozen=True, eq=False)
class Sight:
    """Of every landmark of one face, (98,) bool.

    Attributes
    ----------
    visible : in the picture, and nothing lies before it.
    covered : in the picture, but hidden by something that is no part of the face: hair, glasses, a hand, another head.
    """

    visible: np.ndarray
    covered: np.ndarray


def sight_of(points_view: np.ndarray, camera: Camera, seen: Seen, *, owner: int, height: float) -> Sight:
    """Look for every landmark among the centres of the four samples around it.

    A point is hidden when at all four something lies nearer by more than `SLACK` of the head, in folds by more than
    `_FOLD_SLACK`. Brows do not hide the
    edges of brows, nor lashes those of lids. A pupil is seen only where one of the four shows an eye, since lids are
    thinner than the slack.

    Parameters
    ----------
    points_view : (98, 3) float
        View space of `camera`.
    owner : int
        Of this head in `seen`.
    height : float
        Of the head.
    """
    size = seen.raster.face.shape[0]
    pixels, inverse_depth = camera.project(points_view, size, size)
    inside = (inverse_depth > 0) & ((pixels >= 0) & (pixels < size)).all(axis=1)
    corner = np.floor(np.where(inside[:, None], pixels, 0.0) - 0.5).astype(np.intp)
    columns = np.clip(corner[:, :1] + (0, 1, 0, 1), 0, size - 1)
    rows = np.clip(corner[:, 1:] + (0, 0, 1, 1), 0, size - 1)
    near, part, whose = seen.at(rows, columns)  # (98, 4) each
    own_depth = 1.0 / np.where(inside, inverse_depth, 1.0)
    slack = np.full(len(pixels), SLACK * height)
    slack[_FOLDS] = _FOLD_SLACK * height
    bound = 1.0 / np.maximum(own_depth - slack, 1e-6)
    before = near > bound[:, None]
    for group, own_part in ((_BROWS, Part.BROW), (_LIDS, Part.LID)):
        before[group] &= ~((part[group] == own_part) & (whose[group] == owner))
    hidden = before.all(axis=1)
    foreign = ((whose >= 0) & (whose != owner)) | np.isin(part, _COVERS)
    nearest = near.argmax(axis=1)
    by_cover = np.take_along_axis(foreign, nearest[:, None], axis=1)[:, 0]
    shut = np.zeros(len(hidden), dtype=bool)
    shut[_PUPILS] = ~((part[_PUPILS] == Part.EYE) & (whose[_PUPILS] == owner)).any(axis=1)
    return Sight(inside & ~hidden & ~shut, inside & (hidden | shut) & by_cover)
