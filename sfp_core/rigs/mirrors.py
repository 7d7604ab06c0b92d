"""Which controller is another's counterpart on the other side of the face, told by the names alone."""

import re
from collections.abc import Iterator, Sequence

# Words that tell the side wherever they stand.
_WORDS = (("Left", "Right"), ("左", "右"))
# Words that need a border: L_brow, brow.L.001, lf_lid, eye-left.
_BORDERED = (
    *(("L", "R"), ("l", "r"), ("lf", "rg"), ("lf", "rt"), ("Lf", "Rt"), ("lt", "rt"), ("LT", "RT")),
    *(("left", "right"), ("LEFT", "RIGHT"), ("lft", "rgt"), ("Lft", "Rgt")),
)
_BEFORE, _AFTER = r"(?:(?<=[_\-. ])|^)", r"(?=$|[_\-. 0-9])"
_SUFFIX = r"(?<=[a-z0-9])%s(?=$|[_\-. ])"  # eyeBlinkL
# Words that tell the side only where the counterpart is there: eyeblinkleft, but not bright.
_GUESSED = (("left", "right"), ("LEFT", "RIGHT"))


def mirrors(names: Sequence[str]) -> dict[str, str]:
    """The counterpart of every controller that has one.

    Left and right words are recognised as ARKit (`eyeBlinkLeft`), VRoid (`Fcl_EYE_Close_L`), Maya rigs (`lf_lid.ty`,
    `L_brow.tx`) and MMD models (`ウィンク右`) write them. A counterpart must be among the names.

    Parameters
    ----------
    names : sequence of str
        `node.attribute`, no name twice.

    Returns
    -------
    dict of str to str
        Both ways, ready for `RigSpec.mirror`. A name that tells no side is its own counterpart; a name that tells a
        side whose other half is not there is left out.
    """
    known = set(names)
    table: dict[str, str] = {}
    for name in names:
        if name in table:
            continue
        told = list(_swapped(name, _TOLD))
        swapped = (*told, *_swapped(name, _ALSO))
        other = next((one for one in swapped if one in known and one not in table), None)
        if other is not None:
            table[name], table[other] = other, name
        elif not told:
            table[name] = name
    return table


class _Swap:
    """Exchanges two words wherever the pattern lets them stand."""

    def __init__(self, words: tuple[str, str], pattern: str = "%s") -> None:
        self._other = {words[0]: words[1], words[1]: words[0]}
        self._pattern = re.compile(pattern % f"({re.escape(words[0])}|{re.escape(words[1])})")

    def __call__(self, text: str) -> str:
        return self._pattern.sub(lambda found: self._other[found.group(0)], text)


_TOLD = (
    *(_Swap(words, "%s(?![a-z])") for words in _WORDS),
    *(_Swap(words, _BEFORE + "%s" + _AFTER) for words in _BORDERED),
    _Swap(("L", "R"), _SUFFIX),
)
_ALSO = tuple(_Swap(words) for words in _GUESSED)


def _swapped(name: str, swaps: Sequence[_Swap]) -> Iterator[str]:
    """The names that the counterpart may have, the likeliest first; never the name itself."""
    node, dot, attribute = name.rpartition(".")
    attributes = [other for swap in swaps if (other := swap(attribute)) != attribute]
    nodes = [other for swap in swaps if (other := swap(node)) != node]
    for other in attributes:
        yield node + dot + other
        yield from (beside + dot + other for beside in nodes)
    yield from (beside + dot + attribute for beside in nodes)
