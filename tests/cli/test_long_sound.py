"""A sound of more than an hour works, with memory that does not grow with it but for the curves themselves."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

ROOT = Path(__file__).parents[2]


def _long_sound(path: Path, line: Path, minutes: int) -> Path:
    """The built-in line again and again, a little different each time, as FLAC."""
    samples, rate = soundfile.read(line, dtype="float32")
    rng = np.random.default_rng(0)
    with soundfile.SoundFile(path, "w", rate, 1, subtype="PCM_16") as sound:
        while sound.frames < minutes * 60 * rate:
            pause = np.zeros(int(rate * rng.uniform(0.2, 1.5)), dtype=np.float32)
            sound.write(np.concatenate([samples * np.float32(rng.uniform(0.3, 1.0)), pause]))
    return path


def _summary(sound: Path, take: Path) -> dict:
    command = [sys.executable, "-m", "sfp_core", "animate", str(sound), "--no-preview", "-o", str(take)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, done.stderr
    return json.loads((take / "summary.json").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_over_an_hour_of_sound_needs_hardly_more_memory_than_ten_minutes(tmp_path: Path, line: Path) -> None:
    ten, hour = (
        _summary(_long_sound(tmp_path / f"{minutes}.flac", line, minutes), tmp_path / f"take{minutes}")
        for minutes in (10, 65)
    )
    assert hour["seconds"] > 65 * 60 > ten["seconds"] * 5
    assert hour["frames"] == int(hour["seconds"] * 24) + 1
    # 55 more minutes are 79,200 frames of 47 controllers: 30 MB a copy, and a few copies are alive at once
    assert hour["peak_mb"] < ten["peak_mb"] + 300
    assert hour["rtf"] < 0.5
