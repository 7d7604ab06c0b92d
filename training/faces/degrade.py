"""What lens, sensor and storage do to a picture: blur, few pixels, tone, noise, no colour, JPEG."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from training.faces.recipe import Recipe

JPEG_QUALITY = 92
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601


@dataclass(frozen=True)
class Degradation:
    """What was done, each 0 or 1 where nothing was.

    Attributes
    ----------
    motion_px, motion_deg : float
        Length and direction of a motion blur.
    defocus_px : float
        Standard deviation of a blur without direction.
    shrink : float
        The picture was this many times smaller.
    gamma : float
        Exponent.
    gains : three floats
        Factors of red, green and blue.
    noise : float
        Standard deviation, values 0..255.
    grey : bool
    jpeg_quality : int
    """

    motion_px: float = 0.0
    motion_deg: float = 0.0
    defocus_px: float = 0.0
    shrink: float = 1.0
    gamma: float = 1.0
    gains: tuple[float, ...] = field(default=(1.0, 1.0, 1.0))
    noise: float = 0.0
    grey: bool = False
    jpeg_quality: int = JPEG_QUALITY

    @property
    def blur_px(self) -> float:
        """Standard deviation of the whole blur: a line of length L has L / sqrt(12), a box of s pixels s / sqrt(12)."""
        few = self.shrink if self.shrink > 1 else 0.0
        return float(np.sqrt((self.motion_px**2 + few**2) / 12 + self.defocus_px**2))


def random_degradation(rng: np.random.Generator, *, size: int, recipe: Recipe) -> Degradation:
    """Mostly little; lengths follow the size of the picture."""
    grey = bool(rng.random() < recipe.grey)
    if not recipe.degraded:
        return Degradation(grey=grey)
    unit = size / 256
    kind = rng.random()
    gains = np.exp(rng.uniform(-0.12, 0.12, 3)) if rng.random() < 0.3 else np.ones(3)
    return Degradation(
        motion_px=float(rng.uniform(4, 14) * unit) if kind < 0.06 else 0.0,
        motion_deg=float(rng.uniform(0, 180)) if kind < 0.06 else 0.0,
        defocus_px=float(rng.uniform(0.6, 3.0) * unit) if 0.06 <= kind < 0.16 else 0.0,
        shrink=float(rng.uniform(1.3, 4.0)) if 0.16 <= kind < 0.26 else 1.0,
        gamma=float(np.exp(rng.uniform(-0.4, 0.4))) if rng.random() < 0.3 else 1.0,
        gains=tuple(gains.tolist()),
        noise=float(rng.uniform(2, 12)) if rng.random() < 0.22 else 0.0,
        grey=grey,
        jpeg_quality=int(rng.integers(40, 90)) if rng.random() < 0.4 else JPEG_QUALITY,
    )


def degraded(picture: np.ndarray, how: Degradation, rng: np.random.Generator) -> np.ndarray:
    """The picture (H, W, 3) uint8 after lens and sensor; JPEG is left to whoever writes it. `rng` makes the noise."""
    result = picture
    if how.motion_px:
        result = cv2.filter2D(result, -1, _line_kernel(how.motion_px, how.motion_deg), borderType=cv2.BORDER_REPLICATE)
    if how.defocus_px:
        result = cv2.GaussianBlur(result, (0, 0), how.defocus_px)
    if how.shrink > 1:
        height, width = result.shape[:2]
        small = (max(8, round(width / how.shrink)), max(8, round(height / how.shrink)))
        result = cv2.resize(cv2.resize(result, small, interpolation=cv2.INTER_AREA), (width, height))
    if how.gamma != 1 or min(how.gains) != max(how.gains):
        levels = np.linspace(0, 1, 256)[:, None] ** how.gamma * np.asarray(how.gains)
        result = cv2.LUT(result, np.clip(np.rint(255 * levels), 0, 255).astype(np.uint8)[None])
    if how.grey:
        result = np.repeat(np.rint(result @ _LUMA).astype(np.uint8)[..., None], 3, axis=2)
    if how.noise:
        shape = result.shape[:2] if how.grey else result.shape
        grain = rng.standard_normal(shape, dtype=np.float32) * np.float32(how.noise)
        grain = grain[..., None] if how.grey else grain
        result = np.clip(result + grain, 0, 255).astype(np.uint8)
    return np.asarray(result)


def _line_kernel(length_px: float, angle_deg: float) -> np.ndarray:
    """An odd kernel, symmetric about its middle so that nothing moves, with the mass of a line."""
    radius = max(1, int(np.ceil(length_px / 2)))
    kernel = np.zeros((2 * radius + 1, 2 * radius + 1), dtype=np.float32)
    steps = np.linspace(-length_px / 2, length_px / 2, 8 * radius + 1)
    x = radius + steps * np.cos(np.deg2rad(angle_deg))
    y = radius + steps * np.sin(np.deg2rad(angle_deg))
    np.add.at(kernel, (np.rint(y).astype(int), np.rint(x).astype(int)), 1.0)
    kernel += kernel[::-1, ::-1]
    return np.asarray(kernel / kernel.sum())
