"""Captures that cannot be trained on, through the command line: one line that names the thing, nothing written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sfp_core.character.capture import capture_character
from sfp_core.character.observe import observe
from sfp_core.character.poses import pose_set
from sfp_core.errors import SfpError


@pytest.fixture
def folder(dots: Any, tmp_path: Path) -> Path:
    capture_character(dots, pose_set(dots.rig, count=20, seed=0), tmp_path / "c", size=64)
    return tmp_path / "c"


def _changed(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = folder / "capture.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def _first(**changes: object) -> Callable[[dict[str, Any]], None]:
    return lambda content: content["controllers"][0].update(changes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_first(maximum=-1), "controllers[0]: controller jaw.ty: minimum -1 must be below maximum -1"),
        (_first(minimum=0, maximum=-1), "controllers[0]: controller jaw.ty: minimum 0 must be below maximum -1"),
        (_first(minimum=float("nan")), "controllers[0].minimum: expected a number, got nan"),
        (_first(name="jaw.tx"), "controllers named twice: jaw.tx"),
        (_first(name="toon:jaw.ty"), "controllers[0].name: 'toon:jaw.ty' carries a namespace"),
        (lambda c: c.update(controllers=[]), "controllers: expected a list with at least one entry"),
        (
            lambda c: [pose["values"].update({"nose.ty": 0.5}) for pose in c["poses"][12:]],
            "poses: 8 of 20 name controllers that rig 'dots' has not: two rigs in one capture?",
        ),
        (
            lambda c: c["poses"][15]["values"].update({"jaw.ty": float("nan")}),
            "poses[15].values.jaw.ty: expected a number, got nan",
        ),
    ],
    ids=["equal limits", "limits turned", "NaN limit", "name twice", "namespace", "none", "two rigs", "NaN value"],
)  # fmt: skip
def test_a_capture_that_is_wrong_is_told_in_one_line(
    sfp: Callable, folder: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    _changed(folder, change)
    done = sfp("character", "train", folder, "-o", folder.parent / "x.character")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"sfp: error: {folder / 'capture.json'}: ")
    assert message in done.err
    assert done.err.count("\n") == 1
    assert not list(folder.parent.glob("x.*"))


def test_nothing_is_replaced_without_force(sfp: Callable, folder: Path) -> None:
    bundle, page = folder.parent / "x.character", folder.parent / "x.report.html"
    for there in (bundle, page):
        there.write_text("mine", encoding="utf-8")
        done = sfp("character", "train", folder, "-o", bundle)
        assert done.code == 1
        assert done.err == f"sfp: error: {there}: is already there; give --force to replace it, or another name\n"
        made = sfp("character", "create", "toon", "-o", bundle)
        assert (made.code, made.err) == (1, done.err)
        assert there.read_text(encoding="utf-8") == "mine"
        there.unlink()
    done = sfp("character", "train", folder, "-o", bundle, "--report", folder.parent / "page.txt")
    assert done.err == f"sfp: error: {folder.parent / 'page.txt'}: pages are written as .html, got .txt\n"


def test_names_in_any_script_are_kept(dots: Any, tmp_path: Path) -> None:
    from dataclasses import replace

    from sfp_core.character.capture import read_capture
    from sfp_core.rig import RigSpec

    specs = tuple(replace(spec, name=f"\u53e3_\u00e9.{i}") for i, spec in enumerate(dots.rig.controllers))
    dots.rig = RigSpec("\u982d", specs)
    capture_character(dots, pose_set(dots.rig, count=20, seed=0), tmp_path, size=64)
    assert read_capture(tmp_path).rig.names == dots.rig.names


def test_pictures_of_another_size_are_listed_as_not_of_this_capture(
    dots: Any, detector_of: Any, tmp_path: Path
) -> None:
    capture = capture_character(dots, pose_set(dots.rig, count=40, seed=0), tmp_path, size=64)
    Image.new("RGB", (80, 60)).save(tmp_path / "00020.jpg")
    seen = observe(capture, tmp_path, detector_of(dots))
    assert seen.problems == (
        "00020.jpg: 80 x 60 pixels, but the camera of this capture has 64 x 64; a picture of another capture?",
    )
    assert 20 not in seen.used and len(seen.used) == 39


def test_two_faces_at_rest_are_two_rigs(dots: Any, detector_of: Any, tmp_path: Path) -> None:
    capture = capture_character(dots, pose_set(dots.rig, count=40, seed=0), tmp_path, size=64)
    (tmp_path / "00003.jpg").write_bytes((tmp_path / "00039.jpg").read_bytes())  # a pose in place of a neutral picture
    detector = detector_of(dots, noise=0.0)
    own = dots.landmarks

    def strange(values: Any) -> Any:  # any picture but a neutral one is of a rig with a long chin
        points = own(values).copy()
        if (values != dots.rig.neutral).any():
            points[:, 76:96, 1] += 0.25
            points[:, 5:28, 1] += 0.25
        return points

    detector.dots.landmarks = strange
    with pytest.raises(SfpError, match=r"neutral pictures 00000\.jpg and 00003\.jpg show different faces at rest"):
        observe(capture, tmp_path, detector)


def test_helpers_make_the_same_pictures(tmp_path: Path) -> None:
    from functools import partial

    from sfp_core.rigs.procedural import ProceduralCharacter

    toon = ProceduralCharacter.named("toon")
    poses = pose_set(toon.rig, count=14, seed=2)
    told: list[tuple[int, int]] = []
    capture_character(toon, poses, tmp_path / "one", size=64)
    capture_character(
        toon, poses, tmp_path / "two", size=64, helpers=1, again=partial(ProceduralCharacter.named, "toon"),
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    names = [f"{i:05d}.jpg" for i in range(14)]
    assert [(tmp_path / "one" / n).read_bytes() for n in names] == [(tmp_path / "two" / n).read_bytes() for n in names]
    assert told[-1] == (14, 14)


def test_what_was_detected_is_used_again_until_a_picture_is_replaced(
    dots: Any, detector_of: Any, tmp_path: Path
) -> None:
    from sfp_core.character.observed import observed

    capture = capture_character(dots, pose_set(dots.rig, count=20, seed=0), tmp_path, size=64)
    detector = detector_of(dots)
    first = observed(capture, tmp_path, detector)
    again = observed(capture, tmp_path, detector)  # the stand-in never sees a picture the same way twice
    assert (again.points == first.points).all() and again.problems == first.problems
    (tmp_path / "00019.jpg").unlink()
    fresh = observed(capture, tmp_path, detector)
    assert len(fresh.used) == 19 and "00019.jpg" in fresh.problems[0]
