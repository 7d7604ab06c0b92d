"""Brows: one curve on the skin that both draws the brow and carries its landmarks."""

import numpy as np

from sfp_core.heads.actions import ActionState
from sfp_core.heads.domain import smoothstep
from sfp_core.heads.identity import Shape


def brow_points(state: ActionState, shape: Shape, side: int, along: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Domain points on a brow, (n, 2) rad.

    Parameters
    ----------
    side : int
        0 is the character's left (+x).
    along : (n,) float
        -1 inner end to 1 outer end.
    across : (n,) float
        Height over the middle line, in brow thicknesses.
    """
    inner, outer = smoothstep(-along, -0.3, 1.0), smoothstep(along, -0.3, 1.0)
    middle = np.exp(-((along / 0.55) ** 2))
    down = state.sides("browDown")[side]
    rise = 0.19 * inner * (state["browInnerUp"] + state.sides("browInnerUp")[side])
    rise = rise + 0.18 * outer * state.sides("browOuterUp")[side] + 0.13 * middle * state.sides("browMiddleUp")[side]
    rise = rise - 0.10 * outer * state.sides("browOuterDown")[side]
    rise = rise - 0.12 * inner * state.sides("browInnerDown")[side]
    rise = rise - 0.08 * middle * state.sides("browMiddleDown")[side] - down * (0.07 + 0.07 * inner)
    squeeze = state.sides("browSqueeze")[side]
    x = shape.eye_x / 0.75 + along * shape.brow_half_length - (0.07 * squeeze + 0.03 * down) * (0.4 + 0.6 * inner)
    y = shape.brow_y * 0.98 + shape.brow_arch * (1 - along * along) + rise + across * shape.brow_thickness
    sign = 1.0 if side == 0 else -1.0
    return np.stack([sign * np.maximum(x, 0.03), y], axis=-1)


STYLE_WIDTH = {"plain": 0.95, "bushy": 1.15, "thin": 0.55, "none": 0.95}  # of the shape's brow thickness


def brow_radius(shape: Shape, along: np.ndarray) -> np.ndarray:
    """Half thickness of the brow along its length, (n,) head units: full inside, thinning to the outer end."""
    taper = 0.35 + 0.65 * np.sqrt(np.clip(1 - 0.9 * along**4, 0.0, 1.0))
    return np.asarray(shape.brow_thickness * taper * (1 - 0.25 * along))
