"""`sfp preview`, `sfp export` and `sfp mark`: what can be done with a take, or with animation from elsewhere."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from sfp_core.cli.options import (
    ForceOption,
    FpsOption,
    ProgressOption,
    RigFileOption,
    ToleranceOption,
    rate,
    refuse_folder,
)
from sfp_core.cli.talk import reporting, say
from sfp_core.errors import SfpError

_LISTED = 5
_FORMS = "json, ma, anim, atom, studiolibrary, usd, gltf, livelink, csv, rhubarb or dat"

AnimationArgument = Annotated[
    Path, typer.Argument(metavar="TAKE", help="A take's folder, or a file .curves.json .anim .ma .csv.")
]


def preview(
    take: AnimationArgument,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The film to write, .mp4")],
    size: Annotated[int, typer.Option("--size", min=64, max=2160, help="Side of the picture, pixels.")] = 720,
    rig: RigFileOption = None,
    character: Annotated[
        str | None,
        typer.Option("--character", metavar="NAME", help="The built-in character that plays it. [the take's own]"),
    ] = None,
    fps: FpsOption = None,
    progress: ProgressOption = "auto",
) -> None:
    """Draw a take on the built-in character or the glTF file it is for. The head rests: keys do not hold its motion."""
    with reporting(progress) as report:
        refuse_folder(output)
        if output.suffix.lower() != ".mp4":
            raise SfpError(f"{output}: films are written as .mp4, got {output.suffix or 'no suffix'}")
        if rig is not None and character is not None:
            raise SfpError("--rig and --character: both say who is drawn; give one of the two")
        from sfp_core.playback import playback_of
        from sfp_core.preview import pictures, usable_cores
        from sfp_core.render.film import write_film

        shown = str(rig) if rig is not None else character
        played = playback_of(take, shown=shown, fps=rate(fps), size=size)
        made, sound = played.take, played.sound
        if played.left_out:
            names = ", ".join(played.left_out[:_LISTED])
            report.warning(f"{take}: {len(played.left_out)} curves that {played.scene.character} has not: {names}")
        if sound is not None and not sound.is_file():
            report.warning(f"{sound}: the sound of this take is not there, so the film is silent")
            sound = None
        with report.stage("preview", total=made.frames) as step:
            frames = pictures(played.scene, played.values, processes=usable_cores())
            with contextlib.closing(frames):
                write_film(output, frames, fps=made.fps, sound=sound, progress=step)
        if progress != "json":
            report.close()
            say(f"wrote {output}: {made.frames} frames")


def export(
    take: AnimationArgument,
    to: Annotated[str, typer.Option("--to", metavar="FORM", help=_FORMS)],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="PATH", help="The file, or the folder, to write.")],
    start: Annotated[
        int, typer.Option("--start", metavar="FRAME", help="The frame of the timeline on which the take begins.")
    ] = 0,
    fps: Annotated[
        str | None, typer.Option("--fps", metavar="RATE", help="Another rate: keyed anew on its whole frames.")
    ] = None,
    namespace: Annotated[
        str | None, typer.Option("--namespace", metavar="N", help="Of the rig's nodes: ma, anim, atom, usd ...")
    ] = None,
    no_group: Annotated[
        bool, typer.Option("--no-group", help="--to ma: for the rig that is in the scene, not a group of its own.")
    ] = False,
    names: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE", help="Other names for controllers: .json object or .csv of two columns."),
    ] = None,
    character: Annotated[
        str | None,
        typer.Option("--character", metavar="NAME|PATH", help="Whose limits curves from elsewhere have."),
    ] = None,
    rig: Annotated[
        Path | None, typer.Option("--rig", metavar="FILE", help="The .glb, .gltf or .vrm that --to gltf animates.")
    ] = None,
    tolerance: ToleranceOption = 0.01,
    force: ForceOption = False,
) -> None:
    """Write a take in the form of another program."""
    from sfp_core.curves.rates import at_rate
    from sfp_core.curves.renaming import renamed
    from sfp_core.formats.exports import Placement, export_named, export_take
    from sfp_core.formats.name_map import read_name_map
    from sfp_core.formats.opening import open_take

    form = export_named(to)
    if output.exists() and not force:
        raise SfpError(f"{output}: is already there; give --force to replace it, or another -o")
    spec = None
    if character is not None:
        from sfp_core.character.character import Character

        spec = Character.load(character).rig
    made = open_take(take, rig=spec).take
    wanted = rate(fps)
    if wanted is not None and wanted != made.fps:
        made = at_rate(made, wanted, tolerance=tolerance)
    if names is not None:
        made = renamed(made, read_name_map(names))
    export_take(output, made, form, Placement(start, namespace, group=not no_group, model=rig))
    say(f"wrote {output}: {made.key_count} keys on {made.moving_channels} controllers")


def mark(
    take: Annotated[Path, typer.Argument(metavar="TAKE", help="A take's folder or its .curves.json.")],
    controllers: Annotated[
        list[str] | None, typer.Argument(metavar="CONTROLLER ...", help="Whose keys were edited. [all]")
    ] = None,
    first: Annotated[
        float | None, typer.Option("--from", metavar="FRAME", help="First edited frame. [the first]")
    ] = None,
    last: Annotated[float | None, typer.Option("--to", metavar="FRAME", help="Last edited frame. [the last]")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Take all marks away.")] = False,
) -> None:
    """Mark keys of a take as edited by hand: `sfp animate --keep` leaves them as they are."""
    from sfp_core.curves.kept import marked, unmarked
    from sfp_core.formats.curves_json import read_curves_json, write_curves_json
    from sfp_core.target import CURVES

    path = take / CURVES if take.is_dir() else take
    made = read_curves_json(path)
    if clear:
        if controllers or first is not None or last is not None:
            raise SfpError("--clear: takes all marks away; leave controllers, --from and --to out")
        made = unmarked(made)
    else:
        span = (0.0 if first is None else first, float(made.frames - 1) if last is None else last)
        if span[0] > span[1]:
            raise SfpError(f"--from {span[0]:g} --to {span[1]:g}: expected the first frame before the last")
        names = controllers or [channel.controller for channel in made.channels]
        made = marked(made, names, span=span)
    write_curves_json(path, made)
    edited = sum(bool(channel.edited) for channel in made.channels)
    say(f"wrote {path}: {edited} of {len(made.channels)} channels are marked as edited")
