"""Pictures of meshes: smooth normals, light, and the supersampled picture in one compiled loop.

Light is added up in linear light. The picture's own background is left untouched, byte for byte, where no face is.
"""

from functools import cache
from typing import Literal, TypeAlias

import numpy as np

from sfp_core.compiled import compiled
from sfp_core.errors import SfpError
from sfp_core.render.camera import Camera
from sfp_core.render.light import DEFAULT_LIGHT, NO_EFFECTS, Effects, Light, Rgb
from sfp_core.render.lighting import SOFT, TOON, VIEWPORT
from sfp_core.render.mesh import Mesh
from sfp_core.render.occlusion import ambient_light
from sfp_core.render.pixels import shade_pixels
from sfp_core.render.view import View, see, surfaces

__all__ = ["DEFAULT_LIGHT", "Background", "Light", "Rgb", "Style", "draw", "render", "render_with_mask"]

Style = Literal["soft", "toon", "viewport"]
Background: TypeAlias = np.ndarray | tuple[Rgb, Rgb]

DEFAULT_BACKGROUND: tuple[Rgb, Rgb] = ((0.80, 0.84, 0.90), (0.60, 0.62, 0.68))
VIEWPORT_BACKGROUND: tuple[Rgb, Rgb] = ((0.53, 0.60, 0.68), (0.27, 0.28, 0.30))

NOWHERE = np.zeros((0, 0), dtype=np.float32)
# The tone curve: light up to _KNEE is shown as it is, more is bent so that it reaches white only at infinity.
_KNEE = 0.82
BRIGHTEST = 4.0
_TONE_STEPS = 4096
_STYLES = {"soft": SOFT, "toon": TOON, "viewport": VIEWPORT}


def render(
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
) -> np.ndarray:
    """Draw a mesh.

    Parameters
    ----------
    width, height : int
        Of the picture, pixels.
    supersample : int
        1..4: this number squared of samples make a pixel.
    style : "soft", "toon" or "viewport"
        Skin-like shading; flat bands of light; or a work view's plain light from the camera, which ignores `light`.
    background : (height, width, 3) uint8, or two sRGB colours 0..1
        A picture, or the top and the bottom of a gradient.
    effects : Effects
        Occlusion, lively eyes and hair, for the soft style only.

    Returns
    -------
    picture : (height, width, 3) uint8
        sRGB. The same arguments give the same bytes.

    Raises
    ------
    SfpError
        A size, style or background that does not fit.
    """
    return render_with_mask(
        mesh,
        camera,
        width=width,
        height=height,
        supersample=supersample,
        light=light,
        style=style,
        background=background,
        effects=effects,
    )[0]


def render_with_mask(
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
) -> tuple[np.ndarray, np.ndarray]:
    """As `render`; also tells how much of every pixel the mesh covers.

    Returns
    -------
    picture : (height, width, 3) uint8
    mask : (height, width) uint8
        0 only background, 255 only mesh.
    """
    view = see(mesh, camera, width=width, height=height, supersample=supersample)
    behind = background_picture(background, width, height)
    return shaded(view, behind, camera, light=light, style=style, effects=effects)


def shaded(
    view: View,
    background: np.ndarray,
    camera: Camera,
    *,
    light: Light,
    style: Style,
    effects: Effects,
) -> tuple[np.ndarray, np.ndarray]:
    """Picture and mask, as `render_with_mask`, of a view."""
    if style not in _STYLES:
        raise SfpError(f"style {style!r}: expected one of {', '.join(_STYLES)}")
    unoccluded = NOWHERE
    if style == "soft" and effects.occlusion > 0:
        half = surfaces(view, step=2)
        unoccluded = ambient_light(view, half, strength=effects.occlusion, radius=effects.occlusion_radius)
    picture = background.copy()
    effects = effects if style == "soft" else NO_EFFECTS
    return picture, draw(view, picture, light, _STYLES[style], effects, camera, unoccluded=unoccluded)


