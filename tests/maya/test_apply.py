import json
import wave
from fractions import Fraction

import numpy as np
import pytest
from maya import cmds
from maya_fake.mery import controllers, reference_mery
from maya_fake.scene import SESSION
from maya_fake.takes import mery_take
from sfp_maya import rig
from sfp_maya.apply import ApplyOptions, apply_take
from sfp_maya.errors import SfpMayaError
from sfp_maya.take_file import motions, read_take

from sfp_core.curves.maya_curve import evaluate
from sfp_core.formats.curves_json import read_curves_json

NAMES = [str(entry["name"]) for entry in controllers()]
FIRST = 101
ANIMATED = NAMES[:12:2]


@pytest.fixture
def scene(tmp_path):
    """A referenced Mery under `mery:`; six controllers animated before, within and after the clip, with auto keys."""
    reference_mery(tmp_path, locked=(NAMES[3], NAMES[20]))
    for at, name in enumerate(ANIMATED):
        for frame in (-30, 5, 60, 130, 150, 260, 300):
            node, _, attribute = name.partition(".")
            value = ((frame * 7 + at * 3) % 19 - 9) / 10.0
            cmds.setKeyframe(f"mery:{node}", attribute=attribute, time=frame, value=value)
    cmds.select("mery:Mery_ac_cn_jaw_control", replace=True)
    cmds.currentTime(42)
    SESSION.flush_undo()
    SESSION.calls.clear()
    return SESSION


def outside(session, first=FIRST, last=FIRST + 96):
    """Every controller at every half frame before and after the clip and its four hand-over frames."""
    frames = [*range(-40, first - 4, 5), first - 4.5, first - 4, last + 4, last + 4.5, *range(last + 5, last + 125, 5)]
    return {name: session.played(f"mery:{name}", frames) for name in NAMES[:40]}


def played(path, name, fps, first, places):
    """What the core's curves say of a controller at the scene's frames."""
    take = read_curves_json(path)
    (channel,) = [one for one in take.channels if one.controller == name]
    return evaluate(channel.keys, (np.asarray(places) - first) * float(take.fps / fps), take.fps)


@pytest.mark.parametrize("mode", ["override", "direct"])
def test_inside_as_the_take_says_and_outside_as_before(scene, tmp_path, mode):
    path = mery_take(tmp_path / "take.curves.json")
    before, dump = outside(scene), scene.dump()
    report = apply_take(read_take(path), namespace="mery", start_frame=FIRST, options=ApplyOptions(mode=mode))
    assert [one.controller for one in report.skipped] == [NAMES[3], NAMES[20]]
    assert {one.reason for one in report.skipped} == {"locked in the referenced file"}
    assert report.keyed == tuple(name for name in NAMES[:30] if name not in (NAMES[3], NAMES[20]))
    places = np.arange(FIRST, FIRST + 96.1, 0.5)
    for name in report.keyed:
        found = scene.played(f"mery:{name}", places)
        assert found == pytest.approx(played(path, name, Fraction(24), FIRST, places), abs=2e-6), name
    after = outside(scene)
    for name in before:
        assert after[name] == pytest.approx(before[name], abs=1e-9), name
    assert len(scene.undos) == 1
    cmds.undo()
    assert scene.dump() == dump


def test_the_scene_is_left_as_it_was_but_for_the_keys(scene, tmp_path):
    cmds.autoKeyframe(state=True)
    scene.flush_undo()
    before = json.loads(scene.dump())
    apply_take(read_take(mery_take(tmp_path / "take.curves.json")), namespace="mery", start_frame=FIRST)
    after = json.loads(scene.dump())
    for name in ("selection", "ticks", "units", "auto_key", "namespaces"):
        assert after[name] == before[name], name
    assert (scene.evaluation, scene.suspended, scene.depth, scene.clipboard) == ("parallel", False, 0, [])
    changed = {
        node["name"] for number, node in after["nodes"].items() if before["nodes"].get(number) not in (None, node)
    }
    assert changed == set()  # every change is a new node, or a connection
    curves = [node for node in scene.of_kind("animCurve") if node.attributes["weightedTangents"].value]
    assert curves == []
    assert not any("trial" in node.name for node in scene.of_kind("animCurve"))


