"""Landmark clips in canonical space and at another rate."""

from fractions import Fraction

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.geometry import normalize
from sfp_core.landmarks import LandmarkSequence
from sfp_core.layout import WFLW_98
from sfp_core.timing import frame_count


def canonical(sequence: LandmarkSequence) -> LandmarkSequence:
    """The sequence in canonical space; the tilt of image-space landmarks becomes the head's roll.

    Raises
    ------
    SfpError
        Another layout than WFLW's 98 landmarks, or a frame whose outer eye corners coincide.
    """
    if sequence.layout is not WFLW_98:
        raise SfpError(f"landmarks: layout {sequence.layout.name}; expected {WFLW_98.name}")
    if sequence.space == "canonical":
        return sequence
    points = np.empty_like(sequence.points)
    head_deg = np.zeros((sequence.frames, 3)) if sequence.head_deg is None else np.array(sequence.head_deg)
    for frame, image in enumerate(sequence.points):
        points[frame], similarity = normalize(image, sequence.layout)
        if sequence.head_deg is None:
            head_deg[frame, 2] = -np.rad2deg(similarity.angle_rad)
    return LandmarkSequence(
        points,
        sequence.fps,
        sequence.layout,
        "canonical",
        confidence=sequence.confidence,
        head_deg=head_deg,
        events=sequence.events,
        info=sequence.info,
    )


def resampled(sequence: LandmarkSequence, fps: Fraction) -> LandmarkSequence:
    """The same motion at another rate, by linear interpolation in time (never by index)."""
    if sequence.fps == fps or sequence.frames == 0:
        return sequence
    frames = frame_count(Fraction(sequence.frames - 1) / sequence.fps, fps)
    places = np.arange(frames) * float(sequence.fps / fps)  # of the new frames, counted in old frames
    before = np.minimum(places.astype(int), sequence.frames - 1)
    after = np.minimum(before + 1, sequence.frames - 1)
    share = places - before

    def mixed(values: np.ndarray) -> np.ndarray:
        weight = share.reshape(-1, *[1] * (values.ndim - 1))
        return np.asarray(values[before] * (1 - weight) + values[after] * weight)

    return LandmarkSequence(
        mixed(sequence.points),
        fps,
        sequence.layout,
        sequence.space,
        confidence=mixed(sequence.confidence),
        head_deg=None if sequence.head_deg is None else mixed(sequence.head_deg),
        events=sequence.events,
        info=sequence.info,
    )
