"""What MakeItTalk does to its networks' answers, each step with the original's value as default.

Shapes: T frames at 62.5 a second, 68 landmarks as (x, y, z) in the template's space: y down, jaw ends 1.6 apart.
"""

from dataclasses import dataclass, fields

import numpy as np
from scipy.signal import savgol_filter

from makeittalk_bridge.blinks import LOWER_LIDS, UPPER_LIDS, with_lids
from sfp_core.errors import SfpError

_MOUTH = slice(48, 68)
_SMOOTH_ORDER = 3
# Landmarks of the upper lip and those below them, from the viewer's left to right.
_UPPER_OUTER, _LOWER_OUTER = (49, 50, 51, 52, 53), (59, 58, 57, 56, 55)
_UPPER_INNER, _LOWER_INNER = (61, 62, 63), (67, 66, 65)
_INNER = slice(60, 68)
# The ten outer landmarks, and for each the inner one that it follows when lips are untangled: the original's pairs.
_OUTER = (*_UPPER_OUTER, 55, 56, 57, 58, 59)
_FOLLOWED = (60, 61, 62, 63, 64, 64, 65, 66, 67, 60)


@dataclass(frozen=True)
class PostProcessing:
    """The steps' options; the values are those of the original.

    Attributes
    ----------
    amp_lip_x, amp_lip_y : float
        How much the content branch moves the mouth, against what it says.
    amp_pos : float
        How much the speaker-aware branch moves head and face, against what it says.
    pose_window : int
        Frames of the Savitzky-Golay filter on the speaker-aware branch; 1 for none. Odd, as all windows.
    close_pose_mouth : float
        How far the lips are shut in what the speaker-aware branch says, so that only the content branch opens them.
    rest_share : float
        The mean of so many of a coordinate's lowest values is where the content branch is at rest; 0 leaves it as is.
    untangle_lips : bool
        Put right a frame in which the inner lips pass through each other.
    straighten_nose : bool
        Put landmark 27 in line with 28 and 29.
    track_window : int
        Frames of the filter on the whole face.
    narrow_eyes : float
        Lids move towards each other by this share of the distance.
    blinks : bool
        Shut the eyes now and then.
    face_window, mouth_window : int
        Frames of the last filter, on landmarks 0 to 47 and on the mouth.
    """

    amp_lip_x: float = 2.0
    amp_lip_y: float = 2.0
    amp_pos: float = 0.5
    pose_window: int = 31
    close_pose_mouth: float = 0.99
    rest_share: float = 0.5
    untangle_lips: bool = True
    straighten_nose: bool = True
    track_window: int = 5
    narrow_eyes: float = 0.05
    blinks: bool = True
    face_window: int = 15
    mouth_window: int = 5

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self) if field.type is float):
            if not np.isfinite(getattr(self, name)):
                raise SfpError(f"post-processing: {name} is {getattr(self, name)}; expected a finite number")
        for name in ("close_pose_mouth", "rest_share", "narrow_eyes"):
            if not 0 <= getattr(self, name) <= 1:
                raise SfpError(f"post-processing: {name} is {getattr(self, name)}; expected 0 to 1")
        for name in ("pose_window", "track_window", "face_window", "mouth_window"):
            if getattr(self, name) < 1 or getattr(self, name) % 2 == 0:
                raise SfpError(f"post-processing: {name} is {getattr(self, name)}; expected an odd number from 1")


# What the original does with drawn faces.
FOR_CARTOONS = PostProcessing(narrow_eyes=0.0, blinks=False, face_window=17, mouth_window=11)


def composed(content: np.ndarray, pose: np.ndarray, template: np.ndarray, *, options: PostProcessing) -> np.ndarray:
    """The face from what both branches say of one stretch of sound.

    Parameters
    ----------
    content, pose : (T, 68, 3) float64
        How far the content and the speaker-aware branch move each landmark.
    template : (68, 3) float64

    Returns
    -------
    (T, 68, 3) float64
    """
    moved = with_shut_mouth(smoothed(pose, options.pose_window), options.close_pose_mouth) * options.amp_pos
    lips = rested(content, options.rest_share)
    lips[:, _MOUTH] *= [options.amp_lip_x, options.amp_lip_y, 1.0]
    points = template + moved + lips
    return untangled(points) if options.untangle_lips else points


