"""Landmarks drawn on pictures."""

import numpy as np
import pytest

from sfp_core.detect.draw import draw_landmarks
from sfp_core.landmarks import Landmarks
from sfp_core.layout import IBUG_68, WFLW_98, Layout


def _spread(layout: Layout, size: int) -> np.ndarray:
    """Landmarks apart from each other."""
    side = int(np.ceil(np.sqrt(layout.count)))
    place = np.stack(np.divmod(np.arange(layout.count), side), 1)[:, ::-1] + 0.5
    return place * (size / side)


@pytest.mark.parametrize("layout", [WFLW_98, IBUG_68], ids=lambda layout: layout.name)
def test_every_point_is_marked_and_the_picture_is_left_alone(layout: Layout) -> None:
    picture = np.zeros((300, 300, 3), np.uint8)
    points = _spread(layout, 300)
    drawn = draw_landmarks(picture, [Landmarks(points, layout)])
    assert not picture.any()
    rows, columns = points[:, 1].astype(int), points[:, 0].astype(int)
    assert (drawn[rows, columns].max(1) > 100).all()


def test_a_point_is_drawn_in_the_pixel_that_covers_it() -> None:
    points = np.full((98, 2), 150.5)  # the middle of pixel 150
    points[0] = (0.0, 150.5)  # something to give the face a size
    drawn = draw_landmarks(np.zeros((300, 300, 3), np.uint8), [Landmarks(points, WFLW_98)]).astype(int).sum(2)
    dot = drawn[:, 140:].astype(float)
    rows = np.arange(300) + 0.5
    # OpenCV rounds the ends of the line to 1/16 px; the wrong convention would be off by 0.5.
    assert abs((dot.sum(1) @ rows) / dot.sum() - 150.5) < 0.1


def test_eyes_have_their_own_colours_and_lines_close() -> None:
    points = np.zeros((98, 2))
    angle = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    points[60:68] = 100 + 60 * np.stack([np.cos(angle), np.sin(angle)], 1)
    drawn = draw_landmarks(np.zeros((200, 200, 3), np.uint8), [Landmarks(points, WFLW_98)])
    between = (points[67] + points[60]) / 2  # only a closed line passes here
    red, green, blue = drawn[int(between[1]) - 1 : int(between[1]) + 2, int(between[0]) - 1 : int(between[0]) + 2].max(
        (0, 1)
    )
    assert blue > green > red


def test_points_outside_and_no_faces_are_fine() -> None:
    picture = np.full((20, 30, 3), 9, np.uint8)
    assert np.array_equal(draw_landmarks(picture, []), picture)
    far = Landmarks(np.random.default_rng(0).uniform(-5000, 5000, (98, 2)), WFLW_98)
    assert draw_landmarks(picture, [far], numbers=True).shape == picture.shape
