"""Landmarks of a capture's pictures, detected as they will be met later."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from sfp_core.character.anchor import anchored
from sfp_core.character.capture import Capture, Progress
from sfp_core.detect.pictures import read_picture
from sfp_core.errors import SfpError, listed
from sfp_core.geometry import normalize
from sfp_core.landmarks import Landmarks
from sfp_core.layout import WFLW_98

Box = tuple[float, float, float, float]

_KEPT_AT_LEAST = 0.8  # of the pictures; below that the capture is refused
_NEUTRAL_LOOKED_AT = 3  # pictures in which the face is searched
_CONFIDENCE = 0.05  # mean of a face's landmarks; below it there is no face
PASSES = 3  # two looks still hang on the box by 0.25 % of the inter-ocular distance, three by 0.08 %
_NEUTRAL_SPREAD = 0.06  # of the inter-ocular distance: two pictures of one rig at rest never differ by so much
_JITTER = 0.03  # of the box: what a finder or a face's motion between two frames does to it


class Detected(Protocol):
    """One face found by a detector."""

    @property
    def landmarks(self) -> Landmarks:
        """Image space."""

    @property
    def box(self) -> Box:
        """The box that was used."""


class LandmarkDetector(Protocol):
    """What `sfp_core.detect.detector.Detector` can do, as far as it is needed here."""

    @property
    def sha256(self) -> str:
        """Of its weights."""

    def detect(self, image: np.ndarray, /) -> Sequence[Detected]:
        """Faces of one picture, the most certain first."""

    def detect_many(
        self, pictures: Iterable[np.ndarray], boxes: Iterable[Box], /, *, passes: int
    ) -> Sequence[Detected]:
        """One face of each picture; after the first pass the box is drawn anew around the landmarks."""


@dataclass(frozen=True)
class Observation:
    """What was seen of a capture.

    Attributes
    ----------
    points : (Q, 98, 2) float64
        Landmarks of the pictures that could be used, anchored on `neutral`.
    neutral : (98, 2) float64
        Mean over the neutral pictures, canonical space.
    used : (Q,) int64
        Which of the capture's poses these are.
    problems : tuple of str
        Pictures that could not be used, with the reason.
    detector_sha256 : str
    """

    points: np.ndarray
    neutral: np.ndarray
    used: np.ndarray
    problems: tuple[str, ...]
    detector_sha256: str


def observe(
    capture: Capture,
    folder: Path,
    detector: LandmarkDetector,
    *,
    box: Box | None = None,
    progress: Progress | None = None,
) -> Observation:
    """Detect the landmarks of every picture.

    The face is searched in neutral pictures only: a capture is framed once. In each picture that box is used first and
    then drawn anew around the landmarks found, as when a film is followed.

    Parameters
    ----------
    box : (x0, y0, x1, y1), optional
        Where the neutral face is, pixels; else it is searched.

    Raises
    ------
    SfpError
        No face in the neutral pictures, or less than 80 % of the pictures can be used.
    """
    folder = Path(folder)
    reader = _Pictures(capture, folder, progress)
    start = box or _found_box(reader, capture, detector)
    faces = detector.detect_many(reader.all(), reader.boxes(start), passes=PASSES)
    sure = np.array([face.landmarks.confidence.mean() >= _CONFIDENCE for face in faces], dtype=bool)
    for index in np.array(reader.read, dtype=np.int64)[~sure]:
        reader.problems.append(f"{capture.poses[index].picture}: no face where the neutral one is")
    used = np.array(reader.read, dtype=np.int64)[sure]
    if len(used) < _KEPT_AT_LEAST * len(capture.poses):
        raise SfpError(
            f"{folder}: only {len(used)} of {len(capture.poses)} pictures can be used, expected at least "
            f"{_KEPT_AT_LEAST:.0%}; {listed(reader.problems)}"
        )
    image = np.stack([face.landmarks.points for face, good in zip(faces, sure, strict=True) if good])
    resting = [place for place, index in enumerate(used) if capture.poses[index].pose.kind == "neutral"]
    if not resting:
        raise SfpError(f"{folder}: no neutral picture can be used; {listed(reader.problems)}")
    _refuse_two_faces(capture, used[resting], image[resting])
    neutral = normalize(image[resting].mean(axis=0), WFLW_98)[0]
    return Observation(anchored(image, neutral), neutral, used, tuple(reader.problems), detector.sha256)


def _refuse_two_faces(capture: Capture, used: np.ndarray, image: np.ndarray) -> None:
    """Raise SfpError where the neutral pictures (Q, 98, 2) show different faces at rest."""
    first = normalize(image[0], WFLW_98)[0]
    distance = np.linalg.norm(anchored(image, first) - first, axis=-1).mean(axis=1)
    if distance.max() > _NEUTRAL_SPREAD:
        odd = capture.poses[int(used[distance.argmax()])].picture
        raise SfpError(
            f"capture of {capture.rig.name}: the neutral pictures {capture.poses[int(used[0])].picture} and {odd} show "
            f"different faces at rest ({distance.max():.0%} of the inter-ocular distance apart): two rigs in one "
            "capture, or a picture that is not neutral"
        )


class _Pictures:
    """Reads pictures one by one and remembers which could be read."""

    def __init__(self, capture: Capture, folder: Path, progress: Progress | None) -> None:
        self.capture, self.folder, self.progress = capture, folder, progress
        self.read: list[int] = []
        self.problems: list[str] = []
        self.finished = False

    def all(self) -> Iterator[np.ndarray]:
        """Every picture that can be read."""
        for index, captured in enumerate(self.capture.poses):
            try:
                picture = read_picture(self.folder / captured.picture)
                self._refuse_other_size(picture, captured.picture)
            except SfpError as error:
                self.problems.append(str(error))
            else:
                self.read.append(index)
                yield picture
            if self.progress:
                self.progress(index + 1, len(self.capture.poses))
        self.finished = True

    def _refuse_other_size(self, picture: np.ndarray, name: str) -> None:
        height, width = picture.shape[:2]
        if (width, height) != self.capture.size:
            raise SfpError(
                f"{name}: {width} x {height} pixels, but the camera of this capture has {self.capture.size[0]} x "
                f"{self.capture.size[1]}; a picture of another capture?"
            )

    def boxes(self, box: Box) -> Iterator[Box]:
        """The box for each picture of `all`, moved a little: equal neutral pictures then say how sure they are."""
        rng = np.random.default_rng(0)
        side = max(box[2] - box[0], box[3] - box[1])
        while not self.finished:
            x, y = rng.uniform(-_JITTER, _JITTER, 2) * side
            wider = rng.uniform(-_JITTER, _JITTER) * side / 2
            yield box[0] + x - wider, box[1] + y - wider, box[2] + x + wider, box[3] + y + wider


def _found_box(reader: _Pictures, capture: Capture, detector: LandmarkDetector) -> Box:
    """The face in the first neutral picture that shows one."""
    names = [captured.picture for captured in capture.poses if captured.pose.kind == "neutral"]
    for name in names[:_NEUTRAL_LOOKED_AT]:
        path = reader.folder / name
        if path.exists():
            faces = detector.detect(read_picture(path))
            if faces:
                return faces[0].box
    raise SfpError(f"{reader.folder}: no face found in the neutral picture {names[0]}; give its box with --box")
