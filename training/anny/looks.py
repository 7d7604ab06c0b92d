"""Colours and the parts that the stored mesh lacks: eyeballs and brows."""

import numpy as np

from sfp_core.heads.domain import smoothstep
from sfp_core.heads.identity import Look
from sfp_core.render.mesh import Mesh, Part
from training.anny.lids import LidRings
from training.anny.points98 import BrowLine
from training.anny.store import HeadStore, Region

_PART_OF = {
    Region.SKIN: Part.SKIN,
    Region.SOCKET: Part.SKIN,
    Region.MOUTH: Part.MOUTH,
    Region.UPPER_TEETH: Part.TEETH,
    Region.LOWER_TEETH: Part.TEETH,
    Region.TONGUE: Part.TONGUE,
    Region.LASHES: Part.LID,
}
_GLOSS = {Region.MOUTH: 0.1, Region.UPPER_TEETH: 0.35, Region.LOWER_TEETH: 0.35, Region.TONGUE: 0.2}
_SKIN_GLOSS, _LIP_GLOSS, _EYE_GLOSS = 0.10, 0.25, 0.9
_MOUTH, _TEETH, _TONGUE = (0.26, 0.08, 0.09), (0.94, 0.92, 0.87), (0.76, 0.36, 0.37)
_LINER = 0.05  # brightness
_INNER_LID = np.array([0.80, 0.52, 0.48])
_BROW_LIFT = 0.012  # over the skin, head units
_AROUND = 40  # corners of an eyeball's rings


