"""How a behaviour becomes a command: checked against the facts, counted, recorded for undo."""

from __future__ import annotations

from typing import Any, Callable

from .checking import check
from .scene import SESSION

Behaviour = Callable[..., Any]
COMMANDS: dict[str, Behaviour] = {}


def command(*flags: str, undoable: bool = True) -> Callable[[Behaviour], Behaviour]:
    """Register a behaviour under its name without `_`; `flags` are those that it knows what to do with."""
    handled: frozenset[str] = frozenset(flags) | {"query", "edit"}

    def register(behaviour: Behaviour) -> Behaviour:
        name = behaviour.__name__.rstrip("_")

        def call(*arguments: Any, **given: Any) -> Any:
            SESSION.before(name)
            mode = check(name, given)
            unknown = set(given) - handled
            if unknown:
                raise NotImplementedError(f"{name}: the fake does not know what {sorted(unknown)} does")
            SESSION.calls[name] = SESSION.calls.get(name, 0) + 1
            if undoable and mode != "query":
                SESSION.record(name)
            own = {flag: value for flag, value in given.items() if name == "optionVar" or flag not in ("query", "edit")}
            return behaviour(mode, *_flat(arguments), **own)

        call.__name__ = name
        COMMANDS[name] = call
        return behaviour

    return register


def _flat(arguments: Any) -> Any:
    """Commands take names one by one or as lists."""
    found = []
    for one in arguments:
        found.extend(one if isinstance(one, (list, tuple)) else [one])
    return found
