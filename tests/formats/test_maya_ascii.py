import importlib.util
import math
import os
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sfp_core.curves.maya_curve import tangent_slopes
from sfp_core.curves.take import Channel, Layer, SoundReference, Take
from sfp_core.errors import SfpError
from sfp_core.formats.curves_json import read_curves_json
from sfp_core.formats.maya_ascii import write_maya_ascii
from sfp_core.formats.maya_names import TIME_UNITS, legal_name, quoted, time_unit
from sfp_core.rig import Keys

_SPEC = importlib.util.spec_from_file_location("ma_reader", Path(__file__).with_name("ma_reader.py"))
ma_reader = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(ma_reader)

GOLDEN = Path(__file__).parents[1] / "golden"
# Codes in .ma files, as found in files written by Maya (maya-usd, Studio Library): not those of the API.
CODES = {"fixed": 1, "linear": 2, "flat": 3, "step": 5, "spline": 9, "clamped": 10, "auto": 18}


def some_keys(rng, count, low=-1.0, high=1.0, kinds=tuple(CODES)):
    chosen = rng.choice(kinds, (2, count))
    fixed = (chosen == "fixed").any(axis=0)
    return Keys(
        np.cumsum(rng.integers(1, 7, count)).astype(float),
        rng.uniform(low, high, count),
        tuple(chosen[0].tolist()),
        tuple(chosen[1].tolist()),
        np.where(fixed, rng.normal(size=count), 0.0),
        np.where(fixed, rng.normal(size=count), 0.0),
    )


def some_take(fps=Fraction(24), seed=0, sound=None):
    rng = np.random.default_rng(seed)

    def channel(name, count, low=-1.0, high=1.0, neutral=0.0, unit="linear"):
        return Channel(name, "speech", unit, (low, high), neutral, some_keys(rng, count, low, high), 0.0)

    channels = (
        channel("jaw.ty", 700),
        channel("jaw.rx", 40, -30.0, 30.0, 5.0, "angle_deg"),
        channel("jaw.open", 1, 0.0, 1.0, 0.25, "none"),
        channel("lf_lid.translateY", 3, 0.0, 1.0, 0.8),
        channel("rg_lid.ty", 0, 0.0, 1.0, 0.8),
        channel("browInnerUp", 5, 0.0, 1.0, 0.0, "none"),
    )
    return Take("toon", fps, 5000, sound, (Layer("speech"),), channels)


def written(tmp_path, take, **options):
    path = write_maya_ascii(tmp_path / "take.ma", take, **options)
    return ma_reader.Scene(path.read_text(encoding="utf-8"))


def curve_of(scene, plug):
    (source,) = [source for source, target in scene.connections if target == plug]
    assert source.endswith(".o")
    return source[:-2]


PLUGS = {
    "jaw.ty": ("jaw.ty", "animCurveTL"),
    "jaw.rx": ("jaw.rx", "animCurveTA"),
    "jaw.open": ("jaw.open", "animCurveTU"),
    "lf_lid.translateY": ("lf_lid.ty", "animCurveTL"),
    "browInnerUp": ("toon_face.browInnerUp", "animCurveTU"),
}


@pytest.mark.parametrize("start_frame", [0, 1, 1001])
def test_every_key_is_read_back_bit_for_bit_by_another_reader(tmp_path, start_frame):
    take = some_take()
    scene = written(tmp_path, take, start_frame=start_frame)
    assert scene.units == {"-l": "centimeter", "-a": "degree", "-t": "film"}
    assert len(scene.connections) == len(PLUGS)
    for channel in take.channels:
        if channel.keys.count == 0:
            continue
        plug, kind = PLUGS[channel.controller]
        name = curve_of(scene, plug)
        assert scene.nodes[name]["type"] == kind
        assert scene.nodes[name]["attributes"][".wgt"] == ["no"]
        frames, values, in_codes, out_codes = scene.curve(name)
        assert frames == (channel.keys.frames + start_frame).tolist()
        assert values == channel.keys.values.tolist()
        assert in_codes == [CODES[kind] for kind in channel.keys.in_types]
        assert out_codes == [CODES[kind] for kind in channel.keys.out_types]


