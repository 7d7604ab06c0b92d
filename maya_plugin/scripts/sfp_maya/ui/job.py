"""Child processes one after the other, asked for news by a timer on the main thread."""

from __future__ import annotations

from typing import Sequence

from sfp_maya.errors import SfpMayaError
from sfp_maya.worker import Worker

from .host import Step
from .qt import QtCore

_ASKED_EVERY_MS = 100


class Job(QtCore.QObject):
    """Runs steps.

    Signals
    -------
    progressed : Progress
    failed : SfpMayaError
        A step did not start or did not end well, or the job was cancelled. No further step is taken.
    ended : None
        All steps ended well.
    """

    progressed = QtCore.Signal(object)
    failed = QtCore.Signal(object)
    ended = QtCore.Signal()

    def __init__(self, steps: Sequence[Step], parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._left = list(steps)
        self._worker: Worker | None = None
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(_ASKED_EVERY_MS)
        self._timer.timeout.connect(self._ask)

    @property
    def worker(self) -> Worker | None:
        """The child process of the step that is being taken."""
        return self._worker

    def start(self) -> None:
        """Take the first step. Raises nothing: what goes wrong is told by `failed`."""
        self._next()

    def cancel(self) -> None:
        """End the child process with its children; `failed` tells of it."""
        if self._worker is not None:
            self._worker.cancel()
            self._ask()

    def _next(self) -> None:
        try:
            self._worker = self._left.pop(0)()
        except SfpMayaError as error:
            self._worker = None
            self.failed.emit(error)
            return
        self._timer.start()

    def _ask(self) -> None:
        worker = self._worker
        if worker is None:
            return
        ended = not worker.running
        failure = None
        if ended:
            try:
                worker.finish()
            except SfpMayaError as error:
                failure = error
        for event in worker.events():  # after `finish`, so that none is left behind
            self.progressed.emit(event)
        if not ended:
            return
        self._timer.stop()
        self._worker = None
        if failure is not None:
            self._left.clear()
            self.failed.emit(failure)
        elif self._left:
            self._next()
        else:
            self.ended.emit()
