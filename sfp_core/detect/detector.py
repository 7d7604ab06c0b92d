"""The detector that people use: a picture and a face box in, 98 landmarks in image space out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sfp_core.detect.crop import Box, CropRegion, checked_box, checked_picture, tight_box
from sfp_core.detect.detector_file import read_passes
from sfp_core.detect.passes import Pass, apart, drawn_anew, same_face
from sfp_core.detect.runtime import RuntimeName
from sfp_core.detect.steady import steady
from sfp_core.files import sha256_of
from sfp_core.landmarks import Landmarks
from sfp_core.layout import layout_named

if TYPE_CHECKING:
    from sfp_core.detect.finder import FaceFinder

SHIPPED_WEIGHTS = Path(__file__).parents[1] / "data" / "detector.safetensors"

# Mean confidence of a followed face: below the first it is looked for anew, and below the second it is lost unless
# found. Portraits have 0.95 to 0.98; boxes of plain backgrounds 0.4 to 0.7.
_SURE, _LOST = 0.75, 0.5
_SAME_CROP = 0.03  # of the box's longer side: a followed face that moved less is cut out as in the frame before


@dataclass(frozen=True)
class Detection:
    """One face: its landmarks in image space and the box (x0, y0, x1, y1) that was used, before any margin."""

    landmarks: Landmarks
    box: Box


class Detector:
    """Weights, and what is needed to use them.

    Parameters
    ----------
    first : Pass
        What looks at the box of a face.
    second : Pass, optional
        What looks again where the first one has found it; left out: the first one.
    sha256 : str
        Of the weights file; empty when made in memory.
    """

    def __init__(
        self,
        first: Pass,
        *,
        second: Pass | None = None,
        sha256: str = "",
        finder: "FaceFinder | None" = None,
    ) -> None:
        self.first = first
        self.second = second or first
        self.sha256 = sha256
        self.layout = layout_named(first.network.config.layout)
        self._finder = finder

    @classmethod
    def load(
        cls, path: Path | None = None, *, finder: "FaceFinder | None" = None, runtime: RuntimeName = "auto"
    ) -> "Detector":
        """Load weights; without `path` the ones shipped with the package. The finder is loaded when first needed.

        `runtime` is what the networks run in: onnxruntime where it is installed ("auto"), "onnxruntime" or "torch".

        Raises
        ------
        SfpError
            Not there, broken, newer than this program, or weights of something else.
        """
        path = Path(path) if path is not None else SHIPPED_WEIGHTS
        first, *more = read_passes(path, runtime=runtime)
        return cls(first, second=more[0] if more else None, sha256=sha256_of(path), finder=finder)

    @property
    def training(self) -> Mapping[str, Any]:
        """The training record of what is answered with: data, steps, figures."""
        return self.second.training

    @property
    def finder(self) -> "FaceFinder":
        """The face finder: the one given, else the shipped one."""
        if self._finder is None:
            from sfp_core.detect.finder import Finder

            self._finder = Finder.load()
        return self._finder

    def detect(
        self, image: np.ndarray, box: Sequence[float] | np.ndarray | None = None, *, passes: int = 2
    ) -> list[Detection]:
        """Landmarks of one face, or of every face the finder finds.

        Parameters
        ----------
        image : (H, W, 3) uint8
            RGB.
        box : (4,) float, optional
            x0, y0, x1, y1 in pixels; may overhang the picture.
        passes : int, optional
            After each pass but the last, the crop is cut anew around the landmarks, and seen as it is and mirrored.
            Boxes of people and of finders are loose; a third pass changes next to nothing.

        Returns
        -------
        list of Detection
            One for a given box, with that box. Without a box from the most to the least certain; empty when there is
            no face.

        Raises
        ------
        SfpError
            `image` is no RGB picture; the box is wholly outside it.
        """
        image = checked_picture(image)
        if box is not None:
            found = self.detect_many([image], [box], passes=passes)[0]
            return [replace(found, box=checked_box(box, width=image.shape[1], height=image.shape[0]))]
        boxes = [found.box for found in self.finder.find(image)]
        return self.detect_many([image] * len(boxes), boxes, passes=passes)

    def detect_many(
        self,
        pictures: Iterable[np.ndarray],
        boxes: Iterable[Sequence[float] | np.ndarray],
        *,
        batch: int = 32,
        passes: int = 2,
    ) -> list[Detection]:
        """Landmarks of one face in each picture, in batches; pictures may come from a generator.

        Parameters
        ----------
        pictures : iterable of (H, W, 3) uint8
            RGB, of any sizes; repeat a picture for each of its faces.
        boxes : iterable of (4,) float
            As many as pictures.
        batch : int
            How many crops go through the network at once.
        passes : int
            As in `detect`.
        """
        results: list[Detection] = []
        waiting: list[tuple[np.ndarray, Box]] = []
        for index, (picture, box) in enumerate(zip(pictures, boxes, strict=True)):
            image = checked_picture(picture, where=f"picture {index}")
            height, width = image.shape[:2]
            waiting.append((image, checked_box(box, width=width, height=height, where=f"box of picture {index}")))
            if len(waiting) == batch:
                results += self._detect_batch(waiting, passes)
                waiting = []
        return results + (self._detect_batch(waiting, passes) if waiting else [])

    def track(
        self,
        frames: Iterable[np.ndarray],
        box: Sequence[float] | np.ndarray | None = None,
        *,
        fps: Fraction = Fraction(24),
        steadied: bool = True,
    ) -> list[Detection | None]:
        """Landmarks of one face through a film: found once, followed from frame to frame, jitter taken out.

        The face is looked for again where it is lost, nearest to where it was. Frames are taken one at a time and let
        go, so memory grows by the landmarks alone.

        Parameters
        ----------
        frames : iterable of (H, W, 3) uint8
            RGB.
        box : (4,) float, optional
            Where the face is in the first frame; else the most certain face is followed.
        fps : Fraction
            Frames a second, for the filter.
        steadied : bool
            Take the jitter out (`sfp_core.detect.steady`): zero-phase, blinks and closing lips stay.

        Returns
        -------
        list of (Detection or None)
            One a frame; None where no face is to be found.
        """
        found: list[Detection | None] = []
        last: _Followed | None = None
        for index, frame in enumerate(frames):
            picture = checked_picture(frame, where=f"frame {index}")
            if index == 0 and box is not None:
                current: _Followed | None = _Followed(self.detect(picture, box)[0])
            else:
                current = self._followed(picture, last)
            found.append(current.face if current is not None else None)
            last = current or last
        return _steadied(found, fps) if steadied else found

    def _followed(self, picture: np.ndarray, last: "_Followed | None") -> "_Followed | None":
        """The face of the frame before in this one; where it is lost, the found face nearest to it, if any."""
        fallback: _Followed | None = None
        if last is not None:
            box = tight_box(last.face.landmarks.points)
            height, width = picture.shape[:2]
            if box[0] < width and box[1] < height and box[2] > 0 and box[3] > 0:
                current = self._seen_again(picture, box, last)
                certain = float(current.face.landmarks.confidence.mean())
                if certain >= _LOST and same_face(box, tight_box(current.face.landmarks.points)):
                    fallback = current
                    if certain >= _SURE:
                        return current
        boxes = [found.box for found in self.finder.find(picture)]
        if not boxes:
            return fallback
        nearest = min(boxes, key=lambda box: apart(box, last.face.box)) if last is not None else boxes[0]
        return _Followed(self.detect(picture, nearest)[0])

    def _seen_again(self, picture: np.ndarray, box: Box, last: "_Followed") -> "_Followed":
        """The next frame in the crop around the last landmarks, or in the last crop if those have hardly moved.

        A still face is so seen in the same crop all the time, which halves its jitter.
        """
        region = self.second.region_of_face(last.face.landmarks.points)
        if last.region is not None and _moved(region, last.region) < _SAME_CROP * region.side / self.second.margin:
            region = last.region
        points, confidence = self.second([picture], [region], both_ways=True)
        return _Followed(Detection(Landmarks(points[0], self.layout, "image", confidence[0]), box), region)

    def _detect_batch(self, faces: list[tuple[np.ndarray, Box]], passes: int) -> list[Detection]:
        pictures, boxes = [picture for picture, _ in faces], [box for _, box in faces]
        points, confidence = self.first(pictures, [self.first.region_of_box(box) for box in boxes])
        for _ in range(passes - 1):
            boxes = [drawn_anew(box, face) for box, face in zip(boxes, points, strict=True)]
            regions = [self._next_region(box, face) for box, face in zip(boxes, points, strict=True)]
            points, confidence = self.second(pictures, regions, both_ways=True)
        return [
            Detection(Landmarks(face, self.layout, "image", certain), box)
            for face, certain, box in zip(points, confidence, boxes, strict=True)
        ]

    def _next_region(self, box: Box, points: np.ndarray) -> CropRegion:
        """The crop of the next pass: around the landmarks, if they can be of the face in `box`."""
        if box == tight_box(points):
            return self.second.region_of_face(points)
        return self.second.region_of_box(box)


@dataclass(frozen=True)
class _Followed:
    """A face in a film, and the crop it was seen in, where that may be used again."""

    face: Detection
    region: CropRegion | None = None


def _moved(region: CropRegion, other: CropRegion) -> float:
    """How far the corners of one crop are from those of another, at most, pixels."""
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    return float(np.abs(region.to_image(corners, 1) - other.to_image(corners, 1)).max())


def _steadied(found: list[Detection | None], fps: Fraction) -> list[Detection | None]:
    """The same detections with steady landmarks; boxes and confidences as they were."""
    layout = next((one.landmarks.layout for one in found if one is not None), None)
    if layout is None:
        return found
    empty = np.full((layout.count, 2), np.nan)
    points = np.stack([one.landmarks.points if one is not None else empty for one in found])
    seconds = np.arange(len(found)) / float(fps)
    return [
        replace(one, landmarks=replace(one.landmarks, points=face)) if one is not None else None
        for one, face in zip(found, steady(points, seconds, layout=layout), strict=True)
    ]
