"""Pose sets."""

import hashlib

import numpy as np
import pytest

from sfp_core.character.poses import pose_set
from sfp_core.errors import SfpError
from sfp_core.rig import ControllerSpec, RigSpec

RIG = RigSpec(
    "box",
    (
        ControllerSpec("jaw.ty", -1, 0),
        ControllerSpec("lf_lid.rx", 0, 40, 30, "angle_deg"),
        ControllerSpec("rg_lid.rx", 0, 40, 30, "angle_deg"),
        *(ControllerSpec(f"c{i}.tx", -1, 2, 0.5) for i in range(12)),
    ),
    {"lf_lid.rx": "rg_lid.rx", "rg_lid.rx": "lf_lid.rx", "jaw.ty": "jaw.ty"},
)


def _moved(values: np.ndarray) -> np.ndarray:
    return np.flatnonzero(values != RIG.neutral)


def test_same_seed_same_poses_other_seed_other_poses() -> None:
    first, again, other = (pose_set(RIG, count=300, seed=seed) for seed in (4, 4, 5))
    assert [pose.kind for pose in first] == [pose.kind for pose in again]
    assert np.array_equal([pose.values for pose in first], [pose.values for pose in again])
    assert not np.array_equal([pose.values for pose in first], [pose.values for pose in other])


@pytest.mark.parametrize(
    ("count", "seed", "digest"),
    [(14, 0, "60a0f9bb625a7d29"), (300, 4, "110957ccdfd178fb"), (1000, 7, "a96d064f5c87f6a3")],
)
def test_a_rig_without_known_names_keeps_its_poses(count: int, seed: int, digest: str) -> None:
    """Captures that were broken off go on only while the set stays what it is: change it knowingly."""
    poses = pose_set(RIG, count=count, seed=seed)
    kinds = "|".join(pose.kind for pose in poses).encode()
    assert hashlib.sha256(np.array([p.values for p in poses]).tobytes() + kinds).hexdigest().startswith(digest)


@pytest.mark.parametrize("count", [14, 60, 300, 1000])
def test_every_pose_is_within_limits_and_the_count_is_kept(count: int) -> None:
    poses = pose_set(RIG, count=count, seed=0)
    values = np.array([pose.values for pose in poses])
    assert len(poses) == count
    assert (values >= RIG.minimum).all()
    assert (values <= RIG.maximum).all()


def test_kinds_are_what_they_say() -> None:
    poses = pose_set(RIG, count=800, seed=1, neutral=5)
    by_kind = {kind: [p.values for p in poses if p.kind == kind] for kind in ("neutral", "sweep", "sparse", "dense")}
    assert len(by_kind["neutral"]) == 5
    assert all(not _moved(values).size for values in by_kind["neutral"])
    assert {tuple(_moved(values)) for values in by_kind["sweep"]} == {(k,) for k in range(15)} | {(1, 2)}
    assert max(_moved(values).size for values in by_kind["sparse"]) <= 9  # eight, and a partner of one of them
    crowds = np.array([values for values in by_kind["dense"] if _moved(values).size == 15])
    rest = [values for values in by_kind["dense"] if _moved(values).size < 15]
    assert np.mean([_moved(values).size for values in rest]) == pytest.approx(15 * 0.4, abs=1)
    assert len(crowds) == pytest.approx(0.3 * sum(len(by_kind[kind]) for kind in ("sparse", "dense")), abs=2)
    way = (crowds - RIG.neutral) / np.where(crowds > RIG.neutral, RIG.maximum - RIG.neutral, RIG.neutral - RIG.minimum)
    assert (np.abs(way) >= 0.5).all()


def test_sweeps_reach_both_limits_of_every_controller() -> None:
    swept = np.array([pose.values for pose in pose_set(RIG, count=800, seed=1) if pose.kind == "sweep"])
    assert np.array_equal(swept.min(axis=0), RIG.minimum)
    assert np.array_equal(swept.max(axis=0), RIG.maximum)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 3, "seed": 0, "neutral": 2}, "3 poses with 2 neutral ones"),
        ({"count": 30, "seed": 0, "neutral": 0}, "30 poses with 0 neutral ones"),
        ({"count": 30, "seed": -1}, "seed -1 and 5 steps"),
        ({"count": 30, "seed": 0, "steps": 0}, "seed 0 and 0 steps"),
    ],
)
def test_sets_that_cannot_be_are_refused(options: dict[str, int], message: str) -> None:
    with pytest.raises(SfpError, match=message):
        pose_set(RIG, **options)


def test_one_controller_and_names_in_any_script_are_enough() -> None:
    rig = RigSpec("one", (ControllerSpec("顎.開く", -3.0, -1.0, -1.0),))
    values = np.array([pose.values for pose in pose_set(rig, count=40, seed=0)])
    assert values.min() == -3.0 and values.max() == -1.0
