"""A written line as the words that are spoken."""

import re
import unicodedata
from pathlib import Path

from sfp_core.errors import SfpError
from sfp_core.speech import numerals

_LONGEST_NAME = 255  # a longer text is no file name; asking the disk about it would be an error

_ABBREVIATIONS = {
    "mr.": "mister",
    "mrs.": "missus",
    "ms.": "miz",
    "dr.": "doctor",
    "st.": "saint",
    "prof.": "professor",
    "jr.": "junior",
    "sr.": "senior",
    "vs.": "versus",
    "etc.": "et cetera",
    "e.g.": "for example",
    "i.e.": "that is",
    "no.": "no",
    "a.m.": "a m",
    "p.m.": "p m",
    "ok": "okay",
    "o.k.": "okay",
}
_SYMBOLS = {"&": " and ", "%": " percent ", "+": " plus ", "=": " equals ", "@": " at ", "°": " degrees "}
_MONEY = {"$": "dollar", "€": "euro", "£": "pound"}
_PLAIN = {
    **dict.fromkeys((0x2018, 0x2019, 0x02BC, ord("`")), "'"),  # single quotes and apostrophes
    **dict.fromkeys((0x201C, 0x201D), '"'),
    **dict.fromkeys((0x2013, 0x2014, 0x2026), " "),  # dashes, ellipsis
}
_DIRECTIONS = re.compile(r"\[[^\]]*\]|\{[^}]*\}|<[^>]*>|\*[^*\n]*\*|\([^)]*\)")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MONEY_AMOUNT = re.compile(r"([$€£])\s?(\d+)(?:\.(\d\d))?(?!\d)")
_CLOCK = re.compile(r"\b(\d{1,2}):(\d\d)\b")
_SPEAKER = re.compile(r"^\s*[A-Z][A-Z0-9 .'_-]{1,30}:\s", re.MULTILINE)
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}")


def read_transcript(text_or_path: str | Path) -> str:
    """The text itself, or what is in the file of that name.

    Raises
    ------
    SfpError
        If the file is not UTF-8 text, or a `Path` (or a text that looks like a `.txt` or `.lab` file) is not there.
    """
    text = str(text_or_path)
    named_file = isinstance(text_or_path, Path) or re.fullmatch(r"\S.*\.(txt|lab)\s*", text, re.IGNORECASE) is not None
    if len(text) <= _LONGEST_NAME and "\n" not in text and Path(text).is_file():
        try:
            return Path(text).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise SfpError(f"{text}: the transcript cannot be read; expected a text file in UTF-8") from error
    if named_file:
        raise SfpError(f"{text}: no such file; expected the transcript itself or a text file with it")
    return text


def spoken_words(text: str) -> list[str]:
    """The words of a transcript in lower case, as a dictionary lists them.

    Punctuation goes; contractions keep their apostrophe; numbers, years, money, clock times and common
    abbreviations become words; `[stage directions]`, `(asides to the actor)`, `*actions*` and `NAME:` before a line
    are not spoken and are left out.

    Returns
    -------
    list of str
        Each of letters a-z and apostrophes. Empty when nothing is spoken.
    """
    text = _DIRECTIONS.sub(" ", text.translate(_PLAIN))
    text = _SPEAKER.sub(" ", text)
    text = unicodedata.normalize("NFKD", text)
    text = "".join(letter for letter in text if not unicodedata.combining(letter)).lower()
    text = _MONEY_AMOUNT.sub(_money, _GROUPED.sub("", text))
    text = _CLOCK.sub(_clock, text)
    text = _INITIALS.sub(lambda match: _ABBREVIATIONS.get(match[0], match[0].replace(".", " ")), text)
    for symbol, word in _SYMBOLS.items():
        text = text.replace(symbol, word)
    return [word for token in re.split(r"[\s/_-]+", text) for word in _words_of(token)]


def _words_of(token: str) -> list[str]:
    token = token.strip('"!?,;:()[]#~|^\\')
    if token in _ABBREVIATIONS:
        return _ABBREVIATIONS[token].split()
    token = token.strip(".'\"!?,;:")
    if (number := numerals.spoken(token)) is not None:
        return number
    words = []
    for part in re.findall(r"\d+(?:st|nd|rd|th)?|[a-z']+", token):  # `4k` is two words
        if part[0].isdigit():
            words += numerals.spoken(part) or []
        elif part := part.strip("'"):
            words.append(_ABBREVIATIONS.get(part, part))
    return words


def _money(match: re.Match[str]) -> str:
    unit, whole, cents = _MONEY[match[1]], int(match[2]), int(match[3] or 0)
    text = f" {' '.join(numerals.cardinal(whole))} {unit}{'' if whole == 1 else 's'} "
    return text + (f"{' '.join(numerals.cardinal(cents))} " if cents else "")


def _clock(match: re.Match[str]) -> str:
    hours, minutes = int(match[1]), int(match[2])
    if minutes == 0:
        return f"{hours} o'clock" if hours <= 12 else f"{hours} hundred"
    return f"{hours} {'oh ' if minutes < 10 else ''}{minutes}"
