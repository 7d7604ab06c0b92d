"""A face as its landmarks alone, for rigs that we cannot draw."""

import numpy as np

from sfp_core.detect.draw import draw_landmarks
from sfp_core.landmarks import Landmarks
from sfp_core.layout import WFLW_98

_PAPER = 40  # grey level
_MARGIN = 0.16  # of the side: a jaw that drops stays inside


def sketch(points: np.ndarray, around: np.ndarray, *, size: int) -> np.ndarray:
    """Landmarks (98, 2) as (size, size, 3) uint8; the picture shows the area around the landmarks `around` (98, 2)."""
    low, high = around.min(axis=0), around.max(axis=0)
    scale = (1 - 2 * _MARGIN) * size / float((high - low).max())
    placed = (points - (low + high) / 2) * scale + size / 2
    return draw_landmarks(np.full((size, size, 3), _PAPER, dtype=np.uint8), [Landmarks(placed, WFLW_98)])
