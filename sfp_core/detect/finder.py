"""Finding face boxes with a small network of our own: a map of box centres and sizes at stride 8, at two sizes.

The boxes it gives are the ones `crop` wants: tight around the landmarks. Shapes: B pictures, H x W cells.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sfp_core.detect.crop import Box, checked_picture
from sfp_core.detect.network import Residual, conv_norm
from sfp_core.errors import SfpError
from sfp_core.weights import read_weights, write_weights

SHIPPED_WEIGHTS = Path(__file__).parents[1] / "data" / "finder.safetensors"

STRIDE_PX = 8
FILL = 128  # mid grey around a picture that is not square
NEAR_PX, NEAR_CANVAS_PX = 128, 160  # a close-up keeps a border around it, as the network was taught
FAR_PX = 320  # for faces that are small in the picture
SAME_FACE_OVERLAP = 0.35
# Where nothing was found, the picture is looked at with a wider border, then in tiles that half overlap, each half as
# long as those before. A false face has many more chances there, so the score must be higher.
WIDE_BORDER_PX = 96  # of NEAR_CANVAS_PX
LEAST_TILE_PX = 2 * FAR_PX
RETRY_THRESHOLD = 0.75

_KIND = "finder"
_LARGEST_LOG = 4.0  # exp(4) cells are 437 px: keeps a wild answer finite


@dataclass(frozen=True)
class FinderConfig:
    """Widths at strides 2, 4, 8, 16 and 32, and the score from which on a cell holds a face."""

    channels: tuple[int, ...] = (16, 32, 48, 64, 96)
    threshold: float = 0.5

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", tuple(self.channels))
        if len(self.channels) != 5 or min(self.channels) < 2:
            raise SfpError(f"finder: channels are {self.channels}; expected five widths of 2 or more")
        if not 0 < self.threshold < 1:
            raise SfpError(f"finder: threshold is {self.threshold}; expected a number between 0 and 1")


@dataclass(frozen=True)
class FoundFace:
    """A face box (x0, y0, x1, y1) in image space, tight around where the landmarks will be, and its score in [0, 1]."""

    box: Box
    score: float


class FaceFinder(Protocol):
    """Whatever finds faces."""

    def find(self, picture: np.ndarray) -> list[FoundFace]:
        """Faces of a picture (H, W, 3) uint8 RGB, the most certain first; empty when there is none."""


class FinderNetwork(nn.Module):
    """Five halvings with skips back up to stride 8, then five maps: score, centre x, y, log width, log height."""

    def __init__(self, config: FinderConfig) -> None:
        super().__init__()
        self.config = config
        c2, c4, c8, c16, c32 = config.channels
        self.fine = nn.Sequential(
            conv_norm(3, c2, 3, stride=2), conv_norm(c2, c4, 3, stride=2), conv_norm(c4, c8, 3, stride=2), _residual(c8)
        )
        self.middle = nn.Sequential(conv_norm(c8, c16, 3, stride=2), _residual(c16))
        self.coarse = nn.Sequential(conv_norm(c16, c32, 3, stride=2), _residual(c32), _residual(c32))
        self.coarse_to_middle = conv_norm(c32, c16, 1)
        self.middle_to_fine = conv_norm(c16, c8, 1)
        self.joined_middle = _residual(c16)
        self.joined_fine = _residual(c8)
        self.maps = nn.Conv2d(c8, 5, 1)
        nn.init.normal_(self.maps.weight, std=1e-2)
        with torch.no_grad():
            # Almost no cell holds a face: begin there (focal loss, Lin et al. 2017); a face begins 8 cells wide.
            self.maps.bias.copy_(torch.tensor([-3.0, 0.0, 0.0, 2.0, 2.0]))  # type: ignore[union-attr]

    def forward(self, pictures: Tensor) -> Tensor:
        """(B, 3, 8 H, 8 W) in [-1, 1], H and W multiples of 4 -> (B, 5, H, W); score before the sigmoid."""
        fine = self.fine(pictures)
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        middle = self.joined_middle(middle + F.interpolate(self.coarse_to_middle(coarse), scale_factor=2.0))
        fine = self.joined_fine(fine + F.interpolate(self.middle_to_fine(middle), scale_factor=2.0))
        return self.maps(fine)  # type: ignore[no-any-return]  # modules are untyped when called


def _residual(channels: int) -> Residual:
    return Residual(channels, channels, channels // 2)


def decode_boxes(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Scores (B, H, W) and boxes (B, H, W, 4) as x0, y0, x1, y1 in cells from maps (B, 5, H, W).

    The centre is given from the cell's centre, (column + 0.5, row + 0.5).
    """
    height, width = maps.shape[2:]
    rows, columns = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    x, y = columns + maps[:, 1], rows + maps[:, 2]
    half_width, half_height = (maps[:, 3:5].clamp(-_LARGEST_LOG, _LARGEST_LOG).exp() / 2).unbind(1)
    return maps[:, 0].sigmoid(), torch.stack([x - half_width, y - half_height, x + half_width, y + half_height], -1)


