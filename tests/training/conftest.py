"""Drawn faces with exact landmarks, so that training can be tried without a data set."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from sfp_core.layout import WFLW_98


def drawn_face(rng: np.random.Generator, *, size: int = 96) -> tuple[np.ndarray, np.ndarray]:
    """A cartoon of flat colours (size, size, 3) uint8 and its 98 landmarks in pixels; every part moves by itself."""

    def arc(x: float, y: float, a: float, b: float, degrees: np.ndarray) -> np.ndarray:
        angle = np.radians(degrees)
        return np.stack([x + a * np.cos(angle), y + b * np.sin(angle)], 1)

    eye_gap, eye_width, eye_height = rng.uniform(0.17, 0.22), rng.uniform(0.08, 0.12), rng.uniform(0.03, 0.09)
    mouth_width, mouth_open = rng.uniform(0.1, 0.2), rng.uniform(0.02, 0.1)
    brow = rng.uniform(-0.3, -0.24)
    around = np.arange(8) * 45.0 + 180.0
    mouth_angles = np.arange(12) * 30.0 + 180.0
    along = np.linspace(-1, 1, 5)[:, None] * [0.09, 0]
    brow_edges = np.vstack([along, along[:0:-1] + np.array([0, 0.04])]) + np.array([0, brow])
    left_brow, right_brow = brow_edges - np.array([eye_gap, 0]), brow_edges + np.array([eye_gap, 0])
    points = np.vstack(
        [
            arc(0, 0, rng.uniform(0.38, 0.44), rng.uniform(0.4, 0.46), np.linspace(190, -10, 33)),
            left_brow,
            right_brow,
            np.stack([np.zeros(4), np.linspace(-0.1, 0.06, 4)], 1),
            np.stack([np.linspace(-0.06, 0.06, 5), np.full(5, 0.09)], 1),
            arc(-eye_gap, -0.12, eye_width, eye_height, around),
            arc(eye_gap, -0.12, eye_width, eye_height, around),
            arc(0, 0.24, mouth_width, mouth_open + 0.02, mouth_angles),
            arc(0, 0.24, mouth_width * 0.8, mouth_open, around),
            [[-eye_gap, -0.12], [eye_gap, -0.12]],
        ]
    )
    turn = np.radians(rng.uniform(-12, 12))
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    points = (points * rng.uniform(0.85, 1.05)) @ rotation.T * size + size / 2 + rng.uniform(-4, 4, 2)

    picture = np.full((size, size, 3), rng.integers(0, 256, 3), np.uint8)
    skin = tuple(int(v) for v in rng.integers(120, 230, 3))

    def fill(name: str, colour: tuple[int, ...]) -> None:
        outline = np.round((points[list(WFLW_98.groups[name])] - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(picture, [outline], colour, cv2.LINE_AA, 4)

    fill("contour", skin)
    for brow_name in ("left_brow", "right_brow"):
        fill(brow_name, (60, 30, 20))
    for eye_name in ("left_eye", "right_eye"):
        fill(eye_name, (255, 255, 255))
    fill("outer_lip", (200, 40, 60))
    fill("inner_lip", (40, 0, 10))
    for group, colour in (("nose_bridge", (90, 60, 50)), ("nose_base", (90, 60, 50))):
        line = np.round((points[list(WFLW_98.groups[group])] - 0.5) * 16).astype(np.int32)
        cv2.polylines(picture, [line], False, colour, 1, cv2.LINE_AA, 4)
    for index in (96, 97):
        x, y = np.round((points[index] - 0.5) * 16).astype(int).tolist()
        cv2.circle(picture, (x, y), int(0.02 * size * 16), (0, 0, 0), -1, cv2.LINE_AA, 4)
    return picture, points


@pytest.fixture(scope="session")
def drawn_data(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """A data set of so many drawn faces as training reads it; validation is on the same faces."""
    made: dict[int, Path] = {}

    def make(count: int) -> Path:
        if count not in made:
            folder = tmp_path_factory.mktemp("drawn")
            (folder / "images").mkdir()
            rng = np.random.default_rng(11)
            lines = []
            for number in range(count):
                picture, points = drawn_face(rng)
                cv2.imwrite(str(folder / "images" / f"{number}.png"), picture[..., ::-1])
                box = np.concatenate([points.min(0), points.max(0)])
                numbers = " ".join(f"{value:.4f}" for value in np.concatenate([points.ravel(), box]))
                lines.append(f"{numbers} 0 0 0 0 0 0 {number}.png\n")
            for split in ("train", "val"):
                (folder / f"{split}.txt").write_text("".join(lines), encoding="utf-8")
            made[count] = folder
        return made[count]

    return make
