"""The curves benchmark: its rivals, its truth and its table."""

import json
from fractions import Fraction

import numpy as np
import pytest

from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.reduce import Reduced, dense_curve
from sfp_core.landmarks import Event
from sfp_core.rig import ControllerCurves, Keys
from sfp_core.rigs.procedural import ProceduralCharacter
from training import benchmark
from training.benchmarks import curves
from training.benchmarks.rivals import douglas_peucker, greedy_hermite, played

NONE = np.zeros(0, dtype=int)


def wave(count: int = 200) -> np.ndarray:
    return 0.5 * np.sin(np.arange(count) / 9) + 0.2 * np.sin(np.arange(count) / 4.3)


def test_recipe_is_frozen() -> None:
    recipe = curves.read_recipe()
    assert (recipe.name, recipe.version) == ("curves", 1)
    assert (recipe.speech.character, recipe.speech.tolerance, recipe.speech.moves) == ("toon", 0.01, 0.1)
    assert (recipe.speed.controllers, recipe.speed.seconds) == (100, 60)
    assert set(recipe.speech.heights) <= set(ProceduralCharacter.named("toon").rig.names)


@pytest.mark.parametrize("method", [douglas_peucker, greedy_hermite])
def test_rivals_keep_the_tolerance_and_the_kept_frames_exactly(method) -> None:  # type: ignore[no-untyped-def]
    values = wave()
    keys = method(values, dense_curve(values), kept=np.array([17, 90]), allowed=0.02)
    assert np.abs(played(keys, len(values)) - dense_curve(values)).max() <= 0.02 + 1e-12
    assert {0, 17, 90, 199} <= set(keys.frames.tolist())
    assert np.array_equal(keys.values, values[keys.frames.astype(int)])
    assert keys.count < 60


def test_lines_need_two_keys_and_a_corner_a_third() -> None:
    corner = np.concatenate([np.linspace(0, 1, 21), np.linspace(1, 0.5, 21)[1:]])
    keys = douglas_peucker(corner, dense_curve(corner), kept=NONE, allowed=0.03)
    assert keys.frames.tolist() == [0, 20, 40]


def test_one_cubic_is_found_as_one_piece() -> None:
    at = np.arange(31) / 30
    cubic = np.polynomial.Polynomial([0.1, 2.0, -3.0, 1.2])
    target = cubic(np.arange(121) / 120)
    keys = greedy_hermite(cubic(at), target, kept=NONE, allowed=1e-9)
    assert keys.frames.tolist() == [0, 30]
    assert keys.out_slopes[0] == pytest.approx(cubic.deriv()(0.0) / 30, abs=1e-9)
    assert np.abs(evaluate(keys, np.arange(121) / 4, Fraction(1)) - target).max() < 1e-9


def test_a_closure_whose_keys_open_is_counted() -> None:
    recipe = curves.read_recipe()
    drawn = ProceduralCharacter.named("toon")
    rest = np.tile(drawn.rig.neutral, (10, 1)).astype(np.float64)
    dense = ControllerCurves(drawn.rig, Fraction(24), 0.0, rest)
    events = (Event("lip_seal", 0.1, 0.2), Event("blink", 0.3, 0.35))
    none = Keys(np.zeros(0), np.zeros(0), (), (), np.zeros(0), np.zeros(0))
    keyed = [Reduced(none, 0.0) for _ in drawn.rig.names]
    kept = curves.Clip("still", dense, events, 0.4, (NONE,) * len(keyed), tuple(keyed))
    assert curves.closure_figure(recipe, [kept]).value == 100.0
    jaw = drawn.rig.controllers[drawn.rig.index("jaw.ty")]
    opened = Keys(np.zeros(1), np.array([jaw.minimum / 2]), ("auto",), ("auto",), np.zeros(1), np.zeros(1))
    keyed[drawn.rig.index("jaw.ty")] = Reduced(opened, 0.0)
    broken = curves.Clip("open", dense, events, 0.4, (NONE,) * len(keyed), tuple(keyed))
    assert curves.closure_figure(recipe, [broken]).value == 50.0  # the blink still shuts as before


def test_what_is_missing_is_not_measured_and_not_in_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SFP_SHARED_DATA", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    figures = [curves.animx_figure(), curves.usd_figure(curves.read_recipe().evaluator)]
    assert [one.key for one in figures] == [" animx_error", " usd_error"]
    assert all("not measured: needs" in one.note for one in figures)


def test_the_table_of_the_built_in_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("SFP_SHARED_DATA", raising=False)
    assert benchmark.main(["curves", "--parts", "keys", "closures"]) == 0
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(record) == {"keys_vs_rdp", "keys_per_s", "keys_per_s_jaw", "closure"}
    assert record["closure"] == 100.0
    # The built-in line is quick: 6 keys a second, 0.72 of what lines take. Speech may change a little; more is a step
    # back of the reduction.
    assert record["keys_vs_rdp"] < 0.74
    assert record["keys_per_s"] < 6.6


def test_a_long_take_is_the_clips_motion_at_its_length() -> None:
    recipe = curves.read_recipe()
    (clip,) = curves.spoken_clips(recipe.speech, shared=False)
    long, pins = curves.long_take(recipe, clip)
    assert long.values.shape == (1440, 100)
    steps, longest = np.abs(np.diff(long.values, axis=0)).max(), np.abs(np.diff(clip.curves.values, axis=0)).max()
    assert steps <= longest + 1e-12  # turning back makes no jump
    assert all(len(one) == 0 or one.max() < 1440 for one in pins)
