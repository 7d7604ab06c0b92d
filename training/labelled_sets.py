"""Labelled faces to measure a detector on: our data sets, WFLW's lists, and folders of portraits with 68 points."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from sfp_core.detect.crop import tight_box
from sfp_core.errors import SfpError
from sfp_core.layout import IBUG_68, WFLW_98, Layout
from training.annotations import FaceAnnotation, PictureAnnotation, read_annotations
from training.detector_data import PIXEL_CENTRE_OFFSET, LabelledFace, read_list
from training.faces.attributes import FLAGS
from training.problems import first_few

Kind = Literal["attribute", "look", "family", "style"]

PORTRAITS = "landmarks68.json"
JITTER_SIZE, JITTER_SHIFT = (1.0, 1.3), 0.1
_SAME_PX = 0.01  # lists and annotations are rounded to a thousandth
_LOOK = "look_"


@dataclass(frozen=True, eq=False)
class Group:
    """Some of the faces: by WFLW's attributes, by the look of the picture, by who they are, or by the artist.

    Attributes
    ----------
    kind, name : str
    members : (n,) bool
        For every face of the set.
    """

    kind: Kind
    name: str
    members: np.ndarray


@dataclass(frozen=True, eq=False)
class LabelledSet:
    """Faces with true landmarks.

    Attributes
    ----------
    name : str
        For people to read.
    layout : Layout
    pictures : tuple of Path
        One a face; several faces may share a picture.
    points : (n, N, 2) float64
        Image space.
    boxes : (n, 4) float64
        x0, y0, x1, y1, image space; what a detector is given.
    groups : tuple of Group
    """

    name: str
    layout: Layout
    pictures: tuple[Path, ...]
    points: np.ndarray
    boxes: np.ndarray
    groups: tuple[Group, ...] = ()

    def __len__(self) -> int:
        return len(self.pictures)

    def some(self, count: int) -> "LabelledSet":
        """At most `count` faces, spread evenly over the set, so that many characters are among them."""
        if count >= len(self):
            return self
        chosen = np.linspace(0, len(self) - 1, count).round().astype(int)
        groups = tuple(
            replace(group, members=group.members[chosen]) for group in self.groups if group.members[chosen].any()
        )
        pictures = tuple(self.pictures[index] for index in chosen)
        return replace(self, pictures=pictures, points=self.points[chosen], boxes=self.boxes[chosen], groups=groups)

    def jittered(self, seed: int) -> "LabelledSet":
        """The set with boxes as a face finder might give them; see `jittered_boxes`."""
        return replace(self, boxes=jittered_boxes(self.boxes, seed))


def as_given(data: LabelledSet, *, jitter: int | None, limit: int | None) -> tuple[LabelledSet, LabelledSet, str]:
    """At most `limit` faces of a set, the same with the boxes that a detector gets, and what boxes those are."""
    given, told = data, "labelled"
    if jitter is not None:
        given, told = data.jittered(jitter), f"jittered, seed {jitter}"
    if limit is not None:  # after the draws, so that a face's box is the same with and without a limit
        data, given = data.some(limit), given.some(limit)
    return data, given, told


def jittered_boxes(boxes: np.ndarray, seed: int) -> np.ndarray:
    """Boxes (n, 4) made larger by U(1.0, 1.3), their centres moved by U(-0.1, 0.1) of their width and height.

    Three numbers a face in the order size, x, y, faces in order; so a face's box does not depend on those after it.
    """
    draws = np.random.default_rng(seed).random((len(boxes), 3))
    size = boxes[:, 2:] - boxes[:, :2]
    centre = (boxes[:, 2:] + boxes[:, :2]) / 2 + size * JITTER_SHIFT * (2 * draws[:, 1:] - 1)
    low, high = JITTER_SIZE
    half = size / 2 * (low + (high - low) * draws[:, :1])
    return np.concatenate([centre - half, centre + half], axis=1)


def read_labelled(folder: Path, split: str, *, pixel_offset: float = 0.0) -> LabelledSet:
    """FOLDER/SPLIT.txt with FOLDER/images, or FOLDER/landmarks68.json.

    Parameters
    ----------
    folder : Path
    split : str
    pixel_offset : float
        Added to the coordinates of lists: 0 for our own, `PIXEL_CENTRE_OFFSET` for WFLW's.

    Raises
    ------
    SfpError
        Neither is there, a label is malformed, or a picture is missing.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise SfpError(f"{folder}: no such folder; expected a data set with {split}.txt or {PORTRAITS}")
    if (folder / f"{split}.txt").is_file():
        found = _read_lists(folder, split, pixel_offset)
    elif (folder / PORTRAITS).is_file():
        found = _read_portraits(folder)
    else:
        raise SfpError(f"{folder}: no {split}.txt and no {PORTRAITS} in it; choose another folder or --split")
    missing = [str(path) for path in dict.fromkeys(found.pictures) if not path.is_file()]
    if missing:
        raise SfpError(f"pictures that are not there: {', '.join(first_few(missing))}")
    return found


