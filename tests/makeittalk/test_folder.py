from pathlib import Path

import numpy as np
import pytest

from makeittalk_bridge.folder import find_files, read_standard_face, read_statistics, read_voice
from sfp_core.errors import SfpError
from tests.makeittalk.layout import CHECKOUT


def _touch(folder: Path, *, layout: str, leave_out: tuple[str, ...] = ()) -> Path:
    for name, place in CHECKOUT.items():
        inside = {"flat": "", "checkout": place, "early checkout": place.removeprefix("src/")}[layout]
        if name not in leave_out:
            (folder / inside).mkdir(parents=True, exist_ok=True)
            (folder / inside / name).write_text("", encoding="utf-8")
    return folder


@pytest.mark.parametrize("layout", ["flat", "checkout", "early checkout"])
def test_all_files_are_found(tmp_path: Path, layout: str) -> None:
    files = find_files(_touch(tmp_path, layout=layout))
    found = [files.autovc, files.content, files.speaker, files.target_voice, files.standard_face, files.statistics]
    assert [path.name for path in found] == list(CHECKOUT)
    assert all(path.is_file() for path in found)


def test_all_missing_files_are_named_with_where_to_get_them(tmp_path: Path) -> None:
    gone = ("ckpt_speaker_branch.pth", "obama_emb.txt")
    with pytest.raises(SfpError) as told:
        find_files(_touch(tmp_path, layout="checkout", leave_out=gone))
    assert str(told.value) == (
        f"{tmp_path}: missing ckpt_speaker_branch.pth, obama_emb.txt; expected them there or where a checkout has them "
        "(examples/ckpt, src/autovc/retrain_version, src/dataset/utils); they are described in the README of "
        "https://github.com/yzhou359/MakeItTalk and their licence is CC BY-NC 4.0 (not for commercial use); "
        "--engine speech needs none of them"
    )


def test_an_empty_folder_lacks_all_six(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match=f"missing {', '.join(CHECKOUT)};"):
        find_files(tmp_path)


def test_no_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match=r"no such folder; expected .* ckpt_autovc.*CC BY-NC 4\.0 .*--engine speech"):
        find_files(tmp_path / "nowhere")


def test_text_files_are_read_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "numbers.txt"
    np.savetxt(path, np.arange(204.0).reshape(68, 3))
    assert read_standard_face(path)[2].tolist() == [6, 7, 8]
    np.savetxt(path, np.arange(160.0))
    means, deviations = read_statistics(path)
    assert means.tolist() == list(range(80))
    assert deviations.tolist() == list(range(80, 160))
    np.savetxt(path, np.arange(256.0))
    assert np.array_equal(read_voice(path), np.arange(256, dtype=np.float32))
    np.save(tmp_path / "voice.npy", np.arange(256.0)[None])
    assert np.array_equal(read_voice(tmp_path / "voice.npy"), np.arange(256, dtype=np.float32))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "0 numbers, not all finite or not 256; expected 256 numbers"),
        ("1 2 3", "3 numbers, not all finite or not 256"),
        ("nan " * 256, "256 numbers, not all finite"),
        ("<html>", "not a text file of numbers"),
        ("1 " * (1 << 20), "2097152 bytes; expected a text file with 256 numbers"),
    ],
    ids=["empty", "few", "nan", "page", "huge"],
)
def test_text_that_is_something_else_is_told(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "voice.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SfpError, match=what) as told:
        read_voice(path)
    assert str(told.value).startswith(f"{path}: ")


def test_a_deviation_of_zero_is_refused(tmp_path: Path) -> None:
    np.savetxt(tmp_path / "s.txt", np.zeros(160))
    with pytest.raises(SfpError, match="numbers 81 to 160 are deviations, but some are not above 0"):
        read_statistics(tmp_path / "s.txt")


def test_an_array_of_objects_is_not_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "voice.npy", np.array([{}] * 256, dtype=object), allow_pickle=True)
    with pytest.raises(SfpError, match="not numbers that can be read"):
        read_voice(tmp_path / "voice.npy")


def test_a_missing_text_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match="cannot be read"):
        read_voice(tmp_path / "gone.txt")
