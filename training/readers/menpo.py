"""Landmarks beside their picture: `NAME.pts` of 300-W and iBUG, `NAME.ljson` of menpo.

`.pts` files are by custom written by programs that count the first pixel 1, so its centre is (1, 1) there and
(0.5, 0.5) here. `.ljson` counts it 0 and writes (y, x).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.files import read_json
from training.detector_data import PIXEL_CENTRE_OFFSET, LabelledFace
from training.problems import Problems
from training.readers.faces import labelled_face, numbers

PTS_OFFSET = PIXEL_CENTRE_OFFSET - 1
_PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".PNG", ".JPG", ".JPEG")


def read_pts(folder: Path, *, pictures: Path) -> list[LabelledFace]:
    """All `.pts` files of a folder and the folders in it. Raises SfpError with file and line of all that is wrong."""
    return _read_folder(folder, pictures, ".pts", _pts_points)


def read_ljson(folder: Path, *, pictures: Path) -> list[LabelledFace]:
    """All `.ljson` files of a folder and the folders in it. Raises SfpError naming all files that are wrong."""
    return _read_folder(folder, pictures, ".ljson", _ljson_points)


class _PlacedError(ValueError):
    """What is wrong, and in which line."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def _read_folder(
    folder: Path, pictures: Path, suffix: str, points_of: Callable[[Path], np.ndarray]
) -> list[LabelledFace]:
    if not folder.is_dir():
        raise SfpError(f"{folder}: no such folder; expected one with {suffix} files")
    paths = sorted(folder.rglob(f"*{suffix}"))
    if not paths:
        raise SfpError(f"{folder}: no {suffix} files in it")
    problems = Problems()
    faces = []
    for path in paths:
        try:
            picture = _picture_of(pictures / path.relative_to(folder))
            faces.append(labelled_face(picture, points_of(path)))
        except _PlacedError as error:
            problems.add(f"{path}:{error.line}", error)
        except SfpError as error:  # names the file itself
            problems.add_told(error)
        except (ValueError, OSError) as error:
            problems.add(str(path), error)
    problems.refuse()
    return faces


def _picture_of(path: Path) -> Path:
    """The picture of the same name."""
    for suffix in _PICTURE_SUFFIXES:
        # appended, not replaced: names hold dots ("a.b.pts"); but a group in menpo's "a_ibug68.ljson" is not guessed
        candidate = path.with_name(path.stem + suffix)
        if candidate.is_file():
            return candidate
    raise ValueError(f"no picture {path.stem}.png, .jpg ... in {path.parent}")


def _pts_points(path: Path) -> np.ndarray:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    rows: list[list[float]] = []
    announced: int | None = None
    opened = closed = False
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text == "{":
            opened = True
        elif text == "}":
            closed = True
            break
        elif opened and text:
            rows.append(_pair(text, number))
        elif text.startswith("n_points"):
            announced = _count(text, number)
    if not opened or not closed:
        raise _PlacedError(len(lines), "the points do not stand between { and }")
    if announced is not None and announced != len(rows):
        raise _PlacedError(number, f"{len(rows)} points; n_points says {announced}")
    return np.array(rows).reshape(-1, 2) + PTS_OFFSET


def _pair(text: str, line: int) -> list[float]:
    try:
        pair = [float(token) for token in text.split()]
    except ValueError as error:
        raise _PlacedError(line, f"a token is no number ({error})") from error
    if len(pair) != 2 or not np.isfinite(pair).all():
        raise _PlacedError(line, f"{text!r}; expected two finite numbers")
    return pair


def _count(text: str, line: int) -> int:
    try:
        return int(text.partition(":")[2])
    except ValueError as error:
        raise _PlacedError(line, f"{text!r}; expected n_points: and a whole number") from error


def _ljson_points(path: Path) -> np.ndarray:
    content = read_json(path)
    version = content.get("version")
    try:
        rows = numbers(_ljson_rows(content, version), "points")
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no landmarks as version {version!r} of the format has them ({error!r})") from error
    if rows.ndim != 2 or rows.shape[1] != 2:
        raise ValueError(f"points: {rows.shape} numbers; expected pairs (y, x)")
    return rows[:, ::-1] + PIXEL_CENTRE_OFFSET


def _ljson_rows(content: dict[str, Any], version: Any) -> list[Any]:
    """Pairs (y, x), null where a landmark is not labelled."""
    if version == 1:
        return [point["point"] for group in content["groups"] for point in group["landmarks"]]
    if version == 2:
        return list(content["landmarks"]["points"])
    if version == 3:
        if len(content["groups"]) != 1:
            raise ValueError(f"groups {', '.join(content['groups'])}; expected one, so that it is clear which is meant")
        return list(next(iter(content["groups"].values()))["landmarks"]["points"])
    raise ValueError(f"version is {version!r}; expected 1, 2 or 3")
