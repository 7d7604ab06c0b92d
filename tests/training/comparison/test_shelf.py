"""Detectors off the shelf as child processes: tables, protocol, and the ways in which they fail."""

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sfp_core.detect.pictures import read_picture
from sfp_core.errors import SfpError
from sfp_core.layout import IBUG_68
from training.comparison import shelf as shelf_module
from training.comparison.shelf import KINDS, Shelf, ShelfChoice

BOX = (60, 40, 120, 110)
Patch = Callable[..., Path]
PythonWith = Callable[[str], str]


def _ask(choice: ShelfChoice, *asked: tuple[Path, tuple[float, ...]], timeout_s: float = 20) -> list[np.ndarray | None]:
    with Shelf(choice, timeout_s=timeout_s) as shelf:
        shelf.started()
        found = []
        for path, box in asked:
            points, milliseconds = shelf.find(path, read_picture(path), box)  # type: ignore[arg-type]
            assert 0 < milliseconds < 20_000
            found.append(points)
        return found


def _vertex(number: int, box: tuple[int, int, int, int] = BOX) -> np.ndarray:
    """Where the stand-in for mediapipe puts a vertex."""
    low, size = np.array(box[:2]), np.array(box[2:]) - np.array(box[:2])
    return low + size * [number % 22, number // 22] / 21


# Vertices of what the package itself draws and documents (its face_mesh_connections), by point of iBUG.
@pytest.mark.parametrize(
    ("point", "vertices"),
    [
        (0, (127,)),  # contour at the image's left, first vertex of the oval below the temple
        (8, (152,)),  # chin
        (16, (356,)),
        (17, (70, 46)),  # outer end of the brow's two edges, image left
        (26, (300, 276)),
        (30, (4,)),  # tip of the nose
        (33, (2,)),  # below the nose
        (36, (33,)),  # outer, then inner corner of the eye at the image's left
        (39, (133,)),
        (42, (362,)),
        (45, (263,)),
        (48, (61,)),  # corners of the outer lip
        (54, (291,)),
        (51, (0,)),  # middle of the upper, of the lower lip
        (57, (17,)),
        (60, (78,)),
        (62, (13,)),
        (64, (308,)),
        (66, (14,)),
    ],
)
def test_mesh_vertices_are_put_at_the_points_of_ibug(
    point: int, vertices: tuple[int, ...], mesh_points: np.ndarray
) -> None:
    assert np.allclose(mesh_points[point], np.mean([_vertex(one) for one in vertices], axis=0), atol=1e-9)


@pytest.fixture(scope="module")
def mesh_points(python_with: PythonWith, tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    pixels = np.zeros((160, 200, 3), np.uint8)
    pixels[BOX[1] : BOX[3], BOX[0] : BOX[2], 0] = 1
    path = tmp_path_factory.mktemp("picture") / "face.png"
    Image.fromarray(pixels).save(path)
    (points,) = _ask(ShelfChoice("mediapipe", python_with("mediapipe")), (path, BOX))
    assert points is not None and points.shape == (68, 2)
    return points


# The outlines that the package draws (its face_mesh_connections), vertex after vertex, in iBUG's direction.
OVAL = [127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152]
OVAL += [377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356]
LEFT_EYE = [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7]
RIGHT_EYE = [362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382]
OUTER_LIP = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146]
INNER_LIP = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95]
LEFT_BROW = [70, 63, 105, 66, 107], [46, 53, 52, 65, 55]  # upper edge, lower edge
RIGHT_BROW = [336, 296, 334, 293, 300], [285, 295, 282, 283, 276]
BRIDGE, BASE = [168, 6, 197, 195, 5, 4, 1], [64, 98, 97, 2, 326, 327, 294]


def _turned(outline: list[int], start: int) -> list[int]:
    """A closed outline the other way round, from this place on."""
    return [*outline[start::-1], *outline[:start:-1]]


MIRRORED = [
    (OVAL, OVAL[::-1]),
    (LEFT_EYE, _turned(RIGHT_EYE, 8)),
    (OUTER_LIP, _turned(OUTER_LIP, 10)),
    (INNER_LIP, _turned(INNER_LIP, 10)),
    (BASE, BASE[::-1]),
    *((left, right[::-1]) for left, right in zip(LEFT_BROW, RIGHT_BROW, strict=True)),
]


