"""How loud the voice is: a 100 Hz envelope between the room's noise and the speaker's full voice."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sfp_core.speech.audio import SPEECH_HZ

HOP_HZ = 100
HOP_SAMPLES = SPEECH_HZ // HOP_HZ
FLOOR_DB = -90.0  # below what 16 bits can hold
SILENCE_DB = -62.0  # loudest speech below this is no speech; a 16-bit voice at 1/1000 of full scale is -60

_WIDEST_DB, _NARROWEST_DB = 42.0, 18.0  # range between noise floor and full voice that counts as 0..1


@dataclass(frozen=True)
class Loudness:
    """Loudness at 100 Hz; value i is of the time (i + 0.5) / 100 s.

    Attributes
    ----------
    db : (N,) float32
        Root mean square over about 30 ms, decibels of full scale.
    """

    db: np.ndarray

    def __post_init__(self) -> None:
        db = np.array(self.db, dtype=np.float32)
        db.setflags(write=False)
        object.__setattr__(self, "db", db)

    @cached_property
    def voice_db(self) -> float:
        """Level of full voice: what the loudest twentieth of the sound reaches."""
        return float(np.percentile(self.db, 95)) if len(self.db) else FLOOR_DB

    @cached_property
    def is_silent(self) -> bool:
        """Whether nothing here is loud enough to be speech."""
        return not len(self.db) or float(np.percentile(self.db, 99)) < SILENCE_DB

    @cached_property
    def level(self) -> np.ndarray:
        """(N,) float32 in [0, 1]: 0 at the noise floor (tenth percentile), 1 at full voice; all 0 in silence."""
        if self.is_silent:
            return np.zeros(len(self.db), dtype=np.float32)
        noise = float(np.percentile(self.db, 10)) + 3.0
        floor = float(np.clip(noise, self.voice_db - _WIDEST_DB, self.voice_db - _NARROWEST_DB))
        return np.clip((self.db - floor) / (self.voice_db - floor), 0.0, 1.0).astype(np.float32)

    def level_at(self, seconds: np.ndarray) -> np.ndarray:
        """Level at any times (T,), by linear interpolation, (T,) float64; 0 outside the sound."""
        times = np.asarray(seconds, dtype=np.float64)
        if not len(self.db):
            return np.zeros(len(times))
        place = times * HOP_HZ - 0.5
        low = np.clip(np.floor(place).astype(np.int64), 0, len(self.db) - 1)
        high = np.minimum(low + 1, len(self.db) - 1)
        share = np.clip(place - low, 0.0, 1.0)
        inside = (place >= -0.5) & (place <= len(self.db) - 0.5)
        return np.asarray((self.level[low] * (1 - share) + self.level[high] * share) * inside, dtype=np.float64)


def hop_energies(samples: np.ndarray) -> np.ndarray:
    """Variance of every 10 ms, (ceil(n / 160),) float64, of (n,) samples at 16 kHz; a constant offset is no sound."""
    missing = -len(samples) % HOP_SAMPLES
    hops = np.pad(np.asarray(samples, dtype=np.float64), (0, missing)).reshape(-1, HOP_SAMPLES)
    if missing and len(hops):
        hops[-1, HOP_SAMPLES - missing :] = samples[-(HOP_SAMPLES - missing) :].mean()
    return np.asarray(hops.var(axis=1))


def loudness_of(energies: Iterable[np.ndarray]) -> Loudness:
    """Loudness from consecutive arrays of `hop_energies`; each but the last must come of whole hops."""
    joined = np.concatenate([np.zeros(0), *energies])
    if not len(joined):
        return Loudness(np.zeros(0, dtype=np.float32))
    padded = np.pad(joined, 1, mode="edge")
    smooth = 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]
    return Loudness(np.maximum(10 * np.log10(np.maximum(smooth, 1e-12)), FLOOR_DB).astype(np.float32))