def _read_lists(folder: Path, split: str, pixel_offset: float) -> LabelledSet:
    faces = read_list(folder / f"{split}.txt", pictures=folder / "images", pixel_offset=pixel_offset)
    points = np.stack([face.points for face in faces]).astype(np.float64)
    boxes = np.array([face.box for face in faces], dtype=np.float64)
    groups = _attribute_groups(folder, split, faces, pixel_offset) + _annotated_groups(folder / f"{split}.jsonl", faces)
    if not any(group.kind == "look" for group in groups):
        groups += _subset_groups(folder, split, faces, pixel_offset, looks=True)
    pictures = tuple(face.picture for face in faces)
    return LabelledSet(f"{folder.name}, {split}", WFLW_98, pictures, points, boxes, tuple(groups))


def _attribute_groups(folder: Path, split: str, faces: Sequence[LabelledFace], pixel_offset: float) -> list[Group]:
    """By the lists in `subsets`; where the split has none, by the six flags of the lines."""
    found = _subset_groups(folder, split, faces, pixel_offset, looks=False)
    if not found:
        flags = np.array([face.flags for face in faces], dtype=bool)
        found = [Group("attribute", name, flags[:, place]) for place, name in enumerate(FLAGS)]
    return [group for group in found if group.members.any()]


def _subset_groups(
    folder: Path, split: str, faces: Sequence[LabelledFace], pixel_offset: float, *, looks: bool
) -> list[Group]:
    groups = []
    for path in sorted((folder / "subsets").glob(f"{split}_*.txt")):
        name = path.stem[len(split) + 1 :]
        if name.startswith(_LOOK) != looks or not path.stat().st_size:
            continue
        listed = read_list(path, pictures=folder / "images", pixel_offset=pixel_offset)
        keys = {_key(face) for face in listed}
        members = np.array([_key(face) in keys for face in faces])
        groups.append(Group("look" if looks else "attribute", name.removeprefix(_LOOK), members))
    return groups


def _key(face: LabelledFace) -> tuple[str, bytes]:
    """What tells a face from the others of its picture, in every list that one program wrote."""
    return face.picture.name, face.points.tobytes()


def _annotated_groups(path: Path, faces: Sequence[LabelledFace]) -> list[Group]:
    """Looks and families from the JSON beside a list, if there is one."""
    if not path.is_file():
        return []
    by_name = {picture.picture: picture for picture in read_annotations(path)}
    looks, families = [], []
    for face in faces:
        picture = by_name.get(face.picture.name)
        known = _same_face(picture, face.points) if picture is not None else None
        looks.append(picture.look if picture is not None else "")
        families.append(known.family if known is not None else "")
    return _by_value("look", looks) + _by_value("family", families)


def _same_face(picture: PictureAnnotation, points: np.ndarray) -> FaceAnnotation | None:
    for face in picture.faces:
        if np.abs(face.points - points).max() < _SAME_PX:
            return face
    return None


def _by_value(kind: Kind, values: Sequence[str]) -> list[Group]:
    array = np.array(values)
    return [Group(kind, name, array == name) for name in sorted(set(values) - {""})]


def _read_portraits(folder: Path) -> LabelledSet:
    """`landmarks68.json`: a list of {"image": name, "style": artist, "points": 68 pairs}.

    Its points count pixel centres as whole numbers.
    """
    path = folder / PORTRAITS
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SfpError(f"{path}: cannot be read as text ({error})") from error
    except (ValueError, RecursionError) as error:
        raise SfpError(f"{path}: not JSON ({error})") from error
    if not isinstance(content, list) or not content:
        raise SfpError(f"{path}: expected a list of faces with image and points, got {type(content).__name__}")
    faces, problems = [], []
    for index, entry in enumerate(content):
        try:
            faces.append(_portrait(entry))
        except ValueError as error:
            problems.append(f"{path}: [{index}]: {error}")
    if problems:
        raise SfpError("; ".join(first_few(problems)))
    points = np.stack([face[1] for face in faces]) + PIXEL_CENTRE_OFFSET
    boxes = np.array([tight_box(face) for face in points])
    pictures = tuple(folder / face[0] for face in faces)
    groups = _by_value("style", [face[2] for face in faces])
    return LabelledSet(folder.name, IBUG_68, pictures, points, boxes, tuple(groups))


def _portrait(entry: Any) -> tuple[str, np.ndarray, str]:
    if not isinstance(entry, dict) or not isinstance(entry.get("image"), str):
        raise ValueError("expected an object with the picture's name as image")
    try:
        points = np.array(entry.get("points"), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"points: expected 68 pairs of numbers ({error})") from error
    if points.shape != (IBUG_68.count, 2) or not np.isfinite(points).all():
        raise ValueError(f"points: {points.shape} numbers; expected ({IBUG_68.count}, 2) finite ones")
    if (np.ptp(points, axis=0) < 1).any():
        raise ValueError("points: they lie in less than a pixel")
    return entry["image"], points, str(entry.get("style", ""))
