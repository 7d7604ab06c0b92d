import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from sfp_maya.curves import TANGENTS, Curve, Key
from sfp_maya.errors import SfpMayaError
from sfp_maya.take_file import motions, read_take, write_edits

from sfp_core.curves.kept import with_edits_of
from sfp_core.curves.maya_curve import evaluate, tangent_slopes
from sfp_core.curves.take import Channel, Layer, Take
from sfp_core.errors import SfpError
from sfp_core.formats.curves_json import read_curves_json, write_curves_json
from sfp_core.rig import Keys

GOLDEN = Path(__file__).parents[1] / "golden" / "take.curves.v1.json"


def same(mine, core):
    """The plug-in's take says what the core's says."""
    assert (mine.rig, mine.fps, mine.frames) == (core.rig, core.fps, core.frames)
    assert dict(mine.weights) == {layer.name: layer.weight for layer in core.layers}
    sound = None if mine.sound is None else (mine.sound.file, mine.sound.sha256, mine.sound.offset_seconds)
    assert sound == (None if core.sound is None else (core.sound.file, core.sound.sha256, core.sound.offset_seconds))
    for one, other in zip(mine.channels, core.channels, strict=True):
        for name in ("controller", "layer", "unit", "limits", "neutral", "worst_error", "edited"):
            assert getattr(one, name) == getattr(other, name), name
        assert tuple(key.in_type for key in one.keys) == other.keys.in_types
        assert tuple(key.out_type for key in one.keys) == other.keys.out_types
        for name, column in (
            ("frame", other.keys.frames),
            ("value", other.keys.values),
            ("in_slope", other.keys.in_slopes),
            ("out_slope", other.keys.out_slopes),
        ):
            assert [getattr(key, name) for key in one.keys] == column.tolist()


def random_keys(rng, count=40, kinds=TANGENTS):
    types = [tuple(rng.choice(kinds, count).tolist()) for _ in range(2)]
    fixed = np.array([["fixed" in pair] for pair in zip(*types, strict=True)])[:, 0]
    slopes = [np.where(fixed, rng.normal(size=count), 0.0) for _ in range(2)]
    return Keys(np.cumsum(rng.integers(1, 9, count)).astype(float), rng.uniform(-1, 1, count), *types, *slopes)


def layered_take(rng, kinds=TANGENTS):
    """Two layers, a controller on both, one on one of weight 0.5, one that rests."""
    none = Keys(np.zeros(0), np.zeros(0), (), (), np.zeros(0), np.zeros(0))
    limits = (-9.0, 9.0)
    channels = (
        Channel("a.ty", "speech", "linear", limits, 0.25, random_keys(rng, kinds=kinds)),
        Channel("a.ty", "blinks", "linear", limits, 0.25, random_keys(rng, kinds=kinds)),
        Channel("b.rz", "blinks", "angle_deg", limits, -0.5, random_keys(rng, kinds=kinds)),
        Channel("c.tx", "speech", "linear", limits, 0.75, none),
    )
    return Take("r", Fraction(24), 300, None, (Layer("speech", 1.0), Layer("blinks", 0.5)), channels)


def test_both_readers_read_the_golden_file_alike():
    same(read_take(GOLDEN), read_curves_json(GOLDEN))


@pytest.mark.parametrize("seed", range(5))
def test_both_readers_read_any_take_alike(tmp_path, seed):
    take = layered_take(np.random.default_rng(seed))
    path = write_curves_json(tmp_path / "take.curves.json", take)
    same(read_take(path), take)
    assert read_take(tmp_path) == read_take(path)  # the folder stands for the file


