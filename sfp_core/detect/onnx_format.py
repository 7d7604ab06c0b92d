"""ONNX files from numbers alone: a graph is put together node by node and written as protocol buffer messages.

Written here, since the `onnx` package and torch's exporter (which needs `onnxscript`) are both more to install than the
half dozen messages a small network takes. Field numbers: `onnx.proto` of the ONNX standard, named beside each message.
A message is a run of fields, each a key (number << 3 | kind) and a value: kind 0 a varint, 2 a length and bytes, 5 four
bytes (protobuf.dev, "Encoding").
"""

from collections.abc import Mapping, Sequence

import numpy as np

IR_VERSION = 8
OPSET = 17  # IR 8 and opset 17 came with ONNX 1.12, which onnxruntime reads from 1.12 on

Attribute = int | float | str | Sequence[int]
Shape = Sequence[int | str]  # a name stands for a number that is free

_TENSOR_TYPES = {"float32": 1, "int64": 7}  # TensorProto.DataType
_FLOAT, _INT, _STRING, _INTS = 1, 2, 3, 7  # AttributeProto.AttributeType


class OnnxGraph:
    """A graph that grows by one node at a time; `node` and `constant` return the name of what they add."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []
        self._known: dict[tuple[str, tuple[int, ...], bytes], str] = {}

    def constant(self, values: np.ndarray) -> str:
        """A float32 or int64 array; an equal one is kept once."""
        if values.dtype.name not in _TENSOR_TYPES:
            raise TypeError(f"a constant must be float32 or int64, not {values.dtype}")
        content = np.asarray(values, order="C").astype(values.dtype.newbyteorder("<")).tobytes()
        key = (values.dtype.name, values.shape, content)
        if key not in self._known:
            self._known[key] = f"c{len(self._known)}"
            self._constants.append(  # TensorProto: dims 1, data_type 2, name 8, raw_data 9
                b"".join(_number(1, size) for size in values.shape)
                + _number(2, _TENSOR_TYPES[values.dtype.name])
                + _text(8, self._known[key])
                + _bytes(9, content)
            )
        return self._known[key]

    def integers(self, *values: int) -> str:
        """An int64 vector, as axes and shapes are given."""
        return self.constant(np.array(values, dtype=np.int64))

    def node(self, operator: str, *inputs: str, output: str = "", **attributes: Attribute) -> str:
        """One operator with one output, named `output` if the graph's caller is to find it."""
        output = output or f"n{len(self._nodes)}"
        self._nodes.append(  # NodeProto: input 1, output 2, name 3, op_type 4, attribute 5
            b"".join(_text(1, name) for name in inputs)
            + _text(2, output)
            + _text(3, output)
            + _text(4, operator)
            + b"".join(_bytes(5, _attribute(name, value)) for name, value in attributes.items())
        )
        return output

    def to_bytes(self, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape], metadata: Mapping[str, str]) -> bytes:
        """The whole file; `inputs` and `outputs` are float32.

        ModelProto: ir_version 1, producer_name 2, graph 7, opset_import 8, metadata_props 14.
        GraphProto: node 1, name 2, initializer 5, input 11, output 12.
        """
        graph = (
            b"".join(_bytes(1, node) for node in self._nodes)
            + _text(2, "graph")
            + b"".join(_bytes(5, constant) for constant in self._constants)
            + b"".join(_bytes(11, _value(name, shape)) for name, shape in inputs.items())
            + b"".join(_bytes(12, _value(name, shape)) for name, shape in outputs.items())
        )
        return (
            _number(1, IR_VERSION)
            + _text(2, "stylized-face-point")
            + _bytes(7, graph)
            + _bytes(8, _text(1, "") + _number(2, OPSET))  # OperatorSetIdProto: domain 1, version 2
            + b"".join(_bytes(14, _text(1, key) + _text(2, value)) for key, value in sorted(metadata.items()))
        )


def _attribute(name: str, value: Attribute) -> bytes:
    """AttributeProto: name 1, f 2, i 3, s 4, ints 8, type 20."""
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, _INT)
    if isinstance(value, float):
        return _text(1, name) + _varint(2 << 3 | 5) + np.array(value, "<f4").tobytes() + _number(20, _FLOAT)
    if isinstance(value, str):
        return _text(1, name) + _text(4, value) + _number(20, _STRING)
    return _text(1, name) + b"".join(_number(8, one) for one in value) + _number(20, _INTS)


def _value(name: str, shape: Shape) -> bytes:
    """ValueInfoProto: name 1, type 2 (TypeProto: tensor_type 1: elem_type 1, shape 2: dim 1: value 1 or name 2)."""
    dimensions = b"".join(_bytes(1, _text(2, size) if isinstance(size, str) else _number(1, size)) for size in shape)
    tensor = _number(1, _TENSOR_TYPES["float32"]) + _bytes(2, dimensions)
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; negative numbers as 64 bit."""
    value &= (1 << 64) - 1
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    digits.append(value)
    return bytes(digits)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode("utf-8"))
