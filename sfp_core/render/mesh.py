"""Triangle meshes with a colour per vertex, a gloss and a part per face."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.render.paint import Paint


class Part(IntEnum):
    """What a face of the mesh belongs to: drawn looks set a line between parts, and skin scatters light."""

    SKIN = 0
    LIPS = 1
    EYE = 2
    LID = 3  # lashes, lash line, eyeliner
    BROW = 4
    HAIR = 5  # beards too
    MOUTH = 6  # its dark inside
    TEETH = 7
    TONGUE = 8
    WEAR = 9  # clothes, hats, glasses, jewels
    HAND = 10


@dataclass(frozen=True, eq=False)
class Mesh:
    """A triangle mesh, ready to be drawn.

    Arrays of other number types or memory orders are converted when the mesh is made.

    Attributes
    ----------
    vertices : (V, 3) float32
        World space: x to the viewer's right, y up, z towards the viewer; no unit.
    faces : (F, 3) int32
        Indices of vertices, counter-clockwise seen from outside. Vertices that faces share are shaded smoothly; for a
        hard edge give each side its own vertices.
    colours : (V, 3) float32
        sRGB as shown on a screen, 0..1.
    gloss : (F,) float32
        Strength of the highlight, 0 (chalk) to 1 (a wet eye).
    parts : (F,) uint8
        A `Part` for every face; all SKIN when left out.
    paint : Paint, optional
        Textures, holes and one-sided faces.

    Raises
    ------
    SfpError
        Wrong shapes, or a face that names a vertex which is not there.
    """

    vertices: np.ndarray
    faces: np.ndarray
    colours: np.ndarray
    gloss: np.ndarray
    parts: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.uint8))
    paint: Paint | None = None

    def __post_init__(self) -> None:
        if len(self.parts) == 0:
            object.__setattr__(self, "parts", np.full(len(self.faces), Part.SKIN))
        for name, kind in (
            ("vertices", np.float32),
            ("faces", np.int32),
            ("colours", np.float32),
            ("gloss", np.float32),
            ("parts", np.uint8),
        ):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype=kind))
        for name in ("vertices", "faces", "colours"):
            shape = getattr(self, name).shape
            if len(shape) != 2 or shape[1] != 3:
                raise SfpError(f"mesh: {name} has shape {shape}; expected (n, 3)")
        if len(self.colours) != len(self.vertices):
            raise SfpError(f"mesh: {len(self.colours)} colours for {len(self.vertices)} vertices; expected one each")
        for name in ("gloss", "parts"):
            if (shape := getattr(self, name).shape) != (len(self.faces),):
                raise SfpError(f"mesh: {name} has shape {shape}; expected ({len(self.faces)},), one a face")
        if self.faces.size and not (self.faces.min() >= 0 and self.faces.max() < len(self.vertices)):
            raise SfpError(
                f"mesh: faces name vertices {self.faces.min()} to {self.faces.max()}; "
                f"expected 0 to {len(self.vertices) - 1}"
            )
        if self.paint and (len(self.paint.weld), len(self.paint.texture)) != (len(self.vertices), len(self.faces)):
            raise SfpError(
                f"mesh: paint for {len(self.paint.weld)} vertices and {len(self.paint.texture)} faces; "
                f"expected {len(self.vertices)} and {len(self.faces)}"
            )


def merged(meshes: Sequence[Mesh]) -> Mesh:
    """One mesh of all; vertices and faces in the order given. No meshes give an empty mesh.

    Raises SfpError for painted meshes: their textures would have to be merged too.
    """
    if any(mesh.paint for mesh in meshes):
        raise SfpError("mesh: painted meshes cannot be merged; merge before they are painted")
    if not meshes:
        return Mesh(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0))
    first = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.faces + np.int32(start) for mesh, start in zip(meshes, first, strict=False)]),
        np.concatenate([mesh.colours for mesh in meshes]),
        np.concatenate([mesh.gloss for mesh in meshes]),
        np.concatenate([mesh.parts for mesh in meshes]),
    )
