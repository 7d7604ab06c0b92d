"""Exact frame rates and the one place where seconds become frame numbers."""

import re
from fractions import Fraction
from math import ceil, floor

from sfp_core.errors import SfpError

# Rates that people write with decimals but that mean n * 1000/1001 (NTSC).
_NTSC = {"23.976": 24, "23.98": 24, "29.97": 30, "47.952": 48, "59.94": 60, "119.88": 120}
_RATE = re.compile(r"\d{1,9}(\.\d{0,9}|/\d{1,9})?")  # 1e999999999 is a number too, but not one to compute with
# A float of seconds that means a frame is off by rounding; this share of a frame is far below one sample of sound.
_ROUNDING = Fraction(1, 10**6)


def parse_fps(text: str) -> Fraction:
    """`"24"`, `"23.976"`, `"24000/1001"` or `"12.5"` as an exact rate.

    Raises
    ------
    SfpError
        If it is no number, or not within 1..1000.
    """
    try:
        if not _RATE.fullmatch(text.strip()):
            raise ValueError(text)
        rate = Fraction(_NTSC[text.strip()] * 1000, 1001) if text.strip() in _NTSC else Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise SfpError(f"frame rate {text[:40]!r}: expected a number such as 24, 23.976 or 24000/1001") from error
    if not 1 <= rate <= 1000:
        raise SfpError(f"frame rate {text!r}: expected 1 to 1000 frames a second")
    return rate


def _frames(seconds: float | Fraction, fps: Fraction) -> Fraction:
    """Time in frames. A float within rounding of a whole frame counts as on it; a Fraction is taken as it is."""
    frames = Fraction(seconds) * fps
    whole = round(frames)
    return Fraction(whole) if isinstance(seconds, float) and abs(frames - whole) < _ROUNDING else frames


def frame_at_or_before(seconds: float | Fraction, fps: Fraction) -> int:
    """The last frame that begins at or before this time."""
    return floor(_frames(seconds, fps))


def frame_at_or_after(seconds: float | Fraction, fps: Fraction) -> int:
    """The first frame that begins at or after this time."""
    return ceil(_frames(seconds, fps))


def frame_nearest(seconds: float | Fraction, fps: Fraction) -> int:
    """The frame that begins nearest to this time; halves go up."""
    return floor(Fraction(seconds) * fps + Fraction(1, 2))


def frame_count(seconds: float | Fraction, fps: Fraction) -> int:
    """How many frames cover a sound of this length: floor(seconds * fps) + 1, with frame i at i / fps."""
    if seconds < 0:
        raise SfpError(f"a sound of {seconds} s: expected a length of at least 0")
    return frame_at_or_before(seconds, fps) + 1


def frame_seconds(frame: int, fps: Fraction) -> float:
    """The time at which a frame begins."""
    return float(frame / fps)
