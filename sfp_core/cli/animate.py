"""`sfp animate` and `sfp demo`: a spoken line, or the film of a face, becomes a take."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sfp_core.cli.options import (
    CharacterOption,
    ForceOption,
    FpsOption,
    ProgressOption,
    RigFileOption,
    ToleranceOption,
    TranscriptOption,
    rate,
)
from sfp_core.cli.talk import reporting, say
from sfp_core.errors import SfpError

if TYPE_CHECKING:
    from sfp_core.animate import AnimateRequest
    from sfp_core.landmarks import LandmarkSequence
    from sfp_core.motion import LandmarkSource
    from sfp_core.progress import Progress, Step

TakeOption = Annotated[
    Path,
    typer.Option("-o", "--output", metavar="TAKE", help="A folder for all files, or one file: .ma .json .mp4"),
]
MakeItTalkOption = Annotated[
    Path | None, typer.Option("--makeittalk", metavar="DIR", help="Your MakeItTalk folder, for that engine. [this one]")
]
VoiceOption = Annotated[
    Path | None,
    typer.Option("--voice", metavar="FILE", help="256 numbers of the voice (.txt, .npy), for --engine makeittalk."),
]
PreviewOption = Annotated[bool, typer.Option("--no-preview", help="Write no preview.mp4.")]


def animate(
    context: typer.Context,
    *,
    source: Annotated[
        Path | None,
        typer.Argument(metavar="SOUND|VIDEO", help="Any file with sound; with --engine video the film of a face."),
    ] = None,
    output: TakeOption,
    engine: Annotated[
        Literal["speech", "landmarks", "video", "makeittalk"] | None,
        typer.Option("--engine", help="Where the motion comes from. [speech]"),
    ] = None,
    transcript: TranscriptOption = None,
    phones: Annotated[
        Path | None, typer.Option("--phones", metavar="FILE", help="Phones in time: .TextGrid or .json.")
    ] = None,
    landmarks: Annotated[
        Path | None, typer.Option("--landmarks", metavar="FILE", help="Moving landmarks (.npz) for that engine.")
    ] = None,
    makeittalk: MakeItTalkOption = None,
    still: Annotated[
        Path | None,
        typer.Option("--still", metavar="PICTURE", help="Whose face --engine makeittalk moves. [the character's]"),
    ] = None,
    voice: VoiceOption = None,
    character: CharacterOption = "toon",
    rig: RigFileOption = None,
    fps: FpsOption = None,
    jaw: Annotated[float, typer.Option("--jaw", min=0.0, max=3.0, help="How far the jaw moves.")] = 1.0,
    lips: Annotated[float, typer.Option("--lips", min=0.0, max=3.0, help="How far the lips move.")] = 1.0,
    strength: Annotated[
        list[str] | None,
        typer.Option(
            "--strength", metavar="PART=VALUE", help="How far a part goes: brows=0.5. 0 to 3; may be given again."
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of blinks and head motion.")] = 0,
    no_blinks: Annotated[bool, typer.Option("--no-blinks", help="Leave the lids alone.")] = False,
    tolerance: ToleranceOption = 0.01,
    layer: Annotated[
        list[str] | None,
        typer.Option("--layer", metavar="NAME=WEIGHT", help="Weight of a layer: blinks=0.5. May be given again."),
    ] = None,
    no_preview: PreviewOption = False,
    side_by_side: Annotated[
        bool, typer.Option("--side-by-side", help="Show the film to the left in preview.mp4 (--engine video).")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Make a take anew, but keep what is marked in it as edited (sfp mark).")
    ] = False,
    force: ForceOption = False,
    progress: ProgressOption = "auto",
) -> None:
    """Animate a character from a spoken line, or from the film of a face."""
    with reporting(progress) as report:
        from sfp_core.animate import AnimateRequest, engine_named
        from sfp_core.curves.take import weights_from
        from sfp_core.motion import DEFAULT_FPS
        from sfp_core.retarget import strength_from
        from sfp_core.speech import Style

        chosen = engine_named(engine or ("landmarks" if landmarks is not None else "speech"))
        if source is None and chosen in ("speech", "makeittalk"):
            raise SfpError("animate: no sound given; expected: sfp animate SOUND -o TAKE")
        style, exact = Style(jaw=jaw, lips=lips, blinks=not no_blinks), rate(fps)
        made: LandmarkSource | None = landmarks
        if chosen != "makeittalk":
            _refuse_unused(chosen, {"--makeittalk": makeittalk, "--still": still, "--voice": voice})
        elif landmarks is None and source is not None:
            made = _talking(
                source,
                makeittalk or Path(),
                still=still,
                character=character,
                voice=voice,
                seed=seed,
                blinks=not no_blinks,
            )
            style, seed, exact = Style(jaw=jaw, lips=lips), 0, exact or DEFAULT_FPS  # its rate of 62.5 is no film's
        request = AnimateRequest(
            target=output,
            sound=source if chosen != "video" else None,
            video=source if chosen == "video" else None,
            engine=chosen,
            landmarks=made,
            transcript=transcript,
            phones=phones,
            character=character,
            rig=rig,
            fps=exact,
            style=style,
            strength=strength_from(strength or ()),
            seed=seed,
            tolerance=tolerance,
            preview=not no_preview,
            side_by_side=side_by_side,
            weights=weights_from(layer or ()),
            keep=keep,
            force=force,
        )
        _run(request, report, began_s=context.obj, quiet=progress == "json")


def demo(
    context: typer.Context,
    *,
    output: TakeOption = Path("demo"),
    no_preview: PreviewOption = False,
    force: ForceOption = False,
    progress: ProgressOption = "auto",
) -> None:
    """Animate the built-in character with the built-in line."""
    with reporting(progress) as report:
        from sfp_core.animate import demo_request

        _run(
            demo_request(output, preview=not no_preview, force=force),
            report,
            began_s=context.obj,
            quiet=progress == "json",
        )


def _refuse_unused(engine: str, given: Mapping[str, Path | None]) -> None:
    for name, value in given.items():
        if value is not None:
            raise SfpError(f"engine {engine}: has no use for {name}; use --engine makeittalk")


def _talking(
    sound: Path, folder: Path, *, still: Path | None, character: str, voice: Path | None, seed: int, blinks: bool
) -> "LandmarkSource":
    """What makes the landmarks with MakeItTalk's networks, of the face in a still or else of the character's own.

    What is missing in their folder is told here, before anything is worked on.
    """
    from makeittalk_bridge.folder import find_files

    try:
        find_files(folder)
    except SfpError as error:
        raise SfpError(f"engine makeittalk: --makeittalk {error}") from error

    def source(step: "Step") -> "tuple[LandmarkSequence, tuple[str, ...]]":
        from makeittalk_bridge.talking import talking  # loads torch
        from sfp_core.character.character import Character

        face = still if still is not None else Character.load(character).face.neutral
        return talking(sound, folder, face=face, voice=voice, seed=seed, blinks=blinks, step=step)

    return source


def _run(request: "AnimateRequest", report: "Progress", *, began_s: float, quiet: bool) -> None:
    from sfp_core.animate import animate as make_take
    from sfp_core.preview import usable_cores

    result = make_take(request, report, began_s=began_s, processes=usable_cores())
    if not quiet:
        summary = result.summary
        report.close()
        say(
            f"wrote {result.path}: {summary.frames} frames at {summary.fps} fps, {summary.keys} keys on "
            f"{summary.moving_channels} of {summary.channels} controllers"
        )
