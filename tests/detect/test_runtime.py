"""The two runtimes against the network and codec themselves."""

import copy
import sys
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from sfp_core.detect.codec import Codec, CodecConfig, Rule
from sfp_core.detect.detector import SHIPPED_WEIGHTS, Detector
from sfp_core.detect.detector_file import fuse_normalisation
from sfp_core.detect.network import Heads, Merge, NetworkConfig, StackedHourglass, Stage
from sfp_core.detect.onnx_graph import detector_graph
from sfp_core.detect.runtime import (
    OnnxRuntime,
    TorchRuntime,
    loads_onnxruntime,
    runtime_of,
    to_input,
    to_input_array,
)
from sfp_core.errors import SfpError

RULES: tuple[Rule, ...] = ("soft_argmax", "argmax_offset", "weighted_offset")
needs_onnxruntime = pytest.mark.skipif(not loads_onnxruntime(), reason="onnxruntime is not installed")


def _network(
    *, merge: Merge = "concat", stages: int = 2, neighbours: int = 3, heads: Heads = "residual"
) -> StackedHourglass:
    """A small network with something to say: peaked maps, offsets of cells, normalisation that is not the identity."""
    torch.manual_seed(3)
    config = NetworkConfig(
        input_px=32,
        stem_channels=(8, 12),
        stem_blocks=(0, 1),
        channels=16,  # another width than the stem's, so that a residual module leads from one to the other
        stages=stages,
        depth=2,
        inner_channels=8,
        head_channels=8,
        neighbours=neighbours,
        merge=merge,
        heads=heads,
    )
    network = StackedHourglass(config)
    with torch.no_grad():
        for _ in range(5):
            network(torch.randn(8, 3, 32, 32))
        network.eval()
        for index, stage in enumerate(network.stages):
            maps = network(to_input(_crops(8)))[index]
            # Peaked, but not so much that single precision itself is off by more than is tested: stages add to it.
            stage.position.maps.weight.mul_((8 if stage.last else 2) / maps.position.std())
            for head in (stage.offset_x, stage.offset_y):
                head.maps.weight.mul_(1 / maps.offset.std())  # cells
            for head in (stage.neighbour_x, stage.neighbour_y) if neighbours else ():
                head.maps.weight.mul_(40)
                head.maps.bias.normal_()
    return network


def _codec(rule: Rule = "weighted_offset", *, votes: bool = False) -> Codec:
    neighbours = [[(n + step) ** 2 % 98 for step in (1, 3, 8)] for n in range(98)]  # some are chosen often, some never
    return Codec(CodecConfig(rule=rule, votes=votes), grid=8, neighbours=neighbours)


def _crops(count: int) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, 32, 32, 3)).astype(np.uint8)