def test_additive_layers_add_what_differs_from_neutral(scene, tmp_path):
    path = mery_take(tmp_path / "take.curves.json")
    base = {name: scene.evaluated(f"mery:{name}", FIRST + 10) for name in NAMES}
    before = outside(scene)
    apply_take(read_take(path), namespace="mery", start_frame=FIRST, options=ApplyOptions(mode="additive"))
    for entry in controllers()[:3]:
        wanted = played(path, entry["name"], Fraction(24), FIRST, [FIRST + 10])[0] - entry["neutral"]
        shown = scene.evaluated(f"mery:{entry['name']}", FIRST + 10)
        assert shown == pytest.approx(base[entry["name"]] + wanted, abs=2e-6)
    assert outside(scene) == {name: pytest.approx(values, abs=1e-9) for name, values in before.items()}


def test_direct_keys_leave_a_controller_on_layers_alone(scene, tmp_path):
    cmds.animLayer("mine", override=True)
    cmds.animLayer("mine", edit=True, attribute=f"mery:{NAMES[1]}")
    take = read_take(mery_take(tmp_path / "take.curves.json"))
    report = apply_take(take, namespace="mery", start_frame=FIRST, options=ApplyOptions(mode="direct"))
    assert (NAMES[1], "is on animation layers, so that it cannot be keyed without one") in [
        (one.controller, one.reason) for one in report.skipped
    ]
    # with a layer it is keyed, above the animator's
    report = apply_take(take, namespace="mery", start_frame=FIRST)
    assert NAMES[1] in report.keyed


@pytest.mark.parametrize(
    ("unit", "fps"), [("23.976fps", Fraction(24000, 1001)), ("ntsc", Fraction(30)), ("59.94fps", Fraction(60000, 1001))]
)
@pytest.mark.parametrize("first", [-50, 1])
def test_keys_are_on_whole_frames_of_the_scene_and_at_the_right_time(scene, tmp_path, unit, fps, first):
    cmds.currentUnit(time=unit)
    path = mery_take(tmp_path / "take.curves.json", fps=Fraction(24))
    report = apply_take(read_take(path), namespace="mery", start_frame=first)
    assert cmds.currentUnit(query=True, time=True) == unit
    assert (report.first_frame, report.last_frame) == (first, first + round(96 * fps / 24))
    (channel,) = [one for one in read_curves_json(path).channels if one.controller == NAMES[0]]
    node = next(
        node for node in scene.of_kind("animCurve") if node.name.startswith("Mery_ac_cn_inout_mouth_translateY_sfp")
    )
    found = cmds.keyframe(node.name, query=True, timeChange=True)
    assert all(frame == int(frame) for frame in found)
    exact = channel.keys.frames / 24
    for place, value in zip(exact, channel.keys.values, strict=True):  # every key within half a frame, value and all
        at = float(place * fps) + first
        near = min(found, key=lambda frame: abs(frame - at))
        assert abs(near - at) <= 0.5 + 1e-9
        assert scene.evaluated(f"mery:{NAMES[0]}", near) == pytest.approx(value, abs=2e-6)


def test_units_of_the_ui_do_not_matter(scene, tmp_path):
    path = mery_take(tmp_path / "take.curves.json")
    cmds.currentUnit(linear="m", angle="rad")
    for node in scene.of_kind("transform"):  # limits are in UI units too
        for attribute, limits in node.limits.items():
            limits[0:2] = [-1e3, 1e3]
            del attribute
    apply_take(read_take(path), namespace="mery", start_frame=FIRST)
    cmds.currentUnit(linear="cm", angle="deg")
    for name in (NAMES[0], NAMES[1], NAMES[2]):  # a translation and two others, one a rotation
        shown = scene.evaluated(f"mery:{name}", FIRST + 20.5)
        assert shown == pytest.approx(played(path, name, Fraction(24), FIRST, [FIRST + 20.5])[0], abs=1e-3)
    assert NAMES[1].endswith("rotateZ")


