"""Random proportions of procedural heads: between designed types, with every feature placed by its neighbours.

A head is a blend of two designed types with some noise; then features are put in order (the mouth between nose and
chin, brows over eyes, eyes beside the nose), so that a random head looks like somebody's design.
"""

import dataclasses
from typing import Any

import numpy as np

from sfp_core.heads.identity import Shape, Triple

# Designed types, as differences from the default head. Names say what they look like.
_TYPES: dict[str, dict[str, float | Triple]] = {
    "heroine": {
        "cranium": (0.84, 0.80, 0.86), "face": (0.60, 0.76, 0.68), "jaw_width": 0.42, "chin_size": 0.13,
        "chin_y": -0.90, "cheek_size": 0.30, "nose_size": 0.085, "nose_z": 0.87, "nose_y": -0.17, "bridge": 0.06,
        "eye_radius": 0.30, "eye_x": 0.355, "eye_y": 0.07, "eye_upper": 0.66, "eye_lower": 0.52, "eye_tilt": 0.12,
        "mouth_half_width": 0.21, "upper_lip": 0.050, "lower_lip": 0.062, "brow_thickness": 0.028, "brow_ridge": 0.10,
        "neck_radius": 0.23, "ear_size": 0.20, "chin_fold": 0.4,
    },
    "boy": {
        "cranium": (0.86, 0.80, 0.88), "face": (0.64, 0.76, 0.70), "jaw_width": 0.48, "chin_size": 0.16,
        "chin_y": -0.88, "cheek_size": 0.33, "nose_size": 0.11, "nose_z": 0.90, "nose_y": -0.14, "eye_radius": 0.27,
        "eye_x": 0.33, "eye_y": 0.08, "eye_upper": 0.62, "eye_lower": 0.50, "mouth_half_width": 0.28,
        "upper_lip": 0.030, "lower_lip": 0.040, "brow_thickness": 0.048, "neck_radius": 0.26, "ear_size": 0.30,
        "mouth_curve": 0.03,
    },
    "hero": {
        "cranium": (0.78, 0.78, 0.84), "cranium_y": 0.36, "face": (0.68, 0.90, 0.72), "jaw_width": 0.64,
        "chin_size": 0.25, "chin_y": -1.05, "chin_z": 0.48, "cheek_size": 0.24, "nose_size": 0.13, "nose_z": 0.93,
        "nose_y": -0.20, "bridge": 0.10, "brow_ridge": 0.18, "eye_radius": 0.20, "eye_x": 0.32, "eye_y": 0.12,
        "eye_upper": 0.52, "eye_lower": 0.42, "mouth_half_width": 0.30, "upper_lip": 0.026, "lower_lip": 0.036,
        "brow_thickness": 0.060, "brow_arch": 0.03, "neck_radius": 0.46, "ear_size": 0.24, "chin_fold": 0.7,
        "socket": 0.8,
    },
    "old man": {
        "cranium": (0.74, 0.76, 0.84), "cranium_y": 0.38, "face": (0.60, 0.92, 0.72), "jaw_width": 0.44,
        "chin_size": 0.20, "chin_y": -1.10, "chin_z": 0.46, "cheek_size": 0.24, "cheek_y": -0.32, "nose_size": 0.20,
        "nose_z": 1.00, "nose_y": -0.22, "nose_width": 0.75, "bridge": 0.10, "brow_ridge": 0.20, "eye_radius": 0.19,
        "eye_x": 0.29, "eye_y": 0.13, "eye_upper": 0.50, "eye_lower": 0.44, "eye_tilt": -0.10,
        "mouth_half_width": 0.26, "upper_lip": 0.020, "lower_lip": 0.032, "brow_thickness": 0.075,
        "neck_radius": 0.25, "ear_size": 0.36, "chin_fold": 0.9, "socket": 1.0, "mouth_curve": -0.01,
    },
    "baby": {
        "cranium": (0.94, 0.86, 0.92), "cranium_y": 0.34, "face": (0.74, 0.70, 0.72), "face_y": -0.18,
        "jaw_width": 0.44, "chin_size": 0.13, "chin_y": -0.80, "cheek_size": 0.40, "cheek_y": -0.28, "cheek_x": 0.42,
        "nose_size": 0.075, "nose_z": 0.88, "nose_y": -0.15, "bridge": 0.05, "brow_ridge": 0.10, "eye_radius": 0.27,
        "eye_x": 0.36, "eye_y": 0.02, "eye_upper": 0.64, "eye_lower": 0.52, "mouth_half_width": 0.17,
        "upper_lip": 0.040, "lower_lip": 0.048, "brow_thickness": 0.022, "brow_half_length": 0.22,
        "neck_radius": 0.22, "ear_size": 0.24, "chin_fold": 0.6,
    },
    "troll": {
        "cranium": (0.74, 0.64, 0.80), "face": (0.84, 0.84, 0.76), "jaw_width": 0.80, "chin_size": 0.26,
        "chin_y": -0.98, "cheek_size": 0.34, "nose_size": 0.24, "nose_z": 0.96, "nose_y": -0.14, "nose_width": 0.95,
        "bridge": 0.11, "brow_ridge": 0.20, "eye_radius": 0.18, "eye_x": 0.33, "eye_y": 0.17, "eye_upper": 0.52,
        "eye_lower": 0.42, "mouth_half_width": 0.42, "upper_lip": 0.030, "lower_lip": 0.045, "brow_thickness": 0.075,
        "neck_radius": 0.58, "ear_size": 0.42, "chin_fold": 0.8, "socket": 0.9,
    },
    "villain": {
        "cranium": (0.76, 0.84, 0.84), "cranium_y": 0.42, "face": (0.54, 0.92, 0.70), "jaw_width": 0.32,
        "chin_size": 0.14, "chin_y": -1.16, "chin_z": 0.50, "cheek_size": 0.20, "cheek_y": -0.18, "cheek_x": 0.44,
        "nose_size": 0.115, "nose_z": 1.00, "nose_y": -0.24, "nose_width": 0.65, "bridge": 0.06, "brow_ridge": 0.16,
        "eye_radius": 0.21, "eye_x": 0.31, "eye_y": 0.12, "eye_upper": 0.50, "eye_lower": 0.42, "eye_tilt": 0.24,
        "mouth_half_width": 0.24, "upper_lip": 0.034, "lower_lip": 0.040, "brow_thickness": 0.035, "brow_arch": 0.12,
        "neck_radius": 0.22, "ear_size": 0.26, "socket": 0.9,
    },
    "grandmother": {
        "cranium": (0.84, 0.76, 0.86), "face": (0.72, 0.78, 0.72), "jaw_width": 0.56, "chin_size": 0.17,
        "chin_y": -0.92, "cheek_size": 0.40, "cheek_y": -0.30, "nose_size": 0.14, "nose_z": 0.92, "nose_y": -0.17,
        "nose_width": 0.85, "eye_radius": 0.21, "eye_x": 0.31, "eye_y": 0.10, "eye_upper": 0.54, "eye_lower": 0.46,
        "eye_tilt": -0.12, "mouth_half_width": 0.25, "upper_lip": 0.030, "lower_lip": 0.040, "brow_thickness": 0.034,
        "neck_radius": 0.30, "ear_size": 0.26, "chin_fold": 0.8, "socket": 0.8, "mouth_curve": 0.035,
    },
    "pear": {
        "cranium": (0.66, 0.70, 0.76), "cranium_y": 0.30, "face": (0.82, 0.80, 0.76), "face_y": -0.28,
        "jaw_width": 0.76, "chin_size": 0.20, "chin_y": -0.96, "cheek_size": 0.42, "cheek_y": -0.36, "cheek_x": 0.46,
        "nose_size": 0.17, "nose_z": 0.94, "nose_y": -0.13, "eye_radius": 0.21, "eye_x": 0.27, "eye_y": 0.14,
        "eye_upper": 0.60, "eye_lower": 0.50, "mouth_half_width": 0.34, "upper_lip": 0.024, "lower_lip": 0.034,
        "brow_thickness": 0.055, "neck_radius": 0.55, "ear_size": 0.28, "mouth_curve": 0.02,
    },
    "doll": {
        "cranium": (0.96, 0.84, 0.92), "cranium_y": 0.32, "face": (0.62, 0.70, 0.68), "face_y": -0.18,
        "jaw_width": 0.36, "chin_size": 0.11, "chin_y": -0.86, "cheek_size": 0.27, "nose_size": 0.065, "nose_z": 0.86,
        "nose_y": -0.20, "bridge": 0.045, "brow_ridge": 0.09, "eye_radius": 0.34, "eye_x": 0.39, "eye_y": 0.05,
        "eye_upper": 0.72, "eye_lower": 0.60, "mouth_half_width": 0.16, "upper_lip": 0.034, "lower_lip": 0.042,
        "brow_thickness": 0.022, "neck_radius": 0.18, "ear_size": 0.18, "chin_fold": 0.3, "socket": 0.3,
    },
    "realist": {
        "cranium": (0.76, 0.80, 0.88), "cranium_y": 0.36, "face": (0.60, 0.88, 0.74), "jaw_width": 0.48,
        "chin_size": 0.17, "chin_y": -1.02, "chin_z": 0.48, "cheek_size": 0.23, "nose_size": 0.125, "nose_z": 0.94,
        "nose_y": -0.22, "bridge": 0.075, "brow_ridge": 0.15, "eye_radius": 0.165, "eye_x": 0.28, "eye_y": 0.10,
        "eye_upper": 0.46, "eye_lower": 0.40, "mouth_half_width": 0.24, "upper_lip": 0.042, "lower_lip": 0.052,
        "brow_thickness": 0.034, "neck_radius": 0.36, "ear_size": 0.26, "chin_fold": 0.7, "socket": 0.9,
    },
}  # fmt: skip
_NOISE = 0.10  # of a number's size, added to every proportion
_WILD_SHARE = 0.25  # of heads are drawn from the whole range instead


