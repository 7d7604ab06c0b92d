"""Lips and jaw: where facial actions take the lip loops, and the skin that hangs on them."""

from dataclasses import dataclass

import numpy as np

from sfp_core.heads.actions import ActionState
from sfp_core.heads.domain import domain_of, smoothstep
from sfp_core.heads.identity import Shape
from sfp_core.heads.template import LIP_ANGLES, LIP_LOOPS, LIP_POINTS, Template, nose_base

JAW_OPEN_RAD, JAW_DROP = 0.36, 0.13  # a cartoon's jaw swings less than a skull's and slides down
JAW_PIVOT = np.array([0.0, -0.10, -0.05])  # the hinge, head units
_LEAST_CEILING_RAD = 0.05
_CORNER_SHARE = 0.38  # how far the mouth corners follow the jaw
_LOOP_HEIGHT = np.array([0.0, 0.45, 1.0, 1.35, 1.8, 2.3, 2.9])  # of the lip's thickness; loop 2 is the lip's border
_LOOP_WIDTH = 1.0 + np.array([0.0, 0.025, 0.065, 0.135, 0.225, 0.325, 0.445])
# How far the loops follow what the lips do: less from loop to loop than they lie apart, or they would fold.
_LOOP_FOLLOW = np.array([1.0, 1.0, 1.0, 0.93, 0.80, 0.64, 0.47])
_LOOP_BULGE = np.array([-0.035, 0.030, 0.0, -0.004, 0.0, 0.0, 0.0])  # lip roundness along the outward direction
_THRUST_FADE = np.exp(-0.30 * np.arange(LIP_LOOPS))  # how loops follow lips that are pushed out
_CONTACT_SHARE = np.array([1.0, 0.9, 0.65, 0.4, 0.2, 0.08, 0.0])  # how loops follow lips that push each other

_X = np.cos(LIP_ANGLES)  # +1 at the character's left corner
_UPPER = np.sin(LIP_ANGLES) > 1e-6
_LOWER = np.sin(LIP_ANGLES) < -1e-6
_PROFILE = np.abs(np.sin(LIP_ANGLES))  # 0 at the corners, 1 in the middle
_LEFT = smoothstep(_X, -0.35, 0.35)
_MIDDLE_THIRD = np.exp(-((_X / 0.30) ** 2))
_OPPOSITE = (-np.arange(LIP_POINTS)) % LIP_POINTS  # the other lip's point at the same x


def _mixed(state: ActionState, name: str) -> np.ndarray:
    """Strength of a two-sided action at every lip point, (LIP_POINTS,)."""
    left, right = state.sides(name)
    return left * _LEFT + right * (1.0 - _LEFT)


