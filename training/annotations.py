"""What is known about the pictures of a data set: JSON lines (`sfp.faces` version 2) and WFLW's line format.

`FORMATS.md` explains the JSON with an example. One writer and one reader.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sfp_core.detect.crop import Box, tight_box
from sfp_core.errors import SfpError
from sfp_core.files import checked_object, write_text
from sfp_core.heads.expressions import EXPRESSION_NAMES
from sfp_core.layout import WFLW_98
from training.faces.attributes import FLAGS
from training.problems import first_few

FORMAT, VERSION = "sfp.faces", 2
_DECIMALS = 3
# A face is listed for training when at least these shares of its landmarks lie in the picture and are seen, and its
# box is at least so many pixels wide and high. The JSON has every face of which anything lies in the picture.
LISTED_INSIDE, LISTED_VISIBLE, LISTED_PX = 0.6, 0.35, 20.0


@dataclass(frozen=True, eq=False)
class FaceAnnotation:
    """One face.

    Attributes
    ----------
    character, family : str
        Who; the character's name is unique in the data set.
    points : (98, 2) float64
        WFLW landmarks, image space, pixels; they may lie outside the picture.
    visible : (98,) bool
    covered : int
        How many landmarks lie behind something that is no part of the face.
    expression : str
        One of FLSC's seven.
    pose_kind : str
        How the pose was drawn.
    flags : tuple of int
        In the order of `FLAGS`, 0 or 1.
    head_deg : pitch, yaw, roll
    actions : mapping of str to float
        Strengths of the facial actions; those left out are 0.
    openings : mapping of str to float
        `eye_left`, `eye_right`, `mouth`, see `attributes.openings`.
    """

    character: str
    family: str
    points: np.ndarray
    visible: np.ndarray
    covered: int
    expression: str
    pose_kind: str
    flags: tuple[int, ...]
    head_deg: tuple[float, ...]
    actions: Mapping[str, float]
    openings: Mapping[str, float]

    @property
    def box(self) -> Box:
        """The tight box of the landmarks, x0 y0 x1 y1, pixels."""
        return tight_box(self.points)

    def listed(self, size: tuple[int, int]) -> bool:
        """Whether enough of the face is in a picture of (width, height) to learn from it."""
        x0, y0, x1, y1 = self.box
        inside = ((self.points >= 0) & (self.points < np.asarray(size))).all(axis=1).mean()
        large = min(x1 - x0, y1 - y0) >= LISTED_PX
        return bool(large and inside >= LISTED_INSIDE and self.visible.mean() >= LISTED_VISIBLE)


@dataclass(frozen=True)
class PictureAnnotation:
    """One picture.

    Attributes
    ----------
    picture : str
        File name in `images`.
    size : tuple of int
        Width and height, pixels.
    seed : tuple of int
        What its generator was seeded with.
    look : str
        A name of `sfp_core.render.looks.LOOKS`, or `render` where it is plainly shaded.
    light, style, background : str
        Names of the lighting preset, the shading style and the kind of background.
    occluder : str
        What hangs before the main face; empty for nothing.
    cut : bool
        Whether the frame was moved so that it cuts the main face.
    camera : mapping of str to float
        `fov_deg`, and `distance` in head units.
    degradation : mapping
        See `training.faces.degrade.Degradation`; only what differs from nothing.
    faces : tuple of FaceAnnotation
        The main face first.
    """

    picture: str
    size: tuple[int, ...]
    seed: tuple[int, ...]
    look: str
    light: str
    style: str
    background: str
    occluder: str
    cut: bool
    camera: Mapping[str, float]
    degradation: Mapping[str, Any]
    faces: tuple[FaceAnnotation, ...] = field(default=())


def wflw_line(points: np.ndarray, name: str, *, flags: tuple[int, ...] = (0, 0, 0, 0, 0, 0)) -> str:
    """One face in the line format of WFLW's `list_98pt_rect_attr_*.txt` (207 tokens)."""
    coordinates = " ".join(f"{number:.3f}" for number in points.ravel())
    box = " ".join(f"{number:.2f}" for number in tight_box(points))
    return f"{coordinates} {box} {' '.join(map(str, flags))} {name}"


def to_line(picture: PictureAnnotation) -> str:
    """One line of JSON."""
    content = {
        "picture": picture.picture,
        "size": list(picture.size),
        "seed": list(picture.seed),
        "look": picture.look,
        "light": picture.light,
        "style": picture.style,
        "background": picture.background,
        "occluder": picture.occluder,
        "cut": picture.cut,
        "camera": _rounded(picture.camera),
        "degradation": dict(picture.degradation),
        "faces": [_face_object(face) for face in picture.faces],
    }
    return json.dumps(content, allow_nan=False, separators=(",", ":"))


