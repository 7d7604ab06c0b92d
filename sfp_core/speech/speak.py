"""What was heard, spoken by a face: landmarks in time, block by block."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.face import Face
from sfp_core.landmarks import Event, LandmarkSequence
from sfp_core.speech.articulators import Style, articulate
from sfp_core.speech.cascade import Heard
from sfp_core.speech.closures import lips_together, on_frames
from sfp_core.speech.mouth import Expression, Poser
from sfp_core.speech.performance import plan
from sfp_core.timing import frame_at_or_after, frame_count, frame_seconds


def perform(
    heard: Heard,
    face: Face,
    *,
    fps: Fraction,
    seed: int = 0,
    style: Style | None = None,
    frames_per_block: int = 2048,
) -> Iterator[LandmarkSequence]:
    """Landmarks of a face that says what was heard.

    Parameters
    ----------
    face : Face
        Whose neutral and reach; layout wflw98.
    fps : Fraction
        Frames a second; frame i is at i / fps.
    seed : int
        Of blinks, brows, glances and head. The same seed gives the same landmarks, whatever the size of blocks.

    Yields
    ------
    LandmarkSequence
        Canonical space, `frames_per_block` frames each but the last, floor(seconds * fps) + 1 in all; `head_deg` is
        filled in. `events` are in the block with their first frame, at times counted from the sound's start;
        each contains the time of at least one frame on which the lips (or lids) do meet. `info["first_frame"]` is
        the number of the block's first frame.
    """
    if seed < 0:
        raise SfpError(f"seed is {seed}; expected a whole number of at least 0")
    if frames_per_block < 1:
        raise SfpError(f"frames_per_block is {frames_per_block}; expected at least 1")
    style = style or Style()
    poser = Poser(face)
    articulation = articulate(heard, style=style)
    performance = plan(heard, fps, seed=seed, style=style)
    frames = frame_count(heard.seconds, fps)
    seals, tucks = on_frames(articulation.seals, fps, frames), on_frames(articulation.tucks, fps, frames)
    events = sorted((*seals, *tucks, *performance.blinks), key=lambda event: event.start_seconds)
    place = 0
    for first in range(0, frames, frames_per_block):
        last = min(first + frames_per_block, frames)
        times = np.array([frame_seconds(frame, fps) for frame in range(first, last)])
        moves = performance.at(times)
        seal, tuck = lips_together(seals, tucks, times)
        expression = Expression(
            articulators=articulation.at(times),
            seal=seal,
            tuck=tuck,
            lids=moves.lids,
            brows=moves.brows,
            gaze=moves.gaze,
        )
        inside: list[Event] = []
        while place < len(events) and (last == frames or frame_at_or_after(events[place].start_seconds, fps) < last):
            inside.append(events[place])
            place += 1
        yield LandmarkSequence(
            points=poser.pose(expression),
            fps=fps,
            layout=face.layout,
            head_deg=moves.head_deg,
            events=tuple(inside),
            info={"source": "speech", "rung": heard.track.rung, "first_frame": float(first), "seed": float(seed)},
        )


def joined(blocks: Iterable[LandmarkSequence]) -> LandmarkSequence:
    """One sequence of consecutive blocks."""
    parts = list(blocks)
    if not parts:
        raise SfpError("landmarks: there are no blocks to join; expected at least one")
    heads = [part.head_deg for part in parts if part.head_deg is not None]
    return replace(
        parts[0],
        points=np.concatenate([part.points for part in parts]),
        confidence=np.concatenate([part.confidence for part in parts]),
        head_deg=np.concatenate(heads) if len(heads) == len(parts) else None,
        events=tuple(event for part in parts for event in part.events),
    )
