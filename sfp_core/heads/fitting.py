"""What hair, glasses, hats and clothes need to know of a head to fit it, whatever the head was made from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sfp_core.heads.domain import domain_of
from sfp_core.heads.identity import Shape
from sfp_core.heads.surface import Surface


@dataclass(frozen=True, eq=False)
class Fitting:
    """A resting head as a tailor sees it. World axes, head units (the head is about 2.2 high), centre near the origin.

    Attributes
    ----------
    surface : callable
        Skin positions (..., 3) for domain points (..., 2) rad, see `domain.py`: every ray from the origin leaves the
        head once.
    eyes : (2, 3) float64
        Centres of the eyeballs, the character's left (+x) first.
    eye_radius : float
    brow_top : float
        Height (y) of the upper edge of the resting brows.
    ears : (2, 3) float64
        Where the ears grow out of the head, left first.
    ear_size : float
        Half the height of an ear; 0 for none.
    nose_base : (3,) float64
        Where the nose meets the upper lip, on the middle line.
    mouth, chin, crown : (3,) float64
        Middle of the closed lips, lowest point of the chin, highest point of the skull.
    mouth_half_width : float
    neck_radius : float
    """

    surface: Callable[[np.ndarray], np.ndarray]
    eyes: np.ndarray
    eye_radius: float
    brow_top: float
    ears: np.ndarray
    ear_size: float
    nose_base: np.ndarray
    mouth: np.ndarray
    chin: np.ndarray
    crown: np.ndarray
    mouth_half_width: float
    neck_radius: float

    def on_skin(self, directions: np.ndarray, lift: np.ndarray | float = 0.0) -> np.ndarray:
        """Where rays (..., 3) leave the skin, (..., 3), lifted along the ray by `lift` head units."""
        out = directions / np.linalg.norm(directions, axis=-1, keepdims=True)
        radius = np.linalg.norm(self.surface(domain_of(out)), axis=-1)
        return np.asarray(out * (radius + lift)[..., None])

    def radius(self, directions: np.ndarray) -> np.ndarray:
        """Distance from the origin to the skin along rays (..., 3), (...,)."""
        return np.asarray(np.linalg.norm(self.surface(domain_of(directions)), axis=-1))

    def front_depth(self, xy: np.ndarray) -> np.ndarray:
        """The skin's z in front at places (..., 2) of the face, (...,)."""
        z = np.full(xy.shape[:-1], 0.75)
        for _ in range(5):
            z = self.surface(domain_of(np.concatenate([xy, z[..., None]], axis=-1)))[..., 2]
        return np.asarray(z)


def fitting_of(shape: Shape, surface: Surface) -> Fitting:
    """The fitting of a procedural head."""
    sides = np.array([1.0, -1.0])
    ears = surface(np.stack([sides * 1.50, np.full(2, -0.02 + shape.ear_y)], axis=-1))
    low = np.array([0.0, shape.nose_y - shape.nose_size, shape.nose_z - 0.5 * shape.nose_size])
    brow = surface(np.array([shape.eye_x / 0.75, shape.brow_y * 0.98 + shape.brow_arch + shape.brow_thickness]))
    return Fitting(
        surface=surface,
        eyes=np.stack([sides * shape.eye_x, np.full(2, shape.eye_y), np.full(2, shape.eye_z)], axis=-1),
        eye_radius=shape.eye_radius,
        brow_top=float(brow[1]),
        ears=ears,
        ear_size=shape.ear_size,
        nose_base=surface(domain_of(low)),
        mouth=surface(domain_of(np.array([0.0, shape.mouth_y, 0.80]))),
        chin=np.array([0.0, shape.chin_y - shape.chin_size, shape.chin_z]),
        crown=surface(np.array([0.0, np.pi / 2 + 0.08])),
        mouth_half_width=shape.mouth_half_width,
        neck_radius=shape.neck_radius,
    )
