"""The window, driven without a screen: clicks, typing, drops. Each run is one of the real `sfp`, in its own process."""

import json
import os
import shutil
import subprocess
import sys
import time
import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest

from sfp_core.character.character import Character
from sfp_core.formats.curves_json import read_curves_json

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
try:
    from sfp_maya.ui.qt import QtCore, QtGui, QtWidgets, isValid
except ImportError as error:
    pytest.skip(f"no Qt, or a system library that it needs is missing: {error}", allow_module_level=True)
if sys.version_info < (3, 12) and tuple(map(int, QtCore.__version__.split(".")[:2])) >= (6, 12):
    pytest.skip("PySide6 6.12 drops references to None and ends Python before 3.12", allow_module_level=True)

from maya import cmds
from maya_fake.scene import SESSION
from sfp_maya import doctor
from sfp_maya.settings import choose_environment
from sfp_maya.ui.host import Order, settings_of
from sfp_maya.ui.maya_host import MayaHost
from sfp_maya.ui.outside import OutsideHost
from sfp_maya.ui.window import Window

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "sfp_core" / "data" / "demo"
TOON = ROOT / "sfp_core" / "data" / "characters" / "toon.character"
SCRIPTS = ROOT / "maya_plugin" / "scripts"
LEFT = QtCore.Qt.MouseButton.LeftButton
NONE = QtCore.Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="module")
def application():
    return QtWidgets.QApplication.instance() or QtWidgets.QApplication([])


