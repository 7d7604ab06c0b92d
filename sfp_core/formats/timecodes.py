"""Time codes `HH:MM:SS:FF.fff`: writing them, and the times that those of a file stand for.

`FF.fff` counts frames, and thousandths of one, within a second. At a rate of n * 1000/1001 the codes count n frames in
what they call a second, as if it were not a thousandth longer: codes without drop, one a frame, none left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np

from sfp_core.errors import SfpError, listed

_CODE = re.compile(r"(\d{1,3}):(\d{1,2}):(\d{1,2})([:;.])(\d{1,3}(?:\.\d+)?)")
_DAY = 24 * 60 * 60
_NTSC = Fraction(1000, 1001)
_USUAL = (24, 30, 60, 120)  # frames that codes count within a second
_NEAR_WHOLE = 0.01  # share; a clock that is off by less means the whole rate
_FARTHEST_FRAMES = 0.75


def frames_counted(fps: Fraction) -> int:
    """How many frames the codes of this rate count within a second."""
    return round(fps / _NTSC) if (fps / _NTSC).denominator == 1 else ceil(fps)


def code_of_frame(frame: int, fps: Fraction) -> str:
    """The time code of a frame, `00:00:00:00.000` for frame 0; after a day it begins anew.

    A rate that is neither whole nor n * 1000/1001, such as 12.5, has codes between whole frames of the next higher one.
    """
    counted = frames_counted(fps)
    each = Fraction(1) if counted in (fps, fps / _NTSC) else counted / fps
    thousandths = round(frame * each * 1000)
    seconds, within = divmod(thousandths, counted * 1000)
    hours, seconds = divmod(seconds % _DAY, 3600)
    return f"{hours:02}:{seconds // 60:02}:{seconds % 60:02}:{within // 1000:02}.{within % 1000:03}"


@dataclass(frozen=True)
class CodedTimes:
    """When the rows of a file are.

    Attributes
    ----------
    seconds : (n,) float64
        After the first row; they rise, or stay where a code is there twice.
    fps : Fraction
        Rows a second: the rate that was given, else that of most rows.
    """

    seconds: np.ndarray
    fps: Fraction

    def on_frames(self) -> tuple[np.ndarray, np.ndarray]:
        """Whole frames for the rows, so that gaps keep their time.

        A row lies as many whole frames after the one before as is nearest to the time between, and at the frame
        nearest to its own time where it would be more than three quarters of a frame off. So a clock that runs a
        little fast or slow neither adds up nor makes rows jump to and fro.

        Returns
        -------
        rows : (m,) int64
            Those with a frame of their own; of several on one frame the first.
        frames : (m,) int64
            Rising, the first 0.
        """
        times = self.seconds * float(self.fps)
        rows, frames, lead = [0], [0], 0.0
        for row, time in enumerate(times.tolist()[1:], start=1):
            frame = round(time + lead)
            if abs(frame - time) > _FARTHEST_FRAMES:
                frame = round(time)
            lead = frame - time
            if frame > frames[-1]:
                rows.append(row)
                frames.append(frame)
        return np.array(rows, dtype=np.int64), np.array(frames, dtype=np.int64)


def times_of(codes: Sequence[str], *, places: Sequence[str], fps: Fraction | None = None) -> CodedTimes:
    """The times of a file's rows.

    How many frames the codes count within a second is told by the rows at which a second ends; in a file of less than
    a second it is taken to be 24, 30, 60 or 120. Codes with `;` are drop-frame codes, and so of a rate n * 1000/1001.
    A code after midnight follows one before it.

    Parameters
    ----------
    codes : sequence of str
        At least one.
    places : sequence of str
        Where each stands, for messages: `file:line`.
    fps : Fraction, optional
        The true rate, for codes cannot tell 29.97 from 30.

    Raises
    ------
    SfpError
        What is no time code, or codes that run backwards.
    """
    clock, within, drops = _parsed(codes, places)
    counted = _counted(clock, within, fps)
    counts = clock * counted + within
    if drops:
        minutes = clock // 60
        counts = counts - round(counted / 15) * (minutes - minutes // 10)
    steps = np.diff(counts)
    backwards = np.flatnonzero(steps < 0)
    if len(backwards):
        row = backwards[0] + 1
        raise SfpError(f"{places[row]}: time code {codes[row]} after {codes[row - 1]}; expected rising time codes")
    slow = drops or (fps is not None and fps != ceil(fps) and fps == frames_counted(fps) * _NTSC)
    pace = _NTSC if slow else Fraction(1)
    moving = steps[steps > 0]
    row_rate = _simple(counted / float(np.median(moving))) * pace if len(moving) else counted * pace
    return CodedTimes((counts - counts[0]) / float(counted * pace), fps or row_rate)


def _parsed(codes: Sequence[str], places: Sequence[str]) -> tuple[np.ndarray, np.ndarray, bool]:
    """Seconds of the clock (n,), frames within the second (n,), and whether the codes drop frame numbers."""
    found = [_CODE.fullmatch(code) for code in codes]
    problems = [
        f"{place}: time code {code!r:.40}; expected HH:MM:SS:FF"
        for code, place, match in zip(codes, places, found, strict=True)
        if match is None
    ]
    if problems:
        raise SfpError(listed(problems))
    parts = [match.groups() for match in found if match is not None]
    clock = np.array([int(h) * 3600 + int(m) * 60 + int(s) for h, m, s, _, _ in parts])
    clock += _DAY * np.cumsum(np.diff(clock, prepend=clock[0]) < -_DAY // 2)
    return clock, np.array([float(within) for *_, within in parts]), any(sign == ";" for *_, sign, _ in parts)


def _counted(clock: np.ndarray, within: np.ndarray, fps: Fraction | None) -> int:
    """How many frames the codes count within a second."""
    passed, steps = np.diff(clock), np.diff(within)
    usual = steps[(passed == 0) & (steps > 0)]
    turns = passed == 1
    if len(usual) and turns.any():  # where rows are missing at a turn it looks shorter, so the longest counts
        found = round(float(np.median(usual) - steps[turns].min()))
        if found > within.max():
            return found
    whole = frames_counted(fps) if fps is not None else 1
    if fps is not None:
        return whole * ceil((int(within.max()) + 1) / whole)
    return next((usual_count for usual_count in _USUAL if usual_count > within.max()), int(within.max()) + 1)


def _simple(rate: float) -> Fraction:
    whole = max(round(rate), 1)
    near = abs(rate - whole) <= _NEAR_WHOLE * rate
    return Fraction(whole) if near else Fraction(rate).limit_denominator(100)
