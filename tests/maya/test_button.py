"""The whole press of the button: real audio, the real `sfp` as a child process, keys on a fake Mery.

No character for Mery can be trained without the rig, so the child makes a take for the shipped character, and between
the child and the keys the take's controllers are given names of Mery's, one by one. All else is as a user has it.
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from maya import cmds
from maya_fake.mery import controllers, make_mery, reference_mery
from maya_fake.scene import SESSION
from maya_fake.takes import mery_take
from sfp_maya import batch
from sfp_maya.animate import Press, land, selected_nodes, start
from sfp_maya.errors import SfpMayaError
from sfp_maya.settings import choose_environment
from sfp_maya.worker import wait

from sfp_core.curves.maya_curve import evaluate
from sfp_core.formats.curves_json import read_curves_json

ROOT = Path(__file__).parents[2]
PLUG_IN = ROOT / "maya_plugin" / "plug-ins" / "sfp_maya.py"
NAMES = [str(entry["name"]) for entry in controllers()]
LINEAR = [str(entry["name"]) for entry in controllers() if entry["unit"] == "linear"]
LOCKED = (LINEAR[3], LINEAR[11])
FIRST = 101


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    """The built-in line, under a name with spaces and umlauts."""
    path = tmp_path_factory.mktemp("Ton für Mery") / "Zeile 1 ü.wav"
    path.write_bytes((ROOT / "sfp_core" / "data" / "demo" / "line.wav").read_bytes())
    return path


def as_mery(folder):
    """The take with Mery's names and ranges instead of the built-in character's."""
    path = folder / "take.curves.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    names = dict(zip(dict.fromkeys(channel["controller"] for channel in content["channels"]), LINEAR, strict=False))
    for channel in content["channels"]:
        channel["controller"] = names[channel["controller"]]
    content["rig"] = "mery"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pressed(audio, tmp_path_factory):
    """The child has run once, at the scene's rate, and has told of its progress."""
    folder = tmp_path_factory.mktemp("scene")
    reference_mery(folder, locked=LOCKED)
    choose_environment(sys.executable)
    press = Press(audio, "toon", FIRST, nodes=["mery:Mery_ac_cn_jaw_control"], take=folder / "take ü")
    cmds.currentUnit(time="ntsc")
    told = []
    wait(start(press), told=told.append)
    stages = {one.stage for one in told if one.kind == "done"}
    assert len(stages) >= 2 and not [one for one in told if one.kind == "failed"]
    return press, folder


def build(folder):
    """Mery referenced under `mery:` with two locked attributes, and controllers animated outside of the clip."""
    reference_mery(folder, locked=LOCKED)
    choose_environment(sys.executable)
    cmds.currentUnit(time="ntsc")
    for at, name in enumerate(LINEAR[:4]):
        if name not in LOCKED:
            node, _, attribute = name.partition(".")
            for frame in (-40, 3, 77, 900, 960):
                cmds.setKeyframe(f"mery:{node}", attribute=attribute, time=frame, value=((frame + at) % 7 - 3) / 10)
    cmds.select("mery:Mery_ac_cn_jaw_control", replace=True)
    cmds.currentTime(17)
    SESSION.flush_undo()


