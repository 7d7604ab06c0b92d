"""The CSV of Live Link Face: what is written, against the app's own header and SMPTE's counting; and what is read."""

import csv
import random
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sfp_core.curves.loose import take_of
from sfp_core.curves.take import Channel, Layer, Take, build_take
from sfp_core.errors import SfpError
from sfp_core.formats.live_link import COLUMNS, read_live_link, write_live_link
from sfp_core.formats.timecodes import code_of_frame
from sfp_core.heads.actions import ARKIT_52
from sfp_core.rig import ControllerCurves, ControllerSpec, Keys, RigSpec
from sfp_core.rigs.arkit import arkit_rig

NTSC_30 = Fraction(30000, 1001)
# The first line of a file that the app recorded, but for the newer spelling of the second column.
HEADER = (
    "Timecode,BlendshapeCount,EyeBlinkLeft,EyeLookDownLeft,EyeLookInLeft,EyeLookOutLeft,EyeLookUpLeft,EyeSquintLeft,"
    "EyeWideLeft,EyeBlinkRight,EyeLookDownRight,EyeLookInRight,EyeLookOutRight,EyeLookUpRight,EyeSquintRight,"
    "EyeWideRight,JawForward,JawRight,JawLeft,JawOpen,MouthClose,MouthFunnel,MouthPucker,MouthRight,MouthLeft,"
    "MouthSmileLeft,MouthSmileRight,MouthFrownLeft,MouthFrownRight,MouthDimpleLeft,MouthDimpleRight,MouthStretchLeft,"
    "MouthStretchRight,MouthRollLower,MouthRollUpper,MouthShrugLower,MouthShrugUpper,MouthPressLeft,MouthPressRight,"
    "MouthLowerDownLeft,MouthLowerDownRight,MouthUpperUpLeft,MouthUpperUpRight,BrowDownLeft,BrowDownRight,BrowInnerUp,"
    "BrowOuterUpLeft,BrowOuterUpRight,CheekPuff,CheekSquintLeft,CheekSquintRight,NoseSneerLeft,NoseSneerRight,"
    "TongueOut,HeadYaw,HeadPitch,HeadRoll,LeftEyeYaw,LeftEyePitch,LeftEyeRoll,RightEyeYaw,RightEyePitch,RightEyeRoll"
)


def acted(rig: RigSpec, *, frames: int = 50, fps: Fraction = Fraction(24)) -> Take:
    """A take in which every controller moves in a way of its own."""
    rng = np.random.default_rng(3)
    waves = np.sin(
        np.arange(frames)[:, None] * rng.uniform(0.1, 0.5, len(rig.names)) + rng.uniform(0, 6, len(rig.names))
    )
    values = rig.from_unit(0.5 + 0.4 * waves)
    return build_take(ControllerCurves(rig, fps, 0.0, values))


def spelled(rig: RigSpec, how: str) -> RigSpec:
    specs = (ControllerSpec(how.format(c.name), c.minimum, c.maximum, c.neutral, c.unit) for c in rig.controllers)
    return RigSpec(rig.name, tuple(specs))


