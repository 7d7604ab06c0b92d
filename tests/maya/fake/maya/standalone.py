"""`maya.standalone`: Maya as a library, in batch."""

from __future__ import annotations

from maya_fake.scene import SESSION


def initialize(name: str = "python") -> None:
    """Start; undo is off in batch until it is turned on."""
    SESSION.restart(batch=True)
    SESSION.undo_on = False


def uninitialize() -> None:
    """End."""