def test_fixed_slopes_are_unit_vectors_in_seconds_and_internal_units(tmp_path):
    take = some_take(fps=Fraction(30000, 1001))
    scene = written(tmp_path, take)
    for controller, scale in (("jaw.ty", 1.0), ("jaw.rx", math.pi / 180), ("browInnerUp", 1.0)):
        keys = next(channel.keys for channel in take.channels if channel.controller == controller)
        name = curve_of(scene, PLUGS[controller][0])
        for side, slopes in zip("io", tangent_slopes(keys, take.fps), strict=True):
            assert scene.slopes(name, side) == pytest.approx(slopes * scale, rel=1e-12, abs=1e-15)
            arrays = scene.nodes[name]["arrays"]
            for index in range(keys.count):
                x, y = float(arrays[f"k{side}x"][index][0]), float(arrays[f"k{side}y"][index][0])
                assert math.hypot(x, y) == pytest.approx(1.0, abs=1e-15)
                assert x > 0


def test_slope_of_a_degree_curve_equals_one_that_maya_wrote(tmp_path):
    # -4.7601 degrees a frame at 30 fps is written by Maya as a slope of -2.4924 (radians a second).
    slope = -4.7601 * 30
    keys = Keys(np.array([0.0, 9]), np.zeros(2), ("fixed",) * 2, ("fixed",) * 2, np.full(2, slope), np.full(2, slope))
    channel = Channel("a.rx", "x", "angle_deg", (-90.0, 90.0), 0.0, keys)
    scene = written(tmp_path, Take("r", Fraction(30), 10, None, (Layer("x"),), (channel,)))
    assert scene.slopes(curve_of(scene, "a.rx"), "o") == pytest.approx([-2.4924] * 2, abs=1e-4)


def test_tangents_are_unlocked_where_the_two_sides_differ(tmp_path):
    take = some_take()
    scene = written(tmp_path, take)
    keys = take.channels[0].keys
    locks = scene.nodes[curve_of(scene, "jaw.ty")]["arrays"]["ktl"]
    for index in range(keys.count):
        same_type = keys.in_types[index] == keys.out_types[index]
        together = same_type and (keys.in_types[index] != "fixed" or keys.in_slopes[index] == keys.out_slopes[index])
        assert locks[index] == ["yes" if together else "no"]


def test_group_has_every_controller_with_limits_and_neutral(tmp_path):
    scene = written(tmp_path, some_take())
    nodes = scene.nodes
    assert {name for name, node in nodes.items() if node["type"] == "transform"} == {
        "toon_controls",
        "jaw",
        "lf_lid",
        "rg_lid",
        "toon_face",
    }
    assert all(nodes[name]["parent"] == "toon_controls" for name in ("jaw", "lf_lid", "rg_lid", "toon_face"))
    lid = nodes["rg_lid"]["attributes"]  # without a curve it still rests where it should
    assert lid[".t"] == ["-type", ("double3",), "0", "0.8", "0"]
    assert lid[".mxtl"][-3:] == ["0", "1", "0"]
    assert lid[".mtye"] == lid[".xtye"] == ["yes"]
    assert ".mtxe" not in lid
    jaw = nodes["jaw"]
    assert jaw["attributes"][".mnrl"][-3:] == ["-30", "0", "0"]
    assert jaw["attributes"][".r"][-3:] == ["5", "0", "0"]
    added = jaw["added"]["open"]
    assert (added["-min"], added["-max"], added["-dv"], added["-at"]) == ("0", "1", "0.25", ("double",))


def test_namespace_goes_before_every_name_of_the_rig(tmp_path):
    on_rig = replace(some_take(), channels=some_take().channels[:-1])
    scene = written(tmp_path, on_rig, namespace="shot:mery", group=False)
    plugs = {plug for plug, _ in PLUGS.values()} - {"toon_face.browInnerUp"}
    assert {target for _, target in scene.connections} == {f"shot:mery:{plug}" for plug in plugs}
    grouped = written(tmp_path, some_take(), namespace="mery")
    assert {target for _, target in grouped.connections} == {f"mery:{plug}" for plug, _ in PLUGS.values()}
    assert grouped.nodes["mery:jaw"]["parent"] == "mery:toon_controls"


def test_without_group_only_curves_are_made_and_paths_are_kept(tmp_path):
    keys = some_keys(np.random.default_rng(0), 3, kinds=("auto",))
    channel = Channel("|face|jaw_ctl.translateY", "x", "linear", (-1.0, 1.0), 0.0, keys)
    scene = written(tmp_path, Take("r", Fraction(24), 30, None, (Layer("x"),), (channel,)), namespace="m", group=False)
    assert [target for _, target in scene.connections] == ["|m:face|m:jaw_ctl.ty"]
    assert not any(node["type"] == "transform" for node in scene.nodes.values())


