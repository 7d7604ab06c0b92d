"""The stage `speech` of every command: a sound, and what is known of it, to what was heard and what to warn of."""

from pathlib import Path

from sfp_core.curves.take import Spoken
from sfp_core.errors import SfpError
from sfp_core.progress import Progress
from sfp_core.speech import Heard, listen, read_phones
from sfp_core.speech.phones import PhoneTrack

_RUNG_WARNINGS = {
    "energy": "no phones were recognised, so the mouth follows the loudness alone; a transcript helps",
    "silence": "nothing is said in this sound, so the character rests",
}
_LISTED_WORDS = 10


def hear(sound: Path, *, transcript: str | None, phones: Path | None, report: Progress) -> Heard:
    """Phones and loudness of a sound, told as the stage `speech` in percent.

    Parameters
    ----------
    transcript : str or None
        What is said, or the name of a text file with it.
    phones : Path or None
        Known phones, `.TextGrid` or `.json`; then nothing is recognised.

    Raises
    ------
    SfpError
        A file that cannot be read, or both a transcript and phones.
    """
    if transcript is not None and phones is not None:
        raise SfpError("--transcript and --phones: the phones are known already; give one of the two")
    with report.stage("speech", total=100) as step:
        known = read_phones(phones) if phones is not None else None
        return listen(sound, transcript, phones=known, progress=lambda share: step(round(100 * share)))


def warnings_of(heard: Heard) -> tuple[str, ...]:
    """What a person should know about how it was heard, each in one line."""
    warnings = []
    if heard.track.unknown_words:
        words = ", ".join(heard.track.unknown_words[:_LISTED_WORDS])
        warnings.append(f"words not in the dictionary, pronounced by rule: {words}")
    if heard.track.rung in _RUNG_WARNINGS:
        warnings.append(_RUNG_WARNINGS[heard.track.rung])
    return tuple(warnings)


def spoken_of(track: PhoneTrack) -> Spoken:
    """What a take keeps of the phones and words that were heard."""
    return Spoken(
        tuple((word.start_seconds, word.end_seconds, word.text) for word in track.words),
        tuple((phone.start_seconds, phone.end_seconds, phone.symbol) for phone in track.phones),
    )
