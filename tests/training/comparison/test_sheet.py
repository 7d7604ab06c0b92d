"""Figures, curves, red points and sheets, on answers that are known."""

import base64
import re
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from PIL import Image

from sfp_core.layout import IBUG_68, WFLW_98, Layout, ibug68_from_wflw98
from training.comparison.curves import curves_plot
from training.comparison.figures import Comparison, compare, matched
from training.comparison.methods import Answers
from training.comparison.page import page
from training.comparison.sheet import sheet
from training.evaluation import evaluate
from training.labelled_sets import LabelledSet
from training.report_faces import points_off


def _set(folder: Path, count: int, layout: Layout = WFLW_98) -> LabelledSet:
    """Grey pictures of 256 px, whose faces have boxes of 204.8 px: the crop is 256 px, and so a pixel of it is one."""
    rng = np.random.default_rng(5)
    points = rng.uniform(25.6, 230.4, (count, 98, 2))
    points[:, 60], points[:, 72] = (80, 100), (180, 100)  # 100 px between the eye corners: errors are pixels / 100
    points[:, 0], points[:, 16] = (25.6, 25.6), (230.4, 230.4)
    paths = []
    for number in range(count):
        paths.append(folder / f"{number}.png")
        Image.new("RGB", (256, 256), (90, 90, 90)).save(paths[-1])
    boxes = np.tile([25.6, 25.6, 230.4, 230.4], (count, 1))
    true = points if layout is WFLW_98 else ibug68_from_wflw98(points)
    return LabelledSet("known", layout, tuple(paths), true, boxes)


def _answers(name: str, points: np.ndarray, milliseconds: float = 1.0) -> Answers:
    layout = WFLW_98 if points.shape[1] == 98 else IBUG_68
    return Answers(name, f"{name} told", layout, points, np.full(len(points), milliseconds))


def _known(folder: Path) -> Comparison:
    """Eight faces: ours is off by 1, 2 ... 8 px; a rival of 68 points by 4 px, and it gives up on two faces."""
    data = _set(folder, 8)
    own = data.points + np.arange(1, 9)[:, None, None] * np.array([0.6, 0.8])
    other = ibug68_from_wflw98(data.points) + np.array([0, 4])
    other[[2, 7]] = np.nan
    return compare(data, [_answers("ours", own), _answers("rival", other, 5.0)], boxes="labelled")


def test_missing_faces_fail_and_are_in_no_mean(tmp_path: Path) -> None:
    record = _known(tmp_path).record()
    own, other = record["ours"], record["rival"]
    assert (own["answered"], own["nme51"], own["median51"], own["fr10_51"]) == (8, 4.5, 4.5, 0.0)
    assert own["nme98"] == own["nme68"] == 4.5 and own["auc10_98"] == 0.55
    assert (other["answered"], other["faces"], other["nme51"], other["median51"]) == (6, 8, 4.0, 4.0)
    assert other["fr10_51"] == 25.0 and other["auc10_51"] == pytest.approx(0.6 * 6 / 8)
    assert other["nme98"] is None and other["layout"] == "ibug68"
    assert own["faces_common"] == other["faces_common"] == 6
    assert own["nme51_common"] == pytest.approx((1 + 2 + 4 + 5 + 6 + 7) / 6, abs=1e-4)
    assert other["nme51_common"] == 4.0 and (own["ms"], other["ms"]) == (1.0, 5.0)