def table(path: Path) -> tuple[list[str], list[list[str]]]:
    """Header and rows, read without any of our code."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    return rows[0], rows[1:]


def recording(path: Path, codes: Sequence[str], columns: Sequence[str] = COLUMNS, *, end: str = "\n") -> np.ndarray:
    """A file as the app leaves it; returns its values (rows, columns)."""
    values = np.round(np.random.default_rng(5).uniform(0, 1, (len(codes), len(columns))), 10)
    lines = [",".join(["Timecode", "BlendShapeCount", *columns])]
    lines += [
        f"{code},{len(columns)}," + ",".join(f"{v:.10f}" for v in row) for code, row in zip(codes, values, strict=True)
    ]
    path.write_bytes(end.join([*lines, ""]).encode())
    return values


def smpte(frame: int, nominal: int) -> str:
    """Non-drop code by counting, the long way."""
    hours, minutes, seconds = frame // nominal // 3600, frame // nominal // 60 % 60, frame // nominal % 60
    return f"{hours:02}:{minutes:02}:{seconds:02}:{frame % nominal:02}.000"


# Writing


def test_the_header_is_the_apps_own(tmp_path: Path) -> None:
    write_live_link(tmp_path / "a.csv", acted(arkit_rig("toon")))
    assert (tmp_path / "a.csv").read_text().splitlines()[0] == HEADER
    assert {name.casefold() for name in COLUMNS[:52]} == {name.casefold() for name in ARKIT_52}


@pytest.mark.parametrize("how", ["{}", "blendShape.{}", "Head_{}", "face_grp.{}"])
def test_every_frame_has_what_the_take_plays_there(tmp_path: Path, how: str) -> None:
    rig = spelled(arkit_rig("toon"), how)
    take = acted(rig)
    header, rows = table(write_live_link(tmp_path / "a.csv", take))
    played = take.curves(rig)
    assert len(rows) == take.frames
    assert {row[1] for row in rows} == {"61"}
    for name in ARKIT_52:
        column = [float(row[header.index(name[0].upper() + name[1:])]) for row in rows]
        expected = played.values[:, rig.index(how.format(name))]
        np.testing.assert_allclose(column, expected, rtol=0, atol=0.51e-10)  # ten decimals


def test_layers_are_added_up(tmp_path: Path) -> None:
    take = acted(arkit_rig("toon"))
    half = Take(take.rig, take.fps, take.frames, None, (Layer("speech", 0.5),), take.channels)
    header, rows = table(write_live_link(tmp_path / "a.csv", half))
    whole = take.curves(arkit_rig("toon")).values[:, ARKIT_52.index("jawOpen")]
    column = header.index("JawOpen")
    np.testing.assert_allclose([float(row[column]) for row in rows], whole / 2, rtol=0, atol=0.51e-10)


def test_sliders_become_coefficients_and_degrees_radians(tmp_path: Path) -> None:
    specs = [ControllerSpec(f"head.{name}", 0, 100, 0, "none") for name in ARKIT_52]
    rig = RigSpec("sliders", (*specs, ControllerSpec("neck.headPitch", -90, 90, 0, "angle_deg")))
    values = np.tile(rig.neutral, (2, 1))
    values[:, rig.index("head.jawOpen")], values[:, rig.index("neck.headPitch")] = 25.0, 30.0
    header, rows = table(write_live_link(tmp_path / "a.csv", build_take(ControllerCurves(rig, NTSC_30, 0.0, values))))
    assert float(rows[1][header.index("JawOpen")]) == 0.25
    assert float(rows[1][header.index("HeadPitch")]) == pytest.approx(np.pi / 6, abs=1e-10)


def test_of_several_meshes_the_one_that_is_keyed_counts(tmp_path: Path) -> None:
    take = acted(arkit_rig("toon"))
    still = Channel(
        "Teeth_jawOpen", "speech", "none", (0.0, 1.0), 0.0, Keys(np.empty(0), np.empty(0), (), (), *np.empty((2, 0)))
    )
    both = Take(take.rig, take.fps, take.frames, None, take.layers, (still, *take.channels))
    assert table(write_live_link(tmp_path / "a.csv", both)) == table(write_live_link(tmp_path / "b.csv", take))


def test_a_rig_without_arkits_names_is_refused_with_what_is_possible(tmp_path: Path) -> None:
    rig = RigSpec("panel", tuple(ControllerSpec(f"{name}.ty", -1, 1) for name in ("jaw", "brow", "lip")))
    with pytest.raises(SfpError, match=r"a\.csv: the controllers of panel .* --map, or export --to csv"):
        write_live_link(tmp_path / "a.csv", acted(rig))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("fps", "nominal"),
    [("24", 24), ("25", 25), ("30", 30), ("60", 60), ("24000/1001", 24), ("30000/1001", 30), ("60000/1001", 60)],
)
def test_time_codes_count_every_frame_once_without_drop(fps: str, nominal: int) -> None:
    for frame in [*range(nominal * 62), 107_892, 107_893, 24 * 3600 * nominal - 1]:
        assert code_of_frame(frame, Fraction(fps)) == smpte(frame, nominal)
    assert code_of_frame(24 * 3600 * nominal, Fraction(fps)) == "00:00:00:00.000"


def test_an_odd_rate_has_codes_between_frames_that_never_drift() -> None:
    for frame in (0, 1, 24, 25, 12_345, 45_000):
        hours, minutes, seconds, within = code_of_frame(frame, Fraction(25, 2)).split(":")
        time = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(within) / 13
        assert time == pytest.approx(frame / 12.5, abs=0.0005 / 13 + 1e-9)


def test_the_first_code_is_the_start_frame(tmp_path: Path) -> None:
    _, rows = table(write_live_link(tmp_path / "a.csv", acted(arkit_rig("toon")), start_frame=1001))
    assert [rows[0][0], rows[-1][0]] == ["00:00:41:17.000", "00:00:43:18.000"]
    with pytest.raises(SfpError, match="start frame -1"):
        write_live_link(tmp_path / "b.csv", acted(arkit_rig("toon")), start_frame=-1)


# Reading


@pytest.mark.parametrize(
    ("fps", "start"), [("24", 0), ("24000/1001", 1001), ("30000/1001", 0), ("60", 1001), ("25/2", 7), ("48", 0)]
)
def test_what_was_written_reads_back(tmp_path: Path, fps: str, start: int) -> None:
    take = acted(arkit_rig("toon"), fps=Fraction(fps), frames=130)
    write_live_link(tmp_path / "a.csv", take, start_frame=start)
    rig = arkit_rig("toon")
    read = take_of(read_live_link(tmp_path / "a.csv", fps=Fraction(fps)), rig=rig)
    assert (read.fps, read.frames) == (take.fps, take.frames)
    np.testing.assert_allclose(read.curves(rig).values, take.curves(rig).values, rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("fps", "found"), [("24", "24"), ("25", "25"), ("30000/1001", "30"), ("25/2", "25/2"), ("59", "59")]
)
def test_the_rate_is_told_from_the_codes(tmp_path: Path, fps: str, found: str) -> None:
    write_live_link(tmp_path / "a.csv", acted(arkit_rig("toon"), fps=Fraction(fps), frames=90))
    assert read_live_link(tmp_path / "a.csv").fps == Fraction(found)


def app_codes(rows: int, step: float = 1.99975, first: float = 47.169) -> list[str]:
    """Codes as in recordings of the app: 60 a second, 30 rows, a clock that is a little slow."""
    counts = first + step * np.arange(rows)
    return [f"12:{27 + int(c // 3600):02}:{int(c // 60) % 60:02}:{c % 60:06.3f}" for c in counts]


def test_a_recording_of_the_app_has_one_key_a_row(tmp_path: Path) -> None:
    values = recording(tmp_path / "a.csv", app_codes(300), end="\r\n")
    curves = read_live_link(tmp_path / "a.csv")
    assert (curves.fps, curves.start_frame) == (30, 0)
    jaw = curves.keys["jawOpen"]
    assert np.array_equal(jaw.frames, np.arange(300))
    assert np.array_equal(jaw.values, values[:, COLUMNS.index("JawOpen")])
    turn = curves.keys["HeadYaw"]
    np.testing.assert_allclose(turn.values, np.degrees(values[:, COLUMNS.index("HeadYaw")]), atol=1e-12)
    assert (curves.units["jawOpen"], curves.units["HeadYaw"]) == ("none", "angle_deg")


def test_a_slow_clock_adds_up_over_minutes_but_rows_never_jump_to_and_fro(tmp_path: Path) -> None:
    codes = app_codes(20_000, step=1.9995)
    recording(tmp_path / "a.csv", codes, ["JawOpen"])
    frames = read_live_link(tmp_path / "a.csv").keys["jawOpen"].frames
    true = 1.9995 * 19_999 / 60 * 30  # the last row's own time, 5 frames before row * 1 / 30
    assert abs(frames[-1] - true) <= 0.75
    left_out = 20_000 - len(frames)
    assert left_out == pytest.approx(5, abs=1)
    assert set(np.diff(frames)) == {1.0}  # no gaps; the row too many is left out


def test_gaps_keep_their_time_and_repeated_rows_are_one(tmp_path: Path) -> None:
    codes = app_codes(200, step=2.0)
    lost = {*range(50, 57), 99, 150, 151}
    kept = [code for row, code in enumerate(codes) if row not in lost]
    kept.insert(11, kept[10])
    recording(tmp_path / "a.csv", kept, ["jawopen", "mouthclose"])
    keys = read_live_link(tmp_path / "a.csv").keys
    assert set(keys) == {"jawOpen", "mouthClose"}
    assert np.array_equal(keys["jawOpen"].frames, [row for row in range(200) if row not in lost])


def test_rows_that_are_missing_where_a_second_ends_do_not_shorten_it(tmp_path: Path) -> None:
    rows = [row for row in range(63) if not 47 <= row <= 51]
    recording(tmp_path / "a.csv", [smpte(row, 25) for row in rows], ["JawOpen"])
    curves = read_live_link(tmp_path / "a.csv")
    assert (curves.fps, curves.keys["jawOpen"].frames.tolist()) == (25, rows)


def test_a_row_that_jitters_keeps_its_place(tmp_path: Path) -> None:
    rng = random.Random(2)
    codes = [f"00:00:{row // 30:02}:{row % 30 + rng.uniform(0, 0.3):06.3f}" for row in range(300)]
    recording(tmp_path / "a.csv", codes, ["JawOpen"])
    curves = read_live_link(tmp_path / "a.csv")
    assert curves.fps == 30
    assert np.array_equal(curves.keys["jawOpen"].frames, np.arange(300))


def test_drop_frame_codes_and_midnight_are_counted_through(tmp_path: Path) -> None:
    codes = []
    for minute in (58, 59, 0, 1):  # 23:58 to 00:01; at :58, :59 and :01 the codes 00 and 01 are left out
        hour = 23 if minute > 2 else 0
        numbers = range(0 if minute % 10 == 0 else 2, 1800)
        codes += [f"{hour:02}:{minute:02}:{n // 30:02};{n % 30:02}" for n in numbers]
    recording(tmp_path / "a.csv", codes, ["JawOpen"])
    curves = read_live_link(tmp_path / "a.csv")
    assert curves.fps == NTSC_30
    assert np.array_equal(curves.keys["jawOpen"].frames, np.arange(len(codes)))


def test_columns_in_any_order_and_case_with_a_byte_order_mark(tmp_path: Path) -> None:
    rows = [
        "TIMECODE, blendshapecount ,mouth_smile_L,note,Jaw Open",
        "00:00:00:00,2,0.25,hi,0.5",
        "00:00:00:01,2,0.5,,0.75",
    ]
    text = "\n".join(rows)
    (tmp_path / "a.csv").write_text("\ufeff" + text, encoding="utf-8")
    keys = read_live_link(tmp_path / "a.csv", fps=Fraction(30)).keys
    assert {name: one.values.tolist() for name, one in keys.items()} == {
        "mouthSmileLeft": [0.25, 0.5],
        "jawOpen": [0.5, 0.75],
    }


def test_a_last_row_that_broke_off_is_passed_over(tmp_path: Path) -> None:
    recording(tmp_path / "a.csv", app_codes(40))
    text = (tmp_path / "a.csv").read_text()
    (tmp_path / "a.csv").write_text(text[: text.rstrip().rindex(",") - 30])
    assert read_live_link(tmp_path / "a.csv").keys["jawOpen"].count == 39


def test_a_shape_that_never_moves_is_one_key(tmp_path: Path) -> None:
    take = acted(RigSpec("some", arkit_rig("x").controllers[:10]))
    keys = read_live_link(write_live_link(tmp_path / "a.csv", take)).keys
    assert (keys["tongueOut"].count, keys["tongueOut"].values.tolist()) == (1, [0.0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a table without rows"),
        ("Timecode,BlendShapeCount,JawOpen\n", "a table without rows"),
        ("Timecode,BlendShapeCount,width\n00:00:00:00,1,2\n", r":1: no column is a shape of ARKit"),
        ("Timecode,JawOpen\n00:00:00:00,0\nnow,0\n", r":3: time code 'now'; expected HH:MM:SS:FF"),
        ("Timecode,JawOpen\n00:00:02:00,0\n00:00:01:00,0\n", r":3: time code 00:00:01:00 after 00:00:02:00"),
        ("Timecode,JawOpen\n00:00:00:00,0\n00:00:00:01,open\n", r":3: JawOpen: 'open'; expected a finite number"),
        ("Timecode,JawOpen\n00:00:00:00,nan\n", r":2: JawOpen: 'nan'"),
        ("Timecode,JawOpen,jawOpen\n00:00:00:00,0,0\n", r":1: jawOpen has columns 2 and 3"),
        ("Timecode,JawOpen\n00:00:00:00\n00:00:00:01,0\n", r":2: 1 columns, but the header has 2"),
        ("JawOpen\n0\n", "no column 'Timecode', so the rate is unknown"),
    ],
)
def test_what_cannot_be_read_is_named_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(SfpError, match=message) as caught:
        read_live_link(tmp_path / "a.csv")
    assert "\n" not in str(caught.value)
