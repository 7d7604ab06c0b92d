"""`sfp character`: list, show, capture; `train` is run with the README's commands."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sfp_core.character.capture import read_capture
from sfp_core.rigs.procedural import ProceduralCharacter

TOON = ProceduralCharacter.named("toon")


def test_the_built_in_character_is_listed(sfp: Callable) -> None:
    done = sfp("character", "list")
    assert (done.code, done.err) == (0, "")
    assert any(line.startswith(f"toon: {len(TOON.rig.controllers)} controllers;") for line in done.out.splitlines())


def test_show_draws_the_character_at_rest(sfp: Callable, tmp_path: Path) -> None:
    done = sfp("character", "show", "toon", "--rest", "--size", "128", "-o", tmp_path / "toon.png")
    assert (done.code, done.err) == (0, f"sfp: wrote {tmp_path / 'toon.png'}\n")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "toon.png")), TOON.picture(TOON.rig.neutral, size=128))


def test_show_takes_the_picture_out_of_a_bundle(sfp: Callable, tmp_path: Path, toon_bundle: Path) -> None:
    assert sfp("character", "show", toon_bundle, "-o", tmp_path / "toon.png").code == 0
    with Image.open(tmp_path / "toon.png") as picture:
        assert picture.size[0] >= 64


def test_an_unknown_character_is_named_with_those_there_are(sfp: Callable, tmp_path: Path) -> None:
    done = sfp("character", "show", "nobody", "-o", tmp_path / "nobody.png")
    assert done.code == 1
    assert done.err.startswith("sfp: error: character 'nobody' is unknown; expected ")
    assert "toon" in done.err


def test_a_capture_goes_on_where_it_was_stopped(sfp: Callable, tmp_path: Path) -> None:
    command = ("character", "capture", "toon", "--count", "16", "--size", "64", "-o", tmp_path / "toon")
    assert sfp(*command).code == 0
    pictures = sorted((tmp_path / "toon").glob("*.jpg"))
    contents = [path.read_bytes() for path in pictures]
    assert len(pictures) == 16
    pictures[5].unlink()
    kept = pictures[4].stat().st_mtime_ns
    assert sfp(*command).code == 0
    assert pictures[4].stat().st_mtime_ns == kept
    assert [path.read_bytes() for path in pictures] == contents


def test_a_capture_of_other_poses_is_not_mixed_in(sfp: Callable, tmp_path: Path) -> None:
    common = ("character", "capture", "toon", "--count", "14", "--size", "64", "-o", tmp_path / "toon")
    assert sfp(*common).code == 0
    done = sfp(*common, "--seed", "1")
    assert done.code == 1
    assert "holds a capture of other poses" in done.err


def test_poses_of_a_table_are_captured_after_the_neutral_one(sfp: Callable, tmp_path: Path) -> None:
    (tmp_path / "poses.csv").write_text("file_name,jaw.ty,lf_corner.ty\na.png,-0.5,0\nb.png,0,0.25\n", encoding="utf-8")
    done = sfp("character", "capture", "toon", "--poses", tmp_path / "poses.csv", "--size", "64", "-o", tmp_path / "c")
    assert done.code == 0, done.err
    capture = read_capture(tmp_path / "c")
    assert capture.kinds == ("neutral", "table", "table")
    jaw, corner = TOON.rig.index("jaw.ty"), TOON.rig.index("lf_corner.ty")
    assert np.array_equal(capture.values[:, [jaw, corner]], [[0, 0], [-0.5, 0], [0, 0.25]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content | {"version": 99}, "sfp.capture version 99 is newer than this program reads (1)"),
        (lambda content: content | {"poses": []}, "poses: expected a list with at least one entry"),
    ],
    ids=["newer version", "no poses"],
)
def test_a_capture_that_cannot_be_used_is_not_trained_on(
    sfp: Callable, tmp_path: Path, change: Callable[[dict], dict], message: str
) -> None:
    command = ("character", "capture", "toon", "--count", "14", "--size", "64", "-o", tmp_path / "toon")
    assert sfp(*command).code == 0
    path = tmp_path / "toon" / "capture.json"
    path.write_text(json.dumps(change(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
    done = sfp("character", "train", tmp_path / "toon", "-o", tmp_path / "toon.character")
    assert done.code == 1
    assert done.err.startswith(f"sfp: error: {path}: ")
    assert message in done.err
    assert not (tmp_path / "toon.character").exists()
