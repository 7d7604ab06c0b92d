"""Qt as it is here: PySide6 (Maya 2025 and later, `sfp ui`), else PySide2. No other module names either."""

from __future__ import annotations

try:
    from PySide6 import QtCore, QtGui, QtWidgets
    from shiboken6 import isValid, wrapInstance
except ModuleNotFoundError:  # and no other error: a PySide6 that lacks a system library should say so
    from PySide2 import QtCore, QtGui, QtWidgets  # type: ignore[import-not-found, no-redef]
    from shiboken2 import isValid, wrapInstance  # type: ignore[import-not-found, no-redef]

__all__ = ["QtCore", "QtGui", "QtWidgets", "isValid", "wrapInstance"]
