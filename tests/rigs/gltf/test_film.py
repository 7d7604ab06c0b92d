"""Films of characters that are glTF files."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sfp_core.curves.take import build_take
from sfp_core.detect.films import Film
from sfp_core.errors import SfpError
from sfp_core.formats.curves_json import write_curves_json
from sfp_core.preview import Scene, pictures, scene_of
from sfp_core.rig import ControllerCurves, ControllerSpec, RigSpec
from sfp_core.rigs.gltf.character import GltfCharacter
from sfp_core.rigs.procedural import ProceduralCharacter


@pytest.fixture(scope="module")
def head(head_file: Path) -> GltfCharacter:
    return GltfCharacter.load(head_file)


def _yawning(head: GltfCharacter, frames: int) -> np.ndarray:
    values = np.tile(head.rig.neutral, (frames, 1))
    values[:, head.rig.index("Face.jawOpen")] = np.linspace(0, 1, frames)
    return values


def test_the_scene_of_a_rig(head: GltfCharacter, head_file: Path) -> None:
    assert scene_of(head.rig, head_file) == Scene(str(head_file))
    assert scene_of(RigSpec("hero", head.rig.controllers)) is None
    toon = ProceduralCharacter.named("toon", controls="arkit")
    assert scene_of(toon.rig) == Scene("toon", "arkit")
    assert scene_of(RigSpec("toon", (ControllerSpec("jaw.ty", -2, 0),))) is None  # theirs, with a name of ours
    with pytest.raises(SfpError, match=rf"{head_file.name}: rig toon: made for another version of this rig"):
        scene_of(ProceduralCharacter.named("toon").rig, head_file)


def test_a_film_shows_the_file(head: GltfCharacter, head_file: Path) -> None:
    values = _yawning(head, 2)
    scene = Scene(str(head_file), size=64, supersample=1)
    for drawn, row in zip(pictures(scene, values), values, strict=True):
        assert np.array_equal(drawn, head.portrait(row, size=64, supersample=1))


def test_sfp_preview_draws_a_take_on_the_file(
    tmp_path: Path, sfp: Callable, head: GltfCharacter, head_file: Path
) -> None:
    curves = ControllerCurves(head.rig, Fraction(24), 0.0, _yawning(head, 5))
    take, film = tmp_path / "take.curves.json", tmp_path / "film.mp4"
    write_curves_json(take, build_take(curves, events=(), tolerance=0.01, sound=None, layer="speech"))
    assert sfp("preview", take, "--rig", head_file, "--size", "96", "-o", film).code == 0
    shown = list(Film.open(film).pictures())
    assert len(shown) == 5
    wanted = head.portrait(curves.values[-1], size=96)
    closed = head.portrait(curves.values[0], size=96)
    last = shown[-1].astype(int)
    assert np.abs(last - wanted).mean() < 0.5 * np.abs(last - closed).mean() + 1.0
    refused = sfp("preview", take, "-o", tmp_path / "other.mp4")
    assert refused.code == 1 and "zib" in refused.err
