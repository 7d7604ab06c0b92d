"""A face's motion on a character's own proportions.

Every measure is carried over as a share of what either face can do (`ranges`); what the measures do not tell (the curl
of a lip, a wrinkled nose) comes along at the size of its part. A rest stays a rest and what is shut is shut.

A clip of the character itself, told by what of a face does not act, is passed on as it is: its proportions are right
already and its neutral is known.
"""

from dataclasses import replace

import numpy as np

from sfp_core.landmarks import LandmarkSequence
from sfp_core.layout import WFLW_98
from sfp_core.retarget.head_pose import frontal
from sfp_core.retarget.measures import Span, given, measured, measures, places
from sfp_core.retarget.moments import moments
from sfp_core.retarget.neutral import neutral_of
from sfp_core.retarget.ranges import Posable, Ranges, ranges_of_character, ranges_of_clip
from sfp_core.retarget.strength import Strength

_LEAST_GAIN, _LARGEST_GAIN = 0.1, 4.0
_FIXED = np.array([60, 64, 68, 72, *range(51, 60)])  # eye corners and nose
_ALIKE, _UNLIKE = 0.03, 0.06  # largest distance of fixed points, inter-ocular: a detector's noise; another face
_STILL_DEG = 8.0  # a head turned farther shows another contour
_GAZE: tuple[Span, ...] = ("gaze_x", "gaze_y")
_SEEN_PUPILS = 0.5  # of the resting lid opening: below it pupils are covered
_LEAST = 1e-4
_OPENED = 0.6  # of an opening mouth follows the character's own way of opening it, jaw and all


def retargeted(sequence: LandmarkSequence, character: Posable, *, strength: Strength | None = None) -> LandmarkSequence:
    """The clip as if the character's own face had moved so.

    Parameters
    ----------
    sequence : LandmarkSequence
        98 landmarks of one face, in image space (the head's turn is taken out then) or canonical.
    character : Posable
        A `Character`, or anything with a rig, a face and a forward model.
    strength : Strength, optional
        How far each part goes.

    Returns
    -------
    LandmarkSequence
        Canonical space, the character's proportions. `head_deg` is filled in, and closing lips and blinks are added to
        the events.

    Raises
    ------
    SfpError
        Another layout than WFLW's 98 landmarks, or a frame whose outer eye corners coincide.
    """
    strength = strength or Strength()
    facing = frontal(sequence)
    if facing.frames == 0:
        return facing
    points, own = facing.points, ranges_of_character(character)
    turned = np.zeros((facing.frames, 3)) if facing.head_deg is None else np.asarray(facing.head_deg)
    neutral = neutral_of(points)
    seen = ranges_of_clip(points, neutral, own)
    alike = likeness(points, neutral, own.neutral)
    frontness = np.exp(-((turned[:, :2] / _STILL_DEG) ** 2).sum(axis=1)) if sequence.space == "image" else None
    moved = np.zeros_like(points)
    if alike < 1:
        acting = sides_alike_at_rest(looking_together(points, seen), seen)
        opening = character.face.motion.get("mouth_open")
        moved += (1 - alike) * carried(acting, seen, own, strength=strength, frontness=frontness, opening=opening)
    if alike > 0:
        moved += alike * carried(points, own, own, strength=strength, frontness=frontness)
    events = sorted((*facing.events, *moments(moved, own, fps=facing.fps)), key=lambda event: event.start_seconds)
    return replace(facing, points=moved, head_deg=strength.head * turned, events=tuple(events))


def likeness(points: np.ndarray, neutral: np.ndarray, own: np.ndarray) -> float:
    """How surely a clip (T, 98, 2) with this neutral shows the face with the neutral `own`: 0 to 1."""
    widths = points[:, 82, 0] - points[:, 76, 0]
    width = own[82, 0] - own[76, 0]
    outside = max(0.0, float(widths.min() - width), float(width - widths.max()))
    apart = max(outside, float(np.linalg.norm(neutral[_FIXED] - own[_FIXED], axis=1).max()))
    share = np.clip((_UNLIKE - apart) / (_UNLIKE - _ALIKE), 0.0, 1.0)
    return float(share * share * (3 - 2 * share))


def looking_together(points: np.ndarray, face: Ranges) -> np.ndarray:
    """Landmarks (T, 98, 2) with both pupils moved alike, and held where the lids are nearly shut.

    A detector's pupils jitter each on its own, which another face's wider eyes would show as a squint.
    """
    change = measured(points) - face.at_rest
    lids = places(span="lid")
    opening = (change[:, lids] + face.at_rest[lids]).sum(axis=1) / max(float(face.at_rest[lids].sum()), _LEAST)
    seen = np.flatnonzero(opening > _SEEN_PUPILS)
    for span in _GAZE:
        both = places(span=span)
        together = change[:, both].mean(axis=1)
        if len(seen):
            together = np.interp(np.arange(len(points)), seen, together[seen])
        change[:, both] = together[:, None]
    return given(points, face.at_rest + change)