def test_narrower_limits_of_the_rig_are_kept_and_told(scene, tmp_path):
    node, _, attribute = NAMES[0].partition(".")
    scene.node(f"mery:{node}").limits[attribute] = [-0.25, 9.0, True, False]
    path = mery_take(tmp_path / "take.curves.json")
    report = apply_take(read_take(path), namespace="mery", start_frame=FIRST)
    assert report.limited == (NAMES[0],)
    shown = scene.played(f"mery:{NAMES[0]}", [FIRST + half / 2 for half in range(193)])
    wanted = played(path, NAMES[0], Fraction(24), FIRST, np.arange(FIRST, FIRST + 96.1, 0.5))
    assert min(shown) >= -0.25 - 1e-9
    assert max(shown) == pytest.approx(max(wanted), abs=2e-6)  # the other end's switch is off


def test_what_cannot_be_keyed_is_told_and_nothing_else_suffers(scene, tmp_path):
    session = scene
    driver = session.make("multiplyDivide", "spring")
    node, _, attribute = NAMES[5].partition(".")
    cmds.connectAttr("spring.outputX", f"mery:{node}.{attribute}")
    hidden, _, hidden_attribute = NAMES[7].partition(".")
    session.node(f"mery:{hidden}").attributes[hidden_attribute].keyable = False
    gone, _, _ = NAMES[9].partition(".")
    session.node(f"mery:{gone}").name = "mery:elsewhere"
    group = session.make("transform", "copies")
    twin, _, _ = NAMES[14].partition(".")
    session.state.namespaces.add("mery")
    session.make("transform", f"mery:{twin}", group.name)
    path = mery_take(tmp_path / "take.curves.json")
    report = apply_take(read_take(path), namespace="mery", start_frame=FIRST)
    told = {one.controller: one.reason for one in report.skipped}
    assert told[NAMES[5]] == f"driven by {driver.name} (multiplyDivide)"
    assert told[NAMES[7]] == "not keyable"
    assert told[NAMES[9]] == "not in the scene"
    assert told[NAMES[14]] == "2 nodes have this name"
    assert NAMES[0] in report.keyed


@pytest.mark.parametrize("stage", ["createNode", "setAttr", "keyTangent", "connectAttr", "animLayer", "setKeyframe"])
def test_a_failure_at_any_stage_leaves_the_scene_as_it_was(scene, tmp_path, stage):
    take = read_take(mery_take(tmp_path / "take.curves.json"))
    before = scene.dump()

    def fail(name):
        if name == stage and scene.calls.get(stage, 0) >= (2 if stage == "keyTangent" else 3):
            scene.before = lambda name: None
            raise RuntimeError(f"{stage} has failed")

    scene.before = fail
    with pytest.raises(SfpMayaError, match=f"{stage} has failed; the scene is as it was"):
        apply_take(take, namespace="mery", start_frame=FIRST)
    assert scene.dump() == before
    assert (scene.evaluation, scene.suspended, scene.depth, scene.undos) == ("parallel", False, 0, [])


def test_a_node_that_is_deleted_in_the_middle_leaves_the_scene_as_it_was(scene, tmp_path):
    take = read_take(mery_take(tmp_path / "take.curves.json"))
    before = scene.dump()

    def vanish(name):
        if name == "connectAttr" and scene.calls.get(name, 0) == 7:
            scene.before = lambda name: None
            scene.delete(list(scene.of_kind("animBlendNodeAdditiveDL"))[-1])

    scene.before = vanish
    with pytest.raises(SfpMayaError, match=r"No object matches name: .*; the scene is as it was"):
        apply_take(take, namespace="mery", start_frame=FIRST)
    assert scene.dump() == before


