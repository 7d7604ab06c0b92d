"""`python -m training.compare` from beginning to end: real children, and detectors that have learnt nothing."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from sfp_core.detect.codec import CodecConfig
from sfp_core.detect.detector_file import write_detector
from sfp_core.detect.network import NetworkConfig, StackedHourglass
from sfp_core.layout import ibug68_from_wflw98
from training.annotations import wflw_line
from training.compare import main
from training.comparison import methods
from training.evaluate import main as evaluate_main
from training.labelled_sets import read_labelled

PythonWith = Callable[[str], str]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small detector that has learnt nothing."""
    torch.manual_seed(0)
    small = {"stem_channels": (8, 16), "stem_blocks": (0, 0), "channels": 16, "inner_channels": 8, "head_channels": 8}
    config = NetworkConfig(input_px=64, stages=1, depth=2, neighbours=0, **small)
    path = tmp_path_factory.mktemp("weights") / "blank.safetensors"
    write_detector(path, StackedHourglass(config), CodecConfig(), [[] for _ in range(98)], {})
    return path


@pytest.fixture(autouse=True)
def small_shipped(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped detector is too slow for these tests: a small one stands in."""
    load = methods.Detector.load
    monkeypatch.setattr(methods.Detector, "load", lambda path=None: load(path or weights))


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four pictures of 120 px; the stand-in for mediapipe sees a face in all but the last."""
    folder = tmp_path_factory.mktemp("faces")
    (folder / "images").mkdir()
    rng = np.random.default_rng(3)
    lines = []
    for number in range(4):
        points = rng.uniform(30, 90, (98, 2))
        points[60], points[72] = (40, 50), (80, 50)
        picture = np.zeros((120, 120, 3), np.uint8)
        (x0, y0), (x1, y1) = points.min(0).astype(int), points.max(0).astype(int)
        picture[y0 : y1 + 1, x0 : x1 + 1] = (0, 0, 1 if number < 3 else 0)  # OpenCV's order: red is last
        cv2.imwrite(str(folder / "images" / f"{number}.png"), picture)
        lines.append(wflw_line(points, f"{number}.png"))
    (folder / "test.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


def _run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(one) for one in arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_methods_stand_beside_each_other_on_screen_in_json_and_on_the_page(
    faces: Path, weights: Path, python_with: PythonWith, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = f"mediapipe={python_with('mediapipe')}"
    files = ("-o", tmp_path / "p.html", "--json", tmp_path / "p.json")
    code, out, _ = _run(capsys, faces, "--ours", f"again={weights}", "--shelf", shelf, *files)
    assert code == 0
    lines = out.splitlines()
    record = json.loads(lines[-1])
    assert record == json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    assert list(record) == ["ours", "again", "mediapipe"]
    own, again, mesh = record.values()
    assert {k: v for k, v in own.items() if k != "ms"} == {k: v for k, v in again.items() if k != "ms"}
    assert (own["answered"], mesh["answered"], mesh["faces"], mesh["faces_common"]) == (4, 3, 4, 3)
    assert mesh["fr10_51"] >= 25.0 and mesh["nme98"] is None
    assert min(own["ms"], mesh["ms"]) > 0
    head = "method       answered   NME51 %  median51    FR10 %     AUC10  common %   NME68 %   NME98 %   ms/face"
    assert lines[0] == head
    for line, (name, one) in zip(lines[1:4], record.items(), strict=True):
        figures = [one[key] for key in ("nme51", "median51", "fr10_51", "auc10_51", "nme51_common", "nme68", "nme98")]
        cells = ["-" if value is None else f"{value:.{4 if place == 3 else 2}f}" for place, value in enumerate(figures)]
        assert line.split() == [name, f"{one['answered']}/4", *cells, f"{one['ms']:.1f}"]
    assert len(lines) == 6 and "3 faces that all answered" in lines[4]
    text = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "mediapipe found no face in 1 of 4" in text and "mediapipe 0.0.test: FaceMesh" in text
    assert text.count("no face found") == 1


@pytest.mark.parametrize("more", [(), ("--jitter", 7), ("--jitter", 7, "--limit", 2)], ids=str)
def test_our_row_is_what_evaluate_says(
    more: tuple[object, ...], faces: Path, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(one) for one in (faces, *more)]
    assert evaluate_main([*arguments, "--weights", str(weights)]) == 0
    expected = json.loads(capsys.readouterr().out.splitlines()[-1])
    code, out, _ = _run(capsys, *arguments, "-o", tmp_path / "p.html")
    own = json.loads(out.splitlines()[-1])["ours"]
    assert code == 0
    for key in ("faces", "nme51", "median51", "fr10_51", "auc10_51", "nme68", "nme98", "median98", "fr10_98"):
        assert own[key] == pytest.approx(expected[key], abs=2e-4), key  # batches of one against batches of many
    assert f"{own['faces']} faces, 1 method, boxes {expected['boxes']}." in (tmp_path / "p.html").read_text("utf-8")


def test_child_gets_the_jittered_boxes_and_portraits_their_half_pixel(
    faces: Path, python_with: PythonWith, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = read_labelled(faces, "test")
    content = []
    for path, points in zip(data.pictures, data.points, strict=True):
        (tmp_path / path.name).write_bytes(path.read_bytes())
        content.append({"image": path.name, "points": (ibug68_from_wflw98(points) - 0.5).tolist()})
    (tmp_path / "landmarks68.json").write_text(json.dumps(content), encoding="utf-8")
    shelf = f"face-alignment={python_with('face-alignment')}"
    code, out, _ = _run(capsys, tmp_path, "--jitter", 7, "--shelf", shelf, "-o", tmp_path / "p.html")
    assert code == 0
    portraits = read_labelled(tmp_path, "test")
    index = np.arange(68)
    # the stand-in answers with the corner of the box that it was given
    found = portraits.jittered(7).boxes[:, None, :2] + np.stack([index, 3 * index], 1)
    distances = np.linalg.norm(found - portraits.points, axis=-1)[:, 17:].mean(axis=1)
    scales = np.linalg.norm(portraits.points[:, 36] - portraits.points[:, 45], axis=-1)
    record = json.loads(out.splitlines()[-1])["face-alignment"]
    assert record["nme51"] == pytest.approx(100 * float((distances / scales).mean()), abs=1e-3)
    assert record["answered"] == 4 and record["nme98"] is None


def test_rival_trained_here_takes_part(
    faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.rivals import weights as rival_weights

    truth = read_labelled(faces, "test")
    by_picture = {cv2.imread(str(path))[..., ::-1].tobytes(): n for n, path in enumerate(truth.pictures)}

    class Perfect:
        """Knows the pictures, and is off by a pixel."""

        name = "pipnet"

        def detect_many(self, pictures: list[np.ndarray], boxes: list[tuple[float, ...]]) -> np.ndarray:
            which = [by_picture[picture.tobytes()] for picture in pictures]
            assert np.allclose(boxes, truth.boxes[which])
            return truth.points[which] + [1.0, 0.0]

    def load(path: Path) -> Perfect:
        assert path == Path("r.safetensors")
        return Perfect()

    monkeypatch.setattr(rival_weights, "load_rival", load)
    code, out, _ = _run(capsys, faces, "--rival", "PIPNet=r.safetensors", "-o", tmp_path / "p.html")
    record = json.loads(out.splitlines()[-1])["PIPNet"]
    assert code == 0
    assert record["nme98"] == record["nme51"] == record["median51"] == 2.5 and record["auc10_98"] == 0.75  # 1 of 40 px
    assert "pipnet, r.safetensors: trained here" in (tmp_path / "p.html").read_text(encoding="utf-8")


def test_missing_weights_of_a_rival_are_named(faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = _run(capsys, faces, "--rival", f"p={tmp_path / 'none.safetensors'}", "-o", tmp_path / "p.html")
    _refused(code, out, err, r"none\.safetensors")


def _refused(code: int, out: str, err: str, told: str) -> None:
    lines = [line for line in err.splitlines() if line.strip()]
    assert (code, out, len(lines)) == (1, "", 1), err
    assert lines[0].startswith("compare: error: ") and re.search(told, lines[0]), lines[0]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--limit", 0), "--limit 0: expected 1 or more"),
        (("--jitter", -1), "--jitter -1: expected 0 or more"),
        (("--timeout", "nan"), "--timeout nan: expected 0.001 or more"),
        (("--split", "other"), r"no other\.txt and no landmarks68\.json"),
        (("--ours", "x"), "--ours x: expected NAME=WEIGHTS"),
        (("--rival", "=x"), "--rival =x: expected NAME=WEIGHTS"),
        (("--shelf", "opencv=python"), "--shelf opencv=python: expected KIND=PYTHON"),
        (("--ours", "ours=x"), "methods named twice: ours"),
        (("--ours", "dlib=x", "--shelf", "dlib=y"), "methods named twice: dlib"),
    ],
)
def test_wrong_options_are_refused_in_one_line(
    more: tuple[object, ...], told: str, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _refused(*_run(capsys, faces, *more, "-o", tmp_path / "p.html"), told)
    assert not (tmp_path / "p.html").exists()


def test_everything_that_the_shelf_lacks_is_told_at_once(
    faces: Path, python_with: PythonWith, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    python = python_with("nothing")
    shelf = [f"mediapipe={python}", f"face-alignment={python}"]
    arguments = ["--shelf", shelf[0], "--shelf", shelf[1], "-o", tmp_path / "p.html"]
    told = r"--shelf mediapipe: .*pip install mediapipe==0\.10\.14 .*; --shelf face-alignment: .*pip install face-align"
    _refused(*_run(capsys, faces, *arguments), told)


def test_page_is_asked_for(faces: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(faces)])
    assert ended.value.code == 2 and "-o" in capsys.readouterr().err
