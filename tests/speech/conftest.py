"""A face of our own and small sounds whose content is known."""

import math
import wave
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sfp_core.face import Face
from sfp_core.layout import WFLW_98
from sfp_core.speech import Heard, Phone, PhoneTrack
from sfp_core.speech.loudness import Loudness
from sfp_core.speech.phones import VOWELS, gapless


def _mirrored(points: np.ndarray) -> np.ndarray:
    return (points + (points * [-1.0, 1.0])[list(WFLW_98.mirror)]) / 2


def _neutral() -> np.ndarray:
    points = np.zeros((98, 2))
    angle = np.linspace(math.pi, 0, 33)
    points[:33] = np.stack([0.82 * np.cos(angle), 1.0 * np.sin(angle)], axis=1)
    points[33:38] = np.stack([np.linspace(-0.6, -0.15, 5), [-0.12, -0.19, -0.2, -0.19, -0.16]], axis=1)
    points[38:42] = np.stack([np.linspace(-0.15, -0.5, 4), [-0.11, -0.12, -0.13, -0.13]], axis=1)
    points[51:55] = np.stack([np.zeros(4), np.linspace(0, 0.33, 4)], axis=1)
    points[55:60] = np.stack([np.linspace(-0.18, 0.18, 5), [0.38, 0.4, 0.41, 0.4, 0.38]], axis=1)
    points[60:65] = [[-0.5, 0], [-0.43, -0.05], [-0.35, -0.07], [-0.27, -0.05], [-0.2, 0]]
    points[65:68] = [[-0.27, 0.04], [-0.35, 0.05], [-0.43, 0.04]]
    points[96] = [-0.35, 0.0]
    points[76:83] = np.stack([np.linspace(-0.3, 0.3, 7), [0.58, 0.55, 0.53, 0.535, 0.53, 0.55, 0.58]], axis=1)
    points[83:88] = np.stack([np.linspace(0.2, -0.2, 5), [0.62, 0.65, 0.66, 0.65, 0.62]], axis=1)
    points[88:93] = np.stack([np.linspace(-0.27, 0.27, 5), np.full(5, 0.58)], axis=1)
    points[93:96] = np.stack([np.linspace(0.135, -0.135, 3), np.full(3, 0.58)], axis=1)
    mirrored = np.array(WFLW_98.mirror)
    for group in ("right_brow", "right_eye", "right_pupil"):
        right = WFLW_98.group(group)
        points[right] = points[mirrored[right]] * [-1, 1]
    return _mirrored(points)


@pytest.fixture(scope="session")
def face() -> Face:
    """A symmetric face with a shut mouth; its amplitudes are round numbers."""
    reach = {
        "mouth_open": 0.5,
        "mouth_wide": 0.1,
        "mouth_narrow": 0.2,
        "corner_up": 0.1,
        "corner_down": 0.1,
        "brow_up": 0.1,
        "brow_down": 0.1,
    }
    return Face(_neutral(), WFLW_98, reach)


@pytest.fixture(scope="session")
def said() -> Callable[[str], Heard]:
    """What would be heard if these phones were said: `said("_ M AA:0.2 M _:0.5")`, 0.1 s each unless told."""

    def make(text: str) -> Heard:
        phones: list[Phone] = []
        time = 0.0
        for token in text.split():
            symbol, _, length = token.partition(":")
            end = time + float(length or 0.1)
            phones.append(Phone(time, end, symbol.replace("_", "")))
            time = end
        seconds = Fraction(round(time * 16000), 16000)
        track = PhoneTrack(gapless(phones, seconds), (), seconds, "file")
        centres = (np.arange(math.ceil(time * 100)) + 0.5) / 100
        db = np.full(len(centres), -80.0)
        for phone in phones:
            inside = (centres >= phone.start_seconds) & (centres < phone.end_seconds)
            db[inside] = -20.0 if phone.symbol in VOWELS else -35.0 if phone.symbol else -80.0
        return Heard(track, Loudness(db))

    return make


@pytest.fixture
def wav(tmp_path: Path) -> Callable[..., Path]:
    """Write a 16-bit WAV of samples (n,) or (n, channels) in [-1, 1]."""

    def write(samples: Sequence[float] | np.ndarray, *, rate: int = 16000, name: str = "sound.wav") -> Path:
        array = np.atleast_1d(np.asarray(samples, dtype=np.float64))
        path = tmp_path / name
        with wave.open(str(path), "wb") as stream:
            stream.setnchannels(1 if array.ndim == 1 else array.shape[1])
            stream.setsampwidth(2)
            stream.setframerate(rate)
            stream.writeframes(np.round(np.clip(array, -1, 1) * 32767).astype("<i2").tobytes())
        return path

    return write
