"""The window in Maya: a panel that can be docked, made anew by Maya when it restores a layout."""

from __future__ import annotations

from typing import cast

from maya import OpenMayaUI, cmds

from .maya_host import MayaHost
from .qt import QtWidgets, isValid, wrapInstance
from .window import Window

AUDIO, VIDEO = "sfpAudioPanel", "sfpVideoPanel"
_LABELS = {AUDIO: "Animate from audio", VIDEO: "Animate from video"}
_windows: dict[str, Window] = {}
"""The open ones: Python would let them go otherwise. Maya's layout is the state that they belong to."""


def show(*, film: bool = False) -> Window:
    """Open the panel, or bring the open one to the front."""
    panel = VIDEO if film else AUDIO
    window = _windows.get(panel)
    if window is not None and isValid(window) and cmds.workspaceControl(panel, exists=True):
        cmds.workspaceControl(panel, edit=True, restore=True)
        return window
    if cmds.workspaceControl(panel, exists=True):  # left over by a session that did not end well
        cmds.deleteUI(panel)
    cmds.workspaceControl(
        panel,
        label=_LABELS[panel],
        uiScript=f"from sfp_maya.ui import docked\ndocked.fill({panel!r})",
        closeCommand=f"from sfp_maya.ui import docked\ndocked.closed({panel!r})",
        initialWidth=420,
        minimumWidth=360,
        retain=False,
    )
    return _windows[panel]


def fill(panel: str) -> None:
    """Called by Maya when the panel is made: the window goes into it."""
    pointer = OpenMayaUI.MQtUtil.getCurrentParent()  # type: ignore[attr-defined]  # the stubs lack it
    parent = cast("QtWidgets.QWidget", wrapInstance(int(pointer), QtWidgets.QWidget))
    window = Window(MayaHost(), film=panel == VIDEO, parent=parent)
    layout = parent.layout() or QtWidgets.QVBoxLayout(parent)
    layout.addWidget(window)
    _windows[panel] = window


def closed(panel: str) -> None:
    """Called by Maya when the panel is closed: nothing goes on running."""
    window = _windows.pop(panel, None)
    if window is not None and isValid(window):
        window.shut()
