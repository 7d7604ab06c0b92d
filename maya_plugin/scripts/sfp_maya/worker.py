"""`sfp` as a child process: started clean, watched by a thread that never touches Maya, ended with all its children.

A `Worker` is asked by its owner (a timer of the window, or a loop in batch) for what has come in; the threads only
read pipes into a queue.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Callable, Mapping, Sequence

from .environment import end_commands, start_options
from .errors import SfpMayaError

LAST_LINES = 20
_GRACE_SECONDS = 3.0


@dataclass(frozen=True)
class Progress:
    """One line of progress. `kind`: start, progress, done, failed or warning; `total` is None where unknown."""

    kind: str
    stage: str
    done: float | None
    total: float | None
    message: str


@dataclass(frozen=True)
class AnimateRequest:
    """What `sfp animate` is asked for. Left out of the command line where it is the default.

    Attributes
    ----------
    take : Path
        The folder for the take.
    fps : str
        The scene's rate, as "24000/1001", so that keys fall on its frames.
    keep : bool
        The take is there already, and what is marked in it as edited is to stay.
    extra : tuple of str
        Further options, such as ("--jaw", "0.8").
    """

    audio: Path
    take: Path
    fps: str
    character: str = "toon"
    transcript: str = ""
    keep: bool = False
    force: bool = False
    preview: bool = False
    engine: str = ""
    extra: Sequence[str] = ()

    def words(self) -> list[str]:
        """The command line behind `sfp`."""
        words = ["animate", str(self.audio), "-o", str(self.take), "--character", self.character, "--fps", self.fps]
        words += ["--transcript", self.transcript] if self.transcript else []
        words += ["--engine", self.engine] if self.engine else []
        words += ["--keep"] if self.keep else ["--force"] if self.force else []
        words += [] if self.preview else ["--no-preview"]
        return words + list(self.extra) + ["--progress", "json"]


class Worker:
    """A running child process.

    Parameters
    ----------
    command : sequence of str
        The whole command line.
    environment : mapping
        All of its variables; `environment.child_environment` makes them.
    platform : str
        As `sys.platform`; how a process is started and ended depends on it.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], *, platform: str = sys.platform) -> None:
        self._platform = platform
        self._queue: queue.Queue[Progress] = queue.Queue()
        self._tail: deque[str] = deque(maxlen=LAST_LINES)
        self._failure = ""
        self.cancelled = False
        try:
            self._process: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[call-overload]
                list(command),
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                **start_options(platform=platform),
            )
        except OSError as error:
            raise SfpMayaError(f"{command[0]}: cannot be started ({error.strerror or error})") from error
        self._threads = [
            threading.Thread(target=self._read, args=(stream,), name="sfp reader", daemon=True)
            for stream in (self._process.stderr, self._process.stdout)
        ]
        for thread in self._threads:
            thread.start()

    def _read(self, stream: IO[bytes]) -> None:
        """In a thread: lines into the queue. No Maya here."""
        with stream:
            for raw in stream:
                line = raw.decode("utf-8", "replace").rstrip()
                event = _parsed(line)
                if event is not None:
                    self._queue.put(event)
                    if event.kind == "failed":
                        self._failure = event.message
                elif line:
                    self._tail.append(line)

    @property
    def pid(self) -> int:
        """The process's number."""
        return int(self._process.pid)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def events(self) -> list[Progress]:
        """What has come in since the last call; never waits."""
        found = []
        while True:
            try:
                found.append(self._queue.get_nowait())
            except queue.Empty:
                return found

    def cancel(self) -> None:
        """End the process and its children, and wait for that. Harmless when it has ended."""
        self.cancelled = True
        self._end()

    def finish(self) -> None:
        """Wait for the end.

        Raises
        ------
        SfpMayaError
            Cancelled, or it failed: its own words, and its last lines as `details`.
        """
        code = self._process.wait()
        for thread in self._threads:
            thread.join(_GRACE_SECONDS)
        if self.cancelled:
            raise SfpMayaError("cancelled; nothing was changed")
        if code:
            details = "\n".join(self._tail)
            last = self._failure or (self._tail[-1] if self._tail else "it said nothing")
            raise SfpMayaError(f"sfp ended with {_how(code)}: {last}", details)

    def _end(self) -> None:
        if not self.running:
            return
        commands = end_commands(self.pid, platform=self._platform)
        if commands:
            for command in commands:
                _quietly(command)
        else:
            self._signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE_SECONDS)
            # children that have not listened, those of a process that is gone among them
            self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _signal(self, number: int) -> None:
        """To the whole group, which has the child's number since it was started in a session of its own."""
        with suppress(ProcessLookupError, PermissionError):  # all have ended
            os.killpg(self.pid, number)


def wait(worker: Worker, *, told: Callable[[Progress], None], stopped: Callable[[], bool] = lambda: False) -> None:
    """In batch, or in a command: pass on what comes in until the child ends; `stopped` is asked ten times a second.

    Raises
    ------
    SfpMayaError
        As `Worker.finish`. Whatever ends the wait, the child is not left running.
    """
    try:
        while worker.running:
            for event in worker.events():
                told(event)
            if stopped():
                worker.cancel()
            time.sleep(0.1)
        try:
            worker.finish()
        finally:
            for event in worker.events():
                told(event)
    finally:
        if worker.running:
            worker.cancel()


def _quietly(command: Sequence[str]) -> None:
    with suppress(OSError, subprocess.TimeoutExpired):  # the caller ends the process itself then
        subprocess.run(list(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=10, check=False)


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"code {code}"


def _parsed(line: str) -> Progress | None:
    """A line of progress; None for anything else, which is talk or the last words of a crash."""
    if not line.startswith("{"):
        return None
    try:
        content: Any = json.loads(line)
    except ValueError:
        return None
    if not isinstance(content, dict) or not isinstance(content.get("event"), str):
        return None
    done, total = (
        value if isinstance(value, (int, float)) else None for value in (content.get("done"), content.get("total"))
    )
    return Progress(content["event"], str(content.get("stage", "")), done, total, str(content.get("message", "")))
