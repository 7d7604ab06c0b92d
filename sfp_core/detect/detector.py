"""The detector that people use: a picture and a face box in, 98 landmarks in image space out."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from sfp_core.detect.codec import Codec, CodecConfig
from sfp_core.detect.crop import MARGIN, Box, CropRegion, checked_box, checked_picture, tight_box
from sfp_core.detect.network import NetworkConfig, StackedHourglass
from sfp_core.detect.runtime import RuntimeName, runtime_of
from sfp_core.detect.steady import steady
from sfp_core.errors import SfpError
from sfp_core.files import sha256_of
from sfp_core.landmarks import Landmarks
from sfp_core.layout import layout_named
from sfp_core.weights import read_weights, write_weights

if TYPE_CHECKING:
    from sfp_core.detect.finder import FaceFinder

SHIPPED_WEIGHTS = Path(__file__).parents[1] / "data" / "detector.safetensors"

_KIND = "detector"
# Mean confidence of a followed face: below the first it is looked for anew, and below the second it is lost unless
# found. Portraits have 0.95 to 0.98; boxes of plain backgrounds 0.4 to 0.7.
_SURE, _LOST = 0.75, 0.5
_SAME_CROP = 0.03  # of the box's longer side: a followed face that moved less is cut out as in the frame before
_BOX_RULE = "tight box of the landmarks; square of its longer side times margin around its centre; border repeated"


@dataclass(frozen=True)
class Detection:
    """One face: its landmarks in image space and the box (x0, y0, x1, y1) that was used, before any margin."""

    landmarks: Landmarks
    box: Box


def write_detector(
    path: Path,
    network: StackedHourglass,
    codec: CodecConfig,
    neighbours: Sequence[Sequence[int]],
    training: Mapping[str, Any],
) -> None:
    """Write a detector's weights: convolutions as float16, normalisation as float32.

    Without votes the neighbour heads are left out: they taught the features, but nothing reads them any more.
    """
    config = network.config
    tensors = {name: tensor.detach().cpu().numpy() for name, tensor in network.state_dict().items()}
    if not codec.votes:
        config = replace(config, neighbours=0)
        tensors = {name: tensor for name, tensor in tensors.items() if ".neighbour_" not in name}
    described = Codec(codec, grid=config.grid, neighbours=neighbours)
    metadata = {"kind": _KIND, **detector_metadata(config, described, training, margin=MARGIN)}
    write_weights(path, halved(tensors), metadata)


def halved(tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Convolutions as float16; what has one axis, normalisation and biases, as it is."""
    return {name: tensor.astype(np.float16) if tensor.ndim > 1 else tensor for name, tensor in tensors.items()}


def crop_record(margin: float) -> str:
    """How crops are cut, as JSON for the metadata of weights."""
    return json.dumps({"margin": margin, "rule": _BOX_RULE, "input": "RGB / 127.5 - 1"})


def detector_metadata(
    config: NetworkConfig, codec: Codec, training: Mapping[str, Any], *, margin: float
) -> dict[str, str]:
    """All that is needed to use a detector's network, as text: sizes, decode rule, crop, and the training record."""
    return {
        "layout": config.layout,
        "network": json.dumps(asdict(config)),
        "codec": json.dumps(asdict(codec.config)),
        "neighbours": json.dumps(codec.neighbours.tolist()),
        "crop": crop_record(margin),
        "training": json.dumps(training),
    }


def fuse_normalisation(module: nn.Module) -> None:
    """Fold every batch normalisation behind a convolution into it: the same numbers, fewer passes over memory."""
    for part in list(module.modules()):
        if isinstance(part, nn.Sequential) and len(part) > 1:
            conv, norm = part[0], part[1]
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                part[0] = torch.nn.utils.fusion.fuse_conv_bn_eval(conv.eval(), norm.eval())
                part[1] = nn.Identity()


