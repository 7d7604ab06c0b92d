"""Figures that need long training: recorded by `training.study`, printed and never repeated here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sfp_core.files import read_json
from training.benchmarks.table import Figure
from training.study.running import RESULTS

_FAMILY, _RIVALS = "family-1", "rivals-2"  # studies; a changed budget is another name
_NO_FIGURE = float("nan")


def recorded_figures(results: Path = RESULTS) -> list[Figure]:
    """`nme_family`, `nme_vs_pipnet` and `fr_vs_pipnet`, and the other rivals and ablations for the table alone."""
    family, rivals = _entries(results, _FAMILY), _entries(results, _RIVALS)
    figures = [_family(family)] + [
        _over(rivals, "pipnet", measure, key) for key, measure in (("nme_vs_pipnet", "nme98"), ("fr_vs_pipnet", "fr10"))
    ]
    for study in sorted(path.stem for path in Path(results).glob("*.json")):
        for name, row in _entries(results, study).items():
            for probe, scored in row["figures"].items():
                told = f"recorded; {probe}, {_told(row)}; FR10 {scored['fr10']:.1f} %, AUC10 {scored['auc10']:.3f}"
                figures.append(Figure(f"  {study} {name}", scored["nme98"], "%", note=told))
    return figures


def _entries(results: Path, study: str) -> dict[str, Mapping[str, Any]]:
    """Rows of a study by name, each with the study's budget; none where it was not recorded."""
    path = Path(results) / f"{study}.json"
    if not path.exists():
        return {}
    record = read_json(path)
    return {row["name"]: {**row, "budget": record["budget"]} for row in record["entries"]}


def _told(row: Mapping[str, Any]) -> str:
    budget = row["budget"]
    learning = ", still falling" if row["still_falling"] else ""
    return f"{row['faces']} faces, {budget['steps']} steps of {budget['batch']}, seed {budget['seed']}{learning}"


def _family(entries: Mapping[str, Mapping[str, Any]]) -> Figure:
    if "ours" not in entries:
        return _missing("nme_family", _FAMILY, "at least 7 %, aim 5.24 %")
    row = entries["ours"]
    scored = row["figures"]["unseen family"]
    note = f"recorded; {scored['faces']} faces of the unseen family, jittered boxes"
    return Figure("nme_family", scored["nme98"], "%", 7.0, 5.24, _told(row), note)


def _over(entries: Mapping[str, Mapping[str, Any]], rival: str, measure: str, key: str) -> Figure:
    """Ours over the rival's."""
    if "ours" not in entries or rival not in entries:
        return _missing(key, _RIVALS, "below 1, aim 0.9")
    ours, theirs = entries["ours"], entries[rival]
    probe = next(iter(ours["figures"]))
    values = [row["figures"][probe][measure] for row in (ours, theirs)]
    note = f"recorded; {values[0]:.2f} % over {values[1]:.2f} % on the same {ours['figures'][probe]['faces']} faces"
    return Figure(key, values[0] / values[1] if values[1] else _NO_FIGURE, "", 1.0, 0.9, _told(theirs), note)


def _missing(key: str, study: str, asked: str) -> Figure:
    return Figure(f" {key}", _NO_FIGURE, "", note=f"not recorded: run training.study for {study}; {asked}")
