"""Bad input gets one line on stderr, exit code 1, and leaves nothing behind."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image


def _no_sound(folder: Path) -> Path:
    return folder / "line.wav"


def _empty(folder: Path) -> Path:
    (folder / "line.wav").write_bytes(b"")
    return folder / "line.wav"


def _text(folder: Path) -> Path:
    (folder / "line.wav").write_text("Hello! I am no sound.\n" * 40, encoding="utf-8")
    return folder / "line.wav"


def _zero_length(folder: Path) -> Path:
    soundfile.write(folder / "line.wav", np.zeros(0), 16000, subtype="PCM_16")
    return folder / "line.wav"


def _nan(folder: Path) -> Path:
    samples = np.sin(np.arange(16000) / 20)
    samples[8000:8010] = np.nan
    soundfile.write(folder / "line.wav", samples, 16000, subtype="FLOAT")
    return folder / "line.wav"


def _folder(folder: Path) -> Path:
    (folder / "line.wav").mkdir()
    return folder / "line.wav"


BAD_SOUNDS = [
    pytest.param(_no_sound, "no such file", id="no file"),
    pytest.param(_empty, "the file is empty; expected a sound", id="empty file"),
    pytest.param(_text, "not a sound that can be read", id="text named wav"),
    pytest.param(_zero_length, "the sound has a length of zero; expected at least one sample", id="zero length"),
    pytest.param(_nan, "the sound is not a number (NaN or infinite) at 0.500 s; expected finite samples", id="NaN"),
    pytest.param(_folder, "is a folder; expected a sound file", id="folder"),
]


def _refused(done: object, start: str) -> None:
    assert (done.code, done.out) == (1, "")  # type: ignore[attr-defined]
    lines = done.err.splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 1
    assert lines[0].startswith(f"sfp: error: {start}"), lines[0]


@pytest.mark.parametrize(("make", "message"), BAD_SOUNDS)
@pytest.mark.parametrize("command", ["animate", "phones", "landmarks"])
def test_a_bad_sound(sfp: Callable, tmp_path: Path, make: Callable[[Path], Path], message: str, command: str) -> None:
    sound, out = make(tmp_path), tmp_path / "out"
    out.mkdir()
    target = out / {"animate": "take", "phones": "line.TextGrid", "landmarks": "line.npz"}[command]
    _refused(sfp(command, sound, "-o", target), f"{sound}: {message}")
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--character", "nobody"], "character 'nobody'"),
        (["--character", "nobody.character"], "nobody.character"),
        (["--transcript", "missing.txt"], "missing.txt: no such file"),
        (["--phones", "missing.TextGrid"], "missing.TextGrid: no such file"),
        (["--phones", "phones.xml"], "phones.xml: phones are read from .TextGrid or .json"),
        (["--phones", "a.json", "--transcript", "hello"], "--transcript and --phones: the phones are known already"),
        (["--fps", "fast"], "frame rate 'fast': expected a number such as 24"),
        (["--fps", "0"], "frame rate '0': expected 1 to 1000 frames a second"),
        (["--engine", "makeittalk"], "engine makeittalk: --makeittalk .: missing ckpt_autovc.pth"),
        (["--engine", "landmarks"], "engine landmarks: no landmarks given; expected --landmarks FILE.npz"),
        (["--engine", "speech", "--landmarks", "x.npz"], "engine speech: makes landmarks itself"),
        (
            ["--landmarks", "x.npz", "--transcript", "hi"],
            "engine landmarks: takes the motion as it is, so --transcript",
        ),
        (["--landmarks", "missing.npz"], "missing.npz: no such file"),
        (["--seed", "-1"], "seed is -1; expected a whole number of at least 0"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_bad_option(
    sfp: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: Path, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    _refused(sfp("animate", line, *arguments, "--no-preview", "-o", "take"), message)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (
            "take.usda",
            "take.usda: a take is written as a folder, or as a file .ma, .anim, .json or .mp4; from there sfp",
        ),
        ("letters", "letters: is already there; give --force"),
    ],
)
def test_a_bad_target(
    sfp: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: Path, target: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("dear", encoding="utf-8")
    _refused(sfp("animate", line, "-o", target), message)
    assert [path.name for path in tmp_path.rglob("*")] == ["letters", "dear.txt"]


def test_force_leaves_a_folder_alone_that_is_no_take(sfp: Callable, tmp_path: Path, line: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("dear", encoding="utf-8")
    done = sfp("animate", line, "--force", "-o", tmp_path / "letters")
    _refused(done, f"{tmp_path / 'letters'}: is there and is no take, so it is not replaced")
    assert (tmp_path / "letters" / "dear.txt").is_file()


def test_animate_without_a_sound(sfp: Callable, tmp_path: Path) -> None:
    _refused(sfp("animate", "-o", tmp_path / "take"), "animate: no sound given; expected: sfp animate SOUND -o TAKE")


def test_a_take_of_a_newer_version(sfp: Callable, tmp_path: Path, line: Path) -> None:
    path = tmp_path / "take.curves.json"
    assert sfp("animate", line, "-o", path).code == 0
    content = json.loads(path.read_text(encoding="utf-8")) | {"version": 99}
    path.write_text(json.dumps(content), encoding="utf-8")
    message = f"{path}: sfp.curves version 99 is newer than this program reads (1); update with: pip install -U"
    _refused(sfp("preview", path, "-o", tmp_path / "film.mp4"), message)
    _refused(sfp("info", path), message)
    assert [path.name for path in tmp_path.iterdir()] == ["take.curves.json"]


def test_a_character_of_a_newer_version(sfp: Callable, tmp_path: Path, line: Path, toon_bundle: Path) -> None:
    newer = tmp_path / "newer.character"
    with zipfile.ZipFile(toon_bundle) as old, zipfile.ZipFile(newer, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "character.json":
                data = json.dumps(json.loads(data) | {"version": 99}).encode()
            new.writestr(name, data)
    done = sfp("animate", line, "--character", newer, "-o", tmp_path / "take")
    assert done.code == 1
    assert done.err.startswith(f"sfp: error: {newer}")
    assert "version 99 is newer than this program reads" in done.err
    assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "take").exists()


def test_a_picture_without_a_face(sfp: Callable, tmp_path: Path) -> None:
    path = tmp_path / "wall.png"
    Image.new("RGB", (200, 160), (120, 130, 140)).save(path)
    done = sfp("detect", path, "--json")
    assert (done.code, json.loads(done.out)) == (1, {str(path): []})
    assert done.err == f"sfp: error: {path}: no face found; if there is one, say where: --box X0 Y0 X1 Y1\n"


def test_a_box_wholly_outside_the_picture(sfp: Callable, tmp_path: Path) -> None:
    path = tmp_path / "wall.png"
    Image.new("RGB", (200, 160), (120, 130, 140)).save(path)
    done = sfp("detect", path, "--box", "300", "10", "400", "110", "-o", tmp_path / "found.json")
    _refused(done, f"{path}: ")
    assert "outside" in done.err
    assert not (tmp_path / "found.json").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no such picture file"), (b"", "the file is empty; expected a picture"), (b"text" * 99, "not a picture")],
    ids=["no file", "empty", "text"],
)
def test_a_bad_picture(sfp: Callable, tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "face.png"
    if content is not None:
        path.write_bytes(content)
    _refused(sfp("detect", path, "--json"), f"{path}: {message}")
