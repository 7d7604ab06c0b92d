"""How far each measure of a face goes: of a character by its forward model, of a filmed face by its clip.

A clip in which nobody raises a brow says nothing of how high that brow could go, so a filmed face has at least the
usual range of a face of its size; else noise would be taken for acting.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.face import Face, Reach
from sfp_core.geometry import inter_ocular
from sfp_core.layout import WFLW_98
from sfp_core.retarget.measures import Span, measured, measures, places
from sfp_core.rig import RigSpec

_SEEN_PERCENTILE = 98.0  # of a clip's frames: beyond it lie failures of the detector
_SHUT_SHARE = 0.35  # of the resting opening: lids that come nearer than this have been shut
_LEAST = 1e-4  # inter-ocular distances: a smaller range is none

# Up (open, wide, raised, to the right or down) and down, in units of the face's own size; people at clear acting.
_USUAL: Mapping[Span, tuple[float, float, Literal["mouth", "eye", "face"]]] = {
    "lip_gap": (0.55, 0.1, "mouth"),
    "width": (0.20, 0.30, "mouth"),
    "shift": (0.20, 0.20, "mouth"),
    "corner": (0.14, 0.16, "mouth"),
    "jaw": (0.45, 0.12, "mouth"),
    "lid": (0.15, 0.60, "eye"),
    "brow_inner": (0.08, 0.05, "face"),
    "brow_outer": (0.08, 0.05, "face"),
    "gaze_x": (0.18, 0.18, "eye"),
    "gaze_y": (0.10, 0.10, "eye"),
}


class Posable(Protocol):
    """A face that can be posed: what retargeting needs of a character."""

    @property
    def rig(self) -> RigSpec:
        """Its controllers."""

    @property
    def face(self) -> Face:
        """Its neutral landmarks and reach."""

    def landmarks(self, values: np.ndarray, /) -> np.ndarray:
        """Controller values (T, K) -> landmarks (T, 98, 2), canonical."""


@dataclass(frozen=True)
class Ranges:
    """How far the measures of a face go from its neutral.

    Attributes
    ----------
    neutral : (98, 2) float64
        Canonical space.
    up, down : (Q,) float64
        Largest growth and largest fall, canonical units, above 0.
    shut : (Q,) float64
        Of gaps: what they measure when their edges meet, as the detector sees it; 0 for other measures.
    """

    neutral: np.ndarray
    up: np.ndarray
    down: np.ndarray
    shut: np.ndarray

    def __post_init__(self) -> None:
        count = len(measures())
        for name, shape in (("neutral", (98, 2)), ("up", (count,)), ("down", (count,)), ("shut", (count,))):
            array = np.array(getattr(self, name), dtype=np.float64)
            if array.shape != shape or not np.isfinite(array).all():
                raise SfpError(f"ranges of a face: {name}: expected {shape} finite numbers, got {array.shape}")
            if name in ("up", "down") and (array <= 0).any():
                raise SfpError(f"ranges of a face: {name}: expected numbers above 0")
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def at_rest(self) -> np.ndarray:
        """(Q,) what the neutral measures."""
        return measured(self.neutral)


def ranges_of_character(character: Posable) -> Ranges:
    """What a character's face can do: each controller, together with its mirror partner, swept to its limits."""
    rig, face = character.rig, character.face
    poses = []
    for k, name in enumerate(rig.names):
        partner = rig.index(rig.mirror.get(name, name))
        for bounds in (rig.minimum, rig.maximum):
            pose = rig.neutral.astype(np.float64)
            pose[[k, partner]] = bounds[[k, partner]]
            poses.append(pose)
    change = measured(character.landmarks(np.array(poses))) - measured(face.neutral)
    up, down = _pooled(change.max(axis=0)), _pooled(-change.min(axis=0))
    known: tuple[tuple[Span, Reach, np.ndarray], ...] = (
        ("lip_gap", "mouth_open", up),
        ("width", "mouth_wide", up),
        ("width", "mouth_narrow", down),
        ("corner", "corner_up", up),
        ("corner", "corner_down", down),
    )
    for span, reach, side in known:
        here = places(span=span)
        side[here] = np.maximum(side[here], face.reach[reach])
    at_rest = measured(face.neutral)
    shut, lids = np.zeros(len(at_rest)), places(span="lid")
    shut[lids] = np.clip(at_rest[lids] + change[:, lids].min(axis=0), 0.0, _SHUT_SHARE * at_rest[lids].clip(0.0))
    return Ranges(face.neutral, np.maximum(up, _LEAST), np.maximum(down, _LEAST), shut)


def ranges_of_clip(points: np.ndarray, neutral: np.ndarray, like: Ranges) -> Ranges:
    """What a filmed face can do, from what it does, (T, 98, 2) canonical.

    Parameters
    ----------
    neutral : (98, 2) float64
        The face at rest.
    like : Ranges
        Of the character it drives: whose lids look shut in the same way, as far as the clip shows no blink.
    """
    at_rest, sizes = measured(neutral), _sizes(neutral)
    change = measured(points) - at_rest
    up = _pooled(np.percentile(change, _SEEN_PERCENTILE, axis=0))
    down = _pooled(np.percentile(-change, _SEEN_PERCENTILE, axis=0))
    for index, one in enumerate(measures()):
        most, least, unit = _USUAL[one.span]
        up[index] = max(up[index], most * sizes[unit])
        down[index] = max(down[index], least * sizes[unit])
    shut = np.zeros(len(at_rest))
    for side in ("lid_left", "lid_right"):
        lids = places(name=side)
        share = like.shut[lids] / np.maximum(like.at_rest[lids], _LEAST)
        opening = measured(points)[:, lids] / np.maximum(at_rest[lids], _LEAST)
        nearest = opening[int(opening.mean(axis=1).argmin())] if len(opening) else np.ones(len(lids))
        seen_shut = share.mean() < nearest.mean() < _SHUT_SHARE
        shut[lids] = at_rest[lids] * np.clip(nearest if seen_shut else share, 0.0, _SHUT_SHARE)
    return Ranges(neutral, up, down, shut)


def _sizes(neutral: np.ndarray) -> Mapping[str, float]:
    """Units of a face, canonical."""
    eyes = (np.linalg.norm(neutral[64] - neutral[60]) + np.linalg.norm(neutral[72] - neutral[68])) / 2
    return {
        "mouth": max(float(np.linalg.norm(neutral[82] - neutral[76])), _LEAST),
        "eye": max(float(eyes), _LEAST),
        "face": float(inter_ocular(neutral, WFLW_98)),
    }


def _pooled(changes: np.ndarray) -> np.ndarray:
    """(Q,) the largest change of each span, for all of its measures; of the lips that of their middle."""
    pooled = np.maximum(changes, 0.0)
    for span in {one.span for one in measures()}:
        here = places(span=span)
        pooled[here] = pooled[places(name="lip_gap_middle")] if span == "lip_gap" else pooled[here].max()
    return np.asarray(pooled)
