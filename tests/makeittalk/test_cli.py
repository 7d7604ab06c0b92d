"""`sfp-makeittalk`: what it writes and what it says."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from makeittalk_bridge.cli import main
from sfp_core.formats.landmarks_npz import read_landmarks_npz
from sfp_core.layout import IBUG_68
from sfp_core.rigs.procedural import ProceduralCharacter


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory, flat_folder: Path, second: np.ndarray) -> list[str]:
    """A second of speech and what belongs to it."""
    folder = tmp_path_factory.mktemp("given")
    soundfile.write(folder / "second.wav", second, 16000)
    character = ProceduralCharacter.named("toon")
    Image.fromarray(character.picture(character.rig.neutral)).save(folder / "toon.png")
    options = {"--makeittalk": flat_folder, "--still": folder / "toon.png", "--voice": flat_folder / "obama_emb.txt"}
    return [str(folder / "second.wav"), *(str(one) for pair in options.items() for one in pair)]


def test_landmarks_to_the_end_of_the_sound(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "talk.npz"
    assert main([*given, "-o", str(file)]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[-1] == f"sfp: wrote {file}: 63 frames at 125/2 fps"
    sequence = read_landmarks_npz(file)
    assert (sequence.layout, sequence.space, sequence.fps) == (IBUG_68, "canonical", Fraction(125, 2))
    assert sequence.frames == 16000 // 256 + 1
    assert sequence.head_deg is not None
    assert [event.start_seconds for event in sequence.events if event.kind == "blink"] == [30 / 62.5]
    assert sequence.info["source"] == "makeittalk"


def test_options_change_what_they_say(given: list[str], tmp_path: Path) -> None:
    made = {}
    for name, options in {
        "plain": [],
        "again": [],
        "no blinks": ["--no-blinks"],
        "head": ["--with-head"],
        "film": ["--fps", "24", "--with-head"],
    }.items():
        file = tmp_path / f"{name}.npz"
        assert main([*given, *options, "-o", str(file)]) == 0
        made[name] = read_landmarks_npz(file)
    assert np.array_equal(made["plain"].points, made["again"].points)
    assert made["no blinks"].events == ()
    assert (made["head"].space, made["head"].head_deg) == ("image", None)
    assert (made["film"].fps, made["film"].frames) == (Fraction(24), 24)
    times, seconds = np.arange(24) / 24, np.arange(63) / 62.5
    expected = np.interp(times, seconds, made["head"].points[:, 8, 1])
    assert np.abs(made["film"].points[:, 8, 1] - expected).max() < 1e-9


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-o", "talk.txt"], "talk.txt: landmarks are written as .npz, got .txt"),
        (["-o", "."], ".: is a folder; expected a file name"),
        (["-o", "talk.npz", "--fps", "0"], "frame rate '0': expected 1 to 1000 frames a second"),
        (["-o", "talk.npz", "--device", "warp"], "device warp: torch cannot use it here"),
        (["-o", "talk.npz", "--run-original", "python", "--seed", "3"], "--run-original and --voice: the original has"),
        (["-o", "talk.npz", "--makeittalk", "nowhere"], "nowhere: no such folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_bad_option_is_told_in_one_line_and_leaves_nothing(
    given: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*given, *options]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"sfp: error: {message}")
    assert list(tmp_path.iterdir()) == []


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sound.wav"]) == 2
    assert "--still" in capsys.readouterr().err
