"""What is read from a glTF file: names, neutral, positions, pictures."""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygltflib
import pytest
from PIL import Image

from sfp_core.rigs.gltf.character import GltfCharacter
from tests.rigs.gltf.conftest import parts_of

OPEN = [[0, -1, 0], [0, -1, 0], [0, 0, 0], [0, 0, 0]]
CORNERS = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], dtype=np.float64)
NOTHING = np.zeros((4, 3))


def test_a_target_moves_its_vertices_by_its_strength(quad_file: Path) -> None:
    quad = GltfCharacter.load(quad_file)
    assert quad.rig.names == ("Face.open",)
    np.testing.assert_allclose(quad.vertices(np.array([0.0])), CORNERS)
    np.testing.assert_allclose(quad.vertices(np.array([0.25])), CORNERS + 0.25 * np.array(OPEN))


def test_nodes_and_skin_place_vertices_as_computed_by_hand(build: Callable, tmp_path: Path) -> None:
    made = build()
    # The hip turns a quarter about z (x to y); the head stands 2 along the hip's x, so 2 up in the world.
    made.quad(
        targets=[OPEN],
        names=["open"],
        JOINTS_0=made.array([[0, 1, 0, 0]] * 4, "uint8"),
        WEIGHTS_0=made.array([[1, 0, 0, 0], [0, 1, 0, 0], [0.5, 0.5, 0, 0], [1, 1, 0, 0]]),
    )
    bind = np.tile(np.eye(4, dtype=np.float32), (2, 1, 1))
    bind[1, 0, 3] = 5.0
    made.gltf.skins.append(
        pygltflib.Skin(joints=[1, 2], inverseBindMatrices=made.array(bind.transpose(0, 2, 1).reshape(2, 16)))
    )
    half = float(np.sqrt(0.5))
    made.gltf.nodes.extend(
        [
            pygltflib.Node(name="Root", children=[1, 3], translation=[0, 0, 3]),
            pygltflib.Node(name="Hip", children=[2], rotation=[0, 0, half, half]),
            pygltflib.Node(name="Head", translation=[2, 0, 0]),
            pygltflib.Node(name="Face", mesh=0, skin=0, translation=[100, 0, 0]),  # of no weight: it is skinned
        ]
    )
    quad = GltfCharacter.load(made.save(tmp_path / "skin.glb"))
    hip = np.array([[1, -1, 3], [1, 1, 3], [-1, 1, 3], [-1, -1, 3.0]])  # (x, y) -> (-y, x)
    head = np.array([[1, 6, 3], [1, 8, 3], [-1, 8, 3], [-1, 6, 3.0]])  # x + 5 + 2, then turned
    expected = np.stack([hip[0], head[1], (hip[2] + head[2]) / 2, (hip[3] + head[3]) / 2])  # weights 1, 1 count as half
    np.testing.assert_allclose(quad.vertices(np.zeros(1)), expected, atol=1e-6)
    moved = quad.vertices(np.ones(1)) - expected
    np.testing.assert_allclose(moved, [[1, 0, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0]], atol=1e-6)  # down became right
    np.testing.assert_allclose(quad.figure.on_head, [0, 1, 0.5, 0.5])


def test_quantized_sparse_and_interleaved_arrays_give_the_same_positions(build: Callable, tmp_path: Path) -> None:
    made = build()
    mesh = made.quad(targets=[NOTHING], names=["open"])
    primitive = mesh.primitives[0]
    rows = np.zeros((4, 8), dtype=np.int8)  # three bytes of position, the rest padding and another attribute
    rows[:, :3] = 127 * CORNERS
    primitive.attributes.POSITION = made.array(rows[:, :4], "int8", normalized=True)
    accessor = made.gltf.accessors[primitive.attributes.POSITION]
    accessor.type, accessor.bufferView = "VEC3", made.view(rows.tobytes())
    made.gltf.bufferViews[accessor.bufferView].byteStride = 8
    places, values = made.view(np.array([0, 1], np.uint16).tobytes()), made.view(np.array(OPEN[:2], "<f4").tobytes())
    made.gltf.accessors.append(
        pygltflib.Accessor(
            componentType=5126,
            count=4,
            type="VEC3",
            sparse=pygltflib.Sparse(
                count=2,
                indices=pygltflib.AccessorSparseIndices(bufferView=places, componentType=5123),
                values=pygltflib.AccessorSparseValues(bufferView=values),
            ),
        )
    )
    primitive.targets = [{"POSITION": len(made.gltf.accessors) - 1}]
    made.gltf.extensionsRequired = ["KHR_mesh_quantization"]
    made.gltf.nodes.append(pygltflib.Node(name="Face", mesh=0))
    quad = GltfCharacter.load(made.save(tmp_path / "small.glb"))
    np.testing.assert_allclose(quad.vertices(np.ones(1)), CORNERS + np.array(OPEN))


