"""The statements of a Maya ASCII file, one by one, however long the file is. Nothing is executed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from sfp_core.errors import SfpError

_BLOCK = 1 << 20  # characters read at a time
_SPECIAL = re.compile(r'[;"/]')
_QUOTE_OR_ESCAPE = re.compile(r'["\\]')
_WORD = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"|([^\s"]+)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_FIRST = "//Maya ASCII "


@dataclass(frozen=True)
class Statement:
    """One statement.

    Attributes
    ----------
    line : int
        Where it begins, from 1.
    text : str
        Without comments and without its semicolon.
    """

    line: int
    text: str

    def words(self) -> list[str]:
        """Its words; quoted ones without their quotes, with what their escapes stand for."""
        return [
            plain or _ESCAPE.sub(lambda escape: _ESCAPES.get(escape[1], escape[1]), quoted)
            for quoted, plain in _WORD.findall(self.text)
        ]


def maya_statements(path: Path) -> Iterator[Statement]:
    """All statements of a file, read block by block.

    A semicolon ends a statement unless it is within a string or a comment. The text is decoded by the code set that
    the head of the file names; what cannot be decoded is replaced, not refused.

    Raises
    ------
    SfpError
        Not there, not Maya ASCII, or an end in the middle of a string or a statement.
    """
    path = Path(path)
    try:
        with path.open("rb") as raw:
            head = raw.read(4096)
        encoding = _encoding(head)
        first = head.decode("latin-1").removeprefix("\xef\xbb\xbf").partition("\n")[0].strip()
        if not first.startswith(_FIRST):
            raise SfpError(
                f"{path}:1: begins with {first[:40]!r}; expected {_FIRST!r}: save the scene as Maya ASCII (.ma)"
            )
        with path.open(encoding=encoding, errors="replace") as stream:
            yield from _split(stream, path)
    except FileNotFoundError as error:
        raise SfpError(f"{path}: no such file") from error
    except OSError as error:
        raise SfpError(f"{path}: cannot be read ({error.strerror or error})") from error


def _encoding(head: bytes) -> str:
    """The text encoding that `//Codeset: 1252` and the like name."""
    found = re.search(rb"^//Codeset:\s*(\S+)", head, re.MULTILINE)
    word = found[1].decode("latin-1").lower() if found else "utf-8"
    if re.fullmatch(r"\d{3,5}", word):
        try:
            "".encode(f"cp{word}")
        except LookupError:
            return "latin-1"
        return f"cp{word}"
    return "utf-8-sig" if word in ("utf-8", "utf8") else "latin-1"


def _split(stream: TextIO, path: Path) -> Iterator[Statement]:
    # `buffer[start:]` is the statement being read, `at` where to look on, `before` its text up to a comment within.
    buffer, start, at, line, before = "", 0, 0, 1, ""
    ended = False

    def missing(what: str) -> SfpError:
        place = _first_line(before + buffer[start:], line)
        return SfpError(f"{path}:{place}: {what} without end; the file may be cut off: expected a whole file")

    while True:
        match = _SPECIAL.search(buffer, at)
        if match is None:
            if ended:
                if (before + buffer[start:]).strip():
                    raise missing("a statement")
                return
            resume = len(buffer)
        elif match[0] == ";":
            text = before + buffer[start : match.start()]
            yield Statement(_first_line(text, line), text.strip())
            line += text.count("\n")
            start = at = match.end()
            before = ""
            continue
        else:
            resume = match.start()
            mark = buffer[match.start() : match.start() + 2] if match[0] == "/" else '"'
            if mark not in ('"', "//", "/*") and (len(mark) == 2 or ended):
                at = match.end()
                continue
            stop = _string_end(buffer, match.end()) if mark == '"' else _comment_end(buffer, match.start(), ended)
            if stop is not None:
                if mark != '"':  # lines of the comment stay, so that they are counted
                    lines = buffer.count("\n", match.start(), stop)
                    before += buffer[start : match.start()] + " " + "\n" * lines
                    start = stop
                at = stop
                continue
            if ended:
                raise missing("a string" if mark == '"' else "a comment")
        # More is needed. A statement longer than a block is read in ever larger ones, so that none is scanned often.
        block = stream.read(max(_BLOCK, len(buffer) - start))
        ended = not block
        at = resume - start
        buffer = buffer[start:] + block
        start = 0


def _first_line(text: str, line: int) -> int:
    """The line of the first letter of a text that begins on `line`."""
    return line + text.count("\n", 0, len(text) - len(text.lstrip()))


def _string_end(buffer: str, at: int) -> int | None:
    """Behind the quote that ends a string, or None where it is not in the buffer."""
    while match := _QUOTE_OR_ESCAPE.search(buffer, at):
        if match[0] == '"':
            return match.end()
        at = match.end() + 1
    return None


def _comment_end(buffer: str, begin: int, ended: bool) -> int | None:
    """Behind a comment, or None where its end is not in the buffer; the end of the file ends one of a line."""
    if buffer.startswith("/*", begin):
        stop = buffer.find("*/", begin + 2)
        return stop + 2 if stop >= 0 else None
    stop = buffer.find("\n", begin + 2) if buffer.startswith("//", begin) else -1
    return stop if stop >= 0 else len(buffer) if ended else None
