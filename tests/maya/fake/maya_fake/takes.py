"""Takes for tests: written by the core, read by the plug-in."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from sfp_core.curves.take import Channel, Layer, SoundReference, Take
from sfp_core.formats.curves_json import write_curves_json
from sfp_core.rig import Keys

from .mery import controllers


def mery_take(
    path: Path, *, seed: int = 0, frames: int = 97, fps: Fraction = Fraction(24), count: int = 30, sound: str = ""
) -> Path:
    """A take for Mery: `count` controllers with an auto, linear or flat key every few frames; the others rest."""
    rng = np.random.default_rng(seed)
    channels = []
    for index, entry in enumerate(controllers()):
        limits, neutral = (entry["minimum"], entry["maximum"]), entry["neutral"]
        places = np.unique([0, *np.cumsum(rng.integers(2, 9, frames)), frames - 1])
        places = places[places < frames].astype(float) if index < count else np.zeros(0)
        types = [tuple(rng.choice(["auto", "linear", "flat"], len(places)).tolist()) for _ in range(2)]
        values = rng.uniform(*limits, len(places)).round(4)
        none = np.zeros(len(places))
        channels.append(
            Channel(entry["name"], "speech", entry["unit"], limits, neutral, Keys(places, values, *types, none, none))
        )
    reference = SoundReference(sound) if sound else None
    return write_curves_json(path, Take("mery", fps, frames, reference, (Layer("speech"),), tuple(channels)))
