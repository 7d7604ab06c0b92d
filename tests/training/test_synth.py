"""The data set: the same bytes however it was made, splits that share nobody, lists that training reads."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training import datacard, synth
from training.annotations import read_annotations, to_line
from training.dataset import DatasetConfig, begin, split_of
from training.detector_data import read_list, read_split

TINY = DatasetConfig(seed=5, size=64, supersample=1, characters=1, pictures=1)
CHUNKS = 22  # one more than a whole turn of the splits


def make(out: Path, config: DatasetConfig, *, count: int, processes: int = 1) -> Path:
    assert list(synth.make_dataset(out, config, count=count, processes=processes))
    return out


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of one picture of each of 22 characters."""
    return make(tmp_path_factory.mktemp("synth") / "set", TINY, count=CHUNKS)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, DatasetConfig]]:
    """Two small chunks of several pictures, made by one process."""
    config = DatasetConfig(seed=8, size=48, supersample=1, characters=2, pictures=2)
    yield make(tmp_path_factory.mktemp("pair") / "set", config, count=8), config


def test_splits_share_no_character_and_toon_is_trained_on_alone(tiny: Path) -> None:
    who = {
        split: {face.character for picture in read_annotations(tiny / f"{split}.jsonl") for face in picture.faces}
        for split in ("train", "val", "test")
    }
    assert all(who.values())
    assert not who["train"] & who["val"]
    assert not who["train"] & who["test"]
    assert not who["val"] & who["test"]
    assert "toon" in who["train"]
    assert [split_of(chunk) for chunk in range(3)] == ["test", "val", "train"]


def test_every_picture_is_there_and_as_large_as_told(tiny: Path) -> None:
    told = [picture for split in ("train", "val", "test") for picture in read_annotations(tiny / f"{split}.jsonl")]
    assert len(told) == CHUNKS
    assert {path.name for path in (tiny / "images").iterdir()} == {picture.picture for picture in told}
    for picture in told:
        with Image.open(tiny / "images" / picture.picture) as opened:
            assert opened.size == picture.size == (64, 64)


def test_the_lists_say_what_the_annotations_say(tiny: Path) -> None:
    for split in ("train", "val", "test"):
        told = [
            (tiny / "images" / picture.picture, face)
            for picture in read_annotations(tiny / f"{split}.jsonl")
            for face in picture.faces
            if face.listed((64, 64))
        ]
        listed = read_list(tiny / f"{split}.txt", pictures=tiny / "images")
        assert [face.picture for face in listed] == [path for path, _ in told]
        for line, (_, face) in zip(listed, told, strict=True):
            assert np.abs(line.points - face.points).max() < 1e-3
            assert np.allclose(line.box, face.box, atol=6e-3)
            assert line.flags == face.flags


def test_training_reads_the_folder_unchanged(tiny: Path) -> None:
    faces = read_split(tiny, "train")
    assert faces.points.shape == (len(faces), 98, 2)
    assert {picture.shape for picture in faces.pictures} == {(64, 64, 3)}


def test_annotations_of_a_data_set_are_read_back_equal(tiny: Path) -> None:
    lines = (tiny / "train.jsonl").read_text(encoding="utf-8").splitlines()
    assert [to_line(picture) for picture in read_annotations(tiny / "train.jsonl")] == lines[1:]


def test_two_processes_make_the_same_bytes(pair: tuple[Path, DatasetConfig], tmp_path: Path) -> None:
    folder, config = pair
    assert contents(make(tmp_path / "set", config, count=8, processes=2)) == contents(folder)


def test_a_run_that_was_killed_ends_in_the_same_bytes(pair: tuple[Path, DatasetConfig], tmp_path: Path) -> None:
    folder, config = pair
    out = tmp_path / "set"
    begin(out, config)
    steps = synth.make_dataset(out, config, count=8, processes=1)
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    done = out / "images" / "00000_00_00.jpg"
    untouched = done.stat().st_mtime_ns
    (out / "images" / "00001_00_00.jpg").write_bytes(b"half a picture")  # of the chunk that was being made
    assert not (out / "train.txt").exists()
    assert contents(make(out, config, count=8)) == contents(folder)
    assert done.stat().st_mtime_ns == untouched  # what was whole is not made again


