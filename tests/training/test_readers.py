"""Readers of other people's sets of faces, and training on them by the configuration alone."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from sfp_core.detect.codec import Codec, CodecConfig
from sfp_core.detect.crop import CropRegion, tight_box
from sfp_core.detect.network import StageMaps
from sfp_core.errors import SfpError
from sfp_core.layout import IBUG_68, WFLW_98, ibug68_from_wflw98
from training.annotations import wflw_line
from training.augment import AugmentConfig, weighted_crops
from training.detector_data import FaceSet, LabelledFace, closeup, load_faces
from training.detector_losses import LossConfig, total_loss
from training.readers import layouts
from training.readers.sources import DataConfig, Source, load_sources, read_source
from training.train_detector import main, read_config

RNG = np.random.default_rng(4)
POINTS = RNG.uniform(10, 90, (3, 98, 2)).round(3)
POINTS_68 = RNG.uniform(10, 90, (68, 2)).round(3)
SHARED = os.environ.get("SFP_SHARED_DATA", "")
WITH_DATA = pytest.mark.skipif(
    not (Path(SHARED) / "faces" / "wflw").is_dir() or not SHARED, reason="SFP_SHARED_DATA names no folder with faces"
)


def _json(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _pts(points: np.ndarray) -> str:
    rows = [f"{x:.6f} {y:.6f}" for x, y in points]
    return "\n".join(["version: 1", f"n_points:  {len(points)}", "{", *rows, "}", ""])


def _coco(*faces: np.ndarray, flag: int = 1) -> dict[str, Any]:
    annotations = [
        {"image_id": 7, "id": number, "keypoints": np.column_stack([face, np.full(len(face), flag)]).ravel().tolist()}
        for number, face in enumerate(faces)
    ]
    return {"images": [{"id": 7, "file_name": "a.png", "width": 100, "height": 100}], "annotations": annotations}


def _flsc(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"format": "sfp.flsc", "version": 1, **more, "faces": list(entries)}


def _entry(points: np.ndarray, **more: Any) -> dict[str, Any]:
    return {"picture": "a.png", "points": points.tolist(), **more}


def _written(folder: Path, kind: str) -> Source:
    """POINTS[0] or POINTS_68 as a file of this format that counts pixels as the format does."""
    Image.new("RGB", (100, 100)).save(folder / "a.png")
    if kind == "wflw":
        (folder / "l.txt").write_text(wflw_line(POINTS[0] - 0.5, "a.png"), encoding="utf-8")
        return Source("wflw", str(folder / "l.txt"))
    if kind == "list":
        (folder / "l.txt").write_text(wflw_line(POINTS[0], "a.png"), encoding="utf-8")
        return Source("list", str(folder / "l.txt"), pictures=str(folder))
    if kind == "flsc":
        return Source("flsc", str(_json(folder / "l.json", _flsc(_entry(POINTS[0])))))
    if kind == "flsc centres":
        return Source("flsc", str(_json(folder / "l.json", _flsc(_entry(POINTS[0] - 0.5), pixels="centres"))))
    if kind == "coco":
        return Source("coco", str(_json(folder / "l.json", _coco(POINTS[0] - 0.5))))
    if kind == "coco 68":
        return Source("coco", str(_json(folder / "l.json", _coco(POINTS_68 - 0.5, flag=2))))
    if kind == "pts":
        (folder / "a.pts").write_text(_pts(POINTS_68 + 0.5), encoding="utf-8")
        return Source("pts", str(folder))
    rows = (POINTS_68[:, ::-1] - 0.5).tolist()
    halves = [{"label": name, "landmarks": [{"point": row} for row in part]} for name, part in (("a", rows[:17]),)]
    halves.append({"label": "b", "landmarks": [{"point": row} for row in rows[17:]]})
    content: dict[str, Any] = {
        "ljson 1": {"version": 1, "groups": halves},
        "ljson 2": {"version": 2, "labels": [], "landmarks": {"points": rows}},
        "ljson 3": {"version": 3, "groups": {"LJSON": {"landmarks": {"points": rows}}}},
    }[kind]
    _json(folder / "a.ljson", content)
    return Source("ljson", str(folder))


@pytest.mark.parametrize("kind", ["wflw", "list", "flsc", "flsc centres", "coco"])
def test_all_98_points_come_back_where_pixel_0_covers_0_to_1(tmp_path: Path, kind: str) -> None:
    (face,) = read_source(_written(tmp_path, kind))
    assert np.abs(face.points - POINTS[0]).max() < 1e-5  # float32 of numbers below 100
    assert np.allclose(face.box, tight_box(POINTS[0]), atol=6e-3)  # lists round boxes to a hundredth
    assert face.weights is None and face.picture == tmp_path / "a.png"


@pytest.mark.parametrize("kind", ["coco 68", "pts", "ljson 1", "ljson 2", "ljson 3"])
def test_68_points_come_back_where_pixel_0_covers_0_to_1(tmp_path: Path, kind: str) -> None:
    (face,) = read_source(_written(tmp_path, kind))
    assert np.abs(ibug68_from_wflw98(face.points) - POINTS_68).max() < 3e-5
    assert face.weights is not None and int(face.weights.sum()) == 52
    assert face.picture == tmp_path / "a.png"


def test_98_to_68_undoes_68_to_98_and_points_that_coincide_are_untouched() -> None:
    points, weights = layouts.wflw98_from(POINTS_68)
    assert np.allclose(ibug68_from_wflw98(points), POINTS_68, atol=1e-12)
    same = layouts.wflw_of_ibug()
    assert np.array_equal(points[same[same >= 0]], POINTS_68[same >= 0])
    assert set(np.flatnonzero(weights)) == set(same[same >= 0])
    for name in ("outer_lip", "inner_lip", "nose"):
        assert np.array_equal(same[IBUG_68.group(name)], WFLW_98.group(name))
    whole = POINTS[0]
    again, known = layouts.wflw98_from(ibug68_from_wflw98(whole))  # the other way round: where they coincide
    assert np.array_equal(again[known > 0], whole[known > 0])


@pytest.mark.parametrize("count", [68, 29, 19])
def test_tables_mirror_themselves(count: int) -> None:
    table = layouts.wflw_of_ibug() if count == 68 else np.asarray(layouts._TABLES[count])
    known = set(table[table >= 0].tolist())
    assert len(table) == count and len(known) == (table >= 0).sum()
    assert known == {WFLW_98.mirror[index] for index in known}


@pytest.mark.parametrize(("count", "taught"), [(29, 25), (19, 10)])
def test_cofw_and_aflw_teach_the_points_they_share(tmp_path: Path, count: int, taught: int) -> None:
    """A stretched, turned mean face: what is not labelled is put where it belongs."""
    truth = layouts._mean_face() @ np.array([[30.0, 4.0], [-3.0, 25.0]]) + 50
    table = np.asarray(layouts._TABLES[count])
    given = np.where(table[:, None] >= 0, truth[table], 3.0)
    source = Source("coco", str(_json(tmp_path / "l.json", _coco(given - 0.5))))
    (face,) = read_source(source)
    assert face.weights is not None and int(face.weights.sum()) == taught
    assert np.abs(face.points - truth).max() < 1e-4


def test_points_that_are_not_labelled_are_not_taught(tmp_path: Path) -> None:
    content = _coco(POINTS[0] - 0.5)
    keypoints = content["annotations"][0]["keypoints"]
    keypoints[3 * 5 : 3 * 6] = [0, 0, 0]
    (face,) = read_source(Source("coco", str(_json(tmp_path / "l.json", content))))
    assert face.weights is not None and np.array_equal(np.flatnonzero(face.weights == 0), [5])
    assert np.isfinite(face.points).all()
    assert np.abs(np.delete(face.points - POINTS[0], 5, 0)).max() < 1e-5


def test_hidden_points_count_what_the_source_says(tmp_path: Path) -> None:
    visible = (np.arange(98) % 3 > 0).astype(int)
    entry = _entry(POINTS[0], visible=visible.tolist(), expression="Happy", box=[1, 2, 80, 90])
    path = str(_json(tmp_path / "l.json", _flsc(entry)))
    (face,) = read_source(Source("flsc", path, hidden_weight=0.5))
    assert face.weights is not None and np.array_equal(face.weights, np.where(visible == 1, 1, 0.5).astype(np.float32))
    assert face.expression == "happy" and face.box == (1, 2, 80, 90)
    assert read_source(Source("flsc", path))[0].weights is None


def test_malformed_entries_are_told_together_with_their_places(tmp_path: Path) -> None:
    wrong = [
        _entry(POINTS[0]),
        _entry(POINTS[0][:97]),
        _entry(POINTS[0], expression="bored"),
        _entry(POINTS[0], visible=[1]),
        _entry(POINTS[0], box=[1, 2]),
        {"points": POINTS[0].tolist()},
        _entry(np.full((98, 2), 3.0)),
        "face",
        *[{}] * 5,
    ]
    path = _json(tmp_path / "l.json", _flsc(*wrong))
    with pytest.raises(SfpError) as caught:
        read_source(Source("flsc", str(path)))
    told = str(caught.value)
    assert "\n" not in told and told.endswith("; and 4 more") and "faces[0]" not in told
    assert all(f"l.json: faces[{index}]: " in told for index in range(1, 9))

    content = _coco(POINTS[0], POINTS[0][:21], POINTS_68)
    content["annotations"][2]["image_id"] = 8
    with pytest.raises(
        SfpError, match=r"annotations\[1\]: 21 landmarks; sets of 98, 68, 29, 19 .*annotations\[2\]: image"
    ):
        read_source(Source("coco", str(_json(tmp_path / "c.json", content))))

    (tmp_path / "w.txt").write_text(wflw_line(POINTS[0], "a.png") + "\n1 2 3\n", encoding="utf-8")
    with pytest.raises(SfpError, match=r"w\.txt:2: 3 tokens; expected 207"):
        read_source(Source("wflw", str(tmp_path / "w.txt")))


def test_malformed_pts_and_ljson_files_are_told_with_their_lines(tmp_path: Path) -> None:
    good = _pts(POINTS_68)
    lines = good.splitlines()
    texts = {
        "a": good,
        "b": "\n".join([*lines[:9], "12.5 nose", *lines[10:]]),
        "c": good.replace("n_points:  68", "n_points:  69"),
        "d": "\n".join(lines[:-1]),
        "e": "\n".join([*lines[:9], "1 2 3", *lines[10:]]),
        "f": "",
        "g": good,
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.pts").write_text(text, encoding="utf-8")
        if name != "g":
            Image.new("RGB", (9, 9)).save(tmp_path / f"{name}.png")
    with pytest.raises(SfpError) as caught:
        read_source(Source("pts", str(tmp_path)))
    told = str(caught.value)
    for place in (
        "b.pts:10: a token is no number",
        "c.pts:72: 68 points; n_points says 69",
        "d.pts:71: ",
        "e.pts:10: ",
    ):
        assert place in told
    assert "f.pts:0: " in told and "g.pts: no picture g.png" in told and "a.pts" not in told

    for name, content in (("a", "{"), ("b", '{"version": 4}'), ("c", '{"version": 2, "landmarks": 3}')):
        (tmp_path / f"{name}.ljson").write_text(content, encoding="utf-8")
    with pytest.raises(SfpError, match=r"a\.ljson:1:\d+: not JSON.*b\.ljson: version is 4.*c\.ljson: no landmarks"):
        read_source(Source("ljson", str(tmp_path)))


def test_a_configuration_lists_its_sources_and_unknown_formats_are_told(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('[data]\nsources = [{format = "pts", list = "p"}, {format = "wflw", list = "w", split = "val"}]\n')
    assert read_config(path).data == DataConfig((Source("pts", "p"), Source("wflw", "w", split="val")))
    path.write_text('[data]\nsources = [{format = "xml", list = "p"}, {format = "pts", lists = "p"}]\n')
    with pytest.raises(SfpError) as caught:
        read_config(path)
    assert "data.sources[0]: format 'xml' is unknown; expected one of wflw, list, flsc, coco, pts" in str(caught.value)
    assert "data.sources[1].lists: unknown key; expected one of format, list" in str(caught.value)
    path.write_text('[data]\nsources = "w"\n')
    with pytest.raises(SfpError, match="expected an array of tables"):
        read_config(path)
    with pytest.raises(SfpError, match="'wflw' does not tell what can be seen; sfp and flsc do"):
        Source("wflw", "w", hidden_weight=0.5)
    with pytest.raises(SfpError, match="none has split = 'val'"):
        load_sources(DataConfig((Source("pts", "p"),)), "val", closeup_px=64)


def test_a_closeup_shows_the_crops_that_the_whole_picture_shows() -> None:
    """A crop as far off as chance takes it, from the whole and from the close-up: the same pixels."""
    rng = np.random.default_rng(0)
    picture = np.repeat(np.repeat(rng.integers(0, 256, (60, 80, 3)).astype(np.uint8), 10, 0), 10, 1)
    points = (rng.uniform(0, 60, (98, 2)) + np.array([300, 200])).astype(np.float32)
    part, placed = closeup(picture, points, 1000)
    assert part.shape[0] < 200 and np.ptp(placed - points, axis=0).max() < 1e-4
    side = max(np.ptp(points, axis=0))
    crops = []
    for at, origin in ((points, picture), (placed, part)):
        region = CropRegion.of_box(tight_box(at))
        far = CropRegion(region.centre_x + 0.12 * side, region.centre_y - 0.12 * side, region.side * 1.2, 30)
        crops.append(far.cut(origin, 64).astype(int))
    assert np.abs(crops[0] - crops[1]).max() <= 1

    small, moved = closeup(picture, points, 20)
    assert np.isclose(np.ptp(moved, axis=0).max(), 20, rtol=0.02)
    assert np.abs(np.array(small.shape[1::-1]) / np.array(part.shape[1::-1]) - 20 / side).max() < 0.02


def _loss(point_weight: torch.Tensor | None, points: torch.Tensor, maps: StageMaps) -> float:
    codec = Codec(CodecConfig(), grid=4, neighbours=[[1, 2], [0, 2], [0, 1]])
    config = LossConfig(offset=1.0, neighbour=1.0, position_loss="cross_entropy", coordinate=1.0)
    return float(total_loss([maps], codec.encode(points), codec, config, point_weight=point_weight)[0])


def test_points_of_weight_0_do_not_move_the_loss() -> None:
    generator = torch.Generator().manual_seed(0)
    points = torch.rand((2, 3, 2), generator=generator) * 4
    shapes = ((2, 3, 4, 4), (2, 3, 2, 4, 4), (2, 3, 2, 2))
    maps = StageMaps(*(torch.randn(shape, generator=generator) for shape in shapes))
    weight = torch.tensor([[1.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
    moved = points.clone()
    moved[0, 1] = 4 - moved[0, 1]
    assert _loss(weight, points, maps) == pytest.approx(_loss(weight, moved, maps), abs=1e-6)
    assert abs(_loss(None, points, maps) - _loss(None, moved, maps)) > 1e-2
    ones = torch.ones(2, 3)
    assert _loss(ones, points, maps) == pytest.approx(_loss(None, points, maps), rel=1e-6)


def test_weights_are_mirrored_with_their_points() -> None:
    weights = np.ones((1, 98), np.float32)
    weights[0, 60] = 0
    faces = FaceSet([np.zeros((100, 100, 3), np.uint8)], POINTS[:1].astype(np.float32), weights)
    config = replace(AugmentConfig(), flip=1.0)
    mirrored = weighted_crops(faces, np.array([0]), size_px=32, config=config, rng=np.random.default_rng(0))[2]
    assert np.array_equal(np.flatnonzero(mirrored[0] == 0), [WFLW_98.mirror[60]])
    assert weights[0, 60] == 0 and weights.sum() == 97  # the set itself stays


def test_sets_with_and_without_weights_are_loaded_together(tmp_path: Path) -> None:
    Image.new("RGB", (100, 100)).save(tmp_path / "a.png")
    half = np.full(98, 0.5, np.float32)
    face = LabelledFace(tmp_path / "a.png", POINTS[0].astype(np.float32), (0, 0, 9, 9), (0,) * 6)
    together = load_faces([face, replace(face, weights=half), face])
    assert together.weights is not None and together.weights.mean(1).tolist() == [1, 0.5, 1]
    assert load_faces([face, replace(face, weights=2 * half)]).weights is None  # nothing to weigh
    assert together.pictures[0] is together.pictures[2]


def _config(folder: Path, *sources: str) -> Path:
    path = folder / "config.toml"
    path.write_text(
        "[network]\ninput_px = 64\nstem_channels = [8, 8]\nstem_blocks = [0, 0]\nchannels = 8\nstages = 1\ndepth = 2\n"
        "inner_channels = 8\nhead_channels = 8\nneighbours = 2\n"
        "[run]\nsteps = 2\nbatch = 4\nthreads = 1\n"
        + (f"[data]\nsources = [{', '.join(sources)}]\n" if sources else ""),
        encoding="utf-8",
    )
    return path


def test_training_takes_its_faces_from_the_configuration(
    tmp_path: Path, drawn_data: Callable[[int], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    data = drawn_data(8)
    for index, line in enumerate((data / "train.txt").read_text(encoding="utf-8").splitlines()):
        points = np.array([float(token) for token in line.split()[:196]]).reshape(-1, 2)
        pts = tmp_path / "pts"
        pts.mkdir(exist_ok=True)
        (pts / f"{index}.pts").write_text(_pts(ibug68_from_wflw98(points) + 0.5), encoding="utf-8")
    own = f'{{format = "list", list = "{data}/train.txt"}}'
    ibug = f'{{format = "pts", list = "{pts}", pictures = "{data}/images"}}'
    checked = f'{{format = "pts", list = "{pts}", pictures = "{data}/images", split = "val"}}'
    run = tmp_path / "run"
    assert main([str(_config(tmp_path, own, ibug, checked)), "--run", str(run)]) == 0
    assert "16 faces to train on, 8 to validate" in capsys.readouterr().err
    assert (run / "detector.safetensors").is_file()
    last = json.loads((run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert 0 < last["val_nme_percent"] < 200
    assert str(tmp_path).encode() not in (run / "detector.safetensors").read_bytes()  # no paths in shipped weights

    assert main([str(_config(tmp_path, own)), "--data", str(data), "--run", str(tmp_path / "b")]) == 1
    assert "are both given" in capsys.readouterr().err
    assert main([str(_config(tmp_path)), "--run", str(tmp_path / "c")]) == 1
    assert "none given; use --data DIR" in capsys.readouterr().err


@WITH_DATA
def test_the_four_faces_of_wflw_are_read_and_lie_in_their_pictures() -> None:
    path = Path(SHARED) / "faces" / "wflw" / "test_wflw.json"
    faces = read_source(Source("coco", str(path)))
    raw = [
        np.reshape(face["keypoints"], (98, 3)) for face in json.loads(path.read_text(encoding="utf-8"))["annotations"]
    ]
    assert len(faces) == 4 and {face.picture.name[:2] for face in faces} == {"36", "7_"}
    for face, given in zip(faces, raw, strict=True):
        assert face.weights is None
        assert np.abs(face.points - (given[:, :2] + 0.5)).max() < 1e-4
        with Image.open(face.picture) as picture:
            width, height = picture.size
        assert (face.points >= 0).all() and (face.points <= [width, height]).all()
    near = load_faces(faces, closeup_px=128)
    assert all(max(np.ptp(points, axis=0)) < 129 for points in near.points)
    assert sum(picture.nbytes for picture in near.pictures) < 4 * 350**2 * 3


@WITH_DATA
@pytest.mark.parametrize("kind", ["pts", "ljson"])
def test_a_portrait_of_68_points_is_read(tmp_path: Path, kind: str) -> None:
    folder = Path(SHARED) / "faces" / "portraits"
    portrait = json.loads((folder / "landmarks68.json").read_text(encoding="utf-8"))[0]
    points, stem = np.array(portrait["points"]), Path(portrait["image"]).stem
    if kind == "pts":
        (tmp_path / f"{stem}.pts").write_text(_pts(points + 1), encoding="utf-8")
    else:
        _json(tmp_path / f"{stem}.ljson", {"version": 2, "landmarks": {"points": points[:, ::-1].tolist()}})
    (face,) = read_source(Source(kind, str(tmp_path), pictures=str(folder)))  # type: ignore[arg-type]
    assert np.abs(ibug68_from_wflw98(face.points) - (points + 0.5)).max() < 1e-3
    loaded = load_faces([face], closeup_px=64)
    assert loaded.weights is not None and int(loaded.weights.sum()) == 52 and len(loaded) == 1
    outline = face.points[WFLW_98.group("contour")]
    assert np.linalg.norm(np.diff(outline, axis=0), axis=1).max() < 40  # estimates lie between their neighbours


def test_own_annotations_know_what_is_hidden(tmp_path: Path) -> None:
    visible = (np.arange(98) % 4 > 0).astype(int).tolist()
    face = {
        "character": "a", "family": "toon", "points": POINTS[0].tolist(), "visible": visible, "covered": 3,
        "expression": "sad", "pose_kind": "sparse", "head_deg": [0, 0, 0],
        "flags": dict.fromkeys(("pose", "expression", "illumination", "make_up", "occlusion", "blur"), 0),
    }  # fmt: skip
    picture = {
        "picture": "a.png", "size": [100, 100], "seed": [1], "look": "render", "light": "key", "style": "soft",
        "background": "room", "occluder": "", "cut": False, "camera": {}, "degradation": {}, "faces": [face],
    }  # fmt: skip
    header = {"format": "sfp.faces", "version": 2, "layout": "wflw98"}
    path = tmp_path / "train.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in (header, picture)), encoding="utf-8")
    (read,) = read_source(Source("sfp", str(path), hidden_weight=0.5))
    assert read.weights is not None and np.array_equal(read.weights == 1, np.array(visible) == 1)
    assert set(read.weights.tolist()) == {0.5, 1.0}
    assert read.picture == tmp_path / "images" / "a.png" and read.expression == "sad"
    assert np.allclose(read.points, POINTS[0], atol=1e-5)
    assert read_source(Source("sfp", str(path)))[0].weights is None
