"""The network and the decode rule of a detector as one ONNX graph: crops in, landmarks and confidence out.

Input `crops` (B, 3, S, S) float32, RGB / 127.5 - 1. Outputs `points` (B, N, 2) float32, crop space, pixels, and
`confidence` (B, N) float32. Of the heads only those are written that the result needs: every stage's position, the last
stage's offsets and, where the codec votes, its neighbours. The same equations as in `network` and `codec`; that the two
agree is measured on every export and tested for every rule.

Shapes: B pictures, C channels, G cells a side, N landmarks, K neighbours.
"""

from collections.abc import Mapping
from typing import cast

import numpy as np
import torch
from torch import nn

from sfp_core.detect.codec import Codec
from sfp_core.detect.network import Head, Hourglass, Residual, StackedHourglass, Stage
from sfp_core.detect.onnx_format import OnnxGraph
from sfp_core.errors import SfpError

INPUT, POINTS, CONFIDENCE = "crops", "points", "confidence"


def detector_graph(network: StackedHourglass, codec: Codec, metadata: Mapping[str, str]) -> bytes:
    """The file's content; `network` is in eval mode, its normalisation folded in already or not.

    Raises SfpError when the codec votes, but the network has no neighbour heads.
    """
    config = network.config
    if codec.config.votes and not config.neighbours:
        raise SfpError("codec: votes are on, but the network has no neighbour maps")
    graph = OnnxGraph()
    entry = INPUT
    for module in network.stem:
        entry = _residual(graph, module, entry) if isinstance(module, Residual) else _conv_norm(graph, module, entry)
    for part in network.stages:
        stage = cast(Stage, part)
        features = _residual(graph, stage.features, _hourglass(graph, stage.hourglass, entry))
        position = graph.node(  # (B, N, G*G)
            "Reshape", _head(graph, stage.position, features), graph.integers(0, 0, -1)
        )
        probability = graph.node("Softmax", position, axis=2)
        if not stage.last:
            entry = _next_entry(graph, stage, entry, features, probability, config.grid)
    _Decoding(graph, codec, config.landmarks, config.input_px).write(stage, features, probability)
    count = config.landmarks
    return graph.to_bytes(
        {INPUT: ("batch", 3, config.input_px, config.input_px)},
        {POINTS: ("batch", count, 2), CONFIDENCE: ("batch", count)},
        metadata,
    )


def _array(tensor: torch.Tensor) -> np.ndarray:
    return np.asarray(tensor.detach().cpu().float().numpy())


def _conv(graph: OnnxGraph, conv: nn.Conv2d, entry: str) -> str:
    weights = [graph.constant(_array(conv.weight))]
    if conv.bias is not None:
        weights.append(graph.constant(_array(conv.bias)))
    size, stride, border = conv.kernel_size[0], conv.stride[0], int(conv.padding[0])
    return graph.node("Conv", entry, *weights, kernel_shape=(size, size), strides=(stride, stride), pads=(border,) * 4)


def _conv_norm(graph: OnnxGraph, layers: nn.Module, entry: str) -> str:
    """What `network.conv_norm` makes, normalisation folded into the convolution."""
    conv, norm, *active = cast(nn.Sequential, layers)
    if isinstance(norm, nn.BatchNorm2d):
        conv = torch.nn.utils.fusion.fuse_conv_bn_eval(cast(nn.Conv2d, conv), norm)
    result = _conv(graph, cast(nn.Conv2d, conv), entry)
    return graph.node("Relu", result) if active else result


def _residual(graph: OnnxGraph, module: Residual, entry: str) -> str:
    result = entry
    for layers in module.path:
        result = _conv_norm(graph, layers, result)
    skip = entry if isinstance(module.skip, nn.Identity) else _conv_norm(graph, module.skip, entry)
    return graph.node("Relu", graph.node("Add", result, skip))


