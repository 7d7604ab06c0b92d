"""`sfp maya` and `sfp ui`: the tool for Maya, put where Maya finds it, and its window without Maya."""

import importlib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from sfp_core.cli.talk import say
from sfp_core.errors import SfpError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The tool for Maya: install and uninstall.")

MayaFolderOption = Annotated[
    Path | None,
    typer.Option(
        "--maya-app-dir", metavar="DIR", help="Where Maya keeps your settings. [MAYA_APP_DIR, or usual place]"
    ),
]


@app.command("install")
def install(maya_app_dir: MayaFolderOption = None) -> None:
    """Point Maya at the tool, and the tool at this Python. Nothing is copied; Maya.env is left alone."""
    installer = _module("install")
    maya = maya_app_dir or _usual_folder(installer)
    try:
        file = installer.install(_plugin(), maya, environment=sys.executable)
    except installer.SfpMayaError as error:
        raise SfpError(str(error)) from error
    say(f"wrote {file}; start Maya anew: the menu sfp is there (not yet run in Maya by us)")


@app.command("uninstall")
def uninstall(maya_app_dir: MayaFolderOption = None) -> None:
    """Take the tool out of Maya again. Scenes and takes are left alone."""
    installer = _module("install")
    maya = maya_app_dir or _usual_folder(installer)
    try:
        file = installer.uninstall(maya)
    except installer.SfpMayaError as error:
        raise SfpError(str(error)) from error
    say(f"removed {file}" if file else f"{maya}: the tool is not installed there")


def ui(
    sound: Annotated[Path | None, typer.Argument(metavar="SOUND", help="The recording to begin with.")] = None,
) -> None:
    """Open the window: a recording in, a take and its film out. Needs the extra: stylized-face-point[ui]."""
    if sound is not None and not sound.is_file():
        raise SfpError(f"{sound}: no such sound file")
    _refuse_qt()
    try:
        window = _module("ui.outside")
    except ImportError as error:  # Qt is there, a system library that it needs is not
        raise SfpError(f"ui: Qt cannot be loaded ({error}); install that library, or work with sfp animate") from error
    raise typer.Exit(window.main([] if sound is None else [str(sound)]))


def _refuse_qt() -> None:
    """Raise SfpError where the window cannot be opened, or would end this Python."""
    if importlib.util.find_spec("PySide6") is None:
        raise SfpError("ui: PySide6 is not installed; expected: pip install 'stylized-face-point[ui]'")
    import PySide6

    # built for a None that is never counted, as it is from Python 3.12 on; before, each call takes one away
    if sys.version_info < (3, 12) and tuple(int(word) for word in PySide6.__version__.split(".")[:2]) == (6, 12):
        raise SfpError("ui: PySide6 6.12 crashes before Python 3.12; expected: pip install 'PySide6-Essentials<6.12'")


def _plugin() -> Path:
    """The folder of the tool: beside the package, in a checkout as in an installation."""
    import sfp_core

    folder = Path(sfp_core.__file__).resolve().parents[1] / "maya_plugin"
    if not folder.is_dir():
        raise SfpError(
            f"{folder}: no such folder; install stylized-face-point whole, its wheel brings the tool for Maya"
        )
    return folder


def _module(name: str) -> ModuleType:
    """A module of the tool, which is no part of this package: it runs in Maya's Python."""
    scripts = str(_plugin() / "scripts")
    if scripts not in sys.path:
        sys.path.append(scripts)
    return importlib.import_module(f"sfp_maya.{name}")


def _usual_folder(installer: ModuleType) -> Path:
    folder: Path = installer.maya_folder(os.environ, platform=sys.platform, home=Path.home())
    return folder
