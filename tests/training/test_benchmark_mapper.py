"""The mapper benchmark: its frozen recipe, its poses, its figures for mappers whose answers are known."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sfp_core.character.capture import Capture, CapturedPose
from sfp_core.character.observe import Observation
from sfp_core.character.poses import Pose
from sfp_core.rigs.procedural import ProceduralCharacter
from training import benchmark
from training.benchmarks.made_up import made_up_character, made_up_motion
from training.benchmarks.mapper import Measured, Seen, Stage, pose_figures, read_recipe, speed_figures, stage_of
from training.benchmarks.mapper_poses import THIRDS, poses_of
from training.benchmarks.table import table_text

RECIPE = read_recipe()


@pytest.fixture(scope="module")
def toon() -> ProceduralCharacter:
    return ProceduralCharacter.named("toon")


@pytest.fixture(scope="module")
def visible(toon: ProceduralCharacter) -> np.ndarray:
    return np.flatnonzero(~np.isin(toon.rig.names, toon.hidden))


def test_recipe_is_frozen() -> None:
    poses = RECIPE.poses
    assert (RECIPE.name, RECIPE.version, poses.seed, poses.count, poses.neutral) == ("mapper", 1, 515151, 1000, 24)
    assert (poses.strength, poses.crowd, poses.crowd_way) == ((0.5, 1.0), (15, 25), (0.5, 1.0))
    assert (RECIPE.onboarding.poses, RECIPE.speed.controllers, RECIPE.faces.kept) == (1500, 100, 0.3)
    assert (len(RECIPE.faces.expressions), len(RECIPE.faces.visemes)) == (6, 19)


def test_a_limit_makes_everything_small() -> None:
    small = RECIPE.limited(6)
    assert (small.poses.count, small.poses.neutral, small.speed.frames) == (6, 6, 120)
    assert RECIPE.limited(10**6) == RECIPE


def test_thirds_are_what_they_say_and_repeat(toon: ProceduralCharacter, visible: np.ndarray) -> None:
    rig = toon.rig
    made = poses_of(RECIPE.poses, RECIPE.faces, rig, visible)
    again = poses_of(RECIPE.poses, RECIPE.faces, rig, visible)
    assert [len(made[third]) for third in THIRDS] == [333, 333, 334]
    values = {third: np.array([pose.values for pose in made[third]]) for third in THIRDS}
    for third in THIRDS:
        assert np.array_equal(values[third], [pose.values for pose in again[third]])
        assert ((values[third] >= rig.minimum) & (values[third] <= rig.maximum)).all()
    moved = {third: values[third] != rig.neutral for third in THIRDS}
    assert set(moved["sweeps"].sum(axis=1)) <= {1, 2}
    assert set(np.flatnonzero(moved["sweeps"].any(axis=0))) == set(visible)
    room = np.where(values["crowds"] > rig.neutral, rig.maximum - rig.neutral, rig.neutral - rig.minimum)
    way = np.where(moved["crowds"], np.abs(values["crowds"] - rig.neutral) / np.where(room > 0, room, 1), 0)
    assert ((way > 0.5 - 1e-9).sum(axis=1) >= 15).all()
    assert (moved["crowds"].sum(axis=1) <= 25).all()
    jaw = rig.index("jaw.ty")
    assert moved["faces"][:, jaw].mean() > 0.7  # most lip shapes open the jaw
    assert moved["faces"][:, rig.index("lf_brow_in.ty")].mean() > 0.5  # and most expressions move the brows


def test_faces_of_another_rig_are_refused(visible: np.ndarray) -> None:
    from sfp_core.errors import SfpError

    arkit = ProceduralCharacter.named("toon", controls="arkit").rig
    with pytest.raises(SfpError, match=r"mapper recipe: sad: rig toon has no controllers lf_corner\.tx"):
        poses_of(RECIPE.poses, RECIPE.faces, arkit, visible)


def _seen(toon: ProceduralCharacter, visible: np.ndarray) -> Seen:
    """Two neutral pictures and nine poses; the landmarks hold the number of the pose, for mappers that know it."""
    made = poses_of(replace(RECIPE.poses, count=9), RECIPE.faces, toon.rig, visible)
    poses = [Pose("neutral", toon.rig.neutral)] * 2 + [pose for third in THIRDS for pose in made[third]]
    capture = Capture(
        toon.rig, "", 22.0, (64, 64), tuple(CapturedPose(f"{i}.jpg", pose) for i, pose in enumerate(poses))
    )
    points = np.broadcast_to(np.arange(11.0)[:, None, None], (11, 98, 2))
    counted = np.isin(np.arange(len(toon.rig.names)), visible)
    observation = Observation(points, points[0], np.arange(11), (), "")
    return Seen(capture, np.array([-1, -1, 0, 0, 0, 1, 1, 1, 2, 2, 2]), observation, counted)


def test_a_mapper_that_knows_the_answer_has_no_error(toon: ProceduralCharacter, visible: np.ndarray) -> None:
    seen = _seen(toon, visible)
    stage = stage_of("known", lambda points: seen.capture.values[points[:, 0, 0].astype(int)], seen, toon)
    assert (stage.score.mse, stage.score.failing_rate, stage.neutral_error) == (0, 0, 0)
    assert stage.cycle_nme < 1e-9
    assert stage.thirds == (0, 0, 0)


def test_always_answering_neutral_scores_one_and_shows_it_in_the_cycle(
    toon: ProceduralCharacter, visible: np.ndarray
) -> None:
    seen = _seen(toon, visible)
    stage = stage_of("still", lambda points: np.tile(toon.rig.neutral, (len(points), 1)), seen, toon)
    assert stage.score.mse == pytest.approx(stage.score.neutral_mse)
    assert stage.thirds == pytest.approx((1, 1, 1))
    assert stage.neutral_error == 0
    shift = np.linalg.norm(
        toon.landmarks(seen.capture.values[10]) - toon.landmarks(toon.rig.neutral), axis=1
    )  # a crowd is far from neutral
    assert stage.cycle_nme > 1
    assert shift.max() > 1


def test_figures_are_those_of_the_worst_character_and_name_what_a_bundle_hides(
    toon: ProceduralCharacter, visible: np.ndarray, toon_bundle: Any
) -> None:
    from sfp_core.character.character import Character

    seen = _seen(toon, visible)
    still = stage_of("refined", lambda points: np.tile(toon.rig.neutral, (len(points), 1)), seen, toon)
    known = stage_of("refined", lambda points: seen.capture.values[points[:, 0, 0].astype(int)], seen, toon)

    def one(stage: Stage) -> Measured:
        return Measured(Character.load(toon_bundle), (stage,), 2 / 47, ("jaw.tz",), 1, True)

    figures = {figure.key: figure for figure in pose_figures([one(known), one(still)])}
    assert figures["mse_vs_neutral"].value == pytest.approx(1)
    assert figures["mse"].value == still.score.mse
    assert figures["mse_vs_neutral"].verdict == "MISSED"
    assert "BY ANOTHER DETECTOR" in figures["mse"].fitted
    assert "counted: jaw.tz; 2 pictures not seen" in figures["invisible_share"].note
    keys = set(json.loads(table_text(list(figures.values())).splitlines()[-1]))
    assert keys == {"failing_rate", "mse", "mse_vs_neutral", "cycle_nme", "neutral_error", "invisible_share"}


def test_speed_is_that_of_a_made_up_character_that_moves() -> None:
    small = replace(RECIPE.speed, controllers=20, frames=64)
    character = made_up_character(20, hidden=small.hidden, components=small.components, seed=1)
    values = character.controllers(made_up_motion(character, 64, seed=1))
    assert values.shape == (64, 20)
    assert (np.ptp(values, axis=0) > 0.1).all()  # it does the whole work: nothing is stuck at a limit or at neutral
    figures = speed_figures(small)
    assert figures[0].key == "frames_per_s"
    assert 0 < figures[0].value < figures[1].value


def test_unknown_characters_and_parts_are_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmark.main(["mapper", "--parts", "poses", "--character", "nobody"]) == 1
    assert capsys.readouterr().err.startswith("benchmark: error: character 'nobody' is unknown")
    assert benchmark.main(["mapper", "--parts", "curves"]) == 1
    assert capsys.readouterr().err == ("benchmark: error: --parts curves: mapper has poses speed onboarding video\n")
