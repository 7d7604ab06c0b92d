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
