"""A head: an identity with its surface, posed by facial actions into a mesh."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sfp_core.heads import skin_paint
from sfp_core.heads.actions import ActionState
from sfp_core.heads.domain import direction_of
from sfp_core.heads.eyes import shape_lids
from sfp_core.heads.fitting import Fitting, fitting_of
from sfp_core.heads.flesh import crease_folds, inflate_cheeks, raise_chin, sneer
from sfp_core.heads.identity import Identity
from sfp_core.heads.mouth import MouthPlace, move_mouth, open_jaw, part_lips, push_lips
from sfp_core.heads.piece import Assembly
from sfp_core.heads.surface import Surface
from sfp_core.heads.template import Template, evened_out, fitted_points, symmetric, template
from sfp_core.heads.wardrobe import dressed
from sfp_core.render.mesh import Mesh


@dataclass(frozen=True)
class Skin:
    """The posed skin.

    Attributes
    ----------
    vertices : (V, 3) float64
        Head units, without hair.
    points : (V, 2) float64
        Where each vertex slid to in the domain, rad.
    """

    vertices: np.ndarray
    points: np.ndarray


class Head:
    """One identity, ready to be posed. Making it costs some 35 ms, its first mesh as much, a pose some 3 ms."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.base: Template = template()
        self.surface = Surface(identity.shape)
        fitted = fitted_points(identity.shape)
        self.mouth = MouthPlace.of(fitted, self.base, identity.shape)
        resting = move_mouth(ActionState({}), identity.shape, fitted, self.base, self.mouth)
        self.points = symmetric(evened_out(resting))
        self._slides = np.concatenate([self.base.around_mouth, self.base.mouth.ravel()])
        self._rest = self.surface(self.points)
        self._out = direction_of(self.points)
        self.neutral = self.skin(ActionState({}))

    def skin(self, state: ActionState) -> Skin:
        """The skin under these actions."""
        shape, base, slides = self.identity.shape, self.base, self._slides
        points = move_mouth(state, shape, self.points, base, self.mouth)
        vertices, out = self._rest.copy(), self._out.copy()
        vertices[slides], out[slides] = self.surface(points[slides]), direction_of(points[slides])
        push_lips(state, vertices, out, base)
        inflate_cheeks(state, shape, vertices, out, self.surface)
        sneer(state, shape, vertices)
        crease_folds(state, shape, vertices, points, out, base)
        raise_chin(state, shape, vertices)
        vertices = open_jaw(state, vertices, points, base, self.mouth.centre)
        part_lips(vertices, base)
        shape_lids(state, shape, vertices, points, base, self.surface)
        return Skin(vertices, points)

    @cached_property
    def skin_colours(self) -> np.ndarray:
        """(V, 3) float64, sRGB: the same in every pose."""
        return skin_paint.skin_colours(self.identity, self.base, self.points, self.neutral.vertices)

    @cached_property
    def fitting(self) -> Fitting:
        """What worn things need to know of this head."""
        return fitting_of(self.identity.shape, self.surface)

    @cached_property
    def assembly(self) -> Assembly:
        """Everything that can be seen, made at first use; poses only move its vertices."""
        return dressed(self)

    def frame(self) -> tuple[np.ndarray, float]:
        """Centre (3,) and height of the resting head with its hair, head units, for a camera that follows no pose."""
        shape = self.identity.shape
        top, bottom = shape.cranium_y + shape.cranium[1] + 0.1, shape.chin_y - shape.chin_size
        return np.array([0.0, (top + bottom) / 2 - 0.05, 0.0]), top - bottom

    def pose(self, strengths: Mapping[str, float]) -> "PosedHead":
        """Pose by action strengths (names of `actions.ACTIONS`; names left out are 0)."""
        state = ActionState(strengths)
        return PosedHead(self, state, self.skin(state))


@dataclass(frozen=True)
class PosedHead:
    """A head in one pose."""

    head: Head
    state: ActionState
    skin: Skin = field(repr=False)

    def mesh(self) -> Mesh:
        """Everything that can be seen, one mesh in head units."""
        return self.head.assembly.mesh(self.state, self.skin)
