"""A short question to `sfp`, such as its list of characters: asked without waiting, answered by a signal."""

from __future__ import annotations

from typing import Mapping, Sequence

from .qt import QtCore

_LONGEST_MS = 120000


class Question(QtCore.QObject):
    """A child process of which only the whole output counts.

    Signals
    -------
    answered : str
        What it printed.
    failed : str
        Why there is no answer.
    """

    answered = QtCore.Signal(str)
    failed = QtCore.Signal(str)

    def __init__(
        self, command: Sequence[str], variables: Mapping[str, str], parent: QtCore.QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._program = command[0]
        self._process = QtCore.QProcess(self)
        self._process.setProgram(command[0])
        self._process.setArguments(list(command[1:]))
        environment = QtCore.QProcessEnvironment()
        for name, value in variables.items():
            environment.insert(name, value)
        self._process.setProcessEnvironment(environment)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._failed)
        self._limit = QtCore.QTimer(self)
        self._limit.setSingleShot(True)
        self._limit.timeout.connect(self.stop)

    def ask(self) -> None:
        """Start."""
        self._limit.start(_LONGEST_MS)
        self._process.start(QtCore.QIODevice.OpenModeFlag.ReadOnly)

    def stop(self) -> None:
        """End it, if it has not ended."""
        if self._process.state() != QtCore.QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(3000)

    def _finished(self, code: int, status: object = None) -> None:
        self._limit.stop()
        if code or self._process.exitStatus() != QtCore.QProcess.ExitStatus.NormalExit:
            said = _text(self._process.readAllStandardError()).strip().splitlines()
            self.failed.emit(said[-1] if said else f"{self._program} ended with code {code}")
        else:
            self.answered.emit(_text(self._process.readAllStandardOutput()))

    def _failed(self, error: QtCore.QProcess.ProcessError) -> None:
        if error == QtCore.QProcess.ProcessError.FailedToStart:
            self._limit.stop()
            self.failed.emit(f"{self._program}: cannot be started ({self._process.errorString()})")


def _text(content: QtCore.QByteArray) -> str:
    return bytes(content.data()).decode("utf-8", "replace")
