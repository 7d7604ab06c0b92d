"""Fitting: a rig whose landmarks are known, seen under noise, is given back its controllers."""

from typing import Any

import numpy as np

from sfp_core.character.capture import Capture
from sfp_core.character.character import Character
from sfp_core.character.fit import FitReport
from sfp_core.character.poses import pose_set
from sfp_core.character.refine import RefineConfig
from sfp_core.face import lip_aperture

_ALONE = RefineConfig(iterations=0)  # these poses are no film: nothing joins one to the next
Fitted = tuple[Character, FitReport, Capture]


def _fresh(character: Character, kind: str, noise: float, dots: Any) -> tuple[np.ndarray, np.ndarray]:
    """Shares of poses that are in no capture, and their landmarks under noise."""
    poses = [pose.values for pose in pose_set(character.rig, count=1200, seed=99) if pose.kind == kind]
    values = np.array(poses)
    points = dots.landmarks(values) + noise * np.random.default_rng(1).standard_normal((len(values), 98, 2))
    return character.rig.to_unit(values), points


def _seen(character: Character) -> np.ndarray:
    return np.array([name not in character.invisible for name in character.rig.names])


def test_held_out_controllers_are_recovered(fitted: Fitted, dots: Any) -> None:
    character, report, _ = fitted
    assert report.mapper.mse < 0.004
    assert report.mapper.failing_rate == 0
    shares, points = _fresh(character, "dense", 0.003, dots)
    error = character.rig.to_unit(character.controllers(points, refine=_ALONE)) - shares
    visible = _seen(character)
    assert (error[:, visible] ** 2).mean() < 0.004
    assert (error[:, visible] ** 2).mean() < 0.1 * ((shares - character.rig.to_unit(character.rig.neutral)) ** 2).mean()


def test_twice_the_noise_does_less_than_twice_the_harm_and_no_pose_fails(fitted: Fitted, dots: Any) -> None:
    character = fitted[0]
    visible = _seen(character)
    errors = []
    for noise in (0.003, 0.006):
        shares, points = _fresh(character, "sparse", noise, dots)
        error = (character.rig.to_unit(character.controllers(points, refine=_ALONE)) - shares)[:, visible]
        errors.append(np.abs(error).mean())
        assert ((error**2).mean(axis=1) < 0.06).all()
    assert errors[1] < 2 * errors[0]


def test_neutral_in_gives_neutral_out(fitted: Fitted, dots: Any) -> None:
    character, _, _ = fitted
    at_rest = character.controllers(np.tile(character.face.neutral, (3, 1, 1)))
    assert np.array_equal(at_rest, np.tile(character.rig.neutral, (3, 1)))
    true_neutral = character.controllers(dots.landmarks(character.rig.neutral[None]))
    span = character.rig.maximum - character.rig.minimum
    assert (np.abs(true_neutral - character.rig.neutral) / span).max() < 0.02


def test_turn_size_and_place_of_a_frame_do_not_matter(fitted: Fitted, dots: Any) -> None:
    character = fitted[0]
    _, points = _fresh(character, "sparse", 0.0, dots)
    turn = 4.0 * np.array([[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]])
    same = character.controllers(points @ turn.T + [30.0, 40.0], refine=_ALONE)
    assert np.allclose(
        character.rig.to_unit(same), character.rig.to_unit(character.controllers(points, refine=_ALONE)), atol=1e-4
    )


def test_only_the_controller_without_effect_is_invisible_and_it_stays_neutral(fitted: Fitted, dots: Any) -> None:
    character, report, _ = fitted
    assert report.invisible == character.invisible == ("tongue.tz",)
    _, points = _fresh(character, "dense", 0.003, dots)
    k = character.rig.index("tongue.tz")
    assert (character.controllers(points, refine=_ALONE)[:, k] == character.rig.neutral[k]).all()


def test_any_landmarks_give_values_within_limits(fitted: Fitted) -> None:
    character = fitted[0]
    wild = character.face.neutral + np.random.default_rng(0).normal(0, 0.5, size=(200, 98, 2))
    for refine in (RefineConfig(iterations=0), RefineConfig()):
        values = character.controllers(wild, refine=refine)
        assert (values >= character.rig.minimum).all()
        assert (values <= character.rig.maximum).all()


def test_forward_model_shows_what_is_seen(fitted: Fitted, dots: Any) -> None:
    character = fitted[0]
    values = np.array([pose.values for pose in pose_set(character.rig, count=400, seed=98)])
    distance = np.linalg.norm(character.landmarks(values) - dots.landmarks(values), axis=-1)
    moved = np.linalg.norm(dots.landmarks(values) - dots.landmarks(character.rig.neutral[None]), axis=-1)
    assert distance.mean() < 0.003  # as near as one detection is
    assert distance.mean() < 0.15 * moved.mean()


def test_refining_brings_the_landmarks_nearer_and_leaves_still_what_is_held(fitted: Fitted, dots: Any) -> None:
    character = fitted[0]
    _, points = _fresh(character, "dense", 0.0, dots)
    alone = character.controllers(points, refine=RefineConfig(iterations=0))
    refined = character.controllers(points, refine=RefineConfig(iterations=20, misfit=4.0))

    def misfit(values: np.ndarray) -> float:
        return float(np.linalg.norm(character.landmarks(values) - points, axis=-1).mean())

    assert misfit(refined) < 0.95 * misfit(alone)
    k = character.rig.index("tongue.tz")
    assert (refined[:, k] == character.rig.neutral[k]).all()


def test_smoothness_makes_a_jittering_sequence_calmer(fitted: Fitted, dots: Any) -> None:
    character = fitted[0]
    time = np.linspace(0, 2 * np.pi, 96)
    values = np.tile(character.rig.neutral, (96, 1))
    values[:, 0] = -0.4 - 0.3 * np.sin(time)
    points = dots.landmarks(values) + 0.006 * np.random.default_rng(2).standard_normal((96, 98, 2))
    calm, plain = (
        character.controllers(points, refine=RefineConfig(iterations=30, smoothness=smoothness))[:, 0]
        for smoothness in (3.0, 0.0)
    )
    assert np.abs(np.diff(calm, 2)).mean() < 0.7 * np.abs(np.diff(plain, 2)).mean()
    assert np.abs(calm - values[:, 0]).mean() < np.abs(plain - values[:, 0]).mean() + 0.01


def test_reach_is_what_the_rig_can_do(fitted: Fitted, dots: Any) -> None:
    character, _, capture = fitted
    truth = dots.landmarks(capture.values)
    neutral = dots.landmarks(character.rig.neutral[None])[0]
    most = (lip_aperture(truth) - lip_aperture(neutral)).max()
    assert 0.7 * most < character.face.reach["mouth_open"] <= 1.05 * most
    assert character.face.reach["brow_up"] > 0.08
    assert character.face.reach["corner_up"] > 0.1
    assert character.face.reach["mouth_narrow"] > 0.1


def test_the_same_seed_gives_the_same_character(fitted: Fitted) -> None:
    assert fitted[0].training["config"]["seed"] == 0
    assert fitted[0].training["held_back"]["mapper"]["poses"] == fitted[1].mapper.poses
