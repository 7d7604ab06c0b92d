"""Which part of the face a controller moves, guessed from its name, for rigs that do not say so themselves."""

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np

from sfp_core.landmarks import EventKind

Part = Literal["lids", "gaze", "brows", "lips", "corners", "jaw", "tongue", "cheeks", "head", "other"]

# First match wins. Words of Maya face rigs (Mery, Malcolm), of the built-in panel and of ARKit.
_PATTERNS: tuple[tuple[Part, str], ...] = (
    ("brows", r"brow|entrecejo"),
    ("lids", r"lid|blink|squint|eyewide|eye_wide"),
    ("gaze", r"eye|iris|pupil|look|gaze"),
    ("tongue", r"tongue"),
    ("cheeks", r"cheek|moflete|nose|sneer|puff"),
    ("jaw", r"jaw|chin|teeth"),
    ("corners", r"corner|smile|frown|dimple|stretch"),
    ("lips", r"lip|mouth|sticky|press|pucker|funnel"),
    ("head", r"head|neck"),
)
_SIDEWAYS = r"\.(tx|translatex)$"  # moves lips and jaw to a side, which neither opens nor closes them
# The parts that are together while an event lasts.
_HELD: dict[EventKind, tuple[Part, ...]] = {
    "lip_seal": ("lips", "jaw"),
    "lip_tuck": ("lips", "jaw"),
    "blink": ("lids",),
}


def part_of(name: str) -> Part:
    """The part that a controller of this name moves; "other" where the name does not tell."""
    lowered = name.lower()
    return next((part for part, pattern in _PATTERNS if re.search(pattern, lowered)), "other")


def held_by(kind: EventKind, names: Sequence[str]) -> np.ndarray:
    """Which controllers an event of this kind holds in place, (K,) bool."""
    held = [part_of(name) in _HELD[kind] and not re.search(_SIDEWAYS, name.lower()) for name in names]
    return np.array(held, dtype=bool)
