"""Phones and words in time as JSON: `{"format":"sfp.phones","version":1,...}`."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from sfp_core.errors import SfpError
from sfp_core.files import read_json, write_json
from sfp_core.speech.phones import Phone, PhoneTrack, Word, gapless

FORMAT, VERSION = "sfp.phones", 1


def write(path: Path, track: PhoneTrack) -> None:
    """Write a track; one phone or word a line."""
    write_json(path, track, encode=as_text)


def as_text(track: PhoneTrack) -> str:
    """The JSON text of a track, without a newline at the end."""
    head = {
        "format": FORMAT,
        "version": VERSION,
        "seconds": float(track.seconds),
        "rung": track.rung,
        "unknown_words": list(track.unknown_words),
    }
    words = [{"start": word.start_seconds, "end": word.end_seconds, "text": word.text} for word in track.words]
    phones = [{"start": one.start_seconds, "end": one.end_seconds, "phone": one.symbol} for one in track.phones]
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    return "\n".join(["{", *lines, f' "words": {_rows(words)},', f' "phones": {_rows(phones)}', "}"])


def _rows(rows: list[dict[str, Any]]) -> str:
    return "[\n" + ",\n".join(f"  {json.dumps(row, allow_nan=False)}" for row in rows) + "\n ]" if rows else "[]"


def read(path: Path) -> PhoneTrack:
    """Read what `write` wrote; gaps between phones become silence.

    Raises
    ------
    SfpError
        Another format or version, a value of the wrong kind, or times that run backwards.
    """
    content = read_json(Path(path), format_name=FORMAT, version=VERSION)
    try:
        seconds = Fraction(repr(float(content["seconds"])))
        phones = [Phone(float(row["start"]), float(row["end"]), str(row["phone"])) for row in content["phones"]]
        words = tuple(Word(float(row["start"]), float(row["end"]), str(row["text"])) for row in content["words"])
        unknown = tuple(map(str, content["unknown_words"]))
        rung = content["rung"]
    except KeyError as error:
        raise SfpError(f"{path}: {error.args[0]!r} is missing") from error
    except (TypeError, ValueError) as error:
        raise SfpError(f"{path}: a value is not of the kind that {FORMAT} has ({error})") from error
    try:
        return PhoneTrack(gapless(phones, seconds), words, seconds, rung, unknown)
    except SfpError as error:
        raise SfpError(f"{path}: {error}") from error