def finished(points: np.ndarray, closed: np.ndarray, *, options: PostProcessing) -> np.ndarray:
    """The whole clip, smoothed and with its lids.

    Parameters
    ----------
    points : (T, 68, 3) float64
        Of `composed`.
    closed : (T,) float64
        How far the lids are shut, in [0, 1].
    """
    points = points.copy()
    if options.straighten_nose:
        points[:, 27] = 2 * points[:, 28] - points[:, 29]
    points = smoothed(points, options.track_window)
    points = with_lids(narrowed(points, options.narrow_eyes), closed)
    face = smoothed(points[:, : _MOUTH.start], options.face_window)
    return np.concatenate([face, smoothed(points[:, _MOUTH], options.mouth_window)], axis=1)


def smoothed(values: np.ndarray, window: int) -> np.ndarray:
    """Savitzky-Golay of order 3 over the first axis; a clip shorter than the window gets the longest odd one."""
    window = min(window, (len(values) - 1) // 2 * 2 + 1)
    if window <= _SMOOTH_ORDER:  # a polynomial of this order goes through every value
        return values.copy()
    return np.asarray(savgol_filter(values, window, _SMOOTH_ORDER, axis=0))


def with_shut_mouth(moved: np.ndarray, ratio: float) -> np.ndarray:
    """Upper and lower lip move together by `ratio`; (T, 68, C) both."""
    shut = moved.copy()
    for upper, lower in ((_UPPER_OUTER, _LOWER_OUTER), (_UPPER_INNER, _LOWER_INNER)):
        middle = (moved[:, upper] + moved[:, lower]) / 2
        shut[:, upper] = ratio * middle + (1 - ratio) * moved[:, upper]
        shut[:, lower] = ratio * middle + (1 - ratio) * moved[:, lower]
    return shut


def rested(moved: np.ndarray, share: float) -> np.ndarray:
    """Less each coordinate's mean over its lowest values; (T, 68, C) both.

    `share` of the frames count as lowest, at least one frame.
    """
    if share == 0:
        return moved.copy()
    count = max(1, int(len(moved) * share))
    lowest = np.partition(moved, count - 1, axis=0)[:count]
    return np.asarray(moved - lowest.mean(axis=0))


def inner_lip_area(points: np.ndarray) -> np.ndarray:
    """Signed area within the inner lips, (T,): below 0 where the upper one is under the lower one."""
    x, y = points[:, _INNER, 0], points[:, _INNER, 1]
    return np.asarray((x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1) / 2)


def untangled(points: np.ndarray) -> np.ndarray:
    """With inner lips that touch where they had passed through each other; (T, 68, 3) both.

    There the outer lips keep the height over the inner ones that they had in the frame before, put right already; so
    such frames are put right in order.
    """
    points = points.copy()
    for frame in np.flatnonzero(inner_lip_area(points) < 0).tolist():
        middle = (points[frame, _UPPER_INNER] + points[frame, _LOWER_INNER]) / 2
        points[frame, _UPPER_INNER] = points[frame, _LOWER_INNER] = middle
        before = points[max(frame - 1, 0)]
        points[frame, _OUTER, 1] = points[frame, _FOLLOWED, 1] + before[_OUTER, 1] - before[_FOLLOWED, 1]
    return points


def narrowed(points: np.ndarray, share: float) -> np.ndarray:
    """With lids nearer to each other; (T, 68, C) both."""
    narrow = points.copy()
    upper, lower = points[:, UPPER_LIDS], points[:, LOWER_LIDS]
    narrow[:, UPPER_LIDS] = (1 - share) * upper + share * lower
    narrow[:, LOWER_LIDS] = (1 - share) * lower + share * upper
    return narrow
