"""Poses that somebody made: tables, animations, and pictures with the values they show."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sfp_core.character.capture import read_capture
from sfp_core.character.given_poses import poses_of_animation, poses_of_table, poses_of_take
from sfp_core.character.pictured import capture_pictured, read_pictured_table, rig_of_table
from sfp_core.curves.take import Layer, Take, build_take
from sfp_core.errors import SfpError
from sfp_core.formats.curves_json import write_curves_json
from sfp_core.rig import ControllerCurves, ControllerSpec, RigSpec

RIG = RigSpec("box", (ControllerSpec("jaw.ty", -1, 0), ControllerSpec("lid.ty", 0, 1, 0.25)))


def _curves(values: object) -> ControllerCurves:
    return ControllerCurves(RIG, Fraction(24), 0.0, np.array(values, dtype=np.float64))


def test_every_nth_frame_of_an_animation_and_neutral_first() -> None:
    jaw = -np.arange(10) / 10
    poses = poses_of_animation(_curves(np.stack([jaw, np.full(10, 0.5)], axis=1)), every=3)
    assert [pose.kind for pose in poses] == ["neutral", *["table"] * 4]
    assert np.array_equal(poses[0].values, RIG.neutral)
    assert np.array_equal([pose.values[0] for pose in poses[1:]], jaw[::3])


def test_held_and_neutral_frames_are_taken_once() -> None:
    held = [[0, 0.25], [-0.5, 0.25], [-0.5, 0.25], [-0.0, 0.25], [-0.5, 0.25], [-1, 1]]
    poses = poses_of_animation(_curves(held), every=1)
    assert np.array_equal([pose.values for pose in poses], [[0, 0.25], [-0.5, 0.25], [-1, 1]])


@pytest.mark.parametrize(
    ("values", "every", "message"),
    [
        ([[-1, 0]], 0, "every 0 frames; expected a whole number of at least 1"),
        ([[0, 0.25]] * 3, 1, "nothing moves in its 3 poses"),
        ([[0, 0.25], [-1, 0.25]], 2, "nothing moves in its 1 poses"),
    ],
)
def test_animations_that_give_no_poses_are_refused(values: object, every: int, message: str) -> None:
    with pytest.raises(SfpError, match=f"curves of box: {message}"):
        poses_of_animation(_curves(values), every=every)


def test_poses_of_a_take_are_those_of_its_curves(tmp_path: Path) -> None:
    curves = _curves([[-i / 20, 0.25 + i / 40] for i in range(20)])
    take = build_take(curves)
    path = write_curves_json(tmp_path / "take.curves.json", take)
    poses = poses_of_take(path, RIG, every=4)
    assert np.array_equal([pose.values for pose in poses[1:]], take.curves(RIG).values[4::4])
    other = RigSpec("other", (ControllerSpec("jaw.ty", -1, 0),))
    with pytest.raises(SfpError, match=r"take\.curves\.json: rig other has no controller 'lid\.ty'"):
        poses_of_take(path, other, every=1)


def test_a_take_without_channels_moves_nothing(tmp_path: Path) -> None:
    path = write_curves_json(
        tmp_path / "take.curves.json", Take("box", Fraction(24), 5, None, (Layer("speech", 1.0),), ())
    )
    with pytest.raises(SfpError, match="nothing moves in its 5 poses"):
        poses_of_take(path, RIG, every=1)


def test_a_dense_table_gives_every_nth_row(tmp_path: Path) -> None:
    path = tmp_path / "frames.csv"
    path.write_text("file_name,jaw.ty\n" + "".join(f"f{i},{-i / 10}\n" for i in range(10)), encoding="utf-8")
    assert [pose.values[0] for pose in poses_of_table(path, RIG, every=4)] == [0.0, -0.4, -0.8]
    assert len(poses_of_table(path, RIG)) == 10


@pytest.fixture
def pictured(tmp_path: Path) -> tuple[Path, Path]:
    """A table of ten rows in the form of FERG-3D-DB, and a folder with their pictures."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    rows = ["file_name,char:jaw.ty,char:lid.ty"]
    for number in range(10):
        name = f"box_joy_{number}"
        Image.new("RGB", (48, 32), (20 * number, 0, 0)).save(folder / f"{name}.png")
        rows.append(f"{name},{-number / 10},{0.25 + number / 20}")
    (tmp_path / "poses.csv").write_bytes("\r\n".join(rows).encode("utf-8-sig"))
    return tmp_path / "poses.csv", folder


