"""What is heard in sounds whose content is known. The spoken line is this project's own (`sfp_core/data/demo`)."""

import itertools
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.speech import Heard, Phone, PhoneTrack, cascade, listen, recognise
from sfp_core.speech.audio import read_blocks
from sfp_core.speech.recognise import NotRecognised
from sfp_core.speech.text import spoken_words

Wav = Callable[..., Path]
DEMO = Path(cascade.__file__).parents[1] / "data" / "demo"


@pytest.fixture(scope="module")
def line() -> Path:
    return DEMO / "line.wav"


@pytest.fixture(scope="module")
def text() -> str:
    return (DEMO / "line.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def heard(line: Path, text: str) -> Heard:
    return listen(line, text)


@pytest.fixture(scope="module")
def samples(line: Path) -> np.ndarray:
    return np.concatenate(list(read_blocks(line)))


def test_line_is_aligned_word_by_word(heard: Heard, text: str) -> None:
    assert heard.track.rung == "align" and heard.track.unknown_words == ()
    assert [word.text for word in heard.track.words] == spoken_words(text)
    symbols = [phone.symbol for phone in heard.track.phones if phone.symbol]
    assert "".join(symbols[:9]) == "OWHHAWBYUWTAHF" and symbols[-2:] == ["M", "IY"]
    assert heard.seconds == Fraction(111666, 16000)


def test_words_lie_where_the_sound_is_loud(heard: Heard) -> None:
    """The pauses put between the sentences are found, and each phone is louder than they are."""
    pauses = [phone for phone in heard.track.phones[1:-1] if not phone.symbol and phone.seconds > 0.15]
    assert len(pauses) >= 2
    centre = [0.5 * (phone.start_seconds + phone.end_seconds) for phone in pauses]
    assert heard.loudness.level_at(np.array(centre)).max() < 0.1
    words = np.array([0.5 * (word.start_seconds + word.end_seconds) for word in heard.track.words])
    assert heard.loudness.level_at(words).min() > 0.3


@pytest.mark.parametrize("gain", [0.01, 3.0], ids=["40 dB quieter", "clipped"])
def test_level_of_the_recording_hardly_matters(
    heard: Heard, samples: np.ndarray, text: str, wav: Wav, gain: float
) -> None:
    other = listen(wav(gain * samples), text)
    assert other.track.rung == "align"
    starts = [[phone.start_seconds for phone in one.track.phones if phone.symbol] for one in (heard, other)]
    assert np.median(np.abs(np.subtract(*starts))) <= 0.01


def test_stereo_at_44100_is_heard_alike(heard: Heard, samples: np.ndarray, text: str, wav: Wav) -> None:
    place = np.arange(0, len(samples) - 1, 16000 / 44100)
    high = np.interp(place, np.arange(len(samples)), samples)
    other = listen(wav(np.stack([high, high], axis=1), rate=44100), text)
    assert other.seconds == Fraction(len(high), 44100)
    starts = [[phone.start_seconds for phone in one.track.phones if phone.symbol] for one in (heard, other)]
    assert np.abs(np.subtract(*starts)).max() <= 0.03


def test_unknown_words_are_pronounced_and_listed(line: Path, text: str) -> None:
    found = listen(line, text.replace("foxes", "phoxez").replace("waltz", "wolltz"))
    assert found.track.unknown_words == ("phoxez", "wolltz")
    assert found.track.rung == "align"
    assert "phoxez" in [word.text for word in found.track.words]


def test_without_words_phones_are_heard(heard: Heard, line: Path) -> None:
    found = listen(line)
    assert found.track.rung == "phones" and found.track.words == ()
    spoken = [np.zeros(700, dtype=bool) for _ in range(2)]
    for track, mask in zip((heard.track, found.track), spoken, strict=True):
        for phone in track.phones:
            mask[round(phone.start_seconds * 100) : round(phone.end_seconds * 100)] = bool(phone.symbol)
    assert (spoken[0] == spoken[1]).mean() > 0.9


def test_partial_transcript_falls_to_the_language_model(line: Path) -> None:
    found = listen(line, "five foxes")
    assert found.track.rung in ("text_lm", "phones")
    assert found.track.speech_share > 0.5


def test_known_phones_are_kept_and_fitted(line: Path) -> None:
    track = PhoneTrack((Phone(0.0, 2.0, "AA"),), (), Fraction(2), "align")
    found = listen(line, phones=track)
    assert found.track.rung == "file" and found.track.phones[0] == track.phones[0]
    assert found.track.phones[-1].end_seconds == float(found.seconds)


@pytest.mark.parametrize("transcript", [None, "hello there"])
@pytest.mark.parametrize("kind", ["zeros", "hiss", "one sample"])
def test_silence_is_silence(wav: Wav, kind: str, transcript: str | None) -> None:
    hiss = np.random.default_rng(0).normal(0, 1e-4, 32000)
    found = listen(wav({"zeros": np.zeros(32000), "hiss": hiss, "one sample": [0.0]}[kind]), transcript)
    assert found.track.rung == "silence" and {phone.symbol for phone in found.track.phones} == {""}
    assert not found.loudness.level.any()


def test_when_nothing_is_recognised_the_mouth_follows_the_loudness(wav: Wav, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(samples: np.ndarray) -> None:
        raise NotRecognised("for the test")

    monkeypatch.setattr(recognise, "phones_alone", fail)
    time = np.arange(48000) / 16000
    carrier = np.random.default_rng(0).normal(0, 0.2, 48000)
    burst = (
        carrier * (np.sin(2 * np.pi * 2.0 * time) > 0) * ((time > 0.5) & (time < 2.5))
    )  # four, a quarter second each
    found = listen(wav(burst + 1e-4 * carrier))
    assert found.track.rung == "energy"
    starts = [phone.start_seconds for phone in found.track.phones if phone.symbol]
    assert starts == pytest.approx([0.5, 1.0, 1.5, 2.0], abs=0.03)


def test_progress_rises_to_one(line: Path, text: str) -> None:
    told: list[float] = []
    listen(line, text, progress=told.append)
    assert told == sorted(told) and told[-1] == 1.0 and min(told) >= 0


def test_long_sounds_are_heard_in_pieces(
    heard: Heard, samples: np.ndarray, text: str, wav: Wav, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four times the line, with the limits shortened so that it counts as long: every repetition is heard alike."""
    times = 4
    for name, seconds in (("_WHOLE_SECONDS", 15), ("_SHORTEST_PIECE", 6), ("_LONGEST_PIECE", 9)):
        monkeypatch.setattr(cascade, name, seconds)
    told: list[float] = []
    found = listen(wav(np.tile(samples, times)), " ".join([text] * times), progress=told.append)
    assert found.track.rung == "text_lm" and len(told) > 4 and told == sorted(told)
    assert found.seconds == times * heard.seconds
    assert len(found.track.words) == pytest.approx(times * len(heard.track.words), rel=0.08)
    moons = np.array([word.start_seconds for word in found.track.words if word.text == "moon"])
    truth = next(word.start_seconds for word in heard.track.words if word.text == "moon")
    assert np.abs(moons - (truth + np.arange(times) * float(heard.seconds))).max() < 0.06


def test_pieces_join_to_the_sound_and_are_cut_where_it_is_quiet() -> None:
    random = np.random.default_rng(0)
    sound = random.normal(0, 0.1, 100 * 16000).astype(np.float32)
    for quiet in (22.0, 47.5, 71.3):
        sound[round(quiet * 16000) : round((quiet + 0.4) * 16000)] *= 0.01
    pieces = list(cascade._pieces(np.split(sound, [400000, 900000])))
    assert np.array_equal(np.concatenate([piece for _, piece in pieces]), sound)
    starts = [start for start, _ in pieces[1:]]
    assert all(quiet <= start <= quiet + 0.4 for quiet, start in zip((22.0, 47.5, 71.3), starts[:3], strict=True))
    assert all(20 <= len(piece) / 16000 <= 30 for _, piece in pieces[:-1])
    assert [start for start, _ in pieces] == [
        0.0, *itertools.accumulate(len(piece) / 16000 for _, piece in pieces[:-1])
    ]  # fmt: skip


def test_errors_of_the_sound_come_through(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match="no such file"):
        listen(tmp_path / "absent.wav", "hello")