def test_a_maya_that_takes_no_arrays_gets_the_same_curves_key_by_key(scene, tmp_path):
    scene.arrays_settable = False
    path = mery_take(tmp_path / "take.curves.json")
    dump = scene.dump()
    report = apply_take(read_take(path), namespace="mery", start_frame=FIRST)
    assert any("no curves in bulk" in note for note in report.notes)
    for name in report.keyed[:5]:
        places = np.arange(FIRST, FIRST + 96.1, 0.5)
        found = scene.played(f"mery:{name}", places)
        assert found == pytest.approx(played(path, name, Fraction(24), FIRST, places), abs=2e-6)
    cmds.undo()
    assert scene.dump() == dump


def test_commands_are_few_however_many_keys_there_are(scene, tmp_path):
    counts = []
    for frames in (97, 481):
        take = read_take(mery_take(tmp_path / f"{frames}.json", frames=frames, count=len(NAMES)))
        scene.calls.clear()
        report = apply_take(take, namespace="mery", start_frame=FIRST)
        counts.append(sum(scene.calls.values()))
        assert counts[-1] <= 8 * len(report.keyed) + 200
        cmds.undo()
    assert counts[0] == counts[1]
    assert report.keys > 5000


def silence(path):
    with wave.open(str(path), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(8000)
        stream.writeframes(bytes(8000))
    return path


def test_the_sound_starts_with_the_clip_and_is_shown_once(scene, tmp_path):
    sound = silence(tmp_path / "Zeile „eins“.wav")
    take = read_take(mery_take(tmp_path / "take.curves.json", sound=sound.name))
    report = apply_take(take, namespace="mery", start_frame=FIRST)
    assert cmds.getAttr(f"{report.sound_node}.offset") == FIRST
    assert cmds.getAttr(f"{report.sound_node}.filename") == sound.as_posix()
    assert cmds.timeControl("timeControl1", query=True, sound=True) == report.sound_node
    again = apply_take(take, namespace="mery", start_frame=-20)
    assert again.sound_node == report.sound_node
    assert cmds.getAttr(f"{report.sound_node}.offset") == -20
    cmds.undo()
    cmds.undo()
    assert cmds.timeControl("timeControl1", query=True, sound=True) == ""


def test_a_sound_that_maya_does_not_play_is_told(scene, tmp_path):
    take = read_take(mery_take(tmp_path / "take.curves.json", sound="line.mp3"))
    report = apply_take(take, namespace="mery", start_frame=FIRST)
    assert report.sound_node is None
    assert any("convert line.mp3 to wav" in line for line in report.lines())


def test_the_namespace_is_that_of_the_selection(scene, tmp_path):
    moves = motions(read_take(mery_take(tmp_path / "take.curves.json")))
    assert rig.find_namespace(moves, ["|mery:Mery_grp_cn_facials_controls"]) == "mery"
    assert rig.find_namespace(moves, []) == "mery"
    scene.state.namespaces.add("other")
    scene.make("transform", "other:thing")
    with pytest.raises(SfpMayaError, match="select a part of the character"):
        rig.find_namespace(moves, ["other:thing"])
    cmds.file((tmp_path / "mery.ma").as_posix(), reference=True, namespace="second")
    with pytest.raises(SfpMayaError, match="2 characters fit the take"):
        rig.find_namespace(moves, [])
    with pytest.raises(SfpMayaError, match="2 characters fit"):
        rig.find_namespace(moves, ["mery:Mery_ac_cn_jaw_control", "second:Mery_ac_cn_jaw_control"])
    assert rig.find_namespace(moves, ["second:Mery_ac_cn_jaw_control"]) == "second"
    with pytest.raises(SfpMayaError, match="none of the take's 105 controllers can be keyed"):
        apply_take(read_take(tmp_path), namespace="nobody", start_frame=1)


def test_a_scene_that_counts_no_frames_is_refused(scene, tmp_path):
    take = read_take(mery_take(tmp_path / "take.curves.json"))
    cmds.currentUnit(time="min")
    with pytest.raises(SfpMayaError, match="expected frames"):
        apply_take(take, namespace="mery", start_frame=1)
