"""The installer, the shelf, the menu, the panel and the doctor, in the fake Maya."""

import importlib.util
import os
import re
import shutil
import sys
from pathlib import Path, PureWindowsPath

import pytest
from maya import cmds, utils
from maya_fake.interface_commands import INTERFACE, MAIN_WINDOW, SHELVES
from maya_fake.mery import make_mery
from maya_fake.takes import mery_take
from sfp_maya import actions, doctor, menu, shelf
from sfp_maya.actions import ACTIONS
from sfp_maya.environment import LINUX, MACOS, WINDOWS
from sfp_maya.errors import SfpMayaError
from sfp_maya.install import install, installed, maya_folder, module_text, uninstall

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "maya_plugin"
LABELS = ["Animate from audio", "Animate from video", "Capture character", "Apply take", "Settings / doctor"]


@pytest.fixture
def maya(session, tmp_path):
    """A Maya with nothing of ours on its screen, and its folder of settings."""
    INTERFACE.clear()
    folder = tmp_path / "maya settings ü"
    folder.mkdir()
    INTERFACE.app_dir = str(folder)
    yield folder
    INTERFACE.clear()


def drag(plugin=PLUGIN):
    """As Maya does it: import the dropped file by its name, call its function."""
    path = plugin / "drag_into_maya.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.onMayaDroppedPythonFile(None)
    assert path.stem not in sys.modules


def on_screen():
    shown = INTERFACE.controls
    buttons = [one.flags["label"] for path, one in shown.items() if path.startswith(f"{SHELVES}|sfp|")]
    items = [one.flags["label"] for path, one in shown.items() if path.startswith(f"{MAIN_WINDOW}|sfpMenu|")]
    return buttons, items


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_where_maya_keeps_its_settings():
    home = Path("/home/ü")
    assert maya_folder({}, platform=LINUX, home=home) == home / "maya"
    assert maya_folder({}, platform=WINDOWS, home=home) == home / "Documents" / "maya"
    assert maya_folder({}, platform=MACOS, home=home) == home / "Library" / "Preferences" / "Autodesk" / "maya"
    assert maya_folder({"MAYA_APP_DIR": "/x y"}, platform=LINUX, home=home) == Path("/x y")


def test_install_is_one_file_and_uninstall_takes_it_away(tmp_path):
    (tmp_path / "Maya.env").write_text("A=1\n")
    before = files(tmp_path)
    file = install(PLUGIN, tmp_path, environment="/env with space/bin/python")
    assert file.read_text(encoding="utf-8") == (
        f"+ sfp 1.0 {PLUGIN.as_posix()}\nSFP_ENVIRONMENT=/env with space/bin/python\n"
    )
    stamp = file.stat().st_mtime_ns
    assert install(PLUGIN, tmp_path) == file  # the environment that is known stays
    assert (file.stat().st_mtime_ns, installed(tmp_path)) == (stamp, PLUGIN)
    # Maya reads whatever lies in modules, so nothing else may
    assert files(tmp_path) == sorted([*before, str(Path("modules/sfp.mod"))])
    assert uninstall(tmp_path) == file and uninstall(tmp_path) is None
    assert files(tmp_path) == before and installed(tmp_path) is None


def test_install_refuses_what_would_not_work(tmp_path):
    with pytest.raises(SfpMayaError, match="start Maya once"):
        install(PLUGIN, tmp_path / "none")
    with pytest.raises(SfpMayaError, match="unpack the whole maya_plugin"):
        install(tmp_path, tmp_path)
    (tmp_path / "modules").write_text("a file")
    with pytest.raises(SfpMayaError, match=re.escape(f"{Path('modules') / 'sfp.mod'}: cannot be")):
        install(PLUGIN, tmp_path)
    assert files(tmp_path) == ["modules"]


def test_a_windows_path_is_written_with_slashes():
    assert module_text(PureWindowsPath(r"C:\My Tools\maya_plugin")) == "+ sfp 1.0 C:/My Tools/maya_plugin\n"


def test_dragged_in_twice_it_is_there_once_and_dragged_again_it_is_gone(maya):
    cmds.shelfLayout("Polygons", parent=SHELVES)
    before = dict(INTERFACE.controls)
    drag()
    assert installed(maya) == PLUGIN
    assert on_screen() == (LABELS, LABELS)
    drag()  # the dialog's first button: install again
    assert "The tool is installed." in INTERFACE.dialogs
    assert on_screen() == (LABELS, LABELS)
    INTERFACE.answers = ["Cancel"]
    drag()
    assert on_screen() == (LABELS, LABELS) and installed(maya) == PLUGIN
    INTERFACE.answers = ["Uninstall"]
    drag()
    assert INTERFACE.controls == before and files(maya) == []


def test_dragged_in_from_another_folder_it_moves(maya, tmp_path):
    drag()
    other = shutil.copytree(PLUGIN, tmp_path / "other place", ignore=shutil.ignore_patterns("__pycache__"))
    drag(other)
    assert f"another folder:\n{PLUGIN}" in INTERFACE.dialogs[-2]
    assert installed(maya) == other and on_screen() == (LABELS, LABELS)


def test_what_goes_wrong_in_a_drop_is_told(maya):
    maya.rmdir()
    drag()
    assert "start Maya once" in INTERFACE.dialogs[-1]
    assert on_screen() == ([], [])


def test_buttons_of_others_on_our_shelf_stay(maya):
    shelf.install()
    cmds.shelfButton(parent=f"{SHELVES}|sfp", label="mine", command="pass", sourceType="python", image="x.png")
    shelf.install()
    assert on_screen()[0] == [*LABELS, "mine"]
    shelf.uninstall()
    assert on_screen()[0] == ["mine"]


