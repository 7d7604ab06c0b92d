from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from sfp_core.speech import Heard, Style
from sfp_core.speech.performance import plan

Said = Callable[[str], Heard]
TALK = "_:0.3 " + "AA:0.15 T:0.1 EH:0.1 S:0.1 IY:0.12 N:0.08 AA:0.3 _:0.4 " * 90  # 2 minutes


@pytest.fixture(scope="module")
def talk(said: Said) -> Heard:
    return said(TALK)


@pytest.mark.parametrize("seed", range(4))
def test_blink_rate_is_human(talk: Heard, said: Said, seed: int) -> None:
    minutes = float(talk.seconds) / 60
    assert 10 <= len(plan(talk, Fraction(24), seed=seed).blinks) / minutes <= 33  # Doughty 2001, conversation
    rest = plan(said("_:120"), Fraction(24), seed=seed).blinks
    assert 8 <= len(rest) / 2 <= 24
    gaps = np.diff([event.start_seconds for event in rest])
    assert gaps.min() > 0.7 and gaps.std() > 0.2 * gaps.mean()  # no metronome


@pytest.mark.parametrize(
    "fps", [Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30), Fraction(60)], ids=str
)
def test_every_blink_is_shut_on_a_frame_and_opens_slower_than_it_closes(talk: Heard, fps: Fraction) -> None:
    performance = plan(talk, fps, seed=1)
    frames = np.array([float(frame / fps) for frame in range(int(talk.seconds * fps) + 1)])
    lids = performance.at(frames).lids
    for event in performance.blinks:
        assert (lids[(frames >= event.start_seconds) & (frames <= event.end_seconds)] == 1).any()
    event = performance.blinks[0]
    fine = np.arange(event.start_seconds - 0.3, event.end_seconds + 0.4, 0.001)
    lids = performance.at(fine).lids
    peak = int(np.argmax(lids))
    assert 1.5 < (lids[peak:] > 0.02).sum() / (lids[:peak] > 0.02).sum() < 3


def test_blinks_like_pauses_and_stress(talk: Heard) -> None:
    starts = {round(phone.start_seconds, 3) for phone in talk.track.phones if not phone.symbol or phone.seconds > 0.25}
    blinks = plan(talk, Fraction(1000), seed=0).blinks
    near = [min(abs(0.5 * (one.start_seconds + one.end_seconds) - start) for start in starts) for one in blinks]
    assert np.mean(np.array(near) < 0.01) > 0.4


def test_head_is_smooth_small_and_follows_the_voice(talk: Heard) -> None:
    times = np.arange(0, 60, 0.02)
    head = plan(talk, Fraction(24), seed=2).at(times).head_deg
    assert np.abs(head).max() < 12 and np.ptp(head, axis=0).min() > 0.5
    power = np.abs(np.fft.rfft((head - head.mean(axis=0)) * np.hanning(len(head))[:, None], axis=0)) ** 2
    assert power[np.fft.rfftfreq(len(head), 0.02) > 2].sum() / power.sum() < 0.02


def test_brows_rise_on_few_vowels_and_stay_gentle(talk: Heard) -> None:
    brows = plan(talk, Fraction(24), seed=0).at(np.arange(0, 60, 0.02)).brows
    assert 0.15 < brows.max() <= 1 and 0 < (brows > 0.1).mean() < 0.5


def test_gaze_darts_and_rests(talk: Heard) -> None:
    gaze = plan(talk, Fraction(24), seed=0).at(np.arange(0, 60, 0.01)).gaze
    still = np.abs(np.diff(gaze, axis=0)).max(axis=1) < 1e-9
    assert still.mean() > 0.85 and 0.05 < np.abs(gaze).max() <= 0.2


def test_each_part_is_switched_off_alone(talk: Heard) -> None:
    times = np.arange(0, 20, 0.04)
    whole = plan(talk, Fraction(24), seed=0).at(times)
    for style, off in (
        (Style(blinks=False), "lids"),
        (Style(brows=0), "brows"),
        (Style(gaze=0), "gaze"),
        (Style(head=0), "head_deg"),
    ):
        moves = plan(talk, Fraction(24), seed=0, style=style).at(times)
        for name in ("lids", "brows", "gaze", "head_deg"):
            if name == off:
                assert not getattr(moves, name).any(), name
            else:
                assert np.array_equal(getattr(moves, name), getattr(whole, name)), name


@pytest.mark.parametrize("seed", range(5))
def test_a_short_clip_blinks_once(said: Said, seed: int) -> None:
    assert len(plan(said("_:1.2"), Fraction(24), seed=seed).blinks) == 1
    assert plan(said("_:0.05"), Fraction(24), seed=seed).blinks == ()
