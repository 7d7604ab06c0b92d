"""From a sound file to phones and loudness: the cascade that always ends in something usable.

The ladder, best first: strict forced alignment of the transcript, the same with wide beams, recognition with the
transcript as a biased language model, phone recognition, syllables from loudness. The track says which rung it is on.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import get_args

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.speech import recognise
from sfp_core.speech.audio import SPEECH_HZ, SoundReader
from sfp_core.speech.loudness import HOP_HZ, HOP_SAMPLES, Loudness, hop_energies, loudness_of
from sfp_core.speech.phones import SILENCE, Phone, PhoneTrack, Rung, Word, gapless, retimed
from sfp_core.speech.recognise import Found, NotRecognised, Vocabulary
from sfp_core.speech.syllables import syllables
from sfp_core.speech.text import read_transcript, spoken_words

Progress = Callable[[float], None]

_WHOLE_SECONDS = 90  # aligned in one go up to here; beyond, memory and the chance of losing the path grow
_SHORTEST_PIECE, _LONGEST_PIECE = 20, 30  # seconds; the cut is at the quietest place between
_COVERAGE = 0.6  # share of the loud time that must be words, or the words are not what is said
_LONGEST_PHONE = 2.5  # seconds; a longer one means that the words ran out
_LOUD, _AUDIBLE = 0.5, 0.15  # levels


@dataclass(frozen=True)
class Heard:
    """What was said and how loud. `seconds` is the sound's exact length."""

    track: PhoneTrack
    loudness: Loudness

    @property
    def seconds(self) -> Fraction:
        """Exact length of the sound."""
        return self.track.seconds


def listen(
    path: Path,
    transcript: str | Path | None = None,
    *,
    phones: PhoneTrack | None = None,
    progress: Progress | None = None,
) -> Heard:
    """Phones, words and loudness of a sound.

    Memory does not grow with the length but for the results: a sound beyond 90 s is heard in pieces of 20 to 30 s,
    cut where it is quiet.

    Parameters
    ----------
    path : Path
        Any sound or video file that PyAV can open.
    transcript : str or Path, optional
        What is said, or a text file with it. It may be imperfect.
    phones : PhoneTrack, optional
        Known phones (a corrected TextGrid); they are only fitted to the length of the sound.
    progress : callable, optional
        Is told the share done, rising in [0, 1].

    Raises
    ------
    SfpError
        The sound or the transcript cannot be read. Never because nothing was recognised.
    """
    tell = progress or (lambda share: None)
    words = spoken_words(read_transcript(transcript)) if transcript is not None else []
    reader = SoundReader(Path(path), block_seconds=_LONGEST_PIECE)
    energies: list[np.ndarray] = []
    blocks = _metered(reader, energies)
    if phones is not None:
        for _ in blocks:
            tell(_share(len(energies) * _LONGEST_PIECE, reader) * 0.99)
        track = retimed(replace(phones, rung="file"), reader.seconds)
    else:
        first = _taken(blocks, _WHOLE_SECONDS * SPEECH_HZ)
        track = _tracked(first, blocks, reader, words, tell)
    tell(1.0)
    return Heard(track, loudness_of(energies))


def _metered(reader: SoundReader, energies: list[np.ndarray]) -> Iterator[np.ndarray]:
    for block in reader:
        energies.append(hop_energies(block))
        yield block


def _taken(blocks: Iterator[np.ndarray], samples: int) -> list[np.ndarray]:
    """Blocks until there are more than `samples`, or no more blocks."""
    taken: list[np.ndarray] = []
    while sum(map(len, taken)) <= samples and (block := next(blocks, None)) is not None:
        taken.append(block)
    return taken


def _tracked(
    first: list[np.ndarray], rest: Iterator[np.ndarray], reader: SoundReader, words: list[str], tell: Progress
) -> PhoneTrack:
    long = sum(map(len, first)) > _WHOLE_SECONDS * SPEECH_HZ
    phones: list[Phone] = []
    said: list[Word] = []
    rungs: list[Rung] = []
    with contextlib.ExitStack() as stack:
        vocabulary = stack.enter_context(recognise.vocabulary_of(words)) if words else None
        ladder = _ladder(vocabulary, long=long)
        pieces = _pieces(chain(first, rest)) if long or not words else iter([(0.0, np.concatenate(first))])
        for start, samples in pieces:
            tell(_share(start, reader))
            found, rung = _heard(samples, ladder)
            phones += [Phone(one.start_seconds + start, one.end_seconds + start, one.symbol) for one in found.phones]
            said += [Word(one.start_seconds + start, one.end_seconds + start, one.text) for one in found.words]
            rungs.append(rung)
    order: Sequence[Rung] = get_args(Rung)
    spoken = [rung for rung in rungs if rung != "silence"]
    track = PhoneTrack(
        phones=gapless(phones, reader.seconds),
        words=(),
        seconds=reader.seconds,
        rung=max(spoken, key=order.index) if spoken else "silence",
        unknown_words=vocabulary.unknown if vocabulary else (),
    )
    return retimed(replace(track, words=tuple(said)), reader.seconds)


