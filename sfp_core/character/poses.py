"""Pose sets inside a rig's limits, for rendering and fitting; reproducible by seed."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from sfp_core.character.expression_poses import expression_poses
from sfp_core.character.random_poses import crowd, dense, sparse, swept
from sfp_core.errors import SfpError
from sfp_core.rig import RigSpec

PoseKind = Literal["neutral", "sweep", "sparse", "dense", "table"]
POSE_KINDS: tuple[str, ...] = get_args(PoseKind)

_SWEEP_SHARE = 0.4  # sweeps take at most this share of a set; a rig of many controllers gets fewer steps instead
_EXPRESSION_SHARE = 0.4  # of what is not neutral and not a sweep, where the names of the controllers are known
_SPARSE_SHARE = 0.35  # of the rest
_CROWD_SHARE = 0.3  # of the rest
_EXPRESSION_STREAM = 1  # a random stream of its own: the other poses are drawn as for a rig without known names


@dataclass(frozen=True)
class Pose:
    """One pose of a rig.

    Attributes
    ----------
    kind : PoseKind
        How it came about: the explicit neutral, one controller (or it and its mirror partner) swept, 2 to 8
        controllers, many at once (about half of them at random, a crowd more than half of the way to their limits, or
        a feeling with a lip shape), or a table or animation of somebody's.
    values : (K,) float64
        Controller units, within the rig's limits.
    """

    kind: PoseKind
    values: np.ndarray


def pose_set(rig: RigSpec, *, count: int, seed: int, neutral: int = 12, steps: int = 5) -> tuple[Pose, ...]:
    """Neutral, sweeps, sparse and dense random poses; where controllers have known names, speaking faces with feelings.

    Names are known from a vocabulary (ARKit, VRM, Oculus, VRoid, our panel) or the profile of a well-known rig.

    Parameters
    ----------
    count : int
        How many poses in all, at least `neutral` + 2.
    seed : int
        At least 0. The same seed gives the same poses, bit for bit.
    neutral : int
        How often the neutral pose comes; several, since a detector answers each picture a little differently.
    steps : int
        Pictures on the way from neutral to each limit; fewer where sweeps would take over the set.
    """
    if neutral < 1 or count < neutral + 2:
        raise SfpError(f"pose set: {count} poses with {neutral} neutral ones; expected at least 1 neutral and 2 more")
    if seed < 0 or steps < 1:
        raise SfpError(f"pose set: seed {seed} and {steps} steps; expected a seed of at least 0 and at least 1 step")
    rng = np.random.default_rng(seed)
    sweeps = swept(rig, steps, limit=int(_SWEEP_SHARE * (count - neutral)), rng=rng)
    rest = count - neutral - len(sweeps)
    speaking = expression_poses(
        rig, count=round(_EXPRESSION_SHARE * rest), rng=np.random.default_rng((seed, _EXPRESSION_STREAM))
    )
    rest -= len(speaking)
    few, most = round(_SPARSE_SHARE * rest), round(_CROWD_SHARE * rest)
    poses = [Pose("neutral", rig.neutral.astype(np.float64)) for _ in range(neutral)]
    poses += [Pose("sweep", values) for values in sweeps]
    poses += [Pose("sparse", sparse(rig, rng)) for _ in range(few)]
    poses += [Pose("dense", dense(rig, rng)) for _ in range(rest - few - most)]
    poses += [Pose("dense", crowd(rig, rng)) for _ in range(most)]
    poses += [Pose("dense", values) for values in speaking]
    return tuple(poses)
