"""Hair, hats, glasses and clothes for heads of this family, cut by the tailors of the procedural heads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sfp_core.heads.clothes import bust_mesh
from sfp_core.heads.domain import direction_of
from sfp_core.heads.ears import earring_mesh
from sfp_core.heads.fitting import Fitting
from sfp_core.heads.glasses import glasses_mesh
from sfp_core.heads.hair import hair_mesh
from sfp_core.heads.hats import hat_mesh, pressed
from sfp_core.heads.identity import Look, Wear
from sfp_core.render.mesh import Mesh, merged
from training.anny.table98 import CHIN, CROWN

if TYPE_CHECKING:
    from training.anny.head import AnnyHead

_NEAREST = 4  # vertices that tell the surface's distance along a ray
_NECK_LEVEL = (-1.25, -1.05)  # heights on the mean head between which the neck is measured, behind the jaw
_NECK_BEHIND = -0.05
_INSIDE_NECK = 0.93  # the bust's neck stays inside the head's


def ear_vertices(mean: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """Which of the skin's vertices (n,) belong to the ears, on the mean head (V, 3)."""
    x, y, z = np.abs(mean[skin, 0]), mean[skin, 1], mean[skin, 2]
    return np.asarray(skin[(x > 0.70) & (y > -0.52) & (y < 0.36) & (z < 0.12) & (z > -0.5)])


def fitting_of(head: AnnyHead) -> Fitting:
    """The resting head as a tailor sees it, without its ears."""
    from scipy.spatial import cKDTree  # costs start-up

    store, vertices = head.anatomy.store, head.neutral.vertices
    skin, mean = head.anatomy.skin, store.mean
    ears = ear_vertices(mean, skin)
    plain = np.setdiff1d(skin, ears)
    radius = np.linalg.norm(vertices[plain], axis=1)
    tree = cKDTree(vertices[plain] / radius[:, None])

    def surface(points: np.ndarray) -> np.ndarray:
        out = direction_of(np.asarray(points, dtype=np.float64))
        distance, nearest = tree.query(out, k=_NEAREST)
        weight = 1.0 / (distance + 5e-3) ** 2
        reach = (radius[nearest] * weight).sum(axis=-1) / weight.sum(axis=-1)
        return np.asarray(out * reach[..., None])

    points = head.neutral.landmarks98(np.eye(3))
    neck = skin[(mean[skin, 1] > _NECK_LEVEL[0]) & (mean[skin, 1] < _NECK_LEVEL[1]) & (mean[skin, 2] < _NECK_BEHIND)]
    left = vertices[ears[mean[ears, 0] > 0]]
    root = np.array([np.percentile(left[:, 0], 25), left[:, 1].mean(), np.percentile(left[:, 2], 70)])
    return Fitting(
        surface=surface,
        eyes=head.centres,
        eye_radius=float(head.radii.mean()),
        brow_top=float(points[33:51, 1].max()),
        ears=np.stack([root, root * (-1, 1, 1)]),
        ear_size=float(np.ptp(left[:, 1])) / 2,
        nose_base=points[57],
        mouth=(points[90] + points[94]) / 2,
        chin=vertices[store.place_of_id[CHIN]],
        crown=vertices[store.place_of_id[CROWN]],
        mouth_half_width=float(points[82, 0] - points[76, 0]) / 2,
        neck_radius=float(np.abs(vertices[neck, 0]).max()) * _INSIDE_NECK,
    )


def dressed(fit: Fitting, look: Look, wear: Wear) -> Mesh:
    """Everything that is worn and holds still."""
    pieces = [pressed(fit, wear, hair_mesh(fit, look, wear))]
    if wear.hat != "none":
        pieces.append(hat_mesh(fit, wear))
    if wear.glasses != "none":
        pieces.append(glasses_mesh(fit, wear))
    if wear.earrings != "none":
        pieces.append(earring_mesh(fit, wear))
    pieces.append(bust_mesh(fit, look, wear))
    return merged(pieces)
