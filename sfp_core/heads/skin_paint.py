"""What is painted on the skin: blush, stubble, make-up, lips, and the scalp under the hair."""

import numpy as np

from sfp_core.heads.domain import direction_of, domain_of, smoothstep
from sfp_core.heads.identity import Identity
from sfp_core.heads.template import EYE_ANGLES, EYE_RINGS, Template
from sfp_core.render.mesh import Part

_SKIN_GLOSS = 0.08
_LASH_LINE = 0.5  # brightness of the lid's edge, so that shut eyes keep a line
_BLUSH = np.array([0.93, 0.42, 0.38])
_LIP_REDNESS = (1.0, 1.0, 0.85)  # how red the inner three lip loops are


def skin_colours(identity: Identity, base: Template, points: np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """(V, 3) float64: the same in every pose.

    Parameters
    ----------
    points, vertices : (V, 2) rad and (V, 3)
        Of the resting head.
    """
    look, skin = identity.look, np.asarray(identity.look.skin)
    colours = np.tile(skin, (len(points), 1))
    warm = skin * (1.02, 0.84, 0.80)  # blood shows where skin is thin
    nose = domain_of(np.array([0.0, identity.shape.nose_y, identity.shape.nose_z]))
    spread = 0.45 * identity.shape.nose_size + 0.08
    reddened = 0.55 * np.exp(-(((points - nose) / spread) ** 2).sum(axis=1))
    colours += reddened[:, None] * (warm - colours)
    cheek_height = float(nose[1]) - 0.10
    blush = _BLUSH * (0.35 + 0.65 * skin.max())
    for sign in (1.0, -1.0):
        weight = look.blush * np.exp(-(((points - (sign * 0.55, cheek_height)) / (0.22, 0.17)) ** 2).sum(axis=1))
        colours += weight[:, None] * (blush - colours)
    if look.stubble:
        beard = smoothstep(-points[:, 1], 0.25, 0.5) * smoothstep(-np.linalg.norm(points, axis=1), -1.6, -1.2)
        shade = np.asarray(look.hair) * 0.5 + skin * 0.2
        colours += (0.42 * look.stubble * beard)[:, None] * (shade - colours)
    for side in (0, 1):
        _paint_eye(identity, base.eyes[side], colours)
    for loop, share in enumerate(_LIP_REDNESS):
        ring = base.mouth[loop]
        colours[ring] += share * (np.asarray(look.lips) - colours[ring])
    return np.asarray(np.clip(colours, 0.0, 1.0))


def _paint_eye(identity: Identity, rings: np.ndarray, colours: np.ndarray) -> None:
    """Eyeshadow, eyeliner and the lash line on the eye rings (EYE_RINGS, EYE_POINTS); changes `colours` in place."""
    look = identity.look
    above = smoothstep(np.sin(EYE_ANGLES), 0.0, 0.35)
    if look.eyeshadow:
        for k in range(EYE_RINGS):
            strength = look.eyeshadow * 0.85 * above * np.exp(-((k / (0.55 * EYE_RINGS)) ** 2))
            colours[rings[k]] += strength[:, None] * (np.asarray(look.eyeshadow_colour) - colours[rings[k]])
    colours[rings[0]] *= _LASH_LINE
    if look.eyeliner:
        lined = np.sin(EYE_ANGLES) > -0.05 if look.eyeliner == 1 else np.full(len(EYE_ANGLES), True)
        for ring in (0, 1):
            colours[rings[ring][lined]] = 0.06


def skin_faces(identity: Identity, base: Template) -> tuple[np.ndarray, np.ndarray]:
    """Gloss (F,) and part (F,) of the template's faces."""
    parts = np.full(len(base.faces), Part.SKIN, dtype=np.uint8)
    parts[np.isin(base.faces, base.mouth[:3]).all(axis=1)] = Part.LIPS
    gloss = np.full(len(base.faces), _SKIN_GLOSS)
    gloss[parts == Part.LIPS] = 0.08 + 0.5 * identity.look.lip_gloss
    return gloss, parts


def back_pole(base: Template, points: np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """The vertex (3,) that closes the last ring at the back of the head."""
    radius = np.linalg.norm(vertices[base.back], axis=1).mean()
    return np.asarray(direction_of(np.array([0.0, np.pi])) * radius)
