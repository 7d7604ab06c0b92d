"""MakeItTalk's networks as a landmark source: speed, memory, agreement with the equations, and the swap.

The checkpoints are random numbers in the published layout: speed and memory do not depend on what they say (the keys of
noise are more than those of speech, so `rtf` is, if anything, too high). The reference equations and the cast's truth
lie with the tests, which run as processes of their own.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from sfp_core.errors import SfpError
from sfp_core.files import read_json
from sfp_core.speech.audio import SPEECH_HZ, read_blocks
from training.benchmarks.table import Figure

PARTS = ("blocks", "stills", "speed")
SECONDS = 600.0
_ROOT = Path(__file__).parents[2]
_LINE = _ROOT / "sfp_core" / "data" / "demo" / "line.wav"
_WRITE_FOLDER = (
    "import pathlib, sys; from tests.makeittalk.layout import write_folder; write_folder(pathlib.Path(sys.argv[1]))"
)


def run(*, parts: Iterable[str]) -> list[Figure]:
    """The figures of the issue "MakeItTalk as a landmark source"."""
    wanted = set(parts)
    figures: list[Figure] = []
    if "blocks" in wanted:
        figures += block_figures()
    if "stills" in wanted:
        figures += still_figures()
    if "speed" in wanted:
        figures += speed_figures()
    return figures


def block_figures() -> list[Figure]:
    """`block_error`: the largest difference of any block from a slow NumPy reference."""
    found: Mapping[str, float] = json.loads(_ran("-m", "tests.makeittalk.reference"))
    worst = max(found, key=lambda name: found[name])
    note = f"largest of {len(found)} blocks, single precision against double; {worst}"
    return [Figure("block_error", found[worst], "", 1e-5, note=note)]


def still_figures() -> list[Figure]:
    """`swap_nme`: normalised landmarks of the cast's stills against the generator's truth."""
    found: Mapping[str, Mapping[str, float]] = json.loads(_ran("-m", "tests.makeittalk.swap"))
    seen, default = found["as seen"], found["default"]
    worst = max(seen, key=lambda name: seen[name])
    of = f"stills of {len(seen)} characters, 68 normalised landmarks"
    return [
        Figure("swap_nme", float(np.mean(list(seen.values()))), "%", note=f"{of}; of the inter-ocular distance"),
        Figure(" swap_nme, worst", seen[worst], "%", note=worst),
        Figure(
            " swap_nme, default", float(np.mean(list(default.values()))), "%", note="mouth shut, lips and lids moved"
        ),
    ]


def speed_figures(*, seconds: float = SECONDS) -> list[Figure]:
    """`rtf` and `peak_mb` of `sfp animate --engine makeittalk --no-preview` on a long sound."""
    with tempfile.TemporaryDirectory() as name:
        folder, sound, take = Path(name) / "makeittalk", Path(name) / "long.wav", Path(name) / "take"
        folder.mkdir()
        _ran("-c", _WRITE_FOLDER, str(folder))
        line = np.concatenate(list(read_blocks(_LINE)))
        soundfile.write(sound, np.resize(line, round(seconds * SPEECH_HZ)), SPEECH_HZ)
        given = ["--makeittalk", str(folder), "--voice", str(folder / "obama_emb.txt")]
        command = ["-m", "sfp_core", "animate", str(sound), "--engine", "makeittalk", *given]
        _ran(*command, "--no-preview", "--progress", "none", "-o", str(take))
        summary: Mapping[str, Any] = read_json(take / "summary.json")
    stages = ", ".join(f"{name} {spent:.0f} s" for name, spent in summary["stage_seconds"].items())
    note = f"{summary['seconds']:.0f} s of speech, random checkpoints, voice given, no film"
    return [
        Figure("rtf", float(summary["rtf"]), "", 0.5, note=f"{note}; {stages}"),
        Figure("peak_mb", float(summary["peak_mb"]), "MB", 1500.0, note="the same, main process, 10^6 bytes"),
    ]


def _ran(*arguments: str) -> str:
    """What a Python process says on stdout."""
    if not (_ROOT / "tests" / "makeittalk").is_dir():
        raise SfpError(f"{_ROOT}: no tests/makeittalk there; expected the whole repository, not an installed package")
    done = subprocess.run([sys.executable, *arguments], cwd=_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise SfpError(f"python {' '.join(arguments[:3])}: ended with {done.returncode}: {last}")
    return done.stdout
