"""The CSV of Epic's Live Link Face app: ARKit's 52 blend shapes and nine rotations, one row a frame.

What is known of it, from files that the app recorded (`anim/*.csv` and `csv/*.csv` of the public repository
alexdjulin/LiveLinkFace-CSV-Retarget-For-Motionbuilder):

* the columns are `COLUMNS`, with JawRight before JawLeft and MouthRight before MouthLeft, unlike Apple's own list;
  these files say `BlendShapeCount`, newer ones `BlendshapeCount`; the count is 61 = 52 + 9;
* shapes are 0 to 1 and rotations radians (eyes that look down have a pitch of 0.17), all with ten decimals;
* a time code is `HH:MM:SS:FF.fff`, the frame within the second and thousandths of it. 60 are counted a second also
  where 30 rows are recorded, so that every second number is missing, and steps are not quite whole (1.9995).
"""

import csv
from collections.abc import Collection
from fractions import Fraction
from pathlib import Path

import numpy as np

from sfp_core.curves.loose import LooseCurves
from sfp_core.curves.take import Take
from sfp_core.errors import SfpError
from sfp_core.files import written_whole
from sfp_core.formats.frame_tables import FrameTable, dense_keys, read_frame_table
from sfp_core.formats.timecodes import CodedTimes, code_of_frame, times_of
from sfp_core.heads.actions import ARKIT_52
from sfp_core.rig import ControllerSpec, RigSpec, Unit
from sfp_core.rigs.vocabulary.arkit import ARKIT
from sfp_core.rigs.vocabulary.naming import compact
from sfp_core.rigs.vocabulary.vocabulary import Vocabulary

TIMECODE, COUNT = "Timecode", "BlendshapeCount"


def _eye(side: str) -> tuple[str, ...]:
    return tuple(f"Eye{what}{side}" for what in ("Blink", "LookDown", "LookIn", "LookOut", "LookUp", "Squint", "Wide"))


def _both(*names: str) -> tuple[str, ...]:
    return tuple(name + side for name in names for side in ("Left", "Right"))


ROTATIONS = tuple(part + axis for part in ("Head", "LeftEye", "RightEye") for axis in ("Yaw", "Pitch", "Roll"))
"""Columns in radians."""

COLUMNS: tuple[str, ...] = (
    *_eye("Left"),
    *_eye("Right"),
    *("JawForward", "JawRight", "JawLeft", "JawOpen"),
    *("MouthClose", "MouthFunnel", "MouthPucker", "MouthRight", "MouthLeft"),
    *_both("MouthSmile", "MouthFrown", "MouthDimple", "MouthStretch"),
    *("MouthRollLower", "MouthRollUpper", "MouthShrugLower", "MouthShrugUpper"),
    *_both("MouthPress", "MouthLowerDown", "MouthUpperUp", "BrowDown"),
    "BrowInnerUp",
    *_both("BrowOuterUp"),
    "CheekPuff",
    *_both("CheekSquint", "NoseSneer"),
    "TongueOut",
    *ROTATIONS,
)
"""What the app writes behind time code and count, in its order."""

_TURNS = Vocabulary("live link rotations", {name: () for name in ROTATIONS})
_SLIDER = 2.0  # a controller with a longer way up is no coefficient but a slider of 0 to 10 or 0 to 100


def write_live_link(path: Path, take: Take, *, start_frame: int = 0) -> Path:
    """Write a take for programs that read the app's files. Layers are added up.

    Time codes count at the take's rate, without drop: frame i has a code of its own at 29.97 frames a second too, and
    programs must be told that rate. Shapes that the take lacks are 0.

    Parameters
    ----------
    start_frame : int
        The frame that the first time code counts to; at least 0.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    SfpError
        A take whose controllers are not named as ARKit's shapes.
    """
    if start_frame < 0:
        raise SfpError(f"{path}: start frame {start_frame}; time codes begin at 0")
    rig = take.rig_spec()
    controllers = _controllers(path, rig, {channel.controller for channel in take.channels if channel.keys.count})
    curves = take.curves(rig)
    values = np.zeros((curves.frames, len(COLUMNS)))
    for column, name in enumerate(COLUMNS):
        if name in controllers:
            index = rig.index(controllers[name])
            values[:, column] = _as_written(curves.values[:, index], rig.controllers[index], name)
    with written_whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([TIMECODE, COUNT, *COLUMNS])
        for frame, row in enumerate(values.tolist(), start=start_frame):
            writer.writerow([code_of_frame(frame, take.fps), len(COLUMNS), *(f"{value:.10f}" for value in row)])
    return Path(path)


