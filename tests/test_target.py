"""Where a take goes."""

from pathlib import Path

import pytest

from sfp_core.errors import SfpError
from sfp_core.target import CURVES, MAYA, PREVIEW, SUMMARY, target_at


def test_a_name_without_suffix_is_a_folder_with_all_files(tmp_path: Path) -> None:
    with target_at(tmp_path / "line", force=False).opened() as paths:
        for name, path in paths.items():
            path.write_text(name, encoding="utf-8")
        assert not (tmp_path / "line").exists()
    assert sorted(path.name for path in (tmp_path / "line").iterdir()) == sorted([CURVES, MAYA, SUMMARY, PREVIEW])


@pytest.mark.parametrize(("suffix", "file"), [(".ma", MAYA), (".json", CURVES), (".mp4", PREVIEW)])
def test_a_suffix_asks_for_one_file(tmp_path: Path, suffix: str, file: str) -> None:
    target = target_at(tmp_path / f"line{suffix}", force=False)
    assert [name for name in (CURVES, MAYA, SUMMARY, PREVIEW) if target.wants(name)] == [file]
    with target.opened() as paths:
        assert list(paths) == [file]
        paths[target.only].write_text("x", encoding="utf-8")  # type: ignore[index]
    assert [path.name for path in tmp_path.iterdir()] == [f"line{suffix}"]


@pytest.mark.parametrize("name", ["line", "line.ma"])
def test_nothing_is_left_when_the_work_fails(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyboardInterrupt), target_at(tmp_path / name, force=False).opened() as paths:
        next(iter(paths.values())).write_text("half", encoding="utf-8")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_format_that_takes_are_exported_to_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match=r"line\.usda: a take is written as a folder, .* sfp export writes \.usda"):
        target_at(tmp_path / "line.usda", force=True)


@pytest.mark.parametrize("name", ["take", "take.ma"])
def test_an_existing_take_needs_force(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if path.suffix:
        path.write_text("old", encoding="utf-8")
    else:
        path.mkdir()
        (path / CURVES).write_text("old", encoding="utf-8")
    with pytest.raises(SfpError, match="is already there; give --force"):
        target_at(path, force=False)
    with target_at(path, force=True).opened() as paths:
        next(iter(paths.values())).write_text("new", encoding="utf-8")
    written = path if path.is_file() else path / CURVES
    assert written.read_text(encoding="utf-8") == "new"


def test_force_does_not_replace_a_folder_that_is_no_take(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(SfpError, match="is no take, so it is not replaced"):
        target_at(home, force=True)
    assert (home / "letter.txt").is_file()


def test_an_empty_folder_may_be_filled_with_force(tmp_path: Path) -> None:
    (tmp_path / "take").mkdir()
    with target_at(tmp_path / "take", force=True).opened() as paths:
        paths[CURVES].write_text("new", encoding="utf-8")
    assert (tmp_path / "take" / CURVES).is_file()
