"""`sfp character capture`, `train` and `create`: from a rig to a character."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sfp_core.cli.options import ForceOption, ProgressOption, refuse_folder, refuse_page
from sfp_core.cli.talk import reporting, say
from sfp_core.errors import SfpError

if TYPE_CHECKING:
    from sfp_core.character.character import Character
    from sfp_core.character.poses import Pose
    from sfp_core.rig import RigSpec
    from sfp_core.rigs.procedural import ProceduralCharacter


def capture(
    rig: Annotated[
        str,
        typer.Argument(
            metavar="RIG", help="A built-in character, a .glb, .gltf or .vrm file, or (--pictures) a rig's name."
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="The folder for the pictures.")],
    poses: Annotated[
        Path | None,
        typer.Option("--poses", metavar="FILE", help="These poses, not random ones: a table .csv, or a take's .json."),
    ] = None,
    every: Annotated[int, typer.Option("--every", min=1, help="Of --poses, every n-th.")] = 1,
    pictures: Annotated[
        Path | None,
        typer.Option("--pictures", metavar="DIR", help="Draw nothing: the pictures that --poses names lie here."),
    ] = None,
    rest: Annotated[
        str | None, typer.Option("--rest", metavar="NAME", help="Of --pictures, the one of the face at rest.")
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
        if pictures is not None or rest is not None:
            _capture_pictured(rig, output, poses, pictures, rest, quiet=progress == "json")
            return
        from sfp_core.character.capture import capture_character
        from sfp_core.preview import usable_cores
        from sfp_core.rigs.drawable import drawable_named

        make = drawable_named(rig, controls=controls)
        character = make()
        chosen = _poses(character.rig, poses, every=every, count=count, seed=seed)
        with report.stage("capture", total=len(chosen)) as step:
            capture_character(
                character,
                chosen,
                output,
                size=size,
                fov_deg=character.fov_deg,
                source=character.source,
                hidden=character.hidden,
                progress=step,
                helpers=usable_cores() - 1,
                again=make,
            )
        if progress != "json":
            report.close()
            say(f"wrote {output}: {len(chosen)} poses of {character.rig.name}")


def _poses(rig: "RigSpec", given: Path | None, *, every: int, count: int, seed: int) -> "tuple[Pose, ...]":
    """The poses of a table or of a take, else a set of random ones."""
    if given is None:
        from sfp_core.character.poses import pose_set

        return pose_set(rig, count=count, seed=seed)
    from sfp_core.character.given_poses import poses_of_table, poses_of_take

    return (poses_of_take if given.suffix.lower() == ".json" else poses_of_table)(given, rig, every=every)


def _capture_pictured(
    rig: str, output: Path, poses: Path | None, pictures: Path | None, rest: str | None, *, quiet: bool
) -> None:
    """A capture of pictures that somebody else made."""
    if pictures is None:
        raise SfpError("--rest: names a picture of --pictures DIR, which is not given")
    if poses is None:
        raise SfpError(f"{pictures}: pictures alone do not tell their controllers; give --poses TABLE.csv, too")
    from sfp_core.character.pictured import capture_pictured
    from sfp_core.rigs.profiles.profile import profile_named, profile_names

    profile = profile_named(rig) if rig in profile_names() else None
    made = capture_pictured(
        poses,
        pictures,
        output,
        rig=profile.rig if profile else None,
        name=rig,
        rest=rest,
        unlimited=profile.unlimited if profile else (),
    )
    if not quiet:
        say(f"wrote {output}: {len(made.poses)} poses of {made.rig.name}")


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
    page: Annotated[
        Path | None, typer.Option("--report", metavar="HTML", help="The page about it. [NAME.report.html]")
    ] = None,
    no_page: Annotated[bool, typer.Option("--no-report", help="Write no page.")] = False,
    force: ForceOption = False,
    progress: ProgressOption = "auto",
) -> None:
    """Fit landmarks -> controllers to a capture; the result is a character that can be animated."""
    with reporting(progress) as report:
        page = None if no_page else page or output.with_suffix(".report.html")
        _refuse_targets(output, page, force=force)
        from sfp_core.character.capture import read_capture

        capture = read_capture(folder)  # before torch: what is wrong with it is told at once
        from sfp_core.character.create import fit_observed
        from sfp_core.character.fit import FitConfig
        from sfp_core.character.fit_mapper import MapperConfig
        from sfp_core.character.observed import observed
        from sfp_core.detect.detector import Detector

        pictures = folder if folder.is_dir() else folder.parent
        with report.stage("detect", total=len(capture.poses)) as step:
            seen = observed(capture, pictures, Detector.load(weights), box=box, progress=step)
        for problem in seen.problems:
            report.warning(problem)
        config = FitConfig(seed=seed, mapper=MapperConfig(steps=steps))
        with report.stage("fit", total=steps) as step:
            character, found = fit_observed(
                capture,
                seen,
                pictures,
                config,
                progress=lambda part, done, total: step(done, total) if part == "mapper" else None,
            )
        character.save(output)
        if page is not None:
            from sfp_core.character.report import report_page
            from sfp_core.files import write_text

            drawn = _drawn_or_none(character)
            with report.stage("report"):
                write_text(page, report_page(character, found, capture, pictures, seen, drawn=drawn))
        if progress != "json":
            report.close()
            say(
                f"wrote {output}: mean error {100 * found.mapper.mean_error:.1f} % of the range on poses not trained "
                f"on; {len(found.invisible)} of {len(capture.rig.controllers)} controllers move no landmark"
            )
            if page is not None:
                say(f"wrote {page}")


def _refuse_targets(output: Path, page: Path | None, *, force: bool) -> None:
    """Raise SfpError unless both may be written."""
    refuse_folder(output)
    if output.suffix.lower() != ".character":
        raise SfpError(f"{output}: expected a name that ends in .character, got {output.suffix or 'no suffix'}")
    refuse_page(page)
    for path in (output, page):
        if path is not None and path.exists() and not force:
            raise SfpError(f"{path}: is already there; give --force to replace it, or another name")


def _drawn_or_none(character: "Character") -> "ProceduralCharacter | None":
    """What draws this character for a page; a rig that is drawn by others is shown as landmarks."""
    from sfp_core.character.drawn import drawn_rig

    try:
        return drawn_rig(character.rig)
    except SfpError:  # a rig of theirs that happens to have a built-in name
        return None


def create(
    rig: Annotated[str, typer.Argument(metavar="RIG", help="A rig that `sfp character capture` can picture.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="[RIG.character, here]", show_default=False)
    ] = None,
    count: Annotated[int, typer.Option("--count", min=112, help="How many poses.")] = 3000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of poses and training.")] = 0,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Length of the training.")] = 3000,
    pictures: Annotated[
        Path | None, typer.Option("--capture", metavar="DIR", help="Where the pictures go. [NAME.capture, beside it]")
    ] = None,
    force: ForceOption = False,
    progress: ProgressOption = "auto",
) -> None:
    """Picture a rig and train on it: `capture` and `train` in one. The same command goes on where it was stopped."""
    target = output or Path(f"{Path(rig).stem}.character")
    page = target.with_suffix(".report.html")
    with reporting(progress):
        _refuse_targets(target, page, force=force)
    folder = pictures or target.with_suffix(".capture")
    capture(rig=rig, output=folder, count=count, seed=seed, progress=progress)
    train(folder=folder, output=target, seed=seed, steps=steps, page=page, force=force, progress=progress)
