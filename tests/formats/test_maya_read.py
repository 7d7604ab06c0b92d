"""Maya ASCII, read: Maya's own files against another reader, ours back to the same keys, and files that mean harm."""

import math
import re
import tracemalloc
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sfp_core.curves.loose import LooseCurves
from sfp_core.curves.loose import take_of as take_of_curves
from sfp_core.curves.maya_curve import evaluate, tangent_slopes
from sfp_core.curves.take import SoundReference, Take, flattened
from sfp_core.errors import SfpError
from sfp_core.formats import maya_statements
from sfp_core.formats.curves_json import read_curves_json
from sfp_core.formats.maya_ascii import write_maya_ascii
from sfp_core.formats.maya_plugs import as_rig_names, controller_names
from sfp_core.formats.maya_read import curve_keys, read_maya_ascii, scan_maya_curves
from sfp_core.rig import Keys
from sfp_core.rigs.profiles.profile import profile_named
from tests.formats.ma_reader import Scene, statements
from tests.formats.random_keys import channel, random_keys, take_of

GOLDEN = Path(__file__).parents[1] / "golden"
# Codes in .ma files, as found in files written by Maya: not those of the API.
WORDS = {1: "fixed", 2: "linear", 3: "flat", 5: "step", 9: "spline", 10: "clamped", 18: "auto"}


def maya_files(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "maya").rglob("*.ma"))


@cache
def other_reader(path: Path) -> Scene:
    return Scene(path.read_text(encoding="latin-1"))


# Maya's own files


def test_every_curve_of_every_file_that_maya_wrote_is_as_another_reader_reads_it(shared_data: Path) -> None:
    files = curves = count = fixed = 0
    for path in maya_files(shared_data):
        theirs = other_reader(path)
        kinds = {name: node["type"] for name, node in theirs.nodes.items() if node["type"].startswith("animCurve")}
        scene = scan_maya_curves(path)
        assert {name: node.kind for name, node in scene.nodes.items()} == kinds
        assert scene.rate == 24 and theirs.units["-t"] == "film"
        found = curve_keys(scene)
        assert set(found) == set(kinds)
        for name, keys in found.items():
            frames, values, in_codes, out_codes = theirs.curve(name)
            assert keys.frames.tolist() == frames and keys.values.tolist() == values
            assert keys.in_types == tuple(WORDS[code] for code in in_codes)
            assert keys.out_types == tuple(WORDS[code] for code in out_codes)
            turn = 180 / math.pi if kinds[name] == "animCurveTA" else 1.0
            arrays = theirs.nodes[name]["arrays"]
            for side, types, slopes in (("i", keys.in_types, keys.in_slopes), ("o", keys.out_types, keys.out_slopes)):
                wanted = np.zeros(keys.count)
                for index in np.flatnonzero(np.array(types) == "fixed").tolist():
                    x, y = (float(arrays[f"k{side}{axis}"][index][0]) for axis in "xy")
                    wanted[index] = y / x * turn
                np.testing.assert_allclose(slopes, wanted, rtol=1e-14)
                fixed += types.count("fixed")
            curves, count = curves + 1, count + keys.count
        files += 1
    assert (files, curves, count, fixed) == (17, 1244, 13130, 18)


def test_curves_have_the_plugs_that_another_reader_finds(shared_data: Path) -> None:
    connected = 0
    for path in maya_files(shared_data):
        theirs = other_reader(path)
        scene = scan_maya_curves(path)
        for source, target in theirs.connections:
            name, _, output = source.rpartition(".")
            if name in scene.nodes and output == "o" and ".phl[" not in target:
                assert target in scene.plugs[name]
                connected += 1
    assert connected == 66


