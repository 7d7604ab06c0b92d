"""A glTF 2.0 document: the file, its JSON and its buffers. Nothing outside the file's folder is ever opened."""

import base64
import json
import struct
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from sfp_core.errors import SfpError
from sfp_core.rigs.gltf.entry import Entry

SUFFIXES = (".glb", ".gltf", ".vrm")
MOST_BYTES = 1 << 30  # of one file or one buffer

_MAGIC, _JSON, _BINARY = 0x46546C67, 0x4E4F534A, 0x004E4942
_COMPRESSED = {
    "KHR_draco_mesh_compression": "gltf-transform or Blender",
    "EXT_meshopt_compression": "gltfpack -noq or gltf-transform",
    "KHR_meshopt_compression": "gltfpack -noq or gltf-transform",
}
# What a file may require of us: read, or of no weight for the picture of a face.
_UNDERSTOOD = (
    *("KHR_mesh_quantization", "KHR_texture_transform", "KHR_materials_unlit", "EXT_texture_webp"),
    *("VRM", "VRMC_vrm", "VRMC_materials_mtoon", "VRMC_springBone", "VRMC_node_constraint"),
    *("KHR_materials_specular", "KHR_materials_ior", "KHR_materials_clearcoat", "KHR_materials_transmission"),
    *("KHR_materials_volume", "KHR_materials_sheen", "KHR_materials_emissive_strength", "KHR_lights_punctual"),
    *("KHR_animation_pointer", "KHR_xmp_json_ld"),
)


class Document:
    """A file with its JSON; buffers are read when they are asked for.

    Attributes
    ----------
    path : Path
    root : Entry
        The JSON's outermost object.
    """

    def __init__(self, path: Path, root: Entry, binary: bytes | None) -> None:
        self.path = path
        self.root = root
        self._binary = binary
        self._buffers: dict[int, memoryview] = {}
        self._lists: dict[str, list[Entry]] = {}

    @classmethod
    def load(cls, path: Path) -> "Document":
        """Read a .glb, .gltf or .vrm file.

        Raises
        ------
        SfpError
            Not there, too large, cut off, no glTF 2.0, or in need of an extension that is not read here.
        """
        path = Path(path)
        if path.suffix.lower() not in SUFFIXES:
            raise SfpError(f"{path}: expected a file that ends in {', '.join(SUFFIXES)}")
        data = _bytes_of(path, str(path))
        if data[:4] == b"glTF" or path.suffix.lower() != ".gltf":
            text, binary = _unpacked(data, path)
        else:
            text, binary = data, None
        document = cls(path, Entry(_parsed(text, path), str(path)), binary)
        document._refuse_other_than_version_2()
        document._refuse_unknown_extensions()
        return document

    def all(self, key: str) -> list[Entry]:
        """Every entry of a list of the document: "meshes", "nodes" and so on."""
        if key not in self._lists:
            self._lists[key] = self.root.children(key)
        return self._lists[key]

    def one(self, key: str, owner: Entry, name: str) -> Entry:
        """The entry of list `key` that `owner`'s value `name` names by number."""
        entries = self.all(key)
        return entries[owner.index(name, len(entries))]

    def view(self, number: int) -> tuple[memoryview, int]:
        """The bytes of a buffer view, and its stride in bytes, 0 where it has none."""
        entry = self.all("bufferViews")[number]
        buffers = self.all("buffers")
        buffer = self._buffer(entry.index("buffer", len(buffers)), entry)
        length, offset = entry.integer("byteLength", low=1), entry.integer("byteOffset", 0)
        if offset + length > len(buffer):
            raise SfpError(
                f"{entry.where}: bytes {offset} to {offset + length} are not in its buffer, which has {len(buffer)}"
            )
        return buffer[offset : offset + length], entry.integer("byteStride", 0, high=252)

    def resource(self, uri: str, where: str) -> bytes:
        """The bytes that a URI stands for: within itself, or of a file in the document's folder."""
        if uri.startswith("data:"):
            return _embedded(uri, where)
        name = unquote(uri)
        parts = PurePosixPath(name)
        harmless = not (parts.is_absolute() or ".." in parts.parts or any(sign in name for sign in ":\\\0") or not name)
        folder = self.path.parent.resolve()
        if not harmless or not _resolved(folder / name, where).is_relative_to(folder):
            raise SfpError(f"{where}: URI {uri[:60]!r} leaves the folder; expected a file beside the document")
        return _bytes_of(folder / name, f"{where}: {name}")

    def _buffer(self, number: int, view: Entry) -> memoryview:
        if number in self._buffers:
            return self._buffers[number]
        entry = self.all("buffers")[number]
        if "uri" in entry:
            data = self.resource(entry.text("uri"), entry.where)
        elif number == 0 and self._binary is not None:
            data = self._binary
        else:
            for extension in view.child("extensions").named_children():
                if extension[0] in _COMPRESSED:
                    raise _compressed(self.path, extension[0])
            raise SfpError(f"{entry.where}: it has neither a URI nor a binary part in this file")
        length = entry.integer("byteLength", low=1)
        if length > len(data):
            raise SfpError(f"{entry.where}: {length} bytes are announced, {len(data)} are there; the file is cut off")
        self._buffers[number] = memoryview(data)[:length]
        return self._buffers[number]

    def _refuse_other_than_version_2(self) -> None:
        asset = self.root.child("asset")
        for key in ("version", "minVersion"):
            version = asset.text(key, "" if key == "version" else "2.0")
            if not version.startswith("2."):
                raise SfpError(f"{self.path}: glTF {version or 'without a version'}; expected 2.0, export it anew")

    def _refuse_unknown_extensions(self) -> None:
        for name in self.root.texts("extensionsRequired"):
            if name in _COMPRESSED:
                raise _compressed(self.path, name)
            if name not in _UNDERSTOOD:
                raise SfpError(
                    f"{self.path}: it requires the extension {name[:60]!r}, which is not read; export without"
                )
        for mesh in self.all("meshes"):
            for primitive in mesh.children("primitives"):
                draco = "KHR_draco_mesh_compression"
                if draco in primitive.child("extensions") and not self._is_plain(primitive):
                    raise _compressed(self.path, draco)

    def _is_plain(self, primitive: Entry) -> bool:
        """Whether a primitive's positions are there without compression too."""
        return "bufferView" in self.one("accessors", primitive.child("attributes"), "POSITION")


