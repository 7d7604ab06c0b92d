"""Morph targets as controllers: their names, their neutral, and the vertices they move."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sfp_core.compiled import compiled
from sfp_core.errors import SfpError
from sfp_core.rig import ControllerSpec
from sfp_core.rigs.gltf.entry import Entry
from sfp_core.rigs.gltf.vrm import Vrm

MOST_CONTROLLERS = 2000
MOST_MOVED = 40_000_000  # rows of all targets together


@dataclass(frozen=True)
class Drive:
    """One controller before its vertices are known: its name, its neutral, the targets it moves and how much."""

    name: str
    neutral: float
    targets: tuple[tuple[int, int, float], ...]  # node, target, strength


def drives(shown: Sequence[tuple[int, Entry, Entry]], names: Sequence[str], vrm: Vrm | None, where: str) -> list[Drive]:
    """The controllers of the meshes in a scene, in the order of their targets.

    Parameters
    ----------
    shown : sequence of (number of a node, node, its mesh)
    names : sequence of str
        Of all nodes.
    where : str
        The file, for messages.

    Raises
    ------
    SfpError
        No morph targets, too many, or primitives of a mesh that differ in them.
    """
    found: dict[str, list[tuple[int, int, float]]] = {}
    node_of: dict[str, str] = {}
    neutral: dict[str, float] = {}
    unnamed = True
    counts: dict[int, int] = {}
    for number, node, mesh in shown:
        count = _target_count(mesh)
        counts[number] = count
        told = _target_names(mesh, count)
        unnamed = unnamed and not told
        weights = node.many_numbers("weights") or mesh.many_numbers("weights")
        for target in range(count):
            key = told[target] if told else f"morph_{target:02d}"
            found.setdefault(key, []).append((number, target, 1.0))
            node_of.setdefault(key, names[number] or mesh.text("name") or f"node_{number}")
            neutral.setdefault(key, weights[target] if target < len(weights) else 0.0)
    if not found:
        raise SfpError(f"{where}: 0 controllers; its meshes have no morph targets, which are what moves a face here")
    spoken = _expressions(shown, counts, vrm) if vrm and unnamed else {}
    if spoken:
        made = [Drive(name, 0.0, tuple(targets)) for name, targets in _unique("vrm", spoken).items()]
    else:
        clean = _unique_names([(node_of[key], key) for key in found])
        made = [
            Drive(name, neutral[key], tuple(targets)) for name, (key, targets) in zip(clean, found.items(), strict=True)
        ]
    if len(made) > MOST_CONTROLLERS:
        raise SfpError(f"{where}: {len(made)} morph targets; expected at most {MOST_CONTROLLERS}")
    return made


def spec_of(drive: Drive) -> ControllerSpec:
    """0 to 1, wider where the neutral lies outside."""
    return ControllerSpec(drive.name, min(0.0, drive.neutral), max(1.0, drive.neutral), drive.neutral, "none")


@dataclass(frozen=True, eq=False)
class Displacements:
    """What every controller adds to the vertices, per unit.

    Attributes
    ----------
    first : (K + 1,) int64
        Where the rows of each controller begin.
    vertices : (n,) int64
    deltas : (n, 3) float64
        World space.
    """

    first: np.ndarray
    vertices: np.ndarray
    deltas: np.ndarray

    def add(self, values: np.ndarray, points: np.ndarray) -> None:
        """Move `points` (V, 3) float64, which is written to, by controller values (K,)."""
        _add(np.asarray(values, dtype=np.float64), self.first, self.vertices, self.deltas, points)

    def of(self, controller: int) -> tuple[np.ndarray, np.ndarray]:
        """Vertices (m,) and displacements (m, 3) of one controller."""
        rows = slice(self.first[controller], self.first[controller + 1])
        return self.vertices[rows], self.deltas[rows]


@dataclass
class Gathering:
    """Collects the displacements of `controllers` controllers."""

    controllers: int
    where: str
    parts: list[list[tuple[np.ndarray, np.ndarray]]] = field(init=False)
    moved: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.parts = [[] for _ in range(self.controllers)]

    def add(self, controller: int, vertices: np.ndarray, deltas: np.ndarray) -> None:
        """More rows of a controller. Raises SfpError where a file moves more than memory should hold."""
        self.moved += len(vertices)
        if self.moved > MOST_MOVED:
            raise SfpError(f"{self.where}: its morph targets move more than {MOST_MOVED} vertices; expected fewer")
        self.parts[controller].append((vertices, deltas))

    def whole(self) -> Displacements:
        """All rows, controller after controller."""
        rows = [sum(len(vertices) for vertices, _ in parts) for parts in self.parts]
        flat = [part for parts in self.parts for part in parts]
        return Displacements(
            np.concatenate([[0], np.cumsum(rows)]).astype(np.int64),
            np.concatenate([np.zeros(0, np.int64), *(vertices for vertices, _ in flat)]).astype(np.int64),
            np.concatenate([np.zeros((0, 3)), *(deltas for _, deltas in flat)]),
        )


def _target_count(mesh: Entry) -> int:
    counts = {len(primitive.children("targets")) for primitive in mesh.children("primitives")}
    if len(counts) > 1:
        raise SfpError(f"{mesh.where}: its primitives have {sorted(counts)} morph targets; expected as many in each")
    return counts.pop() if counts else 0


def _target_names(mesh: Entry, count: int) -> list[str]:
    """Names in the mesh's extras, else in those of a primitive; none where there is not one for every target."""
    for owner in (mesh, *mesh.children("primitives")):
        if "extras" not in owner:
            continue
        try:
            told = owner.child("extras").texts("targetNames")
        except SfpError:  # extras may hold anything
            continue
        if count and len(told) == count:
            return [name or f"morph_{number:02d}" for number, name in enumerate(told)]
    return []