@pytest.mark.parametrize(
    ("fps", "word"),
    [
        ("24", "film"),
        ("25", "pal"),
        ("30", "ntsc"),
        ("48", "show"),
        ("50", "palf"),
        ("60", "ntscf"),
        ("15", "game"),
        ("24000/1001", "23.976fps"),
        ("30000/1001", "29.97fps"),
        ("60000/1001", "59.94fps"),
        ("12", "12fps"),
        ("120", "120fps"),
    ],
)
def test_rates_have_mayas_words(tmp_path, fps, word):
    scene = written(tmp_path, some_take(fps=Fraction(fps)))
    assert scene.units["-t"] == word
    take = some_take()
    assert scene.curve(curve_of(scene, "jaw.ty"))[0] == take.channels[0].keys.frames.tolist()


def test_a_rate_without_a_word_keeps_its_timing_in_the_next_higher_one(tmp_path):
    take = some_take(fps=Fraction(72))
    scene = written(tmp_path, take, start_frame=10)
    assert scene.units["-t"] == "75fps"
    seconds = (np.array(scene.curve(curve_of(scene, "jaw.ty"))[0]) - 10) / 75
    assert seconds == pytest.approx(take.channels[0].keys.frames / 72, abs=1e-12)
    assert time_unit(Fraction(9999)) == ("1200fps", Fraction(1200))
    assert all(time_unit(rate) == (word, rate) for rate, word in TIME_UNITS.items())


def test_sound_and_playback_range(tmp_path):
    take = some_take(sound=SoundReference('C:\\my "takes"\\line.wav', "", 0.5))
    scene = written(tmp_path, take, start_frame=1)
    sound = scene.nodes["line_sound"]
    assert sound["type"] == "audio"
    assert sound["attributes"][".f"][-1] == ('C:/my "takes"/line.wav',)
    assert sound["attributes"][".o"] == ["13"]
    script = scene.nodes["sceneConfigurationScriptNode"]["attributes"][".b"][-1][0]
    assert script == "playbackOptions -min 1 -max 5000 -ast 1 -aet 5000 "


HOSTILE = (
    'a"; system("rm -rf /"); //.ty',
    "a\nsystem(1).ty",
    "jaw.ty; delete",
    "1st.ty",
    "persp.ty",
    "Größe.tx",
    "a b.c d",
    "x.v",
    ".",
    "..",
    "node.",
)


def test_hostile_names_become_harmless_and_stay_apart(tmp_path):
    keys = some_keys(np.random.default_rng(0), 3, kinds=("auto",))
    channels = tuple(Channel(name, "x", "linear", (-1.0, 1.0), 0.0, keys) for name in HOSTILE)
    take = Take('r"; quit; "', Fraction(24), 30, SoundReference('"; quit -f; "\n.wav'), (Layer("x"),), channels)
    scene = written(tmp_path, take)  # the reader refuses any command but the known ones
    assert len(scene.connections) == len(set(scene.connections)) == len(HOSTILE)
    legal = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
    for name, node in scene.nodes.items():
        assert legal.fullmatch(name)
        assert all(legal.fullmatch(attribute) for attribute in node["added"])
    for _, target in scene.connections:
        node, attribute = target.split(".")
        assert attribute in scene.nodes[node]["added"] or re.fullmatch("[trs][xyz]", attribute)
        assert node not in ("persp", "time1")
    assert len(scene.nodes) == len({name.lower() for name in scene.nodes})


def test_illegal_names_are_refused_where_they_must_meet_a_rig(tmp_path):
    keys = some_keys(np.random.default_rng(0), 3, kinds=("auto",))
    channel = Channel(HOSTILE[0], "x", "linear", (-1.0, 1.0), 0.0, keys)
    take = Take("r", Fraction(24), 30, None, (Layer("x"),), (channel,))
    with pytest.raises(SfpError, match=r"1 controllers are no node\.attribute of Maya"):
        write_maya_ascii(tmp_path / "take.ma", take, group=False)
    with pytest.raises(SfpError, match="namespace 'a b'"):
        write_maya_ascii(tmp_path / "take.ma", take, namespace="a b")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ['a"b', "a\\", "a\nb\tc\rd", "\x00\x1b", "ü„“", ""])
def test_quoted_text_is_one_word_for_the_reader(text):
    (words,) = ma_reader.statements(quoted(text) + ";")
    assert len(words) == 1
    assert words[0][0] == re.sub(r"[\x00\x1b]", " ", text)


