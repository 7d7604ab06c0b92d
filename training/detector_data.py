"""Faces with landmarks from lists in the line format of WFLW, all pictures in memory."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from sfp_core.errors import SfpError
from sfp_core.layout import WFLW_98

_NUMBERS = 2 * WFLW_98.count  # coordinates come first
_TOKENS = _NUMBERS + 4 + 6 + 1  # box, attribute flags, picture name
_SHOWN_PROBLEMS = 8

PIXEL_CENTRE_OFFSET = 0.5  # WFLW counts pixel centres as whole numbers, we count pixel 0 as [0, 1)


@dataclass(frozen=True)
class LabelledFace:
    """One line of a list.

    Attributes
    ----------
    picture : Path
        The picture file.
    points : (98, 2) float32
        Image space.
    box : tuple of float
        x_min, y_min, x_max, y_max as written in the list.
    flags : tuple of int
        pose, expression, illumination, make-up, occlusion, blur; 0 or 1.
    """

    picture: Path
    points: np.ndarray
    box: tuple[float, float, float, float]
    flags: tuple[int, ...]


def read_list(path: Path, *, pictures: Path, pixel_offset: float = 0.0) -> list[LabelledFace]:
    """Read a list: 196 coordinates, box, six flags and the picture's name on each line, apart by spaces.

    Parameters
    ----------
    path : Path
        The list; several faces may share a picture.
    pictures : Path
        The folder the names are relative to.
    pixel_offset : float
        Added to all coordinates: 0 for our own lists, `PIXEL_CENTRE_OFFSET` for WFLW's.

    Raises
    ------
    SfpError
        All malformed lines together, with file and line number.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise SfpError(f"{path}: no such list of faces") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SfpError(f"{path}: cannot be read as text ({error})") from error
    faces, problems = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            faces.append(_parsed(line, pictures, pixel_offset))
        except ValueError as error:
            problems.append(f"{path}:{number}: {error}")
    if problems:
        more = f"; and {len(problems) - _SHOWN_PROBLEMS} more" if len(problems) > _SHOWN_PROBLEMS else ""
        raise SfpError("; ".join(problems[:_SHOWN_PROBLEMS]) + more)
    if not faces:
        raise SfpError(f"{path}: no faces in it; expected lines of {_TOKENS} tokens")
    return faces


def _parsed(line: str, pictures: Path, pixel_offset: float) -> LabelledFace:
    tokens = line.split(maxsplit=_TOKENS - 1)  # the name comes last and may hold spaces
    if len(tokens) != _TOKENS:
        raise ValueError(f"{len(tokens)} tokens; expected {_TOKENS}")
    try:
        numbers = np.array([float(token) for token in tokens[: _NUMBERS + 4]])
        flags = tuple(int(token) for token in tokens[_NUMBERS + 4 : -1])
    except ValueError as error:
        raise ValueError(f"a token is no number ({error})") from error
    if not np.isfinite(numbers).all():
        raise ValueError("a coordinate is not finite")
    if set(flags) - {0, 1}:
        raise ValueError(f"flags are {flags}; expected 0 or 1")
    numbers += pixel_offset
    points = numbers[:_NUMBERS].reshape(-1, 2).astype(np.float32)
    if (np.ptp(points, axis=0) < 1).any():
        raise ValueError("the landmarks lie in less than a pixel")
    x_min, y_min, x_max, y_max = (float(number) for number in numbers[_NUMBERS:])
    return LabelledFace(Path(pictures) / tokens[-1].strip(), points, (x_min, y_min, x_max, y_max), flags)


@dataclass(frozen=True)
class FaceSet:
    """Faces in memory: `pictures` holds a (H, W, 3) uint8 RGB array a face, `points` is (n, 98, 2) float32."""

    pictures: Sequence[np.ndarray]
    points: np.ndarray

    def __len__(self) -> int:
        return len(self.pictures)


def load_faces(faces: Sequence[LabelledFace], *, threads: int = 2) -> FaceSet:
    """Read the pictures of all faces; one that several faces share is kept once.

    Raises
    ------
    SfpError
        The pictures that cannot be read, together.
    """
    paths = list(dict.fromkeys(face.picture for face in faces))
    with ThreadPoolExecutor(threads) as pool:
        read = dict(zip(paths, pool.map(_read_rgb, paths), strict=True))
    missing = [str(path) for path, picture in read.items() if picture is None]
    if missing:
        more = f" and {len(missing) - _SHOWN_PROBLEMS} more" if len(missing) > _SHOWN_PROBLEMS else ""
        raise SfpError(f"pictures that are not there or broken: {', '.join(missing[:_SHOWN_PROBLEMS])}{more}")
    pictures = [picture for face in faces if (picture := read[face.picture]) is not None]
    return FaceSet(pictures, np.stack([face.points for face in faces]))


def _read_rgb(path: Path) -> np.ndarray | None:
    if not path.is_file():
        return None
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    return None if picture is None else np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


def read_split(folder: Path, split: str) -> FaceSet:
    """One split of a data set: FOLDER/SPLIT.txt with its pictures in FOLDER/images."""
    return load_faces(read_list(Path(folder) / f"{split}.txt", pictures=Path(folder) / "images"))
