"""The face at rest, found in its own motion.

What a part does most of the time is its rest, except for lips, which rest together, and lids, which rest open. The
rest is the median of the frames in which a part is there, so that a few frames (blinks, failures of the detector) do
not move it.
"""

import numpy as np

from sfp_core.face import lip_aperture
from sfp_core.layout import WFLW_98
from sfp_core.retarget.measures import LID_PAIRS

_RESTING_SHARE = 0.2  # of the frames, those with the lips nearest together, show the mouth at rest
_NEAR = 0.2  # of the frames, those nearest to the usual value, show a brow or lids at rest


def neutral_of(points: np.ndarray) -> np.ndarray:
    """The face at rest, (98, 2), estimated from its motion (T, 98, 2), canonical space.

    Mouth and contour: the fifth of the frames with the lips nearest together; lids and brows: the frames around the
    value they are nearest to most of the time, for lids among those that are open; nose and pupils: all frames. A clip
    in which the mouth never closes gives a neutral with an open mouth.
    """
    neutral = np.array(np.median(points, axis=0))
    lower = np.concatenate([WFLW_98.group("mouth"), WFLW_98.group("contour")])
    resting = np.argsort(lip_aperture(points), kind="stable")[: max(1, round(_RESTING_SHARE * len(points)))]
    neutral[lower] = np.median(points[resting][:, lower], axis=0)
    for side, pairs in zip(("left", "right"), LID_PAIRS, strict=True):
        opening = sum(points[:, lower, 1] - points[:, upper, 1] for upper, lower in pairs)
        opened = np.flatnonzero(opening >= np.median(opening))
        _rest(points, neutral, WFLW_98.group(f"{side}_eye"), opening, usual_value(opening[opened]))
        brow = WFLW_98.group(f"{side}_brow")
        height = points[:, brow, 1].mean(axis=1)
        _rest(points, neutral, brow, height, usual_value(height))
    return neutral


def usual_value(values: np.ndarray) -> float:
    """Where values (T,) are densest: the half-sample mode (Bickel & Fruehwirth 2006)."""
    kept = np.sort(values)
    while len(kept) > 2:
        half = (len(kept) + 1) // 2
        widths = kept[half - 1 :] - kept[: len(kept) - half + 1]
        narrowest = np.flatnonzero(widths <= widths.min() + 1e-12)
        first = int(narrowest[len(narrowest) // 2])  # of equals the middle one
        if half == len(kept):
            break
        kept = kept[first : first + half]
    return float(kept.mean())


def _rest(points: np.ndarray, neutral: np.ndarray, part: np.ndarray, values: np.ndarray, usual: float) -> None:
    """Fill in a part's rest: the median of the frames whose value is nearest to the usual one."""
    nearest = np.argsort(np.abs(values - usual), kind="stable")[: max(1, round(_NEAR * len(points)))]
    neutral[part] = np.median(points[nearest][:, part], axis=0)
