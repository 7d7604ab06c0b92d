"""From an observed capture to a character: forward model, mapper, reach, invisible controllers, scores. Loads torch."""

import contextlib
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from sfp_core.character.capture import Capture
from sfp_core.character.character import Character
from sfp_core.character.complete import learned_completion
from sfp_core.character.fit_forward import ForwardConfig, ForwardFit, fit_forward
from sfp_core.character.fit_mapper import MapperConfig, fit_mapper, shares_of
from sfp_core.character.observe import Observation
from sfp_core.character.reach import face_of
from sfp_core.character.refine import RefineConfig
from sfp_core.character.score import Score, score
from sfp_core.errors import SfpError
from sfp_core.layout import ibug68_from_wflw98
from sfp_core.rig import RigSpec

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total)."""

# Chosen on held-back poses of a capture, whose landmarks are detected; `refine.for_made` is for those that are made.
_REFINE = RefineConfig(iterations=30, misfit=0.5, smoothness=4.0, sparsity=0.5)
INVISIBLE_BELOW = 0.005  # of the inter-ocular distance, over a controller's full range
_CONTEXTS = 200  # poses in which each controller's effect is looked at
_CONTEXT_PERCENTILE = 90.0  # lips that close need a jaw that is open: not every pose shows every controller
_THUMBNAIL_PX = 192


@dataclass(frozen=True)
class FitConfig:
    """How a character is fitted.

    Attributes
    ----------
    tested, chosen : float
        Shares of the poses held back: for the report alone, and for choosing between variants while fitting.
    refine : RefineConfig
        Stored in the bundle.
    """

    seed: int = 0
    tested: float = 0.1
    chosen: float = 0.1
    forward: ForwardConfig = field(default_factory=ForwardConfig)
    mapper: MapperConfig = field(default_factory=MapperConfig)
    refine: RefineConfig = field(default_factory=lambda: _REFINE)


@dataclass(frozen=True)
class FitReport:
    """What a fit says of itself, on poses held back.

    Attributes
    ----------
    mapper, refined : Score
        The network alone, and refined as the bundle ships it, each picture by itself.
    refined_68 : Score
        Refined, from the 68 points that a source without pupils gives.
    neutral_error : float
        Largest share by which detected neutral pictures (those of the fit) are answered off neutral.
    noise : float
        Mean distance between the landmarks detected in neutral pictures and their mean, shares of inter-ocular.
    forward_error : float
        Mean distance between the forward model and detected landmarks on held-back poses, shares of inter-ocular.
    invisible : tuple of str
    tested : (Q,) int64
        Which of the capture's poses were held back for this report.
    answered : (Q, K) float64
        What they are answered with, refined, controller units.
    """

    mapper: Score
    refined: Score
    refined_68: Score
    neutral_error: float
    noise: float
    forward_error: float
    invisible: tuple[str, ...]
    tested: np.ndarray
    answered: np.ndarray


def fit_character(
    capture: Capture,
    observation: Observation,
    config: FitConfig | None = None,
    *,
    direct: Mapping[str, Mapping[str, float]] | None = None,
    thumbnail: Path | None = None,
    progress: Progress | None = None,
) -> tuple[Character, FitReport]:
    """Fit a character to what was seen of a capture.

    Parameters
    ----------
    direct : mapping of articulator to {controller: change from neutral at full strength}, optional
        For the bundle; controllers the rig lacks are an error.
    thumbnail : Path, optional
        A picture of the neutral pose.

    Raises
    ------
    SfpError
        Too few poses.
    """
    config = config or FitConfig()
    rig = capture.rig
    values = capture.values[observation.used]
    kinds = [capture.kinds[index] for index in observation.used]
    shares, neutral = rig.to_unit(values), rig.to_unit(rig.neutral)
    displacements = (observation.points - observation.neutral).reshape(len(values), -1)
    tested, chosen = _held_back(kinds, config)

    generator = torch.Generator().manual_seed(config.seed)
    if progress:
        progress("forward model", 0, 1)
    rest = ~tested
    with _one_thread():
        forward = fit_forward(
            shares[rest], displacements[rest], chosen[rest], neutral, config.forward, generator=generator
        )
        visible = _visible(forward, shares[rest], rig) & ~np.isin(rig.names, capture.hidden)
        mapper = fit_mapper(
            shares[rest],
            displacements[rest],
            chosen[rest],
            visible,
            forward,
            config.mapper,
            generator=generator,
            progress=(lambda done, total: progress("mapper", done, total)) if progress else None,
        )
    mapper["completion"] = learned_completion(displacements[rest])
    tolerance = _tolerance(shares[chosen], shares_of(mapper, displacements[chosen]), visible)
    tensors = dict(forward.tensors) | {"tolerance": tolerance}
    invisible = tuple(name for name, seen in zip(rig.names, visible, strict=True) if not seen)
    character = Character(
        rig,
        face_of(observation.points, observation.neutral, kinds),
        mapper,
        tensors,
        config.refine,
        invisible,
        dict(direct or {}),
        observation.detector_sha256,
        {},
        thumbnail_of(thumbnail) if thumbnail else b"",
    )
    report = _report(character, observation, values, kinds, tested)
    record = {
        "poses": len(values),
        "pictures_not_used": len(observation.problems),
        "source": capture.source,
        "config": asdict(config),
        "held_back": {
            "mapper": report.mapper.record(),
            "refined": report.refined.record(),
            "refined_68": report.refined_68.record(),
        },
        "neutral_error": round(report.neutral_error, 6),
        "detector_noise": round(report.noise, 6),
        "forward_error": round(report.forward_error, 6),
    }
    return replace(character, training=record), report


def thumbnail_of(path: Path) -> bytes:
    """A picture as a small PNG without anything but its pixels."""
    with Image.open(path) as picture:
        small = picture.convert("RGB")
        small.thumbnail((_THUMBNAIL_PX, _THUMBNAIL_PX))
        stream = io.BytesIO()
        small.save(stream, "PNG", optimize=True)
        return stream.getvalue()


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """These networks are so small that threads mostly wait: beside other work two took twenty times as long as one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _held_back(kinds: list[str], config: FitConfig) -> tuple[np.ndarray, np.ndarray]:
    """(Q,) bool twice: poses for the report alone, poses for choices. Neutral ones are never held back."""
    moving = np.flatnonzero([kind != "neutral" for kind in kinds])
    tested, chosen = np.zeros((2, len(kinds)), dtype=bool)
    order = np.random.default_rng(config.seed).permutation(moving)
    first, second = round(config.tested * len(moving)), round((config.tested + config.chosen) * len(moving))
    tested[order[:first]], chosen[order[first:second]] = True, True
    if first < 10 or second - first < 10:
        raise SfpError(f"capture: {len(moving)} poses besides neutral; expected at least 100, better 1000")
    return tested, chosen


