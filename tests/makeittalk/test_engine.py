"""`sfp animate --engine makeittalk`, and 68 landmarks from a file: random networks, the real way through to keys."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from makeittalk_bridge.cli import main
from sfp_core.character.character import Character
from sfp_core.formats.curves_json import read_curves_json
from sfp_core.formats.landmarks_npz import write_landmarks_npz
from sfp_core.landmarks import LandmarkSequence
from sfp_core.layout import IBUG_68, WFLW_98, ibug68_from_wflw98
from sfp_core.rigs.panel import panel_rig
from sfp_core.rigs.procedural import ProceduralCharacter
from tests.makeittalk.layout import TEXTS, write_folder

TOON = panel_rig("toon")


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("still") / "santi.png"
    character = ProceduralCharacter.named("santi")
    Image.fromarray(character.picture(character.rig.neutral)).save(path)
    return path


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory, second: np.ndarray) -> Path:
    """A second of speech."""
    path = tmp_path_factory.mktemp("sound") / "second.wav"
    soundfile.write(path, second, 16000)
    return path


def _values(take: Path) -> np.ndarray:
    return read_curves_json(take / "take.curves.json").curves(TOON).values


def test_a_still_speaks_a_sound(sfp: Callable, tmp_path: Path, flat_folder: Path, still: Path, short: Path) -> None:
    take = tmp_path / "take"
    given = ("--engine", "makeittalk", "--makeittalk", flat_folder, "--still", still)
    ran = sfp("animate", short, *given, "--voice", flat_folder / "obama_emb.txt", "--no-preview", "-o", take)
    assert ran.code == 0, ran.err
    summary = json.loads((take / "summary.json").read_text(encoding="utf-8"))
    assert (summary["engine"], summary["fps"], summary["frames"]) == ("makeittalk", "24", 24)
    assert summary["warnings"] == []
    assert set(summary["stage_seconds"]) == {"landmarks", "motion", "keys", "files"}
    assert summary["rtf"] == pytest.approx(sum(summary["stage_seconds"].values()) / summary["seconds"], rel=0.02)
    assert np.ptp(_values(take)[:, TOON.index("jaw.ty")]) > 0.01  # it moves
    layers = [layer.name for layer in read_curves_json(take / "take.curves.json").layers]
    assert "makeittalk" in layers
    assert {"blinks", "brows"} <= set(layers)

    # The other way round, by a file of 68 landmarks, the same take.
    file = tmp_path / "talk.npz"
    made = main(
        [str(one) for one in (short, *given[2:], "--voice", flat_folder / "obama_emb.txt", "-o", file, "--seed", 0)]
    )
    assert made == 0
    again = tmp_path / "again"
    ran = sfp("animate", short, "--landmarks", file, "--fps", "24", "--no-preview", "-o", again)
    assert ran.code == 0, ran.err
    assert np.array_equal(_values(again), _values(take))


def test_without_a_still_the_character_itself_speaks_and_without_resemblyzer_a_voice_is_told(
    sfp: Callable, tmp_path: Path, flat_folder: Path, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("makeittalk_bridge.talking.find_spec", lambda name: None)
    take = tmp_path / "take"
    ran = sfp("animate", short, "--engine", "makeittalk", "--makeittalk", flat_folder, "--no-preview", "-o", take)
    assert ran.code == 0, ran.err
    summary = json.loads((take / "summary.json").read_text(encoding="utf-8"))
    assert len(summary["warnings"]) == 1
    assert summary["warnings"][0].startswith("the voice is not measured, because resemblyzer is not installed")
    assert summary["warnings"][0] in ran.err


@pytest.mark.parametrize("seconds", [0.05, 0.28])
def test_a_sound_shorter_than_the_networks_window_gets_silence_behind_it(
    sfp: Callable, tmp_path: Path, flat_folder: Path, second: np.ndarray, seconds: float
) -> None:
    sound, take = tmp_path / "short.wav", tmp_path / "take"
    soundfile.write(sound, second[: int(seconds * 16000)], 16000)
    given = ("--makeittalk", flat_folder, "--voice", flat_folder / "obama_emb.txt", "--no-preview")
    ran = sfp("animate", sound, "--engine", "makeittalk", *given, "-o", take)
    assert ran.code == 0, ran.err
    assert len(_values(take)) == int(seconds * 62.5 // 1 / 62.5 * 24) + 1


def test_without_the_files_one_line_names_all_that_are_missing(sfp: Callable, tmp_path: Path, short: Path) -> None:
    folder = write_folder(tmp_path / "some")
    kept = {TEXTS[0]}
    for path in folder.iterdir():
        if path.name not in kept:
            path.unlink()
    ran = sfp("animate", short, "--engine", "makeittalk", "--makeittalk", folder, "-o", tmp_path / "take")
    assert ran.code == 1
    assert ran.err.startswith(
        f"sfp: error: engine makeittalk: --makeittalk {folder}: missing ckpt_autovc.pth, ckpt_content_branch.pth, "
        "ckpt_speaker_branch.pth, STD_FACE_LANDMARKS.txt, MEAN_STD_AUTOVC_RETRAIN_MEL_AU.txt; "
    )
    for part in ("https://github.com/yzhou359/MakeItTalk", "CC BY-NC 4.0", "--engine speech needs none"):
        assert part in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "take").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--transcript", "hello"], "engine makeittalk: takes the motion as it is, so --transcript says nothing"),
        (["--jaw", "2"], "engine makeittalk: takes the motion as it is, so --jaw"),
        (["--landmarks", "x.npz"], "engine makeittalk: makes landmarks itself; leave --landmarks out"),
        (["--still", "missing.png"], "missing.png: no such picture file"),
        (["--voice", "missing.txt"], "missing.txt: cannot be read"),
        (["--seed", "-1"], "seed is -1; expected a whole number of at least 0"),
        (["--character", "nobody"], "character 'nobody'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_bad_option(
    sfp: Callable,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flat_folder: Path,
    short: Path,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = sfp("animate", short, "--engine", "makeittalk", "--makeittalk", flat_folder, *arguments, "-o", "take")
    assert ran.code == 1
    assert message in ran.err
    assert ran.err.splitlines()[-1].startswith("sfp: error: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--still", "--makeittalk", "--voice"])
def test_other_engines_have_no_use_for_its_options(sfp: Callable, tmp_path: Path, short: Path, option: str) -> None:
    ran = sfp("animate", short, option, tmp_path, "-o", tmp_path / "take")
    assert (ran.code, ran.err) == (1, f"sfp: error: engine speech: has no use for {option}; use --engine makeittalk\n")


@pytest.fixture(scope="module")
def acted() -> np.ndarray:
    """Controllers (72, K) of toon: rest, then jaw, width and brows in waves, and a blink."""
    times = np.arange(72) / 24
    values = np.tile(TOON.neutral.astype(np.float64), (72, 1))
    acting = np.clip(times - 0.5, 0, 1)
    for name, far, hz in (
        ("jaw.ty", -0.6, 1.0),
        ("lf_brow_in.ty", 0.7, 0.5),
        ("rg_brow_in.ty", 0.7, 0.5),
        ("lf_brow_out.ty", 0.7, 0.5),
        ("rg_brow_out.ty", 0.7, 0.5),
    ):
        values[:, TOON.index(name)] = far * acting * (0.5 - 0.5 * np.cos(2 * np.pi * hz * times))
    for name in ("lf_up_lid.ty", "rg_up_lid.ty"):
        values[30:34, TOON.index(name)] = TOON.minimum[TOON.index(name)]
    return values


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(125, 2)], ids=str)
def test_68_landmarks_drive_a_character_as_98_do(
    sfp: Callable, tmp_path: Path, acted: np.ndarray, fps: Fraction
) -> None:
    points = Character.load("toon").landmarks(acted)
    takes = []
    for layout, some in ((WFLW_98, points), (IBUG_68, ibug68_from_wflw98(points))):
        file, take = tmp_path / f"{layout.name}.npz", tmp_path / layout.name
        write_landmarks_npz(file, LandmarkSequence(some, fps, layout))
        ran = sfp("animate", "--engine", "landmarks", "--landmarks", file, "--no-preview", "-o", take)
        assert ran.code == 0, ran.err
        assert read_curves_json(take / "take.curves.json").fps == fps
        takes.append(_values(take))
    for name, slack in (("jaw.ty", 0.08), ("lf_brow_in.ty", 0.25), ("lf_up_lid.ty", 0.25)):
        index = TOON.index(name)
        reach = TOON.maximum[index] - TOON.minimum[index]
        assert np.abs(takes[1][:, index] - takes[0][:, index]).max() < slack * reach, name
        assert np.corrcoef(takes[1][:, index], takes[0][:, index])[0, 1] > 0.95, name
