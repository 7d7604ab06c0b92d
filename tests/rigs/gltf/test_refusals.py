"""What a stranger's file may not do: every refusal is one line, and nothing else ever comes out."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.rigs.gltf.character import GltfCharacter
from tests.rigs.gltf.conftest import parts_of


def _glb(content: dict[str, Any], binary: bytes) -> bytes:
    text = json.dumps(content).encode()
    text += b" " * (-len(text) % 4)
    head = struct.pack("<III", 0x46546C67, 2, 28 + len(text) + len(binary))
    return b"".join(
        [head, struct.pack("<II", len(text), 0x4E4F534A), text, struct.pack("<II", len(binary), 0x004E4942), binary]
    )


def _set(*place: Any) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        entry: Any = content
        for step in place[:-2]:
            entry = entry[step]
        entry[place[-2]] = place[-1]

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set("asset", "version", "1.0"), "glTF 1.0; expected 2.0"),
        (_set("extensionsRequired", ["EXT_meshopt_compression"]), "packed with EXT_meshopt_compression"),
        (_set("extensionsRequired", ["KHR_draco_mesh_compression"]), "packed with KHR_draco_mesh_compression"),
        (_set("extensionsRequired", ["ACME_magic"]), "requires the extension 'ACME_magic'"),
        (_set("meshes", 0, "primitives", 0, "targets", []), "0 controllers"),
        (_set("accessors", 0, "count", 5), "5 rows end at byte 60 of a buffer view of 48 bytes"),
        (_set("accessors", 0, "count", 3_999_999_999), "accessors[0].count: expected a whole number from 1 to 4000000"),
        (_set("accessors", 0, "byteOffset", 4), "end at byte 52"),
        (_set("accessors", 2, "count", 3), "3 rows for POSITION; expected 4"),
        (_set("accessors", 0, "componentType", 5130), "accessors[0].componentType: expected one of 5120"),
        (_set("bufferViews", 0, "byteLength", 10**9), "are not in its buffer"),
        (_set("buffers", 0, "byteLength", 10**9), "the file is cut off"),
        (_set("bufferViews", 0, "buffer", -1), "bufferViews[0].buffer: expected the number of one of 1, got -1"),
        (_set("nodes", 0, "mesh", 7), "nodes[0].mesh: expected the number of one of 1, got 7"),
        (_set("nodes", 0, "children", [0]), "hangs on two nodes"),
        (_set("nodes", 0, "scale", [1e300, 1, 1]), "beyond all numbers"),
        (_set("buffers", 0, "uri", "../secret.bin"), "URI '../secret.bin' leaves the folder"),
        (_set("buffers", 0, "uri", "%2e%2e/secret.bin"), "leaves the folder"),
        (_set("buffers", 0, "uri", "/etc/passwd"), "leaves the folder"),
        (_set("buffers", 0, "uri", "http://example.com/a.bin"), "leaves the folder"),
        (_set("buffers", 0, "uri", "data:text/plain,abc"), "expected base64"),
        (_set("buffers", 0, "uri", "missing.bin"), "missing.bin: no such file"),
        (_set("meshes", 0, "primitives", "x"), "meshes[0].primitives: expected a list of objects"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(
    quad_file: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    text, binary = parts_of(quad_file.read_bytes())
    content = json.loads(text)
    change(content)
    (tmp_path / "inner").mkdir()
    (tmp_path / "secret.bin").write_bytes(binary)
    path = tmp_path / "inner" / "bad.glb"
    path.write_bytes(_glb(content, binary))
    with pytest.raises(SfpError) as caught:
        GltfCharacter.load(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_link_out_of_the_folder_is_not_followed(quad_file: Path, tmp_path: Path) -> None:
    text, binary = parts_of(quad_file.read_bytes())
    content = json.loads(text)
    content["buffers"][0]["uri"] = "link.bin"
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "secret.bin").write_bytes(binary)
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    (folder / "face.gltf").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(SfpError, match="leaves the folder"):
        GltfCharacter.load(folder / "face.gltf")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "begins with b''"),
        (b"PK\x03\x04" + bytes(40), "expected b'glTF'"),
        (struct.pack("<III", 0x46546C67, 1, 20) + bytes(8), "binary glTF version 1"),
        (struct.pack("<III", 0x46546C67, 2, 12), "the first part is not JSON"),
        (struct.pack("<IIIII", 0x46546C67, 2, 20, 999, 0x4E4F534A), "announces 999 bytes; 0 are there"),
    ],
    ids=["empty", "zip", "version 1", "no parts", "short part"],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "face.glb").write_bytes(data)
    with pytest.raises(SfpError, match=r"face\.glb: ") as caught:
        GltfCharacter.load(tmp_path / "face.glb")
    assert message in str(caught.value)


def test_positions_that_are_no_numbers_are_refused(quad_file: Path, tmp_path: Path) -> None:
    text, binary = parts_of(quad_file.read_bytes())
    broken = bytearray(binary)
    broken[4:8] = struct.pack("<f", np.nan)
    (tmp_path / "nan.glb").write_bytes(_glb(json.loads(text), bytes(broken)))
    with pytest.raises(SfpError, match=r"accessors\[0\]: a number in row 0 is not finite"):
        GltfCharacter.load(tmp_path / "nan.glb")


def test_cut_off_and_damaged_files_are_read_or_refused_and_nothing_else(quad_file: Path, tmp_path: Path) -> None:
    whole = quad_file.read_bytes()
    rng = np.random.default_rng(0)
    path = tmp_path / "damaged.glb"
    refused = read = 0
    for attempt in range(160):
        data = bytearray(whole)
        if attempt < 40:
            data = data[: int(rng.integers(len(whole)))]
        else:
            for _ in range(int(rng.integers(1, 4))):
                data[int(rng.integers(12, len(data)))] = int(rng.integers(256))
        path.write_bytes(bytes(data))
        try:
            GltfCharacter.load(path)
            read += 1
        except SfpError as error:
            assert "\n" not in str(error)
            refused += 1
        if attempt == 39:
            assert refused == 40  # a file that ends early is never taken for whole
    assert refused > 60 and read > 5
