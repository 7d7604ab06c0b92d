"""Adding to a glTF file: its JSON grows, bytes are put behind those of its buffer, and all that was there stays."""

import base64
import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.files import written_whole

_MAGIC, _JSON, _BINARY = 0x46546C67, 0x4E4F534A, 0x004E4942
_FLOAT = 5126
_TYPES = {1: "SCALAR", 4: "VEC4"}


@dataclass
class Container:
    """A file to be added to. Make one with `read`, of a file that `rigs.gltf.document` has accepted.

    Attributes
    ----------
    content : dict
        The JSON.
    packed : bool
        Whether the file is binary glTF.
    binary : bytes or None
        The binary part of such a file, where it has one.
    more : bytes
        Further parts, of kinds that readers pass over.
    """

    content: dict[str, Any]
    packed: bool
    binary: bytes | None = None
    more: bytes = b""
    _added: bytearray = field(default_factory=bytearray, init=False)

    @classmethod
    def read(cls, path: Path) -> "Container":
        """Read a file."""
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise SfpError(f"{path}: cannot be read ({error.strerror or error})") from error
        if data[:4] != b"glTF":
            return cls(json.loads(data.decode("utf-8-sig")), packed=False)
        data = data[: struct.unpack_from("<I", data, 8)[0]]
        size = struct.unpack_from("<I", data, 12)[0]
        content, rest = json.loads(data[20 : 20 + size].decode("utf-8-sig")), data[20 + size :]
        length, kind = struct.unpack_from("<II", rest) if len(rest) >= 8 else (0, 0)
        if kind != _BINARY:
            return cls(content, packed=True, more=rest)
        return cls(content, packed=True, binary=rest[8 : 8 + length], more=rest[8 + length :])

    def add_array(self, array: np.ndarray, *, limits: bool = False) -> int:
        """Add numbers as an accessor of their own.

        Parameters
        ----------
        array : (n,) or (n, 4) float32
        limits : bool
            State the lowest and the highest number, as times of keys must.

        Returns
        -------
        int
            Its number.
        """
        width = array.shape[1] if array.ndim == 2 else 1
        view = {"buffer": self._buffer, "byteOffset": self._first + len(self._added), "byteLength": 4 * array.size}
        accessor: dict[str, Any] = {
            "bufferView": self._append("bufferViews", view),
            "componentType": _FLOAT,
            "count": len(array),
            "type": _TYPES[width],
        }
        if limits:
            accessor |= {"min": [float(array.min())], "max": [float(array.max())]}
        self._added += array.astype("<f4").tobytes()
        return self._append("accessors", accessor)

    def add_animation(self, animation: dict[str, Any]) -> None:
        """Add an animation."""
        self._append("animations", animation)

    def write(self, path: Path) -> None:
        """Write the file with what was added. Raises SfpError when the disk refuses or JSON cannot hold a number."""
        content = dict(self.content)
        buffers = list(content.get("buffers", []))
        binary = self.binary
        if self._behind_binary:
            assert binary is not None
            binary = binary + bytes(-len(binary) % 4) + bytes(self._added)
            buffers[0] = buffers[0] | {"byteLength": len(binary)}
        else:
            uri = "data:application/octet-stream;base64," + base64.b64encode(self._added).decode("ascii")
            buffers.append({"byteLength": len(self._added), "uri": uri})
        content["buffers"] = buffers
        try:
            text = json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")
        except (ValueError, RecursionError) as error:
            raise SfpError(f"{path}: the model's JSON cannot be written again ({error})") from error
        with written_whole(path) as temporary:
            temporary.write_bytes(_packed(text, binary, self.more) if self.packed else text + b"\n")

    @property
    def _behind_binary(self) -> bool:
        """Whether what is added goes into the binary part: it is there, and the first buffer stands for it."""
        buffers = self.content.get("buffers", [])
        return self.binary is not None and bool(buffers) and buffers[0].get("uri") is None

    @property
    def _buffer(self) -> int:
        return 0 if self._behind_binary else len(self.content.get("buffers", []))

    @property
    def _first(self) -> int:
        """Where added bytes begin in their buffer."""
        return (len(self.binary or b"") + 3) // 4 * 4 if self._behind_binary else 0

    def _append(self, key: str, entry: dict[str, Any]) -> int:
        entries = self.content.get(key, [])
        self.content[key] = [*entries, entry]
        return len(entries)


def _packed(text: bytes, binary: bytes | None, more: bytes) -> bytes:
    parts = _part(_JSON, text, b" ") + (b"" if binary is None else _part(_BINARY, binary, b"\0")) + more
    return struct.pack("<III", _MAGIC, 2, 12 + len(parts)) + parts


def _part(kind: int, data: bytes, padding: bytes) -> bytes:
    data += padding * (-len(data) % 4)
    return struct.pack("<II", len(data), kind) + data
