"""glTF files written with pygltflib: small ones by hand, and a whole head."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pygltflib
import pytest

from training.made_rigs import write_gltf_head

_COMPONENTS = {"float32": 5126, "uint8": 5121, "uint16": 5123, "uint32": 5125, "int8": 5120, "int16": 5122}
_TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}


class Builder:
    """A document that grows by arrays; nodes, meshes and materials are set on `gltf`."""

    def __init__(self) -> None:
        self.gltf = pygltflib.GLTF2(
            asset=pygltflib.Asset(version="2.0"),
            scenes=[pygltflib.Scene(nodes=[0])],
            scene=0,
            buffers=[pygltflib.Buffer(byteLength=0)],
        )
        self.blob = b""

    def view(self, data: bytes) -> int:
        self.blob += bytes(-len(self.blob) % 4)
        self.gltf.bufferViews.append(pygltflib.BufferView(buffer=0, byteOffset=len(self.blob), byteLength=len(data)))
        self.blob += data
        return len(self.gltf.bufferViews) - 1

    def array(self, values: Any, kind: str = "float32", *, normalized: bool = False) -> int:
        array = np.asarray(values, dtype=kind)
        width = array.shape[1] if array.ndim == 2 else 1
        self.gltf.accessors.append(
            pygltflib.Accessor(
                bufferView=self.view(array.tobytes()),
                componentType=_COMPONENTS[kind],
                count=len(array),
                type=_TYPES[width],
                normalized=normalized,
            )
        )
        return len(self.gltf.accessors) - 1

    def quad(self, *, targets: list[Any], names: list[str] | None, **attributes: Any) -> pygltflib.Mesh:
        """A square of side 2 around the origin, looking along +z, with morph targets (4, 3)."""
        corners = [[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]
        primitive = pygltflib.Primitive(
            attributes=pygltflib.Attributes(POSITION=self.array(corners), **attributes),
            indices=self.array([0, 1, 2, 0, 2, 3], "uint16"),
            targets=[{"POSITION": self.array(target)} for target in targets],
        )
        extras = {"targetNames": names} if names else {}
        mesh = pygltflib.Mesh(name="Quad", primitives=[primitive], extras=extras)
        self.gltf.meshes.append(mesh)
        return mesh

    def save(self, path: Path) -> Path:
        self.gltf.buffers[0].byteLength = len(self.blob)
        self.gltf.set_binary_blob(self.blob)
        self.gltf.save_binary(str(path))
        return path


@pytest.fixture
def build() -> Callable[[], Builder]:
    return Builder


@pytest.fixture
def quad_file(tmp_path: Path) -> Path:
    """A square whose target `open` moves its two lower corners down by 1."""
    made = Builder()
    made.quad(targets=[[[0, -1, 0], [0, -1, 0], [0, 0, 0], [0, 0, 0]]], names=["open"])
    made.gltf.nodes.append(pygltflib.Node(name="Face", mesh=0))
    return made.save(tmp_path / "quad.glb")


@pytest.fixture(scope="session")
def head_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gltf_head(tmp_path_factory.mktemp("head") / "zib.glb", "zib")


def parts_of(data: bytes) -> tuple[bytes, bytes]:
    """JSON and binary part of a .glb."""
    (length,) = struct.unpack_from("<I", data, 12)
    return data[20 : 20 + length], data[28 + length :]
