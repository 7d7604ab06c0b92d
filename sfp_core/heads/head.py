"""A head: an identity with its surface, posed by facial actions into a mesh."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sfp_core.heads import parts
from sfp_core.heads.actions import ActionState
from sfp_core.heads.domain import direction_of, domain_of, smoothstep
from sfp_core.heads.eyes import shape_lids
from sfp_core.heads.identity import Identity
from sfp_core.heads.mouth import inflate_cheeks, move_mouth, open_jaw, part_lips, push_lips, sneer
from sfp_core.heads.surface import Surface
from sfp_core.heads.template import EYE_ANGLES, Template, fitted_points, template
from sfp_core.render.mesh import Mesh, Part, merged

_BALD = 2.0  # a hairline above this is none
_SKIN_GLOSS = 0.08
_LASH_LINE = 0.5  # brightness of the lid's edge, so that shut eyes keep a line
_BLUSH = np.array([0.93, 0.42, 0.38])
_LIP_REDNESS = (1.0, 1.0, 0.85)  # how red the inner three lip loops are


@dataclass(frozen=True)
class Skin:
    """The posed skin.

    Attributes
    ----------
    vertices : (V, 3) float64
        Head units, without hair.
    points : (V, 2) float64
        Where each vertex slid to in the domain, rad.
    mouth_centre : (2,) float64
        The resting mouth in the domain, rad.
    """

    vertices: np.ndarray
    points: np.ndarray
    mouth_centre: np.ndarray


class Head:
    """One identity, ready to be posed. Making it costs some 25 ms, a pose some 4 ms."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.base: Template = template()
        self.surface = Surface(identity.shape)
        self.points = fitted_points(identity.shape)
        shape = identity.shape
        nose_base = domain_of(
            np.array([0.0, shape.nose_y - 0.9 * shape.nose_size, shape.nose_z - 0.2 * shape.nose_size])
        )
        self._ceiling = max(float(nose_base[1] - self.points[self.base.mouth[0]].mean(axis=0)[1]), 0.05)
        self.neutral = self.skin(ActionState({}))

    def skin(self, state: ActionState) -> Skin:
        """The skin under these actions."""
        shape = self.identity.shape
        points, centre = move_mouth(state, shape, self.points, self.base, ceiling=self._ceiling)
        vertices = self.surface(points)
        push_lips(state, vertices, points, self.base)
        inflate_cheeks(state, shape, vertices, points, self.surface)
        sneer(state, shape, vertices)
        vertices = open_jaw(state, vertices, points, self.base, centre)
        part_lips(vertices, self.base)
        shape_lids(state, shape, vertices, self.base)
        return Skin(vertices, points, centre)

    @cached_property
    def skin_colours(self) -> np.ndarray:
        """(V, 3) float64, without hair: the same in every pose."""
        base, look, points = self.base, self.identity.look, self.points
        colours = np.tile(np.asarray(look.skin, dtype=np.float64), (len(points), 1))
        for sign in (1.0, -1.0):
            weight = look.blush * np.exp(-(((points - (sign * 0.55, -0.28)) / (0.22, 0.17)) ** 2).sum(axis=1))
            colours += weight[:, None] * (_BLUSH - colours)
        if look.stubble:
            beard = smoothstep(-points[:, 1], 0.25, 0.5) * smoothstep(-np.linalg.norm(points, axis=1), -1.6, -1.2)
            colours *= 1 - 0.45 * look.stubble * beard[:, None]
        if look.freckles:
            spots = np.sin(61 * points[:, 0]) * np.sin(53 * points[:, 1] + 1) > 0.55
            cheeks = np.exp(-(((np.abs(points[:, 0]) - 0.35) / 0.25) ** 2) - ((points[:, 1] + 0.18) / 0.15) ** 2)
            colours *= 1 - 0.35 * look.freckles * (spots * cheeks)[:, None]
        for side in (0, 1):
            colours[base.eyes[side, 0]] *= _LASH_LINE
        if look.eyeliner:
            lined = np.sin(EYE_ANGLES) > -0.05 if look.eyeliner == 1 else np.full(len(EYE_ANGLES), True)
            for side in (0, 1):
                for ring in (0, 1):
                    colours[base.eyes[side, ring][lined]] = 0.06
        for loop, share in enumerate(_LIP_REDNESS):
            ring = base.mouth[loop]
            colours[ring] += share * (np.asarray(look.lips) - colours[ring])
        return colours

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
        identity, base, surface = self.head.identity, self.head.base, self.head.surface
        pieces = [self._skin_mesh()]
        for side in (0, 1):
            pieces.append(parts.eyeball(identity, self.state, side))
            pieces.append(parts.lid_edge(identity, self.skin.vertices, base, side))
            pieces.append(parts.brow(identity, self.state, surface, side))
            if identity.shape.ear_size > 0:
                pieces.append(parts.ear(identity, surface, side))
        pieces.append(parts.mouth_inside(identity, self.skin.vertices, base))
        pieces += parts.teeth_and_tongue(identity, self.state, surface, self.skin.mouth_centre)
        return merged(pieces)

    def _skin_mesh(self) -> Mesh:
        base, look, points = self.head.base, self.head.identity.look, self.skin.points
        colours = self.head.skin_colours
        vertices = self.skin.vertices
        faces = base.faces
        height = _over_hairline(points, look.hairline)
        lift = smoothstep(height, -0.02, 0.10) * look.hair_volume
        lock = 1 + look.hair_waves * np.sin(7 * points[:, 0] + 3 * points[:, 1])
        lock = lock + 0.5 * look.hair_waves * np.sin(17 * points[:, 0] - 5 * points[:, 1])
        if look.hairline < _BALD:
            vertices = vertices + direction_of(points) * (lift * lock)[:, None]
            strands = 1 + 0.18 * np.sin(40 * points[:, 0] + 9 * points[:, 1])
            colours = np.where((height > 0.02)[:, None], np.asarray(look.hair) * strands[:, None], colours)
        pole = np.array([[0.0, 0.30, -1.0 - 0.6 * look.hair_volume]])
        back = base.back
        closing = np.stack([back, np.full(len(back), len(vertices)), np.roll(back, -1)], axis=-1)[:, [0, 2, 1]]
        faces = np.concatenate([faces, closing[:, ::-1]])
        colours = np.concatenate([colours, colours[back].mean(axis=0, keepdims=True)])
        parts_of_faces = np.full(len(faces), Part.SKIN, dtype=np.uint8)
        parts_of_faces[: len(base.faces)][np.isin(base.faces, base.mouth[:3]).all(axis=1)] = Part.LIPS
        if look.hairline < _BALD:
            haired = np.append(height > 0.02, True)
            parts_of_faces[haired[faces].all(axis=1)] = Part.HAIR
        return Mesh(
            vertices=np.concatenate([vertices, pole]).astype(np.float32),
            faces=faces.astype(np.int32),
            colours=np.clip(colours, 0.0, 1.0).astype(np.float32),
            gloss=np.full(len(faces), _SKIN_GLOSS, dtype=np.float32),
            parts=parts_of_faces,
        )


def _over_hairline(points: np.ndarray, hairline: float) -> np.ndarray:
    """Signed height of domain points over the hairline, (V,) rad; it falls at the temples and runs round the back."""
    angle = np.linalg.norm(points, axis=1)
    line = hairline - 0.10 * np.cos(points[:, 0] * 2.2) - 0.55 * smoothstep(np.abs(points[:, 0]), 0.55, 1.25)
    return np.asarray(points[:, 1] - (line - 1.6 * smoothstep(angle, 1.45, 2.1)))