def random_shape(rng: np.random.Generator) -> Shape:
    """Proportions of a head that a cartoonist could have drawn."""
    if rng.random() < _WILD_SHARE:
        return in_order(_anything(rng), rng)
    first, second = rng.choice(len(_TYPES), size=2, replace=False)
    types = list(_TYPES.values())
    share = rng.beta(0.5, 0.9)  # mostly near one of the two
    return in_order(_noisy(_blended(_designed(types[first]), _designed(types[second]), share), rng), rng)


def designed_shapes() -> dict[str, Shape]:
    """The designed types themselves, by name."""
    return {name: _designed(changes) for name, changes in _TYPES.items()}


def _designed(changes: dict[str, float | Triple]) -> Shape:
    return dataclasses.replace(Shape(), **changes)  # type: ignore[arg-type]


def _blended(first: Shape, second: Shape, share: float) -> Shape:
    mixed: dict[str, Any] = {}
    for name, value in dataclasses.asdict(first).items():
        other = getattr(second, name)
        both = np.asarray(value) * (1 - share) + np.asarray(other) * share
        mixed[name] = tuple(both.tolist()) if isinstance(value, tuple) else float(both)
    return Shape(**mixed)


def _noisy(shape: Shape, rng: np.random.Generator) -> Shape:
    changed: dict[str, Any] = {}
    for name, value in dataclasses.asdict(shape).items():
        size = np.abs(np.asarray(value))
        low_noise = name in ("cranium", "face", "chin_y", "mouth_y", "nose_z", "eye_z", "jaw_y")
        spread = size * _NOISE * (0.45 if low_noise else 1.0) + (0.05 if name in ("eye_tilt",) else 0.0)
        moved = np.asarray(value) + rng.normal(0.0, 1.0, np.shape(value)) * spread
        changed[name] = tuple(moved.tolist()) if isinstance(value, tuple) else float(moved)
    return Shape(**changed)


