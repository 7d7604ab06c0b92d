"""How the window looks: colours are taken from the palette, which in Maya is Maya's. Outside, a palette like it."""

from __future__ import annotations

from .qt import QtGui, QtWidgets

ERROR, DONE = "#e0736a", "#7fb77e"


def dark_palette() -> QtGui.QPalette:
    """For outside of Maya."""
    role = QtGui.QPalette.ColorRole
    palette = QtGui.QPalette()
    colors = {
        role.Window: "#3a3b3e",
        role.WindowText: "#d6d7d9",
        role.Base: "#2a2b2d",
        role.AlternateBase: "#303134",
        role.Text: "#dedfe1",
        role.Button: "#515357",
        role.ButtonText: "#e4e5e7",
        role.Highlight: "#4f8fba",
        role.HighlightedText: "#ffffff",
        role.ToolTipBase: "#26272a",
        role.ToolTipText: "#dedfe1",
        role.Mid: "#2f3033",
        role.PlaceholderText: "#85878b",
    }
    for which, color in colors.items():
        palette.setColor(which, QtGui.QColor(color))
    group = QtGui.QPalette.ColorGroup.Disabled
    for which in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(group, which, QtGui.QColor("#7c7e82"))
    return palette


def sheet(palette: QtGui.QPalette) -> str:
    """The window's style sheet."""
    window = palette.window().color()
    text = palette.windowText().color()
    dark = window.lightness() < 128
    base = palette.base().color().name()
    line = (window.lighter(135) if dark else window.darker(120)).name()
    raised = (window.lighter(125) if dark else window.darker(106)).name()
    panel = (window.lighter(112) if dark else window.darker(103)).name()
    hover = (window.lighter(145) if dark else window.darker(112)).name()
    quiet = _between(text, window, 0.4).name()
    accent = palette.highlight().color()
    return f"""
    #sfpTitle {{ font-size: 15px; font-weight: 600; }}
    #sfpSection {{ color: {quiet}; font-size: 11px; font-weight: 600; }}
    #sfpQuiet {{ color: {quiet}; }}
    QScrollArea {{ border: none; background: transparent; }}
    #sfpBody {{ background: transparent; }}
    #sfpDrop {{ background: {base}; border: 1px dashed {line}; border-radius: 6px; }}
    #sfpDrop[filled="true"] {{ border: 1px solid {line}; }}
    #sfpDrop[over="true"] {{ border: 1px solid {accent.name()}; }}
    QPlainTextEdit, QLineEdit, QListWidget, QAbstractSpinBox, QComboBox {{
        background: {base}; border: 1px solid {line}; border-radius: 4px; padding: 3px 6px; min-height: 18px;
        selection-background-color: {accent.name()};
    }}
    QPlainTextEdit:focus, QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {{ border-color: {accent.name()}; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
    QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{
        border: none; padding: 0 5px; min-height: 0; background: transparent;
    }}
    QListWidget {{ padding: 4px; }}
    QListWidget::item {{ border: 1px solid transparent; border-radius: 5px; padding: 3px; }}
    QListWidget::item:selected {{ background: {raised}; border: 1px solid {accent.name()}; color: {text.name()}; }}
    QPushButton {{
        background: {raised}; border: 1px solid {line}; border-radius: 4px; padding: 4px 12px; min-height: 18px;
    }}
    QPushButton:hover {{ background: {hover}; }}
    QPushButton:disabled {{ color: {quiet}; }}
    QPushButton#sfpApply {{
        background: {accent.name()}; border-color: {accent.name()}; color: white; font-weight: 600;
    }}
    QPushButton#sfpApply:hover {{ background: {accent.lighter(112).name()}; }}
    QPushButton#sfpApply:disabled {{ background: {raised}; border-color: {line}; color: {quiet}; }}
    QToolButton {{ border: none; padding: 3px 6px; color: {quiet}; }}
    QToolButton:hover {{ color: {text.name()}; }}
    QSlider::groove:horizontal {{ height: 4px; background: {base}; border-radius: 2px; }}
    QSlider::sub-page:horizontal {{ background: {accent.name()}; border-radius: 2px; }}
    QSlider::handle:horizontal {{ width: 12px; margin: -4px 0; border-radius: 6px; background: {text.name()}; }}
    QProgressBar {{ background: {base}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }}
    QProgressBar::chunk {{ background: {accent.name()}; border-radius: 3px; }}
    #sfpPanel {{ background: {panel}; border: 1px solid {line}; border-left: 3px solid {line}; border-radius: 4px; }}
    #sfpPanel[state="failed"] {{ border-left-color: {ERROR}; }}
    #sfpPanel[state="done"] {{ border-left-color: {DONE}; }}
    #sfpPanel[state="running"] {{ border-left-color: {accent.name()}; }}
    #sfpPanel QPlainTextEdit {{ font-family: monospace; font-size: 11px; }}
    """


def _between(first: QtGui.QColor, second: QtGui.QColor, share: float) -> QtGui.QColor:
    """`share` of the way from one colour to another."""
    red, green, blue = (
        int(a + (b - a) * share)
        for a, b in (
            (first.red(), second.red()),
            (first.green(), second.green()),
            (first.blue(), second.blue()),
        )
    )
    return QtGui.QColor(red, green, blue)


def repolish(widget: QtWidgets.QWidget) -> None:
    """Let a changed property of a widget change its look."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