def drawn_faces(store: HeadStore, *, lashes: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Triangles (F, 3), gloss (F,) and parts (F,) of the stored mesh, without what is never drawn."""
    regions, quads = store.regions, store.quads
    shown = regions != Region.EYE
    if not lashes:
        shown &= regions != Region.LASHES
    quads, regions = quads[shown], regions[shown]
    part = np.array([_PART_OF.get(Region(r), Part.SKIN) for r in range(len(Region))], dtype=np.uint8)[regions]
    gloss = np.array([_GLOSS.get(Region(r), _SKIN_GLOSS) for r in range(len(Region))])[regions]
    lips = (part == Part.SKIN) & (store.lips[quads].mean(axis=1) > 0.5)
    part[lips], gloss[lips] = Part.LIPS, _LIP_GLOSS
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return triangles, np.tile(gloss, 2), np.tile(part, 2)


def skin_colours(store: HeadStore, look: Look, lids: LidRings) -> np.ndarray:
    """(V, 3) sRGB 0..1, without hair."""
    mean, skin = store.mean, np.asarray(look.skin)
    colours = np.tile(skin, (len(mean), 1))
    for region, colour in ((Region.MOUTH, _MOUTH), (Region.TONGUE, _TONGUE), (Region.LASHES, (0.06, 0.05, 0.05))):
        colours[np.unique(store.quads[store.regions == region])] = colour
    for region in (Region.UPPER_TEETH, Region.LOWER_TEETH):
        colours[np.unique(store.quads[store.regions == region])] = _TEETH
    on_skin = np.unique(store.quads[store.regions == Region.SKIN])
    colours[on_skin] = skin
    x, y, z = np.abs(mean[:, 0]), mean[:, 1], mean[:, 2]
    warm = np.array([0.86, 0.36, 0.30]) * (0.35 + 0.65 * skin.max())
    cheeks = np.exp(-(((x - 0.42) / 0.20) ** 2) - ((y + 0.30) / 0.18) ** 2) * (z > 0.2)
    tip = np.exp(-((x / 0.14) ** 2) - ((y + 0.37) / 0.10) ** 2) * (z > 0.75)
    ears = smoothstep(x, 0.74, 0.84) * (np.abs(y) < 0.5)
    red = np.clip(look.blush * (cheeks + 0.6 * tip) + 0.25 * ears, 0, 1)[:, None]
    colours[on_skin] += (red * (warm - skin) * 0.6)[on_skin]
    if look.stubble:
        beard = smoothstep(-y, 0.50, 0.68) * (1 - smoothstep(-y, 1.12, 1.30)) * smoothstep(z, -0.05, 0.15)
        colours[on_skin] *= (1 - 0.40 * look.stubble * beard * (1 - store.lips))[on_skin, None]
    weight = store.lips[on_skin, None]
    colours[on_skin] += weight * (np.asarray(look.lips) - colours[on_skin])
    inner, edge = lids.rings[:, :2].reshape(-1), lids.rings[:, 2]
    colours[inner] = skin * 0.4 + _INNER_LID * skin.max() * 0.5
    colours[edge.ravel()] = skin * 0.42
    line = lids.rings[:, 3][:, lids.upper]
    colours[line] *= 0.42
    if look.eyeliner:
        colours[lids.rings[:, 2:5][..., lids.upper]] = _LINER
        if look.eyeliner == 2:
            colours[lids.rings[:, 2:4][..., lids.lower]] = _LINER
    if look.eyeshadow:
        rows = lids.rings[:, 4:7][..., lids.upper]
        colours[rows] += look.eyeshadow * 0.7 * (np.asarray(look.eyeshadow_colour) - colours[rows])
    return np.asarray(np.clip(colours, 0.0, 1.0))


def _grid_faces(rows: int, columns: int, *, closed: bool) -> np.ndarray:
    """Triangles of `rows` lines of `columns` vertices, (n, 3)."""
    last = columns if closed else columns - 1
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(last), indexing="ij")
    a, b = i * columns + j, i * columns + (j + 1) % columns
    first = np.stack([a, a + columns, b], axis=-1).reshape(-1, 3)
    return np.concatenate([first, np.stack([b, a + columns, b + columns], axis=-1).reshape(-1, 3)])


def eyeball(look: Look) -> Mesh:
    """A unit sphere that looks along +z: pupil, iris with a dark rim, white."""
    pupil, iris = look.pupil_share, look.iris_share
    edges = [np.linspace(0, pupil, 4), [pupil + 1e-3], np.linspace(pupil, iris, 6)[1:], [iris + 1e-3]]
    angle = np.concatenate([*edges, np.linspace(iris, np.pi * 0.62, 9)[1:]])
    turn = np.linspace(0, 2 * np.pi, _AROUND, endpoint=False)
    x, y = np.outer(np.sin(angle), np.cos(turn)), np.outer(np.sin(angle), np.sin(turn))
    z = np.repeat(np.cos(angle)[:, None], _AROUND, axis=1)
    share = np.clip((angle - pupil) / (iris - pupil), 0.0, 1.0)
    bright = (0.60 + 0.60 * share) * np.where(angle > iris * 0.88, 0.5, 1.0)
    colours = np.asarray(look.iris) * bright[:, None]
    colours = np.where((angle <= pupil + 5e-4)[:, None], 0.03, colours)
    colours = np.where((angle > iris + 5e-4)[:, None], look.sclera, colours)
    faces = _grid_faces(len(angle), _AROUND, closed=True)
    return Mesh(
        np.stack([x, y, z], axis=-1).reshape(-1, 3),
        faces,
        np.clip(np.repeat(colours, _AROUND, axis=0), 0, 1),
        np.full(len(faces), _EYE_GLOSS),
        np.full(len(faces), Part.EYE),
    )


_STATIONS = np.linspace(0.0, 8.0, 33)
_ACROSS = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
BROW_FACES = _grid_faces(len(_STATIONS), len(_ACROSS), closed=False)


def brow_vertices(line: BrowLine, patch: np.ndarray) -> np.ndarray:
    """(33 * 5, 3) vertices of a brow on a posed patch (9, 11, 3): a low ridge on the skin."""
    station, across = (grid.ravel() for grid in np.meshgrid(_STATIONS, _ACROSS, indexing="ij"))
    flat = line.places(patch, station, across)
    out = np.cross(patch[-1, 5] - patch[0, 5], patch[4, -1] - patch[4, 0])
    out /= np.linalg.norm(out)
    out = out if out[2] > 0 else -out
    ends = np.sin(np.pi * np.clip(station / 8, 0.03, 0.97)) ** 0.5
    lift = (0.006 + (_BROW_LIFT + 0.25 * line.thickness) * (1 - across**2)) * ends
    return np.asarray(flat + lift[:, None] * out)