def draw(
    view: View,
    picture: np.ndarray,
    light: Light,
    style: int,
    effects: Effects,
    camera: Camera,
    *,
    unoccluded: np.ndarray = NOWHERE,
    unshadowed: np.ndarray = NOWHERE,
    tone: np.ndarray | None = None,
) -> np.ndarray:
    """Light a view and lay it over `picture`, which is written to.

    Parameters
    ----------
    picture : (H, W, 3) uint8
        The background.
    style : int
        Of `lighting`.
    unoccluded, unshadowed : (H, W) float32
        0..1: how much ambient light and how much of the key reaches each pixel; NOWHERE dims nothing.
    tone : (n,) uint8, optional
        Shows linear light of 0 to BRIGHTEST as sRGB.

    Returns
    -------
    mask : (H, W) uint8
    """
    mask = np.zeros((view.height, view.width), dtype=np.uint8)
    tone = tone_curve() if tone is None else tone
    up = camera.rotation[:, 1]
    shade_pixels(
        view.raster.face.view(np.uint32),
        view.raster.weights,
        view.mesh.faces.view(np.uint32),
        view.facing,
        np.hstack([view.normals, _to_linear(np.clip(view.mesh.colours, 0.0, 1.0))]),
        np.clip(view.mesh.gloss, 0.0, 1.0),
        view.mesh.parts,
        light.packed(),
        (float(effects.eyes), float(effects.hair), float(up[0]), float(up[1]), float(up[2])),
        unoccluded,
        unshadowed,
        style,
        view.slope,
        tone,
        (len(tone) - 1) / BRIGHTEST,
        view.supersample,
        picture,
        mask,
        None if view.tints is None else _to_linear(view.tints),
    )
    return mask


def background_picture(background: Background, width: int, height: int) -> np.ndarray:
    """A new (height, width, 3) uint8 picture to draw on."""
    if isinstance(background, np.ndarray) and background.ndim == 3:
        if background.shape != (height, width, 3) or background.dtype != np.uint8:
            raise SfpError(
                f"background: got {background.dtype} of shape {background.shape}; "
                f"expected uint8 of shape ({height}, {width}, 3)"
            )
        return np.array(background, order="C")
    ends = np.asarray(background, dtype=np.float64)
    if ends.shape != (2, 3) or not ((ends >= 0) & (ends <= 1)).all():
        raise SfpError(f"background {background!r}: expected a uint8 picture or two RGB colours of 0 to 1")
    along = ((np.arange(height) + 0.5) / height)[:, None]
    column = np.rint(255 * (ends[0] * (1 - along) + ends[1] * along)).astype(np.uint8)
    picture = np.empty((height, width, 3), dtype=np.uint8)
    _fill_rows(column, picture)
    return picture


def _to_linear(colours: np.ndarray) -> np.ndarray:
    """SRGB to linear light by a cubic within 0.003 of the standard's curve, and many times as fast."""
    return np.asarray(colours * (colours * (colours * 0.305306011 + 0.682171111) + 0.012522878), dtype=np.float32)


def srgb(linear: np.ndarray) -> np.ndarray:
    """Linear light 0..1 as sRGB 0..1: the inverse of the cubic that made colours linear."""
    shown = np.linspace(0.0, 1.0, 4096)
    return np.asarray(np.interp(linear, _to_linear(shown), shown))


@cache
def tone_curve() -> np.ndarray:
    """(_TONE_STEPS + 1,) uint8: linear light 0..BRIGHTEST, bent at _KNEE, as sRGB."""
    light = np.linspace(0.0, BRIGHTEST, _TONE_STEPS + 1)
    bent = np.where(light < _KNEE, light, 1 - (1 - _KNEE) * np.exp((_KNEE - light) / (1 - _KNEE)))
    return np.asarray(np.rint(255 * srgb(bent)), dtype=np.uint8)


@compiled
def _fill_rows(colours: np.ndarray, picture: np.ndarray) -> None:
    for y in range(picture.shape[0]):
        red, green, blue = colours[y, 0], colours[y, 1], colours[y, 2]
        for x in range(picture.shape[1]):
            picture[y, x, 0], picture[y, x, 1], picture[y, x, 2] = red, green, blue
