"""What every look asks of a scene: soft masks of parts, light without colour, tones as an artist sets them, flow."""

from functools import cached_property

import cv2
import numpy as np

from sfp_core.render.layers import NO_PART, Layers
from sfp_core.render.looks.colours import hsv, luminance, mix, saturated, step
from sfp_core.render.looks.noise import blurred, cloud
from sfp_core.render.looks.strokes import patches
from sfp_core.render.mesh import Part

_DARKEST_SKIN = 0.12
_LEAST_LIT = 0.36  # luminance that painters give the light side of any skin
MOUTH_PARTS = (Part.LIPS, Part.MOUTH, Part.TEETH, Part.TONGUE)
INNER_MOUTH_PARTS = (Part.MOUTH, Part.TEETH, Part.TONGUE)
EYE_PARTS = (Part.EYE, Part.LID)


class Study:
    """A scene, looked at. Everything is worked out when it is first asked for; the layers are only read.

    Attributes
    ----------
    layers : Layers
    size : (height, width)
        Pixels.
    unit : float
        The length, in pixels, that is one pixel in a picture of 256 x 256.
    """

    def __init__(self, layers: Layers) -> None:
        self.layers = layers
        self.size = (int(layers.part.shape[0]), int(layers.part.shape[1]))
        self.unit = max(min(self.size) / 256, 0.3)
        self._masks: dict[tuple[tuple[Part, ...], float], np.ndarray] = {}

    @cached_property
    def down(self) -> np.ndarray:
        """(H, 1) float32: every row's number."""
        return np.arange(self.size[0], dtype=np.float32)[:, None]

    @cached_property
    def across(self) -> np.ndarray:
        """(1, W) float32: every column's number."""
        return np.arange(self.size[1], dtype=np.float32)[None]

    def far(self) -> np.ndarray:
        """(H, W) float32: squared distance from the picture's middle: 1 in the corners."""
        down, across = self.down / np.float32(self.size[0]) - 0.5, self.across / np.float32(self.size[1]) - 0.5
        return np.asarray(2 * (down * down + across * across), dtype=np.float32)

    @cached_property
    def picture(self) -> np.ndarray:
        """(H, W, 3) float32, sRGB 0..1."""
        return self.layers.picture.astype(np.float32) * np.float32(1 / 255)

    @cached_property
    def background(self) -> np.ndarray:
        """(H, W, 3) float32, sRGB 0..1, without the mesh."""
        return self.layers.background.astype(np.float32) * np.float32(1 / 255)

    @cached_property
    def cover(self) -> np.ndarray:
        """(H, W) float32, 0..1."""
        return self.layers.cover.astype(np.float32) * np.float32(1 / 255)

    @cached_property
    def light(self) -> np.ndarray:
        """(H, W) float32: the picture's luminance."""
        return luminance(self.picture)

    @cached_property
    def seen(self) -> np.ndarray:
        """(H, W) bool: where the middle of the pixel shows the mesh."""
        return np.asarray(self.layers.part != NO_PART)

    def has(self, *parts: Part) -> np.ndarray:
        """(H, W) bool: pixels of these parts."""
        return np.asarray(self._hard(parts) > 0)

    def _hard(self, parts: tuple[Part, ...]) -> np.ndarray:  # (H, W) uint8, 0 or 1
        table = np.zeros(256, dtype=np.uint8)
        table[list(parts)] = 1
        return np.asarray(cv2.LUT(self.layers.part, table))

    def mask(self, *parts: Part, sigma: float = 0.75) -> np.ndarray:
        """(H, W) float32: 0..1, soft at the border; `sigma` in units."""
        if (parts, sigma) not in self._masks:
            self._masks[parts, sigma] = self._soft(parts, sigma * max(self.unit, 0.6))
        return self._masks[parts, sigma]

    def _soft(self, parts: tuple[Part, ...], sigma_px: float) -> np.ndarray:
        hard = self._hard(parts)
        soft = np.zeros(self.size, dtype=np.float32)
        left, top, width, height = cv2.boundingRect(hard)
        if width:  # most parts are small: only their surroundings are smoothed
            reach = int(5 * sigma_px + 2)
            here = (
                slice(max(top - reach, 0), top + height + reach),
                slice(max(left - reach, 0), left + width + reach),
            )
            soft[here] = blurred(hard[here], sigma_px)
        return soft

    @cached_property
    def albedo(self) -> np.ndarray:
        """(H, W, 3) float32: colours without light, steps between parts smoothed, carried a little past the border."""
        sigma = 0.7
        weight = blurred(self.seen.astype(np.float32), sigma)[..., None]
        return np.asarray(blurred(self.layers.albedo, sigma) / np.maximum(weight, 1e-3), dtype=np.float32)

    @cached_property
    def inherent(self) -> np.ndarray:
        """(H, W) float32: luminance of the albedo, 0..1."""
        return luminance(self.albedo)

    def _of_skin(self, values: np.ndarray) -> np.ndarray:
        """(n,): the values of every third skin pixel each way; of all in a small picture."""
        every = 3 if min(self.size) >= 96 else 1
        return np.asarray(values[::every, ::every][self.layers.part[::every, ::every] == Part.SKIN])

    @cached_property
    def skin_value(self) -> float:
        """The skin's own luminance: the median of the albedo's."""
        skin = self._of_skin(self.inherent)
        return float(np.median(skin)) if skin.size else 0.7

    @cached_property
    def shade(self) -> np.ndarray:
        """(H, W) float32: light on the surfaces without their colours; 1 on lit skin, 0 black; 1 where empty."""
        ratio = self.light / np.maximum(self.inherent, 0.08)
        ratio = blurred(np.where(self.seen, ratio, 0), 0.8 * self.unit)
        ratio /= np.maximum(blurred(self.seen.astype(np.float32), 0.8 * self.unit), 0.02)
        skin = self._of_skin(ratio)
        lit = float(np.percentile(skin, 85)) if skin.size else 1.0
        return np.where(self.seen, np.clip(ratio / max(lit, 0.05), 0, 1.15), 1).astype(np.float32)

    @cached_property
    def form(self) -> np.ndarray:
        """(H, W) float32: `shade` made stronger: the darkest twentieth of the skin at 0, lit skin at 1."""
        skin = self._of_skin(self.shade)
        dark = float(np.percentile(skin, 5)) if skin.size else 0.0
        return np.asarray(np.clip((self.shade - dark) / max(1 - dark, 0.15), 0, 1), dtype=np.float32)

    @cached_property
    def eye_value(self) -> np.ndarray:
        """(H, W) float32: the picture's luminance, with the whites of the eyes brought to 1 and black kept."""
        eyes = self.light[self.has(Part.EYE)]
        white = float(np.percentile(eyes, 90)) if eyes.size else 1.0
        return np.asarray(np.clip(self.light / max(white, 0.2), 0, 1), dtype=np.float32)

    def tone(self, *, depth: float, lift: float, hair: float = 0.8) -> np.ndarray:
        """How light an artist leaves each pixel.

        Parameters
        ----------
        depth : float
            0..1: strength of light and shadow.
        lift : float
            0..1: 1 leaves skin of any colour as light as paper, 0 as dark as it is.
        hair : float
            0..1: how far hair and wear keep their own darkness.

        Returns
        -------
        tone : (H, W) float32
            0 black to 1 paper; 1 where empty. Eyes, brows, lashes and mouth always stand out from the skin.
        """
        part = self.layers.part
        own = np.clip(self.inherent / max(self.skin_value, _DARKEST_SKIN) ** lift, 0, 1)
        share = np.zeros(256, dtype=np.float32)  # of a part's own value in its tone
        share[[Part.SKIN, Part.LIPS, Part.TONGUE, Part.HAND]] = (1.0, 1.0, 1.0, 1.0)
        share[[Part.HAIR, Part.WEAR]] = hair
        share = np.asarray(cv2.LUT(part, share))
        tone = (1 - depth + depth * self.form) * (1 - share + share * own)
        most = np.ones(256, dtype=np.float32)
        most[[Part.LIPS, Part.BROW, Part.TONGUE]] = (0.62, 0.3, 0.5)
        most[[Part.LID, Part.MOUTH]] = (0.08, 0.06)
        tone = np.where(part == Part.EYE, step(0.22, 0.85, self.eye_value), np.minimum(tone, cv2.LUT(part, most)))
        tone = np.where(part == Part.TEETH, np.maximum(tone, 0.9), tone)
        tone = np.where(self.seen, tone, 1)
        return blurred(np.clip(tone, 0, 1), 0.55 * self.unit)

    @cached_property
    def relief(self) -> np.ndarray:
        """(H, W) float32: nearness in pixels, roughly: 0 at the far side, smoothed, to bend lines over the form."""
        depth = self.layers.inverse_depth
        low, span = self.depths
        reach = np.float32(0.45 * np.sqrt(float(self.seen.mean()) * self.size[0] * self.size[1]))
        rise = np.clip((depth - np.float32(low)) * np.float32(1 / span), 0, 1.3) * reach
        return blurred(rise * self.seen, 2.5 * self.unit)

    @cached_property
    def depths(self) -> tuple[float, float]:
        """The inverse depth at the far side of the mesh, and how much larger it is at the near side."""
        every = 3 if min(self.size) >= 96 else 1
        near = self.layers.inverse_depth[::every, ::every]
        near = near[near > 0]
        low, high = np.percentile(near, [3, 97]) if near.size else (0.0, 1.0)
        return float(low), float(high - low) + 1e-9

    def flow(self, rng: np.random.Generator, *, sigma: float = 4.0, free: float = 0.002) -> np.ndarray:
        """Directions a brush would take: along borders and folds, and freely wandering where nothing leads it.

        Parameters
        ----------
        sigma : float
            Smoothness, units.
        free : float
            Strength of the wandering against the picture's gradients.

        Returns
        -------
        angle : (H, W) float32
            Radians; x to the right, y down.
        """
        # Directions change slowly: half the size is enough.
        small = (max(self.size[0] // 2, 1), max(self.size[1] // 2, 1))
        light = np.asarray(cv2.resize(blurred(self.light, self.unit), small[::-1], interpolation=cv2.INTER_AREA))
        along_x = np.asarray(cv2.Sobel(light, cv2.CV_32F, 1, 0), dtype=np.float32)
        along_y = np.asarray(cv2.Sobel(light, cv2.CV_32F, 0, 1), dtype=np.float32)
        base = np.float32(rng.uniform(0, 2 * np.pi)) + np.float32(1.2) * cloud(rng, small, 30 * self.unit)
        half = 0.5 * sigma * self.unit
        cosine = blurred(along_x**2 - along_y**2, half) - np.float32(4 * free) * np.cos(base)
        sine = blurred(2 * along_x * along_y, half) - np.float32(4 * free) * np.sin(base)
        angle = 0.5 * np.arctan2(sine, cosine) + np.float32(np.pi / 2)
        return np.asarray(cv2.resize(angle, self.size[::-1], interpolation=cv2.INTER_NEAREST_EXACT), dtype=np.float32)

    def painted(self, rgb: np.ndarray, angle: np.ndarray, *, size: float, sharpness: float = 300.0) -> np.ndarray:
        """The picture `rgb` (H, W, 3) in patches of about `size` units along `angle`: an oil painting's look."""
        sigma = max(0.45 * size * self.unit, 0.5)
        mean = blurred(rgb, sigma)
        light = luminance(rgb)
        middle = blurred(light, sigma)
        spread = np.maximum(blurred(light * light, sigma) - middle * middle, 0)
        reach = size * self.unit
        return np.asarray(patches(mean, spread, angle, 1.25 * reach, 0.75 * reach, sharpness), dtype=np.float32)

    @cached_property
    def iris(self) -> np.ndarray:
        """(H, W) bool: iris and pupil: what is dark or coloured in an eye."""
        red, green, blue = cv2.split(self.albedo)
        return np.asarray(self.has(Part.EYE) & (cv2.min(cv2.min(red, green), blue) < 0.68))

    def muted(self, rng: np.random.Generator) -> np.ndarray:
        """(H, W, 3) float32: the background as painters treat it: calmer, greyer, tinted as a whole."""
        calm = blurred(self.background, rng.uniform(1, 6) * self.unit)
        tint = hsv(rng.random(), rng.uniform(0.05, 0.5), rng.uniform(0.6, 1.0))
        return mix(saturated(calm, rng.uniform(0.2, 0.9)), tint, rng.uniform(0.0, 0.7))

    @cached_property
    def exposed(self) -> np.ndarray:
        """(H, W, 3) float32: the picture, its figure brightened where it stands in the dark, as painters do."""
        skin = self._of_skin(self.light)
        lit = float(np.percentile(skin, 80)) if skin.size else 1.0
        if lit >= _LEAST_LIT:
            return self.picture
        brighter = np.clip(self.picture * np.float32(min(_LEAST_LIT / max(lit, 0.02), 2.5)), 0, 1)
        return mix(self.picture, brighter, self.cover)

    @cached_property
    def groups(self) -> np.ndarray:
        """(H, W) uint8: numbers of the fields between which strokes of paint do not run over; bands of iris too."""
        table = np.full(256, 30, dtype=np.uint8)
        for part in Part:
            table[part] = part * 2
        groups = table[self.layers.part]
        return np.asarray(groups + self.iris, dtype=np.uint8)