def changes():
    """(place in the golden file, value) that both readers must refuse."""
    return [
        ("version", 2),
        ("format", "other"),
        ("fps", "fast"),
        ("fps", "1e3"),
        ("fps", 24),
        ("fps", "0"),
        ("frames", 0),
        ("frames", True),
        ("rig", None),
        ("channels", {}),
        ("channels.1", 7),
        ("channels.0.limits", [1]),
        ("channels.0.limits.1", None),
        ("channels.0.limits.1", -2),
        ("channels.0.neutral", 5),
        ("channels.0.unit", "deg"),
        ("channels.0.layer", "x"),
        ("channels.1.controller", "head.rx"),
        ("channels.0.keys.2", [1, 2]),
        ("channels.0.keys.2.0", 11),
        ("channels.0.keys.2.1", float("nan")),
        ("channels.0.keys.2.1", 10**400),
        ("channels.0.keys.2.2", "smooth"),
        ("channels.0.keys.2.2", ["x"]),
        ("channels.0.keys.2.2", "fixed"),
        ("channels.0.keys.3.5", "1"),
        ("channels.0.edited", [[3]]),
        ("channels.0.edited", [[3, "4"]]),
        ("channels.0.edited", [[4, 3]]),
        ("layers.1.name", "speech"),
        ("layers.0.weight", None),
        ("sound.file", None),
        ("sound", "a.wav"),
    ]


@pytest.mark.parametrize(("place", "value"), changes(), ids=lambda value: str(value)[:30])
def test_both_readers_refuse_the_same_faults_in_one_line(tmp_path, place, value):
    content = json.loads(GOLDEN.read_text(encoding="utf-8"))
    *way, last = [int(part) if part.isdigit() else part for part in place.split(".")]
    at = content
    for part in way:
        at = at[part]
    at[last] = value
    path = tmp_path / "take.curves.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(SfpMayaError) as mine:
        read_take(path)
    with pytest.raises(SfpError):
        read_curves_json(path)
    assert str(mine.value).startswith(f"{path}: ")
    assert "\n" not in str(mine.value)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "\x00", '{"format":"sfp.curves"}', '{"version":' + "9" * 5000 + "}"]
)
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "take.curves.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SfpMayaError, match=r"take\.curves\.json"):
        read_take(path)
    with pytest.raises(SfpMayaError, match="no such file"):
        read_take(tmp_path / "none.json")


def mine_of(keys):
    columns = (keys.frames.tolist(), keys.values.tolist(), keys.in_types, keys.out_types)
    slopes = (keys.in_slopes.tolist(), keys.out_slopes.tolist())
    return tuple(Key(*row) for row in zip(*columns, *slopes, strict=True))


