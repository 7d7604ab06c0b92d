"""Eyes that close: where the eyeballs lie, lids that meet and never cross, and lids that stay outside the ball."""

from dataclasses import dataclass

import numpy as np

from sfp_core.heads.domain import smoothstep
from training.anny.store import HeadStore, Region
from training.anny.table98 import EYE_CORNERS

_EDGE = 2  # the ring of the lid's edge
_FOLLOW = np.array([1.0, 1.0, 1.0, 1.0, 0.85, 0.6, 0.35, 0.15])  # how much of the edge's way each ring goes
_LEAST_RADIUS = np.array([1.02, 1.04, 1.055, 1.06, 1.06, 1.06])  # of the eyeball's, of the rings from the edge on
_MAX_YAW_RAD, _MAX_PITCH_RAD = 0.55, 0.42


@dataclass(frozen=True, eq=False)
class LidRings:
    """The rings around both eyes.

    Attributes
    ----------
    rings : (2, 8, 28) int64
        Vertices; the character's left eye first, from inside the lid outwards.
    upper, lower : (n,) int64
        Columns of the upper lid without the corners, and of the lower lid with them.
    """

    rings: np.ndarray
    upper: np.ndarray
    lower: np.ndarray

    @classmethod
    def of(cls, store: HeadStore) -> "LidRings":
        """From the store's rings of the left eye."""
        edge = store.ids[store.lids[_EDGE]]
        outer, inner = (int(np.flatnonzero(edge == corner)[0]) for corner in EYE_CORNERS)
        count = len(edge)
        one = (outer + np.arange(1, (inner - outer) % count)) % count
        other = (inner + np.arange(1, (outer - inner) % count)) % count
        height = store.mean[store.lids[_EDGE], 1]
        upper, lower = (one, other) if height[one].mean() > height[other].mean() else (other, one)
        return cls(np.stack([store.lids, store.mirror[store.lids]]), upper, np.concatenate([lower, [outer, inner]]))

    def close(self, vertices: np.ndarray, blink: tuple[float, float]) -> None:
        """Bring the upper lids down to the lower ones at blink 1, and nowhere below them; changes `vertices` (V, 3)."""
        for rings, strength in zip(self.rings, blink, strict=True):
            edge = vertices[rings[_EDGE]]
            low = edge[self.lower][np.argsort(edge[self.lower, 0])]
            high = edge[self.upper]
            under = np.stack([np.interp(high[:, 0], low[:, 0], low[:, axis]) for axis in range(3)], axis=-1)
            opening = high[:, 1] - under[:, 1]
            shut = float(smoothstep(np.array(strength), 0.35, 1.0))
            share = np.where(opening > 0, shut, 1.0)
            way = (under - high) * share[:, None]
            way[:, 0] = 0.0
            vertices[rings[:, self.upper]] += _FOLLOW[:, None, None] * way

    def clear(self, vertices: np.ndarray, centres: np.ndarray, radii: np.ndarray) -> None:
        """Push lids that lie in the eyeballs out of them; changes `vertices` (V, 3). Centres (2, 3), radii (2,)."""
        for rings, centre, radius in zip(self.rings, centres, radii, strict=True):
            outside = vertices[rings[_EDGE:]] - centre
            distance = np.linalg.norm(outside, axis=-1)
            least = radius * _LEAST_RADIUS[: len(distance), None]
            pushed = outside * (np.maximum(distance, least) / distance)[..., None] - outside
            vertices[rings[_EDGE:]] += pushed
            vertices[rings[:_EDGE]] += pushed[0]


def eyeballs(store: HeadStore, vertices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centres (2, 3) and radii (2,) of the spheres that fit the stored eyes best; the character's left first."""
    left = np.unique(store.quads[store.regions == Region.EYE])
    left = left[store.mean[left, 0] > 0]
    centres, radii = np.empty((2, 3)), np.empty(2)
    for side, rows in enumerate((left, store.mirror[left])):
        points = vertices[rows]
        system = np.concatenate([2 * points, np.ones((len(points), 1))], axis=1)
        solved = np.linalg.lstsq(system, (points**2).sum(axis=1), rcond=None)[0]
        centres[side] = solved[:3]
        radii[side] = np.sqrt(solved[3] + solved[:3] @ solved[:3])
    return centres, radii


def gaze_rotations(strengths: dict[str, float]) -> np.ndarray:
    """(2, 3, 3) rotations that take +z to the gaze of each eye; the character's left first."""
    rotations = []
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        out = strengths.get("eyeLookOut" + side, 0.0) - strengths.get("eyeLookIn" + side, 0.0)
        up = strengths.get("eyeLookUp" + side, 0.0) - strengths.get("eyeLookDown" + side, 0.0)
        yaw, pitch = sign * out * _MAX_YAW_RAD, up * _MAX_PITCH_RAD
        cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
        about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        rotations.append(about_y @ np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]]))
    return np.stack(rotations)
