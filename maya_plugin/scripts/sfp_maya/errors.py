"""The one exception that users see: a line that says what is wrong and what to do."""

from __future__ import annotations


class SfpMayaError(RuntimeError):
    """Wrong input or a failure that is told in one line. `details` is for those who want to see more."""

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details
