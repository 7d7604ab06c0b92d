"""Commands of the interface: shelves, menus, panels and dialogs, by name and parent, as Maya's are found again.

What a user would see and answer is in `INTERFACE`; it is no part of the scene, and a new scene does not change it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .registry import command

SHELVES, MAIN_WINDOW = "Shelf|MainShelfLayout|ShelfTopLevel", "MayaWindow"


@dataclass
class Control:
    """A shelf, a button, a menu, an item or a panel."""

    kind: str
    flags: dict[str, Any] = field(default_factory=dict)


class Interface:
    """Everything that is on the screen, by path, and what the user does."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Nothing but Maya's own shelves."""
        self.controls: dict[str, Control] = {SHELVES: Control("shelfTabLayout"), MAIN_WINDOW: Control("window")}
        self.parent: Any = None  # the widget that a panel is being made in
        self.dialogs: list[str] = []  # what was said
        self.answers: list[str] = []  # buttons that will be pressed; the first one of the dialog where it is empty
        self.folders: list[str] = []  # that will be chosen
        self.app_dir = ""

    def children(self, path: str) -> list[str]:
        """Names below, in the order in which they were made."""
        return [name[len(path) + 1 :] for name in self.controls if name.rpartition("|")[0] == path]

    def add(self, kind: str, name: str, parent: str, flags: dict[str, Any]) -> str:
        """A new one; a name that is taken gets a number, and no parent is an error, as in Maya."""
        if parent and parent not in self.controls:
            raise RuntimeError(f"Parent not found: {parent}")
        plain = f"{parent}|{name}" if parent else name
        number, path = 0, plain
        while path in self.controls:
            number += 1
            path = f"{plain}{number}"
        self.controls[path] = Control(kind, flags)
        return path

    def get(self, path: str, kind: str) -> Control:
        """One that is there."""
        found = self.controls.get(path)
        if found is None or found.kind != kind:
            raise RuntimeError(f"Object '{path}' not found.")
        return found

    def is_one(self, path: str, kind: str) -> bool:
        """Whether it is there."""
        return path in self.controls and self.controls[path].kind == kind


INTERFACE = Interface()


@command("parent", "exists", "childArray", undoable=False)
def shelfLayout(mode: str, name: str, *, parent: str = "", exists: bool = False, childArray: bool = False) -> Any:
    # Commands: shelfLayout
    if exists:
        return INTERFACE.is_one(name, "shelfLayout")
    if mode == "query":
        INTERFACE.get(name, "shelfLayout")
        return INTERFACE.children(name) or None
    return INTERFACE.add("shelfLayout", name, parent, {})


@command("parent", "exists", "label", "command", "sourceType", "image", "annotation", undoable=False)
def shelfButton(mode: str, name: str = "shelfButton", *, parent: str = "", exists: bool = False, **flags: Any) -> Any:
    # Commands: shelfButton
    if exists:
        return INTERFACE.is_one(name, "shelfButton")
    if mode == "create":
        return INTERFACE.add("shelfButton", name, parent, flags)
    button = INTERFACE.get(name, "shelfButton")
    if mode == "edit":
        button.flags.update(flags)
        return name
    (asked,) = flags
    return button.flags[asked]


@command("parent", "exists", "label", "tearOff", undoable=False)
def menu(mode: str, name: str, *, parent: str = "", exists: bool = False, **flags: Any) -> Any:
    # Commands: menu: found by its short name
    if exists:
        return any(path.rpartition("|")[2] == name and one.kind == "menu" for path, one in INTERFACE.controls.items())
    return INTERFACE.add("menu", name, parent, flags)


@command("parent", "label", "command", "sourceType", "image", "annotation", undoable=False)
def menuItem(mode: str, name: str = "menuItem", *, parent: str = "", **flags: Any) -> str:
    # Commands: menuItem
    return INTERFACE.add("menuItem", name, parent, flags)


@command(undoable=False)
def deleteUI(mode: str, name: str) -> None:
    # Commands: deleteUI: by path, or by a name that there is once; what is below goes too
    found = [path for path in INTERFACE.controls if path == name or path.rpartition("|")[2] == name]
    if len(found) != 1:
        raise RuntimeError(f"Object '{name}' not found.")
    closing = INTERFACE.controls[found[0]].flags.get("closeCommand")
    for path in [path for path in INTERFACE.controls if path == found[0] or path.startswith(f"{found[0]}|")]:
        del INTERFACE.controls[path]
    if closing:
        exec(closing, {})


@command(
    "label",
    "uiScript",
    "closeCommand",
    "initialWidth",
    "minimumWidth",
    "retain",
    "exists",
    "restore",
    undoable=False,
)
def workspaceControl(mode: str, name: str, *, exists: bool = False, restore: bool = False, **flags: Any) -> Any:
    # Commands: workspaceControl: -uiScript is run when the panel is made, with it as the current parent
    if exists:
        return INTERFACE.is_one(name, "workspaceControl")
    if mode == "edit":
        INTERFACE.get(name, "workspaceControl")
        return name
    if INTERFACE.is_one(name, "workspaceControl"):
        raise RuntimeError(f"Object's name '{name}' is not unique.")
    from sfp_maya.ui.qt import QtWidgets

    INTERFACE.parent = flags["widget"] = QtWidgets.QWidget()
    INTERFACE.add("workspaceControl", name, "", flags)
    exec(flags["uiScript"], {})
    return name


@command("title", "message", "button", "icon", "defaultButton", "cancelButton", "dismissString", undoable=False)
def confirmDialog(mode: str, *, message: str, button: list[str], title: str = "", **flags: str) -> str:
    # Commands: confirmDialog: returns the label of the button
    INTERFACE.dialogs.append(message)
    answer = INTERFACE.answers.pop(0) if INTERFACE.answers else button[0]
    if answer not in button:
        raise AssertionError(f"no button {answer!r} in {button}")
    return answer


@command("fileMode", "caption", "okCaption", undoable=False)
def fileDialog2(mode: str, *, fileMode: int, caption: str = "", okCaption: str = "") -> list[str] | None:
    # Commands: fileDialog2: None when it is dismissed
    return [INTERFACE.folders.pop(0)] if INTERFACE.folders else None


@command("userAppDir", undoable=False)
def internalVar(mode: str, *, userAppDir: bool) -> str:
    # Commands: internalVar: with a slash at the end
    return f"{INTERFACE.app_dir}/"