def wait_for(true, *, seconds=180):
    """The event loop of Qt runs until then, as Maya's does."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it has not come to that"
        QtWidgets.QApplication.processEvents()
        time.sleep(0.01)


def click(button):
    """Where it is, with the mouse: a button that is off or hidden does nothing."""
    assert button.isVisible()
    at = QtCore.QPointF(button.rect().center())
    for kind in (QtCore.QEvent.Type.MouseButtonPress, QtCore.QEvent.Type.MouseButtonRelease):
        buttons = LEFT if kind == QtCore.QEvent.Type.MouseButtonPress else QtCore.Qt.MouseButton.NoButton
        event = QtGui.QMouseEvent(kind, at, QtCore.QPointF(button.mapToGlobal(at.toPoint())), LEFT, buttons, NONE)
        QtWidgets.QApplication.sendEvent(button, event)


def scene():
    """All of it, but limits that are off: the fake makes them when they are asked for."""
    content = json.loads(SESSION.dump())
    for node in content["nodes"].values():
        node["limits"] = {name: limits for name, limits in node["limits"].items() if limits[2] or limits[3]}
    return content


def type_into(widget, text):
    for letter in text:
        for kind in (QtCore.QEvent.Type.KeyPress, QtCore.QEvent.Type.KeyRelease):
            QtWidgets.QApplication.sendEvent(widget, QtGui.QKeyEvent(kind, 0, NONE, letter))


def drop(widget, *paths):
    """Whether it was taken."""
    content = QtCore.QMimeData()
    content.setUrls([QtCore.QUrl.fromLocalFile(str(path)) for path in paths])
    at = widget.rect().center()
    action = QtCore.Qt.DropAction.CopyAction
    entered = QtGui.QDragEnterEvent(at, action, content, LEFT, NONE)
    QtWidgets.QApplication.sendEvent(widget, entered)
    if not entered.isAccepted():
        return False
    dropped = QtGui.QDropEvent(QtCore.QPointF(at), action, content, LEFT, NONE)
    QtWidgets.QApplication.sendEvent(widget, dropped)
    return dropped.isAccepted()


def gone(window):
    """Closed, and deleted now: not by Python when it likes, in the middle of the next test."""
    if not isValid(window):
        return
    window.close()
    window.deleteLater()
    QtCore.QCoreApplication.sendPostedEvents(None, int(QtCore.QEvent.Type.DeferredDelete.value))


def recording(folder, seconds=2.0):
    """The first seconds of the built-in line, under a name with spaces and umlauts."""
    path = folder / "Zeile 1 ü.wav"
    with wave.open(str(DEMO / "line.wav")) as source, wave.open(str(path), "wb") as cut:
        cut.setparams(source.getparams())
        cut.writeframes(source.readframes(int(seconds * source.getframerate())))
    return path


@pytest.fixture
def outside(application, tmp_path):
    """Makes windows that remember in one file."""
    made = []

    def make():
        settings = QtCore.QSettings(str(tmp_path / "settings.ini"), QtCore.QSettings.Format.IniFormat)
        made.append(Window(OutsideHost(settings)))
        made[-1].resize(460, 860)
        made[-1].show()
        return made[-1]

    yield make
    for window in made:
        gone(window)


@pytest.fixture
def inside(application, session):
    """A window in the fake Maya, whose scene has the built-in character as `hero:`."""
    session.state.namespaces.add("hero")
    for name in Character.load(TOON).rig.names:
        node = name.partition(".")[0]
        if not session.matches(f"hero:{node}"):
            session.make("transform", f"hero:{node}")
    choose_environment(sys.executable)
    cmds.currentUnit(time="ntsc")
    cmds.currentTime(41)
    cmds.select("hero:jaw", replace=True)
    session.flush_undo()
    window = Window(MayaHost())
    window.resize(460, 900)
    window.show()
    yield window
    gone(window)


def test_a_dropped_sound_is_drawn_as_it_is(outside, tmp_path):
    """Two seconds: silence, then a ramp: the peaks are those of the file, column by column."""
    ramp = np.concatenate([np.zeros(8000), np.linspace(0, 0.9, 8000) * (-1.0) ** np.arange(8000)])
    path = tmp_path / "ramp.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes((ramp * 32767).astype("<i2").tobytes())
    window = outside()
    assert not window.apply.isEnabled()
    before = window.audio.grab().toImage()
    assert not drop(window.audio, tmp_path / "notes.txt") and not drop(window.audio, path, path)
    assert drop(window.audio, path)
    assert window.audio.path == path and window.apply.isEnabled()
    shape = window.audio.shape
    assert shape.seconds == 2.0
    columns = np.split(ramp, [len(ramp) * at // len(shape.peaks) for at in range(1, len(shape.peaks))])
    truth = np.array([(column.min(), column.max()) for column in columns])
    assert np.abs(np.array(shape.peaks) - truth).max() < 1 / 128 + 1e-4  # the step, and that of 16 bits
    assert window.audio.grab().toImage() != before


def test_from_a_drop_to_a_take_outside_of_maya(outside, tmp_path):
    path = recording(tmp_path)
    window = outside()
    drop(window.audio, path)
    type_into(window.transcript, "Come on")
    window.rate.setCurrentText("25")
    window.jaw.slider.setValue(0)  # the jaw rests
    click(window.layers["gaze"])
    told = []
    click(window.apply)
    window.job.progressed.connect(lambda event: told.append((event.kind, event.stage)))
    assert window.status.state == "running" and not window.apply.isEnabled()
    wait_for(lambda: window.job is None)
    assert window.status.state == "done", window.status.title.text()
    assert ("done", "preview") in told  # the real sfp has told of it
    folder = tmp_path / "Zeile 1 ü_toon_take"
    take = read_curves_json(folder / "take.curves.json")
    assert (str(take.fps), take.frames) == ("25", 51)
    assert {layer.name: layer.weight for layer in take.layers}["gaze"] == 0
    jaw = take.curves(take.rig_spec()).values[:, take.rig_spec().names.index("jaw.ty")]
    assert np.ptp(jaw) < 0.03  # ten times less than with the jaw at 1
    assert str(folder / "preview.mp4") in window.status.details.toPlainText()
    assert (folder / "preview.mp4").stat().st_size > 1000
    assert window.status.play.isVisible() and window.apply.isEnabled()


def test_from_a_click_to_keys_in_maya_and_back_in_one_undo(inside, tmp_path):
    assert (inside.namespace.text(), inside.start_frame.value()) == ("hero", 41)
    drop(inside.audio, recording(tmp_path))
    inside.start_frame.setValue(-12)
    click(inside.apply)
    cmds.select(clear=True)  # what is selected while it runs does not count
    SESSION.flush_undo()
    before = scene()
    wait_for(lambda: inside.job is None)
    assert inside.status.state == "done", inside.status.title.text()
    take = read_curves_json(tmp_path / "Zeile 1 ü_toon_take" / "take.curves.json")
    assert (str(take.fps), take.frames) == ("30", 61)
    assert "frames -12 to 48 at 30 fps" in inside.status.title.text()
    rig = take.rig_spec()
    jaw = rig.names.index("jaw.ty")
    played = SESSION.played("hero:jaw.translateY", range(-12, 49))
    assert played == pytest.approx(take.curves(rig).values[:, jaw], abs=3e-6) and np.ptp(played) > 0.1
    assert len(SESSION.undos) == 1
    cmds.undo()
    assert scene() == before


def test_preview_leaves_the_scene_alone(inside, tmp_path):
    drop(inside.audio, recording(tmp_path, 1.0))
    before = SESSION.dump()
    click(inside.preview)
    wait_for(lambda: inside.job is None)
    assert inside.status.state == "done", inside.status.title.text()
    assert SESSION.dump() == before and not SESSION.undos
    assert (tmp_path / "Zeile 1 ü_toon_take" / "preview.mp4").stat().st_size > 1000


def test_cancel_ends_the_child_and_leaves_all_as_it_was(inside, tmp_path):
    path = recording(tmp_path)
    drop(inside.audio, path)
    before = SESSION.dump()
    told = []
    click(inside.apply)
    inside.job.progressed.connect(told.append)
    wait_for(lambda: told)  # it really runs
    child = inside.job.worker
    click(inside.status.cancel)
    assert inside.job is None and not child.running
    assert (inside.status.state, inside.status.title.text()) == ("failed", "cancelled; nothing was changed")
    assert SESSION.dump() == before
    assert list(tmp_path.iterdir()) == [path]
    assert inside.apply.isEnabled()


def test_closing_the_window_ends_the_child(outside, tmp_path):
    window = outside()
    drop(window.audio, recording(tmp_path))
    click(window.apply)
    child = window.job.worker
    window.close()
    assert not child.running


def test_a_child_that_dies_is_told_of(inside, tmp_path):
    drop(inside.audio, recording(tmp_path))
    before = SESSION.dump()
    told = []
    click(inside.apply)
    inside.job.progressed.connect(told.append)
    wait_for(lambda: told)
    os.kill(inside.job.worker.pid, 9)
    wait_for(lambda: inside.job is None)
    assert inside.status.state == "failed"
    assert "sfp ended with" in inside.status.title.text()
    assert SESSION.dump() == before


def test_what_sfp_says_stands_in_the_window(inside, tmp_path):
    path = tmp_path / "line.wav"
    path.write_bytes(b"no sound at all")
    drop(inside.audio, path)
    assert inside.audio.shape is None
    click(inside.apply)
    wait_for(lambda: inside.job is None)
    assert inside.status.state == "failed"
    assert f"sfp ended with code 1: {path}: not a sound" in inside.status.title.text()


def test_a_traceback_of_the_child_stands_under_the_error(inside, tmp_path):
    """A Python without sfp: its last lines are the details."""
    drop(inside.audio, recording(tmp_path))
    bare = tmp_path / "python"
    bare.write_text(
        f"#!/bin/sh\necho warming up >&2\nexec '{sys.executable}' -c 'import no_such_sfp'\n", encoding="utf-8"
    )
    bare.chmod(0o755)
    choose_environment(str(bare))
    click(inside.apply)
    wait_for(lambda: inside.job is None)
    assert "No module named 'no_such_sfp'" in inside.status.title.text()
    assert inside.status.details.isVisible()
    assert inside.status.details.toPlainText().startswith("warming up\nTraceback")


def test_wrong_input_is_told_before_anything_runs(inside, tmp_path):
    path = recording(tmp_path)
    drop(inside.audio, path)
    before = SESSION.dump()

    def told():
        click(inside.apply)
        assert (inside.job, inside.status.state) == (None, "failed")
        return inside.status.title.text()

    choose_environment(str(tmp_path / "none"))
    assert "no such file or folder; expected a Python environment" in told()
    choose_environment(sys.executable)
    SESSION.state.namespaces.add("other")
    SESSION.make("transform", "other:jaw")
    cmds.select("hero:jaw", "other:jaw", replace=True)
    before = SESSION.dump()
    inside.namespace.clear()
    assert "2 characters are selected (hero and other): select one" in told()
    click(next(button for button in inside.findChildren(QtWidgets.QPushButton) if button.text() == "Use selection"))
    assert "select a part of one character" in inside.status.title.text()
    path.unlink()
    inside.namespace.setText("hero:")
    assert "no such sound file" in told()
    assert SESSION.dump() == before


@pytest.mark.parametrize("where", ["outside", "inside"])
def test_what_was_filled_in_is_there_the_next_time(where, request, tmp_path):
    make = request.getfixturevalue("outside") if where == "outside" else None
    window = make() if make else request.getfixturevalue("inside")
    bundle = tmp_path / "mine ü.character"
    shutil.copy(TOON, bundle)
    drop(window.audio, recording(tmp_path))
    assert drop(window.characters.viewport(), bundle)
    type_into(window.transcript, "Hello ü")
    window.lips.number.setValue(1.35)
    window.layers["brows"].setChecked(False)
    window.mode.setCurrentIndex(2)
    expected = window.order()
    assert expected.extra == ("--lips", "1.35", "--layer", "brows=0")
    window.close()
    again = make() if make else Window(MayaHost())
    try:
        assert again.order() == expected
        assert isinstance(again.order(), Order)
        assert settings_of(again._host)["character"] == str(bundle)
    finally:
        gone(again)


def test_a_number_is_seen_beside_its_slider(outside):
    """Style sheets have hidden it before."""
    strength = outside().jaw
    before = strength.number.grab().toImage()
    strength.slider.setValue(0)
    assert strength.value() == 0.0
    assert strength.number.grab().toImage() != before
    strength.set_value(2.55)
    assert (strength.value(), strength.slider.value()) == (2.55, 51)


def test_settings_that_cannot_be_read_are_forgotten(outside, tmp_path):
    window = outside()
    for text in ("{", "[1]", '{"jaw": "x", "mode": 3, "fps": null, "own": ["/none.character"], "source": 7}'):
        window._host.remember(text)
        other = outside()
        assert (other.jaw.value(), other.mode.currentData(), other.audio.path) == (1.0, "override", None)


def test_characters_are_those_that_sfp_lists_with_the_faces_of_their_bundles(outside, tmp_path):
    window = outside()
    answers = []
    window.question.answered.connect(answers.append)
    wait_for(lambda: answers)
    ready = [entry["name"] for entry in json.loads(answers[0]) if entry["animatable"]]
    assert sorted(window.characters.names()) == sorted(ready)
    bundle = tmp_path / "mine.character"
    shutil.copy(TOON, bundle)
    drop(window.characters.viewport(), bundle)
    assert window.characters.character() == str(bundle)
    truth = QtGui.QImage()
    truth.loadFromData(zipfile.ZipFile(TOON).read("thumbnail.png"))
    shown = window.characters.currentItem().icon().pixmap(64, 64).toImage()
    expected = truth.scaled(shown.size(), mode=QtCore.Qt.TransformationMode.SmoothTransformation)
    colors = [
        np.array([image.pixelColor(x, y).getRgb()[:3] for x in range(4, 60, 8) for y in range(4, 60, 8)], float)
        for image in (shown, expected)
    ]
    assert np.abs(colors[0] - colors[1]).mean() < 8  # scaled in two steps, not in one
    broken = tmp_path / "broken.character"
    broken.write_bytes(b"no zip")
    drop(window.characters.viewport(), broken)
    assert not window.characters.currentItem().icon().isNull()


def test_the_doctor_asks_the_environment_for_its_version(inside, tmp_path, monkeypatch):
    click(inside.settings)
    dialog = next(one for one in inside.findChildren(QtWidgets.QDialog) if one.isVisible())
    assert dialog.place.currentText() == sys.executable
    click(dialog.check)
    wait_for(dialog.check.isEnabled)
    assert "answers, and goes with this tool" in dialog.found.text(), dialog.found.text()
    monkeypatch.setattr(doctor, "TOOL_VERSION", "9.9.9")
    click(dialog.check)
    wait_for(dialog.check.isEnabled)
    assert "this tool is 9.9.9; update both" in dialog.found.text()
    dialog.place.setEditText(str(tmp_path))
    click(dialog.check)
    assert "expected the folder of a Python environment" in dialog.found.text()
    click(dialog.save)
    assert inside._host.environment() == str(tmp_path)


def test_outside_of_maya_no_maya_is_imported(tmp_path):
    code = """
import sys
sys.modules["maya"] = None
from sfp_maya.ui import outside
from sfp_maya.ui.qt import QtCore, QtWidgets
application = QtWidgets.QApplication([])
QtCore.QTimer.singleShot(200, application.closeAllWindows)
sys.exit(outside.main([]))
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SCRIPTS), os.environ.get("PYTHONPATH", "")])}
    environment |= {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
