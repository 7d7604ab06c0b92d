import math
import sys
from fractions import Fraction
from pathlib import Path

import librosa
import numpy as np
import pytest
import scipy.signal

from makeittalk_bridge.hearing import FPS, cleaned, hear, heard_in, levelled, mel_bank, mel_spectrogram
from sfp_core.errors import SfpError
from sfp_core.speech.audio import SPEECH_HZ

VOICE = np.linspace(0, 0.1, 256)


def _tone(hertz: float, seconds: float, *, amplitude: float = 0.1) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * SPEECH_HZ)) / SPEECH_HZ)


def test_rate_is_62_and_a_half() -> None:
    assert Fraction(125, 2) == FPS


def test_mel_bank_is_that_of_librosa() -> None:
    truth = librosa.filters.mel(sr=16000, n_fft=1024, n_mels=80, fmin=90, fmax=7600, dtype=np.float64)
    assert np.abs(mel_bank() - truth).max() < 1e-12


def test_mel_frames_are_those_of_librosa(second: np.ndarray) -> None:
    truth = librosa.feature.melspectrogram(
        y=second.astype(np.float64),
        sr=16000,
        n_fft=1024,
        hop_length=256,
        window="hann",
        center=True,
        pad_mode="reflect",
        power=1.0,
        n_mels=80,
        fmin=90,
        fmax=7600,
        dtype=np.float64,
    ).T
    truth = (20 * np.log10(np.maximum(1e-5, truth)) - 16 + 100) / 100
    found = mel_spectrogram(second.astype(np.float64))
    assert found.shape == truth.shape
    assert np.abs(found - truth).max() < 1e-10


