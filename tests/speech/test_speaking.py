from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from math import floor
from pathlib import Path

import numpy as np
import pytest

from sfp_core import speech
from sfp_core.errors import SfpError
from sfp_core.face import Face, lip_aperture, mouth_width
from sfp_core.landmarks import LandmarkSequence
from sfp_core.speech import Heard, Style, joined, listen, perform
from sfp_core.speech.articulators import articulate
from sfp_core.speech.loudness import Loudness
from sfp_core.speech.visemes import JAW

Said = Callable[[str], Heard]
RATES = [Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30), Fraction(60)]
QUIET = Style(brows=0, head=0, gaze=0, blinks=False)
BABBLE = (
    "_:0.4 B:0.06 AA:0.12 P:0.06 IY:0.12 M:0.07 UW:0.15 F:0.08 EH:0.1 V:0.07 AE:0.14 S:0.1 M:0.03 OW:0.2 _:0.5 " * 3
)


def _spoken(heard: Heard, face: Face, *, fps: int | Fraction = 100, style: Style = QUIET) -> LandmarkSequence:
    return joined(perform(heard, face, fps=Fraction(fps), style=style))


def _at(sequence: LandmarkSequence, seconds: float) -> np.ndarray:
    return sequence.points[round(seconds * sequence.fps)]


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_every_closure_closes_on_a_frame(said: Said, face: Face, fps: Fraction) -> None:
    sequence = _spoken(said(BABBLE), face, fps=fps)
    share = lip_aperture(sequence.points) / face.reach["mouth_open"]
    times = np.array([float(frame / fps) for frame in range(sequence.frames)])
    seals = [event for event in sequence.events if event.kind == "lip_seal"]
    tucks = [event for event in sequence.events if event.kind == "lip_tuck"]
    assert (len(seals), len(tucks)) == (12, 6)
    for events, bound in ((seals, 1e-9), (tucks, 0.1)):
        for event in events:
            inside = (times >= event.start_seconds) & (times <= event.end_seconds)
            assert inside.any() and share[inside].max() < bound


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_lips_part_between_closures(said: Said, face: Face, fps: Fraction) -> None:
    heard = said("_:0.3 M:0.07 AA:0.1 M:0.07 AA:0.1 P:0.07 AH:0.09 B:0.06 AA:0.1 _:0.4")
    sequence = _spoken(heard, face, fps=fps)
    share = lip_aperture(sequence.points) / face.reach["mouth_open"]
    seals = [event for event in sequence.events if event.kind == "lip_seal"]
    assert len(seals) == 4
    for before, after in pairwise(seals):
        between = slice(floor(before.end_seconds * fps) + 1, floor(after.start_seconds * fps) + 1)
        assert share[between].max() > 0.08  # of the reach: a slit that a viewer sees


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_frames_cover_the_sound(said: Said, face: Face, fps: Fraction) -> None:
    for seconds in (0.01, 1.0, 1.9, 2.345):
        heard = said(f"AA:{seconds}")
        assert _spoken(heard, face, fps=fps).frames == floor(heard.seconds * fps) + 1


def test_blocks_are_the_whole(said: Said, face: Face) -> None:
    heard = said(BABBLE)
    whole = joined(perform(heard, face, fps=Fraction(24), seed=3))
    for size in (1, 7, 64):
        parts = list(perform(heard, face, fps=Fraction(24), seed=3, frames_per_block=size))
        assert {part.frames for part in parts[:-1]} <= {size}
        assert np.abs(joined(parts).points - whole.points).max() < 1e-9
        assert joined(parts).events == whole.events
        for part in parts:
            first = part.info["first_frame"]
            assert all(event.end_seconds * 24 >= float(first) for event in part.events)


def test_same_seed_same_landmarks_other_seed_other_blinks(said: Said, face: Face) -> None:
    heard = said(BABBLE)
    one, same, other = (joined(perform(heard, face, fps=Fraction(24), seed=seed)) for seed in (5, 5, 6))
    assert np.array_equal(one.points, same.points) and one.events == same.events
    assert np.array_equal(one.head_deg, same.head_deg)
    assert not np.array_equal(one.head_deg, other.head_deg)
    mouth = face.layout.group("mouth")
    assert np.array_equal(one.points[:, mouth], other.points[:, mouth])


def test_oo_is_narrow_and_ee_is_wide(said: Said, face: Face) -> None:
    neutral = mouth_width(face.neutral)
    for text, wanted in (("UW", -0.7), ("W", -0.7), ("OW", -0.5), ("SH", -0.4), ("IY", 0.5), ("AA", -0.3)):
        width = mouth_width(_at(_spoken(said(f"_:0.5 {text}:0.4 _:0.5"), face), 0.74))
        change = (width - neutral) / face.reach["mouth_narrow" if width < neutral else "mouth_wide"]
        assert change < wanted if wanted < -0.35 else change > wanted, text


def test_open_vowels_open_and_sibilants_do_not(said: Said, face: Face) -> None:
    def share(text: str) -> float:
        return float(lip_aperture(_at(_spoken(said(f"_:0.5 {text}:0.3 _:0.5"), face), 0.65))) / face.reach["mouth_open"]

    assert min(share("AA"), share("AE")) > 0.45 > share("EH") > 0.3 > share("IY") > share("S") > 0.05
    assert share("W") < share("UW") < 0.2


