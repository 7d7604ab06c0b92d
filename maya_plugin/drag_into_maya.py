"""Drag this file into Maya's viewport: the tool is installed, or taken away again.

Writes one file, `sfp.mod` in your folder of Maya modules, which points at the folder that this file is in: unpack it
where it is to stay. Standard library and `maya` alone; Maya.env is left alone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from maya import cmds

_HERE = Path(__file__).resolve().parent
_INSTALL, _UNINSTALL, _CANCEL = "Install", "Uninstall", "Cancel"


def onMayaDroppedPythonFile(dropped: Any = None) -> None:
    """Called by Maya. What went wrong is told in a dialog."""
    scripts = str(_HERE / "scripts")
    if scripts not in sys.path:
        sys.path.insert(0, scripts)
    try:
        _ask()
    finally:
        # else the next drop would find this module and run nothing
        sys.modules.pop(Path(__file__).stem, None)


def _ask() -> None:
    from sfp_maya import install
    from sfp_maya.errors import SfpMayaError

    maya = Path(str(cmds.internalVar(userAppDir=True)))
    try:
        there = install.installed(maya)
        choice = _INSTALL if there is None else _chosen(there)
        if choice == _INSTALL:
            _install(maya)
        elif choice == _UNINSTALL:
            _uninstall(maya)
    except SfpMayaError as error:
        cmds.confirmDialog(title="sfp", message=str(error), button=["OK"], icon="warning")


def _chosen(there: Path) -> str:
    same = there == _HERE
    return str(
        cmds.confirmDialog(
            title="sfp",
            message="The tool is installed." if same else f"The tool is installed from another folder:\n{there}",
            button=[_INSTALL, _UNINSTALL, _CANCEL],
            defaultButton=_INSTALL,
            cancelButton=_CANCEL,
            dismissString=_CANCEL,
        )
    )


def _install(maya: Path) -> None:
    from sfp_maya import install, menu, shelf

    file = install.install(_HERE, maya)
    shelf.install()
    menu.install()
    cmds.confirmDialog(
        title="sfp",
        message=f"Installed: {file}\nThe shelf and the menu sfp are there; their icons are, from the next start on.\n"
        "Say in Settings / doctor where the Python environment of sfp is.",
        button=["OK"],
    )


def _uninstall(maya: Path) -> None:
    from sfp_maya import install, menu, shelf

    shelf.uninstall()
    menu.uninstall()
    file = install.uninstall(maya)
    cmds.confirmDialog(title="sfp", message=f"Removed: {file}\nThe folder {_HERE} can be deleted.", button=["OK"])
