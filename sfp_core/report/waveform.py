"""The outline of a sound: its lowest and highest sample in each of many short spans."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from sfp_core.speech.audio import SPEECH_HZ, SoundReader

_SPAN_SAMPLES = 32  # 2 ms: at the closest zoom a column of the page is about as wide
_MOST_SPANS = 1 << 18  # nearly 9 minutes at 2 ms; longer sounds get wider spans, so that the page stays small
FULL = 127  # what a sample of 1 becomes


@dataclass(frozen=True)
class Waveform:
    """The outline of a sound.

    Attributes
    ----------
    rate : Fraction
        Spans a second; span i begins at i / rate.
    low, high : (n,) int8
        The outline, `FULL` times the samples; rounded outwards, so that no sample lies outside.
    """

    rate: Fraction
    low: np.ndarray
    high: np.ndarray


def waveform_of(sound: Path) -> Waveform:
    """The outline of any sound that can be read, one block in memory at a time. Raises SfpError as `SoundReader`."""
    return outline(SoundReader(sound))


def outline(blocks: Iterable[np.ndarray]) -> Waveform:
    """The outline of (n,) float blocks at 16 kHz. All but the last are multiples of 2 ms long; samples are -1 to 1."""
    lows, highs = [np.zeros(0, np.int8)], [np.zeros(0, np.int8)]
    for block in blocks:
        rows = _rows(np.clip(block, -1.0, 1.0), _SPAN_SAMPLES)
        lows.append(np.floor(rows.min(axis=1) * FULL).astype(np.int8))
        highs.append(np.ceil(rows.max(axis=1) * FULL).astype(np.int8))
    low, high = np.concatenate(lows), np.concatenate(highs)
    together = -(-len(low) // _MOST_SPANS) or 1
    low, high = _rows(low, together).min(axis=1), _rows(high, together).max(axis=1)
    return Waveform(Fraction(SPEECH_HZ, _SPAN_SAMPLES * together), low, high)


def _rows(values: np.ndarray, width: int) -> np.ndarray:
    """(n,) as (ceil(n / width), width); the last value fills up the last row."""
    return np.pad(values, (0, -len(values) % width), mode="edge" if len(values) else "constant").reshape(-1, width)
