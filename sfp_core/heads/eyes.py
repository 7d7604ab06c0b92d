"""Lids and gaze: spherical shells that close over any eyeball, and the direction in which it looks."""

import numpy as np

from sfp_core.heads.actions import ActionState
from sfp_core.heads.domain import direction_of, domain_of, smoothstep
from sfp_core.heads.identity import Shape
from sfp_core.heads.surface import Surface
from sfp_core.heads.template import CHARACTER_LEFT, EYE_ANGLES, EYE_RINGS, Template

LID_RADIUS = 1.045  # of the eyeball's
_OVER_EYEBALL = 1.006  # skin nowhere comes nearer to the eyeball, share of the distance from the head's centre
_MAX_YAW_RAD, _MAX_PITCH_RAD = 0.60, 0.45
_HAPPY_ARCH_RAD = 0.12  # how far the lower lid may rise over the line of the corners
_MEETING_SHARE = -0.45  # where shut lids meet, share of the lower lid's resting elevation
_COSINE, _SINE = np.cos(EYE_ANGLES), np.sin(EYE_ANGLES)
_UPPER = _SINE > 0
_PROFILE = np.abs(_SINE) ** 0.85
_INNER_HALF = smoothstep(-_COSINE, -0.5, 0.9)


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
    squint += 0.5 * state.sides("cheekSquint")[side]
    wide, lower_down = state.sides("eyeWide")[side], state.sides("eyeLowerDown")[side]
    pitch = gaze_angles(state, side)[1]
    rest = np.arcsin(shape.eye_lower)
    upper = np.arcsin(min(shape.eye_upper + 0.26 * wide, 0.97)) - 0.10 * squint
    upper += 0.30 * max(pitch, 0.0) + 0.55 * min(pitch, 0.0)  # the upper lid follows the gaze
    lower = rest * min(1 - 0.7 * squint + 0.28 * lower_down, 1.3) - 0.15 * pitch
    meeting = _MEETING_SHARE * rest
    lower = max(lower, -_HAPPY_ARCH_RAD)  # a squint arches the lower lid upwards
    upper = max(upper, -lower + 0.02, meeting + 0.02)
    bottom = -lower * (1 - blink) + meeting * blink
    # The brow takes the inner half of the upper lid along: up in sorrow, down in anger.
    slant = 0.13 * (state["browInnerUp"] + state.sides("browInnerUp")[side]) - 0.14 * state.sides("browDown")[side]
    slant = slant - 0.10 * state.sides("browInnerDown")[side]
    top = np.maximum(upper + slant * _INNER_HALF, -lower + 0.01) * (1 - blink) + meeting * blink
    return np.asarray(np.where(_UPPER, top, bottom) * _PROFILE)


def lid_rim(state: ActionState, shape: Shape, side: int) -> np.ndarray:
    """The edge of the lids on their sphere around the eyeball, (EYE_POINTS, 3) head units."""
    sign = _sign(side)
    elevation = lid_elevations(state, shape, side)
    across = _COSINE * shape.eye_half_width
    depth = np.sqrt(1 - across * across)
    x, y, z = sign * across, depth * np.sin(elevation), depth * np.cos(elevation)
    cosine, sine = np.cos(sign * shape.eye_tilt), np.sin(sign * shape.eye_tilt)
    rim = np.stack([x * cosine - y * sine, x * sine + y * cosine, z], axis=-1)
    return np.asarray(eyeball_centre(shape, side) + rim * (shape.eye_radius * LID_RADIUS))


def _sphere_distance(directions: np.ndarray, centre: np.ndarray, radius: float) -> np.ndarray:
    """How far from the head's centre a ray leaves the sphere, (...,); where it misses, its nearest point."""
    along = directions @ centre
    return np.asarray(along + np.sqrt(np.maximum(along * along - centre @ centre + radius * radius, 0.0)))


def shape_lids(
    state: ActionState, shape: Shape, vertices: np.ndarray, points: np.ndarray, base: Template, surface: Surface
) -> None:
    """Lay the eye rings over the eyeballs and blend them into the skin; changes `vertices` (V, 3) in place.

    The rings run from the rim outwards in the domain and their distance from the head's centre goes over from the
    lid's sphere to the skin, so that they never fold.
    """
    share = np.linspace(0.0, 1.0, EYE_RINGS)[:, None]
    blend = smoothstep(share, 0.25, 1.0)
    for side in (0, 1):
        centre = eyeball_centre(shape, side)
        rim = lid_rim(state, shape, side)
        inner, outer = domain_of(rim), points[base.eyes[side, -1]]
        flat = inner + (outer - inner) * share[..., None]
        out = direction_of(flat)
        lid = _sphere_distance(out, centre, shape.eye_radius * LID_RADIUS)
        eyeball = _sphere_distance(out, centre, shape.eye_radius)
        skin = np.linalg.norm(surface(flat), axis=-1)
        distance = np.maximum(lid * (1 - blend) + skin * blend, eyeball * _OVER_EYEBALL)
        carried = vertices[base.eyes[side, -1]] - surface(outer)  # what cheeks and jaw do to the skin around
        rings = out * distance[..., None] + carried * blend[..., None]
        rings[0] = rim
        vertices[base.eyes[side, :-1]] = rings[:-1]