def _expressions(
    shown: Sequence[tuple[int, Entry, Entry]], counts: dict[int, int], vrm: Vrm
) -> dict[str, list[tuple[int, int, float]]]:
    mesh_of = {number: node.integer("mesh") for number, node, _ in shown}
    spoken: dict[str, list[tuple[int, int, float]]] = {}
    for name, binds in vrm.expressions.items():
        targets = [
            (number, bind.target, bind.weight)
            for bind in binds
            for number, mesh in mesh_of.items()
            if (number == bind.node or mesh == bind.mesh) and bind.target < counts[number] and bind.weight
        ]
        if targets:
            spoken[name] = targets
    return spoken


def _unique(node: str, spoken: dict[str, list[tuple[int, int, float]]]) -> dict[str, list[tuple[int, int, float]]]:
    return dict(zip(_unique_names([(node, name) for name in spoken]), spoken.values(), strict=True))


def _unique_names(parts: Sequence[tuple[str, str]]) -> list[str]:
    """`node.attribute`, no name twice."""
    made: dict[str, None] = {}
    for node, attribute in parts:
        base = f"{clean_name(node)}.{clean_name(attribute)}"
        name, number = base, 2
        while name in made:
            name, number = f"{base}_{number}", number + 1
        made[name] = None
    return list(made)


def clean_name(text: str) -> str:
    """A name without what `node.attribute` cannot hold: namespaces and what joins them become `_`."""
    kept = "".join("_" if sign in ".:|/\\" or not sign.isprintable() else sign for sign in text.strip())
    return unicodedata.normalize("NFC", kept.replace(" ", "_"))[:120] or "unnamed"


@compiled
def _add(values: np.ndarray, first: np.ndarray, vertices: np.ndarray, deltas: np.ndarray, points: np.ndarray) -> None:
    for k in range(len(values)):
        value = values[k]
        if value == 0.0:
            continue
        for row in range(first[k], first[k + 1]):
            v = vertices[row]
            points[v, 0] += value * deltas[row, 0]
            points[v, 1] += value * deltas[row, 1]
            points[v, 2] += value * deltas[row, 2]
