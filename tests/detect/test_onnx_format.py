"""ONNX files byte by byte, against the examples of the protobuf documentation and the `onnx` package."""

import numpy as np
import pytest

from sfp_core.detect.onnx_format import IR_VERSION, OPSET, OnnxGraph, _number, _text, _varint


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (150, "9601"), (300, "ac02"), (-2, "feffffffffffffffff01")],
)
def test_numbers_are_written_as_the_documentation_says(value: int, expected: str) -> None:
    assert _varint(value).hex() == expected  # protobuf.dev, "Encoding": 150, -2


def test_fields_are_written_as_the_documentation_says() -> None:
    assert _number(1, 150).hex() == "089601"  # its Test1
    assert _text(2, "testing").hex() == "120774657374696e67"  # its Test2


def test_equal_constants_are_kept_once() -> None:
    graph = OnnxGraph()
    first = graph.constant(np.array([1, 2], np.int64))
    assert graph.integers(1, 2) == first
    others = [np.array([[1, 2]], np.int64), np.array([1, 3], np.int64), np.array([1, 2], np.float32)]
    assert len({first, *(graph.constant(values) for values in others)}) == 4


def test_a_constant_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="float32 or int64, not float64"):
        OnnxGraph().constant(np.zeros(2))


def test_a_graph_is_the_one_that_the_onnx_package_writes() -> None:
    onnx = pytest.importorskip("onnx", reason="the onnx package, an independent reader, is not installed")
    weight = np.arange(6, dtype=np.float32).reshape(2, 3)
    graph = OnnxGraph()
    product = graph.node("MatMul", "x", graph.constant(weight.T.copy().T))  # not contiguous: written row by row still
    cast_up = graph.node("Elu", product, alpha=0.25)
    graph.node("Transpose", cast_up, perm=(1, 0), output="y")
    graph.node("ArgMax", "y", axis=-1, output="unused")
    graph.node("DepthToSpace", "y", blocksize=2, mode="CRD", output="unused too")
    ours = onnx.load_from_string(graph.to_bytes({"x": ("batch", 2)}, {"y": (3, "batch")}, {"b": "ü\n", "a": "1"}))

    make, floats = onnx.helper.make_node, onnx.TensorProto.FLOAT
    theirs = onnx.helper.make_model(
        onnx.helper.make_graph(
            [
                make("MatMul", ["x", "c0"], ["n0"], name="n0"),
                make("Elu", ["n0"], ["n1"], name="n1", alpha=0.25),
                make("Transpose", ["n1"], ["y"], name="y", perm=[1, 0]),
                make("ArgMax", ["y"], ["unused"], name="unused", axis=-1),
                make("DepthToSpace", ["y"], ["unused too"], name="unused too", blocksize=2, mode="CRD"),
            ],
            "graph",
            [onnx.helper.make_tensor_value_info("x", floats, ["batch", 2])],
            [onnx.helper.make_tensor_value_info("y", floats, [3, "batch"])],
            [onnx.numpy_helper.from_array(weight, "c0")],
        ),
        producer_name="stylized-face-point",
        ir_version=IR_VERSION,
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
    )
    onnx.helper.set_model_props(theirs, {"a": "1", "b": "ü\n"})
    assert ours == theirs
