"""The face by ARKit's 52 names: a second layer of controllers over the same heads, each from 0 (rest) to 1.

A head posed here can be compared with any rig that carries ARKit's blend shapes, and a capture of it teaches a mapper
whose curves drive such rigs. Left and right are the character's, as in ARKit.
"""

import numpy as np

from sfp_core.heads.actions import ARKIT_52
from sfp_core.heads.expressions import mirror_name
from sfp_core.rig import ControllerSpec, RigSpec

HIDDEN = ("tongueOut",)  # it moves no landmark


def arkit_rig(name: str) -> RigSpec:
    """ARKit's 52 names as a rig of this name; every value is within 0 to 1, neutral is 0."""
    specs = tuple(ControllerSpec(action, 0.0, 1.0, 0.0, "none") for action in ARKIT_52)
    return RigSpec(name, specs, {action: mirror_name(action) for action in ARKIT_52})


def actions_of(values: np.ndarray) -> dict[str, float]:
    """Action strengths of ARKit values (52,)."""
    return {name: value for name, value in zip(ARKIT_52, values.tolist(), strict=True) if value}