def _by_the_book(network: StackedHourglass, codec: Codec, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points, crop pixels, and confidence from every map of every stage."""
    with torch.no_grad():
        maps = network(to_input(crops), votes=codec.config.votes)[-1]
        return codec.decode(maps).numpy() * 4, codec.confidence(maps.position).numpy()


@pytest.fixture
def threads() -> Iterator[None]:
    """The number of torch's threads as it was."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_every_brightness_becomes_the_same_number_with_and_without_torch() -> None:
    crops = np.arange(256 * 3).astype(np.uint8).reshape(1, 16, 16, 3)
    inputs = to_input_array(crops)
    assert inputs.dtype == np.float32 and inputs.flags.c_contiguous
    assert abs(inputs[0, 1, 2, 3] - (crops[0, 2, 3, 1] / 127.5 - 1)) < 1e-6
    assert (inputs.min(), inputs.max()) == (-1, 1)
    assert np.abs(inputs - to_input(crops).numpy()).max() < 1e-6  # one step of brightness is 8e-3


@pytest.mark.parametrize("votes", [False, True], ids=["alone", "votes"])
@pytest.mark.parametrize("merge", ["concat", "add"])
def test_the_last_stage_alone_says_what_it_says_among_all(merge: Merge, votes: bool) -> None:
    network = _network(merge=merge, stages=3)
    with torch.no_grad():
        inputs = to_input(_crops(2))
        alone, among = network.last_stage(inputs, votes=votes), network(inputs, votes=votes)[-1]
    assert torch.equal(alone.position, among.position)
    assert torch.equal(alone.offset, among.offset)
    if votes:
        assert torch.equal(alone.neighbour, among.neighbour) and torch.equal(alone.cells, among.cells)
    else:
        assert alone.neighbour is None


def test_only_what_is_read_is_computed() -> None:
    """Offsets of the last stage alone, and no neighbours unless they vote."""
    network, asked = _network(), []
    for index, stage in enumerate(network.stages):
        assert isinstance(stage, Stage)
        for name in ("position", "offset_x", "offset_y", "neighbour_x", "neighbour_y"):
            head = getattr(stage, name)
            head.residual.register_forward_hook(lambda *_, told=f"{index} {name}": asked.append(told))
    TorchRuntime(network, _codec())(_crops(1))
    assert asked == ["0 position", "1 position", "1 offset_x", "1 offset_y"]


@pytest.mark.parametrize("votes", [False, True], ids=["alone", "votes"])
@pytest.mark.parametrize("rule", RULES)
def test_torch_gives_what_all_maps_give(rule: Rule, votes: bool) -> None:
    network, codec = _network(), _codec(rule, votes=votes)
    expected_points, expected_confidence = _by_the_book(network, codec, _crops(4))
    fused = copy.deepcopy(network)
    fuse_normalisation(fused)
    for variant in (network, fused):
        points, confidence = TorchRuntime(variant, codec)(_crops(4))
        assert points.dtype == confidence.dtype == np.float64
        assert np.abs(points - expected_points).max() < 1e-4  # pixels of the crop
        assert np.abs(confidence - expected_confidence).max() < 1e-5


@needs_onnxruntime
@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("votes", [False, True], ids=["alone", "votes"])
@pytest.mark.parametrize("rule", RULES)
def test_onnxruntime_gives_what_all_maps_give(rule: Rule, votes: bool, count: int) -> None:
    network, codec = _network(), _codec(rule, votes=votes)
    expected_points, expected_confidence = _by_the_book(network, codec, _crops(count))
    assert np.ptp(expected_points, axis=1).min() > 8  # the network has something to say
    points, confidence = OnnxRuntime(network, codec)(_crops(count))
    assert points.dtype == confidence.dtype == np.float64
    assert np.abs(points - expected_points).max() < 1e-3
    assert np.abs(confidence - expected_confidence).max() < 1e-4


@needs_onnxruntime
@pytest.mark.parametrize("fused", [False, True], ids=["plain", "fused"])
@pytest.mark.parametrize("stages", [1, 3])
@pytest.mark.parametrize(("merge", "heads"), [("concat", "residual"), ("add", "residual"), ("concat", "plain")])
def test_onnxruntime_knows_every_kind_of_network(merge: Merge, heads: Heads, stages: int, fused: bool) -> None:
    network, codec = _network(merge=merge, stages=stages, neighbours=0, heads=heads), _codec()
    expected, _ = _by_the_book(network, codec, _crops(2))
    if fused:
        fuse_normalisation(network)
    points, _ = OnnxRuntime(network, codec)(_crops(2))
    assert np.abs(points - expected).max() < 1e-3


@needs_onnxruntime
def test_onnxruntime_takes_as_many_threads_as_torch(threads: None) -> None:
    runtime = OnnxRuntime(_network(), _codec())
    for count in (1, 2, 1):
        torch.set_num_threads(count)
        runtime(_crops(1))
        assert runtime._session.get_session_options().intra_op_num_threads == count
    session = runtime._session
    runtime(_crops(1))
    assert runtime._session is session  # and is not made anew without need


@needs_onnxruntime
def test_a_detector_that_ran_can_be_copied() -> None:
    runtime = OnnxRuntime(_network(), _codec())
    points, _ = runtime(_crops(1))
    again, _ = copy.deepcopy(runtime)(_crops(1))
    assert np.array_equal(points, again)


@needs_onnxruntime
@pytest.mark.skipif(not SHIPPED_WEIGHTS.exists(), reason="the detector's weights are not in this checkout")
def test_the_shipped_detector_says_the_same_in_both() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8).repeat(5, 0).repeat(5, 1)
    box = (50.0, 40.0, 150.0, 170.0)  # 130 px high: a crop pixel is 1.27 px of the picture
    detectors = Detector.load(), Detector.load(runtime="torch")
    assert [type(detector.first.runtime) for detector in detectors] == [OnnxRuntime, TorchRuntime]
    # One pass: a second one cuts anew, where a hair's breadth turns the brightness of some pixels by one of 255.
    in_onnx, in_torch = (detector.detect(picture, box, passes=1)[0] for detector in detectors)
    assert np.abs(in_onnx.landmarks.points - in_torch.landmarks.points).max() < 1e-3
    assert np.abs(in_onnx.landmarks.confidence - in_torch.landmarks.confidence).max() < 1e-4


@needs_onnxruntime
def test_onnxruntime_is_taken_where_it_is() -> None:
    assert isinstance(runtime_of(_network(), _codec()), OnnxRuntime)
    assert isinstance(runtime_of(_network(), _codec(), name="torch"), TorchRuntime)


def test_without_onnxruntime_torch_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # importing it fails
    assert isinstance(runtime_of(_network(), _codec()), TorchRuntime)
    with pytest.raises(SfpError, match="onnxruntime cannot be loaded; install it with: pip install "):
        runtime_of(_network(), _codec(), name="onnxruntime")


def test_an_unknown_runtime_is_told() -> None:
    with pytest.raises(SfpError, match="'tensorrt' is none; expected one of auto, onnxruntime, torch"):
        runtime_of(_network(), _codec(), name="tensorrt")  # type: ignore[arg-type]


def test_votes_without_neighbour_heads_are_told() -> None:
    with pytest.raises(SfpError, match="votes are on, but the network has no neighbour maps"):
        detector_graph(_network(neighbours=0), _codec(votes=True), {})
