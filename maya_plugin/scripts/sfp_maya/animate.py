"""From a sound file to keys: the child process that makes the take, and the take onto the rig."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Callable, Sequence

from maya import cmds

from .apply import ApplyOptions, apply_take
from .environment import child_environment, sfp_command
from .errors import SfpMayaError
from .layers import layer_of
from .report import Report
from .rerun import hand_back
from .rig import find_namespace
from .scene import frame_rate
from .settings import chosen_environment
from .take_file import NAME, motions, read_take
from .worker import AnimateRequest, Progress, Worker, wait


@dataclass(frozen=True)
class Press:
    """One press of the button.

    Attributes
    ----------
    nodes : sequence of str
        The selection: any part of the character. Empty: the one character of the scene that fits.
    namespace : str or None
        Of the character, where it is given and not to be found from `nodes`.
    take : Path or None
        The take's folder; beside the sound by default.
    """

    audio: Path
    character: str
    start_frame: int
    nodes: Sequence[str] = ()
    namespace: str | None = None
    take: Path | None = None
    transcript: str = ""
    extra: Sequence[str] = ()
    options: ApplyOptions = field(default_factory=ApplyOptions)

    @property
    def folder(self) -> Path:
        """Where the take goes."""
        return self.take or self.audio.with_name(f"{self.audio.stem}_{Path(self.character).stem}_take")


def start(press: Press) -> Worker:
    """Start the child process; the window then asks it for events, and calls `land` when it has ended well.

    A take that is there is made anew, and keeps what an animator has changed: curves of the scene that differ from
    what was keyed are handed back to it first.

    Raises
    ------
    SfpMayaError
        No sound, no environment, a scene without frames; nothing has been started or changed then.
    """
    if not press.audio.is_file():
        raise SfpMayaError(f"{press.audio}: no such sound file")
    command = sfp_command(chosen_environment(), platform=sys.platform, environ=os.environ)
    file = press.folder / NAME
    there = file.is_file()
    if there and not press.options.replace_all:
        take = read_take(file)
        namespace = press.namespace if press.namespace is not None else find_namespace(motions(take), press.nodes)
        layer = layer_of(take.id, namespace)
        if layer is not None:
            hand_back(layer, path=file)
    request = AnimateRequest(
        press.audio,
        press.folder,
        str(frame_rate()),
        press.character,
        press.transcript,
        keep=there and not press.options.replace_all,
        force=there and press.options.replace_all,
        extra=press.extra,
    )
    maya = os.environ.get("MAYA_LOCATION", "")
    environment = child_environment(os.environ, maya_location=maya, platform=sys.platform)
    return Worker([*command, *request.words()], environment)


def land(press: Press) -> Report:
    """Apply the take that the child process has written. On the main thread.

    Raises
    ------
    SfpMayaError
        The take is for another rig, or nothing of it can be keyed; the scene is as it was.
    """
    take = read_take(press.folder)
    namespace = press.namespace
    if namespace is None:
        namespace = find_namespace(motions(take), press.nodes)
    options = press.options
    if options.sound_file is None:
        options = replace(options, sound_file=press.audio.resolve())
    return apply_take(take, namespace=namespace, start_frame=press.start_frame, options=options)


def animate(
    press: Press,
    *,
    told: Callable[[Progress], None] = lambda event: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Report:
    """The whole way at once, for commands and batch: waits for the child process."""
    wait(start(press), told=told, stopped=stopped)
    return land(press)


def selected_nodes() -> list[str]:
    """The selection, for the functions above: they never look at it themselves."""
    return list(cmds.ls(selection=True, long=True) or [])
