"""`sfp animate --engine video`: the film of a face becomes a take."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from sfp_core.cli import main
from sfp_core.formats.curves_json import read_curves_json
from sfp_core.render.film import write_film
from sfp_core.rigs.procedural import ProceduralCharacter

FRAMES = 24


@pytest.fixture(scope="module")
def face(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of another cast member at 12 fps, with sound: its jaw opens and closes twice."""
    folder = tmp_path_factory.mktemp("film")
    soundfile.write(folder / "tone.wav", 0.1 * np.sin(np.arange(32000) / 8), 16000)
    actor = ProceduralCharacter.named("santi")
    values = np.tile(actor.rig.neutral.astype(np.float64), (FRAMES, 1))
    values[:, actor.rig.index("jaw.ty")] = -0.4 + 0.4 * np.cos(np.arange(FRAMES) * 2 * np.pi / 12)
    frames = (actor.picture(row, size=192, supersample=1) for row in values)
    return write_film(folder / "face.mp4", frames, fps=Fraction(12), sound=folder / "tone.wav")


@pytest.fixture(scope="module")
def take(face: Path) -> Path:
    folder = face.parent / "take"
    command = ["animate", str(face), "--engine", "video", "--no-preview", "--progress", "json", "-o", str(folder)]
    assert main(command) == 0
    return folder


def test_the_jaw_follows_at_the_films_rate(take: Path) -> None:
    made = read_curves_json(take / "take.curves.json")
    rig = ProceduralCharacter.named("toon").rig
    assert (made.fps, made.frames) == (Fraction(12), FRAMES)
    assert [layer.name for layer in made.layers] == ["video", "blinks", "gaze", "brows"]
    jaw = made.curves(rig).values[:, rig.index("jaw.ty")]
    assert np.corrcoef(jaw, np.cos(np.arange(FRAMES) * 2 * np.pi / 12))[0, 1] > 0.9


def test_the_films_sound_belongs_to_the_take(take: Path, face: Path) -> None:
    sound = read_curves_json(take / "take.curves.json").sound
    assert sound is not None
    assert (take / sound.file).resolve() == face.resolve()


def test_the_summary_names_the_engine_and_its_stages(take: Path) -> None:
    summary = json.loads((take / "summary.json").read_text(encoding="utf-8"))
    assert (summary["engine"], summary["rung"], summary["frames"]) == ("video", "", FRAMES)
    assert list(summary["stage_seconds"]) == ["landmarks", "motion", "keys", "files"]


def test_a_film_of_nothing_is_told_in_one_line(sfp: Callable, tmp_path: Path) -> None:
    grey = write_film(tmp_path / "grey.mp4", (np.full((96, 96, 3), 90, np.uint8) for _ in range(3)), fps=Fraction(24))
    done = sfp("animate", grey, "--engine", "video", "-o", tmp_path / "take")
    assert (done.code, done.err) == (
        1,
        f"sfp: error: {grey}: no face found in 3 frames; expected a film of one face\n",
    )
    assert not (tmp_path / "take").exists()


def test_a_film_cut_short_names_file_and_place(sfp: Callable, tmp_path: Path, face: Path) -> None:
    cut = tmp_path / "cut.mp4"
    whole = face.read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    done = sfp("animate", cut, "--engine", "video", "-o", tmp_path / "take")
    assert done.code == 1
    assert done.err.startswith(f"sfp: error: {cut}: ")
    assert "frame" in done.err
    assert done.err.count("\n") == 1


def test_a_part_that_is_not_there_lists_the_parts(sfp: Callable, tmp_path: Path, face: Path) -> None:
    done = sfp("animate", face, "--engine", "video", "--strength", "ears=2", "-o", tmp_path / "take")
    expected = "expected one of jaw, lips, corners, lids, brows, gaze, head"
    assert (done.code, done.err) == (1, f"sfp: error: --strength ears=2: no part 'ears'; {expected}\n")


@pytest.mark.slow
def test_side_by_side_shows_the_film_to_the_left_with_its_sound(sfp: Callable, tmp_path: Path, face: Path) -> None:
    done = sfp("animate", face, "--engine", "video", "--side-by-side", "-o", tmp_path / "both.mp4")
    assert done.code == 0, done.err
    with av.open(str(tmp_path / "both.mp4")) as film:
        assert [stream.type for stream in film.streams] == ["video", "audio"]
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert (len(frames), frames[0].shape) == (FRAMES, (720, 1440, 3))