@pytest.fixture(scope="module")
def table() -> tuple[tuple[int, ...], ...]:
    path = Path(shelf_module.__file__).parent / "children" / KINDS["mediapipe"].backend
    spec = importlib.util.spec_from_file_location("mesh", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.IBUG_68  # type: ignore[no-any-return]


def test_table_of_vertices_is_its_own_mirror_image(table: tuple[tuple[int, ...], ...]) -> None:
    other: dict[int, int] = {}
    for outline, mirrored in MIRRORED:
        other |= dict(zip(outline, mirrored, strict=True)) | dict(zip(mirrored, outline, strict=True))
    assert len(table) == IBUG_68.count
    for point, vertices in enumerate(table):
        assert {other.get(one, one) for one in vertices} == set(table[IBUG_68.mirror[point]]), point


@pytest.mark.parametrize(
    ("outline", "first", "last"),
    [
        (OVAL, 0, 16),
        *((edge, 17, 21) for edge in LEFT_BROW),
        *((edge, 22, 26) for edge in RIGHT_BROW),
        (BRIDGE, 27, 30),
        (BASE, 31, 35),
        (LEFT_EYE, 36, 41),
        (RIGHT_EYE, 42, 47),
        (OUTER_LIP, 48, 59),
        (INNER_LIP, 60, 67),
    ],
)
def test_points_follow_each_other_along_the_outlines(
    outline: list[int], first: int, last: int, table: tuple[tuple[int, ...], ...]
) -> None:
    places = [np.mean([outline.index(one) for one in two if one in outline]) for two in table[first : last + 1]]
    assert (np.diff(places) > 0).all()


def test_of_two_faces_in_the_crop_the_one_in_the_box_is_taken(python_with: PythonWith, patch: Patch) -> None:
    left, right = (4, 4, 60, 90), (62, 4, 120, 90)
    path = patch("two.png", left, right)
    choice = ShelfChoice("mediapipe", python_with("mediapipe"))
    # a box over both, more of it on the right, where the left one is found first; and one that overhangs the picture
    second, first, overhanging = _ask(
        choice, (path, (20.0, 4.0, 110.0, 90.0)), (path, (12.0, 4.0, 100.0, 90.0)), (path, (-20.0, -10.0, 60.0, 92.0))
    )
    for points, box in ((second, right), (first, left), (overhanging, left)):
        assert points is not None
        assert np.allclose(points[36], _vertex(33, box), atol=1e-9)
        assert np.allclose(points[8], _vertex(152, box), atol=1e-9)


def test_no_face_and_face_elsewhere_are_no_answer_but_the_next_is(python_with: PythonWith, patch: Patch) -> None:
    nothing, face = patch("nothing.png"), patch("face.png", BOX)
    choice = ShelfChoice("mediapipe", python_with("mediapipe"))
    found = _ask(choice, (nothing, BOX), (face, (0.0, 0.0, 50.0, 35.0)), (face, BOX))
    assert [one is None for one in found] == [True, True, False]


def test_mediapipe_gets_more_room_where_it_sees_nothing(python_with: PythonWith, patch: Patch) -> None:
    box = (70, 50, 120, 100)  # 50 px: 1.6 times is 80, 2.0 times is 100, and the stand-in wants 90
    (points,) = _ask(ShelfChoice("mediapipe", python_with("mediapipe")), (patch("shy.png", box, mood=7), box))
    assert points is not None and np.allclose(points[45], _vertex(263, box), atol=1e-9)


def test_dlib_uses_its_own_rectangle_else_the_box_and_half_a_pixel(
    python_with: PythonWith, patch: Patch, tmp_path: Path
) -> None:
    model = tmp_path / "model.dat"
    model.write_bytes(b"good model")
    choice = ShelfChoice("dlib", python_with("dlib"), str(model))
    seen = patch("seen.png", (64, 44, 118, 104), colour=2)
    unseen = patch("unseen.png", BOX)
    own, given = _ask(choice, (seen, BOX), (unseen, BOX))
    index = np.arange(68)
    assert own is not None and given is not None
    assert np.array_equal(own, np.stack([64.5 + index, 44.5 + 2 * index], 1))
    half = 1.06 * 70 / 2  # the square of a box of 60 x 70, centre (90, 75), moved up by 0.075 sides
    assert np.abs(given[0] - [90.5 - half, 75.5 - 0.075 * 70 - half]).max() <= 0.5  # the corner is rounded


def test_face_alignment_gets_the_box_itself(python_with: PythonWith, patch: Patch) -> None:
    choice = ShelfChoice("face-alignment", python_with("face-alignment"))
    (points,) = _ask(choice, (patch("face.png", BOX), (60.25, 40.5, 120.0, 110.0)))
    index = np.arange(68)
    assert points is not None and np.allclose(points, np.stack([60.25 + index, 40.5 + 3 * index], 1), atol=1e-9)


def _refused(choice: ShelfChoice) -> str:
    with Shelf(choice, timeout_s=5) as shelf, pytest.raises(SfpError) as caught:
        shelf.started()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "packages", "told"),
    [
        ("mediapipe", "dlib", r"cannot import mediapipe \(No module.*install it there: \S+python -m pip install media"),
        ("mediapipe", "nothing", r"cannot import numpy .*-m pip install mediapipe==0\.10\.14 'numpy<2'$"),
        ("face-alignment", "dlib", r"cannot import face_alignment .*-m pip install face-alignment$"),
        ("dlib", "dlib", r"--shelf dlib: it cannot be loaded: .*give shape_predictor_68_face_landmarks\.dat"),
        ("face-alignment", "face-alignment without net", r"cannot fetch its weights \(<urlopen error no network>\)"),
    ],
)
def test_package_or_weights_that_are_not_there_are_told_in_one_line(
    kind: str, packages: str, told: str, python_with: PythonWith
) -> None:
    assert re.search(told, _refused(ShelfChoice(kind, python_with(packages))))


