"""The node tree of a glTF document: where every node stands in the world, and which nodes hold meshes."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.rigs.gltf.document import Document
from sfp_core.rigs.gltf.entry import Entry

_IDENTITY = tuple(np.eye(4).ravel().tolist())


@dataclass(frozen=True, eq=False)
class Scene:
    """The tree at rest.

    Attributes
    ----------
    nodes : list of Entry
        All nodes of the document.
    names : list of str
        Their names; "" where there is none.
    world : (n, 4, 4) float64
        Node space to world space, columns; of a node outside the scene as well.
    parents : list of int
        -1 for a root.
    shown : list of int
        Nodes of the scene, parents first.
    """

    nodes: list[Entry]
    names: list[str]
    world: np.ndarray
    parents: list[int]
    shown: list[int]

    @classmethod
    def of(cls, document: Document) -> "Scene":
        """Read the tree. Raises SfpError for a node with two parents, a circle, or a place that is no number."""
        nodes = document.all("nodes")
        children = [node.indices("children", len(nodes)) for node in nodes]
        parents = [-1] * len(nodes)
        for number, below in enumerate(children):
            for child in below:
                if parents[child] >= 0 or child == number:
                    raise SfpError(f"{nodes[child].where}: it hangs on two nodes; expected a tree")
                parents[child] = number
        world = np.tile(np.eye(4), (len(nodes), 1, 1))
        reached = []
        with np.errstate(over="ignore", invalid="ignore"):
            for number in _parents_first([n for n, parent in enumerate(parents) if parent < 0], children):
                reached.append(number)
                local = _local(nodes[number])
                world[number] = local if parents[number] < 0 else world[parents[number]] @ local
        if len(reached) < len(nodes):
            lost = next(number for number in range(len(nodes)) if number not in set(reached))
            raise SfpError(f"{nodes[lost].where}: its parents run in a circle; expected a tree")
        if not np.isfinite(world).all():
            raise SfpError(f"{document.path}: nodes stand at places that are no finite numbers")
        names = [node.text("name") for node in nodes]
        shown = list(_parents_first(_roots(document, parents), children))
        return cls(nodes, names, world, parents, shown)

    def below(self, top: int) -> set[int]:
        """A node and all under it."""
        found = {top}
        for number in self.order():
            if self.parents[number] in found:
                found.add(number)
        return found

    def order(self) -> list[int]:
        """All nodes, parents first."""
        children: list[list[int]] = [[] for _ in self.nodes]
        for number, parent in enumerate(self.parents):
            if parent >= 0:
                children[parent].append(number)
        return list(_parents_first([n for n, parent in enumerate(self.parents) if parent < 0], children))


def _roots(document: Document, parents: list[int]) -> list[int]:
    scenes = document.all("scenes")
    if not scenes:
        return [number for number, parent in enumerate(parents) if parent < 0]
    chosen = scenes[document.root.index("scene", len(scenes)) if "scene" in document.root else 0]
    return list(dict.fromkeys(chosen.indices("nodes", len(parents))))


def _parents_first(roots: list[int], children: list[list[int]]) -> Iterator[int]:
    waiting, seen = list(reversed(roots)), set()
    while waiting:
        number = waiting.pop()
        if number in seen:
            continue
        seen.add(number)
        yield number
        waiting.extend(reversed(children[number]))


def _local(node: Entry) -> np.ndarray:
    """Node space to its parent's, (4, 4) float64."""
    if "matrix" in node:
        return node.numbers("matrix", _IDENTITY).reshape(4, 4).T  # columns one after the other
    move, turn = node.numbers("translation", (0.0, 0.0, 0.0)), node.numbers("rotation", (0.0, 0.0, 0.0, 1.0))
    size = node.numbers("scale", (1.0, 1.0, 1.0))
    length = float(np.linalg.norm(turn))
    if length == 0:
        raise node.problem("rotation", "a quaternion of length 1")
    x, y, z, w = turn / length
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    local = np.eye(4)
    local[:3, :3] = rotation * size
    local[:3, 3] = move
    return local
