"""A detector's weights file: one network, or two for two passes, with all that is needed to use them.

The tensors of a second network are named `second.NAME`; what belongs to it stands as JSON in the metadata `second`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from sfp_core.detect.codec import Codec, CodecConfig
from sfp_core.detect.crop import MARGIN
from sfp_core.detect.network import NetworkConfig, StackedHourglass
from sfp_core.detect.passes import Pass
from sfp_core.detect.runtime import RuntimeName
from sfp_core.errors import SfpError
from sfp_core.weights import read_weights, write_weights

_KIND = "detector"
_SECOND = "second"
_PREFIX = f"{_SECOND}."
_DESCRIBED = ("layout", "network", "codec", "neighbours", "crop", "training")
_BOX_RULE = "tight box of the landmarks; square of its longer side times margin around its centre; border repeated"
_UPRIGHT_RULE = "as turned by the similarity that best moves an upright mean face to the landmarks, then " + _BOX_RULE


def write_detector(
    path: Path,
    network: StackedHourglass,
    codec: CodecConfig,
    neighbours: Sequence[Sequence[int]],
    training: Mapping[str, Any],
    *,
    upright: bool = False,
) -> None:
    """Write one network: convolutions as float16, normalisation as float32.

    Without votes the neighbour heads are left out: they taught the features, but nothing reads them any more.
    `upright`: it was trained to be a second pass.
    """
    config = network.config
    tensors = {name: tensor.detach().cpu().numpy() for name, tensor in network.state_dict().items()}
    if not codec.votes:
        config = replace(config, neighbours=0)
        tensors = {name: tensor for name, tensor in tensors.items() if ".neighbour_" not in name}
    described = Codec(codec, grid=config.grid, neighbours=neighbours)
    metadata = {"kind": _KIND, **detector_metadata(config, described, training, margin=MARGIN, upright=upright)}
    write_weights(path, halved(tensors), metadata)


def write_two_passes(path: Path, first: Path, second: Path) -> None:
    """Write the detector whose first pass is the network of `first` and whose second that of `second`.

    A second pass that either file already has is left behind.

    Raises
    ------
    SfpError
        A file that cannot be read or is no detector's, or a second network that was not trained to be one.
    """
    (tensors, metadata), (more, described) = (read_detector_weights(file) for file in (first, second))
    if json.loads(metadata["crop"]).get("upright"):
        raise SfpError(f"{first}: was trained to be a second pass; give it as the second")
    if not json.loads(described["crop"]).get("upright"):
        raise SfpError(f"{second}: was not trained to be a second pass (augment.upright in its configuration)")
    write_weights(
        path,
        tensors | {f"{_PREFIX}{name}": tensor for name, tensor in more.items()},
        metadata | {_SECOND: json.dumps({name: described[name] for name in _DESCRIBED})},
    )


def halved(tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Convolutions as float16; what has one axis, normalisation and biases, as it is."""
    return {name: tensor.astype(np.float16) if tensor.ndim > 1 else tensor for name, tensor in tensors.items()}


def crop_record(margin: float, *, upright: bool = False) -> str:
    """How crops are cut, as JSON for the metadata of weights."""
    rule = {"upright": True, "rule": _UPRIGHT_RULE} if upright else {"rule": _BOX_RULE}
    return json.dumps({"margin": margin, **rule, "input": "RGB / 127.5 - 1"})


def detector_metadata(
    config: NetworkConfig, codec: Codec, training: Mapping[str, Any], *, margin: float, upright: bool = False
) -> dict[str, str]:
    """All that is needed to use a detector's network, as text: sizes, decode rule, crop, and the training record."""
    return {
        "layout": config.layout,
        "network": json.dumps(asdict(config)),
        "codec": json.dumps(asdict(codec.config)),
        "neighbours": json.dumps(codec.neighbours.tolist()),
        "crop": crop_record(margin, upright=upright),
        "training": json.dumps(training),
    }


def read_detector_weights(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Tensors and metadata of a file's first network. Raises SfpError for a file that is no detector's."""
    tensors, metadata = _read(path)
    return {name: t for name, t in tensors.items() if not name.startswith(_PREFIX)}, metadata


def read_passes(path: Path, *, runtime: RuntimeName) -> tuple[Pass, ...]:
    """The one or two passes of a weights file, ready to run.

    Raises
    ------
    SfpError
        Not there, broken, newer than this program, weights of something else, or of a second pass alone.
    """
    tensors, metadata = _read(path)
    try:
        first = _pass({n: t for n, t in tensors.items() if not n.startswith(_PREFIX)}, metadata, runtime)
        second = {n.removeprefix(_PREFIX): t for n, t in tensors.items() if n.startswith(_PREFIX)}
        passes = (first, _pass(second, json.loads(metadata[_SECOND]), runtime)) if _SECOND in metadata else (first,)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).replace("\n", " ")[:200]
        raise SfpError(f"{path}: its configuration and tensors do not fit together ({reason})") from error
    if first.upright:
        raise SfpError(f"{path}: is a second pass alone; join it to a first: python -m training.join_passes")
    if second and len(passes) == 1:
        raise SfpError(f"{path}: its configuration and tensors do not fit together ({_SECOND} is not described)")
    return passes


def _read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    if path.suffix == ".onnx":
        raise SfpError(f"{path}: ONNX files are for other programs; load the .safetensors that it was made from")
    tensors, metadata = read_weights(path)
    if metadata.get("kind") != _KIND:
        raise SfpError(f"{path}: holds weights of kind {metadata.get('kind')!r}; expected {_KIND!r}")
    return tensors, metadata


def _pass(tensors: Mapping[str, np.ndarray], described: Mapping[str, str], runtime: RuntimeName) -> Pass:
    config = NetworkConfig(**json.loads(described["network"]))
    codec = Codec(
        CodecConfig(**json.loads(described["codec"])), grid=config.grid, neighbours=json.loads(described["neighbours"])
    )
    crop = json.loads(described["crop"])
    network = StackedHourglass(config)
    network.load_state_dict({name: torch.from_numpy(t.copy()) for name, t in tensors.items()})
    network.eval()
    fuse_normalisation(network)
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
    upright = bool(crop.get("upright", False))
    return Pass(network, codec, float(crop["margin"]), upright, json.loads(described["training"]), runtime)


def fuse_normalisation(module: nn.Module) -> None:
    """Fold every batch normalisation behind a convolution into it: the same numbers, fewer passes over memory."""
    for part in list(module.modules()):
        if isinstance(part, nn.Sequential) and len(part) > 1:
            conv, norm = part[0], part[1]
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                part[0] = torch.nn.utils.fusion.fuse_conv_bn_eval(conv.eval(), norm.eval())
                part[1] = nn.Identity()
