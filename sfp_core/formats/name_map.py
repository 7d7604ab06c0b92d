"""Names for controllers: a JSON object `{"old": "new"}`, or a table of two columns."""

import csv
from pathlib import Path

from sfp_core.errors import SfpError, listed
from sfp_core.files import read_json

_TITLES = ("from", "to")
_DELIMITERS = ("\t", ";", ",")


def read_name_map(path: Path) -> dict[str, str]:
    """Old names to new ones, `""` for a controller that is to be left out (`null` or an empty cell).

    A file named `.json` holds an object; any other is a table with commas, semicolons or tabs, whose first row may be
    `from` and `to`.

    Raises
    ------
    SfpError
        Not there, not such a file, an old name that is empty or there twice, or no names at all.
    """
    path = Path(path)
    pairs = _from_json(path) if path.suffix.lower() == ".json" else _from_table(path)
    names: dict[str, str] = {}
    problems: list[str] = []
    for place, old, new in pairs:
        if not old:
            problems.append(f"{place}: the old name is empty")
        elif old in names:
            problems.append(f"{place}: {old!r} is there twice")
        names[old] = new
    if problems:
        raise SfpError(listed(problems))
    if not names:
        raise SfpError(f"{path}: no names in it; expected old and new names of controllers")
    return names


def _from_json(path: Path) -> list[tuple[str, str, str]]:
    """(place, old, new) of every name."""
    content = read_json(path)
    problems = [
        f"{path}: {old!r}: {new!r:.40}; expected the new name as text, or null to leave it out"
        for old, new in content.items()
        if not isinstance(new, str | None)
    ]
    if problems:
        raise SfpError(listed(problems))
    return [(str(path), old.strip(), (new or "").strip()) for old, new in content.items()]


def _from_table(path: Path) -> list[tuple[str, str, str]]:
    """(place, old, new) of every row."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise SfpError(f"{path}: no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SfpError(f"{path}: cannot be read as text ({error})") from error
    lines = text.splitlines()
    delimiter = next((sign for sign in _DELIMITERS if lines and sign in lines[0]), ",")
    pairs: list[tuple[str, str, str]] = []
    problems: list[str] = []
    for number, row in enumerate(csv.reader(lines, delimiter=delimiter), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and tuple(cell.casefold() for cell in cells) == _TITLES):
            continue
        if len(cells) == 2:
            pairs.append((f"{path}:{number}", cells[0], cells[1]))
        else:
            problems.append(f"{path}:{number}: {len(cells)} columns; expected 2, old and new name")
    if problems:
        raise SfpError(listed(problems))
    return pairs
