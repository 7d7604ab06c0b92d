"""The pitch of a voice, one number every 256 samples: `pysptk`'s RAPT where installed, else our own tracker.

Both are of one family (Talkin, "A robust algorithm for pitch tracking", 1995): normalised cross-correlation of the
sound with itself, and the cheapest path through it. Shapes: T mel frames, L lags.
"""

import numpy as np

from sfp_core.speech.audio import SPEECH_HZ

HOP = 256  # samples between frames; frame i is at sample 256 i
LOWEST_HZ, HIGHEST_HZ = 100, 600  # the original's bounds for women, which it uses for everybody
PITCH_CLASSES = 257  # of a one-hot row: 0 is unvoiced, 1 to 256 the pitch from low to high

_SHORTEST, _LONGEST = SPEECH_HZ // HIGHEST_HZ, SPEECH_HZ // LOWEST_HZ  # lags, samples
_USUAL = 80  # at this lag (200 Hz) the two windows lie evenly about the frame's sample
_WINDOW = 256  # samples compared with those a lag later
_BLOCK = 2048  # frames at once
_QUIET = 4e-3  # rms, full scale 1: sound at this level repeats half as well
# Costs of the path; a perfect repetition costs 0, and noise about 1.
_LONG_LAG = 0.3  # twice the period repeats as well as the period, so the longest lag is worth less by this share
_UNVOICED = 0.5  # a frame without pitch
_ONSET = 0.1  # a change between voiced and unvoiced
_LEAP = 1.0  # a change of pitch, for each unit of its logarithm
_RAPT_UNVOICED = -1e10


def log_f0(samples: np.ndarray) -> np.ndarray:
    """The logarithm of the pitch in Hz.

    Parameters
    ----------
    samples : (n,) float
        16 kHz, full scale 1, near -20 dBFS.

    Returns
    -------
    (n // 256 + 1,) float64
        NaN where there is no pitch.
    """
    try:
        from pysptk import sptk
    except ImportError:
        return tracked_log_f0(samples)
    as_integers = samples.astype(np.float32) * 32768
    rapt = sptk.rapt(as_integers, SPEECH_HZ, HOP, min=LOWEST_HZ, max=HIGHEST_HZ, otype="logf0")
    frames = len(samples) // HOP + 1
    found = np.full(frames, np.nan)
    found[: len(rapt)] = rapt[:frames]
    found[found == _RAPT_UNVOICED] = np.nan
    return found


def tracked_log_f0(samples: np.ndarray) -> np.ndarray:
    """As `log_f0`, by our own tracker."""
    repeats = np.concatenate(
        [_repetition(samples, first, last) for first, last in _blocks(len(samples) // HOP + 1)]
    )  # (T, L)
    path = _cheapest_path(repeats)
    voiced = path >= 0
    lags = _between(repeats, np.maximum(path, 0)) + _SHORTEST
    return np.where(voiced, np.log(SPEECH_HZ / lags), np.nan)


def pitch_classes(log_pitch: np.ndarray) -> np.ndarray:
    """(T,) int64 in 0..256: the pitch relative to its own mean, four deviations to each side.

    Parameters
    ----------
    log_pitch : (T,) float
        NaN where there is no pitch; then the class is 0.
    """
    voiced = ~np.isnan(log_pitch)
    classes = np.zeros(len(log_pitch), dtype=np.int64)
    if voiced.any():
        known = log_pitch[voiced]
        deviation = known.std() or 1.0  # a voice without melody stays in the middle
        height = np.clip((known - known.mean()) / deviation / 4, -1, 1)
        classes[voiced] = np.round((height + 1) / 2 * (PITCH_CLASSES - 2)).astype(np.int64) + 1
    return classes


def _blocks(frames: int) -> list[tuple[int, int]]:
    return [(first, min(first + _BLOCK, frames)) for first in range(0, frames, _BLOCK)]


def _repetition(samples: np.ndarray, first: int, last: int) -> np.ndarray:
    """How well the sound around each frame repeats after each lag, (last - first, L) in about [-1, 1].

    Talkin's normalised cross-correlation: a window against the window one lag later, over the root of both energies.
    """
    span = _WINDOW + _LONGEST + 1
    starts = np.arange(first, last) * HOP - (_WINDOW + _USUAL) // 2
    places = starts[:, None] + np.arange(span)
    inside = (places >= 0) & (places < len(samples))
    around = np.where(inside, samples[np.clip(places, 0, len(samples) - 1)], 0.0)  # (T, span)
    size = 512  # at least span, and so that the wrapped part of the correlation stays beyond the longest lag
    spectrum = np.fft.rfft(around, size)
    window = np.fft.rfft(around[:, :_WINDOW], size)
    together = np.fft.irfft(spectrum * window.conj(), size)[:, _SHORTEST : _LONGEST + 1]
    energy = np.cumsum(np.pad(around**2, ((0, 0), (1, 0))), axis=1)
    energies = energy[:, _WINDOW:] - energy[:, :-_WINDOW]  # of the window at each lag
    later = energies[:, _SHORTEST : _LONGEST + 1]
    quiet = _WINDOW * _QUIET**2
    return np.asarray(together / np.sqrt((energies[:, :1] + quiet) * (later + quiet)))


def _cheapest_path(repeats: np.ndarray) -> np.ndarray:
    """The lag of each frame as an index, (T,) int64; -1 where unvoiced. Viterbi's algorithm."""
    frames, count = repeats.shape
    lags = _SHORTEST + np.arange(count)
    voiced = 1 - repeats * (1 - _LONG_LAG * lags / _LONGEST)  # (T, L)
    log_lags = np.log(lags)
    leap = _LEAP * np.abs(log_lags[:, None] - log_lags)  # (to, from)
    came_from = np.empty((frames, count + 1), dtype=np.int16)
    cost = np.append(voiced[0], _UNVOICED)
    came_from[0] = np.arange(count + 1)
    each = np.arange(count)
    for frame in range(1, frames):
        reached = leap + cost[:count]
        best = reached.argmin(axis=1)
        within = reached[each, best]
        onset = cost[count] + _ONSET
        best[within > onset] = count
        quietest = int(cost[:count].argmin())
        stays = cost[count] <= cost[quietest] + _ONSET
        came_from[frame] = np.append(best, count if stays else quietest)
        unvoiced = min(cost[count], cost[quietest] + _ONSET) + _UNVOICED
        cost = np.append(np.minimum(within, onset) + voiced[frame], unvoiced)
    path = np.empty(frames, dtype=np.int64)
    path[-1] = cost.argmin()
    for frame in range(frames - 1, 0, -1):
        path[frame - 1] = came_from[frame, path[frame]]
    return np.where(path == count, -1, path)


def _between(repeats: np.ndarray, path: np.ndarray) -> np.ndarray:
    """The path in parts of a lag: the top of the parabola through each lag and its neighbours."""
    frames = np.arange(len(path))
    middle = np.clip(path, 1, repeats.shape[1] - 2)
    before, at, after = (repeats[frames, middle + step] for step in (-1, 0, 1))
    bend = before - 2 * at + after
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = 0.5 * (before - after) / bend
    peaked = (bend < 0) & (np.abs(shift) <= 1)
    return np.asarray(np.where(peaked, middle + np.where(peaked, shift, 0), path))
