"""Lips and jaw: where facial actions take the lip loops, and the skin that hangs on them."""

import numpy as np

from sfp_core.heads.actions import ActionState
from sfp_core.heads.domain import direction_of, smoothstep
from sfp_core.heads.identity import Shape
from sfp_core.heads.surface import Surface
from sfp_core.heads.template import LIP_ANGLES, LIP_LOOPS, LIP_POINTS, Template

JAW_OPEN_RAD, JAW_DROP = 0.36, 0.13  # a cartoon's jaw swings less than a skull's and slides down
JAW_PIVOT = np.array([0.0, -0.10, -0.05])  # the hinge, head units
_CORNER_SHARE = 0.38  # how far the mouth corners follow the jaw
_LOOP_HEIGHT = np.array([0.0, 0.45, 1.0, 1.35, 1.8, 2.3, 2.9])  # of the lip's thickness; loop 2 is the lip's border
_LOOP_WIDTH = 1.0 + np.array([0.0, 0.02, 0.06, 0.13, 0.22, 0.32, 0.44])
_LOOP_BULGE = np.array([-0.035, 0.030, 0.0, -0.004, 0.0, 0.0, 0.0])  # lip roundness along the outward direction
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


def lip_loops(state: ActionState, shape: Shape, *, centre: np.ndarray, half_width: float, ceiling: float) -> np.ndarray:
    """Domain points of the lips before the jaw opens, (LIP_LOOPS, LIP_POINTS, 2) rad.

    `centre` is the middle of the closed mouth, `half_width` its half width at rest, `ceiling` the height of the
    nose's base above the centre, which the skin of the upper lip may not pass; all domain rad.
    """
    pucker, funnel = state["mouthPucker"], state["mouthFunnel"]
    smile, frown, press = _mixed(state, "mouthSmile"), _mixed(state, "mouthFrown"), _mixed(state, "mouthPress")
    widening = 0.22 * smile + 0.22 * _mixed(state, "mouthStretch") + 0.06 * _mixed(state, "mouthDimple") - 0.06 * frown
    narrowing = 0.45 * pucker + 0.20 * funnel + 0.42 * _mixed(state, "mouthNarrow")
    width = half_width * np.maximum(1.0 + widening - narrowing, 0.3)

    bow = 1 + 0.25 * np.exp(-(((np.abs(_X) - 0.3) / 0.22) ** 2)) - 0.18 * np.exp(-((_X / 0.16) ** 2))  # cupid's bow
    fullness = 1.15 * (1 - 0.5 * press) * (1 + 0.9 * pucker + 0.25 * funnel)
    upper = shape.upper_lip * bow * fullness * (1 - 0.65 * state["mouthRollUpper"] + 0.35 * state["mouthUpperOut"])
    lower = shape.lower_lip * fullness * (1 - 0.65 * state["mouthRollLower"] + 0.35 * state["mouthLowerOut"])

    upper_shift = _PROFILE * (
        0.085 * _mixed(state, "mouthUpperUp")
        - 0.060 * _mixed(state, "mouthUpperDown")
        + 0.085 * funnel
        + 0.012 * _mixed(state, "noseSneer")
    ) + _MIDDLE_THIRD * (0.060 * state["mouthUpperUpMiddle"] - 0.045 * state["mouthUpperDownMiddle"])
    lower_shift = _PROFILE * (
        0.085 * _mixed(state, "mouthLowerDown") - 0.060 * _mixed(state, "mouthLowerUp") + 0.085 * funnel
    ) + _MIDDLE_THIRD * (0.060 * state["mouthLowerDownMiddle"] - 0.045 * state["mouthLowerUpMiddle"])
    lower_shift = lower_shift - _PROFILE * (0.070 * state["mouthShrugLower"] + 0.045 * state["mouthRollLower"])
    upper_shift = upper_shift + _PROFILE * (0.060 * state["mouthShrugUpper"] - 0.02 * state["mouthRollUpper"])
    corner_rise = (0.16 * smile + 0.03 * _mixed(state, "mouthDimple") - 0.14 * frown + shape.mouth_curve) * np.abs(
        _X
    ) ** 2.2 - 0.02 * smile

    move_x = 0.14 * (state["mouthLeft"] - state["mouthRight"])
    move_y = 0.09 * (state["mouthUp"] - state["mouthDown"]) + 0.02 * pucker
    loops = np.empty((LIP_LOOPS, LIP_POINTS, 2))
    for k in range(LIP_LOOPS):
        fade = np.exp(-0.22 * k)
        height = _LOOP_HEIGHT[k]
        y = np.where(_UPPER, _PROFILE**0.8 * upper * height + upper_shift * fade**0.5, 0.0)
        y = np.where(_UPPER, np.minimum(y, ceiling * (0.62 + 0.07 * k)), y)
        y = np.where(_LOWER, -(_PROFILE**0.8) * lower * height - lower_shift * fade**0.5, y)
        loops[k, :, 0] = centre[0] + _X * width * _LOOP_WIDTH[k] + move_x * fade
        loops[k, :, 1] = centre[1] + y + corner_rise * np.exp(-0.12 * k) + move_y * fade
    return loops