def _face_object(face: FaceAnnotation) -> dict[str, Any]:
    return {
        "character": face.character,
        "family": face.family,
        "box": [round(value, _DECIMALS) for value in face.box],
        "expression": face.expression,
        "pose_kind": face.pose_kind,
        "flags": dict(zip(FLAGS, face.flags, strict=True)),
        "head_deg": [round(value, 2) for value in face.head_deg],
        "openings": _rounded(face.openings),
        "actions": {name: value for name, value in _rounded(face.actions).items() if value},
        "covered": face.covered,
        "visible": [int(seen) for seen in face.visible],
        "points": [[round(float(x), _DECIMALS), round(float(y), _DECIMALS)] for x, y in face.points],
    }


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in values.items()}


def header() -> str:
    """The first line of every file of annotations."""
    return json.dumps({"format": FORMAT, "version": VERSION, "layout": WFLW_98.name})


def write_annotations(path: Path, pictures: Iterable[PictureAnnotation]) -> Path:
    """Write a file of annotations whole."""
    write_text(path, "\n".join([header(), *(to_line(picture) for picture in pictures)]) + "\n")
    return Path(path)


def read_annotations(path: Path) -> list[PictureAnnotation]:
    """Read a file of annotations.

    Raises
    ------
    SfpError
        It is not there, is of another format or a newer version, or has malformed lines: all of them together, each
        with file and line.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise SfpError(f"{path}: no such file of annotations") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SfpError(f"{path}: cannot be read as text ({error})") from error
    if not lines:
        raise SfpError(f"{path}: empty; expected a first line with format {FORMAT}")
    checked_object(_parsed_json(lines[0], f"{path}:1"), where=f"{path}:1", format_name=FORMAT, version=VERSION)
    pictures, problems = [], []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        try:
            pictures.append(_picture(_parsed_json(line, f"{path}:{number}"), f"{path}:{number}"))
        except SfpError as error:
            problems.append(str(error))
    if problems:
        raise SfpError("; ".join(first_few(problems)))
    return pictures


def _parsed_json(line: str, where: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SfpError(f"{where}: not JSON ({error})") from error


def _picture(content: Any, where: str) -> PictureAnnotation:
    record = checked_object(content, where=where)
    try:
        return PictureAnnotation(
            picture=str(record["picture"]),
            size=tuple(int(value) for value in record["size"]),
            seed=tuple(int(value) for value in record["seed"]),
            look=str(record["look"]),
            light=str(record["light"]),
            style=str(record["style"]),
            background=str(record["background"]),
            occluder=str(record["occluder"]),
            cut=bool(record["cut"]),
            camera={str(name): float(value) for name, value in record["camera"].items()},
            degradation=dict(record["degradation"]),
            faces=tuple(_face(face, f"{where}: faces[{index}]") for index, face in enumerate(record["faces"])),
        )
    except KeyError as error:
        raise SfpError(f"{where}: no {error.args[0]!r} in it") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise SfpError(f"{where}: a value is of another kind ({error})") from error


def _face(content: Any, where: str) -> FaceAnnotation:
    record = checked_object(content, where=where)
    for key in ("character", "family", "points", "visible", "covered", "expression", "pose_kind", "flags", "head_deg"):
        if key not in record:
            raise SfpError(f"{where}: no {key!r} in it")
    points = np.array(record["points"], dtype=np.float64)
    visible = np.array(record["visible"], dtype=np.int64)
    if points.shape != (WFLW_98.count, 2) or not np.isfinite(points).all():
        raise SfpError(f"{where}: points are {points.shape} numbers; expected ({WFLW_98.count}, 2) finite ones")
    if visible.shape != (WFLW_98.count,) or not np.isin(visible, (0, 1)).all():
        raise SfpError(f"{where}: visible are {visible.shape} numbers; expected {WFLW_98.count} of 0 or 1")
    if record["expression"] not in EXPRESSION_NAMES:
        raise SfpError(f"{where}: expression {record['expression']!r}; expected one of {', '.join(EXPRESSION_NAMES)}")
    return FaceAnnotation(
        character=str(record["character"]),
        family=str(record["family"]),
        points=points,
        visible=visible.astype(bool),
        covered=int(record["covered"]),
        expression=str(record["expression"]),
        pose_kind=str(record["pose_kind"]),
        flags=tuple(int(record["flags"][name]) for name in FLAGS),
        head_deg=tuple(float(value) for value in record["head_deg"]),
        actions={str(name): float(value) for name, value in record.get("actions", {}).items()},
        openings={str(name): float(value) for name, value in record.get("openings", {}).items()},
    )
