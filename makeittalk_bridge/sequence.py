"""A talking face as landmarks in time, for everything that takes those."""

from fractions import Fraction

from makeittalk_bridge.predict import Talk
from sfp_core.landmarks import LandmarkSequence
from sfp_core.layout import IBUG_68, ibug68_from_wflw98
from sfp_core.retarget import frontal, resampled
from sfp_core.retarget.whole import as_wflw98


def landmarks_of(talk: Talk, *, fps: Fraction | None = None, head_apart: bool = True) -> LandmarkSequence:
    """The talk as 68 landmarks in time, with its blinks as events.

    Parameters
    ----------
    fps : Fraction, optional
        Another rate than MakeItTalk's 62.5, by time: frame i is at i / fps.
    head_apart : bool
        True: canonical space, the face as seen from the front, and how the head is turned in `head_deg`. Turn is told
        as of any filmed face (`sfp_core.retarget.frontal`): MakeItTalk's depth is that of one standard face, a tenth
        of it. False: image space, in the template's unit, the head's motion contained.
    """
    sequence = talk.sequence()
    if fps is not None:
        sequence = resampled(sequence, fps)
    if not head_apart:
        return sequence
    facing = frontal(as_wflw98(sequence))
    return LandmarkSequence(
        ibug68_from_wflw98(facing.points),
        facing.fps,
        IBUG_68,
        facing.space,
        head_deg=facing.head_deg,
        events=facing.events,
        info=facing.info,
    )