def letterboxed(picture: np.ndarray, *, long_px: int, canvas_px: int) -> tuple[np.ndarray, float, tuple[float, float]]:
    """A picture with its longer side scaled to `long_px` in the middle of a grey square.

    Returns
    -------
    canvas : (canvas_px, canvas_px, 3) uint8
    scale : float
        Canvas pixels per picture pixel.
    origin : (x, y)
        Where the picture's corner lies on the canvas, pixels.
    """
    height, width = picture.shape[:2]
    scale = long_px / max(height, width)
    new_width, new_height = max(1, round(width * scale)), max(1, round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(picture, (new_width, new_height), interpolation=method)
    canvas = np.full((canvas_px, canvas_px, 3), FILL, np.uint8)
    left, top = (canvas_px - new_width) // 2, (canvas_px - new_height) // 2
    canvas[top : top + new_height, left : left + new_width] = small
    return canvas, scale, (float(left), float(top))


def overlap(box: Box, other: Box) -> float:
    """Shared area over the smaller of the two areas: 1 when one lies in the other."""
    shared_width = min(box[2], other[2]) - max(box[0], other[0])
    shared_height = min(box[3], other[3]) - max(box[1], other[1])
    if shared_width <= 0 or shared_height <= 0:
        return 0.0
    areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (box, other)]
    return shared_width * shared_height / min(areas)


def without_repeats(faces: list[FoundFace]) -> list[FoundFace]:
    """The faces from the most to the least certain, without those that mostly share a better one's place."""
    kept: list[FoundFace] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if all(overlap(face.box, better.box) < SAME_FACE_OVERLAP for better in kept):
            kept.append(face)
    return kept


class Finder:
    """Finds the faces of a picture."""

    def __init__(self, network: FinderNetwork) -> None:
        self.network = network.eval()

    @classmethod
    def load(cls, path: Path | None = None) -> "Finder":
        """Load weights; without `path` the ones shipped with the package. Raises SfpError as `read_weights` does."""
        path = Path(path) if path is not None else SHIPPED_WEIGHTS
        tensors, metadata = read_weights(path)
        if metadata.get("kind") != _KIND:
            raise SfpError(f"{path}: holds weights of kind {metadata.get('kind')!r}; expected {_KIND!r}")
        try:
            network = FinderNetwork(FinderConfig(**json.loads(metadata["network"])))
            network.load_state_dict({name: torch.from_numpy(t.copy()) for name, t in tensors.items()})
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            reason = str(error).replace("\n", " ")[:200]
            raise SfpError(f"{path}: its configuration and tensors do not fit together ({reason})") from error
        return cls(network)

    def find(self, picture: np.ndarray) -> list[FoundFace]:
        """Faces of a picture (H, W, 3) uint8 RGB, the most certain first; empty when there is none.

        Small faces in large pictures are looked for in tiles where nothing else is found.
        """
        picture = checked_picture(picture)
        least = self.network.config.threshold
        near = self._seen(picture, NEAR_PX, NEAR_CANVAS_PX, least)
        if faces := near + self._seen(picture, FAR_PX, FAR_PX, least):
            return without_repeats(faces)
        least = max(least, RETRY_THRESHOLD)
        if faces := self._seen(picture, WIDE_BORDER_PX, NEAR_CANVAS_PX, least):
            return without_repeats(faces)
        side = max(picture.shape[:2]) // 2
        while side >= LEAST_TILE_PX and not faces:
            for left, top in tile_corners(picture.shape[1], picture.shape[0], side):
                tile = picture[top : top + side, left : left + side]
                faces += [
                    FoundFace((x0 + left, y0 + top, x1 + left, y1 + top), found.score)
                    for found in self._seen(tile, FAR_PX, FAR_PX, least)
                    for x0, y0, x1, y1 in [found.box]
                ]
            side //= 2
        return without_repeats(faces)

    @torch.inference_mode()
    def _seen(self, picture: np.ndarray, long_px: int, canvas_px: int, least: float) -> list[FoundFace]:
        """Faces seen at one size, those that share a place among them."""
        canvas, scale, origin = letterboxed(picture, long_px=long_px, canvas_px=canvas_px)
        pixels = torch.from_numpy(canvas).permute(2, 0, 1)[None].float() / 127.5 - 1
        scores, boxes = decode_boxes(self.network(pixels))
        best = F.max_pool2d(scores[:, None], 3, 1, 1)[:, 0]
        chosen = (scores == best) & (scores >= least)
        faces = []
        for score, box in zip(scores[chosen].tolist(), boxes[chosen].numpy() * STRIDE_PX, strict=True):
            x0, y0, x1, y1 = ((box - np.tile(origin, 2)) / scale).tolist()
            if x0 < picture.shape[1] - 1 and y0 < picture.shape[0] - 1 and x1 > 1 and y1 > 1:
                faces.append(FoundFace((x0, y0, x1, y1), score))
        return faces


def tile_corners(width: int, height: int, side: int) -> Iterator[tuple[int, int]]:
    """Corners (x, y) of square tiles that cover a picture; neighbours share half of their side or more."""

    def starts(length: int) -> list[int]:
        count = 1 + max(0, -(-2 * (length - side) // side))
        return [round(index * (length - side) / (count - 1)) if count > 1 else 0 for index in range(count)]

    return ((x, y) for y in starts(height) for x in starts(width))


def write_finder(path: Path, network: FinderNetwork, training: Mapping[str, Any]) -> None:
    """Write a finder's weights: convolutions as float16, normalisation as float32."""
    tensors = {name: tensor.detach().cpu().numpy() for name, tensor in network.state_dict().items()}
    small = {name: t.astype(np.float16) if t.ndim > 1 else t for name, t in tensors.items()}
    metadata = {"kind": _KIND, "network": json.dumps(asdict(network.config)), "training": json.dumps(training)}
    write_weights(path, small, metadata)
