"""A long sequence in pieces of bounded length, and the pieces' results as one sequence again."""

from collections.abc import Sequence

import numpy as np


def one_after_another(count: int, *, longest: int) -> list[slice]:
    """Pieces of `longest` steps that touch, the last one of what is left; as in the original."""
    return [slice(first, min(first + longest, count)) for first in range(0, count, longest)]


def overlapping(count: int, *, longest: int, overlap: int) -> list[slice]:
    """As few pieces as can be, all of one length up to `longest`, each sharing at least `overlap` steps with the next.

    Of one length, because a short rest at the end would be judged without its surroundings.
    """
    if count <= longest:
        return [slice(0, count)] if count else []
    pieces = -(-(count - overlap) // (longest - overlap))
    length = -(-(count + (pieces - 1) * overlap) // pieces)
    firsts = [round(index * (count - length) / (pieces - 1)) for index in range(pieces)]
    return [slice(first, first + length) for first in firsts]


def joined(results: Sequence[np.ndarray], spans: Sequence[slice]) -> np.ndarray:
    """One sequence from the results of its pieces; where they overlap, one fades into the next.

    Parameters
    ----------
    results : sequence of (L, C) float
        One for each span, of its length. Together the spans cover everything from 0 to the last one's end.

    Returns
    -------
    (T, C) float64
    """
    count = spans[-1].stop
    total, weights = np.zeros((count, results[0].shape[1])), np.zeros((count, 1))
    for result, span in zip(results, spans, strict=True):
        place = np.arange(len(result))
        weight = np.minimum(place, place[::-1])[:, None] + 1.0  # least where a piece has least surroundings
        total[span] += weight * result
        weights[span] += weight
    return total / weights