def test_pictures_from_elsewhere_become_a_capture(pictured: tuple[Path, Path], tmp_path: Path) -> None:
    table, pictures = pictured
    capture_pictured(table, pictures, tmp_path / "capture", rig=RIG, unlimited=("jaw.ty",))
    capture = read_capture(tmp_path / "capture")
    assert capture.kinds == ("neutral", *["table"] * 9)
    assert np.allclose(capture.values, [[-i / 10, 0.25 + i / 20] for i in range(10)], atol=1e-9)
    assert (capture.rig.names, capture.size, capture.unlimited) == (RIG.names, (48, 32), ("jaw.ty",))
    for captured in capture.poses:
        assert (tmp_path / "capture" / captured.picture).read_bytes() == (pictures / captured.picture).read_bytes()
    with pytest.raises(SfpError, match=r"capture\.json: is there already"):
        capture_pictured(table, pictures, tmp_path / "capture", rig=RIG)


def test_the_capture_may_be_the_folder_of_the_pictures(pictured: tuple[Path, Path]) -> None:
    table, pictures = pictured
    before = sorted(path.name for path in pictures.iterdir())
    capture_pictured(table, pictures, pictures, rig=RIG)
    assert sorted(path.name for path in pictures.iterdir()) == sorted([*before, "capture.json"])


def test_a_row_can_be_named_as_the_face_at_rest(pictured: tuple[Path, Path], tmp_path: Path) -> None:
    table, pictures = pictured
    capture = capture_pictured(table, pictures, tmp_path / "capture", rig=RIG, rest="box_joy_4.png")
    assert capture.rig.neutral.tolist() == [-0.4, 0.45]
    assert [index for index, kind in enumerate(capture.kinds) if kind == "neutral"] == [4]
    with pytest.raises(SfpError, match="no row of 'box_sad'"):
        capture_pictured(table, pictures, tmp_path / "other", rig=RIG, rest="box_sad")


def test_a_rig_can_be_read_off_its_table(pictured: tuple[Path, Path], tmp_path: Path) -> None:
    table, pictures = pictured
    still = table.read_text(encoding="utf-8-sig").splitlines()
    lines = [f"{line},{'nose.tx' if number == 0 else 0.5}" for number, line in enumerate(still)]
    table.write_text("\n".join(lines), encoding="utf-8")
    rig = rig_of_table(table, name="read", rest="box_joy_0")
    assert rig.names == ("jaw.ty", "lid.ty")  # the nose never moves
    assert (rig.minimum.tolist(), rig.maximum.tolist()) == ([-0.9, 0.25], [0.0, 0.7])
    assert rig.neutral.tolist() == [0.0, 0.25]
    capture = capture_pictured(table, pictures, tmp_path / "capture", name="read", rest="box_joy_0")
    assert read_capture(tmp_path / "capture").unlimited == capture.rig.names


def test_pairs_of_a_rig_read_off_a_table_are_found(tmp_path: Path) -> None:
    path = tmp_path / "poses.csv"
    path.write_text("file_name,lf_lid.ty,rg_lid.ty\na,0,0\nb,1,0.5\n", encoding="utf-8")
    assert rig_of_table(path, name="x").mirror == {"lf_lid.ty": "rg_lid.ty", "rg_lid.ty": "lf_lid.ty"}


def test_a_few_missing_pictures_are_left_out_and_many_are_refused(pictured: tuple[Path, Path]) -> None:
    table, pictures = pictured
    for number in (3, 7):
        (pictures / f"box_joy_{number}.png").unlink()
    assert len(read_pictured_table(table, RIG, pictures=pictures)) == 8
    (pictures / "box_joy_5.png").unlink()
    with pytest.raises(SfpError, match=r"only 7 of 10 pictures are in .*80%; .*box_joy_3: no such picture"):
        read_pictured_table(table, RIG, pictures=pictures)
    with pytest.raises(SfpError, match="no such folder of pictures"):
        read_pictured_table(table, RIG, pictures=pictures / "none")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a.png,0\na.png,-1\n", r"picture 'a\.png' is named twice"),
        ("../a.png,0\nb.png,-1\n", r"picture '\.\./a\.png' leaves the folder"),
        ("/a.png,0\nb.png,-1\n", r"picture '/a\.png' leaves the folder"),
        (",0\nb.png,-1\n", "picture '' leaves the folder"),
        ("a.png,-0.5\nb.png,-1\n", "no row is neutral for rig box; name the picture of the face at rest"),
    ],
)
def test_tables_of_pictures_that_cannot_be_used_are_refused(tmp_path: Path, rows: str, message: str) -> None:
    path = tmp_path / "poses.csv"
    path.write_text("file_name,jaw.ty\n" + rows, encoding="utf-8")
    with pytest.raises(SfpError, match=message):
        read_pictured_table(path, RIG)
