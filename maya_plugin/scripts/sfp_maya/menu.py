"""The menu in Maya's main window: made at every start, since Maya keeps no menus."""

from __future__ import annotations

from maya import cmds, mel

from .actions import ACTIONS

MENU = "sfpMenu"


def install() -> str:
    """The menu; one that is there is made anew. Returns its name."""
    uninstall()
    window = str(mel.eval("$sfpWindow = $gMainWindow"))
    menu = str(cmds.menu(MENU, label="sfp", parent=window, tearOff=True))
    for action in ACTIONS:
        cmds.menuItem(
            parent=menu,
            label=action.label,
            command=action.script,
            sourceType="python",
            image=f"{action.icon}.png",
            annotation=action.about,
        )
    return menu


def uninstall() -> None:
    """Take it away. Harmless when there is none."""
    if cmds.menu(MENU, exists=True):
        cmds.deleteUI(MENU)
