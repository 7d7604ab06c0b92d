"""`sfp animate`: a spoken line becomes a take."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sfp_core.cli import main
from sfp_core.formats.curves_json import read_curves_json
from sfp_core.rigs.panel import panel_rig
from sfp_core.speech import read_phones
from sfp_core.speech.phones import VOWELS

SUMMARY_KEYS = [
    "seconds",
    "fps",
    "frames",
    "engine",
    "rung",
    "speech_share",
    "unknown_words",
    "warnings",
    "stage_seconds",
    "startup_s",
    "rtf",
    "peak_mb",
    "channels",
    "moving_channels",
    "keys",
    "worst_error",
]
TOON = panel_rig("toon")


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory, line: Path, line_text: str) -> Path:
    """The built-in line as a take, without its film."""
    folder = tmp_path_factory.mktemp("animate") / "take"
    assert main(["animate", str(line), "--transcript", line_text, "--no-preview", "-o", str(folder)]) == 0
    return folder


def _values(take: Path, controller: str) -> np.ndarray:
    """A controller on every frame, as the keys play it."""
    return read_curves_json(take / "take.curves.json").curves(TOON).values[:, TOON.index(controller)]


def _summary(take: Path) -> dict:
    return json.loads((take / "summary.json").read_text(encoding="utf-8"))


def _sound(path: Path, samples: np.ndarray, rate: int = 16000) -> Path:
    soundfile.write(path, samples, rate, subtype="PCM_16")
    return path


def test_a_take_without_film_has_three_files(take: Path) -> None:
    assert sorted(path.name for path in take.iterdir()) == ["summary.json", "take.curves.json", "take.ma"]


def test_the_summary_has_the_keys_of_the_contract_and_tells_what_is_in_the_take(take: Path) -> None:
    summary = _summary(take)
    made = read_curves_json(take / "take.curves.json")
    assert list(summary) == SUMMARY_KEYS
    assert summary["seconds"] == pytest.approx(6.979125, abs=1e-3)
    assert summary["frames"] == made.frames == int(6.979125 * 24) + 1
    assert (summary["fps"], summary["engine"]) == ("24", "speech")
    assert summary["keys"] == made.key_count > 100
    assert summary["channels"] == len(made.channels) == len(TOON.controllers)
    assert 4 <= summary["moving_channels"] <= summary["channels"]
    assert 0 < summary["worst_error"] <= 0.01
    assert 0.5 < summary["speech_share"] < 1.0
    assert summary["unknown_words"] == summary["warnings"] == []
    assert set(summary["stage_seconds"]) == {"speech", "motion", "keys", "files"}
    assert summary["rtf"] == pytest.approx(sum(summary["stage_seconds"].values()) / 6.979125, abs=0.01)
    assert 10 < summary["peak_mb"] < 4000


def test_the_jaw_opens_with_the_vowels_and_rests_in_the_silences(
    take: Path, tmp_path: Path, line: Path, line_text: str
) -> None:
    assert main(["phones", str(line), "--transcript", line_text, "-o", str(tmp_path / "line.json")]) == 0
    jaw = _values(take, "jaw.ty")  # below 0 is open
    middles: dict[str, list[float]] = {"vowel": [], "silence": []}
    for phone in read_phones(tmp_path / "line.json").phones:
        kind = "vowel" if phone.symbol in VOWELS else "silence" if not phone.symbol and phone.seconds > 0.25 else None
        if kind:
            middles[kind].append(jaw[round(12 * (phone.start_seconds + phone.end_seconds))])
    # Most vowels of the line are short or rounded; an open one takes the jaw down by 0.4.
    assert np.median(middles["vowel"]) < -0.07
    assert np.median(middles["vowel"]) < 3 * np.median(middles["silence"])
    assert min(middles["vowel"]) < -0.25
    assert np.abs(middles["silence"]).max() < 0.1


def test_the_same_request_gives_the_same_bytes(take: Path, tmp_path: Path, line: Path, line_text: str) -> None:
    again = take.parent / "again"  # beside the first: the take names its sound as seen from there
    assert main(["animate", str(line), "--transcript", line_text, "--no-preview", "-o", str(again)]) == 0
    for name in ("take.curves.json", "take.ma"):
        assert (again / name).read_bytes() == (take / name).read_bytes()


def test_the_take_names_its_sound_as_seen_from_itself(take: Path, line: Path) -> None:
    sound = read_curves_json(take / "take.curves.json").sound
    assert sound is not None
    assert (take / sound.file).resolve() == line.resolve()


@pytest.mark.parametrize("suffix", [".ma", ".json"])
def test_a_suffix_asks_for_that_file_alone(sfp: Callable, take: Path, line: Path, line_text: str, suffix: str) -> None:
    target = take.parent / f"one{suffix}"
    done = sfp("animate", line, "--transcript", line_text, "-o", target)
    assert done.code == 0, done.err
    whole = take / ("take.ma" if suffix == ".ma" else "take.curves.json")
    if suffix == ".json":  # the same but for the way to the sound
        one, all_ = (json.loads(path.read_text(encoding="utf-8")) for path in (target, whole))
        assert one["channels"] == all_["channels"]
    else:
        assert target.read_text(encoding="utf-8").count("createNode animCurve") == whole.read_text(
            encoding="utf-8"
        ).count("createNode animCurve")


def test_a_film_of_a_second_shows_every_frame_at_720_px_with_its_sound(
    sfp: Callable, tmp_path: Path, line: Path
) -> None:
    import av

    samples, rate = soundfile.read(line)
    short = _sound(tmp_path / "short.wav", samples[:rate], rate)
    done = sfp("animate", short, "-o", tmp_path / "short.mp4")
    assert done.code == 0, done.err
    with av.open(str(tmp_path / "short.mp4")) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
        assert [stream.type for stream in film.streams] == ["video", "audio"]
        assert film.streams.video[0].average_rate == 24
    assert len(frames) == 25
    assert frames[0].shape == (720, 720, 3)
    assert any(np.abs(frame.astype(int) - frames[0]).max() > 60 for frame in frames)  # it moves


@pytest.mark.parametrize(("given", "exact"), [("23.976", Fraction(24000, 1001)), ("60", Fraction(60))])
def test_rates_are_exact(sfp: Callable, tmp_path: Path, line: Path, given: str, exact: Fraction) -> None:
    done = sfp("animate", line, "--fps", given, "-o", tmp_path / "line.json")
    assert done.code == 0, done.err
    made = read_curves_json(tmp_path / "line.json")
    assert made.fps == exact
    assert made.frames == int(Fraction(6979125, 1_000_000) * exact) + 1


def test_silence_is_no_error_the_character_rests_and_blinks(sfp: Callable, tmp_path: Path) -> None:
    quiet = _sound(tmp_path / "quiet.wav", np.zeros(16000 * 12))
    done = sfp("animate", quiet, "--no-preview", "-o", tmp_path / "take")
    assert done.code == 0, done.err
    assert "sfp: warning: nothing is said in this sound, so the character rests\n" in done.err
    summary = _summary(tmp_path / "take")
    assert (summary["rung"], summary["speech_share"], len(summary["warnings"])) == ("silence", 0.0, 1)
    assert np.abs(_values(tmp_path / "take", "jaw.ty")).max() < 0.1
    for lid in ("lf_up_lid.ty", "rg_up_lid.ty"):
        values = _values(tmp_path / "take", lid)
        assert values.min() < -0.7  # shut
        assert np.median(values) > -0.2  # but open most of the time


def test_without_blinks_the_lids_stay_open(sfp: Callable, tmp_path: Path, line: Path) -> None:
    for name, option in (("with", []), ("without", ["--no-blinks"])):
        assert sfp("animate", line, "--no-preview", *option, "-o", tmp_path / name).code == 0
    assert _values(tmp_path / "with", "lf_up_lid.ty").min() < -0.7
    assert _values(tmp_path / "without", "lf_up_lid.ty").min() > -0.4


def test_the_jaw_dial_turns_the_jaw(sfp: Callable, tmp_path: Path, take: Path, line: Path, line_text: str) -> None:
    done = sfp("animate", line, "--transcript", line_text, "--no-preview", "--jaw", "0.4", "-o", tmp_path / "low")
    assert done.code == 0, done.err
    assert _values(tmp_path / "low", "jaw.ty").min() > 0.7 * _values(take, "jaw.ty").min()


def test_landmarks_of_the_same_character_give_the_same_performance(
    sfp: Callable, tmp_path: Path, take: Path, line: Path, line_text: str
) -> None:
    npz = tmp_path / "line.npz"
    assert sfp("landmarks", line, "--transcript", line_text, "-o", npz).code == 0
    done = sfp("animate", line, "--landmarks", npz, "--no-preview", "-o", tmp_path / "take")
    assert done.code == 0, done.err
    summary = _summary(tmp_path / "take")
    assert (summary["engine"], summary["rung"], summary["frames"]) == ("landmarks", "", _summary(take)["frames"])
    # The neutral is estimated from the motion itself, so a small constant difference is its honest price.
    difference = _values(tmp_path / "take", "jaw.ty") - _values(take, "jaw.ty")
    assert np.abs(difference).max() < 0.12
    assert np.corrcoef(_values(tmp_path / "take", "jaw.ty"), _values(take, "jaw.ty"))[0, 1] > 0.98


def test_json_progress_is_one_object_a_line_stage_by_stage(
    sfp: Callable, tmp_path: Path, line: Path, line_text: str
) -> None:
    done = sfp("animate", line, "--transcript", line_text, "--no-preview", "--progress", "json", "-o", tmp_path / "t")
    assert done.code == 0
    events = [json.loads(text) for text in done.err.splitlines()]
    assert [event["stage"] for event in events if event["event"] == "start"] == ["speech", "motion", "keys", "files"]
    assert [event["stage"] for event in events if event["event"] == "done"] == ["speech", "motion", "keys", "files"]
    speech = [event["done"] for event in events if event["stage"] == "speech"]
    assert speech == sorted(speech)


def test_json_progress_tells_a_failure_as_an_event(sfp: Callable, tmp_path: Path) -> None:
    done = sfp("animate", tmp_path / "no.wav", "--progress", "json", "-o", tmp_path / "take")
    assert done.code == 1
    last = json.loads(done.err.splitlines()[-1])
    assert last["event"] == "failed"
    assert last["message"] == f"{tmp_path / 'no.wav'}: no such file"


def test_a_take_is_replaced_only_with_force(sfp: Callable, tmp_path: Path, line: Path) -> None:
    target = tmp_path / "line.json"
    assert sfp("animate", line, "-o", target).code == 0
    before = target.read_bytes()
    done = sfp("animate", line, "--seed", "5", "-o", target)
    assert done.code == 1
    assert done.err == f"sfp: error: {target}: is already there; give --force to replace it, or another -o\n"
    assert target.read_bytes() == before
    assert sfp("animate", line, "--seed", "5", "--force", "-o", target).code == 0
    assert target.read_bytes() != before


def test_the_film_of_a_take_can_be_made_later(sfp: Callable, tmp_path: Path, line: Path) -> None:
    import av

    samples, rate = soundfile.read(line)
    short = _sound(tmp_path / "short.wav", samples[:rate], rate)
    assert sfp("animate", short, "--no-preview", "-o", tmp_path / "take").code == 0
    done = sfp("preview", tmp_path / "take", "--size", "128", "-o", tmp_path / "later.mp4")
    assert done.code == 0, done.err
    with av.open(str(tmp_path / "later.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == 25
        assert [stream.type for stream in film.streams] == ["video", "audio"]
