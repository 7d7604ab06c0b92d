"""`sfp-makeittalk`: the moving landmarks of a talking face, for everything that takes landmarks."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sfp_core.cli.options import FpsOption, ProgressOption, rate, refuse_folder
from sfp_core.cli.talk import STOPPED, line_of, reporting, say
from sfp_core.errors import SfpError

if TYPE_CHECKING:
    from sfp_core.landmarks import LandmarkSequence
    from sfp_core.progress import Progress

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def landmarks(
    sound: Annotated[Path, typer.Argument(metavar="SOUND", help="Any file with sound.")],
    *,
    still: Annotated[Path, typer.Option("--still", metavar="PICTURE", help="Whose face is moved.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help=".npz")],
    makeittalk: Annotated[Path, typer.Option("--makeittalk", metavar="DIR", help="Your MakeItTalk folder.")] = Path(),
    voice: Annotated[
        Path | None, typer.Option("--voice", metavar="FILE", help="256 numbers of the voice, .txt or .npy.")
    ] = None,
    fps: FpsOption = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of blinks.")] = 0,
    no_blinks: Annotated[bool, typer.Option("--no-blinks", help="Leave the lids alone.")] = False,
    with_head: Annotated[
        bool, typer.Option("--with-head", help="Leave the head's motion in the landmarks, in image space.")
    ] = False,
    original_windows: Annotated[
        bool, typer.Option("--original-windows", help="As in the original, the head may jump every 8.2 s.")
    ] = False,
    device: Annotated[str, typer.Option("--device", help="What the networks run on: cpu, cuda.")] = "cpu",
    run_original: Annotated[
        Path | None,
        typer.Option("--run-original", metavar="PYTHON", help="Run the checkout's own program with this Python."),
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=1.0, help="Seconds, with --run-original.")] = 3600.0,
    progress: ProgressOption = "auto",
) -> None:
    """Make the moving landmarks of a face that speaks the line, with MakeItTalk's networks."""
    with reporting(progress) as report:
        refuse_folder(output)
        if output.suffix.lower() != ".npz":
            raise SfpError(f"{output}: landmarks are written as .npz, got {output.suffix or 'no suffix'}")
        exact = rate(fps)
        from makeittalk_bridge.folder import find_files

        find_files(makeittalk)  # what is missing is told before anything heavy is loaded
        if run_original is not None:
            given = {"--voice": voice, "--no-blinks": no_blinks, "--original-windows": original_windows, "--seed": seed}
            for name, value in given.items():
                if value:
                    raise SfpError(f"--run-original and {name}: the original has no such option; give one of the two")
            made = _by_original(sound, makeittalk, still, run_original, timeout=timeout, apart=not with_head)
        else:
            made = _talking(
                sound,
                makeittalk,
                still,
                report,
                voice=voice,
                seed=seed,
                blinks=not no_blinks,
                apart=not with_head,
                original_windows=original_windows,
                device=device,
            )
        from sfp_core.formats.landmarks_npz import write_landmarks_npz
        from sfp_core.retarget import resampled

        sequence = made if exact is None else resampled(made, exact)
        write_landmarks_npz(output, sequence)
        if progress != "json":
            report.close()
            say(f"wrote {output}: {sequence.frames} frames at {sequence.fps} fps")


def _talking(
    sound: Path,
    folder: Path,
    still: Path,
    report: "Progress",
    *,
    voice: Path | None,
    seed: int,
    blinks: bool,
    apart: bool,
    original_windows: bool,
    device: str,
) -> "LandmarkSequence":
    from makeittalk_bridge.talking import talking

    with report.stage("landmarks") as step:
        sequence, warnings = talking(
            sound,
            folder,
            face=still,
            voice=voice,
            seed=seed,
            blinks=blinks,
            windows="original" if original_windows else "overlapping",
            head_apart=apart,
            device=device,
            step=step,
        )
    for warning in warnings:
        report.warning(warning)
    return sequence


def _by_original(
    sound: Path, checkout: Path, still: Path, python: Path, *, timeout: float, apart: bool
) -> "LandmarkSequence":
    from makeittalk_bridge.child import run_original
    from makeittalk_bridge.sequence import landmarks_of

    return landmarks_of(run_original(sound, checkout, still=still, python=python, timeout_s=timeout), head_apart=apart)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; without `arguments`, that of this process. Returns the exit code, as that of `sfp`."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name="sfp-makeittalk")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        say("stopped")
        return STOPPED
    except Exception as error:
        say(f"error: {line_of(error)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