def lip_loops(state: ActionState, shape: Shape, place: "MouthPlace") -> np.ndarray:
    """Domain points of the lips before the jaw opens, (LIP_LOOPS, LIP_POINTS, 2) rad."""
    centre, half_width, ceiling = place.centre, place.half_width, place.ceiling
    pucker, funnel = state["mouthPucker"], state["mouthFunnel"]
    smile, frown, press = _mixed(state, "mouthSmile"), _mixed(state, "mouthFrown"), _mixed(state, "mouthPress")
    widening = 0.22 * smile + 0.22 * _mixed(state, "mouthStretch") + 0.06 * _mixed(state, "mouthDimple") - 0.06 * frown
    narrowing = 0.45 * pucker + 0.20 * funnel + 0.42 * _mixed(state, "mouthNarrow")
    width = half_width * np.maximum(1.0 + widening - narrowing, 0.3)

    bow = 0.25 * np.exp(-(((np.abs(_X) - 0.26) / 0.20) ** 2)) - 0.20 * np.exp(-((_X / 0.14) ** 2))
    bow = bow * (1 - 0.8 * min(pucker, 1.0))  # cupid's bow
    round_lips = max(min(1 + 0.9 * pucker + 0.25 * funnel, 0.62 * float(width.mean()) / shape.upper_lip), 1.0)
    fullness = 1.15 * (1 - 0.5 * press) * round_lips  # pursed lips are never taller than wide
    upper = shape.upper_lip * fullness * (1 - 0.65 * state["mouthRollUpper"] + 0.35 * state["mouthUpperOut"])
    lower = shape.lower_lip * fullness * (1 - 0.65 * state["mouthRollLower"] + 0.35 * state["mouthLowerOut"])

    upper_shift = _PROFILE * (
        0.085 * _mixed(state, "mouthUpperUp")
        - 0.060 * _mixed(state, "mouthUpperDown")
        + 0.085 * funnel
        + 0.030 * _mixed(state, "noseSneer")
    ) + _MIDDLE_THIRD * (0.060 * state["mouthUpperUpMiddle"] - 0.045 * state["mouthUpperDownMiddle"])
    lower_shift = _PROFILE * (
        0.085 * _mixed(state, "mouthLowerDown") - 0.060 * _mixed(state, "mouthLowerUp") + 0.085 * funnel
    ) + _MIDDLE_THIRD * (0.060 * state["mouthLowerDownMiddle"] - 0.045 * state["mouthLowerUpMiddle"])
    lower_shift = lower_shift - _PROFILE * (0.070 * state["mouthShrugLower"] + 0.045 * state["mouthRollLower"])
    upper_shift = upper_shift + _PROFILE * (0.060 * state["mouthShrugUpper"] - 0.02 * state["mouthRollUpper"])
    corner_rise = (
        min(0.16, 0.42 * place.under_eyes) * smile
        + 0.03 * _mixed(state, "mouthDimple")
        - 0.14 * frown
        + shape.mouth_curve
    )

    move_x = 0.52 * min(half_width, 0.27) * (state["mouthLeft"] - state["mouthRight"])
    move_y = 0.09 * (state["mouthUp"] - state["mouthDown"]) + 0.02 * pucker
    loops = np.empty((LIP_LOOPS, LIP_POINTS, 2))
    for k, (height, fade) in enumerate(zip(_LOOP_HEIGHT, _LOOP_FOLLOW, strict=True)):
        bowed = upper * (1 + bow * np.exp(-0.6 * max(k - 2, 0)))
        y = np.where(_UPPER, _PROFILE**0.8 * bowed * height + upper_shift * fade, 0.0)
        y = np.where(_UPPER, np.minimum(y, ceiling * (0.50 + 0.04 * k)), y)
        y = np.where(_LOWER, -(_PROFILE**0.8) * lower * height - lower_shift * fade, y)
        loops[k, :, 0] = centre[0] + _X * width * _LOOP_WIDTH[k] + move_x * fade
        # The corners rise by a shear, a function of x alone, which cannot fold loops over each other.
        away = np.abs(_X) * _LOOP_WIDTH[k]
        curve = np.where(away < 1, away**2.2, 1.0 - 0.8 * smoothstep(away, 1.0, 1.8))
        loops[k, :, 1] = centre[1] + y + corner_rise * curve - 0.02 * smile + move_y * fade
    return loops


def push_lips(state: ActionState, vertices: np.ndarray, out: np.ndarray, base: Template) -> None:
    """Roundness and protrusion of the lips along the outward directions `out` (V, 3); changes `vertices` in place."""
    pucker, funnel = state["mouthPucker"], state["mouthFunnel"]
    thrust = 0.11 * pucker + 0.09 * funnel
    upper_out = 0.05 * state["mouthUpperOut"] + 0.03 * state["mouthShrugUpper"] - 0.05 * state["mouthRollUpper"]
    lower_out = 0.05 * state["mouthLowerOut"] + 0.05 * state["mouthShrugLower"] - 0.05 * state["mouthRollLower"]
    own = np.where(_UPPER, upper_out, np.where(_LOWER, lower_out, 0.0)) * _PROFILE
    roundness = (1 + 0.8 * pucker + 0.6 * funnel - 0.9 * _mixed(state, "mouthPress")) * (0.15 + 0.85 * _PROFILE)
    push = _LOOP_BULGE[:, None] * roundness + (thrust + own) * _THRUST_FADE[:, None]
    vertices[base.mouth] += out[base.mouth] * push[..., None]
    if thrust:
        around = base.around_mouth
        vertices[around] += out[around] * (0.2 * thrust * base.mouth_pull.sum(axis=1))[:, None]


