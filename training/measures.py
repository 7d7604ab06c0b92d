"""How far found landmarks are from true ones: NME, failing rate and area of paper 5.1, by region, and of openings.

Letters: n faces, N landmarks. An *error* is a share of the inter-ocular distance (0.05 is 5 %); a `Score` is in
percent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from sfp_core.detect.crop import MARGIN
from sfp_core.geometry import inter_ocular
from sfp_core.layout import IBUG_68, WFLW_98, Layout

THRESHOLD = 0.1  # of failing rate and area, paper 5.1
PROFILE_SHARE = 0.1  # an inter-ocular distance below this share of the crop's side makes a profile
_LEAST_SHARE = 1e-3  # of the crop's side: corners nearer than this give no scale at all

_SIDES: Mapping[str, tuple[str, ...]] = {
    "contour": ("contour",),
    "brows": ("left_brow", "right_brow"),
    "nose": ("nose",),
    "eyes": ("left_eye", "right_eye"),
    "mouth": ("mouth",),
    "pupils": ("left_pupil", "right_pupil"),
}
# Pairs of opposite points, upper first: of each eye's lids, and the middle of the inner lips.
_OPENINGS: Mapping[str, Mapping[str, tuple[tuple[int, int], ...]]] = MappingProxyType(
    {
        WFLW_98.name: {
            "left_eye": ((61, 67), (62, 66), (63, 65)),
            "right_eye": ((69, 75), (70, 74), (71, 73)),
            "mouth": ((90, 94),),
        },
        IBUG_68.name: {
            "left_eye": ((37, 41), (38, 40)),
            "right_eye": ((43, 47), (44, 46)),
            "mouth": ((62, 66),),
        },
    }
)


@dataclass(frozen=True)
class Score:
    """What the errors of some faces come to; all but `faces` is NaN where there are none.

    Attributes
    ----------
    faces : int
    nme, median : float
        Mean and median error, percent.
    fr10 : float
        Share of faces whose error is above `THRESHOLD`, percent.
    auc10 : float
        Area under the cumulative error curve from 0 to `THRESHOLD`, over `THRESHOLD`; 1 is perfect.
    """

    faces: int
    nme: float
    median: float
    fr10: float
    auc10: float


def score(errors: np.ndarray) -> Score:
    """Mean, median, failing rate and area of errors (n,).

    The area is exact: the integral of the faces' step curve is the mean of what each error leaves of the threshold.
    """
    if not len(errors):
        return Score(0, *[float("nan")] * 4)
    left = np.clip(1.0 - errors / THRESHOLD, 0.0, 1.0)
    failing = 100 * float((errors > THRESHOLD).mean())
    return Score(len(errors), 100 * float(errors.mean()), 100 * float(np.median(errors)), failing, float(left.mean()))


def scale(truth: np.ndarray, sides: np.ndarray, layout: Layout) -> np.ndarray:
    """The distance (n,) that errors are divided by: between the outer eye corners, paper eq. 6.

    Where the corners all but coincide (below a thousandth of the crop) that thousandth stands in; such a face is a
    profile in any case.

    Parameters
    ----------
    truth : (n, N, 2) float
    sides : (n,) float
        Sides of the crops, in the unit of `truth`.
    layout : Layout
        Of `truth`.
    """
    return np.asarray(np.maximum(inter_ocular(truth, layout), _LEAST_SHARE * np.asarray(sides)))


def crop_sides(boxes: np.ndarray) -> np.ndarray:
    """Sides (n,) of the crops of boxes (n, 4), as the detector cuts them."""
    return np.asarray(MARGIN * np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]))


def profiles(truth: np.ndarray, sides: np.ndarray, layout: Layout) -> np.ndarray:
    """Which faces (n,) bool are profiles: seen so much from the side that the eye corners give no fair scale."""
    return np.asarray(inter_ocular(truth, layout) < PROFILE_SHARE * np.asarray(sides))


def point_errors(predicted: np.ndarray, truth: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Errors (n, N) of each landmark; predicted and truth are (n, N, 2), scales (n,), all in one unit."""
    distances = np.linalg.norm(np.asarray(predicted, np.float64) - np.asarray(truth, np.float64), axis=-1)
    return np.asarray(distances / scales[:, None])


def regions(layout: Layout) -> dict[str, np.ndarray]:
    """Landmark indices by part of the face; parts that the layout lacks are left out."""
    found = {}
    for name, groups in _SIDES.items():
        indices = [layout.group(group) for group in groups if group in layout.groups]
        if indices:
            found[name] = np.concatenate(indices)
    return found


@dataclass(frozen=True)
class OpeningError:
    """How wrong openings are, in percent of the true inter-ocular distance.

    Attributes
    ----------
    error : float
        Mean size of the difference.
    bias : float
        Mean difference; below 0, what is found is too closed.
    correlation : float
        Pearson's r of found and true openings; NaN where either does not vary.
    """

    error: float
    bias: float
    correlation: float


def openings(points: np.ndarray, layout: Layout) -> dict[str, np.ndarray]:
    """Mean distances (n,) of opposite points of `left_eye`, `right_eye` (the image's) and `mouth`.

    In the unit of points (n, N, 2).
    """
    result = {}
    for name, pairs in _OPENINGS[layout.name].items():
        upper, lower = np.array(pairs).T
        result[name] = np.linalg.norm(points[:, upper] - points[:, lower], axis=-1).mean(axis=-1)
    return result


def opening_errors(
    predicted: np.ndarray, truth: np.ndarray, scales: np.ndarray, layout: Layout
) -> dict[str, OpeningError]:
    """Errors of `eyes` (both, each eye counts) and `mouth`; parameters as in `point_errors`, at least one face."""
    found = {name: value / scales for name, value in openings(predicted, layout).items()}
    true = {name: value / scales for name, value in openings(truth, layout).items()}
    parts = {"eyes": ("left_eye", "right_eye"), "mouth": ("mouth",)}
    return {
        part: _opening_error(
            np.concatenate([found[name] for name in names]), np.concatenate([true[name] for name in names])
        )
        for part, names in parts.items()
    }


def _opening_error(found: np.ndarray, true: np.ndarray) -> OpeningError:
    difference = found - true
    varied = len(found) > 1 and float(np.std(found)) > 0 and float(np.std(true)) > 0
    r = float(np.corrcoef(found, true)[0, 1]) if varied else float("nan")
    return OpeningError(100 * float(np.abs(difference).mean()), 100 * float(difference.mean()), r)
