"""Options that several commands share, and how their text becomes values."""

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal

import typer

from sfp_core.errors import SfpError

ProgressMode = Literal["auto", "json", "none"]

TranscriptOption = Annotated[
    str | None, typer.Option("--transcript", metavar="TEXT|FILE", help="What is said, as text or in a text file.")
]
CharacterOption = Annotated[
    str, typer.Option("--character", metavar="NAME|PATH", help="A built-in character, or a .character file.")
]
RigFileOption = Annotated[
    Path | None, typer.Option("--rig", metavar="FILE", help="The .glb, .gltf or .vrm file that the preview draws.")
]
ProgressOption = Annotated[
    ProgressMode,
    typer.Option("--progress", help="How progress is told on stderr: as suits it, one JSON object a line, or not."),
]
FpsOption = Annotated[str | None, typer.Option("--fps", metavar="RATE", help="24, 23.976, 24000/1001 ... [24]")]
ToleranceOption = Annotated[
    float,
    typer.Option("--tolerance", min=0.0001, max=0.5, help="Largest error of the keys, share of a controller's range."),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


def rate(given: str | None) -> Fraction | None:
    """The exact rate that `--fps` means, None where it was not given."""
    from sfp_core.timing import parse_fps

    return None if given is None else parse_fps(given)


def refuse_folder(path: Path) -> None:
    """Raise SfpError when a folder stands where a file is to be written."""
    if path.is_dir():
        raise SfpError(f"{path}: is a folder; expected a file name")


def refuse_page(page: Path | None) -> None:
    """Raise SfpError for a page that would be no HTML file."""
    if page is not None:
        refuse_folder(page)
        if page.suffix.lower() not in (".html", ".htm"):
            raise SfpError(f"{page}: pages are written as .html, got {page.suffix or 'no suffix'}")