def test_curves_on_a_referenced_rig_are_named_by_the_controllers_they_reach(shared_data: Path) -> None:
    path = shared_data / "maya" / "maya_usd" / "anim_001.ma"
    read = read_maya_ascii(path)
    assert len(read.keys) == 110 and read.start_frame == 1.0
    keyed = re.findall(r'createNode animCurve\w+ -n "(.*)_(\w+)";', path.read_text(encoding="latin-1"))
    short = {f"{kind}{axis}": f"{kind[0]}{axis.lower()}" for kind in ("translate", "rotate", "scale") for axis in "XYZ"}
    names = {f"{node}.{short.get(attribute, attribute)}" for node, attribute in keyed}
    assert set(read.keys) <= names and not any("phl" in name or "|" in name or ":" in name for name in read.keys)


def test_a_clip_of_a_known_rig_has_that_rigs_controllers(shared_data: Path) -> None:
    folder = shared_data / "maya" / "studiolibrary" / "src" / "mutils" / "tests" / "data" / "test_older_version.anim"
    read = read_maya_ascii(folder / "animation.ma")
    rig = profile_named("malcolm").whole_rig
    named = as_rig_names(read, rig)
    assert len(read.keys) == len(named.keys) == 881
    assert set(rig.names) <= set(named.keys)
    take = take_of_curves(named, rig=rig)
    assert take.moving_channels == len(rig.names)


# Ours


def some_take(*, sound: SoundReference | None = None, fps: Fraction = Fraction(24)) -> Take:
    rng = np.random.default_rng(2)
    return take_of(
        channel("jaw.translateY", random_keys(rng, 700, limits=(-1.0, 1.0)), (-1.0, 1.0), unit="linear"),
        channel("jaw.rx", random_keys(rng, 40, limits=(-30.0, 30.0)), (-30.0, 30.0), 5.0, "angle_deg"),
        channel("jaw.open", random_keys(rng, 1), unit="none"),
        channel("jaw.v", random_keys(rng, 4), unit="none"),
        channel("browInnerUp", random_keys(rng, 5), unit="none"),
        channel('a"; system("rm -rf /"); //.ty', random_keys(rng, 5), unit="linear"),
        channel("lid.ty", None, (0.0, 1.0), 0.8, "linear"),
        frames=5000,
        fps=fps,
        sound=sound,
    )


def same_keys(read: Keys, written: Keys, *, start: float = 0.0) -> None:
    """Bit for bit, but for slopes, which go through unit vectors; only those of fixed tangents mean something."""
    assert read.frames.tolist() == (start + written.frames).tolist()
    assert read.values.tolist() == written.values.tolist()
    assert (read.in_types, read.out_types) == (written.in_types, written.out_types)
    for kinds, ours, theirs in (
        (written.in_types, read.in_slopes, written.in_slopes),
        (written.out_types, read.out_slopes, written.out_slopes),
    ):
        assert ours == pytest.approx(np.where(np.array(kinds) == "fixed", theirs, 0.0), rel=1e-14, abs=1e-300)


@pytest.mark.parametrize("start", [0, 1001])
@pytest.mark.parametrize("fps", ["24", "24000/1001", "60"])
def test_written_and_read_back_a_take_is_the_same(tmp_path: Path, fps: str, start: int) -> None:
    take = some_take(sound=SoundReference('voice/"line" one;.wav', "", 0.5), fps=Fraction(fps))
    path = write_maya_ascii(tmp_path / "a.ma", take, start_frame=start, namespace="shot:mery")
    read = read_maya_ascii(path)
    assert list(read.keys)[:4] == ["jaw.ty", "jaw.rx", "jaw.open", "jaw.v_"]
    assert (read.fps, read.start_frame) == (take.fps, start)
    assert read.sound is not None and read.sound.file == 'voice/"line" one;.wav'
    assert read.sound.offset_seconds == pytest.approx(0.5, abs=1e-12)
    assert [read.units[name] for name in ("jaw.ty", "jaw.rx", "jaw.open")] == ["linear", "angle_deg", "none"]
    named = as_rig_names(read, take.rig_spec())
    assert list(named.keys) == [one.controller for one in take.channels if one.keys.count]
    for one in take.channels:
        if one.keys.count:
            same_keys(named.keys[one.controller], one.keys, start=start)
    back = take_of_curves(named, rig=take.rig_spec())
    assert back.channels[0].keys.frames.tolist() == take.channels[0].keys.frames.tolist()
    assert list(read_maya_ascii(path, namespace="mery").keys) == []
    assert list(read_maya_ascii(path, namespace="shot:mery").keys) == list(read.keys)


