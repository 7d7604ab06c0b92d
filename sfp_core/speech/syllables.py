"""The last rung: syllables where it is loud, when no phone could be recognised."""

from itertools import pairwise

import numpy as np

from sfp_core.speech.loudness import HOP_HZ, Loudness
from sfp_core.speech.phones import Phone

_ON, _OFF = 0.35, 0.2  # levels at which a voice begins and ends
_SHORTEST = 6  # hops; a shorter burst is a click
_DIP = 0.12  # how far the level falls between two syllables
_LONGEST = 28  # hops; a longer stretch without a dip is cut, since no syllable of running speech lasts so long
_NUCLEI = ("AH", "EH", "AA")  # neutral open vowels in turn, so that the mouth is not a clockwork
_BETWEEN = "D"  # a consonant that closes the jaw and leaves the lips alone
_BETWEEN_HOPS = 5


def syllables(loudness: Loudness) -> tuple[Phone, ...]:
    """Neutral vowels at the syllables that the envelope shows, silence left out."""
    level = np.asarray(loudness.level, dtype=np.float64)
    phones: list[Phone] = []
    for first, last in _voiced(level):
        cuts = [first, *_dips(level, first, last), last]
        for start, end in pairwise(cuts):
            symbol = _NUCLEI[sum(one.symbol != _BETWEEN for one in phones) % len(_NUCLEI)]
            nucleus = start
            if start != first and end - start > 2 * _BETWEEN_HOPS:
                nucleus = start + _BETWEEN_HOPS
                phones.append(Phone(start / HOP_HZ, nucleus / HOP_HZ, _BETWEEN))
            phones.append(Phone(nucleus / HOP_HZ, end / HOP_HZ, symbol))
    return tuple(phones)


def _voiced(level: np.ndarray) -> list[tuple[int, int]]:
    """Stretches (first, last) of hops that rise above `_ON`, widened to where they fall below `_OFF`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (level > _OFF).astype(np.int8), [0]])))
    return [
        (int(first), int(last))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
        if last - first >= _SHORTEST and level[first:last].max() > _ON
    ]


def _dips(level: np.ndarray, first: int, last: int) -> list[int]:
    """Hops at which a stretch falls into syllables: its local minima that are deep enough, else at even steps."""
    cuts: list[int] = []
    peak, low, low_at = level[first], level[first], first
    for hop in range(first, last):
        if level[hop] < low:
            low, low_at = level[hop], hop
        elif level[hop] > low + _DIP:
            if peak > low + _DIP and low_at - (cuts[-1] if cuts else first) >= _SHORTEST and last - low_at >= _SHORTEST:
                cuts.append(low_at)
                peak = level[hop]
            low, low_at = level[hop], hop
        peak = max(peak, level[hop])
    edges = [first, *cuts, last]
    even = [
        start + round((end - start) * part / parts)
        for start, end in pairwise(edges)
        if (parts := -(-(end - start) // _LONGEST)) > 1
        for part in range(1, parts)
    ]
    return sorted({*cuts, *even})
