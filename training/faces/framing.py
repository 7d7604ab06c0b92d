"""Where the camera stands and where the heads are: perspective, turned heads, several of them, cut by the frame.

Heads are moved in view space and the camera looks along -z from (0, 0, distance): what is nearer hides what is behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sfp_core.render.camera import Camera, rotation_from_degrees
from training.faces.family import Subject
from training.faces.recipe import Recipe

_FOV_DEG = (12.0, 45.0)
_PROFILES = 0.12  # share of faces whose yaw is drawn evenly up to the limit
_TRIES = 12  # places that are tried for one more head


@dataclass(frozen=True, eq=False)
class Placement:
    """A head in view space: `pivot` (3,) of its own space lies at `place` (3,), turned by `rotation` (3, 3)."""

    pivot: np.ndarray
    rotation: np.ndarray
    place: np.ndarray
    head_deg: tuple[float, float, float]

    def to_view(self, points: np.ndarray) -> np.ndarray:
        """(..., 3) head units to (..., 3) view space."""
        return np.asarray((points - self.pivot) @ self.rotation.T + self.place)

    def line_of_sight(self, distance: float) -> np.ndarray:
        """(3, 3) rotation under which the eye at (0, 0, distance) sees this head, its own axis of sight along z."""
        ahead = np.array([0.0, 0.0, distance]) - self.place
        ahead /= np.linalg.norm(ahead)
        across = np.cross([0.0, 1.0, 0.0], ahead)
        across /= np.linalg.norm(across)
        return np.asarray(np.stack([across, np.cross(ahead, across), ahead]) @ self.rotation)


@dataclass(frozen=True, eq=False)
class Framing:
    """A camera and the heads before it; the first one is the main face. Subjects that found no place are None."""

    camera: Camera
    placements: tuple[Placement | None, ...]
    cut: bool


def random_framing(subjects: Sequence[Subject], rng: np.random.Generator, *, recipe: Recipe) -> Framing:
    """The first subject's face in the middle third of the picture, the others beside and behind it."""
    main = subjects[0]
    middle, face_height = main.face_frame()
    centre, height = main.frame()
    fov = float(rng.uniform(*_FOV_DEG))
    span = max(face_height, 0.72 * height) * rng.uniform(1.25, 1.55)
    if len(subjects) > 1:
        span *= rng.uniform(1.2, 1.5 + 0.3 * len(subjects))
    half_angle = np.tan(np.deg2rad(fov / 2))
    distance = float(span / 2 / half_angle + 0.5)
    cut = bool(rng.random() < recipe.cut)
    shift = rng.normal(0, 0.03, 3) * height
    if len(subjects) > 1:
        shift[:2] += rng.uniform(-0.22, 0.22, 2) * (span - height * 0.7)
    if cut:
        towards = rng.uniform(0, 2 * np.pi)
        shift[:2] += rng.uniform(0.2, 0.4) * span * np.array([np.cos(towards), np.sin(towards)])
    pivot = centre * 0.2 + middle * 0.8
    placements: list[Placement | None] = [_turned(pivot, shift, rng, recipe)]
    for subject in subjects[1:]:
        placements.append(_beside(subject, subjects, placements, distance, half_angle, rng, recipe))
    return Framing(Camera(np.zeros(3), np.eye(3), fov, distance), tuple(placements), cut)


def _turned(pivot: np.ndarray, place: np.ndarray, rng: np.random.Generator, recipe: Recipe) -> Placement:
    """A head turned like heads in films: mostly little."""
    pitch = float(np.clip(rng.normal(0, 10), -32, 32))
    yaw = float(np.clip(rng.normal(0, recipe.yaw_sigma_deg), -recipe.yaw_limit_deg, recipe.yaw_limit_deg))
    if rng.random() < _PROFILES and recipe.staged:
        yaw = float(rng.uniform(-recipe.yaw_limit_deg, recipe.yaw_limit_deg))
    roll = float(np.clip(rng.normal(0, 9), -38, 38))
    return Placement(pivot, rotation_from_degrees(pitch, yaw, roll), place, (pitch, yaw, roll))


def _beside(
    subject: Subject,
    subjects: Sequence[Subject],
    placements: Sequence[Placement | None],
    distance: float,
    half_angle: float,
    rng: np.random.Generator,
    recipe: Recipe,
) -> Placement | None:
    """A place in sight that no other head fills; None where none was found."""
    centre, height = subject.frame()
    turned = _turned(centre, np.zeros(3), rng, recipe)
    for _ in range(_TRIES):
        depth = distance + rng.uniform(-0.3, 4.0)  # from the eye: seldom before the main face
        reach = half_angle * depth
        level = np.clip(rng.normal(0, 0.3 * height), -0.8 * reach, 0.7 * reach)
        place = np.array([rng.uniform(-0.95, 0.95) * reach, level, distance - depth])
        clear = all(
            other is None or _clear(place, height, other.place, one.frame()[1])
            for one, other in zip(subjects, placements, strict=False)
        )
        if clear:
            return Placement(turned.pivot, turned.rotation, place, turned.head_deg)
    return None


def _clear(place: np.ndarray, height: float, other: np.ndarray, other_height: float) -> bool:
    """Whether two heads neither touch nor stand right behind each other."""
    apart = np.abs(place - other)
    room = 0.5 * (height + other_height)
    return bool(np.linalg.norm(apart) > 0.92 * room and apart[0] > 0.5 * room)
