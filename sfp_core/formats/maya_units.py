"""Maya's units: a take's place on the timeline of a file to be written, and the units of files to be read."""

import logging
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from sfp_core.curves.take import Take
from sfp_core.formats.maya_names import TIME_UNITS, time_unit

log = logging.getLogger(__name__)

_RATES: dict[str, Fraction] = {
    **{word: rate for rate, word in TIME_UNITS.items()},
    "29.97df": Fraction(30000, 1001),
    "hour": Fraction(1, 3600),
    "min": Fraction(1, 60),
    "sec": Fraction(1),
    "millisec": Fraction(1000),
}
_NUMERIC_RATE = re.compile(r"(\d{1,7}(?:\.\d{1,9})?)fps", re.ASCII)
_NTSC_SLACK = Fraction(1, 200)  # 23.976, 23.98 and 23.97602 all mean 24000/1001

_LENGTHS = (  # short and long word, centimetres
    ("mm", "millimeter", 0.1),
    ("cm", "centimeter", 1.0),
    ("m", "meter", 100.0),
    ("km", "kilometer", 100000.0),
    ("in", "inch", 2.54),
    ("ft", "foot", 30.48),
    ("yd", "yard", 91.44),
    ("mi", "mile", 160934.4),
)
_ANGLES = (  # short and long word, units that make half a turn
    ("deg", "degree", 180.0),
    ("rad", "radian", 3.141592653589793),
    ("min", "minute", 180.0 * 60.0),
    ("sec", "second", 180.0 * 3600.0),
)
CENTIMETRES: dict[str, float] = {word: size for *words, size in _LENGTHS for word in words}
"""How many centimetres a linear unit is, by its short and its long name."""
DEGREES: dict[str, float] = {word: 180.0 / half for *words, half in _ANGLES for word in words}
"""How many degrees an angular unit is, by its short and its long name."""


def rate_of(word: str) -> Fraction | None:
    """Frames a second of a time unit, e.g. `film`, `23.976fps` or `sec`; None for a word that is none."""
    if word in _RATES:
        return _RATES[word]
    match = _NUMERIC_RATE.fullmatch(word)
    rate = Fraction(match[1]) if match else Fraction(0)
    if rate.denominator > 1:
        ntsc = Fraction(round(rate) * 1000, 1001)
        rate = ntsc if abs(ntsc - rate) <= _NTSC_SLACK else rate
    return rate or None


@dataclass(frozen=True)
class Timeline:
    """Where the frames of a take fall in a file.

    Attributes
    ----------
    unit : str
        Maya's word for `rate`.
    rate : Fraction
        Frames a second of the file: the take's, or the next higher one that Maya has a word for.
    fps : Fraction
        Frames a second of the take.
    start : int
        The frame of the file on which frame 0 of the take falls.
    """

    unit: str
    rate: Fraction
    fps: Fraction
    start: int

    @classmethod
    def of(cls, take: Take, *, start_frame: int, path: Path) -> "Timeline":
        """The timeline for writing a take to `path`; a rate that Maya has no word for is told."""
        unit, rate = time_unit(take.fps)
        if rate != take.fps:
            log.warning("%s: Maya has no time unit for %s fps; written at %s", path, take.fps, unit)
        return cls(unit, rate, take.fps, start_frame)

    def frame(self, number: float) -> float:
        """The file's frame for a frame of the take."""
        return self.start + number if self.rate == self.fps else self.start + number * float(self.rate / self.fps)
