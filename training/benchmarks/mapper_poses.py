"""The test poses of the mapper benchmark: sweeps, expressions under lip shapes, and crowds of controllers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sfp_core.character.poses import Pose
from sfp_core.errors import SfpError
from sfp_core.rig import RigSpec

THIRDS = ("sweeps", "faces", "crowds")


@dataclass(frozen=True)
class PosesRecipe:
    """The `[poses]` table of a mapper recipe; pairs are lowest and highest.

    Attributes
    ----------
    count : int
        Test poses; `neutral` pictures of the face at rest come beside them.
    strength : pair of float
        Of expressions and of lip shapes.
    crowd : pair of int
        Controllers at once.
    crowd_way : pair of float
        How far each of them goes from neutral to a limit.
    mirrored : float
        How often a swept controller takes its partner along.
    """

    count: int
    neutral: int
    seed: int
    picture_px: int
    strength: tuple[float, ...]
    crowd: tuple[int, ...]
    crowd_way: tuple[float, ...]
    mirrored: float


@dataclass(frozen=True)
class FaceRow:
    """One frozen face: controllers and their values."""

    name: str
    controllers: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class FacesRecipe:
    """The `[faces]` table: expressions, lip shapes, and how much an expression keeps where lip shapes are."""

    kept: float
    expressions: tuple[FaceRow, ...]
    visemes: tuple[FaceRow, ...]


def poses_of(poses: PosesRecipe, faces: FacesRecipe, rig: RigSpec, visible: np.ndarray) -> dict[str, list[Pose]]:
    """The test poses by third, always the same ones for the same rig.

    Parameters
    ----------
    visible : (n,) int64
        Places of the controllers that move a true landmark.
    """
    third = poses.count // 3
    counts = (third, third, poses.count - 2 * third)
    made = {}
    for number, (name, count) in enumerate(zip(THIRDS, counts, strict=True)):
        rng = np.random.default_rng([poses.seed, number])
        if name == "sweeps":
            values = _sweeps(poses, rig, visible, count, rng)
        elif name == "faces":
            values = _faces(poses, faces, rig, count, rng)
        else:
            values = _crowds(poses, rig, visible, count, rng)
        made[name] = [Pose("table", np.clip(one, rig.minimum, rig.maximum)) for one in values]
    return made


def _sweeps(
    poses: PosesRecipe, rig: RigSpec, visible: np.ndarray, count: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """Each controller in turn at a random place of its range, half of the time together with its partner."""
    made = []
    for number in range(count):
        k = int(visible[number % len(visible)])
        share = rng.uniform()
        values = rig.neutral.astype(np.float64)
        places = {k, rig.index(rig.mirror.get(rig.names[k], rig.names[k]))} if rng.random() < poses.mirrored else {k}
        for place in places:
            values[place] = rig.minimum[place] + share * (rig.maximum - rig.minimum)[place]
        made.append(values)
    return made


def _faces(
    poses: PosesRecipe, faces: FacesRecipe, rig: RigSpec, count: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """Every pair of expression and lip shape in turn, in a drawn order."""
    expressions = [_change(rig, row) for row in faces.expressions]
    visemes = [_change(rig, row) for row in faces.visemes]
    spoken = np.any(visemes, axis=0)
    pairs = [(one, other) for one in expressions for other in visemes]
    order = rng.permutation(len(pairs))
    made = []
    for number in range(count):
        expression, viseme = pairs[order[number % len(pairs)]]
        felt, said = rng.uniform(poses.strength[0], poses.strength[1], size=2)
        made.append(rig.neutral + felt * expression * np.where(spoken, faces.kept, 1.0) + said * viseme)
    return made


def _change(rig: RigSpec, row: FaceRow) -> np.ndarray:
    """(K,) change from neutral."""
    unknown = [name for name in row.controllers if name not in rig.names]
    if unknown or len(row.controllers) != len(row.values):
        raise SfpError(
            f"mapper recipe: {row.name}: rig {rig.name} has no controllers {', '.join(unknown)}"
            if unknown
            else f"mapper recipe: {row.name}: {len(row.controllers)} controllers, but {len(row.values)} values"
        )
    change = np.zeros(len(rig.names))
    change[[rig.index(name) for name in row.controllers]] = row.values
    return change


def _crowds(
    poses: PosesRecipe, rig: RigSpec, visible: Sequence[int] | np.ndarray, count: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """Many controllers at once, each more than half of the way to one of its limits."""
    least, most = (min(bound, len(visible)) for bound in poses.crowd)
    made = []
    for _ in range(count):
        chosen = rng.choice(visible, size=int(rng.integers(least, most + 1)), replace=False)
        below, above = (rig.neutral - rig.minimum)[chosen], (rig.maximum - rig.neutral)[chosen]
        up = rng.random(len(chosen)) < above / (above + below)
        way = rng.uniform(poses.crowd_way[0], poses.crowd_way[1], size=len(chosen))
        values = rig.neutral.astype(np.float64)
        values[chosen] += way * np.where(up, above, -below)
        made.append(values)
    return made
