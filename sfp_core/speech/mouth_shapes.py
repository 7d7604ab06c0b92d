"""Mouths for drawn characters: which of nine drawings shows when, told from the phones of a line.

The nine are those that Rhubarb Lip Sync documents (six of them Hanna-Barbera's):

| shape | mouth | shape | mouth |
|---|---|---|---|
| A | closed, lips pressed: P B M | F | puckered: UW as in you, W |
| B | a little open, teeth together: most consonants, EE | G | teeth on the lower lip: F V |
| C | open: EH as in men, AE as in bat | H | as open as C, tongue behind the teeth: a long L |
| D | wide open: AA as in father | X | idle: pauses |
| E | slightly rounded: AO as in off, ER as in bird | | |

Every phone names the shapes that it can be seen with (`SHAPES`). Of several it takes the one that the neighbouring
vowel shows anyway, the following before the preceding, so that a rounded vowel rounds what comes before it and most
consonants draw nothing of their own. Then the shapes are put on frames: a short one is either held long enough to be
seen or left out, whichever is nearer to what is said; a closure is never left out, and two of them never become one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil
from types import MappingProxyType
from typing import Literal

import numpy as np

from sfp_core.speech.phones import CONSONANTS, SILENCE, VOWELS, Phone, arpabet, gapless
from sfp_core.speech.visemes import DIPHTHONG_TURN
from sfp_core.timing import frame_nearest

MouthShape = Literal["A", "B", "C", "D", "E", "F", "G", "H", "X"]

CLOSED: frozenset[MouthShape] = frozenset(("A", "G"))
"""Shapes that a viewer misses when they are not there."""

SHAPES: Mapping[str, tuple[MouthShape, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("P", "B", "M"), ("A",)),
        **dict.fromkeys(("F", "V"), ("G",)),
        **dict.fromkeys(("W", "UW", "UH"), ("F",)),
        **dict.fromkeys(("AO", "ER"), ("E",)),
        **dict.fromkeys(("IY", "IH"), ("B",)),
        **dict.fromkeys(("EH", "AE", "AH"), ("C",)),
        "AA": ("D",),
        # Tongue and throat do the work of these; lips and jaw go along with the vowel.
        "HH": ("B", "C", "D", "E", "F"),
        **dict.fromkeys(("K", "G", "NG", "L"), ("B", "C", "E", "F")),
        **dict.fromkeys(("T", "D", "N", "Y", "R", "TH", "DH"), ("B", "E", "F")),
        # The teeth are together, or nearly.
        **dict.fromkeys(("S", "Z", "SH", "ZH", "CH", "JH"), ("B", "F")),
    }
)
"""What each phone can be seen with, what it takes by itself first."""

DIPHTHONGS: Mapping[str, tuple[MouthShape, MouthShape]] = MappingProxyType(
    {"AY": ("D", "B"), "AW": ("D", "F"), "EY": ("C", "B"), "OW": ("E", "F"), "OY": ("E", "B")}
)
"""Vowels that are seen with two shapes, one after the other."""

_LEADING = VOWELS | {"W"}  # phones whose shape others take along
_HALF_OPEN: Mapping[MouthShape, MouthShape] = MappingProxyType({"D": "C"})  # what goes along with a wide mouth
_LONG_SECONDS = 0.2  # an AH this long is wide open
_LONG_L_SECONDS = 0.1  # from here an L shows the tongue
_PAUSE_SECONDS = 0.12  # a shorter silence is none: the mouth goes straight on
_RELEASE = 0.65  # share of P and B at which the lips part

# In seconds, and how they are weighed against each other. A step of one frame at 24 a second is the unit of cost.
_SEEN_SECONDS = 0.07  # a shape flickers below this; Rhubarb's finding too
_FARTHEST_SECONDS = 0.16  # by which a change may come early or late
_UNIT_SECONDS = 1 / 24
_VOWEL_COST, _CONSONANT_COST = 2.0, 0.7  # of leaving a shape out, for each unit of its length
_BRIEF_COST = 1.0  # of each frame that a closure lacks
_NEVER = 1e6  # of losing a closure, or of a shape that flickers


@dataclass(frozen=True)
class MouthCue:
    """A mouth shape from frame `first` on, until the next one."""

    first: int
    shape: MouthShape


@dataclass(frozen=True)
class _Wish:
    """A shape that should begin at `start` seconds and last for `seconds`.

    `needed`: it must be seen, as a closure or as what parts two closures. `cost`: of leaving it out, a unit of length.
    """

    start: float
    seconds: float
    shape: MouthShape
    cost: float
    needed: bool = False


def mouth_cues(phones: Sequence[tuple[float, float, str]], *, fps: Fraction, frames: int) -> tuple[MouthCue, ...]:
    """The mouth shapes of a line.

    Parameters
    ----------
    phones : sequence of (float, float, str)
        Start and end in seconds, and ARPABET; `""` is silence.
    frames : int
        How many there are; frame i is at i / fps.

    Returns
    -------
    tuple of MouthCue
        The first at frame 0; each shape differs from the one before. Shapes last 0.07 s or more (two frames at 24 a
        second), closures at least a frame.

    Raises
    ------
    SfpError
        A phone that is none.
    """
    spoken = gapless([Phone(start, end, arpabet(name)) for start, end, name in phones], Fraction(frames) / fps)
    wishes = _with_needs(_joined(_wishes(spoken)))
    firsts = _on_frames(wishes, fps, frames)
    ends = [*firsts[1:], frames]
    cues: list[MouthCue] = []
    for wish, first, end in zip(wishes, firsts, ends, strict=True):
        if end > first and not (cues and cues[-1].shape == wish.shape):
            cues.append(MouthCue(first, wish.shape))
    return tuple(cues)


def _wishes(phones: Sequence[Phone]) -> list[_Wish]:
    """One or two for each phone; a short silence gets none, so that the shape before it goes on."""
    sounding = _parted(phone for phone in phones if phone.symbol or phone.seconds >= _PAUSE_SECONDS)
    own = [_own_shapes(phone) for phone in sounding]
    wishes: list[_Wish] = []
    for index, phone in enumerate(sounding):
        cost = _CONSONANT_COST if phone.symbol in CONSONANTS else _VOWEL_COST
        if phone.symbol in DIPHTHONGS:
            turn = DIPHTHONG_TURN * phone.seconds
            first, second = DIPHTHONGS[phone.symbol]
            wishes.append(_Wish(phone.start_seconds, turn, first, cost))
            wishes.append(_Wish(phone.start_seconds + turn, phone.seconds - turn, second, cost))
        else:
            wishes.append(_Wish(phone.start_seconds, phone.seconds, _chosen(index, sounding, own), cost))
    return wishes


def _parted(phones: Iterable[Phone]) -> list[Phone]:
    """The phones, with what follows a P or B beginning where the lips part."""
    result: list[Phone] = []
    for phone in phones:
        if phone.symbol and result and result[-1].symbol in ("P", "B"):
            release = result[-1].start_seconds + _RELEASE * result[-1].seconds
            result[-1] = replace(result[-1], end_seconds=release)
            phone = replace(phone, start_seconds=release)
        result.append(phone)
    return result


def _own_shapes(phone: Phone) -> tuple[MouthShape, ...]:
    """What a phone can be seen with, in the order in which its shapes follow or are preferred."""
    if phone.symbol == SILENCE:
        return ("X",)
    if phone.symbol == "AH" and phone.seconds >= _LONG_SECONDS:
        return ("D",)
    if phone.symbol == "L" and phone.seconds >= _LONG_L_SECONDS:
        return ("H",)
    return DIPHTHONGS.get(phone.symbol) or SHAPES[phone.symbol]


def _chosen(index: int, phones: Sequence[Phone], own: Sequence[tuple[MouthShape, ...]]) -> MouthShape:
    """The shape of a phone among its neighbours: that of the vowel after or before it, if it can have that."""
    shapes = own[index]
    if len(shapes) > 1:
        for step, side in ((1, 0), (-1, -1)):
            for other in range(index + step, len(phones) if step > 0 else -1, step):
                if phones[other].symbol == SILENCE:
                    break
                if phones[other].symbol in _LEADING:
                    shape = own[other][side]
                    if shape not in shapes:
                        shape = _HALF_OPEN.get(shape, shape)
                    if shape in shapes:
                        return shape
                    break
    return shapes[0]


def _joined(wishes: Sequence[_Wish]) -> list[_Wish]:
    """Neighbours with the same shape as one."""
    result: list[_Wish] = []
    for wish in wishes:
        if result and result[-1].shape == wish.shape:
            last = result[-1]
            result[-1] = replace(last, seconds=last.seconds + wish.seconds, cost=max(last.cost, wish.cost))
        else:
            result.append(wish)
    return result


def _with_needs(wishes: Sequence[_Wish]) -> list[_Wish]:
    """Closures are needed, and so is the longest of the shapes between two that are alike."""
    closed = [index for index, wish in enumerate(wishes) if wish.shape in CLOSED]
    needed = set(closed)
    for one, other in pairwise(closed):
        if wishes[one].shape == wishes[other].shape:
            needed.add(max(range(one + 1, other), key=lambda index: wishes[index].seconds))
    return [replace(wish, needed=index in needed) for index, wish in enumerate(wishes)]


def _on_frames(wishes: Sequence[_Wish], fps: Fraction, frames: int) -> list[int]:
    """The frames on which the shapes begin, the first 0; one that begins where the next does is left out.

    Of all ways to shift the beginnings by at most `_FARTHEST_SECONDS`, the one of least cost: shifts squared, shapes
    left out, closures that are brief. It is found shape by shape, since costs concern neighbours alone.
    """
    reach = ceil(_FARTHEST_SECONDS * fps)
    places = [np.zeros(1, dtype=np.int64)]
    costs = [np.zeros(1)]
    came_from: list[np.ndarray] = []
    for wish, following in zip(wishes, [*wishes[1:], None], strict=True):
        if following is None:
            next_places, shift = np.array([frames]), np.zeros(1)
        else:
            nearest = min(frame_nearest(following.start, fps), frames)
            next_places = np.arange(max(nearest - reach, 0), min(nearest + reach, frames) + 1)
            shift = ((next_places / float(fps) - following.start) / _UNIT_SECONDS) ** 2
        ways = costs[-1][:, None] + _length_cost(wish, next_places[None] - places[-1][:, None], float(fps))
        came_from.append(ways.argmin(axis=0))
        costs.append(ways.min(axis=0) + shift)
        places.append(next_places)
    state, firsts = 0, []
    for index in range(len(wishes), 0, -1):
        state = int(came_from[index - 1][state])
        firsts.append(int(places[index - 1][state]))
    return firsts[::-1]


def _length_cost(wish: _Wish, lengths: np.ndarray, fps: float) -> np.ndarray:
    """What it costs that a shape lasts for so many frames, 0 for none."""
    seen = max(1, round(_SEEN_SECONDS * fps))
    if wish.needed:
        cost = np.where(lengths > 0, _BRIEF_COST * np.maximum(seen - lengths, 0), _NEVER)
    else:
        left_out = wish.cost * wish.seconds / _UNIT_SECONDS
        cost = np.where(lengths == 0, left_out, np.where(lengths < seen, _NEVER, 0.0))
    return np.where(lengths < 0, np.inf, cost)
