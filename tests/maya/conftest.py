"""The module under test and the fake Maya on the path, and a fresh session for every test."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
for folder in (HERE / "fake", ROOT / "maya_plugin" / "scripts"):
    sys.path.insert(0, str(folder))

if TYPE_CHECKING:
    from maya_fake.scene import Session


@pytest.fixture
def session() -> "Session":
    """A Maya that has just been started."""
    from maya_fake.scene import SESSION

    SESSION.restart()
    return SESSION
