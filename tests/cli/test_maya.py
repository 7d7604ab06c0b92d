"""`sfp maya install|uninstall` and `sfp ui`."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from sfp_core.cli import maya
from sfp_core.errors import SfpError

ROOT = Path(__file__).parents[2]
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run() -> Iterator[Run]:
    """The two as the program has them; an SfpError is a failure with its line."""
    app = typer.Typer()
    app.add_typer(maya.app, name="maya")
    app.command("ui")(maya.ui)
    path = list(sys.path)

    def call(*arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert done.exception is None or isinstance(done.exception, (SfpError, SystemExit)), done.exception
        told = str(done.exception) if isinstance(done.exception, SfpError) else done.output
        return done.exit_code, told

    yield call
    sys.path[:] = path


def test_install_points_maya_at_the_tool_and_the_tool_at_this_python(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "maya ü"
    folder.mkdir()
    code, told = run("maya", "install", "--maya-app-dir", folder)
    file = folder / "modules" / "sfp.mod"
    assert (code, f"wrote {file}" in told) == (0, True)
    assert file.read_text(encoding="utf-8").splitlines() == [
        f"+ sfp 1.0 {(ROOT / 'maya_plugin').as_posix()}",
        f"SFP_ENVIRONMENT={Path(sys.executable).as_posix()}",
    ]
    assert run("maya", "install", "--maya-app-dir", folder)[0] == 0
    assert run("maya", "uninstall", "--maya-app-dir", folder) == (0, f"sfp: removed {file}\n")
    assert run("maya", "uninstall", "--maya-app-dir", folder) == (
        0,
        f"sfp: {folder}: the tool is not installed there\n",
    )
    assert [path.name for path in folder.rglob("*")] == ["modules"]


def test_without_a_folder_it_is_where_maya_has_it(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAYA_APP_DIR", str(tmp_path))
    assert run("maya", "install")[0] == 0
    assert (tmp_path / "modules" / "sfp.mod").is_file()
    monkeypatch.setenv("MAYA_APP_DIR", str(tmp_path / "none"))
    code, told = run("maya", "install")
    assert (code, told) == (
        1,
        f"{tmp_path / 'none'}: no such folder; start Maya once, or say where its settings are (--maya-app-dir)",
    )


def test_the_window_without_qt_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maya.importlib.util, "find_spec", lambda name: None)
    code, told = run("ui")
    assert (code, told) == (1, "ui: PySide6 is not installed; expected: pip install 'stylized-face-point[ui]'")


def test_a_sound_that_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    assert run("ui", tmp_path / "none.wav") == (1, f"{tmp_path / 'none.wav'}: no such sound file")


def test_the_window_opens_with_the_sound(tmp_path: Path, line: Path) -> None:
    """In a process of its own, closed by a timer."""
    pytest.importorskip("PySide6")
    code = f"""
import sys
sys.modules["maya"] = None
import typer
from PySide6 import QtCore, QtWidgets
application = QtWidgets.QApplication([])
def look():
    (window,) = [one for one in application.topLevelWidgets() if type(one).__name__ == "Window"]
    print(window.audio.path, window.isVisible())
    application.closeAllWindows()
QtCore.QTimer.singleShot(300, look)
from sfp_core.cli import maya
from pathlib import Path
try:
    maya.ui(Path({str(line)!r}))
except typer.Exit as done:
    sys.exit(done.exit_code)
"""
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd=ROOT)
    if "cannot be loaded" in done.stderr or "6.12" in done.stderr or "ImportError" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert (done.returncode, done.stdout.strip()) == (0, f"{line} True"), done.stderr