def test_tongue_consonants_leave_the_lips_to_the_vowels(said: Said, face: Face) -> None:
    heard = said("_:0.3 UW:0.15 T:0.07 UW:0.15 IY:0.15 N:0.07 IY:0.15 _:0.3")
    sequence, neutral = _spoken(heard, face), mouth_width(face.neutral)
    assert mouth_width(_at(sequence, 0.485)) < neutral - 0.7 * face.reach["mouth_narrow"]
    assert mouth_width(_at(sequence, 0.855)) > neutral + 0.5 * face.reach["mouth_wide"]


def test_lips_round_before_the_vowel(said: Said, face: Face) -> None:
    sequence, neutral = _spoken(said("_:0.3 EH:0.15 T:0.1 UW:0.2 _:0.3"), face), mouth_width(face.neutral)
    assert neutral - mouth_width(_at(sequence, 0.55)) > 0.5 * face.reach["mouth_narrow"]  # at its onset


def test_mouth_opens_before_the_voice_and_closes_after(said: Said, face: Face) -> None:
    share = lip_aperture(_spoken(said("_:0.6 AA:0.3 _:0.8"), face).points) / face.reach["mouth_open"]
    opening = float(np.flatnonzero(share > 0.05)[0]) / 100
    assert 0.1 <= 0.6 - opening <= 0.3  # what begins an utterance leads by so much (Chandrasekaran 2009)
    assert share[90] > 0.3 and share[130:].max() < 0.05


@pytest.mark.parametrize(("pause", "least", "most"), [(0.08, 0.15, 1.0), (0.25, 0.05, 0.4), (0.7, 0.0, 0.02)])
def test_pauses_hold_relax_or_close(said: Said, face: Face, pause: float, least: float, most: float) -> None:
    sequence = _spoken(said(f"_:0.3 EH:0.2 _:{pause} EH:0.2 _:0.3"), face)
    share = lip_aperture(_at(sequence, 0.5 + 0.55 * pause)) / face.reach["mouth_open"]
    assert least <= share <= most


def test_the_same_vowel_opens_the_jaw_further_when_it_is_louder(said: Said) -> None:
    heard = said("_:0.4 AA:0.2 T:0.1 AA:0.2 T:0.1 AA:0.2 _:0.4")

    def jaw(change_db: float) -> float:
        db = heard.loudness.db.copy()
        db[70:90] += change_db
        return float(articulate(Heard(heard.track, Loudness(db))).at(np.array([0.8]))[0, JAW])

    soft, usual, loud = jaw(-9), jaw(0), jaw(3)
    assert soft < 0.85 * usual and loud > 1.03 * usual  # the middle one of three; the others are usual


@pytest.mark.parametrize("symbol", ["S", "Z", "SH", "CH"])
def test_sibilants_narrow_the_jaw(said: Said, symbol: str) -> None:
    jaw = articulate(said(f"_:0.4 AA:0.15 {symbol}:0.1 AA:0.15 _:0.4")).at(np.array([0.475, 0.6, 0.725]))[:, JAW]
    assert jaw[1] < 0.5 * min(jaw[0], jaw[2])


def test_motion_is_no_faster_than_a_mouth(face: Face) -> None:
    demo = Path(speech.__file__).parents[1] / "data" / "demo"
    aperture = lip_aperture(_spoken(listen(demo / "line.wav", demo / "line.txt"), face).points)
    speed = np.abs(np.diff(aperture)) * 100 / np.ptp(aperture)
    assert np.percentile(speed, 99) <= 15  # real faces: 11 to 12 ranges a second
    power = np.abs(np.fft.rfft(aperture - aperture.mean())) ** 2
    assert (
        power[np.fft.rfftfreq(len(aperture), 0.01) > 7].sum() / power.sum() <= 0.03
    )  # keys at 24 a second: below 0.02


def test_style_scales_the_mouth_but_not_the_closures(said: Said, face: Face) -> None:
    heard = said(BABBLE)
    usual = _spoken(heard, face)
    mumble = _spoken(heard, face, style=Style(jaw=0.3, lips=0.3, brows=0, head=0, gaze=0, blinks=False))
    still = _spoken(heard, face, style=Style(jaw=0, lips=0, brows=0, head=0, gaze=0, blinks=False))
    assert lip_aperture(mumble.points).max() < 0.5 * lip_aperture(usual.points).max()
    assert lip_aperture(still.points).max() < 1e-9
    assert mumble.events == usual.events
    with pytest.raises(SfpError, match="jaw is -1"):
        Style(jaw=-1)


def test_silence_rests_blinks_and_breathes(said: Said, face: Face) -> None:
    sequence = joined(perform(said("_:8"), face, fps=Fraction(24), seed=0))
    mouth = face.layout.group("mouth")
    assert np.abs(sequence.points[:, mouth] - face.neutral[mouth]).max() < 1e-9
    assert {event.kind for event in sequence.events} == {"blink"}
    assert sequence.head_deg is not None and 0.2 < np.ptp(sequence.head_deg) < 8


def test_no_sound_at_all_is_one_frame(said: Said, face: Face) -> None:
    heard = said("AA:0.0001")
    assert _spoken(heard, face, fps=24).frames == 1


def test_bad_seed_and_no_blocks_are_told(said: Said, face: Face) -> None:
    with pytest.raises(SfpError, match="seed"):
        next(perform(said("AA"), face, fps=Fraction(24), seed=-1))
    with pytest.raises(SfpError, match="no blocks"):
        joined([])
