"""Landmarks of a film without the detector's jitter, with blinks and closing lips as they were.

Non-local means in time (Buades, Coll & Morel, CVPR 2005), bounded by a Gaussian as in the bilateral filter (Tomasi &
Manduchi, ICCV 1998). A value becomes the mean of itself at the frames around, weighted by how near they are in time and
how alike the film is there:

    w(s, t) = exp(-(s - t)^2 / (2 tau^2)) * exp(-max(0, d^2(s, t) - 1) / h),    |s - t| <= 3 tau
    d^2(s, t) = sum over k = -1, 0, 1 of (1/4, 1/2, 1/4) * mean of (x(s + k) - x(t + k))^2 / (2 sigma^2)

sigma is the noise, measured on the film itself, so d^2 is 1 on average where nothing moves: there the filter is a
Gaussian. A blink is many sigma away from the open frames before and after, gets no share of them, and stays. The
weights are symmetric in time: nothing comes later or earlier.

Noise makes frames unlike each other by chance, so a first pass leaves some of it. A second pass takes the same means of
the values as given, twice as far in time, but compares the frames of the first pass, whose noise is smaller by v(t) =
sum of w^2 / (sum of w)^2 (as block-matching filters compare in a first estimate: Dabov et al., IEEE TIP 2007). There
sigma^2 (v(s) + v(t)) takes the place of 2 sigma^2. What moves is now told from noise more clearly, so frames that are
alike count fully and the others fall off twice as fast.

A landmark is the sum of three values, filtered one by one: where the skull is (nose and eye corners), where its *part*
is on it (an eye, the inner lips, a brow ...), and the part's shape. Most of a detector's noise moves a whole part, but
lids and lips act by their shape; so a blink is told from noise well, and a moving head has steady lids.

Letters: T frames, N landmarks, n landmarks of a part.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.layout import WFLW_98, Layout

# What moves as one, and apart from the rest: lids are no pupils, the inner lips touch where the outer do not.
_PARTS = (
    *(("contour",), ("left_brow",), ("right_brow",), ("nose",), ("left_eye",), ("right_eye",)),
    *(("outer_lip",), ("inner_lip",), ("left_pupil", "right_pupil")),
)
_LEAST_FRAMES = 5  # of which a noise level can be told
_MAD_TO_SIGMA = 1.4826  # of the normal distribution
_FLOOR = 1e-4  # share of the inter-ocular distance: below it there is nothing to smooth
# The second pass. A detector's noise has few degrees of freedom, so frames of the first pass are less sure than v says:
# 0.3 is the least. Found on noisy copies of stills and a spoken line that are not the benchmark's: flicker falls from
# 0.18 % to 0.08 % of the eyes' distance, and 97.2 % of the motion of speaking lips stays, where one pass keeps 95.6 %.
_WIDER, _STRICTER, _LEAST_VARIANCE = 2.0, 0.5, 0.3


@dataclass(frozen=True)
class Steadiness:
    """How the filter is set.

    Attributes
    ----------
    tau_seconds : float
        Width of the Gaussian in time in the first pass; 0 switches the filter off.
    fall_off, place_fall_off : float
        h of shapes and of places: how much farther than noise a frame may be, in variances of the noise, until its
        weight has fallen to 1/e, in the first pass. Lids and lips act by the shape of their part, so shapes are held
        more strictly.
    most_noise : float
        The noise of a part is taken to be at most this many times the median of all parts: a mouth that never rests
        must not take its own words for noise.
    """

    tau_seconds: float = 0.125
    fall_off: float = 1.5
    place_fall_off: float = 4.0
    most_noise: float = 2.0

    def __post_init__(self) -> None:
        values = (self.tau_seconds, self.fall_off, self.place_fall_off, self.most_noise)
        if not np.isfinite(values).all() or self.tau_seconds < 0 or min(values[1:3]) <= 0 or self.most_noise < 1:
            raise SfpError(
                f"steadiness: tau_seconds must be 0 or more, falls above 0, most_noise 1 or more, got {values}"
            )


def steady(
    points: np.ndarray, seconds: np.ndarray, *, layout: Layout = WFLW_98, setting: Steadiness | None = None
) -> np.ndarray:
    """Landmarks of one face in a film with the jitter taken out, zero-phase.

    Parameters
    ----------
    points : (T, N, 2) float
        Image space, pixels; frames without the face are NaN throughout, and stay so.
    seconds : (T,) float
        Times of the frames, rising; they need not be even.
    layout : Layout
        Of `points`.
    setting : Steadiness, optional

    Returns
    -------
    (T, N, 2) float64
        The same space. Fewer than 5 frames with the face come back as they were: they tell no noise.

    Raises
    ------
    SfpError
        The shapes do not fit, the times do not rise, or a frame is NaN in part.
    """
    setting = setting or Steadiness()
    points, seconds = _checked(points, seconds, layout)
    here = ~np.isnan(points[:, 0, 0])
    result = points.copy()
    if here.sum() < _LEAST_FRAMES or setting.tau_seconds == 0:
        return result
    seen, times = points[here], seconds[here]
    skull = seen[:, _skull(layout)]
    anchor = skull.mean(axis=1, keepdims=True)
    apart = seen - anchor
    unit = np.median(np.linalg.norm(seen[:, layout.outer_eye_left] - seen[:, layout.outer_eye_right], axis=1))
    floor = max(_FLOOR * float(unit), 1e-9)
    parts = [
        np.concatenate([layout.group(name) for name in names])
        for names in _PARTS
        if all(name in layout.groups for name in names)
    ]
    places = [apart[:, part].mean(axis=1, keepdims=True) for part in parts]
    shapes = [apart[:, part] - place for part, place in zip(parts, places, strict=True)]
    steadied = apart.copy()
    moved = zip(
        parts,
        _each(shapes, times, floor, setting, fall_off=setting.fall_off),
        _each(places, times, floor, setting, fall_off=setting.place_fall_off),
        strict=True,
    )
    for part, shape, place in moved:
        steadied[:, part] = shape + place
    noise = max(_noise(skull, times), floor)
    held = _filtered(skull, times, noise, setting.tau_seconds, setting.place_fall_off)
    result[here] = steadied + held.mean(axis=1, keepdims=True)
    return result


def without_gaps(points: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Landmarks (T, N, 2) with frames that are NaN filled: straight between those around, held at the ends.

    Raises SfpError where no frame has landmarks.
    """
    points = np.asarray(points, dtype=np.float64)
    here = ~np.isnan(points).any(axis=(1, 2))
    if not here.any():
        raise SfpError("landmarks: none of the frames has any; nothing to fill the gaps from")
    if here.all():
        return points.copy()
    flat = points.reshape(len(points), -1)
    filled = np.stack([np.interp(seconds, seconds[here], column) for column in flat[here].T], axis=1)
    return np.asarray(filled.reshape(points.shape))


