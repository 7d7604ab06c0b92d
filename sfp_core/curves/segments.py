"""Errors of many curve segments at once: the inner loop of key reduction.

A segment goes from one key to the next. All values are in units of the tolerance, times in frames and slopes per
frame, so that an error above 1 is one that is not allowed.
"""

from dataclasses import dataclass

import numpy as np

from sfp_core.curves.maya_curve import limited_slope

SUBSTEPS = 4  # places at which the error is measured, from one frame to the next
_COARSE = 32  # frames of a segment that are looked at first
AUTO, LINEAR, FLAT = 0, 1, 2
# Out type of the left key and in type of the right one, in order of preference: smooth first.
TYPE_PAIRS = (
    (AUTO, AUTO),
    (AUTO, LINEAR),
    (LINEAR, AUTO),
    (LINEAR, LINEAR),
    (AUTO, FLAT),
    (FLAT, AUTO),
    (FLAT, FLAT),
    (LINEAR, FLAT),
    (FLAT, LINEAR),
)


@dataclass(frozen=True)
class Dense:
    """The curves to be met.

    Attributes
    ----------
    values : (C, T) float64
        At whole frames.
    fine : (C, (T - 1) * SUBSTEPS + 1) float64
        At and between frames.
    """

    values: np.ndarray
    fine: np.ndarray

    @property
    def frames(self) -> int:
        """T."""
        return int(self.values.shape[1])

    def at(self, places: np.ndarray) -> np.ndarray:
        """Values at places, (n,); a place is controller * T + frame."""
        return np.asarray(self.values.reshape(-1)[places])


@dataclass(frozen=True)
class Segments:
    """Candidates for a piece of curve, arrays (n,): from place `left` with value `first` to `left + length`.

    `slope_out` and `slope_in` are the auto slopes at its ends; `first` and `last` the values there.
    """

    left: np.ndarray
    length: np.ndarray
    first: np.ndarray
    last: np.ndarray
    slope_out: np.ndarray
    slope_in: np.ndarray

    def __len__(self) -> int:
        return len(self.left)

    def where(self, chosen: np.ndarray) -> "Segments":
        """The chosen ones (mask or indices)."""
        return Segments(
            self.left[chosen],
            self.length[chosen],
            self.first[chosen],
            self.last[chosen],
            self.slope_out[chosen],
            self.slope_in[chosen],
        )


def auto_slope(
    before: np.ndarray, at: np.ndarray, after: np.ndarray, values: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> np.ndarray:
    """Auto slopes of keys at `at` with neighbours `before` and `after`; zero where one is missing (< 0)."""
    low, middle, high = values
    there = (before >= 0) & (after >= 0)
    to_left, to_right = np.where(there, at - before, 1), np.where(there, after - at, 1)
    slope = limited_slope(
        3.0 * (middle - low) / to_left, (high - low) / (to_left + to_right), 3.0 * (high - middle) / to_right
    )
    return np.asarray(np.where(there, slope, 0.0))


def errors(dense: Dense, segments: Segments, *, fine: bool, enough: float = np.inf) -> tuple[np.ndarray, np.ndarray]:
    """Largest error of each segment, with the first good pair of tangent types.

    Parameters
    ----------
    fine : bool
        Measure at every frame and between. Otherwise at up to 32 of the frames, which is enough to turn most
        candidates down.
    enough : float
        Errors above this one need not be known: they may come back as infinite.

    Returns
    -------
    error : (n,) float64
        With the pair chosen: the first one within tolerance, else the best. Zero where nothing is measured.
    pair : (n,) int64
        Index in TYPE_PAIRS.
    """
    from sfp_core.curves.hermite_errors import worst_errors  # brings Numba: only where there is something to reduce

    steps = segments.length * SUBSTEPS
    samples = np.maximum(steps - 1 if fine else np.minimum(segments.length - 1, _COARSE), 0)
    controller, frame = np.divmod(segments.left, dense.frames)
    rises = np.zeros((len(segments), 2, 3))
    rises[:, 0, AUTO] = segments.slope_out * segments.length
    rises[:, 1, AUTO] = segments.slope_in * segments.length
    rises[:, :, LINEAR] = (segments.last - segments.first)[:, None]
    begins = controller * dense.fine.shape[1] + frame * SUBSTEPS
    ends = np.stack([segments.first, segments.last], axis=1)
    return worst_errors(dense.fine.reshape(-1), begins, steps, samples, ends, rises, np.array(TYPE_PAIRS), enough)