def push_lips(state: ActionState, vertices: np.ndarray, points: np.ndarray, base: Template) -> None:
    """Roundness and protrusion of the lips along the outward direction; changes `vertices` (V, 3) in place."""
    pucker, funnel = state["mouthPucker"], state["mouthFunnel"]
    out = direction_of(points)
    thrust = 0.11 * pucker + 0.09 * funnel
    upper_out = 0.05 * state["mouthUpperOut"] + 0.03 * state["mouthShrugUpper"] - 0.05 * state["mouthRollUpper"]
    lower_out = 0.05 * state["mouthLowerOut"] + 0.05 * state["mouthShrugLower"] - 0.05 * state["mouthRollLower"]
    own = np.where(_UPPER, upper_out, np.where(_LOWER, lower_out, 0.0)) * _PROFILE
    roundness = 1 + 0.8 * pucker + 0.6 * funnel - 0.9 * _mixed(state, "mouthPress")
    for k in range(LIP_LOOPS):
        ring = base.mouth[k]
        push = _LOOP_BULGE[k] * roundness * (0.35 + 0.65 * _PROFILE) + (thrust + own) * np.exp(-0.22 * k)
        vertices[ring] += out[ring] * push[:, None]
    rest = np.ones(len(vertices), dtype=bool)
    rest[base.mouth.ravel()] = False
    vertices[rest] += out[rest] * (0.2 * thrust * base.mouth_falloff[rest])[:, None]


def jaw_weights(state: ActionState, points: np.ndarray, base: Template, centre: np.ndarray) -> np.ndarray:
    """How far each vertex follows the jaw, (V,) in [0, 1]: lower lip 1, corners partly, upper lip 0."""
    below = centre[1] - points[:, 1]
    weights = smoothstep(below, -0.02, 0.10)
    weights = weights * np.exp(-((np.maximum(np.abs(points[:, 0]) - 0.55, 0.0) / 0.45) ** 2))
    weights = weights * smoothstep(-np.linalg.norm(points, axis=1), -1.75, -1.15)  # not the neck, not the back
    close = np.clip(state["mouthClose"], 0.0, 1.0)
    middle = _PROFILE**1.15
    upper = _CORNER_SHARE * (1 - _PROFILE) ** 1.5
    lower = _CORNER_SHARE + (1 - _CORNER_SHARE) * middle
    lips = np.where(_UPPER, upper, np.where(_LOWER, lower, _CORNER_SHARE))
    together = _CORNER_SHARE + 0.25 * middle  # lips stay closed over an open jaw
    for k in range(LIP_LOOPS):
        follow = np.exp(-0.25 * k)  # the lips close, the chin stays down
        loop = lips + (together - lips) * close * np.where(_LOWER, follow, np.exp(-0.6 * k))
        blend = 0.5 * max(0, k - 3) / 3.0
        weights[base.mouth[k]] = loop * (1 - blend) + weights[base.mouth[k]] * blend
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


def move_mouth(
    state: ActionState, shape: Shape, points: np.ndarray, base: Template, *, ceiling: float
) -> tuple[np.ndarray, np.ndarray]:
    """Slide the domain points of lips and surrounding skin: new points (V, 2) and the resting mouth centre (2,)."""
    points = points.copy()
    inner = points[base.mouth[0]]
    centre = inner.mean(axis=0)
    loops = lip_loops(state, shape, centre=centre, half_width=float(np.ptp(inner[:, 0])) / 2, ceiling=ceiling)
    pull = loops[-1] - points[base.mouth[-1]]
    rest = np.ones(len(points), dtype=bool)
    rest[base.mouth.ravel()] = False
    points[rest] += (base.mouth_weights[rest] @ pull) * base.mouth_falloff[rest, None]
    points[base.mouth] = loops
    return points, centre


def open_jaw(
    state: ActionState, vertices: np.ndarray, points: np.ndarray, base: Template, centre: np.ndarray
) -> np.ndarray:
    """The skin after the jaw has moved, (V, 3)."""
    weights = jaw_weights(state, points, base, centre)[:, None]
    return np.asarray(vertices * (1 - weights) + jaw_moved(state, vertices) * weights)


def inflate_cheeks(
    state: ActionState, shape: Shape, vertices: np.ndarray, points: np.ndarray, surface: Surface
) -> None:
    """Cheeks that puff, rise with a smile and squint; changes `vertices` in place."""
    out = direction_of(points)
    for side, sign in enumerate((1.0, -1.0)):
        smile, squint = max(state.sides("mouthSmile")[side], 0.0), state.sides("cheekSquint")[side]
        puff = state["cheekPuff"] + state.sides("cheekPuff")[side]
        bulge, rise = 0.07 * smile + 0.05 * squint + 0.15 * puff, 0.05 * smile + 0.06 * squint
        if not (bulge or rise):
            continue
        from_front = np.array([sign * shape.cheek_x * 1.05, shape.cheek_y + 0.02, 0.6])
        apple = surface(np.arctan2(from_front[:2], from_front[2]))
        weight = np.exp(-(((vertices - apple) / (0.28, 0.22, 0.35)) ** 2).sum(axis=1))
        vertices += weight[:, None] * (out * bulge + np.array([0.0, rise, 0.0]))


def sneer(state: ActionState, shape: Shape, vertices: np.ndarray) -> None:
    """Nostrils drawn up; changes `vertices` in place."""
    n = shape.nose_size
    for side, sign in enumerate((1.0, -1.0)):
        strength = state.sides("noseSneer")[side]
        if strength:
            wing = np.array([sign * n * shape.nose_width, shape.nose_y - n * 0.2, shape.nose_z - n * 0.35])
            weight = np.exp(-(((vertices - wing) / (n * 0.75, n * 0.8, n * 1.2)) ** 2).sum(axis=1))
            vertices += weight[:, None] * np.array([sign * 0.020, 0.080, 0.01]) * strength
