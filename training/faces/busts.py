"""Shoulders under a head, so that heads do not float: a smooth body with a collar, turned less than the head."""

import numpy as np

from sfp_core.render.camera import rotation_from_degrees
from sfp_core.render.mesh import Mesh, Part
from training.faces.framing import Placement
from training.faces.palette import colours

_STEPS = 28  # around
# Profile of a bust from the collar down: depth below the head's lower end, half width and half depth, head heights.
_PROFILE = np.array(
    [
        (-0.02, 0.13, 0.13),
        (0.00, 0.17, 0.16),
        (0.03, 0.25, 0.19),
        (0.08, 0.42, 0.22),
        (0.16, 0.56, 0.25),
        (0.30, 0.62, 0.27),
        (0.60, 0.60, 0.30),
        (1.10, 0.58, 0.30),
    ]
)
_FOLLOWS = 0.35  # of the head's turn


def random_bust(placement: Placement, centre: np.ndarray, height: float, rng: np.random.Generator) -> Mesh:
    """A bust in view space for a head whose `Subject.frame` is `centre` (3,) and `height`."""
    width, deep, drop = rng.uniform(0.7, 1.25), rng.uniform(0.8, 1.2), rng.uniform(0.02, 0.08)
    angle = np.arange(_STEPS) * 2 * np.pi / _STEPS
    down, across, depth = (_PROFILE * (1.0, width, deep) + (drop, 0.0, 0.0)).T
    rings = np.stack(
        [
            across[:, None] * np.cos(angle),
            np.broadcast_to(-0.5 - down[:, None], (len(down), _STEPS)),
            depth[:, None] * np.sin(angle) - 0.08,
        ],
        axis=-1,
    )
    body = rings.reshape(-1, 3) * height
    pitch, yaw, roll = placement.head_deg
    turned = rotation_from_degrees(_FOLLOWS * 0.5 * pitch, _FOLLOWS * yaw, _FOLLOWS * roll)
    # The neck's lower end stays where the head puts it.
    lower_end = np.array([0.0, -0.5 * height, -0.05 * height])
    vertices = (body - lower_end) @ turned.T + placement.to_view(centre + lower_end)
    cloth, trim = colours(rng, 2)
    painted = np.tile(cloth, (len(vertices), 1)).reshape(len(down), _STEPS, 3)
    painted[: int(rng.integers(0, 3))] = trim
    if rng.random() < 0.3:
        painted[:, _STEPS // 4 - 2 : _STEPS // 4 + 3] = trim  # a front
    ring = np.arange(len(down) - 1)[:, None] * _STEPS
    here, following = ring + np.arange(_STEPS), ring + np.roll(np.arange(_STEPS), -1)
    faces = np.concatenate(
        [
            np.stack([here, following, here + _STEPS], axis=-1).reshape(-1, 3),
            np.stack([following, following + _STEPS, here + _STEPS], axis=-1).reshape(-1, 3),
        ]
    )
    return Mesh(vertices, faces, painted.reshape(-1, 3), np.full(len(faces), 0.05), np.full(len(faces), Part.WEAR))
