"""The window outside of Maya: the take and its film are written beside the recording. No `maya` is imported."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sfp_maya.environment import child_environment, sfp_command
from sfp_maya.errors import SfpMayaError
from sfp_maya.worker import AnimateRequest, Worker

from .host import PREVIEW, Host, Order, Outcome, Step
from .qt import QtCore, QtWidgets
from .style import dark_palette
from .window import Window

_ORGANIZATION, _PROGRAM = "StylizedFacePoint", "sfp"


class OutsideHost(Host):
    """This computer, and the environment that the window itself runs in unless another is chosen."""

    apply_label = "Make the take"

    def __init__(self, settings: QtCore.QSettings | None = None) -> None:
        self._settings = settings or QtCore.QSettings(_ORGANIZATION, _PROGRAM)

    def command(self) -> tuple[str, ...]:
        """The words that start `sfp`."""
        return sfp_command(self.environment() or sys.executable, platform=sys.platform, environ=os.environ)

    def child_variables(self) -> dict[str, str]:
        """Clean ones."""
        return child_environment(os.environ, maya_location="", platform=sys.platform)

    def environment(self) -> str:
        """From the settings."""
        return str(self._settings.value("environment", ""))

    def choose_environment(self, place: str) -> None:
        """Into the settings."""
        self._settings.setValue("environment", place)

    def remembered(self) -> str:
        """From the settings."""
        return str(self._settings.value("window", ""))

    def remember(self, text: str) -> None:
        """Into the settings."""
        self._settings.setValue("window", text)

    def take_steps(self, order: Order) -> list[Step]:
        """One child: the take with its film. Marked keys of a take that is there are kept."""
        if not order.source.is_file():
            raise SfpMayaError(f"{order.source}: no such sound file")
        folder = _folder(order)
        request = AnimateRequest(
            order.source,
            folder,
            order.fps,
            order.character,
            order.transcript,
            keep=folder.exists() and not order.replace_all,
            force=folder.exists() and order.replace_all,
            preview=True,
            extra=order.extra,
        )
        return [lambda: Worker([*self.command(), *request.words()], self.child_variables())]

    def preview_steps(self, order: Order) -> list[Step]:
        """The same: there is no scene."""
        return self.take_steps(order)

    def land(self, order: Order) -> Outcome:
        """Nothing is left to do but to say where it is."""
        folder = _folder(order)
        return Outcome([f"The take is in {folder}", f"Preview: {folder / PREVIEW}"], folder, folder / PREVIEW)

    def previewed(self, order: Order) -> Outcome:
        """As `land`."""
        return self.land(order)


def _folder(order: Order) -> Path:
    return order.source.with_name(f"{order.source.stem}_{Path(order.character).stem}_take")


def main(arguments: list[str] | None = None) -> int:
    """Open the window and stay until it is closed; returns the exit code. A first argument is the recording."""
    given = sys.argv[1:] if arguments is None else arguments
    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication(["sfp"])
    assert isinstance(application, QtWidgets.QApplication)
    application.setStyle("Fusion")
    application.setPalette(dark_palette())
    window = Window(OutsideHost())
    if given:
        window.audio.choose(Path(given[0]))
    window.setWindowTitle("StylizedFacePoint")
    window.resize(480, 860)
    window.show()
    return int(application.exec_() if hasattr(application, "exec_") else application.exec())


if __name__ == "__main__":
    sys.exit(main())