class Detector:
    """Weights, and what is needed to use them.

    Attributes
    ----------
    network : StackedHourglass
        In eval mode.
    codec : Codec
        The decode rule the weights were trained for.
    margin : float
        Crop side over box side.
    training : mapping
        The training record: data, steps, figures.
    sha256 : str
        Of the weights file; empty when made in memory.
    """

    def __init__(
        self,
        network: StackedHourglass,
        codec: Codec,
        *,
        margin: float = MARGIN,
        training: Mapping[str, Any] | None = None,
        sha256: str = "",
        finder: "FaceFinder | None" = None,
        runtime: RuntimeName = "torch",
    ) -> None:
        self.network = network.eval()
        self.codec = codec
        self.margin = margin
        self.training = dict(training or {})
        self.sha256 = sha256
        self.layout = layout_named(network.config.layout)
        self._finder = finder
        self._points_crop = runtime_of(self.network, codec, name=runtime)

    @classmethod
    def load(
        cls, path: Path | None = None, *, finder: "FaceFinder | None" = None, runtime: RuntimeName = "auto"
    ) -> "Detector":
        """Load weights; without `path` the ones shipped with the package. The finder is loaded when first needed.

        `runtime` is what the network runs in: onnxruntime where it is installed ("auto"), "onnxruntime" or "torch".

        Raises
        ------
        SfpError
            Not there, broken, newer than this program, or weights of something else.
        """
        path = Path(path) if path is not None else SHIPPED_WEIGHTS
        if path.suffix == ".onnx":
            raise SfpError(f"{path}: ONNX files are for other programs; load the .safetensors that it was made from")
        tensors, metadata = read_weights(path)
        if metadata.get("kind") != _KIND:
            raise SfpError(f"{path}: holds weights of kind {metadata.get('kind')!r}; expected {_KIND!r}")
        try:
            config = NetworkConfig(**json.loads(metadata["network"]))
            codec = Codec(
                CodecConfig(**json.loads(metadata["codec"])),
                grid=config.grid,
                neighbours=json.loads(metadata["neighbours"]),
            )
            margin = float(json.loads(metadata["crop"])["margin"])
            training = json.loads(metadata["training"])
            network = StackedHourglass(config)
            network.load_state_dict({name: torch.from_numpy(t.copy()) for name, t in tensors.items()})
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            reason = str(error).replace("\n", " ")[:200]
            raise SfpError(f"{path}: its configuration and tensors do not fit together ({reason})") from error
        network.eval()
        fuse_normalisation(network)
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        return cls(
            network, codec, margin=margin, training=training, sha256=sha256_of(path), finder=finder, runtime=runtime
        )

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
            After each pass but the last, the box is drawn anew around the landmarks. Boxes of people and of
            finders are loose: the second pass takes an eighth off the error, a third next to nothing more.

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
        last: Detection | None = None
        for index, frame in enumerate(frames):
            picture = checked_picture(frame, where=f"frame {index}")
            if index == 0 and box is not None:
                current: Detection | None = self.detect(picture, box)[0]
            else:
                current = self._followed(picture, last)
            found.append(current)
            last = current or last
        return _steadied(found, fps) if steadied else found

    def _followed(self, picture: np.ndarray, last: Detection | None) -> Detection | None:
        """The face of the frame before in this one; where it is lost, the found face nearest to it, if any."""
        fallback: Detection | None = None
        if last is not None:
            box = _next_box(last)
            height, width = picture.shape[:2]
            if box[0] < width and box[1] < height and box[2] > 0 and box[3] > 0:
                current = self.detect(picture, box, passes=1)[0]  # a box of landmarks already
                certain = float(current.landmarks.confidence.mean())
                if certain >= _LOST and _same_face(box, tight_box(current.landmarks.points)):
                    fallback = current
                    if certain >= _SURE:
                        return current
        boxes = [found.box for found in self.finder.find(picture)]
        if not boxes:
            return fallback
        nearest = min(boxes, key=lambda box: _apart(box, last.box)) if last is not None else boxes[0]
        return self.detect(picture, nearest)[0]

    def _detect_batch(self, faces: list[tuple[np.ndarray, Box]], passes: int) -> list[Detection]:
        boxes = [box for _, box in faces]
        points, confidence = self._points([picture for picture, _ in faces], boxes)
        for _ in range(passes - 1):
            boxes = [drawn_anew(box, face) for box, face in zip(boxes, points, strict=True)]
            points, confidence = self._points([picture for picture, _ in faces], boxes)
        return [
            Detection(Landmarks(face, self.layout, "image", certain), box)
            for face, certain, box in zip(points, confidence, boxes, strict=True)
        ]

    def _points(self, pictures: list[np.ndarray], boxes: list[Box]) -> tuple[np.ndarray, np.ndarray]:
        """(B, N, 2) float64 image space and (B, N) float64 confidence."""
        size = self.network.config.input_px
        regions = [CropRegion.of_box(box, margin=self.margin) for box in boxes]
        crops = np.stack([region.cut(picture, size) for region, picture in zip(regions, pictures, strict=True)])
        points_crop, confidence = self._points_crop(crops)
        points = [region.to_image(face, size) for region, face in zip(regions, points_crop, strict=True)]
        return np.stack(points), confidence


def drawn_anew(box: Box, points: np.ndarray) -> Box:
    """The tight box of landmarks (N, 2) that were found in `box`; `box` itself where they can be of no face in it."""
    found = tight_box(points)
    return found if _same_face(box, found) else box


def _same_face(old: Box, new: Box) -> bool:
    """Whether the box of the found landmarks can be the same face: sides within a factor of 2, centres near."""
    side_old = max(old[2] - old[0], old[3] - old[1])
    side_new = max(new[2] - new[0], new[3] - new[1])
    return bool(0.5 < side_new / side_old < 2.0 and _apart(old, new) < side_old / 2)


def _apart(box: Box, other: Box) -> float:
    """Distance of the centres of two boxes."""
    return float(np.hypot(box[0] + box[2] - other[0] - other[2], box[1] + box[3] - other[1] - other[3]) / 2)


def _next_box(last: Detection) -> Box:
    """Where to look in the next frame: around the landmarks, or as before if those have hardly moved.

    A still face is so seen in the same crop all the time, which halves its jitter.
    """
    box = tight_box(last.landmarks.points)
    side = max(last.box[2] - last.box[0], last.box[3] - last.box[1])
    moved = np.abs(np.subtract(box, last.box)).max()
    return last.box if moved < _SAME_CROP * side else box


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
