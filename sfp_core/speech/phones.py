"""What is said when: phones and words in time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, get_args

import numpy as np

from sfp_core.errors import SfpError

Rung = Literal["align", "align_wide", "text_lm", "phones", "energy", "silence", "file"]
"""How phones were found: strict forced alignment, the same with wide beams, recognition with the transcript as a
biased language model, phone recognition without words, syllables from loudness alone, nothing said, or given by the
user."""

# fmt: off
VOWELS = frozenset(("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"))
CONSONANTS = frozenset((
    "B", "CH", "D", "DH", "F", "G", "HH", "JH", "K", "L", "M", "N", "NG", "P", "R", "S", "SH", "T", "TH", "V", "W",
    "Y", "Z", "ZH",
))
_SILENT = frozenset((
    "SIL", "SP", "SPN", "NSN", "PAU", "H#", "<SIL>", "<S>", "</S>", "BREATH", "COUGH", "NOISE", "SMACK", "LAUGH",
))
# fmt: on
ARPABET = VOWELS | CONSONANTS
SILENCE = ""

_SAME_SOUND = {"AX": "AH", "AXR": "ER", "IX": "IH", "UX": "UW", "DX": "D", "NX": "N", "EL": "L", "EM": "M", "EN": "N"}
_TOLERANCE = 1e-6  # seconds; what decimal text loses


def arpabet(name: str) -> str:
    """A phone's ARPABET symbol without stress, `""` for silence and noises.

    Raises
    ------
    SfpError
        If it is no phone of English as CMU's dictionary writes it.
    """
    symbol = name.strip().upper().rstrip("0123456789")
    symbol = _SAME_SOUND.get(symbol, symbol)
    if symbol in ARPABET:
        return symbol
    if not symbol or symbol.strip("+[]") in _SILENT:
        return SILENCE
    raise SfpError(f"phone {name!r} is unknown; expected ARPABET, one of {' '.join(sorted(ARPABET))}, or silence")


@dataclass(frozen=True)
class Phone:
    """One sound of speech from `start_seconds` to `end_seconds`; `symbol` is ARPABET without stress, `""` silence."""

    start_seconds: float
    end_seconds: float
    symbol: str

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end_seconds - self.start_seconds


@dataclass(frozen=True)
class Word:
    """One spoken word, lower case, from `start_seconds` to `end_seconds`."""

    start_seconds: float
    end_seconds: float
    text: str


@dataclass(frozen=True)
class PhoneTrack:
    """All that is said in one sound.

    Attributes
    ----------
    phones : tuple of Phone
        Gapless from 0 to `seconds`, silence included as `""`.
    words : tuple of Word
        In time order, with gaps where nothing is said; empty where no words are known.
    seconds : Fraction
        The sound's exact length.
    rung : Rung
        How the phones were found.
    unknown_words : tuple of str
        Words that no dictionary had; they were pronounced by rule.
    """

    phones: tuple[Phone, ...]
    words: tuple[Word, ...]
    seconds: Fraction
    rung: Rung
    unknown_words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "phones", tuple(self.phones))
        object.__setattr__(self, "words", tuple(self.words))
        if self.rung not in get_args(Rung):
            raise SfpError(f"phones: rung {self.rung!r} is unknown; expected one of {', '.join(get_args(Rung))}")
        time = 0.0
        for index, phone in enumerate(self.phones):
            if phone.symbol and phone.symbol not in ARPABET:
                raise SfpError(f"phones[{index}]: {phone.symbol!r} is no phone; expected ARPABET without stress")
            if abs(phone.start_seconds - time) > _TOLERANCE or not phone.end_seconds > phone.start_seconds:
                raise SfpError(
                    f"phones[{index}]: {phone.start_seconds}..{phone.end_seconds} s; expected to start at {time} s "
                    "and to end later"
                )
            time = phone.end_seconds
        if abs(time - float(self.seconds)) > _TOLERANCE:
            raise SfpError(f"phones: they end at {time} s; expected the sound's end at {float(self.seconds)} s")
        for index, word in enumerate(self.words):
            if not word.end_seconds > word.start_seconds:
                raise SfpError(f"words[{index}]: ends at {word.end_seconds} s, but starts at {word.start_seconds} s")

    @property
    def speech_share(self) -> float:
        """Share of the time that is not silence."""
        spoken = sum(phone.seconds for phone in self.phones if phone.symbol)
        return spoken / float(self.seconds) if self.seconds else 0.0


def gapless(phones: Iterable[Phone], seconds: Fraction | float) -> tuple[Phone, ...]:
    """Phones with their gaps filled by silence, neighbouring silences joined, cut to 0..`seconds`.

    Overlaps go to the earlier phone. Phones shorter than a tenth of a millisecond go.
    """
    end = float(seconds)
    filled: list[Phone] = []
    time = 0.0
    for phone in sorted(phones, key=lambda one: one.start_seconds):
        start, stop = max(phone.start_seconds, time), min(phone.end_seconds, end)
        if stop - start < 1e-4:
            continue
        if start - time < 1e-4:
            start = time
        else:
            _append(filled, Phone(time, start, SILENCE))
        _append(filled, Phone(start, stop, phone.symbol))
        time = stop
    if end - time >= 1e-4 or (not filled and end > 0):
        _append(filled, Phone(time, end, SILENCE))
    elif filled:
        filled[-1] = replace(filled[-1], end_seconds=end)
    return tuple(filled)


def _append(filled: list[Phone], phone: Phone) -> None:
    if filled and not phone.symbol and not filled[-1].symbol:
        filled[-1] = replace(filled[-1], end_seconds=phone.end_seconds)
    else:
        filled.append(phone)


def retimed(track: PhoneTrack, seconds: Fraction) -> PhoneTrack:
    """The track cut, or filled with silence, to the length of a sound."""
    words = tuple(
        replace(word, end_seconds=min(word.end_seconds, float(seconds)))
        for word in track.words
        if word.start_seconds < float(seconds) - 1e-4
    )
    return replace(track, phones=gapless(track.phones, seconds), words=words, seconds=seconds)


def spans(phones: Sequence[Phone]) -> tuple[np.ndarray, np.ndarray]:
    """Starts and ends, each (P,) float64 seconds."""
    starts = np.array([phone.start_seconds for phone in phones], dtype=np.float64)
    ends = np.array([phone.end_seconds for phone in phones], dtype=np.float64)
    return starts, ends
