"""Training crops and their landmarks stay together."""

from dataclasses import fields, replace

import cv2
import numpy as np
import pytest

from sfp_core.detect.crop import CropRegion, upright_turn_deg
from sfp_core.layout import WFLW_98
from training.augment import AugmentConfig, augmented_crops, flipped, plain_crops, recoloured
from training.detector_data import FaceSet

STILL = AugmentConfig(**{field.name: 0.0 for field in fields(AugmentConfig)})
MARKED = (3, 60, 72, 85)  # no two swap places when mirrored but 60 and 72
COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0))


@pytest.fixture(scope="module")
def dots() -> FaceSet:
    """Pictures with a dot of its own colour at four landmarks."""
    rng = np.random.default_rng(1)
    pictures, points = [], []
    for _ in range(12):
        picture = np.zeros((240, 240, 3), np.uint8)
        face = rng.uniform(70, 170, (98, 2))
        face[:2] = (70, 70), (170, 170)  # all faces have the same box
        face[list(MARKED)] = np.array([[85, 90], [150, 85], [90, 150], [155, 150]]) + rng.uniform(-5, 5, (4, 2))
        for index, colour in zip(MARKED, COLOURS, strict=True):
            x, y = np.round((face[index] - 0.5) * 16).astype(int).tolist()
            cv2.circle(picture, (x, y), 6 * 16, colour, -1, cv2.LINE_AA, 4)
        pictures.append(picture)
        points.append(face)
    return FaceSet(pictures, np.stack(points).astype(np.float32))


def _centroid(crop: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    like = (np.abs(crop.astype(int) - colour).sum(2) < 150).astype(float)
    rows, columns = np.nonzero(like)
    return np.array([columns.mean() + 0.5, rows.mean() + 0.5])


def test_without_chance_crops_are_the_plain_ones(dots: FaceSet) -> None:
    indices = np.arange(12)
    crops, points = augmented_crops(dots, indices, size_px=128, config=STILL, rng=np.random.default_rng(0))
    plain, plain_points = plain_crops(dots, indices, size_px=128)
    assert np.array_equal(crops, plain)
    assert np.array_equal(points, plain_points)


@pytest.mark.parametrize(
    "change",
    [{"shift": 0.15}, {"scale": 0.3}, {"turn_deg": 30.0, "turn": 1.0}, {"flip": 1.0}],
    ids=lambda change: next(iter(change)),
)
def test_landmarks_follow_what_they_mark(dots: FaceSet, change: dict[str, float]) -> None:
    crops, points = augmented_crops(
        dots, np.arange(12), size_px=128, config=replace(STILL, **change), rng=np.random.default_rng(3)
    )
    # A flipped landmark has taken the name of its mirror image.
    names = [WFLW_98.mirror[i] if "flip" in change else i for i in MARKED]
    for crop, face in zip(crops, points, strict=True):
        for index, colour in zip(names, COLOURS, strict=True):
            assert np.abs(_centroid(crop, colour) - face[index]).max() < 0.25  # half a pixel would be a convention
    assert np.abs(points - plain_crops(dots, np.arange(12), size_px=128)[1]).max() > 3


def test_flip_twice_is_identity(dots: FaceSet) -> None:
    crop, points = dots.pictures[0], dots.points[0]
    again = flipped(*flipped(crop, points))
    assert np.array_equal(again[0], crop)
    assert np.allclose(again[1], points, atol=1e-4)


def test_the_same_generator_gives_the_same_crops(dots: FaceSet) -> None:
    one, other, third = (
        augmented_crops(dots, np.arange(12), size_px=64, config=AugmentConfig(), rng=np.random.default_rng(seed))
        for seed in (5, 5, 6)
    )
    assert np.array_equal(one[0], other[0]) and np.array_equal(one[1], other[1])
    assert not np.array_equal(one[0], third[0])


def test_looks_change_without_moving_anything(dots: FaceSet) -> None:
    looks = replace(
        STILL, grey=0.5, blur=1.0, posterise=0.5, cover=0.5, cover_side=0.4, brightness=0.2, contrast=0.4, gain=0.2
    )
    looks = replace(looks, gamma=0.4, noise=0.05)
    crops, points = augmented_crops(dots, np.arange(12), size_px=64, config=looks, rng=np.random.default_rng(2))
    plain, plain_points = plain_crops(dots, np.arange(12), size_px=64)
    assert np.array_equal(points, plain_points)
    assert all(not np.array_equal(crop, other) for crop, other in zip(crops, plain, strict=True))


def test_grey_crops_have_no_colour_and_pictures_are_left_alone(dots: FaceSet) -> None:
    before = [picture.copy() for picture in dots.pictures]
    crops, _ = augmented_crops(
        dots, np.arange(12), size_px=64, config=replace(AugmentConfig(), grey=1.0), rng=np.random.default_rng(2)
    )
    noiseless = recoloured(
        plain_crops(dots, np.arange(12), size_px=64)[0], config=replace(STILL, grey=1.0), rng=np.random.default_rng(0)
    )
    assert np.ptp(noiseless, axis=3).max() == 0
    assert crops.dtype == np.uint8
    assert all(np.array_equal(a, b) for a, b in zip(before, dots.pictures, strict=True))


def test_brightness_is_added() -> None:
    grey = np.full((200, 4, 4, 3), 100, np.uint8)
    brighter = recoloured(grey, config=replace(STILL, brightness=0.2), rng=np.random.default_rng(0)).astype(int)
    change = brighter[:, 0, 0, 0] - 100
    assert -52 <= change.min() < -45 and 45 < change.max() <= 51  # 0.2 of 255


def test_upright_crops_begin_level_whatever_the_picture(dots: FaceSet) -> None:
    indices = np.arange(12)
    turned = [float(turn) for turn in np.linspace(-60, 60, 12)]
    pictures, points = [], []
    for index, turn in zip(indices, turned, strict=True):
        height, width = dots.pictures[index].shape[:2]
        region = CropRegion(width / 2, height / 2, float(max(height, width)), turn)
        pictures.append(region.cut(dots.pictures[index], 300))
        points.append(region.to_crop(dots.points[index], 300))
    tipped = FaceSet(pictures, np.stack(points).astype(np.float32))
    level_points = plain_crops(dots, indices, size_px=64, upright=True)[1]
    found_points = plain_crops(tipped, indices, size_px=64, upright=True)[1]
    assert np.abs(level_points - found_points).max() < 1e-3
    assert [abs(upright_turn_deg(face)) < 1e-3 for face in found_points] == [True] * 12
    jittered = augmented_crops(
        tipped, indices, size_px=64, config=replace(STILL, upright=True), rng=np.random.default_rng(0)
    )
    assert np.abs(jittered[1] - level_points).max() < 1e-3
