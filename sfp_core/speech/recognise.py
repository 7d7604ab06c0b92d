"""The recogniser: pocketsphinx's forced alignment and phone recognition behind plain functions.

pocketsphinx (BSD-2) carries its English acoustic model and dictionary in its package. A decoder that failed once is
in an unknown state ("Failed to stop utterance processing"), so that every attempt makes its own.
"""

import contextlib
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sfp_core.speech.letters import pronounced
from sfp_core.speech.phones import SILENCE, Phone, Word, arpabet

_FRAME_SECONDS = 0.01
_TARGET_RMS = 0.1  # -20 dBFS, about the level the acoustic model was trained at
_ALTERNATIVE = re.compile(r"\(\d+\)$")  # `the(2)` is the second pronunciation of `the`

STRICT: dict[str, float] = {}
WIDE = {"beam": 1e-100, "wbeam": 1e-80, "pbeam": 1e-100}
_PHONE_LOOP = {"lw": 2.0, "beam": 1e-20, "pbeam": 1e-20}


class NotRecognised(Exception):
    """The recogniser found no path; the next rung of the cascade takes over."""


@dataclass(frozen=True)
class Found:
    """Phones and words of one piece of sound, silence left out, times from the start of the piece."""

    phones: tuple[Phone, ...]
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Vocabulary:
    """The words of one transcript, ready for the recogniser.

    Attributes
    ----------
    words : tuple of str
        In order.
    unknown : tuple of str
        Those, each once, that the dictionary lacks; they are pronounced by rule.
    dictionary, language_model : Path
        Temporary files: these words' pronunciations, and a trigram model of the transcript in ARPA form.
    """

    words: tuple[str, ...]
    unknown: tuple[str, ...]
    dictionary: Path
    language_model: Path


@contextlib.contextmanager
def vocabulary_of(words: Sequence[str]) -> Iterator[Vocabulary]:
    """The vocabulary of a transcript; its files live as long as the block.

    A dictionary of these words alone loads ten times as fast as the whole one.
    """
    from pocketsphinx.lm import ArpaBoLM

    known = _pronunciations(set(words))
    unknown = tuple(word for word in dict.fromkeys(words) if word not in known)
    lines = [line for entries in known.values() for line in entries]
    lines += [f"{word} {' '.join(pronounced(word))}" for word in unknown]
    with tempfile.TemporaryDirectory(prefix="sfp-") as folder:
        dictionary, language_model = Path(folder) / "transcript.dict", Path(folder) / "transcript.lm"
        dictionary.write_text("\n".join(lines) + "\n", encoding="utf-8")
        model = ArpaBoLM(text=" ".join(words), add_start=True)
        model.compute()
        model.write_file(str(language_model))
        yield Vocabulary(tuple(words), unknown, dictionary, language_model)


def _pronunciations(words: set[str]) -> dict[str, list[str]]:
    """Lines of pocketsphinx's dictionary (`the DH AH`, `the(2) DH IY`) for these words."""
    from pocketsphinx import get_model_path

    found: dict[str, list[str]] = {}
    for line in Path(get_model_path("en-us/cmudict-en-us.dict")).read_text(encoding="utf-8").splitlines():
        entry = line.partition(" ")[0]
        word = entry if entry in words else entry.partition("(")[0]
        if word in words:
            found.setdefault(word, []).append(line)
    return found


def aligned(samples: np.ndarray, vocabulary: Vocabulary, *, beams: dict[str, float]) -> Found:
    """Forced alignment of these very words, in order.

    Parameters
    ----------
    samples : (n,) float32
        Mono, 16 kHz.

    Raises
    ------
    NotRecognised
        No path within the beams, or the second pass failed.
    """
    pcm = _pcm(samples)
    with _failures():
        decoder = _decoder(dict=str(vocabulary.dictionary), **beams)
        decoder.set_align_text(" ".join(vocabulary.words))
        _decode(decoder, pcm)
        return _second_pass(decoder, pcm)


def recognised_by_text(samples: np.ndarray, vocabulary: Vocabulary) -> Found:
    """Recognition with the transcript as language model: words may be missing, repeated or in another order.

    Raises
    ------
    NotRecognised
        Nothing was found.
    """
    pcm = _pcm(samples)
    with _failures():
        decoder = _decoder(dict=str(vocabulary.dictionary))
        decoder.add_lm_file("transcript", str(vocabulary.language_model))
        decoder.activate_search("transcript")
        _decode(decoder, pcm)
        return _second_pass(decoder, pcm)


def phones_alone(samples: np.ndarray) -> Found:
    """Phone recognition without words.

    Raises
    ------
    NotRecognised
        Nothing was found.
    """
    from pocketsphinx import get_model_path

    decoder = _decoder(allphone=get_model_path("en-us/en-us-phone.lm.bin"), dict=None, **_PHONE_LOOP)
    with _failures():
        _decode(decoder, _pcm(samples))
        found = [
            (segment.start_frame * _FRAME_SECONDS, (segment.end_frame + 1) * _FRAME_SECONDS, arpabet(segment.word))
            for segment in decoder.seg() or ()
        ]
    phones = tuple(Phone(start, end, symbol) for start, end, symbol in found if symbol and end > start)
    if not phones:
        raise NotRecognised("phone recognition found nothing")
    return Found(phones, ())


def _decoder(**settings: Any) -> Any:
    from pocketsphinx import Decoder, get_model_path

    # The lattice search ends in a `</s>` of one frame, into which the second pass cannot fit its phones:
    # "Failed to stop utterance processing" (pocketsphinx pull request 354). Without it, both passes agree.
    usual = {"hmm": get_model_path("en-us/en-us"), "lm": None, "bestpath": False, "loglevel": "FATAL"}
    return Decoder(**{**usual, **settings})


def _decode(decoder: Any, pcm: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    if decoder.hyp() is None:
        raise NotRecognised("no path")


def _second_pass(decoder: Any, pcm: bytes) -> Found:
    """Phones of the words that the first pass found."""
    decoder.set_alignment()
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    phones: list[Phone] = []
    words: list[Word] = []
    for word in decoder.get_alignment():
        inside = [
            Phone(phone.start * _FRAME_SECONDS, (phone.start + phone.duration) * _FRAME_SECONDS, symbol)
            for phone in word
            if (symbol := arpabet(phone.name)) != SILENCE and phone.duration > 0
        ]
        if inside:
            phones += inside
            words.append(Word(inside[0].start_seconds, inside[-1].end_seconds, _ALTERNATIVE.sub("", word.name)))
    if not words:
        raise NotRecognised("only silence")
    return Found(tuple(phones), tuple(words))


@contextlib.contextmanager
def _failures() -> Iterator[None]:
    """pocketsphinx tells every failure as RuntimeError (and a refused text as ValueError)."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        raise NotRecognised(str(error)) from error


def _pcm(samples: np.ndarray) -> bytes:
    """16-bit samples at the level the model knows; a few clipped peaks do less harm than a whisper."""
    samples = np.asarray(samples, dtype=np.float64)
    samples = samples - samples.mean()
    size = np.abs(samples)
    loud = size > np.percentile(size, 50)  # pauses do not count
    rms = float(np.sqrt(np.mean(samples[loud] ** 2))) if loud.any() else 0.0
    gain = _TARGET_RMS / rms if rms > 0 else 1.0
    return np.asarray(np.clip(samples * gain, -1.0, 1.0) * 32767).astype("<i2").tobytes()
