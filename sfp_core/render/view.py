"""A mesh as a camera sees it: the supersampled raster with the normals, before any light falls."""

from dataclasses import dataclass

import numpy as np

from sfp_core.compiled import compiled
from sfp_core.errors import SfpError
from sfp_core.render.camera import Camera
from sfp_core.render.mesh import Mesh
from sfp_core.render.paint import face_levels, sampled, seen_faces
from sfp_core.render.raster import Raster, rasterise

_MOST_SUPERSAMPLES = 4
NO_PART = 255


@dataclass(frozen=True, eq=False)
class View:
    """What every sample of a picture sees.

    Attributes
    ----------
    mesh : Mesh
    raster : Raster
        Of (height * supersample, width * supersample) samples.
    normals : (V, 3) float32
        View space, outwards, of length 1.
    facing : (F,) float32
        1 where the outside of the face is seen, -1 where its inside is.
    slope : float
        Of the line of sight from one pixel to the next: 1 / focal length in pixels.
    width, height : int
        Of the picture, pixels.
    supersample : int
        1..4: this number squared of samples make a pixel.
    tints : (H, W, 3) float32, optional
        Of a painted mesh, for every sample: what its textures multiply the colours of vertices with, sRGB 0..1.
    """

    mesh: Mesh
    raster: Raster
    normals: np.ndarray
    facing: np.ndarray
    slope: float
    width: int
    height: int
    supersample: int
    tints: np.ndarray | None = None

    @property
    def inverse_depth(self) -> np.ndarray:
        """(H, W) float32, not copied: that of `Surfaces`, of all pixels."""
        first = self.supersample // 2
        return self.raster.inverse_depth[first :: self.supersample, first :: self.supersample]


@dataclass(frozen=True, eq=False)
class Surfaces:
    """What one sample of a pixel sees, the one at its centre or, of an even number, right below the centre.

    Attributes
    ----------
    part : (H, W) uint8
        A `Part`, NO_PART where there is only background.
    normal : (H, W, 3) float32
        View space, of length 1, towards the viewer's side; 0 where empty.
    inverse_depth : (H, W) float32
        1 / depth; larger is nearer; 0 where empty.
    albedo : (H, W, 3) float32
        sRGB 0..1, the colours without light; 0 where empty.
    """

    part: np.ndarray
    normal: np.ndarray
    inverse_depth: np.ndarray
    albedo: np.ndarray


def see(mesh: Mesh, camera: Camera, *, width: int, height: int, supersample: int) -> View:
    """Rasterise a mesh for a picture of this size. Raises SfpError for a size that does not fit."""
    if supersample not in range(1, _MOST_SUPERSAMPLES + 1):
        raise SfpError(f"supersample {supersample}: expected 1 to {_MOST_SUPERSAMPLES}")
    fine_width, fine_height = width * supersample, height * supersample
    points, inverse_depth = camera.project(mesh.vertices, fine_width, fine_height)
    raster, facing = rastered(mesh, points, inverse_depth, fine_width, fine_height)
    tints = None
    if mesh.paint and mesh.paint.textures:
        levels = face_levels(mesh.paint, points, mesh.faces)
        tints = sampled(mesh.paint, raster.face, raster.weights, mesh.faces, levels)
    return View(
        mesh,
        raster,
        _smooth_normals(mesh) @ camera.rotation.T.astype(np.float32),
        facing,
        1.0 / camera.focal_px(width, height),
        width,
        height,
        supersample,
        tints,
    )


def rastered(
    mesh: Mesh, points: np.ndarray, inverse_depth: np.ndarray, width: int, height: int
) -> tuple[Raster, np.ndarray]:
    """The raster of a mesh without its holes and without faces that are not there seen from inside, and `View.facing`.

    Parameters
    ----------
    points : (V, 2) float64
        Image space.
    inverse_depth : (V,) float64
        As `rasterise` takes it.
    width, height : int
        Of the raster.
    """
    facing = _facing(points, mesh.faces)
    if mesh.paint is None:
        return rasterise(points, inverse_depth, mesh.faces, width, height), facing
    faces = seen_faces(mesh.paint, facing, mesh.faces)
    return rasterise(points, inverse_depth, faces, width, height, paint=mesh.paint), facing


def _smooth_normals(mesh: Mesh) -> np.ndarray:
    """(V, 3) float32: of length 1, the same on both sides of a seam."""
    if mesh.paint is None:
        return vertex_normals(mesh.vertices, mesh.faces)
    weld = mesh.paint.weld
    return np.asarray(vertex_normals(mesh.vertices, weld[mesh.faces])[weld])


