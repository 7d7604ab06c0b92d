"""Studies on a handful of drawn faces: what is recorded, how they go on, what they refuse."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sfp_core.detect.detector import Detector
from sfp_core.errors import SfpError
from training.rivals.weights import load_rival
from training.study.__main__ import main
from training.study.contestant import measured
from training.study.plan import Budget, Entry, Probe, Study
from training.study.running import curve_of, run_study, still_falling

TINY = {
    "network": {
        **{"input_px": 64, "stem_channels": [8, 16], "stem_blocks": [0, 0], "channels": 16, "stages": 1},
        **{"depth": 2, "inner_channels": 8, "head_channels": 8, "neighbours": 2},
    }
}
OURS = Entry("ours", changed=TINY)
STUDY = Study(
    "tiny-1",
    1,
    "tiny",
    (Probe("seen", "val"),),
    Budget(steps=6, batch=4, rates=(1e-6, 2e-2), pilot_steps=4, validate_every=2, input_px=64),
    (OURS, Entry("hrnet", rival="hrnet")),
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, drawn_data: Callable[[int], Path]) -> tuple[Path, Path, Path]:
    """Data, runs and results of the tiny study, ours only."""
    folder, data = tmp_path_factory.mktemp("study"), drawn_data(8)
    result = run_study(STUDY, data, folder / "runs", only=["ours"], results=folder)
    return data, folder / "runs", result


def test_the_rate_that_validates_best_is_taken(recorded: tuple[Path, Path, Path]) -> None:
    row = json.loads(recorded[2].read_text(encoding="utf-8"))["entries"][0]
    ends = {float(rate): curve[-1][1] for rate, curve in row["pilots"].items()}
    assert row["rate"] == min(ends, key=lambda rate: ends[rate])
    assert [point[0] for point in row["curve"]] == [2, 4, 6]
    assert row["curve"] == curve_of(recorded[1] / "ours")


def test_recorded_figures_are_those_of_the_weights_file(recorded: tuple[Path, Path, Path]) -> None:
    data, runs, result = recorded
    row = json.loads(result.read_text(encoding="utf-8"))["entries"][0]
    again = measured(runs / "ours" / "detector.safetensors", data, STUDY.probes[0], rival=False)
    assert again == row["figures"]["seen"]
    assert row["parameters"] > sum(
        p.numel() for p in Detector.load(runs / "ours" / "detector.safetensors").first.network.parameters()
    )


def test_what_is_done_is_not_done_again(recorded: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    data, runs, result = recorded
    before = result.read_bytes()

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr("training.study.running.fit", refused)
    run_study(replace(STUDY, entries=(OURS,)), data, runs, results=result.parent)
    assert result.read_bytes() == before


def test_pilots_that_ended_are_not_run_again(
    recorded: tuple[Path, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, runs, _ = recorded
    lengths: list[int] = []
    monkeypatch.setattr("training.study.running.fit", lambda *_, run, **__: lengths.append(run.steps))
    run_study(STUDY, data, runs, only=["ours"], results=tmp_path)
    assert lengths == [STUDY.budget.steps]


def test_another_budget_under_the_same_name_is_refused(recorded: tuple[Path, Path, Path]) -> None:
    data, runs, result = recorded
    longer = replace(STUDY, budget=replace(STUDY.budget, steps=7))
    with pytest.raises(SfpError, match="recorded with another budget; give the study another name"):
        run_study(longer, data, runs, results=result.parent)


def test_a_rival_is_trained_and_read_back(tmp_path: Path, drawn_data: Callable[[int], Path]) -> None:
    short = replace(STUDY, budget=replace(STUDY.budget, steps=1, rates=(1e-3,), batch=2, validate_every=1))
    result = run_study(short, drawn_data(2), tmp_path / "runs", only=["hrnet"], results=tmp_path)
    row = json.loads(result.read_text(encoding="utf-8"))["entries"][0]
    rival = load_rival(tmp_path / "runs" / "hrnet" / "rival.safetensors")
    assert rival.name == "hrnet" and rival.training["steps"] == 1
    assert row["parameters"] == sum(p.numel() for p in rival.trainee.make().parameters())
    assert np.isfinite(row["figures"]["seen"]["nme98"])


def test_an_unknown_entry_is_told(tmp_path: Path, drawn_data: Callable[[int], Path]) -> None:
    with pytest.raises(SfpError, match="--only dlib: tiny-1 has ours hrnet"):
        run_study(STUDY, drawn_data(2), tmp_path, only=["dlib"], results=tmp_path)


@pytest.mark.parametrize(
    ("curve", "falling"),
    [([[2, 9.0], [8, 5.0], [10, 4.0]], True), ([[2, 9.0], [8, 5.0], [10, 4.95]], False), ([[10, 4.0]], False)],
)
def test_a_run_that_still_learns_is_told(curve: list[list[float]], falling: bool) -> None:
    assert still_falling(curve, 10) is falling


def test_the_page_shows_what_is_recorded(recorded: tuple[Path, Path, Path], tmp_path: Path) -> None:
    toml = tmp_path / "tiny.toml"
    toml.write_text('name = "tiny-1"\n[budget]\nsteps = 6\n[[entry]]\nname = "ours"\n', encoding="utf-8")
    page = tmp_path / "page.html"
    assert main([str(toml), "--results", str(recorded[2].parent), "--page", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    row = json.loads(recorded[2].read_text(encoding="utf-8"))["entries"][0]
    assert f"{row['figures']['seen']['nme98']:.2f} %" in text
    assert text.count("<svg") == 1 and "http" not in text
