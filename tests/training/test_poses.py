"""Random poses: the same for a seed, within limits, of all kinds, named by the documented rule."""

import pickle
from collections import Counter

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.heads.actions import ACTIONS
from sfp_core.heads.expressions import EXPRESSION_NAMES, STRENGTHS, VISEMES, expression
from training.faces.poses import KINDS, SHARES, Kind, Pose, label_of, random_actions, sample_pose

MANY = 2000


@pytest.fixture(scope="module")
def poses() -> list[Pose]:
    rng = np.random.default_rng(11)
    return [sample_pose(rng) for _ in range(MANY)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_decides_the_pose_and_every_strength_is_within_limits(kind: Kind) -> None:
    for seed in range(60):
        pose = sample_pose(np.random.default_rng(seed), kind)
        assert pose == sample_pose(np.random.default_rng(seed), kind)
        assert pose.kind == kind
        assert pose.expression in EXPRESSION_NAMES
        assert set(pose.strengths) <= set(ACTIONS)
        assert all(0.0 < value <= 1.0 for value in pose.strengths.values())


def test_kinds_come_in_the_shares_that_are_written_down(poses: list[Pose]) -> None:
    assert sum(SHARES.values()) == pytest.approx(1.0)
    found = Counter(pose.kind for pose in poses)
    for kind, share in SHARES.items():
        assert abs(found[kind] / MANY - share) <= 4 * np.sqrt(share * (1 - share) / MANY)  # 4 sigma


def test_all_seven_labels_occur_often_enough_to_learn(poses: list[Pose]) -> None:
    found = Counter(pose.expression for pose in poses)
    assert set(found) == set(EXPRESSION_NAMES)
    assert min(found.values()) > 0.03 * MANY


def test_faces_are_varied_where_detectors_are_weak(poses: list[Pose]) -> None:
    def share(test: object) -> float:
        return sum(map(test, poses)) / MANY  # type: ignore[arg-type]

    def asymmetric(pose: Pose) -> bool:
        s = pose.strengths
        return any(abs(v - s.get(n.replace("Left", "Right"), 0)) > 0.1 for n, v in s.items() if n.endswith("Left"))

    assert share(lambda pose: pose.strengths.get("jawOpen", 0) > 0.6) > 0.18
    assert share(lambda pose: pose.strengths.get("jawOpen", 0) < 0.05) > 0.25
    assert 0.05 < share(lambda pose: pose.strengths.get("eyeBlinkLeft", 0) > 0.95) < 0.25
    assert share(asymmetric) > 0.3


def test_a_designed_expression_is_named_as_itself_and_a_lip_shape_as_neutral() -> None:
    for name in EXPRESSION_NAMES:
        for strength in STRENGTHS:
            assert label_of(expression(name, strength)) == name, (name, strength)
    assert {label_of(face) for face in VISEMES.values()} == {"neutral"}
    assert label_of({name: 0.2 * value for name, value in expression("happy").items()}) == "neutral"  # too faint


def test_a_pose_travels_between_processes_and_refuses_what_is_none() -> None:
    pose = sample_pose(np.random.default_rng(3))
    assert pickle.loads(pickle.dumps(pose)) == pose
    with pytest.raises(SfpError, match="jawOpen outside 0 to 1"):
        Pose({"jawOpen": 1.2})
    with pytest.raises(SfpError, match="expression 'smug'; expected one of neutral"):
        Pose({}, "smug")
    with pytest.raises(SfpError, match="kind of pose 'odd' is unknown; expected one of sparse"):
        sample_pose(np.random.default_rng(0), "odd")  # type: ignore[arg-type]


def test_random_actions_are_a_pose_without_its_label() -> None:
    assert random_actions(np.random.default_rng(8)) == sample_pose(np.random.default_rng(8)).strengths
