"""`sfp character list` and `show`: every character told, its sheet written, errors in one line."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sfp_core.character.capture import read_capture
from sfp_core.heads.actions import ARKIT_52
from sfp_core.rigs.procedural import ProceduralCharacter, character_names, described
from sfp_core.rigs.sheet import sheet_height


def test_list_tells_every_character_its_controllers_and_what_it_is(sfp: Callable) -> None:
    done = sfp("character", "list")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert [line.split(":")[0] for line in lines] == list(character_names())
    for name, line in zip(character_names(), lines, strict=True):
        state = "ready to animate" if name == "toon" else "no bundle yet"
        assert line == f"{name}: 47 controllers; {state}; {described(name)}"


def test_list_as_json_holds_the_same(sfp: Callable) -> None:
    done = sfp("character", "list", "--json")
    assert (done.code, done.err) == (0, "")
    told = {entry.pop("name"): entry for entry in json.loads(done.out)}
    assert tuple(told) == character_names()
    assert told["toon"] == {
        "description": described("toon"),
        "controllers": 47,
        "layers": {"panel": 47, "arkit": 52},
        "animatable": True,
    }


def test_list_draws_the_cast(sfp: Callable, tmp_path: Path) -> None:
    done = sfp("character", "list", "-o", tmp_path / "cast.png")
    assert (done.code, done.err) == (0, f"sfp: wrote {tmp_path / 'cast.png'}\n")
    assert len(done.out.splitlines()) == len(character_names())
    with Image.open(tmp_path / "cast.png") as picture:
        assert picture.size[0] == 1600


@pytest.mark.parametrize("name", [name for name in character_names() if name in ("toon", "grumm")])
def test_show_writes_the_sheet(sfp: Callable, tmp_path: Path, name: str) -> None:
    done = sfp("character", "show", name, "--size", "320", "-o", tmp_path / "sheet.png")
    assert (done.code, done.out, done.err) == (0, "", f"sfp: wrote {tmp_path / 'sheet.png'}\n")
    with Image.open(tmp_path / "sheet.png") as picture:
        assert picture.size == (320, sheet_height(320))
    assert list(tmp_path.iterdir()) == [tmp_path / "sheet.png"]


def test_show_at_rest_is_the_picture_of_the_resting_character(sfp: Callable, tmp_path: Path) -> None:
    done = sfp("character", "show", "toon", "--rest", "--size", "128", "-o", tmp_path / "toon.png")
    assert (done.code, done.err) == (0, f"sfp: wrote {tmp_path / 'toon.png'}\n")
    toon = ProceduralCharacter.named("toon")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "toon.png")), toon.picture(toon.rig.neutral, size=128))


def test_a_bundle_without_a_picture_says_what_is_possible(sfp: Callable, tmp_path: Path, toon_bundle: Path) -> None:
    plain = tmp_path / "plain.character"
    with zipfile.ZipFile(toon_bundle) as whole, zipfile.ZipFile(plain, "w") as rest:
        for member in whole.namelist():
            if member != "thumbnail.png":
                rest.writestr(member, whole.read(member))
    done = sfp("character", "show", plain, "-o", tmp_path / "plain.png")
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "plain.character: no picture in it" in done.err and "sfp info" in done.err
    assert not (tmp_path / "plain.png").exists()


@pytest.mark.parametrize(
    ("name", "output", "told"),
    [
        ("nobody", "x.png", "character 'nobody' is unknown; expected a .character file or one of: "),
        ("gone.character", "x.png", "gone.character: no such character file"),
        ("toon", "x.jpg", "x.jpg: pictures of characters are written as .png, got .jpg"),
        ("toon", "", "is a folder; expected a file name"),
    ],
)
def test_what_cannot_be_shown_is_told_in_one_line(
    sfp: Callable, tmp_path: Path, name: str, output: str, told: str
) -> None:
    done = sfp("character", "show", name, "-o", tmp_path / output)
    assert done.code == 1
    assert done.err.startswith("sfp: error: ") and done.err.count("\n") == 1
    assert told in done.err


def test_a_built_in_character_is_captured_by_arkit_names(sfp: Callable, tmp_path: Path) -> None:
    done = sfp(
        "character", "capture", "toon", "--controls", "arkit", "--count", "14", "--size", "64", "-o", tmp_path / "c"
    )
    assert done.code == 0, done.err
    capture = read_capture(tmp_path / "c")
    assert capture.rig.names == ARKIT_52
    assert capture.hidden == ("tongueOut",)
