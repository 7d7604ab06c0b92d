"""Tables of poses: CSV, first column `file_name`, then one column per controller (the form of FERG-3D-DB)."""

import csv
from pathlib import Path

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.rig import RigSpec

FIRST_COLUMN = "file_name"


def read_pose_table(path: Path, rig: RigSpec) -> list[tuple[str, np.ndarray]]:
    """Poses of a rig by the name of their picture.

    Parameters
    ----------
    rig : RigSpec
        Controllers without a column stay at neutral.

    Returns
    -------
    list of (file name, (K,) float64)
        Controller units.

    Raises
    ------
    SfpError
        Not there, no such table, a column that is no controller of the rig, or a value that is no number or outside
        the controller's limits; the message names line and column.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream))
    except FileNotFoundError as error:
        raise SfpError(f"{path}: no such file") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SfpError(f"{path}: cannot be read as a CSV table ({error})") from error
    header = [name.strip() for name in rows[0]] if rows else []
    if not header or header[0] != FIRST_COLUMN:
        raise SfpError(
            f"{path}:1: first column is {header[:1]}; expected {FIRST_COLUMN!r}, then one column a controller"
        )
    unknown = [name for name in header[1:] if name not in rig.names]
    if unknown:
        raise SfpError(f"{path}:1: rig {rig.name} has no controller {', '.join(map(repr, unknown[:5]))}")
    poses = [_pose(row, header, rig, f"{path}:{number}") for number, row in enumerate(rows[1:], start=2) if any(row)]
    if not poses:
        raise SfpError(f"{path}: a table without poses; expected at least one line below the header")
    return poses


def _pose(row: list[str], header: list[str], rig: RigSpec, where: str) -> tuple[str, np.ndarray]:
    if len(row) != len(header):
        raise SfpError(f"{where}: {len(row)} columns, but the header has {len(header)}")
    values = rig.neutral.copy()
    for name, text in zip(header[1:], row[1:], strict=True):
        index = rig.index(name)
        try:
            values[index] = float(text)
        except ValueError as error:
            raise SfpError(f"{where}: {name}: {text!r} is no number") from error
        if not rig.minimum[index] <= values[index] <= rig.maximum[index]:  # False for NaN, too
            limits = f"{rig.minimum[index]:g} to {rig.maximum[index]:g}"
            raise SfpError(f"{where}: {name}: {values[index]:g} is outside the limits; expected {limits}")
    return row[0].strip(), values