def test_from_sound_to_keys_and_back_in_one_undo(pressed):
    press, folder = pressed
    path = as_mery(press.folder)
    build(folder)
    before, dump = json.loads(SESSION.dump()), SESSION.dump()
    take = read_curves_json(path)
    clip = (FIRST, FIRST + take.frames - 1)
    frames = [*range(-60, FIRST - 4, 7), FIRST - 4, clip[1] + 4, *range(clip[1] + 5, clip[1] + 200, 9)]
    outside = {name: SESSION.played(f"mery:{name}", frames) for name in NAMES}
    report = land(Press(press.audio, "toon", FIRST, nodes=selected_nodes(), take=press.folder))

    assert str(take.fps) == "30" == report.fps == report.take_fps
    assert tuple(one.controller for one in report.skipped) == LOCKED
    assert len(report.keyed) > 15 and not set(report.keyed) & set(LOCKED)
    # the scene, exactly: what is new, and what is changed
    after = json.loads(SESSION.dump())
    new = [node for number, node in after["nodes"].items() if number not in before["nodes"]]
    kinds = sorted({node["kind"] for node in new})
    assert kinds == ["animBlendNodeAdditiveDL", "animCurveTL", "animCurveTU", "animLayer", "audio"]
    layer = next(node for node in new if node["name"] == report.layer)
    assert sorted(SESSION.plug_name((number, long)) for number, long in layer["plugs"]) == sorted(
        f"mery:{name}" for name in report.keyed
    )
    assert sum(node["kind"] == "animCurveTL" for node in new) == len(report.keyed)
    old = {number: node for number, node in after["nodes"].items() if number in before["nodes"]}
    assert old == before["nodes"]
    for name in ("selection", "ticks", "units", "auto_key", "namespaces"):
        assert after[name] == before[name], name
    # the motion: inside as the core plays the take, outside as before, to the last controller
    rig = take.rig_spec()
    column = {name: at for at, name in enumerate(rig.names)}
    values = take.curves(rig).values
    for name in report.keyed:
        places = range(clip[0], clip[1] + 1, 3)
        assert SESSION.played(f"mery:{name}", places) == pytest.approx(values[::3, column[name]], abs=3e-6), name
    for name in NAMES:
        assert SESSION.played(f"mery:{name}", frames) == pytest.approx(outside[name], abs=1e-9), name
    assert cmds.getAttr(f"{report.sound_node}.offset") == FIRST
    assert cmds.timeControl("timeControl1", query=True, sound=True) == report.sound_node
    # one undo, to the byte
    assert len(SESSION.undos) == 1
    cmds.undo()
    assert SESSION.dump() == dump


def test_a_second_press_keeps_what_the_animator_made(pressed, monkeypatch):
    """Through the child's own `--keep`: a change in the scene is in the take that it writes."""
    from sfp_maya.layers import curve_into, layered_plug

    press, folder = pressed
    path = as_mery(press.folder)
    build(folder)
    report = land(Press(press.audio, "toon", FIRST, nodes=selected_nodes(), take=press.folder))
    name = report.keyed[5]
    cmds.setKeyframe(curve_into(layered_plug(report.layer, f"mery:{name}")), time=FIRST + 90, value=0.0625)
    again = Press(press.audio, "toon", FIRST, nodes=selected_nodes(), take=press.folder)
    worker = start(again)  # hands the change back first, then starts the child with --keep
    worker.cancel()
    (channel,) = [one for one in read_curves_json(path).channels if one.edited]
    assert channel.controller == name
    ((first, last),) = channel.edited
    assert first < 90 < last
    assert evaluate(channel.keys, np.array([90.0]), read_curves_json(path).fps)[0] == pytest.approx(0.0625, abs=1e-6)


def test_cancel_leaves_the_scene_and_the_folder_alone(audio, session, tmp_path):
    build(tmp_path)
    before = SESSION.dump()
    take = tmp_path / "take"
    worker = start(Press(audio, "toon", FIRST, nodes=selected_nodes(), take=take))
    with pytest.raises(SfpMayaError, match="cancelled"):
        wait(worker, told=lambda event: None, stopped=lambda: True)
    assert SESSION.dump() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mery.ma"]


def test_what_sfp_refuses_is_told_in_its_own_words(session, tmp_path):
    build(tmp_path)
    before = SESSION.dump()
    noise = tmp_path / "line.wav"
    noise.write_bytes(b"no sound at all")
    with pytest.raises(SfpMayaError, match=r"sfp ended with code 1: .*line\.wav"):
        wait(start(Press(noise, "toon", 1, nodes=selected_nodes())), told=lambda event: None)
    with pytest.raises(SfpMayaError, match="no such sound file"):
        start(Press(tmp_path / "none.wav", "toon", 1))
    choose_environment(str(tmp_path / "no environment"))
    with pytest.raises(SfpMayaError, match="no such file or folder"):
        start(Press(noise, "toon", 1))
    assert SESSION.dump() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["line.wav", "mery.ma"]


def test_a_take_for_another_character_is_refused(pressed, session):
    press, folder = pressed
    build(folder)
    path = press.folder / "take.curves.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    for channel in content["channels"]:
        channel["controller"] = f"other_{channel['controller']}"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(SfpMayaError, match="select a part of the character"):
        land(Press(press.audio, "toon", 1, nodes=selected_nodes(), take=press.folder))
    for channel in content["channels"]:
        channel["controller"] = channel["controller"][len("other_") :]
    path.write_text(json.dumps(content), encoding="utf-8")


