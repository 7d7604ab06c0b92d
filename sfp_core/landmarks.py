"""Landmarks of one face and of a face in time; the coordinate rules of the whole project.

Coordinates are (x, y), x to the viewer's right, y down. In image space the unit is the pixel and pixel (0, 0)
covers [0, 1) x [0, 1), so a picture spans [0, W] x [0, H]. In canonical space the middle between the outer eye
corners is the origin, the corners are 1 apart and the head is upright. Pictures are RGB. Times are seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, get_args

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.layout import Layout

Space = Literal["image", "canonical"]
EventKind = Literal["lip_seal", "lip_tuck", "blink"]


def _checked_array(name: str, values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    array = np.array(values, dtype=np.float64)
    if array.shape != shape:
        raise SfpError(f"{name}: expected an array of shape {shape}, got {array.shape}")
    if not np.isfinite(array).all():
        raise SfpError(f"{name}: {int((~np.isfinite(array)).sum())} numbers are not finite; expected none")
    array.setflags(write=False)
    return array


@dataclass(frozen=True)
class Event:
    """A moment that must survive smoothing and key reduction.

    `lip_seal`: the lips touch (p b m). `lip_tuck`: the lower lip touches the upper teeth (f v). `blink`: lids shut.
    `start_seconds` to `end_seconds` is the time during which the lips or lids are together.
    """

    kind: EventKind
    start_seconds: float
    end_seconds: float

    def __post_init__(self) -> None:
        if self.kind not in get_args(EventKind):
            raise SfpError(f"event kind {self.kind!r} is unknown; expected one of {', '.join(get_args(EventKind))}")
        if not (np.isfinite([self.start_seconds, self.end_seconds]).all() and self.start_seconds <= self.end_seconds):
            raise SfpError(f"event {self.kind}: starts at {self.start_seconds} s, but ends at {self.end_seconds} s")


@dataclass(frozen=True)
class Landmarks:
    """Landmarks of one face.

    Attributes
    ----------
    points : (N, 2) float64
        In `space`. N is `layout.count`.
    confidence : (N,) float64
        In [0, 1]; ones where the source gives none.
    """

    points: np.ndarray
    layout: Layout
    space: Space = "image"
    confidence: np.ndarray = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        count = self.layout.count
        confidence = self.confidence if np.size(self.confidence) else np.ones(count)
        object.__setattr__(self, "points", _checked_array("landmarks: points", self.points, (count, 2)))
        object.__setattr__(self, "confidence", _checked_array("landmarks: confidence", confidence, (count,)))
        if self.space not in get_args(Space):
            raise SfpError(f"landmarks: space {self.space!r} is unknown; expected one of {', '.join(get_args(Space))}")


@dataclass(frozen=True)
class LandmarkSequence:
    """Landmarks of one face at a constant rate; frame i is at i / fps seconds.

    Attributes
    ----------
    points : (T, N, 2) float64
        In `space`.
    fps : Fraction
        Exact, e.g. 24000/1001.
    confidence : (T, N) float64
        In [0, 1].
    head_deg : (T, 3) float64 or None
        Pitch, yaw, roll of the head, degrees; pitch > 0 looks down, yaw > 0 turns to the viewer's right,
        roll > 0 tips to the viewer's right. Not contained in canonical `points`.
    events : tuple of Event
        Closures and blinks in time order.
    info : mapping of str to str or float
        Where the landmarks come from, for people.
    """

    points: np.ndarray
    fps: Fraction
    layout: Layout
    space: Space = "canonical"
    confidence: np.ndarray = field(default_factory=lambda: np.empty(0))
    head_deg: np.ndarray | None = None
    events: tuple[Event, ...] = ()
    info: Mapping[str, str | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        frames, count = len(self.points), self.layout.count
        confidence = self.confidence if np.size(self.confidence) else np.ones((frames, count))
        object.__setattr__(self, "points", _checked_array("landmark sequence: points", self.points, (frames, count, 2)))
        object.__setattr__(
            self, "confidence", _checked_array("landmark sequence: confidence", confidence, (frames, count))
        )
        if self.head_deg is not None:
            object.__setattr__(
                self, "head_deg", _checked_array("landmark sequence: head_deg", self.head_deg, (frames, 3))
            )
        if not isinstance(self.fps, Fraction) or self.fps <= 0:
            raise SfpError(f"landmark sequence: fps must be a Fraction above 0, got {self.fps!r}")
        if self.space not in get_args(Space):
            raise SfpError(f"landmark sequence: space {self.space!r} is unknown")

    @property
    def frames(self) -> int:
        """T, the number of frames."""
        return len(self.points)
