"""At the window's foot: progress with Cancel, an error with the child's last lines, or what came of it."""

from __future__ import annotations

from sfp_maya.errors import SfpMayaError
from sfp_maya.worker import Progress

from .host import Outcome
from .qt import QtCore, QtGui, QtWidgets
from .style import repolish

IDLE, RUNNING, FAILED, DONE = "idle", "running", "failed", "done"
_WORDS = {
    "speech": "Listening",
    "landmarks": "Finding the face",
    "motion": "Moving the face",
    "keys": "Setting keys",
    "files": "Writing the take",
    "preview": "Drawing the preview",
}


class StatusPanel(QtWidgets.QFrame):
    """One of four states; idle is not seen.

    Signals
    -------
    cancelled : None
        Cancel was pressed.
    """

    cancelled = QtCore.Signal()

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sfpPanel")
        self.state = IDLE
        self._outcome: Outcome | None = None
        self.title = QtWidgets.QLabel()
        self.title.setWordWrap(True)
        self.title.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self.cancel = QtWidgets.QPushButton("Cancel")
        self.cancel.clicked.connect(self.cancelled)
        self.bar = QtWidgets.QProgressBar()
        self.bar.setTextVisible(False)
        self.details = QtWidgets.QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setMaximumHeight(110)
        self.play = QtWidgets.QPushButton("Play preview")
        self.play.clicked.connect(self._play)
        self.folder = QtWidgets.QPushButton("Open folder")
        self.folder.clicked.connect(self._open_folder)
        self._arrange()
        self.clear()

    def _arrange(self) -> None:
        top = QtWidgets.QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.cancel, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        buttons = QtWidgets.QHBoxLayout()
        buttons.addWidget(self.play)
        buttons.addWidget(self.folder)
        buttons.addStretch(1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.bar)
        column.addWidget(self.details)
        column.addLayout(buttons)

    def clear(self) -> None:
        """Nothing goes on."""
        self._show(IDLE, "")

    def begin(self, title: str) -> None:
        """Something does, from now on."""
        self._show(RUNNING, title)
        self.bar.setRange(0, 0)

    def tell(self, event: Progress) -> None:
        """A line of progress."""
        if event.kind == "warning":
            self.details.appendPlainText(event.message)
            self.details.setVisible(True)
            return
        self.title.setText(_WORDS.get(event.stage, event.stage.capitalize()) + " ...")
        if event.total:
            self.bar.setRange(0, 1000)
            self.bar.setValue(int(1000 * (event.done or 0) / event.total))
        else:
            self.bar.setRange(0, 0)

    def fail(self, error: SfpMayaError) -> None:
        """It went wrong: its line, and the child's last ones."""
        self._show(FAILED, str(error), error.details)

    def succeed(self, outcome: Outcome) -> None:
        """It went well."""
        first, rest = outcome.lines[0], outcome.lines[1:]
        self._show(DONE, first, "\n".join(rest))
        self._outcome = outcome
        self.play.setVisible(outcome.film is not None)
        self.folder.setVisible(True)

    def _show(self, state: str, title: str, details: str = "") -> None:
        self.state = state
        self._outcome = None
        self.title.setText(title)
        self.details.setPlainText(details)
        self.details.setVisible(bool(details))
        lines = min(6, details.count("\n") + 1)
        self.details.setFixedHeight(18 + lines * self.details.fontMetrics().lineSpacing())
        for widget in (self.cancel, self.bar):
            widget.setVisible(state == RUNNING)
        for button in (self.play, self.folder):
            button.setVisible(False)
        self.setVisible(state != IDLE)
        self.setProperty("state", state)
        repolish(self)

    def _play(self) -> None:
        if self._outcome is not None and self._outcome.film is not None:
            QtGui.QDesktopServices.openUrl(QtCore.QUrl.fromLocalFile(str(self._outcome.film)))

    def _open_folder(self) -> None:
        if self._outcome is not None:
            QtGui.QDesktopServices.openUrl(QtCore.QUrl.fromLocalFile(str(self._outcome.folder)))
