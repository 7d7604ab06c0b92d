"""Random checkpoints in the published layout, loaded once, and a second of speech."""

from pathlib import Path

import numpy as np
import pytest

from makeittalk_bridge.networks import Networks, load_networks
from sfp_core.speech.audio import SPEECH_HZ, read_blocks
from tests.makeittalk.layout import write_folder


@pytest.fixture(scope="session")
def flat_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The six files side by side, random numbers in them."""
    return write_folder(tmp_path_factory.mktemp("makeittalk"))


@pytest.fixture(scope="session")
def networks(flat_folder: Path) -> Networks:
    return load_networks(flat_folder)


@pytest.fixture(scope="session")
def speech(line: Path) -> np.ndarray:
    """The built-in line, 8 s at 16 kHz."""
    return np.concatenate(list(read_blocks(line)))


@pytest.fixture(scope="session")
def second(speech: np.ndarray) -> np.ndarray:
    """One second from the middle of the line."""
    return speech[2 * SPEECH_HZ : 3 * SPEECH_HZ]


@pytest.fixture(scope="session")
def template() -> np.ndarray:
    """A still face in the template's space: jaw ends 1.6 apart, y down, a mouth that is a little open."""
    face = np.random.default_rng(5).uniform(-0.5, 0.5, (68, 3))
    face[[0, 16], :2] = [[-0.8, 0.0], [0.8, 0.0]]
    angle = np.pi + np.arange(8) * np.pi / 4
    face[60:68, :2] = 0.2 * np.stack([np.cos(angle), 0.3 * np.sin(angle)], axis=1) + [0, 0.5]
    return face