def test_one_name_in_two_meshes_is_one_controller_and_all_names_are_clean(build: Callable, tmp_path: Path) -> None:
    made = build()
    made.quad(targets=[OPEN, NOTHING, NOTHING], names=["jaw.Open", "ns:笑い", "ns.笑い"])
    made.quad(targets=[OPEN], names=["jaw.Open"]).weights = [0.5]
    made.gltf.scenes[0].nodes = [0, 1]
    made.gltf.nodes.extend([pygltflib.Node(name="ns:Face", mesh=0), pygltflib.Node(name="Teeth", mesh=1)])
    face = GltfCharacter.load(made.save(tmp_path / "face.glb"))
    assert face.rig.names == ("ns_Face.jaw_Open", "ns_Face.ns_笑い", "ns_Face.ns_笑い_2")
    moved = face.vertices(np.array([1.0, 0, 0])) - face.vertices(np.zeros(3))
    np.testing.assert_allclose(moved, [*OPEN, *OPEN])


def test_neutral_is_the_files_own_weight_and_unnamed_targets_are_numbered(build: Callable, tmp_path: Path) -> None:
    made = build()
    made.quad(targets=[OPEN, NOTHING], names=None).weights = [0.25, 0.0]
    made.gltf.nodes.append(pygltflib.Node(mesh=0))
    quad = GltfCharacter.load(made.save(tmp_path / "quad.glb"))
    assert quad.rig.names == ("Quad.morph_00", "Quad.morph_01")
    assert quad.rig.neutral.tolist() == [0.25, 0.0]
    assert (quad.rig.minimum.tolist(), quad.rig.maximum.tolist()) == ([0, 0], [1, 1])
    assert quad.hidden == ("Quad.morph_01",)


@pytest.mark.parametrize("version", [0, 1])
def test_vrm_expressions_are_controllers_where_targets_have_no_names(
    build: Callable, tmp_path: Path, version: int
) -> None:
    made = build()
    made.quad(targets=[OPEN, [[0, 0, 1]] * 4], names=None)
    made.gltf.nodes.append(pygltflib.Node(name="Face", mesh=0))
    if version:
        binds = [{"node": 0, "index": 0, "weight": 0.5}, {"node": 0, "index": 1, "weight": 1.0}]
        vrm = {"specVersion": "1.0", "expressions": {"preset": {"aa": {"morphTargetBinds": binds}}}}
        made.gltf.extensions = {"VRMC_vrm": vrm}
    else:
        group = {
            "name": "A",
            "presetName": "aa",
            "binds": [{"mesh": 0, "index": k, "weight": w} for k, w in ((0, 50), (1, 100))],
        }
        made.gltf.extensions = {"VRM": {"blendShapeMaster": {"blendShapeGroups": [group]}}}
    face = GltfCharacter.load(made.save(tmp_path / "face.vrm"))
    assert face.rig.names == ("vrm.aa",)
    turn = np.array([1, 1, 1]) if version else np.array([-1, 1, -1])  # VRM 0.x looks along -z
    np.testing.assert_allclose(face.vertices(np.zeros(1)), CORNERS * turn)
    moved = face.vertices(np.ones(1)) - face.vertices(np.zeros(1))
    np.testing.assert_allclose(moved, (0.5 * np.array(OPEN) + [0, 0, 1]) * turn)


def _with_texture(build: Callable, path: Path, picture: np.ndarray, **material: object) -> GltfCharacter:
    made = build()
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG")
    uv = made.array([[0, 1], [1, 1], [1, 0], [0, 0]])  # v runs down
    mesh = made.quad(targets=[[[0, 0, 0.01]] * 4], names=["rise"], TEXCOORD_0=uv)  # the frame holds what moves: all
    made.gltf.images.append(pygltflib.Image(bufferView=made.view(stream.getvalue()), mimeType="image/png"))
    made.gltf.samplers.append(pygltflib.Sampler(wrapS=33071, wrapT=33071))
    made.gltf.textures.append(pygltflib.Texture(source=0, sampler=0))
    surface = pygltflib.PbrMetallicRoughness(baseColorTexture=pygltflib.TextureInfo(index=0), roughnessFactor=1.0)
    made.gltf.materials.append(pygltflib.Material(pbrMetallicRoughness=surface, **material))
    mesh.primitives[0].material = 0
    made.gltf.nodes.append(pygltflib.Node(name="Face", mesh=0))
    return GltfCharacter.load(made.save(path))