def _visible(forward: ForwardFit, shares: np.ndarray, rig: RigSpec) -> np.ndarray:
    """(K,) bool: the controllers whose full range moves a landmark, in poses of the capture."""
    network = forward.network
    contexts = shares[np.linspace(0, len(shares) - 1, min(_CONTEXTS, len(shares))).astype(int)]
    visible = np.zeros(len(rig.names), dtype=bool)
    for k in range(len(rig.names)):
        ends = []
        for bound in (0.0, 1.0, float(network.neutral[k])):
            posed = contexts.copy()
            posed[:, k] = bound
            ends.append(network(posed).reshape(len(posed), -1, 2))
        moved = np.stack([ends[0] - ends[2], ends[1] - ends[2], ends[0] - ends[1]])
        largest = np.linalg.norm(moved, axis=-1).max(axis=(0, 2))
        visible[k] = np.percentile(largest, _CONTEXT_PERCENTILE) > INVISIBLE_BELOW
    return visible


def _tolerance(truth: np.ndarray, answered: np.ndarray, visible: np.ndarray) -> np.ndarray:
    """(K,) float32 root mean square error of the mapper; 0 for controllers that stay at neutral."""
    error = np.sqrt(((answered - truth) ** 2).mean(axis=0))
    return np.where(visible, np.maximum(error, 0.01), 0).astype(np.float32)


def _report(
    character: Character, observation: Observation, values: np.ndarray, kinds: list[str], tested: np.ndarray
) -> FitReport:
    rig, points = character.rig, observation.points
    visible = ~np.isin(rig.names, character.invisible)
    alone, each = RefineConfig(iterations=0), replace(character.refine, smoothness=0.0)  # poses are no film
    truth = rig.to_unit(values[tested])

    def scored(answered: np.ndarray) -> Score:
        return score(rig, rig.to_unit(answered), truth, counted=visible)

    refined = character.controllers(points[tested], refine=each)
    resting = np.array([kind == "neutral" for kind in kinds])
    off = np.abs(rig.to_unit(character.controllers(points[resting], refine=each)) - rig.to_unit(rig.neutral))
    neutral = observation.neutral
    return FitReport(
        scored(character.controllers(points[tested], refine=alone)),
        scored(refined),
        scored(character.controllers(ibug68_from_wflw98(points[tested]), refine=each)),
        float(off.max()),
        _mean_distance(points[resting] - neutral),
        _mean_distance(points[tested] - character.landmarks(values[tested])),
        character.invisible,
        observation.used[tested],
        refined,
    )


def _mean_distance(moved: np.ndarray) -> float:
    """Of (Q, 98, 2) displacements."""
    return float(np.linalg.norm(moved, axis=-1).mean())