@pytest.mark.parametrize("layout", [WFLW_98, IBUG_68], ids=lambda layout: layout.name)
def test_figures_are_those_of_evaluate(layout: Layout, tmp_path: Path) -> None:
    data = _set(tmp_path, 6, layout)
    data.points[4, layout.outer_eye_right] = data.points[4, layout.outer_eye_left] + [3, 0]  # a profile
    full = _set(tmp_path, 6).points
    found = full + np.random.default_rng(1).normal(0, 6, full.shape)
    expected = evaluate(data, found, detector="d", boxes="labelled").record()
    got = compare(data, [_answers("ours", found)], boxes="labelled").figures(0)
    shared = [key for key in got if key in expected and got[key] is not None and key != "layout"]
    assert {"nme51", "median51", "fr10_51", "auc10_51", "nme68", "profiles", "answered"} <= set(shared)
    assert ("nme98" in shared) == (layout is WFLW_98)
    assert {key: got[key] for key in shared} == {key: expected[key] for key in shared}
    assert expected["profiles"] == 1


def test_layouts_meet_in_the_one_that_both_have() -> None:
    points = np.random.default_rng(2).uniform(0, 9, (3, 98, 2))
    short = ibug68_from_wflw98(points)
    for one, layout in ((points, WFLW_98), (short, IBUG_68)):
        for other, of in ((points, WFLW_98), (short, IBUG_68)):
            found, true = matched(one, layout, other, of)
            expected = points if layout is of is WFLW_98 else short
            assert np.array_equal(found, expected) and np.array_equal(true, expected)


def test_points_are_off_beyond_8_px_of_the_256_px_crop() -> None:
    true = np.zeros((2, 4, 2))
    found = np.array([[[8.0, 0], [8.001, 0], [0, -8.001], [-5.6, -5.6]]] * 2)
    boxes = np.array([[0, 0, 204.8, 100], [0, 0, 100, 409.6]])  # crops of 256 and of 512 px
    assert points_off(found, true, boxes).tolist() == [[False, True, True, False], [False] * 4]
    assert points_off(2 * found, true, boxes)[1].tolist() == [False, True, True, False]


def test_hardest_are_worst_first_and_the_spread_has_none_of_them(tmp_path: Path) -> None:
    result = _known(tmp_path)
    assert result.hardest(3) == [7, 6, 5]
    assert result.spread(3, without=[7, 6, 5]) == [0, 2, 4]
    assert result.spread(9, without=[7]) == list(range(7))


def _cells(text: str) -> list[np.ndarray]:
    """The pictures of a sheet, RGB."""
    found = []
    for data in re.findall(r'src="data:image/jpeg;base64,([^"]+)"', text):
        picture = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)
        found.append(picture[..., ::-1].astype(int))
    return found


def _closed(text: str) -> str:
    """HTML as XML wants it."""
    return re.sub(r"(<img[^>]*)>", r"\1/>", text)


def _is_red(picture: np.ndarray) -> np.ndarray:
    return np.asarray((picture[..., 0] > 180) & (picture[..., 1] < 120) & (picture[..., 2] < 120))


def _is_blue(picture: np.ndarray) -> np.ndarray:
    return np.asarray((picture[..., 2] > 190) & (picture[..., 0] < 130) & (picture[..., 1] > 140))


def test_sheet_draws_red_where_a_point_is_off_and_blue_where_not(tmp_path: Path) -> None:
    data = _set(tmp_path, 1)
    found = data.points.copy()
    found[0, 33] += [0, 30]  # one point is far off
    result = compare(data, [_answers("ours", found), _answers("exact", data.points)], boxes="labelled")
    labels, off, exact = _cells(sheet(result, [0]))
    assert labels.shape == off.shape == (288, 288, 3)
    assert not _is_red(labels).any() and not _is_blue(labels).any()  # green lines alone
    assert (labels[..., 1] > labels[..., 0] + 60).sum() > 500
    assert not _is_red(exact).any() and _is_blue(exact).sum() > 98
    # the tile is 1.5 boxes wide around the box's centre
    at = (found[0, 33] - 128) * 288 / (1.5 * 204.8) + 144
    ys, xs = np.nonzero(_is_red(off))
    assert np.hypot(xs + 0.5 - at[0], ys + 0.5 - at[1]).min() < 1.5
    line = (data.points[0, 33] - 128) * 288 / (1.5 * 204.8) + 144  # red goes from there to the true place, no further
    assert np.ptp(ys) <= abs(at[1] - line[1]) + 6 and np.ptp(xs) <= 8


