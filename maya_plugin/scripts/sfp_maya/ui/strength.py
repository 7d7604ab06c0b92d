"""A number from 0 to 3 with a slider: how far a part moves."""

from __future__ import annotations

from .qt import QtCore, QtWidgets

_STEPS = 20  # of 1


class Strength(QtWidgets.QWidget):
    """Slider and number say the same."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = QtWidgets.QSlider(QtCore.Qt.Orientation.Horizontal)
        self.slider.setRange(0, 3 * _STEPS)
        self.number = QtWidgets.QDoubleSpinBox()
        self.number.setRange(0.0, 3.0)
        self.number.setSingleStep(1.0 / _STEPS)
        self.number.setDecimals(2)
        self.number.setFixedWidth(58)
        self.number.setAlignment(QtCore.Qt.AlignmentFlag.AlignRight)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        self.slider.valueChanged.connect(self._slid)
        self.number.valueChanged.connect(self._typed)
        self.set_value(1.0)

    def value(self) -> float:
        """0 to 3."""
        return round(float(self.number.value()), 2)

    def set_value(self, value: float) -> None:
        """Both."""
        self.number.setValue(value)

    def _slid(self, steps: int) -> None:
        if round(self.number.value() * _STEPS) != steps:
            self.number.setValue(steps / _STEPS)

    def _typed(self, value: float) -> None:
        self.slider.setValue(int(round(value * _STEPS)))
