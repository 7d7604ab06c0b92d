"""Run a study: choose rates, train, measure, and record, going on where it was stopped."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch import nn

from sfp_core.errors import SfpError
from sfp_core.files import read_json, write_json
from training.detector_data import FaceSet
from training.detector_trainee import begin_with
from training.harness import Fitted, RunConfig, fit
from training.machine import Machine
from training.run_folder import RunFolder, git_state
from training.study.contestant import Contestant, contestant, faces_of, measured, write_weights_of
from training.study.plan import Budget, Entry, Study

RESULTS = Path(__file__).parents[1] / "results"

Curve = list[list[float]]  # of (step, validation NME in percent)

_FALLING = 0.02  # of the error: what the last fifth of a run must still win to be called unfinished


@dataclass(frozen=True)
class StudyRun:
    """A study with where it runs.

    Attributes
    ----------
    study : Study
    data : Path
        A data set of training.synth.
    runs : Path
        One folder a run.
    machine : Machine
    console : Console
    """

    study: Study
    data: Path
    runs: Path
    machine: Machine
    console: Console

    def row(self, entry: Entry, *, stop_after: int | None = None) -> dict[str, Any] | None:
        """Choose the rate of an entry, train it, write its weights and measure them; None when stopped before."""
        budget = self.study.budget
        faces = (faces_of(self.data, entry, "train"), faces_of(self.data, entry, "val"))
        one = contestant(entry, budget, faces[0])
        pilots = self._pilots(entry, one, faces)
        rate = min(pilots, key=lambda tried: pilots[tried][-1][1]) if pilots else budget.rates[0]
        folder = self.runs / entry.name
        fitted = self._fit(entry, one, faces, folder, rate=rate, run=_run(budget), stop_after=stop_after)
        if fitted is None:
            return None
        told = {"faces": len(faces[0]), "rate": rate}
        record = {
            **{"study": self.study.name, "entry": entry.name, "data": recipe_of(self.data), "git": git_state()},
            **{"steps": fitted.steps, "batch": budget.batch, **told},
        }
        path = write_weights_of(entry, one, fitted.network, folder, record)
        curve = curve_of(folder)
        return {
            **_plain(asdict(entry)),
            **told,
            "parameters": sum(p.numel() for p in fitted.network.parameters()),
            "pilots": {f"{tried:g}": line for tried, line in pilots.items()},
            "curve": curve,
            "still_falling": still_falling(curve, budget.steps),
            "minutes": round(fitted.seconds / 60, 1),
            "figures": {
                probe.name: measured(path, self.data, probe, rival=bool(entry.rival)) for probe in self.study.probes
            },
        }

    def _pilots(self, entry: Entry, one: Contestant, faces: tuple[FaceSet, FaceSet]) -> dict[float, Curve]:
        """The curves of short runs, one a rate; none when there is no choice."""
        budget = self.study.budget
        if len(budget.rates) == 1:
            return {}
        run = replace(_run(budget), steps=budget.pilot_steps, validate_every=max(budget.pilot_steps // 3, 1))
        curves = {}
        for rate in budget.rates:
            folder = self.runs / f"{entry.name}-pilot-{rate:g}"
            if not _ended(folder, run.steps):
                self._fit(entry, one, faces, folder, rate=rate, run=run)
            curves[rate] = curve_of(folder)
        return curves

    def _fit(
        self,
        entry: Entry,
        one: Contestant,
        faces: tuple[FaceSet, FaceSet],
        folder: Path,
        *,
        rate: float,
        run: RunConfig,
        stop_after: int | None = None,
    ) -> Fitted | None:
        optimiser = replace(one.optimiser, rate=rate)
        settings = {
            **{"study": self.study.name, "entry": asdict(entry), "run": asdict(run)},
            **{"optimiser": asdict(optimiser), "augment": asdict(one.augment)},
        }
        self.console.print(f"{entry.name}: rate {rate:g}, {run.steps} steps")

        def put_weights(network: nn.Module) -> None:
            begin_with(network, self.runs / entry.after / "detector.safetensors")

        return fit(
            one.trainee,
            *faces,
            RunFolder(folder, settings, resume=True, writes=self.machine.first),
            optimiser=optimiser,
            augment=one.augment,
            run=run,
            machine=self.machine,
            console=self.console,
            begin_with=put_weights if entry.after else None,
            stop_after=stop_after,
        )


def _run(budget: Budget) -> RunConfig:
    return RunConfig(
        steps=budget.steps,
        batch=budget.batch,
        seed=budget.seed,
        threads=budget.threads,
        average_decay=0.99,  # runs are short
        validate_every=budget.validate_every,
        validate_faces=budget.validate_faces,
    )


def curve_of(folder: Path) -> Curve:
    """(step, validation NME in percent) of a run."""
    lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [[row["step"], row["val_nme_percent"]] for row in rows if "val_nme_percent" in row]


def _ended(folder: Path, steps: int) -> bool:
    """Whether a run was validated at its last step."""
    return (folder / "metrics.jsonl").exists() and any(step == steps for step, _ in curve_of(folder))


def still_falling(curve: Sequence[Sequence[float]], steps: int) -> bool:
    """Whether the last fifth of a run still won more than 2 % of the error."""
    before = [error for step, error in curve if step <= 0.8 * steps]
    return bool(before) and curve[-1][1] < (1 - _FALLING) * min(before)


def recipe_of(data: Path) -> dict[str, Any]:
    """What a data set was made from."""
    path = Path(data) / "recipe.json"
    return dict(read_json(path)) if path.exists() else {"folder": Path(data).name}


def run_study(
    study: Study,
    data: Path,
    runs: Path,
    *,
    only: Sequence[str] = (),
    results: Path = RESULTS,
    machine: Machine | None = None,
    stop_after: int | None = None,
) -> Path:
    """Run the entries that are not done yet and write RESULTS/NAME.json after each.

    Raises
    ------
    SfpError
        Data that cannot be used, an unknown entry, or results of another budget or data set under this name.
    """
    machine = machine or Machine(torch.device("cpu"))
    console = Console(stderr=True, quiet=not machine.first)
    unknown = [name for name in only if name not in {entry.name for entry in study.entries}]
    if unknown:
        raise SfpError(f"--only {' '.join(unknown)}: {study.name} has {' '.join(one.name for one in study.entries)}")
    path = Path(results) / f"{study.name}.json"
    settings = {
        "budget": asdict(study.budget),
        "probes": [asdict(probe) for probe in study.probes],
        "data": recipe_of(data),
    }
    plain = _plain(settings)
    done = _recorded(path, plain)
    here = StudyRun(study, Path(data), Path(runs), machine, console)
    for entry in study.entries:
        if (only and entry.name not in only) or (entry.name in done and not only):
            continue
        row = here.row(entry, stop_after=stop_after)
        if row is None:
            break
        done = {**_recorded(path, plain), entry.name: row}  # another process may have written its entries
        content = {
            "format": "sfp.study",
            "version": 1,
            "study": study.name,
            "about": study.about,
            **plain,
            "git": git_state(),
            "torch": torch.__version__,
            "entries": [done[one.name] for one in study.entries if one.name in done],
        }
        if machine.first:
            write_json(path, content)
    return path


def _recorded(path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The entries in a results file by name; refused when they were recorded under other settings."""
    if not path.exists():
        return {}
    before = read_json(path)
    other = [key for key, value in settings.items() if before.get(key) != value]
    if other:
        raise SfpError(
            f"{path}: recorded with another {' and '.join(other)}; give the study another name, old figures stay"
        )
    return {row["name"]: row for row in before["entries"]}


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """As it is after being written and read."""
    return dict(json.loads(json.dumps(content)))
