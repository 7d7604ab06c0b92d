"""Poses of any rig, whatever its names: controllers swept one by one, and random ones, of few, many, and very many."""

import numpy as np

from sfp_core.rig import RigSpec

_MIRRORED = 0.5  # how often a controller takes its partner along, as faces mostly move on both sides
_SPARSE_CONTROLLERS = (2, 8)
_CROWD_CONTROLLERS = 15  # at least; all of a smaller rig


def swept(rig: RigSpec, steps: int, *, limit: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Each controller, and each mirrored pair, from neutral towards each limit.

    Parameters
    ----------
    steps : int
        Poses on the way to each limit; fewer where there would be more than `limit` in all.
    limit : int
        The most poses; a rig of very many controllers gets a fair draw.

    Returns
    -------
    list of (K,) float64
        Controller units.
    """
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
    if len(sweeps) > limit:
        sweeps = [sweeps[i] for i in sorted(rng.choice(len(sweeps), size=limit, replace=False))]
    return sweeps


def sparse(rig: RigSpec, rng: np.random.Generator) -> np.ndarray:
    """2 to 8 controllers, up to their limits; (K,) float64, controller units."""
    low, high = (min(bound, len(rig.names)) for bound in _SPARSE_CONTROLLERS)
    chosen = rng.choice(len(rig.names), size=int(rng.integers(low, high + 1)), replace=False)
    return _moved(rig, chosen, strength=1.0, rng=rng)


def dense(rig: RigSpec, rng: np.random.Generator) -> np.ndarray:
    """About half of the controllers, at moderate values; (K,) float64, controller units."""
    chosen = np.flatnonzero(rng.random(len(rig.names)) < rng.uniform(0.2, 0.5))  # partners bring it to about half
    return _moved(rig, chosen, strength=float(rng.uniform(0.4, 1.0)), rng=rng)


def crowd(rig: RigSpec, rng: np.random.Generator) -> np.ndarray:
    """At least 15 controllers, each more than half of the way to a limit; (K,) float64, controller units.

    No face looks so; but what many controllers do to the landmarks at once is not the sum of what each does.
    """
    least = min(_CROWD_CONTROLLERS, len(rig.names))
    most = max(least, len(rig.names) // 2)
    chosen = rng.choice(len(rig.names), size=int(rng.integers(least, most + 1)), replace=False)
    return _moved(rig, chosen, strength=1.0, rng=rng, least=0.5)


def _partners(rig: RigSpec) -> np.ndarray:
    """(K,) int64: the mirror partner of each controller, itself where it has none."""
    return np.array([rig.index(rig.mirror.get(name, name)) for name in rig.names], dtype=np.int64)


def _moved(
    rig: RigSpec, chosen: np.ndarray, *, strength: float, rng: np.random.Generator, least: float = 0.1
) -> np.ndarray:
    """Neutral with these controllers moved towards a random limit by `least` to all of `strength` of the way."""
    partners = _partners(rig)
    values = rig.neutral.astype(np.float64)
    for k in chosen:
        below, above = rig.neutral[k] - rig.minimum[k], rig.maximum[k] - rig.neutral[k]
        up = rng.random() < above / (above + below)
        share = strength * rng.uniform(least, 1.0)
        for place in {int(k), int(partners[k])} if rng.random() < _MIRRORED else {int(k)}:
            bound = rig.maximum[place] if up else rig.minimum[place]
            values[place] = rig.neutral[place] + share * (bound - rig.neutral[place])
    return np.asarray(np.clip(values, rig.minimum, rig.maximum))
