"""Plain tables of curves: every digit, every frame, and rates that the rows tell."""

import csv
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sfp_core.curves.loose import take_of
from sfp_core.curves.take import Layer, Take, build_take
from sfp_core.errors import SfpError
from sfp_core.formats.curves_csv import read_curves_csv, write_curves_csv
from sfp_core.rig import ControllerCurves, ControllerSpec, RigSpec

RIG = RigSpec(
    "test",
    (
        ControllerSpec("jaw.ty", -1.0, 0.0, 0.0),
        ControllerSpec("up_lid, left.ty", 0.0, 1.0, 0.8),
        ControllerSpec("head.rx", -30.0, 30.0, 5.0, "angle_deg"),
    ),
)
RATES = ("24", "24000/1001", "25", "30000/1001", "48", "60000/1001", "25/2", "37/3")


def acted(fps: str = "24", frames: int = 73) -> Take:
    values = RIG.from_unit(np.random.default_rng(1).uniform(0.05, 0.95, (frames, 3)).cumsum(axis=0) % 1)
    speech = build_take(ControllerCurves(RIG, Fraction(fps), 0.0, values))
    return Take("test", speech.fps, frames, None, (Layer("speech", 0.7),), speech.channels)


@pytest.mark.parametrize("fps", RATES)
def test_each_row_is_a_frame_with_exact_digits(tmp_path: Path, fps: str) -> None:
    take = acted(fps)
    with write_curves_csv(tmp_path / "a.csv", take, start_frame=-5).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["frame", "seconds", *RIG.names]
    assert [int(row[0]) for row in rows[1:]] == list(range(-5, 68))
    assert [float(row[1]) for row in rows[1:]] == [float(frame / Fraction(fps)) for frame in range(73)]
    assert np.array_equal([[float(cell) for cell in row[2:]] for row in rows[1:]], take.curves(RIG).values)


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("start", [-5, 0, 1001])
def test_what_was_written_reads_back_bit_for_bit(tmp_path: Path, fps: str, start: int) -> None:
    take = acted(fps)
    curves = read_curves_csv(write_curves_csv(tmp_path / "a.csv", take, start_frame=start))
    assert (curves.fps, curves.start_frame) == (take.fps, start)
    read = take_of(curves, rig=RIG)
    assert read.frames == take.frames
    assert np.array_equal(read.curves(RIG).values, take.curves(RIG).values)


@pytest.mark.parametrize("fps", RATES)
def test_an_hour_does_not_drift(tmp_path: Path, fps: str) -> None:
    frames = [0, 1, int(3600 * Fraction(fps))]
    rows = [f"{frame},{float(frame / Fraction(fps))!r},{value}" for value, frame in enumerate(frames)]
    (tmp_path / "a.csv").write_text("\n".join(["frame,seconds,a", *rows]))
    curves = read_curves_csv(tmp_path / "a.csv")
    assert curves.fps == Fraction(fps)
    assert curves.keys["a"].frames.tolist() == frames


def test_seconds_of_three_digits_tell_the_simple_rate(tmp_path: Path) -> None:
    rows = [f"{frame},{frame / 24:.3f},{frame % 2}" for frame in range(200)]
    (tmp_path / "a.csv").write_bytes("\r\n".join(["\ufeffFrame,Seconds,a", *rows]).encode())
    curves = read_curves_csv(tmp_path / "a.csv")
    assert (curves.fps, curves.start_frame) == (24, 0)


def test_missing_rows_keep_their_time_and_still_values_need_no_keys(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("frame,seconds,a,b\n10,0,1,3\n11,0.04,1,3\n15,0.2,2,3\n16,0.24,2,3\n")
    curves = read_curves_csv(tmp_path / "a.csv")
    assert (curves.fps, curves.start_frame) == (25, 10)
    assert (curves.keys["a"].frames.tolist(), curves.keys["a"].values.tolist()) == ([11, 15], [1, 2])
    assert (curves.keys["b"].frames.tolist(), curves.keys["b"].values.tolist()) == ([10], [3])
    assert take_of(curves).frames == 6


def test_without_seconds_the_rate_must_be_given(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("frame,a\n0,1\n1,2\n")
    assert read_curves_csv(tmp_path / "a.csv", fps=Fraction(25)).fps == 25
    with pytest.raises(SfpError, match="the rate is not told"):
        read_curves_csv(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time,a\n0,1\n", r":1: first column is 'time'; expected 'frame'"),
        ("frame,seconds\n0,0\n1,1\n", r":1: columns \[\] are there twice or have no name"),
        ("frame,seconds,a,a\n0,0,1,1\n1,1,1,1\n", r":1: columns \['a'\]"),
        ("frame,seconds,a\n1,0,1\n1,1,1\n", r":3: frame 1 after 1; expected rising frames"),
        ("frame,seconds,a\n0,0,1\n1,1,x\n2,2,1\n", r":3: a: 'x'; expected a finite number"),
        ("frame,seconds,a\n0,0,1\n1,5,1\n2,2,1\n", r":3: frame 1 at 5 s; expected 1 s at 1 frames a second"),
        ("frame,seconds,a\n0,0,1\n1,0,1\n", "the rate is not told"),
    ],
)
def test_what_cannot_be_read_is_named_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(SfpError, match=message) as caught:
        read_curves_csv(tmp_path / "a.csv")
    assert "\n" not in str(caught.value)


def test_a_take_that_moves_nothing_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match="no controllers"):
        write_curves_csv(tmp_path / "a.csv", Take("test", Fraction(24), 3, None, (), ()))
    assert not list(tmp_path.iterdir())