def sides_alike_at_rest(points: np.ndarray, face: Ranges) -> np.ndarray:
    """Landmarks (T, 98, 2) whose mouth is as even, by its median frame, as the face's neutral is.

    A head that is turned a little all along lifts one corner of the mouth; another face would wear that as a sneer.
    """
    change = measured(points) - face.at_rest
    for left, right in (("corner_left", "corner_right"), ("lip_gap_left", "lip_gap_right")):
        here, there = places(name=left), places(name=right)
        uneven = np.median(change[:, here] - change[:, there], axis=0) / 2
        change[:, here] -= uneven
        change[:, there] += uneven
    return given(points, face.at_rest + change)


def carried(
    points: np.ndarray,
    source: Ranges,
    target: Ranges,
    *,
    strength: Strength | None = None,
    frontness: np.ndarray | None = None,
    opening: np.ndarray | None = None,
) -> np.ndarray:
    """Landmarks (T, 98, 2) of the face `source` as the face `target` would have them.

    Parameters
    ----------
    frontness : (T,) float64, optional
        In [0, 1]: how far the contour beside the chin is to be believed.
    opening : (98, 2) float64, optional
        How the target's landmarks move when its mouth opens: lips that part without a jaw are no motion of its own.

    Returns
    -------
    (T, 98, 2) float64
        Canonical; `source.neutral` gives exactly `target.neutral`.
    """
    strength = strength or Strength()
    gain_up = np.clip(target.up / source.up, _LEAST_GAIN, _LARGEST_GAIN)
    gain_down = np.clip(target.down / source.down, _LEAST_GAIN, _LARGEST_GAIN)
    lids = places(span="lid")
    gain_up[lids] = np.clip(target.at_rest[lids] / np.maximum(source.at_rest[lids], _LEAST), _LEAST_GAIN, _LARGEST_GAIN)
    factors = np.array([strength.of(one.part) for one in measures()])
    change = measured(points) - source.at_rest
    wanted = np.where(change > 0, gain_up, gain_down) * factors * change
    for index in np.flatnonzero([one.gap for one in measures()]):
        closing = change[:, index] < 0
        room_source = max(source.at_rest[index] - source.shut[index], _LEAST)
        room_target = max(target.at_rest[index] - target.shut[index], 0.0)
        shut = -change[closing, index] / room_source  # 1 where the edges meet
        # Past meeting lie noise and pressed lips, which a small room would magnify.
        past = np.maximum(shut - 1, 0.0) * room_source * min(1.0, gain_up[index])
        if measures()[index].part == "lids":
            shut = np.where(shut < 1, factors[index] * shut, shut)
        wanted[closing, index] = -room_target * np.minimum(shut, 1.0) - past
    size = _sizes(source, target, gain_up, strength)
    rest = (points - source.neutral) * size
    if frontness is not None:
        rest[:, WFLW_98.group("contour")] *= frontness[:, None, None]
    if opening is not None:
        own = _opened(wanted, opening)
        jaw = places(span="jaw")
        least = strength.jaw * (measured(target.neutral + own) - target.at_rest)[:, jaw]
        wanted[:, jaw] = np.maximum(wanted[:, jaw], least)
        rest = rest + own
    return given(target.neutral + rest, target.at_rest + wanted)


def _opened(wanted: np.ndarray, opening: np.ndarray) -> np.ndarray:
    """(T, 98, 2) the part of a wanted opening of the lips (T, Q) that is made in the face's own way."""
    gap = places(name="lip_gap_middle")
    full = float(np.linalg.norm(opening[94] - opening[90]))
    share = np.maximum(wanted[:, gap[0]], 0.0) / max(full, _LEAST)
    moving = np.zeros((98, 1))
    moving[np.concatenate([WFLW_98.group("mouth"), WFLW_98.group("contour")])] = _OPENED
    return np.asarray(share[:, None, None] * moving * opening)


def _sizes(source: Ranges, target: Ranges, gain_up: np.ndarray, strength: Strength) -> np.ndarray:
    """(98, 2): by how much each part is larger on the target, times its strength."""
    size = np.ones((98, 2))

    def across(face: Ranges, left: int, right: int) -> float:
        return max(float(np.linalg.norm(face.neutral[right] - face.neutral[left])), _LEAST)

    mouth = across(target, 76, 82) / across(source, 76, 82)
    opened = float(gain_up[places(name="lip_gap_middle")][0])
    size[WFLW_98.group("mouth")] = (strength.lips * mouth, strength.jaw * opened)
    size[WFLW_98.group("contour")] = (strength.jaw * mouth, strength.jaw * float(gain_up[places(span="jaw")][0]))
    for side, inner, outer in (("left", 60, 64), ("right", 68, 72)):
        eye = across(target, inner, outer) / across(source, inner, outer)
        lid = float(np.median(gain_up[places(name=f"lid_{side}")]))
        size[WFLW_98.group(f"{side}_eye")] = (eye, lid)
        gaze = [float(gain_up[places(name=f"gaze_{side}_{axis}")][0]) for axis in "xy"]
        size[WFLW_98.group(f"{side}_pupil")] = strength.gaze * np.array(gaze)
        brow = float(gain_up[places(name=f"brow_inner_{side}")][0])
        size[WFLW_98.group(f"{side}_brow")] = (strength.brows, strength.brows * brow)
    return np.clip(size, 0.0, _LARGEST_GAIN * 3)
