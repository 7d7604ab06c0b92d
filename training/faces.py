"""Random faces with exact landmarks: identity, look, expression, camera, light and background drawn from one generator.

The distributions are tuned so that random heads look designed: features are placed by fractions of each other (the
mouth between nose and chin, brows over the eyes), never by free offsets.
"""

import colorsys
from dataclasses import dataclass

import numpy as np

from sfp_core.heads.actions import ACTIONS
from sfp_core.heads.head import Head, PosedHead
from sfp_core.heads.identity import Identity, Look, Shape, Triple
from sfp_core.heads.landmarks98 import landmarks98
from sfp_core.render.camera import Camera, rotation_from_degrees
from sfp_core.render.shade import Light, Style, render

_LIGHT_SKIN, _DARK_SKIN = np.array([0.98, 0.84, 0.76]), np.array([0.40, 0.26, 0.18])
_HAIR: tuple[Triple, ...] = (
    (0.10, 0.08, 0.07),
    (0.35, 0.18, 0.09),
    (0.62, 0.32, 0.12),
    (0.90, 0.75, 0.40),
    (0.82, 0.82, 0.84),
)
_BALD_HAIRLINE = 9.0

# Lip shapes of speech, by action; a weight for each.
VISEMES: dict[str, dict[str, float]] = {
    "aa": {"jawOpen": 0.75},
    "ae": {"jawOpen": 0.55, "mouthStretchLeft": 0.4, "mouthStretchRight": 0.4},
    "ee": {"jawOpen": 0.15, "mouthStretchLeft": 0.7, "mouthStretchRight": 0.7, "mouthLowerDownMiddle": 0.4},
    "oh": {"jawOpen": 0.5, "mouthFunnel": 0.7},
    "oo": {"jawOpen": 0.12, "mouthPucker": 0.9},
    "pp": {"mouthPressLeft": 0.8, "mouthPressRight": 0.8},
    "ff": {"jawOpen": 0.12, "mouthRollLower": 0.9, "mouthUpperUpLeft": 0.3, "mouthUpperUpRight": 0.3},
    "ss": {"jawOpen": 0.05, "mouthUpperUpLeft": 0.4, "mouthUpperUpRight": 0.4, "mouthLowerDownMiddle": 0.7},
    "sh": {"mouthFunnel": 0.8, "jawOpen": 0.08},
    "th": {"jawOpen": 0.2, "tongueOut": 0.4},
}

# The seven expressions of FLSC, by action.
EXPRESSIONS: dict[str, dict[str, float]] = {
    "neutral": {},
    "happy": {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9, "cheekSquintLeft": 0.5, "cheekSquintRight": 0.5},
    "sad": {"mouthFrownLeft": 0.8, "mouthFrownRight": 0.8, "browInnerUp": 0.8, "mouthShrugLower": 0.3},
    "surprise": {"eyeWideLeft": 1, "eyeWideRight": 1, "browInnerUp": 0.9, "browOuterUpLeft": 0.9,
                 "browOuterUpRight": 0.9, "jawOpen": 0.6},
    "angry": {"browDownLeft": 1, "browDownRight": 1, "mouthPressLeft": 0.6, "mouthPressRight": 0.6,
              "noseSneerLeft": 0.4, "noseSneerRight": 0.4, "eyeSquintLeft": 0.4, "eyeSquintRight": 0.4},
    "disgust": {"noseSneerLeft": 1, "noseSneerRight": 1, "mouthUpperUpLeft": 0.6, "mouthUpperUpRight": 0.6,
                "browDownLeft": 0.5, "browDownRight": 0.5, "mouthFrownLeft": 0.4, "mouthFrownRight": 0.4},
    "afraid": {"browInnerUp": 1, "eyeWideLeft": 0.9, "eyeWideRight": 0.9, "mouthStretchLeft": 0.8,
               "mouthStretchRight": 0.8, "jawOpen": 0.3},
}  # fmt: skip


_FREE_ACTIONS = [name for name in ACTIONS if not name.startswith(("eyeLook", "eyeBlink", "jawOpen"))]


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


