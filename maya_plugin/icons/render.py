"""The icons as pictures, from their drawings: `python render.py`. NAME_200.png is for screens of double density."""

from __future__ import annotations

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
SIDES = {"": 32, "_200": 64}


def render(drawing: Path, side: int, target: Path) -> None:
    """One picture, on nothing."""
    from PySide6 import QtCore, QtGui, QtSvg

    picture = QtGui.QImage(side, side, QtGui.QImage.Format.Format_ARGB32)
    picture.fill(QtCore.Qt.GlobalColor.transparent)
    painter = QtGui.QPainter(picture)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    QtSvg.QSvgRenderer(str(drawing)).render(painter)
    painter.end()
    if not picture.save(str(target)):
        raise OSError(f"{target}: cannot be written")


def main() -> None:
    """All of them."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    for drawing in sorted(HERE.glob("*.svg")):
        for suffix, side in SIDES.items():
            render(drawing, side, HERE / f"{drawing.stem}{suffix}.png")


if __name__ == "__main__":
    main()