def _controllers(path: Path, rig: RigSpec, keyed: Collection[str]) -> dict[str, str]:
    """Column -> controller, for those that the rig has; of several meshes with the same shape one that is keyed."""
    shapes = ARKIT.found_in(rig)
    if shapes is None:
        raise SfpError(
            f"{path}: the controllers of {rig.name} are not named as ARKit's blend shapes (jawOpen, mouthClose, ...); "
            "give their names with --map, or export --to csv, which takes any"
        )
    carriers = {compact(word): names for word, names in shapes.controllers.items()}
    for name in ROTATIONS:
        carriers[compact(name)] = tuple(one for one in rig.names if _TURNS.word_of(one) == name)
    found: dict[str, str] = {}
    for column in COLUMNS:
        names = sorted(carriers.get(compact(column), ()), key=lambda name: name not in keyed)
        if names:
            found[column] = names[0]
    return found


def _as_written(values: np.ndarray, spec: ControllerSpec, name: str) -> np.ndarray:
    """Coefficients and radians."""
    if name in ROTATIONS:
        return np.radians(values) if spec.unit == "angle_deg" else values
    if spec.maximum - spec.neutral > _SLIDER:
        return (values - spec.neutral) / (spec.maximum - spec.neutral)
    return values


def read_live_link(path: Path, *, fps: Fraction | None = None) -> LooseCurves:
    """Read a file of the app, or of a program that writes such files.

    Columns are found by name, in any order and case; those that are missing make no curve, and others are passed
    over. Shapes get ARKit's own names (`jawOpen`), rotations become degrees.

    Parameters
    ----------
    fps : Fraction, optional
        The true rate of the frames. Without it, the rate at which most rows follow each other by their time codes,
        in which 29.97 and 30 look the same.

    Returns
    -------
    LooseCurves
        The first row is frame 0. Where rows are missing, the frames keep their time.

    Raises
    ------
    SfpError
        Not such a file, or rows that cannot be read; names the line.
    """
    table = read_frame_table(path)
    columns = _known_columns(table)
    times = _times(table, fps)
    rows, frames = times.on_frames()
    values = table.numbers(tuple(columns.values()))[rows]
    turning = [name in ROTATIONS for name in columns]
    values[:, turning] = np.degrees(values[:, turning])
    units: dict[str, Unit] = {name: "angle_deg" if name in ROTATIONS else "none" for name in columns}
    keys = {name: dense_keys(frames, values[:, index]) for index, name in enumerate(columns)}
    return LooseCurves(keys, units, times.fps)


def _times(table: FrameTable, fps: Fraction | None) -> CodedTimes:
    """By the time codes; without a column of them one row is one frame."""
    codes = next((column for column, name in enumerate(table.header) if name.casefold() == TIMECODE.casefold()), None)
    if codes is not None:
        places = [f"{table.path}:{line}" for line in table.lines]
        return times_of([row[codes] for row in table.rows], places=places, fps=fps)
    if fps is None:
        raise SfpError(f"{table.path}:1: no column {TIMECODE!r}, so the rate is unknown; give one, such as 60")
    return CodedTimes(np.arange(len(table.rows)) / float(fps), fps)


def _known_columns(table: FrameTable) -> dict[str, int]:
    """Controller -> column."""
    names = {compact(name): name for name in (*ARKIT_52, *ROTATIONS)}
    columns: dict[str, int] = {}
    for column, title in enumerate(table.header):
        name = names.get(compact(title))
        if name in columns:
            raise SfpError(f"{table.path}:1: {name} has columns {columns[name] + 1} and {column + 1}; expected one")
        if name is not None:
            columns[name] = column
    if not columns:
        raise SfpError(f"{table.path}:1: no column is a shape of ARKit; expected EyeBlinkLeft and the like")
    return columns
