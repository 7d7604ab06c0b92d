"""Run by Maya at its start, since this folder is on its path: the menu, once Maya is idle. Nothing in batch."""

from __future__ import annotations

from maya import cmds, utils


def _menu() -> None:
    from sfp_maya import menu

    menu.install()


if not cmds.about(batch=True):
    utils.executeDeferred(_menu)
