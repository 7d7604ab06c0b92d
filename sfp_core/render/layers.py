"""What drawn looks start from: the shaded picture with the surfaces that lie under it."""

from dataclasses import dataclass

import numpy as np

from sfp_core.render.camera import Camera
from sfp_core.render.light import DEFAULT_LIGHT, NO_EFFECTS, Effects, Light
from sfp_core.render.mesh import Mesh
from sfp_core.render.shade import DEFAULT_BACKGROUND, Background, Style, background_picture, shaded
from sfp_core.render.view import NO_PART, View, see, surfaces

__all__ = ["NO_PART", "Layers", "render_layers"]


@dataclass(frozen=True, eq=False)
class Layers:
    """A rendered picture and, for one sample at or right below every pixel's centre, what is seen there.

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
    effects: Effects = NO_EFFECTS,
) -> Layers:
    """As `render`, with the surfaces. Arguments and errors are those of `render`."""
    view = see(mesh, camera, width=width, height=height, supersample=supersample)
    behind = background_picture(background, width, height)
    return layers_of(view, behind, camera, light=light, style=style, effects=effects)


def layers_of(
    view: View, behind: np.ndarray, camera: Camera, *, light: Light, style: Style, effects: Effects
) -> Layers:
    """The layers of a view over the background picture `behind` (H, W, 3) uint8."""
    surface = surfaces(view)
    picture, cover = shaded(view, behind, camera, light=light, style=style, effects=effects)
    return Layers(picture, behind, cover, surface.part, surface.normal, surface.inverse_depth, surface.albedo)