@pytest.mark.parametrize("seed", range(20))
def test_curves_are_those_of_the_core(seed):
    """Every tangent type, at keys and between: the core's curves are held to Autodesk's AnimX."""
    rng = np.random.default_rng(seed)
    keys, rate = random_keys(rng), Fraction(30000, 1001)
    frames = np.concatenate([keys.frames, rng.uniform(keys.frames[0] - 5, keys.frames[-1] + 5, 200)])
    curve = Curve(mine_of(keys), rate)
    assert np.allclose([curve.value(frame) for frame in frames], evaluate(keys, frames, rate), atol=1e-12, rtol=0)
    into, out = tangent_slopes(keys, rate)
    found = np.array([curve.slope(frame) for frame in keys.frames])
    assert np.allclose(found[1:, 0], into[1:], atol=1e-9) and np.allclose(found[:-1, 1], out[:-1], atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_layers_together_are_what_the_core_plays(tmp_path, seed):
    """Exact at frames and between, where nothing steps: sums of cubics are cubics."""
    kinds = [kind for kind in TANGENTS if not kind.startswith("step") and kind != "clamped"]
    core = layered_take(np.random.default_rng(seed), kinds)
    found = {one.controller: one for one in motions(read_take(write_curves_json(tmp_path / "t.json", core)))}
    weights = {"speech": 1.0, "blinks": 0.5}
    frames = np.arange(0, 299, 0.25)
    for controller in ("a.ty", "b.rz"):
        parts = [channel for channel in core.channels if channel.controller == controller]
        neutral = parts[0].neutral
        truth = neutral + sum(weights[one.layer] * (evaluate(one.keys, frames, core.fps) - neutral) for one in parts)
        curve = Curve(found[controller].keys, core.fps)
        assert np.allclose([curve.value(frame) for frame in frames], truth, atol=1e-9, rtol=0)
    assert found["c.tx"].keys == () and found["c.tx"].neutral == 0.75


def test_layers_that_step_are_keyed_on_every_frame(tmp_path):
    core = layered_take(np.random.default_rng(3), ["step", "stepnext", "linear"])
    take = read_take(write_curves_json(tmp_path / "t.json", core))
    (motion,) = [one for one in motions(take) if one.controller == "a.ty"]
    values = core.curves(core.rig_spec()).values[:, 0]
    for key in motion.keys:
        assert key.value == pytest.approx(values[int(key.frame)], abs=1e-12)


def test_a_change_goes_back_into_the_take_and_stays_when_it_is_made_anew(tmp_path):
    """The core keeps what the plug-in has marked, value for value."""
    core = layered_take(np.random.default_rng(0), ["auto", "linear", "flat"])
    path = write_curves_json(tmp_path / "take.curves.json", core)
    edit = (Key(0.0, 0.5), Key(40.0, -0.25, "fixed", "fixed", 1.5, 1.5), Key(90.0, 0.125))
    assert write_edits(path, {"b.rz": (edit, (20.0, 60.0)), "gone.tx": (edit, (0.0, 1.0))}) == ("gone.tx",)
    changed = read_curves_json(path)
    (marked,) = [channel for channel in changed.channels if channel.edited]
    assert (marked.controller, marked.edited) == ("b.rz", ((20.0, 60.0),))
    remade, lost = with_edits_of(layered_take(np.random.default_rng(9), ["auto"]), changed)
    assert lost == ()
    (kept,) = [channel for channel in remade.channels if channel.controller == "b.rz"]
    mine = Curve(edit, Fraction(24))
    for frame in np.arange(20, 60.01, 0.5):  # the layer's weight is a half, and the take says what is shown
        shown = -0.5 + 0.5 * (evaluate(kept.keys, np.array([frame]), remade.fps)[0] + 0.5)
        assert shown == pytest.approx(mine.value(frame), abs=1e-9)
    others = [channel for channel in changed.channels if channel.controller != "b.rz"]
    assert all(
        np.array_equal(a.keys.values, b.keys.values)
        for a, b in zip(others, core.channels[:2] + core.channels[3:], strict=True)
    )


def test_a_change_of_a_controller_on_two_layers_is_shown_as_it_is(tmp_path):
    core = layered_take(np.random.default_rng(1), ["auto"])
    path = write_curves_json(tmp_path / "take.curves.json", core)
    edit = (Key(0.0, 0.5), Key(100.0, -0.25))
    write_edits(path, {"a.ty": (edit, (30.0, 60.0))})
    changed = read_curves_json(path)
    assert [channel.edited for channel in changed.channels if channel.controller == "a.ty"] == [((0.0, 299.0),)] * 2
    shown = changed.curves(changed.rig_spec()).values[:, 0]
    curve = Curve(edit, Fraction(24))
    assert np.allclose(shown, [curve.value(frame) for frame in range(300)], atol=1e-9)


def test_a_take_that_cannot_be_written_stays_whole_and_leaves_nothing(tmp_path, monkeypatch):
    path = write_curves_json(tmp_path / "take.curves.json", layered_take(np.random.default_rng(1)))
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)  # as Windows does, too, while another program holds the file
    with pytest.raises(SfpMayaError, match="cannot be written"):
        write_edits(path, {"a.ty": ((Key(0.0, 0.0),), (0.0, 1.0))})
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["take.curves.json"]


def test_the_id_is_that_of_sound_and_rig_and_not_of_the_keys():
    take = read_take(GOLDEN)
    assert take.id == replace(take, channels=(), fps=Fraction(30)).id
    assert take.id != replace(take, rig="other").id
