"""68 points in place of 98 on one character."""

from dataclasses import replace

import numpy as np
import pytest

from sfp_core.character.anchor import ANCHORS, ANCHORS_68
from sfp_core.character.capture import Capture
from sfp_core.character.character import Character
from sfp_core.character.complete import MISSING_98, SAME_68, SAME_98, completed, learned_completion
from sfp_core.character.fit import FitReport
from sfp_core.character.poses import pose_set
from sfp_core.character.refine import RefineConfig
from sfp_core.errors import SfpError
from sfp_core.layout import ibug68_from_wflw98

Fitted = tuple[Character, FitReport, Capture]
ALONE = RefineConfig(iterations=0)


def test_the_same_landmarks_are_those_that_are_copied() -> None:
    points = np.random.default_rng(0).normal(size=(98, 2))
    assert len(SAME_68) == 52 and len(MISSING_98) == 46
    assert np.array_equal(ibug68_from_wflw98(points)[SAME_68], points[SAME_98])
    assert np.array_equal(ibug68_from_wflw98(points)[list(ANCHORS_68)], points[list(ANCHORS)])


def test_motion_that_is_linear_in_the_68_is_completed_exactly() -> None:
    rng = np.random.default_rng(1)
    shapes = rng.normal(size=(12, 196))
    moved = rng.normal(size=(400, 12)) @ shapes  # a face of twelve shapes
    completion = learned_completion(moved)
    fresh = (rng.normal(size=(5, 12)) @ shapes).reshape(5, 98, 2)
    again = completed(ibug68_from_wflw98(fresh), completion).reshape(5, 98, 2)
    assert np.array_equal(again[:, SAME_98], fresh[:, SAME_98])
    assert np.allclose(again, fresh, atol=1e-3)


def test_68_points_give_nearly_the_controllers_of_98(fitted: Fitted, dots: object) -> None:
    character = fitted[0]
    values = np.array([pose.values for pose in pose_set(character.rig, count=300, seed=77)])
    points = dots.landmarks(values)  # type: ignore[attr-defined]
    rig = character.rig
    truth = rig.to_unit(values)
    whole = rig.to_unit(character.controllers(points, refine=ALONE))
    fewer = rig.to_unit(character.controllers(ibug68_from_wflw98(points), refine=ALONE))
    told = ~np.isin(rig.names, character.invisible)
    still = ((rig.to_unit(rig.neutral) - truth)[:, told] ** 2).mean()
    assert ((fewer - truth)[:, told] ** 2).mean() < 0.1 * still
    assert np.abs(fewer - whole)[:, told].mean() < 0.02
    assert np.array_equal(character.controllers(np.tile(character.neutral_68, (2, 1, 1)))[0], rig.neutral)


def test_a_bundle_without_the_tensor_asks_its_forward_model(fitted: Fitted, dots: object) -> None:
    character = fitted[0]
    tensors = {name: tensor for name, tensor in character.mapper_tensors.items() if name != "completion"}
    old = replace(character, mapper_tensors=tensors)
    values = np.array([pose.values for pose in pose_set(character.rig, count=200, seed=78)])
    points = ibug68_from_wflw98(dots.landmarks(values))  # type: ignore[attr-defined]
    spread = character.rig.to_unit(character.controllers(points, refine=ALONE)) - character.rig.to_unit(
        old.controllers(points, refine=ALONE)
    )
    assert np.abs(spread).mean() < 0.03


def test_another_count_of_points_and_a_wrong_tensor_are_refused(fitted: Fitted) -> None:
    character = fitted[0]
    with pytest.raises(SfpError, match=r"expected \(frames, 98, 2\) numbers, got \(1, 70, 2\)"):
        character.controllers(np.zeros((1, 70, 2)))
    with pytest.raises(SfpError, match=r"tensor 'completion' is \(3, 4\); expected \(136, 92\)"):
        replace(character, mapper_tensors=dict(character.mapper_tensors) | {"completion": np.zeros((3, 4))})
