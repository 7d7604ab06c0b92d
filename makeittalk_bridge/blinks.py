"""Blinks: when, and how far the lids are shut; MakeItTalk's networks know of none.

Shapes: T frames at 62.5 a second; lids are landmarks of the 68.
"""

import numpy as np

UPPER_LIDS, LOWER_LIDS = (37, 38, 43, 44), (41, 40, 47, 46)  # those that meet
_FIRST = 30  # frame of the first blink
_EVERY = (90, 150)  # frames to the next one
_CLOSING, _OPENING = 10, 15  # frames
_MEET = 0.75  # of the way from the upper to the lower lid


def blink_frames(frames: int, rng: np.random.Generator) -> list[int]:
    """The frames at which the lids are shut, only blinks that end within the clip; 90 to 150 frames apart."""
    found: list[int] = []
    frame = _FIRST
    while frame + _OPENING < frames:
        found.append(frame)
        frame += int(rng.integers(*_EVERY))
    return found


def closure(frames: int, shut: list[int]) -> np.ndarray:
    """How far the lids are shut in each frame, (T,) float64 in [0, 1]."""
    closing = 1 - np.arange(_CLOSING - 1, 0, -1) / _CLOSING
    opening = (_OPENING - 1 - np.arange(1, _OPENING)) / _OPENING
    shape = np.concatenate([closing, [1.0], opening])
    closed = np.zeros(frames)
    for frame in shut:
        closed[frame - _CLOSING + 1 : frame + _OPENING] = shape
    return closed


def with_lids(points: np.ndarray, closed: np.ndarray) -> np.ndarray:
    """The face with its lids shut as far as told; each pair meets three quarters of the way down.

    Parameters
    ----------
    points : (T, 68, C) float64
    closed : (T,) float64
        0 leaves a frame as it is.
    """
    moved = points.copy()
    upper, lower = points[:, UPPER_LIDS], points[:, LOWER_LIDS]
    meeting = (1 - _MEET) * upper + _MEET * lower
    share = closed[:, None, None]
    moved[:, UPPER_LIDS] = (1 - share) * upper + share * meeting
    moved[:, LOWER_LIDS] = (1 - share) * lower + share * meeting
    return moved