def _jaw_share(points: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """How far skin at these domain points (n, 2) follows the jaw, (n,) in [0, 1]."""
    share = smoothstep(centre[1] - points[:, 1], -0.02, 0.10)
    share = share * np.exp(-((np.maximum(np.abs(points[:, 0]) - 0.55, 0.0) / 0.45) ** 2))
    return np.asarray(share * smoothstep(-np.linalg.norm(points, axis=1), -1.75, -1.15))  # not the neck, not the back


def jaw_weights(state: ActionState, points: np.ndarray, base: Template, centre: np.ndarray) -> np.ndarray:
    """How far each vertex follows the jaw, (V,) in [0, 1]: lower lip 1, corners partly, upper lip 0."""
    weights = _jaw_share(points, centre)
    close = np.clip(state["mouthClose"], 0.0, 1.0)
    # Two half ellipses, so that the opening has no hard corner.
    upper = _CORNER_SHARE * (1 - _PROFILE)
    lower = _CORNER_SHARE + (1 - _CORNER_SHARE) * _PROFILE
    lips = np.where(_UPPER, upper, np.where(_LOWER, lower, _CORNER_SHARE))
    together = _CORNER_SHARE + 0.25 * _PROFILE  # lips stay closed over an open jaw
    k = np.arange(LIP_LOOPS)[:, None]
    follow = np.where(_LOWER, np.exp(-0.25 * k), np.exp(-0.6 * k))  # the lips close, the chin stays down
    loops = lips + (together - lips) * close * follow
    blend = 0.5 * np.maximum(0, k - 3) / 3.0
    weights[base.mouth] = loops * (1 - blend) + weights[base.mouth] * blend
    return np.asarray(weights)


def jaw_moved(state: ActionState, vertices: np.ndarray, *, share: float = 1.0) -> np.ndarray:
    """Positions (..., 3) as the jaw bone carries them; `share` scales the opening (the tongue follows less)."""
    angle = JAW_OPEN_RAD * state["jawOpen"] * share
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])
    drop = JAW_DROP * state["jawOpen"] * share
    slide = np.array([0.10 * (state["jawLeft"] - state["jawRight"]), -drop, 0.08 * state["jawForward"]])
    return np.asarray((vertices - JAW_PIVOT) @ turn.T + JAW_PIVOT + slide)


def part_lips(vertices: np.ndarray, base: Template) -> None:
    """Lips that would pass through each other meet in the middle and push their skin; changes `vertices` in place."""
    inner = vertices[base.mouth[0]]
    overlap = np.where(_UPPER, np.maximum(inner[_OPPOSITE, 1] - inner[:, 1], 0.0), 0.0)
    overlap = overlap + overlap[_OPPOSITE]
    if not overlap.any():
        return
    lift = np.where(_UPPER, 0.5, np.where(_LOWER, -0.5, 0.0)) * overlap
    depth = np.where(overlap > 0, 0.5 * (inner[_OPPOSITE, 2] - inner[:, 2]), 0.0)
    for k in range(LIP_LOOPS):
        vertices[base.mouth[k], 1] += lift * _CONTACT_SHARE[k]
        vertices[base.mouth[k], 2] += depth * _CONTACT_SHARE[k]


@dataclass(frozen=True)
class MouthPlace:
    """Where a head's mouth rests in the domain, rad.

    Attributes
    ----------
    centre : (2,) float64
        Middle of the closed lips.
    half_width : float
        From the centre to a corner.
    ceiling : float
        Height of the nose's base above the centre, which the skin of the upper lip may not pass.
    under_eyes : float
        From the centre up to the eyeballs, the room for a smile.
    """

    centre: np.ndarray
    half_width: float
    ceiling: float
    under_eyes: float

    @classmethod
    def of(cls, points: np.ndarray, base: Template, shape: Shape) -> "MouthPlace":
        """The mouth of the fitted template `points` (V, 2)."""
        inner = points[base.mouth[0]]
        centre = inner.mean(axis=0)
        room = float(nose_base(shape)[1] - centre[1])
        eye = domain_of(np.array([shape.eye_x, shape.eye_y - shape.eye_radius, shape.eye_z]))
        under_eyes = max(float(eye[1] - centre[1]), _LEAST_CEILING_RAD)
        return cls(centre, float(np.ptp(inner[:, 0])) / 2, max(room, _LEAST_CEILING_RAD), under_eyes)


def move_mouth(state: ActionState, shape: Shape, points: np.ndarray, base: Template, place: MouthPlace) -> np.ndarray:
    """Slide the domain points (V, 2) of lips and surrounding skin; a new array."""
    points = points.copy()
    loops = lip_loops(state, shape, place)
    points[base.around_mouth] += base.mouth_pull @ (loops[-1] - points[base.mouth[-1]])
    points[base.mouth] = loops
    return points


def open_jaw(
    state: ActionState, vertices: np.ndarray, points: np.ndarray, base: Template, centre: np.ndarray
) -> np.ndarray:
    """The skin after the jaw has moved, (V, 3)."""
    if not any(state[name] for name in ("jawOpen", "jawLeft", "jawRight", "jawForward")):
        return vertices
    weights = jaw_weights(state, points, base, centre)[:, None]
    return np.asarray(vertices + (jaw_moved(state, vertices) - vertices) * weights)