def test_a_texture_lies_where_its_coordinates_say(build: Callable, tmp_path: Path) -> None:
    quarters = np.zeros((8, 8, 4), dtype=np.uint8)
    quarters[..., 3] = 255
    quarters[:4, :4, 0] = quarters[:4, 4:, 1] = quarters[4:, :4, 2] = 255  # red, green; blue, black
    quad = _with_texture(build, tmp_path / "quad.glb", quarters)
    camera = quad.camera()
    picture = quad.picture(np.zeros(1), size=128).astype(int)
    mesh = quad.mesh(np.zeros(1))
    for corner, channel in ((3, 0), (2, 1), (0, 2)):  # upper left, upper right, lower left
        middle = mesh.vertices[corner] * 0.5 + mesh.vertices.mean(axis=0) * 0.5
        (x, y), _ = camera.project(middle, 128, 128)
        pixel = picture[int(y), int(x)]
        assert pixel[channel] > 150 and np.delete(pixel, channel).max() < 60, (corner, pixel)
    (x, y), _ = camera.project(0.5 * mesh.vertices[1] + 0.5 * mesh.vertices.mean(axis=0), 128, 128)
    assert picture[int(y), int(x)].max() < 50


def test_less_opaque_texels_are_holes_where_the_material_cuts(build: Callable, tmp_path: Path) -> None:
    left_gone = np.full((8, 8, 4), 255, dtype=np.uint8)
    left_gone[:, :4, 3] = 0
    cut = _with_texture(build, tmp_path / "cut.glb", left_gone, alphaMode="MASK", alphaCutoff=0.5)
    kept = _with_texture(build, tmp_path / "kept.glb", left_gone, alphaMode="OPAQUE")
    points, _ = cut.camera().project(cut.mesh(np.zeros(1)).vertices, 128, 128)
    (low_x, low_y), (high_x, high_y) = points.min(axis=0), points.max(axis=0)
    row = int((low_y + high_y) / 2)
    one, two = cut.picture(np.zeros(1), size=128), kept.picture(np.zeros(1), size=128)
    middle = (low_x + high_x) / 2
    differs = np.flatnonzero((one[row] != two[row]).any(axis=-1))
    assert differs.min() == pytest.approx(low_x, abs=1.5) and differs.max() == pytest.approx(middle, abs=1.5)


def test_one_sided_faces_are_not_there_from_behind(build: Callable, tmp_path: Path) -> None:
    white = np.full((2, 2, 4), 255, dtype=np.uint8)
    both = _with_texture(build, tmp_path / "both.glb", white, doubleSided=True)
    one = _with_texture(build, tmp_path / "one.glb", white, doubleSided=False)
    front, behind = (0.0, 0.0, 0.0), (0.0, 180.0, 0.0)
    at_rest = np.zeros(1)
    np.testing.assert_array_equal(one.picture(at_rest, size=64), both.picture(at_rest, size=64))
    gone = one.picture(at_rest, size=64, head_deg=behind)
    assert (gone == gone[:, :1]).all()  # nothing but the background
    assert not np.array_equal(both.picture(at_rest, size=64, head_deg=behind), gone)
    assert not np.array_equal(one.picture(at_rest, size=64, head_deg=front), gone)


def test_a_gltf_with_its_buffer_beside_it_or_within_is_the_same_rig(quad_file: Path, tmp_path: Path) -> None:
    text, binary = parts_of(quad_file.read_bytes())
    content = json.loads(text)
    (tmp_path / "a b.bin").write_bytes(binary)
    pictures = [GltfCharacter.load(quad_file).picture(np.ones(1), size=64)]
    for name, uri in (
        ("beside", "a%20b.bin"),
        ("within", "data:application/octet-stream;base64," + base64.b64encode(binary).decode()),
    ):
        content["buffers"][0]["uri"] = uri
        path = tmp_path / f"{name}.gltf"
        path.write_text(json.dumps(content), encoding="utf-8")
        pictures.append(GltfCharacter.load(path).picture(np.ones(1), size=64))
    assert np.array_equal(pictures[0], pictures[1]) and np.array_equal(pictures[0], pictures[2])
