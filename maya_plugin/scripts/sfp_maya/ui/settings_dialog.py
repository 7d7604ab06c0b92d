"""Settings and doctor in one: where `sfp` is, whether it answers, and whether it is the version of this tool."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sfp_maya import doctor
from sfp_maya.errors import SfpMayaError

from .host import Host
from .qt import QtCore, QtWidgets
from .question import Question
from .style import sheet


class SettingsDialog(QtWidgets.QDialog):
    """Changes nothing until Save."""

    def __init__(self, host: Host, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings / doctor")
        self.setStyleSheet(sheet(self.palette()))
        self.setMinimumWidth(460)
        self._host = host
        self._question: Question | None = None
        self.place = QtWidgets.QComboBox()
        self.place.setEditable(True)
        self.place.addItems(doctor.candidates(os.environ, platform=sys.platform, home=Path.home()))
        self.place.setEditText(host.environment())
        line_edit = self.place.lineEdit()
        assert line_edit is not None
        line_edit.setPlaceholderText("SFP_ENVIRONMENT, or sfp on PATH" if host.in_maya else "the one that runs this")
        browse = QtWidgets.QPushButton("Browse ...")
        browse.clicked.connect(self._browse)
        self.check = QtWidgets.QPushButton("Check")
        self.check.clicked.connect(self.ask)
        self.save = QtWidgets.QPushButton("Save")
        self.save.setObjectName("sfpApply")
        self.save.clicked.connect(self._save)
        self.found = QtWidgets.QLabel(f"This tool: {doctor.TOOL_VERSION}")
        self.found.setObjectName("sfpPanel")
        self.found.setContentsMargins(12, 10, 12, 10)
        self.found.setWordWrap(True)
        self.found.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        about = QtWidgets.QLabel(
            "The Python environment that stylized-face-point is installed in: its folder, its Python, or its sfp."
        )
        about.setWordWrap(True)
        row = QtWidgets.QHBoxLayout()
        row.addWidget(self.place, 1)
        row.addWidget(browse)
        buttons = QtWidgets.QHBoxLayout()
        buttons.addWidget(self.check)
        buttons.addStretch(1)
        buttons.addWidget(self.save)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(about)
        column.addLayout(row)
        column.addWidget(self.found)
        column.addLayout(buttons)

    def ask(self) -> None:
        """Ask the environment that is written for its version."""
        try:
            command = doctor.command_of(self.place.currentText().strip(), fallback=self._fallback())
        except SfpMayaError as error:
            self._told(doctor.Verdict(False, str(error)))
            return
        self.check.setEnabled(False)
        self.found.setText("Asking ...")
        self._question = Question([*command, "--version"], self._host.child_variables(), self)
        self._question.answered.connect(lambda said: self._told(doctor.verdict(said, command=command)))
        self._question.failed.connect(lambda why: self._told(doctor.Verdict(False, why)))
        self._question.ask()

    def done(self, result: int) -> None:
        """Closed, in any way: no question stays open."""
        if self._question is not None:
            self._question.stop()
        super().done(result)

    def _fallback(self) -> str:
        return "" if self._host.in_maya else sys.executable

    def _told(self, verdict: doctor.Verdict) -> None:
        self.check.setEnabled(True)
        self.found.setProperty("state", "done" if verdict.ok else "failed")
        self.found.setStyleSheet("")  # a changed property alone does not change the look
        self.found.setText(verdict.text)

    def _browse(self) -> None:
        folder = QtWidgets.QFileDialog.getExistingDirectory(self, "The folder of a Python environment")
        if folder:
            self.place.setEditText(folder)

    def _save(self) -> None:
        self._host.choose_environment(self.place.currentText().strip())
        self.accept()
