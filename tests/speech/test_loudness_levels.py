import numpy as np
import pytest

from sfp_core.speech.loudness import HOP_SAMPLES, hop_energies, loudness_of


def _noise(seconds: float, rms: float) -> np.ndarray:
    return np.random.default_rng(0).normal(0, rms, round(seconds * 16000))


@pytest.mark.parametrize("rms", [0.1, 0.01, 0.002])
def test_decibels_of_a_known_level(rms: float) -> None:
    loudness = loudness_of([hop_energies(_noise(1.0, rms))])
    assert np.median(loudness.db) == pytest.approx(20 * np.log10(rms), abs=0.3)


@pytest.mark.parametrize("gain", [1.0, 0.2])  # the noise stays above the floor of -90 dB
def test_level_does_not_depend_on_gain(gain: float) -> None:
    sound = np.concatenate([_noise(1.0, 0.0005), _noise(1.0, 0.1), _noise(1.0, 0.03)])
    truth, loudness = loudness_of([hop_energies(sound)]), loudness_of([hop_energies(gain * sound)])
    assert np.abs(truth.level - loudness.level).max() < 1e-3
    assert loudness.level[:95].max() < 0.2 < 0.6 < loudness.level[210:290].mean() < 0.9 < loudness.level[110:190].min()


@pytest.mark.parametrize("sound", [np.zeros(32000), np.full(32000, 0.4), _noise(2.0, 1e-5)], ids=["0", "dc", "hiss"])
def test_silence_has_no_level(sound: np.ndarray) -> None:
    loudness = loudness_of([hop_energies(sound)])
    assert loudness.is_silent and not loudness.level.any()


def test_blocks_make_the_same_envelope() -> None:
    sound = _noise(1.0, 0.1)[: 99 * HOP_SAMPLES + 37]
    cut = 40 * HOP_SAMPLES
    whole = loudness_of([hop_energies(sound)])
    parts = loudness_of([hop_energies(sound[:cut]), hop_energies(sound[cut:])])
    assert np.array_equal(whole.db, parts.db) and len(whole.db) == 100


def test_level_between_hops_and_outside() -> None:
    loudness = loudness_of([hop_energies(np.concatenate([_noise(0.5, 0.001), _noise(0.5, 0.1)]))])
    assert loudness.level_at(np.array([0.005, 0.255]))[1] == loudness.level[25]
    assert not loudness.level_at(np.array([-0.1, 1.1])).any()
    assert not loudness_of([]).level_at(np.array([0.0])).any()
