from fractions import Fraction

import pytest

from sfp_core.errors import SfpError
from sfp_core.speech import Phone, PhoneTrack, Word
from sfp_core.speech.phones import arpabet, gapless, retimed


def test_gaps_become_one_silence() -> None:
    found = gapless([Phone(0.2, 0.3, "B"), Phone(0.5, 0.6, ""), Phone(0.7, 0.8, "AA")], 1)
    assert [phone.symbol for phone in found] == ["", "B", "", "AA", ""]
    assert [phone.start_seconds for phone in found[1:]] == [phone.end_seconds for phone in found[:-1]]
    assert (found[0].start_seconds, found[-1].end_seconds) == (0.0, 1.0)


def test_phones_beyond_the_end_are_cut_and_overlaps_go_to_the_first() -> None:
    found = gapless([Phone(0.0, 0.6, "AA"), Phone(0.4, 0.9, "B"), Phone(2.0, 3.0, "K")], 0.8)
    assert [(phone.end_seconds, phone.symbol) for phone in found] == [(0.6, "AA"), (0.8, "B")]


@pytest.mark.parametrize(
    ("name", "symbol"),
    [("AA1", "AA"), ("hh", "HH"), ("SIL", ""), ("+NSN+", ""), ("sp", ""), ("ax", "AH"), ("", ""), ("<s>", "")],
)
def test_symbols_lose_stress_and_noises_are_silence(name: str, symbol: str) -> None:
    assert arpabet(name) == symbol


def test_foreign_symbol_is_refused() -> None:
    with pytest.raises(SfpError, match="'XQ1' is unknown"):
        arpabet("XQ1")


@pytest.mark.parametrize(
    "phones",
    [
        (Phone(0.0, 0.5, "AA"), Phone(0.6, 1.0, "B")),
        (Phone(0.0, 0.5, "AA"),),
        (Phone(0.0, 0.0, "AA"), Phone(0.0, 1.0, "B")),
        (Phone(0.0, 1.0, "AA1"),),
    ],
    ids=["gap", "too short", "empty phone", "stress"],
)
def test_track_refuses_what_is_not_gapless(phones: tuple[Phone, ...]) -> None:
    with pytest.raises(SfpError, match=r"phones"):
        PhoneTrack(phones, (), Fraction(1), "file")


def test_track_is_fitted_to_a_sound() -> None:
    track = PhoneTrack((Phone(0.0, 1.0, "AA"),), (Word(0.2, 1.0, "ah"),), Fraction(1), "file")
    assert [phone.symbol for phone in retimed(track, Fraction(2)).phones] == ["AA", ""]
    short = retimed(track, Fraction(1, 2))
    assert short.phones == (Phone(0.0, 0.5, "AA"),) and short.words == (Word(0.2, 0.5, "ah"),)
    assert track.speech_share == 1.0 and retimed(track, Fraction(2)).speech_share == 0.5
