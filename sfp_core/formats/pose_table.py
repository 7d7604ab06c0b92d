"""Tables of poses: CSV, first column `file_name`, then one column per controller (the form of FERG-3D-DB)."""

import csv
import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sfp_core.errors import SfpError, listed
from sfp_core.rig import RigSpec

FIRST_COLUMN = "file_name"
_LISTED_NAMES = 5
_SLACK = 1e-6  # of a controller's range: what other programs lose by printing numbers


@dataclass(frozen=True)
class PlainTable:
    """A table as it stands, before it is held against a rig.

    Attributes
    ----------
    path : Path
        Of the file.
    controllers : tuple of str
        Without namespaces, in the order of the columns.
    names : tuple of str
        Of the pictures, one a row.
    lines : tuple of int
        Where each row stands in the file.
    values : (P, C) float64
        Controller units.
    """

    path: Path
    controllers: tuple[str, ...]
    names: tuple[str, ...]
    lines: tuple[int, ...]
    values: np.ndarray


def read_pose_table(path: Path, rig: RigSpec, *, leave_out: Collection[str] = ()) -> list[tuple[str, np.ndarray]]:
    """Poses of a rig by the name of their picture.

    Parameters
    ----------
    rig : RigSpec
        Controllers without a column stay at neutral.
    leave_out : collection of str
        Columns that are not read.

    Returns
    -------
    list of (file name, (K,) float64)
        Controller units.

    Raises
    ------
    SfpError
        Not there, no such table, a column that is no controller of the rig or is there twice, a value that is no
        number or outside the controller's limits, or nothing but the rig's neutral; the message names line and column.
    """
    table = read_plain_table(path)
    kept = [column for column, name in enumerate(table.controllers) if name not in leave_out]
    table = replace(
        table, controllers=tuple(table.controllers[column] for column in kept), values=table.values[:, kept]
    )
    unknown = [name for name in table.controllers if name not in rig.names]
    if unknown:
        more = len(unknown) - _LISTED_NAMES
        names = ", ".join(map(repr, unknown[:_LISTED_NAMES])) + (f"; and {more} more" if more > 0 else "")
        raise SfpError(f"{table.path}:1: rig {rig.name} has no controller {names}")
    places = [rig.index(name) for name in table.controllers]
    low, high, slack = rig.minimum[places], rig.maximum[places], _SLACK * (rig.maximum - rig.minimum)[places]
    outside = np.argwhere((table.values < low - slack) | (table.values > high + slack))
    problems = [
        f"{table.path}:{table.lines[row]}: {table.controllers[column]}: {table.values[row, column]:g} is outside the "
        f"limits; expected {low[column]:g} to {high[column]:g}"
        for row, column in outside
    ]
    _refuse(problems)
    poses = np.tile(rig.neutral.astype(np.float64), (len(table.names), 1))
    poses[:, places] = np.clip(table.values, low, high)
    if np.array_equal(poses, np.broadcast_to(rig.neutral, poses.shape)):
        raise SfpError(
            f"{table.path}: all {len(poses)} poses are the neutral one of rig {rig.name}; expected some that move"
        )
    return list(zip(table.names, poses, strict=True))


def read_plain_table(path: Path) -> PlainTable:
    """A table by itself: its columns and numbers are checked, but against no rig.

    Raises
    ------
    SfpError
        Not there, not such a table, a column without a name or there twice, or a value that is no finite number.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream))
    except FileNotFoundError as error:
        raise SfpError(f"{path}: no such file") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SfpError(f"{path}: cannot be read as a CSV table ({error})") from error
    controllers = _columns(path, rows[0] if rows else [])
    filled = [(line, row) for line, row in enumerate(rows[1:], start=2) if any(cell.strip() for cell in row)]
    problems: list[str] = []
    values = [_numbers(row, controllers, f"{path}:{line}", problems) for line, row in filled]
    _refuse(problems)
    if not filled:
        raise SfpError(f"{path}: a table without poses; expected at least one line below the header")
    names = tuple(row[0].strip() for _, row in filled)
    return PlainTable(path, controllers, names, tuple(line for line, _ in filled), np.array(values, dtype=np.float64))


def _columns(path: Path, header: Sequence[str]) -> tuple[str, ...]:
    """The controllers that a header names."""
    if not header or header[0].strip() != FIRST_COLUMN:
        raise SfpError(
            f"{path}:1: first column is {[header[0].strip()] if header else []}; expected {FIRST_COLUMN!r}, then one "
            "column a controller"
        )
    controllers = tuple(_plain(name) for name in header[1:])
    if not controllers:
        raise SfpError(f"{path}:1: no column beside {FIRST_COLUMN!r}; expected one for each controller")
    problems = [f"{path}:1: column {number} has no name" for number, name in enumerate(controllers, 2) if not name]
    for name in dict.fromkeys(name for name in controllers if name and controllers.count(name) > 1):
        columns = [str(number) for number, other in enumerate(controllers, start=2) if other == name]
        problems.append(f"{path}:1: controller {name!r} has columns {' and '.join(columns)}; expected one")
    _refuse(problems)
    return controllers


def _plain(name: str) -> str:
    """A name without namespaces and the path in front of its node: `|group|char:jaw.ty` -> `jaw.ty`."""
    node, dot, attribute = name.strip().rpartition(".")
    return re.split(r"[|:]", node)[-1] + dot + attribute if dot else re.split(r"[|:]", attribute)[-1]


def _numbers(row: Sequence[str], controllers: Sequence[str], where: str, problems: list[str]) -> list[float]:
    """The values of a row; what is wrong with it is added to `problems`."""
    if len(row) != len(controllers) + 1:
        problems.append(f"{where}: {len(row)} columns, but the header has {len(controllers) + 1}")
        return [math.nan] * len(controllers)
    values = []
    for name, text in zip(controllers, row[1:], strict=True):
        try:
            values.append(float(text))
        except ValueError:
            problems.append(f"{where}: {name}: {text!r} is no number")
            values.append(math.nan)
        else:
            if not math.isfinite(values[-1]):
                problems.append(f"{where}: {name}: {text.strip()} is no finite number")
    return values


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise SfpError(listed(problems))
