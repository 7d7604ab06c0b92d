"""The characters to choose from: the shipped ones, as `sfp` lists them, and bundles of one's own, with their faces."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from .qt import QtCore, QtGui, QtWidgets

SUFFIX = ".character"
_THUMBNAIL, _LARGEST_BYTES = "thumbnail.png", 4000000
_SIDE = 64
_NAME = int(QtCore.Qt.ItemDataRole.UserRole)


class CharacterList(QtWidgets.QListWidget):
    """One is chosen. A dropped bundle is added."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setViewMode(QtWidgets.QListView.ViewMode.IconMode)
        self.setMovement(QtWidgets.QListView.Movement.Static)
        self.setResizeMode(QtWidgets.QListView.ResizeMode.Adjust)
        self.setIconSize(QtCore.QSize(_SIDE, _SIDE))
        self.setGridSize(QtCore.QSize(_SIDE + 22, _SIDE + 30))
        self.setFixedHeight(_SIDE + 44)
        self.setWordWrap(False)
        self.setAcceptDrops(True)
        self.viewport().setAcceptDrops(True)  # icon mode has turned it off
        self.add("toon")

    def names(self) -> list[str]:
        """Names of shipped characters, and paths."""
        return [str(self.item(at).data(_NAME)) for at in range(self.count())]

    def own(self) -> list[str]:
        """The paths alone."""
        return [name for name in self.names() if name.endswith(SUFFIX)]

    def character(self) -> str:
        """The chosen one, as `--character` takes it; "" for none."""
        item = self.currentItem()
        return "" if item is None else str(item.data(_NAME))

    def add(self, name: str, bundle: Path | None = None, about: str = "") -> None:
        """Add a shipped character's name, or a bundle's path, unless it is there; its face if it has one."""
        names = self.names()
        if name in names:
            item = self.item(names.index(name))
        else:
            item = QtWidgets.QListWidgetItem(Path(name).stem if name.endswith(SUFFIX) else name)
            item.setData(_NAME, name)
            self.addItem(item)
        item.setIcon(QtGui.QIcon(face_of(bundle) or drawn_letter(item.text(), self.palette())))
        item.setToolTip("\n".join(text for text in (name, about) if text))
        if self.currentItem() is None:
            self.setCurrentItem(item)

    def add_bundle(self, path: Path) -> None:
        """Add one's own and choose it."""
        self.add(str(path), path)
        self.choose(str(path))

    def choose(self, name: str) -> None:
        """Choose one that is there; else all stays."""
        if name in self.names():
            self.setCurrentRow(self.names().index(name))

    def fill(self, listed: str) -> None:
        """From what `sfp character list --json` has printed: those that can be animated. Other text is ignored."""
        try:
            entries = json.loads(listed)
            found = [entry for entry in entries if entry["animatable"]]
            for entry in found:
                bundle = entry.get("bundle")
                self.add(str(entry["name"]), Path(bundle) if bundle else None, str(entry.get("description", "")))
        except (ValueError, TypeError, KeyError):
            return

    def dragEnterEvent(self, event: QtGui.QDragEnterEvent) -> None:
        """Bundles are welcome."""
        if self._dropped(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QtGui.QDragMoveEvent) -> None:
        """Anywhere in the list."""
        event.acceptProposedAction()

    def dropEvent(self, event: QtGui.QDropEvent) -> None:
        """Add them."""
        for path in self._dropped(event.mimeData()):
            self.add_bundle(path)
            event.acceptProposedAction()

    @staticmethod
    def _dropped(content: QtCore.QMimeData) -> list[Path]:
        files = [Path(url.toLocalFile()) for url in content.urls() if url.isLocalFile()]
        return [file for file in files if file.suffix.lower() == SUFFIX]


def face_of(bundle: Path | None) -> QtGui.QPixmap | None:
    """The picture in a bundle; None where there is none, or none that can be shown."""
    if bundle is None:
        return None
    try:
        with zipfile.ZipFile(str(bundle)) as members:
            if members.getinfo(_THUMBNAIL).file_size > _LARGEST_BYTES:
                return None
            content = members.read(_THUMBNAIL)
    except (OSError, KeyError, zipfile.BadZipFile, RuntimeError):
        return None
    picture = QtGui.QPixmap()
    if not picture.loadFromData(content):
        return None
    side = QtCore.QSize(_SIDE * 2, _SIDE * 2)
    keep, smooth = QtCore.Qt.AspectRatioMode.KeepAspectRatio, QtCore.Qt.TransformationMode.SmoothTransformation
    return picture.scaled(side, keep, smooth)


def drawn_letter(name: str, palette: QtGui.QPalette) -> QtGui.QPixmap:
    """A tile with the first letter, for those without a picture."""
    picture = QtGui.QPixmap(_SIDE * 2, _SIDE * 2)
    picture.fill(QtCore.Qt.GlobalColor.transparent)
    painter = QtGui.QPainter(picture)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    painter.setPen(QtCore.Qt.PenStyle.NoPen)
    painter.setBrush(QtGui.QColor.fromHsv(sum(map(ord, name)) * 37 % 360, 70, 120))
    painter.drawRoundedRect(picture.rect().adjusted(6, 6, -6, -6), 16, 16)
    font = painter.font()
    font.setPixelSize(_SIDE)
    painter.setFont(font)
    painter.setPen(palette.brightText().color())
    painter.drawText(picture.rect(), int(QtCore.Qt.AlignmentFlag.AlignCenter), name[:1].upper())
    painter.end()
    return picture
