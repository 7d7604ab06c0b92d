"""Writing files so that none is ever half-written, and reading JSON so that an error names its place."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sfp_core.errors import SfpError


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its name when the block ends well, and vanishes when it does not.

    The suffix is kept, since writers choose their format by it. Raises SfpError when the disk refuses.
    """
    path = Path(path)
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        temporary.chmod(0o666 & ~_umask())
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise SfpError(f"{path}: cannot be written ({error.strerror or error}); nothing was left there") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def folder_written_whole(path: Path) -> Iterator[Path]:
    """As `written_whole`, for a folder: filled beside its place, then moved there, replacing what was there."""
    path = Path(path)
    temporary: Path | None = None
    replaced: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        temporary.chmod(0o777 & ~_umask())
        yield temporary
        if path.exists():  # put aside until the new one stands, so that a failure leaves the old one
            aside = temporary.with_name(f"{temporary.name}-old")
            path.replace(aside)
            replaced = aside
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise SfpError(f"{path}: cannot be written ({error.strerror or error}); nothing was left there") from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
        if replaced is not None:
            if not path.exists():
                replaced.replace(path)
            elif replaced.is_dir():
                shutil.rmtree(replaced, ignore_errors=True)
            else:
                replaced.unlink()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text whole."""
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Any, *, encode: Callable[[Any], str] | None = None) -> None:
    """Write JSON whole, ending in a newline; NaN is refused since no other program reads it."""
    write_text(path, (encode or (lambda value: json.dumps(value, indent=1, allow_nan=False)))(content) + "\n")


def read_json(path: Path, *, format_name: str | None = None, version: int | None = None) -> dict[str, Any]:
    """Read a JSON object; check its `format` and `version` when asked.

    Raises
    ------
    SfpError
        Not there, not JSON, not an object, another format, or a newer version than `version`.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))  # some editors begin a file with a byte order mark
    except FileNotFoundError as error:
        raise SfpError(f"{path}: no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SfpError(f"{path}: cannot be read as text ({error})") from error
    except json.JSONDecodeError as error:
        raise SfpError(f"{path}:{error.lineno}:{error.colno}: not JSON ({error.msg})") from error
    except (ValueError, RecursionError) as error:  # numbers or nesting beyond what Python reads
        raise SfpError(f"{path}: not JSON that can be used ({error})") from error
    return checked_object(content, where=str(path), format_name=format_name, version=version)


def checked_object(
    content: Any, *, where: str, format_name: str | None = None, version: int | None = None
) -> dict[str, Any]:
    """`content` if it is a JSON object of this format and of no newer version; else SfpError naming `where`."""
    if not isinstance(content, dict):
        raise SfpError(f"{where}: expected a JSON object, got {type(content).__name__}")
    if format_name is not None and content.get("format") != format_name:
        raise SfpError(f"{where}: format is {content.get('format')!r}; expected {format_name!r}")
    if version is not None:
        found = content.get("version")
        if not isinstance(found, int) or found < 1:
            raise SfpError(f"{where}: version is {found!r}; expected a whole number from 1 to {version}")
        if found > version:
            raise SfpError(
                f"{where}: {content.get('format')} version {found} is newer than this program reads ({version}); "
                "update with: pip install -U stylized-face-point"
            )
    return content


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, 64 hexadecimal digits. Raises SfpError when it cannot be read."""
    digest = hashlib.sha256()
    try:
        with Path(path).open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise SfpError(f"{path}: cannot be read ({error.strerror or error})") from error
    return digest.hexdigest()
