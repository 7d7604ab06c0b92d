"""From a box to a crop and back."""

import numpy as np
import pytest

from sfp_core.detect.crop import MARGIN, CropRegion, checked_box, checked_picture, tight_box
from sfp_core.errors import SfpError


def _blob(x: float, y: float, *, width: int, height: int, sigma: float) -> np.ndarray:
    """A picture with a Gaussian spot whose centre is (x, y) when pixel 0 covers [0, 1)."""
    columns, rows = np.arange(width) + 0.5, np.arange(height) + 0.5
    spot = np.exp(-((columns[None] - x) ** 2 + (rows[:, None] - y) ** 2) / (2 * sigma**2))
    return np.repeat((spot * 255).round().astype(np.uint8)[..., None], 3, 2)


def _centroid(crop: np.ndarray) -> np.ndarray:
    mass = crop[..., 0].astype(float)
    centres = np.arange(len(crop)) + 0.5
    return np.array([(mass.sum(0) @ centres), (mass.sum(1) @ centres)]) / mass.sum()


@pytest.mark.parametrize("turn_deg", [0.0, 25.0, -90.0])
@pytest.mark.parametrize("scale", [0.4, 1.0, 1.7, 2.0, 3.6, 7.3])
def test_what_is_seen_at_a_point_lies_where_the_point_is_moved_to(scale: float, turn_deg: float) -> None:
    region = CropRegion(301.3, 279.6, 64 * scale, turn_deg)
    x, y = region.to_image(np.array([37.2, 26.9]), 64)
    picture = _blob(x, y, width=620, height=580, sigma=3.0 * scale)
    found = _centroid(region.cut(picture, 64))
    # Half a pixel of the picture would be 0.07 at the largest scale and 1.2 at the smallest.
    assert np.abs(found - [37.2, 26.9]).max() < 0.03


def test_points_come_back() -> None:
    region = CropRegion(-3.0, 80.0, 55.0, 33.0)
    points = np.random.default_rng(0).uniform(-100, 200, (5, 98, 2))
    assert np.allclose(region.to_image(region.to_crop(points, 128), 128), points, atol=1e-9)


def test_the_crop_of_a_box_is_the_square_of_its_longer_side_times_the_margin() -> None:
    region = CropRegion.of_box((10, 20, 50, 100))
    assert region == CropRegion(30, 60, 80 * MARGIN)
    assert np.allclose(region.to_crop(np.array([[30, 60], [30 - 50, 60 - 50]]), 128), [[64, 64], [0, 0]])


def test_a_crop_at_the_scale_of_the_picture_is_a_part_of_it() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    assert np.array_equal(CropRegion(20, 16, 16).cut(picture, 16), picture[8:24, 12:28])


@pytest.mark.parametrize("side", [32.0, 100.0], ids=["plain", "averaged"])
def test_outside_the_picture_the_border_repeats(side: float) -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, :32] = (200, 100, 50)
    crop = CropRegion(-side, 30.0, side).cut(picture, 32)  # wholly to the left
    assert (crop == (200, 100, 50)).all()


def test_a_fine_chessboard_is_averaged_not_sampled() -> None:
    picture = np.zeros((512, 512, 3), np.uint8)
    picture[::2, ::2] = picture[1::2, 1::2] = 255
    crop = CropRegion(255.3, 256.1, 330.0).cut(picture, 64).astype(int)
    assert np.abs(crop - 127).max() <= 6  # of 5 x 5 pixels 13 are of one colour: 127.5 +- 5.1


def test_a_picture_is_left_as_it_was() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    before = picture.copy()
    CropRegion(20, 16, 150, 10).cut(picture, 16)
    assert np.array_equal(picture, before)


def test_a_box_that_overhangs_is_used() -> None:
    assert checked_box([-20, -5, 30, 400], width=64, height=64) == (-20, -5, 30, 400)


@pytest.mark.parametrize(
    ("box", "told"),
    [
        ((64, 0, 90, 20), "wholly outside the picture of 64 x 48 px"),
        ((-30, 0, 0, 20), "wholly outside"),
        ((0, 48, 9, 60), "wholly outside"),
        ((5, 5, 5.5, 30), "less than a pixel"),
        ((30, 5, 10, 30), "less than a pixel"),
        ((0, 0, np.nan, 4), "four finite numbers"),
        ((0, 0, 4), "four finite numbers"),
        ("abcd", "four numbers"),
        ([[0, 1], [2]], "four numbers"),
    ],
)
def test_boxes_that_cannot_be_used_are_told(box: object, told: str) -> None:
    with pytest.raises(SfpError, match=f"entry: .*{told}"):
        checked_box(box, width=64, height=48, where="entry")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "picture",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)],
    ids=["grey", "alpha", "float", "empty"],
)
def test_arrays_that_are_no_rgb_pictures_are_told(picture: np.ndarray) -> None:
    with pytest.raises(SfpError, match="expected an RGB picture"):
        checked_picture(picture)


def test_the_tight_box_holds_all_points_and_touches_four() -> None:
    points = np.random.default_rng(2).uniform(-9, 9, (98, 2))
    x0, y0, x1, y1 = tight_box(points)
    assert (x0, x1, y0, y1) == (points[:, 0].min(), points[:, 0].max(), points[:, 1].min(), points[:, 1].max())
