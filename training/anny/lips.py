"""Lips that rest on each other: features that grow them apart or into each other are made good."""

from dataclasses import dataclass

import numpy as np

from training.anny.store import HeadStore

_CONTACT = 1  # the ring where closed lips touch
_FOLLOW = np.array([1.0, 1.0, 1.0, 0.85, 0.6, 0.35, 0.15, 0.05])  # how much of the way each ring goes


@dataclass(frozen=True, eq=False)
class LipRings:
    """Rings around the mouth.

    Attributes
    ----------
    rings : (8, 38) int64
        Vertices, from inside the mouth outwards.
    upper, lower : (n,) int64
        Columns of both lips, without the corners, by rising x.
    """

    rings: np.ndarray
    upper: np.ndarray
    lower: np.ndarray

    @classmethod
    def of(cls, store: HeadStore) -> "LipRings":
        """From the store's rings."""
        contact = store.mean[store.mouth[_CONTACT]]
        count = len(contact)
        left, right = int(np.argmin(contact[:, 0])), int(np.argmax(contact[:, 0]))
        one = (left + np.arange(1, (right - left) % count)) % count
        other = (right + np.arange(1, (left - right) % count)) % count
        upper, lower = (one, other) if contact[one, 1].mean() > contact[other, 1].mean() else (other, one)
        return cls(store.mouth, upper[np.argsort(contact[upper, 0])], lower[np.argsort(contact[lower, 0])])

    def seal(self, vertices: np.ndarray) -> None:
        """Bring the lips of a resting head (V, 3) together where they meet; changes `vertices`."""
        contact = vertices[self.rings[_CONTACT]]
        high, low = contact[self.upper], contact[self.lower]
        for columns, own, other in ((self.upper, high, low), (self.lower, low, high)):
            order = np.argsort(other[:, 0])
            across = np.interp(own[:, 0], other[order, 0], other[order, 1])
            way = (across - own[:, 1]) / 2
            inside = (own[:, 0] > other[:, 0].min()) & (own[:, 0] < other[:, 0].max())
            vertices[self.rings[:, columns], 1] += _FOLLOW[:, None] * np.where(inside, way, 0.0)
