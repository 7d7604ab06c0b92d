"""Phones and loudness to the movement of the articulators: rules, fitted kernels, and closures apart.

The rules: every phone holds its targets as a step for as long as it lasts, with its strength. A kernel runs over both,
and the quotient is the movement: Cohen and Massaro's dominance blending (1993) in continuous form. The kernel looks
further ahead than back, since a mouth prepares.

How far lips and jaw open and how much the lips round is fitted (`kernels`): shares of what the rules say, of the
loudness and of every phone, before, during and after it. The rules alone move what no capture shows: tongue,
protrusion, wide corners. Lips that must meet (p b m, f v) are no targets but moments of their own, so that no
blending can keep them apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.landmarks import Event
from sfp_core.speech.cascade import Heard
from sfp_core.speech.closures import closures
from sfp_core.speech.kernels import REACH_SECONDS, RULED, Kernels, evidence, shipped_kernels
from sfp_core.speech.loudness import Loudness
from sfp_core.speech.mouth import JAW_OPENS, LIP_OPENS, PROTRUDE_NARROWS, SPREAD_NARROWS
from sfp_core.speech.phones import VOWELS, Phone, spans
from sfp_core.speech.visemes import (
    ANTICIPATION_SECONDS,
    ARTICULATORS,
    DIPHTHONG_TURN,
    HELD,
    JAW,
    LOWER_LIP,
    PROTRUDE,
    RELAXED,
    REST,
    ROUNDED,
    SEALED,
    SPREAD,
    TARGETS,
    TONGUE,
    TUCKED,
    UPPER_LIP,
    Target,
)

_GRID_HZ = 200
# Widths of the kernel (seconds) ahead and back of each articulator: 120 ms of onset as JALI measured, lips early.
# Correlation with captured mouths (six GRID clips) is flat within 20 % of these.
_AHEAD_BACK = ((0.040, 0.036), (0.052, 0.040), (0.052, 0.040), (0.036, 0.032), (0.036, 0.032), (0.024, 0.024))
_REACH_SECONDS = 0.25  # beyond it the kernels are nothing

_HOLD_SECONDS, _RELAX_SECONDS = 0.12, 0.35  # a pause shorter than the first is held, than the second relaxed
_SLOW_CLOSE_SECONDS = 0.12  # after speech a mouth closes slowly
_EARLY_OPEN_SECONDS = 0.09  # before speech it opens early: with the kernel 100 to 200 ms before the voice
_SHY, _LOUD = 0.45, 1.4  # jaw of the quietest and of the loudest vowels as a share of the usual
_SHORT_VOWEL_SECONDS = 0.09  # a shorter vowel opens less

_USUAL_OPENING, _USUAL_JAW = 0.75, 0.75  # shares of the reach where a movement is 1
_FURTHEST = 1.4  # of a movement: a shout is not twice as wide as the usual loud vowel
# How far each fitted movement goes back to the rules. Fifteen seconds of talkers say little of a phone they spoke once:
# what the rules know of it (an /oo/ is round, an /ah/ is open) stays. More costs correlation, less costs shapes.
_RULES_SHARE = np.array([0.4, 0.0, 0.4])
_LEAST_OPENING = 0.7  # of what the rules say: all but p b m f v part the lips at some point (JALI)
_LIPS_STRETCH = 0.3  # share of the reach that lips can be nearer to each other than the jaw would have them
_UPPER_SHARE = 0.7  # the upper lip moves less than the lower one, whose share is the rest of 2


@dataclass(frozen=True)
class Style:
    """How much of everything; 1 is natural, 0 is none.

    `jaw` opens, `lips` spread, round and raise; `brows`, `head` and `gaze` move along; `blinks` on or off. Closures of
    the lips are not scaled: they are the words.
    """

    jaw: float = 1.0
    lips: float = 1.0
    brows: float = 1.0
    head: float = 1.0
    gaze: float = 1.0
    blinks: bool = True

    def __post_init__(self) -> None:
        for name in ("jaw", "lips", "brows", "head", "gaze"):
            value = getattr(self, name)
            if not 0 <= value <= 3:
                raise SfpError(f"style: {name} is {value}; expected 0 to 3, where 1 is natural")


@dataclass(frozen=True)
class Rules:
    """What the rules make of the phones, computed where it is asked for.

    Attributes
    ----------
    starts, ends : (S,) float64
        Seconds of every step, starts rising; steps may overlap.
    targets, strengths : (S, 6) float64
        Columns are `ARTICULATORS`.
    """

    starts: np.ndarray
    ends: np.ndarray
    targets: np.ndarray
    strengths: np.ndarray

    def at(self, seconds: np.ndarray) -> np.ndarray:
        """Articulators (T, 6) float64 at rising times (T,); the same for any choice of blocks."""
        times = np.asarray(seconds, dtype=np.float64)
        margin = round(_REACH_SECONDS * _GRID_HZ) + 2
        first = int(np.floor(times[0] * _GRID_HZ)) - margin
        count = int(np.ceil(times[-1] * _GRID_HZ)) + margin + 1 - first
        weighted = np.zeros((count, len(ARTICULATORS)))
        strength = np.full((count, len(ARTICULATORS)), 1e-4)  # where nothing insists, rest
        low = int(np.searchsorted(self._latest_end, first / _GRID_HZ))
        high = int(np.searchsorted(self.starts, (first + count) / _GRID_HZ))
        for step in range(low, high):
            begin = max(round(self.starts[step] * _GRID_HZ) - first, 0)
            end = round(self.ends[step] * _GRID_HZ) - first
            if end > begin:
                weighted[begin:end] += self.strengths[step] * self.targets[step]
                strength[begin:end] += self.strengths[step]
        place, grid = times * _GRID_HZ - first, np.arange(count)
        values = np.empty((len(times), len(ARTICULATORS)))
        for column, kernel in enumerate(_kernels()):
            smooth = np.convolve(weighted[:, column], kernel, "same") / np.convolve(strength[:, column], kernel, "same")
            values[:, column] = np.interp(place, grid, smooth)
        return values

    @cached_property
    def _latest_end(self) -> np.ndarray:
        """Latest end of this step and all before it; it rises, so that it can be searched."""
        return np.maximum.accumulate(self.ends) if len(self.ends) else self.ends


def _kernels() -> list[np.ndarray]:
    half = round(_REACH_SECONDS * _GRID_HZ)
    offsets = np.arange(-half, half + 1) / _GRID_HZ
    shapes = [np.where(offsets < 0, ahead, back) for ahead, back in _AHEAD_BACK]  # convolution: ahead is negative
    return [np.exp(-0.5 * (offsets / width) ** 2) for width in shapes]  # their quotient needs no scale


@dataclass(frozen=True)
class Articulation:
    """The mouth's movement over a whole sound, computed where it is asked for.

    Attributes
    ----------
    heard : Heard
        Phones and loudness that the kernels see.
    rules : Rules
        What the rules say of the same phones.
    kernels : Kernels
    style : Style
    seals, tucks : tuple of Event
        Moments when the lips touch (p b m) and when the lower lip touches the teeth (f v), in time order.
    """

    heard: Heard
    rules: Rules
    kernels: Kernels
    style: Style
    seals: tuple[Event, ...]
    tucks: tuple[Event, ...]

    def at(self, seconds: np.ndarray) -> np.ndarray:
        """Articulators (T, 6) float64 at rising times (T,); the same for any choice of blocks.

        Closures are not in it: see `seals` and `tucks`.
        """
        ruled = self.rules.at(seconds)
        opening, jaw, rounding = self._moved(seconds, ruled).T
        jaw, opening = _USUAL_JAW * jaw, _USUAL_OPENING * opening
        lips = (opening - JAW_OPENS * jaw) / (2 * LIP_OPENS)  # what the jaw does not do
        moved = np.zeros_like(ruled)
        moved[:, JAW] = self.style.jaw * jaw
        wide = np.maximum(ruled[:, SPREAD], 0.0)
        moved[:, SPREAD] = self.style.lips * (wide - rounding * (1 - wide))
        moved[:, PROTRUDE] = self.style.lips * ruled[:, PROTRUDE]
        moved[:, UPPER_LIP] = self.style.lips * _UPPER_SHARE * lips
        moved[:, LOWER_LIP] = self.style.lips * (2 - _UPPER_SHARE) * lips
        moved[:, TONGUE] = ruled[:, TONGUE]
        return np.asarray(np.clip(moved, -1.0, 1.0))

    def movements_at(self, seconds: np.ndarray) -> np.ndarray:
        """What `kernels.MOVEMENTS` do, (T, 3) float64 at rising times (T,), before any style."""
        return self._moved(seconds, self.rules.at(seconds))

    def evidence_at(self, seconds: np.ndarray) -> np.ndarray:
        """What the fitted movements are sums of, (T, COLUMNS) float64, at rising times (T,)."""
        return self._evidence(seconds, self.rules.at(seconds))

    def _moved(self, seconds: np.ndarray, ruled: np.ndarray) -> np.ndarray:
        fitted = np.clip(self._evidence(seconds, ruled) @ self.kernels.weights, 0.0, _FURTHEST)
        jaw, spread, protrude, upper, lower, _ = ruled.T
        opening = (JAW_OPENS * jaw + LIP_OPENS * (upper + lower)) / _USUAL_OPENING
        narrow = SPREAD_NARROWS * np.maximum(-spread, 0.0) + PROTRUDE_NARROWS * protrude
        rules = np.stack([opening, jaw, narrow], axis=1)
        moved = fitted + _RULES_SHARE * (rules - fitted)
        moved[:, 0] = np.maximum(moved[:, 0], _LEAST_OPENING * opening)
        furthest = (_USUAL_OPENING * moved[:, 0] + _LIPS_STRETCH) / (JAW_OPENS * _USUAL_JAW)
        return np.stack([moved[:, 0], np.minimum(moved[:, 1], furthest), moved[:, 2]], axis=1)

    def _evidence(self, seconds: np.ndarray, ruled: np.ndarray) -> np.ndarray:
        starts, ends = self._spans
        first = int(np.searchsorted(ends, seconds[0] - REACH_SECONDS))
        last = int(np.searchsorted(starts, seconds[-1] + REACH_SECONDS))
        near = self.heard.track.phones[first:last]
        return evidence(near, self.heard.loudness, ruled[:, : len(RULED)], seconds)

    @cached_property
    def _spans(self) -> tuple[np.ndarray, np.ndarray]:
        """When each phone starts and ends."""
        return spans(self.heard.track.phones)


def articulate(heard: Heard, *, style: Style | None = None, kernels: Kernels | None = None) -> Articulation:
    """The mouth's movement for what was heard, with the shipped kernels where none are given."""
    phones = heard.track.phones
    return Articulation(
        heard=heard,
        rules=ruled_by(heard),
        kernels=kernels or shipped_kernels(),
        style=style or Style(),
        seals=closures(phones, SEALED, "lip_seal"),
        tucks=closures(phones, TUCKED, "lip_tuck"),
    )


