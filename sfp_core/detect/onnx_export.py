"""A pass of a detector as an ONNX file for other programs, measured against torch before it is written."""

from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from sfp_core.detect.detector_file import detector_metadata
from sfp_core.detect.onnx_graph import CONFIDENCE, INPUT, POINTS, detector_graph
from sfp_core.detect.passes import Pass
from sfp_core.detect.runtime import INSTALL, TorchRuntime, loads_onnxruntime, session_of, to_input_array
from sfp_core.errors import SfpError
from sfp_core.files import written_whole

FORMAT = "sfp.detector_onnx"
VERSION = 1
TOLERANCE_PX = 1e-3  # of the crop
_TOLERANCE_CONFIDENCE = 1e-4
_CHECKED_BATCHES = (1, 5)


def write_onnx(path: Path, one: Pass, *, weights_sha256: str) -> float:
    """Write a pass of a detector, and what is needed to use it in the file's `metadata_props`.

    Parameters
    ----------
    path : Path
        Written whole, or not at all.
    one : Pass
        As loaded from its weights.
    weights_sha256 : str
        Of the weights file, for the record.

    Returns
    -------
    float
        The largest distance of a landmark from torch's on random pictures, pixels of the crop.

    Raises
    ------
    SfpError
        onnxruntime, which the check needs, cannot be loaded; the graph does not give what torch gives; a disk that
        refuses.
    """
    if not loads_onnxruntime():
        raise SfpError(f"{path}: onnxruntime, which checks what is written, cannot be loaded; {INSTALL}")
    metadata = {
        **detector_metadata(one.network.config, one.codec, one.training, margin=one.margin, upright=one.upright),
        "format": FORMAT,
        "version": str(VERSION),
        "weights_sha256": weights_sha256,
    }
    content = detector_graph(one.network, one.codec, metadata)
    off_px = measured_against_torch(content, one, where=str(path))
    with written_whole(path) as temporary:
        temporary.write_bytes(content)
    return off_px


def measured_against_torch(content: bytes, one: Pass, *, where: str, seed: int = 0) -> float:
    """The largest distance, pixels of the crop, of landmarks of an ONNX file's `content` from torch's.

    Raises SfpError, naming `where`, when it is more than TOLERANCE_PX, or when a confidence differs.
    """
    session = session_of(content, threads=1)
    torch_runtime = TorchRuntime(one.network, one.codec)
    rng = np.random.default_rng(seed)
    size = one.network.config.input_px
    worst_px = 0.0
    for batch in _CHECKED_BATCHES:
        crops = _pictures(rng, batch, size)
        expected_points, expected_confidence = torch_runtime(crops)
        points, confidence = session.run([POINTS, CONFIDENCE], {INPUT: to_input_array(crops)})
        off_px = np.linalg.norm(points - expected_points, axis=2)
        off_confidence = np.abs(confidence - expected_confidence).max()
        if not off_px.max() <= TOLERANCE_PX:  # also for what is no number
            raise SfpError(
                f"{where}: landmark {int(off_px.max(0).argmax())} is {off_px.max():.3g} px off torch's, but at most "
                f"{TOLERANCE_PX:g} is allowed; nothing was written ({_versions()})"
            )
        if not off_confidence <= _TOLERANCE_CONFIDENCE:
            raise SfpError(
                f"{where}: a confidence is {off_confidence:.3g} off torch's, but at most {_TOLERANCE_CONFIDENCE:g} is "
                f"allowed; nothing was written ({_versions()})"
            )
        worst_px = max(worst_px, float(off_px.max()))
    return worst_px


def _pictures(rng: np.random.Generator, batch: int, size: int) -> np.ndarray:
    """(batch, size, size, 3) uint8: coarse patches under fine noise, so that something is seen at every size."""
    coarse = rng.integers(0, 256, (batch, 8, 8, 3)).repeat(-(-size // 8), 1).repeat(-(-size // 8), 2)
    fine = rng.integers(-60, 61, (batch, size, size, 3))
    return np.asarray((coarse[:, :size, :size] + fine).clip(0, 255).astype(np.uint8))


def _versions() -> str:
    return f"onnxruntime {version('onnxruntime')}, torch {torch.__version__}"
