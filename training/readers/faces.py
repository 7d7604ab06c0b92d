"""From the landmarks of one entry to a `LabelledFace`, with the checks that all formats share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sfp_core.detect.crop import tight_box
from training.detector_data import LabelledFace
from training.readers.layouts import wflw98_from

NO_FLAGS = (0, 0, 0, 0, 0, 0)


def numbers(value: Any, what: str) -> np.ndarray:
    """JSON numbers, null for unknown, as a float64 array. Raises ValueError for anything else."""
    try:
        return np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what}: expected numbers ({error})") from error


def inside(name: Any, folder: Path) -> Path:
    """The path of a picture named by a file of labels. Raises ValueError when it is no name."""
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"the picture's name is {name!r}; expected text")
    return Path(folder) / name


def labelled_face(
    picture: Path,
    points: np.ndarray,
    *,
    box: Sequence[float] | np.ndarray | None = None,
    expression: str = "",
    point_weights: np.ndarray | None = None,
) -> LabelledFace:
    """A face from landmarks (N, 2) of any set that can be trained on, NaN where unknown.

    Parameters
    ----------
    picture : Path
    points : (N, 2) float
        Image space (pixel 0 covers [0, 1)).
    box : four floats, optional
        x0, y0, x1, y1; left out: the tight box of the landmarks.
    expression : str
    point_weights : (98,) float, optional
        How much each landmark counts, on top of its being known.

    Raises
    ------
    ValueError
        Landmarks that cannot be used; the caller knows file and line.
    """
    placed, weights = wflw98_from(points)
    if (np.ptp(placed[weights > 0], axis=0) < 1).any():
        raise ValueError("the landmarks lie in less than a pixel")
    if box is not None and (np.shape(box) != (4,) or not np.isfinite(box).all()):
        raise ValueError("box: expected four finite numbers")
    x0, y0, x1, y1 = tight_box(placed) if box is None else (float(value) for value in box)
    if point_weights is not None:
        weights = weights * point_weights.astype(np.float32)
    whole = None if (weights == 1).all() else weights
    return LabelledFace(picture, placed.astype(np.float32), (x0, y0, x1, y1), NO_FLAGS, whole, expression)
