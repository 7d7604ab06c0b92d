"""What runs a detector's network: onnxruntime where it is installed, twice as fast for one face, else torch.

Both give the same landmarks to 1e-3 px of the crop. The graph for onnxruntime is made in memory of the loaded weights;
no other file is needed.

Shapes: B pictures, S pixels a side of the crop, N landmarks.
"""

import importlib
import logging
from typing import Any, Literal, Protocol, get_args

import numpy as np
import torch
from torch import Tensor

from sfp_core.detect.codec import Codec
from sfp_core.detect.network import StackedHourglass
from sfp_core.detect.onnx_graph import CONFIDENCE, INPUT, POINTS, detector_graph
from sfp_core.errors import SfpError

log = logging.getLogger(__name__)

RuntimeName = Literal["auto", "onnxruntime", "torch"]

INSTALL = "install it with: pip install onnxruntime"


class Runtime(Protocol):
    """Crops through the network and its codec."""

    def __call__(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Crops (B, S, S, 3) uint8 RGB -> points (B, N, 2), crop space, pixels, and confidence (B, N), both float64."""
        ...


def to_input(crops: np.ndarray) -> Tensor:
    """Crops (B, S, S, 3) uint8 as the network wants them: (B, 3, S, S) float32 in [-1, 1]."""
    return torch.from_numpy(crops).permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)


def to_input_array(crops: np.ndarray) -> np.ndarray:
    """As `to_input`, without torch, whose threads would wait for each other longer than this takes."""
    inputs = crops.transpose(0, 3, 1, 2).astype(np.float32, order="C")
    inputs /= 127.5
    inputs -= 1.0
    return inputs


class TorchRuntime:
    """The network as it is; always there."""

    def __init__(self, network: StackedHourglass, codec: Codec) -> None:
        self.network = network
        self.codec = codec

    @torch.inference_mode()
    def __call__(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `Runtime`."""
        config = self.network.config
        inputs = to_input(crops).contiguous(memory_format=torch.channels_last)
        maps = self.network.last_stage(inputs, votes=self.codec.config.votes)
        points_grid = self.codec.decode(maps).double().numpy()
        return points_grid * (config.input_px / config.grid), self.codec.confidence(maps.position).double().numpy()


class OnnxRuntime:
    """The same network as it is when first used, in onnxruntime, on as many threads as torch may use at the time."""

    def __init__(self, network: StackedHourglass, codec: Codec) -> None:
        self.network = network
        self.codec = codec
        self._session: Any = None
        self._threads = 0

    def __call__(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `Runtime`."""
        if self._session is None or self._threads != torch.get_num_threads():
            self._threads = torch.get_num_threads()
            self._session = session_of(detector_graph(self.network, self.codec, {}), threads=self._threads)
        points, confidence = self._session.run([POINTS, CONFIDENCE], {INPUT: to_input_array(crops)})
        return points.astype(np.float64), confidence.astype(np.float64)

    def __getstate__(self) -> dict[str, Any]:
        """A session cannot be sent to another process; the other makes its own."""
        return {**self.__dict__, "_session": None}


def runtime_of(network: StackedHourglass, codec: Codec, *, name: RuntimeName = "auto") -> Runtime:
    """The runtime of this name; "auto" is onnxruntime where it can be loaded, else torch.

    Raises SfpError for a name that is none, and for onnxruntime where it cannot be loaded.
    """
    if name not in get_args(RuntimeName):
        raise SfpError(f"runtime: {name!r} is none; expected one of {', '.join(get_args(RuntimeName))}")
    if name == "torch":
        return TorchRuntime(network, codec)
    if loads_onnxruntime():
        return OnnxRuntime(network, codec)
    if name == "onnxruntime":
        raise SfpError(f"runtime: onnxruntime cannot be loaded; {INSTALL}, or choose 'torch'")
    return TorchRuntime(network, codec)


def loads_onnxruntime() -> bool:
    """Whether onnxruntime is installed and its libraries can be loaded."""
    try:
        importlib.import_module("onnxruntime")
    except ImportError as error:
        log.debug("onnxruntime cannot be loaded: %s", error)
        return False
    return True


def session_of(content: bytes, *, threads: int) -> Any:
    """An onnxruntime session on the CPU for the content of an ONNX file.

    Its threads sleep while they wait: beside other work on two cores a face took 9.7 ms so, and 13.5 ms spinning.
    """
    onnxruntime: Any = importlib.import_module("onnxruntime")  # may be missing, so not at the top; without types
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1  # the graph is a chain
    options.log_severity_level = 3  # errors; they are raised, too
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
