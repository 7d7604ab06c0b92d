"""Keys without tangent types: the same curve, and a knot put in anywhere does not change it."""

from fractions import Fraction

import numpy as np
import pytest

from sfp_core.curves.knots import Knots, knots_of, sides
from sfp_core.curves.maya_curve import evaluate
from tests.formats.random_keys import KINDS, random_keys

FPS = Fraction(24000, 1001)


def cut_at(knots: Knots, places: np.ndarray) -> Knots:
    """The same curve with more knots."""
    frames = np.unique(np.concatenate([knots.frames, places]))
    at = sides(knots, frames)
    span = np.clip(np.searchsorted(knots.frames, frames, side="right") - 1, 0, len(knots.frames) - 1)
    return Knots(frames, at.leaving, at.in_slopes, at.out_slopes, knots.held[span] & (frames >= knots.frames[0]))


@pytest.mark.parametrize("kind", [*[(kind,) for kind in KINDS], KINDS], ids=[*KINDS, "all"])
def test_knots_are_the_curve_of_the_keys(kind: tuple) -> None:
    rng = np.random.default_rng(1)
    keys = random_keys(rng, 60, kinds=kind)
    places = np.concatenate([rng.uniform(-5, keys.frames[-1] + 5, 3000), keys.frames, np.arange(250.0)])
    at = sides(knots_of(keys, FPS), places)
    np.testing.assert_allclose(at.leaving, evaluate(keys, places, FPS), atol=1e-12)
    jumping = at.leaving != at.arriving
    if not {"step", "stepnext"} & set(kind):
        assert not jumping.any()
    just_before = evaluate(keys, places - 1e-9, FPS)  # slopes are below 10 a frame
    np.testing.assert_allclose(at.arriving, just_before, atol=1e-7)


def test_slopes_are_those_of_the_curve() -> None:
    rng = np.random.default_rng(2)
    keys = random_keys(rng, 60)
    places = rng.uniform(keys.frames[0] + 1, keys.frames[-1] - 1, 500)
    places = places[np.abs(places[:, None] - keys.frames).min(axis=1) > 1e-3]
    at, step = sides(knots_of(keys, FPS), places), 1e-5
    change = (evaluate(keys, places + step, FPS) - evaluate(keys, places - step, FPS)) / (2 * step)
    np.testing.assert_allclose(at.out_slopes, change, atol=1e-6)  # the central difference is good to step squared
    assert np.array_equal(at.in_slopes, at.out_slopes)


def test_a_knot_put_in_anywhere_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    knots = knots_of(random_keys(rng, 40), FPS)
    finer = cut_at(knots, rng.uniform(-3, knots.frames[-1] + 3, 200))
    assert len(finer.frames) > len(knots.frames) + 190
    places = rng.uniform(-5, knots.frames[-1] + 5, 4000)
    np.testing.assert_allclose(sides(finer, places).leaving, sides(knots, places).leaving, atol=1e-12)
    np.testing.assert_allclose(sides(finer, places).out_slopes, sides(knots, places).out_slopes, atol=1e-10)


def test_one_key_is_a_constant() -> None:
    at = sides(knots_of(random_keys(np.random.default_rng(0), 1), FPS), np.array([-1.0, 3.0, 99.0]))
    assert len(set(at.arriving.tolist()) | set(at.leaving.tolist())) == 1
    assert not at.in_slopes.any() and not at.out_slopes.any()
