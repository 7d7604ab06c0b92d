"""The picture to show: soft shadows, occlusion, skin that light enters, lively eyes and hair, and lines if wished."""

from functools import cache, lru_cache

import numpy as np

from sfp_core.compiled import compiled
from sfp_core.errors import SfpError
from sfp_core.render.camera import Camera
from sfp_core.render.light import Effects, Light, Rgb
from sfp_core.render.lighting import BEAUTY
from sfp_core.render.mesh import Mesh
from sfp_core.render.occlusion import ambient_light
from sfp_core.render.outline import ink, line_strength
from sfp_core.render.shade import BRIGHTEST, NOWHERE, Background, background_picture, draw, srgb
from sfp_core.render.shadow import key_light
from sfp_core.render.view import see, surfaces

BEAUTY_LIGHT = Light(
    direction=(-0.62, 0.66, 0.80),
    key=0.94,
    fill_direction=(0.90, 0.10, 0.50),
    fill=0.13,
    ambient=0.29,
    rim=0.36,
    wrap=0.42,
    tint=(1.10, 1.00, 0.88),
    fill_tint=(0.90, 0.97, 1.12),
)
# The middle and the corners of the ground.
BEAUTY_BACKGROUND: tuple[Rgb, Rgb] = ((0.90, 0.92, 0.92), (0.58, 0.65, 0.71))

_OCCLUSION_RADIUS = 0.34  # world units
_LINE_WIDTH = 1 / 420  # of the picture's smaller side
_LINE_COLOUR: Rgb = (0.17, 0.08, 0.09)
_TONE_STEPS = 1 << 16  # fine enough that the darkest tones show no steps
# Thresholds of a 4 x 4 ordered dither: a ground so even would show its 8 bits as rings.
_DITHER = (np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) + 0.5) / 16


def render_beauty(
    mesh: Mesh,
    camera: Camera,
    *,
    width: int,
    height: int,
    supersample: int = 2,
    light: Light = BEAUTY_LIGHT,
    background: Background | None = None,
    shadows: float = 0.85,
    occlusion: float = 0.9,
    outline: bool | float = False,
) -> np.ndarray:
    """Draw a mesh for the eye; `render` draws for data, in a fraction of the time.

    Sizes that the formulas hold (reach of occlusion, softness of shadows) are for heads about 2.2 world units high.

    Parameters
    ----------
    width, height : int
        Of the picture, pixels.
    supersample : int
        1..4: this number squared of samples make a pixel.
    background : (height, width, 3) uint8, or two sRGB colours 0..1, optional
        A picture, or the middle and the corners of a ground; BEAUTY_BACKGROUND when left out.
    shadows, occlusion : float
        Strengths 0..1; 0 also saves their time.
    outline : bool or float
        Lines around forms; a number is their width in pixels.

    Returns
    -------
    picture : (height, width, 3) uint8
        sRGB. The same arguments give the same bytes.

    Raises
    ------
    SfpError
        A size, strength or background that does not fit.
    """
    for name, value in (("shadows", shadows), ("occlusion", occlusion)):
        if not 0 <= value <= 1:
            raise SfpError(f"beauty: {name} is {value}; expected 0 to 1")
    line_px = _LINE_WIDTH * min(width, height) if outline is True else float(outline)
    if not 0 <= line_px < np.inf:
        raise SfpError(f"beauty: outline is {outline}; expected a width of 0 or more pixels")
    view = see(mesh, camera, width=width, height=height, supersample=supersample)
    if isinstance(background, np.ndarray) and background.ndim == 3:
        picture = background_picture(background, width, height)
    else:
        picture = _ground(BEAUTY_BACKGROUND if background is None else background, width, height)
    unoccluded = unshadowed = NOWHERE
    if shadows or occlusion:
        half = surfaces(view, step=2)
        if occlusion:
            unoccluded = ambient_light(view, half, strength=occlusion, radius=_OCCLUSION_RADIUS)
        if shadows:
            unshadowed = key_light(view, half, camera, light.direction, strength=shadows)
    effects = Effects(eyes=1.0, hair=0.6)
    draw(
        view,
        picture,
        light,
        BEAUTY,
        effects,
        camera,
        unoccluded=unoccluded,
        unshadowed=unshadowed,
        tone=_tone(),
    )
    if line_px:
        ink(picture, line_strength(view, width_px=line_px), _LINE_COLOUR)
    return picture


@cache
def _tone() -> np.ndarray:
    """(_TONE_STEPS + 1,) uint8: a film's curve, with a foot that deepens the dark and a long shoulder."""
    light = np.linspace(0.0, BRIGHTEST, _TONE_STEPS + 1)
    knee = 0.62
    bent = np.where(light < knee, light, 1 - (1 - knee) * np.exp((knee - light) / (1 - knee)))
    shown = srgb(bent)
    return np.asarray(np.rint(255 * (shown + 0.035 * np.sin(2 * np.pi * (shown - 0.5)) * shown)).clip(0, 255), np.uint8)


def _ground(ends: Background, width: int, height: int) -> np.ndarray:
    """(height, width, 3) uint8: a pool of light behind the head."""
    colours = np.asarray(ends, dtype=np.float64)
    if colours.shape != (2, 3) or not ((colours >= 0) & (colours <= 1)).all():
        raise SfpError(f"background {ends!r}: expected a uint8 picture or two RGB colours of 0 to 1")
    first, last = (tuple(float(value) for value in colour) for colour in colours)
    return _ground_once(first, last, width, height).copy()  # every frame of a film has the same


@lru_cache(maxsize=1)
def _ground_once(first: tuple[float, ...], last: tuple[float, ...], width: int, height: int) -> np.ndarray:
    picture = np.empty((height, width, 3), dtype=np.uint8)
    _fill(255 * np.array([first, last]), _DITHER, picture)
    return picture


@compiled
def _fill(ends: np.ndarray, dither: np.ndarray, picture: np.ndarray) -> None:
    height, width = picture.shape[:2]
    for y in range(height):
        for x in range(width):
            across, down = (2.0 * x + 1.0) / width - 1.0, (2.0 * y + 1.0) / height - 0.86
            away = min((across * across + down * down) * 0.5, 1.0)
            share = away * (2.0 - away)
            for k in range(3):
                picture[y, x, k] = int(ends[0, k] * (1.0 - share) + ends[1, k] * share + dither[y & 3, x & 3])
