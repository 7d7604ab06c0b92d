"""One pass of a detector: pictures and crops in, landmarks in image space out.

The first pass sees the box it is given, however loose, and a face turned any way. A second network, where a detector
has one, sees what the first one left: a face that stands upright in the middle of its crop.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sfp_core.detect.codec import Codec
from sfp_core.detect.crop import MARGIN, Box, CropRegion, tight_box
from sfp_core.detect.network import StackedHourglass
from sfp_core.detect.runtime import Runtime, RuntimeName, runtime_of
from sfp_core.layout import layout_named


@dataclass(frozen=True, eq=False)
class Pass:
    """A network, and how the crops it was trained on are cut.

    Attributes
    ----------
    network : StackedHourglass
        In eval mode.
    codec : Codec
        The decode rule it was trained for.
    margin : float
        Crop side over box side.
    upright : bool
        Whether its crops are turned so that the face is not.
    training : mapping
        The training record: data, steps, figures.
    runtime_name : str
        What the network runs in, see `runtime_of`.
    runtime : Runtime
        That, made here.
    """

    network: StackedHourglass
    codec: Codec
    margin: float = MARGIN
    upright: bool = False
    training: Mapping[str, Any] = field(default_factory=dict)
    runtime_name: RuntimeName = "torch"
    runtime: Runtime = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.network.eval()
        object.__setattr__(self, "runtime", runtime_of(self.network, self.codec, name=self.runtime_name))

    def region_of_box(self, box: Box) -> CropRegion:
        """The crop of a box, when nothing is known of the face in it."""
        return CropRegion.of_box(box, margin=self.margin)

    def region_of_face(self, points: np.ndarray) -> CropRegion:
        """The crop of a face whose landmarks (N, 2), image space, are known nearly."""
        return CropRegion.of_face(points, margin=self.margin, upright=self.upright)

    def __call__(
        self, pictures: Sequence[np.ndarray], regions: Sequence[CropRegion], *, both_ways: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        """One face of each picture: (B, N, 2) float64, image space, and confidence (B, N) float64.

        With `both_ways` every crop is seen mirrored too and the mean is taken: what a network expects of the left and
        of the right side of a face (light, parting) cancels out.
        """
        size = self.network.config.input_px
        crops = np.stack([region.cut(picture, size) for region, picture in zip(regions, pictures, strict=True)])
        if both_ways:
            points_crop, confidence = self._seen_both_ways(crops)
        else:
            points_crop, confidence = self.runtime(crops)
        points = [region.to_image(face, size) for region, face in zip(regions, points_crop, strict=True)]
        return np.stack(points), confidence

    def _seen_both_ways(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(B, S, S, 3) crops -> landmarks (B, N, 2), crop space, and confidence (B, N): means of both ways."""
        count, size = len(crops), self.network.config.input_px
        mirror = list(layout_named(self.network.config.layout).mirror)
        points, confidence = self.runtime(np.concatenate([crops, crops[:, :, ::-1]]))
        turned = points[count:, mirror] * (-1.0, 1.0) + (size, 0.0)
        return 0.5 * (points[:count] + turned), 0.5 * (confidence[:count] + confidence[count:, mirror])


def drawn_anew(box: Box, points: np.ndarray) -> Box:
    """The tight box of landmarks (N, 2) that were found in `box`; `box` itself where they can be of no face in it."""
    found = tight_box(points)
    return found if same_face(box, found) else box


def same_face(old: Box, new: Box) -> bool:
    """Whether the box of the found landmarks can be the same face: sides within a factor of 2, centres near."""
    side_old = max(old[2] - old[0], old[3] - old[1])
    side_new = max(new[2] - new[0], new[3] - new[1])
    return bool(0.5 < side_new / side_old < 2.0 and apart(old, new) < side_old / 2)


def apart(box: Box, other: Box) -> float:
    """Distance of the centres of two boxes."""
    return float(np.hypot(box[0] + box[2] - other[0] - other[2], box[1] + box[3] - other[1] - other[3]) / 2)
