"""Random facial actions: sparse and dense ones, expressions with visemes, extremes; lids and a gaze with them."""

import numpy as np

from sfp_core.heads.actions import ACTIONS
from sfp_core.heads.expressions import EXPRESSIONS, VISEMES

_FREE_ACTIONS = [name for name in ACTIONS if not name.startswith(("eyeLook", "eyeBlink", "jawOpen"))]


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
