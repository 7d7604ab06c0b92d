"""`sfp character create`: from a rig to a character that can be animated, in one command."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from sfp_core.character.capture import read_capture
from sfp_core.character.character import Character
from sfp_core.formats.curves_json import read_curves_json


def test_a_rig_becomes_a_character_and_is_checked(tmp_path: Path, sfp: Callable, line: Path) -> None:
    bundle = tmp_path / "small.character"
    done = sfp("character", "create", "toon", "--count", "140", "--steps", "150", "-o", bundle)
    assert done.code == 0
    character = Character.load(bundle)
    assert character.rig.name == "toon" and character.training["poses"] > 100
    page = bundle.with_suffix(".report.html").read_text(encoding="utf-8")
    assert "jaw.ty" in page and "data:image" in page
    pictures = sorted((tmp_path / "small.capture").glob("*.jpg"))
    assert len(pictures) == len(read_capture(tmp_path / "small.capture").poses) == 140

    again = sfp("character", "create", "toon", "--count", "140", "-o", bundle)
    assert again.code == 1 and f"{bundle}: is already there; give --force" in again.err

    checked = sfp("character", "check", bundle, "--json")
    assert checked.code == 0
    assert json.loads(checked.out)["faces"]

    take = tmp_path / "take.json"
    assert sfp("animate", line, "--character", bundle, "-o", take).code == 0
    jaw = [channel for channel in read_curves_json(take).channels if channel.controller == "jaw.ty"]
    values = np.array([value for channel in jaw for value in channel.keys.values])
    assert np.ptp(values) > 0.2  # it speaks, even when trained on so little


def test_pictures_of_others_become_a_capture(tmp_path: Path, sfp: Callable) -> None:
    pictures, rows = tmp_path / "pictures", ["file_name,jaw.ty,brow.ty"]
    pictures.mkdir()
    for number in range(4):
        Image.fromarray(np.full((32, 32, 3), 60 * number, np.uint8)).save(pictures / f"{number}.png")
        rows.append(f"{number}.png,{-0.25 * number},{0.1 * number}")
    table, out = tmp_path / "poses.csv", tmp_path / "capture"
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    given = ("character", "capture", "puppet", "--poses", table, "--pictures", pictures, "--rest", "0.png")
    assert sfp(*given, "-o", out).code == 0
    made = read_capture(out)
    assert made.rig.name == "puppet" and made.rig.names == ("jaw.ty", "brow.ty")
    assert made.kinds == ("neutral", "table", "table", "table")
    assert np.allclose(made.values, [[-0.25 * n, 0.1 * n] for n in range(4)])
    assert all((out / one.picture).is_file() for one in made.poses)

    for left_out, told in (("--poses", "pictures alone do not tell"), ("--pictures", "--rest: names a picture")):
        place = given.index(left_out)
        refused = sfp(*given[:place], *given[place + 2 :], "-o", tmp_path / "other")
        assert refused.code == 1 and told in refused.err


def test_the_keys_of_a_take_become_poses(tmp_path: Path, sfp: Callable, line: Path) -> None:
    take, out = tmp_path / "take.json", tmp_path / "capture"
    assert sfp("animate", line, "-o", take).code == 0
    assert sfp("character", "capture", "toon", "--poses", take, "--every", "40", "--size", "64", "-o", out).code == 0
    made = read_capture(out)
    curves = read_curves_json(take).curves(made.rig).values[::40]
    shown = {tuple(values.round(6)) for values in made.values}
    assert made.kinds[0] == "neutral" and set(made.kinds[1:]) == {"table"}
    assert {tuple(values.round(6) + 0.0) for values in curves} <= shown
