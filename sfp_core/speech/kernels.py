"""Movement as kernels over time: what each phone and the loudness add to a movement, before, during and after.

A kernel is a row of bell curves, one at each lag. A phone is a step for as long as it lasts, so that what it adds is
a difference of two integrals of its kernel: exact at any time, without a grid, and the same for any choice of blocks.
Where nothing is said and nothing is heard, every kernel adds zero. `training.fit_articulation` fits the weights.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.files import read_json
from sfp_core.speech.loudness import HOP_HZ, Loudness
from sfp_core.speech.phones import ARPABET, Phone

MOVEMENTS = ("opening", "jaw", "rounding")
"""What is fitted: opening of the inner lips, drop of the jaw, rounding of the lips. 0 is rest, 1 is what a speaker
reaches in one of fifty moments."""
RULED = ("jaw", "spread", "protrude", "upper_lip", "lower_lip")
"""Columns of the rules' movement that a fitted movement may take a share of."""

SYMBOLS = tuple(sorted(ARPABET))
LAGS_SECONDS = tuple(round(0.06 * step, 2) for step in range(-4, 5))  # minus: the phone is still to come
WIDTH_SECONDS = 0.09  # from the middle of a bell curve, a raised cosine, to its end
REACH_SECONDS = LAGS_SECONDS[-1] + WIDTH_SECONDS
"""Beyond it a kernel is nothing."""
_HEARD = ("loudness", "loudness_squared")

COLUMNS = len(RULED) + len(LAGS_SECONDS) * (len(_HEARD) + len(SYMBOLS))

FORMAT, VERSION = "sfp.articulation", 1


@dataclass(frozen=True)
class Kernels:
    """Fitted weights of the movements.

    Attributes
    ----------
    weights : (COLUMNS, 3) float64
        Rows as columns of `evidence`, columns `MOVEMENTS`.
    provenance : mapping
        What was fitted on what, for people.
    """

    weights: np.ndarray
    provenance: Mapping[str, Any]

    def __post_init__(self) -> None:
        weights = np.array(self.weights, dtype=np.float64)
        if weights.shape != (COLUMNS, len(MOVEMENTS)) or not np.isfinite(weights).all():
            raise SfpError(f"kernels: expected {(COLUMNS, len(MOVEMENTS))} finite weights, got {weights.shape}")
        weights.setflags(write=False)
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "provenance", MappingProxyType(dict(self.provenance)))

    def to_json(self) -> dict[str, Any]:
        """As the file of `read_kernels` holds it: for each movement, shares of the rules and a row of lags a phone."""
        lags = len(LAGS_SECONDS)
        movements: dict[str, Any] = {}
        for place, movement in enumerate(MOVEMENTS):
            column = [round(float(weight), 4) for weight in self.weights[:, place]]
            rows = [column[first : first + lags] for first in range(len(RULED), COLUMNS, lags)]
            movements[movement] = {
                "rules": dict(zip(RULED, column, strict=False)),
                **dict(zip(_HEARD, rows, strict=False)),
                "phones": dict(zip(SYMBOLS, rows[len(_HEARD) :], strict=True)),
            }
        return {
            "format": FORMAT,
            "version": VERSION,
            "provenance": dict(self.provenance),
            "lags_seconds": list(LAGS_SECONDS),
            "width_seconds": WIDTH_SECONDS,
            "movements": movements,
        }

    @staticmethod
    def from_json(record: Mapping[str, Any], *, where: str) -> "Kernels":
        """The way back from `to_json`; `where` names the file in an error."""
        wanted = {
            "format": FORMAT,
            "version": VERSION,
            "lags_seconds": list(LAGS_SECONDS),
            "width_seconds": WIDTH_SECONDS,
        }
        for key, value in wanted.items():
            if record.get(key) != value:
                raise SfpError(f"{where}: {key} is {record.get(key)!r}; expected {value!r}")
        try:
            columns = []
            for movement in MOVEMENTS:
                one = record["movements"][movement]
                rows = [*(one[name] for name in _HEARD), *(one["phones"][symbol] for symbol in SYMBOLS)]
                columns.append([*(one["rules"][rule] for rule in RULED), *(weight for row in rows for weight in row)])
            weights = np.array(columns, dtype=np.float64).T
        except (KeyError, TypeError, ValueError) as error:
            raise SfpError(f"{where}: movements: {error!r}; expected rules, loudness and phones of each") from error
        return Kernels(weights, record.get("provenance", {}))


def read_kernels(path: Path) -> Kernels:
    """Kernels of a file `training.fit_articulation` wrote."""
    return Kernels.from_json(read_json(path), where=str(path))


@cache
def shipped_kernels() -> Kernels:
    """The kernels of the package."""
    return read_kernels(Path(str(resources.files("sfp_core"))) / "data" / "articulation.json")


def evidence(phones: Sequence[Phone], loudness: Loudness, ruled: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """All that the movements are sums of, (T, COLUMNS) float64, at rising times (T,).

    Parameters
    ----------
    phones : sequence of Phone
        Gapless, as in a `PhoneTrack`; those beyond the reach of the kernels may be left out.
    ruled : (T, 5) float64
        What the rules make of the phones at these times; columns `RULED`.
    """
    times = np.asarray(seconds, dtype=np.float64)
    lags = np.array(LAGS_SECONDS)
    table = np.zeros((len(times), COLUMNS))
    table[:, : len(RULED)] = ruled
    if not len(times):
        return table
    first = len(RULED)
    heard = len(_HEARD) * len(lags)
    table[:, first : first + heard] = _heard(loudness, times)
    places = {symbol: first + heard + len(lags) * number for number, symbol in enumerate(SYMBOLS)}
    for phone in phones:
        if phone.symbol:
            low = int(np.searchsorted(times, phone.start_seconds - REACH_SECONDS))
            high = int(np.searchsorted(times, phone.end_seconds + REACH_SECONDS, side="right"))
            at = times[low:high, None] - lags  # a lag of -0.1 s sees the phone 0.1 s before it is there
            place = places[phone.symbol]
            table[low:high, place : place + len(lags)] += _integral(at - phone.start_seconds)
            table[low:high, place : place + len(lags)] -= _integral(at - phone.end_seconds)
    return table


def _integral(seconds: np.ndarray) -> np.ndarray:
    """Of the bell curve, from before it to these times: 0 to 1."""
    share = np.clip(seconds / WIDTH_SECONDS, -1.0, 1.0)
    return np.asarray(0.5 * (1 + share + np.sin(np.pi * share) / np.pi))


def _heard(loudness: Loudness, times: np.ndarray) -> np.ndarray:
    """(T, 2 x lags): the level of the voice under each bell curve, and its square: the loudest open most."""
    margin = round(REACH_SECONDS * HOP_HZ) + 2
    low = int(np.floor(times[0] * HOP_HZ)) - margin
    high = int(np.ceil(times[-1] * HOP_HZ)) + margin
    hops = (np.arange(low, high + 1) + 0.5) / HOP_HZ
    level = loudness.level_at(hops)
    reach = round(WIDTH_SECONDS * HOP_HZ)
    bell = 1 + np.cos(np.pi * np.arange(-reach, reach + 1) / reach)
    columns = [np.convolve(power, bell / bell.sum(), "same") for power in (level, level**2)]
    return np.stack([np.interp(times - lag, hops, column) for column in columns for lag in LAGS_SECONDS], axis=1)
