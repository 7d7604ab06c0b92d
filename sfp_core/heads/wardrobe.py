"""Dressing a head: every piece that an identity's look and wear ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from sfp_core.heads import parts, skin_paint
from sfp_core.heads.beard import beard_pieces
from sfp_core.heads.clothes import bust_mesh
from sfp_core.heads.ears import ear_mesh, earring_mesh
from sfp_core.heads.fitting import Fitting
from sfp_core.heads.glasses import glasses_mesh
from sfp_core.heads.hair import hair_mesh
from sfp_core.heads.hands import HandPlace, hand_mesh
from sfp_core.heads.hats import hat_mesh, pressed
from sfp_core.heads.identity import Look, Wear
from sfp_core.heads.marks import marks
from sfp_core.heads.piece import Assembly, Piece
from sfp_core.render.mesh import Mesh

if TYPE_CHECKING:
    from sfp_core.heads.actions import ActionState
    from sfp_core.heads.head import Head, Skin


def dressed(head: Head) -> Assembly:
    """All that can be seen of a head."""
    identity, base, surface, neutral = head.identity, head.base, head.surface, head.neutral
    wear = identity.wear
    pieces = [skin(head)]
    for side in (0, 1):
        pieces.append(parts.eyeball(identity, side))
        pieces.append(parts.lid_edge(identity, neutral.vertices, base, side))
        if wear.lashes > 0 and wear.glasses != "sun":
            pieces.append(parts.lashes(identity, neutral.vertices, base, side))
        if wear.brows != "none":
            pieces.append(parts.brow(identity, surface, side))
    pieces.append(parts.mouth_inside(identity, neutral.vertices, base))
    pieces.append(parts.tongue(identity, surface, head.mouth.centre))
    if identity.look.teeth != "none":
        pieces += parts.teeth(identity, surface, head.mouth.centre)
    pieces.append(marks(head))
    if wear.beard != "none":
        pieces += beard_pieces(head)
    pieces += [Piece(mesh) for mesh in worn(head.fitting, identity.look, wear)]
    return Assembly.of(pieces)


def worn(fit: Fitting, look: Look, wear: Wear) -> list[Mesh]:
    """What holds still on a head of any family: hair, ears, hat, glasses, clothes."""
    meshes = [pressed(fit, wear, hair_mesh(fit, look, wear)), bust_mesh(fit, look, wear)]
    if wear.ears != "none" and fit.ear_size > 0:
        meshes.append(ear_mesh(fit, look, wear.ears))
        if wear.earrings != "none":
            meshes.append(earring_mesh(fit, wear))
    if wear.hat != "none":
        meshes.append(hat_mesh(fit, wear))
    if wear.glasses != "none":
        meshes.append(glasses_mesh(fit, wear))
    if wear.hand != "none":
        side = wear.hair_seed % 2
        meshes.append(hand_mesh(fit, skin=look.skin, sleeve=wear.cloth, place=cast(HandPlace, wear.hand), side=side))
    return meshes


def skin(head: Head) -> Piece:
    """The skin itself, closed at the back of the head."""
    identity, base, neutral = head.identity, head.base, head.neutral
    pole = skin_paint.back_pole(base, head.points, neutral.vertices)[None]
    count, back = len(neutral.vertices), base.back
    closing = np.stack([np.roll(back, -1), back, np.full(len(back), count)], axis=-1)
    colours = head.skin_colours
    gloss, of_part = skin_paint.skin_faces(identity, base)
    mesh = Mesh(
        np.concatenate([neutral.vertices, pole]),
        np.concatenate([base.faces, closing]),
        np.concatenate([colours, colours[back].mean(axis=0, keepdims=True)]),
        np.concatenate([gloss, np.full(len(closing), gloss[0])]),
        np.concatenate([of_part, np.full(len(closing), of_part[0])]),
    )

    def move(state: ActionState, posed: Skin) -> np.ndarray:
        return np.concatenate([posed.vertices, pole])

    return Piece(mesh, move)
