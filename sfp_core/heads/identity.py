"""What makes one head differ from another: numbers for its shape, its look and what it wears."""

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
    socket: float = 0.5  # depth of the hollows between eyes and nose, 0..1
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
    chin_fold: float = 0.5  # depth of the fold under the lower lip, 0..1


# fmt: off
HAIR_STYLES = (
    "bald", "buzz", "crop", "side_part", "quiff", "straight", "wavy", "curly", "afro", "bob", "ponytail", "pigtails",
    "bun", "spiky", "receding", "tufts", "mohawk",
)
# fmt: on
FRINGES = ("none", "straight", "swept", "wispy")
BEARDS = ("none", "full", "goatee", "moustache")
BROW_STYLES = ("plain", "bushy", "thin", "none")
EAR_STYLES = ("human", "round", "elf", "none")
EYE_STYLES = ("iris", "slit", "dark", "dot")
TEETH_STYLES = ("row", "gap", "canines", "none")
GLASSES = ("none", "round", "square", "sun")
HATS = ("none", "brim", "cap", "beanie", "top_hat", "crown", "headband")
CLOTHES = ("none", "shirt", "collar", "high_neck", "scarf")
EARRINGS = ("none", "stud", "hoop")
HANDS = ("none", "cheek", "chin", "mouth", "eye")


@dataclass(frozen=True)
class Look:
    """What is painted on a head: colours (RGB in [0, 1], as displayed), eyes, teeth and make-up.

    Attributes
    ----------
    hair, hair_tip : Triple
        Colour at the roots' side and at the tips; `hair_tip` all below 0 takes that of the hair.
    iris_share, pupil_share : float
        Angular radius of iris and pupil, radians on the eyeball.
    eyes, teeth : str
        One of `EYE_STYLES`, of `TEETH_STYLES`; teeth "none" leaves a dark mouth.
    eyeliner : int
        0 none, 1 on the upper lid, 2 all around.
    eyeshadow : float
        Strength of `eyeshadow_colour` on the upper lid, 0..1.
    lip_gloss : float
        0 (bare) to 1 (lacquer).
    blush, freckles, stubble, wrinkles : float
        Strength, 0..1.
    moles : int
        How many.
    """

    skin: Triple = (0.95, 0.75, 0.64)
    lips: Triple = (0.80, 0.42, 0.40)
    hair: Triple = (0.35, 0.17, 0.08)
    hair_tip: Triple = (-1.0, -1.0, -1.0)
    brow: Triple = (0.28, 0.14, 0.06)
    iris: Triple = (0.25, 0.50, 0.75)
    sclera: Triple = (0.97, 0.97, 0.97)
    eyes: str = "iris"
    teeth: str = "row"
    blush: float = 0.30
    iris_share: float = 0.62
    pupil_share: float = 0.30
    eyeliner: int = 0
    eyeshadow: float = 0.0
    eyeshadow_colour: Triple = (0.45, 0.30, 0.50)
    lip_gloss: float = 0.15
    freckles: float = 0.0
    stubble: float = 0.0
    wrinkles: float = 0.0
    moles: int = 0

    def __post_init__(self) -> None:
        _one_of("eyes", self.eyes, EYE_STYLES)
        _one_of("teeth", self.teeth, TEETH_STYLES)


@dataclass(frozen=True)
class Wear:
    """What a head wears: hair, brows, lashes, ears, beard, glasses, hat, clothes, a hand before the face.

    Attributes
    ----------
    hair : str
        One of `HAIR_STYLES`.
    fringe : str
        One of `FRINGES`: hair that falls over the forehead and hides the brows; goes with any hair but "bald".
    hairline : float
        Height of the front hairline in the domain, rad.
    hair_volume : float
        How far the hair stands off the skull, head units.
    hair_length : float
        Of hanging hair and tails, 1 to the shoulders.
    hair_seed : int
        Picks the strands and locks of a style, freckles and moles too.
    lashes : float
        Length of the upper lashes, shares of the eye's radius; 0 has none.
    brows, ears, beard, glasses, hat, clothes, earrings, hand : str
        One of `BROW_STYLES`, `EAR_STYLES`, `BEARDS`, `GLASSES`, `HATS`, `CLOTHES`, `EARRINGS`, `HANDS`.
    cloth, hat_colour, metal : Triple
        RGB in [0, 1] of clothes, of the hat, and of the frames of glasses and earrings.
    """

    hair: str = "crop"
    fringe: str = "none"
    hairline: float = 0.78
    hair_volume: float = 0.13
    hair_length: float = 1.0
    hair_seed: int = 0
    beard: str = "none"
    brows: str = "plain"
    lashes: float = 0.0
    ears: str = "human"
    glasses: str = "none"
    hat: str = "none"
    clothes: str = "shirt"
    earrings: str = "none"
    hand: str = "none"
    cloth: Triple = (0.30, 0.42, 0.55)
    hat_colour: Triple = (0.62, 0.24, 0.20)
    metal: Triple = (0.14, 0.13, 0.14)

    def __post_init__(self) -> None:
        for name, styles in (
            ("hair", HAIR_STYLES),
            ("fringe", FRINGES),
            ("beard", BEARDS),
            ("brows", BROW_STYLES),
            ("ears", EAR_STYLES),
            ("glasses", GLASSES),
            ("hat", HATS),
            ("clothes", CLOTHES),
            ("earrings", EARRINGS),
            ("hand", HANDS),
        ):
            _one_of(name, getattr(self, name), styles)


@dataclass(frozen=True)
class Identity:
    """One character: shape, look and wear."""

    shape: Shape = dataclasses.field(default_factory=Shape)
    look: Look = dataclasses.field(default_factory=Look)
    wear: Wear = dataclasses.field(default_factory=Wear)

    def to_json(self) -> dict[str, Any]:
        """Plain numbers, for files."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any], *, where: str) -> "Identity":
        """The inverse of `to_json`. Raises SfpError naming `where` for unknown names."""
        return cls(
            shape=_fields(Shape, content.get("shape", {}), f"{where}: shape"),
            look=_fields(Look, content.get("look", {}), f"{where}: look"),
            wear=_fields(Wear, content.get("wear", {}), f"{where}: wear"),
        )


def _fields(kind: Any, content: Mapping[str, Any], where: str) -> Any:
    known = {field.name for field in dataclasses.fields(kind)}
    unknown = sorted(set(content) - known)
    if unknown:
        raise SfpError(f"{where}: unknown names {', '.join(unknown)}; expected some of {', '.join(sorted(known))}")
    try:
        return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in content.items()})
    except SfpError as error:
        raise SfpError(f"{where}: {error}") from error


def _one_of(name: str, style: str, styles: tuple[str, ...]) -> None:
    if style not in styles:
        raise SfpError(f"{name} {style!r} is no style; expected one of {', '.join(styles)}")
