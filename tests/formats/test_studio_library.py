"""Clips of Studio Library, seen by another reader and held against its own samples."""

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sfp_core.curves.maya_curve import evaluate
from sfp_core.errors import SfpError
from sfp_core.formats.studio_library import read_studio_library, write_studio_library
from tests.formats.ma_reader import Scene, statements
from tests.formats.random_keys import channel, random_keys, take_of

# Codes in .ma files, as found in files written by Maya.
CODES = {"fixed": 1, "linear": 2, "flat": 3, "step": 5, "spline": 9, "clamped": 10, "auto": 18}
RNG = np.random.default_rng(5)
TAKE = take_of(
    channel("jaw.ty", random_keys(RNG, 300, kinds=tuple(CODES), limits=(-1.0, 1.0)), (-1.0, 1.0), unit="linear"),
    channel("jaw.rotateX", random_keys(RNG, 20, kinds=tuple(CODES), limits=(-30.0, 30.0)), (-30, 30), 5.0, "angle_deg"),
    channel("lid.ty", None, (0.0, 1.0), 0.8, "linear"),
    channel("jaw.open", random_keys(RNG, 2, kinds=tuple(CODES), first=3.0), unit="none"),
    frames=1200,
)


def written(folder: Path, take: Any = TAKE, **options: Any) -> tuple[dict[str, Any], Scene]:
    path = write_studio_library(folder / "line.anim", take, **options)
    assert sorted(file.name for file in path.iterdir()) == ["animation.ma", "pose.json"]
    pose = json.loads((path / "pose.json").read_text(encoding="utf-8"))
    return pose, Scene((path / "animation.ma").read_text(encoding="utf-8"))


@pytest.mark.parametrize("start", [0, 1001])
def test_every_key_is_there_bit_for_bit_under_the_name_that_the_pose_gives(tmp_path: Path, start: int) -> None:
    pose, scene = written(tmp_path, start_frame=start)
    objects = pose["objects"]
    assert {node: list(entry["attrs"]) for node, entry in objects.items()} == {
        "jaw": ["translateY", "rotateX", "open"],
        "lid": ["translateY"],
    }
    assert objects["lid"]["attrs"]["translateY"] == {"type": "doubleLinear", "value": 0.8}
    kinds = {
        "translateY": ("doubleLinear", "animCurveTL", 0),
        "rotateX": ("doubleAngle", "animCurveTA", 1),
        "open": ("double", "animCurveTU", 3),
    }
    for attribute, (kind, node_type, index) in kinds.items():
        entry, keys = objects["jaw"]["attrs"][attribute], TAKE.channels[index].keys
        assert entry["type"] == kind
        assert entry["value"] == evaluate(keys, np.zeros(1), Fraction(24))[0]
        assert scene.nodes[entry["curve"]]["type"] == node_type
        frames, values, in_codes, out_codes = scene.curve(entry["curve"])
        assert frames == (keys.frames + start).tolist() and values == keys.values.tolist()
        assert in_codes == [CODES[one] for one in keys.in_types]
        assert out_codes == [CODES[one] for one in keys.out_types]
    assert len(scene.nodes) == 3 and scene.connections == []
    assert (pose["metadata"]["startFrame"], pose["metadata"]["endFrame"]) == (start, start + 1199)


def test_a_rate_without_a_word_ends_on_a_whole_frame_that_holds_all_of_it(tmp_path: Path) -> None:
    take = take_of(channel("a.ty", random_keys(RNG, 3, kinds=("auto",))), frames=100, fps=Fraction(72))
    pose, scene = written(tmp_path, take, start_frame=10)
    assert (pose["metadata"]["timeUnit"], scene.units["-t"]) == ("75fps", "75fps")
    assert pose["metadata"]["endFrame"] == 10 + 104  # 99 frames of 1/72 s are 103.125 of 1/75 s


def samples(shared_data: Path) -> Iterator[Path]:
    folder = shared_data / "maya" / "studiolibrary" / "src" / "mutils" / "tests" / "data"
    return (path.parent for path in folder.rglob("pose.json") if path.parent.suffix == ".anim")


def test_the_form_is_that_of_its_own_samples(tmp_path: Path, shared_data: Path) -> None:
    ours, _ = written(tmp_path)
    text = (tmp_path / "line.anim" / "animation.ma").read_text(encoding="utf-8")
    count = 0
    for sample in samples(shared_data):
        pose = json.loads((sample / "pose.json").read_text(encoding="utf-8"))
        assert ours["metadata"].keys() == pose["metadata"].keys()
        for name, value in pose["metadata"].items():
            assert type(ours["metadata"][name]) is type(value), name
        types = {
            attribute: entry["type"] for node in pose["objects"].values() for attribute, entry in node["attrs"].items()
        }
        for attribute in ("translateY", "rotateX"):
            assert ours["objects"]["jaw"]["attrs"][attribute]["type"] == types[attribute]
        theirs = (sample / "animation.ma").read_text(encoding="latin-1")
        assert text.startswith("//Maya ASCII ") and text.rstrip().endswith("// End") and "// End" in theirs
        commands = [words[0] for words in statements(theirs)]
        assert {words[0] for words in statements(text)} <= set(commands)
        curves = {entry.get("curve") for node in pose["objects"].values() for entry in node["attrs"].values()}
        assert all(re.fullmatch(r"CURVE\d+", name) for name in curves - {None})
        count += 1
    assert count == 4


