"""What the tests of retargeting share: the shipped character, and a clip made by its own forward model."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from sfp_core.character.character import Character
from sfp_core.landmarks import LandmarkSequence
from sfp_core.layout import WFLW_98


@pytest.fixture(scope="session")
def shut() -> tuple[int, int]:
    """First and last frame of the blink."""
    return 30, 33


@pytest.fixture(scope="session")
def closed() -> tuple[int, int]:
    """First and last frame of lips that meet."""
    return 45, 47


@pytest.fixture(scope="session")
def toon() -> Character:
    return Character.load("toon")


@pytest.fixture(scope="session")
def played(toon: Character, shut: tuple[int, int], closed: tuple[int, int]) -> np.ndarray:
    """Controllers (72, K): at rest first, then jaw, pucker and brows in waves, one blink, lips that meet once."""
    rig = toon.rig
    times = np.arange(72) / 24
    values = np.tile(rig.neutral.astype(np.float64), (72, 1))
    acting = np.clip(times - 0.5, 0, 1)
    for name, far, hz in (
        ("jaw.ty", -0.6, 1.0),
        ("mouth_pucker.ty", 0.4, 0.6),
        ("lf_brow_in.ty", 0.7, 0.5),
        ("rg_brow_in.ty", 0.7, 0.5),
        ("lf_brow_out.ty", 0.7, 0.5),
        ("rg_brow_out.ty", 0.7, 0.5),
    ):
        k = rig.index(name)
        wave = acting * (0.75 - 0.25 * np.cos(2 * np.pi * hz * times))
        values[:, k] = np.clip(far * wave, rig.minimum[k], rig.maximum[k])
    for name in ("lf_up_lid.ty", "rg_up_lid.ty"):
        values[shut[0] : shut[1] + 1, rig.index(name)] = rig.minimum[rig.index(name)]
    values[closed[0] : closed[1] + 1, rig.index("jaw.ty")] = 0.0
    return values


@pytest.fixture(scope="session")
def clip(toon: Character, played: np.ndarray) -> LandmarkSequence:
    """What the forward model shows of it, canonical."""
    return LandmarkSequence(toon.landmarks(played), Fraction(24), WFLW_98)


@pytest.fixture(scope="session")
def foreign(clip: LandmarkSequence) -> LandmarkSequence:
    """The same acting by a face of other proportions: a longer face with a wide mouth and chin."""
    points = clip.points * (1.0, 1.15)
    low = np.clip(points[..., 1] / 0.5, 0, 1)
    points[..., 0] *= 1 + 0.5 * low
    return replace(clip, points=points)
