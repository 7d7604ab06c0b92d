"""`.anim` files: what we write, seen by another reader, and what we read of ours and of other programs' files."""

import logging
import math
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sfp_core.curves.loose import LooseCurves
from sfp_core.curves.loose import take_of as take_of_curves
from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.take import Layer, Take
from sfp_core.errors import SfpError
from sfp_core.formats.maya_anim import read_maya_anim, write_maya_anim
from sfp_core.rig import Keys
from tests.formats.anim_reader import read_anim
from tests.formats.random_keys import channel, random_keys, take_of

PLAIN = ("auto", "linear", "flat", "step", "stepnext", "spline", "clamped", "plateau")


def some_take(fps: Fraction = Fraction(24), *, fixed: bool = True) -> Take:
    rng = np.random.default_rng(7)
    kinds = (*PLAIN, "fixed") if fixed else PLAIN
    return take_of(
        channel("jaw.ty", random_keys(rng, 60, kinds=kinds, limits=(-1.0, 1.0)), (-1.0, 1.0), unit="linear"),
        channel("jaw.rx", random_keys(rng, 40, kinds=kinds, limits=(-30.0, 30.0)), (-30.0, 30.0), unit="angle_deg"),
        channel("jaw.open", random_keys(rng, 1, kinds=kinds), unit="none"),
        channel("rest.ty", None, neutral=0.8, unit="linear"),
        channel("lid.sx", random_keys(rng, 9, kinds=kinds), unit="none"),
        frames=400,
        fps=fps,
    )


def keys_of(take: Take, name: str) -> Keys:
    return next(one.keys for one in take.channels if one.controller == name)


