"""Profiles of well-known rigs: their controllers, what is known of their meaning, and what is not.

The files are data of ours, `sfp.profile` version 1: names and facts. Limits that nobody published are proposals and say
so; the true ones are read in Maya.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

from sfp_core.errors import SfpError, listed
from sfp_core.files import read_json
from sfp_core.rig import ControllerSpec, RigSpec
from sfp_core.rigs.vocabulary.vocabulary import Vocabulary

FORMAT, VERSION = "sfp.profile", 1
Limits = Literal["read in Maya", "known"]
Evidence = Literal["convention", "recorded pose", "name"]
_LEAST_NAMES = 10  # names as long as these are no coincidence


@dataclass(frozen=True)
class Profile:
    """What is known of a rig.

    Attributes
    ----------
    face : RigSpec
        The controllers to capture. Neutral is the rest pose, which is not zero everywhere.
    beyond : tuple of ControllerSpec
        Controllers that no capture needs, such as the tongue's; `mirror` holds their partners too.
    mirror : mapping of str to str
        Of all controllers, both ways; one in the middle is its own.
    limits : Limits
        "read in Maya": the limits here are proposals, the rig's own are to be read there.
    signs : mapping of controller to text
        What the two directions do, where a source tells.
    evidence : mapping of action to Evidence
        Where what drives it is known from: a stated sign convention, a recorded pose, or only the controller's name.
    unknown : tuple of str
        Controllers of which no source tells what they do.
    vocabulary : Vocabulary
        What is known, as a vocabulary whose words are the controllers.
    """

    name: str
    source: str
    face: RigSpec
    beyond: tuple[ControllerSpec, ...]
    mirror: Mapping[str, str]
    limits: Limits
    signs: Mapping[str, str]
    evidence: Mapping[str, Evidence]
    unknown: tuple[str, ...]
    vocabulary: Vocabulary

    def __post_init__(self) -> None:
        names = {spec.name for spec in (*self.face.controllers, *self.beyond)}
        used = {
            word
            for table in (self.vocabulary.drives, self.vocabulary.faces, self.vocabulary.direct)
            for drive in table.values()
            for word in drive
        }
        problems = [f"signs: no controller {name!r}" for name in self.signs if name not in names]
        problems += [f"unknown: no controller {name!r}" for name in self.unknown if name not in names]
        problems += [f"unknown: {name} is driven, so it is known" for name in self.unknown if name in used]
        told = used | set(self.unknown) | set(self.signs)
        problems += [f"{name}: neither known nor listed as unknown" for name in sorted(names - told)]
        if problems:
            raise SfpError(f"profile {self.name}: {listed(problems)}")

    @property
    def rig(self) -> RigSpec:
        """The controllers to capture."""
        return self.face

    @cached_property
    def whole_rig(self) -> RigSpec:
        """With those beyond the face: tongue, teeth, eyes."""
        return RigSpec(self.face.name, (*self.face.controllers, *self.beyond), self.mirror)

    @property
    def unlimited(self) -> tuple[str, ...]:
        """Controllers whose limits are a proposal, as a capture's `unlimited`."""
        return () if self.limits == "known" else self.face.names


def profile_names() -> tuple[str, ...]:
    """Names of the profiles there are."""
    return tuple(
        sorted(entry.name.removesuffix(".json") for entry in _folder().iterdir() if entry.name.endswith(".json"))
    )


def profile_named(name: str) -> Profile:
    """The profile of this name. Raises SfpError listing the names there are."""
    if name not in profile_names():
        raise SfpError(f"profile {name!r} is unknown; expected one of {', '.join(profile_names())}")
    return read_profile(_folder() / f"{name}.json")


def read_profile(path: Path) -> Profile:
    """Read a profile.

    Raises
    ------
    SfpError
        In one line, what is wrong and where (the first few problems in full).
    """
    content = read_json(path, format_name=FORMAT, version=VERSION)
    reader = _Reader(content)
    try:
        profile = reader.read()
    except SfpError as error:
        raise SfpError(f"{path}: {listed([*reader.problems, str(error)])}") from error
    if reader.problems or profile is None:
        raise SfpError(f"{path}: {listed(reader.problems)}")
    return profile


def _folder() -> Path:
    return Path(str(resources.files("sfp_core"))) / "data" / "profiles"


