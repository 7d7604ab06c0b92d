import io
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sfp_core.errors import SfpError
from sfp_core.speech.audio import SPEECH_HZ, SoundReader, read_blocks, sound_seconds

Wav = Callable[..., Path]


def _tone(seconds: float, rate: int, hertz: float = 440.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000, 96000])
def test_length_is_exact_at_any_rate(wav: Wav, rate: int) -> None:
    assert sound_seconds(wav(_tone(1.2, rate)[: rate + 17], rate=rate)) == Fraction(rate + 17, rate)


@pytest.mark.parametrize("rate", [8000, 44100, 48000])
def test_tone_keeps_its_pitch_and_its_time(wav: Wav, rate: int) -> None:
    samples = np.concatenate([np.zeros(rate // 2), _tone(1.0, rate), np.zeros(rate // 2)])
    heard = np.concatenate(list(read_blocks(wav(samples, rate=rate))))
    assert len(heard) == pytest.approx(2 * SPEECH_HZ, abs=SPEECH_HZ * 0.002)
    spectrum = np.abs(np.fft.rfft(heard[SPEECH_HZ // 2 : SPEECH_HZ // 2 + SPEECH_HZ]))
    assert spectrum.argmax() == pytest.approx(440, abs=1)  # one second: a bin is 1 Hz
    loud = np.flatnonzero(np.abs(heard) > 0.05)
    assert loud[0] / SPEECH_HZ == pytest.approx(0.5, abs=0.002)
    assert loud[-1] / SPEECH_HZ == pytest.approx(1.5, abs=0.002)


def test_mono_samples_at_the_right_rate_are_not_changed(wav: Wav) -> None:
    truth = _tone(0.5, SPEECH_HZ)
    heard = np.concatenate(list(read_blocks(wav(truth))))
    assert np.abs(heard - truth).max() <= 1 / 32767  # 16 bits


def test_stereo_becomes_mono(wav: Wav) -> None:
    tone = _tone(0.5, 44100)
    left_only = np.concatenate(list(read_blocks(wav(np.stack([tone, 0 * tone], axis=1), rate=44100))))
    assert 0.2 < np.abs(left_only).max() < 0.6


@pytest.mark.parametrize("block_seconds", [0.1, 0.37, 5])
def test_blocks_join_to_the_same_sound(wav: Wav, block_seconds: float) -> None:
    path = wav(_tone(1.3, 44100), rate=44100)
    whole = np.concatenate(list(read_blocks(path)))
    blocks = list(read_blocks(path, block_seconds=block_seconds))
    assert np.array_equal(np.concatenate(blocks), whole)
    assert {len(block) for block in blocks[:-1]} <= {round(block_seconds * SPEECH_HZ)}


@pytest.mark.parametrize(("kind", "lost"), [("flac", 0), ("wav", 0), ("ogg", 128)])
def test_other_kinds_of_file_have_the_same_length(tmp_path: Path, kind: str, lost: int) -> None:
    path = tmp_path / f"sound.{kind}"
    soundfile.write(path, _tone(0.7, 44100), 44100)
    short = Fraction(7, 10) - sound_seconds(path)
    assert 0 <= short <= Fraction(lost, 44100)  # ffmpeg's Vorbis decoder may drop its first short block of 128


def test_file_name_with_a_colon_is_a_file(wav: Wav) -> None:
    assert sound_seconds(wav(_tone(0.5, 16000), name="take:1.wav")) == Fraction(1, 2)


@pytest.mark.parametrize("value", [np.nan, np.inf], ids=["nan", "inf"])
@pytest.mark.parametrize("channels", [1, 2])
def test_sample_that_is_no_number_is_placed(tmp_path: Path, value: float, channels: int) -> None:
    samples = np.tile(_tone(2.0, 44100)[:, None], (1, channels))
    samples[66150, -1] = value
    soundfile.write(tmp_path / "bad.wav", samples, 44100, subtype="FLOAT")
    with pytest.raises(SfpError, match=r"bad\.wav: .*NaN or infinite\) at 1\.500 s"):
        list(read_blocks(tmp_path / "bad.wav"))


def _wav_without_samples() -> bytes:
    stream = io.BytesIO()
    stream.write(b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 16000, 32000, 2, 16))
    stream.write(b"data" + struct.pack("<I", 0))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("absent.wav", None, "no such file"),
        ("empty.wav", b"", "the file is empty"),
        ("text.wav", b"This is not a sound.\n" * 40, "not a sound"),
        ("zero.wav", _wav_without_samples(), "length of zero"),
        ("text.txt", b"This is not a sound.\n" * 40, "sound"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_sound_is_told_in_one_line(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SfpError, match=message) as caught:
        list(read_blocks(path))
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_length_is_not_guessed_before_the_end(wav: Wav) -> None:
    reader = SoundReader(wav(_tone(1.0, 16000)), block_seconds=0.5)
    next(iter(reader))
    with pytest.raises(RuntimeError, match="after all blocks"):
        _ = reader.seconds
    assert reader.expected_seconds == 1.0