def test_a_rate_without_a_word_keeps_motion_and_sound(tmp_path: Path) -> None:
    take = some_take(sound=SoundReference("line.wav", "", -0.25), fps=Fraction(72))
    read = read_maya_ascii(write_maya_ascii(tmp_path / "a.ma", take, start_frame=10))
    assert read.fps == 75 and read.sound == SoundReference("line.wav", "", pytest.approx(-0.25, abs=1e-12))
    seconds = np.linspace(0.0, 30.0, 500)
    ours = evaluate(take.channels[0].keys, seconds * 72, Fraction(72))
    assert evaluate(read.keys["jaw.ty"], 10 + seconds * 75, Fraction(75)) == pytest.approx(ours, abs=1e-8)
    theirs = other_reader(tmp_path / "a.ma")  # tangents of other types than fixed are written for the same seconds
    for side, slopes in zip("io", tangent_slopes(take.channels[0].keys, Fraction(72)), strict=True):
        np.testing.assert_allclose(theirs.slopes("jaw_translateY", side), slopes, rtol=1e-12, atol=1e-15)


def test_the_golden_scene_gives_the_golden_take(tmp_path: Path) -> None:
    take = flattened(read_curves_json(GOLDEN / "take.curves.v1.json"))
    read = read_maya_ascii(GOLDEN / "take.v1.ma")
    assert read.sound is not None and read.sound.file == "Zeile „eins“.wav"
    assert set(read.keys) == {one.controller for one in take.channels if one.keys.count}
    for one in take.channels:
        if one.keys.count:
            same_keys(read.keys[one.controller], one.keys, start=read.start_frame)


# Forms and units


def scene_of(body: str, *, units: str = "-l centimeter -a degree -t film") -> str:
    return f'//Maya ASCII 2022 scene\nrequires maya "2022";\ncurrentUnit {units};\n{body}'


def curve(name: str = "c", kind: str = "animCurveTL", keys: str = '".ktv[0:1]"  1 0.5 9 1', more: str = "") -> str:
    return f'createNode {kind} -n "{name}";\n\tsetAttr ".tan" 18;\n\tsetAttr -s 2 {keys};\n{more}'


def read_text(tmp_path: Path, text: str, **options: str) -> LooseCurves:
    path = tmp_path / "a.ma"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return read_maya_ascii(path, **options)


@pytest.mark.parametrize(
    ("units", "kind", "values", "slope", "rate"),
    [
        ("-l meter -a degree -t ntsc", "animCurveTL", [50.0, 100.0], 100 * 30 / 35, "30"),
        ("-l inch -a radian -t pal", "animCurveTL", [1.27, 2.54], 100 * 30 / 35, "25"),
        (
            "-a rad -t 23.976fps",
            "animCurveTA",
            [90 / math.pi, 180 / math.pi],
            100 * 30 / 35 * 180 / math.pi,
            "24000/1001",
        ),
        ("-l m -t 48000fps", "animCurveTU", [0.5, 1.0], 100 * 30 / 35, "48000"),
    ],
)
def test_units_become_centimetres_degrees_and_seconds(
    tmp_path: Path, units: str, kind: str, values: list[float], slope: float, rate: str
) -> None:
    """Slopes are in seconds and internal units whatever the file's: seen in a file of Maya's in metres."""
    steep = 100 * 30 / 35
    x, y = 1 / math.hypot(1, steep), steep / math.hypot(1, steep)
    more = f'\tsetAttr -s 2 ".kit[1]"  1;\n\tsetAttr -s 2 ".kix[1]"  {x!r};\n\tsetAttr -s 2 ".kiy[1]"  {y!r};\n'
    read = read_text(tmp_path, scene_of(curve(kind=kind, more=more), units=units))
    assert read.fps == Fraction(rate)
    keys = read.keys["c"]
    assert keys.values == pytest.approx(values, rel=1e-15)
    assert keys.in_types == ("auto", "fixed") and keys.in_slopes == pytest.approx([0.0, slope], rel=1e-12)


