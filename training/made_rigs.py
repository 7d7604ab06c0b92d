"""Rigs made from our own heads as other programs would hand them over: glTF files with morph targets.

They carry what a stranger's file carries (ARKit's or VRoid's names, several meshes and materials, linear vertex
colours, a texture in the eyes, sparse targets, a skeleton with a head joint), so that reading one and fitting a
character to it is the same work as for a file from the internet. The bytes are written here without a glTF library.
"""

import io
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from PIL import Image

from sfp_core.errors import SfpError
from sfp_core.files import written_whole
from sfp_core.heads.actions import ARKIT_52
from sfp_core.render.mesh import Mesh, Part
from sfp_core.render.raster import rasterise
from sfp_core.rigs.procedural import ProceduralCharacter

Names = Literal["arkit", "vroid", "none"]

# VRoid's names for what our actions do, both sides at once where VRoid has no sides.
VROID: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Fcl_EYE_Close_L": ("eyeBlinkLeft",),
        "Fcl_EYE_Close_R": ("eyeBlinkRight",),
        "Fcl_EYE_Close": ("eyeBlinkLeft", "eyeBlinkRight"),
        "Fcl_EYE_Spread": ("eyeWideLeft", "eyeWideRight"),
        "Fcl_BRW_Surprised": ("browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
        "Fcl_BRW_Angry": ("browDownLeft", "browDownRight"),
        "Fcl_MTH_A": ("jawOpen",),
        "Fcl_MTH_I": ("mouthStretchLeft", "mouthStretchRight"),
        "Fcl_MTH_U": ("mouthPucker",),
        "Fcl_MTH_O": ("mouthFunnel", "jawOpen"),
        "Fcl_MTH_Joy": ("mouthSmileLeft", "mouthSmileRight"),
        "Fcl_MTH_Sorrow": ("mouthFrownLeft", "mouthFrownRight"),
    }
)

_STILL = 1e-5  # head units: a vertex that a target moves by less does not move
_SPARSE = 0.5  # targets that move less than this share of the vertices are written sparse
_TEXTURE_PX = 256  # a side of an eye's texture
_HEAD_UNITS = 2.2  # height of our heads
_FLOAT, _UNSIGNED = 5126, 5125
_KINDS = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}


def write_gltf_head(
    path: Path, character: str, *, size: float = 0.25, names: Names = "arkit", textured: bool = False
) -> Path:
    """Write a built-in character as a rig with morph targets; `path` must end in .glb.

    Parameters
    ----------
    character : str
        Name of a built-in character.
    size : float
        Height of the head, metres, above 0.
    names : "arkit", "vroid" or "none"
        ARKit's 52 names, twelve of VRoid's, or ARKit's targets without a name in the file.
    textured : bool
        The eyes take their colours from a texture instead of from their vertices.

    Returns
    -------
    path : Path
        As given.

    Raises
    ------
    SfpError
        An unknown character, a suffix other than .glb, a size of 0 or less, or a disk that refuses.
    """
    if Path(path).suffix.lower() != ".glb":
        raise SfpError(f"{path}: expected a name that ends in .glb, got {Path(path).suffix or 'no suffix'}")
    if not 0 < size < np.inf:
        raise SfpError(f"{path}: a head {size:g} m high cannot be made; expected more than 0")
    head = ProceduralCharacter.named(character, controls="arkit")
    rest = head.pose(head.rig.neutral).mesh()
    moves = _moves(head, rest, names)
    moving = np.any([np.abs(delta).max(axis=1) > _STILL for delta in moves.values()], axis=0)[rest.faces].any(axis=1)
    writer = _Writer()
    scale = size / _HEAD_UNITS
    given = moves if names != "none" else {str(number): delta for number, delta in enumerate(moves.values())}
    face = writer.mesh("Face", rest, moving, given, scale, textured=textured, named=names != "none")
    still = writer.mesh("Hair", rest, ~moving, {}, scale, textured=False, named=False)
    content = writer.scene(character, [face, still])
    with written_whole(path) as temporary:
        temporary.write_bytes(_glb(content, bytes(writer.blob)))
    return path


def _moves(head: ProceduralCharacter, rest: Mesh, names: Names) -> dict[str, np.ndarray]:
    """Target name to (V, 3) float64: what it adds to the resting vertices, head units."""
    moves = {}
    for target, actions in VROID.items() if names == "vroid" else ((action, (action,)) for action in ARKIT_52):
        values = np.isin(head.rig.names, actions).astype(np.float64)
        start = rest
        if target == "mouthClose":  # ARKit: it closes the lips of an open jaw
            open_jaw = (np.array(head.rig.names) == "jawOpen").astype(np.float64)
            values, start = values + open_jaw, head.pose(open_jaw).mesh()
        moves[target] = head.pose(values).mesh().vertices.astype(np.float64) - start.vertices
    return moves


