"""Families of heads: what the data set asks of a head, whatever it was made from.

A family is one way of making heads. `toon` are the procedural heads of `sfp_core.heads`; `anny` (stylised) and `human`
(as they are) come from the `training` extra and are loaded only where they are asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.heads.hands import HandPlace, hand_mesh
from sfp_core.heads.head import Head, PosedHead
from sfp_core.heads.landmarks98 import landmarks98
from sfp_core.render.mesh import Mesh
from training.faces.identities import random_identity

if TYPE_CHECKING:
    from training.anny.head import AnnyHead

FAMILIES = ("toon", "anny", "human")

_LIP_REDNESS = 0.55  # lips whose red outweighs the skin's by this share of the brightness are painted


class Posed(Protocol):
    """A head in one pose."""

    def mesh(self) -> Mesh:
        """Everything that can be seen, one mesh in head units, its faces marked with their `Part`."""

    def landmarks98(self, rotation: np.ndarray) -> np.ndarray:
        """WFLW landmarks (98, 3) float64, head units; `rotation` is world to view, it decides where the contour is."""


class Subject(Protocol):
    """A head that can be posed. World axes and head units: about 2.2 high, looking along +z, centre near the origin."""

    @property
    def family(self) -> str:
        """One of `FAMILIES`."""

    @property
    def make_up(self) -> bool:
        """Whether eyes are lined or lips painted."""

    @property
    def clothed(self) -> bool:
        """Whether the mesh has shoulders of its own."""

    def frame(self) -> tuple[np.ndarray, float]:
        """Centre (3,) and height of the resting head with its hair, head units."""

    def face_frame(self) -> tuple[np.ndarray, float]:
        """Centre (3,) and height of the resting face from the brows to the chin, head units."""

    def pose(self, strengths: Mapping[str, float]) -> Posed:
        """Pose by action strengths (names of `sfp_core.heads.actions.ACTIONS`; names left out are 0)."""

    def hand(self, place: HandPlace, *, side: int, curl: float) -> Mesh:
        """The character's own hand that touches the resting head, head units; see `sfp_core.heads.hands`."""


@dataclass(frozen=True)
class ToonPosed:
    """A procedural head in one pose."""

    posed: PosedHead

    def mesh(self) -> Mesh:
        """See `Posed`."""
        return self.posed.mesh()

    def landmarks98(self, rotation: np.ndarray) -> np.ndarray:
        """See `Posed`."""
        return landmarks98(self.posed, rotation)


@dataclass(frozen=True)
class ToonSubject:
    """A procedural head."""

    head: Head

    @property
    def family(self) -> str:
        """See `Subject`."""
        return "toon"

    @property
    def make_up(self) -> bool:
        """See `Subject`."""
        look = self.head.identity.look
        if look.eyeliner > 0 or look.eyeshadow > 0:
            return True
        skin, lips = np.asarray(look.skin), np.asarray(look.lips)
        redness = (lips[0] - lips[1:].mean()) / max(lips.max(), 1e-6) - (skin[0] - skin[1:].mean()) / max(
            skin.max(), 0.1
        )
        return bool(redness > _LIP_REDNESS)

    @property
    def clothed(self) -> bool:
        """See `Subject`."""
        return self.head.identity.wear.clothes != "none"

    def frame(self) -> tuple[np.ndarray, float]:
        """See `Subject`."""
        return self.head.frame()

    def face_frame(self) -> tuple[np.ndarray, float]:
        """See `Subject`."""
        shape = self.head.identity.shape
        top, bottom = shape.brow_y, shape.chin_y - shape.chin_size
        return np.array([0.0, (top + bottom) / 2 - 0.02, 0.25]), float(top - bottom)

    def pose(self, strengths: Mapping[str, float]) -> ToonPosed:
        """See `Subject`."""
        return ToonPosed(self.head.pose(strengths))

    def hand(self, place: HandPlace, *, side: int, curl: float) -> Mesh:
        """See `Subject`."""
        identity = self.head.identity
        return hand_mesh(
            self.head.fitting, skin=identity.look.skin, sleeve=identity.wear.cloth, place=place, side=side, curl=curl
        )


@dataclass(frozen=True)
class AnnySubject:
    """A head of the second family, as it is or stylised."""

    head: "AnnyHead"

    @property
    def family(self) -> str:
        """See `Subject`."""
        return self.head.family

    @property
    def make_up(self) -> bool:
        """See `Subject`."""
        return self.head.make_up

    @property
    def clothed(self) -> bool:
        """See `Subject`."""
        return self.head.person.wear.clothes != "none"

    def frame(self) -> tuple[np.ndarray, float]:
        """See `Subject`."""
        return self.head.frame()

    def face_frame(self) -> tuple[np.ndarray, float]:
        """See `Subject`."""
        return self.head.face_frame()

    def pose(self, strengths: Mapping[str, float]) -> Posed:
        """See `Subject`."""
        return self.head.pose(strengths)

    def hand(self, place: HandPlace, *, side: int, curl: float) -> Mesh:
        """See `Subject`."""
        person = self.head.person
        return hand_mesh(
            self.head.fitting, skin=person.look.skin, sleeve=person.wear.cloth, place=place, side=side, curl=curl
        )


def random_subject(family: str, rng: np.random.Generator) -> Subject:
    """A new head of a family.

    Raises
    ------
    SfpError
        An unknown family, or one whose packages are not installed.
    """
    if family == "toon":
        return ToonSubject(Head(random_identity(rng)))
    if family in FAMILIES:
        from training.anny.family import random_subject as random_anny  # needs the `training` extra

        return AnnySubject(random_anny(family, rng))
    raise SfpError(f"family {family!r} of heads is unknown; expected one of {', '.join(FAMILIES)}")
