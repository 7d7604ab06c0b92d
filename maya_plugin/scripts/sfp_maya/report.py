"""What was keyed, what was not and why: plain facts for the window, a log, or a file."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Skipped:
    """A controller that was left alone, and why."""

    controller: str
    reason: str


@dataclass(frozen=True)
class Report:
    """The result of one press of the button.

    Attributes
    ----------
    layer : str or None
        The animation layer; None where keys went straight onto the controllers.
    first_frame, last_frame : int
        Of the clip in the scene, without the hand-over frames.
    fps, take_fps : str
        The scene's rate and the take's.
    keyed, resting : tuple of str
        Controllers with keys, and those that the take leaves at neutral.
    limited : tuple of str
        Controllers whose keys were kept within narrower limits than the take's.
    kept : tuple of str
        Controllers whose curves an animator had changed, so that they were not replaced.
    notes : tuple of str
        What a person should know.
    """

    layer: str | None
    namespace: str
    first_frame: int
    last_frame: int
    fps: str
    take_fps: str
    keys: int
    keyed: tuple[str, ...]
    resting: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    limited: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    sound_node: str | None = None
    notes: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a file."""
        return asdict(self)

    def lines(self) -> list[str]:
        """For people: the result first, then what was left out."""
        where = f"on layer {self.layer}" if self.layer else "on the controllers themselves"
        lines = [
            f"{len(self.keyed)} controllers keyed {where}: {self.keys} keys, frames {self.first_frame} to "
            f"{self.last_frame} at {self.fps} fps"
        ]
        if self.kept:
            lines.append(f"kept as you changed them ({len(self.kept)}): {', '.join(self.kept)}")
        if self.limited:
            lines.append(f"kept within the rig's limits ({len(self.limited)}): {', '.join(self.limited)}")
        lines += [f"left out: {one.controller}: {one.reason}" for one in self.skipped]
        return lines + list(self.notes)
