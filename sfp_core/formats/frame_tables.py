"""Tables with one row a frame, as other programs write them: reading their cells, and making keys of their columns."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sfp_core.errors import SfpError, listed
from sfp_core.rig import Keys, TangentType


@dataclass(frozen=True)
class FrameTable:
    """A table as it stands.

    Attributes
    ----------
    path : Path
        Of the file.
    header : tuple of str
        Names of the columns.
    rows : tuple of tuple of str
        Cells of every row that is not empty, as many as `header` has.
    lines : tuple of int
        Where each row stands in the file.
    """

    path: Path
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def numbers(self, columns: Sequence[int]) -> np.ndarray:
        """The values of some columns, (rows, columns) float64.

        Raises
        ------
        SfpError
            A cell that is no finite number, named by line and column.
        """
        values = np.empty((len(self.rows), len(columns)))
        problems: list[str] = []
        for place, (line, row) in enumerate(zip(self.lines, self.rows, strict=True)):
            for index, column in enumerate(columns):
                values[place, index] = number = _number(row[column])
                if not math.isfinite(number):
                    name, text = self.header[column], row[column]
                    problems.append(f"{self.path}:{line}: {name}: {text!r:.40}; expected a finite number")
        if problems:
            raise SfpError(listed(problems))
        return values


def read_frame_table(path: Path) -> FrameTable:
    """Read a table of comma-separated values, with or without a byte order mark, lines ending in any way.

    A last row that is cut short, as by a recording that broke off, is passed over.

    Raises
    ------
    SfpError
        Not there, no text, no rows, or a row with more or fewer cells than the header.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream)
            found = [(reader.line_num, tuple(cell.strip() for cell in row)) for row in reader if any(row)]
    except FileNotFoundError as error:
        raise SfpError(f"{path}: no such file") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SfpError(f"{path}: cannot be read as a CSV table ({error})") from error
    header = found[0][1] if found else ()
    body = found[1:]
    if len(body) > 1 and len(body[-1][1]) < len(header):
        body.pop()
    problems = [
        f"{path}:{line}: {len(row)} columns, but the header has {len(header)}"
        for line, row in body
        if len(row) != len(header)
    ]
    if problems:
        raise SfpError(listed(problems))
    if not body:
        raise SfpError(f"{path}: a table without rows; expected a header and one row a frame below it")
    return FrameTable(path, header, tuple(row for _, row in body), tuple(line for line, _ in body))


def dense_keys(frames: np.ndarray, values: np.ndarray) -> Keys:
    """Keys of a curve that is known at every frame: auto tangents, and none where the value stays the same.

    Parameters
    ----------
    frames, values : (n,) float
        Frames rise; n is at least 1.

    Returns
    -------
    Keys
        Every frame at which the curve moves; one key where it never does. Auto tangents are flat where a neighbour
        has the same value, so what is left out plays as it was.
    """
    moves = np.zeros(len(frames) + 1, dtype=bool)
    moves[1:-1] = np.diff(values) != 0
    kept = np.flatnonzero(moves[1:] | moves[:-1]) if moves.any() else np.zeros(1, dtype=np.int64)
    auto: TangentType = "auto"
    types, zeros = (auto,) * len(kept), np.zeros(len(kept))
    return Keys(frames[kept], values[kept], types, types, zeros, zeros)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
