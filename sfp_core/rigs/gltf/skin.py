"""Skinning at rest: one affine map for every vertex, into which its joints are blended once and for all.

Joints do not move here, so a vertex p with morph displacements d lands at M p + sum of strength x (M d).
"""

from dataclasses import dataclass

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.rigs.gltf.accessors import Accessors
from sfp_core.rigs.gltf.document import Document
from sfp_core.rigs.gltf.entry import Entry
from sfp_core.rigs.gltf.scene import Scene

_SETS = 4  # of four joints each


@dataclass(frozen=True, eq=False)
class Placing:
    """How the vertices of one primitive come into the world.

    Attributes
    ----------
    linear : (V or 1, 3, 3) float64
    offset : (V or 1, 3) float64
    joints : dict of int to (V,) float64
        Share that a joint's node has in every vertex, by the node's number; without a skin the mesh's own node has all.
    """

    linear: np.ndarray
    offset: np.ndarray
    joints: dict[int, np.ndarray]

    def points(self, positions: np.ndarray) -> np.ndarray:
        """(V, 3) positions in mesh space to world space."""
        return np.asarray(np.matmul(self.linear, positions[..., None])[..., 0] + self.offset)

    def displacements(self, indices: np.ndarray, deltas: np.ndarray) -> np.ndarray:
        """(n, 3) displacements of vertices `indices` (n,) in mesh space to world space."""
        linear = self.linear if len(self.linear) == 1 else self.linear[indices]
        return np.asarray(np.matmul(linear, deltas[..., None])[..., 0])


def placing(
    document: Document, accessors: Accessors, scene: Scene, node: int, primitive: Entry, *, count: int
) -> Placing:
    """The placing of a primitive with `count` vertices under a node. Raises SfpError for a skin that does not fit."""
    attributes = primitive.child("attributes")
    owner = scene.nodes[node]
    if "skin" not in owner or "JOINTS_0" not in attributes:
        matrix = scene.world[node]
        return Placing(matrix[None, :3, :3], matrix[None, :3, 3], {node: np.ones(count)})
    skin = document.one("skins", owner, "skin")
    joints = skin.indices("joints", len(scene.nodes))
    if not joints:
        raise skin.problem("joints", "at least one joint")
    matrices = scene.world[joints]
    if "inverseBindMatrices" in skin:
        bind = accessors.floats(skin, "inverseBindMatrices", (16,))
        if len(bind) < len(joints):
            raise SfpError(f"{skin.where}: {len(bind)} inverse bind matrices for {len(joints)} joints")
        matrices = matrices @ bind[: len(joints)].reshape(-1, 4, 4).transpose(0, 2, 1)
    total = np.zeros((count, 4, 4))
    weight = np.zeros(count)
    shares: dict[int, np.ndarray] = {}
    for number in range(_SETS):
        if f"JOINTS_{number}" not in attributes or f"WEIGHTS_{number}" not in attributes:
            break
        chosen = accessors.integers(attributes, f"JOINTS_{number}", 4, below=len(joints), count=count)
        weights = accessors.floats(attributes, f"WEIGHTS_{number}", (4,), count=count)
        for column in range(4):
            total += weights[:, column, None, None] * matrices[chosen[:, column]]
            weight += weights[:, column]
            for joint in np.unique(chosen[weights[:, column] > 0, column]):
                share = shares.setdefault(joints[joint], np.zeros(count))
                share += np.where(chosen[:, column] == joint, weights[:, column], 0.0)
    held = weight > 1e-6
    total[held] /= weight[held, None, None]
    total[~held] = matrices[0]
    return Placing(
        total[:, :3, :3],
        total[:, :3, 3],
        {joint: np.where(held, share / np.where(held, weight, 1.0), 0.0) for joint, share in shares.items()},
    )
