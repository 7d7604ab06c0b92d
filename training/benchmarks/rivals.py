"""Other ways to thin out a curve, for comparison: Ramer-Douglas-Peucker lines and a greedy fit of cubics.

Both keep the same frames as ours must keep, stand on whole frames, and are measured by the same evaluator.
"""

import itertools
from fractions import Fraction

import numpy as np

from sfp_core.curves.maya_curve import evaluate
from sfp_core.rig import Keys, TangentType

_SUBSTEPS = 4  # places at which errors are measured, from one frame to the next
_SECOND = Fraction(1)  # a rate of one frame a second: slopes are per frame


def played(keys: Keys, frames: int) -> np.ndarray:
    """Values at every frame and three places between two, ((frames - 1) * 4 + 1,)."""
    return evaluate(keys, np.arange((frames - 1) * _SUBSTEPS + 1) / _SUBSTEPS, _SECOND)


def douglas_peucker(values: np.ndarray, target: np.ndarray, *, kept: np.ndarray, allowed: float) -> Keys:
    """Linear keys: between two of them one is put where the error is largest, until none is above `allowed`.

    Parameters
    ----------
    values : (T,) float64
        At whole frames.
    target : ((T - 1) * 4 + 1,) float64
        What is to be met, at and between frames. Lines between neighbouring frames are left as they are: no whole
        frame is left there, which spares this method keys.
    kept : (n,) int
        Frames that are keys from the beginning, beside the first and the last.
    """
    ends = np.unique(np.concatenate([[0, len(values) - 1], kept]).astype(np.int64)).tolist()
    found, open_ = set(ends), list(itertools.pairwise(ends))
    while open_:
        first, last = open_.pop()
        places = np.arange(first * _SUBSTEPS, last * _SUBSTEPS + 1)
        line = np.interp(places, [places[0], places[-1]], values[[first, last]])
        error = np.abs(target[places] - line)
        if last - first > 1 and error.max() > allowed:
            middle = int(np.clip(round(places[error.argmax()] / _SUBSTEPS), first + 1, last - 1))
            found.add(middle)
            open_ += [(first, middle), (middle, last)]
    frames = np.array(sorted(found))
    zeros = np.zeros(len(frames))
    linear: TangentType = "linear"
    types = (linear,) * len(frames)
    return Keys(frames, values[frames], types, types, zeros, zeros)


def greedy_hermite(values: np.ndarray, target: np.ndarray, *, kept: np.ndarray, allowed: float) -> Keys:
    """Keys with free, broken slopes: from each key a cubic as long as one fits, its two slopes by least squares."""
    ends = np.unique(np.concatenate([[len(values) - 1], kept]).astype(np.int64))
    frames, outs, ins = [0], [], [0.0]
    while frames[-1] < len(values) - 1:
        first = frames[-1]
        stop = int(ends[np.searchsorted(ends, first, side="right")])
        last, slopes = first + 1, _slopes(values, target, first, first + 1)[0]
        for further in range(first + 2, stop + 1):
            fitted, error = _slopes(values, target, first, further)
            if error > allowed:
                break
            last, slopes = further, fitted
        frames.append(last)
        outs.append(slopes[0])
        ins.append(slopes[1])
    fixed: TangentType = "fixed"
    types = (fixed,) * len(frames)
    return Keys(np.array(frames), values[frames], types, types, np.array(ins), np.array([*outs, 0.0]))


def _slopes(values: np.ndarray, target: np.ndarray, first: int, last: int) -> tuple[np.ndarray, float]:
    """Slopes at both ends, per frame, and the largest error."""
    length = last - first
    share = np.arange(1, length * _SUBSTEPS) / (length * _SUBSTEPS)
    square = share * share
    blend = square * (3.0 - 2.0 * share)
    rest = target[first * _SUBSTEPS + 1 : last * _SUBSTEPS] - values[first] - (values[last] - values[first]) * blend
    basis = np.stack([share * (1.0 - share) ** 2, square * (share - 1.0)], axis=1) * length
    slopes = np.linalg.lstsq(basis, rest, rcond=None)[0]
    return slopes, float(np.abs(rest - basis @ slopes).max())
