"""One picture of one random face with its exact landmarks: camera, light and background drawn from one generator."""

from dataclasses import dataclass

import numpy as np

from sfp_core.heads.head import Head, PosedHead
from sfp_core.heads.landmarks98 import landmarks98
from sfp_core.render.camera import Camera, rotation_from_degrees
from sfp_core.render.shade import Light, Style, render
from training.faces.poses import random_actions


@dataclass(frozen=True)
class Face:
    """One picture of one face.

    Attributes
    ----------
    picture : (S, S, 3) uint8
        RGB.
    points : (98, 2) float64
        Image space, pixels; they may lie outside the picture.
    """

    picture: np.ndarray
    points: np.ndarray


def random_background(rng: np.random.Generator, size: int) -> np.ndarray:
    """(size, size, 3) uint8: flat, a gradient, soft blotches, stripes or hard shapes."""
    kind = rng.random()
    if kind < 0.25:
        picture = np.broadcast_to(rng.random(3), (size, size, 3)).copy()
    elif kind < 0.5:
        ramp = np.linspace(0, 1, size)[:, None, None]
        picture = rng.random(3) * ramp + rng.random(3) * (1 - ramp) + np.zeros((size, size, 1))
        picture = picture if rng.random() < 0.5 else picture.transpose(1, 0, 2)
    else:
        cells = int(rng.integers(2, 14))
        coarse = rng.random((cells + 1, cells + 1, 3)) * rng.uniform(0.3, 1) + rng.random(3) * 0.3
        place = np.linspace(0, cells, size, endpoint=False)
        low = place.astype(np.intp)
        share = place - low if kind < 0.8 else np.zeros(size)  # soft blotches or hard squares
        rows = coarse[low] * (1 - share)[:, None, None] + coarse[low + 1] * share[:, None, None]
        picture = rows[:, low] * (1 - share)[None, :, None] + rows[:, low + 1] * share[None, :, None]
    picture = picture + rng.normal(0, rng.uniform(0, 0.04), picture.shape)
    return np.asarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))


def random_light(rng: np.random.Generator) -> Light:
    """Mostly friendly light from the front, sometimes low, coloured or hard."""
    warmth = rng.uniform(-0.15, 0.15)
    dark = 0.45 if rng.random() < 0.1 else 1.0
    return Light(
        direction=(rng.uniform(-0.9, 0.9), rng.uniform(-0.2, 0.9), rng.uniform(0.35, 1.0)),
        key=rng.uniform(0.5, 1.0) * dark,
        fill_direction=(rng.uniform(-1, 1), rng.uniform(-0.3, 0.3), rng.uniform(0.2, 0.8)),
        fill=rng.uniform(0.0, 0.3) * dark,
        ambient=rng.uniform(0.12, 0.4) * dark,
        rim=rng.uniform(0.0, 0.4),
        wrap=rng.uniform(0.1, 0.6),
        tint=(1.0 + warmth, 1.0, 1.0 - warmth),
    )


def random_camera(posed: PosedHead, rng: np.random.Generator) -> Camera:
    """The face in the middle third of the picture, turned like faces in films: yaw up to 70 degrees, mostly less."""
    pitch = float(np.clip(rng.normal(0, 9), -30, 30))
    yaw = float(np.clip(rng.normal(0, 24), -70, 70))
    roll = float(np.clip(rng.normal(0, 8), -35, 35))
    fov = rng.uniform(12, 45)
    centre, height = posed.head.frame()
    shape = posed.head.identity.shape
    middle = np.array([0.0, (shape.brow_y + shape.chin_y - shape.chin_size) / 2 - 0.02, 0.25])
    face_height = shape.brow_y - shape.chin_y + shape.chin_size
    span = max(face_height, 0.72 * height) * rng.uniform(1.25, 1.55)
    distance = span / 2 / np.tan(np.deg2rad(fov / 2)) + 0.5
    shift = rng.normal(0, 0.03, 3) * height
    return Camera((centre * 0.2 + middle * 0.8) + shift, rotation_from_degrees(pitch, yaw, roll), fov, float(distance))


def random_face(head: Head, rng: np.random.Generator, *, size: int, supersample: int = 2) -> Face:
    """A picture of this head in a random pose, with its landmarks."""
    posed = head.pose(random_actions(rng))
    camera = random_camera(posed, rng)
    kind = rng.random()
    style: Style = "toon" if kind < 0.15 else "viewport" if kind < 0.30 else "soft"
    light = Light() if rng.random() < 0.2 else random_light(rng)
    picture = render(
        posed.mesh(),
        camera,
        width=size,
        height=size,
        supersample=supersample,
        light=light,
        style=style,
        background=random_background(rng, size),
    )
    points, _ = camera.project(landmarks98(posed, camera.rotation), size, size)
    return Face(picture, np.asarray(points, dtype=np.float64))
