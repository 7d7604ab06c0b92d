"""What the shelf and the menu do: one function an entry. Qt is imported only when a window is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from maya import cmds

from .animate import Press, land, selected_nodes
from .apply import ApplyOptions
from .errors import SfpMayaError
from .scene import current_frame
from .take_file import read_take
from .timeline_sound import sound_file_of


@dataclass(frozen=True)
class Action:
    """An entry: the function of this module that it calls, its words, its icon, and what is told about it."""

    function: str
    label: str
    icon: str
    about: str

    @property
    def script(self) -> str:
        """Python for a shelf button or a menu item: it holds nothing of a session."""
        return f"from sfp_maya import actions\nactions.{self.function}()"


ACTIONS = (
    Action("animate_audio", "Animate from audio", "sfp_audio", "A recording in, keys on the selected character out"),
    Action("animate_video", "Animate from video", "sfp_video", "The film of a face in, keys on the character out"),
    Action("capture_character", "Capture character", "sfp_capture", "Make a character of the selected rig"),
    Action("apply_take", "Apply take", "sfp_take", "Key a take that is there on the selected character"),
    Action("settings", "Settings / doctor", "sfp_settings", "Where sfp is, and whether it answers"),
)


def animate_audio() -> None:
    """The window."""
    from .ui.docked import show

    show()


def animate_video() -> None:
    """The window, for films."""
    from .ui.docked import show

    show(film=True)


def capture_character() -> None:
    """Told, until there is one."""
    cmds.confirmDialog(
        title="Capture character",
        message="Capturing a rig from inside of Maya is not there yet.\n"
        "A rig in a glTF or VRM file becomes a character with: sfp character create",
        button=["OK"],
    )


def apply_take() -> None:
    """Ask for a take's folder, and key it from the current time on."""
    chosen = cmds.fileDialog2(fileMode=3, caption="The folder of a take", okCaption="Apply")
    if chosen:
        _told(Path(chosen[0]))


def settings() -> None:
    """The window's settings alone."""
    from .ui.docked import show

    show().open_settings()


def keyed(folder: Path) -> list[str]:
    """Key a take on the selected character; returns what came of it. Raises SfpMayaError."""
    take = read_take(folder)
    sound = sound_file_of(take)
    press = Press(
        sound or folder,
        take.rig,
        int(round(current_frame())),
        nodes=selected_nodes(),
        take=folder,
        options=ApplyOptions(with_sound=sound is not None, sound_file=sound),
    )
    return land(press).lines()


def _told(folder: Path) -> None:
    try:
        lines = keyed(folder)
    except SfpMayaError as error:
        cmds.confirmDialog(title="Apply take", message=str(error), button=["OK"], icon="warning")
        return
    cmds.confirmDialog(title="Apply take", message="\n".join(lines[:12]), button=["OK"])
