"""The fake itself: it refuses what Maya refuses, and its curves, layers and undo are right."""

import ast
import importlib.util
import threading
from fractions import Fraction
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from maya import cmds, mel, utils
from maya_fake import curve as fake_curve
from maya_fake.checking import FACTS
from maya_fake.registry import COMMANDS

from sfp_core.curves.maya_curve import evaluate
from sfp_core.rig import Keys

HERE = Path(__file__).parent
MODULE = HERE.parents[1] / "maya_plugin"


def maker():
    spec = importlib.util.spec_from_file_location("make_facts", HERE / "fake" / "make_facts.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_facts_are_those_of_the_stubs():
    try:
        metadata.version("types-maya")
    except metadata.PackageNotFoundError:
        pytest.skip("types-maya is not installed")
    made = maker()
    assert made.FACTS.read_text(encoding="utf-8") == made.as_text(made.facts(made.used_commands()))


def test_every_command_of_the_module_behaves_in_the_fake():
    used = maker().used_commands()
    assert len(used) > 30
    assert used <= set(COMMANDS)
    assert set(COMMANDS) <= set(FACTS)


def test_the_module_calls_commands_by_name_alone():
    """No `getattr(cmds, ...)`, no `from maya.cmds import`: else the test above would miss some."""
    for path in MODULE.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        names = {(one.lineno, one.col_offset) for one in nodes if isinstance(one, ast.Name) and one.id == "cmds"}
        called = {(one.lineno, one.col_offset) for one in nodes if isinstance(one, ast.Attribute)}
        assert names <= called, path
        modules = {one.module for one in nodes if isinstance(one, ast.ImportFrom)}
        assert not modules & {"maya.cmds", "pymel", "pymel.core"}, path


@pytest.fixture
def ball(session):
    session.make("transform", "ball")
    return session


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: cmds.setKeyframes("ball"), AttributeError, "no attribute 'setKeyframes'"),
        (lambda: cmds.setKeyframe("ball", tiem=1), TypeError, "Invalid flag 'tiem'"),
        (lambda: cmds.keyframe("ball", edit=True, keyframeCount=True), TypeError, "'keyframeCount' in edit mode"),
        (lambda: cmds.undoInfo(edit=True, state=True), TypeError, "has no edit mode"),
        (lambda: cmds.currentTime(query=True, edit=True), TypeError, "query and edit at once"),
        (lambda: cmds.setKeyframe("ball", attribute="ty", value="1"), TypeError, "for flag 'value'"),
        (lambda: cmds.createNode("transform", name=3), TypeError, "for flag 'name'"),
        (lambda: cmds.getAttr("ball.tyy"), ValueError, "No object matches name: ball.tyy"),
        (lambda: cmds.getAttr("bell.ty"), ValueError, "No object matches name"),
        (lambda: cmds.createNode("transform", name="ns:x"), RuntimeError, "namespace 'ns' does not exist"),
        (lambda: cmds.createNode("ball"), RuntimeError, "Unknown object type"),
        (lambda: cmds.undo(), RuntimeError, "no more commands to undo"),
        (lambda: cmds.undoInfo(closeChunk=True), RuntimeError, "no open chunk"),
        (lambda: mel.eval("print 1"), RuntimeError, "Cannot find procedure"),
    ],
)
def test_what_maya_refuses_is_refused(ball, call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_commands_off_the_main_thread_raise(ball):
    raised = []

    def call():
        for command in (lambda: cmds.ls(), lambda: utils.executeInMainThreadWithResult(cmds.ls)):
            try:
                command()
            except RuntimeError as error:
                raised.append(str(error))

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    assert len(raised) == 2


def test_locked_and_driven_plugs_take_no_keys_and_no_values(ball):
    cmds.setAttr("ball.tx", lock=True)
    ball.make("multiplyDivide", "half")
    cmds.connectAttr("half.outputX", "ball.ty")
    for plug in ("tx", "ty"):
        with pytest.raises(RuntimeError, match=r"locked|connected"):
            cmds.setKeyframe("ball", attribute=plug, value=1.0)
        with pytest.raises(RuntimeError, match="locked or connected"):
            cmds.setAttr(f"ball.{plug}", 1.0)
    with pytest.raises(RuntimeError, match="locked"):
        cmds.connectAttr("half.outputX", "ball.tx", force=True)
    with pytest.raises(RuntimeError, match="already has an incoming connection"):
        cmds.connectAttr("half.outputX", "ball.ty")


@pytest.mark.parametrize("seed", range(10))
def test_its_curves_are_those_of_animx(seed):
    """The core's curves, which recorded values of Autodesk's AnimX bind."""
    rng = np.random.default_rng(seed)
    kinds = ("auto", "linear", "flat", "step", "stepnext", "spline", "fixed")
    count = 30
    frames = np.cumsum(rng.integers(1, 9, count)).astype(float)
    types = [tuple(rng.choice(kinds, count).tolist()) for _ in range(2)]
    slopes = [rng.normal(size=count) for _ in range(2)]
    values = rng.normal(size=count)
    per_frame = fake_curve.TICKS // 24
    keys = []
    for at in range(count):
        key = fake_curve.new_key(
            int(frames[at]) * per_frame, values[at], *(fake_curve.CODES[side[at]] for side in types)
        )
        key.update(iy=slopes[0][at], oy=slopes[1][at])
        keys.append(key)
    places = np.arange(-2, frames[-1] + 3, 0.25)
    truth = evaluate(Keys(frames, values, *types, *slopes), places, Fraction(24))
    assert np.allclose([fake_curve.value_at(keys, round(place * per_frame)) for place in places], truth, atol=1e-9)


def test_a_layer_blends_by_its_weight_and_leaves_no_trace(ball):
    for frame, value in ((1, 1.0), (11, 3.0)):
        cmds.setKeyframe(
            "ball", attribute="translateY", time=frame, value=value, inTangentType="linear", outTangentType="linear"
        )
    before = ball.dump()
    for override, shown in ((True, 0.75 * 2.0 + 0.25 * 10.0), (False, 2.0 + 0.25 * 10.0)):
        layer = cmds.animLayer("l", override=override)
        cmds.animLayer(layer, edit=True, attribute="ball.ty")
        into = cmds.animLayer(layer, query=True, layeredPlug="ball.ty")
        curve = cmds.createNode("animCurveTL", name="c", skipSelect=True)
        cmds.setAttr(f"{curve}.ktv[0:0]", 1, 10.0, size=1)
        cmds.connectAttr(f"{curve}.output", into, force=True)
        cmds.setAttr(f"{layer}.weight", 0.25)
        assert ball.evaluated("ball.ty", 6) == pytest.approx(shown)
        cmds.delete(layer)
        cmds.delete("BaseAnimation")
        assert ball.dump() == before


def test_undo_takes_back_one_command_or_one_chunk(ball):
    states = [ball.dump()]
    cmds.setKeyframe("ball", attribute="ty", time=1, value=1.0)
    states.append(ball.dump())
    cmds.undoInfo(openChunk=True, chunkName="two")
    cmds.setKeyframe("ball", attribute="ty", time=5, value=2.0)
    cmds.currentTime(7)
    cmds.undoInfo(closeChunk=True)
    cmds.ls()
    cmds.keyframe("ball.ty", query=True, timeChange=True)
    states.append(ball.dump())
    assert len(set(states)) == 3
    cmds.undo()
    assert ball.dump() == states[1]
    cmds.redo()
    assert ball.dump() == states[2]
    cmds.undo()
    cmds.undo()
    assert ball.dump() == states[0]
    cmds.file(new=True, force=True)
    with pytest.raises(RuntimeError, match="no more"):
        cmds.undo()


def test_values_are_in_the_units_of_the_scene(ball):
    cmds.currentUnit(linear="m", angle="rad", time="ntsc")
    cmds.setKeyframe("ball", attribute="translateX", time=30, value=2.0)
    cmds.setKeyframe("ball", attribute="rotateX", time=30, value=1.0)
    cmds.currentUnit(linear="cm", angle="deg", time="film")
    assert cmds.keyframe("ball.tx", query=True, valueChange=True) == [200.0]
    assert cmds.keyframe("ball.rx", query=True, valueChange=True) == [pytest.approx(57.29577951308232)]
    assert cmds.keyframe("ball.rx", query=True, timeChange=True) == [24.0]


def test_what_is_referenced_cannot_be_deleted_or_unlocked(tmp_path):
    from maya_fake.mery import reference_mery

    reference_mery(tmp_path, locked=("Mery_ac_cn_jaw_control.translateY",))
    with pytest.raises(RuntimeError, match="referenced"):
        cmds.delete("mery:Mery_ac_cn_jaw_control")
    with pytest.raises(RuntimeError, match="referenced"):
        cmds.setAttr("mery:Mery_ac_cn_jaw_control.translateY", lock=False)
    assert cmds.referenceQuery("mery:Mery_ac_cn_jaw_control", isNodeReferenced=True)


def test_a_key_that_is_inserted_keeps_the_curve_where_its_neighbours_are_fixed(ball):
    for frame, value in ((1, 0.0), (9, 2.0), (21, -1.0)):
        cmds.setKeyframe("ball", attribute="ty", time=frame, value=value)
    cmds.keyTangent("ball.ty", time=(1, 21), inTangentType="fixed", outTangentType="fixed")
    before = [ball.evaluated("ball.ty", frame / 4) for frame in range(100)]
    cmds.setKeyframe("ball.ty", insert=True, time=[5.0, 13.0])
    assert len(cmds.keyframe("ball.ty", query=True, timeChange=True)) == 5
    assert [ball.evaluated("ball.ty", frame / 4) for frame in range(100)] == pytest.approx(before, abs=1e-12)
