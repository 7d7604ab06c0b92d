"""Whether a call is one that Maya would take: known command, flag, mode and type, on the main thread."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

FACTS: dict[str, dict[str, dict[str, str]]] = json.loads(
    (Path(__file__).parents[1] / "facts.json").read_text(encoding="utf-8")
)["commands"]

# "In query mode, this flag needs a value" (Commands: animLayer, attributeQuery, optionVar), which the stubs do not say.
VALUES_IN_QUERY = {
    ("animLayer", "layeredPlug"): "str",
    ("animLayer", "findCurveForPlug"): "str",
    ("optionVar", "query"): "str",
}
# Flags that the pages have in create mode and the stubs lack there (Commands: file, transformLimits).
CREATED_TOO = {
    ("file", "reference"): "bool",
    ("file", "namespace"): "str",
    **{
        ("transformLimits", f"{word}{axis}"): kind
        for word, kind in (
            ("translation", "tuple[float, float]"),
            ("rotation", "tuple[float, float]"),
            ("enableTranslation", "tuple[bool, bool]"),
            ("enableRotation", "tuple[bool, bool]"),
        )
        for axis in "XYZ"
    },
}
# Modes that the pages have and the stubs lack (Commands: currentTime: "In query mode, returns the current time").
MODES_TOO = {("currentTime", "query")}


def mode_of(name: str, flags: dict[str, Any]) -> str:
    """create, query or edit."""
    modes = [mode for mode in ("query", "edit") if flags.get(mode)]
    if len(modes) > 1:
        raise TypeError(f"{name}: query and edit at once")
    return modes[0] if modes else "create"


def check(name: str, flags: dict[str, Any]) -> str:
    """The mode of a call that Maya would take; raises as Maya does for any other.

    "Python and threading" (developer guide): commands may be called from the main thread alone.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError(f"{name}: called outside of the main thread")
    # the query flag of optionVar takes the name of the variable (Commands: optionVar)
    mode = "create" if name == "optionVar" else mode_of(name, flags)
    table = FACTS[name]
    known = {} if (name, mode) in MODES_TOO else table.get(mode)
    if known is None:
        raise TypeError(f"{name}: has no {mode} mode")
    for flag, value in flags.items():
        if flag == mode:
            continue
        kind = known.get(flag)
        if mode == "create":
            kind = kind or CREATED_TOO.get((name, flag))
        if mode == "query" or name == "optionVar":
            kind = VALUES_IN_QUERY.get((name, flag)) or kind
        if kind is None:
            elsewhere = f" in {mode} mode" if any(flag in flags_ for flags_ in table.values()) else ""
            raise TypeError(f"Invalid flag '{flag}'{elsewhere}")
        if not _fits(value, kind):
            raise TypeError(f"Invalid arguments for flag '{flag}'. Expected {kind}, got {value!r}")
    return mode


def _fits(value: Any, kind: str) -> bool:
    if kind in ("Any", "Literal[True]"):
        return kind == "Any" or value is True
    if " | " in kind and not kind.startswith(("tuple", "list")):
        return any(_fits(value, part) for part in kind.split(" | "))
    if kind.startswith("list[") and " | " not in kind:
        return isinstance(value, (list, tuple)) and all(_fits(one, kind[5:-1]) for one in value)
    if kind.startswith("tuple["):
        parts = kind[6:].split("]")[0].split(", ")
        return isinstance(value, (list, tuple)) and (
            len(value) == len(parts) and all(_fits(one, part) for one, part in zip(value, parts))
        )
    if kind == "bool":
        return isinstance(value, (bool, int)) and value in (0, 1)
    if kind == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "float":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "str":
        return isinstance(value, str)
    raise NotImplementedError(f"type {kind} of the facts")
