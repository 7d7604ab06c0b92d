"""`maya.utils`: work for when Maya is idle ("Python and threading")."""

from __future__ import annotations

import threading
from typing import Any, Callable

from maya_fake.scene import SESSION


def executeDeferred(function: Callable[..., Any], *arguments: Any, **named: Any) -> None:
    """Run when idle, on the main thread."""
    SESSION.deferred.append(lambda: function(*arguments, **named))


def executeInMainThreadWithResult(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Waits for idle, and batch is never idle."""
    if SESSION.batch:
        raise RuntimeError("executeInMainThreadWithResult: not available in batch")
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("executeInMainThreadWithResult: the fake's main thread is never idle")
    return function(*arguments, **named)


def processIdleEvents() -> None:
    """What waits for idle."""
    while SESSION.deferred:
        SESSION.deferred.pop(0)()