def _checked(points: np.ndarray, seconds: np.ndarray, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    points, seconds = np.asarray(points, dtype=np.float64), np.asarray(seconds, dtype=np.float64)
    if points.ndim != 3 or points.shape[1:] != (layout.count, 2) or seconds.shape != points.shape[:1]:
        raise SfpError(
            f"steady: expected points (T, {layout.count}, 2) and seconds (T,), got {points.shape} and {seconds.shape}"
        )
    if not np.isfinite(seconds).all() or (np.diff(seconds) <= 0).any():
        raise SfpError("steady: the times of the frames must be finite and rise")
    known = np.isfinite(points).all(axis=(1, 2))
    odd = np.flatnonzero(~known & ~np.isnan(points).all(axis=(1, 2)))
    if len(odd):
        raise SfpError(f"steady: frame {odd[0]} has numbers that are not finite; expected all NaN or none")
    return points, seconds


def _skull(layout: Layout) -> list[int]:
    """The landmarks that move with the skull alone: nose and outer eye corners."""
    return [*layout.groups["nose"], layout.outer_eye_left, layout.outer_eye_right]


def _noise(values: np.ndarray, seconds: np.ndarray) -> float:
    """Standard deviation of the noise in values (T, n, 2), the same for all coordinates.

    From how far each frame lies off the line between its two neighbours in time, by the median, so that onsets and
    blinks, which are few, do not count.
    """
    before, after = np.diff(seconds)[:-1], np.diff(seconds)[1:]
    share = (before / (before + after))[:, None, None]  # of the line's far end
    off = values[1:-1] - (1 - share) * values[:-2] - share * values[2:]
    off = off / np.sqrt(1 + share**2 + (1 - share) ** 2)
    return float(_MAD_TO_SIGMA * np.median(np.abs(off)))


def _each(
    signals: list[np.ndarray], seconds: np.ndarray, floor: float, setting: Steadiness, *, fall_off: float
) -> list[np.ndarray]:
    """Signals (T, n, 2) of all parts, each filtered by its own noise."""
    noises = np.array([_noise(signal, seconds) for signal in signals])
    most = setting.most_noise * max(float(np.median(noises)), floor)
    return [
        _filtered(signal, seconds, float(np.clip(noise, floor, most)), setting.tau_seconds, fall_off)
        for signal, noise in zip(signals, noises, strict=True)
    ]


def _filtered(values: np.ndarray, seconds: np.ndarray, noise: float, tau: float, fall_off: float) -> np.ndarray:
    """Values (T, n, 2) of one part, filtered in two passes; `tau` in seconds."""
    first, left = _means(values, values, np.full(len(values), noise**2), seconds, tau, fall_off)
    return _means(
        values, first, noise**2 * np.maximum(left, _LEAST_VARIANCE), seconds, _WIDER * tau, _STRICTER * fall_off
    )[0]


def _means(
    values: np.ndarray, guide: np.ndarray, variance: np.ndarray, seconds: np.ndarray, tau: float, fall_off: float
) -> tuple[np.ndarray, np.ndarray]:
    """Means of values (T, n, 2) over the frames that are alike in `guide`, whose noise has the variance (T,).

    The second result (T,) is by how much the variance of white noise falls.
    """
    total, weights, squared = values.copy(), np.ones(len(values)), np.ones(len(values))
    for step, near in _steps(seconds, 3 * tau):
        squares = ((guide[step:] - guide[:-step]) ** 2).mean(axis=(1, 2)) / (variance[step:] + variance[:-step])
        padded = np.pad(squares, 1, mode="edge")
        patch = 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]
        unlike = np.maximum(0.0, patch - 1.0)
        apart = (seconds[step:] - seconds[:-step]) / tau
        weight = np.where(near, np.exp(-0.5 * apart**2 - unlike / fall_off), 0.0)
        total[step:] += weight[:, None, None] * values[:-step]
        total[:-step] += weight[:, None, None] * values[step:]
        for sums, share in ((weights, weight), (squared, weight**2)):
            sums[step:] += share
            sums[:-step] += share
    return np.asarray(total / weights[:, None, None]), squared / weights**2


def _steps(seconds: np.ndarray, reach: float) -> Iterator[tuple[int, np.ndarray]]:
    """Each distance in frames at which some pair is at most `reach` seconds apart, and which pairs are."""
    for step in range(1, len(seconds)):
        near = seconds[step:] - seconds[:-step] <= reach * (1 + 1e-6)  # whole frames, whatever the rounding
        if not near.any():
            return
        yield step, near
