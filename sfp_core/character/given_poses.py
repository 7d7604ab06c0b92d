"""Poses that somebody made: a table's rows, or every n-th frame of the rig's own animation."""

from pathlib import Path

import numpy as np

from sfp_core.character.poses import Pose
from sfp_core.errors import SfpError
from sfp_core.formats.curves_json import read_curves_json
from sfp_core.formats.pose_table import read_pose_table
from sfp_core.rig import ControllerCurves, RigSpec


def poses_of_table(path: Path, rig: RigSpec, *, every: int = 1) -> tuple[Pose, ...]:
    """The neutral pose, then every n-th row of a table of poses or frames.

    Rows that repeat an earlier one are left out. Raises SfpError for a table that does not fit the rig.
    """
    return _given(rig, np.array([values for _, values in read_pose_table(path, rig)]), every, str(path))


def poses_of_animation(curves: ControllerCurves, *, every: int) -> tuple[Pose, ...]:
    """The neutral pose, then every n-th frame of an animation.

    Parameters
    ----------
    every : int
        Frames from one pose to the next, at least 1; frame 0 is the first.

    Returns
    -------
    tuple of Pose
        Frames that repeat an earlier one (a held pose) are left out.

    Raises
    ------
    SfpError
        Nothing moves.
    """
    return _given(curves.rig, curves.values, every, f"curves of {curves.rig.name}")


def poses_of_take(path: Path, rig: RigSpec, *, every: int) -> tuple[Pose, ...]:
    """As `poses_of_animation`, from a `take.curves.json` of this rig."""
    take = read_curves_json(path)
    strangers = sorted({channel.controller for channel in take.channels} - set(rig.names))
    if strangers:
        raise SfpError(f"{path}: rig {rig.name} has no controller {', '.join(map(repr, strangers[:5]))}")
    return _given(rig, take.curves(rig).values, every, str(path))


def _given(rig: RigSpec, values: np.ndarray, every: int, where: str) -> tuple[Pose, ...]:
    if every < 1:
        raise SfpError(f"{where}: every {every} frames; expected a whole number of at least 1")
    inside = np.clip(values[::every], rig.minimum, rig.maximum)  # 1e-9 of the range is forgiven to curves
    different: dict[bytes, np.ndarray] = {one.tobytes(): one for one in inside + 0.0}  # no minus zeros
    different.pop((rig.neutral + 0.0).tobytes(), None)
    if not different:
        raise SfpError(f"{where}: nothing moves in its {len(inside)} poses; expected some that are not neutral")
    return (Pose("neutral", rig.neutral.astype(np.float64)), *(Pose("table", one) for one in different.values()))
