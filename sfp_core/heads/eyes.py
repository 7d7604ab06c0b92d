"""Lids and gaze: spherical shells that close over any eyeball, and the direction in which it looks."""

import numpy as np

from sfp_core.heads.actions import ActionState
from sfp_core.heads.domain import smoothstep
from sfp_core.heads.identity import Shape
from sfp_core.heads.template import CHARACTER_LEFT, EYE_ANGLES, EYE_RINGS, Template

LID_RADIUS = 1.045  # of the eyeball's
_MAX_YAW_RAD, _MAX_PITCH_RAD = 0.60, 0.45
_MEETING_SHARE = -0.45  # where shut lids meet, share of the lower lid's resting elevation
_COSINE, _SINE = np.cos(EYE_ANGLES), np.sin(EYE_ANGLES)
_UPPER = _SINE > 0
_PROFILE = np.abs(_SINE) ** 0.85


def _sign(side: int) -> float:
    return 1.0 if side == CHARACTER_LEFT else -1.0


def eyeball_centre(shape: Shape, side: int) -> np.ndarray:
    """(3,) head units."""
    return np.array([_sign(side) * shape.eye_x, shape.eye_y, shape.eye_z])


def gaze_angles(state: ActionState, side: int) -> tuple[float, float]:
    """Yaw (to the viewer's right) and pitch (up) of an eyeball, rad."""
    outwards = state.sides("eyeLookOut")[side] - state.sides("eyeLookIn")[side]
    up = state.sides("eyeLookUp")[side] - state.sides("eyeLookDown")[side]
    return _sign(side) * outwards * _MAX_YAW_RAD, up * _MAX_PITCH_RAD


def gaze_rotation(state: ActionState, side: int) -> np.ndarray:
    """(3, 3) rotation that takes +z to the direction of the gaze."""
    yaw, pitch = gaze_angles(state, side)
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    return np.asarray(turn @ np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]]))


def lid_elevations(state: ActionState, shape: Shape, side: int) -> np.ndarray:
    """Elevation of every rim point on the eyeball's sphere, (EYE_POINTS,) rad, 0 level with its centre.

    At blink 1 the upper and the lower rim coincide, whatever else is set.
    """
    blink = float(np.clip(state.sides("eyeBlink")[side], 0.0, 1.0))
    squint = state.sides("eyeSquint")[side] + 0.3 * max(state.sides("mouthSmile")[side], 0.0)
    squint += 0.4 * state.sides("cheekSquint")[side]
    wide, lower_down = state.sides("eyeWide")[side], state.sides("eyeLowerDown")[side]
    pitch = gaze_angles(state, side)[1]
    rest = np.arcsin(shape.eye_lower)
    upper = np.arcsin(min(shape.eye_upper + 0.18 * wide, 0.97)) - 0.10 * squint
    upper += 0.30 * max(pitch, 0.0) + 0.55 * min(pitch, 0.0)  # the upper lid follows the gaze
    lower = np.arcsin(min(shape.eye_lower * max(1 - 0.6 * squint + 0.28 * lower_down, 0.1), 0.96))
    lower -= 0.15 * pitch
    meeting = _MEETING_SHARE * rest
    upper, lower = max(upper, meeting + 0.02), max(lower, -meeting * 0.3)
    top = upper * (1 - blink) + meeting * blink
    bottom = -lower * (1 - blink) + meeting * blink
    return np.asarray(np.where(_UPPER, top, bottom) * _PROFILE)


def shape_lids(state: ActionState, shape: Shape, vertices: np.ndarray, base: Template) -> None:
    """Lay the eye rings over the eyeballs and blend them into the skin; changes `vertices` (V, 3) in place."""
    for side in (0, 1):
        sign, centre = _sign(side), eyeball_centre(shape, side)
        rim = lid_elevations(state, shape, side)
        cosine, sine = np.cos(sign * shape.eye_tilt), np.sin(sign * shape.eye_tilt)
        for k in range(EYE_RINGS):
            share = k / (EYE_RINGS - 1)
            across = _COSINE * (shape.eye_half_width * (1 - share) + 0.985 * share)
            socket = np.where(_UPPER, 1.25, -1.15) * np.abs(_SINE) ** 0.9
            elevation = rim * (1 - share) + socket * share
            depth = np.sqrt(np.clip(1 - across * across, 0.0, 1.0))
            x, y, z = sign * across, depth * np.sin(elevation), depth * np.cos(elevation)
            shell = np.stack([x * cosine - y * sine, x * sine + y * cosine, z], axis=-1)
            shell = centre + shell * shape.eye_radius * LID_RADIUS
            ring = base.eyes[side, k]
            blend = smoothstep(np.array(share), 0.25, 1.0)
            vertices[ring] = shell * (1 - blend) + vertices[ring] * blend
