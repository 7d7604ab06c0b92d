"""What is measured on a face and carried to another one, and how each of it moves the landmarks.

A measure is a weighted sum of landmark coordinates, so that a face can be given any values of all measures at once by
one linear solve: each measure has a field, the smooth motion of its part that changes it by about 1, and the fields'
weights follow from the values that are wanted. Left and right are the image's. Canonical space, y down.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from sfp_core.layout import WFLW_98
from sfp_core.retarget.strength import StrengthPart

Span = Literal["lip_gap", "width", "shift", "corner", "jaw", "lid", "brow_inner", "brow_outer", "gaze_x", "gaze_y"]
Weights = dict[tuple[int, int], float]  # (landmark, 0 for x or 1 for y): weight

X, Y = 0, 1
LIP_PAIRS = ((89, 95), (90, 94), (91, 93))  # upper and lower inner lip
LID_PAIRS = ((61, 67), (62, 66), (63, 65)), ((69, 75), (70, 74), (71, 73))  # upper and lower lid, image left and right
_LIPS_BESIDE = (((77, 78), (86, 87)), ((79,), (85,)), ((80, 81), (83, 84)))  # outer lips that go with each pair
_UPPER_LIP, _UPPER_LID = 0.25, 0.8  # share of an opening that the upper edge makes
# Places along the mouth's width, -0.5 left corner to 0.5 right corner, of 76 to 95: WFLW's mean face.
# fmt: off
_ALONG = (-0.50, -0.33, -0.15, 0.0, 0.15, 0.33, 0.50, 0.33, 0.15, 0.0, -0.15, -0.33,
          -0.46, -0.25, 0.0, 0.25, 0.46, 0.25, 0.0, -0.25)
# fmt: on
_CORNER_PULL = {76: 1.0, 88: 0.9, 77: 0.55, 87: 0.55, 89: 0.3, 95: 0.3, 78: 0.15, 86: 0.15}  # by the left corner
_BROW_INNER = {33: 0.0, 34: 0.25, 35: 0.5, 36: 0.75, 37: 1.0, 38: 1.0, 39: 0.75, 40: 0.5, 41: 0.25}  # share
_JAW_WIDTH = 6.0  # contour landmarks beside the chin that go with it
_CHIN = (15, 16, 17)


@dataclass(frozen=True)
class Measure:
    """One number of a face.

    Attributes
    ----------
    span : Span
        What its range is stated for; measures of a span share it.
    part : StrengthPart
        What it is turned up and down with.
    weights : mapping
        The measure is the sum of weight x coordinate.
    field : mapping
        How coordinates move where it grows.
    gap : bool
        Whether it is the distance of two edges that can meet.
    """

    name: str
    span: Span
    part: StrengthPart
    weights: Weights
    field: Weights
    gap: bool = False


def _mirrored(weights: Weights, *, sign: float = 1.0) -> Weights:
    """The same on the other side: x turns round; `sign` -1 for a measure that turns round with it."""
    return {(WFLW_98.mirror[i], axis): w * sign * (-1.0 if axis == X else 1.0) for (i, axis), w in weights.items()}


def _lips() -> list[Measure]:
    measures = []
    for name, (upper, lower), (above, below) in zip(("left", "middle", "right"), LIP_PAIRS, _LIPS_BESIDE, strict=True):
        field = {(i, Y): -_UPPER_LIP for i in (upper, *above)} | {(i, Y): 1 - _UPPER_LIP for i in (lower, *below)}
        measures.append(Measure(f"lip_gap_{name}", "lip_gap", "jaw", {(lower, Y): 1.0, (upper, Y): -1.0}, field, True))
    along = {(76 + place, X): share for place, share in enumerate(_ALONG)}
    shifted = {(76 + place, X): 1.0 for place in range(len(_ALONG))}
    measures.append(Measure("mouth_width", "width", "lips", {(82, X): 1.0, (76, X): -1.0}, along))
    measures.append(Measure("mouth_shift", "shift", "lips", {(76, X): 0.5, (82, X): 0.5}, shifted))
    raised: Weights = {(76, Y): -1.0}
    pull = {(i, Y): -share for i, share in _CORNER_PULL.items()}
    measures.append(Measure("corner_left", "corner", "corners", raised, pull))
    measures.append(Measure("corner_right", "corner", "corners", _mirrored(raised), _mirrored(pull)))
    chin = {(i, Y): 1 / len(_CHIN) for i in _CHIN}
    hanging = {(i, Y): float(np.exp(-(((i - 16) / _JAW_WIDTH) ** 2))) for i in range(33)}
    measures.append(Measure("jaw", "jaw", "jaw", chin, hanging))
    return measures


def _eyes() -> list[Measure]:
    measures = []
    for side, pairs in zip(("left", "right"), LID_PAIRS, strict=True):
        for number, (upper, lower) in enumerate(pairs):
            weights: Weights = {(lower, Y): 1.0, (upper, Y): -1.0}
            field: Weights = {(lower, Y): 1 - _UPPER_LID, (upper, Y): -_UPPER_LID}
            measures.append(Measure(f"lid_{side}_{number}", "lid", "lids", weights, field, True))
    inner: Weights = {(i, Y): -0.25 for i in (36, 37, 38, 39)}  # up is above 0
    outer: Weights = {(i, Y): -0.25 for i in (33, 34, 40, 41)}
    inward = {(i, Y): -share for i, share in _BROW_INNER.items() if share}
    outward = {(i, Y): share - 1 for i, share in _BROW_INNER.items() if share < 1}
    for side in ("left", "right"):
        turn = _mirrored if side == "right" else dict
        measures.append(Measure(f"brow_inner_{side}", "brow_inner", "brows", turn(inner), turn(inward)))
        measures.append(Measure(f"brow_outer_{side}", "brow_outer", "brows", turn(outer), turn(outward)))
    for side, pupil, corners in (("left", 96, (60, 64)), ("right", 97, (68, 72))):
        for axis, letter in ((X, "x"), (Y, "y")):
            weights = {(pupil, axis): 1.0} | {(corner, axis): -0.5 for corner in corners}
            span: Span = "gaze_x" if axis == X else "gaze_y"
            measures.append(Measure(f"gaze_{side}_{letter}", span, "gaze", weights, {(pupil, axis): 1.0}))
    return measures


@cache
def measures() -> tuple[Measure, ...]:
    """All of them, Q."""
    return (*_lips(), *_eyes())


@cache
def _matrices() -> tuple[np.ndarray, np.ndarray]:
    """Weights (Q, 196), and fields (Q, 196) so combined that field q changes measure q by 1 and no other."""
    weights = _as_rows([one.weights for one in measures()])
    fields = _as_rows([one.field for one in measures()])
    fields = np.linalg.solve((weights @ fields.T).T, fields)
    for matrix in (weights, fields):
        matrix.setflags(write=False)
    return weights, fields


def _as_rows(table: list[Weights]) -> np.ndarray:
    """(n, 196) rows of sparse weights."""
    rows = np.zeros((len(table), 98, 2))
    for row, weights in zip(rows, table, strict=True):
        for (landmark, axis), weight in weights.items():
            row[landmark, axis] = weight
    return rows.reshape(len(table), -1)


def measured(points: np.ndarray) -> np.ndarray:
    """(..., Q): every measure of landmarks (..., 98, 2), canonical space."""
    return np.asarray(points.reshape(*points.shape[:-2], -1) @ _matrices()[0].T)


def given(points: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Landmarks (..., 98, 2) moved by the fields until they measure `values` (..., Q)."""
    change = (values - measured(points)) @ _matrices()[1]
    return np.asarray(points + change.reshape(points.shape))


def places(*, span: Span | None = None, part: StrengthPart | None = None, name: str = "") -> np.ndarray:
    """Which measures belong to a span or a part, or begin with a name; (n,) int64."""
    chosen = [
        index
        for index, one in enumerate(measures())
        if span in (None, one.span) and part in (None, one.part) and one.name.startswith(name)
    ]
    return np.array(chosen, dtype=np.int64)
