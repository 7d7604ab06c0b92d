import sys
import types

import librosa
import numpy as np
import pytest

from makeittalk_bridge.hearing import cleaned, levelled
from makeittalk_bridge.pitch import log_f0, pitch_classes, tracked_log_f0
from sfp_core.speech.audio import SPEECH_HZ


def _voice(hertz: np.ndarray, partials: range = range(1, 8)) -> np.ndarray:
    """A buzz whose pitch is `hertz` at each sample."""
    phase = 2 * np.pi * np.cumsum(hertz) / SPEECH_HZ
    buzz = sum(np.sin(k * phase) / k for k in partials)
    return np.asarray(0.14 * buzz / np.sqrt(np.mean(buzz**2)))


@pytest.mark.parametrize(("start", "end"), [(120, 300), (300, 120), (110, 130), (200, 550)])
def test_a_gliding_pitch_is_recovered(start: float, end: float) -> None:
    hertz = np.linspace(start, end, 3 * SPEECH_HZ)
    found = tracked_log_f0(_voice(hertz))
    assert len(found) == 3 * SPEECH_HZ // 256 + 1
    inside = slice(2, -2)
    truth = np.log(hertz[np.minimum(np.arange(len(found)) * 256, len(hertz) - 1)])
    assert not np.isnan(found[inside]).any()
    assert np.abs(found - truth)[inside].max() < 0.01  # a sixth of a semitone


def test_the_period_is_found_where_its_own_partial_is_missing() -> None:
    found = tracked_log_f0(_voice(np.full(SPEECH_HZ, 150.0), range(2, 9)))
    assert np.abs(np.exp(found[3:-3]) - 150).max() < 1


@pytest.mark.parametrize("kind", ["silence", "noise", "dither"])
def test_what_does_not_repeat_has_no_pitch(kind: str) -> None:
    noise = np.random.default_rng(0).normal(size=2 * SPEECH_HZ)
    found = tracked_log_f0(noise * {"silence": 0, "noise": 0.1, "dither": 1e-6}[kind])
    assert np.isnan(found).mean() > 0.97


def test_pitch_begins_and_ends_with_the_voice() -> None:
    voice = _voice(np.full(SPEECH_HZ, 180.0))
    noise = np.random.default_rng(1).normal(size=SPEECH_HZ) * 0.01
    voiced = ~np.isnan(tracked_log_f0(np.concatenate([noise, voice, noise])))
    truth = np.zeros(len(voiced), dtype=bool)
    truth[63:125] = True  # 16000 / 256 to 32000 / 256
    assert (voiced != truth).sum() <= 3


def test_pitch_of_speech_agrees_with_librosa(speech: np.ndarray) -> None:
    clean = cleaned(levelled(speech))
    found = tracked_log_f0(clean)
    theirs, voiced, _ = librosa.pyin(clean, fmin=100, fmax=600, sr=SPEECH_HZ, frame_length=1024, hop_length=256)
    both = voiced & ~np.isnan(found)
    assert both.sum() > 200
    assert (np.abs(found - np.log(theirs))[both] < 0.06).mean() > 0.9  # a semitone
    assert (voiced == ~np.isnan(found)).mean() > 0.8


def test_both_trackers_agree_where_pysptk_is_installed(speech: np.ndarray) -> None:
    pytest.importorskip("pysptk")
    clean = cleaned(levelled(speech))
    rapt, ours = log_f0(clean), tracked_log_f0(clean)
    both = ~np.isnan(rapt) & ~np.isnan(ours)
    assert (np.isnan(rapt) == np.isnan(ours)).mean() > 0.9
    assert (np.abs(rapt - ours)[both] < 0.03).mean() > 0.85


@pytest.mark.parametrize("frames", [60, 63, 66])
def test_rapt_is_asked_as_the_original_asks_it(frames: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {}

    def rapt(x: np.ndarray, fs: int, hopsize: int, *, min: float, max: float, otype: str) -> np.ndarray:
        asked.update(dtype=x.dtype, peak=float(np.abs(x).max()), rest=(fs, hopsize, min, max, otype))
        found = np.full(frames, np.float32(np.log(200)))
        found[::2] = -1e10
        return found.astype(np.float32)

    monkeypatch.setitem(sys.modules, "pysptk", types.SimpleNamespace(sptk=types.SimpleNamespace(rapt=rapt)))
    found = log_f0(np.full(16000, 0.5))
    assert asked == {"dtype": np.float32, "peak": 16384.0, "rest": (16000, 256, 100, 600, "logf0")}
    assert len(found) == 63
    assert np.isnan(found[::2]).all()
    assert np.exp(found[1 : min(frames, 63) : 2]) == pytest.approx(200, rel=1e-6)
    assert np.isnan(found[frames:]).all()


def test_without_pysptk_it_is_our_own(second: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pysptk", None)
    assert np.array_equal(log_f0(second), tracked_log_f0(second), equal_nan=True)


def test_classes_by_hand() -> None:
    """Mean 5, deviation 1: heights -1/4 and 1/4, at 0.375 and 0.625 of 255 steps, plus one."""
    classes = pitch_classes(np.array([np.nan, 4.0, 6.0, np.nan]))
    assert classes.tolist() == [0, round(0.375 * 255) + 1, round(0.625 * 255) + 1, 0]


def test_classes_end_at_four_deviations() -> None:
    values = np.zeros(1000)
    values[:2] = -100, 100
    classes = pitch_classes(values)
    assert classes[:2].tolist() == [1, 256]
    assert set(classes[2:]) == {129}  # 0.5 x 255 = 127.5, to even 128


def test_a_level_voice_is_in_the_middle_and_none_is_unvoiced() -> None:
    assert pitch_classes(np.full(5, 5.0)).tolist() == [129] * 5
    assert pitch_classes(np.full(5, np.nan)).tolist() == [0] * 5
