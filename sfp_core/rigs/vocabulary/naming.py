"""Names of controllers as they come: prefixes, separators, case, `node.attribute`, Maya's short attributes."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_SIDES = {"l": "left", "r": "right"}
_SHORT = re.compile(r"([trs])([xyz])")
_LONG = {"t": "translate", "r": "rotate", "s": "scale"}


def compact(name: str) -> str:
    """A name without case and separators; a last L or R is Left or Right: `Fcl_EYE_Close_L` -> `fcleyecloseleft`."""
    return _joined(_tokens(name))


def endings(name: str) -> Iterator[str]:
    """`compact` of the whole name and of what is left without its first one, two ... tokens; the longest first."""
    tokens = _tokens(name)
    for first in range(len(tokens)):
        yield _joined(tokens[first:])


def last_part(name: str) -> str:
    """What stands behind the last dot: the attribute of `node.attribute`."""
    return name.rpartition(".")[2]


def long_attribute(name: str) -> str:
    """A name with Maya's short attributes written out, without case: `jaw.ty` -> `jaw.translatey`."""
    node, dot, attribute = name.casefold().rpartition(".")
    short = _SHORT.fullmatch(attribute)
    return node + dot + (_LONG[short[1]] + short[2] if short else attribute)


def _tokens(name: str) -> list[str]:
    return [token.casefold() for token in _TOKEN.findall(name)]


def _joined(tokens: list[str]) -> str:
    if len(tokens) > 1:
        return "".join(tokens[:-1]) + _SIDES.get(tokens[-1], tokens[-1])
    return "".join(tokens)
