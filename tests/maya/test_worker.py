import json
import os
import sys
import threading
import time
from pathlib import Path

import pytest
from sfp_maya.environment import (
    LINUX,
    MACOS,
    WINDOWS,
    child_environment,
    end_commands,
    sfp_command,
    start_options,
    version_of,
)
from sfp_maya.errors import SfpMayaError
from sfp_maya.worker import AnimateRequest, Worker, wait

MAYA = {
    "PATH": "/usr/autodesk/maya2024/bin:/usr/bin:/usr/autodesk/maya2024/lib",
    "PYTHONHOME": "/usr/autodesk/maya2024",
    "PYTHONPATH": "/a:/b",
    "LD_LIBRARY_PATH": "/usr/autodesk/maya2024/lib",
    "QT_PLUGIN_PATH": "x",
    "QML2_IMPORT_PATH": "x",
    "MAYA_APP_DIR": "x",
    "HOME": "/home/ü",
    "LANG": "C",
}


def script(code, **environment):
    return Worker(
        [sys.executable, "-c", code],
        {**child_environment(os.environ, maya_location="", platform=sys.platform), **environment},
    )


def gone(pid):
    """Whether a process has ended, a zombie counting as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_the_child_gets_nothing_of_maya():
    clean = child_environment(MAYA, maya_location="/usr/autodesk/maya2024", platform=LINUX)
    assert clean == {
        "PATH": "/usr/bin",
        "HOME": "/home/ü",
        "LANG": "C",
        "PYTHONUTF8": "1",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUNBUFFERED": "1",
    }
    windows = {
        "Path": r"C:\Program Files\Autodesk\Maya2024\bin;C:\Windows;c:\program files\autodesk\maya2024",
        "PythonHome": "x",
    }
    clean = child_environment(windows, maya_location="C:/Program Files/Autodesk/Maya2024", platform=WINDOWS)
    assert clean["Path"] == r"C:\Windows"
    assert "PythonHome" not in clean
    beside = child_environment(
        {"PATH": "/usr/autodesk/maya2024b/bin"}, maya_location="/usr/autodesk/maya2024", platform=MACOS
    )
    assert beside["PATH"] == "/usr/autodesk/maya2024b/bin"


def test_how_processes_start_and_end_on_each_platform():
    assert start_options(platform=WINDOWS) == {"creationflags": 0x08000000 | 0x00000200}  # no console; a group
    assert end_commands(42, platform=WINDOWS) == [["taskkill", "/F", "/T", "/PID", "42"]]
    for platform in (LINUX, MACOS):
        assert start_options(platform=platform) == {"start_new_session": True}
        assert end_commands(42, platform=platform) == []


def test_the_environment_is_found_where_it_was_chosen(tmp_path):
    for platform, folder, name in ((LINUX, "bin", "python"), (WINDOWS, "Scripts", "python.exe")):
        python = tmp_path / f"env ü {folder}" / folder / name
        python.parent.mkdir(parents=True)
        python.touch()
        place = str(python.parents[1])
        assert sfp_command(place, platform=platform, environ={}) == (str(python), "-m", "sfp_core")
        assert sfp_command("", platform=platform, environ={"SFP_ENVIRONMENT": place}) == (str(python), "-m", "sfp_core")
        assert sfp_command(str(python), platform=platform, environ={}) == (str(python), "-m", "sfp_core")
    program = tmp_path / "sfp"
    program.touch(mode=0o755)
    assert sfp_command(str(program), platform=LINUX, environ={}) == (str(program),)
    assert sfp_command("", platform=LINUX, environ={"PATH": str(tmp_path)}) == (str(program),)
    with pytest.raises(SfpMayaError, match="no environment of sfp is chosen"):
        sfp_command("", platform=LINUX, environ={"PATH": ""})
    with pytest.raises(SfpMayaError, match="expected the folder of a Python environment"):
        sfp_command(str(tmp_path), platform=LINUX, environ={})
    with pytest.raises(SfpMayaError, match="no such file or folder"):
        sfp_command(str(tmp_path / "none"), platform=LINUX, environ={})


def test_the_version_of_a_real_sfp_and_of_something_else(tmp_path):
    from sfp_core import __version__

    environment = child_environment(os.environ, maya_location="", platform=sys.platform)
    assert version_of([sys.executable, "-m", "sfp_core"], environment, platform=sys.platform) == __version__
    with pytest.raises(SfpMayaError, match="is no Python with sfp") as caught:
        version_of([sys.executable, "-c", "raise SystemExit('nothing here')"], environment, platform=sys.platform)
    assert "nothing here" in caught.value.details
    with pytest.raises(SfpMayaError, match="cannot be started"):
        version_of([str(tmp_path / "none")], environment, platform=sys.platform)


def test_the_command_line_of_a_request():
    request = AnimateRequest(
        Path("a b/ü.wav"), Path("t"), "24000/1001", "mery.character", "hello", keep=True, extra=("--jaw", "0.8")
    )
    assert request.words() == [
        "animate", str(Path("a b/ü.wav")), "-o", "t", "--character", "mery.character", "--fps", "24000/1001",
        "--transcript", "hello", "--keep", "--no-preview", "--jaw", "0.8", "--progress", "json",
    ]  # fmt: skip


def test_progress_comes_in_order_and_in_utf8_whatever_else_is_said():
    code = """
