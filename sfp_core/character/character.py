"""A character: a rig, the proportions of its face, and the mapper that turns landmarks into its controllers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import numpy as np

from sfp_core.character.anchor import ANCHORS_68, anchored
from sfp_core.character.bundle import FORWARD, MAPPER, find_bundle, read_members, shipped_names, write_members
from sfp_core.character.complete import MISSING_98, completed, completion_of
from sfp_core.character.networks import ForwardNetwork, MapperNetwork, Tensors
from sfp_core.character.refine import RefineConfig, Refiner
from sfp_core.errors import SfpError
from sfp_core.face import Face, Reach
from sfp_core.layout import IBUG_68, WFLW_98, ibug68_from_wflw98
from sfp_core.rig import ControllerSpec, RigSpec

_BLOCK = 4096  # frames mapped at once: bounds memory


@dataclass(frozen=True)
class Character:
    """What a bundle holds.

    Attributes
    ----------
    rig : RigSpec
    face : Face
        Neutral landmarks as the detector sees them, and reach.
    mapper_tensors, forward_tensors : mapping of str to array
        Of the two networks, as stored.
    refine : RefineConfig
        How the mapper's answer is refined; no iterations where refining did not help.
    invisible : tuple of str
        Controllers that move no landmark; the mapper holds them at neutral.
    direct : mapping of articulator to {controller: value at full strength, as change from neutral}
        What speech may drive past the landmarks.
    detector_sha256 : str
        Of the detector weights whose landmarks the mapper was made from; empty where it was no detector of ours.
    training : mapping
        The training record.
    thumbnail : bytes
        A PNG of the neutral pose, or empty.
    """

    rig: RigSpec
    face: Face
    mapper_tensors: Tensors
    forward_tensors: Tensors
    refine: RefineConfig = field(default_factory=lambda: RefineConfig(iterations=0))
    invisible: tuple[str, ...] = ()
    direct: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    detector_sha256: str = ""
    training: Mapping[str, Any] = field(default_factory=dict)
    thumbnail: bytes = b""

    def __post_init__(self) -> None:
        problems = [f"invisible: no controller {name!r}" for name in self.invisible if name not in self.rig.names]
        for articulator, drive in self.direct.items():
            problems += [f"direct.{articulator}: no controller {n!r}" for n in drive if n not in self.rig.names]
        try:
            widths = {self.mapper.linear.shape[-1], self.forward.neutral.size, self.refiner.tolerance.size}
        except KeyError as error:
            problems.append(f"networks: tensor {error} is missing")
        else:
            if widths != {len(self.rig.names)}:
                made_for = "/".join(str(width) for width in sorted(widths))
                problems.append(f"networks: made for {made_for} controllers, but the rig has {len(self.rig.names)}")
            if len(self.mapper.basis) != self.face.neutral.size or len(self.forward.basis) != self.face.neutral.size:
                problems.append(f"networks: made for another number of landmarks than {len(self.face.neutral)}")
            expected = (2 * IBUG_68.count, 2 * len(MISSING_98))
            stored = self.mapper_tensors.get("completion")
            if stored is not None and np.shape(stored) != expected:
                problems.append(f"networks: tensor 'completion' is {np.shape(stored)}; expected {expected}")
        if problems:
            raise SfpError(f"character {self.rig.name}: {'; '.join(problems)}")

    @staticmethod
    def names() -> tuple[str, ...]:
        """Names of the characters that come with the package."""
        return shipped_names()

    @classmethod
    def load(cls, name_or_path: str | Path) -> "Character":
        """A shipped character by name, or a `.character` file.

        Raises
        ------
        SfpError
            Unknown name (the message lists those there are), no such file, or a file that cannot be used.
        """
        path = find_bundle(name_or_path)
        content, weights, thumbnail = read_members(path)
        try:
            return _from_json(content, weights[MAPPER], weights[FORWARD], thumbnail)
        except SfpError as error:
            raise SfpError(f"{path}: {error}") from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise SfpError(f"{path}: character.json: not as {path.suffix} files are ({reason})") from error

    def save(self, path: Path) -> None:
        """Write the bundle whole; the same character gives the same bytes."""
        weights = {MAPPER: self.mapper_tensors, FORWARD: self.forward_tensors}
        write_members(path, _to_json(self), weights, self.thumbnail)

    @cached_property
    def mapper(self) -> MapperNetwork:
        """Landmarks -> shares."""
        return MapperNetwork.of(self.mapper_tensors)

    @cached_property
    def forward(self) -> ForwardNetwork:
        """Shares -> landmarks."""
        return ForwardNetwork.of(self.forward_tensors)

    @cached_property
    def refiner(self) -> Refiner:
        """The refinement step."""
        return Refiner(self.forward, np.asarray(self.forward_tensors["tolerance"], dtype=np.float32))

    def controllers(self, points: np.ndarray, *, refine: RefineConfig | None = None, even: bool = False) -> np.ndarray:
        """Controller values for landmarks of this character's proportions.

        Parameters
        ----------
        points : (T, 98, 2) or (T, 68, 2) float
            Canonical space. Turn, size and place of a frame do not matter. Of 68 points (iBUG's), the missing ones
            are completed by what this character's face does; `neutral_68` is their neutral.
        refine : RefineConfig, optional
            Instead of the character's own.
        even : bool
            Answer for the face and for its mirror image and take the mean, so that a face whose sides do the same
            gives controllers that do. For landmarks that are made, as speech makes them: detected ones carry the
            habits of the detector on each side (light from the left), which the mapper has learned.

        Returns
        -------
        (T, K) float64
            Controller units, within the limits. `face.neutral` gives the rig's neutral.
        """
        config = refine or self.refine
        values = np.empty((len(points), len(self.rig.names)))
        for begin in range(0, len(points), _BLOCK):
            block = slice(begin, begin + _BLOCK)
            displacements = self.displacements(points[block])
            shares = self._answered(displacements, config)
            if even and self._mirror is not None:
                partner, flipped = self._mirror
                other = self._answered(_mirrored(displacements), config)[:, partner]
                other = np.where(flipped, 2 * self.forward.neutral - other, other)
                shares = np.clip((shares + other) / 2, 0, 1)
            values[block] = self.rig.from_unit(shares.astype(np.float64))
        values = np.where(np.abs(values - self.rig.neutral) < self._rounding, self.rig.neutral, values)
        return np.asarray(np.clip(values, self.rig.minimum, self.rig.maximum))

    def _answered(self, displacements: np.ndarray, config: RefineConfig) -> np.ndarray:
        """(T, 196) displacements -> (T, K) shares."""
        return self.refiner(self.mapper(displacements), displacements, config)

    @cached_property
    def _mirror(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Each controller's partner, (K,) int64, and whether it runs the other way there, (K,) bool.

        A controller of the middle that moves the face sideways, as the forward model shows it, runs the other way.
        None for a rig whose sides are not paired.
        """
        if not self.rig.mirror:
            return None
        names = self.rig.names
        partner = np.array([names.index(self.rig.mirror.get(name, name)) for name in names])
        posed = np.tile(self.forward.neutral, (len(names), 1))
        far = np.where(posed[0] < 0.5, 1.0, 0.0)  # away from neutral, the longer way
        np.fill_diagonal(posed, far)
        moved = self.forward(posed)
        here, there = _mirrored(moved), moved[partner]
        flipped = (partner == np.arange(len(names))) & ((here * there).sum(axis=1) < 0)
        return partner, flipped

    @cached_property
    def _rounding(self) -> np.ndarray:  # what float32 shares cannot tell from neutral
        return np.asarray(1e-6 * (self.rig.maximum - self.rig.minimum))

    @cached_property
    def neutral_68(self) -> np.ndarray:
        """(68, 2) float64: neutral of a source of 68 points, canonical space."""
        return ibug68_from_wflw98(self.face.neutral)

    @cached_property
    def completion(self) -> np.ndarray:
        """(136, 92) float32: how the landmarks that a source of 68 points lacks follow those."""
        if "completion" in self.mapper_tensors:
            return np.asarray(self.mapper_tensors["completion"], dtype=np.float32)
        return completion_of(self.forward)

    def displacements(self, points: np.ndarray) -> np.ndarray:
        """(T, 98, 2) or (T, 68, 2) landmarks as (T, 196) differences from neutral, anchored space."""
        if points.ndim == 3 and points.shape[1] == IBUG_68.count:
            moved = anchored(points, self.neutral_68, anchors=ANCHORS_68) - self.neutral_68
            return completed(moved, self.completion)
        moved = anchored(points, self.face.neutral) - self.face.neutral
        return np.asarray(moved.reshape(len(points), -1))

    def landmarks(self, values: np.ndarray) -> np.ndarray:
        """The forward model: controller values (T, K) -> the landmarks (T, 98, 2) a detector would see, canonical."""
        displacements = self.forward(self.rig.to_unit(values)).astype(np.float64)
        return self.face.neutral + displacements.reshape(len(values), *self.face.neutral.shape)


def _mirrored(displacements: np.ndarray) -> np.ndarray:
    """(T, 196) displacements of the mirrored face."""
    moved = displacements.reshape(len(displacements), -1, 2)[:, list(WFLW_98.mirror)] * (-1, 1)
    return np.asarray(moved.reshape(len(displacements), -1))


def _to_json(character: Character) -> dict[str, Any]:
    rig, face = character.rig, character.face
    return {
        "rig": {
            "name": rig.name,
            "controllers": [
                {
                    "name": spec.name,
                    "minimum": float(spec.minimum),
                    "maximum": float(spec.maximum),
                    "neutral": float(spec.neutral),
                    "unit": spec.unit,
                    "mirror": rig.mirror.get(spec.name),
                }
                for spec in rig.controllers
            ],
        },
        "layout": face.layout.name,
        "neutral": [[round(float(x), 7), round(float(y), 7)] for x, y in face.neutral],
        "reach": {name: round(float(reach), 6) for name, reach in face.reach.items()},
        "motion": {name: [[round(float(x), 7), round(float(y), 7)] for x, y in m] for name, m in face.motion.items()},
        "refine": {entry.name: getattr(character.refine, entry.name) for entry in fields(RefineConfig)},
        "invisible": list(character.invisible),
        "direct": {articulator: dict(drive) for articulator, drive in character.direct.items()},
        "detector_sha256": character.detector_sha256,
        "training": dict(character.training),
    }


def _from_json(content: Mapping[str, Any], mapper: Tensors, forward: Tensors, thumbnail: bytes) -> Character:
    entries = content["rig"]["controllers"]
    specs = tuple(
        ControllerSpec(
            str(e["name"]), float(e["minimum"]), float(e["maximum"]), float(e["neutral"]), e.get("unit", "linear")
        )
        for e in entries
    )
    mirror = {str(entry["name"]): str(entry["mirror"]) for entry in entries if entry.get("mirror") is not None}
    if content["layout"] != WFLW_98.name:
        raise SfpError(f"character.json: layout {content['layout']!r}; expected {WFLW_98.name!r}")
    reach: dict[Reach, float] = {name: float(content["reach"][name]) for name in get_args(Reach)}
    motion = {name: np.array(content.get("motion", {})[name]) for name in reach if name in content.get("motion", {})}
    refine = RefineConfig(**content.get("refine", {"iterations": 0}))
    if not 0 <= refine.iterations <= 1000 or not math.isfinite(refine.misfit + refine.deviation + refine.smoothness):
        raise SfpError(f"character.json: refine: {refine}; expected 0 to 1000 iterations and finite weights")
    return Character(
        RigSpec(str(content["rig"]["name"]), specs, mirror),
        Face(np.array(content["neutral"], dtype=np.float64), WFLW_98, reach, motion),
        mapper,
        forward,
        refine,
        tuple(str(name) for name in content["invisible"]),
        {str(a): {str(n): float(v) for n, v in drive.items()} for a, drive in content["direct"].items()},
        str(content["detector_sha256"]),
        dict(content["training"]),
        thumbnail,
    )