def test_namespaces_and_hostile_names(tmp_path: Path) -> None:
    pose, _ = written(tmp_path, namespace="shot:mery")
    assert list(pose["objects"]) == ["shot:mery:jaw", "shot:mery:lid"]
    keys = random_keys(RNG, 2, kinds=("auto",))
    names = ['a"; system("rm"); //.ty', "../../x.ty", "browInnerUp"]
    pose, scene = written(tmp_path, take_of(*(channel(name, keys) for name in names)))
    assert list(pose["objects"]) == ["a___system__rm______", "_", "toon_face"]
    assert set(scene.nodes) == {"CURVE1", "CURVE2", "CURVE3"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Zeile.anim/größe.anim", "letters beyond ASCII"),
        ("ж/line.anim", "letters beyond ASCII"),
        ("line", r"a folder NAME\.anim"),
        ("line.ma", r"a folder NAME\.anim"),
    ],
)
def test_paths_that_studio_library_refuses_are_refused(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(SfpError, match=message):
        write_studio_library(tmp_path / name, TAKE)
    with pytest.raises(SfpError, match="namespace"):
        write_studio_library(tmp_path / "line.anim", TAKE, namespace="a b")
    assert list(tmp_path.iterdir()) == []


def test_what_was_there_is_replaced_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "line.anim").mkdir()
    (tmp_path / "line.anim" / "thumbnail.jpg").write_bytes(b"old")
    written(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["line.anim"]


def test_written_and_read_back_a_clip_is_the_same(tmp_path: Path) -> None:
    path = write_studio_library(tmp_path / "line.anim", TAKE, start_frame=101, namespace="shot:mery")
    read = read_studio_library(path)
    assert list(read.keys) == ["jaw.ty", "jaw.rx", "jaw.open"]
    assert (read.fps, read.start_frame) == (24, 101.0)
    assert read.units == {"jaw.ty": "linear", "jaw.rx": "angle_deg", "jaw.open": "none"}
    for keys, index in zip(read.keys.values(), (0, 1, 3), strict=True):
        ours = TAKE.channels[index].keys
        assert keys.frames.tolist() == (ours.frames + 101).tolist() and keys.values.tolist() == ours.values.tolist()
        assert (keys.in_types, keys.out_types) == (ours.in_types, ours.out_types)
    assert read_studio_library(path, namespace="mery").keys == {}
    assert list(read_studio_library(path, namespace="shot:mery").keys) == list(read.keys)


def test_its_own_samples_are_read_by_the_names_of_their_poses(shared_data: Path) -> None:
    count = 0
    for sample in samples(shared_data):
        pose = json.loads((sample / "pose.json").read_text(encoding="utf-8"))
        theirs = Scene((sample / "animation.ma").read_text(encoding="latin-1"))
        read = read_studio_library(sample)
        assert read.start_frame == 1
        for node, entry in pose["objects"].items():
            for attribute, content in entry["attrs"].items():
                if content.get("curve") in theirs.nodes:
                    short = re.sub("^(t|r|s)(?:ranslate|otate|cale)([XYZ])$", lambda m: m[1] + m[2].lower(), attribute)
                    name = f"{node.rpartition(':')[2]}.{'v' if attribute == 'visibility' else short}"
                    frames, values, *_ = theirs.curve(content["curve"])
                    assert read.keys[name].frames.tolist() == frames and read.keys[name].values.tolist() == values
                    count += 1
    assert count == 53


@pytest.mark.parametrize(
    ("pose", "message"),
    [
        ("[]", "expected a JSON object"),
        ('{"objects": []}', "objects: expected an object of nodes, got list"),
        ('{"objects": {"a": {"attrs": 3}}}', r"objects\.a\.attrs: expected an object"),
        ('{"metadata": {"startFrame": "1"}, "objects": {}}', "startFrame is '1'; expected a number"),
        ("{", "not JSON"),
    ],
)
def test_a_bad_pose_is_refused_in_one_line(tmp_path: Path, pose: str, message: str) -> None:
    path = write_studio_library(tmp_path / "line.anim", TAKE)
    (path / "pose.json").write_text(pose, encoding="utf-8")
    with pytest.raises(SfpError, match=message) as caught:
        read_studio_library(path)
    assert "pose.json" in str(caught.value) and "\n" not in str(caught.value)
    (path / "animation.ma").unlink()
    with pytest.raises(SfpError, match=r"no animation\.ma in it"):
        read_studio_library(path)
