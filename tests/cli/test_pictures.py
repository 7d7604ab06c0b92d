"""`sfp detect` and `sfp draw` with the shipped weights, on pictures whose landmarks are known exactly."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sfp_core.geometry import nme
from sfp_core.layout import WFLW_98
from sfp_core.rigs.procedural import ProceduralCharacter

TOON = ProceduralCharacter.named("toon")


def _box(points: np.ndarray) -> list[float]:
    return [float(edge) for edge in (*points.min(axis=0), *points.max(axis=0))]


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "portrait.png"
    Image.fromarray(TOON.picture(TOON.rig.neutral, size=256)).save(path)
    return path


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    return TOON.landmarks(TOON.rig.neutral, size=256)


def _error(entry: dict, truth: np.ndarray) -> float:
    assert set(entry) == {"layout", "points", "confidence", "box"}
    assert entry["layout"] == "wflw98"
    assert np.shape(entry["confidence"]) == (98,)
    return float(nme(np.array(entry["points"]), truth, WFLW_98))


def test_a_given_box_is_used_and_the_landmarks_are_found(sfp: Callable, portrait: Path, truth: np.ndarray) -> None:
    done = sfp("detect", portrait, "--json", "--box", *_box(truth))
    assert (done.code, done.err) == (0, "")
    content = json.loads(done.out)
    assert list(content) == [str(portrait)]
    assert np.allclose(content[str(portrait)][0]["box"], _box(truth), atol=0.001)
    assert _error(content[str(portrait)][0], truth) < 0.06


def test_without_a_box_the_face_is_looked_for(sfp: Callable, portrait: Path, truth: np.ndarray) -> None:
    done = sfp("detect", portrait, "--json")
    assert (done.code, done.err) == (0, "")
    faces = json.loads(done.out)[str(portrait)]
    assert len(faces) == 1
    assert _error(faces[0], truth) < 0.07


def test_a_box_that_overhangs_the_picture_is_used(
    sfp: Callable, tmp_path: Path, portrait: Path, truth: np.ndarray
) -> None:
    cut = int(truth[:, 0].min()) + 12  # the picture now begins inside the face
    Image.open(portrait).crop((cut, 0, 256, 256)).save(tmp_path / "cut.png")
    x0, y0, x1, y1 = _box(truth)
    done = sfp("detect", tmp_path / "cut.png", "--json", "--box", x0 - cut, y0, x1 - cut, y1)
    assert done.code == 0, done.err
    face = json.loads(done.out)[str(tmp_path / "cut.png")][0]
    assert face["box"][0] == pytest.approx(x0 - cut, abs=0.001)
    assert face["box"][0] < 0
    assert _error(face, truth - [cut, 0.0]) < 0.12


def test_a_folder_with_a_bad_picture_gives_the_others_and_names_it(
    sfp: Callable, tmp_path: Path, portrait: Path, truth: np.ndarray
) -> None:
    folder = tmp_path / "shots"
    (folder / "two").mkdir(parents=True)
    for name in ("one.png", "two/three.png"):
        Image.open(portrait).save(folder / name)
    (folder / "bad.png").write_bytes(b"no picture")
    (tmp_path / "boxes.json").write_text(json.dumps({"one.png": [_box(truth)]}), encoding="utf-8")
    done = sfp("detect", folder, "--boxes", tmp_path / "boxes.json", "-o", tmp_path / "found.json")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"sfp: error: {folder / 'bad.png'}: not a picture")
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert sorted(found) == ["one.png", "two/three.png"]
    assert np.allclose(found["one.png"][0]["box"], _box(truth), atol=0.001)


def test_boxes_for_a_picture_that_is_not_there_are_refused(
    sfp: Callable, tmp_path: Path, portrait: Path, truth: np.ndarray
) -> None:
    (tmp_path / "boxes.json").write_text(json.dumps({"typo.png": _box(truth)}), encoding="utf-8")
    done = sfp("detect", portrait.parent, "--boxes", tmp_path / "boxes.json")
    assert done.code == 1
    assert done.err.startswith(f"sfp: error: {tmp_path / 'boxes.json'}: 'typo.png' is no picture of {portrait.parent}")


def test_landmarks_are_drawn_on_their_picture(sfp: Callable, tmp_path: Path, portrait: Path, truth: np.ndarray) -> None:
    assert sfp("detect", portrait, "--box", *_box(truth), "-o", tmp_path / "found.json").code == 0
    done = sfp("draw", tmp_path / "found.json", portrait, "-o", tmp_path / "drawn.png")
    assert (done.code, done.err) == (0, f"sfp: wrote {tmp_path / 'drawn.png'} (1 face)\n")
    before, after = (
        np.asarray(Image.open(path).convert("RGB"), dtype=int) for path in (portrait, tmp_path / "drawn.png")
    )
    changed = np.abs(after - before).max(axis=2) > 40
    points = np.array(json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))[str(portrait)][0]["points"])
    columns, rows = np.clip(points, 0, 255).astype(int).T
    assert changed[rows, columns].mean() > 0.9  # there is something at nearly every landmark
    assert changed.mean() < 0.2  # and nothing at most other places


def test_drawing_needs_an_entry_for_the_picture(sfp: Callable, tmp_path: Path, portrait: Path) -> None:
    (tmp_path / "found.json").write_text('{"other.png": [], "another.png": []}', encoding="utf-8")
    done = sfp("draw", tmp_path / "found.json", portrait, "-o", tmp_path / "drawn.png")
    assert done.code == 1
    assert done.err == (
        f"sfp: error: {tmp_path / 'found.json'}: has no entry for {portrait}; it has other.png, another.png\n"
    )


@pytest.mark.parametrize("suffix", [".txt", ".npz"])
def test_faces_are_written_as_wflw_lines_and_as_arrays(
    sfp: Callable, tmp_path: Path, portrait: Path, truth: np.ndarray, suffix: str
) -> None:
    folder = tmp_path / "shots"
    folder.mkdir()
    Image.open(portrait).save(folder / "a b.png")
    Image.new("RGB", (64, 64)).save(folder / "black.png")
    for name in ("found.json", f"found{suffix}"):
        assert sfp("detect", folder, "-o", tmp_path / name).code == 0
    points = np.array(json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))["a b.png"][0]["points"])
    if suffix == ".txt":
        (line,) = (tmp_path / "found.txt").read_text(encoding="utf-8").splitlines()
        assert line.endswith(" 0 0 0 0 0 0 a b.png")
        assert np.abs(np.array(line.split()[:196], float).reshape(98, 2) + 0.5 - points).max() < 0.002
    else:
        with np.load(tmp_path / "found.npz", allow_pickle=False) as archive:
            assert archive["points"].shape == (2, 98, 2) and str(archive["space"]) == "image"
            assert np.abs(archive["points"][0] - points).max() < 0.001
            assert archive["confidence"][0].min() > 0 and not archive["confidence"][1].any()
            assert json.loads(json.loads(str(archive["info"]))["pictures"]) == ["a b.png", "black.png"]
        done = sfp("draw", tmp_path / "found.npz", folder / "a b.png", "-o", tmp_path / "drawn.png")
        assert done.err == f"sfp: wrote {tmp_path / 'drawn.png'} (1 face)\n"
        assert "(0 faces)" in sfp("draw", tmp_path / "found.npz", folder / "black.png", "-o", tmp_path / "d.png").err


def test_a_picture_is_not_written_over(sfp: Callable, tmp_path: Path, portrait: Path) -> None:
    mine = tmp_path / "mine.png"
    mine.write_bytes(portrait.read_bytes())
    done = sfp("detect", mine, "-o", mine)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "landmarks of pictures are written as .json, as .txt" in done.err
    (tmp_path / "found.json").write_text(json.dumps({"mine.png": []}), encoding="utf-8")
    done = sfp("draw", tmp_path / "found.json", mine, "-o", mine)
    assert (done.code, done.err) == (
        1,
        f"sfp: error: {mine}: is what is read here, and would be lost; choose another -o\n",
    )
    assert mine.read_bytes() == portrait.read_bytes()


def test_boxes_of_a_folder_serve_for_one_of_its_pictures(
    sfp: Callable, tmp_path: Path, portrait: Path, truth: np.ndarray
) -> None:
    x0, y0, x1, y1 = _box(truth)
    several = [[x0, y0, x1, y1], [x0 - 5, y0 - 5, x1, y1]]
    (tmp_path / "boxes.json").write_text(json.dumps({"other.png": [0, 0, 9, 9], "portrait.png": several}), "utf-8")
    done = sfp("detect", portrait, "--boxes", tmp_path / "boxes.json", "--json")
    assert (done.code, done.err) == (0, "")
    assert np.allclose([face["box"] for face in json.loads(done.out)[str(portrait)]], several, atol=0.001)
    (tmp_path / "boxes.json").write_text(json.dumps({"other.png": [0, 0, 9, 9]}), "utf-8")
    done = sfp("detect", portrait, "--boxes", tmp_path / "boxes.json", "--json")
    assert done.code == 0 and len(json.loads(done.out)[str(portrait)]) == 1
    assert "has no entry for" in done.err and done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("box", "told"),
    [
        ((300, 300, 500, 500), "box: (300, 300, 500, 500) lies wholly outside the picture of 256 x 256 px"),
        ((200, 200, 50, 50), "box: (200, 200, 50, 50) is less than a pixel wide or high; expected x0 < x1 and y0 < y1"),
        (("nan", 0, 50, 50), "box: expected four finite numbers x0 y0 x1 y1, got (nan, 0.0, 50.0, 50.0)"),
    ],
)
def test_a_box_that_cannot_be_used_is_told(sfp: Callable, portrait: Path, box: tuple, told: str) -> None:
    done = sfp("detect", portrait, "--box", *box)
    assert (done.code, done.err) == (1, f"sfp: error: {portrait}: {told}\n")


def test_of_ten_pictures_three_bad_ones_are_named(sfp: Callable, tmp_path: Path, portrait: Path) -> None:
    folder = tmp_path / "shots"
    folder.mkdir()
    small = Image.open(portrait).resize((64, 64))
    for index in range(7):
        small.save(folder / f"{index:03}.jpg")
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.jpg").write_text("no picture", encoding="utf-8")
    (folder / "cut.jpg").write_bytes(portrait.read_bytes()[:500])
    boxes = {f"{index:03}.jpg": [10, 15, 54, 60] for index in range(7)}
    (tmp_path / "boxes.json").write_text(json.dumps(boxes), encoding="utf-8")
    command = ("detect", folder, "--boxes", tmp_path / "boxes.json", "-o", tmp_path / "found.json")
    done = sfp(*command, "--progress", "none")
    assert done.code == 1
    told = "3 of 10 pictures could not be used (cut.jpg, empty.png, text.jpg); the others are done"
    assert done.err == f"sfp: error: {folder}: {told}\n"
    assert len(json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))) == 7
