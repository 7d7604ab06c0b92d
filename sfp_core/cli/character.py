"""`sfp character`: list, show, create, capture, train and check."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sfp_core.cli.captures import capture, create, train
from sfp_core.cli.options import ForceOption, ProgressOption, refuse_folder, refuse_page
from sfp_core.cli.talk import reporting, say
from sfp_core.errors import SfpError

if TYPE_CHECKING:
    import numpy as np


app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The built-in characters, and characters of your own."
)
app.command("create")(create)
app.command("capture")(capture)
app.command("train")(train)


@app.command("list")
def list_characters(
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout instead of a line a character.")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="PNG", help="Also a picture of them side by side.")
    ] = None,
) -> None:
    """List the built-in characters; those without a bundle can be drawn and captured, but not animated yet."""
    if output is not None:
        _refuse_other_than_png(output)
    from sfp_core.character.character import Character
    from sfp_core.rigs.procedural import LAYERS, character_names, described

    bundled, drawn = Character.names(), character_names()
    found = []
    for name in sorted({*drawn, *bundled}):
        layers = {layer: len(kind.rig(name).names) for layer, kind in LAYERS.items()} if name in drawn else {}
        found.append(
            {
                "name": name,
                "description": described(name) if name in drawn else "",
                "controllers": len(Character.load(name).rig.controllers) if name in bundled else layers["panel"],
                "layers": layers,
                "animatable": name in bundled,
            }
        )
    if as_json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        for entry in found:
            about = f"; {entry['description']}" if entry["description"] else ""
            state = "ready to animate" if entry["animatable"] else "no bundle yet"
            print(f"{entry['name']}: {entry['controllers']} controllers; {state}{about}")
    if output is not None:
        from sfp_core.rigs.sheet import cast_sheet

        _write_png(output, cast_sheet(drawn))


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME|PATH", help="A built-in character, or a .character file.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="PNG", help="The picture to write.")],
    size: Annotated[int | None, typer.Option("--size", min=64, max=4096, help="Its width, pixels. [1600]")] = None,
    rest: Annotated[bool, typer.Option("--rest", help="The character at rest instead of its sheet.")] = False,
) -> None:
    """Write a character's sheet: at rest, expressions, lip shapes, all around. Of a file: the picture in it."""
    _refuse_other_than_png(output)
    from sfp_core.files import written_whole
    from sfp_core.rigs.procedural import ProceduralCharacter, character_names

    if name in character_names():
        character = ProceduralCharacter.named(name)
        if rest:
            picture = character.picture(character.rig.neutral, size=size or 512)
        else:
            from sfp_core.rigs.sheet import character_sheet

            picture = character_sheet(character, width=size or 1600)
        _write_png(output, picture)
    else:
        thumbnail = _thumbnail_of(name)
        with written_whole(output) as temporary:
            temporary.write_bytes(thumbnail)
        say(f"wrote {output}")


def _refuse_other_than_png(path: Path) -> None:
    refuse_folder(path)
    if path.suffix.lower() != ".png":
        raise SfpError(f"{path}: pictures of characters are written as .png, got {path.suffix or 'no suffix'}")


def _write_png(path: Path, picture: "np.ndarray") -> None:
    """Write (H, W, 3) uint8 and say so."""
    from PIL import Image

    from sfp_core.files import written_whole

    with written_whole(path) as temporary:
        Image.fromarray(picture).save(temporary, format="PNG")
    say(f"wrote {path}")


def _thumbnail_of(name: str) -> bytes:
    """The picture in a character file."""
    from sfp_core.character.character import Character
    from sfp_core.rigs.procedural import character_names

    if name not in Character.names() and len(Path(name).parts) == 1 and not Path(name).suffix:
        known = ", ".join(sorted({*character_names(), *Character.names()}))
        raise SfpError(f"character {name!r} is unknown; expected a .character file or one of: {known}")
    thumbnail = Character.load(name).thumbnail
    if not thumbnail:
        raise SfpError(
            f"{name}: no picture in it, so there is nothing to show; sfp info tells what it holds, sfp animate uses it"
        )
    return thumbnail


@app.command("check")
def check(
    name: Annotated[str, typer.Argument(metavar="NAME|PATH", help="A built-in character, or a .character file.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="HTML", help="Also a page with every face.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout instead of a table.")] = False,
    force: ForceOption = False,
    progress: ProgressOption = "auto",
) -> None:
    """Show a character lip shapes, blinks and expressions, and score its answers. Tells what is below the bars."""
    with reporting(progress) as report:
        refuse_page(output)
        if output is not None and output.exists() and not force:
            raise SfpError(f"{output}: is already there; give --force to replace it, or another name")
        from sfp_core.character.character import Character

        character = Character.load(name)
        from sfp_core.character.check import check_character
        from sfp_core.character.check_page import check_page, check_text
        from sfp_core.character.drawn import drawn_rig

        drawn = drawn_rig(character.rig)
        with report.stage("check"):
            if drawn is None:
                found = check_character(character)
            else:
                from sfp_core.detect.detector import Detector

                detector = Detector.load()
                if character.detector_sha256 and character.detector_sha256 != detector.sha256:
                    report.warning(f"{name}: trained with another detector than the one that looks at it now")
                found = check_character(character, drawn=drawn, detector=detector)
        if output is not None:
            from sfp_core.files import write_text

            write_text(output, check_page(found, character, drawn=drawn))
        report.close()
        print(json.dumps(found.record(), indent=1, ensure_ascii=False) if as_json else check_text(found))
        if output is not None and progress != "json":
            say(f"wrote {output}")
