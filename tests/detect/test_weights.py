"""Weights files."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from sfp_core.errors import SfpError
from sfp_core.weights import read_weights, write_weights

TENSORS = {
    "half": np.array([[1.5, -2.0], [0.1, 6e4]], np.float16),
    "single": np.arange(3, dtype=np.float32) / 3,
    "count": np.array(7, np.int64),
}


def test_tensors_and_metadata_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    write_weights(path, {**TENSORS, "turned": TENSORS["half"].T}, {"kind": "x", "text": "ünï\n"})
    tensors, metadata = read_weights(path)
    assert metadata == {"kind": "x", "text": "ünï\n"}
    for name, tensor in {**TENSORS, "turned": TENSORS["half"].T}.items():
        assert tensors[name].dtype == tensor.dtype
        assert np.array_equal(tensors[name], tensor)


def test_every_cut_of_a_file_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    write_weights(path, TENSORS, {})
    whole = path.read_bytes()
    for length in (0, 4, 8, 60, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(SfpError, match=r"w\.safetensors: not a whole safetensors file") as caught:
            read_weights(path)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({}, "format is None"),
        ({"format": "pt"}, "format is 'pt'"),
        ({"format": "sfp.weights"}, "version is ''"),
        ({"format": "sfp.weights", "version": "two"}, "version is 'two'"),
        ({"format": "sfp.weights", "version": "2"}, "newer than this program reads"),
    ],
)
def test_foreign_and_newer_files_are_refused(tmp_path: Path, metadata: dict[str, str], told: str) -> None:
    path = tmp_path / "w.safetensors"
    save_file({"a": np.zeros(2, np.float32)}, path, metadata=metadata)
    with pytest.raises(SfpError, match=told):
        read_weights(path)


def test_numbers_that_overflowed_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    with np.errstate(over="ignore"):
        overflowed = np.array([1e6]).astype(np.float16)
    with pytest.raises(SfpError, match="tensor late has numbers that are not finite"):
        write_weights(path, {"fine": TENSORS["half"], "late": overflowed}, {})
    assert list(tmp_path.iterdir()) == []


def test_others_may_read_what_was_written(tmp_path: Path) -> None:
    path, plain = tmp_path / "w.safetensors", tmp_path / "plain"
    write_weights(path, TENSORS, {})
    plain.touch()
    assert path.stat().st_mode == plain.stat().st_mode


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match="no such weights file"):
        read_weights(tmp_path / "none.safetensors")
