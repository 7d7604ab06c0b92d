"""Ctrl-C, an end from outside and a full disk leave nothing half-written: `sfp` as a process of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and limits of POSIX systems")


@contextmanager
def _started(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """`sfp` in a process group of its own, as a shell starts it; ended in any case.

    SIGINT is given its handler back first: where these tests run as a background job, children inherit it ignored.
    """
    code = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from sfp_core.cli import main
sys.exit(main())
"""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    process = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _wait_for(process: subprocess.Popen[str], stage: str, event: str) -> list[str]:
    """Lines of stderr up to the first event of this kind in this stage."""
    assert process.stderr is not None
    lines = []
    for text in process.stderr:
        lines.append(text)
        if (content := json.loads(text))["stage"] == stage and content["event"] == event:
            return lines
    raise AssertionError(f"no {event} of {stage} in {lines}")


@pytest.mark.parametrize("target", ["take", "take.mp4"])
def test_ctrl_c_in_the_film_leaves_nothing(tmp_path: Path, line: Path, target: str) -> None:
    with _started("animate", line, "--progress", "json", "-o", tmp_path / target) as process:
        _wait_for(process, "preview", "progress")
        os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the whole group, the workers too
        _, err = process.communicate(timeout=300)
    events = [json.loads(text) for text in err.splitlines()]  # nothing but JSON: no traceback of a worker either
    assert process.returncode == 130
    assert (events[-1]["event"], events[-1]["message"]) == ("failed", "stopped")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_early_says_one_line(tmp_path: Path, line: Path) -> None:
    with _started("animate", line, "--progress", "json", "-o", tmp_path / "take") as process:
        _wait_for(process, "speech", "start")
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert json.loads(err.splitlines()[-1])["message"] == "stopped"
    assert list(tmp_path.iterdir()) == []


def test_an_end_from_outside_leaves_nothing(tmp_path: Path, line: Path) -> None:
    with _started("animate", line, "--progress", "json", "-o", tmp_path / "take") as process:
        _wait_for(process, "preview", "progress")
        process.terminate()
        process.communicate(timeout=300)
    assert process.returncode == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "options", "limit"),
    [("take", ["--no-preview"], 3000), ("take.ma", [], 3000), ("take.mp4", [], 20_000)],
    ids=["folder", "ma", "mp4"],
)
def test_a_disk_that_takes_no_more_is_one_line_and_leaves_nothing(
    tmp_path: Path, line: Path, target: str, options: list[str], limit: int
) -> None:
    # imported before the limit, so that what Python and Numba keep on disk is there by then
    code = f"""
import resource, sys
from sfp_core.cli import main
import sfp_core.animate, sfp_core.preview, sfp_core.rigs.procedural
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
sys.exit(main(["animate", {str(line)!r}, *{options!r}, "-o", {str(tmp_path / target)!r}]))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1
    lines = [text for text in done.stderr.splitlines() if text.startswith("sfp: ")]
    assert lines[-1].startswith(f"sfp: error: {tmp_path / target}"), done.stderr
    assert "too large" in lines[-1]
    assert list(tmp_path.iterdir()) == []