@dataclass
class _Writer:
    """Grows one glTF document and its binary part."""

    blob: bytearray = field(default_factory=bytearray)
    content: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {
            key: [] for key in ("accessors", "bufferViews", "materials", "meshes", "textures", "images", "samplers")
        }
    )

    def scene(self, name: str, meshes: Sequence[int]) -> dict[str, Any]:
        """The whole document: a skeleton of two joints, the meshes beside it."""
        nodes: list[dict[str, Any]] = [
            {"name": "Armature", "children": [1, *range(3, 3 + len(meshes))]},
            {"name": "Neck", "translation": [0.0, 1.2, 0.0], "children": [2]},
            {"name": "Head", "translation": [0.0, 0.1, 0.0]},
            *({"name": self.content["meshes"][mesh]["name"], "mesh": mesh, "skin": 0} for mesh in meshes),
        ]
        bind = np.tile(np.eye(4, dtype=np.float32), (2, 1, 1))
        bind[:, 1, 3] = 0.02  # the mesh lies at the origin and its joint 1.3 m higher: skinning lifts it
        skin = {"joints": [1, 2], "inverseBindMatrices": self._accessor(bind.transpose(0, 2, 1).reshape(2, 16))}
        return {
            "asset": {"version": "2.0", "generator": "sfp", "extras": {"title": name}},
            "scene": 0,
            "scenes": [{"nodes": [0]}],
            "nodes": nodes,
            "skins": [skin],
            "buffers": [{"byteLength": len(self.blob)}],
            **{key: entries for key, entries in self.content.items() if entries},
        }

    def mesh(
        self,
        name: str,
        rest: Mesh,
        chosen: np.ndarray,
        moves: Mapping[str, np.ndarray],
        scale: float,
        *,
        textured: bool,
        named: bool,
    ) -> int:
        """Add the chosen faces (F,) as one mesh, a primitive for every part and gloss; its index."""
        looks = np.stack([rest.parts.astype(np.float64), rest.gloss], axis=1)
        primitives = []
        for look in np.unique(looks[chosen], axis=0):
            faces = rest.faces[chosen & (looks == look).all(axis=1)]
            used, inverse = np.unique(faces, return_inverse=True)
            primitive: dict[str, Any] = {
                "indices": self._accessor(inverse.reshape(-1).astype(np.uint32)),
                "attributes": {"POSITION": self._positions(scale * rest.vertices[used])},
            }
            attributes = primitive["attributes"]
            part, gloss = Part(int(look[0])), float(look[1])
            texture = None
            if textured and part is Part.EYE:
                places, picture = _unrolled(rest.vertices[used], inverse.reshape(-1, 3), rest.colours[used])
                attributes["TEXCOORD_0"] = self._accessor(places)
                texture = self._texture(picture)
            else:
                attributes["COLOR_0"] = self._accessor(_linear(rest.colours[used]))
            joints = np.tile(np.array([[1, 0, 0, 0]], dtype=np.uint8), (len(used), 1))
            attributes["JOINTS_0"] = self._accessor(joints)
            attributes["WEIGHTS_0"] = self._accessor(np.tile(np.eye(4, dtype=np.float32)[:1], (len(used), 1)))
            primitive["material"] = self._material(part, gloss, texture)
            if moves:
                primitive["targets"] = [{"POSITION": self._target(scale * delta[used])} for delta in moves.values()]
            primitives.append(primitive)
        mesh: dict[str, Any] = {"name": name, "primitives": primitives}
        if moves:
            mesh["weights"] = [0.0] * len(moves)
            if named:
                mesh["extras"] = {"targetNames": list(moves)}
        return self._add("meshes", mesh)

    def _add(self, key: str, entry: dict[str, Any]) -> int:
        self.content[key].append(entry)
        return len(self.content[key]) - 1

    def _view(self, data: bytes) -> int:
        self.blob.extend(bytes(-len(self.blob) % 4))
        view = self._add("bufferViews", {"buffer": 0, "byteOffset": len(self.blob), "byteLength": len(data)})
        self.blob.extend(data)
        return view

    def _accessor(self, array: np.ndarray) -> int:
        """(n,) uint32, or (n, k) float32 or uint8; other floats become float32."""
        array = array.astype(np.float32) if array.dtype.kind == "f" else array
        entry: dict[str, Any] = {
            "bufferView": self._view(np.ascontiguousarray(array).tobytes()),
            "componentType": {"f": _FLOAT}.get(array.dtype.kind, _UNSIGNED if array.itemsize == 4 else 5121),
            "count": len(array),
            "type": _KINDS[array.shape[1] if array.ndim == 2 else 1],
        }
        return self._add("accessors", entry)

    def _positions(self, array: np.ndarray) -> int:
        index = self._accessor(array)
        exact = array.astype(np.float32)
        self.content["accessors"][index] |= {"min": exact.min(axis=0).tolist(), "max": exact.max(axis=0).tolist()}
        return index

    def _target(self, delta: np.ndarray) -> int:
        """The displacements (n, 3) of a target, sparse where most vertices stay."""
        moved = np.flatnonzero(np.abs(delta).max(axis=1) > 0)
        exact = delta.astype(np.float32)
        limits = {"min": exact.min(axis=0).tolist(), "max": exact.max(axis=0).tolist()}
        entry: dict[str, Any] = {"componentType": _FLOAT, "count": len(delta), "type": "VEC3", **limits}
        if len(moved) >= _SPARSE * len(delta):
            return self._positions(delta)
        if len(moved):
            entry["sparse"] = {
                "count": len(moved),
                "indices": {"bufferView": self._view(moved.astype(np.uint32).tobytes()), "componentType": _UNSIGNED},
                "values": {"bufferView": self._view(exact[moved].tobytes())},
            }
        return self._add("accessors", entry)  # without a buffer view: zeros

    def _material(self, part: Part, gloss: float, texture: int | None) -> int:
        surface: dict[str, Any] = {"metallicFactor": 0.0, "roughnessFactor": 1.0 - gloss}
        if texture is not None:
            surface["baseColorTexture"] = {"index": texture}
        entry = {"name": part.name.capitalize(), "pbrMetallicRoughness": surface, "doubleSided": True}
        return self._add("materials", entry)

    def _texture(self, picture: np.ndarray) -> int:
        stream = io.BytesIO()
        Image.fromarray(picture).save(stream, "PNG")
        image = self._add("images", {"bufferView": self._view(stream.getvalue()), "mimeType": "image/png"})
        sampler = self._add("samplers", {"wrapS": 33071, "wrapT": 33071})
        return self._add("textures", {"source": image, "sampler": sampler})