def _hourglass(graph: OnnxGraph, module: Hourglass, entry: str) -> str:
    small = graph.node("MaxPool", entry, kernel_shape=(2, 2), strides=(2, 2))
    small = _residual(graph, module.down, small)
    if isinstance(module.within, Hourglass):
        small = _hourglass(graph, module.within, small)
    else:
        small = _residual(graph, cast(Residual, module.within), small)
    small = _residual(graph, module.up, small)
    doubled = graph.node(  # each cell four times, whatever a rule of rounding says
        "Resize",
        small,
        "",
        graph.constant(np.array([1, 1, 2, 2], np.float32)),
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
    return graph.node("Add", _residual(graph, module.skip, entry), doubled)


def _head(graph: OnnxGraph, head: Head, features: str) -> str:
    return _conv(graph, head.maps, _head_features(graph, head, features))


def _head_features(graph: OnnxGraph, head: Head, features: str) -> str:
    return _residual(graph, head.residual, features) if isinstance(head.residual, Residual) else features


def _next_entry(graph: OnnxGraph, stage: Stage, entry: str, features: str, probability: str, grid: int) -> str:
    """What `Stage.next_entry` says."""
    maps = graph.node("Mul", probability, graph.constant(np.array(grid, np.float32)))
    maps = graph.node("Reshape", maps, graph.integers(0, 0, grid, grid))
    if stage.merge_add:
        added = graph.node("Add", entry, _conv(graph, stage.from_features, features))
        return graph.node("Add", added, _conv(graph, stage.from_maps, maps))
    return _conv_norm(graph, stage.joined, graph.node("Concat", entry, features, maps, axis=1))


class _Decoding:
    """From the last stage's maps to points and confidence: what `Codec` says, in crop pixels."""

    def __init__(self, graph: OnnxGraph, codec: Codec, count: int, input_px: int) -> None:
        self.graph = graph
        self.codec = codec
        self.count = count
        self.cell_px = input_px / codec.grid
        centres = codec.centres(torch.arange(codec.grid**2)).T.float()  # (2, G*G)
        self.centres = _array(centres)

    def write(self, stage: Stage, features: str, probability: str) -> None:
        """Write the graph's two outputs; `probability` is (B, N, G*G)."""
        graph = self.graph
        peak = graph.node("ArgMax", probability, axis=2, keepdims=1)  # (B, N, 1)
        axes = []
        for axis, head in enumerate((stage.offset_x, stage.offset_y)):
            points = graph.constant(self.centres[axis][None, None])  # (1, 1, G*G)
            if self.codec.config.rule != "soft_argmax":
                offset = graph.node("Reshape", _head(graph, head, features), graph.integers(0, 0, -1))
                points = graph.node("Add", points, offset)  # (B, N, G*G)
            if self.codec.config.rule == "argmax_offset":
                axes.append(graph.node("GatherElements", points, peak, axis=2))
            else:
                weighted = graph.node("Mul", probability, points)
                axes.append(graph.node("ReduceSum", weighted, graph.integers(2), keepdims=1))
        points = graph.node("Concat", *axes, axis=2)  # (B, N, 2), grid space
        if self.codec.config.votes:
            points = self._voted(points, stage, features, peak)
        graph.node("Mul", points, graph.constant(np.array(self.cell_px, np.float32)), output=POINTS)
        self._confidence(probability, peak)

    def _voted(self, points: str, stage: Stage, features: str, peak: str) -> str:
        """The mean of each point and of its votes: `Codec._with_votes` as one product with a table."""
        graph = self.graph
        neighbours = self.codec.neighbours.numpy()  # (N, K)
        voted_for = neighbours.ravel()
        chooses = (np.arange(self.count)[:, None] == voted_for).astype(np.float32)  # (N, N*K)
        share = 1 / (1 + chooses.sum(1, keepdims=True))  # (N, 1)
        axes = []
        for axis, head in enumerate((stage.neighbour_x, stage.neighbour_y)):
            own = graph.node("Gather", graph.constant(self.centres[axis]), peak, axis=0)  # (B, N, 1)
            votes = graph.node("Add", self._read_at(head, features, peak), own)  # (B, N, K)
            flat = graph.node("Reshape", votes, graph.integers(0, -1, 1))  # (B, N*K, 1)
            axes.append(graph.node("MatMul", graph.constant(chooses * share), flat))  # (B, N, 1)
        own_share = graph.node("Mul", points, graph.constant(share))
        return graph.node("Add", own_share, graph.node("Concat", *axes, axis=2))

    def _read_at(self, head: Head, features: str, peak: str) -> str:
        """What `Head.read_at` says: (B, N, K)."""
        graph = self.graph
        hidden = graph.node("Reshape", _head_features(graph, head, features), graph.integers(0, 0, -1))
        where = graph.node("Transpose", peak, perm=(0, 2, 1))  # (B, 1, N)
        where = graph.node("Expand", where, graph.integers(1, head.maps.in_channels, 1))  # (B, H, N)
        at_cells = graph.node("GatherElements", hidden, where, axis=2)
        rows = graph.node("Transpose", at_cells, perm=(2, 0, 1))  # (N, B, H)
        weight = _array(head.maps.weight).reshape(self.count, -1, head.maps.in_channels).transpose(0, 2, 1)  # (N, H, K)
        read = graph.node("MatMul", rows, graph.constant(np.ascontiguousarray(weight)))  # (N, B, K)
        bias = _array(cast(torch.Tensor, head.maps.bias)).reshape(self.count, -1)
        return graph.node("Add", graph.node("Transpose", read, perm=(1, 0, 2)), graph.constant(bias))

    def _confidence(self, probability: str, peak: str) -> None:
        """What `Codec.confidence` says."""
        graph, grid = self.graph, self.codec.grid
        maps = graph.node("Reshape", probability, graph.integers(0, 0, grid, grid))
        mean = graph.node("AveragePool", maps, kernel_shape=(3, 3), strides=(1, 1), pads=(1,) * 4, count_include_pad=1)
        flat = graph.node("Reshape", mean, graph.integers(0, 0, -1))
        at_peak = graph.node("GatherElements", flat, peak, axis=2)
        mass = graph.node("Mul", at_peak, graph.constant(np.array(9, np.float32)))  # of nine cells, not their mean
        bounded = graph.node(
            "Clip", mass, graph.constant(np.array(0, np.float32)), graph.constant(np.array(1, np.float32))
        )
        graph.node("Squeeze", bounded, graph.integers(2), output=CONFIDENCE)
