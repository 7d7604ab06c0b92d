"""Faces with landmarks from lists in the line format of WFLW, all pictures in memory."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from sfp_core.detect.crop import tight_box
from sfp_core.errors import SfpError
from sfp_core.layout import WFLW_98
from training.problems import SHOWN, first_few

_NUMBERS = 2 * WFLW_98.count  # coordinates come first
_TOKENS = _NUMBERS + 4 + 6 + 1  # box, attribute flags, picture name
_CLOSEUP_SIDES = 2.6  # a crop that is moved, 1.2 times too large and turned by 30 degrees reaches 2.3 box sides

PIXEL_CENTRE_OFFSET = 0.5  # WFLW counts pixel centres as whole numbers, we count pixel 0 as [0, 1)


@dataclass(frozen=True)
class LabelledFace:
    """One line of a list, or one entry of another file of labels.

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
    weights : (98,) float32, optional
        How much each landmark counts: 0 where its place is only an estimate. Left out: all count 1.
    expression : str
        One of FLSC's seven in small letters, or empty where it is not known.
    """

    picture: Path
    points: np.ndarray
    box: tuple[float, float, float, float]
    flags: tuple[int, ...]
    weights: np.ndarray | None = None
    expression: str = ""


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
        raise SfpError("; ".join(first_few(problems)))
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
    """Faces in memory.

    Attributes
    ----------
    pictures : sequence of (H, W, 3) uint8
        RGB, one a face; several faces may share an array.
    points : (n, 98, 2) float32
        Image space of their pictures.
    weights : (n, 98) float32, optional
        How much each landmark counts; None: all count 1.
    """

    pictures: Sequence[np.ndarray]
    points: np.ndarray
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.pictures)


def load_faces(faces: Sequence[LabelledFace], *, threads: int = 2, closeup_px: int = 0) -> FaceSet:
    """Read the pictures of all faces.

    Parameters
    ----------
    faces : sequence of LabelledFace
    threads : int
    closeup_px : int
        0 keeps whole pictures, one that several faces share once. Otherwise only the surroundings of each face are
        kept, made smaller where its box is larger than so many pixels: photographs are too large for the memory.

    Raises
    ------
    SfpError
        The pictures that cannot be read, together.
    """
    at: dict[Path, list[int]] = {}
    for index, face in enumerate(faces):
        at.setdefault(face.picture, []).append(index)

    def read(path: Path) -> list[tuple[np.ndarray, np.ndarray]] | None:
        """A picture and the landmarks of each of its faces, whole or as close-ups."""
        picture = _read_rgb(path)
        if picture is None:
            return None
        every = [faces[index].points for index in at[path]]
        return [closeup(picture, points, closeup_px) if closeup_px else (picture, points) for points in every]

    with ThreadPoolExecutor(threads) as pool:
        found = dict(zip(at, pool.map(read, at), strict=True))
    missing = [str(path) for path, pairs in found.items() if pairs is None]
    if missing:
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        raise SfpError(f"pictures that are not there or broken: {', '.join(missing[:SHOWN])}{more}")
    left = {path: iter(pairs or ()) for path, pairs in found.items()}
    placed = [next(left[face.picture]) for face in faces]
    ones = np.ones(WFLW_98.count, np.float32)
    weights = np.stack([ones if face.weights is None else face.weights for face in faces])
    known = None if (weights == 1).all() else weights
    return FaceSet([picture for picture, _ in placed], np.stack([points for _, points in placed]), known)


def closeup(picture: np.ndarray, points: np.ndarray, box_px: int) -> tuple[np.ndarray, np.ndarray]:
    """The part of a picture (H, W, 3) around a face and its landmarks (98, 2) in that part, float32.

    It reaches `_CLOSEUP_SIDES` times the side of the face's box, and is made smaller so that this side is at most
    `box_px` pixels.
    """
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = tight_box(points)
    side = max(x1 - x0, y1 - y0)
    centre, reach = np.array([x0 + x1, y0 + y1]) / 2, side * _CLOSEUP_SIDES / 2
    low = np.clip(np.floor(centre - reach).astype(int), 0, [width - 1, height - 1])
    high = np.clip(np.ceil(centre + reach).astype(int), low + 1, [width, height])
    part = picture[low[1] : high[1], low[0] : high[0]]
    scale = min(1.0, box_px / side)
    if scale < 1:
        size = np.maximum(np.round((high - low) * scale), 1).astype(int)
        part = np.asarray(cv2.resize(part, size.tolist(), interpolation=cv2.INTER_AREA))
    else:
        part = part.copy()  # so that the whole picture can be forgotten
    placed = (points - low) * (np.array(part.shape[1::-1]) / (high - low))
    return part, placed.astype(np.float32)


def _read_rgb(path: Path) -> np.ndarray | None:
    if not path.is_file():
        return None
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    return None if picture is None else np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


def read_split(folder: Path, split: str) -> FaceSet:
    """One split of a data set: FOLDER/SPLIT.txt with its pictures in FOLDER/images."""
    return load_faces(read_list(Path(folder) / f"{split}.txt", pictures=Path(folder) / "images"))
