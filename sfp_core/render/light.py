"""Light: what falls on a mesh, ready-made lights, and what can be added to them."""

from dataclasses import astuple, dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from sfp_core.errors import SfpError

Rgb: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True)
class Light:
    """A warm key, a cool fill and a rim, fixed to the viewer, not to the head.

    The default comes from the viewer's upper left. Strengths have no unit: 1 shows a surface that faces the light in
    its own colour. Colours multiply.

    Attributes
    ----------
    direction, fill_direction : three floats
        View space, towards the light: x to the viewer's right, y up, z to the viewer. Any length but 0.
    key, fill, ambient : float
        Strengths, at least 0. Ambient light comes from all sides, a little more from above.
    rim : float
        Strength of the light edge where the surface turns away from the eye.
    wrap : float
        0..1: how far the key reaches around; skin is tinted there by `under_tint`, as if light came through it.
    tint, fill_tint, under_tint : Rgb
        Of the key, of fill and ambient, and of light that comes through skin. Glossy faces have no under-tint.

    Raises
    ------
    SfpError
        A direction of length 0, or a strength below 0.
    """

    direction: Rgb = (-0.55, 0.60, 0.75)
    key: float = 0.80
    fill_direction: Rgb = (0.85, 0.05, 0.45)
    fill: float = 0.16
    ambient: float = 0.24
    rim: float = 0.22
    wrap: float = 0.40
    tint: Rgb = (1.06, 1.00, 0.92)
    fill_tint: Rgb = (0.86, 0.96, 1.14)
    under_tint: Rgb = (0.55, 0.10, 0.04)

    def __post_init__(self) -> None:
        for name in ("direction", "fill_direction"):
            direction = np.asarray(getattr(self, name), dtype=np.float64)
            if direction.shape != (3,) or not 0 < np.linalg.norm(direction) < np.inf:
                raise SfpError(f"light: {name} is {getattr(self, name)}; expected three numbers that are not all 0")
        for name in ("key", "fill", "ambient", "rim", "wrap"):
            if not 0 <= getattr(self, name) < np.inf:
                raise SfpError(f"light: {name} is {getattr(self, name)}; expected at least 0")

    def packed(self) -> tuple[float, ...]:
        """20 numbers in the order of the attributes, directions of length 1."""
        values = [np.ravel(value) for value in astuple(self)]
        for index in (0, 2):
            values[index] = values[index] / np.linalg.norm(values[index])
        return tuple(np.concatenate(values).tolist())


@dataclass(frozen=True)
class Effects:
    """What the soft style adds to plain light; all 0 adds nothing and costs nothing.

    Attributes
    ----------
    occlusion : float
        0..1: how dark creases and folds get that ambient light hardly reaches.
    occlusion_radius : float
        How far away a surface may be to take light, world units; a head is about 2.2 high.
    eyes : float
        Strength of a window mirrored in the eyes and of a second, softer light, in the place of the plain highlight.
    hair : float
        Strength of the bright ring that light makes on combed hair.

    Raises
    ------
    SfpError
        A number below 0, or an occlusion above 1.
    """

    occlusion: float = 0.0
    occlusion_radius: float = 0.30
    eyes: float = 0.0
    hair: float = 0.0

    def __post_init__(self) -> None:
        for name in ("occlusion", "occlusion_radius", "eyes", "hair"):
            if not 0 <= getattr(self, name) <= (1.0 if name == "occlusion" else 1e6):
                raise SfpError(f"effects: {name} is {getattr(self, name)}; expected at least 0, occlusion at most 1")


DEFAULT_LIGHT = Light()
NO_EFFECTS = Effects()

# Ready-made lights. "low" leaves most of the face dark, "neon" and "sunset" are coloured, "below" is a torch.
LIGHTS = MappingProxyType(
    {
        "studio": DEFAULT_LIGHT,
        "overcast": Light((0.0, 1.0, 0.45), 0.34, (0.0, 0.2, 1.0), 0.18, 0.52, 0.08, 0.80, (1.0, 1.0, 1.0)),
        "window": Light((-1.0, 0.25, 0.35), 0.95, (1.0, 0.0, 0.3), 0.05, 0.12, 0.10, 0.25, (1.02, 1.0, 0.97)),
        "low": Light((-0.8, 0.45, 0.3), 0.30, (1.0, 0.1, 0.2), 0.04, 0.05, 0.16, 0.30),
        "moon": Light(
            (0.5, 0.85, 0.2), 0.36, (-0.8, 0.0, 0.5), 0.06, 0.10, 0.30, 0.35, (0.72, 0.88, 1.30), (0.60, 0.75, 1.40)
        ),
        "sunset": Light(
            (-0.9, 0.18, 0.45), 0.95, (0.8, 0.3, 0.5), 0.16, 0.16, 0.40, 0.50, (1.35, 0.92, 0.55), (0.80, 0.80, 1.25)
        ),
        "neon": Light(
            (-0.9, 0.1, 0.4), 0.70, (0.9, 0.1, 0.4), 0.60, 0.08, 0.35, 0.30, (1.45, 0.45, 1.15), (0.30, 1.00, 1.45)
        ),
        "below": Light((0.1, -0.9, 0.6), 0.75, (0.0, 1.0, 0.2), 0.06, 0.10, 0.12, 0.30, (1.20, 1.0, 0.78)),
    }
)
