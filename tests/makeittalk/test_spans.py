from itertools import pairwise

import numpy as np
import pytest

from makeittalk_bridge.spans import joined, one_after_another, overlapping

COUNTS = [1, 9, 10, 11, 17, 25, 100, 1001]


@pytest.mark.parametrize("count", COUNTS)
def test_pieces_one_after_another_cover_everything_once(count: int) -> None:
    spans = one_after_another(count, longest=10)
    assert np.array_equal(np.concatenate([np.arange(count)[span] for span in spans]), np.arange(count))
    assert {span.stop - span.start for span in spans[:-1]} <= {10}


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("overlap", [0, 3, 5])
def test_overlapping_pieces_are_few_alike_and_share_enough(count: int, overlap: int) -> None:
    spans = overlapping(count, longest=10, overlap=overlap)
    lengths = {span.stop - span.start for span in spans}
    assert spans[0].start == 0
    assert spans[-1].stop == count
    assert len(lengths) == 1
    assert lengths.pop() <= 10
    assert all(before.stop - after.start >= overlap for before, after in pairwise(spans))
    fewest = 1 if count <= 10 else -(-(count - overlap) // (10 - overlap))
    assert len(spans) == fewest


def test_nothing_has_no_pieces() -> None:
    assert overlapping(0, longest=10, overlap=5) == one_after_another(0, longest=10) == []


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("overlap", [0, 5])
def test_pieces_of_one_sequence_join_to_it(count: int, overlap: int) -> None:
    truth = np.random.default_rng(count).normal(size=(count, 3))
    spans = overlapping(count, longest=10, overlap=overlap)
    assert np.abs(joined([truth[span] for span in spans], spans) - truth).max() < 1e-14


def test_pieces_that_disagree_fade_into_each_other() -> None:
    spans = overlapping(150, longest=100, overlap=50)
    blended = joined([np.full((100, 1), float(index)) for index in range(2)], spans)[:, 0]
    assert (blended[:50] == 0).all()
    assert (blended[100:] == 1).all()
    assert (np.diff(blended[49:101]) > 0).all()
    assert np.diff(blended).max() < 0.025  # a jump would be 1
    assert np.abs(blended + blended[::-1] - 1).max() < 1e-12
