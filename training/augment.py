"""Training crops from labelled pictures: box jitter, turning, flipping, and the many looks of a picture.

A crop is cut by the same `CropRegion` that detection uses; what varies is listed in `AugmentConfig`. All chance comes
from the generator that is passed in.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from sfp_core.detect.crop import MARGIN, CropRegion
from sfp_core.layout import WFLW_98
from training.detector_data import FaceSet

_MIRROR = np.asarray(WFLW_98.mirror)
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601


@dataclass(frozen=True)
class AugmentConfig:
    """How far training crops stray from the plain ones. Probabilities are per picture.

    Attributes
    ----------
    shift : float
        Largest shift of the crop, share of the box side, each way and axis.
    scale : float
        Largest change of the crop side, share; evenly in the logarithm.
    turn_deg, turn : float
        Largest turn in degrees, and how probable any turn is.
    flip, grey, blur, posterise, cover : float
        Probabilities: mirrored; without colour; blurred; few colours; a rectangle hides part of the face.
    cover_side : float
        Largest side of that rectangle, share of the crop.
    brightness, contrast, gain, gamma : float
        Largest change: added to values in [0, 1]; factor about the mean (logarithm); factor a channel (logarithm);
        exponent (logarithm).
    noise : float
        Largest standard deviation of Gaussian noise, values in [0, 1].
    upright : bool
        Begin with crops in which the face is not turned, as the second pass of a detector sees them.
    """

    shift: float = 0.12
    scale: float = 0.2
    turn_deg: float = 30.0
    turn: float = 0.6
    flip: float = 0.5
    grey: float = 0.15
    blur: float = 0.25
    posterise: float = 0.08
    cover: float = 0.3
    cover_side: float = 0.4
    brightness: float = 0.15
    contrast: float = 0.35
    gain: float = 0.15
    gamma: float = 0.35
    noise: float = 0.04
    upright: bool = False


def plain_crops(
    faces: FaceSet, indices: np.ndarray, *, size_px: int, upright: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """The crops that detection would cut for the true boxes, of upright faces if asked.

    Returns (B, S, S, 3) uint8 and points (B, 98, 2) float32 in crop space.
    """
    regions = [CropRegion.of_face(faces.points[i], upright=upright) for i in indices]
    crops = np.stack([region.cut(faces.pictures[i], size_px) for region, i in zip(regions, indices, strict=True)])
    points = np.stack(
        [region.to_crop(faces.points[i], size_px) for region, i in zip(regions, indices, strict=True)]
    ).astype(np.float32)
    return crops, points


def augmented_crops(
    faces: FaceSet, indices: np.ndarray, *, size_px: int, config: AugmentConfig, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """As `plain_crops`, each one moved, turned, flipped and recoloured by chance."""
    crops, points, _ = weighted_crops(faces, indices, size_px=size_px, config=config, rng=rng)
    return crops, points


def weighted_crops(
    faces: FaceSet, indices: np.ndarray, *, size_px: int, config: AugmentConfig, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """As `augmented_crops`, with how much each landmark counts, (B, 98) float32."""
    weights = np.ones((len(indices), WFLW_98.count), np.float32) if faces.weights is None else faces.weights[indices]
    crops = np.empty((len(indices), size_px, size_px, 3), np.uint8)
    points = np.empty((len(indices), WFLW_98.count, 2), np.float32)
    for row, index in enumerate(indices):
        region = jittered(CropRegion.of_face(faces.points[index], upright=config.upright), config=config, rng=rng)
        crop = region.cut(faces.pictures[index], size_px)
        placed = region.to_crop(faces.points[index], size_px)
        if rng.random() < config.flip:
            crop, placed = flipped(crop, placed)
            weights[row] = weights[row][_MIRROR]
        if rng.random() < config.blur:
            crop = _blurred(crop, rng)
        if rng.random() < config.posterise:
            crop = _posterised(crop, rng)
        if rng.random() < config.cover:
            crop = _covered(crop, config, rng)
        crops[row], points[row] = crop, placed
    return recoloured(crops, config=config, rng=rng), points, weights


def jittered(region: CropRegion, *, config: AugmentConfig, rng: np.random.Generator) -> CropRegion:
    """The crop of a box that is drawn less well, of a head that is tipped."""
    box_side = region.side / MARGIN
    shift_x, shift_y = rng.uniform(-config.shift, config.shift, 2) * box_side
    side = region.side * float(np.exp(rng.uniform(-1, 1) * np.log1p(config.scale)))
    turn = float(rng.uniform(-config.turn_deg, config.turn_deg)) if rng.random() < config.turn else 0.0
    return CropRegion(region.centre_x + shift_x, region.centre_y + shift_y, side, region.turn_deg + turn)


def flipped(crop: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mirror image of a crop (S, S, 3) and its points (98, 2), which change their names with it."""
    mirrored = points[_MIRROR] * np.array([-1, 1], points.dtype) + np.array([crop.shape[1], 0], points.dtype)
    return np.ascontiguousarray(crop[:, ::-1]), mirrored