def surfaces(view: View, *, step: int = 1) -> Surfaces:
    """One sample of every pixel, or of the pixels in every `step`-th row and column, the first included."""
    shape = -(-view.height // step), -(-view.width // step)
    result = Surfaces(
        np.full(shape, NO_PART, dtype=np.uint8),
        np.zeros((*shape, 3), dtype=np.float32),
        np.zeros(shape, dtype=np.float32),
        np.zeros((*shape, 3), dtype=np.float32),
    )
    mesh, raster = view.mesh, view.raster
    _sample(
        raster.face.view(np.uint32),
        raster.weights,
        raster.inverse_depth,
        mesh.faces.view(np.uint32),
        view.facing,
        view.normals,
        mesh.colours,
        mesh.parts,
        view.supersample * step,
        view.supersample // 2,
        result.part,
        result.normal,
        result.inverse_depth,
        result.albedo,
    )
    if view.tints is not None:
        first, every = view.supersample // 2, view.supersample * step
        result.albedo[:] *= view.tints[first::every, first::every]
    return result


def vertex_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Smooth normals: the area-weighted mean of the faces around a vertex.

    Parameters
    ----------
    vertices : (V, 3) float32
    faces : (F, 3) int32
        Counter-clockwise seen from outside.

    Returns
    -------
    normals : (V, 3) float32
        Outwards, of length 1; 0 for a vertex without a face that has area.
    """
    return _normals(np.ascontiguousarray(vertices, np.float32), np.ascontiguousarray(faces, np.int32))


@compiled
def _sample(
    face: np.ndarray,
    weights: np.ndarray,
    nearest: np.ndarray,
    faces: np.ndarray,
    facing: np.ndarray,
    normals: np.ndarray,
    colours: np.ndarray,
    parts: np.ndarray,
    step: int,
    first: int,
    part: np.ndarray,
    normal: np.ndarray,
    inverse_depth: np.ndarray,
    albedo: np.ndarray,
) -> None:
    for y in range(part.shape[0]):
        for x in range(part.shape[1]):
            row, column = y * step + first, x * step + first
            if nearest[row, column] == 0:
                continue
            f = face[row, column]
            wa, wb = weights[row, column, 0], weights[row, column, 1]
            wc = np.float32(1) - wa - wb
            a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
            part[y, x] = parts[f]
            inverse_depth[y, x] = nearest[row, column]
            for k in range(3):
                albedo[y, x, k] = wa * colours[a, k] + wb * colours[b, k] + wc * colours[c, k]
            nx = wa * normals[a, 0] + wb * normals[b, 0] + wc * normals[c, 0]
            ny = wa * normals[a, 1] + wb * normals[b, 1] + wc * normals[c, 1]
            nz = wa * normals[a, 2] + wb * normals[b, 2] + wc * normals[c, 2]
            length = np.sqrt(nx * nx + ny * ny + nz * nz)
            if length > 0:
                unit = (facing[f] if nz * facing[f] >= 0 else -facing[f]) / length
                normal[y, x, 0], normal[y, x, 1], normal[y, x, 2] = unit * nx, unit * ny, unit * nz


@compiled
def _facing(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    facing = np.ones(len(faces), dtype=np.float32)
    for f in range(len(faces)):
        a, b, c = points[faces[f, 0]], points[faces[f, 1]], points[faces[f, 2]]
        if (b[0] - a[0]) * (c[1] - a[1]) > (b[1] - a[1]) * (c[0] - a[0]):  # y is down: clockwise is the inside
            facing[f] = -1
    return facing


@compiled
def _normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    normals = np.zeros_like(vertices)
    for f in range(len(faces)):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ux, uy, uz = vertices[b, 0] - vertices[a, 0], vertices[b, 1] - vertices[a, 1], vertices[b, 2] - vertices[a, 2]
        vx, vy, vz = vertices[c, 0] - vertices[a, 0], vertices[c, 1] - vertices[a, 1], vertices[c, 2] - vertices[a, 2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for v in (a, b, c):
            normals[v, 0] += nx
            normals[v, 1] += ny
            normals[v, 2] += nz
    for v in range(len(normals)):
        length = np.sqrt(normals[v, 0] ** 2 + normals[v, 1] ** 2 + normals[v, 2] ** 2)
        if length > 0:
            for k in range(3):
                normals[v, k] /= length
    return normals
