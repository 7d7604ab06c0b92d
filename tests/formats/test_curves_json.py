import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sfp_core.curves.take import Channel, Layer, SoundReference, Take
from sfp_core.errors import SfpError
from sfp_core.formats.curves_json import read_curves_json, write_curves_json
from sfp_core.rig import Keys

GOLDEN = Path(__file__).parents[1] / "golden" / "take.curves.v1.json"


def golden_take():
    """What the golden file of version 1 says, built by hand."""
    none = Keys(np.zeros(0), np.zeros(0), (), (), np.zeros(0), np.zeros(0))
    jaw = Keys(
        np.array([0.0, 12, 20, 37.5]),
        np.array([0.0, -0.7421875, -1.0, 0.1]),
        ("auto", "auto", "linear", "fixed"),
        ("auto", "flat", "step", "fixed"),
        np.array([0.0, 0, 0, -1.25]),
        np.array([0.0, 0, 0, 1 / 3]),
    )
    lid = Keys(np.array([3.0]), np.array([0.8]), ("auto",), ("auto",), np.zeros(1), np.zeros(1))
    return Take(
        "toon",
        Fraction(24000, 1001),
        641,
        SoundReference("Zeile „eins“.wav", "ab" * 32, 0.5),
        (Layer("speech", 1.0), Layer("blinks", 0.75)),
        (
            Channel("jaw.ty", "speech", "linear", (-1.0, 1.0), 0.0, jaw, 0.006),
            Channel("up_lid.ty", "blinks", "linear", (0.0, 1.0), 0.8, lid, 0.0),
            Channel("head.rx", "speech", "angle_deg", (-40.0, 40.0), 0.0, none, 0.0),
        ),
    )


def same(one, other):
    assert (one.rig, one.fps, one.frames, one.sound, one.layers) == (
        other.rig,
        other.fps,
        other.frames,
        other.sound,
        other.layers,
    )
    for mine, yours in zip(one.channels, other.channels, strict=True):
        assert (mine.controller, mine.layer, mine.unit, mine.limits, mine.neutral, mine.worst_error) == (
            yours.controller,
            yours.layer,
            yours.unit,
            yours.limits,
            yours.neutral,
            yours.worst_error,
        )
        assert (mine.keys.in_types, mine.keys.out_types) == (yours.keys.in_types, yours.keys.out_types)
        for name in ("frames", "values", "in_slopes", "out_slopes"):
            assert np.array_equal(getattr(mine.keys, name), getattr(yours.keys, name)), name


def test_golden_file_of_version_1_is_read_and_written_byte_for_byte(tmp_path):
    same(read_curves_json(GOLDEN), golden_take())
    write_curves_json(tmp_path / "take.curves.json", golden_take())
    assert (tmp_path / "take.curves.json").read_bytes() == GOLDEN.read_bytes()


def test_any_numbers_survive_bit_for_bit(tmp_path):
    rng = np.random.default_rng(0)
    frames = np.cumsum(rng.integers(1, 9, 200)).astype(float)
    kinds = rng.choice(
        ["auto", "linear", "flat", "step", "stepnext", "spline", "clamped", "plateau", "fixed"], (2, 200)
    )
    fixed = (kinds == "fixed").any(axis=0)
    keys = Keys(
        frames,
        rng.normal(size=200) * 10.0 ** rng.integers(-12, 6, 200),
        tuple(kinds[0].tolist()),
        tuple(kinds[1].tolist()),
        np.where(fixed, rng.normal(size=200), 0.0),
        np.where(fixed, rng.normal(size=200), 0.0),
    )
    channel = Channel("a.b", "x", "none", (-1e7, 1e7), 0.1, keys, 1e-3)
    take = Take("r", Fraction(30000, 1001), 2000, None, (Layer("x"),), (channel,))
    same(read_curves_json(write_curves_json(tmp_path / "t.json", take)), take)


def test_the_file_has_the_form_of_the_contract(tmp_path):
    content = json.loads(write_curves_json(tmp_path / "t.json", golden_take()).read_text(encoding="utf-8"))
    assert list(content) == ["format", "version", "rig", "fps", "frames", "sound", "layers", "channels"]
    assert (content["format"], content["version"], content["fps"]) == ("sfp.curves", 1, "24000/1001")
    first = content["channels"][0]
    assert list(first) == ["controller", "layer", "unit", "limits", "neutral", "keys", "worst_error"]
    assert first["keys"][0] == [0, 0, "auto", "auto"]
    assert first["keys"][3] == [37.5, 0.1, "fixed", "fixed", -1.25, 1 / 3]


