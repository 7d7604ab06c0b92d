import pytest
from maya import cmds
from maya_fake.mery import controllers, reference_mery
from maya_fake.scene import SESSION
from maya_fake.takes import mery_take
from sfp_maya.apply import ApplyOptions, apply_take
from sfp_maya.layers import curve_into, layered_plug
from sfp_maya.rerun import changed_controllers, hand_back
from sfp_maya.take_file import read_take

NAMES = [str(entry["name"]) for entry in controllers()]
FIRST = 11


def curve_of(layer, name):
    return curve_into(layered_plug(layer, f"mery:{name}"))


def shown(name, frames):
    return SESSION.played(f"mery:{name}", frames)


@pytest.fixture
def applied(tmp_path):
    """A take on its layer, beside a layer of the animator's."""
    reference_mery(tmp_path)
    cmds.animLayer("mine", override=False)
    cmds.animLayer("mine", edit=True, attribute=[f"mery:{NAMES[0]}", f"mery:{NAMES[1]}"])
    path = mery_take(tmp_path / "take.curves.json", sound="line.wav")
    report = apply_take(read_take(path), namespace="mery", start_frame=FIRST)
    return path, report.layer


@pytest.mark.parametrize(
    "change",
    [
        lambda curve: cmds.setKeyframe(curve, time=FIRST + 30, value=0.123),
        lambda curve: cmds.cutKey(curve, time=(FIRST + 20, FIRST + 40), clear=True),
        lambda curve: cmds.keyTangent(curve, time=(FIRST, FIRST + 40), inTangentType="spline", outTangentType="spline"),
        lambda curve: cmds.delete(curve),
    ],
    ids=["a key more", "keys less", "tangents", "the curve"],
)
def test_every_change_is_seen_and_no_other_curve_is_suspected(applied, change):
    _, layer = applied
    assert changed_controllers(layer) == ()
    change(curve_of(layer, NAMES[4]))
    assert changed_controllers(layer) == (NAMES[4],)


def test_a_changed_curve_is_kept_and_told_and_the_rest_made_anew(applied, tmp_path):
    path, layer = applied
    cmds.setKeyframe(curve_of(layer, NAMES[4]), time=FIRST + 30, value=0.123)
    frames = range(FIRST - 20, FIRST + 130)
    kept, other = shown(NAMES[4], frames), shown(NAMES[5], frames)
    mine = SESSION.node("mine").plugs[:]
    before, steps = SESSION.dump(), len(SESSION.undos)
    mery_take(path, seed=1, sound="line.wav")
    report = apply_take(read_take(path), namespace="mery", start_frame=FIRST)
    assert (report.layer, report.kept) == (layer, (NAMES[4],))
    assert NAMES[4] not in report.keyed
    assert shown(NAMES[4], frames) == kept
    assert shown(NAMES[5], frames) != other
    assert SESSION.node("mine").plugs == mine
    assert len(list(SESSION.of_kind("animLayer"))) == 3  # BaseAnimation, mine, ours
    assert len(list(SESSION.of_kind("animCurve"))) == 30 + 1  # one a controller, and the weight
    assert len(SESSION.undos) == steps + 1
    assert changed_controllers(layer) == (NAMES[4],)  # and is kept the next time too
    cmds.undo()
    assert SESSION.dump() == before


def test_replace_all_replaces_what_was_changed(applied):
    path, layer = applied
    frames = range(FIRST, FIRST + 97)
    first = shown(NAMES[4], frames)
    cmds.setKeyframe(curve_of(layer, NAMES[4]), time=FIRST + 30, value=0.123)
    assert shown(NAMES[4], frames) != first
    report = apply_take(read_take(path), namespace="mery", start_frame=FIRST, options=ApplyOptions(replace_all=True))
    assert report.kept == ()
    assert shown(NAMES[4], frames) == first
    assert changed_controllers(layer) == ()


def test_a_take_that_moves_takes_kept_curves_along(applied):
    path, layer = applied
    cmds.setKeyframe(curve_of(layer, NAMES[4]), time=FIRST + 30, value=0.123)
    before = shown(NAMES[4], range(FIRST, FIRST + 97))
    apply_take(read_take(path), namespace="mery", start_frame=FIRST + 200)
    assert shown(NAMES[4], range(FIRST + 200, FIRST + 297)) == pytest.approx(before, abs=1e-12)


def test_a_change_goes_back_to_the_take_as_an_edited_span(applied):
    path, layer = applied
    curve = curve_of(layer, NAMES[4])
    cmds.setKeyframe(curve, time=FIRST + 30, value=0.123)
    after = shown(NAMES[4], [FIRST + half / 2 for half in range(193)])
    other = read_take(path).channels[5]
    assert hand_back(layer) == (NAMES[4],)
    take = read_take(path)
    (channel,) = [one for one in take.channels if one.edited]
    assert channel.controller == NAMES[4]
    ((first, last),) = channel.edited
    assert 10 < first < 30 < last < 50  # about the changed key, as far as the curve has moved
    assert take.channels[5] == other
    # applied to an empty scene, the take shows what the animator made
    cmds.delete(layer)
    apply_take(take, namespace="mery", start_frame=FIRST)
    assert shown(NAMES[4], [FIRST + half / 2 for half in range(193)]) == pytest.approx(after, abs=1e-5)


def test_a_change_under_another_time_unit_is_seen_and_nothing_else(applied):
    _, layer = applied
    cmds.currentUnit(time="pal")
    assert changed_controllers(layer) == ()
    cmds.setKeyframe(curve_of(layer, NAMES[4]), time=40, value=0.123)
    assert changed_controllers(layer) == (NAMES[4],)


def test_the_same_line_on_another_character_has_a_layer_of_its_own(applied, tmp_path):
    path, layer = applied
    cmds.file((tmp_path / "mery.ma").as_posix(), reference=True, namespace="second")
    report = apply_take(read_take(path), namespace="second", start_frame=FIRST)
    assert report.layer != layer
