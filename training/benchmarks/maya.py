"""The Maya tool: how many commands a long take costs, how soon the child process speaks. No Maya is run.

The commands are counted in the strict fake of the tests, which is started as a child process; seconds in it say
nothing about Maya and are information.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sfp_core.errors import SfpError
from training.benchmarks.table import Figure

PARTS = ("commands", "startup")
ATTRIBUTES, SECONDS = 100, 60
MEASURE = Path(__file__).parents[2] / "tests" / "maya" / "fake" / "measure.py"
_LINE = Path(__file__).parents[2] / "sfp_core" / "data" / "demo" / "line.wav"


def run(*, parts: Sequence[str] = PARTS) -> list[Figure]:
    """The figures of these parts.

    Raises
    ------
    SfpError
        The tests are not beside this package (as in a wheel), or a child process failed.
    """
    figures: list[Figure] = []
    if "commands" in parts:
        figures += command_figures(_measured())
    if "startup" in parts:
        note = "from starting `sfp animate` to its first word of progress, best of 3"
        figures.append(Figure("child_startup_s", min(_first_word_s() for _ in range(3)), "s", 3, note=note))
    return figures


def command_figures(found: dict[str, Any]) -> list[Figure]:
    """Of what `tests/maya/fake/measure.py` has found."""
    layer, direct = found["override"], found["direct"]
    what = f"{layer['keyed']} attributes x {SECONDS} s, {layer['keys']} keys, {layer['undo_steps']} undo"
    bound = 8 * layer["keyed"] + 200
    return [
        Figure("commands", layer["commands"], "", bound, note=f"{what}; bound: 8 an attribute + 200"),
        Figure("  without a layer", direct["commands"], "", bound, note="keys on the controllers themselves"),
        Figure("apply_s", layer["seconds"], "s", note="of the processor, in the fake: information"),
        Figure("fake_commands_checked", found["fake_commands_checked"], "", note="commands that the fake knows"),
    ]


def _measured() -> dict[str, Any]:
    if not MEASURE.is_file():
        raise SfpError(f"{MEASURE}: not there; run this benchmark from a checkout with its tests")
    command = [sys.executable, str(MEASURE), "--attributes", str(ATTRIBUTES), "--seconds", str(SECONDS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SfpError(f"{MEASURE.name}: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _first_word_s() -> float:
    """Seconds until the child process says something."""
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-m", "sfp_core", "animate", str(_LINE), "-o", str(Path(name) / "take")]
        began = time.perf_counter()
        with subprocess.Popen(
            [*command, "--no-preview", "--progress", "json"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        ) as child:
            assert child.stderr is not None
            line = child.stderr.readline()
            seconds = time.perf_counter() - began
            child.kill()
    if not line.startswith(b"{"):
        raise SfpError(f"sfp animate: said {line[:200]!r}; expected a line of progress")
    return seconds
