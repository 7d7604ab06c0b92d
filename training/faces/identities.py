"""Random characters: proportions and looks drawn so that heads look designed.

Features are placed by fractions of each other (the mouth between nose and chin, brows over the eyes), never by free
offsets.
"""

import colorsys

import numpy as np

from sfp_core.heads.identity import Identity, Look, Shape, Triple

_LIGHT_SKIN, _DARK_SKIN = np.array([0.98, 0.84, 0.76]), np.array([0.40, 0.26, 0.18])
_HAIR: tuple[Triple, ...] = (
    (0.10, 0.08, 0.07),
    (0.35, 0.18, 0.09),
    (0.62, 0.32, 0.12),
    (0.90, 0.75, 0.40),
    (0.82, 0.82, 0.84),
)
_BALD_HAIRLINE = 9.0


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
