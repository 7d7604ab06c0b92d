"""`sfp` itself: help, version, doctor, info, and how a failure is told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sfp_core import __version__
from sfp_core.cli import main
from sfp_core.doctor import findings

COMMANDS = [
    "demo",
    "doctor",
    "info",
    "animate",
    "phones",
    "landmarks",
    "detect",
    "draw",
    "preview",
    "export",
    "mark",
    "report",
    "character",
]


def test_version_is_that_of_the_package(sfp: Callable) -> None:
    assert (done := sfp("--version")).out == f"sfp {__version__}\n"
    assert (done.code, done.err) == (0, "")


def test_help_names_every_command(sfp: Callable) -> None:
    done = sfp("--help")
    assert done.code == 0
    listed = [line.split()[0] for line in done.out.split("Commands:")[1].splitlines() if line.startswith("  ")]
    assert set(COMMANDS) <= set(listed)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(sfp: Callable, command: str) -> None:
    done = sfp(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: sfp {command} ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["animate", "line.wav"],  # no -o
        ["animate", "line.wav", "-o", "take", "--emotion", "happy"],  # an option of a later version
        ["animate", "line.wav", "-o", "take", "--jaw", "wide"],
        ["animate", "line.wav", "-o", "take", "--tolerance", "-1"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2_and_writes_nothing(
    sfp: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = sfp(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: sfp")
    assert list(tmp_path.iterdir()) == []


def test_doctor_lists_every_finding_and_fails_only_when_something_needed_is_missing(sfp: Callable) -> None:
    done = sfp("doctor")
    report = findings()
    assert [line.split()[0] for line in done.out.splitlines()] == [finding.name for finding in report]
    assert done.code == int(any(finding.missing and finding.needed for finding in report))


def test_info_tells_the_length_of_a_sound(sfp: Callable, line: Path) -> None:
    done = sfp("info", line)
    assert (done.code, done.out, done.err) == (0, "kind: sound\nlength: 6.979 s\n", "")


def test_a_defect_is_one_line_and_a_traceback_only_where_asked(
    sfp: Callable, line: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SFP_DEBUG", raising=False)
    monkeypatch.setattr("sfp_core.file_info.describe", lambda path: {}[path])
    done = sfp("info", line)
    assert done.code == 1
    assert done.err.startswith("sfp: error: internal: KeyError: ")
    assert done.err.endswith("(a defect of sfp; SFP_DEBUG=1 shows where)\n")
    assert len(done.err.splitlines()) == 1
    assert "Traceback (most recent call last):" in sfp("--debug", "info", line).err


def test_main_gives_the_exit_code_back() -> None:
    assert main(["--version"]) == 0
