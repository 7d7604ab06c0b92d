"""Praat's TextGrid, long format, with the tiers `words` and `phones`."""

import re
from fractions import Fraction
from pathlib import Path

from sfp_core.errors import SfpError
from sfp_core.files import write_text
from sfp_core.speech.phones import SILENCE, Phone, PhoneTrack, Word, arpabet, gapless

_TIER_NAMES = {"phones": ("phones", "phone", "segments", "phonemes"), "words": ("words", "word")}
_TOKEN = re.compile(r'"((?:[^"]|"")*)"|<exists>|(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.\]])')

_Interval = tuple[Fraction, Fraction, str]


def write(path: Path, track: PhoneTrack) -> None:
    """Write a track: both tiers gapless from 0 to the end, `""` where nothing is said."""
    if not track.seconds > 0:
        raise SfpError(f"{path}: a TextGrid cannot hold a sound of {float(track.seconds)} s; expected more than 0")
    phones = [(phone.start_seconds, phone.end_seconds, phone.symbol) for phone in track.phones]
    words: list[tuple[float, float, str]] = []
    time = 0.0
    for word in track.words:
        if word.start_seconds > time:
            words.append((time, word.start_seconds, SILENCE))
        words.append((max(time, word.start_seconds), word.end_seconds, word.text))
        time = word.end_seconds
    if time < float(track.seconds):
        words.append((time, float(track.seconds), SILENCE))
    end = _number(float(track.seconds))
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0",
        f"xmax = {end}",
        "tiers? <exists>",
        "size = 2",
        "item []:",
    ]
    for number, (name, intervals) in enumerate((("words", words), ("phones", phones)), start=1):
        lines += [
            f"    item [{number}]:",
            '        class = "IntervalTier"',
            f'        name = "{name}"',
            "        xmin = 0",
            f"        xmax = {end}",
            f"        intervals: size = {len(intervals)}",
        ]
        for index, (first, last, text) in enumerate(intervals, start=1):
            lines += [
                f"        intervals [{index}]:",
                f"            xmin = {_number(first)}",
                f"            xmax = {_number(last)}",
                f'            text = "{text.replace(chr(34), chr(34) * 2)}"',
            ]
    write_text(path, "\n".join(lines) + "\n")


def _number(seconds: float) -> str:
    return repr(seconds).removesuffix(".0")  # repr is the shortest text that reads back as the same number


def read(path: Path) -> PhoneTrack:
    """Read a TextGrid, long or short format, ours or another aligner's.

    Tiers are found by name (`phones`, `phone`, `segments`; `words`, `word`); stress digits and noises of other
    aligners are accepted. Words are optional.

    Raises
    ------
    SfpError
        Not a TextGrid, no tier with phones, a phone that is no ARPABET, or times that run backwards.
    """
    tiers, end = _tiers(Path(path))
    named = {
        kind: next((tiers[name] for name in tiers if name.lower() in names), None)
        for kind, names in _TIER_NAMES.items()
    }
    if named["phones"] is None:
        raise SfpError(f"{path}: no tier named 'phones'; the tiers are {', '.join(map(repr, tiers)) or 'none'}")
    phones = [Phone(float(a), float(b), _symbol(path, a, text)) for a, b, text in named["phones"]]
    words = tuple(
        Word(float(a), float(b), text.strip().lower())
        for a, b, text in named["words"] or ()
        if text.strip() and not text.strip().startswith(("<", "["))
    )
    try:
        return PhoneTrack(phones=gapless(phones, end), words=words, seconds=end, rung="file")
    except SfpError as error:
        raise SfpError(f"{path}: {error}") from error


def _symbol(path: Path, start: Fraction, text: str) -> str:
    try:
        return arpabet(text)
    except SfpError as error:
        raise SfpError(f"{path}: tier 'phones' at {float(start):.3f} s: {error}") from error


def _tiers(path: Path) -> tuple[dict[str, list[_Interval]], Fraction]:
    tokens = _tokens(path)
    if tokens[:2] != ["ooTextFile", "TextGrid"]:
        raise SfpError(f"{path}: not a TextGrid; expected its first lines to name ooTextFile and TextGrid")
    try:
        end, count, place = _time(tokens[3]), int(_time(tokens[5])), 6
        tiers: dict[str, list[_Interval]] = {}
        for _ in range(count):
            kind, name, size = str(tokens[place]), str(tokens[place + 1]), int(_time(tokens[place + 4]))
            place += 5
            width = 3 if kind == "IntervalTier" else 2  # a point has one time
            rows = [tokens[at : at + width] for at in range(place, place + size * width, width)]
            place += size * width
            if kind == "IntervalTier":
                tiers[name] = [_interval(path, name, *row) for row in rows]
    except (IndexError, ValueError, TypeError) as error:
        raise SfpError(f"{path}: the TextGrid ends early or is damaged; export it again") from error
    return tiers, end


def _interval(path: Path, tier: str, start: str | Fraction, end: str | Fraction, text: str | Fraction) -> _Interval:
    first, last = _time(start), _time(end)
    if last < first:
        raise SfpError(f"{path}: tier {tier!r}: an interval from {float(first)} to {float(last)} s runs backwards")
    return first, last, str(text)


def _time(token: str | Fraction) -> Fraction:
    if isinstance(token, str):
        raise ValueError(f"expected a number, got {token!r}")
    return token


def _tokens(path: Path) -> list[str | Fraction]:
    """Texts and numbers in order; the long format's words between them (`xmin =`, `intervals [3]:`) say nothing."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise SfpError(f"{path}: no such file") from error
    except OSError as error:
        raise SfpError(f"{path}: cannot be read ({error.strerror})") from error
    try:  # Praat writes UTF-16 when a text is not plain ASCII
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise SfpError(f"{path}: not a TextGrid; expected text in UTF-8 or UTF-16") from error
    tokens: list[str | Fraction] = []
    for match in _TOKEN.finditer(text):
        if match[1] is not None:
            tokens.append(match[1].replace('""', '"'))
        else:
            tokens.append("<exists>" if match[0] == "<exists>" else Fraction(match[0]))
    return tokens