def _linear(shown: np.ndarray) -> np.ndarray:
    """SRGB 0..1 to linear light, the standard's curve."""
    return np.where(shown <= 0.04045, shown / 12.92, ((shown.astype(np.float64) + 0.055) / 1.055) ** 2.4)


def _unrolled(vertices: np.ndarray, faces: np.ndarray, colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Texture coordinates (V, 2) and the (h, w, 3) uint8 texture of eyes seen from the front, both eyes in one."""
    low, high = vertices[:, :2].min(axis=0), vertices[:, :2].max(axis=0)
    width, height = 2 * _TEXTURE_PX, _TEXTURE_PX
    places = (vertices[:, :2] - low) / (high - low) * [1.0, -1.0] + [0.0, 1.0]  # v runs down, as rows of a picture do
    places = 0.02 + 0.96 * places  # a rim, so that the border is not cut
    nearness = vertices[:, 2] - vertices[:, 2].min() + 1.0  # parallel rays
    raster = rasterise(places * [width, height], nearness, faces, width, height)
    corners = faces[np.maximum(raster.face, 0)]
    weights = np.concatenate([raster.weights, 1 - raster.weights.sum(axis=-1, keepdims=True)], axis=-1)
    seen = (colours[corners] * weights[..., None]).sum(axis=-2)
    seen[raster.face < 0] = colours.mean(axis=0)
    return places, np.rint(255 * np.clip(seen, 0, 1)).astype(np.uint8)


def _glb(content: Mapping[str, Any], blob: bytes) -> bytes:
    """A binary glTF 2.0 file."""
    text = json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    blob += bytes(-len(blob) % 4)
    length = 12 + 8 + len(text) + 8 + len(blob)
    return b"".join(
        [
            struct.pack("<III", 0x46546C67, 2, length),
            struct.pack("<II", len(text), 0x4E4F534A),
            text,
            struct.pack("<II", len(blob), 0x004E4942),
            blob,
        ]
    )
