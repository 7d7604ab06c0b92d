"""The detector as the harness trains it: its targets, losses, and reading of landmarks."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sfp_core.detect.codec import Codec, Targets
from sfp_core.detect.crop import CropRegion, tight_box
from sfp_core.detect.detector_file import read_detector_weights
from sfp_core.detect.network import NetworkConfig, StackedHourglass
from sfp_core.errors import SfpError
from training.detector_data import FaceSet
from training.detector_losses import LossConfig, face_weights, total_loss


@dataclass(frozen=True)
class DetectorTrainee:
    """A stacked hourglass, its codec, and the weights of its losses; see `training.harness.Trainee`."""

    config: NetworkConfig
    codec: Codec
    losses: LossConfig

    @property
    def input_px(self) -> int:
        """Side of the crops."""
        return self.config.input_px

    @property
    def _px_per_cell(self) -> float:
        return self.config.input_px / self.config.grid

    def make(self) -> nn.Module:
        """A fresh network."""
        return StackedHourglass(self.config)

    def loss(
        self, network: nn.Module, crops: Tensor, points: Tensor, weights: Tensor | None
    ) -> tuple[Tensor, dict[str, float]]:
        """Eq. 5 summed over the stages."""
        targets = _on(self.codec.encode(points.cpu() / self._px_per_cell), crops.device)
        stages = network(crops, cells=targets.cells)
        if self.losses.even:
            each = face_weights(targets.points, self.codec.grid)
            weights = each.expand_as(targets.weight) if weights is None else each * weights
        return total_loss(stages, targets, self.codec, self.losses, point_weight=weights)

    def landmarks(self, network: nn.Module, crops: Tensor) -> Tensor:
        """(B, N, 2) in crop pixels, by the codec's rule, from the last stage."""
        maps = network(crops, votes=self.codec.config.votes)[-1]
        return self.codec.decode(maps) * self._px_per_cell


def _on(targets: Targets, device: torch.device) -> Targets:
    return Targets(**{name: tensor.to(device) for name, tensor in vars(targets).items()})


def mean_face(faces: FaceSet) -> np.ndarray:
    """Mean landmarks (98, 2) of faces in their crops of side 1."""
    crops = (CropRegion.of_box(tight_box(points)).to_crop(points, 1) for points in faces.points)
    return np.asarray(np.mean(list(crops), axis=0))


def begin_with(network: nn.Module, weights: Path) -> dict[str, Any]:
    """Put the weights of a detector's first pass, of the same sizes, into a network; returns their training record.

    Neighbour heads that the file left out keep their first, random weights.

    Raises
    ------
    SfpError
        A file that cannot be read, weights of something else, or tensors that do not fit.
    """
    tensors, metadata = read_detector_weights(weights)
    wanted = network.state_dict()
    missing = [name for name in wanted if name not in tensors and ".neighbour_" not in name]
    extra = [name for name in tensors if name not in wanted]
    misshapen = [name for name in tensors if name in wanted and tensors[name].shape != wanted[name].shape]
    problems = [
        f"{len(names)} tensors {what} ({', '.join(names[:3])}{' ...' if len(names) > 3 else ''})"
        for what, names in (("missing", missing), ("unknown", extra), ("of another shape", misshapen))
        if names
    ]
    if problems:
        raise SfpError(f"{weights}: not weights of a network of these sizes: {'; '.join(problems)}")
    loaded = {name: torch.from_numpy(tensor.astype(np.float32)) for name, tensor in tensors.items()}
    network.load_state_dict({**wanted, **loaded})
    return dict(json.loads(metadata["training"]))
