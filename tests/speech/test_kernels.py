"""Kernels over time: exact sums, and a file that says what it holds."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.files import write_json
from sfp_core.speech import Heard
from sfp_core.speech.articulators import articulate
from sfp_core.speech.kernels import (
    COLUMNS,
    LAGS_SECONDS,
    MOVEMENTS,
    REACH_SECONDS,
    RULED,
    SYMBOLS,
    WIDTH_SECONDS,
    Kernels,
    evidence,
    read_kernels,
    shipped_kernels,
)

Said = Callable[[str], Heard]


def _column(symbol: str, lag: float) -> int:
    return len(RULED) + len(LAGS_SECONDS) * (2 + SYMBOLS.index(symbol)) + LAGS_SECONDS.index(lag)


def _evidence(heard: Heard, times: np.ndarray) -> np.ndarray:
    return evidence(heard.track.phones, heard.loudness, np.zeros((len(times), len(RULED))), times)


@pytest.mark.parametrize("lag", [-0.24, -0.06, 0.0, 0.12])
def test_a_phone_adds_its_step_under_the_bell_curve(said: Said, lag: float) -> None:
    heard, times = said("_:0.5 AA:0.13 _:0.5"), np.linspace(0, 1.13, 40)
    fine = np.linspace(-WIDTH_SECONDS, WIDTH_SECONDS, 4001)
    bell = 1 + np.cos(np.pi * fine / WIDTH_SECONDS)
    sounding = [((time - lag - fine >= 0.5) & (time - lag - fine < 0.63)) for time in times]
    summed = [float((bell * inside).sum() / bell.sum()) for inside in sounding]  # the integral, the slow way
    assert np.abs(_evidence(heard, times)[:, _column("AA", lag)] - summed).max() < 1e-3


def test_a_phone_is_whole_over_all_its_lags_and_nothing_beyond_reach(said: Said) -> None:
    heard = said("_:1 S:2 _:1")
    table = _evidence(heard, np.array([1 - REACH_SECONDS - 1e-6, 2.0, 3 + REACH_SECONDS + 1e-6]))
    own = table[:, [_column("S", lag) for lag in LAGS_SECONDS]]
    assert np.array_equal(own, [[0.0] * 9, [1.0] * 9, [0.0] * 9])
    others = np.delete(table[:, len(RULED) + 2 * len(LAGS_SECONDS) :], np.arange(9) + 9 * SYMBOLS.index("S"), axis=1)
    assert not others.any()


def test_movement_of_a_long_line_is_the_same_in_any_blocks(said: Said) -> None:
    articulation = articulate(said("_:0.4 B:0.06 AA:0.12 P:0.06 IY:0.12 UW:0.15 S:0.1 OW:0.2 _:0.5 " * 20))
    times = np.arange(800) / 24
    whole = articulation.at(times)
    parts = np.concatenate([articulation.at(block) for block in np.array_split(times, 37)])
    assert np.abs(parts - whole).max() < 1e-9


def test_the_file_gives_back_what_was_written(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    kernels = Kernels(np.round(rng.normal(size=(COLUMNS, len(MOVEMENTS))), 4), {"clips": {"a": "b"}})
    write_json(tmp_path / "k.json", kernels.to_json())
    again = read_kernels(tmp_path / "k.json")
    assert np.array_equal(again.weights, kernels.weights) and again.provenance == kernels.provenance


def test_the_shipped_file_says_where_it_comes_from() -> None:
    shipped = shipped_kernels()
    assert shipped.provenance["program"] == "python -m training.fit_articulation"
    assert {told.split(", ")[1] for told in shipped.provenance["clips"].values()} == {"CC BY 4.0", "MIT"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda record: record.update(version=2), "k.json: version is 2; expected 1"),
        (lambda record: record["movements"].pop("jaw"), "k.json: movements: KeyError"),
        (lambda record: record["movements"]["jaw"]["phones"].update(AA=[1.0]), "k.json: movements: ValueError"),
    ],
    ids=["version", "movement", "row"],
)
def test_a_damaged_file_is_told(tmp_path: Path, change: Callable[[dict[str, object]], object], told: str) -> None:
    record = json.loads(json.dumps(shipped_kernels().to_json()))
    change(record)
    write_json(tmp_path / "k.json", record)
    with pytest.raises(SfpError, match=told.replace(".", r"\.")):
        read_kernels(tmp_path / "k.json")
