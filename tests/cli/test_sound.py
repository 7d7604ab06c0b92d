"""`sfp phones` and `sfp landmarks`."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sfp_core.speech import read_phones
from sfp_core.speech.phones import ARPABET


@pytest.mark.parametrize("name", ["line.TextGrid", "line.json"])
def test_phones_of_the_built_in_line(sfp: Callable, tmp_path: Path, line: Path, line_text: str, name: str) -> None:
    done = sfp("phones", line, "--transcript", line_text, "-o", tmp_path / name)
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith(f"sfp: wrote {tmp_path / name}: ")
    track = read_phones(tmp_path / name)
    spoken = [word.strip(".,!?").lower() for word in line_text.split()]
    assert [word.text for word in track.words if word.text] == spoken
    assert float(track.seconds) == pytest.approx(6.979125, abs=1e-6)
    assert {phone.symbol for phone in track.phones} <= {*ARPABET, ""}


def test_both_formats_hold_the_same_phones(sfp: Callable, tmp_path: Path, line: Path, line_text: str) -> None:
    for name in ("line.TextGrid", "line.json"):
        assert sfp("phones", line, "--transcript", line_text, "-o", tmp_path / name).code == 0
    grid, other = (read_phones(tmp_path / name).phones for name in ("line.TextGrid", "line.json"))
    assert [phone.symbol for phone in grid] == [phone.symbol for phone in other]
    assert np.allclose([p.start_seconds for p in grid], [p.start_seconds for p in other], atol=1e-5)


def test_a_corrected_textgrid_is_believed(sfp: Callable, tmp_path: Path, line: Path, line_text: str) -> None:
    grid = tmp_path / "line.TextGrid"
    assert sfp("phones", line, "--transcript", line_text, "-o", grid).code == 0
    assert sfp("animate", line, "--phones", grid, "--no-preview", "-o", tmp_path / "take").code == 0
    summary = json.loads((tmp_path / "take" / "summary.json").read_text(encoding="utf-8"))
    assert summary["rung"] == "file"


def test_unknown_words_are_pronounced_and_told(sfp: Callable, tmp_path: Path, line: Path) -> None:
    done = sfp("phones", line, "--transcript", "hello I am a blorfig made of numbers", "-o", tmp_path / "a.json")
    assert done.code == 0
    assert "sfp: warning: words not in the dictionary, pronounced by rule: blorfig\n" in done.err


def test_landmarks_are_as_in_the_contract(sfp: Callable, tmp_path: Path, line: Path) -> None:
    done = sfp("landmarks", line, "--fps", "23.976", "-o", tmp_path / "line.npz")
    assert done.code == 0, done.err
    with np.load(tmp_path / "line.npz", allow_pickle=False) as content:
        frames = int(6.979125 * 24000 / 1001) + 1
        assert content["points"].shape == (frames, 98, 2)
        assert content["confidence"].shape == (frames, 98)
        assert content["head_deg"].shape == (frames, 3)
        assert str(content["fps"]) == "24000/1001"
        assert (str(content["layout"]), str(content["space"])) == ("wflw98", "canonical")
        assert isinstance(json.loads(str(content["info"])), dict)
        eyes = content["points"][:, [60, 72]]
        assert np.allclose(eyes.mean(axis=1), 0.0, atol=1e-9)  # eye centre at the origin
        assert np.allclose(eyes[:, 1] - eyes[:, 0], [1.0, 0.0], atol=1e-9)  # corners 1 apart and level


def test_the_same_seed_gives_the_same_landmarks(sfp: Callable, tmp_path: Path, line: Path) -> None:
    points = []
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        assert sfp("landmarks", line, "--seed", seed, "-o", tmp_path / f"{name}.npz").code == 0
        with np.load(tmp_path / f"{name}.npz", allow_pickle=False) as content:
            points.append(content["points"])
    assert np.array_equal(points[0], points[1])
    assert not np.array_equal(points[0], points[2])


@pytest.mark.parametrize("command", ["phones", "landmarks"])
def test_another_suffix_is_refused(sfp: Callable, tmp_path: Path, line: Path, command: str) -> None:
    done = sfp(command, line, "-o", tmp_path / "line.srt")
    assert done.code == 1
    assert done.err.startswith(f"sfp: error: {tmp_path / 'line.srt'}: ")
    assert list(tmp_path.iterdir()) == []
