"""capture.json, and rendering what it lists."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sfp_core.character.capture import CAPTURE_FILE, capture_character, read_capture, write_capture
from sfp_core.character.poses import pose_set
from sfp_core.errors import SfpError


def _written(dots: Any, folder: Path) -> dict[str, Any]:
    capture_character(dots, pose_set(dots.rig, count=20, seed=0), folder, size=64)
    content = json.loads((folder / CAPTURE_FILE).read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def _refused(folder: Path, content: dict[str, Any]) -> str:
    (folder / CAPTURE_FILE).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(SfpError) as caught:
        read_capture(folder)
    assert "\n" not in str(caught.value)
    assert str(folder / CAPTURE_FILE) in str(caught.value)
    return str(caught.value)


def test_what_is_written_is_read_back(dots: Any, tmp_path: Path) -> None:
    made = capture_character(dots, pose_set(dots.rig, count=40, seed=0), tmp_path, size=64, source="a test")
    read = read_capture(tmp_path)
    assert (read.rig.names, read.rig.mirror, read.kinds) == (made.rig.names, made.rig.mirror, made.kinds)
    assert (read.source, read.size, read.fov_deg) == ("a test", (64, 64), 22.0)
    assert np.allclose(read.values, made.values, atol=1e-9)
    assert all((tmp_path / captured.picture).stat().st_size for captured in read.poses)
    again = write_capture(tmp_path / "again", read).read_bytes()
    assert again == (tmp_path / CAPTURE_FILE).read_bytes()


def test_a_value_left_out_is_neutral(dots: Any, tmp_path: Path) -> None:
    content = _written(dots, tmp_path)
    assert content["poses"][0]["values"] == {}
    content["poses"][-1]["values"] = {"lf_lid.rx": 5}
    (tmp_path / CAPTURE_FILE).write_text(json.dumps(content), encoding="utf-8")
    rig = dots.rig
    expected = rig.neutral.copy()
    expected[rig.index("lf_lid.rx")] = 5
    assert np.array_equal(read_capture(tmp_path).values[-1], expected)


def test_a_broken_off_capture_renders_only_what_is_missing(tmp_path: Path, dots: Any) -> None:
    fresh = type(dots)()
    poses = pose_set(fresh.rig, count=20, seed=0)
    capture_character(fresh, poses, tmp_path, size=64)
    lost = tmp_path / "00013.jpg"
    before = lost.read_bytes()
    lost.unlink()
    again = type(dots)()
    told: list[tuple[int, int]] = []
    capture_character(again, poses, tmp_path, size=64, progress=lambda done, total: told.append((done, total)))
    assert len(again.seen) == 2  # the first neutral, to see that the look is the same, and the lost one
    assert np.array_equal(again.seen[1], poses[13].values)
    assert told[-1] == (20, 20)
    assert lost.read_bytes() != before or lost.exists()


def test_a_folder_of_other_poses_or_another_look_is_refused(tmp_path: Path, dots: Any) -> None:
    capture_character(type(dots)(), pose_set(dots.rig, count=20, seed=0), tmp_path, size=64)
    with pytest.raises(SfpError, match="holds a capture of other poses"):
        capture_character(type(dots)(), pose_set(dots.rig, count=20, seed=1), tmp_path, size=64)
    changed = type(dots)()
    changed.seen.append(np.zeros(12))  # its first picture is then another
    with pytest.raises(SfpError, match="as it no longer looks"):
        capture_character(changed, pose_set(dots.rig, count=20, seed=0), tmp_path, size=64)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("controllers", 0, "maximum"), -1, "minimum -1 must be below maximum -1"),
        (("controllers", 0, "maximum"), -2, "minimum -1 must be below maximum -2"),
        (("controllers", 0, "neutral"), float("nan"), r"controllers[0].neutral: expected a number, got nan"),
        (("controllers", 1, "name"), "jaw.ty", "named twice: jaw.ty"),
        (("controllers", 0, "name"), "toon:jaw.ty", "carries a namespace"),
        (("controllers", 0, "unit"), "furlong", "controllers[0].unit: 'furlong'"),
        (("controllers",), [], "controllers: expected a list with at least one entry"),
        (("camera", "size"), [0, 3], "camera.size: expected [width, height]"),
        (("poses", 7, "values"), {"jaw.ty": 3.5}, "poses[7].values.jaw.ty: 3.5, expected -1 to 0"),
        (("poses", 7, "values"), {"jaw.ty": "x"}, "poses[7].values.jaw.ty: expected a number, got 'x'"),
        (("poses", 7, "values"), {"nose.ty": 0}, "poses[7].values: no controller 'nose.ty'"),
        (("poses", 7, "kind"), "odd", "poses[7].kind: 'odd'"),
        (("poses", 0, "values"), {"jaw.ty": -0.5}, "poses[0]: is called neutral, but its values are not"),
        (("poses", 7, "picture"), "../../etc/passwd", "leaves the folder"),
        (("poses", 7, "picture"), "/etc/passwd", "leaves the folder"),
        (("poses", 7, "picture"), "00000.jpg", "picture '00000.jpg' is named twice"),
        (("version",), 2, "newer than this program reads"),
        (("format",), "sfp.curves", "expected 'sfp.capture'"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    dots: Any, tmp_path: Path, place: tuple[Any, ...], value: Any, message: str
) -> None:
    content = _written(dots, tmp_path)
    entry: Any = content
    for step in place[:-1]:
        entry = entry[step]
    entry[place[-1]] = value
    assert message in _refused(tmp_path, content)


def test_no_neutral_pose_is_refused_and_all_problems_are_told_at_once(dots: Any, tmp_path: Path) -> None:
    content = _written(dots, tmp_path)
    content["poses"] = [
        {"picture": f"{i}.jpg", "kind": "dense", "values": {"jaw.ty": 9, "pucker.ty": 0.5}} for i in range(8)
    ]
    message = _refused(tmp_path, content)
    assert "poses[0].values.jaw.ty: 9" in message
    assert "poses[4].values.jaw.ty: 9" in message
    assert message.endswith("and 4 more")
    content["poses"] = [{"picture": "0.jpg", "kind": "dense", "values": {"jaw.ty": -0.5}}]
    assert "none is neutral" in _refused(tmp_path, content)
