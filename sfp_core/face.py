"""The proportions of one face: its neutral landmarks and how far it can move.

Speech, retargeting and mapping meet here: a motion is stated as a share of the face's own reach, so that one
performance suits a small mouth and a wide one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.layout import Layout

Reach = Literal["mouth_open", "mouth_wide", "mouth_narrow", "corner_up", "corner_down", "brow_up", "brow_down"]


@dataclass(frozen=True)
class Face:
    """Neutral landmarks of a face and its reach.

    Attributes
    ----------
    neutral : (N, 2) float64
        Canonical space: mouth closed, eyes open, brows at rest.
    reach : mapping of Reach to float
        Largest change from neutral, canonical units (shares of the inter-ocular distance), all >= 0:
        `mouth_open` growth of the inner-lip distance (landmarks 90 to 94), `mouth_wide` and `mouth_narrow` change
        of the mouth's width (76 to 82), `corner_up` and `corner_down` of a mouth corner, `brow_up` and
        `brow_down` of a brow's middle.
    motion : mapping of Reach to (N, 2) float64
        How all landmarks of this face move when the quantity goes as far as its reach: what a rig's own jaw does to
        its corners and chin. Quantities may be left out.
    """

    neutral: np.ndarray
    layout: Layout
    reach: Mapping[Reach, float]
    motion: Mapping[Reach, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        neutral = np.array(self.neutral, dtype=np.float64)
        if neutral.shape != (self.layout.count, 2) or not np.isfinite(neutral).all():
            raise SfpError(
                f"face: neutral must be ({self.layout.count}, 2) finite numbers, got an array of {neutral.shape}"
            )
        neutral.setflags(write=False)
        object.__setattr__(self, "neutral", neutral)
        missing = [name for name in get_args(Reach) if name not in self.reach]
        if missing or any(not (np.isfinite(value) and value >= 0) for value in self.reach.values()):
            raise SfpError(
                f"face: reach must give {', '.join(get_args(Reach))} as numbers >= 0, got {dict(self.reach)}"
            )
        object.__setattr__(self, "reach", MappingProxyType(dict(self.reach)))
        motion = {name: np.array(moved, dtype=np.float64) for name, moved in self.motion.items()}
        for name, moved in motion.items():
            if name not in get_args(Reach) or moved.shape != neutral.shape or not np.isfinite(moved).all():
                raise SfpError(f"face: motion {name}: expected {neutral.shape} finite numbers, got {moved.shape}")
            moved.setflags(write=False)
        object.__setattr__(self, "motion", MappingProxyType(motion))


# Upper and lower lid of WFLW, image left and right: the middle landmark and its neighbours.
UPPER_LIDS = (61, 62, 63, 69, 70, 71)
LOWER_LIDS = (67, 66, 65, 75, 74, 73)


def lip_aperture(points: np.ndarray) -> np.ndarray:
    """Inner-lip distance (landmarks 90 to 94 of WFLW), (...,) float64, of (..., 98, 2) points."""
    return np.asarray(np.linalg.norm(points[..., 94, :] - points[..., 90, :], axis=-1))


def mouth_width(points: np.ndarray) -> np.ndarray:
    """Distance of the mouth corners (landmarks 76 to 82 of WFLW), (...,) float64, of (..., 98, 2) points."""
    return np.asarray(np.linalg.norm(points[..., 82, :] - points[..., 76, :], axis=-1))


def lid_opening(points: np.ndarray) -> np.ndarray:
    """Mean distance of the lids, image left and right, (..., 2) float64, of (..., 98, 2) points."""
    gaps = np.linalg.norm(points[..., UPPER_LIDS, :] - points[..., LOWER_LIDS, :], axis=-1)
    return np.asarray(gaps.reshape(*gaps.shape[:-1], 2, -1).mean(axis=-1))
