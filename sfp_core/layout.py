"""Landmark layouts: which landmarks there are, how they group, mirror and convert.

Left and right of a *landmark group* are the image's, as in WFLW. Index facts: WFLW's 98 points as drawn by their
authors (Wu et al., "Look at Boundary", CVPR 2018); iBUG's 68 points (Sagonas et al., 300-W, 2013).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from sfp_core.errors import SfpError


@dataclass(frozen=True)
class Layout:
    """Names and index tables of one set of landmarks.

    Attributes
    ----------
    name : str
        `"wflw98"` or `"ibug68"`, as written in files.
    count : int
        N, the number of landmarks.
    groups : mapping of str to tuple of int
        Index ranges by name. `left` is the left side of the image.
    mirror : tuple of int
        Length N: where each landmark goes when the picture is flipped. An involution.
    outer_eye_left, outer_eye_right : int
        The outer eye corners; their distance is the inter-ocular distance (paper eq. 6).
    """

    name: str
    count: int
    groups: Mapping[str, tuple[int, ...]] = field(repr=False)
    mirror: tuple[int, ...] = field(repr=False)
    outer_eye_left: int = field(repr=False)
    outer_eye_right: int = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", MappingProxyType(dict(self.groups)))
        if sorted(self.mirror) != list(range(self.count)):
            raise SfpError(f"layout {self.name}: mirror must be a permutation of 0..{self.count - 1}")
        if any(self.mirror[self.mirror[i]] != i for i in range(self.count)):
            raise SfpError(f"layout {self.name}: mirroring twice must give the same landmarks")

    def group(self, name: str) -> np.ndarray:
        """Indices of one group, (n,) int64."""
        if name not in self.groups:
            raise SfpError(f"layout {self.name}: no group {name!r}; it has {', '.join(self.groups)}")
        return np.asarray(self.groups[name], dtype=np.int64)


def _span(first: int, last: int) -> tuple[int, ...]:
    """`first..last`, both included, in falling order when first > last."""
    step = 1 if last >= first else -1
    return tuple(range(first, last + step, step))


# Where each landmark goes when the picture is flipped; one line a group.
# fmt: off
_MIRROR_98 = (
    *_span(32, 0),
    46, 45, 44, 43, 42, 50, 49, 48, 47,  # left brow -> right brow
    37, 36, 35, 34, 33, 41, 40, 39, 38,
    51, 52, 53, 54, 59, 58, 57, 56, 55,
    72, 71, 70, 69, 68, 75, 74, 73,  # left eye -> right eye
    64, 63, 62, 61, 60, 67, 66, 65,
    82, 81, 80, 79, 78, 77, 76, 87, 86, 85, 84, 83,
    92, 91, 90, 89, 88, 95, 94, 93,
    97, 96,
)
_MIRROR_68 = (
    *_span(16, 0),
    *_span(26, 17),
    27, 28, 29, 30, *_span(35, 31),
    45, 44, 43, 42, 47, 46,  # left eye -> right eye
    39, 38, 37, 36, 41, 40,
    *_span(54, 48), *_span(59, 55),
    *_span(64, 60), *_span(67, 65),
)
# fmt: on

WFLW_98 = Layout(
    name="wflw98",
    count=98,
    groups={
        "contour": _span(0, 32),
        "left_brow": _span(33, 41),
        "right_brow": _span(42, 50),
        "nose": _span(51, 59),
        "nose_bridge": _span(51, 54),
        "nose_base": _span(55, 59),
        "left_eye": _span(60, 67),
        "right_eye": _span(68, 75),
        "mouth": _span(76, 95),
        "outer_lip": _span(76, 87),
        "inner_lip": _span(88, 95),
        "left_pupil": (96,),
        "right_pupil": (97,),
    },
    mirror=_MIRROR_98,
    outer_eye_left=60,
    outer_eye_right=72,
)

IBUG_68 = Layout(
    name="ibug68",
    count=68,
    groups={
        "contour": _span(0, 16),
        "left_brow": _span(17, 21),
        "right_brow": _span(22, 26),
        "nose": _span(27, 35),
        "left_eye": _span(36, 41),
        "right_eye": _span(42, 47),
        "mouth": _span(48, 67),
        "outer_lip": _span(48, 59),
        "inner_lip": _span(60, 67),
        "inner_51": _span(17, 67),
    },
    mirror=_MIRROR_68,
    outer_eye_left=36,
    outer_eye_right=45,
)

LAYOUTS: Mapping[str, Layout] = MappingProxyType({layout.name: layout for layout in (WFLW_98, IBUG_68)})


def layout_named(name: str) -> Layout:
    """The layout with this name. Raises SfpError for an unknown one."""
    if name not in LAYOUTS:
        raise SfpError(f"landmark layout {name!r} is unknown; expected one of {', '.join(LAYOUTS)}")
    return LAYOUTS[name]


# 68 from 98. Most points coincide; brows take the middle of WFLW's two brow edges, and the two lid points a side
# lie a third of the way between WFLW's three (the definitions used by PIPNet's WFLW -> 300-W conversion).
_DIRECT_68_FROM_98 = (
    *range(0, 33, 2),
    *range(33, 38),
    *range(42, 47),
    *range(51, 60),
    *(60, 61, 63, 64, 65, 67),
    *(68, 69, 71, 72, 73, 75),
    *range(76, 96),
)
_BROW_EDGES = {
    18: (34, 41),
    19: (35, 40),
    20: (36, 39),
    21: (37, 38),
    22: (42, 50),
    23: (43, 49),
    24: (44, 48),
    25: (45, 47),
}
_LIDS = {37: (61, 62), 38: (63, 62), 40: (65, 66), 41: (67, 66), 43: (69, 70), 44: (71, 70), 46: (73, 74), 47: (75, 74)}


def _matrix_68_from_98() -> np.ndarray:
    matrix = np.zeros((68, 98))
    matrix[np.arange(68), _DIRECT_68_FROM_98] = 1.0
    for target, (upper, lower) in _BROW_EDGES.items():
        matrix[target] = 0.0
        matrix[target, [upper, lower]] = 0.5
    for target, (near, middle) in _LIDS.items():
        matrix[target] = 0.0
        matrix[target, near], matrix[target, middle] = 2 / 3, 1 / 3
    return matrix


_MATRIX_68_FROM_98 = _matrix_68_from_98()


def ibug68_from_wflw98(points: np.ndarray) -> np.ndarray:
    """The 68 iBUG landmarks that 98 WFLW landmarks imply.

    Parameters
    ----------
    points : (..., 98, 2) float
        Any space.

    Returns
    -------
    (..., 68, 2) float64
        The same space. Contours and brows of the two layouts are defined differently; expect 2 to 3 % of the
        inter-ocular distance between this and labels made for 68 points.
    """
    if points.shape[-2:] != (98, 2):
        raise SfpError(f"landmarks: expected (..., 98, 2) numbers, got {points.shape}")
    return np.asarray(np.einsum("ij,...jc->...ic", _MATRIX_68_FROM_98, points))
