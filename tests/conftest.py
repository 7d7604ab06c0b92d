"""What many tests share: the built-in line, the development data, and `sfp` as a call."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sfp_core.cli import main

DEMO = Path(__file__).parents[1] / "sfp_core" / "data" / "demo"


@dataclass(frozen=True)
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def sfp(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run `sfp` in this process: `sfp("animate", path, "-o", take)`."""

    def run(*arguments: object) -> Ran:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def line() -> Path:
    """The built-in line, 8 s of speech."""
    return DEMO / "line.wav"


@pytest.fixture(scope="session")
def line_text() -> str:
    """What is said in it."""
    return (DEMO / "line.txt").read_text(encoding="utf-8").strip()


@pytest.fixture(scope="session")
def toon_bundle() -> Path:
    """The shipped character."""
    return DEMO.parent / "characters" / "toon.character"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of development data; tests that want it are skipped without."""
    place = os.environ.get("SFP_SHARED_DATA")
    if not place or not Path(place).is_dir():
        pytest.skip("SFP_SHARED_DATA names no folder of development data")
    return Path(place)
