"""Faces as lines of WFLW's lists, read back by the training's own reader."""

from pathlib import Path

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.formats.detections_json import BoxedFace
from sfp_core.formats.wflw_lines import as_text
from sfp_core.landmarks import Landmarks
from sfp_core.layout import IBUG_68, WFLW_98
from training.detector_data import PIXEL_CENTRE_OFFSET, read_list

RNG = np.random.default_rng(5)


def _face() -> BoxedFace:
    return BoxedFace(Landmarks(RNG.uniform(-5, 200, (98, 2)), WFLW_98), (-3.25, 0.0, 180.5, 199.0))


def test_wflws_reader_gives_the_faces_back_to_a_thousandth_of_a_pixel(tmp_path: Path) -> None:
    faces = {"a b.png": [_face(), _face()], "empty.png": [], "sub/ünï.jpg": [_face()]}
    path = tmp_path / "found.txt"
    path.write_text(as_text(faces), encoding="utf-8")
    back = read_list(path, pictures=tmp_path, pixel_offset=PIXEL_CENTRE_OFFSET)
    assert [face.picture.relative_to(tmp_path).as_posix() for face in back] == ["a b.png", "a b.png", "sub/ünï.jpg"]
    for mine, theirs in zip([*faces["a b.png"], *faces["sub/ünï.jpg"]], back, strict=True):
        assert np.abs(mine.landmarks.points - theirs.points).max() < 0.0005 + 1e-4  # rounding, and their float32
        assert theirs.box == pytest.approx(mine.box, abs=1e-9)


def test_a_line_has_wflws_tokens_and_pixel_centres_are_whole() -> None:
    points = np.repeat(np.arange(98.0)[:, None] + 0.5, 2, axis=1)  # the centres of pixels (0, 0), (1, 1) ...
    tokens = as_text({"a.png": [BoxedFace(Landmarks(points, WFLW_98), (0.5, 0.5, 97.5, 97.5))]}).split()
    assert len(tokens) == 207
    assert [float(token) for token in tokens[:200]] == [*np.repeat(np.arange(98.0), 2), 0, 0, 97, 97]
    assert tokens[200:] == ["0"] * 6 + ["a.png"]


def test_what_a_line_cannot_hold_is_told() -> None:
    other = BoxedFace(Landmarks(np.zeros((68, 2)), IBUG_68), (0.0, 0.0, 9.0, 9.0))
    with pytest.raises(SfpError, match=r"a\.png: has landmarks of ibug68"):
        as_text({"a.png": [other]})
    for name in ("a\nb.png", " a.png", "a\u2028.png"):
        with pytest.raises(SfpError, match="no way to write this name"):
            as_text({name: [_face()]})
