"""How long work tells how far it is: a bar for people, one JSON object a line for programs, few lines for logs."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from rich.progress import TaskID

EventKind = Literal["start", "progress", "done", "failed", "warning"]
Mode = Literal["auto", "json", "none"]

_JSON_EVERY_S = 0.1  # a reader redraws a bar; more events a second only cost time
_LINE_EVERY_S = 10.0


class Progress:
    """Where stages report to. This one tells nobody, and is the library's default.

    A stage is entered with `stage`; inside it, calling the step says how much is done.
    """

    def __init__(self) -> None:
        self.current = ""
        self.stage_seconds: dict[str, float] = {}

    def tell(
        self, event: EventKind, stage: str, *, done: int | None = None, total: int | None = None, message: str = ""
    ) -> None:
        """Pass one event on."""

    def close(self) -> None:
        """Leave the terminal as it was."""

    def warning(self, message: str) -> None:
        """Something a person should know that stops nothing."""
        self.tell("warning", self.current, message=message)

    @contextmanager
    def stage(self, name: str, *, total: int | None = None) -> Iterator["Step"]:
        """One named stage; its seconds are kept in `stage_seconds`. Stages do not nest."""
        self.current = name
        step = Step(self, name, total)
        began = time.perf_counter()
        self.tell("start", name, done=0, total=total)
        try:
            yield step
        finally:
            self.stage_seconds[name] = self.stage_seconds.get(name, 0.0) + time.perf_counter() - began
        self.tell("done", name, done=step.total, total=step.total)


@dataclass
class Step:
    """Call it with how much of its stage is done, and with the total where that was not known before."""

    progress: Progress
    name: str
    total: int | None = None

    def __call__(self, done: int, total: int | None = None) -> None:
        """`done` of `total` units are behind us."""
        self.total = total if total is not None else self.total
        self.progress.tell("progress", self.name, done=done, total=self.total)


class JsonProgress(Progress):
    """`{"event":"start|progress|done|failed|warning","stage":"speech","done":3,"total":10,"message":"..."}` a line."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__()
        self._stream = stream or sys.stderr
        self._last_s = -_JSON_EVERY_S

    def tell(
        self, event: EventKind, stage: str, *, done: int | None = None, total: int | None = None, message: str = ""
    ) -> None:
        """Write one line; `progress` events that follow too soon are left out."""
        if event == "progress":
            if time.perf_counter() - self._last_s < _JSON_EVERY_S:
                return
            self._last_s = time.perf_counter()
        elif event == "start":
            self._last_s = -_JSON_EVERY_S
        line = {"event": event, "stage": stage, "done": done, "total": total, "message": message}
        print(json.dumps(line), file=self._stream, flush=True)


class LineProgress(Progress):
    """For a stderr that is no terminal: warnings, and a line every ten seconds of a long stage."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__()
        self._stream = stream or sys.stderr
        self._last_s = time.perf_counter()

    def tell(
        self, event: EventKind, stage: str, *, done: int | None = None, total: int | None = None, message: str = ""
    ) -> None:
        """Write a line where there is something to say."""
        if event == "warning":
            self._line(f"warning: {message}")
        elif event == "start":
            self._last_s = time.perf_counter()
        elif event == "progress" and time.perf_counter() - self._last_s >= _LINE_EVERY_S:
            self._last_s = time.perf_counter()
            self._line(f"{stage}: {done} of {total}" if total else f"{stage}: {done}")

    def _line(self, text: str) -> None:
        print(f"sfp: {text}", file=self._stream, flush=True)


class BarProgress(Progress):
    """Bars on a terminal, drawn by rich on stderr."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__()
        from rich.console import Console  # only where there is a terminal to draw on
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = RichProgress(*columns, console=Console(file=stream or sys.stderr))
        self._tasks: dict[str, TaskID] = {}
        self._bar.start()

    def tell(
        self, event: EventKind, stage: str, *, done: int | None = None, total: int | None = None, message: str = ""
    ) -> None:
        """Move the bar, or write a line above it."""
        bar, tasks = self._bar, self._tasks
        if event == "start":
            tasks[stage] = bar.add_task(stage, total=total)
        elif event == "progress":
            bar.update(tasks[stage], completed=done, total=total)
        elif event == "done":
            bar.update(tasks[stage], completed=done or 1, total=total or 1)
        elif event == "warning":
            bar.console.print(f"sfp: warning: {message}", markup=False, highlight=False)

    def close(self) -> None:
        """Stop drawing."""
        self._bar.stop()


def progress_for(mode: Mode) -> Progress:
    """What suits stderr: JSON where asked; else a bar on a terminal, few lines elsewhere, nothing for `none`."""
    if mode == "json":
        return JsonProgress()
    if mode == "none":
        return Progress()
    return BarProgress() if sys.stderr.isatty() else LineProgress()
