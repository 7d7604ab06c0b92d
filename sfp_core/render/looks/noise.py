"""Grain, clouds, paper, canvas, wood and cracks, made by noise.

Every function gives (H, W) float32 with mean near 0 and spread near 1, unless it says otherwise. `unit` is the length,
in pixels, that is one pixel in a picture of 256 x 256.
"""

from typing import TypeAlias

import cv2
import numpy as np

Size: TypeAlias = tuple[int, int]  # height, width


def blurred(image: np.ndarray, sigma_px: float) -> np.ndarray:
    """(H, W) or (H, W, C) float32, smoothed by a Gaussian; borders are mirrored; unchanged where sigma is tiny."""
    if sigma_px < 0.2:
        return np.asarray(image, dtype=np.float32)
    image = np.ascontiguousarray(image, dtype=np.float32)
    height, width = image.shape[:2]
    factor = 1 if sigma_px < 3 else 2 if sigma_px < 6 else 4  # a wide blur is made small, at no visible loss
    if factor == 1 or min(height, width) < 8 * factor:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), float(sigma_px)), dtype=np.float32)
    small = cv2.resize(image, (width // factor, height // factor), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), float(sigma_px) / factor)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def grain(rng: np.random.Generator, size: Size, sigma_px: float) -> np.ndarray:
    """White noise smoothed to blobs of about `sigma_px`."""
    white = (rng.random(size, dtype=np.float32) - np.float32(0.5)) * np.float32(np.sqrt(12))
    if sigma_px < 0.2:
        return white
    # A Gaussian of this sigma leaves a spread of 1 / (2 sqrt(pi) sigma); below one pixel a little more.
    return blurred(white, sigma_px) * np.float32(2 * np.sqrt(np.pi) * max(sigma_px, 0.45))


def cloud(rng: np.random.Generator, size: Size, cell_px: float, octaves: int = 1) -> np.ndarray:
    """Soft blotches about `cell_px` wide; every octave adds blotches half as wide and half as strong."""
    total = np.zeros(size, dtype=np.float32)
    strength, power = 1.0, 0.0
    for _ in range(octaves):
        total += np.float32(strength) * stretched(rng, size, cell_px, cell_px)
        power += strength**2
        strength, cell_px = strength / 2, max(cell_px / 2, 1.0)
    return total / np.float32(np.sqrt(power))


def stretched(rng: np.random.Generator, size: Size, along_y_px: float, along_x_px: float) -> np.ndarray:
    """Noise with cells of one height and another width: wood, threads, the drag of a squeegee."""
    rows, columns = (int(np.ceil(n / cell)) + 2 for n, cell in zip(size, (along_y_px, along_x_px), strict=True))
    coarse = rng.random((rows, columns), dtype=np.float32) * 2 - 1
    whole = (max(round(columns * along_x_px), size[1]), max(round(rows * along_y_px), size[0]))
    if min(along_y_px, along_x_px) > 8:  # cubic at a third of the size, then linear: the same to the eye
        coarse = cv2.resize(coarse, (whole[0] // 3, whole[1] // 3), interpolation=cv2.INTER_CUBIC)
        fine = cv2.resize(coarse, whole, interpolation=cv2.INTER_LINEAR)
    else:
        fine = cv2.resize(coarse, whole, interpolation=cv2.INTER_CUBIC)
    top, left = rng.integers(0, whole[1] - size[0] + 1), rng.integers(0, whole[0] - size[1] + 1)
    return np.asarray(fine[top : top + size[0], left : left + size[1]] * np.float32(2.2), dtype=np.float32)


def paper(rng: np.random.Generator, size: Size, unit: float, roughness: float = 1.0) -> np.ndarray:
    """The tooth of paper: fine grain over coarser bumps; `roughness` widens them."""
    fine = grain(rng, size, 0.6 * unit * roughness)
    return np.asarray(0.85 * fine + 0.45 * cloud(rng, size, 3.0 * unit * roughness), dtype=np.float32)


def laid(rng: np.random.Generator, size: Size, unit: float) -> np.ndarray:
    """Hand-made paper with fibres across and wire lines."""
    fibres = stretched(rng, size, 1.3 * unit, 16 * unit) + 0.6 * stretched(rng, size, 10 * unit, 1.2 * unit)
    return np.asarray(0.4 * fibres + 0.5 * grain(rng, size, 0.7 * unit), dtype=np.float32)


def canvas(rng: np.random.Generator, size: Size, unit: float, thread_px: float) -> np.ndarray:
    """Woven cloth: threads over and under each other, each a little uneven."""
    ys, xs = np.mgrid[: size[0], : size[1]].astype(np.float32)
    step = np.float32(np.pi / (thread_px * unit))
    ys = ys * step + 0.5 * stretched(rng, size, 30 * unit, 12 * unit)
    xs = xs * step + 0.5 * stretched(rng, size, 12 * unit, 30 * unit)
    weave = np.sin(ys) * np.cos(xs) + 0.5 * np.cos(2 * xs) + 0.5 * np.cos(2 * ys)
    return np.asarray(weave + 0.35 * grain(rng, size, 0.5), dtype=np.float32)


def wood(rng: np.random.Generator, size: Size, unit: float) -> np.ndarray:
    """The grain of a plank, lying or standing."""
    thin, long = rng.uniform(1.2, 2.2) * unit, rng.uniform(40, 110) * unit
    if rng.random() < 0.5:
        thin, long = long, thin
    wide = stretched(rng, size, thin * 4, long * 1.5) if thin < long else stretched(rng, size, thin * 1.5, long * 4)
    return np.asarray(0.8 * stretched(rng, size, thin, long) + 0.6 * wide, dtype=np.float32)


def cracks(rng: np.random.Generator, size: Size, cell_px: float, depth: float) -> np.ndarray:
    """Cracked varnish: 0 (whole) to 1 (a crack); cells about `cell_px` wide, fewer lines where `depth` is small."""
    height, width = size
    # Cells of the nearest seed, their borders bent by noise.
    bend = (0.25 * cell_px * np.stack([cloud(rng, size, cell_px * 0.7), cloud(rng, size, cell_px * 0.7)])).astype(
        np.float32
    )
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    count = max(int(height * width / cell_px**2), 4)
    seeds = np.ones(size, dtype=np.uint8)
    seeds[rng.integers(0, height, count), rng.integers(0, width, count)] = 0
    _, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    shades = rng.random(int(labels.max()) + 1, dtype=np.float32)[labels]
    shades = cv2.remap(shades, xs + bend[0], ys + bend[1], cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT)
    edge = np.zeros(size, dtype=np.float32)
    edge[:, :-1] = np.abs(np.diff(shades, axis=1))
    edge[:-1] = np.maximum(edge[:-1], np.abs(np.diff(shades, axis=0)))
    lines = np.clip((edge - (1 - depth)) * 6, 0, 1)  # cells whose shades are close have no crack between them
    return np.asarray(lines, dtype=np.float32)
