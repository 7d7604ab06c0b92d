"""Anti-aliased lines where a surface ends before another, found among the samples of a view, drawn on its picture."""

import numpy as np

from sfp_core.compiled import compiled, inlined
from sfp_core.render.mesh import Part
from sfp_core.render.view import View

# Parts of different kinds have a line between them even where they touch.
_KINDS = {
    Part.SKIN: 0,
    Part.LIPS: 0,
    Part.EYE: 1,
    Part.LID: 2,
    Part.BROW: 3,
    Part.HAIR: 0,
    Part.MOUTH: 5,
    Part.TEETH: 5,
    Part.TONGUE: 5,
    Part.WEAR: 6,
    Part.HAND: 7,
}
# World units, of heads about 2.2 high: a jump in depth of this much draws a line, of _WHOLE a line of full strength.
_FAINT, _WHOLE = 0.035, 0.09
_SOFT_KINDS = 0.55  # strength of a line between parts that touch


def line_strength(view: View, *, width_px: float) -> np.ndarray:
    """How much of every pixel the lines cover.

    A line lies on the nearer surface's side and the further one's alike, except that nothing is drawn for a change of
    depth that a tilted, unbroken surface explains.

    Parameters
    ----------
    width_px : float
        Of a full line, pixels of the picture, above 0.

    Returns
    -------
    strength : (H, W) float32
        0..1.
    """
    kinds = np.zeros(256, dtype=np.int8)
    for part, kind in _KINDS.items():
        kinds[part] = kind
    edge = np.zeros(view.raster.face.shape, dtype=np.uint8)
    _find(view.raster.face, view.raster.inverse_depth, kinds[view.mesh.parts], edge)
    strength = np.zeros((view.height, view.width), dtype=np.float32)
    _draw(edge, 0.5 * width_px * view.supersample, view.supersample, strength)
    return strength


def ink(picture: np.ndarray, strength: np.ndarray, colour: tuple[float, float, float]) -> None:
    """Draw lines into `picture` (H, W, 3) uint8: its own colour, dimmed, with some of `colour` (sRGB 0..1)."""
    _ink(picture, strength, colour[0] * 255, colour[1] * 255, colour[2] * 255)


@inlined
def _jump(near: np.ndarray, y: int, x: int, step_y: int, step_x: int) -> float:
    """Depth between a sample and the next one that no slope explains which runs through on both sides, world units.

    The smaller slope of the two counts: a round form is steep where it ends, but only on its own side.
    """
    height, width = near.shape
    here, there = near[y, x], near[y + step_y, x + step_x]
    jump = abs(here - there)
    if jump < _FAINT * here * there:
        return 0.0
    before = after = 0.0
    before_y, before_x = y - step_y, x - step_x
    if before_y >= 0 and before_x >= 0 and near[before_y, before_x] > 0:
        before = abs(here - near[before_y, before_x])
    after_y, after_x = y + 2 * step_y, x + 2 * step_x
    if after_y < height and after_x < width and near[after_y, after_x] > 0:
        after = abs(near[after_y, after_x] - there)
    return float(max(jump - 2.0 * min(before, after), 0.0) / (here * there))


@compiled
def _find(face: np.ndarray, near: np.ndarray, kinds: np.ndarray, edge: np.ndarray) -> None:
    """Mark samples beside an edge with its strength, 0..255."""
    height, width = face.shape
    for y in range(height - 1):
        for x in range(width - 1):
            f = face[y, x]
            right, below = face[y, x + 1], face[y + 1, x]
            if f == right and f == below:
                continue
            for downwards in range(2):
                other = below if downwards else right
                if f == other:
                    continue
                if f < 0 or other < 0:
                    strength = 1.0
                else:
                    jump = _jump(near, y, x, downwards, 1 - downwards)
                    strength = min(max((jump - _FAINT) / (_WHOLE - _FAINT), 0.0), 1.0)
                    if kinds[f] != kinds[other]:
                        strength = max(strength, _SOFT_KINDS)
                if strength > 0:
                    mark = np.uint8(255.0 * strength)
                    edge[y, x] = max(edge[y, x], mark)
                    edge[y + downwards, x + 1 - downwards] = max(edge[y + downwards, x + 1 - downwards], mark)


@compiled
def _draw(edge: np.ndarray, radius: float, supersample: int, strength: np.ndarray) -> None:
    """Widen marks to discs with a soft border one pixel wide and take their strongest over every pixel."""
    height, width = strength.shape
    reach = int(radius + supersample)
    for y in range(edge.shape[0]):
        for x in range(edge.shape[1]):
            if edge[y, x] == 0:
                continue
            for at_y in range(max((y - reach) // supersample, 0), min((y + reach) // supersample, height - 1) + 1):
                for at_x in range(max((x - reach) // supersample, 0), min((x + reach) // supersample, width - 1) + 1):
                    dy = (at_y + 0.5) * supersample - y - 0.5
                    dx = (at_x + 0.5) * supersample - x - 0.5
                    away = (np.sqrt(dx * dx + dy * dy) - radius) / supersample
                    cover = min(max(0.5 - away, 0.0), 1.0) * edge[y, x] * (1.0 / 255.0)
                    strength[at_y, at_x] = max(strength[at_y, at_x], np.float32(cover))


@compiled
def _ink(picture: np.ndarray, strength: np.ndarray, red: float, green: float, blue: float) -> None:
    for y in range(strength.shape[0]):
        for x in range(strength.shape[1]):
            s = strength[y, x]
            if s > 0:
                for k in range(3):
                    line = 0.16 * picture[y, x, k] + 0.84 * (red if k == 0 else (green if k == 1 else blue))
                    picture[y, x, k] = int(picture[y, x, k] * (1.0 - s) + line * s + 0.5)
