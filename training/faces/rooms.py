"""Procedural rooms as a background: walls in perspective, windows, shelves, pictures, lamps and furniture."""

import cv2
import numpy as np

from training.faces.palette import colours

_SHIFT = 4  # fractional bits of cv2's coordinates
_Colour = tuple[int, int, int]


def room(rng: np.random.Generator, size: int) -> np.ndarray:
    """A picture (size, size, 3) uint8 of a room: a back wall, floor, ceiling and side walls, and what stands there."""
    wall = 50 + 190 * colours(rng, 1)[0]
    left, right = rng.uniform(-0.2, 0.3), rng.uniform(0.7, 1.2)
    top, bottom = rng.uniform(-0.25, 0.2), rng.uniform(0.62, 1.0)
    vanish = np.array([rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.6)])
    picture = np.empty((size, size, 3), dtype=np.uint8)
    picture[:] = np.clip(wall, 0, 255).astype(np.uint8)
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    outer = vanish + (corners - vanish) * 4.0
    shades = (rng.uniform(1.0, 1.2), rng.uniform(0.75, 0.95), rng.uniform(0.4, 0.8), rng.uniform(0.75, 0.95))
    tints = (wall * 0.5 + 120, wall, 30 + 170 * colours(rng, 1)[0], wall)  # ceiling, right wall, floor, left wall
    for side in range(4):
        quad = np.stack([corners[side], corners[(side + 1) % 4], outer[(side + 1) % 4], outer[side]])
        _fill(picture, quad, _colour(tints[side] * shades[side]))
    if rng.random() < 0.4:
        _boards(picture, corners, outer, rng)
    for _ in range(int(rng.integers(1, 5))):
        (_window, _shelf, _frame, _shelf)[int(rng.integers(4))](picture, rng)
    if rng.random() < 0.5:
        _furniture(picture, bottom, rng)
    if rng.random() < 0.25:
        _lamp(picture, rng)
    light = cv2.merge([_light_fall(rng, size)] * 3)
    return np.asarray(cv2.multiply(picture, light, dtype=cv2.CV_8U))


def _colour(values: np.ndarray) -> _Colour:
    red, green, blue = (int(value) for value in np.clip(values, 0, 255))
    return red, green, blue


def _random_colour(rng: np.random.Generator, low: float = 20, high: float = 250) -> _Colour:
    return _colour(low + (high - low) * colours(rng, 1)[0])


def _fill(picture: np.ndarray, corners: np.ndarray, colour: _Colour) -> None:
    """Fill a polygon (n, 2) of picture shares."""
    fixed = np.rint(corners * picture.shape[0] * 2**_SHIFT).astype(np.int32)
    cv2.fillConvexPoly(picture, fixed, colour, cv2.LINE_AA, _SHIFT)


def _rectangle(picture: np.ndarray, x: float, y: float, width: float, height: float, colour: _Colour) -> None:
    _fill(picture, np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]]), colour)


def _boards(picture: np.ndarray, corners: np.ndarray, outer: np.ndarray, rng: np.random.Generator) -> None:
    """Lines between the boards of the floor."""
    colour, size = _random_colour(rng, 20, 140), picture.shape[0]
    for share in np.linspace(0, 1, int(rng.integers(5, 16))):
        far = corners[3] + share * (corners[2] - corners[3])
        near = outer[3] + share * (outer[2] - outer[3])
        ends = [tuple(int(v) for v in np.rint(point * size * 2**_SHIFT)) for point in (far, near)]
        cv2.line(picture, ends[0], ends[1], colour, 1, cv2.LINE_AA, _SHIFT)


