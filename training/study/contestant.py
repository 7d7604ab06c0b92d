"""An entry of a study made ready: its faces, its network and settings, its weights file and what that scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from sfp_core.detect.codec import Codec, nearest_landmarks
from sfp_core.detect.crop import Box, tight_box
from sfp_core.detect.detector import Detector
from sfp_core.detect.detector_file import write_detector
from sfp_core.detect.network import StackedHourglass
from sfp_core.errors import SfpError
from sfp_core.layout import WFLW_98
from training.annotations import read_annotations
from training.augment import AugmentConfig
from training.detector_data import FaceSet, LabelledFace, load_faces, read_list
from training.detector_trainee import DetectorTrainee, mean_face
from training.harness import Trainee
from training.labelled_sets import jittered_boxes
from training.measures import crop_sides, point_errors, profiles, scale, score
from training.optimiser import OptimiserConfig
from training.rivals.choice import RivalName, rival_named
from training.rivals.weights import load_rival, write_rival
from training.study.plan import Budget, Entry, Probe, configuration

_SAME_BOX_PX = 0.1  # boxes in lists are rounded
_JITTER_SEED = 7  # of the boxes that all entries are measured in


@dataclass(frozen=True)
class Contestant:
    """An entry, ready to be trained."""

    trainee: Trainee
    optimiser: OptimiserConfig
    augment: AugmentConfig
    neighbours: tuple[tuple[int, ...], ...]


def contestant(entry: Entry, budget: Budget, faces: FaceSet) -> Contestant:
    """Trainee and settings of an entry. Rivals are augmented as our compact detector is."""
    config = configuration(entry)
    optimiser = replace(config.optimiser, schedule=budget.schedule, warmup_steps=min(100, budget.steps // 10))
    table = nearest_landmarks(mean_face(faces), config.network.neighbours or 10)
    if entry.rival:
        name: RivalName = entry.rival  # type: ignore[assignment]  # rival_named refuses the others
        return Contestant(rival_named(name, budget.input_px, table), optimiser, config.augment, table)
    codec = Codec(config.codec, grid=config.network.grid, neighbours=table)
    return Contestant(DetectorTrainee(config.network, codec, config.loss), optimiser, config.augment, table)


def listed(data: Path, name: str, families: Sequence[str]) -> list[LabelledFace]:
    """The faces of a list of a data set, of some families alone where any are named.

    Raises
    ------
    SfpError
        A list or annotations that cannot be used, or no face of these families.
    """
    faces = read_list(Path(data) / f"{name}.txt", pictures=Path(data) / "images")
    if not families:
        return faces
    of_picture: dict[str, list[tuple[Box, str]]] = {}
    for picture in read_annotations(Path(data) / f"{name.rpartition('_')[2]}.jsonl"):
        of_picture[picture.picture] = [(face.box, face.family) for face in picture.faces]
    chosen = [face for face in faces if _family(face.box, of_picture.get(face.picture.name, [])) in families]
    if not chosen:
        raise SfpError(f"{data}: no face of {', '.join(families)} in {name}.txt")
    return chosen


def faces_of(data: Path, entry: Entry, split: str) -> FaceSet:
    """The faces of a split, "train" or "val", that an entry may see."""
    return load_faces(listed(data, f"{entry.lists}{split}", entry.families))


def _family(box: Sequence[float], faces: Sequence[tuple[Box, str]]) -> str:
    """The family of the annotated face whose box is this one; boxes in lists are rounded."""
    if not faces:
        return ""
    distance, family = min((float(np.abs(np.subtract(box, other)).max()), name) for other, name in faces)
    return family if distance < _SAME_BOX_PX else ""


def write_weights_of(
    entry: Entry, one: Contestant, network: nn.Module, folder: Path, record: Mapping[str, Any]
) -> Path:
    """The weights as users would have them, in half precision."""
    if entry.rival:
        path = folder / "rival.safetensors"
        name: RivalName = entry.rival  # type: ignore[assignment]  # refused before where unknown
        write_rival(path, network, name, one.trainee.config, one.neighbours, record)  # type: ignore[attr-defined]
        return path
    assert isinstance(network, StackedHourglass) and isinstance(one.trainee, DetectorTrainee)
    path = folder / "detector.safetensors"
    write_detector(path, network, one.trainee.codec.config, one.neighbours, record)
    return path


def measured(weights: Path, data: Path, probe: Probe, *, rival: bool) -> dict[str, float]:
    """NME98 and median (percent), failing rate and area of the faces of a probe that are no profiles.

    Boxes are the true ones, jittered as `training.evaluate --jitter` does, the same for all.
    """
    faces = listed(data, probe.list, probe.families)
    points = np.stack([face.points for face in faces]).astype(np.float64)
    boxes = np.array([tight_box(face) for face in points])
    loaded = load_faces(faces)
    given = jittered_boxes(boxes, _JITTER_SEED)
    if rival:
        found = load_rival(weights).detect_many(loaded.pictures, given)
    else:
        answers = Detector.load(weights).detect_many(loaded.pictures, given)
        found = np.stack([answer.landmarks.points for answer in answers])
    sides = crop_sides(boxes)
    fair = ~profiles(points, sides, WFLW_98)
    result = score(point_errors(found, points, scale(points, sides, WFLW_98)).mean(axis=1)[fair])
    return {
        "faces": result.faces,
        "nme98": round(result.nme, 4),
        "median98": round(result.median, 4),
        "fr10": round(result.fr10, 4),
        "auc10": round(result.auc10, 4),
    }
