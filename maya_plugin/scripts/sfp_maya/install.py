"""The module file in Maya's folder of modules: written, found again, taken away. No Maya, no Qt.

Maya reads every file of that folder whatever its suffix, so no copy and no half file is ever left in it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Mapping

from .environment import CHOSEN, MACOS, WINDOWS
from .errors import SfpMayaError

MODULE_FILE = "sfp.mod"
_VERSION = "1.0"


def maya_folder(environ: Mapping[str, str], *, platform: str, home: Path) -> Path:
    """Where a user's Maya keeps its settings: `MAYA_APP_DIR`, else the platform's usual place."""
    given = environ.get("MAYA_APP_DIR", "")
    if given:
        return Path(given)
    if platform == WINDOWS:
        return home / "Documents" / "maya"
    return home / "Library" / "Preferences" / "Autodesk" / "maya" if platform == MACOS else home / "maya"


def module_text(plugin: Path, environment: str = "") -> str:
    """What `sfp.mod` says: where the tool is, for all versions of Maya, and where `sfp` is when that is known."""
    lines = [f"+ sfp {_VERSION} {plugin.as_posix()}"]
    lines += [f"{CHOSEN}={Path(environment).as_posix()}"] if environment else []
    return "\n".join(lines) + "\n"


def installed(maya: Path) -> Path | None:
    """The folder that the module file points at; None where there is none."""
    words = next((line.split(None, 3) for line in _lines(maya) if line.startswith("+ sfp ")), [])
    return Path(words[3]) if len(words) == 4 else None


def _lines(maya: Path) -> list[str]:
    file = maya / "modules" / MODULE_FILE
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise SfpMayaError(f"{file}: cannot be read ({error}); delete it") from error


def _known_environment(maya: Path) -> str:
    start = f"{CHOSEN}="
    return next((line[len(start) :] for line in _lines(maya) if line.startswith(start)), "")


def install(plugin: Path, maya: Path, *, environment: str = "") -> Path:
    """Point Maya at the tool. Doing it again changes nothing, or what has moved.

    Parameters
    ----------
    plugin : Path
        The folder `maya_plugin`, unpacked, where it is to stay.
    maya : Path
        The user's folder of Maya settings.
    environment : str
        The Python of `sfp`; "" to leave it at what an earlier installation says, or to the tool's settings.

    Returns
    -------
    file : Path

    Raises
    ------
    SfpMayaError
        No Maya has been started here, the tool is not whole, or the folder cannot be written.
    """
    if not (plugin / "scripts" / "sfp_maya" / "__init__.py").is_file():
        raise SfpMayaError(f"{plugin}: has no scripts/sfp_maya; unpack the whole maya_plugin, and keep it together")
    if not maya.is_dir():
        raise SfpMayaError(f"{maya}: no such folder; start Maya once, or say where its settings are (--maya-app-dir)")
    file = maya / "modules" / MODULE_FILE
    text = module_text(plugin.resolve(), environment or _known_environment(maya))
    # beside the folder, not in it: Maya would read a half file
    half = maya / f".{MODULE_FILE}.{os.getpid()}"
    try:
        if file.is_file() and file.read_bytes() == text.encode("utf-8"):
            return file
        file.parent.mkdir(exist_ok=True)
        half.write_text(text, encoding="utf-8")
        half.replace(file)
    except OSError as error:
        with suppress(OSError):
            half.unlink()
        raise SfpMayaError(f"{file}: cannot be written ({error.strerror or error})") from error
    return file


def uninstall(maya: Path) -> Path | None:
    """Take the module file away; None where there was none. The tool's own folder stays."""
    file = maya / "modules" / MODULE_FILE
    try:
        file.unlink()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SfpMayaError(f"{file}: cannot be removed ({error.strerror or error})") from error
    return file
