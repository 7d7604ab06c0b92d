"""`sfp preview`: a take that is there already, as a film."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from sfp_core.cli.options import ProgressOption, RigFileOption, refuse_folder
from sfp_core.cli.talk import reporting, say
from sfp_core.errors import SfpError


def preview(
    take: Annotated[Path, typer.Argument(metavar="TAKE", help="A take's folder or its .curves.json.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The film to write, .mp4")],
    size: Annotated[int, typer.Option("--size", min=64, max=2160, help="Side of the picture, pixels.")] = 720,
    rig: RigFileOption = None,
    progress: ProgressOption = "auto",
) -> None:
    """Draw a take on the built-in character or the glTF file it is for. The head rests: keys do not hold its motion."""
    with reporting(progress) as report:
        refuse_folder(output)
        if output.suffix.lower() != ".mp4":
            raise SfpError(f"{output}: films are written as .mp4, got {output.suffix or 'no suffix'}")
        from sfp_core.formats.curves_json import read_curves_json
        from sfp_core.preview import Scene, pictures, usable_cores
        from sfp_core.render.film import write_film
        from sfp_core.rigs.drawable import drawable_named
        from sfp_core.target import CURVES

        path = take / CURVES if take.is_dir() else take
        made = read_curves_json(path)
        shown = made.rig if rig is None else str(rig)
        values = made.curves(drawable_named(shown)().rig).values
        sound = path.parent / made.sound.file if made.sound is not None else None
        if sound is not None and not sound.is_file():
            report.warning(f"{sound}: the sound of this take is not there, so the film is silent")
            sound = None
        scene = Scene(shown, size=size + size % 2)
        with report.stage("preview", total=made.frames) as step:
            frames = pictures(scene, values, processes=usable_cores())
            with contextlib.closing(frames):
                write_film(output, frames, fps=made.fps, sound=sound, progress=step)
        if progress != "json":
            report.close()
            say(f"wrote {output}: {made.frames} frames")
