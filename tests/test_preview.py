"""The pictures of a take."""

from fractions import Fraction

import numpy as np
import pytest

from sfp_core.preview import Scene, beside, pictures
from sfp_core.rigs.procedural import ProceduralCharacter

SCENE = Scene("toon", size=32, supersample=1)


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    """100 frames in which the jaw opens, steadily."""
    rig = ProceduralCharacter.named("toon").rig
    values = np.repeat(rig.neutral[None], 100, axis=0)
    values[:, rig.index("jaw.ty")] = np.linspace(0.0, -1.0, 100)
    return values


def test_workers_draw_what_one_process_draws_in_the_same_order(values: np.ndarray) -> None:
    head_deg = np.linspace(0.0, 10.0, 300).reshape(100, 3)
    alone = list(pictures(SCENE, values, head_deg))
    shared = list(pictures(SCENE, values, head_deg, processes=2))
    assert len(alone) == len(shared) == 100
    assert all(np.array_equal(one, other) for one, other in zip(alone, shared, strict=True))
    assert not np.array_equal(alone[0], alone[99])


def test_the_head_rests_where_no_angles_are_given(values: np.ndarray) -> None:
    still = next(pictures(SCENE, values[:1]))
    turned = next(pictures(SCENE, values[:1], np.array([[0.0, 20.0, 0.0]])))
    assert np.array_equal(still, next(pictures(SCENE, values[:1], np.zeros((1, 3)))))
    assert not np.array_equal(still, turned)


def test_a_reader_that_stops_early_ends_the_workers(values: np.ndarray) -> None:
    frames = pictures(SCENE, values, processes=2)
    next(frames)
    frames.close()  # returns only after the workers are gone
    with pytest.raises(StopIteration):
        next(frames)


def _flat(levels: list[int], height: int, width: int) -> list[np.ndarray]:
    return [np.full((height, width, 3), level, np.uint8) for level in levels]


def test_a_film_beside_the_take_shows_the_same_moment_at_the_same_height() -> None:
    left, right = _flat([10, 20, 30], 40, 30), _flat([1, 2, 3, 4, 5, 6, 7], 80, 80)
    both = list(beside(left, right, fps=(Fraction(12), Fraction(24))))
    assert all(picture.shape == (80, 60 + 80, 3) for picture in both)
    assert [int(picture[40, 20, 0]) for picture in both] == [10, 10, 20, 20, 30, 30, 30]  # the last one stays
    assert [int(picture[40, 100, 0]) for picture in both] == [1, 2, 3, 4, 5, 6, 7]
