"""The figure `video_r`: its performance, its measures and its recipe."""

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.heads.actions import ACTIONS
from sfp_core.rigs.procedural import ProceduralCharacter
from training.benchmarks.performance import (
    VideoRecipe,
    followed,
    performance,
    shown_by_actor,
    shown_by_values,
    video_figures,
)


def test_a_performance_blinks_speaks_raises_brows_and_turns_the_head() -> None:
    played = performance(VideoRecipe())
    assert played.actions.shape == (96, len(ACTIONS))
    assert played.actions.min() >= 0 and played.actions.max() <= 1
    for name, least in (("eyeBlinkLeft", 0.9), ("jawOpen", 0.3), ("browOuterUpLeft", 0.4)):
        assert played.actions[:, ACTIONS.index(name)].max() > least, name
    assert 1 < np.abs(played.head_deg).max() < 10
    assert np.abs(np.diff(played.head_deg, axis=0)).max() < 1.5  # slow


def test_the_same_seed_plays_the_same() -> None:
    one, same, other = performance(VideoRecipe()), performance(VideoRecipe()), performance(VideoRecipe(seed=2))
    assert np.array_equal(one.actions, same.actions)
    assert not np.array_equal(one.actions, other.actions)


def test_what_is_followed_grows_with_what_is_done() -> None:
    toon = ProceduralCharacter.named("toon")
    values = np.tile(toon.rig.neutral.astype(np.float64), (2, 1))
    values[1, toon.rig.index("jaw.ty")] = -0.5
    for side in ("lf", "rg"):
        values[1, toon.rig.index(f"{side}_up_lid.ty")] = -0.5
        values[1, toon.rig.index(f"{side}_brow_mid.ty")] = 0.5
    shown = shown_by_values(values, toon)
    assert shown.lips[1] - shown.lips[0] > 0.05
    assert shown.lids[0] - shown.lids[1] > 0.05
    assert shown.brows[1] - shown.brows[0] > 0.01


def test_the_truth_does_not_turn_with_the_head() -> None:
    recipe = VideoRecipe(seconds=2)
    actor, played = ProceduralCharacter.named(recipe.source), performance(recipe)
    still = type(played)(played.actions, np.zeros_like(played.head_deg))
    one, other = shown_by_actor(played, actor), shown_by_actor(still, actor)
    assert np.array_equal(one.lips, other.lips)
    assert np.ptp(one.lips) > 0.05


def test_lips_that_touch_measure_nothing() -> None:
    assert np.array_equal(followed(np.zeros((3, 98, 2))).lips, np.zeros(3))


def test_a_character_does_not_drive_itself() -> None:
    with pytest.raises(SfpError, match="source and target are both toon"):
        VideoRecipe(source="toon")


@pytest.mark.slow
def test_a_film_drives_the_character_from_end_to_end() -> None:
    figures = {figure.key.strip(): figure.value for figure in video_figures(VideoRecipe(size_px=224))}
    assert figures["video_r"] >= 0.85
    assert figures["video_r"] == min(value for key, value in figures.items() if key != "video_r")
