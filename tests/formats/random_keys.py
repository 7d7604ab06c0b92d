"""Keys of every kind, for tests of what is written for other programs."""

from collections.abc import Sequence
from fractions import Fraction
from typing import get_args

import numpy as np

from sfp_core.curves.take import Channel, Layer, SoundReference, Take
from sfp_core.rig import Keys, TangentType, Unit

KINDS: tuple[TangentType, ...] = get_args(TangentType)


def random_keys(
    rng: np.random.Generator,
    count: int,
    *,
    kinds: Sequence[TangentType] = KINDS,
    limits: tuple[float, float] = (0.0, 1.0),
    first: float = 0.0,
) -> Keys:
    """Keys on frames and, here and there, between them; fixed tangents have slopes of their own on both sides."""
    frames = first + np.cumsum(rng.integers(1, 7, count)) + rng.choice([0.0, 0.25], count, p=[0.8, 0.2])
    chosen = rng.choice(np.array(kinds), (2, count))
    spread = limits[1] - limits[0]
    return Keys(
        frames,
        rng.uniform(*limits, count),
        tuple(chosen[0].tolist()),
        tuple(chosen[1].tolist()),
        spread * rng.normal(size=count),
        spread * rng.normal(size=count),
    )


def channel(
    name: str, keys: Keys | None, limits: tuple[float, float] = (0.0, 1.0), neutral: float = 0.0, unit: Unit = "none"
) -> Channel:
    """A channel on the layer of `take_of`; at rest where there are no keys."""
    nothing = Keys(np.zeros(0), np.zeros(0), (), (), np.zeros(0), np.zeros(0))
    return Channel(name, "speech", unit, limits, neutral, keys or nothing)


def take_of(
    *channels: Channel,
    frames: int = 200,
    fps: Fraction = Fraction(24),
    rig: str = "toon",
    sound: SoundReference | None = None,
) -> Take:
    """A take of one layer of weight 1."""
    return Take(rig, fps, frames, sound, (Layer("speech"),), channels)
