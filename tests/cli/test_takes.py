"""`sfp mark`, `export`, `preview` and `animate --keep`: what happens to a take after it was made."""

import json
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from sfp_core.cli import main
from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.take import Take
from sfp_core.formats.curves_json import read_curves_json
from sfp_core.formats.opening import open_take


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, line: Path, line_text: str) -> Path:
    """The built-in line as a take, without its film."""
    folder = tmp_path_factory.mktemp("takes") / "take"
    assert main(["animate", str(line), "--transcript", line_text, "--no-preview", "-o", str(folder)]) == 0
    return folder


@pytest.fixture
def take(made: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(made, tmp_path / "take"))


def _read(folder: Path) -> Take:
    return read_curves_json(folder / "take.curves.json")


def _played(take: Take, controller: str, frames: np.ndarray) -> np.ndarray:
    keys = next(channel.keys for channel in take.channels if channel.controller == controller)
    return evaluate(keys, frames, take.fps)


def test_the_eyes_are_on_layers_of_their_own(made: Path) -> None:
    take = _read(made)
    assert [layer.name for layer in take.layers] == ["speech", "blinks", "gaze", "brows"]
    of = {channel.controller: channel.layer for channel in take.channels}
    assert of["jaw.ty"] == of["tongue.ty"] == "speech"
    assert of["lf_up_lid.ty"] == "blinks"
    assert of["rg_eye.tx"] == "gaze"
    assert of["lf_brow_mid.ty"] == "brows"


def test_what_is_said_is_kept_in_the_take(made: Path, line_text: str) -> None:
    spoken = _read(made).spoken
    assert spoken is not None
    assert [text for _, _, text in spoken.words][:3] == line_text.lower().replace(",", "").split()[:3]
    assert spoken.phones[0][0] == 0.0
    for (_, end, _), (start, _, _) in zip(spoken.phones, spoken.phones[1:], strict=False):
        assert end == start


def test_an_edited_span_survives_a_new_setting(sfp: Callable, take: Path, line: Path, line_text: str) -> None:
    path = take / "take.curves.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    jaw = next(channel for channel in content["channels"] if channel["controller"] == "jaw.ty")
    jaw["keys"] = [[0, 0, "auto", "auto"], [50, -0.9, "flat", "flat"], [100, 0, "auto", "auto"]]
    path.write_text(json.dumps(content), encoding="utf-8")
    assert sfp("mark", take, "jaw.ty", "--from", 40, "--to", 60).code == 0
    before = _read(take)
    done = sfp(
        "animate", line, "--transcript", line_text, "--no-preview", "--jaw", "0.5", "--layer", "blinks=0.5", "--keep",
        "-o", take,
    )  # fmt: skip
    assert done.code == 0
    after, frames = _read(take), np.arange(40, 60.25, 0.25)
    assert np.abs(_played(after, "jaw.ty", frames) - _played(before, "jaw.ty", frames)).max() < 1e-9
    outside = np.arange(80, 160)
    assert np.abs(_played(after, "jaw.ty", outside) - _played(before, "jaw.ty", outside)).max() > 0.05
    assert [layer.weight for layer in after.layers] == [1.0, 0.5, 1.0, 1.0]
    assert next(channel for channel in after.channels if channel.controller == "jaw.ty").edited == ((40.0, 60.0),)


def test_keep_makes_a_take_that_is_not_there_yet(sfp: Callable, tmp_path: Path, line: Path) -> None:
    assert sfp("animate", line, "--no-preview", "--keep", "-o", tmp_path / "new").code == 0
    assert (tmp_path / "new" / "take.curves.json").is_file()


def test_marks_are_taken_away(sfp: Callable, take: Path) -> None:
    assert "1 of 47 channels are marked" in sfp("mark", take, "jaw.ty").err
    assert "47 of 47 channels are marked" in sfp("mark", take).err
    assert "0 of 47 channels are marked" in sfp("mark", take, "--clear").err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nose"], "has no controller 'nose' to mark"),
        (["jaw.ty", "--from", "9", "--to", "3"], "expected the first frame before the last"),
        (["jaw.ty", "--clear"], "--clear: takes all marks away"),
    ],
    ids=["unknown", "backwards", "clear"],
)
def test_a_mark_that_cannot_be_set(sfp: Callable, take: Path, arguments: list[str], message: str) -> None:
    before = (take / "take.curves.json").read_bytes()
    done = sfp("mark", take, *arguments)
    assert done.code == 1
    assert message in done.err
    assert (take / "take.curves.json").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--keep", "--force"], "--keep and --force"),
        (["--layer", "blinks"], "--layer blinks: expected NAME=WEIGHT"),
        (["--layer", "blinks=9"], "expected a weight of 0 to 3"),
        (["--layer", "toes=1", "--keep"], "--layer toes: the take has no such layer; expected speech, blinks"),
    ],
    ids=["both", "no weight", "too much", "unknown"],
)
def test_a_layer_or_keep_that_makes_no_sense(
    sfp: Callable, take: Path, line: Path, arguments: list[str], message: str
) -> None:
    before = (take / "take.curves.json").read_bytes()
    done = sfp("animate", line, "--no-preview", *arguments, "-o", take)
    assert done.code == 1
    assert message in done.err
    assert (take / "take.curves.json").read_bytes() == before


EXPORTS = ["json", "ma", "anim", "atom", "csv"]


