"""Articulators, lids, brows and gaze as displaced landmarks of one face.

Explicit geometry on the WFLW layout: every amplitude is a share of the face's own reach, and a face at rest is its
neutral landmarks to the last bit. The inner lips are placed first; the outer lips ride on them at the lips' thickness.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.face import LOWER_LIDS, UPPER_LIDS, Face, Reach
from sfp_core.layout import WFLW_98
from sfp_core.speech.visemes import JAW, LOWER_LIP, PROTRUDE, SPREAD, UPPER_LIP

_OUTER_LEFT, _OUTER_RIGHT = 76, 82
_INNER_UPPER = np.array([88, 89, 90, 91, 92])
_INNER_LOWER = np.array([88, 95, 94, 93, 92])
_OUTER_UPPER = np.array([76, 77, 78, 79, 80, 81, 82])
_OUTER_LOWER = np.array([87, 86, 85, 84, 83])
_LIPS = WFLW_98.group("mouth")
_CHIN = 16
_JAWLINE = np.arange(7, 26)
_EYE_CORNERS = ((60, 64), (68, 72))
_PUPILS = np.array([96, 97])
_BROWS = np.concatenate([WFLW_98.group("left_brow"), WFLW_98.group("right_brow")])
_BROW_TIPS = np.array([33, 46])

# How the whole reach of opening is shared between what the jaw and the lips do.
JAW_OPENS, LIP_OPENS = 0.76, 0.12
_UPPER_RISES = 0.05  # the upper lip's share of what the jaw opens
_CORNER_FOLLOWS = 0.2  # share of the jaw's drop that the corners take
_CHIN_FOLLOWS = 0.85
_OPEN_NARROWS = 0.2  # share of the reach of narrowing that a wide-open jaw takes
SPREAD_NARROWS, PROTRUDE_NARROWS = 0.65, 0.5
_NARROW_THICKENS, _WIDE_THINS, _SEAL_THINS, _TUCK_THINS = 0.4, -0.12, 0.22, 0.4
_SEAL_MEETS = 0.42  # where between upper and lower lip they meet; the lower comes further
_TUCK_GAP = 0.08  # share of the reach left between upper lip and lower lip on f and v
_LIDS_MEET = 0.92  # where between upper and lower lid they meet; the lower rises a little


@dataclass(frozen=True)
class Expression:
    """All that moves, over T times.

    Attributes
    ----------
    articulators : (T, 6) float64
        Columns are `visemes.ARTICULATORS`.
    seal, tuck : (T,) float64
        In [0, 1]; at 1 the inner lips coincide, or the lower lip is at the upper teeth.
    lids : (T,) float64
        In [0, 1]; at 1 the eyes are shut.
    brows : (T,) float64
        In [0, 1], a share of the brows' upward reach.
    gaze : (T, 2) float64
        Movement of the pupils as a share of the eyes' width, x to the viewer's right, y down.
    """

    articulators: np.ndarray
    seal: np.ndarray
    tuck: np.ndarray
    lids: np.ndarray
    brows: np.ndarray
    gaze: np.ndarray


@dataclass(frozen=True)
class Poser:
    """Moves the landmarks of one face."""

    face: Face

    def __post_init__(self) -> None:
        if self.face.layout is not WFLW_98:
            raise SfpError(f"speech moves wflw98 landmarks; the face has layout {self.face.layout.name}")
        if not self._width > 0:
            raise SfpError("face: the mouth corners (76, 82) coincide or are swapped; expected a mouth with a width")

    def pose(self, expression: Expression) -> np.ndarray:
        """Landmarks (T, 98, 2) float64 in canonical space."""
        points = np.tile(self.face.neutral, (len(expression.seal), 1, 1))
        points += self._carried(expression.articulators)
        self._move_lips(points, expression)
        self._move_eyes(points, expression)
        lift = np.where(np.isin(_BROWS, _BROW_TIPS), 0.6, 1.0) * self.face.reach["brow_up"]
        points[:, _BROWS, 1] -= expression.brows[:, None] * lift
        return points

    @cached_property
    def _width(self) -> float:
        return float(self.face.neutral[_OUTER_RIGHT, 0] - self.face.neutral[_OUTER_LEFT, 0])

    @cached_property
    def _centre(self) -> float:
        return float(self.face.neutral[[_OUTER_LEFT, _OUTER_RIGHT], 0].mean())

    def _carried(self, articulators: np.ndarray) -> np.ndarray:
        """What jaw and lip width do to all landmarks, (T, 98, 2): shares of the face's own motions."""
        opened = JAW_OPENS * articulators[:, JAW]
        wide = np.maximum(articulators[:, SPREAD], 0)
        narrow = np.clip(
            SPREAD_NARROWS * np.maximum(-articulators[:, SPREAD], 0) + PROTRUDE_NARROWS * articulators[:, PROTRUDE],
            0.0,
            1.0 - _OPEN_NARROWS * opened,
        )
        shares: tuple[tuple[Reach, np.ndarray], ...] = (
            ("mouth_open", opened),
            ("mouth_wide", wide),
            ("mouth_narrow", narrow),
        )
        return np.asarray(sum(share[:, None, None] * self._motions[name] for name, share in shares))

    @cached_property
    def _motions(self) -> dict[Reach, np.ndarray]:
        """How all landmarks move with each quantity at its reach: as measured on this face, or as faces mostly do."""
        usual = {
            "mouth_open": self._usual_opening(),
            "mouth_wide": self._usual_width(self.face.reach["mouth_wide"], _WIDE_THINS),
            "mouth_narrow": self._usual_width(-self.face.reach["mouth_narrow"], _NARROW_THICKENS),
        }
        return {name: self.face.motion.get(name, moved) for name, moved in usual.items()}  # type: ignore[call-overload, misc]

    def _usual_opening(self) -> np.ndarray:
        """(98, 2): the jaw drops, chin and lower lip with it, corners a little; the mouth narrows a little."""
        reach, arc = self.face.reach["mouth_open"], self._arc
        moved = np.zeros_like(self.face.neutral)
        moved[_JAWLINE, 1] = _CHIN_FOLLOWS * reach * np.cos(0.5 * np.pi * np.abs(_JAWLINE - _CHIN) / 10)
        corner = _CORNER_FOLLOWS * reach * (1 - arc)
        upper, lower = corner - _UPPER_RISES * reach * arc, corner + (1 - _UPPER_RISES) * reach * arc
        moved[_INNER_UPPER, 1] = upper
        moved[_INNER_LOWER[1:-1], 1] = lower[1:-1]
        moved[_OUTER_UPPER, 1], moved[_OUTER_LOWER, 1] = self._ride_upper @ upper, self._ride_lower @ lower
        narrowing = _OPEN_NARROWS * self.face.reach["mouth_narrow"] / self._width
        moved[_LIPS, 0] = -narrowing * (self.face.neutral[_LIPS, 0] - self._centre)
        return moved

    def _usual_width(self, change: float, thickening: float) -> np.ndarray:
        """(98, 2): the lips stretch or gather about their middle and grow thinner or thicker."""
        moved = np.zeros_like(self.face.neutral)
        scale = max(change / self._width, -0.8)
        moved[_LIPS, 0] = scale * (self.face.neutral[_LIPS, 0] - self._centre)
        moved[_OUTER_UPPER, 1] = thickening * self._lip_upper
        moved[_OUTER_LOWER, 1] = thickening * self._lip_lower
        return moved

    def _move_lips(self, points: np.ndarray, expression: Expression) -> None:
        """Place the lips on points that carry jaw and width already."""
        articulators, reach = expression.articulators, self.face.reach
        inner_upper, inner_lower = points[:, _INNER_UPPER, 1], points[:, _INNER_LOWER, 1]
        thick_upper = points[:, _OUTER_UPPER, 1] - inner_upper @ self._ride_upper.T
        thick_lower = points[:, _OUTER_LOWER, 1] - inner_lower @ self._ride_lower.T
        arc = self._arc
        upper = inner_upper - reach["mouth_open"] * LIP_OPENS * articulators[:, UPPER_LIP, None] * arc
        lower = inner_lower + reach["mouth_open"] * LIP_OPENS * articulators[:, LOWER_LIP, None] * arc
        tuck, seal = expression.tuck[:, None], expression.seal[:, None]
        gap = lower - upper
        lower = lower + tuck * (np.minimum(gap, _TUCK_GAP * reach["mouth_open"] * arc) - gap)
        meet = upper + _SEAL_MEETS * (lower - upper)
        upper, lower = upper + seal * (meet - upper), lower + seal * (meet - lower)

        thick = 1 - _SEAL_THINS * seal
        points[:, _OUTER_UPPER, 1] = upper @ self._ride_upper.T + thick * thick_upper
        points[:, _OUTER_LOWER, 1] = lower @ self._ride_lower.T + (thick - _TUCK_THINS * tuck) * thick_lower
        points[:, _INNER_UPPER, 1] = upper
        points[:, _INNER_LOWER[1:-1], 1] = lower[:, 1:-1]
        inside_upper, inside_lower = _INNER_UPPER[1:-1], _INNER_LOWER[1:-1]
        middle = 0.5 * (points[:, inside_upper, 0] + points[:, inside_lower, 0])
        for inside in (inside_upper, inside_lower):
            points[:, inside, 0] += seal * (middle - points[:, inside, 0])

    @cached_property
    def _arc(self) -> np.ndarray:
        """How much of the opening each of the five inner columns takes: 0 at the corners, about 1 in the middle."""
        x = 0.5 * (self.face.neutral[_INNER_UPPER, 0] + self.face.neutral[_INNER_LOWER, 0])
        place = (x - 0.5 * (x[0] + x[-1])) / max(0.5 * (x[-1] - x[0]), 1e-9)
        arc = np.sqrt(np.clip(1 - place**2, 0.0, 1.0))
        return np.asarray(arc / max(arc[2], 1e-9))

    def _ride(self, outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
        """Which inner points an outer one lies between: weights (outer, 5) of linear interpolation in x."""
        along = np.maximum.accumulate(self.face.neutral[inner, 0])
        columns = [np.interp(self.face.neutral[outer, 0], along, unit) for unit in np.eye(len(inner))]
        return np.stack(columns, axis=1)

    @cached_property
    def _ride_upper(self) -> np.ndarray:
        return self._ride(_OUTER_UPPER, _INNER_UPPER)

    @cached_property
    def _ride_lower(self) -> np.ndarray:
        return self._ride(_OUTER_LOWER, _INNER_LOWER)

    @cached_property
    def _lip_upper(self) -> np.ndarray:
        """Thickness of the upper lip, (7,), negative since y is down."""
        return np.asarray(self.face.neutral[_OUTER_UPPER, 1] - self._ride_upper @ self.face.neutral[_INNER_UPPER, 1])

    @cached_property
    def _lip_lower(self) -> np.ndarray:
        return np.asarray(self.face.neutral[_OUTER_LOWER, 1] - self._ride_lower @ self.face.neutral[_INNER_LOWER, 1])

    def _move_eyes(self, points: np.ndarray, expression: Expression) -> None:
        neutral = self.face.neutral
        widths = np.array([np.linalg.norm(neutral[right] - neutral[left]) for left, right in _EYE_CORNERS])
        move = expression.gaze[:, None, :] * widths[None, :, None]
        points[:, _PUPILS] += move
        points[:, UPPER_LIDS, 1] += 0.5 * np.repeat(move[:, :, 1], 3, axis=1)  # lids follow a look up or down
        upper, lower = points[:, UPPER_LIDS], points[:, LOWER_LIDS]
        meet = upper + _LIDS_MEET * (lower - upper)
        lids = expression.lids[:, None, None]
        points[:, UPPER_LIDS] = upper + lids * (meet - upper)
        points[:, LOWER_LIDS] = lower + lids * (meet - lower)
