"""Mouth cues for drawn characters, in the files of Rhubarb Lip Sync and in the switch data of Moho and others.

Layouts: Rhubarb's README (`Output formats`), and Moho's manual (`Switch Layers`).
"""

import json
from fractions import Fraction
from math import ceil
from pathlib import Path

from sfp_core.curves.take import Take
from sfp_core.errors import SfpError
from sfp_core.files import write_text
from sfp_core.speech.mouth_shapes import MouthCue, MouthShape, mouth_cues

_REST: MouthShape = "X"
_PRESTON_BLAIR: dict[MouthShape, str] = {
    "A": "MBP",
    "B": "etc",
    "C": "E",
    "D": "AI",
    "E": "O",
    "F": "U",
    "G": "FV",
    "H": "L",
    "X": "rest",
}


def write_rhubarb(path: Path, take: Take, *, start_frame: int = 0) -> Path:
    """Write the mouth shapes of what is said, as Rhubarb does: `.tsv`, or `.json` with the sound's name.

    Every shape begins on a frame of the take. Times have three decimals, since hundredths of a second, Rhubarb's own,
    are too coarse for frames, and are rounded up, so that the frame at or before a time is the one that is meant.

    Parameters
    ----------
    start_frame : int
        How many frames of rest come first; at least 0.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    SfpError
        A take that does not know what is said, or another suffix.
    """
    path = Path(path)
    if start_frame < 0:
        raise SfpError(f"{path}: start frame {start_frame}; Rhubarb's files begin at 0")
    cues = _shifted(_cues(path, take), start_frame)
    firsts = (*(cue.first for cue in cues), start_frame + take.frames)
    times = [_seconds(frame, take.fps) for frame in firsts]
    if path.suffix.lower() == ".tsv":
        shapes = [*(cue.shape for cue in cues), _REST]
        text = "".join(f"{time:.3f}\t{shape}\n" for time, shape in zip(times, shapes, strict=True))
    elif path.suffix.lower() == ".json":
        text = _as_json(cues, times, take.sound.file if take.sound is not None else "")
    else:
        raise SfpError(f"{path}: {path.suffix or 'no suffix'}; expected .tsv or .json")
    write_text(path, text)
    return path


def write_toon_boom_dat(path: Path, take: Take, *, start_frame: int = 0, preston_blair: bool = False) -> Path:
    """Write the mouth shapes of what is said as switch data: a line `frame shape` wherever the shape changes.

    Such files count frames from 1, so the take's frame 0 is `start_frame` + 1. The last line rests the mouth on the
    frame after the take.

    Parameters
    ----------
    preston_blair : bool
        The names that OpenToonz knows (MBP, etc, E, AI, O, U, FV, L, rest) instead of A to H and X.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    SfpError
        A take that does not know what is said.
    """
    path = Path(path)
    cues = [*_cues(path, take), MouthCue(take.frames, _REST)]
    lines = [
        f"{cue.first + start_frame + 1} {_PRESTON_BLAIR[cue.shape] if preston_blair else cue.shape}\n" for cue in cues
    ]
    write_text(path, "MohoSwitch1\n" + "".join(lines))
    return path


def _cues(path: Path, take: Take) -> tuple[MouthCue, ...]:
    phones = take.spoken.phones if take.spoken is not None else ()
    if not phones:
        raise SfpError(f"{path}: the take of {take.rig} does not know what is said; animate it from speech")
    try:
        return mouth_cues(phones, fps=take.fps, frames=take.frames)
    except SfpError as error:
        raise SfpError(f"{path}: {error}") from error


def _shifted(cues: tuple[MouthCue, ...], by: int) -> list[MouthCue]:
    """The cues so many frames later, with rest before."""
    moved = [MouthCue(cue.first + by, cue.shape) for cue in cues]
    if by and moved[0].shape == _REST:
        return [MouthCue(0, _REST), *moved[1:]]
    return [MouthCue(0, _REST), *moved] if by else moved


def _seconds(frame: int, fps: Fraction) -> float:
    """When a frame begins or up to a millisecond later, so that it is found again by seconds * fps, rounded down."""
    thousandths = ceil(1000 * frame / fps)
    return (thousandths if int(thousandths / 1000 * float(fps)) == frame else thousandths + 1) / 1000


def _as_json(cues: list[MouthCue], times: list[float], sound: str) -> str:
    """Rhubarb's own layout, a cue a line."""
    rows = [
        f'    {{ "start": {start:.3f}, "end": {end:.3f}, "value": "{cue.shape}" }}'
        for cue, start, end in zip(cues, times[:-1], times[1:], strict=True)
    ]
    return "\n".join(
        [
            "{",
            '  "metadata": {',
            f'    "soundFile": {json.dumps(sound, ensure_ascii=False)},',
            f'    "duration": {times[-1]:.3f}',
            "  },",
            '  "mouthCues": [',
            ",\n".join(rows),
            "  ]",
            "}",
            "",
        ]
    )