def test_long_names_and_parts_in_any_order(tmp_path: Path) -> None:
    text = scene_of(
        'createNode animCurveTU -n "c";\n\tsetAttr ".tangentType" 2;\n\tsetAttr -k on ".weightedTangents" no;\n'
        '\tsetAttr -av ".keyTimeValue[2]" 5 50;\n\tsetAttr -size 3 ".keyTimeValue[0:1]"\n\t\t1 10\n\t\t3 30;\n'
        '\tsetAttr ".keyTimeValue[1]" 3 31;\n\tsetAttr ".keyTanOutType[1]" 5;\n'
        'connectAttr -f "c.output" "|rig|jaw.translate.translateX" -na;\n'
    )
    keys = read_text(tmp_path, text).keys["jaw.tx"]
    assert keys.frames.tolist() == [1, 3, 5] and keys.values.tolist() == [10, 31, 50]
    assert keys.in_types == ("linear",) * 3 and keys.out_types == ("linear", "step", "linear")


def test_driven_and_time_curves_and_those_without_a_target_are_left_out(tmp_path: Path) -> None:
    others = "".join(curve(kind[-2:], kind) for kind in ("animCurveUU", "animCurveUL", "animCurveUA", "animCurveTT"))
    text = scene_of(curve() + curve("orphan_translateX") + others + 'connectAttr "c.o" "a:b.focalLength";\n')
    assert list(read_text(tmp_path, text).keys) == ["b.focalLength"]
    library = scene_of(curve("jaw_ctl_translateX") + curve("lid_visibility") + curve("CURVE1"))
    assert list(read_text(tmp_path, library).keys) == ["jaw_ctl.tx", "lid.v", "CURVE1"]


def test_a_curve_may_move_several_controllers_and_empty_ones_move_none(tmp_path: Path) -> None:
    text = scene_of(
        curve() + 'createNode animCurveTL -n "d";\n' + 'connectAttr "c.o" "b.ty";\nconnectAttr "c.o" "n:d.sx";\n'
        'connectAttr "d.o" "e.sx";\nconnectAttr "x.o" "y.ty";\n'
    )
    assert list(read_text(tmp_path, text).keys) == ["b.ty", "d.sx"]


def test_names_that_would_meet_keep_what_tells_them_apart() -> None:
    plugs = ["|a:x|a:jaw.ty", "|y|jaw.translateY", "a:lid.tx", "b:lid.t.tx", "n:brow.w[3]", "CURVE1"]
    assert controller_names(plugs) == ["|x|jaw.ty", "|y|jaw.ty", "a:lid.tx", "b:lid.tx", "brow.w[3]", "CURVE1"]


def test_weights_and_unknown_types_are_told_and_slopes_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    more = (
        '\tsetAttr ".wgt" yes;\n\tsetAttr ".kit[0:1]" 1 7e77;\n\tsetAttr ".kix[0]" 0.25;\n\tsetAttr ".kiy[0]" 1.5;\n'
        '\tsetAttr ".kot[0:1]" 1 1;\n\tsetAttr ".kox[0:1]" 0 0;\n\tsetAttr ".koy[0:1]" -1 0;\n'
    )
    keys = read_text(tmp_path, scene_of(curve(more=more))).keys["c"]
    assert keys.in_slopes.tolist() == [6.0, 0.0] and keys.in_types == ("fixed", "auto")
    assert keys.out_slopes.tolist() == [-5729577.9485111479, 0.0]
    assert "1 weighted curves; slopes are kept, weights are not" in caplog.text
    assert "tangent types 1000 are none that we know; read as auto" in caplog.text


