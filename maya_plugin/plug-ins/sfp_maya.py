"""The Maya plug-in: registers `sfpAnimate -audio line.wav -character mery.character`, for MEL, Python and the shelf.

All that it does is one step of undo. The command keeps no undo of its own: what it calls are Maya's own commands,
inside one undo chunk, so that Maya takes them back (`isUndoable` would make Maya expect an `undoIt` besides).
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from maya.api import OpenMaya

COMMAND = "sfpAnimate"
VENDOR = "StylizedFacePoint"
# short, long, type
FLAGS = (
    ("-a", "-audio", OpenMaya.MSyntax.kString),
    ("-c", "-character", OpenMaya.MSyntax.kString),
    ("-s", "-startFrame", OpenMaya.MSyntax.kDouble),
    ("-n", "-namespace", OpenMaya.MSyntax.kString),
    ("-t", "-take", OpenMaya.MSyntax.kString),
    ("-tr", "-transcript", OpenMaya.MSyntax.kString),
    ("-m", "-mode", OpenMaya.MSyntax.kString),
    ("-ra", "-replaceAll", OpenMaya.MSyntax.kBoolean),
    ("-ko", "-keysOnly", OpenMaya.MSyntax.kBoolean),
)
_ARGUMENTS = {
    "-audio": "audio",
    "-character": "character",
    "-startFrame": "start_frame",
    "-namespace": "namespace",
    "-take": "take",
    "-transcript": "transcript",
    "-mode": "mode",
    "-replaceAll": "replace_all",
    "-keysOnly": "keys_only",
}


def maya_useNewAPI() -> None:
    """Tell Maya that this plug-in speaks the Python API 2.0."""


class SfpAnimate(OpenMaya.MPxCommand):  # type: ignore[misc]  # the stubs know nothing of it
    """Animate the selected character from a sound file."""

    def doIt(self, arguments: OpenMaya.MArgList) -> None:
        """Run; the result is the report as JSON."""
        given = OpenMaya.MArgDatabase(self.syntax(), arguments)
        values = {}
        for short, long, kind in FLAGS:
            if given.isFlagSet(short):
                values[_ARGUMENTS[long]] = _READERS[kind](given, short)
        missing = [name for name in ("audio", "character") if name not in values]
        if missing:
            raise RuntimeError(f"{COMMAND}: -{' and -'.join(missing)} missing")
        self.setResult(_package("command").run(**values))

    def isUndoable(self) -> bool:
        """No `undoIt` here; see the top of this file."""
        return False

    @staticmethod
    def create() -> SfpAnimate:
        """A new command object."""
        return SfpAnimate()

    @staticmethod
    def new_syntax() -> OpenMaya.MSyntax:
        """The flags."""
        syntax = OpenMaya.MSyntax()
        for short, long, kind in FLAGS:
            syntax.addFlag(short, long, kind)
        return syntax


_READERS: dict[int, Any] = {
    OpenMaya.MSyntax.kString: lambda given, flag: given.flagArgumentString(flag, 0),
    OpenMaya.MSyntax.kDouble: lambda given, flag: given.flagArgumentDouble(flag, 0),
    OpenMaya.MSyntax.kBoolean: lambda given, flag: given.flagArgumentBool(flag, 0),
}


def _package(module: str) -> Any:
    """A module of the package `sfp_maya`, which has the name of this file: Maya may have put this file under it."""
    there = sys.modules.get("sfp_maya")
    if there is not None and not hasattr(there, "__path__"):
        del sys.modules["sfp_maya"]
    return importlib.import_module(f"sfp_maya.{module}")


def initializePlugin(plugin: OpenMaya.MObject) -> None:
    """Called by Maya when the plug-in is loaded."""
    OpenMaya.MFnPlugin(plugin, VENDOR, "1.0").registerCommand(COMMAND, SfpAnimate.create, SfpAnimate.new_syntax)


def uninitializePlugin(plugin: OpenMaya.MObject) -> None:
    """Called by Maya when it is unloaded."""
    OpenMaya.MFnPlugin(plugin).deregisterCommand(COMMAND)
