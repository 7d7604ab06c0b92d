"""What drawn looks start from: the shaded picture with the surfaces that lie under it."""

from dataclasses import dataclass

import numpy as np

from sfp_core.render.camera import Camera
from sfp_core.render.mesh import Mesh
from sfp_core.render.raster import rasterise
from sfp_core.render.shade import DEFAULT_BACKGROUND, DEFAULT_LIGHT, Background, Light, Style, render_with_mask
from sfp_core.render.shade import vertex_normals as _vertex_normals

NO_PART = 255


@dataclass(frozen=True, eq=False)
class Layers:
    """A rendered picture and, for every pixel's centre, what is seen there.

    Attributes
    ----------
    picture : (H, W, 3) uint8
        sRGB, shaded, over the background, edges smoothed.
    background : (H, W, 3) uint8
        The same without the mesh.
    cover : (H, W) uint8
        How much of the pixel the mesh covers, 0 to 255.
    part : (H, W) uint8
        A `Part`, NO_PART where there is only background.
    normal : (H, W, 3) float32
        View space, of length 1, towards the viewer's side; 0 where empty.
    inverse_depth : (H, W) float32
        1 / depth; larger is nearer; 0 where empty.
    albedo : (H, W, 3) float32
        sRGB 0..1, the colours without light; 0 where empty.
    """

    picture: np.ndarray
    background: np.ndarray
    cover: np.ndarray
    part: np.ndarray
    normal: np.ndarray
    inverse_depth: np.ndarray
    albedo: np.ndarray


def render_layers(
    mesh: Mesh,
    camera: Camera,
    *,
    width: int,
    height: int,
    supersample: int = 2,
    light: Light = DEFAULT_LIGHT,
    style: Style = "soft",
    background: Background = DEFAULT_BACKGROUND,
) -> Layers:
    """As `render`, with the surfaces. Arguments and errors are those of `render`."""
    picture, cover = render_with_mask(
        mesh,
        camera,
        width=width,
        height=height,
        supersample=supersample,
        light=light,
        style=style,
        background=background,
    )
    nothing = Mesh(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0))
    behind, _ = render_with_mask(
        nothing, camera, width=width, height=height, supersample=1, light=light, style=style, background=background
    )
    points, inverse_depth = camera.project(mesh.vertices, width, height)
    raster = rasterise(points, inverse_depth, mesh.faces, width, height)
    seen = raster.face >= 0
    corners = mesh.faces[raster.face[seen]]
    first = raster.weights[seen]
    weights = np.concatenate([first, 1.0 - first.sum(axis=1, keepdims=True)], axis=1)[..., None]
    normals = _vertex_normals(mesh.vertices, mesh.faces) @ camera.rotation.T.astype(np.float32)
    normal = np.zeros((height, width, 3), dtype=np.float32)
    facing = (normals[corners] * weights).sum(axis=1)
    facing /= np.linalg.norm(facing, axis=1, keepdims=True) + 1e-9
    normal[seen] = facing * np.where(facing[:, 2:] < 0, -1.0, 1.0)
    albedo = np.zeros((height, width, 3), dtype=np.float32)
    albedo[seen] = (mesh.colours[corners] * weights).sum(axis=1)
    part = np.full((height, width), NO_PART, dtype=np.uint8)
    part[seen] = mesh.parts[raster.face[seen]]
    return Layers(picture, behind, cover, part, normal, raster.inverse_depth, albedo)