def ruled_by(heard: Heard) -> Rules:
    """What the rules make of what was heard."""
    phones = heard.track.phones
    gains = _jaw_gains(phones, heard.loudness)
    steps: list[_Step] = []
    for index, phone in enumerate(phones):
        steps += _spoken(phones, index, gains[index]) if phone.symbol else _pause(phones, index)
    steps.sort(key=lambda step: step.start)
    targets = np.array([step.values for step in steps]).reshape(-1, len(ARTICULATORS))
    return Rules(
        starts=np.array([step.start for step in steps], dtype=np.float64),
        ends=np.array([step.end for step in steps], dtype=np.float64),
        targets=np.clip(targets, -1.0, 1.0),
        strengths=np.array([step.strengths for step in steps]).reshape(-1, len(ARTICULATORS)),
    )


@dataclass(frozen=True)
class _Step:
    start: float
    end: float
    values: tuple[float, ...]
    strengths: tuple[float, ...]


def _step(start: float, end: float, target: Target, *, share: float = 1.0, jaw_gain: float = 1.0) -> _Step:
    jaw, *rest = target.values
    return _Step(start, end, (jaw * jaw_gain, *rest), tuple(share * strength for strength in target.strengths))


def _spoken(phones: Sequence[Phone], index: int, gain: float) -> list[_Step]:
    phone = phones[index]
    start, end = phone.start_seconds, phone.end_seconds
    before = phones[index - 1] if index else None
    if before is not None and not before.symbol and phone.symbol not in SEALED:
        start -= min(_EARLY_OPEN_SECONDS, 0.5 * before.seconds)
    targets = TARGETS[phone.symbol]
    turns = [start, *([phone.start_seconds + DIPHTHONG_TURN * phone.seconds] if len(targets) == 2 else []), end]
    steps = [
        _step(first, last, target, jaw_gain=gain)
        for (first, last), target in zip(pairwise(turns), targets, strict=True)
    ]
    if phone.symbol in ROUNDED and before is not None and before.symbol:
        early = start - min(ANTICIPATION_SECONDS, before.seconds)
        _, shape, protrude, *_ = targets[0].strengths
        steps.append(_Step(early, start, targets[0].values, (0.0, shape, protrude, 0.0, 0.0, 0.0)))
    return steps


