"""Colours of things behind and before a face: mostly muted, few bright, families that go together."""

import numpy as np


def colours(rng: np.random.Generator, count: int) -> np.ndarray:
    """(count, 3) float64 in [0, 1], RGB as shown: hues near one or two, saturation seldom high."""
    hue, spread = rng.random(), rng.choice([0.04, 0.12, 0.5], p=[0.35, 0.35, 0.3])
    vivid = rng.beta(1.3, 2.2)
    saturation = np.clip(vivid * rng.uniform(0.5, 1.3, count), 0, 1)
    value = np.clip(rng.uniform(0.12, 1.0, count), 0, 1)
    hues = (hue + rng.uniform(-spread, spread, count) + 0.5 * (rng.random(count) < 0.2)) % 1.0
    return _rgb(hues, saturation, value)


def _rgb(hue: np.ndarray, saturation: np.ndarray, value: np.ndarray) -> np.ndarray:
    """From hue, saturation and value (n,), all in [0, 1]; the hexagon model, as in `colorsys`."""
    place = (np.array([5.0, 3.0, 1.0]) + 6 * hue[:, None]) % 6
    ramp = np.clip(np.minimum(place, 4 - place), 0, 1)
    return np.asarray(value[:, None] * (1 - saturation[:, None] * ramp))
