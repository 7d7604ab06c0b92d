"""The measures of the speech benchmark against motion and labels whose figures are known."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.speech import Heard, Phone, PhoneTrack
from sfp_core.speech.kernels import shipped_kernels
from sfp_core.speech.loudness import Loudness
from training.benchmarks import speech
from training.benchmarks.speech import Keyed
from training.captures import Capture

RECIPE = speech.read_recipe().keys


def _track(*phones: tuple[float, str]) -> PhoneTrack:
    made, time = [], 0.0
    for end, symbol in phones:
        made.append(Phone(time, end, symbol))
        time = end
    return PhoneTrack(tuple(made), (), Fraction(time).limit_denominator(1000), "file")


def test_edit_distance_pairs_what_is_the_same() -> None:
    assert speech.edit_pairs(list("ABCD"), list("ABCD")) == [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert speech.edit_pairs(list("ABCD"), list("ACD")) == [(0, 0), (2, 1), (3, 2)]
    assert speech.edit_pairs([], list("A")) == []


def test_onsets_of_a_shifted_track_are_off_by_the_shift() -> None:
    truth, found = _track((0.1, ""), (0.3, "AA"), (0.5, "M")), _track((0.12, ""), (0.33, "AA"), (0.4, "K"), (0.5, "M"))
    errors, matched = speech.onset_errors(truth, found)
    assert errors == pytest.approx([0.02, 0.1]) and matched == 1.0


def test_classes_count_on_speech_alone() -> None:
    truth = _track((0.5, ""), (1.0, "AA"), (1.5, "M"))
    found = _track((1.0, "AE"), (1.25, "B"), (1.5, "S"))  # AE looks as AA, B as M; silence does not count
    assert speech.viseme_accuracy(truth, found) == pytest.approx(0.75)


def _keyed(aperture: np.ndarray) -> Keyed:
    track = _track((0.5, "AA"), (0.6, "M"), (1.0, "AA"), (1.1, "P"), (2.0, "AA"))
    return Keyed(Heard(track, Loudness(np.zeros(200))), aperture)


def test_closures_are_counted_on_frames_of_a_mouth_that_opens() -> None:
    times = np.arange(49) / 24
    aperture = np.ones(49)
    aperture[np.abs(times - 0.55) < 0.03] = 0.05
    assert speech.closures_kept(_keyed(aperture), RECIPE, widest=1.0) == (1, 2)  # the other one stays open
    assert speech.closures_kept(_keyed(aperture), RECIPE, widest=4.0) == (0, 2)  # a mumble keeps none


@pytest.mark.parametrize("late_ms", [-80, 0, 45])
def test_a_late_face_has_a_positive_lag(late_ms: int) -> None:
    def moved(times: np.ndarray) -> np.ndarray:
        return np.asarray(np.sin(9 * times) + np.sin(23 * times))

    truth = moved(np.arange(75) / 25)
    capture = Capture("x", "talkers", "", Path("x"), "", Fraction(25), {"aperture": truth}, {})
    played = moved(np.arange(72) / 24 - late_ms / 1000)
    assert speech.best_lag([(capture, played)], RECIPE) == pytest.approx(late_ms, abs=5)


def test_speed_and_spectrum_of_a_known_wave() -> None:
    times = np.arange(960) / 24
    speed, quick = speech.speed_and_spectrum(np.sin(2 * np.pi * times), Fraction(24))
    assert speed == pytest.approx(np.pi, rel=0.03) and quick < 1e-6
    wave = np.sin(2 * np.pi * times) + np.sin(2 * np.pi * 9 * times)
    assert speech.speed_and_spectrum(wave, Fraction(24))[1] == pytest.approx(0.5, abs=1e-3)


def test_a_clip_is_measured_with_kernels_that_never_saw_it() -> None:
    for name in shipped_kernels().provenance["clips"]:
        assert speech.kernels_without(name).provenance["left_out"] == name
    assert speech.kernels_without("a clip of somebody else") is shipped_kernels()


def test_no_data_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SFP_SHARED_DATA", raising=False)
    with pytest.raises(SfpError, match="SFP_SHARED_DATA"):
        speech.run(parts=("talkers",))
