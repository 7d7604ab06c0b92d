"""The check of a character and its pages: good ones pass, broken ones are told what is wrong."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sfp_core.character.capture import Capture
from sfp_core.character.character import Character
from sfp_core.character.check import check_character, lid_opening
from sfp_core.character.check_page import check_page, check_text
from sfp_core.character.drawn import drawn_rig
from sfp_core.character.fit import FitReport
from sfp_core.character.observe import Observation
from sfp_core.character.report import report_page
from sfp_core.character.standard import standard_faces
from sfp_core.errors import SfpError
from sfp_core.rig import RigSpec
from sfp_core.rigs.procedural import ProceduralCharacter

Fitted = tuple[Character, FitReport, Capture]


@pytest.mark.parametrize("controls", ["panel", "arkit"])
def test_a_rig_of_known_names_shows_lip_shapes_lids_and_expressions(controls: Any) -> None:
    toon = ProceduralCharacter.named("toon", controls=controls)
    faces = {face.name: face for face in standard_faces(toon.rig)}
    assert {"aa", "PP", "ou", "blink", "happy", "angry"} <= set(faces)
    open_, rest, blink = (toon.landmarks(faces[name].values)[None] for name in ("aa", "neutral", "blink"))
    assert open_[0, 94, 1] - open_[0, 90, 1] > rest[0, 94, 1] - rest[0, 90, 1] + 3
    assert (lid_opening(blink) < 0.35 * lid_opening(rest)).all()


def test_a_rig_of_unknown_names_is_swept(dots: Any) -> None:
    faces = standard_faces(dots.rig)
    assert faces[0].kind == "neutral"
    assert {face.kind for face in faces[1:]} == {"sweep"}
    reached = np.array([face.values for face in faces])
    assert np.array_equal(reached.min(axis=0), dots.rig.minimum)
    assert np.array_equal(reached.max(axis=0), dots.rig.maximum)


def test_a_good_character_is_above_the_bars(fitted: Fitted) -> None:
    check = check_character(fitted[0])
    assert check.below == ()
    assert check.drift < 0.01 and not check.drawn
    assert check.lids is not None and check.lids < 0.12
    assert check_text(check).endswith("above all bars")


def test_what_is_broken_is_named(fitted: Fitted) -> None:
    character = fitted[0]
    still = {name: np.zeros_like(t) if name in ("linear", "third.weight") else t
             for name, t in character.mapper_tensors.items()}  # fmt: skip
    deaf = replace(character, mapper_tensors=still, refine=replace(character.refine, iterations=0))
    told = "; ".join(check_character(deaf).below)
    assert "faces are off by more than 3%" in told
    assert "lids that should shut stay open" in told
    assert "drifts" not in told


def test_pages_need_nothing_else(fitted: Fitted, tmp_path: Path) -> None:
    character, report, capture = fitted
    check = check_character(character)
    page = check_page(check, character)
    assert page.count("<figure>") == len(check.faces)
    observation = Observation(
        character.landmarks(capture.values), character.face.neutral, np.arange(len(capture.poses)), ("x.jpg: gone",), ""
    )
    trained = report_page(character, report, capture, tmp_path, observation)
    assert trained.count("<figure>") == 12
    assert "tongue.tz: held at neutral" in trained and "x.jpg: gone" in trained
    for name in character.rig.names[:11]:
        assert f"<td>{name}</td>" in trained
    for text in (page, trained):
        assert "http" not in text and "src='data:image/jpeg;base64," in text


def test_a_rig_is_drawn_only_by_the_character_it_is_of(fitted: Fitted) -> None:
    toon = ProceduralCharacter.named("toon", controls="arkit")
    found = drawn_rig(toon.rig)
    assert found is not None and found.controls == "arkit"
    assert drawn_rig(fitted[0].rig) is None
    with pytest.raises(SfpError, match=r"rig toon: made for another version .*no more lf_lid\.rx.*nothing of jaw\.tz"):
        drawn_rig(replace(fitted[0].rig, name="toon"))
    panel = ProceduralCharacter.named("toon").rig
    specs = (replace(panel.controllers[0], maximum=2.0), *panel.controllers[1:])
    with pytest.raises(SfpError, match=r"limits, neutral or unit changed: jaw\.tx\)"):
        drawn_rig(RigSpec("toon", specs, panel.mirror))


def test_check_through_the_command_line(sfp: Callable, fitted: Fitted, tmp_path: Path) -> None:
    import json

    bundle = tmp_path / "dots.character"
    fitted[0].save(bundle)
    done = sfp("character", "check", bundle, "--json", "-o", tmp_path / "page.html", "--progress", "none")
    assert done.code == 0
    record = json.loads(done.out)
    assert (record["character"], record["shown_by"], record["below"]) == ("dots", "forward model", [])
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    again = sfp("character", "check", bundle, "-o", tmp_path / "page.html")
    assert (again.code, again.out) == (1, "")
    assert again.err == (
        f"sfp: error: {tmp_path / 'page.html'}: is already there; give --force to replace it, or another name\n"
    )
    other = tmp_path / "toon.character"
    replace(fitted[0], rig=replace(fitted[0].rig, name="toon")).save(other)
    refused = sfp("character", "check", other)
    assert refused.code == 1
    assert "rig toon: made for another version of this rig" in refused.err
    assert refused.err.count("\n") == 1
