"""`maya.api.OpenMaya`: what a command plug-in needs (API reference: MPxCommand, MSyntax, MArgDatabase, MFnPlugin)."""

from __future__ import annotations

import json
from typing import Any, Callable

from maya_fake.scene import SESSION


class MSyntax:
    """Flags of a command: short ones of up to three letters, long ones of at least four."""

    kBoolean, kLong, kDouble, kString = 2, 3, 4, 5

    def __init__(self) -> None:
        self.flags: list[tuple[str, str, int]] = []

    def addFlag(self, short: str, long: str, *kinds: int) -> MSyntax:
        if not (1 < len(short) <= 4 and len(long) > 4):
            raise RuntimeError(f"{short}, {long}: short flags have up to 3 letters, long ones at least 4")
        self.flags.append((short, long, kinds[0]))
        return self


class MArgList:
    """What was given, by flag."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given


class MArgDatabase:
    """What was given, checked against the syntax."""

    def __init__(self, syntax: MSyntax, arguments: MArgList) -> None:
        self._values: dict[str, Any] = {}
        types = {MSyntax.kBoolean: bool, MSyntax.kDouble: (int, float), MSyntax.kString: str}
        for name, value in arguments.given.items():
            found = [(short, kind) for short, long, kind in syntax.flags if name in (short[1:], long[1:])]
            if not found:
                raise TypeError(f"Invalid flag '{name}'")
            if not isinstance(value, types[found[0][1]]):  # type: ignore[arg-type]
                raise TypeError(f"Invalid arguments for flag '{name}'")
            self._values[found[0][0]] = value

    def isFlagSet(self, flag: str) -> bool:
        return flag in self._values

    def flagArgumentString(self, flag: str, index: int) -> str:
        return str(self._values[flag])

    def flagArgumentDouble(self, flag: str, index: int) -> float:
        return float(self._values[flag])

    def flagArgumentBool(self, flag: str, index: int) -> bool:
        return bool(self._values[flag])


class MPxCommand:
    """A command; one that says it is undoable must bring its own undo."""

    result: Any = None
    own_syntax: MSyntax

    def syntax(self) -> MSyntax:
        return self.own_syntax

    def setResult(self, value: Any) -> None:
        self.result = value

    def isUndoable(self) -> bool:
        return False


class MObject:
    """A handle."""


class MFnPlugin:
    """Registers commands."""

    def __init__(self, plugin: Any, vendor: str = "", version: str = "") -> None:
        self._plugin = plugin

    def registerCommand(self, name: str, create: Callable[[], MPxCommand], syntax: Callable[[], MSyntax]) -> None:
        if name in SESSION.commands:
            raise RuntimeError(f"{name} is registered already")

        def call(**given: Any) -> Any:
            command = create()
            command.own_syntax = syntax()
            if command.isUndoable():
                raise NotImplementedError("undo of plug-in commands")
            command.doIt(MArgList(json.loads(json.dumps(given))))  # type: ignore[attr-defined]
            return command.result

        SESSION.commands[name] = call

    def deregisterCommand(self, name: str) -> None:
        del SESSION.commands[name]
