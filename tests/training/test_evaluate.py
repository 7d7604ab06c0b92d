"""The program that measures a detector, and its page."""

import json
import os
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PIL import Image

from sfp_core.detect.codec import CodecConfig
from sfp_core.detect.detector_file import write_detector
from sfp_core.detect.network import NetworkConfig, StackedHourglass
from sfp_core.layout import IBUG_68, WFLW_98, ibug68_from_wflw98
from training.annotations import FaceAnnotation, PictureAnnotation, wflw_line, write_annotations
from training.evaluate import main
from training.evaluation import Evaluation, evaluate
from training.labelled_sets import read_labelled
from training.report_page import OTHER_DATA, PUBLISHED, cumulative_plot, page


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small detector that has learnt nothing."""
    torch.manual_seed(0)
    small = {"stem_channels": (8, 16), "stem_blocks": (0, 0), "channels": 16, "inner_channels": 8, "head_channels": 8}
    config = NetworkConfig(input_px=64, stages=1, depth=2, neighbours=0, **small)
    path = tmp_path_factory.mktemp("weights") / "blank.safetensors"
    write_detector(path, StackedHourglass(config), CodecConfig(), [[] for _ in range(98)], {"faces": 0, "steps": 0})
    return path


@pytest.fixture(scope="module")
def faces(drawn_data: Callable[[int], Path]) -> Path:
    """Eight drawn faces of 96 px."""
    return drawn_data(8)


def _data(folder: Path, lines: list[str], *, split: str = "test") -> Path:
    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / f"{split}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


def _portraits(folder: Path, faces: Path, *, change: Callable[[list], object] = lambda _: None) -> Path:
    """The drawn faces as a folder of portraits with 68 points that count pixel centres."""
    content = []
    for number, points in enumerate(read_labelled(faces, "val").points):
        Image.open(faces / "images" / f"{number}.png").save(folder / f"{number}.png")
        pairs = (ibug68_from_wflw98(points) - 0.5).tolist()
        content.append({"image": f"{number}.png", "style": f"painter {number % 2}", "points": pairs})
    change(content)
    (folder / "landmarks68.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


class _Page(HTMLParser):
    """Headings, open tags and outside addresses of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.headings: list[str] = []
        self.images = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "link", "iframe")
        for name, value in attrs:
            if name in ("src", "href"):
                assert (value or "").startswith("data:image/jpeg;base64,")
        self.images += tag == "img"
        if tag not in ("meta", "img", "br"):
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.stack[-1:] == ["h2"]:
            self.headings.append(data)


def _known(faces: Path) -> Evaluation:
    data = read_labelled(faces, "val")
    return evaluate(data, data.points + np.arange(8)[:, None, None], detector="a & b <c>", boxes="labelled")


def test_page_has_every_section_and_nothing_from_elsewhere(faces: Path):
    result = _known(faces)
    text = page(result, {"faces": 5, "steps": 7})
    read = _Page(text)
    assert not read.stack
    assert read.headings == [
        "Figures",
        "Cumulative error",
        "Parts of the face",
        "Beside the paper",
        "The worst faces (8)",
        "How it is measured",
    ]
    assert read.images == 8
    assert "a &amp; b &lt;c&gt;" in text and "url(" not in text and "@import" not in text
    assert [float(n) for n in re.findall(r"<b>\d+\. ([\d.]+) %", text)] == sorted(
        (round(100 * float(e), 1) for e in result.measures["98"]), reverse=True
    )


def test_published_figures_are_the_papers_and_marked(faces: Path):
    text = page(_known(faces), {})
    assert text.count(OTHER_DATA) == sum(len(rows) for rows in PUBLISHED.values()) == 13
    for told in ("<td>5.24</td><td>6.48</td><td>0.5313</td>", "<td>16.32</td><td>47.45</td><td>0.1732</td>"):
        assert told in text
    assert text.count("this detector") == len(PUBLISHED)


def test_curve_goes_through_the_shares_of_faces():
    svg = cumulative_plot({"known": np.array([0.02, 0.0505, 0.5, 0.5])})
    root = ElementTree.fromstring(svg)
    lines = [p.get("d", "") for p in root.iter("path") if p.get("fill") == "none" and "L" in p.get("d", "")]
    places = np.array([[float(n) for n in pair.split()] for pair in lines[0][1:].split("L")])
    shares = (places[0, 1] - places[:, 1]) / (places[0, 1] - 20)  # the plot's top edge is at 20
    assert np.allclose(shares[[0, 39, 41, 100, 102, 200]], [0, 0, 0.25, 0.25, 0.5, 0.5], atol=1e-3)