def test_names_made_legal_are_legal_and_legal_ones_stay():
    for name in ("jaw", "_x1", "lf_brow_in"):
        assert legal_name(name) == name
    for name in HOSTILE:
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", legal_name(name))


def test_layers_are_merged_into_one_curve_a_controller(tmp_path):
    def channel(layer, *values):
        auto = ("auto",) * 3
        keys = Keys(np.array([0.0, 10, 20]), np.array(values), auto, auto, np.zeros(3), np.zeros(3))
        return Channel("jaw.ty", layer, "linear", (-1.0, 1.0), 0.0, keys)

    layers = (Layer("a"), Layer("b", 0.5))
    take = Take("r", Fraction(24), 21, None, layers, (channel("a", 0.0, 0.4, 0.0), channel("b", 0.0, 0.6, 0.0)))
    scene = written(tmp_path, take)
    frames, values, *_ = scene.curve(curve_of(scene, "jaw.ty"))
    assert dict(zip(frames, values, strict=True))[10.0] == pytest.approx(0.7, abs=1e-12)


def test_golden_scene_is_written_byte_for_byte(tmp_path):
    take = read_curves_json(GOLDEN / "take.curves.v1.json")
    write_maya_ascii(tmp_path / "take.ma", take, start_frame=1)
    assert (tmp_path / "take.ma").read_bytes() == (GOLDEN / "take.v1.ma").read_bytes()


def maya_files():
    folder = Path(os.environ.get("SFP_SHARED_DATA", "/nowhere")) / "maya"
    return sorted(path for path in folder.rglob("*.ma") if path.stat().st_size < 100_000)


@pytest.mark.skipif(not maya_files(), reason="SFP_SHARED_DATA with maya/*.ma is not here")
def test_the_reader_reads_files_that_maya_wrote_and_ours_use_no_other_grammar(tmp_path):
    # .ktl and the audio node are Maya's too, but none of these files has them
    seen, kinds = {".ktl"}, set()
    for path in maya_files():
        text = path.read_text(encoding="latin-1")
        for command, *words in ma_reader.statements(text):
            flags = [w for w in words if isinstance(w, str) and re.match(r"-[a-z]", w)]
            seen |= {(command, flag) for flag in flags}
            if command == "createNode":
                kinds.add(words[0])
            if command == "setAttr":
                name = next(w[0] for w in words if isinstance(w, tuple))
                seen.add(name.partition("[")[0])
    path = write_maya_ascii(tmp_path / "take.ma", some_take())
    for command, *words in ma_reader.statements(path.read_text(encoding="utf-8")):
        for word in words:
            if isinstance(word, str) and re.match(r"-[a-z]", word) and command != "addAttr":
                assert (command, word) in seen, (command, word)
        if command == "createNode":
            assert words[0] in kinds
        if command == "setAttr" and words[0] in ("-s", (".ktv[0]",)):
            name = next(w[0] for w in words if isinstance(w, tuple))
            assert name.partition("[")[0] in seen, name


@pytest.mark.skipif(not maya_files(), reason="SFP_SHARED_DATA with maya/*.ma is not here")
def test_rewriting_curves_that_maya_wrote_gives_their_lines(tmp_path):
    """Curves of translations and rotations with auto tangents, read from Maya's file and written by us."""
    source = next(path for path in maya_files() if path.parent.name == "test_load_insert.anim")
    scene = ma_reader.Scene(source.read_text(encoding="latin-1"))
    compared = 0
    for name, node in scene.nodes.items():
        if node["type"] not in ("animCurveTL", "animCurveTA") or "kit" in node["arrays"] or "kot" in node["arrays"]:
            continue
        frames, values, *_ = scene.curve(name)
        auto, zeros = ("auto",) * len(frames), np.zeros(len(frames))
        attribute = "tx" if node["type"] == "animCurveTL" else "rx"
        channel = Channel(
            f"n.{attribute}", "x", "linear", (-1e6, 1e6), 0.0, Keys(frames, values, auto, auto, zeros, zeros)
        )
        ours = written(tmp_path, Take("r", Fraction(24), 30, None, (Layer("x"),), (channel,)))
        mine = ours.nodes[curve_of(ours, f"n.{attribute}")]
        for attribute_name in (".tan", ".wgt"):
            assert mine["attributes"][attribute_name] == node["attributes"][attribute_name]
        assert mine["type"] == node["type"]
        assert ours.curve(curve_of(ours, f"n.{attribute}"))[:2] == scene.curve(name)[:2]
        compared += 1
    assert compared > 3