def test_a_larger_count_adds_to_what_is_there(pair: tuple[Path, DatasetConfig], tmp_path: Path) -> None:
    folder, config = pair
    out = make(tmp_path / "set", config, count=4)
    assert not any(name.startswith("images/00001") for name in contents(out))
    assert contents(make(out, config, count=8)) == contents(folder)


def test_a_folder_of_another_recipe_is_refused_in_one_line(
    pair: tuple[Path, DatasetConfig], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = pair
    assert synth.main(["--count", "8", "--out", str(folder), "--seed", "9"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("synth: error: ")
    assert "seed 8 instead of 9" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "part"),
    [(["--families", "toon,robots"], "robots"), (["--count", "0"], "--count 0"), (["--size", "0"], "size is 0")],
    ids=["family", "count", "size"],
)
def test_bad_arguments_are_told_in_one_line(
    arguments: list[str], part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert synth.main(["--count", "1", "--out", str(tmp_path / "set"), *arguments]) == 1
    said = capsys.readouterr().err
    assert part in said
    assert said.count("\n") == 1
    assert not (tmp_path / "set").exists()


def test_family_lists_hold_one_family_out(tmp_path: Path) -> None:
    from dataclasses import replace

    from training.dataset import finish

    config = replace(TINY, families=("toon", "anny"))
    begin(tmp_path, config)
    source = read_annotations(make(tmp_path / "source", TINY, count=4) / "train.jsonl")
    (tmp_path / "chunks").mkdir(exist_ok=True)
    from training.annotations import write_annotations

    families = {0: ("toon",), 1: ("toon",), 2: ("toon",), 3: ("anny",), 4: ("toon", "anny"), 5: ("human",)}
    seen = replace(source[0].faces[0], points=np.random.default_rng(0).uniform(5, 60, (98, 2)))
    seen = replace(seen, visible=np.ones(98, dtype=bool))
    for chunk, kinds in families.items():
        faces = tuple(replace(seen, family=family, character=f"{chunk}{family}") for family in kinds)
        picture = replace(source[0], picture=f"{chunk}.jpg", faces=faces)
        write_annotations(tmp_path / "chunks" / f"{chunk:05d}.jsonl", [picture])
    finish(tmp_path, config, count=6)
    names = {
        split: [face.picture.name for face in read_list(tmp_path / f"family_{split}.txt", pictures=tmp_path)]
        for split in ("train", "val", "test")
    }
    assert names == {"train": ["2.jpg"], "val": ["1.jpg"], "test": ["3.jpg"]}


def test_subsets_hold_the_test_faces_that_have_the_attribute(pair: tuple[Path, DatasetConfig]) -> None:
    folder, _ = pair
    lines = (folder / "test.txt").read_text(encoding="utf-8").splitlines()
    for place, flag in enumerate(("pose", "expression", "illumination", "make_up", "occlusion", "blur")):
        wanted = [line for line in lines if line.split()[200 + place] == "1"]
        assert (folder / "subsets" / f"test_{flag}.txt").read_text(encoding="utf-8").splitlines() == wanted


def test_the_data_card_counts_what_is_there(tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert datacard.main([str(tiny), "--sheets", str(tmp_path)]) == 0
    card = capsys.readouterr().out
    train = len(read_list(tiny / "train.txt", pictures=tiny))
    assert f"| train | {CHUNKS - 4} | {train} |" in card
    for title in ("**Expression**", "**Look**", "**Attributes**", "Yaw, degrees", "Eye opening", "Mouth opening"):
        assert title in card
    for name in ("faces.jpg", "landmarks.jpg"):
        with Image.open(tmp_path / name) as sheet:
            assert sheet.width == 8 * datacard.TILE_PX
    assert json.loads((tiny / "recipe.json").read_text(encoding="utf-8"))["count"] == CHUNKS


def test_the_data_card_takes_the_place_of_the_old_one(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "README.md"
    page.write_text("# Top\n<!-- data card -->\nold\n<!-- end of data card -->\nrest\n", encoding="utf-8")
    arguments = [str(tiny), "--sheets", str(tmp_path), "--readme", str(page)]
    assert datacard.main(arguments) == 0
    card = capsys.readouterr().out
    assert page.read_text(encoding="utf-8") == (f"# Top\n<!-- data card -->\n{card}<!-- end of data card -->\nrest\n")
    page.write_text("# Top\n", encoding="utf-8")
    assert datacard.main(arguments) == 1
    assert "no data card in it" in capsys.readouterr().err
