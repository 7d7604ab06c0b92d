"""`NAME.character`: the zip that carries a character, safe to open from a stranger.

Members have fixed names and largest sizes; nothing is unpacked to a path that the zip names, and nothing in it is
executed. The same content gives the same bytes.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.files import checked_object, written_whole
from sfp_core.weights import weights_from_bytes, weights_to_bytes

SUFFIX = ".character"
FORMAT, VERSION = "sfp.character", 1
DESCRIPTION, MAPPER, FORWARD, THUMBNAIL = "character.json", "mapper.safetensors", "forward.safetensors", "thumbnail.png"
_LARGEST_BYTES: Mapping[str, int] = {
    DESCRIPTION: 4_000_000,
    MAPPER: 32_000_000,
    FORWARD: 32_000_000,
    THUMBNAIL: 4_000_000,
}
_NEEDED = (DESCRIPTION, MAPPER, FORWARD)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold: bytes do not depend on the clock


def shipped_folder() -> Path:
    """Where the characters of the package lie."""
    return Path(str(resources.files("sfp_core"))) / "data" / "characters"


def shipped_names() -> tuple[str, ...]:
    """Names of the characters of the package."""
    folder = shipped_folder()
    return tuple(sorted(path.stem for path in folder.glob(f"*{SUFFIX}"))) if folder.is_dir() else ()


def find_bundle(name_or_path: str | Path) -> Path:
    """The bundle of a shipped character's name, or at a path.

    Raises
    ------
    SfpError
        Neither; the message lists the names there are.
    """
    text = str(name_or_path)
    if text in shipped_names():
        return shipped_folder() / f"{text}{SUFFIX}"
    path = Path(name_or_path)
    if path.is_file():
        return path
    if path.suffix == SUFFIX or len(path.parts) > 1:
        raise SfpError(f"{path}: no such character file")
    if (shipped_folder().parent / "identities" / f"{text}.json").is_file():
        raise SfpError(
            f"character {text!r} is built in, but no bundle of it is made yet; make one: sfp character capture {text} "
            f"-o captures/{text}, sfp character train captures/{text} -o {text}{SUFFIX}, then name that file"
        )
    known = ", ".join(shipped_names()) or "none in this installation"
    raise SfpError(f"character {text!r} is unknown; expected a {SUFFIX} file or one of: {known}")


def read_members(path: Path) -> tuple[dict[str, Any], dict[str, dict[str, np.ndarray]], bytes]:
    """Description, weights by member name, and thumbnail (empty where there is none) of a bundle.

    Raises
    ------
    SfpError
        No zip, cut short, members missing, unknown or too large, not JSON, broken weights, a newer version.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive, path)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise SfpError(f"{path}: not a whole character file ({error}); fetch or make it again") from error
    try:
        content = json.loads(members[DESCRIPTION].decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise SfpError(f"{path}: {DESCRIPTION}: not JSON ({error})") from error
    content = checked_object(content, where=f"{path}: {DESCRIPTION}", format_name=FORMAT, version=VERSION)
    weights = {name: weights_from_bytes(members[name], where=f"{path}: {name}")[0] for name in (MAPPER, FORWARD)}
    return content, weights, members.get(THUMBNAIL, b"")


def _members(archive: zipfile.ZipFile, path: Path) -> dict[str, bytes]:
    infos = archive.infolist()
    names = [info.filename for info in infos]
    for info in infos:
        if info.filename not in _LARGEST_BYTES:
            raise SfpError(f"{path}: unexpected member {info.filename!r}; expected {', '.join(_LARGEST_BYTES)}")
        if info.file_size > _LARGEST_BYTES[info.filename]:
            raise SfpError(
                f"{path}: {info.filename}: {info.file_size} bytes; expected at most {_LARGEST_BYTES[info.filename]}"
            )
    missing = [name for name in _NEEDED if name not in names]
    if missing or len(set(names)) != len(names):
        raise SfpError(f"{path}: {', '.join(missing) + ' missing' if missing else 'a member is there twice'}")
    members = {}
    for info in infos:
        with archive.open(info) as stream:  # a header may lie about the size: never read beyond the limit
            members[info.filename] = stream.read(_LARGEST_BYTES[info.filename] + 1)
        if len(members[info.filename]) != info.file_size:
            raise SfpError(f"{path}: {info.filename}: its size is not what the zip says")
    return members


def write_members(
    path: Path, content: Mapping[str, Any], weights: Mapping[str, Mapping[str, np.ndarray]], thumbnail: bytes
) -> None:
    """Write a bundle whole.

    Parameters
    ----------
    content : mapping
        What `character.json` holds besides format and version.
    weights : mapping of member name to tensors
        `MAPPER` and `FORWARD`.
    thumbnail : bytes
        A PNG, or empty.
    """
    described = {"format": FORMAT, "version": VERSION, **content}
    members = {DESCRIPTION: (json.dumps(described, indent=1, allow_nan=False) + "\n").encode("utf-8")}
    members |= {
        name: weights_to_bytes(weights[name], {"kind": name.removesuffix(".safetensors")}, where=f"{path}: {name}")
        for name in (MAPPER, FORWARD)
    }
    members |= {THUMBNAIL: thumbnail} if thumbnail else {}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _LONG_AGO)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3  # Unix, on every system: bytes do not depend on it
            archive.writestr(info, data)
    with written_whole(Path(path)) as temporary:
        temporary.write_bytes(stream.getvalue())
