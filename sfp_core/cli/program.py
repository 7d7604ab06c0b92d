"""`sfp doctor` and `sfp info`: what is installed, and what a file is."""

from pathlib import Path
from typing import Annotated

import typer


def doctor() -> None:
    """Show versions, weights, cores and what is missing."""
    from sfp_core.doctor import findings

    report = findings()
    width = max(len(finding.name) for finding in report)
    for finding in report:
        note = (
            f"  <- {'without it not: ' if finding.needed else 'only for '}{finding.missing}" if finding.missing else ""
        )
        print(f"{finding.name:<{width}}  {finding.value}{note}")
    if any(finding.missing and finding.needed for finding in report):
        raise typer.Exit(1)


def info(file: Annotated[Path, typer.Argument(help="A take, a character, landmarks, weights or a sound.")]) -> None:
    """Show what a file is and what is in it."""
    from sfp_core.file_info import describe

    for name, value in describe(file).items():
        print(f"{name}: {value}")
