"""YuNet where the user has its file: its boxes become ours, and what is no such file is told.

The file itself cannot be part of the tests. A stand-in network with YuNet's inputs and outputs and one face in it is
run by OpenCV's own decoder, so that sizes, strides, colours' order and the way back into the picture are the real ones.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sfp_core.detect.yunet import YuNet, faces_of
from sfp_core.errors import SfpError

FACE = [100, 80, 60, 100, 115, 120, 145, 120, 130, 140, 118, 160, 142, 160, 0.9]  # eyes at 120, mouth at 160


def test_the_box_begins_at_the_brows_and_goes_back_into_the_picture() -> None:
    (face,) = faces_of(np.array([FACE], float), scale=2.0, origin=(20.0, 10.0))
    assert face.box == pytest.approx((40.0, (120 - 0.51 * 40 - 10) / 2, 70.0, 85.0))
    assert face.score == 0.9


def test_the_box_of_a_lying_or_hanging_face_stays_as_it_is() -> None:
    lying, hanging = np.array([FACE, FACE], float)
    lying[4:14] = [110, 100, 110, 140, 120, 120, 145, 105, 145, 135]
    hanging[4:14] = [115, 160, 145, 160, 130, 140, 118, 120, 142, 120]
    for face in faces_of(np.array([lying, hanging]), scale=1.0, origin=(0.0, 0.0)):
        assert face.box == (100, 80, 160, 180)


def test_answers_that_are_no_boxes_are_left_out() -> None:
    empty, odd = np.array([FACE, FACE], float)
    empty[2], odd[5] = 0, np.nan
    assert faces_of(np.array([empty, odd]), scale=1.0, origin=(0.0, 0.0)) == []


@pytest.mark.parametrize("content", [b"no network at all" * 20, b"", None], ids=["text", "empty", "missing"])
def test_what_is_no_yunet_is_told_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "yunet.onnx"
    if content is not None:
        path.write_bytes(content)
    told = "no such file" if content is None else "is no YuNet model"
    with pytest.raises(SfpError, match=rf"yunet\.onnx: {told}.*face_detection_yunet") as caught:
        YuNet(path)
    assert "\n" not in str(caught.value)


def _stand_in(path: Path, *, outputs: bool = True) -> Path:
    """A network with YuNet's names: a face of 8 x 12 cells at the cell (20, 16) of stride 8 where the picture is red.

    OpenCV takes score = sqrt(cls x obj), centre = (column + dx, row + dy) x stride, size = exp(log size) x stride, and
    points = (column + dx, row + dy) x stride. Redness is asked at that cell alone, through an average of 8 x 8 pixels.
    """
    onnx = pytest.importorskip("onnx", reason="the stand-in is written with the onnx package")
    from onnx import TensorProto, helper, numpy_helper

    nodes, constants = [], []

    def constant(name: str, values: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    # red minus blue over 255, so 1 where the picture is red; BGR, as OpenCV feeds it
    constant("red", np.array([-1, 0, 1], np.float32).reshape(1, 3, 1, 1) / 255)
    nodes.append(helper.make_node("Conv", ["input", "red"], ["redness"]))
    for stride in (8, 16, 32):
        nodes.append(
            helper.make_node(
                "AveragePool", ["redness"], [f"at_{stride}"], kernel_shape=[stride] * 2, strides=[stride] * 2
            )
        )
        constant(f"flat_{stride}", np.array([1, -1, 1], np.int64))
        nodes.append(helper.make_node("Reshape", [f"at_{stride}", f"flat_{stride}"], [f"cells_{stride}"]))
        strength = 1.0 if stride == 8 else 0.0  # only the finest map has faces
        constant(f"strength_{stride}", np.full((1, 1, 1), strength, np.float32))
        for name, width in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)):
            if name in ("cls", "obj"):
                nodes.append(helper.make_node("Mul", [f"cells_{stride}", f"strength_{stride}"], [f"{name}_{stride}"]))
            else:
                values = [0.5, 0.5, np.log(8), np.log(12)] if name == "bbox" else [-2, -1, 3, -1, 0, 1, -2, 3, 3, 3]
                constant(f"w_{name}_{stride}", np.zeros((1, 1, width), np.float32))
                constant(f"b_{name}_{stride}", np.array(values, np.float32).reshape(1, 1, width))
                nodes.append(
                    helper.make_node("Mul", [f"cells_{stride}", f"w_{name}_{stride}"], [f"zero_{name}_{stride}"])
                )
                nodes.append(
                    helper.make_node("Add", [f"zero_{name}_{stride}", f"b_{name}_{stride}"], [f"{name}_{stride}"])
                )
    shapes: dict[str, list[str | int]] = {"redness": [1, 1, "height", "width"]}
    if outputs:
        widths = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
        shapes = {f"{n}_{s}": [1, f"cells_{s}", wide] for n, wide in widths.items() for s in (8, 16, 32)}
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    taken = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, "height", "width"])
    graph = helper.make_graph(nodes, "stand_in", [taken], infos, constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path


def _scene(height: int, width: int, x: int, y: int, side: int) -> np.ndarray:
    picture = np.full((height, width, 3), (0, 0, 255), np.uint8)
    picture[y : y + side, x : x + side] = (255, 0, 0)
    return picture


def test_opencv_runs_it_and_the_box_lies_in_the_picture(tmp_path: Path) -> None:
    """320 x 320 becomes 256 on a canvas with a border of 32 and 640 without; a red square is one cell or four."""
    finder = YuNet(_stand_in(tmp_path / "stand-in.onnx"))
    faces = finder.find(_scene(320, 320, 160, 100, 10))
    assert faces and faces[0].score == pytest.approx(1.0, abs=0.05)
    (x0, _, x1, y1) = faces[0].box
    assert abs((x0 + x1) / 2 - 165) < 10 and y1 > 110  # the red square's centre, to a cell of the smaller canvas
    assert finder.find(_scene(320, 320, 160, 100, 0)) == []


def test_a_network_of_another_kind_is_told(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match=r"other\.onnx: is no YuNet model"):
        YuNet(_stand_in(tmp_path / "other.onnx", outputs=False))


def test_sfp_detect_takes_it(tmp_path: Path, sfp: Callable) -> None:
    Image.fromarray(_scene(320, 320, 160, 100, 10)).save(tmp_path / "a.png")
    (tmp_path / "bad.onnx").write_bytes(b"nothing")
    done = sfp("detect", tmp_path / "a.png", "--yunet", tmp_path / "bad.onnx")
    assert done.code == 1 and done.err.count("\n") == 1 and "bad.onnx: is no YuNet model" in done.err
    done = sfp("detect", tmp_path / "a.png", "--yunet", _stand_in(tmp_path / "stand-in.onnx"))
    assert done.code == 0 and "face in 1" in done.out, done.err
