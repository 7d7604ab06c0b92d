"""The original as a child process: a stand-in for its program that behaves as the original does with its files."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from makeittalk_bridge.child import run_original
from sfp_core.errors import SfpError
from sfp_core.rigs.procedural import ProceduralCharacter

# It takes the sounds in examples, overwrites them, writes landmarks, and after its film deletes them.
PROGRAM = """
import argparse, glob, os, sys, time, wave
parser = argparse.ArgumentParser()
for name in ("--jpg", "--load_AUTOVC_name", "--load_a2l_C_name", "--load_a2l_G_name"):
    parser.add_argument(name)
parser.add_argument("--mood", default="well")
options = parser.parse_args()
for name in (options.load_AUTOVC_name, options.load_a2l_C_name, options.load_a2l_G_name):
    assert os.path.getsize(name) > 0
assert os.path.exists("examples/dump/emb.pickle") and open("examples/" + options.jpg, "rb").read(2) == b"\\xff\\xd8"
if options.mood == "failing":
    print("loading"); print("CUDA error: no device"); sys.exit(3)
if options.mood == "hanging":
    print("waiting for a GPU", flush=True); time.sleep(600)
(name,) = glob.glob("examples/*.wav")
with wave.open(name) as sound:
    assert sound.getframerate() == 16000
    frames = sound.getnframes() // 256 + 1 - 18
open(name, "wb").write(b"overwritten")
width = 203 if options.mood == "odd" else 204
with open("examples/pred_fls_sound_audio_embed.txt", "w") as out:
    for frame in range(frames):
        out.write(" ".join("%.6f" % (frame + place / 1000) for place in range(width)) + "\\n")
        if frame == frames // 2:
            out.flush(); time.sleep(0.4)
if options.mood == "quick":
    sys.exit(1)
time.sleep(600)  # the film
"""


@pytest.fixture
def checkout(tmp_path: Path, flat_folder: Path) -> Path:
    """The six files, linked, and the stand-in; with an `examples` that must not be touched."""
    folder = tmp_path / "MakeItTalk"
    (folder / "examples").mkdir(parents=True)
    for path in flat_folder.iterdir():
        (folder / path.name).symlink_to(path)
    (folder / "main_end2end.py").write_text(PROGRAM, encoding="utf-8")
    (folder / "examples" / "mine.wav").write_bytes(b"my own sound")
    return folder


@pytest.fixture
def still(tmp_path: Path) -> Path:
    character = ProceduralCharacter.named("toon")
    path = tmp_path / "toon.png"
    Image.fromarray(character.picture(character.rig.neutral)).save(path)
    return path


@pytest.fixture
def sound(tmp_path: Path, second: np.ndarray) -> Path:
    path = tmp_path / "line.wav"
    soundfile.write(path, second, 16000)
    return path


@pytest.fixture
def run(checkout: Path, sound: Path, still: Path) -> Callable:
    def start(mood: str, **options: object) -> np.ndarray:
        python = Path(sys.executable)
        talk = run_original(sound, checkout, still=still, python=python, arguments=["--mood", mood], **options)  # type: ignore[arg-type]
        return talk.points

    return start


@pytest.mark.parametrize("mood", ["well", "quick"])
def test_its_landmarks_are_taken_and_its_checkout_stays_as_it_is(run: Callable, checkout: Path, mood: str) -> None:
    before = {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()}
    began_s = time.monotonic()
    points = run(mood)
    assert time.monotonic() - began_s < 60  # its film is not waited for
    assert points.shape == (16000 // 256 + 1 - 18, 68, 3)
    assert np.allclose(points.reshape(len(points), -1), np.arange(len(points))[:, None] + np.arange(204) / 1000)
    assert {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("mood", "options", "message"),
    [
        ("failing", {}, r"main_end2end\.py ended with 3 and no landmarks; its last lines: loading \| CUDA error: no"),
        ("hanging", {"timeout_s": 2.0}, r"main_end2end\.py: no landmarks after 2 s; its last lines: waiting for a GPU"),
        ("hanging", {"cancelled": lambda: True}, r"main_end2end\.py: cancelled"),
        ("odd", {}, r"pred_fls_sound_audio_embed\.txt: 45 lines of 203 numbers, or not finite; expected at least"),
    ],
    ids=["fails", "hangs", "cancelled", "other numbers"],
)
def test_what_goes_wrong_is_told_in_one_line(run: Callable, mood: str, options: dict, message: str) -> None:
    with pytest.raises(SfpError, match=message) as told:
        run(mood, **options)
    assert "\n" not in str(told.value)


def test_a_folder_without_the_program_and_a_python_that_is_none(checkout: Path, sound: Path, still: Path) -> None:
    with pytest.raises(SfpError, match=r"no-python: cannot be run \(No such file or directory\); expected a Python"):
        run_original(sound, checkout, still=still, python=Path("no-python"))
    (checkout / "main_end2end.py").unlink()
    with pytest.raises(SfpError, match=r"no main_end2end\.py; expected a whole checkout of MakeItTalk"):
        run_original(sound, checkout, still=still, python=Path(sys.executable))
