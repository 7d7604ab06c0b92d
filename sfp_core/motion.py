"""A motion: the controllers of a whole clip, from a sound or from moving landmarks, and what belongs to them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from sfp_core.character.character import Character
from sfp_core.formats.landmarks_npz import read_landmarks_npz
from sfp_core.hearing import hear
from sfp_core.landmarks import Event, LandmarkSequence
from sfp_core.progress import Progress, Step
from sfp_core.retarget import canonical, resampled, retargeted
from sfp_core.speech import Heard, Style, perform
from sfp_core.timing import frame_count

DEFAULT_FPS = Fraction(24)


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
    """

    values: np.ndarray
    head_deg: np.ndarray
    events: tuple[Event, ...]
    fps: Fraction
    seconds: Fraction
    heard: Heard | None


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
        return _mapped(blocks, character, fps, heard.seconds, heard, step, even=True)


def from_landmarks(path: Path, character: Character, *, fps: Fraction | None, report: Progress) -> Motion:
    """Stages `landmarks` and `motion`: a face's motion on this character's proportions."""
    with report.stage("landmarks"):
        sequence = canonical(read_landmarks_npz(path))
        rate = fps or sequence.fps
        sequence = resampled(sequence, rate)
    with report.stage("motion", total=sequence.frames) as step:
        sequence = replace(sequence, points=retargeted(sequence.points, character.face.neutral))
        return _mapped([sequence], character, rate, Fraction(sequence.frames - 1) / rate, None, step)


def _mapped(
    blocks: Iterable[LandmarkSequence],
    character: Character,
    fps: Fraction,
    seconds: Fraction,
    heard: Heard | None,
    step: Step,
    *,
    even: bool = False,
) -> Motion:
    """Blocks of landmarks as controllers; only the controllers of the whole clip are kept."""
    values, head_deg = [], []
    events: list[Event] = []
    done = 0
    for block in blocks:
        values.append(character.controllers(block.points, even=even))
        head_deg.append(np.zeros((block.frames, 3)) if block.head_deg is None else block.head_deg)
        events += block.events
        done += block.frames
        step(done)
    return Motion(np.concatenate(values), np.concatenate(head_deg), tuple(events), fps, seconds, heard)
