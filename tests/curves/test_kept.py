"""Edited spans survive a new take, value for value, and nothing outside them moves."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from sfp_core.curves.kept import HAND_OVER, marked, unmarked, with_edits_of
from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.take import Take, build_take
from sfp_core.errors import SfpError
from sfp_core.rig import ControllerCurves, ControllerSpec, Keys, RigSpec

FPS = Fraction(24)
RIG = RigSpec(
    "r", (ControllerSpec("jaw.ty", -1.0, 1.0, 0.0, "linear"), ControllerSpec("lid.ty", 0.0, 1.0, 0.8, "linear"))
)
FRAMES = 240
PLACES = np.arange((FRAMES - 1) * 8 + 1) / 8


def _take(seed: int, *, fps: Fraction = FPS, frames: int = FRAMES) -> Take:
    """A made motion: sums of sines, so that keys fall anywhere."""
    random = np.random.default_rng(seed)
    times = np.arange(frames) / float(fps)
    waves = sum(
        random.uniform(0.1, 0.3) * np.sin(2 * np.pi * random.uniform(0.2, 2.5) * times + random.uniform(0, 6))
        for _ in range(4)
    )
    values = np.stack([np.clip(waves, -1, 1), np.clip(0.5 + 0.4 * waves, 0, 1)], axis=1)
    return build_take(ControllerCurves(RIG, fps, 0.0, values), layer=("speech", "blinks"))


def _played(take: Take, controller: str, places: np.ndarray = PLACES) -> np.ndarray:
    keys = next(channel.keys for channel in take.channels if channel.controller == controller)
    return evaluate(keys, places, take.fps)


@pytest.mark.parametrize("span", [(60.0, 90.0), (61.5, 61.5), (0.0, 40.0), (200.0, 239.0), (2.0, 30.0)])
def test_a_kept_span_is_the_old_curve_and_the_rest_the_new_one(span: tuple[float, float]) -> None:
    old, new = marked(_take(1), ["jaw.ty"], span=span), _take(2)
    both, lost = with_edits_of(new, old)
    played, before, after = (_played(take, "jaw.ty") for take in (both, old, new))
    inside = (span[0] <= PLACES) & (span[1] >= PLACES)
    outside = (span[0] - HAND_OVER >= PLACES) | (span[1] + HAND_OVER <= PLACES)
    assert np.abs(played - before)[inside].max() < 1e-12
    if outside.any():
        assert np.abs(played - after)[outside].max() < 1e-12
    low, high = before.min(), max(before.max(), after.max())
    assert played.min() > min(low, after.min()) - 0.3  # the hand-over is a passage, not a jump
    assert played.max() < high + 0.3
    assert lost == ()
    assert np.array_equal(_played(both, "lid.ty"), _played(new, "lid.ty"))


def test_a_kept_span_stays_marked_so_that_a_third_run_keeps_it_too() -> None:
    old = marked(_take(1), ["jaw.ty"], span=(60.0, 90.0))
    once, _ = with_edits_of(_take(2), old)
    twice, _ = with_edits_of(_take(3), once)
    inside = (PLACES >= 60) & (PLACES <= 90)
    assert np.abs(_played(twice, "jaw.ty") - _played(old, "jaw.ty"))[inside].max() < 1e-12
    assert twice.channels[0].edited == ((60.0, 90.0),)


def test_a_wholly_edited_channel_keeps_its_very_keys() -> None:
    old = marked(_take(1), ["jaw.ty"])
    both, _ = with_edits_of(_take(2), old)
    for name in ("frames", "values", "in_types", "out_types"):
        assert np.array_equal(getattr(both.channels[0].keys, name), getattr(old.channels[0].keys, name))


def test_nothing_marked_changes_nothing() -> None:
    new = _take(2)
    both, lost = with_edits_of(new, _take(1))
    assert both.channels == new.channels
    assert lost == ()


def test_two_spans_near_each_other_are_both_kept() -> None:
    old = marked(marked(_take(1), ["jaw.ty"], span=(60.0, 70.0)), ["jaw.ty"], span=(73.0, 90.0))
    both, _ = with_edits_of(_take(2), old)
    for first, last in ((60, 70), (73, 90)):
        inside = (first <= PLACES) & (last >= PLACES)
        assert np.abs(_played(both, "jaw.ty") - _played(old, "jaw.ty"))[inside].max() < 1e-12


def test_another_rate_keeps_the_time_of_an_edit() -> None:
    old, new = marked(_take(1), ["jaw.ty"], span=(48.0, 96.0)), _take(2, fps=Fraction(30), frames=300)
    both, _ = with_edits_of(new, old)
    seconds = np.linspace(2.0, 4.0, 400)
    kept = _played(both, "jaw.ty", seconds * 30)
    assert np.abs(kept - _played(old, "jaw.ty", seconds * 24)).max() < 1e-9


def test_stepped_keys_are_kept_stepped() -> None:
    stepped = Keys(np.arange(0.0, 240, 10), np.tile([0.0, 0.5], 12), ("step",) * 24, ("step",) * 24, *np.zeros((2, 24)))
    old = _take(1)
    old = replace(old, channels=(replace(old.channels[0], keys=stepped), old.channels[1]))
    both, _ = with_edits_of(_take(2), marked(old, ["jaw.ty"], span=(65.0, 95.0)))
    inside = (PLACES >= 65) & (PLACES <= 95)
    assert np.array_equal(_played(both, "jaw.ty")[inside], _played(old, "jaw.ty")[inside])


def test_resting_channels_can_be_kept_and_written_over() -> None:
    still = build_take(ControllerCurves(RIG, FPS, 0.0, np.tile(RIG.neutral, (FRAMES, 1))), layer=("speech", "blinks"))
    both, _ = with_edits_of(_take(2), marked(still, ["lid.ty"], span=(60.0, 90.0)))
    inside = (PLACES >= 60) & (PLACES <= 90)
    assert np.abs(_played(both, "lid.ty")[inside] - 0.8).max() < 1e-12
    other, _ = with_edits_of(still, marked(_take(1), ["lid.ty"], span=(60.0, 90.0)))
    assert np.abs(_played(other, "lid.ty") - _played(_take(1), "lid.ty"))[inside].max() < 1e-12
    assert _played(other, "lid.ty")[0] == 0.8


def test_the_old_weights_of_layers_stay() -> None:
    old = _take(1)
    old = replace(old, layers=tuple(replace(layer, weight=0.5) for layer in old.layers))
    assert [layer.weight for layer in with_edits_of(_take(2), old)[0].layers] == [0.5, 0.5]


def test_edits_without_a_place_are_named() -> None:
    old = marked(_take(1), ["jaw.ty"])
    new = _take(2)
    assert with_edits_of(replace(new, channels=new.channels[1:]), old)[1] == ("jaw.ty",)


def test_marks_unite_and_go() -> None:
    take = marked(marked(_take(1), ["jaw.ty"], span=(5.0, 9.0)), ["jaw.ty"], span=(8.0, 20.0))
    assert take.channels[0].edited == ((5.0, 20.0),)
    assert unmarked(take).channels[0].edited == ()


def test_refuses_unknown_controllers_and_other_rigs() -> None:
    with pytest.raises(SfpError, match=r"has no controller 'nose' to mark"):
        marked(_take(1), ["nose"])
    with pytest.raises(SfpError, match="cannot be kept in a take of other"):
        with_edits_of(replace(_take(1), rig="other"), _take(1))
