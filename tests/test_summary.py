"""The figures of one run."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from sfp_core.summary import Summary, peak_mb, process_age_s

ROOT = Path(__file__).parents[1]
LINUX = Path("/proc/self/stat").exists()


def _summary(**changes: object) -> Summary:
    values = {
        "seconds": 8.45,
        "fps": "24000/1001",
        "frames": 203,
        "engine": "speech",
        "rung": "align",
        "speech_share": 2 / 3,
        "unknown_words": ("blorfig",),
        "warnings": (),
        "stage_seconds": {"speech": 0.123456},
        "startup_s": 0.54321,
        "rtf": 0.098765,
        "peak_mb": 98.7654,
        "channels": 47,
        "moving_channels": 5,
        "keys": 271,
        "worst_error": 0.009994321,
    }
    return Summary(**(values | changes))  # type: ignore[arg-type]


def test_numbers_are_rounded_to_what_they_tell() -> None:
    content = _summary().to_json()
    assert content["stage_seconds"] == {"speech": 0.123}
    assert (content["speech_share"], content["startup_s"], content["rtf"]) == (0.667, 0.543, 0.0988)
    assert (content["peak_mb"], content["worst_error"]) == (98.8, 0.00999)


def _told_by_child(code: str) -> float:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


@pytest.mark.skipif(not LINUX, reason="other systems do not tell when a process started")
def test_a_process_knows_its_age_before_its_first_import() -> None:
    code = "import time; time.sleep(0.5)\nfrom sfp_core.summary import process_age_s; print(process_age_s())"
    began = time.perf_counter()
    age = _told_by_child(code)
    assert 0.5 <= age <= time.perf_counter() - began + 0.02  # the kernel counts in hundredths
    assert process_age_s() > 0


@pytest.mark.skipif(os.name == "nt", reason="Windows does not tell")
def test_peak_memory_is_that_of_this_process_and_not_of_its_parent() -> None:
    ballast = np.ones(60_000_000)  # 480 MB, so that a figure inherited from this process would show
    small = _told_by_child("from sfp_core.summary import peak_mb; print(peak_mb())")
    large = _told_by_child("x = bytearray(b'1' * 200_000_000)\nfrom sfp_core.summary import peak_mb; print(peak_mb())")
    assert peak_mb() > ballast.nbytes / 1e6
    assert 5 < small < 60
    assert large - small == pytest.approx(400, abs=210)  # one or two copies of the 200 MB
