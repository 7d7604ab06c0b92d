from fractions import Fraction

import numpy as np
import pytest

from sfp_core.landmarks import Event
from sfp_core.speech import Phone
from sfp_core.speech.closures import closeness, closures, on_frames
from sfp_core.speech.visemes import SEALED

RATES = [Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30), Fraction(60)]


def _phones(text: str) -> list[Phone]:
    return [Phone(index * 0.08, (index + 1) * 0.08, symbol) for index, symbol in enumerate(text.split())]


def test_each_bilabial_closes_within_its_phone() -> None:
    found = closures(_phones("AA P AA B AA M AA"), SEALED, "lip_seal")
    assert len(found) == 3
    for event, start in zip(found, (0.08, 0.24, 0.40), strict=True):
        assert start - 0.03 < event.start_seconds < event.end_seconds < start + 0.08


def test_neighbouring_bilabials_close_once() -> None:
    assert len(closures(_phones("AA P M AA"), SEALED, "lip_seal")) == 1  # po*p m*an


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_every_event_has_a_frame_and_keeps_its_time(fps: Fraction) -> None:
    random = np.random.default_rng(3)
    starts = np.cumsum(random.uniform(0.13, 0.4, 200))
    events = [Event("lip_seal", float(start), float(start + random.uniform(0.001, 0.06))) for start in starts]
    frames = int(starts[-1] * fps) + 1
    times = np.array([float(frame / fps) for frame in range(frames)])
    snapped = on_frames(events, fps, frames)
    assert len(snapped) == len(events)
    for event, before in zip(snapped, events, strict=True):
        assert ((times >= event.start_seconds) & (times <= event.end_seconds)).any()
        moved = max(before.start_seconds - event.start_seconds, event.end_seconds - before.end_seconds)
        assert 0 <= moved <= 0.5 / fps + 1 / fps * (event is snapped[-1])  # the last frame may be the only one left
    closed = closeness(snapped, times, coming=0.085, going=0.095)
    for event in snapped:
        inside = (times >= event.start_seconds) & (times <= event.end_seconds)
        assert (closed[inside] == 1).all()
    assert (closed < 0.6).sum() > 100  # and the lips part between


def test_two_events_with_no_frame_between_are_one() -> None:
    events = [Event("lip_seal", 0.10, 0.11), Event("lip_seal", 0.14, 0.15)]
    assert len(on_frames(events, Fraction(24), 24)) == 1
    assert len(on_frames(events, Fraction(120), 120)) == 2


def test_lips_come_and_go_smoothly_and_part_halfway() -> None:
    events = [Event("lip_seal", 0.5, 0.52), Event("lip_seal", 0.6, 0.62)]
    times = np.arange(0, 1, 0.001)
    closed = closeness(events, times, coming=0.1, going=0.1)
    assert closed[500:521].min() == 1 and closed[600:621].min() == 1
    assert 0 < closed[560] < 0.6 and closed[399] == 0 and closed[721] == 0
    assert np.abs(np.diff(closed)).max() < 1.6 * 0.001 / 0.07  # no jump: the shorter ramp, 70 ms, at cosine's steepest
    apart = closeness([events[0], Event("lip_seal", 0.7, 0.72)], times, coming=0.1, going=0.1)
    assert apart[610] < 1e-6
    assert (np.diff(closed[400:500]) >= 0).all()
