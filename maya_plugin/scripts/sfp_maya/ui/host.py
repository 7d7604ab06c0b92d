"""What the window knows of the place where it runs: Maya, or nothing but this computer. No Qt, no Maya."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence

from sfp_maya.worker import Worker

Step = Callable[[], Worker]
"""Starts a child process. Steps of a job are taken one after the other."""

LAYERS = ("blinks", "gaze", "brows")
"""What `sfp animate` adds to the speech; each can be left out of a take."""

PREVIEW = "preview.mp4"


@dataclass(frozen=True)
class Order:
    """What was filled in when a button was pressed.

    Attributes
    ----------
    source : Path
        The recording, or the film of a face.
    film : bool
        Whether it is a film.
    namespace : str or None
        None: found from the selection.
    fps : str
        Of the take, outside of Maya; in Maya it is the scene's.
    mode : str
        As `ApplyOptions.mode`.
    left_out : sequence of str
        Of `LAYERS`.
    """

    source: Path
    character: str
    film: bool = False
    transcript: str = ""
    namespace: str | None = None
    start_frame: int = 1
    fps: str = "24"
    mode: str = "override"
    replace_all: bool = False
    jaw: float = 1.0
    lips: float = 1.0
    left_out: Sequence[str] = ()

    @property
    def extra(self) -> tuple[str, ...]:
        """Options of `sfp animate` that are not the default."""
        words = ["--engine", "video"] if self.film else []
        for name, value in (("--jaw", self.jaw), ("--lips", self.lips)):
            words += [name, f"{value:g}"] if value != 1.0 else []
        for layer in self.left_out:
            words += ["--layer", f"{layer}=0"]
        return tuple(words)


@dataclass(frozen=True)
class Outcome:
    """What came of it: lines for people, the take's folder, and its film where there is one."""

    lines: Sequence[str]
    folder: Path
    film: Path | None = None


class Host(ABC):
    """Where the window runs. Everything is called on the main thread."""

    in_maya = False
    apply_label = "Apply"

    @abstractmethod
    def command(self) -> tuple[str, ...]:
        """The words that start `sfp`. Raises SfpMayaError where there is none."""

    @abstractmethod
    def child_variables(self) -> dict[str, str]:
        """The environment variables of a child process."""

    @abstractmethod
    def environment(self) -> str:
        """The chosen environment of `sfp`, "" where none was."""

    @abstractmethod
    def choose_environment(self, place: str) -> None:
        """Remember it."""

    @abstractmethod
    def remembered(self) -> str:
        """What `remember` was given last, in this session or another; "" at first."""

    @abstractmethod
    def remember(self, text: str) -> None:
        """Keep a text from session to session."""

    @abstractmethod
    def take_steps(self, order: Order) -> list[Step]:
        """The child processes that make the take. What is wrong beforehand raises SfpMayaError, here or in a step."""

    @abstractmethod
    def preview_steps(self, order: Order) -> list[Step]:
        """Those that make the take and its film, and leave the scene alone."""

    @abstractmethod
    def land(self, order: Order) -> Outcome:
        """What is to be done once the take is there. Raises SfpMayaError."""

    @abstractmethod
    def previewed(self, order: Order) -> Outcome:
        """What `preview_steps` have made."""

    def current_frame(self) -> int:
        """The time that the scene shows."""
        return 1

    def selected_namespaces(self) -> tuple[str, ...]:
        """Of the selected nodes, each once."""
        return ()


def settings_of(host: Host) -> dict[str, Any]:
    """The window's settings of last time; {} for none, and for any that cannot be read."""
    try:
        found = json.loads(host.remembered() or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def keep_settings(host: Host, settings: Mapping[str, Any]) -> None:
    """Remember them."""
    host.remember(json.dumps(dict(settings), sort_keys=True))