def test_the_sound_and_the_start_are_read_and_no_script_is_run(tmp_path: Path) -> None:
    text = scene_of(
        'createNode audio -n "none";\n\tsetAttr ".o" 7;\n'
        'createNode audio -n "one";\n\tsetAttr ".o" 13;\n\tsetAttr ".f" -type "string" ( "C:/a;b//"\n\t\t+ "c.wav");\n'
        'createNode audio -n "two";\n\tsetAttr ".f" -type "string" "d.wav";\n\tsetAttr ".o" 99;\n'
        'createNode script -n "evil";\n\tsetAttr ".b" -type "string" "python(\\"open(\'owned\', \'w\')\\"); // x";\n'
        'createNode script -n "sceneConfigurationScriptNode";\n'
        '\tsetAttr ".b" -type "string" "playbackOptions -min 101 -max 120 -ast 100.5 -aet 150 ";\n' + curve()
    )
    read = read_text(tmp_path, text)
    assert read.start_frame == 100.5
    assert read.sound == SoundReference("C:/a;b//c.wav", "", (13 - 100.5) / 24)
    assert [path.name for path in tmp_path.iterdir()] == ["a.ma"]


@pytest.mark.parametrize(
    ("codeset", "raw", "file"),
    [
        ("1252", "größe.wav".encode("cp1252"), "größe.wav"),
        ("932", "表ソ.wav".encode("cp932"), "表ソ.wav"),  # both end in the byte of a backslash
        ("UTF-8", "größe 表.wav".encode(), "größe 表.wav"),
        ("99999", "größe.wav".encode("latin-1"), "größe.wav"),
        ("zlib_codec", b"a.wav", "a.wav"),
        ("UTF-8", b"gr\xf6\xdfe.wav", "gr\ufffd\ufffde.wav"),
    ],
)
def test_text_is_in_the_code_set_that_the_file_names(tmp_path: Path, codeset: str, raw: bytes, file: str) -> None:
    head = f'//Maya ASCII 2022 scene\n//Codeset: {codeset}\ncreateNode audio -n "s";\n\tsetAttr ".f" -type "string" "'
    (tmp_path / "a.ma").write_bytes(head.encode() + raw + b'";\n' + curve().encode())
    read = read_maya_ascii(tmp_path / "a.ma")
    assert read.sound is not None and read.sound.file == file
    assert read.keys["c"].count == 2


# Statements

TRICKY = (
    '//Maya ASCII 2022 scene\n// it; "is" a comment\nrequires maya "2022"; fileInfo "a;b" "c//d\\"e;\\\\";\n'
    '/* more; "than */ setAttr ".b" -type "string" (\n\t\t"/* no */ // comment\\n"\n\t\t+ "\\\\");\n'
    "setAttr 1/2 /* of\ntwo\nlines */ / 3;\tselect -ne :time1 // here\n\t:time2;;\n\n// End of a.ma"
)


@pytest.mark.parametrize("block", [1, 2, 3, 7, 64, 1 << 20])
def test_statements_do_not_depend_on_where_blocks_of_the_file_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(maya_statements, "_BLOCK", block)
    (tmp_path / "a.ma").write_text(TRICKY, encoding="utf-8")
    found = [(one.line, one.words()) for one in maya_statements.maya_statements(tmp_path / "a.ma")]
    assert found == [
        (3, ["requires", "maya", "2022"]),
        (3, ["fileInfo", "a;b", 'c//d"e;\\']),
        (4, ["setAttr", ".b", "-type", "string", "(", "/* no */ // comment\n", "+", "\\", ")"]),
        (7, ["setAttr", "1/2", "/", "3"]),
        (9, ["select", "-ne", ":time1", ":time2"]),
        (10, []),
    ]


def test_statements_of_mayas_files_are_those_of_another_reader(shared_data: Path) -> None:
    for path in maya_files(shared_data):
        theirs = [
            [word[0] if isinstance(word, tuple) else word for word in words]
            for words in statements(path.read_text(encoding="latin-1"))
        ]
        ours = [one.words() for one in maya_statements.maya_statements(path)]
        assert ours == theirs, path