def _pause(phones: Sequence[Phone], index: int) -> list[_Step]:
    pause = phones[index]
    start, end = pause.start_seconds, pause.end_seconds
    inside = 0 < index < len(phones) - 1
    if inside and pause.seconds < _HOLD_SECONDS:
        return [_step(start, end, HELD)]
    if inside and pause.seconds < _RELAX_SECONDS:
        return [_step(start, end, RELAXED)]
    first = start + min(_SLOW_CLOSE_SECONDS, pause.seconds / 2) if index else start
    last = end - min(_EARLY_OPEN_SECONDS, pause.seconds / 2) if index < len(phones) - 1 else end
    if index < len(phones) - 1 and phones[index + 1].symbol in SEALED:
        last = end
    return [_step(start, first, REST, share=0.35), _step(first, last, REST), _step(last, end, REST, share=0.1)]


def _jaw_gains(phones: Sequence[Phone], loudness: Loudness) -> np.ndarray:
    """How far each phone's jaw follows its loudness, (P,) float64: JALI's rule on vowels, 1 for consonants.

    A vowel one standard deviation quieter than the usual vowel opens half as far, a louder one half as far again.
    """
    gains = np.ones(len(phones))
    vowels = [index for index, phone in enumerate(phones) if phone.symbol in VOWELS]
    if not vowels:
        return gains
    middles = np.array([[p.start_seconds + share * p.seconds for share in (0.3, 0.5, 0.7)] for p in phones])[vowels]
    levels = loudness.level_at(middles.reshape(-1)).reshape(-1, 3).max(axis=1)
    spread = max(float(levels.std()), 0.08)  # of the range from noise to full voice; an even voice stays even
    lengths = np.array([phones[index].seconds for index in vowels])
    short = np.clip(lengths / _SHORT_VOWEL_SECONDS, 0.6, 1.0)
    gains[vowels] = np.clip(1 + 0.5 * (levels - np.median(levels)) / spread, _SHY, _LOUD) * short
    return gains