class _Reader:
    """Turns the JSON object into a `Profile`, collecting problems."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content
        self.problems: list[str] = []

    def read(self) -> Profile | None:
        name, source = self._text("name"), self._text("source")
        face, beyond, mirror = self._controllers()
        limits = self._one_of(self.content.get("limits"), get_args(Limits), "limits")
        drives, evidence = self._drives()
        faces, direct = self._table("faces"), self._table("direct")
        signs = {str(key): str(text) for key, text in self._object("signs").items()}
        unknown = self.content.get("unknown", [])
        if not isinstance(unknown, list):
            self.problems.append(f"unknown: expected a list of controllers, got {type(unknown).__name__}")
        if self.problems:
            return None
        RigSpec(name, (*face, *beyond), mirror)  # doubles, and mirrors that go one way
        inner = {spec.name for spec in face}
        words = {spec.name: () for spec in (*face, *beyond)}
        vocabulary = Vocabulary(
            name, words, drives, faces, direct=direct, match="name", measure="change", least=_LEAST_NAMES
        )
        rig = RigSpec(name, tuple(face), {a: b for a, b in mirror.items() if a in inner and b in inner})
        told = tuple(str(entry) for entry in unknown)
        return Profile(name, source, rig, tuple(beyond), mirror, limits, signs, evidence, told, vocabulary)

    def _text(self, key: str) -> str:
        text = self.content.get(key)
        if isinstance(text, str) and text:
            return text
        self.problems.append(f"{key}: expected a text, got {text!r}")
        return ""

    def _object(self, key: str) -> dict[str, Any]:
        entry = self.content.get(key, {})
        if isinstance(entry, dict):
            return entry
        self.problems.append(f"{key}: expected an object, got {type(entry).__name__}")
        return {}

    def _one_of(self, value: Any, known: tuple[Any, ...], where: str) -> Any:
        if value not in known:
            self.problems.append(f"{where}: {value!r}; expected one of {', '.join(known)}")
        return value

    def _controllers(self) -> tuple[list[ControllerSpec], list[ControllerSpec], dict[str, str]]:
        entries = self.content.get("controllers")
        if not isinstance(entries, list) or not entries:
            self.problems.append("controllers: expected a list with at least one entry")
            return [], [], {}
        sets: dict[str, list[ControllerSpec]] = {"face": [], "beyond": []}
        mirror: dict[str, str] = {}
        for place, entry in enumerate(entries):
            where = f"controllers[{place}]"
            try:
                low, high, neutral = (_number(entry[key]) for key in ("minimum", "maximum", "neutral"))
                spec = ControllerSpec(str(entry["name"]), low, high, neutral, entry["unit"])
            except (KeyError, TypeError, ValueError) as error:
                self.problems.append(f"{where}: {type(error).__name__}: {error}")
                continue
            except SfpError as error:
                self.problems.append(f"{where}: {error}")
                continue
            if any(mark in spec.name for mark in ":|") or "." not in spec.name:
                self.problems.append(f"{where}: {spec.name!r}; expected node.attribute without a namespace")
            group = entry.get("set", "face")
            if group in sets:
                sets[group].append(spec)
            else:
                self.problems.append(f"{where}.set: {group!r}; expected one of face, beyond")
            if entry.get("mirror") is not None:
                mirror[spec.name] = str(entry["mirror"])
        return sets["face"], sets["beyond"], mirror

    def _drives(self) -> tuple[dict[str, dict[str, float]], dict[str, Evidence]]:
        drives: dict[str, dict[str, float]] = {}
        evidence: dict[str, Evidence] = {}
        for action, entry in self._object("drives").items():
            if not isinstance(entry, dict):
                self.problems.append(f"drives.{action}: expected an object, got {type(entry).__name__}")
                continue
            evidence[action] = self._one_of(entry.get("from"), get_args(Evidence), f"drives.{action}.from")
            drives[action] = self._changes(entry.get("changes"), f"drives.{action}.changes")
        return drives, evidence

    def _table(self, key: str) -> dict[str, dict[str, float]]:
        return {name: self._changes(entry, f"{key}.{name}") for name, entry in self._object(key).items()}

    def _changes(self, entry: Any, where: str) -> dict[str, float]:
        if not isinstance(entry, dict):
            self.problems.append(f"{where}: expected an object of controllers, got {type(entry).__name__}")
            return {}
        changes: dict[str, float] = {}
        for name, value in entry.items():
            try:
                changes[str(name)] = _number(value)
            except ValueError:
                self.problems.append(f"{where}.{name}: expected a number, got {value!r}")
        return changes


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"expected a number, got {value!r}")
    return float(value)
