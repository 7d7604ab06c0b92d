"""Lists of faces and their pictures."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sfp_core.errors import SfpError
from training.annotations import wflw_line
from training.detector_data import PIXEL_CENTRE_OFFSET, load_faces, read_list, read_split

POINTS = np.random.default_rng(0).uniform(10, 90, (3, 98, 2))


def _write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_lines_that_synth_writes_are_read_back(tmp_path: Path) -> None:
    lines = [wflw_line(points, f"a b/{i}.jpg", flags=(0, 1, 0, 0, 1, 0)) for i, points in enumerate(POINTS)]
    faces = read_list(_write(tmp_path / "list.txt", *lines, "  "), pictures=tmp_path)
    assert len(faces) == 3
    for index, face in enumerate(faces):
        assert np.abs(face.points - POINTS[index]).max() < 6e-4
        assert np.allclose(face.box, [*POINTS[index].min(0), *POINTS[index].max(0)], atol=6e-3)
        assert face.flags == (0, 1, 0, 0, 1, 0)
        assert face.picture == tmp_path / f"a b/{index}.jpg"


def test_labels_of_wflw_move_by_half_a_pixel(tmp_path: Path) -> None:
    path = _write(tmp_path / "list.txt", wflw_line(POINTS[0], "x.jpg"))
    plain = read_list(path, pictures=tmp_path)[0]
    moved = read_list(path, pictures=tmp_path, pixel_offset=PIXEL_CENTRE_OFFSET)[0]
    assert np.allclose(moved.points - plain.points, 0.5)
    assert np.allclose(np.subtract(moved.box, plain.box), 0.5)


def test_all_malformed_lines_are_told_with_their_numbers(tmp_path: Path) -> None:
    good = wflw_line(POINTS[0], "x.jpg")
    tokens = good.split()
    lines = [
        good,
        " ".join(tokens[:-1]),
        " ".join([*tokens[:5], "nose", *tokens[6:]]),
        " ".join([*tokens[:5], "nan", *tokens[6:]]),
        " ".join([*tokens[:200], "7", *tokens[201:]]),
        wflw_line(np.full((98, 2), 4.0), "x.jpg"),
        good,
    ]
    with pytest.raises(SfpError) as caught:
        read_list(_write(tmp_path / "list.txt", *lines), pictures=tmp_path)
    told = str(caught.value)
    assert "\n" not in told
    places = [f"list.txt:{number}: " for number in (2, 3, 4, 5, 6)]
    assert all(place in told for place in places)
    assert "list.txt:1:" not in told and "list.txt:7:" not in told
    for reason in ("206 tokens; expected 207", "is no number", "not finite", "flags are", "less than a pixel"):
        assert reason in told


def test_a_hundred_malformed_lines_are_counted(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match=r"list\.txt:8: .*; and 92 more$"):
        read_list(_write(tmp_path / "list.txt", *["1 2 3"] * 100), pictures=tmp_path)


def test_empty_and_missing_lists_are_told(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match="no such list of faces"):
        read_list(tmp_path / "none.txt", pictures=tmp_path)
    with pytest.raises(SfpError, match="no faces in it"):
        read_list(_write(tmp_path / "list.txt", ""), pictures=tmp_path)


def test_pictures_are_rgb_and_shared_ones_are_kept_once(tmp_path: Path) -> None:
    flat = np.full((100, 100, 3), (250, 10, 20), np.uint8)
    Image.fromarray(flat).save(tmp_path / "x.png")
    path = _write(tmp_path / "list.txt", *[wflw_line(points, "x.png") for points in POINTS])
    faces = load_faces(read_list(path, pictures=tmp_path))
    assert len(faces) == 3
    assert np.array_equal(faces.pictures[0], flat)
    assert faces.pictures[0] is faces.pictures[2]
    assert faces.points.shape == (3, 98, 2)


def test_pictures_that_cannot_be_read_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture", encoding="utf-8")
    path = _write(tmp_path / "list.txt", wflw_line(POINTS[0], "text.png"), wflw_line(POINTS[1], "none.png"))
    with pytest.raises(SfpError, match=r"text\.png.*none\.png"):
        load_faces(read_list(path, pictures=tmp_path))


def test_a_split_is_a_list_and_its_images(drawn_data: Callable[[int], Path]) -> None:
    assert len(read_split(drawn_data(8), "train")) == 8
