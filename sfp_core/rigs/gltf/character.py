"""A glTF or VRM file as a character: posed by its morph targets, seen through our renderer."""

from functools import cached_property
from pathlib import Path

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.files import sha256_of
from sfp_core.render.beauty import render_beauty
from sfp_core.render.camera import Camera, rotation_from_degrees
from sfp_core.render.mesh import Mesh
from sfp_core.render.shade import render
from sfp_core.rig import RigSpec
from sfp_core.rigs.gltf.document import Document
from sfp_core.rigs.gltf.figure import Figure, read_figure
from sfp_core.rigs.gltf.framing import Frame, face_frame
from sfp_core.rigs.gltf.morphs import clean_name, spec_of
from sfp_core.rigs.mirrors import mirrors

FOV_DEG = 22.0
_HALF_PICTURE = 1.2  # world units: half a picture's side around one of our heads, which light and shadows are made for
_UNSEEN = 0.002  # of the picture's side: what moves less moves no landmark


class GltfCharacter:
    """A figure from a file, posed by controller values.

    Make one with `load`.

    Attributes
    ----------
    rig : RigSpec
        A controller for every morph target's name, 0 to 1.
    source : str
        What the figure was read from, for the record of a capture.
    fov_deg : float
        Of the camera of `picture`.
    """

    fov_deg = FOV_DEG

    def __init__(self, figure: Figure, *, name: str, source: str, where: str) -> None:
        self.figure = figure
        self.source = source
        specs = tuple(spec_of(drive) for drive in figure.drives)
        self.rig = RigSpec(name, specs, mirrors([spec.name for spec in specs]))
        self._frame: Frame = face_frame(self.vertices(self.rig.neutral), figure.moves, figure.on_head, where=where)

    @classmethod
    def load(cls, path: Path, *, name: str | None = None) -> "GltfCharacter":
        """Read a .glb, .gltf or .vrm file.

        Parameters
        ----------
        name : str, optional
            Of the rig; else the title in the file's asset, else the file's own name.

        Raises
        ------
        SfpError
            The file cannot be read, is packed in a way that is not read here, or has no morph targets.
        """
        path = Path(path)
        document = Document.load(path)
        if name is None:
            name = _title(document) or path.stem
        source = f"glTF {path.name} sha256:{sha256_of(path)}"
        return cls(read_figure(document), name=clean_name(name), source=source, where=str(path))

    def vertices(self, values: np.ndarray) -> np.ndarray:
        """The figure under controller values (K,): (V, 3) float64, world space, units of the file.

        Raises SfpError for another number of values than the rig has controllers.
        """
        values = np.asarray(values, dtype=np.float64)
        if values.shape != (len(self.figure.drives),) or not np.isfinite(values).all():
            raise SfpError(f"pose: values of shape {values.shape}; expected {len(self.figure.drives)} finite numbers")
        points = self.figure.points.copy()
        self.figure.moves.add(values, points)
        return points

    def mesh(self, values: np.ndarray) -> Mesh:
        """The figure as it is drawn: the face is around the origin and as large as one of ours."""
        figure = self.figure
        points = (self.vertices(values) - self._frame.centre) * (_HALF_PICTURE / self._frame.half)
        return Mesh(points, figure.faces, figure.colours, figure.gloss, figure.parts, figure.paint)

    def camera(self, head_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Camera:
        """The camera of `picture`, which frames the face and turns by pitch, yaw, roll in degrees."""
        distance = _HALF_PICTURE / float(np.tan(np.deg2rad(FOV_DEG / 2)))
        return Camera(np.zeros(3), rotation_from_degrees(*head_deg), FOV_DEG, distance)

    @cached_property
    def hidden(self) -> tuple[str, ...]:
        """Controllers that move no landmark: tongues, and what moves nothing in the picture of the face."""
        scale = 1.0 / self._frame.half
        rest = (self.vertices(self.rig.neutral) - self._frame.centre) * scale
        unseen = []
        for k, spec in enumerate(self.rig.controllers):
            vertices, deltas = self.figure.moves.of(k)
            inside = (np.abs(rest[vertices, :2]) < 1).all(axis=1)
            moved = np.linalg.norm(deltas[inside], axis=1) * scale / 2
            if not (moved > _UNSEEN).any() or "tongue" in spec.name.rpartition(".")[2].casefold():
                unseen.append(spec.name)
        return tuple(unseen)

    def picture(
        self,
        values: np.ndarray,
        *,
        size: int = 256,
        head_deg: tuple[float, float, float] = (0.0, 0.0, 0.0),
        supersample: int = 2,
    ) -> np.ndarray:
        """The figure as (size, size, 3) uint8 RGB.

        Parameters
        ----------
        values : (K,) float
            Controller units.
        head_deg : pitch, yaw, roll
            Degrees, signs as in `LandmarkSequence.head_deg`.
        """
        return render(self.mesh(values), self.camera(head_deg), width=size, height=size, supersample=supersample)

    def portrait(
        self,
        values: np.ndarray,
        *,
        size: int = 720,
        head_deg: tuple[float, float, float] = (0.0, 0.0, 0.0),
        supersample: int = 2,
    ) -> np.ndarray:
        """As `picture`, for people: with soft shadows and skin; (size, size, 3) uint8."""
        mesh, camera = self.mesh(values), self.camera(head_deg)
        return render_beauty(mesh, camera, width=size, height=size, supersample=supersample)


def _title(document: Document) -> str:
    """The asset's title; "" where it has none, or one that is no text."""
    try:
        return document.root.child("asset").child("extras").text("title")
    except SfpError:  # extras may hold anything
        return ""
