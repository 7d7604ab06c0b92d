from fractions import Fraction

import pytest

from sfp_core.errors import SfpError
from sfp_core.timing import (
    frame_at_or_after,
    frame_at_or_before,
    frame_count,
    frame_nearest,
    frame_seconds,
    parse_fps,
)

RATES = [Fraction(24), Fraction(25), Fraction(30), Fraction(60), Fraction(24000, 1001), Fraction(30000, 1001)]
EVERY_RATE = pytest.mark.parametrize("fps", [*RATES, Fraction(60000, 1001), Fraction(25, 2)], ids=str)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("24", Fraction(24)),
        (" 24 ", Fraction(24)),
        ("23.976", Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("24000/1001", Fraction(24000, 1001)),
        ("12.5", Fraction(25, 2)),
        ("1", Fraction(1)),
        ("1000", Fraction(1000)),
    ],
)
def test_rates_are_exact_and_read_back_from_their_own_text(text, rate):
    assert parse_fps(text) == rate
    assert parse_fps(str(rate)) == rate


@pytest.mark.parametrize(
    "text", ["", "fast", "24fps", "nan", "inf", "-24", "0", "0.5", "1001", "24/0", "1e999999999", "24 000", "²4", "/3"]
)
def test_other_texts_are_refused_at_once(text):
    with pytest.raises(SfpError, match="frame rate"):
        parse_fps(text)


@EVERY_RATE
def test_the_time_of_a_frame_gives_the_frame_even_as_a_float(fps):
    for frame in [*range(500), 86_399, 86_400, 5_184_001]:
        seconds = frame_seconds(frame, fps)
        assert (
            frame_at_or_before(seconds, fps) == frame_at_or_after(seconds, fps) == frame_nearest(seconds, fps) == frame
        )
        assert frame_at_or_before(frame / fps, fps) == frame


@EVERY_RATE
def test_between_two_frames_the_directions_differ_by_one(fps):
    for frame in (0, 1, 7, 86_399):
        for share in (Fraction(1, 100), Fraction(1, 3), Fraction(99, 100)):
            exact = (frame + share) / fps
            for seconds in (exact, float(exact)):
                assert frame_at_or_before(seconds, fps) == frame
                assert frame_at_or_after(seconds, fps) == frame + 1
                assert frame_nearest(seconds, fps) == frame + (share > Fraction(1, 2))


def test_a_fraction_is_taken_as_it_is_and_one_sample_more_counts():
    fps = Fraction(24)
    sample = Fraction(1, 192_000)
    assert frame_at_or_before(Fraction(1) - Fraction(1, 10**12), fps) == 23
    assert frame_at_or_before(float(1 - sample), fps) == 23
    assert frame_at_or_after(float(1 + sample), fps) == 25


def test_halves_go_up():
    assert frame_nearest(Fraction(1, 2), Fraction(1)) == 1
    assert frame_nearest(Fraction(-1, 2), Fraction(1)) == 0


@EVERY_RATE
def test_frames_of_a_sound_cover_it(fps):
    for samples in (0, 1, 15_999, 16_000, 160_001, 57_600_000):
        seconds = Fraction(samples, 16_000)
        count = frame_count(seconds, fps)
        assert (count - 1) / fps <= seconds < count / fps


def test_one_second_at_24_frames_has_25():
    assert frame_count(1.0, Fraction(24)) == 25
    assert frame_count(0, Fraction(24)) == 1
    with pytest.raises(SfpError, match="at least 0"):
        frame_count(-1, Fraction(24))


def test_no_drift_over_an_hour():
    fps = Fraction(24000, 1001)
    assert frame_at_or_before(3600.0, fps) == 86313  # 3600 * 24000 / 1001 = 86313.69
    assert frame_seconds(86313, fps) == pytest.approx(86313 * 1001 / 24000, abs=1e-12)
