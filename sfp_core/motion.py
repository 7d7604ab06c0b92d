"""A motion: the controllers of a whole clip, from a sound, a film or moving landmarks, and what belongs to them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sfp_core.character.character import Character
from sfp_core.character.refine import for_made
from sfp_core.errors import SfpError
from sfp_core.formats.landmarks_npz import read_landmarks_npz
from sfp_core.hearing import hear
from sfp_core.landmarks import Event, LandmarkSequence
from sfp_core.progress import Progress, Step
from sfp_core.retarget import Strength, resampled, retargeted
from sfp_core.retarget.whole import as_wflw98
from sfp_core.speech import Heard, Style, perform
from sfp_core.speech.direct import DirectArticulation, articulate_direct, driven
from sfp_core.timing import frame_count

if TYPE_CHECKING:
    from sfp_core.detect.films import Film

DEFAULT_FPS = Fraction(24)
LandmarkSource = Path | Callable[[Step], tuple[LandmarkSequence, tuple[str, ...]]]
"""A file of landmarks, or what makes them: called with a step to tell its progress to, it returns them and warnings."""
_LISTED_RUNS = 5


@dataclass(frozen=True)
class Motion:
    """What a character does in a clip, before smoothing.

    Attributes
    ----------
    values : (T, K) float64
        Controller units, within limits.
    head_deg : (T, 3) float64
        Pitch, yaw, roll.
    seconds : Fraction
        Length of the sound, or of the landmarks where there is no sound.
    heard : Heard or None
        Where the motion comes from speech.
    warnings : tuple of str
        What a person should know about how it was seen, each in one line.
    """

    values: np.ndarray
    head_deg: np.ndarray
    events: tuple[Event, ...]
    fps: Fraction
    seconds: Fraction
    heard: Heard | None
    warnings: tuple[str, ...] = ()


def from_sound(
    sound: Path,
    character: Character,
    *,
    transcript: str | None,
    phones: Path | None,
    fps: Fraction,
    style: Style,
    seed: int,
    report: Progress,
) -> Motion:
    """Stages `speech` and `motion`: what is said, and how this character says it."""
    heard = hear(sound, transcript=transcript, phones=phones, report=report)
    with report.stage("motion", total=frame_count(heard.seconds, fps)) as step:
        blocks = perform(heard, character.face, fps=fps, style=style, seed=seed)
        spoken = articulate_direct(heard, fps=fps, style=style) if character.direct else None
        return _mapped(blocks, character, fps, heard.seconds, heard, step, spoken=spoken)


def from_landmarks(
    source: LandmarkSource, character: Character, *, fps: Fraction | None, strength: Strength, report: Progress
) -> Motion:
    """Stages `landmarks` and `motion`: a face's motion on this character's proportions."""
    with report.stage("landmarks") as step:
        sequence, warnings = (read_landmarks_npz(source), ()) if isinstance(source, Path) else source(step)
    motion = _acted(sequence, character, fps=fps, strength=strength, report=report)
    return replace(motion, warnings=warnings)


def from_film(
    film: "Film", character: Character, *, fps: Fraction | None, strength: Strength, report: Progress
) -> Motion:
    """Stages `landmarks` and `motion`: the face in a film, found and followed, on this character's proportions.

    Raises
    ------
    SfpError
        No face in it, or a film that is broken or cut short; the message names the film and the place.
    """
    with report.stage("landmarks", total=film.frames or None) as step:
        sequence, unseen = film_landmarks(film, step)
    warnings: tuple[str, ...] = ()
    if unseen:
        warnings = (f"no face in {len(unseen)} of {sequence.frames} frames ({_named(unseen)}); bridged",)
    motion = _acted(sequence, character, fps=fps, strength=strength, report=report)
    return replace(motion, warnings=warnings)


def film_landmarks(film: "Film", step: Step) -> tuple[LandmarkSequence, list[int]]:
    """The landmarks of a film's face, image space, without gaps, and the frames in which no face was seen."""
    from sfp_core.detect.detector import Detector  # loads networks: only for a film
    from sfp_core.detect.follow import followed, sequence_of

    detector = Detector.load()
    faces = followed(film, detector, step=step)
    unseen = [index for index, face in enumerate(faces) if face is None]
    if len(unseen) == len(faces):
        raise SfpError(f"{film.path}: no face found in {len(faces)} frames; expected a film of one face")
    return sequence_of(film, faces, detector), unseen


def _acted(
    sequence: LandmarkSequence, character: Character, *, fps: Fraction | None, strength: Strength, report: Progress
) -> Motion:
    """Stage `motion`: seen landmarks, retargeted and mapped."""
    rate = fps or sequence.fps
    with report.stage("motion", total=sequence.frames) as step:
        moved = resampled(retargeted(as_wflw98(sequence), character, strength=strength), rate)
        return _mapped([moved], character, rate, Fraction(max(moved.frames - 1, 0)) / rate, None, step)


def _driven(spoken: DirectArticulation, character: Character, *, first: int, frames: int, fps: Fraction) -> np.ndarray:
    """(frames, K) what speech adds to the controllers that no landmark shows; the mapper holds those at neutral."""
    seconds = np.array([float(Fraction(frame) / fps) for frame in range(first, first + frames)])
    return driven(character.direct, spoken.at(seconds), character.rig, only=character.invisible)


def _named(frames: list[int]) -> str:
    """Frame numbers as runs: `3 to 7, 12`."""
    runs: list[list[int]] = []
    for frame in frames:
        if runs and frame == runs[-1][1] + 1:
            runs[-1][1] = frame
        else:
            runs.append([frame, frame])
    told = [f"{first} to {last}" if first < last else str(first) for first, last in runs[:_LISTED_RUNS]]
    return ", ".join(told) + (", ..." if len(runs) > _LISTED_RUNS else "")


def _mapped(
    blocks: Iterable[LandmarkSequence],
    character: Character,
    fps: Fraction,
    seconds: Fraction,
    heard: Heard | None,
    step: Step,
    *,
    spoken: DirectArticulation | None = None,
) -> Motion:
    """Blocks of landmarks as controllers, and what speech drives past the landmarks; only controllers are kept."""
    values, head_deg = [], []
    events: list[Event] = []
    done = 0
    refine = for_made(character.refine)
    for block in blocks:
        found = character.controllers(block.points, refine=refine, even=True)
        if spoken is not None:
            found = found + _driven(spoken, character, first=done, frames=block.frames, fps=fps)
        values.append(found)
        head_deg.append(np.zeros((block.frames, 3)) if block.head_deg is None else block.head_deg)
        events += block.events
        done += block.frames
        step(done)
    return Motion(np.concatenate(values), np.concatenate(head_deg), tuple(events), fps, seconds, heard)