def random_shape(rng: np.random.Generator) -> Shape:
    """Proportions of a head that a cartoonist could have drawn."""
    u = rng.uniform
    eye = u(0.17, 0.36)
    eye_x, eye_y = max(eye * 1.08, u(0.24, 0.40)), u(-0.02, 0.20)
    chin_y = u(-1.14, -0.80)
    nose = u(0.07, 0.25)
    nose_y = min(u(-0.32, -0.10), eye_y - 0.14)
    nose_bottom = nose_y - nose
    chin = u(0.10, 0.28)
    mouth_y = nose_bottom + (chin_y - chin * 0.4 - nose_bottom) * u(0.38, 0.50)
    brow_y = (eye_y + eye * u(0.98, 1.12) + u(0.08, 0.20)) / 0.85 * 0.95
    return Shape(
        cranium=(u(0.70, 0.98), u(0.66, 0.92), u(0.76, 0.95)),
        cranium_y=u(0.26, 0.42),
        face=(u(0.54, 0.84), u(0.66, 0.92), u(0.62, 0.76)),
        face_y=u(-0.30, -0.16),
        jaw_width=u(0.28, 0.80),
        jaw_y=chin_y + u(0.26, 0.36),
        chin_size=chin,
        chin_y=chin_y,
        chin_z=u(0.38, 0.50),
        cheek_size=u(0.20, 0.42),
        cheek_x=u(0.34, 0.48),
        cheek_y=u(-0.36, -0.14),
        nose_size=nose,
        nose_y=nose_y,
        nose_z=0.80 + u(0.3, 0.8) * nose,
        nose_width=u(0.6, 0.95),
        bridge=u(0.045, 0.11),
        brow_ridge=u(0.10, 0.20),
        eye_x=eye_x,
        eye_y=eye_y,
        eye_z=u(0.50, 0.56) + 0.28 * (0.30 - eye),
        eye_radius=eye,
        eye_upper=u(0.52, 0.84),
        eye_lower=u(0.38, 0.70),
        eye_tilt=u(-0.18, 0.25),
        mouth_y=mouth_y,
        mouth_half_width=u(0.16, 0.42),
        upper_lip=u(0.022, 0.075),
        lower_lip=u(0.028, 0.085),
        mouth_curve=u(-0.025, 0.05),
        brow_y=brow_y,
        brow_thickness=u(0.020, 0.085),
        brow_half_length=u(0.20, 0.34),
        brow_arch=u(0.0, 0.12),
        ear_size=u(0.16, 0.40) if rng.random() < 0.95 else 0.0,
        neck_radius=u(0.20, 0.55),
    )


def random_look(rng: np.random.Generator) -> Look:
    """Colours and style: human skin four times of five, any hue else; bald one time of four."""
    u = rng.uniform
    human = rng.random() < 0.82
    tone = rng.random()
    skin = _LIGHT_SKIN * (1 - tone) + _DARK_SKIN * tone if human else _hue(rng, (0.15, 0.6), (0.55, 0.95))
    painted = rng.random() < 0.2
    lips = np.array([u(0.55, 0.95), u(0.05, 0.3), u(0.05, 0.3)]) if painted else skin * (1, 0.62, 0.62) * u(0.8, 1.05)
    if rng.random() < 0.15:
        lips = skin * u(0.85, 0.98)  # lips that are hardly drawn
    style = int(rng.integers(0, len(_HAIR) + 1))
    hair = np.asarray(_HAIR[style]) if style < len(_HAIR) else _hue(rng, (0.4, 0.7), (0.4, 0.8))
    bald = rng.random() < 0.25
    return Look(
        skin=_triple(skin),
        lips=_triple(lips),
        hair=_triple(hair),
        brow=_triple(hair * u(0.45, 1.0) if rng.random() < 0.85 else skin * u(0.6, 0.9)),
        iris=_triple(_hue(rng, (0.2, 0.85), (0.2, 0.8))),
        blush=u(0.0, 0.4),
        iris_share=u(0.42, 0.78),
        pupil_share=u(0.14, 0.40),
        hairline=_BALD_HAIRLINE if bald else u(0.62, 1.05),
        hair_volume=u(0.03, 0.24),
        hair_waves=u(0.0, 0.45),
        eyeliner=int(rng.choice([0, 0, 0, 1, 2])),
        freckles=u(0.3, 1.0) if rng.random() < 0.1 else 0.0,
        stubble=u(0.3, 1.0) if rng.random() < 0.12 else 0.0,
    )


