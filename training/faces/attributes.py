"""WFLW's six attributes and the openings of eyes and mouth, each by a rule.

The rules:
pose: yaw beyond 30, pitch beyond 20 or roll beyond 25 degrees.
expression: labelled as one of the six feelings, or the mouth is open by more than half the distance of the outer eye
corners.
illumination: the preset is low or back light, or the face in the picture is darker than 50 or brighter than 215 of
255, or its halves differ by more than 70.
make-up: the character has lined eyes or painted lips.
occlusion: at least 5 of the 98 landmarks lie behind something that is no part of the face.
blur: the standard deviation of the whole blur is above 1.2 % of the box's longer side.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sfp_core.detect.crop import Box
from sfp_core.layout import WFLW_98

FLAGS = ("pose", "expression", "illumination", "make_up", "occlusion", "blur")

_POSE_DEG = {"yaw": 30.0, "pitch": 20.0, "roll": 25.0}
_WIDE_MOUTH = 0.5
_DARK_PRESETS = ("low", "back")
_DARK, _BRIGHT, _UNEVEN = 50.0, 215.0, 70.0
_COVERED_POINTS = 5
_BLUR_SHARE = 0.012
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601
# Corners and pairs of opposite lid points of each eye; the middle of the inner lips.
_EYES: Mapping[str, tuple[tuple[int, int], tuple[tuple[int, int], ...]]] = {
    "eye_left": ((60, 64), ((61, 67), (62, 66), (63, 65))),
    "eye_right": ((68, 72), ((69, 75), (70, 74), (71, 73))),
}
_LIPS = (90, 94)


def openings(points: np.ndarray) -> dict[str, float]:
    """`eye_left`, `eye_right` (the image's): mean lid distance over the eye's width; `mouth`: over the eye corners'.

    Parameters
    ----------
    points : (98, 3) float
        Landmarks in space, so that no view changes the result.
    """

    def apart(one: int, other: int) -> float:
        return float(np.linalg.norm(points[one] - points[other]))

    result = {}
    for name, (corners, lids) in _EYES.items():
        result[name] = float(np.mean([apart(*pair) for pair in lids])) / max(apart(*corners), 1e-9)
    result["mouth"] = apart(*_LIPS) / max(apart(WFLW_98.outer_eye_left, WFLW_98.outer_eye_right), 1e-9)
    return result


@dataclass(frozen=True)
class FaceFacts:
    """What the rules look at.

    Attributes
    ----------
    head_deg : pitch, yaw, roll
    expression : one of FLSC's seven
    mouth : as `openings` gives it
    preset : name of the lighting
    make_up : as the `Subject` says
    covered : landmarks behind something that is no part of the face
    blur_px : standard deviation
    box : tight box of the landmarks, pixels
    """

    head_deg: tuple[float, float, float]
    expression: str
    mouth: float
    preset: str
    make_up: bool
    covered: int
    blur_px: float
    box: Box


def flags_of(facts: FaceFacts, picture: np.ndarray) -> tuple[int, ...]:
    """The six flags, 0 or 1, in the order of `FLAGS`; the picture is (H, W, 3) uint8."""
    pitch, yaw, roll = (abs(angle) for angle in facts.head_deg)
    pose = yaw > _POSE_DEG["yaw"] or pitch > _POSE_DEG["pitch"] or roll > _POSE_DEG["roll"]
    longer = max(facts.box[2] - facts.box[0], facts.box[3] - facts.box[1])
    flags = (
        pose,
        facts.expression != "neutral" or facts.mouth > _WIDE_MOUTH,
        facts.preset in _DARK_PRESETS or _badly_lit(picture, facts.box),
        facts.make_up,
        facts.covered >= _COVERED_POINTS,
        facts.blur_px > _BLUR_SHARE * longer,
    )
    return tuple(int(flag) for flag in flags)


def _badly_lit(picture: np.ndarray, box: Box) -> bool:
    height, width = picture.shape[:2]
    left, right = np.clip(np.floor([box[0], box[2]]).astype(int), 0, width)
    top, bottom = np.clip(np.floor([box[1], box[3]]).astype(int), 0, height)
    middle = picture[top:bottom:2, left:right:2]  # every second pixel is enough for a mean
    if middle.size == 0 or middle.shape[1] < 2:
        return False
    columns = (middle @ _LUMA).mean(axis=0)
    half = len(columns) // 2
    uneven = abs(float(columns[:half].mean() - columns[half:].mean()))
    return not _DARK <= float(columns.mean()) <= _BRIGHT or uneven > _UNEVEN
