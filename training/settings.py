"""Configuration files: TOML tables into dataclasses, so that a misspelt key is an error and not a default."""

import dataclasses
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from sfp_core.errors import SfpError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

T = TypeVar("T")


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. Raises SfpError when it is not there or is no TOML."""
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SfpError(f"{path}: no such configuration file") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SfpError(f"{path}: not a TOML file ({error})") from error


def from_table(kind: type[T], table: Mapping[str, Any], *, where: str) -> T:
    """A dataclass from a TOML table; nested dataclasses from nested tables, arrays as tuples, arrays of
    tables as tuples of dataclasses.

    Keys that are left out take the dataclass's default.

    Raises
    ------
    SfpError
        A key the dataclass does not have, a key that is missing, a value of another type, or a value the dataclass
        refuses; all of them together.
    """
    hints = get_type_hints(kind)
    problems: list[str] = []
    values: dict[str, Any] = {}
    for key, value in table.items():
        place = f"{where}.{key}"
        wanted = hints.get(key)
        if wanted is None:
            problems.append(f"{place}: unknown key; expected one of {', '.join(hints)}")
        elif dataclasses.is_dataclass(wanted) and isinstance(wanted, type):
            try:
                values[key] = from_table(wanted, value, where=place)
            except SfpError as error:
                problems.append(str(error))
        elif (row := _row_type(wanted)) is not None:
            try:
                values[key] = _rows(row, value, where=place)
            except SfpError as error:
                problems.append(str(error))
        elif wanted in (int, float, bool, str) and not _fits(value, wanted):
            problems.append(f"{place}: expected {wanted.__name__}, got {value!r}")
        else:
            values[key] = tuple(value) if isinstance(value, list) else value
    if problems:
        raise SfpError("; ".join(problems))
    try:
        return kind(**values)
    except (TypeError, SfpError) as error:
        raise SfpError(f"{where}: {error}") from error


def _row_type(wanted: Any) -> Any:
    """The dataclass of an annotation `tuple[Dataclass, ...]`, else None."""
    arguments = get_args(wanted)
    return arguments[0] if get_origin(wanted) is tuple and dataclasses.is_dataclass(arguments[0]) else None


def _rows(kind: Any, value: Any, *, where: str) -> tuple[Any, ...]:
    """An array of tables. Raises SfpError for all of its problems together."""
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise SfpError(f"{where}: expected an array of tables, got {value!r}")
    rows, problems = [], []
    for index, row in enumerate(value):
        try:
            rows.append(from_table(kind, row, where=f"{where}[{index}]"))
        except SfpError as error:
            problems.append(str(error))
    if problems:
        raise SfpError("; ".join(problems))
    return tuple(rows)


def _fits(value: object, wanted: type) -> bool:
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
