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
        ("file_name,jaw.ty\na,nan\n", r"poses\.csv:2: jaw\.ty: nan is no finite number"),
        ("file_name,jaw.ty\na,-inf\n", r"poses\.csv:2: jaw\.ty: -inf is no finite number"),
        ("file_name,jaw.ty\na,\n", r"poses\.csv:2: jaw\.ty: '' is no number"),
        ("file_name\na\n", r"poses\.csv:1: no column beside 'file_name'"),
        ("file_name,jaw.ty,\na,0,1\n", r"poses\.csv:1: column 3 has no name"),
        ("file_name,jaw.ty,jaw.ty\na,0,0\n", r"poses\.csv:1: controller 'jaw\.ty' has columns 2 and 3; expected one"),
        ("file_name,a:jaw.ty,b:jaw.ty\na,0,0\n", r"poses\.csv:1: controller 'jaw\.ty' has columns 2 and 3"),
        ("file_name,jaw.ty\na,0\nb,0\n", r"poses\.csv: all 2 poses are the neutral one of rig box"),
        ("file_name,jaw.ty\na,1\nb,x\nc\n", r"poses\.csv:3: .*'x' is no number; .*poses\.csv:4: 1 columns"),
        ("file_name,jaw.ty\n" + "a,5\n" * 8, r"poses\.csv:6: .*; and 3 more$"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SfpError, match=message):
        read_pose_table(_table(tmp_path, text), RIG)


def test_namespaces_and_paths_are_no_part_of_a_name(tmp_path: Path) -> None:
    path = _table(tmp_path, "file_name,|grp|show:mery:jaw.ty,show:lid.ty\na,-0.5,1\n")
    assert np.array_equal(read_pose_table(path, RIG)[0][1], [-0.5, 1.0])


def test_names_in_any_script_marks_and_line_ends_of_other_programs(tmp_path: Path) -> None:
    rig = RigSpec("顔", (ControllerSpec("顎.開く", 0, 1),))
    path = tmp_path / "poses.csv"
    path.write_bytes('file_name,顎.開く\r\n"笑顔, 1.png",0.5\r\n'.encode("utf-8-sig"))
    ((name, values),) = read_pose_table(path, rig)
    assert (name, values.tolist()) == ("笑顔, 1.png", [0.5])
    path.write_bytes("file_name,\u984e".encode("utf-16"))
    with pytest.raises(SfpError, match="cannot be read as a CSV table"):
        read_pose_table(path, rig)


def test_what_printing_loses_is_forgiven_and_stays_within_limits(tmp_path: Path) -> None:
    assert read_pose_table(_table(tmp_path, "file_name,jaw.ty\na,-1.0000001\n"), RIG)[0][1][0] == -1.0
    with pytest.raises(SfpError, match=r"-1\.00001 is outside the limits"):
        read_pose_table(_table(tmp_path, "file_name,jaw.ty\na,-1.00001\n"), RIG)


def test_columns_can_be_left_out(tmp_path: Path) -> None:
    path = _table(tmp_path, "file_name,nose.ty,jaw.ty\na,7,-1\n")
    assert np.array_equal(read_pose_table(path, RIG, leave_out={"nose.ty"})[0][1], [-1.0, 0.25])


def test_no_such_table(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match=r"poses\.csv: no such file"):
        read_pose_table(tmp_path / "poses.csv", RIG)
