"""A take as a plain table: `frame`, `seconds`, then one column per controller with its value on every frame."""

import csv
from fractions import Fraction
from pathlib import Path

import numpy as np

from sfp_core.curves.loose import LooseCurves
from sfp_core.curves.take import Take
from sfp_core.errors import SfpError
from sfp_core.files import written_whole
from sfp_core.formats.frame_tables import FrameTable, dense_keys, read_frame_table
from sfp_core.timing import frame_seconds

FRAME, SECONDS = "frame", "seconds"
# In frames: what is lost in binary, what a table may lose that prints milliseconds, what is another frame.
_ROUNDING, _NEAR_WHOLE, _FARTHEST = 1e-6, 0.1, 0.5


def write_curves_csv(path: Path, take: Take, *, start_frame: int = 0) -> Path:
    """Write what every controller plays on every frame, layers added up. Reading gives the same bits.

    Parameters
    ----------
    start_frame : int
        The number that the take's frame 0 gets. `seconds` are those of the take: 0 there.

    Returns
    -------
    Path
        `path`.
    """
    curves = take.curves(take.rig_spec())
    with written_whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([FRAME, SECONDS, *curves.rig.names])
        for frame, values in enumerate(curves.values.tolist()):
            writer.writerow([start_frame + frame, repr(frame_seconds(frame, take.fps)), *map(repr, values)])
    return Path(path)


def read_curves_csv(path: Path, *, fps: Fraction | None = None) -> LooseCurves:
    """Read such a table. Rows may be missing: frames keep their numbers.

    Parameters
    ----------
    fps : Fraction, optional
        For tables without `seconds`, or with one row only; elsewhere frames and seconds tell the rate.

    Raises
    ------
    SfpError
        Not such a table, frames that do not rise, seconds that do not fit the frames, or no rate.
    """
    table = read_frame_table(path)
    names = [name.casefold() for name in table.header]
    if names[0] != FRAME:
        raise SfpError(f"{path}:1: first column is {table.header[0]!r}; expected {FRAME!r}, then {SECONDS!r}")
    first = 2 if names[1:2] == [SECONDS] else 1
    controllers = table.header[first:]
    doubles = sorted({name for name in controllers if controllers.count(name) > 1 or not name})
    if doubles or not controllers:
        raise SfpError(f"{path}:1: columns {doubles} are there twice or have no name; expected one for each controller")
    values = table.numbers(range(len(table.header)))
    frames = values[:, 0]
    falling = np.flatnonzero(np.diff(frames) <= 0)
    if len(falling):
        line, frame = table.lines[falling[0] + 1], frames[falling[0] + 1]
        raise SfpError(f"{path}:{line}: frame {frame:g} after {frames[falling[0]]:g}; expected rising frames")
    seconds = values[:, 1] if first == 2 else None
    rate = fps or _rate(table, frames, seconds)
    start = 0.0 if seconds is None else _start(table, frames, seconds, rate)
    keys = {name: dense_keys(frames, values[:, first + index]) for index, name in enumerate(controllers)}
    return LooseCurves(keys, {}, rate, start)


def _rate(table: FrameTable, frames: np.ndarray, seconds: np.ndarray | None) -> Fraction:
    """Frames a second: the simplest rate that fits all rows about as well as the best."""
    if seconds is None or len(frames) < 2 or not seconds[-1] > seconds[0]:
        raise SfpError(f"{table.path}: the rate is not told ({SECONDS!r} of two rows would); give one, such as 24")
    best = Fraction((frames[-1] - frames[0]) / (seconds[-1] - seconds[0]))
    whole = Fraction(max(round(best), 1))
    simple = (whole, whole * Fraction(1000, 1001), *(best.limit_denominator(most) for most in (12, 1001)))
    allowed = 2.0 * _misfit(frames, seconds, best) + _ROUNDING
    return next((rate for rate in simple if rate > 0 and _misfit(frames, seconds, rate) <= allowed), best)


def _misfit(frames: np.ndarray, seconds: np.ndarray, rate: Fraction) -> float:
    """By how many frames the rows are apart at most, when frames are told from seconds at this rate."""
    return float(np.ptp(frames - seconds * float(rate)))


def _start(table: FrameTable, frames: np.ndarray, seconds: np.ndarray, rate: Fraction) -> float:
    """The frame that is at 0 s."""
    starts = frames - seconds * float(rate)
    start = float(np.round(starts[0])) if abs(starts[0] - np.round(starts[0])) < _NEAR_WHOLE else float(starts[0])
    wrong = np.flatnonzero(np.abs(starts - start) > _FARTHEST)
    if len(wrong):
        row = wrong[0]
        raise SfpError(
            f"{table.path}:{table.lines[row]}: frame {frames[row]:g} at {seconds[row]:g} s; expected "
            f"{(frames[row] - start) / float(rate):g} s at {rate} frames a second"
        )
    return start
