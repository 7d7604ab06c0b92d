"""Onboarding: a glTF file with ARKit's names becomes a character, timed as a user would see it."""

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from sfp_core.character.character import Character
from sfp_core.errors import SfpError
from training.benchmarks.table import Figure
from training.made_rigs import write_gltf_head


@dataclass(frozen=True)
class OnboardingRecipe:
    """The `[onboarding]` table: whose head is written as glTF, and how many poses are captured of it."""

    character: str
    poses: int
    seed: int


def onboarding_figures(recipe: OnboardingRecipe) -> list[Figure]:
    """`onboarding_s` of `sfp character create FILE.glb` as a process of its own, and how good the bundle is."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rig = write_gltf_head(folder / "stranger.glb", recipe.character)
        bundle = folder / "stranger.character"
        command = [sys.executable, "-m", "sfp_core", "character", "create", str(rig), "-o", str(bundle)]
        command += ["--count", str(recipe.poses), "--seed", str(recipe.seed)]
        began = time.perf_counter()
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
        if ended.returncode:
            said = (ended.stderr.strip().splitlines() or ["no message"])[-1]
            raise SfpError(f"sfp character create {rig.name}: ended with {ended.returncode}: {said}")
        made = Character.load(bundle)
        size_mb = bundle.stat().st_size / 1e6
    held_back = made.training["held_back"]["refined"]
    note = f"{recipe.poses} poses of a glTF head with {len(made.rig.names)} morph targets, file to bundle"
    return [
        Figure("onboarding_s", seconds, "s", 480, 180, note=note),
        Figure("  its mse_vs_neutral", held_back["mse_vs_neutral"], "", note="refined, on poses held back"),
        Figure("  its failing rate", held_back["failing_rate_percent"], "%", note="the same"),
        Figure("  its size", size_mb, "MB"),
    ]
