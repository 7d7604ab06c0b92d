"""Weights files of the rivals, and putting pictures and boxes through them as through our own detector."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from sfp_core.detect.crop import MARGIN, Box, CropRegion, checked_box, checked_picture
from sfp_core.detect.detector_file import crop_record, fuse_normalisation, halved
from sfp_core.detect.passes import drawn_anew
from sfp_core.detect.runtime import to_input
from sfp_core.errors import SfpError
from sfp_core.files import sha256_of
from sfp_core.layout import WFLW_98
from sfp_core.weights import read_weights, write_weights
from training.rivals.choice import RivalConfig, RivalName, RivalTrainee, rival_of_config

_KIND = "rival"


class Rival:
    """A trained rival, and what is needed to use it.

    Attributes
    ----------
    name : str
    trainee : RivalTrainee
        Its configuration and its decode rule.
    network : nn.Module
        In eval mode; crops go to the device it is on.
    margin : float
        Crop side over box side.
    training : mapping
        The training record: data, steps, figures.
    sha256 : str
        Of the weights file; empty when made in memory.
    """

    def __init__(
        self,
        name: str,
        trainee: RivalTrainee,
        network: nn.Module,
        *,
        margin: float = MARGIN,
        training: Mapping[str, Any] | None = None,
        sha256: str = "",
    ) -> None:
        self.name = name
        self.trainee = trainee
        self.network = network.eval()
        self.margin = margin
        self.training = dict(training or {})
        self.sha256 = sha256
        self.layout = WFLW_98

    def detect_many(
        self,
        pictures: Iterable[np.ndarray],
        boxes: Iterable[Sequence[float] | np.ndarray],
        *,
        batch: int = 32,
        passes: int = 2,
    ) -> np.ndarray:
        """Landmarks of one face in each picture, in the crops that our detector cuts.

        Parameters
        ----------
        pictures : iterable of (H, W, 3) uint8
            RGB, of any sizes; they may come from a generator.
        boxes : iterable of (4,) float
            x0, y0, x1, y1 in pixels, as many as pictures.
        batch : int
            How many crops go through the network at once.
        passes : int
            After each pass but the last, the box is drawn anew around the landmarks, by our detector's rule.

        Returns
        -------
        (n, 98, 2) float64
            Image space, pixels.

        Raises
        ------
        SfpError
            A picture is no RGB picture, or a box lies wholly outside its picture.
        """
        found = [np.empty((0, WFLW_98.count, 2))]
        waiting: list[tuple[np.ndarray, Box]] = []
        for index, (picture, box) in enumerate(zip(pictures, boxes, strict=True)):
            image = checked_picture(picture, where=f"picture {index}")
            height, width = image.shape[:2]
            waiting.append((image, checked_box(box, width=width, height=height, where=f"box of picture {index}")))
            if len(waiting) == batch:
                found.append(self._in_passes(waiting, passes))
                waiting = []
        if waiting:
            found.append(self._in_passes(waiting, passes))
        return np.concatenate(found)

    def _in_passes(self, faces: list[tuple[np.ndarray, Box]], passes: int) -> np.ndarray:
        points = self._points(faces)
        for _ in range(passes - 1):
            faces = [(picture, drawn_anew(box, face)) for (picture, box), face in zip(faces, points, strict=True)]
            points = self._points(faces)
        return points

    def _points(self, faces: list[tuple[np.ndarray, Box]]) -> np.ndarray:
        """(B, 98, 2) float64 in image space."""
        size = self.trainee.input_px
        regions = [CropRegion.of_box(box, margin=self.margin) for _, box in faces]
        crops = np.stack([region.cut(picture, size) for region, (picture, _) in zip(regions, faces, strict=True)])
        device = next(self.network.parameters()).device
        with torch.inference_mode():
            inputs = to_input(crops).to(device).contiguous(memory_format=torch.channels_last)
            points = self.trainee.landmarks(self.network, inputs).double().cpu().numpy()
        return np.stack([region.to_image(face, size) for region, face in zip(regions, points, strict=True)])


def write_rival(
    path: Path,
    network: nn.Module,
    name: RivalName,
    config: RivalConfig,
    neighbours: Sequence[Sequence[int]],
    training: Mapping[str, Any],
) -> None:
    """Write a rival's weights: convolutions as float16, normalisation as float32, as `write_detector` does.

    Parameters
    ----------
    network : nn.Module
        As its trainee's `make` gives, not wrapped.
    neighbours : (98, K) int
        Of PIPNet; kept for the record with the others.
    training : mapping
        The training record, as JSON can hold it.
    """
    tensors = {key: tensor.detach().cpu().numpy() for key, tensor in network.state_dict().items()}
    metadata = {
        "kind": _KIND,
        "name": name,
        "layout": WFLW_98.name,
        "network": json.dumps(asdict(config)),
        "neighbours": json.dumps([[int(j) for j in row] for row in neighbours]),
        "crop": crop_record(MARGIN),
        "training": json.dumps(training),
    }
    write_weights(path, halved(tensors), metadata)


def load_rival(path: Path) -> Rival:
    """A trained rival from its weights file.

    Raises
    ------
    SfpError
        Not there, broken, newer than this program, or weights of something else.
    """
    path = Path(path)
    tensors, metadata = read_weights(path)
    if metadata.get("kind") != _KIND:
        raise SfpError(f"{path}: holds weights of kind {metadata.get('kind')!r}; expected {_KIND!r}")
    try:
        neighbours = json.loads(metadata["neighbours"])
        trainee = rival_of_config(metadata["name"], json.loads(metadata["network"]), neighbours)
        margin = float(json.loads(metadata["crop"])["margin"])
        training = json.loads(metadata["training"])
        network = trainee.make()
        network.load_state_dict({key: torch.from_numpy(tensor.copy()) for key, tensor in tensors.items()})
    except SfpError as error:
        raise SfpError(f"{path}: {error}") from error
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).replace("\n", " ")[:200]
        raise SfpError(f"{path}: its configuration and tensors do not fit together ({reason})") from error
    network.eval()
    fuse_normalisation(network)
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
    return Rival(metadata["name"], trainee, network, margin=margin, training=training, sha256=sha256_of(path))