def same_keys(read: Keys, written: Keys, *, start: float = 0.0, scale: float = 1.0) -> None:
    """Bit for bit, but for slopes, which go through angles; only those of fixed tangents mean something."""
    assert read.frames.tolist() == (start + written.frames * scale).tolist()
    assert read.values.tolist() == written.values.tolist()
    assert (read.in_types, read.out_types) == (written.in_types, written.out_types)
    for kinds, ours, theirs in (
        (written.in_types, read.in_slopes, written.in_slopes),
        (written.out_types, read.out_slopes, written.out_slopes),
    ):
        wanted = np.where(np.array(kinds) == "fixed", theirs, 0.0)
        assert ours == pytest.approx(wanted, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("start", [0, 1001])
def test_another_reader_sees_every_key_bit_for_bit(tmp_path: Path, start: int) -> None:
    take = some_take()
    header, entries = read_anim(write_maya_anim(tmp_path / "a.anim", take, start_frame=start).read_text("utf-8"))
    assert header == {
        "animVersion": "1.1",
        "mayaVersion": "2022",
        "timeUnit": "film",
        "linearUnit": "cm",
        "angularUnit": "deg",
        "startTime": str(start),
        "endTime": str(start + 399),
    }
    assert [(full, own, node, index) for full, own, node, _, _, index, *_ in entries] == [
        ("translate.translateY", "translateY", "jaw", "0"),
        ("rotate.rotateX", "rotateX", "jaw", "1"),
        ("open", "open", "jaw", "2"),
        (None, None, "rest", "0"),  # nothing moves it, but nodes are matched by their order
        ("scale.scaleX", "scaleX", "lid", "0"),
    ]
    kept = [one for one in take.channels if one.keys.count]
    outputs = ["linear", "angular", "unitless", "unitless"]
    for one, output, entry in zip(kept, outputs, [e for e in entries if e[0]], strict=True):
        *_, settings, keys = entry
        assert settings == {
            "input": "time",
            "output": output,
            "weighted": "0",
            "preInfinity": "constant",
            "postInfinity": "constant",
        }
        assert [key[0] for key in keys] == (one.keys.frames + start).tolist()
        assert [key[1] for key in keys] == one.keys.values.tolist()
        assert [key[2:4] for key in keys] == list(zip(one.keys.in_types, one.keys.out_types, strict=True))
        for key, slope_in, slope_out in zip(keys, one.keys.in_slopes, one.keys.out_slopes, strict=True):
            slopes = {"in": slope_in, "out": slope_out}
            for side, angle in key[5].items():
                assert math.tan(math.radians(angle)) * 24 == pytest.approx(slopes[side], rel=1e-10)
            alone = key[2] != key[3] or (key[2] == "fixed" and slope_in != slope_out)
            assert key[4] == ("0" if alone else "1")


def test_a_slope_of_one_unit_a_frame_is_45_degrees_also_for_rotations(tmp_path: Path) -> None:
    fixed, slopes = ("fixed", "fixed"), np.array([30.0, -30.0])
    keys = Keys(np.array([0.0, 9]), np.zeros(2), fixed, fixed, slopes, slopes)
    take = take_of(channel("a.tx", keys, unit="linear"), channel("a.rx", keys, unit="angle_deg"), fps=Fraction(30))
    _, entries = read_anim(write_maya_anim(tmp_path / "a.anim", take).read_text("utf-8"))
    for *_, found in entries:
        assert [key[5]["in"] for key in found] == pytest.approx([45.0, -45.0], abs=1e-12)


def test_fixed_tangents_are_told_and_others_are_not(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_maya_anim(tmp_path / "a.anim", some_take(fixed=False))
    assert caplog.messages == []
    write_maya_anim(tmp_path / "a.anim", some_take())
    assert re.search(r"a\.anim: \d+ keys with fixed tangents; no Maya has confirmed", caplog.messages[0])


@pytest.mark.parametrize("start", [0, 1001])
@pytest.mark.parametrize("fps", ["24", "24000/1001", "25", "60000/1001", "120"])
def test_written_and_read_back_the_keys_are_the_same(tmp_path: Path, fps: str, start: int) -> None:
    take = some_take(Fraction(fps))
    read = read_maya_anim(write_maya_anim(tmp_path / "a.anim", take, start_frame=start, namespace="shot:mery"))
    assert read.fps == take.fps and read.start_frame == start and read.sound is None
    assert list(read.keys) == ["jaw.ty", "jaw.rx", "jaw.open", "lid.sx"]
    assert read.units == {"jaw.ty": "linear", "jaw.rx": "angle_deg", "jaw.open": "none", "lid.sx": "none"}
    for name, keys in read.keys.items():
        same_keys(keys, keys_of(take, name), start=start)
    moved = take_of_curves(read)
    if start == 0:
        assert keys_of(moved, "jaw.ty").frames.tolist() == keys_of(take, "jaw.ty").frames.tolist()


def test_a_rate_without_a_word_keeps_its_timing_and_its_motion(tmp_path: Path) -> None:
    take = some_take(Fraction(72))
    read = read_maya_anim(write_maya_anim(tmp_path / "a.anim", take, start_frame=10))
    assert read.fps == 75
    seconds = np.linspace(0.0, 5.0, 400)
    for name, keys in read.keys.items():
        ours = evaluate(keys_of(take, name), seconds * 72, Fraction(72))
        assert evaluate(keys, 10 + seconds * 75, Fraction(75)) == pytest.approx(ours, abs=1e-9)


def test_layers_are_merged_and_hostile_names_are_those_of_the_group(tmp_path: Path) -> None:
    auto = ("auto",) * 3
    keys = Keys(np.array([0.0, 10, 20]), np.array([0.0, 0.4, 0.0]), auto, auto, np.zeros(3), np.zeros(3))
    names = ['a"; system("rm -rf /"); //.ty', "browInnerUp", "a b.ty", "a_b.ty", "x {\n}.v"]
    base = take_of(*(channel(name, keys, unit="linear") for name in names))
    layers = (Layer("speech"), Layer("more", 0.5))
    take = replace(base, layers=layers, channels=(*base.channels, replace(base.channels[1], layer="more")))
    _, entries = read_anim(write_maya_anim(tmp_path / "a.anim", take).read_text("utf-8"))
    assert [(own, node) for _, own, node, *_ in entries] == [
        ("translateY", "a___system__rm__rf________"),
        ("browInnerUp", "toon_face"),
        ("translateY", "a_b"),
        ("ty2", "a_b"),
        ("v_", "x____"),
    ]
    assert dict((key[0], key[1]) for key in entries[1][-1])[10.0] == pytest.approx(0.6, abs=1e-12)


def test_what_cannot_be_written_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    keys = random_keys(np.random.default_rng(0), 3, kinds=("auto",))
    take = take_of(channel("a.tx", keys), channel("a.translateX", keys))
    with pytest.raises(SfpError, match=r"a\.tx is there 2 times"):
        write_maya_anim(tmp_path / "a.anim", take)
    with pytest.raises(SfpError, match="namespace 'a;b'"):
        write_maya_anim(tmp_path / "a.anim", some_take(), namespace="a;b")
    assert list(tmp_path.iterdir()) == []


def text_of(keys: str, *, head: str = "", output: str = "linear", name: str = "translate.translateY translateY") -> str:
    return (
        f"animVersion 1.1;\nmayaVersion 2013 x64;\n{head}anim {name} mery:jaw 0 1 0;\nanimData {{\n"
        f"  input time;\n  output {output};\n  weighted 0;\n  preInfinity constant;\n  postInfinity linear;\n"
        f"  keys {{\n{keys}  }}\n}}\n"
    )


def read_text(tmp_path: Path, text: str, **options: str) -> LooseCurves:
    path = tmp_path / "take.anim"
    path.write_text(text, encoding="utf-8", newline="")
    return read_maya_anim(path, **options)


AUTODESK = text_of("    1 0 auto auto 1 1 0;\n    10 -0.48952813 spline step 1 1 0;\n", head="timeUnit pal;\n")


@pytest.mark.parametrize(
    "text",
    [
        AUTODESK,
        AUTODESK.replace("\n", "\r\n"),
        AUTODESK.replace(";\n", "; // said\n").replace("animVersion", "# by hand\n// and more\nanimVersion"),
        AUTODESK.replace("timeUnit pal;", "timeUnit pal").replace("animData {", "animData\n{"),
        re.sub(r"\s+", " ", AUTODESK),
        AUTODESK + "anim mery:jawShape 1 0 0;\nanim mery:lid 0 0 0;\n",
        AUTODESK.replace("1 1 0;", "1 1;").replace("animVersion 1.1", "animVersion 1.0"),
        "\ufeff" + AUTODESK,
    ],
    ids=["plain", "crlf", "comments", "loose", "one-line", "place-holders", "version-1.0", "bom"],
)
def test_forms_that_other_programs_write(tmp_path: Path, text: str) -> None:
    read = read_text(tmp_path, text)
    assert read.fps == 25 and list(read.keys) == ["jaw.ty"]
    keys = read.keys["jaw.ty"]
    assert keys.frames.tolist() == [1, 10] and keys.values.tolist() == [0, -0.48952813]
    assert (keys.in_types, keys.out_types) == (("auto", "spline"), ("auto", "step"))


@pytest.mark.parametrize(
    ("head", "output", "unit", "factor"),
    [
        ("linearUnit m;\n", "linear", "linear", 100.0),
        ("linearUnit in;\n", "linear", "linear", 2.54),
        ("linearUnit ft;\nangularUnit rad;\n", "unitless", "none", 1.0),
        ("angularUnit rad;\n", "angular", "angle_deg", 180 / math.pi),
        ("linearUnit mm;\n", "linear;\n  outputUnit m", "linear", 100.0),
    ],
)
def test_units_become_centimetres_and_degrees(tmp_path: Path, head: str, output: str, unit: str, factor: float) -> None:
    angle = 0.5 if "rad" in head else math.degrees(0.5)
    keys = f"  0 0.25 fixed linear 1 1 0 {angle!r} 1;\n  4 1 flat fixed 1 1 0 {-angle!r} 1;\n"
    read = read_text(tmp_path, text_of(keys, head=f"timeUnit ntsc;\n{head}", output=output))
    assert read.units == {"jaw.ty": unit}
    assert read.keys["jaw.ty"].values == pytest.approx([0.25 * factor, factor], rel=1e-15)
    slope = math.tan(0.5) * 30 * factor
    assert read.keys["jaw.ty"].in_slopes == pytest.approx([slope, 0.0], rel=1e-12)
    assert read.keys["jaw.ty"].out_slopes == pytest.approx([0.0, -slope], rel=1e-12)


@pytest.mark.parametrize(
    ("word", "rate"),
    [
        *(("film", "24"), ("23.976fps", "24000/1001"), ("29.97fps", "30000/1001"), ("119.88fps", "120000/1001")),
        *(("72fps", "72"), ("12.5fps", "25/2"), ("44100fps", "44100"), ("sec", "1"), ("millisec", "1000")),
    ],
)
def test_time_units(tmp_path: Path, word: str, rate: str) -> None:
    read = read_text(tmp_path, text_of("  0 0 auto auto;\n", head=f"timeUnit {word};\nstartTime 0.5;\n"))
    assert (read.fps, read.start_frame) == (Fraction(rate), 0.5)


def test_words_and_weights_that_we_have_not_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    keys = "  0 0 global slow 1 1 0;\n  1 1 fast fixed 0 0 0 45 3.5;\n"
    read = read_text(tmp_path, text_of(keys, head="timeUnit film;\n").replace("weighted 0", "weighted 1"))
    assert read.keys["jaw.ty"].in_types == ("auto", "spline")
    assert read.keys["jaw.ty"].out_types == ("spline", "fixed")
    assert read.keys["jaw.ty"].out_slopes[1] == pytest.approx(24.0)
    told = " ".join(caplog.messages)
    for what in ("weighted curves; slopes are kept", "global; read as auto", "slow; read as spline", "fast; read as"):
        assert what in told


def test_an_upright_tangent_is_steep_and_finite(tmp_path: Path) -> None:
    keys = "  0 0 fixed fixed 1 1 0 90 1 -90 1;\n  1 1 fixed auto 1 1 0 170 1;\n"
    read = read_text(tmp_path, text_of(keys)).keys["jaw.ty"]
    assert read.in_slopes[0] == pytest.approx(24 * 5729577.9485111479, rel=1e-6)
    assert read.out_slopes[0] == -read.in_slopes[0]
    assert np.isfinite(read.in_slopes).all()


def test_curves_that_are_not_numbers_over_time_are_left_out_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    driven = text_of("  0 0 auto auto;\n").replace("input time", "input unitless")
    warp = AUTODESK.partition("anim ")[2].replace("output linear", "output time").replace("jaw", "time1")
    read = read_text(tmp_path, f"{driven}anim {warp}")
    assert read.keys == {}
    assert "2 curves that are not numbers over time" in caplog.text


def test_namespaces_are_left_out_unless_two_characters_would_be_one(tmp_path: Path) -> None:
    other = AUTODESK.partition("anim ")[2].replace("mery:", "bob:").replace(" 0 auto", " 0.5 auto")
    both = f"{AUTODESK}anim {other}"
    assert list(read_text(tmp_path, both).keys) == ["mery:jaw.ty", "bob:jaw.ty"]
    bob = read_text(tmp_path, both, namespace="bob").keys
    assert list(bob) == ["jaw.ty"] and bob["jaw.ty"].values[0] == 0.5
    with pytest.raises(SfpError, match=r"mery:jaw\.ty has 2 curves"):
        read_text(tmp_path, AUTODESK + "anim " + AUTODESK.partition("anim ")[2])


GOOD = text_of("  0 0 auto auto 1 1 0;\n  1 1 auto auto 1 1 0;\n", head="timeUnit film;\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r":1: does not begin with animVersion"),
        ("//Maya ASCII 2022 scene\n", r":1: does not begin with animVersion"),
        ("PK\x03\x04\x00", r":1: does not begin with animVersion"),
        (GOOD.replace("1.1", "2.0"), r":1: animVersion 2\.0; expected 1\.0 or 1\.1"),
        (GOOD.replace("film", "fortnight"), r":3: timeUnit 'fortnight'"),
        (GOOD.replace("film", "1e9999fps"), r":3: timeUnit '1e9999fps'"),
        (GOOD.replace("film", "0fps"), r":3: timeUnit '0fps'"),
        (GOOD.replace("timeUnit film", "linearUnit parsec"), r":3: linearUnit 'parsec'; expected one of mm"),
        (GOOD.replace("  1 1 auto", "  1 nan auto"), r":13: 'nan'; expected a finite number"),
        (GOOD.replace("  1 1 auto", "  1 1e999 auto"), r":13: '1e999'; expected a finite number"),
        (GOOD.replace("  1 1 auto", "  x 1 auto"), r":13: 'x'; expected a finite number"),
        (GOOD.replace("  1 1 auto", "  0 1 auto"), r":13: a key at 0 follows one at 0"),
        (GOOD.replace("  1 1 auto auto 1 1 0", "  1 1 auto"), r":13: a key of 3 words"),
        (GOOD.replace("  1 1 auto", "  1 1 wobbly"), r":13: tangent 'wobbly'; expected one of auto"),
        (GOOD.replace("  1 1 auto", "  1 1 fixed"), r":13: a fixed tangent without angle"),
        (GOOD.replace("output linear", "output colour"), r":5: output 'colour'"),
        (GOOD.replace("mery:jaw 0 1 0", "mery:jaw 0"), r":4: anim with 4 words"),
        (GOOD.replace("anim translate.translateY translateY mery:jaw 0 1 0;\n", ""), r":4: animData without an anim"),
        (GOOD.replace("keys {", "keyz {"), r":11: 'keyz' in animData"),
        (GOOD.replace("  1 1 auto auto 1 1 0;", "  1 1 { ;"), r":13: a brace among keys"),
        (GOOD[:-4], r":5: animData without end; the file may be cut off"),
        (GOOD[:-8], r":5: animData without end; the file may be cut off"),
        (GOOD + "}", r":16: '}'; expected anim or animData"),
    ],
)
def test_a_bad_file_is_refused_in_one_line_that_names_the_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SfpError, match=message) as caught:
        read_text(tmp_path, text)
    said = str(caught.value)
    assert said.startswith(str(tmp_path / "take.anim") + ":") and "\n" not in said and len(said) < 400


def test_what_is_not_there_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match="no such file"):
        read_maya_anim(tmp_path / "no.anim")
    (tmp_path / "clip.anim").mkdir()
    with pytest.raises(SfpError, match="a folder, as Studio Library's clips are"):
        read_maya_anim(tmp_path / "clip.anim")


def test_any_cut_of_a_file_is_read_or_refused_in_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    text = write_maya_anim(tmp_path / "a.anim", replace(some_take(), channels=some_take().channels[2:])).read_text()
    for length in range(0, len(text), 17):
        try:
            read_text(tmp_path, text[:length])
        except SfpError as error:
            assert "\n" not in str(error)
