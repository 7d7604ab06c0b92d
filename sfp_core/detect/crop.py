"""From a face box to the square that the network sees, and back. Training and detection use this one rule.

A *box* is (x0, y0, x1, y1) in image space and means the tight box of the landmarks (brows to chin, ear to ear; without
the forehead). The crop is the square around its centre with side max(width, height) * MARGIN, turned if asked, and is
not clamped to the picture: what lies outside repeats the nearest pixel of the border.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from sfp_core.errors import SfpError

MARGIN = 1.25  # crop side over box side; the paper crops by the box and leaves the margin open

Box = tuple[float, float, float, float]

# The parts of an upright face that tell how it is turned, as landmarks of `WFLW_98`, and where they are in its crop of
# side 1: eyes, foot of the nose, mouth, chin. Means over 1,929 generated faces, made symmetric.
_PARTS = (range(60, 68), range(68, 76), range(55, 60), range(76, 96), range(14, 19))
_PLACES = np.array([[0.352, 0.300], [0.648, 0.300], [0.500, 0.515], [0.500, 0.670], [0.500, 0.869]])


def tight_box(points: np.ndarray) -> Box:
    """The smallest box around points (..., N, 2); of several faces, around all of them."""
    flat = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    (x0, y0), (x1, y1) = flat.min(0), flat.max(0)
    return float(x0), float(y0), float(x1), float(y1)


def upright_turn_deg(points: np.ndarray) -> float:
    """How far a face (98, 2) in image space is turned in the picture, degrees clockwise as seen.

    The turn of the similarity that best moves an upright mean face to it, so a profile has one too.
    """
    parts = np.stack([np.asarray(points, dtype=np.float64)[list(part)].mean(0) for part in _PARTS])
    parts, places = parts - parts.mean(0), _PLACES - _PLACES.mean(0)
    along = (places * parts).sum()
    across = (places[:, 0] * parts[:, 1] - places[:, 1] * parts[:, 0]).sum()
    return float(np.degrees(np.arctan2(across, along)))


def checked_box(box: Sequence[float] | np.ndarray, *, width: int, height: int, where: str = "box") -> Box:
    """`box` as four floats, if it can be used on a picture of this size.

    A box that overhangs the picture is used. Raises SfpError, naming `where`, for one that is not four finite
    numbers, is empty, or lies wholly outside the picture.
    """
    try:
        values = np.asarray(box, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SfpError(f"{where}: expected four numbers x0 y0 x1 y1, got {box!r}") from error
    if values.shape != (4,) or not np.isfinite(values).all():
        raise SfpError(f"{where}: expected four finite numbers x0 y0 x1 y1, got {box!r}")
    x0, y0, x1, y1 = (float(value) for value in values)
    shown = f"({x0:g}, {y0:g}, {x1:g}, {y1:g})"
    if x1 - x0 < 1 or y1 - y0 < 1:
        raise SfpError(f"{where}: {shown} is less than a pixel wide or high; expected x0 < x1 and y0 < y1")
    if x1 <= 0 or y1 <= 0 or x0 >= width or y0 >= height:
        raise SfpError(f"{where}: {shown} lies wholly outside the picture of {width} x {height} px")
    return x0, y0, x1, y1


def checked_picture(picture: np.ndarray, *, where: str = "picture") -> np.ndarray:
    """`picture` if it is (H, W, 3) uint8 and not empty; else SfpError naming `where`."""
    array = np.asarray(picture)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or array.size == 0:
        raise SfpError(
            f"{where}: expected an RGB picture (H, W, 3) uint8, got {array.shape} {array.dtype}; "
            "sfp_core.detect.pictures.read_picture makes one of any file"
        )
    return array


@dataclass(frozen=True)
class CropRegion:
    """A turned square in image space.

    Attributes
    ----------
    centre_x, centre_y, side : float
        Image space, pixels.
    turn_deg : float
        The crop's x axis points this much clockwise (as seen, y down) of the picture's.
    """

    centre_x: float
    centre_y: float
    side: float
    turn_deg: float = 0.0

    @classmethod
    def of_box(cls, box: Box, *, margin: float = MARGIN) -> "CropRegion":
        """The crop of a face box."""
        x0, y0, x1, y1 = box
        return cls((x0 + x1) / 2, (y0 + y1) / 2, max(x1 - x0, y1 - y0) * margin)

    @classmethod
    def of_face(cls, points: np.ndarray, *, margin: float = MARGIN, upright: bool = False) -> "CropRegion":
        """The crop of a face's landmarks (98, 2) in image space; `upright`: turned so that the face is not."""
        if not upright:
            return cls.of_box(tight_box(points), margin=margin)
        level = cls(0.0, 0.0, 1.0, upright_turn_deg(points))
        placed = cls.of_box(tight_box(level.to_crop(points, 1)), margin=margin)
        centre_x, centre_y = level.to_image(np.array([placed.centre_x, placed.centre_y]), 1)
        return cls(float(centre_x), float(centre_y), placed.side, level.turn_deg)

    def matrix(self, size_px: int) -> np.ndarray:
        """(2, 3) float64 that moves (x, y, 1) in the crop of `size_px` pixels a side to image space."""
        angle = np.radians(self.turn_deg)
        scale = self.side / size_px
        turned = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        shift = np.array([self.centre_x, self.centre_y]) - turned @ np.full(2, size_px / 2)
        return np.concatenate([turned, shift[:, None]], 1)

    def to_image(self, points_crop: np.ndarray, size_px: int) -> np.ndarray:
        """Points (..., 2) from crop space to image space, float64."""
        matrix = self.matrix(size_px)
        return np.asarray(np.asarray(points_crop, dtype=np.float64) @ matrix[:, :2].T + matrix[:, 2])

    def to_crop(self, points_image: np.ndarray, size_px: int) -> np.ndarray:
        """Points (..., 2) from image space to crop space, float64."""
        matrix = self.matrix(size_px)
        moved = np.asarray(points_image, dtype=np.float64) - matrix[:, 2]
        return np.asarray(moved @ np.linalg.inv(matrix[:, :2]).T)

    def cut(self, picture: np.ndarray, size_px: int) -> np.ndarray:
        """The crop of a picture (H, W, 3) uint8: (size_px, size_px, 3) uint8.

        Bilinear; a picture more than twice too large is first averaged down, so that thin lines do not flicker.
        """
        factor = int(self.side / size_px)
        if factor >= 2:
            picture, origin = self._averaged(picture, factor)
        else:
            factor, origin = 1, np.zeros(2)
        matrix = self.matrix(size_px)
        matrix[:, 2] = (matrix[:, 2] - origin) / factor
        matrix[:, :2] /= factor
        # OpenCV counts pixel centres as whole numbers, we count pixel 0 as [0, 1).
        matrix[:, 2] += matrix[:, :2] @ np.full(2, 0.5) - 0.5
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        warped = cv2.warpAffine(picture, matrix, (size_px, size_px), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(warped)

    def _averaged(self, picture: np.ndarray, factor: int) -> tuple[np.ndarray, np.ndarray]:
        """The part around the crop with each factor x factor block averaged, and its origin (x, y) in `picture`."""
        height, width = picture.shape[:2]
        reach = self.side * 0.75 + 2 * factor  # half the diagonal is 0.71 sides
        x0, x1 = (int(np.clip(self.centre_x + sign * reach, 0, width)) for sign in (-1, 1))
        y0, y1 = (int(np.clip(self.centre_y + sign * reach, 0, height)) for sign in (-1, 1))
        x0, y0 = min(x0, width - 1), min(y0, height - 1)  # a crop beyond the border still sees the border
        part = picture[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
        rest_y, rest_x = -part.shape[0] % factor, -part.shape[1] % factor
        padded = cv2.copyMakeBorder(part, 0, rest_y, 0, rest_x, cv2.BORDER_REPLICATE)
        size = (padded.shape[1] // factor, padded.shape[0] // factor)
        return np.asarray(cv2.resize(padded, size, interpolation=cv2.INTER_AREA)), np.array([x0, y0], dtype=np.float64)