import json, sys
print("to stdout ü")
for done in range(3):
    event = {"event": "progress", "stage": "größe", "done": done, "total": 3, "message": ""}
    print(json.dumps(event, ensure_ascii=False), file=sys.stderr)
print("{no json", file=sys.stderr)
print('{"event": 7}', file=sys.stderr)
print('{"event": "warning", "stage": "s", "done": null, "total": null, "message": "w"}', file=sys.stderr)
"""
    told = []
    wait(script(code, LANG="C"), told=told.append)
    assert [(one.kind, one.stage, one.done) for one in told] == [("progress", "größe", at) for at in range(3)] + [
        ("warning", "s", None)
    ]


def test_a_crash_is_told_with_the_last_lines():
    worker = script("import sys\nfor n in range(100): print(f'line {n}', file=sys.stderr)\nsys.exit(7)")
    with pytest.raises(SfpMayaError, match="ended with code 7: line 99") as caught:
        wait(worker, told=lambda event: None)
    assert caught.value.details.splitlines() == [f"line {n}" for n in range(80, 100)]
    with pytest.raises(SfpMayaError, match="ended with signal 9"):
        wait(script("import os; os.kill(os.getpid(), 9)"), told=lambda event: None)
    event = json.dumps({"event": "failed", "stage": "x", "done": None, "total": None, "message": "disk is full"})
    with pytest.raises(SfpMayaError, match="ended with code 1: disk is full"):
        wait(script(f"import sys; print({event!r}, file=sys.stderr); sys.exit(1)"), told=lambda event: None)
    with pytest.raises(SfpMayaError, match="cannot be started"):
        Worker(["/none/such"], {})


CHILDREN = """
import json, os, signal, subprocess, sys, time
if {stubborn}: signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal,time; {quiet}time.sleep(60)"])
event = {{"event": "start", "stage": str(child.pid), "done": 0, "total": 1, "message": ""}}
print(json.dumps(event), file=sys.stderr, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(os.name == "nt", reason="looks at /proc")
@pytest.mark.parametrize("stubborn", [False, True], ids=["willing", "deaf"])
def test_cancel_ends_the_child_and_its_children(stubborn):
    quiet = "signal.signal(signal.SIGTERM, signal.SIG_IGN); " if stubborn else ""
    worker = script(CHILDREN.format(stubborn=stubborn, quiet=quiet))
    told = []
    with pytest.raises(SfpMayaError, match="cancelled"):
        wait(worker, told=told.append, stopped=lambda: bool(told))
    grandchild = int(told[0].stage)
    deadline = time.monotonic() + 5
    while not (gone(worker.pid) and gone(grandchild)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gone(worker.pid) and gone(grandchild)
    assert not [thread for thread in threading.enumerate() if thread.name == "sfp reader"]


def test_where_there_are_no_groups_a_command_ends_the_tree(tmp_path, monkeypatch):
    """Windows: `taskkill` of the child's number. Where that is missing too, the child itself is ended."""
    from sfp_maya import worker as module

    ran = []
    monkeypatch.setattr(module, "_quietly", lambda command: ran.append(list(command)))
    monkeypatch.setattr(module, "start_options", lambda platform: {})
    monkeypatch.setattr(module, "_GRACE_SECONDS", 0.2)
    child = Worker([sys.executable, "-c", "import time; time.sleep(60)"], dict(os.environ), platform=WINDOWS)
    child.cancel()
    assert ran == [["taskkill", "/F", "/T", "/PID", str(child.pid)]]
    assert not child.running


def test_whatever_ends_the_wait_the_child_does_not_stay():
    worker = script("import time; time.sleep(60)")

    def stopped():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wait(worker, told=lambda event: None, stopped=stopped)
    assert not worker.running