def test_an_old_button_is_brought_up_to_date(maya):
    shelf.install()
    first = next(path for path in INTERFACE.controls if path.startswith(f"{SHELVES}|sfp|"))
    INTERFACE.controls[first].flags.update(command="old()", image="old.png")
    shelf.install()
    assert INTERFACE.controls[first].flags["command"] == ACTIONS[0].script
    assert INTERFACE.controls[first].flags["image"] == "sfp_audio.png"


def test_every_entry_has_its_function_and_its_icon_in_two_sizes():
    assert [action.label for action in ACTIONS] == LABELS
    for action in ACTIONS:
        assert callable(getattr(actions, action.function))
        compile(action.script, action.label, "exec")
        for suffix, side in ((".png", 32), ("_200.png", 64)):
            content = (PLUGIN / "icons" / f"{action.icon}{suffix}").read_bytes()
            assert content[:8] == b"\x89PNG\r\n\x1a\n"
            assert [int.from_bytes(content[at : at + 4], "big") for at in (16, 20)] == [side, side]
        assert (PLUGIN / "icons" / f"{action.icon}.svg").is_file()


def test_maya_makes_the_menu_when_it_has_started(maya, session):
    code = compile((PLUGIN / "scripts" / "userSetup.py").read_text(encoding="utf-8"), "userSetup.py", "exec")
    exec(code, {"__name__": "__main__"})
    assert on_screen()[1] == []
    utils.processIdleEvents()
    assert on_screen()[1] == LABELS
    menu.uninstall()
    session.restart(batch=True)
    exec(code, {"__name__": "__main__"})
    utils.processIdleEvents()
    assert on_screen()[1] == []


def test_apply_take_keys_a_take_that_is_there(maya, session, tmp_path):
    make_mery()
    folder = tmp_path / "take"
    folder.mkdir()
    mery_take(folder / "take.curves.json")
    cmds.currentTime(12)
    cmds.select("Mery_ac_cn_jaw_control", replace=True)
    session.flush_undo()
    before = session.dump()
    INTERFACE.folders = [str(folder)]
    exec(ACTIONS[3].script, {})
    assert "controllers keyed on layer" in INTERFACE.dialogs[-1] and "frames 12 to" in INTERFACE.dialogs[-1]
    assert len(session.undos) == 1
    cmds.undo()
    assert session.dump() == before
    INTERFACE.folders = [str(tmp_path)]
    actions.apply_take()
    assert "take.curves.json" in INTERFACE.dialogs[-1]
    actions.apply_take()  # dismissed
    assert session.dump() == before and len(INTERFACE.dialogs) == 2
    actions.capture_character()
    assert "not there yet" in INTERFACE.dialogs[-1]


def test_the_panel_is_one_and_is_found_again(maya):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        from sfp_maya.ui.qt import QtCore, QtWidgets, isValid
    except ImportError as error:
        pytest.skip(f"no Qt, or a system library that it needs is missing: {error}")
    if sys.version_info < (3, 12) and tuple(map(int, QtCore.__version__.split(".")[:2])) >= (6, 12):
        pytest.skip("PySide6 6.12 drops references to None and ends Python before 3.12")
    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    from sfp_maya.ui import docked

    exec(ACTIONS[0].script, {})
    window = docked.show()
    assert docked.show() is window and window.apply.text() == "Apply"
    film = docked.show(film=True)
    assert film is not window
    panels = [path for path, one in INTERFACE.controls.items() if one.kind == "workspaceControl"]
    assert panels == ["sfpAudioPanel", "sfpVideoPanel"]
    for panel, shown in zip(panels, (window, film), strict=True):
        assert INTERFACE.controls[panel].flags["widget"] is shown.parentWidget()
        cmds.deleteUI(panel)
    del shown
    application.processEvents()
    again = docked.show()
    assert again is not window and isValid(again)
    cmds.deleteUI("sfpAudioPanel")
    exec(ACTIONS[4].script, {})
    opened = docked.show()
    assert [one.isVisible() for one in opened.findChildren(QtWidgets.QDialog)] == [True]
    cmds.deleteUI("sfpAudioPanel")


def test_environments_are_found_where_they_usually_are(tmp_path):
    def made(*parts, platform=LINUX):
        folder, program = ("Scripts", "sfp.exe") if platform == WINDOWS else ("bin", "sfp")
        place = tmp_path.joinpath(*parts)
        (place / folder).mkdir(parents=True)
        (place / folder / program).touch()
        return str(place)

    chosen, on_path = made("chosen ü"), made("tools")
    usual, conda = made("home", ".venv"), made("home", "miniconda3", "envs", "anim")
    (tmp_path / "home" / "miniconda3" / "envs" / "other").mkdir()
    environ = {"SFP_ENVIRONMENT": chosen, "PATH": f"/usr/bin:{on_path}/bin:{chosen}/bin"}
    found = doctor.candidates(environ, platform=LINUX, home=tmp_path / "home")
    assert found == [chosen, on_path, usual, conda]
    windows = made("home", "sfp", platform=WINDOWS)
    assert doctor.candidates({}, platform=WINDOWS, home=tmp_path / "home") == [windows]


@pytest.mark.parametrize(
    ("said", "ok", "words"),
    [
        (f"sfp {doctor.TOOL_VERSION}\n", True, "goes with this tool"),
        ("sfp 0.1.99", True, "goes with this tool"),
        ("sfp 7.1.0", False, "update both to one version"),
        ("Python 3.11", False, "is no sfp; install it there"),
        ("", False, "is no sfp"),
    ],
)
def test_what_the_doctor_says(said, ok, words):
    found = doctor.verdict(said, command=["/env/bin/python"])
    assert found.ok is ok and words in found.text
