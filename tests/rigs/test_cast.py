"""The cast: every shipped identity loads, is sound, small, described, and unlike the others."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

import sfp_core
from sfp_core.heads.expressions import LIDS
from sfp_core.heads.identity import Identity
from sfp_core.rigs.procedural import ProceduralCharacter, character_names, described

FOLDER = Path(sfp_core.__file__).parent / "data" / "identities"
NAMES = character_names()


def test_the_cast_has_at_least_a_dozen() -> None:
    assert len(NAMES) >= 12
    assert "toon" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_character_is_a_small_described_file_that_reads_back_equal(name: str) -> None:
    path = FOLDER / f"{name}.json"
    assert path.stat().st_size < 2000
    text = described(name)
    assert 10 < len(text) < 80 and not text.endswith(".") and "\n" not in text
    content = json.loads(path.read_text(encoding="utf-8"))
    identity = ProceduralCharacter.named(name).identity
    assert Identity.from_json(identity.to_json(), where="again") == identity
    shape = identity.to_json()["shape"]
    for field, value in content["shape"].items():
        assert np.allclose(shape[field], value)


@pytest.mark.parametrize("name", NAMES)
def test_a_character_is_sound(name: str) -> None:
    soundness = pytest.importorskip("sfp_core.heads.soundness", reason="measures of broken identities")
    assert soundness.faults(ProceduralCharacter.named(name).identity) == ()


@pytest.mark.parametrize("name", NAMES)
def test_lids_are_relaxed_at_rest_and_shut_in_a_blink(name: str) -> None:
    character = ProceduralCharacter.named(name)
    points = character.landmarks(character.rig.neutral, size=256)
    blink = character.head.pose(LIDS["blink"])
    for ring in character.head.base.eyes[:, 0]:
        rim = blink.skin.vertices[ring]
        assert np.abs(rim[1:20] - rim[39:20:-1]).max() < 1e-6
    for upper, lower, pupil in ((62, 66, 96), (70, 74, 97)):
        radius = np.sin(character.identity.look.iris_share) * _eye_radius_px(character)
        assert points[pupil, 1] - points[upper, 1] < 1.08 * radius  # the upper lid reaches the iris
        assert points[lower, 1] - points[pupil, 1] < 1.20 * radius


def _eye_radius_px(character: ProceduralCharacter) -> float:
    shape, camera = character.identity.shape, character.camera()
    front = np.array([[0.0, 0.0, shape.eye_z], [0.0, shape.eye_radius, shape.eye_z]])
    return float(np.abs(np.diff(camera.project(front, 256, 256)[0][:, 1]))[0])


def test_no_two_characters_have_the_same_face() -> None:
    faces = {}
    for name in NAMES:
        character = ProceduralCharacter.named(name)
        faces[name] = character.landmarks(character.rig.neutral, size=256)
    for first, second in itertools.combinations(NAMES, 2):
        apart = np.linalg.norm(faces[first] - faces[second], axis=1).mean()
        assert apart > 4, f"{first} and {second}: {apart:.1f} px"


@pytest.mark.parametrize("name", NAMES)
def test_hair_and_hat_fit_in_the_picture(name: str) -> None:
    character = ProceduralCharacter.named(name)
    centre, height = character.head.frame()
    vertices = character.head.pose({}).mesh().vertices
    over = vertices[vertices[:, 1] > centre[1] + 0.4 * height]
    pixels = character.camera().project(over, 256, 256)[0]
    assert pixels[:, 1].min() >= 0
    chin = character.landmarks(character.rig.neutral, size=256)[16]
    assert 128 < chin[1] < 256
