"""The window: from a recording to keys, in one column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sfp_maya.errors import SfpMayaError

from .audio_field import AudioField
from .character_list import SUFFIX, CharacterList
from .host import LAYERS, Host, Order, Outcome, keep_settings, settings_of
from .job import Job
from .qt import QtCore, QtGui, QtWidgets
from .question import Question
from .settings_dialog import SettingsDialog
from .status_panel import StatusPanel
from .strength import Strength
from .style import sheet

_MODES = (
    ("on a layer of its own", "override"),
    ("on an additive layer", "additive"),
    ("on the controllers themselves", "direct"),
)
_RATES = ("23.976", "24", "25", "29.97", "30", "48", "50", "59.94", "60")


class Window(QtWidgets.QWidget):
    """All of it.

    Parameters
    ----------
    film : bool
        The motion comes from the film of a face.
    """

    def __init__(self, host: Host, *, film: bool = False, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._host, self._film = host, film
        self.job: Job | None = None
        self.audio = AudioField(film=film)
        self.audio.chosen.connect(self._chosen)
        self.transcript = QtWidgets.QPlainTextEdit()
        self.transcript.setPlaceholderText("What is said. May be left empty; given, the mouth is more exact.")
        self.transcript.setFixedHeight(58)
        self.transcript.setTabChangesFocus(True)
        self.characters = CharacterList()
        self.namespace = QtWidgets.QLineEdit()
        self.namespace.setPlaceholderText("from the selection")
        self.start_frame = QtWidgets.QSpinBox()
        self.start_frame.setRange(-1000000, 1000000)
        self.mode = QtWidgets.QComboBox()
        for words, mode in _MODES:
            self.mode.addItem(words, mode)
        self.replace_all = QtWidgets.QCheckBox("Replace what I have changed")
        self.replace_all.setToolTip(
            "Off: on a second run, curves that you have changed since the first stay as they are"
        )
        self.rate = QtWidgets.QComboBox()
        self.rate.addItems(list(_RATES))
        self.rate.setCurrentText("24")
        self.jaw, self.lips = Strength(), Strength()
        self.layers = {name: QtWidgets.QCheckBox(name.capitalize()) for name in LAYERS}
        for box in self.layers.values():
            box.setChecked(True)
        self.status = StatusPanel()
        self.status.cancelled.connect(self.cancel)
        self.preview = QtWidgets.QPushButton("Preview")
        self.preview.setToolTip("Draw a film of the take; the scene is left alone")
        self.preview.clicked.connect(self.start_preview)
        self.apply = QtWidgets.QPushButton(host.apply_label)
        self.apply.setObjectName("sfpApply")
        self.apply.setMinimumWidth(130)
        self.apply.clicked.connect(self.start_apply)
        self._arrange()
        self._recall()
        self._refresh()
        self.question: Question | None = None
        self.list_characters()

    # what it looks like

    def _arrange(self) -> None:
        self.setStyleSheet(sheet(self.palette()))
        body = QtWidgets.QWidget()
        body.setObjectName("sfpBody")
        column = QtWidgets.QVBoxLayout(body)
        column.setContentsMargins(16, 4, 16, 12)
        column.setSpacing(8)
        for title, content in self._sections():
            column.addWidget(_section(title))
            column.addWidget(content) if isinstance(content, QtWidgets.QWidget) else column.addLayout(content)
            column.addSpacing(8)
        column.addStretch(1)
        scroll = QtWidgets.QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        scroll.viewport().setAutoFillBackground(False)
        foot = QtWidgets.QVBoxLayout()
        foot.setContentsMargins(16, 8, 16, 16)
        foot.setSpacing(10)
        foot.addWidget(self.status)
        buttons = QtWidgets.QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.preview)
        buttons.addWidget(self.apply)
        foot.addLayout(buttons)
        self.preview.setVisible(self._host.in_maya)
        whole = QtWidgets.QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(self._head())
        whole.addWidget(scroll, 1)
        whole.addLayout(foot)

    def _head(self) -> QtWidgets.QHBoxLayout:
        title = QtWidgets.QLabel("Animate from video" if self._film else "Animate from audio")
        title.setObjectName("sfpTitle")
        self.settings = QtWidgets.QToolButton()
        self.settings.setText("Settings")
        self.settings.clicked.connect(self.open_settings)
        row = QtWidgets.QHBoxLayout()
        row.setContentsMargins(16, 14, 12, 8)
        row.addWidget(title, 1)
        row.addWidget(self.settings)
        return row

    def _sections(self) -> list[tuple[str, Any]]:
        add = QtWidgets.QToolButton()
        add.setText("Add a .character file ...")
        add.clicked.connect(self._browse_bundle)
        characters = QtWidgets.QVBoxLayout()
        characters.setSpacing(2)
        characters.addWidget(self.characters)
        characters.addWidget(add, 0, QtCore.Qt.AlignmentFlag.AlignLeft)
        sections: list[tuple[str, Any]] = [("FILM" if self._film else "RECORDING", self.audio)]
        if not self._film:
            sections.append(("TRANSCRIPT", self.transcript))
        sections.append(("CHARACTER", characters))
        sections.append(("SCENE", self._scene()) if self._host.in_maya else ("TAKE", self._take()))
        sections.append(("MOTION", self._motion()))
        return sections

    def _scene(self) -> QtWidgets.QGridLayout:
        pick = QtWidgets.QPushButton("Use selection")
        pick.clicked.connect(self.use_selection)
        now = QtWidgets.QPushButton("Current time")
        now.clicked.connect(self.use_current_frame)
        grid = _grid()
        for row, (name, widget, button) in enumerate(
            (("Namespace", self.namespace, pick), ("Start frame", self.start_frame, now), ("Keys", self.mode, None))
        ):
            grid.addWidget(QtWidgets.QLabel(name), row, 0)
            grid.addWidget(widget, row, 1, 1, 1 if button else 2)
            if button is not None:
                grid.addWidget(button, row, 2)
        grid.addWidget(self.replace_all, 3, 1, 1, 2)
        return grid

    def _take(self) -> QtWidgets.QGridLayout:
        grid = _grid()
        grid.addWidget(QtWidgets.QLabel("Frame rate"), 0, 0)
        grid.addWidget(self.rate, 0, 1)
        grid.addWidget(self.replace_all, 1, 1)
        return grid

    def _motion(self) -> QtWidgets.QGridLayout:
        grid = _grid()
        grid.addWidget(QtWidgets.QLabel("Jaw"), 0, 0)
        grid.addWidget(self.jaw, 0, 1)
        grid.addWidget(QtWidgets.QLabel("Lips"), 1, 0)
        grid.addWidget(self.lips, 1, 1)
        if not self._film:
            boxes = QtWidgets.QHBoxLayout()
            boxes.setSpacing(18)
            for box in self.layers.values():
                boxes.addWidget(box)
            boxes.addStretch(1)
            grid.addWidget(QtWidgets.QLabel("Also"), 2, 0)
            grid.addLayout(boxes, 2, 1)
        return grid

    # what it does

    def order(self) -> Order:
        """What is filled in. Raises SfpMayaError for what is missing."""
        if self.audio.path is None:
            raise SfpMayaError("no recording is chosen: drop one into the field at the top, or click there")
        if not self.characters.character():
            raise SfpMayaError("no character is chosen: click one")
        return Order(
            self.audio.path,
            self.characters.character(),
            film=self._film,
            transcript=self.transcript.toPlainText().strip(),
            namespace=self.namespace.text().strip().rstrip(":") or None,
            start_frame=self.start_frame.value(),
            fps=self.rate.currentText(),
            mode=str(self.mode.currentData()),
            replace_all=self.replace_all.isChecked(),
            jaw=self.jaw.value(),
            lips=self.lips.value(),
            left_out=[] if self._film else [name for name, box in self.layers.items() if not box.isChecked()],
        )

    def start_apply(self) -> None:
        """Make the take, then put it where it belongs."""
        self._run(preview=False)

    def start_preview(self) -> None:
        """Make the take and its film."""
        self._run(preview=True)

    def cancel(self) -> None:
        """End the child process with its children. Harmless when there is none."""
        if self.job is not None:
            self.job.cancel()

    def use_selection(self) -> None:
        """Write the namespace of what is selected."""
        spaces = self._host.selected_namespaces()
        self.namespace.setText(spaces[0] if len(spaces) == 1 else "")
        if len(spaces) != 1:
            what = "nothing is selected" if not spaces else f"{len(spaces)} characters are selected"
            self.status.fail(SfpMayaError(f"{what}: select a part of one character"))
        else:
            self.status.clear()

    def use_current_frame(self) -> None:
        """Write the scene's time."""
        self.start_frame.setValue(self._host.current_frame())

    def list_characters(self) -> None:
        """Ask `sfp` for its characters; an environment that does not answer is told about when it is used."""
        try:
            command = self._host.command()
        except SfpMayaError:
            return
        self.question = Question([*command, "character", "list", "--json"], self._host.child_variables(), self)
        self.question.answered.connect(self._listed)
        self.question.ask()

    def open_settings(self) -> SettingsDialog:
        """Settings and doctor."""
        dialog = SettingsDialog(self._host, self)
        dialog.accepted.connect(self.list_characters)
        dialog.open()
        return dialog

    def closeEvent(self, event: QtGui.QCloseEvent) -> None:
        """Nothing goes on running."""
        self.shut()
        super().closeEvent(event)

    def shut(self) -> None:
        """End what runs, and remember what is filled in."""
        self.cancel()
        if self.question is not None:
            self.question.stop()
        self._keep()

    def _run(self, *, preview: bool) -> None:
        if self.job is not None:
            return
        try:
            order = self.order()
            steps = self._host.preview_steps(order) if preview else self._host.take_steps(order)
        except SfpMayaError as error:
            self.status.fail(error)
            return
        self._keep()
        self.status.begin("Starting sfp ...")
        self.job = Job(steps, self)
        self.job.progressed.connect(self.status.tell)
        self.job.failed.connect(self._failed)
        self.job.ended.connect(lambda: self._ended(order, preview=preview))
        self._refresh()
        self.job.start()

    def _ended(self, order: Order, *, preview: bool) -> None:
        try:
            outcome = self._host.previewed(order) if preview else self._host.land(order)
        except SfpMayaError as error:
            self._failed(error)
            return
        self._over()
        self._succeeded(outcome)

    def _succeeded(self, outcome: Outcome) -> None:
        self.status.succeed(outcome)

    def _failed(self, error: SfpMayaError) -> None:
        self._over()
        self.status.fail(error)

    def _over(self) -> None:
        if self.job is not None:
            self.job.deleteLater()
            self.job = None
        self._refresh()

    def _refresh(self) -> None:
        free = self.job is None
        for button in (self.preview, self.apply):
            button.setEnabled(free and self.audio.path is not None)
        self.settings.setEnabled(free)

    def _chosen(self, path: Path) -> None:
        if self.job is None:
            self.status.clear()
        self._refresh()

    def _listed(self, text: str) -> None:
        self.characters.fill(text)
        self.characters.choose(str(settings_of(self._host).get("character", "")))

    def _browse_bundle(self) -> None:
        names, _ = QtWidgets.QFileDialog.getOpenFileNames(self, "Characters", "", f"Characters (*{SUFFIX})")
        for name in names:
            self.characters.add_bundle(Path(name))

    # what it remembers

    def _keep(self) -> None:
        keep_settings(
            self._host,
            {
                "source": "" if self.audio.path is None else str(self.audio.path),
                "transcript": self.transcript.toPlainText(),
                "character": self.characters.character(),
                "own": self.characters.own(),
                "mode": self.mode.currentData(),
                "fps": self.rate.currentText(),
                "jaw": self.jaw.value(),
                "lips": self.lips.value(),
                "left_out": [name for name, box in self.layers.items() if not box.isChecked()],
            },
        )

    def _recall(self) -> None:
        """From the last time. Files that are gone are forgotten; the start frame and the namespace are the scene's."""
        known = settings_of(self._host)
        for name in known.get("own", ()):
            if Path(name).is_file():
                self.characters.add(name, Path(name))
        self.characters.choose(str(known.get("character", "")))
        source = Path(str(known.get("source", "")))
        if source.is_file() and self.audio.takes(source):
            self.audio.choose(source)
            self.transcript.setPlainText(str(known.get("transcript", "")))
        self.mode.setCurrentIndex(max(0, self.mode.findData(known.get("mode", "override"))))
        self.rate.setCurrentText(str(known.get("fps", "24")))
        for strength, name in ((self.jaw, "jaw"), (self.lips, "lips")):
            value = known.get(name, 1.0)
            strength.set_value(float(value) if isinstance(value, (int, float)) else 1.0)
        for name, box in self.layers.items():
            box.setChecked(name not in known.get("left_out", ()))
        self.use_current_frame()
        spaces = self._host.selected_namespaces()
        self.namespace.setText(spaces[0] if len(spaces) == 1 else "")


def _section(title: str) -> QtWidgets.QLabel:
    label = QtWidgets.QLabel(title)
    label.setObjectName("sfpSection")
    return label


def _grid() -> QtWidgets.QGridLayout:
    grid = QtWidgets.QGridLayout()
    grid.setHorizontalSpacing(10)
    grid.setVerticalSpacing(8)
    grid.setColumnMinimumWidth(0, 84)
    grid.setColumnStretch(1, 1)
    return grid