def test_a_scene_far_larger_than_memory_should_be_is_read_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "a.ma"
    vertices = '\tsetAttr -s 100 ".vt[0:99]" ' + " ".join(["0.25 -1.5 3.125"] * 100) + ";\n"
    with path.open("w") as stream:
        stream.write(scene_of('createNode mesh -n "m";\n'))
        for _ in range(8_000):
            stream.write(vertices)
        stream.write(curve())
    size = path.stat().st_size
    assert size > 12_000_000
    tracemalloc.start()
    try:
        read = read_maya_ascii(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert read.keys["c"].count == 2 and peak < size / 2


# Files that are none, or mean harm


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r":1: begins with ''; expected '//Maya ASCII '"),
        ("FOR4\x00\x00", r":1: begins with 'FOR4.*save the scene as Maya ASCII"),
        (scene_of(curve(keys='".ktv[0:1]"  1 0.5 9')), r":6: c\.ktv\[0:1\] has 3 numbers; expected 4"),
        (scene_of(curve(keys='".ktv[0:999999999999]"  1 0.5')), r":6: c\.ktv\[0:999999999999\] has 2 numbers"),
        (scene_of(curve(keys='".ktv[5:1]"  1 0.5')), r":6: c\.ktv\[5:1\] has 2 numbers; expected -6"),
        (scene_of(curve(keys='".ktv[0]"  1 nan')), r":6: c\.ktv: expected finite numbers"),
        (scene_of(curve(keys='".ktv[0]"  1 1e999')), r":6: c\.ktv: expected finite numbers"),
        (scene_of(curve(keys='".ktv[0]"  1 $x')), r":6: c\.ktv: could not convert .*expected numbers"),
        (scene_of(curve(keys='".ktv[0]"  1 `system("id")`')), r":6: c\.ktv: could not convert .*expected numbers"),
        (scene_of(curve(keys='".ktv[0]"')), r":6: c\.ktv: expected finite numbers"),
        (scene_of(curve(keys='".ktv[0:1]"  9 1 1 0.5')), r":4: curve c: a key at 1 follows one at 9"),
        (scene_of(curve(keys='".ktv[0]"  9 1e308'), units="-l mile"), r":4: curve c: values beyond what a number"),
        (scene_of(curve(more='\tsetAttr ".kix[0]" 0 0;\n')), r":7: c\.kix\[0:0\] has 2 numbers; expected 1"),
        (scene_of(curve(), units="-t fortnight"), r":3: currentUnit -t fortnight: no unit of Maya's"),
        (scene_of(curve(), units="-l 1"), r":3: currentUnit -l 1: no unit of Maya's"),
        (scene_of(curve()) + 'setAttr ".b" "never closed;\n', r":7: a string without end"),
        (scene_of(curve()) + "setAttr /* never closed;\n", r":7: a comment without end"),
        (scene_of(curve())[:-3], r":6: a statement without end"),
    ],
)
def test_a_bad_file_is_refused_in_one_line_that_names_the_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SfpError, match=message) as caught:
        read_text(tmp_path, text)
    said = str(caught.value)
    assert said.startswith(str(tmp_path / "a.ma") + ":") and "\n" not in said and len(said) < 300


def test_what_is_not_there_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match="no such file"):
        read_maya_ascii(tmp_path / "no.ma")
    with pytest.raises(SfpError, match="cannot be read"):
        read_maya_ascii(tmp_path)


def test_any_cut_and_any_broken_byte_is_read_or_refused_in_one_line(tmp_path: Path) -> None:
    small = replace(some_take(), channels=some_take().channels[1:4])
    raw = write_maya_ascii(tmp_path / "a.ma", small).read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(raw), 60).tolist():
        for bad in (raw[:place], raw[:place] + bytes(rng.integers(0, 256, 3).tolist()) + raw[place + 1 :]):
            (tmp_path / "b.ma").write_bytes(bad)
            try:
                read_maya_ascii(tmp_path / "b.ma")
            except SfpError as error:
                assert "\n" not in str(error) and len(str(error)) < 600
