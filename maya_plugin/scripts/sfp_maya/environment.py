"""Where `sfp` is: a Python environment of its own, chosen once, and how a process of it is to be started. No Maya."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Mapping, Sequence

from .errors import SfpMayaError

WINDOWS, LINUX, MACOS = "win32", "linux", "darwin"
CHOSEN = "SFP_ENVIRONMENT"
"""The environment variable that names the environment where nothing was chosen in the settings."""

# Maya's own: they would make another Python load Maya's libraries, and fail.
_MAYA_VARIABLES = (
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONEXECUTABLE",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONSAFEPATH",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "DYLD_LIBRARY_PATH",
    "DYLD_FRAMEWORK_PATH",
    "DYLD_INSERT_LIBRARIES",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "SSL_CERT_FILE",
)
_MAYA_PREFIXES = ("QT_", "QML", "MAYA_", "XBMLANG", "__PYVENV")
_CREATE_NO_WINDOW = 0x08000000
_CREATE_NEW_PROCESS_GROUP = 0x00000200


def sfp_command(chosen: str, *, platform: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The words that start `sfp`.

    Parameters
    ----------
    chosen : str
        The folder of a Python environment, a Python, or an `sfp` program; "" to look at `SFP_ENVIRONMENT`, then PATH.
    platform : str
        As `sys.platform`.

    Raises
    ------
    SfpMayaError
        Nothing is there.
    """
    place = chosen or environ.get(CHOSEN, "")
    if not place:
        program = shutil.which("sfp", path=environ.get("PATH", ""))
        if program is None:
            raise SfpMayaError(
                "no environment of sfp is chosen: name the folder of the Python environment that "
                f"stylized-face-point is installed in (settings of the tool, or the variable {CHOSEN})"
            )
        return (program,)
    path = Path(place).expanduser()
    if path.is_dir():
        folder, suffix = ("Scripts", ".exe") if platform == WINDOWS else ("bin", "")
        python = path / folder / f"python{suffix}"
        if not python.is_file():
            raise SfpMayaError(f"{path}: has no {folder}/python{suffix}; expected the folder of a Python environment")
        return (str(python), "-m", "sfp_core")
    if not path.is_file():
        raise SfpMayaError(f"{path}: no such file or folder; expected a Python environment with stylized-face-point")
    return (str(path), "-m", "sfp_core") if path.stem.lower().startswith("python") else (str(path),)


def child_environment(environ: Mapping[str, str], *, maya_location: str, platform: str) -> dict[str, str]:
    """The variables of a child process: without Maya's, text in UTF-8, and no network that was not asked for.

    Parameters
    ----------
    maya_location : str
        Maya's folder ("" where unknown): entries of PATH below it go too.
    """
    windows = platform == WINDOWS
    dropped = {name for name in environ if name.upper() in _MAYA_VARIABLES or name.upper().startswith(_MAYA_PREFIXES)}
    clean = {name: value for name, value in environ.items() if name not in dropped}
    separator = ";" if windows else ":"
    for name in [name for name in clean if name.upper() == "PATH"]:
        entries = [entry for entry in clean[name].split(separator) if not _below(entry, maya_location, windows)]
        clean[name] = separator.join(entries)
    clean.update({"PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"})
    return clean


def _below(entry: str, folder: str, windows: bool) -> bool:
    if not folder:
        return False
    inner, outer = (text.replace("\\", "/").rstrip("/") + "/" for text in (entry, folder))
    if windows:
        inner, outer = inner.lower(), outer.lower()
    return inner.startswith(outer)


def start_options(*, platform: str) -> dict[str, object]:
    """Keyword arguments of `subprocess.Popen`: no console window, and a group of its own that can be ended whole."""
    if platform == WINDOWS:
        return {"creationflags": _CREATE_NO_WINDOW | _CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def end_commands(pid: int, *, platform: str) -> list[list[str]]:
    """The commands that end a process with its children where signals to groups do not exist; [] elsewhere."""
    return [["taskkill", "/F", "/T", "/PID", str(pid)]] if platform == WINDOWS else []


def version_of(command: Sequence[str], environment: Mapping[str, str], *, platform: str) -> str:
    """What `sfp --version` says, as "0.1.0".

    Raises
    ------
    SfpMayaError
        It cannot be started, or is no sfp; with what it said.
    """
    options = start_options(platform=platform) if platform == WINDOWS and os.name == "nt" else {}
    try:
        done = subprocess.run(  # type: ignore[call-overload]
            [*command, "--version"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
            **options,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SfpMayaError(f"{command[0]}: cannot be started ({error})") from error
    said = done.stdout.decode("utf-8", "replace").split()
    if done.returncode or len(said) != 2 or said[0] != "sfp":
        details = done.stderr.decode("utf-8", "replace")
        raise SfpMayaError(
            f"{command[0]}: is no Python with sfp; install it there: pip install stylized-face-point", details
        )
    return str(said[1])
