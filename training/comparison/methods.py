"""What takes part in a comparison, and its answers on a labelled set: same pictures, same boxes, one face at a time."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from rich.console import Console
from rich.progress import track

from sfp_core.detect.crop import Box, checked_box
from sfp_core.detect.detector import Detector
from sfp_core.detect.pictures import read_picture
from sfp_core.errors import SfpError
from sfp_core.layout import WFLW_98, Layout
from training.labelled_sets import LabelledSet


class Method(Protocol):
    """Something that finds landmarks in a box.

    Attributes
    ----------
    name : str
        Its column.
    told : str
        Which one exactly, and what it is given, for people to read.
    layout : Layout
        Of its answers.
    """

    @property
    def name(self) -> str:
        """See the class."""

    @property
    def told(self) -> str:
        """See the class."""

    @property
    def layout(self) -> Layout:
        """See the class."""

    def find(self, path: Path, picture: np.ndarray, box: Box) -> tuple[np.ndarray | None, float]:
        """Points (N, 2) float64 in image space, or None for no face, and the milliseconds that it took.

        `picture` is (H, W, 3) uint8 RGB, and `path` names it.
        """


class InProcess:
    """A method that runs here: a function of pictures and boxes, called with one of each.

    Attributes
    ----------
    name, told, layout
        As in `Method`.
    """

    layout = WFLW_98

    def __init__(self, name: str, told: str, detect: Callable[[list[np.ndarray], list[Box]], np.ndarray]) -> None:
        self.name = name
        self.told = told
        self._detect = detect

    def find(self, path: Path, picture: np.ndarray, box: Box) -> tuple[np.ndarray | None, float]:
        """As in `Method`; it answers for every box."""
        started = time.perf_counter()
        points = np.asarray(self._detect([picture], [box])[0], dtype=np.float64)
        milliseconds = 1000 * (time.perf_counter() - started)
        if points.shape != (WFLW_98.count, 2) or not np.isfinite(points).all():
            raise SfpError(f"{self.name} on {path}: {points.shape} numbers; expected (98, 2) finite ones")
        return points, milliseconds


def ours(name: str, weights: Path | None = None) -> InProcess:
    """A detector of ours, the shipped one without `weights`."""
    detector = Detector.load(weights)
    if detector.layout is not WFLW_98:
        raise SfpError(f"{weights}: finds {detector.layout.name}; expected weights for wflw98")

    def detect(pictures: list[np.ndarray], boxes: list[Box]) -> np.ndarray:
        return np.stack([one.landmarks.points for one in detector.detect_many(pictures, boxes)])

    which = "the shipped weights" if weights is None else weights.name
    return InProcess(
        name, f"{which} ({detector.sha256[:12]}): the square of the box times {detector.first.margin:g}", detect
    )


def rival(name: str, weights: Path) -> InProcess:
    """A rival that we trained."""
    from training.rivals.weights import load_rival

    loaded = load_rival(weights)
    return InProcess(name, f"{loaded.name}, {weights.name}: trained here, the same crop as ours", loaded.detect_many)


@dataclass(frozen=True, eq=False)
class Answers:
    """What a method finds on a set.

    Attributes
    ----------
    name, told : str
        Of the method.
    layout : Layout
        Of `points`.
    points : (n, N, 2) float64
        Image space; NaN where it finds no face.
    milliseconds : (n,) float64
    """

    name: str
    told: str
    layout: Layout
    points: np.ndarray
    milliseconds: np.ndarray

    @property
    def answered(self) -> np.ndarray:
        """Which faces (n,) bool it found."""
        return np.asarray(np.isfinite(self.points).all(axis=(1, 2)))


def ask(methods: Sequence[Method], data: LabelledSet) -> list[Answers]:
    """Ask every method about every face of a set, in the set's boxes; a picture is read once for all.

    Raises
    ------
    SfpError
        A picture that cannot be read, a box outside its picture, or a method that fails, which is no "no face".
    """
    points = [np.full((len(data), method.layout.count, 2), np.nan) for method in methods]
    milliseconds = np.zeros((len(methods), len(data)))
    last, picture = None, np.zeros((0, 0, 3), np.uint8)
    faces = zip(data.pictures, data.boxes, strict=True)
    console = Console(stderr=True)
    for index, (path, box) in enumerate(track(faces, "faces", total=len(data), console=console, transient=True)):
        if path != last:
            last, picture = path, read_picture(path)
        used = checked_box(box, width=picture.shape[1], height=picture.shape[0], where=f"{path}: box")
        for number, method in enumerate(methods):
            found, milliseconds[number, index] = method.find(path, picture, used)
            if found is not None:
                points[number][index] = found
    return [
        Answers(method.name, method.told, method.layout, found, spent)
        for method, found, spent in zip(methods, points, milliseconds, strict=True)
    ]