def test_unknown_keys_are_passed_over(tmp_path):
    content = json.loads(GOLDEN.read_text(encoding="utf-8"))
    content["made_by"] = {"a": 1}
    content["channels"][0]["edited"] = [[0, 10]]
    content["layers"][0]["colour"] = "red"
    (tmp_path / "t.json").write_text(json.dumps(content), encoding="utf-8")
    same(read_curves_json(tmp_path / "t.json"), golden_take())


def change(path, value):
    """A mutation of the golden content: `path` as in channels.0.keys.2.1."""

    def mutate(content):
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        for part in way:
            content = content[part]
        if value is KeyError:
            del content[last]
        else:
            content[last] = value

    return mutate


@pytest.mark.parametrize(
    ("mutate", "message"),
    [
        (change("version", 2), "sfp.curves version 2 is newer than this program reads (1); update with"),
        (change("format", "other"), "format is 'other'; expected 'sfp.curves'"),
        (change("fps", "fast"), "fps: frame rate 'fast': expected a number"),
        (change("fps", 24), "fps: expected text, got 24"),
        (change("frames", 0), "0 frames; expected at least 1"),
        (change("frames", True), "frames: expected a whole number, got True"),
        (change("rig", KeyError), "rig: expected text, got None"),
        (change("channels", {}), "channels: expected a list, got {}"),
        (change("channels.1", 7), "channels[1]: expected an object, got 7"),
        (change("channels.0.limits", [1]), "channels[0].limits: 1 numbers; expected 2"),
        (change("channels.0.limits.1", None), "channels[0].limits[1]: expected a finite number, got 'None'"),
        (change("channels.0.limits.1", -2), "controller jaw.ty: minimum -1 must be below maximum -2"),
        (change("channels.0.unit", "deg"), "channels[0].unit: 'deg'; expected one of linear, angle_deg, none"),
        (change("channels.0.layer", "x"), "channel jaw.ty on layer x: there is no such layer"),
        (change("channels.0.keys.2", [1, 2]), "channels[0].keys[2]: expected [frame, value, in type, out type]"),
        (change("channels.0.keys.2.0", 11), "channels[0].keys[2]: frame 11 after frame 12; expected rising frames"),
        (change("channels.0.keys.2.1", float("nan")), "channels[0].keys[2][1]: expected a finite number, got 'nan'"),
        (change("channels.0.keys.2.1", 10**400), "channels[0].keys[2][1]: expected a finite number, got '1000"),
        (
            change("channels.0.keys.2.2", "smooth"),
            "channels[0].keys[2][2]: tangent type 'smooth'; expected one of auto",
        ),
        (change("channels.0.keys.2.2", ["x"]), "channels[0].keys[2][2]: tangent type ['x']; expected one of auto"),
        (change("channels.0.keys.2.2", "fixed"), "channels[0].keys[2]: a fixed tangent without slopes"),
        (change("channels.0.keys.3.5", "1"), "channels[0].keys[3][5]: expected a finite number, got '1'"),
        (change("layers.1.name", "speech"), "layers must have names of their own"),
        (change("layers.0.weight", None), "layers[0].weight: expected a finite number"),
        (change("sound.file", None), "sound.file: expected text, got None"),
        (change("sound", "a.wav"), "sound: expected an object or null"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_faults_name_file_and_place_in_one_line(tmp_path, mutate, message):
    content = json.loads(GOLDEN.read_text(encoding="utf-8"))
    mutate(content)
    path = tmp_path / "take.curves.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(SfpError) as caught:
        read_curves_json(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert message in text
    assert "\n" not in text


@pytest.mark.parametrize("content", ["", "{", "[]", "\x00", '{"format":"sfp.curves"}'])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "take.curves.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SfpError, match=r"take\.curves\.json"):
        read_curves_json(path)
    with pytest.raises(SfpError, match="no such file"):
        read_curves_json(tmp_path / "none.json")


def test_nothing_half_written_when_the_place_is_a_folder(tmp_path):
    (tmp_path / "t.json").mkdir()
    with pytest.raises(SfpError, match="cannot be written"):
        write_curves_json(tmp_path / "t.json", golden_take())
    assert [path.name for path in tmp_path.iterdir()] == ["t.json"]
