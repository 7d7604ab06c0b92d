"""Pose sets inside a rig's limits, for rendering and fitting; reproducible by seed."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.rig import RigSpec

PoseKind = Literal["neutral", "sweep", "sparse", "dense", "table"]
POSE_KINDS: tuple[str, ...] = get_args(PoseKind)

_SWEEP_SHARE = 0.4  # sweeps take at most this share of a set; a rig of many controllers gets fewer steps instead
_SPARSE_SHARE = 0.4  # of what is not neutral and not a sweep
_MIRRORED = 0.5  # how often a controller takes its partner along, as faces mostly move on both sides
_SPARSE_CONTROLLERS = (2, 8)


@dataclass(frozen=True)
class Pose:
    """One pose of a rig.

    Attributes
    ----------
    kind : PoseKind
        How it came about: the explicit neutral, one controller (or it and its mirror partner) swept, 2 to 8
        controllers, about half of the controllers, or a table of somebody's.
    values : (K,) float64
        Controller units, within the rig's limits.
    """

    kind: PoseKind
    values: np.ndarray


def pose_set(rig: RigSpec, *, count: int, seed: int, neutral: int = 12, steps: int = 5) -> tuple[Pose, ...]:
    """Neutral, sweeps, then sparse and dense random poses.

    Parameters
    ----------
    count : int
        How many poses in all, at least `neutral` + 2.
    seed : int
        The same seed gives the same poses, bit for bit.
    neutral : int
        How often the neutral pose comes; several, since a detector answers each picture a little differently.
    steps : int
        Pictures on the way from neutral to each limit; fewer where sweeps would take over the set.
    """
    if neutral < 1 or count < neutral + 2:
        raise SfpError(f"pose set: {count} poses with {neutral} neutral ones; expected at least 1 neutral and 2 more")
    rng = np.random.default_rng(seed)
    sweeps = _sweeps(rig, steps, limit=int(_SWEEP_SHARE * (count - neutral)), rng=rng)
    rest = count - neutral - len(sweeps)
    sparse = round(_SPARSE_SHARE * rest)
    poses = [Pose("neutral", rig.neutral.astype(np.float64)) for _ in range(neutral)]
    poses += [Pose("sweep", values) for values in sweeps]
    poses += [Pose("sparse", _sparse(rig, rng)) for _ in range(sparse)]
    poses += [Pose("dense", _dense(rig, rng)) for _ in range(rest - sparse)]
    return tuple(poses)


def _partners(rig: RigSpec) -> np.ndarray:
    """(K,) int64: the mirror partner of each controller, itself where it has none."""
    return np.array([rig.index(rig.mirror.get(name, name)) for name in rig.names], dtype=np.int64)


def _sweeps(rig: RigSpec, steps: int, *, limit: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Each controller, and each mirrored pair, from neutral towards each limit; at most `limit` poses."""
    partners = _partners(rig)
    groups: list[tuple[int, ...]] = [(k,) for k in range(len(rig.names))]
    groups += [(k, int(other)) for k, other in enumerate(partners) if k < other]
    targets = [(group, bound) for group in groups for bound in (rig.minimum, rig.maximum)]
    targets = [(group, bound) for group, bound in targets if abs(bound[group[0]] - rig.neutral[group[0]]) > 0]
    steps = max(1, min(steps, limit // max(len(targets), 1)))
    sweeps = []
    for group, bound in targets:
        for step in range(steps, 0, -1):
            values = rig.neutral.astype(np.float64)
            for k in group:
                values[k] += (bound[k] - rig.neutral[k]) * step / steps
            sweeps.append(values)
    if len(sweeps) > limit:  # a rig of very many controllers: a fair draw
        sweeps = [sweeps[i] for i in sorted(rng.choice(len(sweeps), size=limit, replace=False))]
    return sweeps


def _moved(rig: RigSpec, chosen: np.ndarray, *, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Neutral with these controllers moved towards a random limit by up to `strength` of the way."""
    partners = _partners(rig)
    values = rig.neutral.astype(np.float64)
    for k in chosen:
        below, above = rig.neutral[k] - rig.minimum[k], rig.maximum[k] - rig.neutral[k]
        up = rng.random() < above / (above + below)
        share = strength * rng.uniform(0.1, 1.0)
        for place in {int(k), int(partners[k])} if rng.random() < _MIRRORED else {int(k)}:
            bound = rig.maximum[place] if up else rig.minimum[place]
            values[place] = rig.neutral[place] + share * (bound - rig.neutral[place])
    return np.asarray(np.clip(values, rig.minimum, rig.maximum))


def _sparse(rig: RigSpec, rng: np.random.Generator) -> np.ndarray:
    """2 to 8 controllers, up to their limits."""
    low, high = (min(bound, len(rig.names)) for bound in _SPARSE_CONTROLLERS)
    chosen = rng.choice(len(rig.names), size=int(rng.integers(low, high + 1)), replace=False)
    return _moved(rig, chosen, strength=1.0, rng=rng)


def _dense(rig: RigSpec, rng: np.random.Generator) -> np.ndarray:
    """About half of the controllers, at moderate values."""
    chosen = np.flatnonzero(rng.random(len(rig.names)) < rng.uniform(0.2, 0.5))  # partners bring it to about half
    return _moved(rig, chosen, strength=float(rng.uniform(0.4, 1.0)), rng=rng)
