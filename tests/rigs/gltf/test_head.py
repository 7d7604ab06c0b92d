"""A whole head, from our own character through a file and back."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygltflib
import pytest

from sfp_core.render.shade import render
from sfp_core.rigs.gltf.character import GltfCharacter
from sfp_core.rigs.procedural import ProceduralCharacter

ZIB = ProceduralCharacter.named("zib", controls="arkit")
SCALE = 0.25 / 2.2  # metres to a head unit


@pytest.fixture(scope="module")
def head(head_file: Path) -> GltfCharacter:
    return GltfCharacter.load(head_file)


def test_a_third_party_reads_the_same_names_and_positions(head: GltfCharacter, head_file: Path) -> None:
    other = pygltflib.GLTF2().load(str(head_file))
    names = other.meshes[0].extras["targetNames"]
    assert head.rig.names == tuple(f"Face.{name}" for name in names)
    accessor = other.accessors[other.meshes[0].primitives[0].attributes.POSITION]
    view = other.bufferViews[accessor.bufferView]
    raw = other.binary_blob()[view.byteOffset : view.byteOffset + view.byteLength]
    positions = np.frombuffer(raw, "<f4").reshape(-1, 3)
    lifted = positions + np.array([0, 1.32, 0])  # the joint stands 1.3 m high, its bind matrix adds 0.02
    np.testing.assert_allclose(head.vertices(head.rig.neutral)[: accessor.count], lifted, atol=1e-6)


def test_the_rig_has_arkits_names_limits_and_mirror(head: GltfCharacter) -> None:
    assert [name.removeprefix("Face.") for name in head.rig.names] == list(ZIB.rig.names)
    assert {a.removeprefix("Face."): b.removeprefix("Face.") for a, b in head.rig.mirror.items()} == dict(
        ZIB.rig.mirror
    )
    assert head.rig.name == "zib"
    assert "Face.tongueOut" in head.hidden and "Face.jawOpen" not in head.hidden


@pytest.mark.parametrize("action", [None, "jawOpen", "eyeBlinkLeft", "mouthSmileRight", "browInnerUp", "eyeLookInLeft"])
def test_a_pose_looks_as_the_character_it_was_made_of(head: GltfCharacter, action: str | None) -> None:
    values = (np.array(ZIB.rig.names) == action).astype(np.float64)
    mesh, camera = head.mesh(values), head.camera()
    picture = head.picture(values, size=128)
    # The same triangles by the original character, moved to where the file's figure stands.
    original = ZIB.pose(values).mesh()
    placed = (original.vertices * SCALE + [0, 1.32, 0] - head._frame.centre) * (1.2 / head._frame.half)
    moved = type(original)(placed, original.faces, original.colours, original.gloss, original.parts)
    expected = render(moved, camera, width=128, height=128)
    difference = np.abs(picture.astype(int) - expected)
    # Vertices that only looks shared are split, so that normals differ along borders of materials.
    assert difference.mean() < 1.0 and (difference.max(axis=-1) > 40).mean() < 0.01
    neutral = head.picture(head.rig.neutral, size=128)
    assert action is None or (np.abs(neutral.astype(int) - picture).max(axis=-1) > 40).sum() > 20
    assert np.isfinite(mesh.vertices).all()


def test_the_frame_holds_every_landmark_in_every_pose_and_the_face_fills_it(head: GltfCharacter) -> None:
    from sfp_core.heads.landmarks98 import landmarks98

    camera = head.camera()
    for values in np.vstack([np.zeros(52), np.eye(52)]):
        points = landmarks98(ZIB.pose(values), np.eye(3)) * SCALE + [0, 1.32, 0]
        placed = (points - head._frame.centre) * (1.2 / head._frame.half)
        pixels, _ = camera.project(placed, 100, 100)
        assert pixels.min() > 3 and pixels.max() < 97
    assert np.ptp(camera.project(placed, 100, 100)[0], axis=0).max() > 50


def test_the_capture_command_pictures_a_file(sfp: Callable, head_file: Path, tmp_path: Path) -> None:
    done = sfp("character", "capture", head_file, "--count", "14", "--size", "64", "-o", tmp_path / "c")
    assert done.code == 0, done.err
    content = json.loads((tmp_path / "c" / "capture.json").read_text(encoding="utf-8"))
    assert content["rig"] == "zib" and content["source"].startswith("glTF zib.glb sha256:")
    assert [c["name"] for c in content["controllers"] if c.get("hidden")] == list(GltfCharacter.load(head_file).hidden)
    assert len(list((tmp_path / "c").glob("*.jpg"))) == 14


def test_the_capture_command_tells_what_is_wrong_with_a_file(sfp: Callable, tmp_path: Path) -> None:
    path = tmp_path / "no.vrm"
    path.write_bytes(b"hello")
    done = sfp("character", "capture", path, "-o", tmp_path / "c")
    assert done.code == 1
    assert done.err == f"sfp: error: {path}: begins with b'hell'; expected b'glTF', as a binary glTF file does\n"
