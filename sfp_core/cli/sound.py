"""`sfp phones` and `sfp landmarks`: what is said when, and how a face says it."""

from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from sfp_core.cli.options import (
    CharacterOption,
    FpsOption,
    ProgressOption,
    TranscriptOption,
    rate,
    refuse_folder,
)
from sfp_core.cli.talk import reporting, say
from sfp_core.errors import SfpError

SoundArgument = Annotated[Path, typer.Argument(metavar="SOUND", help="Any file with sound.")]


def phones(
    sound: SoundArgument,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help=".TextGrid or .json")],
    transcript: TranscriptOption = None,
    progress: ProgressOption = "auto",
) -> None:
    """Find which phones are said when."""
    with reporting(progress) as report:
        refuse_folder(output)
        from sfp_core.formats import phones_json, textgrid
        from sfp_core.hearing import hear, warnings_of

        writers = {".textgrid": textgrid.write, ".json": phones_json.write}
        write = writers.get(output.suffix.lower())
        if write is None:
            raise SfpError(f"{output}: expected a name that ends in .TextGrid or .json, got {output.suffix or 'none'}")
        heard = hear(sound, transcript=transcript, phones=None, report=report)
        write(output, heard.track)
        for warning in warnings_of(heard):
            report.warning(warning)
        if progress != "json":
            report.close()
            said = sum(bool(phone.symbol) for phone in heard.track.phones)
            say(f"wrote {output}: {said} phones in {float(heard.seconds):.2f} s (found by: {heard.track.rung})")


def landmarks(
    sound: SoundArgument,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help=".npz")],
    transcript: TranscriptOption = None,
    known: Annotated[
        Path | None, typer.Option("--phones", metavar="FILE", help="Phones in time: .TextGrid or .json.")
    ] = None,
    fps: FpsOption = None,
    character: CharacterOption = "toon",
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of blinks and head motion.")] = 0,
    progress: ProgressOption = "auto",
) -> None:
    """Make the moving landmarks of a face that speaks the line."""
    with reporting(progress) as report:
        refuse_folder(output)
        if output.suffix.lower() != ".npz":
            raise SfpError(f"{output}: landmarks are written as .npz, got {output.suffix or 'no suffix'}")
        from sfp_core.character.character import Character
        from sfp_core.formats.landmarks_npz import write_landmarks_npz
        from sfp_core.hearing import hear, warnings_of
        from sfp_core.speech import joined, perform

        face = Character.load(character).face
        heard = hear(sound, transcript=transcript, phones=known, report=report)
        with report.stage("motion"):
            sequence = joined(perform(heard, face, fps=rate(fps) or Fraction(24), seed=seed))
            write_landmarks_npz(output, sequence)
        for warning in warnings_of(heard):
            report.warning(warning)
        if progress != "json":
            report.close()
            say(f"wrote {output}: {sequence.frames} frames at {sequence.fps} fps")