def test_mel_frames_do_not_depend_on_blocks(speech: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = speech[:40_000].astype(np.float64)
    whole = mel_spectrogram(samples)
    monkeypatch.setattr("makeittalk_bridge.hearing._BLOCK", 7)
    assert np.abs(mel_spectrogram(samples) - whole).max() < 1e-12


def test_silence_is_minus_16_hundredths_and_full_scale_by_hand() -> None:
    assert mel_spectrogram(np.zeros(5000)) == pytest.approx(np.full((20, 80), -0.16))
    # A cosine on bin 64 (1000 Hz) gives 256 there and 128 on both sides: the Hann window's own spectrum.
    tone = np.cos(2 * np.pi * 1000 * np.arange(8000) / SPEECH_HZ)
    magnitudes = np.zeros(513)
    magnitudes[[63, 64, 65]] = 128, 256, 128
    expected = (20 * np.log10(np.maximum(1e-5, mel_bank() @ magnitudes)) + 84) / 100
    middle = mel_spectrogram(tone)[15]
    assert np.abs(middle - expected)[expected > 0].max() < 1e-3
    assert middle.argmax() == expected.argmax()


@pytest.mark.parametrize("frame", [0, 7, 20, 62])
def test_frame_i_is_centred_on_sample_256_i(frame: int) -> None:
    samples = np.zeros(SPEECH_HZ)
    samples[256 * frame] = 1.0
    loud = mel_spectrogram(samples).mean(axis=1)
    assert loud.argmax() == frame
    assert frame / FPS == Fraction(256 * frame, SPEECH_HZ)


@pytest.mark.parametrize("count", [5000, 5119, 5120, 5121, 16000])
def test_frames_are_a_256th_of_the_samples_and_one(count: int) -> None:
    samples = np.random.default_rng(0).normal(size=count) / 20
    heard = heard_in(samples, voice=VOICE)
    assert len(heard.mel) == len(heard.pitch) == count // 256 + 1
    assert heard.frames == count // 256 + 1 - 18
    to_the_end = heard_in(samples, voice=VOICE, to_the_end=True)
    assert to_the_end.frames == count // 256 + 1 == math.floor(Fraction(count, SPEECH_HZ) * FPS) + 1


def test_silence_after_the_end_changes_only_what_touches_it(second: np.ndarray) -> None:
    plain, padded = heard_in(second, voice=VOICE).mel, heard_in(second, voice=VOICE, to_the_end=True).mel
    assert len(padded) == len(plain) + 18
    inside = (len(second) - 512) // 256 + 1  # frames whose 1024 samples lie within the sound
    assert np.abs(padded[: inside - 10] - plain[: inside - 10]).max() < 0.02  # the high-pass looks ahead a little
    assert padded[-8:].max() < 0.1


def test_high_pass_removes_rumble_and_delays_nothing(second: np.ndarray) -> None:
    rumble, voice = _tone(5, 2, amplitude=0.5), _tone(200, 2)
    assert np.abs(cleaned(rumble)[8000:24000]).max() < 1e-4
    assert np.abs(cleaned(rumble + voice)[8000:24000] - 0.95 * voice[8000:24000]).max() < 1e-4
    sections = scipy.signal.butter(5, 30, btype="high", fs=16000, output="sos")
    truth = 0.95 * scipy.signal.sosfiltfilt(sections, second[:-1].astype(np.float64))
    assert np.abs(cleaned(second[:-1].astype(np.float64)) - truth)[2000:-2000].max() < 2e-6  # dither, 5e-7, and ends


def test_dither_is_there_and_the_same_each_time() -> None:
    silent = cleaned(np.zeros(4000))
    assert 4e-7 < np.abs(silent).max() <= 5e-7
    assert np.array_equal(silent, cleaned(np.zeros(4000)))


@pytest.mark.parametrize("gain", [0.01, 0.3, 1.0])
def test_level_is_minus_20_decibels_whatever_it_was(second: np.ndarray, gain: float) -> None:
    level = levelled(second * gain)
    assert 20 * np.log10(np.sqrt(np.mean(level**2))) == pytest.approx(
        -20, abs=0.2
    )  # a level is a whole number of steps
    assert np.array_equal(level * 32768, np.floor(level * 32768))


def test_level_by_hand() -> None:
    """Root mean square of 3000 and 4000 is 3535.53, taken as 3535; the gain is 3276.8 / 3535; results round down."""
    steps = np.array([3000, -3000, 4000, -4000]) / 32768
    gain = 3276.8 / 3535
    expected = [math.floor(3000 * gain), math.floor(-3000 * gain), math.floor(4000 * gain), math.floor(-4000 * gain)]
    assert (levelled(steps) * 32768).tolist() == expected == [2780, -2781, 3707, -3708]


def test_peaks_are_cut_off_and_silence_stays() -> None:
    click = np.zeros(100_000)
    click[5] = 1.0
    click[6] = -1.0
    assert levelled(click)[5:7].tolist() == [32767 / 32768, -1.0]
    assert not levelled(np.zeros(10)).any()


def test_a_sound_file_at_another_rate_is_heard_the_same(tmp_path: Path, second: np.ndarray) -> None:
    import soundfile

    up = scipy.signal.resample_poly(second.astype(np.float64), 3, 1)
    soundfile.write(tmp_path / "s.wav", np.stack([up, up], axis=1), 48000, subtype="FLOAT")
    there, here = hear(tmp_path / "s.wav", voice=VOICE), heard_in(second, voice=VOICE)
    assert abs(len(there.mel) - len(here.mel)) <= 1
    shared = min(len(there.mel), len(here.mel)) - 3
    assert np.median(np.abs(there.mel[:shared, :70] - here.mel[:shared, :70])) < 0.01


def test_a_short_sound_is_refused_or_followed_by_silence() -> None:
    short = _tone(200, 18 * 256 / SPEECH_HZ)[:-1]
    with pytest.raises(SfpError) as told:
        heard_in(short, voice=VOICE, where="hm.wav")
    assert str(told.value) == (
        "hm.wav: 0.288 s, 18 mel frames; MakeItTalk needs at least 19 (from 0.288 s) to see a landmark frame; "
        "let silence follow the sound"
    )
    assert heard_in(_tone(200, 18 * 256 / SPEECH_HZ), voice=VOICE).frames == 1
    assert heard_in(short[:1], voice=VOICE, to_the_end=True).frames == 1


@pytest.mark.parametrize(
    "samples", [np.zeros((100, 2)), np.empty(0), np.full(9000, np.nan)], ids=["stereo", "empty", "nan"]
)
def test_samples_that_are_no_sound_are_refused(samples: np.ndarray) -> None:
    with pytest.raises(SfpError, match="expected mono sound"):
        heard_in(samples, voice=VOICE)


@pytest.mark.parametrize(
    "voice", [np.zeros(255), np.full(256, np.inf), np.array(["a"] * 256)], ids=["few", "infinite", "text"]
)
def test_a_voice_that_is_no_voice_is_refused(second: np.ndarray, voice: np.ndarray) -> None:
    with pytest.raises(SfpError, match=r"^the supplied voice: .*expected the 256 numbers of a voice"):
        heard_in(second, voice=voice)


def test_without_resemblyzer_one_line_says_what_to_do(second: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resemblyzer", None)  # as if it were not installed
    with pytest.raises(SfpError) as told:
        heard_in(second)
    assert str(told.value) == (
        "the voice cannot be measured, because the package resemblyzer is not installed; install it with: "
        "pip install resemblyzer, or give the voice's 256 numbers (MakeItTalk's own obama_emb.txt holds one voice)"
    )


def test_resemblyzer_measures_a_voice_where_it_is_installed(speech: np.ndarray) -> None:
    pytest.importorskip("resemblyzer")
    heard = heard_in(speech)
    assert np.linalg.norm(heard.voice) == pytest.approx(1, abs=1e-3)  # a mean of unit vectors of one short sound
    assert heard.voice @ heard.levelled_voice > 0.9  # the level matters little
    small = heard_in(scipy.signal.resample_poly(speech, 2, 3))  # a third shorter and higher: another person
    assert heard.voice @ small.voice < 0.9