def test_the_plug_in_is_a_command_of_one_undo(pressed):
    press, folder = pressed
    as_mery(press.folder)
    build(folder)
    before = SESSION.dump()
    cmds.loadPlugin(str(PLUG_IN))
    try:
        told = cmds.sfpAnimate(
            audio=str(press.audio), character="toon", startFrame=7.0, take=str(press.folder), keysOnly=True
        )
        assert json.loads(told)["first_frame"] == 7
        assert len(SESSION.undos) == 1
        cmds.undo()
        assert SESSION.dump() == before
        with pytest.raises(RuntimeError, match="-character missing"):
            cmds.sfpAnimate(audio="x.wav")
        with pytest.raises(TypeError, match="Invalid flag 'frames'"):
            cmds.sfpAnimate(audio="x.wav", frames=3)
    finally:
        cmds.unloadPlugin("sfp_maya")
    assert not hasattr(cmds, "sfpAnimate")


def make_scene(path):
    """A scene with the built-in character's controllers, in a file."""
    from sfp_core.character.character import Character

    SESSION.restart()
    bundle = ROOT / "sfp_core" / "data" / "characters" / "toon.character"
    SESSION.state.namespaces.add("hero")
    for name in Character.load(bundle).rig.names:
        node = name.partition(".")[0]
        if not SESSION.matches(f"hero:{node}"):
            SESSION.make("transform", f"hero:{node}")
    SESSION.save(path)


def test_batch_opens_animates_and_saves(audio, tmp_path, capsys):
    """No names are changed here: the scene has the built-in character's controllers."""
    make_scene(tmp_path / "in.ma")
    words = ["--scene", tmp_path / "in.ma", "--audio", audio, "--character", "toon", "--out", tmp_path / "out ü.ma"]
    words += ["--take", tmp_path / "take", "--environment", sys.executable]
    assert batch.main([str(word) for word in words]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["namespace"], report["first_frame"], report["fps"]) == ("hero", 1, "24")
    take = read_curves_json(tmp_path / "take" / "take.curves.json")
    SESSION.restart()
    cmds.file(str(tmp_path / "out ü.ma"), open=True, force=True)
    rig = take.rig_spec()
    values = take.curves(rig).values
    for at, name in enumerate(rig.names):
        if name in report["keyed"]:
            found = SESSION.played(f"hero:{name}", range(1, take.frames + 1, 5))
            assert found == pytest.approx(values[::5, at], abs=3e-6), name


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a POSIX program")
def test_batch_tells_a_full_disk_and_leaves_no_scene(audio, session, tmp_path, capsys, monkeypatch):
    """Here a program that copies a take stands in for `sfp`: the disk is full only after it."""
    make_mery()
    SESSION.save(tmp_path / "in.ma")
    made = mery_take(tmp_path / "made.json")
    program = tmp_path / "sfp"
    program.write_text(
        f"#!{sys.executable}\nimport pathlib, shutil, sys\nfolder = pathlib.Path(sys.argv[sys.argv.index('-o') + 1])\n"
        f"folder.mkdir()\nshutil.copy({str(made)!r}, folder / 'take.curves.json')\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setattr(type(SESSION), "save", lambda self, path: (_ for _ in ()).throw(RuntimeError("No space left")))
    words = ["--scene", tmp_path / "in.ma", "--audio", audio, "--character", "mery", "--out", tmp_path / "out.ma"]
    words += ["--take", tmp_path / "take", "--environment", program]
    assert batch.main([str(word) for word in words]) == 1
    assert "out.ma: cannot be saved (No space left)" in capsys.readouterr().err
    assert not (tmp_path / "out.ma").exists()
    monkeypatch.undo()
    assert batch.main(["--scene", "none.ma", "--audio", "a", "--character", "c", "--out", "o.txt"]) == 1
    assert "expected a name that ends in .ma or .mb" in capsys.readouterr().err


def test_no_environment_variable_of_maya_reaches_the_child(monkeypatch, session, tmp_path, audio):
    """The real child starts although Maya's variables would break any other Python."""
    build(tmp_path)
    monkeypatch.setenv("PYTHONHOME", str(tmp_path / "maya"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "maya"))
    worker = start(Press(audio, "toon", 1, nodes=selected_nodes(), take=tmp_path / "take"))
    began = time.monotonic()
    events = []
    while worker.running and not events and time.monotonic() - began < 60:
        events = worker.events()
        time.sleep(0.02)
    worker.cancel()
    assert events and events[0].kind == "start"
    assert os.environ["PYTHONHOME"]  # ours is as it was
