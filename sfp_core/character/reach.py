"""A character's reach: how far its mouth and brows go, measured on the landmarks of a capture."""

from collections.abc import Sequence

import numpy as np

from sfp_core.character.poses import PoseKind
from sfp_core.face import Face, Reach, lip_aperture, mouth_width
from sfp_core.layout import WFLW_98

_PERCENTILE = 98.0  # of all poses: beyond it lie combinations nobody animates, and detection failures
_SWEPT = 3  # the mean of this many largest sweep poses counts too: a set of few dense poses rarely meets the limit
_ENOUGH = 0.4  # of the reach: a controller that gives less of a quantity does not stand for it
_CARRIED: tuple[Reach, ...] = ("mouth_open", "mouth_wide", "mouth_narrow")
_STILL = np.isin(
    np.arange(98),
    [
        i
        for name in ("left_brow", "right_brow", "left_eye", "right_eye", "left_pupil", "right_pupil")
        for i in WFLW_98.groups[name]
    ],
)
_CORNERS = (76, 82)
_BROW_MIDDLES = ((35, 39), (44, 48))  # upper and lower edge, image left and right


def face_of(points: np.ndarray, neutral: np.ndarray, kinds: Sequence[PoseKind]) -> Face:
    """The face that these poses show.

    Parameters
    ----------
    points : (P, 98, 2) float64
        Anchored or canonical space.
    neutral : (98, 2) float64
        The same space.
    kinds : sequence of PoseKind
        One for each pose.
    """
    swept = np.array([kind == "sweep" for kind in kinds])
    opened = lip_aperture(points) - lip_aperture(neutral)
    widened = mouth_width(points) - mouth_width(neutral)
    raised = neutral[..., 1] - points[..., 1]  # y points down
    corner = raised[:, list(_CORNERS)]
    brow = np.stack([raised[:, list(edges)].mean(axis=1) for edges in _BROW_MIDDLES], axis=1)
    changes: dict[Reach, np.ndarray] = {
        "mouth_open": opened,
        "mouth_wide": widened,
        "mouth_narrow": -widened,
        "corner_up": corner.max(axis=1),
        "corner_down": -corner.min(axis=1),
        "brow_up": brow.max(axis=1),
        "brow_down": -brow.min(axis=1),
    }
    reach = {name: _largest(change, swept) for name, change in changes.items()}
    moved = points - neutral
    motion = {
        name: _motion(moved[swept], changes[name][swept], reach[name])
        for name in _CARRIED
        if reach[name] > 0 and swept.any()
    }
    return Face(neutral, WFLW_98, reach, {name: field for name, field in motion.items() if field is not None})


def _motion(moved: np.ndarray, change: np.ndarray, reach: float) -> np.ndarray | None:
    """What all landmarks do, (98, 2), when the controller that changes the quantity most takes it to its reach.

    The same for both sides: the mean with its mirror image. Eyes and brows stay: what is measured there while a mouth
    moves is the detector's noise. None where no single controller changes it enough.
    """
    most = int(change.argmax())
    if change[most] < _ENOUGH * reach:
        return None
    field = np.where(_STILL[:, None], 0.0, moved[most] * (reach / change[most]))
    return np.asarray((field + field[list(WFLW_98.mirror)] * (-1, 1)) / 2)


def _largest(change: np.ndarray, swept: np.ndarray) -> float:
    """A robust largest value, at least 0."""
    candidates = [0.0, float(np.percentile(change, _PERCENTILE))]
    if swept.sum() >= _SWEPT:
        candidates.append(float(np.sort(change[swept])[-_SWEPT:].mean()))
    return max(candidates)
