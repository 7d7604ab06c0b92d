"""What makes one head differ from another: numbers for its shape, colours and style for its look."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sfp_core.errors import SfpError

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Shape:
    """Proportions of a head, in head units (the head is about 2.2 high); see `surface.py` for what each one builds.

    Angles (`eye_tilt`) are radians; `eye_half_width`, `eye_upper` and `eye_lower` are shares of the eye's radius.
    """

    cranium: Triple = (0.86, 0.80, 0.86)
    cranium_y: float = 0.32
    face: Triple = (0.64, 0.80, 0.70)
    face_y: float = -0.22
    face_z: float = 0.10
    jaw_width: float = 0.50
    jaw_y: float = -0.62
    chin_size: float = 0.17
    chin_y: float = -0.93
    chin_z: float = 0.42
    cheek_size: float = 0.30
    cheek_x: float = 0.40
    cheek_y: float = -0.24
    nose_size: float = 0.13
    nose_y: float = -0.16
    nose_z: float = 0.86
    nose_width: float = 0.80
    bridge: float = 0.09
    brow_ridge: float = 0.16
    eye_x: float = 0.33
    eye_y: float = 0.10
    eye_z: float = 0.56
    eye_radius: float = 0.27
    eye_half_width: float = 0.93
    eye_upper: float = 0.72
    eye_lower: float = 0.62
    eye_tilt: float = 0.0
    mouth_y: float = -0.52
    mouth_half_width: float = 0.26
    upper_lip: float = 0.055
    lower_lip: float = 0.065
    mouth_curve: float = 0.0  # how far the corners of the resting mouth turn up, rad
    brow_y: float = 0.52
    brow_thickness: float = 0.045
    brow_half_length: float = 0.30
    brow_arch: float = 0.06
    ear_size: float = 0.24
    ear_y: float = 0.0
    neck_radius: float = 0.34


@dataclass(frozen=True)
class Look:
    """Colours (RGB in [0, 1], as displayed) and style of a head.

    Attributes
    ----------
    iris_share, pupil_share : float
        Angular radius of iris and pupil, radians on the eyeball.
    hairline : float
        Height of the hairline in the domain, rad; above 2 the head is bald.
    hair_volume, hair_waves : float
        How far the hair stands off, head units, and how strong its locks are, share of that.
    eyeliner : int
        0 none, 1 on the upper lid, 2 all around.
    """

    skin: Triple = (0.95, 0.75, 0.64)
    lips: Triple = (0.80, 0.42, 0.40)
    hair: Triple = (0.35, 0.17, 0.08)
    brow: Triple = (0.28, 0.14, 0.06)
    iris: Triple = (0.25, 0.50, 0.75)
    blush: float = 0.30
    iris_share: float = 0.62
    pupil_share: float = 0.30
    hairline: float = 0.78
    hair_volume: float = 0.13
    hair_waves: float = 0.30
    eyeliner: int = 0
    freckles: float = 0.0
    stubble: float = 0.0


@dataclass(frozen=True)
class Identity:
    """One character: shape and look."""

    shape: Shape = dataclasses.field(default_factory=Shape)
    look: Look = dataclasses.field(default_factory=Look)

    def to_json(self) -> dict[str, Any]:
        """Plain numbers, for files."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any], *, where: str) -> "Identity":
        """The inverse of `to_json`. Raises SfpError naming `where` for unknown names."""
        return cls(
            shape=_fields(Shape, content.get("shape", {}), f"{where}: shape"),
            look=_fields(Look, content.get("look", {}), f"{where}: look"),
        )


def _fields(kind: Any, content: Mapping[str, Any], where: str) -> Any:
    known = {field.name for field in dataclasses.fields(kind)}
    unknown = sorted(set(content) - known)
    if unknown:
        raise SfpError(f"{where}: unknown names {', '.join(unknown)}; expected some of {', '.join(sorted(known))}")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in content.items()})