def _anything(rng: np.random.Generator) -> Shape:
    """Every number drawn from the whole range of sound heads."""
    u = rng.uniform
    nose = u(0.06, 0.24)
    return Shape(
        cranium=(u(0.68, 0.98), u(0.66, 0.92), u(0.76, 0.95)),
        cranium_y=u(0.26, 0.42),
        face=(u(0.54, 0.84), u(0.66, 0.92), u(0.62, 0.76)),
        face_y=u(-0.30, -0.16),
        jaw_width=u(0.28, 0.80),
        chin_size=u(0.10, 0.27),
        chin_y=u(-1.14, -0.80),
        chin_z=u(0.38, 0.50),
        cheek_size=u(0.20, 0.42),
        cheek_x=u(0.34, 0.48),
        cheek_y=u(-0.36, -0.14),
        nose_size=nose,
        nose_y=u(-0.28, -0.10),
        nose_z=0.80 + u(0.3, 0.8) * nose,
        nose_width=u(0.6, 0.95),
        bridge=u(0.045, 0.11),
        brow_ridge=u(0.10, 0.20),
        socket=u(0.2, 1.0),
        eye_radius=u(0.16, 0.35),
        eye_x=u(0.24, 0.40),
        eye_y=u(-0.02, 0.18),
        eye_upper=u(0.46, 0.80),
        eye_lower=u(0.38, 0.66),
        eye_tilt=u(-0.18, 0.25),
        mouth_half_width=u(0.15, 0.42),
        upper_lip=u(0.018, 0.07),
        lower_lip=u(0.026, 0.08),
        mouth_curve=u(-0.025, 0.05),
        brow_thickness=u(0.020, 0.080),
        brow_half_length=u(0.20, 0.34),
        brow_arch=u(0.0, 0.12),
        ear_size=u(0.16, 0.40),
        neck_radius=u(0.18, 0.55),
        chin_fold=u(0.2, 1.0),
    )


