"""A folder of pictures and a table of the controller values they show, made elsewhere, as a capture."""

import shutil
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image, UnidentifiedImageError

from sfp_core.character.capture import CAPTURE_FILE, Capture, CapturedPose, write_capture
from sfp_core.character.poses import Pose
from sfp_core.errors import SfpError, listed
from sfp_core.files import written_whole
from sfp_core.formats.pose_table import PlainTable, read_plain_table, read_pose_table
from sfp_core.rig import ControllerSpec, RigSpec
from sfp_core.rigs.mirrors import mirrors

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
_KEPT_AT_LEAST = 0.8  # of the table's pictures; as when a capture is looked at
_UNKNOWN_FOV_DEG = 30.0  # nobody says what camera it was; it is for the record only


def read_pictured_table(
    path: Path, rig: RigSpec, *, pictures: Path | None = None, leave_out: Collection[str] = ()
) -> tuple[CapturedPose, ...]:
    """The rows of a table as entries of a capture: the picture of the column `file_name`, and the pose it shows.

    Parameters
    ----------
    pictures : Path, optional
        Their folder. With it, a name without suffix finds its picture there, and rows without a picture are left
        out as long as 80 % remain.
    leave_out : collection of str
        Columns that are not read.

    Raises
    ------
    SfpError
        A table that does not fit the rig, a picture named twice or outside the folder, too few pictures, or no row
        that is neutral.
    """
    rows = read_pose_table(path, rig, leave_out=leave_out)
    found = _found([name for name, _ in rows], Path(pictures) if pictures is not None else None, Path(path))
    entries = tuple(
        CapturedPose(found[name], Pose("neutral" if np.array_equal(values, rig.neutral) else "table", values))
        for name, values in rows
        if name in found
    )
    if not any(entry.pose.kind == "neutral" for entry in entries):
        raise SfpError(
            f"{path}: no row is neutral for rig {rig.name}; name the picture of the face at rest, "
            "whose values then are the rig's neutral"
        )
    return entries


def capture_pictured(
    table: Path,
    pictures: Path,
    folder: Path,
    *,
    rig: RigSpec | None = None,
    name: str = "",
    rest: str | None = None,
    source: str = "",
    unlimited: Sequence[str] = (),
) -> Capture:
    """Write `capture.json` for pictures made elsewhere; they are copied beside it, unless they are there.

    Parameters
    ----------
    folder : Path
        Of the capture; may be `pictures` itself.
    rig : RigSpec, optional
        Else it is read off the table: see `rig_of_table`.
    name : str
        Of a rig that is read off the table.
    rest : str, optional
        The `file_name` of the picture of the face at rest: its values become the rig's neutral.
    unlimited : sequence of str
        Controllers whose limits are a proposal.

    Raises
    ------
    SfpError
        As `read_pictured_table`; a capture that is there already; no picture of that name.
    """
    folder = Path(folder)
    if (folder / CAPTURE_FILE).exists():
        raise SfpError(f"{folder / CAPTURE_FILE}: is there already; delete it or choose another folder")
    leave_out: set[str] = set()
    if rig is None:
        rig = rig_of_table(table, name=name, rest=rest)
        unlimited, leave_out = rig.names, set(read_plain_table(table).controllers) - set(rig.names)
    elif rest is not None:
        rig = _resting(rig, read_plain_table(table), rest)
    entries = read_pictured_table(table, rig, pictures=pictures, leave_out=leave_out)
    size = _size(Path(pictures) / next(entry.picture for entry in entries if entry.pose.kind == "neutral"))
    for entry in entries:
        target = folder / entry.picture
        if not target.exists():
            with written_whole(target) as temporary:
                shutil.copyfile(Path(pictures) / entry.picture, temporary)
    told = source or f"table {Path(table).name}"
    capture = Capture(rig, told, _UNKNOWN_FOV_DEG, size, entries, tuple(unlimited))
    write_capture(folder, capture)
    return capture


def rig_of_table(path: Path, *, name: str, rest: str | None = None) -> RigSpec:
    """The rig that a table shows: its columns, each limited to the values that occur.

    Columns that never change are left out. Such limits are a proposal: the rig may go further.

    Parameters
    ----------
    rest : str, optional
        The `file_name` of the picture of the face at rest; else neutral is 0, or the value next to it that occurs.
    """
    table = read_plain_table(path)
    low, high = table.values.min(axis=0), table.values.max(axis=0)
    resting = table.values[_row(table, rest)] if rest is not None else np.clip(0.0, low, high)
    specs = tuple(
        ControllerSpec(controller, float(low[k]), float(high[k]), float(resting[k]))
        for k, controller in enumerate(table.controllers)
        if low[k] < high[k]
    )
    if not specs:
        raise SfpError(f"{path}: no column changes in its {len(table.names)} rows; expected controllers that move")
    return RigSpec(name or Path(path).stem, specs, mirrors([spec.name for spec in specs]))


def _resting(rig: RigSpec, table: PlainTable, rest: str) -> RigSpec:
    """The rig with the values of one row as its neutral."""
    row = dict(zip(table.controllers, table.values[_row(table, rest)].tolist(), strict=True))
    specs = []
    for spec in rig.controllers:
        try:
            specs.append(replace(spec, neutral=row.get(spec.name, spec.neutral)))
        except SfpError as error:
            raise SfpError(f"{table.path}: the row of {rest}: {error}") from error
    return RigSpec(rig.name, tuple(specs), rig.mirror)


def _row(table: PlainTable, rest: str) -> int:
    stems = [PurePosixPath(name).stem for name in table.names]
    for names, wanted in ((table.names, rest), (stems, PurePosixPath(rest).stem)):
        if wanted in names:
            return list(names).index(wanted)
    raise SfpError(f"{table.path}: no row of {rest!r}, the face at rest; rows are {', '.join(table.names[:3])} ...")


def _found(names: Sequence[str], folder: Path | None, table: Path) -> Mapping[str, str]:
    """Picture of each name, as a path inside the folder with forward slashes; names without one are left out."""
    problems = [f"{table}: picture {name!r} is named twice" for name, count in Counter(names).items() if count > 1]
    for name in names:
        path = PurePosixPath(name)
        if not name or path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
            problems.append(f"{table}: picture {name!r} leaves the folder; expected a name inside it")
    if problems:
        raise SfpError(listed(problems))
    if folder is None:
        return {name: name for name in names}
    if not folder.is_dir():
        raise SfpError(f"{folder}: no such folder of pictures")
    found = {name: picture for name in names if (picture := _picture(folder, name))}
    missing = [f"{folder / name}: no such picture" for name in names if name not in found]
    if len(found) < _KEPT_AT_LEAST * len(names):
        raise SfpError(
            f"{table}: only {len(found)} of {len(names)} pictures are in {folder}, expected at least "
            f"{_KEPT_AT_LEAST:.0%}; {listed(missing)}"
        )
    return found


def _picture(folder: Path, name: str) -> str | None:
    candidates = [name] if PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES else []
    candidates += [name + suffix for suffix in PICTURE_SUFFIXES]
    return next((candidate for candidate in candidates if (folder / candidate).is_file()), None)


def _size(path: Path) -> tuple[int, int]:
    """(width, height) of a picture, pixels."""
    try:
        with Image.open(path) as picture:
            return picture.size
    except (OSError, UnidentifiedImageError) as error:
        raise SfpError(f"{path}: cannot be read as a picture ({error})") from error
