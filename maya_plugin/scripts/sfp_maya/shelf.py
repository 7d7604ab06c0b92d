"""The shelf: made once, found again, and taken away. Maya keeps it in its preferences."""

from __future__ import annotations

from maya import cmds, mel

from .actions import ACTIONS

SHELF = "sfp"


def install() -> str:
    """The shelf with a button an action; buttons that are there are brought up to date, not doubled. Returns it."""
    shelf = _shelf() or str(cmds.shelfLayout(SHELF, parent=_tabs()))
    there = _buttons(shelf)
    for action in ACTIONS:
        if action.label in there:
            cmds.shelfButton(
                there[action.label],
                edit=True,
                command=action.script,
                image=f"{action.icon}.png",
                annotation=action.about,
            )
        else:
            cmds.shelfButton(
                parent=shelf,
                label=action.label,
                command=action.script,
                sourceType="python",
                image=f"{action.icon}.png",
                annotation=action.about,
            )
    return shelf


def uninstall() -> None:
    """Take the buttons away, and the shelf unless somebody has put others on it."""
    shelf = _shelf()
    if shelf is None:
        return
    ours = {action.label for action in ACTIONS}
    for label, button in _buttons(shelf).items():
        if label in ours:
            cmds.deleteUI(button)
    if not cmds.shelfLayout(shelf, query=True, childArray=True):
        cmds.deleteUI(shelf)


def _tabs() -> str:
    """All shelves' parent; Maya's own global variable."""
    return str(mel.eval("$sfpShelves = $gShelfTopLevel"))


def _shelf() -> str | None:
    path = f"{_tabs()}|{SHELF}"
    return path if cmds.shelfLayout(path, exists=True) else None


def _buttons(shelf: str) -> dict[str, str]:
    """Label -> button."""
    found: dict[str, str] = {}
    for child in cmds.shelfLayout(shelf, query=True, childArray=True) or []:  # type: ignore[union-attr]  # names
        button = f"{shelf}|{child}"
        if cmds.shelfButton(button, exists=True):  # and no separator
            found[str(cmds.shelfButton(button, query=True, label=True))] = button
    return found