def test_sheet_has_a_row_a_face_a_column_a_method_and_says_no_face(tmp_path: Path) -> None:
    result = _known(tmp_path)
    root = ElementTree.fromstring(_closed(sheet(result, [6, 1, 2])))
    assert [cell.text for cell in root.iter("th")] == ["labels", "ours", "rival"]
    told = [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")][1:]
    assert told == [
        ["6.png", "7.0 % 0 of 98 off", "4.0 % 0 of 68 off"],
        ["1.png", "2.0 % 0 of 98 off", "4.0 % 0 of 68 off"],
        ["2.png", "3.0 % 0 of 98 off", "no face found"],
    ]


def test_truth_of_68_points_is_compared_with_the_68_that_98_imply(tmp_path: Path) -> None:
    data = _set(tmp_path, 1, IBUG_68)
    found = _set(tmp_path, 1).points
    found[0, 34] += [0, 12]  # half of what point 18 is made of, and so 6 px
    found[0, 35] += [0, 24]
    text = sheet(compare(data, [_answers("ours", found)], boxes="labelled"), [0])
    assert "1 of 68 off" in text


def _curve(svg: str, number: int) -> list[tuple[float, float]]:
    """Corners (error, share) of a curve, from its path of steps."""
    root = ElementTree.fromstring(svg)
    lines = [p.get("d", "") for p in root.iter("path") if p.get("fill") == "none" and "H" in p.get("d", "")]
    at = re.fullmatch(r"M([\d.]+) ([\d.]+)(.*)", lines[number])
    assert at is not None
    x, y = float(at[1]), float(at[2])
    corners = []
    for letter, value in re.findall(r"([HV])([\d.]+)", at[3]):
        x, y = (float(value), y) if letter == "H" else (x, float(value))
        corners.append(((x - 56) / 560 * 0.1, 1 - (y - 20) / 320))
    return corners


def test_curves_step_at_every_face_and_never_reach_missing_ones() -> None:
    svg = curves_plot({"a": np.array([0.05, 0.02, np.inf, 0.3]), "b & c": np.array([0.01, 0.01])})
    assert np.allclose(_curve(svg, 0), [(0.02, 0), (0.02, 0.25), (0.05, 0.25), (0.05, 0.5), (0.1, 0.5)], atol=2e-4)
    assert np.allclose(_curve(svg, 1)[-1], (0.1, 1.0), atol=2e-4)
    assert "b &amp; c" in svg


def test_eighteen_curves_look_all_different() -> None:
    svg = curves_plot({f"m{n}": np.array([0.05]) for n in range(18)})
    looks = re.findall(r'<path d="M636 [^"]*" fill="none" stroke="([^"]+)"[^>]*?(stroke-dasharray="[^"]*")?/>', svg)
    assert len(looks) == len(set(looks)) == 18


def test_page_needs_nothing_else_and_hides_no_missing_face(tmp_path: Path) -> None:
    result = _known(tmp_path)
    text = page(result)
    assert re.findall(r"<h2>([^<]*)</h2>", text) == [
        "Figures",
        "Cumulative error",
        "Hardest for ours (8)",
        "What each method sees",
        "How it is measured",
    ]
    assert "rival found no face in 2 of 8" in text and '<td class="lacking">6 of 8</td>' in text
    assert "a face without an answer counts as failed" in text
    assert "<b>rival</b>: rival told; 68 points" in text
    assert text.count("<svg") == 2  # inner 51 of both, all 98 of ours
    assert not re.search(r"<(script|link|iframe)|url\(|@import|https?://", text)
    assert len(_cells(text)) == 8 * 3 - 2
    body = re.search(r"<body>.*</body>", _closed(text), re.DOTALL)
    assert body is not None and ElementTree.fromstring(body[0]).tag == "body"
