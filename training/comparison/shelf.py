"""Detectors off the shelf: a child process in an environment of its own, pictures and boxes in, 68 points out.

What the child is told and tells is described in `children/serve.py`.
"""

import json
import os
import queue
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

import numpy as np

from sfp_core.detect.crop import Box
from sfp_core.errors import SfpError
from sfp_core.layout import IBUG_68

_CHILDREN = Path(__file__).parent / "children"
_SERVE = _CHILDREN / "serve.py"
_START_SECONDS = 300.0  # importing mediapipe or torch, with a slow disk
_END_SECONDS = 5.0
_TOLD_LINES, _TOLD_CHARACTERS = 3, 400  # of stderr, in an error


@dataclass(frozen=True)
class Kind:
    """A detector that we know to ask.

    Attributes
    ----------
    backend : str
        The file beside `serve.py`.
    install : str
        What pip is asked for.
    given : str
        What it sees of a picture, for people to read.
    """

    backend: str
    install: str
    given: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "mediapipe": Kind(
            "mediapipe_mesh.py",
            "mediapipe==0.10.14 'numpy<2'",
            "FaceMesh, static images, refined mesh, confidence 0.3: the square of the box times 1.6, and where its own "
            "finder sees no face there that overlaps the box, times 2.0, 1.3, 2.6 and 3.4; 68 of its 478 vertices",
        ),
        "dlib": Kind(
            "dlib_shape.py",
            "dlib numpy",
            "the shape predictor of 68 points on the rectangle of dlib's own face finder, which looks in the square of "
            "the box times 2.0, and where that finds nothing, on the square of the box times 1.06, a little higher",
        ),
        "face-alignment": Kind(
            "face_alignment_fan.py",
            "face-alignment",
            "FAN in two dimensions on the given box, from which the package makes its own crop",
        ),
    }
)


@dataclass(frozen=True)
class ShelfChoice:
    """What `--shelf` asks for: a kind, the Python that has it, and its model file if it needs one."""

    kind: str
    python: str
    model: str | None = None

    @classmethod
    def parsed(cls, text: str) -> "ShelfChoice":
        """`KIND=PYTHON` or `KIND=PYTHON,MODEL`. Raises SfpError for anything else."""
        kind, equals, rest = text.partition("=")
        python, _, model = rest.partition(",")
        if kind not in KINDS or not equals or not python:
            raise SfpError(f"--shelf {text}: expected KIND=PYTHON with KIND one of {', '.join(KINDS)}")
        return cls(kind, python, model or None)


