"""What is behind a head: colours, textures, shapes, rooms, and other renders out of focus."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from training.faces.palette import colours
from training.faces.recipe import Recipe
from training.faces.rooms import room

_KINDS = ("flat", "gradient", "blotches", "noise", "texture", "shapes", "room", "renders")
_SHARES = (0.07, 0.13, 0.11, 0.11, 0.15, 0.12, 0.21, 0.10)
_PLAIN_SHARES = (0.25, 0.25, 0.50, 0.0, 0.0, 0.0, 0.0, 0.0)


def random_background(
    rng: np.random.Generator, size: int, *, recipe: Recipe, renders: Sequence[np.ndarray] = ()
) -> tuple[str, np.ndarray]:
    """The kind and a picture (size, size, 3) uint8; `renders` are pictures that may be seen out of focus."""
    kind = str(rng.choice(_KINDS, p=_SHARES if recipe.staged else _PLAIN_SHARES))
    if kind == "renders":
        if not renders:
            kind = "room"
        else:
            return kind, _out_of_focus(renders[int(rng.integers(len(renders)))], rng, size)
    makers: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
        "flat": _flat,
        "gradient": _gradient,
        "blotches": _blotches,
        "noise": _noise,
        "texture": _texture,
        "shapes": _shapes,
        "room": room,
    }
    picture = makers[kind](rng, size)
    if recipe.staged and rng.random() < 0.35:  # lenses leave little sharp behind a face
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.6, 5.0) * size / 256))
    return kind, picture


def _uint8(picture: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(picture * 255, 0, 255).astype(np.uint8))


def _coloured(share: np.ndarray, table: np.ndarray) -> np.ndarray:
    """A picture from shares (size, size) in [0, 1] and colours (n, 3) from 0 to 1, spaced evenly."""
    levels = np.linspace(0, 1, 256)
    nodes = np.linspace(0, 1, len(table))
    colour_of = _uint8(np.stack([np.interp(levels, nodes, table[:, k]) for k in range(3)], axis=-1))
    index = np.asarray(share * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    return np.asarray(cv2.LUT(cv2.merge([index] * 3), colour_of[None]))


def _enlarged(coarse: np.ndarray, size: int, *, method: int = cv2.INTER_LINEAR) -> np.ndarray:
    return np.asarray(cv2.resize(coarse.astype(np.float32), (size, size), interpolation=method))


def _flat(rng: np.random.Generator, size: int) -> np.ndarray:
    picture = np.empty((size, size, 3), dtype=np.uint8)
    picture[:] = _uint8(colours(rng, 1)[0])
    return picture


def _gradient(rng: np.random.Generator, size: int) -> np.ndarray:
    """Along a direction, or around a place."""
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32) / size
    if rng.random() < 0.6:
        angle = rng.uniform(0, 2 * np.pi)
        along = 0.5 + 0.7 * (np.cos(angle) * (columns - 0.5) + np.sin(angle) * (rows - 0.5))
    else:
        x, y = rng.uniform(0.2, 0.8, 2)
        along = np.hypot(columns - x, rows - y) / rng.uniform(0.5, 1.0)
    return _coloured(np.clip(along, 0, 1), colours(rng, 2))


def _blotches(rng: np.random.Generator, size: int) -> np.ndarray:
    """Soft colours, or hard squares."""
    cells = int(rng.integers(2, 14))
    coarse = colours(rng, cells * cells).reshape(cells, cells, 3)
    method = cv2.INTER_LINEAR if rng.random() < 0.6 else cv2.INTER_NEAREST
    picture = _uint8(_enlarged(coarse, size, method=method))
    if rng.random() > 0.4:
        return picture
    grain = rng.integers(-9, 10, (size, size, 1), dtype=np.int16)
    return np.asarray(np.clip(picture + grain, 0, 255).astype(np.uint8))


def _noise(rng: np.random.Generator, size: int) -> np.ndarray:
    """Clouds: noise of several scales between two or three colours."""
    cloud = np.zeros((size, size), dtype=np.float32)
    roughness = rng.uniform(0.4, 0.75)
    for octave in range(6):
        cells = 2 ** (octave + 1) + 1
        stretched = rng.random((max(2, int(cells * rng.uniform(0.5, 1.0))), cells))
        cloud += roughness**octave * (_enlarged(stretched, size, method=cv2.INTER_CUBIC) - 0.5)
    cloud = np.clip(0.5 + cloud / (3.2 * cloud.std() + 1e-6) * rng.uniform(0.4, 1.0), 0, 1)
    return _coloured(cloud, colours(rng, int(rng.integers(2, 5))))


def _texture(rng: np.random.Generator, size: int) -> np.ndarray:
    """Stripes, checks, dots, waves or planks: a pattern of two colours, turned."""
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32) / size
    angle, pitch = rng.uniform(0, np.pi), rng.uniform(0.03, 0.2)
    u = (np.cos(angle) * columns + np.sin(angle) * rows) / pitch
    v = (-np.sin(angle) * columns + np.cos(angle) * rows) / pitch
    kind = rng.integers(5)
    if kind == 0:
        pattern = np.sin(2 * np.pi * u)
    elif kind == 1:
        pattern = np.sin(2 * np.pi * u) * np.sin(2 * np.pi * v)
    elif kind == 2:
        pattern = 0.35 - np.hypot(u - np.floor(u) - 0.5, v - np.floor(v) - 0.5)
    elif kind == 3:
        pattern = np.sin(2 * np.pi * (u + rng.uniform(0.2, 0.8) * np.sin(2 * np.pi * v * rng.uniform(0.2, 0.6))))
    else:
        plank = np.floor(u)
        pattern = np.where(u - plank < 0.06, -1.0, 0.35 + 0.5 * np.sin(12.9898 * plank) + 0.3 * np.sin(9 * v + plank))
    sharp = rng.uniform(1.0, 12.0)
    return _coloured(np.clip(0.5 + 0.5 * sharp * pattern, 0, 1), colours(rng, 2))


def _shapes(rng: np.random.Generator, size: int) -> np.ndarray:
    """Rectangles, discs, rings, lines and triangles on a soft ground."""
    picture = np.ascontiguousarray(_blotches(rng, size) if rng.random() < 0.5 else _gradient(rng, size))
    for paint in colours(rng, int(rng.integers(4, 18))):
        colour = tuple(int(value) for value in 255 * paint)
        x, y = (int(value) for value in rng.integers(-size // 8, size + size // 8, 2))
        a, b = (int(value) for value in rng.integers(max(2, size // 40), max(4, size // 3), 2))
        thickness = -1 if rng.random() < 0.65 else int(rng.integers(1, max(2, size // 40)))
        kind = rng.integers(4)
        if kind == 0:
            cv2.rectangle(picture, (x - a // 2, y - b // 2), (x + a // 2, y + b // 2), colour, thickness)
        elif kind == 1:
            turn = float(rng.uniform(0, 180))
            cv2.ellipse(picture, (x, y), (a // 2 + 1, b // 2 + 1), turn, 0, 360, colour, thickness, cv2.LINE_AA)
        elif kind == 2:
            cv2.line(picture, (x, y), (x + 2 * (a - b), y + a), colour, max(thickness, 1), cv2.LINE_AA)
        else:
            corners = np.array([[x, y], [x + a, y + b // 2], [x - b // 2, y + a]], dtype=np.int32)
            cv2.fillPoly(picture, [corners], colour, cv2.LINE_AA)
    return picture


def _out_of_focus(picture: np.ndarray, rng: np.random.Generator, size: int) -> np.ndarray:
    """A part of a render, enlarged and so far out of focus that no face can be read in it."""
    side = int(min(picture.shape[:2]) * rng.uniform(0.4, 0.8))
    top, left = (int(rng.integers(0, extent - side + 1)) for extent in picture.shape[:2])
    part = picture[top : top + side, left : left + side]
    if rng.random() < 0.5:
        part = part[:, ::-1]
    small = cv2.resize(np.ascontiguousarray(part), (max(4, size // 8),) * 2, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), rng.uniform(1.2, 2.2) * size / 256 + 0.3)
    return np.asarray(cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC))
