"""The second way: a working checkout of the original, run as a child process with a Python of its own.

The original overwrites the sounds in its `examples`, deletes the landmarks that it made, and draws a film, for which
it needs more weights. So it gets a copy of its code in a scratch folder, and is ended once its landmarks are there.
"""

import contextlib
import os
import pickle
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from makeittalk_bridge.folder import find_files
from makeittalk_bridge.pitch import HOP
from makeittalk_bridge.predict import Talk
from makeittalk_bridge.recurrent import WINDOW_FRAMES
from makeittalk_bridge.still import one_face
from sfp_core.detect.pictures import read_picture
from sfp_core.errors import SfpError
from sfp_core.layout import IBUG_68
from sfp_core.speech.audio import SPEECH_HZ, read_blocks

_PROGRAM = "main_end2end.py"
_NOT_COPIED = (".git", "examples", "venv", ".venv", "env", "__pycache__")
_CROP_PX, _CROP_PER_FACE = 256, 1.8  # the stills that the original asks for
_POLL_S = 0.1
_SETTLED_S = 1.0  # a file of landmarks that does not grow for so long is whole
_DROPPED = 10  # frames of a last stretch that the original leaves out
_LAST_LINES = 5
_GRACE_S = 5.0


def run_original(
    sound: Path,
    checkout: Path,
    *,
    still: Path,
    python: Path,
    arguments: Sequence[str] = (),
    timeout_s: float = 3600.0,
    cancelled: Callable[[], bool] | None = None,
) -> Talk:
    """The landmarks that the original program makes of a sound and a still; its checkout stays as it is.

    Parameters
    ----------
    python : Path
        The interpreter that has what the original needs.
    arguments : sequence of str
        More options of its program, such as `--close_input_face_mouth`.
    cancelled : callable, optional
        Asked ten times a second; where it says so, the child is ended.

    Raises
    ------
    SfpError
        Files missing; the child failed (with its last lines), took too long or was cancelled; or landmarks that are
        none.
    """
    files = find_files(checkout)
    program = Path(checkout) / _PROGRAM
    if not program.is_file():
        raise SfpError(f"{checkout}: no {_PROGRAM}; expected a whole checkout of MakeItTalk")
    samples = np.concatenate(list(read_blocks(sound)))
    crop = _crop(still)
    with tempfile.TemporaryDirectory(prefix="sfp-makeittalk-") as name:
        scratch = Path(name) / "checkout"
        shutil.copytree(checkout, scratch, ignore=shutil.ignore_patterns(*_NOT_COPIED))
        examples = scratch / "examples"
        (examples / "dump").mkdir(parents=True)
        (examples / "dump" / "emb.pickle").write_bytes(pickle.dumps({}))  # opened always, used never
        soundfile.write(examples / "sound.wav", samples, SPEECH_HZ, subtype="PCM_16")
        crop.save(examples / "still.jpg", quality=95)
        command = [str(python), "-u", _PROGRAM, "--jpg", "still.jpg"]
        command += ["--load_AUTOVC_name", str(files.autovc.resolve())]
        command += ["--load_a2l_C_name", str(files.content.resolve())]
        command += ["--load_a2l_G_name", str(files.speaker.resolve()), *arguments]
        least = len(samples) // HOP + 1 - WINDOW_FRAMES - _DROPPED
        points = _landmarks_of(command, scratch, least=least, timeout_s=timeout_s, cancelled=cancelled)
    return Talk(points, points[0], ())


def _crop(still: Path) -> Image.Image:
    """The face of a picture as the original wants it, what lies beyond the picture black."""
    from sfp_core.detect.detector import Detector

    picture = read_picture(still)
    points = one_face(picture, Detector.load(), where=str(still))
    low, high = points.min(axis=0), points.max(axis=0)
    half = _CROP_PER_FACE * float((high - low).max()) / 2
    x, y = (low + high) / 2
    box = (round(x - half), round(y - half), round(x + half), round(y + half))
    return Image.fromarray(picture).crop(box).resize((_CROP_PX, _CROP_PX), Image.Resampling.LANCZOS)


def _landmarks_of(
    command: Sequence[str], folder: Path, *, least: int, timeout_s: float, cancelled: Callable[[], bool] | None
) -> np.ndarray:
    """(T, 68, 3): run the child until it has written landmarks, at least so many frames, or has ended."""
    log = folder / "said.txt"
    with log.open("wb") as said, _started(command, folder, said.fileno()) as child:
        ends_s = time.monotonic() + timeout_s
        watch = _Watch(folder / "examples")
        while True:
            ended = child.poll() is not None
            path = watch.settled(at_once=ended)
            if path is not None:
                return _read(path, least)
            if ended:
                raise SfpError(f"{_PROGRAM} ended with {child.returncode} and no landmarks; {_last_lines(log)}")
            if cancelled is not None and cancelled():
                raise SfpError(f"{_PROGRAM}: cancelled")
            if time.monotonic() > ends_s:
                raise SfpError(f"{_PROGRAM}: no landmarks after {timeout_s:g} s; {_last_lines(log)}")
            time.sleep(_POLL_S)


class _Watch:
    """Tells when the file of landmarks is there and has stopped growing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._size, self._since_s = 0, time.monotonic()

    def settled(self, *, at_once: bool) -> Path | None:
        """The file; None as long as there is none, or while it grows and not `at_once`."""
        path = next(iter(sorted(self._folder.glob("pred_fls_*.txt"))), None)
        size = path.stat().st_size if path is not None else 0
        if size != self._size:
            self._size, self._since_s = size, time.monotonic()
        return path if size and (at_once or time.monotonic() - self._since_s >= _SETTLED_S) else None


@contextlib.contextmanager
def _started(command: Sequence[str], folder: Path, said: int) -> Iterator["subprocess.Popen[bytes]"]:
    """A child whose processes all end with the block."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        child = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise SfpError(f"{command[0]}: cannot be run ({error.strerror or error}); expected a Python") from error
    try:
        yield child
    finally:
        _end(child)


def _end(child: "subprocess.Popen[bytes]") -> None:
    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        if child.poll() is not None:
            return
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, number)
        else:
            child.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_GRACE_S)


def _last_lines(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-_LAST_LINES:]
    return "its last lines: " + " | ".join(line.strip() for line in lines) if lines else "it said nothing"


def _read(path: Path, least: int) -> np.ndarray:
    try:
        numbers = np.loadtxt(path, ndmin=2)
    except ValueError as error:
        raise SfpError(f"{path.name}: not a table of landmarks ({error})") from error
    if numbers.shape[1] != 3 * IBUG_68.count or len(numbers) < least or not np.isfinite(numbers).all():
        raise SfpError(
            f"{path.name}: {numbers.shape[0]} lines of {numbers.shape[1]} numbers, or not finite; expected at least "
            f"{least} lines of {3 * IBUG_68.count}"
        )
    return numbers.reshape(len(numbers), -1, 3)