class Shelf:
    """A running child; a method of `training.comparison.methods`. Ends with its `with` block.

    Attributes
    ----------
    name, told : str
        For people to read; `told` has the version, and what the detector is given.
    layout : Layout
    """

    layout = IBUG_68

    def __init__(self, choice: ShelfChoice, *, timeout_s: float) -> None:
        self.name = choice.kind
        self._kind = KINDS[choice.kind]
        self._python = choice.python
        self._timeout_s = timeout_s
        self._lines: queue.Queue[str] = queue.Queue()
        self._stderr: deque[str] = deque(maxlen=50)
        self._folder = tempfile.TemporaryDirectory(prefix="sfp-compare-")
        self._picture: tuple[Path, Path] | None = None
        self._count = 0
        model = [choice.model] if choice.model else []
        command = [choice.python, "-I", str(_SERVE), self._kind.backend, *model]
        try:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                env={**os.environ, "GLOG_minloglevel": "2", "TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": ""},
            )
        except OSError as error:
            self._folder.cleanup()
            raise SfpError(f"--shelf {self.name}: {choice.python} cannot be started ({error.strerror})") from error
        self._readers = [threading.Thread(target=reader, daemon=True) for reader in (self._read, self._read_errors)]
        for reader in self._readers:
            reader.start()
        self.told = ""

    def __enter__(self) -> "Shelf":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the child, and remove what was written for it."""
        child = self._child
        try:
            if child.stdin is not None:
                child.stdin.close()
        except OSError:  # it has gone already
            child.kill()
        try:
            child.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for reader in self._readers:
            reader.join(_END_SECONDS)
        for stream in (child.stdout, child.stderr):
            if stream is not None:
                stream.close()
        self._folder.cleanup()

    def started(self) -> None:
        """Wait until the child is ready, and note what it is. Raises SfpError if it will never be."""
        first = self._next(_START_SECONDS, "while it was starting")
        if "missing" in first:
            raise SfpError(
                f"--shelf {self.name}: {self._python} cannot import {first['missing']} ({_one_line(first['reason'])}); "
                f"install it there: {self._python} -m pip install {self._kind.install}"
            )
        if "failed" in first:
            raise SfpError(f"--shelf {self.name}: it cannot be loaded: {_one_line(str(first['failed']))}")
        if not isinstance(first.get("ready"), str):
            raise self._broken(f"its first line is {first!r}", "")
        self.told = f"{first['ready']}: {self._kind.given}"

    def find(self, path: Path, picture: np.ndarray, box: Box) -> tuple[np.ndarray | None, float]:
        """Points (68, 2) float64 in image space, or None where it finds no face, and its milliseconds.

        Parameters
        ----------
        path : Path
            Names the picture; one that was just asked about is not written again.
        picture : (H, W, 3) uint8
            RGB.
        box : (x0, y0, x1, y1)
            Image space.

        Raises
        ------
        SfpError
            It ended, took longer than its time, or answers something else.
        """
        where = f"on {path}"
        self._ask({"picture": str(self._written(path, picture)), "box": list(box)}, where)
        told = self._next(self._timeout_s, where)
        if not isinstance(told.get("ms"), int | float) or "points" not in told:
            raise self._broken(f"it answered {told!r}", where)
        if told["points"] is None:
            return None, float(told["ms"])
        try:
            points = np.array(told["points"], dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise self._broken(f"its points are no numbers ({error})", where) from error
        if points.shape != (IBUG_68.count, 2) or not np.isfinite(points).all():
            raise self._broken(f"it gave {points.shape} numbers; expected ({IBUG_68.count}, 2) finite ones", where)
        return points, float(told["ms"])

    def _written(self, path: Path, picture: np.ndarray) -> Path:
        if self._picture is not None and self._picture[0] == path:
            return self._picture[1]
        self._count += 1
        target = Path(self._folder.name) / f"{self._count}.npy"
        np.save(target, picture)
        if self._picture is not None:
            self._picture[1].unlink()
        self._picture = (path, target)
        return target

    def _ask(self, asked: Mapping[str, Any], where: str) -> None:
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(json.dumps(asked) + "\n")
            self._child.stdin.flush()
        except OSError as error:
            raise self._ended(where) from error

    def _next(self, seconds: float, where: str) -> dict[str, Any]:
        """The child's next line."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            self._child.kill()
            longer = "; --timeout gives it longer" if seconds == self._timeout_s else ""
            raise self._broken(f"no answer in {seconds:g} s{longer}", where) from None
        if not line:
            raise self._ended(where)
        try:
            told = json.loads(line)
        except ValueError as error:
            raise self._broken(f"it said {line.strip()!r}, which is not JSON", where) from error
        if not isinstance(told, dict):
            raise self._broken(f"it said {line.strip()!r}; expected a JSON object", where)
        return told

    def _ended(self, where: str) -> SfpError:
        code = self._child.wait()
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return self._broken(f"it {how}", where)

    def _broken(self, what: str, where: str) -> SfpError:
        if self._child.poll() is not None:
            self._readers[1].join(_END_SECONDS)  # all of what it wrote before it ended
        last = _one_line(" | ".join(list(self._stderr)[-_TOLD_LINES:]))
        place = f" {where}" if where else ""
        return SfpError(f"--shelf {self.name}{place}: {what}" + (f"; its last words: {last}" if last else ""))

    def _read(self) -> None:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _read_errors(self) -> None:
        assert self._child.stderr is not None
        for line in self._child.stderr:
            if line.strip():
                self._stderr.append(line.strip())


def _one_line(text: str) -> str:
    """The end of a text, without line breaks."""
    joined = " ".join(text.split())
    return joined if len(joined) <= _TOLD_CHARACTERS else f"...{joined[-_TOLD_CHARACTERS:]}"
