"""Faces of pictures as JSON."""

import json
from pathlib import Path

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.formats.detections_json import BoxedFace, as_text, read, read_boxes
from sfp_core.landmarks import Landmarks
from sfp_core.layout import WFLW_98

RNG = np.random.default_rng(5)


def _face() -> BoxedFace:
    landmarks = Landmarks(RNG.uniform(0, 200, (98, 2)), WFLW_98, "image", RNG.uniform(0, 1, 98))
    return BoxedFace(landmarks, (-3.25, 0.0, 180.5, 199.0))


def test_what_is_written_is_read_back_to_a_thousandth_of_a_pixel(tmp_path: Path) -> None:
    faces = {"a.png": [_face(), _face()], "sub/ünï.jpg": [], "c.png": [_face()]}
    path = tmp_path / "found.json"
    path.write_text(as_text(faces), encoding="utf-8")
    back = read(path)
    assert {name: len(found) for name, found in back.items()} == {"a.png": 2, "sub/ünï.jpg": 0, "c.png": 1}
    for name, found in back.items():
        for mine, theirs in zip(faces[name], found, strict=True):
            assert np.abs(mine.landmarks.points - theirs.landmarks.points).max() <= 0.0005 + 1e-9
            assert np.abs(mine.landmarks.confidence - theirs.landmarks.confidence).max() <= 0.00005 + 1e-9
            assert mine.box == theirs.box


def test_the_text_has_the_keys_of_the_contract() -> None:
    content = json.loads(as_text({"a.png": [_face()], "b.png": []}))
    assert content["b.png"] == []
    assert set(content["a.png"][0]) == {"layout", "points", "confidence", "box"}
    assert content["a.png"][0]["layout"] == "wflw98"
    assert np.array(content["a.png"][0]["points"]).shape == (98, 2)


def test_one_box_or_several_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "boxes.json"
    path.write_text('{"a.png": [1, 2, 3, 4.5], "b.png": [[0, 0, 9, 9], [5, 5, 8, 8]]}', encoding="utf-8")
    assert read_boxes(path) == {"a.png": [(1.0, 2.0, 3.0, 4.5)], "b.png": [(0.0, 0.0, 9.0, 9.0), (5.0, 5.0, 8.0, 8.0)]}


@pytest.mark.parametrize(
    "box", ["[1, 2, 3]", "[]", "7", '["a", 2, 3, 4]', "[1, 2, 3, NaN]", "[[1, 2, 3, 4], [1, 2]]"], ids=str
)
def test_what_is_no_box_is_named_with_its_place(tmp_path: Path, box: str) -> None:
    path = tmp_path / "boxes.json"
    path.write_text(f'{{"good.png": [1, 2, 3, 4], "bad.png": {box}}}', encoding="utf-8")
    with pytest.raises(SfpError, match=r"boxes\.json: 'bad\.png'.*four numbers|expected a box"):
        read_boxes(path)


@pytest.mark.parametrize(
    ("face", "message"),
    [
        ("7", r"'a'\[0\]: expected an object, got int"),
        ('{"layout": "wflw98"}', r"'a'\[0\]: has no 'points'"),
        ('{"layout": "mine", "points": []}', r"'a'\[0\]: landmark layout 'mine' is unknown"),
        ('{"layout": "wflw98", "points": [[1, 2]]}', r"'a'\[0\]: landmarks: points: expected an array of shape"),
        ('{"layout": "wflw98", "points": [[1], [2, 3]]}', r"'a'\[0\]: points and confidence must be lists of numbers"),
    ],
)
def test_what_is_no_face_is_named_with_its_place(tmp_path: Path, face: str, message: str) -> None:
    path = tmp_path / "found.json"
    path.write_text(f'{{"a": [{face}]}}', encoding="utf-8")
    with pytest.raises(SfpError, match=message):
        read(path)
