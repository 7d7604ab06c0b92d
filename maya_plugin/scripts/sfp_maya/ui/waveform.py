"""The shape of a recording, to be drawn: peaks of a wav file. Others have none here; `sfp` reads them. No Qt."""

from __future__ import annotations

import wave
from array import array
from dataclasses import dataclass
from pathlib import Path

_FRAMES_LOOKED_AT = 4096  # of a column at most: an hour is drawn at once, too


@dataclass(frozen=True)
class Shape:
    """Peaks of a sound.

    Attributes
    ----------
    seconds : float
    peaks : tuple of (low, high)
        A pair a column, -1 to 1, in steps of 1/128.
    """

    seconds: float
    peaks: tuple[tuple[float, float], ...]


def shape_of(file: Path, columns: int) -> Shape | None:
    """Peaks of the first channel; None for a file that is no wav with whole numbers in it."""
    try:
        with wave.open(str(file), "rb") as sound:
            frames, width, stride = (
                sound.getnframes(),
                sound.getsampwidth(),
                sound.getnchannels() * sound.getsampwidth(),
            )
            if not frames or not sound.getframerate():
                return None
            count = min(columns, frames)
            edges = [frames * at // count for at in range(count + 1)]
            peaks = []
            for first, last in zip(edges, edges[1:]):
                sound.setpos(first)
                read = sound.readframes(min(last - first, _FRAMES_LOOKED_AT))
                # little endian: the last byte of a sample is its coarse value; one byte alone has no sign
                tops = array("b", read[width - 1 :: stride]) if width > 1 else array("B", read[::stride])
                if not tops:
                    break
                middle = 0 if width > 1 else 128
                peaks.append(((min(tops) - middle) / 128.0, (max(tops) - middle) / 128.0))
            return Shape(frames / sound.getframerate(), tuple(peaks))
    except (OSError, EOFError, wave.Error):
        return None
