"""Retargeting: the motion of any face on a character's own proportions."""

from sfp_core.retarget.clips import canonical, resampled
from sfp_core.retarget.head_pose import frontal
from sfp_core.retarget.neutral import neutral_of
from sfp_core.retarget.strength import PARTS, Strength, StrengthPart, strength_from
from sfp_core.retarget.transfer import retargeted

__all__ = [
    "PARTS",
    "Strength",
    "StrengthPart",
    "canonical",
    "frontal",
    "neutral_of",
    "resampled",
    "retargeted",
    "strength_from",
]
