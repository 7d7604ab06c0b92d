"""Pose sets."""

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
    assert np.mean([_moved(values).size for values in by_kind["dense"]]) == pytest.approx(15 * 0.4, abs=1)


def test_sweeps_reach_both_limits_of_every_controller() -> None:
    swept = np.array([pose.values for pose in pose_set(RIG, count=800, seed=1) if pose.kind == "sweep"])
    assert np.array_equal(swept.min(axis=0), RIG.minimum)
    assert np.array_equal(swept.max(axis=0), RIG.maximum)


def test_a_set_too_small_is_refused() -> None:
    with pytest.raises(SfpError, match="3 poses with 2 neutral ones"):
        pose_set(RIG, count=3, seed=0, neutral=2)