def _window(picture: np.ndarray, rng: np.random.Generator) -> None:
    x, y = rng.uniform(-0.1, 0.8), rng.uniform(-0.05, 0.4)
    width, height = rng.uniform(0.15, 0.45), rng.uniform(0.2, 0.5)
    frame, bar = _random_colour(rng, 60, 250), rng.uniform(0.008, 0.025)
    _rectangle(picture, x, y, width, height, frame)
    panes_x, panes_y = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    sky, ground = rng.uniform(100, 255, 3), rng.uniform(30, 200, 3)
    for column in range(panes_x):
        for row in range(panes_y):
            pane_width, pane_height = (width - bar) / panes_x, (height - bar) / panes_y
            share = row / max(panes_y - 1, 1)
            glass = _colour(sky * (1 - share) + ground * share)
            left, top = x + bar + column * pane_width, y + bar + row * pane_height
            _rectangle(picture, left, top, pane_width - bar, pane_height - bar, glass)


def _shelf(picture: np.ndarray, rng: np.random.Generator) -> None:
    """Boards with books and boxes."""
    x, y, width = rng.uniform(-0.1, 0.7), rng.uniform(0.0, 0.5), rng.uniform(0.2, 0.5)
    gap, board = rng.uniform(0.1, 0.22), _random_colour(rng, 40, 180)
    covers = [_colour(20 + 230 * cover) for cover in colours(rng, 12)]
    for level in range(int(rng.integers(1, 4))):
        base = y + level * gap
        _rectangle(picture, x, base, width, 0.02, board)
        at = x + 0.01
        while at < x + width - 0.03 and rng.random() < 0.95:
            wide, high = rng.uniform(0.012, 0.06), rng.uniform(0.4, 0.9) * gap
            _rectangle(picture, at, base - high, wide, high, covers[int(rng.integers(len(covers)))])
            at += wide + (rng.uniform(0.01, 0.08) if rng.random() < 0.3 else 0.002)


def _frame(picture: np.ndarray, rng: np.random.Generator) -> None:
    """A picture on the wall."""
    x, y = rng.uniform(0.0, 0.8), rng.uniform(0.0, 0.4)
    width, height = rng.uniform(0.1, 0.3, 2)
    _rectangle(picture, x, y, width, height, _random_colour(rng))
    edge = rng.uniform(0.01, 0.03)
    _rectangle(picture, x + edge, y + edge, width - 2 * edge, height - 2 * edge, _random_colour(rng, 100, 255))
    _rectangle(picture, x + 2 * edge, y + height * 0.6, width - 4 * edge, height * 0.4 - 2 * edge, _random_colour(rng))


def _furniture(picture: np.ndarray, floor: float, rng: np.random.Generator) -> None:
    """A cupboard, a sofa back or a table in front of the wall."""
    x, width = rng.uniform(-0.2, 0.7), rng.uniform(0.25, 0.7)
    top = rng.uniform(floor - 0.25, floor + 0.02)
    base = rng.uniform(30, 220, 3)
    _rectangle(picture, x, top, width, 1.1 - top, _colour(base))
    for part in range(int(rng.integers(1, 4))):
        inset = 0.015
        part_width = width / 3
        left = x + part * part_width + inset
        _rectangle(picture, left, top + inset, part_width - 2 * inset, 1.0 - top, _colour(base * rng.uniform(0.8, 1.2)))


def _lamp(picture: np.ndarray, rng: np.random.Generator) -> None:
    x, drop, width = rng.uniform(0.1, 0.9), rng.uniform(0.05, 0.3), rng.uniform(0.06, 0.16)
    _rectangle(picture, x - 0.004, 0.0, 0.008, drop, (30, 30, 30))
    shade = np.array(
        [[x - width * 0.3, drop], [x + width * 0.3, drop], [x + width, drop + 0.1], [x - width, drop + 0.1]]
    )
    _fill(picture, shade, _random_colour(rng, 120, 255))


def _light_fall(rng: np.random.Generator, size: int) -> np.ndarray:
    """(size, size) float32: light that fades from one place."""
    rows, columns = np.mgrid[0:16, 0:16].astype(np.float32) / 15
    x, y = rng.uniform(-0.3, 1.3), rng.uniform(-0.3, 0.8)
    far = np.hypot(columns - x, rows - y)
    fall = (rng.uniform(1.0, 1.25) - rng.uniform(0.1, 0.5) * far).astype(np.float32)
    return np.asarray(cv2.resize(fall, (size, size)))
