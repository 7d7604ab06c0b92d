"""`sfp character`: list, show, capture and train."""

from pathlib import Path
from typing import Annotated

import typer

from sfp_core.cli.options import ProgressOption, refuse_folder
from sfp_core.cli.talk import reporting, say
from sfp_core.errors import SfpError

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The built-in characters, and characters of your own."
)


@app.command("list")
def list_characters() -> None:
    """List the built-in characters; those without a bundle can be drawn, but not animated."""
    from sfp_core.character.character import Character
    from sfp_core.rigs.procedural import character_names

    bundled = Character.names()
    for name in sorted({*character_names(), *bundled}):
        if name in bundled:
            print(f"{name}: {len(Character.load(name).rig.controllers)} controllers")
        else:
            print(f"{name}: no bundle yet; in a checkout: make weights")


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME|PATH", help="A built-in character, or a .character file.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="PNG", help="The picture to write.")],
    size: Annotated[int, typer.Option("--size", min=64, max=2160, help="Side of the picture, pixels.")] = 512,
) -> None:
    """Write a picture of a character at rest."""
    refuse_folder(output)
    if output.suffix.lower() != ".png":
        raise SfpError(f"{output}: pictures of characters are written as .png, got {output.suffix or 'no suffix'}")
    from sfp_core.files import written_whole
    from sfp_core.rigs.procedural import ProceduralCharacter, character_names

    if name in character_names():
        from PIL import Image

        drawn = ProceduralCharacter.named(name)
        picture = Image.fromarray(drawn.picture(drawn.rig.neutral, size=size))
        with written_whole(output) as temporary:
            picture.save(temporary)
    else:
        from sfp_core.character.character import Character

        thumbnail = Character.load(name).thumbnail
        if not thumbnail:
            raise SfpError(f"{name}: this character has no picture")
        with written_whole(output) as temporary:
            temporary.write_bytes(thumbnail)
    say(f"wrote {output}")


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
    progress: ProgressOption = "auto",
) -> None:
    """Picture a rig in many poses. Goes on where it was stopped."""
    with reporting(progress) as report:
        from sfp_core.character.capture import capture_character
        from sfp_core.character.poses import Pose, pose_set
        from sfp_core.rigs.panel import HIDDEN
        from sfp_core.rigs.procedural import FOV_DEG, ProceduralCharacter

        character = ProceduralCharacter.named(rig)
        if poses is None:
            chosen = pose_set(character.rig, count=count, seed=seed)
        else:
            from sfp_core.formats.pose_table import read_pose_table

            neutral = Pose("neutral", character.rig.neutral)
            chosen = (neutral, *(Pose("table", values) for _, values in read_pose_table(poses, character.rig)))
        with report.stage("capture", total=len(chosen)) as step:
            capture_character(character, chosen, output, size=size, fov_deg=FOV_DEG, hidden=HIDDEN, progress=step)
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