def test_profiles_have_their_own_sheet(tmp_path: Path, faces: Path):
    data = read_labelled(faces, "val")
    points = data.points.copy()
    points[3, 72] = points[3, 60] + (1, 0)
    lines = [wflw_line(face, path.name) for face, path in zip(points, data.pictures, strict=True)]
    folder = _data(tmp_path, lines)
    for path in data.pictures:
        (folder / "images" / path.name).write_bytes(path.read_bytes())
    turned = read_labelled(folder, "test")
    text = page(evaluate(turned, turned.points, detector="d", boxes="labelled"), {})
    assert {"The worst faces (7)", "The worst profiles (1)"} <= set(_Page(text).headings)
    assert "profiles alone" in text and "with profiles</text>" in text


def test_program_writes_page_and_figures_and_ends_with_json(
    faces: Path, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    arguments = [str(faces), "--split", "val", "--weights", str(weights), "--limit", "5"]
    files = ["-o", str(tmp_path / "r.html"), "--json", str(tmp_path / "r.json")]
    assert main([*arguments, *files]) == 0
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record == json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert (record["faces"], record["answered"], record["boxes"]) == (5, 5, "labelled")
    assert set(record["regions"]) == {"contour", "brows", "nose", "eyes", "mouth", "pupils"}
    assert "blank.safetensors" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert main([*arguments, "--jitter", "7"]) == 0
    jittered = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert jittered["boxes"] == "jittered, seed 7" and jittered["nme98"] != record["nme98"]


def test_program_reads_portraits_with_68_points(
    faces: Path, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = _portraits(tmp_path, faces)
    read = read_labelled(folder, "test")
    assert read.layout is IBUG_68
    assert np.allclose(read.points, ibug68_from_wflw98(read_labelled(faces, "val").points), atol=1e-9)
    assert main([str(folder), "--weights", str(weights), "--jitter", "7"]) == 0
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["answered"] == 8 and record["median51"] > 0 and record["nme68"] > 0
    assert [one["faces"] for one in record["groups"]["style"].values()] == [4, 4]
    assert "pupils" not in record["regions"]


def test_groups_come_from_subset_lists_else_from_flags(tmp_path: Path, faces: Path):
    data = read_labelled(faces, "val")
    flags = [(1, 0, 0, 0, 0, number % 2) for number in range(8)]
    named = zip(data.points, data.pictures, flags, strict=True)
    lines = [wflw_line(face, path.name, flags=flag) for face, path, flag in named]
    folder = _data(tmp_path, lines)
    for path in data.pictures:
        (folder / "images" / path.name).write_bytes(path.read_bytes())
    by_flags = {group.name: group.members.tolist() for group in read_labelled(folder, "test").groups}
    assert by_flags == {"pose": [True] * 8, "blur": [False, True] * 4}
    (folder / "subsets").mkdir()
    (folder / "subsets" / "test_hard.txt").write_text(f"{lines[2]}\n{lines[5]}\n", encoding="utf-8")
    (folder / "subsets" / "test_look_oil.txt").write_text(f"{lines[7]}\n", encoding="utf-8")
    (folder / "subsets" / "test_look_ink.txt").write_text("", encoding="utf-8")
    found = {
        (group.kind, group.name): np.flatnonzero(group.members).tolist()
        for group in read_labelled(folder, "test").groups
    }
    assert found == {("attribute", "hard"): [2, 5], ("look", "oil"): [7]}


def test_lists_that_count_pixel_centres_are_moved_by_half_a_pixel_with_their_boxes(faces: Path):
    plain, moved = (read_labelled(faces, "val", pixel_offset=offset) for offset in (0.0, 0.5))
    assert np.allclose(moved.points - plain.points, 0.5, atol=1e-4)
    assert np.allclose(moved.boxes - plain.boxes, 0.5, atol=1e-4)


def test_looks_and_families_come_from_the_annotations(tmp_path: Path, faces: Path):
    data = read_labelled(faces, "val")
    names = [path.name for path in data.pictures]
    folder = _data(tmp_path, [wflw_line(points, name) for points, name in zip(data.points, names, strict=True)])
    for path in data.pictures:
        (folder / "images" / path.name).write_bytes(path.read_bytes())
    looks = ["oil", "render"]
    pictures = [
        _annotated(name, points, looks[n % 2], n)
        for n, (points, name) in enumerate(zip(data.points, names, strict=True))
    ]
    write_annotations(folder / "test.jsonl", pictures[:6])  # two pictures are not in it
    groups = {
        (one.kind, one.name): np.flatnonzero(one.members).tolist() for one in read_labelled(folder, "test").groups
    }
    assert groups == {
        ("look", "oil"): [0, 2, 4],
        ("look", "render"): [1, 3, 5],
        ("family", "anny"): [0, 1, 2],
        ("family", "toon"): [3, 4, 5],
    }


def _annotated(name: str, points: np.ndarray, look: str, number: int) -> PictureAnnotation:
    """A picture with a stranger before the face that is listed."""
    common = {"visible": np.ones(98, bool), "covered": 0, "expression": "neutral", "pose_kind": "sparse"}
    more = {"flags": (0,) * 6, "head_deg": (0.0, 0.0, 0.0), "actions": {}, "openings": {}}
    stranger = FaceAnnotation("b", "human", points + 30, **common, **more)  # type: ignore[arg-type]
    family = "anny" if number < 3 else "toon"
    face = FaceAnnotation("a", family, points, **common, **more)  # type: ignore[arg-type]
    scene = {"light": "key", "style": "soft", "background": "room", "occluder": "", "cut": False}
    rest = {"camera": {}, "degradation": {}, "faces": (stranger, face)}
    return PictureAnnotation(name, (96, 96), (1,), look, **scene, **rest)  # type: ignore[arg-type]


@pytest.mark.skipif("SFP_SHARED_DATA" not in os.environ, reason="SFP_SHARED_DATA names no development data")
def test_every_portrait_of_the_development_data_gets_an_answer(weights: Path, capsys: pytest.CaptureFixture[str]):
    folder = Path(os.environ["SFP_SHARED_DATA"]) / "faces" / "portraits"
    assert main([str(folder), "--weights", str(weights), "--jitter", "7"]) == 0
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (record["faces"], record["answered"], len(record["groups"]["style"])) == (36, 36, 6)


def _short(content: list) -> None:
    content[1]["points"] = content[1]["points"][:5]


def _nameless(content: list) -> None:
    del content[0]["image"]


def _words(content: list) -> None:
    content[2]["points"][0] = ["a", "b"]


def _gone(content: list) -> None:
    content[3]["image"] = "gone.png"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_short, r"landmarks68\.json: \[1\]: points: \(5, 2\) numbers; expected \(68, 2\)"),
        (_nameless, r"landmarks68\.json: \[0\]: expected an object with the picture's name"),
        (_words, r"landmarks68\.json: \[2\]: points: expected 68 pairs of numbers"),
        (_gone, r"pictures that are not there: .*gone\.png"),
        (list.clear, r"landmarks68\.json: expected a list of faces"),
    ],
)
def test_malformed_portraits_are_refused_in_one_line(
    change: Callable[[list], object], told: str, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main([str(_portraits(tmp_path, faces, change=change))]) == 1
    _one_line(capsys, told)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["1 2 3"], r"test\.txt:1: 3 tokens; expected 207"),
        ([wflw_line(np.zeros((98, 2)), "a.png")], r"test\.txt:1: the landmarks lie in less than a pixel"),
        ([], r"test\.txt: no faces in it"),
        ([wflw_line(np.arange(196.0).reshape(98, 2), "a.png")], r"pictures that are not there: .*a\.png"),
    ],
)
def test_malformed_lists_are_refused_in_one_line(
    lines: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main([str(_data(tmp_path, lines))]) == 1
    _one_line(capsys, told)


def test_other_refusals_name_what_is_wrong(
    faces: Path, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main([str(tmp_path / "nowhere")]) == 1
    _one_line(capsys, "no such folder")
    assert main([str(faces), "--split", "other"]) == 1
    _one_line(capsys, r"no other\.txt and no landmarks68\.json")
    assert main([str(faces), "--split", "val", "--limit", "0"]) == 1
    _one_line(capsys, "--limit 0: expected 1 or more")
    assert main([str(faces), "--split", "val", "--weights", str(tmp_path / "none.safetensors")]) == 1
    _one_line(capsys, "none.safetensors")
    outside = _data(tmp_path, [wflw_line(np.arange(196.0).reshape(98, 2) + 500, "a.png")])
    Image.new("RGB", (64, 64)).save(outside / "images" / "a.png")
    assert main([str(outside), "--weights", str(weights)]) == 1
    _one_line(capsys, r"a\.png: box: .* lies wholly outside the picture")


def _one_line(capsys: pytest.CaptureFixture[str], told: str) -> None:
    printed = capsys.readouterr()
    errors = [line for line in printed.err.splitlines() if line.strip()]
    assert printed.out == ""
    assert len(errors) == 1 and errors[0].startswith("evaluate: error: ")
    assert re.search(told, errors[0]), errors[0]


def test_layouts_agree_on_the_eye_corners():
    points = np.random.default_rng(0).uniform(0, 9, (98, 2))
    converted = ibug68_from_wflw98(points)
    for name in ("outer_eye_left", "outer_eye_right"):
        assert np.array_equal(converted[getattr(IBUG_68, name)], points[getattr(WFLW_98, name)])
