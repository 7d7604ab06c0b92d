"""`sfp report`: the page of a take."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sfp_core.curves.take import Channel, Layer, SoundReference, Take
from sfp_core.formats.curves_json import write_curves_json
from sfp_core.render.film import write_film
from sfp_core.rig import Keys


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small take with sound, film and summary."""
    two = ("auto", "auto")
    keys = Keys(np.array([0.0, 12.0]), np.array([0.0, 0.5]), two, two, np.zeros(2), np.zeros(2))
    channel = Channel("jaw.ty", "speech", "linear", (-1.0, 1.0), 0.0, keys)
    take = Take("toon", Fraction(24), 24, SoundReference("line.wav"), (Layer("speech"),), (channel,))
    folder = tmp_path / "take"
    folder.mkdir()
    write_curves_json(folder / "take.curves.json", take)
    soundfile.write(folder / "line.wav", np.sin(np.arange(16000) / 9), 16000)
    noise = np.random.default_rng(0).integers(0, 255, (24, 128, 128, 3), dtype=np.uint8)
    write_film(folder / "preview.mp4", noise, fps=Fraction(24), sound=folder / "line.wav")
    (folder / "summary.json").write_text('{"warnings": [], "engine": "speech"}', encoding="utf-8")
    return folder


def test_the_page_is_written_and_its_size_told(sfp: Callable, folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "new" / "take.html"
    done = sfp("report", folder, "-o", page)
    size = page.stat().st_size / 1e6
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines()[-1] == f"sfp: wrote {page}: 2 keys of 1 channels, {size:.1f} MB"
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_what_is_there_is_kept_unless_forced(sfp: Callable, folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "take.html"
    page.write_text("mine", encoding="utf-8")
    done = sfp("report", folder, "-o", page)
    said = f"sfp: error: {page}: is already there; give --force to replace it, or another -o\n"
    assert (done.code, done.err) == (1, said)
    assert page.read_text(encoding="utf-8") == "mine"
    assert sfp("report", folder, "-o", page, "--force").code == 0
    assert page.read_text(encoding="utf-8") != "mine"


def test_options_choose_the_film(sfp: Callable, folder: Path, tmp_path: Path) -> None:
    pages = {}
    for name, options in {"all": [], "small": ["--size", "64"], "none": ["--no-video"]}.items():
        assert sfp("report", folder, "-o", tmp_path / f"{name}.html", *options).code == 0
        pages[name] = (tmp_path / f"{name}.html").read_text(encoding="utf-8")
    assert ["<video" in pages[name] for name in ("all", "small", "none")] == [True, True, False]
    assert ["<audio" in pages[name] for name in ("all", "small", "none")] == [False, False, True]
    assert len(pages["small"]) < len(pages["all"])


@pytest.mark.parametrize(
    ("output", "said"),
    [("take.pdf", "pages are written as .html, got .pdf"), ("take", "is a folder; expected a file name")],
)
def test_other_targets_are_refused(sfp: Callable, folder: Path, output: str, said: str) -> None:
    done = sfp("report", folder, "-o", folder.parent / output)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"sfp: error: {folder.parent / output}: {said}\n"


def test_no_take_is_one_line(sfp: Callable, tmp_path: Path) -> None:
    done = sfp("report", tmp_path / "gone", "-o", tmp_path / "page.html")
    assert (done.code, done.err) == (1, f"sfp: error: {tmp_path / 'gone'}: no such file\n")
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told_in_json(sfp: Callable, folder: Path, tmp_path: Path) -> None:
    (folder / "line.wav").unlink()
    done = sfp("report", folder, "-o", tmp_path / "page.html", "--size", "64", "--progress", "json")
    events = [json.loads(line) for line in done.err.splitlines()]
    assert [event["stage"] for event in events if event["event"] == "done"] == ["sound", "film"]
    (warning,) = [event["message"] for event in events if event["event"] == "warning"]
    assert warning.startswith("line.wav: the sound of this take is not there")