def _share(seconds: float, reader: SoundReader) -> float:
    return min(seconds / reader.expected_seconds, 0.99) if reader.expected_seconds else 0.0


Attempt = tuple[Rung, Callable[[np.ndarray], Found]]


def _ladder(vocabulary: Vocabulary | None, *, long: bool) -> list[Attempt]:
    """The attempts worth making, best first. Words that span many pieces cannot be aligned to one of them."""
    alone: Attempt = ("phones", recognise.phones_alone)
    if vocabulary is None:
        return [alone]
    by_text: Attempt = ("text_lm", lambda samples: recognise.recognised_by_text(samples, vocabulary))
    if long:
        return [by_text, alone]
    return [
        ("align", lambda samples: recognise.aligned(samples, vocabulary, beams=recognise.STRICT)),
        ("align_wide", lambda samples: recognise.aligned(samples, vocabulary, beams=recognise.WIDE)),
        by_text,
        alone,
    ]


def _heard(samples: np.ndarray, ladder: list[Attempt]) -> tuple[Found, Rung]:
    loudness = loudness_of([hop_energies(samples)])
    if loudness.is_silent:
        return Found((), ()), "silence"
    for rung, attempt in ladder:
        try:
            found = attempt(samples)
        except NotRecognised:
            continue
        found = found if found.words else Found(_audible(found.phones, loudness), ())
        if found.phones and (rung == "phones" or _plausible(found, loudness)):
            return found, rung
    return Found(syllables(loudness), ()), "energy"


def _plausible(found: Found, loudness: Loudness) -> bool:
    """Whether these words can be what is said: they cover the loud time, and none is stretched over it."""
    times = (np.arange(len(loudness.level)) + 0.5) / HOP_HZ
    spoken = np.zeros(len(times), dtype=bool)
    for phone in found.phones:
        spoken |= (times >= phone.start_seconds) & (times < phone.end_seconds)
    loud = loudness.level > _LOUD
    covered = float(spoken[loud].mean()) if loud.any() else 1.0
    return covered >= _COVERAGE and max(phone.seconds for phone in found.phones) <= _LONGEST_PHONE


def _audible(phones: Iterable[Phone], loudness: Loudness) -> tuple[Phone, ...]:
    """Phones without the runs, from pause to pause, in which nothing is to be heard."""
    runs: list[list[Phone]] = []
    for phone in phones:
        if runs and phone.start_seconds - runs[-1][-1].end_seconds < 1e-3:
            runs[-1].append(phone)
        else:
            runs.append([phone])
    kept = []
    for run in runs:
        first, last = int(run[0].start_seconds * HOP_HZ), int(run[-1].end_seconds * HOP_HZ) + 1
        if (loudness.level[first:last] > _AUDIBLE).any():
            kept += run
    return tuple(phone for phone in kept if phone.symbol != SILENCE)


def _pieces(blocks: Iterable[np.ndarray]) -> Iterator[tuple[float, np.ndarray]]:
    """Pieces of 20 to 30 s (the last may be shorter), cut at the quietest place, each with its start in seconds."""
    held = np.zeros(0, dtype=np.float32)
    start = 0
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) > _LONGEST_PIECE * SPEECH_HZ:
            cut = _quietest(held)
            yield start / SPEECH_HZ, held[:cut]
            held, start = held[cut:], start + cut
    if len(held):
        yield start / SPEECH_HZ, held


def _quietest(samples: np.ndarray) -> int:
    """Sample of the quietest 0.3 s between the shortest and the longest length of a piece, on a whole hop."""
    first, last = _SHORTEST_PIECE * HOP_HZ, _LONGEST_PIECE * HOP_HZ
    energy = hop_energies(samples[first * HOP_SAMPLES : last * HOP_SAMPLES])
    around = np.convolve(np.sqrt(energy), np.full(30, 1 / 30), mode="same")
    return (first + int(np.argmin(around[15:-15])) + 15) * HOP_SAMPLES


def read_phones(path: Path) -> PhoneTrack:
    """Known phones from a TextGrid or a phones JSON file, by its suffix.

    Raises
    ------
    SfpError
        Another suffix, or a file that cannot be read.
    """
    from sfp_core.formats import phones_json, textgrid

    suffix = Path(path).suffix.lower()
    if suffix == ".textgrid":
        return textgrid.read(Path(path))
    if suffix == ".json":
        return phones_json.read(Path(path))
    raise SfpError(f"{path}: phones are read from .TextGrid or .json; got {suffix or 'no suffix'}")
