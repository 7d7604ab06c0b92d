import hashlib
import json
import os
import stat

import pytest

from sfp_core.errors import SfpError
from sfp_core.files import (
    checked_object,
    folder_written_whole,
    read_json,
    sha256_of,
    write_json,
    write_text,
    written_whole,
)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_whole_with_its_suffix_and_ordinary_rights(tmp_path):
    path = tmp_path / "new" / "take.ma"
    with written_whole(path) as temporary:
        assert temporary.suffix == ".ma"
        assert temporary.parent == path.parent
        temporary.write_text("hello")
        assert not path.exists()
    assert path.read_text() == "hello"
    assert names(path.parent) == ["take.ma"]
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt, SfpError])
def test_a_fault_leaves_the_old_file_and_nothing_else(tmp_path, fault):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write():
        with written_whole(path) as temporary:
            temporary.write_text("half")
            raise fault

    with pytest.raises(fault):
        write()
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_full_disk_is_told_in_one_line(tmp_path):
    def write():
        with written_whole(tmp_path / "a.txt"):
            raise OSError(28, "No space left on device")

    with pytest.raises(
        SfpError, match=r"a\.txt: cannot be written \(No space left on device\); nothing was left there"
    ):
        write()
    assert names(tmp_path) == []


def test_a_file_in_the_way_of_a_folder_is_told(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(SfpError, match="cannot be written"):
        write_text(tmp_path / "a" / "b.txt", "x")
    (tmp_path / "d").mkdir()
    with pytest.raises(SfpError, match="cannot be written"):
        write_text(tmp_path / "d", "x")
    assert names(tmp_path) == ["a", "d"]


def test_a_folder_takes_the_place_of_what_was_there(tmp_path):
    path = tmp_path / "take"
    for content in ("first", "second"):
        with folder_written_whole(path) as temporary:
            (temporary / f"{content}.txt").write_text(content)
        assert names(path) == [f"{content}.txt"]
        assert names(tmp_path) == ["take"]
    (tmp_path / "file").write_text("old")
    with folder_written_whole(tmp_path / "file") as temporary:
        (temporary / "x").write_text("")
    assert names(tmp_path / "file") == ["x"]
    assert names(tmp_path) == ["file", "take"]


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_a_fault_leaves_the_old_folder(tmp_path, fault):
    path = tmp_path / "take"
    path.mkdir()
    (path / "old.txt").write_text("old")

    def write():
        with folder_written_whole(path) as temporary:
            (temporary / "new.txt").write_text("half")
            raise fault

    with pytest.raises(fault):
        write()
    assert names(path) == ["old.txt"]
    assert names(tmp_path) == ["take"]


def test_a_fault_in_the_exchange_brings_the_old_folder_back(tmp_path, monkeypatch):
    path = tmp_path / "take"
    path.mkdir()
    (path / "old.txt").write_text("old")
    real = type(path).replace

    def refuse(self, target):
        if target == path and not self.name.endswith("-old"):
            raise OSError(5, "Input/output error")
        return real(self, target)

    def write():
        with folder_written_whole(path) as temporary:
            (temporary / "new.txt").write_text("new")
            monkeypatch.setattr(type(path), "replace", refuse)

    with pytest.raises(SfpError, match="Input/output error"):
        write()
    assert names(path) == ["old.txt"]
    assert names(tmp_path) == ["take"]


def test_json_round_trip_and_refusal_of_nan(tmp_path):
    content = {"format": "x", "version": 1, "text": "ü", "number": 0.1}
    write_json(tmp_path / "a.json", content)
    assert read_json(tmp_path / "a.json", format_name="x", version=1) == content
    assert (tmp_path / "a.json").read_text(encoding="utf-8").endswith("}\n")
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "b.json", {"a": float("nan")})
    assert names(tmp_path) == ["a.json"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"a\.json:1:1: not JSON"),
        (b'{"a": 1,\n "b" 2}', r"a\.json:2:6: not JSON"),
        (b"[1]", r"a\.json: expected a JSON object, got list"),
        (b"\xff\xfe\x00", r"a\.json: cannot be read as text"),
        (b'{"a": ' + b"9" * 5000 + b"}", r"a\.json: not JSON that can be used"),
        (b'{"a":' * 100_000, r"a\.json: not JSON that can be used"),
        (b'{"format": "y", "version": 1}', r"format is 'y'; expected 'x'"),
        (b'{"format": "x"}', r"version is None; expected a whole number from 1 to 2"),
        (b'{"format": "x", "version": 0}', r"version is 0"),
        (b'{"format": "x", "version": "1"}', r"version is '1'"),
        (b'{"format": "x", "version": 3}', r"x version 3 is newer than this program reads \(2\); update with: pip"),
    ],
    ids=["empty", "syntax", "list", "binary", "digits", "deep", "format", "none", "zero", "text", "newer"],
)
def test_json_that_cannot_be_used_is_told_in_one_line(tmp_path, content, message):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(SfpError, match=message) as caught:
        read_json(tmp_path / "a.json", format_name="x", version=2)
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_is_no_fault(tmp_path):
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf" + json.dumps({"a": 1}).encode())
    assert read_json(tmp_path / "a.json") == {"a": 1}


def test_older_versions_pass_and_missing_files_are_told(tmp_path):
    assert checked_object({"format": "x", "version": 1}, where="w", format_name="x", version=2)["version"] == 1
    with pytest.raises(SfpError, match="no such file"):
        read_json(tmp_path / "none.json")
    with pytest.raises(SfpError, match="cannot be read"):
        read_json(tmp_path)


def test_sha256_of_large_files_in_blocks(tmp_path):
    content = bytes(range(256)) * 10_000
    (tmp_path / "a").write_bytes(content)
    assert sha256_of(tmp_path / "a") == hashlib.sha256(content).hexdigest()
    with pytest.raises(SfpError, match="none: cannot be read"):
        sha256_of(tmp_path / "none")
