"""Pictures of meshes: smooth normals, light, and the supersampled picture in one compiled loop.

Light is added up in linear light. The picture's own background is left untouched, byte for byte, where no face is.
"""

from dataclasses import astuple, dataclass
from functools import cache
from typing import Literal, TypeAlias

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.render.camera import Camera
from sfp_core.render.compiled import compiled
from sfp_core.render.mesh import Mesh
from sfp_core.render.pixels import SOFT, TOON, VIEWPORT, shade_pixels
from sfp_core.render.raster import rasterise

Style = Literal["soft", "toon", "viewport"]
Rgb: TypeAlias = tuple[float, float, float]
Background: TypeAlias = "np.ndarray | tuple[Rgb, Rgb]"

DEFAULT_BACKGROUND: tuple[Rgb, Rgb] = ((0.80, 0.84, 0.90), (0.60, 0.62, 0.68))
VIEWPORT_BACKGROUND: tuple[Rgb, Rgb] = ((0.53, 0.60, 0.68), (0.27, 0.28, 0.30))

_MOST_SUPERSAMPLES = 4
# The tone curve: light up to _KNEE is shown as it is, more is bent so that it reaches white only at infinity.
_KNEE = 0.82
_BRIGHTEST = 4.0
_TONE_STEPS = 4096
_STYLES = {"soft": SOFT, "toon": TOON, "viewport": VIEWPORT}


@dataclass(frozen=True)
class Light:
    """A warm key, a cool fill and a rim, fixed to the viewer, not to the head.

    The default comes from the viewer's upper left. Strengths have no unit: 1 shows a surface that faces the light in
    its own colour. Colours multiply.

    Attributes
    ----------
    direction, fill_direction : three floats
        View space, towards the light: x to the viewer's right, y up, z to the viewer. Any length but 0.
    key, fill, ambient : float
        Strengths, at least 0. Ambient light comes from all sides, a little more from above.
    rim : float
        Strength of the light edge where the surface turns away from the eye.
    wrap : float
        0..1: how far the key reaches around; skin is tinted there by `under_tint`, as if light came through it.
    tint, fill_tint, under_tint : Rgb
        Of the key, of fill and ambient, and of light that comes through skin. Glossy faces have no under-tint.

    Raises
    ------
    SfpError
        A direction of length 0, or a strength below 0.
    """

    direction: Rgb = (-0.55, 0.60, 0.75)
    key: float = 0.80
    fill_direction: Rgb = (0.85, 0.05, 0.45)
    fill: float = 0.16
    ambient: float = 0.24
    rim: float = 0.22
    wrap: float = 0.40
    tint: Rgb = (1.06, 1.00, 0.92)
    fill_tint: Rgb = (0.86, 0.96, 1.14)
    under_tint: Rgb = (0.55, 0.10, 0.04)

    def __post_init__(self) -> None:
        for name in ("direction", "fill_direction"):
            direction = np.asarray(getattr(self, name), dtype=np.float64)
            if direction.shape != (3,) or not 0 < np.linalg.norm(direction) < np.inf:
                raise SfpError(f"light: {name} is {getattr(self, name)}; expected three numbers that are not all 0")
        for name in ("key", "fill", "ambient", "rim", "wrap"):
            if not 0 <= getattr(self, name) < np.inf:
                raise SfpError(f"light: {name} is {getattr(self, name)}; expected at least 0")

    def _packed(self) -> tuple[float, ...]:  # 20 numbers in the order of the attributes, directions of length 1
        values = [np.ravel(value) for value in astuple(self)]
        for index in (0, 2):
            values[index] = values[index] / np.linalg.norm(values[index])
        return tuple(np.concatenate(values).tolist())


DEFAULT_LIGHT = Light()


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
) -> tuple[np.ndarray, np.ndarray]:
    """As `render`; also tells how much of every pixel the mesh covers.

    Returns
    -------
    picture : (height, width, 3) uint8
    mask : (height, width) uint8
        0 only background, 255 only mesh.
    """
    if style not in _STYLES:
        raise SfpError(f"style {style!r}: expected one of {', '.join(_STYLES)}")
    if supersample not in range(1, _MOST_SUPERSAMPLES + 1):
        raise SfpError(f"supersample {supersample}: expected 1 to {_MOST_SUPERSAMPLES}")
    fine_width, fine_height = width * supersample, height * supersample
    points, inverse_depth = camera.project(mesh.vertices, fine_width, fine_height)
    raster = rasterise(points, inverse_depth, mesh.faces, fine_width, fine_height)
    normals = vertex_normals(mesh.vertices, mesh.faces)
    picture = _background_picture(background, width, height)
    mask = np.zeros((height, width), dtype=np.uint8)
    shade_pixels(
        raster.face,
        raster.weights,
        mesh.faces.view(np.uint32),
        _facing(points, mesh.faces),
        np.hstack([normals @ camera.rotation.T.astype(np.float32), _to_linear(np.clip(mesh.colours, 0.0, 1.0))]),
        np.clip(mesh.gloss, 0.0, 1.0),
        light._packed(),
        _STYLES[style],
        1.0 / camera.focal_px(width, height),
        _tone_curve(),
        _TONE_STEPS / _BRIGHTEST,
        supersample,
        picture,
        mask,
    )
    return picture, mask


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


def _background_picture(background: Background, width: int, height: int) -> np.ndarray:
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
    return np.repeat(column[:, None], width, axis=1)


def _to_linear(colours: np.ndarray) -> np.ndarray:
    """SRGB to linear light by a cubic within 0.003 of the standard's curve, and many times as fast."""
    return np.asarray(colours * (colours * (colours * 0.305306011 + 0.682171111) + 0.012522878), dtype=np.float32)


@cache
def _tone_curve() -> np.ndarray:
    """(_TONE_STEPS + 1,) uint8: linear light 0.._BRIGHTEST, bent at _KNEE, as sRGB by the inverse of `_to_linear`."""
    light = np.linspace(0.0, _BRIGHTEST, _TONE_STEPS + 1)
    bent = np.where(light < _KNEE, light, 1 - (1 - _KNEE) * np.exp((_KNEE - light) / (1 - _KNEE)))
    shown = np.linspace(0.0, 1.0, 4096)
    return np.rint(255 * np.interp(bent, _to_linear(shown), shown)).astype(np.uint8)


@compiled
def _facing(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """(F,) float32: 1 where the outside of the face is seen, -1 where its inside is."""
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
