"""How far each part of a performance goes on its way to another face: `--strength jaw=1.2`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Literal, get_args

from sfp_core.errors import SfpError

StrengthPart = Literal["jaw", "lips", "corners", "lids", "brows", "gaze", "head"]

PARTS: tuple[StrengthPart, ...] = get_args(StrengthPart)
LARGEST = 3.0


@dataclass(frozen=True)
class Strength:
    """A factor for each part: 0 is none of the source's motion, 1 as much as it shows, up to 3.

    `jaw` opens the mouth, `lips` spread, round and shift it and keep its smaller motion, `corners` rise and fall,
    `lids` and `brows` leave their rest, `gaze` is the pupils and `head` its angles. Lips that meet still meet.
    """

    jaw: float = 1.0
    lips: float = 1.0
    corners: float = 1.0
    lids: float = 1.0
    brows: float = 1.0
    gaze: float = 1.0
    head: float = 1.0

    def __post_init__(self) -> None:
        for entry in fields(self):
            value = getattr(self, entry.name)
            if not 0 <= value <= LARGEST:
                raise SfpError(f"strength {entry.name} is {value:g}; expected 0 to {LARGEST:g}, where 1 is as it is")

    def of(self, part: StrengthPart) -> float:
        """The factor of a part."""
        return float(getattr(self, part))


def strength_from(texts: Iterable[str]) -> Strength:
    """Strengths as people write them: `jaw=1.2`, several times, or in one text with commas or spaces between.

    Raises
    ------
    SfpError
        No such part (the message lists those there are), a part that is given twice, or no number from 0 to 3.
    """
    given: dict[str, float] = {}
    for text in (piece for whole in texts for piece in re.split(r"[,\s]+", whole.strip())):
        name, equals, number = text.partition("=")
        if not equals:
            raise SfpError(f"--strength {text}: expected PART=VALUE, such as jaw=1.2")
        if name not in PARTS:
            raise SfpError(f"--strength {text}: no part {name!r}; expected one of {', '.join(PARTS)}")
        if name in given:
            raise SfpError(f"--strength {text}: {name} is given twice; give it once")
        try:
            given[name] = float(number)
        except ValueError as error:
            raise SfpError(f"--strength {text}: {number!r} is no number; expected 0 to {LARGEST:g}") from error
    return Strength(**given)
