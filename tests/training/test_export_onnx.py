"""A detector becomes an ONNX file that other programs can use, or nothing."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from sfp_core.detect.codec import Codec, CodecConfig
from sfp_core.detect.crop import MARGIN
from sfp_core.detect.detector import Detector
from sfp_core.detect.detector_file import write_detector
from sfp_core.detect.network import NetworkConfig, StackedHourglass
from sfp_core.detect.onnx_export import TOLERANCE_PX, measured_against_torch
from sfp_core.detect.onnx_graph import detector_graph
from sfp_core.errors import SfpError
from sfp_core.files import sha256_of
from training.export_onnx import main

CONFIG = NetworkConfig(
    input_px=32, stem_channels=(8, 16), stem_blocks=(0, 1), channels=16, stages=2, depth=2, inner_channels=8,
    head_channels=8, neighbours=3,
)  # fmt: skip
NEIGHBOURS = [[(n + step) % 98 for step in (1, 2, 3)] for n in range(98)]


def _network() -> StackedHourglass:
    torch.manual_seed(2)
    network = StackedHourglass(CONFIG)
    with torch.no_grad():
        network(torch.randn(8, 3, 32, 32))
        for stage in network.stages:
            stage.position.maps.weight.mul_(40)
    return network.eval()


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "d.safetensors"
    write_detector(path, _network(), CodecConfig(), NEIGHBOURS, {"steps": 3, "note": "Übung"})
    return path


@pytest.fixture
def onnxruntime() -> object:
    return pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")


def test_the_file_says_all_that_is_needed_to_use_it(
    weights: Path, tmp_path: Path, onnxruntime: object, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "d.onnx"
    assert main([str(weights), "-o", str(output)]) == 0
    told = capsys.readouterr()
    pattern = r"wrote (.*) \((\d+\.\d\d) MB\); landmarks at most (\S+) px off torch's\n"
    path, megabytes, off_px = re.fullmatch(pattern, told.out).groups()  # type: ignore[union-attr]
    assert path == str(output) and told.err == ""
    assert abs(float(megabytes) - output.stat().st_size / 1e6) < 0.006
    assert 0 < float(off_px) <= TOLERANCE_PX

    session = onnxruntime.InferenceSession(str(output), providers=["CPUExecutionProvider"])  # type: ignore[attr-defined]
    metadata = session.get_modelmeta().custom_metadata_map
    assert metadata["format"] == "sfp.detector_onnx" and metadata["version"] == "1"
    assert metadata["layout"] == "wflw98"
    assert metadata["weights_sha256"] == sha256_of(weights)
    assert json.loads(metadata["training"]) == {"steps": 3, "note": "Übung"}
    assert json.loads(metadata["crop"])["margin"] == MARGIN
    assert json.loads(metadata["codec"])["rule"] == "weighted_offset"
    assert json.loads(metadata["network"])["input_px"] == 32
    assert [(one.name, one.shape, one.type) for one in session.get_inputs()] == [
        ("crops", ["batch", 3, 32, 32], "tensor(float)")
    ]
    assert [(one.name, one.shape, one.type) for one in session.get_outputs()] == [
        ("points", ["batch", 98, 2], "tensor(float)"),
        ("confidence", ["batch", 98], "tensor(float)"),
    ]


@pytest.mark.parametrize("count", [1, 5])
def test_another_program_finds_what_the_detector_finds(
    weights: Path, tmp_path: Path, onnxruntime: object, count: int
) -> None:
    """By the metadata alone: cut, scale, run, move back."""
    output = tmp_path / "d.onnx"
    assert main([str(weights), "-o", str(output)]) == 0
    session = onnxruntime.InferenceSession(str(output), providers=["CPUExecutionProvider"])  # type: ignore[attr-defined]
    pictures = np.random.default_rng(count).integers(0, 256, (count, 32, 32, 3)).astype(np.uint8)
    margin = json.loads(session.get_modelmeta().custom_metadata_map["crop"])["margin"]
    half = 16 / margin  # the box whose crop is the picture itself
    box = (16 - half, 16 - half, 16 + half, 16 + half)
    points, confidence = session.run(None, {"crops": pictures.transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1})
    found = Detector.load(weights, runtime="torch").detect_many(pictures, [box] * count, passes=1)
    for face, certain, expected in zip(points, confidence, found, strict=True):
        assert np.abs(face - expected.landmarks.points).max() < 1e-3
        assert np.abs(certain - expected.landmarks.confidence).max() < 1e-4


def test_the_file_keeps_the_rules_of_the_standard(weights: Path, tmp_path: Path, onnxruntime: object) -> None:
    onnx = pytest.importorskip("onnx", reason="the onnx package, which checks the file, is not installed")
    assert main([str(weights), "-o", str(tmp_path / "d.onnx")]) == 0
    model = onnx.load(tmp_path / "d.onnx")
    onnx.checker.check_model(model, full_check=True)
    heads = sum(node.op_type == "Conv" for node in model.graph.node)
    modules = StackedHourglass(NetworkConfig(**{**CONFIG.__dict__, "neighbours": 0})).modules()
    unread = 2 * 5  # of the first of two stages both offset heads: a residual module with its skip, and the maps
    assert heads == sum(isinstance(module, torch.nn.Conv2d) for module in modules) - unread


def test_a_graph_that_is_not_the_detectors_is_refused(weights: Path, onnxruntime: object) -> None:
    detector = Detector.load(weights)
    other_rule = Codec(CodecConfig(rule="argmax_offset"), grid=CONFIG.grid, neighbours=NEIGHBOURS)
    content = detector_graph(detector.first.network, other_rule, {})
    told = r"^d\.onnx: landmark \d+ is \S+ px off torch's, but at most 0\.001 is allowed; nothing was written \(onnxr"
    with pytest.raises(SfpError, match=told) as caught:
        measured_against_torch(content, detector.first, where="d.onnx")
    assert "\n" not in str(caught.value)


def test_what_fails_the_check_is_not_written(
    weights: Path,
    tmp_path: Path,
    onnxruntime: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sfp_core.detect.onnx_export.TOLERANCE_PX", -1.0)  # nothing is that near
    assert main([str(weights), "-o", str(tmp_path / "d.onnx")]) == 1
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1 and "nothing was written" in told.err
    assert [path.name for path in tmp_path.iterdir()] == ["d.safetensors"]


def test_without_onnxruntime_nothing_is_written(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # importing it fails
    output = tmp_path / "d.onnx"
    assert main([str(weights), "-o", str(output)]) == 1
    assert capsys.readouterr().err == (
        f"export_onnx: error: {output}: onnxruntime, which checks what is written, cannot be loaded; "
        "install it with: pip install onnxruntime\n"
    )
    assert not output.exists()


def test_weights_that_are_none_are_told_in_one_line(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(weights.read_bytes()[:2000])
    onnx_file = tmp_path / "other.onnx"
    onnx_file.write_bytes(b"\x08\x08")
    expected = {
        cut: "not a whole safetensors file",
        onnx_file: "ONNX files are for other programs; load the .safetensors that it was made from",
        tmp_path / "none.safetensors": "no such weights file",
    }
    for path, reason in expected.items():
        assert main([str(path), "-o", str(tmp_path / "d.onnx")]) == 1
        told = capsys.readouterr().err
        assert told.startswith(f"export_onnx: error: {path}: {reason}") and told.count("\n") == 1
    assert not (tmp_path / "d.onnx").exists()


def test_another_suffix_is_refused(weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(weights), "-o", str(tmp_path / "d.pt")]) == 1
    assert capsys.readouterr().err == (
        f"export_onnx: error: {tmp_path / 'd.pt'}: an ONNX file is written; expected a name that ends in .onnx\n"
    )