def _hue(rng: np.random.Generator, saturation: tuple[float, float], value: tuple[float, float]) -> np.ndarray:
    return np.array(colorsys.hsv_to_rgb(rng.random(), rng.uniform(*saturation), rng.uniform(*value)))


def _triple(colour: np.ndarray) -> Triple:
    red, green, blue = np.clip(colour, 0.0, 1.0).tolist()
    return red, green, blue


def random_identity(rng: np.random.Generator) -> Identity:
    """One character."""
    return Identity(random_shape(rng), random_look(rng))


def random_actions(rng: np.random.Generator) -> dict[str, float]:
    """An expression: sparse or dense random actions, expression with viseme, or extremes; lids and a gaze with it."""
    kind = rng.random()
    strengths: dict[str, float] = {}
    if kind < 0.45:
        if rng.random() < 0.5:
            strengths["jawOpen"] = rng.uniform(0, 1) ** 1.4
        for name in rng.choice(_FREE_ACTIONS, size=int(rng.integers(1, 9)), replace=False):
            strengths[str(name)] = rng.uniform(0, 1)
    elif kind < 0.60:
        for name in _FREE_ACTIONS:
            if rng.random() < 0.3:
                strengths[name] = rng.uniform(0, 0.8)
        strengths["jawOpen"] = rng.uniform(0, 1) * (rng.random() < 0.6)
    elif kind < 0.86:
        expression = EXPRESSIONS[str(rng.choice(list(EXPRESSIONS)))]
        viseme = VISEMES[str(rng.choice(list(VISEMES)))]
        for part, strength in ((expression, rng.uniform(0.3, 1)), (viseme, rng.uniform(0, 1))):
            for name, value in part.items():
                strengths[name] = min(strengths.get(name, 0.0) + value * strength, 1.0)
    else:
        for name in ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "mouthLowerDownLeft", "mouthLowerDownRight",
                     "mouthUpperUpLeft", "mouthUpperUpRight", "eyeWideLeft", "eyeWideRight", "browInnerUp",
                     "browOuterUpLeft", "browOuterUpRight", "browDownLeft", "browDownRight"):  # fmt: skip
            if rng.random() < 0.4:
                strengths[name] = rng.uniform(0.7, 1)
    if rng.random() < 0.3:  # make it one-sided
        side = str(rng.choice(["Left", "Right"]))
        for name in [name for name in strengths if name.endswith(side)]:
            strengths[name] *= rng.uniform(0, 0.6)
    lids = rng.random()
    if lids < 0.30:
        strengths["eyeBlinkLeft"] = strengths["eyeBlinkRight"] = rng.choice([1.0, rng.uniform(0, 1)])
    elif lids < 0.42:
        strengths[str(rng.choice(["eyeBlinkLeft", "eyeBlinkRight"]))] = rng.choice([1.0, rng.uniform(0, 1)])
    _add_gaze(strengths, rng)
    return strengths


def _add_gaze(strengths: dict[str, float], rng: np.random.Generator) -> None:
    across, up = np.clip(rng.normal(0, 0.45), -1, 1), np.clip(rng.normal(0, 0.35), -1, 1)
    strengths["eyeLookOutLeft" if across > 0 else "eyeLookInLeft"] = abs(across)
    strengths["eyeLookInRight" if across > 0 else "eyeLookOutRight"] = abs(across)
    for side in ("Left", "Right"):
        strengths[("eyeLookUp" if up > 0 else "eyeLookDown") + side] = abs(up)


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