def _blurred(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Out of focus, or from a picture that was too small."""
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(crop, (0, 0), float(rng.uniform(0.4, 1.8))))
    small = max(2, int(crop.shape[0] / rng.uniform(1.3, 3.0)))
    reduced = cv2.resize(crop, (small, small), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(reduced, (crop.shape[1], crop.shape[0]), interpolation=cv2.INTER_LINEAR))


def _posterised(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    levels = int(rng.integers(3, 8))
    step = 256 / levels
    table = ((np.floor(np.arange(256) / step) + 0.5) * step).clip(0, 255).astype(np.uint8)
    return np.asarray(table[crop])


def _covered(crop: np.ndarray, config: AugmentConfig, rng: np.random.Generator) -> np.ndarray:
    size = crop.shape[0]
    width, height = rng.integers(size // 12, max(int(size * config.cover_side), size // 12 + 1), 2)
    x, y = rng.integers(0, size - width), rng.integers(0, size - height)
    covered = crop.copy()
    if rng.random() < 0.5:
        covered[y : y + height, x : x + width] = rng.integers(0, 256, 3)
    else:  # another part of the same picture: colours that fit, such as hair and hands
        from_x, from_y = rng.integers(0, size - width), rng.integers(0, size - height)
        covered[y : y + height, x : x + width] = crop[from_y : from_y + height, from_x : from_x + width]
    return covered


def recoloured(crops: np.ndarray, *, config: AugmentConfig, rng: np.random.Generator) -> np.ndarray:
    """Light, contrast, tint, gamma, greyness and noise of each crop (B, S, S, 3) uint8 changed; the same shape.

    All but noise and greyness act on each value alone, so they are one table of 256 entries a channel.
    """
    count = len(crops)
    levels = np.linspace(0, 1, 256, dtype=np.float32)[None, None]  # (1, 1, 256)
    gamma = np.exp(rng.uniform(-config.gamma, config.gamma, (count, 1, 1)))
    contrast = np.exp(rng.uniform(-config.contrast, config.contrast, (count, 1, 1)))
    gain = np.exp(rng.uniform(-config.gain, config.gain, (count, 3, 1)))
    brightness = rng.uniform(-config.brightness, config.brightness, (count, 1, 1))
    tables = ((levels**gamma - 0.5) * contrast + 0.5) * gain + brightness  # (B, 3, 256)
    lookup = np.clip(tables * 255, 0, 255).astype(np.uint8).transpose(0, 2, 1)  # (B, 256, 3)
    grey = rng.random(count) < config.grey
    sigma = rng.uniform(0, config.noise, count) * (rng.random(count) < 0.5) * 255
    recoloured_crops = np.empty_like(crops)
    for row in range(count):
        crop = cv2.LUT(crops[row], lookup[row][None])
        if grey[row]:
            crop = np.repeat((crop @ _LUMA).astype(np.uint8)[..., None], 3, axis=2)
        if sigma[row] > 0:
            noise = rng.standard_normal(crop.shape, dtype=np.float32) * np.float32(sigma[row])
            crop = np.clip(crop + noise, 0, 255).astype(np.uint8)
        recoloured_crops[row] = crop
    return recoloured_crops
