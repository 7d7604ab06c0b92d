"""Tables of poses."""

from pathlib import Path

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.formats.pose_table import read_pose_table
from sfp_core.rig import ControllerSpec, RigSpec

RIG = RigSpec("box", (ControllerSpec("jaw.ty", -1, 0), ControllerSpec("lid.ty", 0, 1, 0.25)))


def _table(tmp_path: Path, text: str) -> Path:
    (tmp_path / "poses.csv").write_text(text, encoding="utf-8")
    return tmp_path / "poses.csv"


def test_columns_in_any_order_and_neutral_where_there_is_none(tmp_path: Path) -> None:
    path = _table(tmp_path, "file_name, lid.ty\na.png,0.5\n\nb.png, 1\n")
    poses = read_pose_table(path, RIG)
    assert [name for name, _ in poses] == ["a.png", "b.png"]
    assert np.array_equal([values for _, values in poses], [[0.0, 0.5], [0.0, 1.0]])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"poses\.csv:1: first column is \[\]; expected 'file_name'"),
        ("jaw.ty\n1\n", r"poses\.csv:1: first column is \['jaw\.ty'\]"),
        ("file_name,nose.ty\na,1\n", r"poses\.csv:1: rig box has no controller 'nose\.ty'"),
        ("file_name,jaw.ty\n", r"poses\.csv: a table without poses"),
        ("file_name,jaw.ty\na,-1\nb\n", r"poses\.csv:3: 1 columns, but the header has 2"),
        ("file_name,jaw.ty\na,wide\n", r"poses\.csv:2: jaw\.ty: 'wide' is no number"),
        ("file_name,jaw.ty\na,0.5\n", r"poses\.csv:2: jaw\.ty: 0\.5 is outside the limits; expected -1 to 0"),
        ("file_name,jaw.ty\na,nan\n", r"poses\.csv:2: jaw\.ty: nan is outside the limits"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SfpError, match=message):
        read_pose_table(_table(tmp_path, text), RIG)


def test_no_such_table(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match=r"poses\.csv: no such file"):
        read_pose_table(tmp_path / "poses.csv", RIG)
