"""The window's host in Maya: `animate.start` and `land` do the work, option variables remember."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from maya import cmds

from sfp_maya.animate import Press, land, selected_nodes, start
from sfp_maya.apply import ApplyOptions
from sfp_maya.environment import child_environment, sfp_command
from sfp_maya.errors import SfpMayaError
from sfp_maya.rig import namespace_of
from sfp_maya.scene import current_frame
from sfp_maya.settings import choose_environment, chosen_environment
from sfp_maya.worker import Worker

from .host import PREVIEW, Host, Order, Outcome, Step

_SETTINGS = "sfpWindow"


class MayaHost(Host):
    """The open scene."""

    in_maya = True

    def __init__(self) -> None:
        self._press: Press | None = None

    def command(self) -> tuple[str, ...]:
        """The words that start `sfp`."""
        return sfp_command(chosen_environment(), platform=sys.platform, environ=os.environ)

    def child_variables(self) -> dict[str, str]:
        """Without Maya's own."""
        maya = os.environ.get("MAYA_LOCATION", "")
        return child_environment(os.environ, maya_location=maya, platform=sys.platform)

    def environment(self) -> str:
        """From the option variables."""
        return chosen_environment()

    def choose_environment(self, place: str) -> None:
        """Into the option variables."""
        choose_environment(place)

    def remembered(self) -> str:
        """From the option variables."""
        if not cmds.optionVar(exists=_SETTINGS):
            return ""
        return str(cmds.optionVar(query=_SETTINGS))  # type: ignore[call-overload]  # takes the variable's name

    def remember(self, text: str) -> None:
        """Into the option variables."""
        cmds.optionVar(stringValue=(_SETTINGS, text))

    def current_frame(self) -> int:
        """The current time."""
        return int(round(current_frame()))

    def selected_namespaces(self) -> tuple[str, ...]:
        """Of the selected nodes."""
        return tuple(dict.fromkeys(namespace_of(node) for node in selected_nodes()))

    def take_steps(self, order: Order) -> list[Step]:
        """The selection of now is the one that counts, whatever is selected when the child has ended."""
        press = self._press = self._pressed(order)
        return [lambda: start(press)]

    def preview_steps(self, order: Order) -> list[Step]:
        """The film is drawn by `sfp`, on its own character."""
        press = self._pressed(order)
        words = ["preview", str(press.folder), "-o", str(press.folder / PREVIEW), "--progress", "json"]
        return [lambda: start(press), lambda: Worker([*self.command(), *words], self.child_variables())]

    def land(self, order: Order) -> Outcome:
        """Keys on the rig."""
        assert self._press is not None, "land comes after take_steps"
        report = land(self._press)
        return Outcome(report.lines(), self._press.folder)

    def previewed(self, order: Order) -> Outcome:
        """The film beside the take."""
        folder = self._pressed(order).folder
        return Outcome(["The preview is ready; the scene is as it was."], folder, folder / PREVIEW)

    def _pressed(self, order: Order) -> Press:
        spaces = self.selected_namespaces()
        if order.namespace is None and len(spaces) > 1:
            names = " and ".join(space or "no namespace" for space in spaces)
            raise SfpMayaError(f"{len(spaces)} characters are selected ({names}): select one, or type its namespace")
        return Press(
            Path(order.source),
            order.character,
            order.start_frame,
            nodes=selected_nodes(),
            namespace=order.namespace,
            transcript=order.transcript,
            extra=order.extra,
            options=ApplyOptions(mode=order.mode, replace_all=order.replace_all),
        )
