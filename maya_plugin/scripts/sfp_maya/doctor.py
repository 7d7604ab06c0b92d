"""Finds the environment of `sfp`, and says whether what answers there goes with this tool. No Qt, no Maya."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping, Sequence

from . import __version__
from .environment import CHOSEN, WINDOWS, sfp_command

TOOL_VERSION = __version__
_USUAL = ("sfp", "sfp-env", ".sfp", ".venv", "venv", "envs/sfp", ".virtualenvs/sfp")
_CONDA = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", ".conda")


@dataclass(frozen=True)
class Verdict:
    """Whether all is well, and what is to be told."""

    ok: bool
    text: str


def candidates(environ: Mapping[str, str], *, platform: str, home: Path) -> list[str]:
    """Environments that have an `sfp`: the one that is set, those of PATH, and those in usual places of `home`."""
    folder, program = ("Scripts", "sfp.exe") if platform == WINDOWS else ("bin", "sfp")
    places = [Path(environ[CHOSEN])] if environ.get(CHOSEN) else []
    separator = ";" if platform == WINDOWS else ":"
    places += [Path(entry).parent for entry in environ.get("PATH", "").split(separator) if Path(entry).name == folder]
    places += [home / name for name in _USUAL]
    for name in _CONDA:
        environments = home / name / "envs"
        places += sorted(environments.iterdir()) if environments.is_dir() else []
    found = [str(place) for place in places if (place / folder / program).is_file()]
    return list(dict.fromkeys(found))


def command_of(place: str, *, fallback: str = "") -> tuple[str, ...]:
    """The words that start the `sfp` of an environment; `fallback` where none is given. Raises SfpMayaError."""
    return sfp_command(place or fallback, platform=sys.platform, environ=os.environ)


def verdict(said: str, *, command: Sequence[str]) -> Verdict:
    """Of what `sfp --version` printed. Tool and `sfp` go together where the first two numbers are the same."""
    words = said.split()
    if len(words) != 2 or words[0] != "sfp":
        return Verdict(False, f"{command[0]} is no sfp; install it there: pip install stylized-face-point")
    if words[1].split(".")[:2] != TOOL_VERSION.split(".")[:2]:
        return Verdict(
            False,
            f"sfp is {words[1]}, this tool is {TOOL_VERSION}; update both to one version: pip install -U "
            "stylized-face-point, then sfp maya install",
        )
    return Verdict(True, f"sfp {words[1]} answers, and goes with this tool ({TOOL_VERSION})\n{command[0]}")
