"""`sfp report`: a take as one page to look at."""

from pathlib import Path
from typing import Annotated

import typer

from sfp_core.cli.options import ForceOption, ProgressOption, refuse_page
from sfp_core.cli.talk import reporting, say
from sfp_core.errors import SfpError


def report(
    take: Annotated[Path, typer.Argument(metavar="TAKE", help="A take's folder or its .curves.json.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The page to write, .html")],
    no_video: Annotated[bool, typer.Option("--no-video", help="Leave preview.mp4 out; the sound stays.")] = False,
    size: Annotated[
        int | None,
        typer.Option("--size", min=64, max=2160, help="Largest side of the film on the page, pixels. [as it is]"),
    ] = None,
    force: ForceOption = False,
    progress: ProgressOption = "auto",
) -> None:
    """Show a take on one page: its sound, words, curves, keys, film and warnings. The page needs no other file."""
    with reporting(progress) as told:
        refuse_page(output)
        if output.exists() and not force:
            raise SfpError(f"{output}: is already there; give --force to replace it, or another -o")
        from sfp_core.report import write_report

        made = write_report(take, output, film=not no_video, size=size, progress=told)
        for warning in made.warnings:
            told.warning(warning)
        if progress != "json":
            told.close()
            say(f"wrote {output}: {made.keys} keys of {made.channels} channels, {made.size_bytes / 1e6:.1f} MB")