def in_order(shape: Shape, rng: np.random.Generator) -> Shape:
    """The shape with its features where their neighbours leave room; what is in order already stays nearly as it is."""
    u = rng.uniform
    cranium = tuple(np.clip(shape.cranium, (0.62, 0.60, 0.70), (1.0, 0.95, 0.98)).tolist())
    face = tuple(np.clip(shape.face, (0.50, 0.64, 0.62), (0.88, 0.96, 0.78)).tolist())
    side = 0.83 * cranium[0]  # eyes stay this side of the temples
    eye = float(np.clip(shape.eye_radius, 0.15, min(0.36, side / 2.02)))
    eye_x = float(np.clip(shape.eye_x, eye * 1.09, max(side - 0.92 * eye, eye * 1.09)))
    eye_y = float(np.clip(shape.eye_y, -0.04, 0.20))
    chin, chin_y = float(np.clip(shape.chin_size, 0.10, 0.28)), float(np.clip(shape.chin_y, -1.18, -0.78))
    chin_bottom = chin_y - 0.6 * chin
    bridge = float(np.clip(shape.bridge, 0.035, 0.12))
    nose = float(np.clip(shape.nose_size, 0.05, 0.26))
    nose_y = float(np.clip(shape.nose_y, eye_y - 0.9 * eye - 0.10, eye_y - 0.55 * eye - 0.10))
    nose_y = min(nose_y, eye_y - 0.16)
    nose_bottom = nose_y - 0.9 * nose
    room = nose_bottom - chin_bottom
    if room < 0.42:  # a big nose over a short chin: let the chin make room
        chin_y -= 0.42 - room
        chin_bottom = chin_y - 0.6 * chin
        room = 0.42
    mouth_y = nose_bottom - room * u(0.36, 0.45)
    jaw_width = float(np.clip(shape.jaw_width, 0.26, 0.93 * face[0]))
    mouth_width = float(np.clip(shape.mouth_half_width, 0.155, min(0.44, 0.30 + 0.35 * (jaw_width - 0.26))))
    lip_room = 0.20 * room
    upper_lip = float(np.clip(shape.upper_lip, 0.014, lip_room))
    lower_lip = float(np.clip(shape.lower_lip, 0.020, lip_room))
    eye_z = 0.53 + 0.28 * (0.30 - eye) + float(np.clip(shape.eye_z - 0.56, -0.03, 0.03))
    brow_thickness = float(np.clip(shape.brow_thickness, 0.018, 0.085))
    # The brow's height is in the domain: the direction of a point just over the lid.
    lid_top = np.arctan2(eye_y + eye * (0.35 + 0.75 * shape.eye_upper), eye_z + 0.5 * eye)
    brow_y = float(lid_top + brow_thickness + u(0.02, 0.12))
    return dataclasses.replace(
        shape,
        cranium=cranium,
        face=face,
        jaw_width=jaw_width,
        jaw_y=chin_y + u(0.27, 0.36),
        chin_size=chin,
        chin_y=chin_y,
        chin_z=float(0.70 - chin + np.clip(shape.chin_z - 0.44, -0.06, 0.08)),
        cheek_size=float(np.clip(shape.cheek_size, 0.16, 0.44)),
        nose_size=nose,
        nose_y=nose_y,
        nose_z=float(np.clip(shape.nose_z, 0.80 + 0.3 * nose, 0.84 + 0.75 * nose)),
        nose_width=float(np.clip(shape.nose_width, 0.55, 1.0)),
        bridge=bridge,
        socket=float(np.clip(shape.socket, 0.0, 1.0)),
        eye_x=eye_x,
        eye_y=eye_y,
        eye_z=eye_z,
        eye_radius=eye,
        eye_half_width=float(np.clip(shape.eye_half_width, 0.86, 0.96)),
        eye_upper=float(np.clip(shape.eye_upper, 0.42, 0.82)),
        eye_lower=float(np.clip(shape.eye_lower, 0.36, 0.68)),
        eye_tilt=float(np.clip(shape.eye_tilt, -0.20, 0.28)),
        mouth_y=mouth_y,
        mouth_half_width=mouth_width,
        upper_lip=upper_lip,
        lower_lip=lower_lip,
        brow_y=brow_y,
        brow_thickness=brow_thickness,
        brow_half_length=float(np.clip(shape.brow_half_length, 0.18, min(0.36, eye_x / 0.75 - 0.06))),
        ear_size=0.0 if rng.random() < 0.04 else float(np.clip(shape.ear_size, 0.14, 0.44)),
        neck_radius=float(np.clip(shape.neck_radius, 0.20, 0.75 * max(jaw_width, 0.30) + 0.06)),
        chin_fold=float(np.clip(shape.chin_fold, 0.0, 1.0)),
    )