@pytest.mark.parametrize("form", EXPORTS)
def test_every_form_that_holds_all_controllers(sfp: Callable, made: Path, tmp_path: Path, form: str) -> None:
    target = tmp_path / f"line.{form}"
    done = sfp("export", made, "--to", form, "-o", target)
    assert (done.code, done.out) == (0, "")
    assert target.stat().st_size > 10_000
    again = sfp("export", made, "--to", form, "-o", target)
    assert again.code == 1
    assert "is already there; give --force" in again.err


@pytest.mark.parametrize("form", ["ma", "anim", "csv"])
def test_what_is_exported_plays_the_same_when_it_is_opened_again(
    sfp: Callable, made: Path, tmp_path: Path, form: str
) -> None:
    target = tmp_path / f"line.{form}"
    assert sfp("export", made, "--to", form, "-o", target, "--start", 1001).code == 0
    before, after = _read(made), open_take(target).take
    frames = np.arange(before.frames, dtype=np.float64)
    moving = [channel.controller for channel in before.channels if channel.keys.count > 1]
    found = {channel.controller for channel in after.channels}
    assert set(moving) <= found
    for controller in moving:
        assert np.abs(_played(after, controller, frames) - _played(before, controller, frames)).max() < 1e-6


def test_another_rate_keeps_the_time(sfp: Callable, made: Path, tmp_path: Path) -> None:
    target = tmp_path / "line.json"
    assert sfp("export", made, "--to", "json", "--fps", "30", "-o", target).code == 0
    before, after = _read(made), read_curves_json(target)
    assert after.fps == Fraction(30)
    frames = np.arange(after.frames)
    ours = _played(after, "jaw.ty", frames)
    theirs = _played(before, "jaw.ty", frames * 24 / 30)
    assert np.abs(ours - theirs).max() < 0.02 * 2  # 1 % tolerance twice, of a range of 2


def test_names_are_mapped(sfp: Callable, made: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.json"
    names.write_text(json.dumps({"jaw.ty": "Jaw_CTL.translateY"}), encoding="utf-8")
    target = tmp_path / "line.csv"
    assert sfp("export", made, "--to", "csv", "--map", names, "-o", target).code == 0
    header = target.read_text(encoding="utf-8").splitlines()[0]
    assert "Jaw_CTL.translateY" in header
    assert "jaw.ty" not in header.split(",")


def test_mouths_of_a_drawn_character(sfp: Callable, made: Path, tmp_path: Path) -> None:
    assert sfp("export", made, "--to", "rhubarb", "-o", tmp_path / "cues.tsv").code == 0
    assert sfp("export", made, "--to", "dat", "-o", tmp_path / "cues.dat").code == 0
    assert (tmp_path / "cues.dat").read_text(encoding="utf-8").startswith("MohoSwitch1")
    shapes = {row.split("\t")[1] for row in (tmp_path / "cues.tsv").read_text(encoding="utf-8").splitlines()}
    assert {"A", "X"} <= shapes <= set("ABCDEFGHX")


def test_a_folder_for_studio_library(sfp: Callable, made: Path, tmp_path: Path) -> None:
    target = tmp_path / "line.anim"
    assert sfp("export", made, "--to", "studiolibrary", "--namespace", "toon", "-o", target).code == 0
    assert sorted(path.name for path in target.iterdir())[:2] == ["animation.ma", "pose.json"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "fbx", "-o", "x.fbx"], "--to fbx: unknown; expected one of json, ma, anim"),
        (["--to", "ma", "-o", "x.anim"], "x.anim: --to ma is written as .ma, got .anim"),
        (["--to", "csv", "--namespace", "n", "-o", "x.csv"], "--to csv has no namespaces"),
        (["--to", "csv", "--no-group", "-o", "x.csv"], "--to csv makes no group"),
        (["--to", "gltf", "-o", "x.glb"], "glTF animation belongs to a model; name it with --rig"),
        (["--to", "json", "--start", "5", "-o", "x.json"], "leave --start out"),
        (["--to", "livelink", "-o", "x.csv"], "ARKit"),
    ],
    ids=lambda value: " ".join(value[1:2]) if isinstance(value, list) else "",
)
def test_an_export_that_makes_no_sense(
    sfp: Callable, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = sfp("export", made, *arguments)
    assert done.code == 1
    assert message in done.err
    assert list(tmp_path.iterdir()) == []


def _film(path: Path) -> tuple[int, float]:
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        return stream.frames, float(stream.average_rate)


def test_live_link_animation_is_drawn_on_the_cast(sfp: Callable, tmp_path: Path) -> None:
    """A short capture in the app's own form, played by the ARKit layer of a built-in character."""
    header = "Timecode,BlendshapeCount,EyeBlinkLeft,JawOpen,MouthSmileLeft"
    rows = [f"00:00:01:{frame:02d}.000,3,{0.1 * frame:.2f},{0.05 * frame:.2f},0.5" for frame in range(10)]
    path = tmp_path / "face.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    done = sfp("preview", path, "--fps", "30", "--size", "64", "-o", tmp_path / "face.mp4")
    assert done.code == 0, done.err
    assert _film(tmp_path / "face.mp4") == (10, 30.0)


def test_a_take_is_drawn_on_another_of_the_cast(sfp: Callable, made: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.curves.json"
    content = json.loads((made / "take.curves.json").read_text(encoding="utf-8"))
    short.write_text(json.dumps(content | {"frames": 6, "sound": None}), encoding="utf-8")
    done = sfp("preview", short, "--character", "juno", "--size", "64", "-o", tmp_path / "juno.mp4")
    assert done.code == 0, done.err
    assert _film(tmp_path / "juno.mp4")[0] == 6
