"""`sfp character`: list, show, capture and train."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sfp_core.cli.options import ProgressOption, refuse_folder
from sfp_core.cli.talk import reporting, say
from sfp_core.errors import SfpError

if TYPE_CHECKING:
    import numpy as np

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The built-in characters, and characters of your own."
)


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


@app.command("capture")
def capture(
    rig: Annotated[str, typer.Argument(metavar="RIG", help="A built-in character.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="The folder for the pictures.")],
    poses: Annotated[
        Path | None, typer.Option("--poses", metavar="TABLE.csv", help="These poses instead of random ones.")
    ] = None,
    count: Annotated[int, typer.Option("--count", min=14, help="How many poses.")] = 3000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the random poses.")] = 0,
    size: Annotated[int, typer.Option("--size", min=64, max=2048, help="Side of the pictures, pixels.")] = 256,
    controls: Annotated[
        Literal["panel", "arkit"], typer.Option("--controls", help="What poses it: our panel, or ARKit's 52 names.")
    ] = "panel",
    progress: ProgressOption = "auto",
) -> None:
    """Picture a rig in many poses. Goes on where it was stopped."""
    with reporting(progress) as report:
        from sfp_core.character.capture import capture_character
        from sfp_core.character.poses import Pose, pose_set
        from sfp_core.rigs.procedural import FOV_DEG, ProceduralCharacter

        character = ProceduralCharacter.named(rig, controls=controls)
        if poses is None:
            chosen = pose_set(character.rig, count=count, seed=seed)
        else:
            from sfp_core.formats.pose_table import read_pose_table

            neutral = Pose("neutral", character.rig.neutral)
            chosen = (neutral, *(Pose("table", values) for _, values in read_pose_table(poses, character.rig)))
        with report.stage("capture", total=len(chosen)) as step:
            hidden = character.hidden
            capture_character(character, chosen, output, size=size, fov_deg=FOV_DEG, hidden=hidden, progress=step)
        if progress != "json":
            report.close()
            say(f"wrote {output}: {len(chosen)} poses of {rig}")


@app.command("train")
def train(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A capture: pictures and capture.json.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="NAME.character")],
    box: Annotated[
        tuple[float, float, float, float] | None,
        typer.Option("--box", metavar="X0 Y0 X1 Y1", help="Where the neutral face is, pixels; else it is looked for."),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option("--weights", metavar="FILE", help="Another detector than the shipped one.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the training.")] = 0,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Length of the training.")] = 3000,
    progress: ProgressOption = "auto",
) -> None:
    """Fit landmarks -> controllers to a capture; the result is a character that can be animated."""
    with reporting(progress) as report:
        refuse_folder(output)
        if output.suffix.lower() != ".character":
            raise SfpError(f"{output}: expected a name that ends in .character, got {output.suffix or 'no suffix'}")
        from sfp_core.character.capture import read_capture

        capture = read_capture(folder)  # before torch: what is wrong with it is told at once
        from sfp_core.character.fit import FitConfig, fit_character
        from sfp_core.character.fit_mapper import MapperConfig
        from sfp_core.character.observe import observe
        from sfp_core.detect.detector import Detector

        pictures = folder if folder.is_dir() else folder.parent
        with report.stage("detect", total=len(capture.poses)) as step:
            seen = observe(capture, pictures, Detector.load(weights), box=box, progress=step)
        for problem in seen.problems:
            report.warning(problem)
        neutral = next(captured.picture for captured in capture.poses if captured.pose.kind == "neutral")
        config = FitConfig(seed=seed, mapper=MapperConfig(steps=steps))
        with report.stage("fit", total=steps) as step:
            character, found = fit_character(
                capture,
                seen,
                config,
                thumbnail=pictures / neutral,
                progress=lambda part, done, total: step(done, total) if part == "mapper" else None,
            )
        character.save(output)
        if progress != "json":
            report.close()
            say(
                f"wrote {output}: mean error {100 * found.mapper.mean_error:.1f} % of the range on poses not trained "
                f"on; {len(found.invisible)} of {len(capture.rig.controllers)} controllers move no landmark"
            )
