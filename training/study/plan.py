"""What a study compares, and at which budget: files of training/studies."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sfp_core.errors import SfpError
from training.optimiser import Schedule
from training.settings import from_table, read_toml
from training.train_detector import DetectorTraining

CONFIGS = Path(__file__).parents[1] / "configs"

VARIED = ("network", "codec", "loss", "optimiser", "augment")  # tables that an entry may change


@dataclass(frozen=True)
class Budget:
    """What all entries of a study have in common.

    Attributes
    ----------
    steps, batch, seed, threads : int
        As in `RunConfig`.
    rates : tuple of float
        Learning rates that are tried.
    pilot_steps : int
        Length of the runs by which the rate is chosen; with one rate there are none.
    validate_every, validate_faces : int
        As in `RunConfig`.
    input_px : int
        Side of the crops of rivals.
    schedule : str
        Of the learning rate, for all.
    """

    steps: int
    batch: int = 16
    seed: int = 1
    threads: int = 1
    rates: tuple[float, ...] = (1e-3,)
    pilot_steps: int = 0
    validate_every: int = 100
    validate_faces: int = 400
    input_px: int = 128
    schedule: Schedule = "cosine"


@dataclass(frozen=True)
class Entry:
    """One row of a study: our detector with some settings changed, or a rival.

    Attributes
    ----------
    name : str
    about : str
        For people.
    config : str
        File in training/configs that our detector starts from.
    rival : str
        "pipnet", "awing" or "hrnet" instead of our detector; empty: ours.
    lists : str
        Prefix of the training lists, as "family_".
    families : tuple of str
        Train on the faces of these families alone; empty: all.
    after : str
        Name of an earlier entry whose weights are fine-tuned.
    changed : mapping of str to mapping
        Tables of the configuration with the keys that differ.
    """

    name: str
    about: str = ""
    config: str = "compact.toml"
    rival: str = ""
    lists: str = ""
    families: tuple[str, ...] = ()
    after: str = ""
    changed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Probe:
    """Faces that all entries are measured on.

    Attributes
    ----------
    name : str
    list : str
        Name of the list, without ".txt".
    families : tuple of str
        Only faces of these; empty: all.
    """

    name: str
    list: str = "test"
    families: tuple[str, ...] = ()


@dataclass(frozen=True)
class Study:
    """A file of training/studies.

    Attributes
    ----------
    name : str
    version : int
    about : str
    probes : tuple of Probe
    budget : Budget
    entries : tuple of Entry
    """

    name: str
    version: int
    about: str
    probes: tuple[Probe, ...]
    budget: Budget
    entries: tuple[Entry, ...]


def read_study(path: Path) -> Study:
    """A study file. Raises SfpError for keys and values that do not fit, and names that repeat or are not there."""
    table = read_toml(path)
    entries = []
    for number, row in enumerate(table.pop("entry", ())):
        plain = {key: value for key, value in row.items() if key not in VARIED}
        entry = from_table(Entry, plain, where=f"{path}: entry {number}")
        entries.append(replace(entry, changed={key: row[key] for key in VARIED if key in row}))
    if not entries:
        raise SfpError(f"{path}: no [[entry]]; a study compares at least one")
    names = [entry.name for entry in entries]
    if len(set(names)) < len(names):
        raise SfpError(f"{path}: two entries have one name ({', '.join(sorted(names))})")
    for number, entry in enumerate(entries):
        if entry.after and entry.after not in names[:number]:
            raise SfpError(f"{path}: entry {entry.name!r} comes after {entry.after!r}, which is no earlier entry")
    if "budget" not in table:
        raise SfpError(f"{path}: no table [budget]")
    budget = from_table(Budget, table.pop("budget"), where=f"{path}: budget")
    head = from_table(_Head, table, where=str(path))
    return Study(head.name, head.version, head.about, head.probe, budget, tuple(entries))


@dataclass(frozen=True)
class _Head:
    name: str
    version: int = 1
    about: str = ""
    probe: tuple[Probe, ...] = (Probe("test"),)


def configuration(entry: Entry) -> DetectorTraining:
    """Our detector's configuration with what the entry changes."""
    table = read_toml(CONFIGS / entry.config)
    for name, changes in entry.changed.items():
        table[name] = {**table.get(name, {}), **changes}
    return from_table(DetectorTraining, table, where=entry.name)