def _compressed(path: Path, extension: str) -> SfpError:
    return SfpError(f"{path}: its meshes are packed with {extension}; save it without, with {_COMPRESSED[extension]}")


def _resolved(path: Path, where: str) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # links that run in circles
        raise SfpError(f"{where}: {path.name} cannot be found ({error})") from error


def _bytes_of(path: Path, where: str) -> bytes:
    try:
        if not path.is_file():
            raise SfpError(f"{where}: no such file")
        if (size := path.stat().st_size) > MOST_BYTES:
            raise SfpError(f"{where}: {size >> 20} MB; expected at most {MOST_BYTES >> 20}")
        return path.read_bytes()
    except OSError as error:
        raise SfpError(f"{where}: cannot be read ({error.strerror or error})") from error


def _embedded(uri: str, where: str) -> bytes:
    head, comma, body = uri.partition(",")
    if not comma or not head.endswith(";base64"):
        raise SfpError(f"{where}: data URI {uri[:40]!r}; expected base64")
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise SfpError(f"{where}: data URI is no base64 ({error})") from error


def _unpacked(data: bytes, path: Path) -> tuple[bytes, bytes | None]:
    """JSON text and binary part of a binary glTF."""
    if len(data) < 12 or data[:4] != b"glTF":
        raise SfpError(f"{path}: begins with {data[:4]!r}; expected b'glTF', as a binary glTF file does")
    _, version, length = struct.unpack_from("<III", data)
    if version != 2:
        raise SfpError(f"{path}: binary glTF version {version}; expected 2, export it anew")
    if length > len(data):
        raise SfpError(f"{path}: {length} bytes are announced, {len(data)} are there; the file is cut off")
    chunks: list[tuple[int, bytes]] = []
    at = 12
    while at + 8 <= length and len(chunks) < 2:
        size, kind = struct.unpack_from("<II", data, at)
        if at + 8 + size > length:
            raise SfpError(f"{path}: its part at byte {at} announces {size} bytes; {length - at - 8} are there")
        chunks.append((kind, data[at + 8 : at + 8 + size]))
        at += 8 + size
    if not chunks or chunks[0][0] != _JSON:
        raise SfpError(f"{path}: the first part is not JSON; expected a binary glTF 2.0 file")
    binary = chunks[1][1] if len(chunks) > 1 and chunks[1][0] == _BINARY else None
    return chunks[0][1], binary


def _parsed(text: bytes, path: Path) -> dict[str, Any]:
    try:
        content = json.loads(text.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise SfpError(f"{path}: its JSON cannot be read ({_first_line(error)})") from error
    if not isinstance(content, dict):
        raise SfpError(f"{path}: its JSON is a {type(content).__name__}; expected an object")
    return content


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