def test_unusable_model_and_python_are_named(python_with: PythonWith, tmp_path: Path) -> None:
    bad = tmp_path / "bad.dat"
    assert "bad.dat: no such file" in _refused(ShelfChoice("dlib", python_with("dlib"), str(bad)))
    bad.write_bytes(b"nonsense")
    assert "RuntimeError: Unable to open" in _refused(ShelfChoice("dlib", python_with("dlib"), str(bad)))
    assert "takes no model, got" in _refused(ShelfChoice("mediapipe", python_with("mediapipe"), str(bad)))
    with pytest.raises(SfpError, match=r"--shelf dlib: .*no-python cannot be started"):
        Shelf(ShelfChoice("dlib", str(tmp_path / "no-python")), timeout_s=1)


def test_crash_tells_the_picture_the_exit_code_and_the_last_words(python_with: PythonWith, patch: Patch) -> None:
    path = patch("bad.png", BOX, mood=9)
    with pytest.raises(SfpError) as caught:
        _ask(ShelfChoice("mediapipe", python_with("mediapipe")), (path, BOX))
    assert re.fullmatch(
        rf"--shelf mediapipe on {re.escape(str(path))}: it ended with exit code 3; "
        r"its last words: .*first words \| fatal: no such graph",
        str(caught.value),
    )


def test_child_that_takes_too_long_is_ended(python_with: PythonWith, patch: Patch) -> None:
    path = patch("slow.png", BOX, mood=8)
    told = r"on .*slow\.png: no answer in 0\.2 s; --timeout gives it longer"
    with Shelf(ShelfChoice("mediapipe", python_with("mediapipe")), timeout_s=0.2) as shelf:
        shelf.started()
        with pytest.raises(SfpError, match=told):
            shelf.find(path, read_picture(path), BOX)
        shelf._child.wait(4)  # it would sleep for 60 s


def test_child_and_its_files_are_gone_afterwards(python_with: PythonWith, patch: Patch) -> None:
    path = patch("face.png", BOX)
    with Shelf(ShelfChoice("mediapipe", python_with("mediapipe")), timeout_s=20) as shelf:
        shelf.started()
        shelf.find(path, read_picture(path), BOX)
        child, folder = shelf._child, Path(shelf._folder.name)
        assert child.poll() is None and len(list(folder.glob("*.npy"))) == 1
    assert child.returncode == 0 and not folder.exists()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("print('hello')", r"it said 'hello', which is not JSON"),
        ("print('[1]')", r"it said '\[1\]'; expected a JSON object"),
        ("print('{}')", r"its first line is \{\}"),
        ("raise SystemExit(4)", r"it ended with exit code 4$"),
        ("import os; os.abort()", r"it was ended by signal 6"),
    ],
)
def test_a_program_that_is_no_python_of_that_kind_is_told(source: str, told: str, tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!{sys.executable}\n{source}\n", encoding="utf-8")
    program.chmod(0o755)
    assert re.search(told, _refused(ShelfChoice("mediapipe", str(program))))


@pytest.mark.parametrize("answer", ['{"points": [[1, 2]], "ms": 1}', '{"points": "x", "ms": 1}', '{"ms": 1}'])
def test_answers_of_another_form_are_refused(answer: str, tmp_path: Path, patch: Patch) -> None:
    program = tmp_path / "python"
    lines = f"print('{{\"ready\": \"x\"}}', flush=True)\ninput()\nprint('{answer}', flush=True)\ninput()\n"
    program.write_text(f"#!{sys.executable}\n{lines}", encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(SfpError, match=r"--shelf mediapipe on .*face\.png: it"):
        _ask(ShelfChoice("mediapipe", str(program)), (patch("face.png", BOX), BOX))


def test_choices_are_read_and_others_refused() -> None:
    assert ShelfChoice.parsed("mediapipe=/a/python") == ShelfChoice("mediapipe", "/a/python")
    assert ShelfChoice.parsed("dlib=/a/python,m=1.dat") == ShelfChoice("dlib", "/a/python", "m=1.dat")
    for text in ("opencv=/a/python", "dlib", "dlib=", "=x"):
        with pytest.raises(SfpError, match=r"expected KIND=PYTHON with KIND one of mediapipe, dlib, face-alignment"):
            ShelfChoice.parsed(text)
