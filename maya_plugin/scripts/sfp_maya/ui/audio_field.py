"""The recording: dropped or browsed, with its shape drawn."""

from __future__ import annotations

from pathlib import Path

from .qt import QtCore, QtGui, QtWidgets
from .style import repolish
from .waveform import Shape, shape_of

SOUNDS = (".wav", ".aif", ".aiff", ".mp3", ".m4a", ".flac", ".ogg", ".opus")
FILMS = (".mp4", ".mov", ".mkv", ".avi", ".webm", ".m4v")
_COLUMNS = 600


class AudioField(QtWidgets.QFrame):
    """Takes one file.

    Signals
    -------
    chosen : Path
    """

    chosen = QtCore.Signal(object)

    def __init__(self, *, film: bool = False, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sfpDrop")
        self.setAcceptDrops(True)
        self.setMinimumHeight(104)
        self.setCursor(QtCore.Qt.CursorShape.PointingHandCursor)
        self.path: Path | None = None
        self.shape: Shape | None = None
        self._suffixes = FILMS if film else (*SOUNDS, *FILMS)
        self._kind = "film of a face" if film else "sound"
        self.setToolTip(f"Drop a {self._kind} here, or click to choose one")

    def takes(self, path: Path) -> bool:
        """Whether a file has the name of a recording."""
        return path.suffix.lower() in self._suffixes

    def choose(self, path: Path) -> None:
        """Take a file; whether it is one that `sfp` can read is found out by `sfp`."""
        self.path = path
        self.shape = shape_of(path, _COLUMNS)
        self.setProperty("filled", True)
        repolish(self)
        self.update()
        self.chosen.emit(path)

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        """A click opens the file dialog."""
        pattern = " ".join(f"*{suffix}" for suffix in self._suffixes)
        start = str(self.path.parent) if self.path else ""
        name, _ = QtWidgets.QFileDialog.getOpenFileName(
            self, f"Choose a {self._kind}", start, f"Recordings ({pattern});;All files (*)"
        )
        if name:
            self.choose(Path(name))

    def dragEnterEvent(self, event: QtGui.QDragEnterEvent) -> None:
        """One file of the right kind is welcome."""
        if self._dropped(event.mimeData()) is not None:
            event.acceptProposedAction()
            self._mark(over=True)

    def dragLeaveEvent(self, event: QtGui.QDragLeaveEvent) -> None:
        """It went elsewhere."""
        self._mark(over=False)

    def dropEvent(self, event: QtGui.QDropEvent) -> None:
        """Take it."""
        self._mark(over=False)
        path = self._dropped(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.choose(path)

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        """The shape, or what to do."""
        super().paintEvent(event)
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        inner = self.rect().adjusted(12, 10, -12, -10)
        if self.path is None:
            self._paint_invitation(painter, inner)
        else:
            line = self.fontMetrics().height() + 4
            self._paint_shape(painter, inner.adjusted(0, 0, 0, -line))
            self._paint_caption(painter, inner.adjusted(0, inner.height() - line + 2, 0, 0))
        painter.end()

    def _paint_invitation(self, painter: QtGui.QPainter, inner: QtCore.QRect) -> None:
        painter.setPen(self.palette().windowText().color())
        middle = inner.height() // 2
        bottom = QtCore.Qt.AlignmentFlag.AlignHCenter | QtCore.Qt.AlignmentFlag.AlignBottom
        top = QtCore.Qt.AlignmentFlag.AlignHCenter | QtCore.Qt.AlignmentFlag.AlignTop
        painter.drawText(inner.adjusted(0, 0, 0, -middle - 1), int(bottom), f"Drop a {self._kind} here")
        painter.setPen(self._quiet())
        kinds = "mp4, mov, ..." if "film" in self._kind else "wav, mp3, flac, aiff, ..."
        painter.drawText(inner.adjusted(0, middle + 1, 0, 0), int(top), f"or click to choose one: {kinds}")

    def _paint_shape(self, painter: QtGui.QPainter, inner: QtCore.QRect) -> None:
        if self.shape is None:
            painter.setPen(self._quiet())
            painter.drawText(inner, int(QtCore.Qt.AlignmentFlag.AlignCenter), "no waveform for this kind of file")
            return
        peaks = self.shape.peaks
        loudest = max(0.05, max(max(-low, high) for low, high in peaks))
        middle, half = inner.center().y() + 0.5, inner.height() / 2.0 / loudest
        upper = [
            QtCore.QPointF(inner.left() + inner.width() * (at + 0.5) / len(peaks), middle - max(high, 0.0) * half - 0.5)
            for at, (_, high) in enumerate(peaks)
        ]
        lower = [
            QtCore.QPointF(point.x(), middle - min(low, 0.0) * half + 0.5) for point, (low, _) in zip(upper, peaks)
        ]
        painter.setPen(QtCore.Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().highlight().color())
        painter.drawPolygon(QtGui.QPolygonF([*upper, *reversed(lower)]))

    def _paint_caption(self, painter: QtGui.QPainter, inner: QtCore.QRect) -> None:
        assert self.path is not None
        length = "" if self.shape is None else f"{self.shape.seconds:.1f} s"
        right = QtCore.Qt.AlignmentFlag.AlignRight | QtCore.Qt.AlignmentFlag.AlignVCenter
        left = QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter
        painter.setPen(self._quiet())
        painter.drawText(inner, int(right), length)
        painter.setPen(self.palette().windowText().color())
        room = inner.width() - self.fontMetrics().boundingRect(length).width() - 12
        name = self.fontMetrics().elidedText(self.path.name, QtCore.Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(inner, int(left), name)

    def _quiet(self) -> QtGui.QColor:
        color = QtGui.QColor(self.palette().windowText().color())
        color.setAlphaF(0.55)
        return color

    def _mark(self, *, over: bool) -> None:
        self.setProperty("over", over)
        repolish(self)

    def _dropped(self, content: QtCore.QMimeData) -> Path | None:
        """The one file that is dragged, where its name is that of a recording."""
        files = [Path(url.toLocalFile()) for url in content.urls() if url.isLocalFile()]
        return files[0] if len(files) == 1 and self.takes(files[0]) else None
