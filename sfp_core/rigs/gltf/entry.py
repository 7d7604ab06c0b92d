"""One object of a stranger's JSON: values are asked for by kind and limits, and a wrong one is named with its place."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sfp_core.errors import SfpError


class Entry:
    """An object of a document and where it stands.

    Parameters
    ----------
    content : mapping
        As it was read; nothing of it has been looked at.
    where : str
        File and place, for messages: "face.glb: meshes[0]".
    """

    def __init__(self, content: Mapping[str, Any], where: str) -> None:
        self._content = content
        self.where = where

    def __contains__(self, key: str) -> bool:
        return self._content.get(key) is not None

    def place(self, key: str) -> str:
        """Where the value of a key stands, for messages."""
        return f"{self.where}.{key}" if self.where.endswith("]") else f"{self.where}: {key}"

    def problem(self, key: str, expected: str) -> SfpError:
        """The error to raise for the value of a key."""
        return SfpError(f"{self.place(key)}: expected {expected}, got {shown(self._content.get(key))}")

    def integer(self, key: str, default: int | None = None, *, low: int = 0, high: int | None = None) -> int:
        """A whole number within `low` and `high`; `default`, where there is one, for a key left out."""
        value = self._content.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, int) and is_integer(value) and low <= value and (high is None or value <= high):
            return value
        raise self.problem(key, f"a whole number from {low}" + ("" if high is None else f" to {high}"))

    def index(self, key: str, count: int) -> int:
        """A number that names one of `count` things."""
        value = self._content.get(key)
        if isinstance(value, int) and is_integer(value) and 0 <= value < count:
            return value
        raise self.problem(key, f"the number of one of {count}")

    def indices(self, key: str, count: int) -> list[int]:
        """Numbers that name some of `count` things; none for a key left out."""
        value = self._content.get(key)
        if value is None:
            return []
        if not (isinstance(value, list) and all(is_integer(one) and 0 <= one < count for one in value)):
            raise self.problem(key, f"a list of numbers below {count}")
        return [int(one) for one in value]

    def number(self, key: str, default: float) -> float:
        """A finite number."""
        value = self._content.get(key, default)
        if not is_number(value):
            raise self.problem(key, "a finite number")
        return float(value)

    def numbers(self, key: str, default: tuple[float, ...]) -> np.ndarray:
        """As many finite numbers as `default` has, (n,) float64."""
        value = self._content.get(key, list(default))
        if not (isinstance(value, list) and len(value) == len(default) and all(is_number(one) for one in value)):
            raise self.problem(key, f"{len(default)} finite numbers")
        return np.array([float(one) for one in value])

    def many_numbers(self, key: str) -> list[float]:
        """Finite numbers, as many as there are; none for a key left out."""
        value = self._content.get(key, [])
        if not (isinstance(value, list) and all(is_number(one) for one in value)):
            raise self.problem(key, "a list of finite numbers")
        return [float(one) for one in value]

    def text(self, key: str, default: str = "") -> str:
        """A text."""
        value = self._content.get(key, default)
        if not isinstance(value, str):
            raise self.problem(key, "a text")
        return value

    def texts(self, key: str) -> list[str]:
        """A list of texts; none for a key left out."""
        value = self._content.get(key, [])
        if not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            raise self.problem(key, "a list of texts")
        return list(value)

    def flag(self, key: str) -> bool:
        """True or false; false for a key left out."""
        value = self._content.get(key, False)
        if not isinstance(value, bool):
            raise self.problem(key, "true or false")
        return value

    def child(self, key: str) -> "Entry":
        """An object; an empty one for a key left out."""
        value = self._content.get(key, {})
        if not isinstance(value, dict):
            raise self.problem(key, "an object")
        return Entry(value, self.place(key))

    def children(self, key: str) -> list["Entry"]:
        """A list of objects; none for a key left out."""
        value = self._content.get(key, [])
        if not (isinstance(value, list) and all(isinstance(one, dict) for one in value)):
            raise self.problem(key, "a list of objects")
        return [Entry(one, f"{self.place(key)}[{number}]") for number, one in enumerate(value)]

    def named_children(self) -> Iterator[tuple[str, "Entry"]]:
        """All values that are objects, by key."""
        for key, value in self._content.items():
            if isinstance(value, dict):
                yield key, Entry(value, self.place(key))


def is_integer(value: object) -> bool:
    """Whether a JSON value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Whether a JSON value is a finite number that a float holds."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def shown(value: object) -> str:
    """A value in one short line."""
    if value is None:
        return "nothing"
    text = repr(value) if not isinstance(value, (dict, list)) else f"{type(value).__name__} of {len(value)}"
    return text if len(text) <= 60 else f"{text[:57]}..."
