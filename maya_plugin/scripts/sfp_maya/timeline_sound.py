"""The take's sound in the scene: one audio node at the start frame, shown on the time slider."""

from __future__ import annotations

from pathlib import Path

from maya import cmds, mel

from .scene import in_batch
from .take_file import Take

PLAYED = (".wav", ".aif", ".aiff")
"""What Maya plays; other sounds are to be converted first."""


def sound_file_of(take: Take) -> Path | None:
    """The take's sound as a path: as it was given, or beside the take."""
    if take.sound is None:
        return None
    given = Path(take.sound.file)
    for path in (given, take.path.parent / given, take.path.parent / given.name):
        if path.is_absolute() and path.is_file():
            return path
        if path.is_file():
            return path.resolve()
    return given


def place_sound(file: Path, frame: float) -> tuple[str | None, tuple[str, ...]]:
    """The audio node that plays `file` from `frame` on; one that is there already is moved, not doubled.

    Returns
    -------
    node : str or None
        None where Maya would not play the file.
    notes : tuple of str
        Why not, and what to do.
    """
    if file.suffix.lower() not in PLAYED:
        return None, (f"sound: Maya plays no {file.suffix or 'file without suffix'}; convert {file.name} to wav first",)
    if not file.is_file():
        return None, (f"sound: {file} is not there; the keys are right without it",)
    node = _node_of(file)
    if node is None:
        node = str(cmds.sound(file=file.as_posix(), offset=frame, name=f"{_legal(file.stem)}_sound"))
    elif cmds.getAttr(f"{node}.offset") != frame:
        cmds.sound(node, edit=True, offset=frame)
    if not in_batch():
        slider = str(mel.eval("$sfpSlider = $gPlayBackSlider"))
        cmds.timeControl(slider, edit=True, sound=node, displaySound=True)
    return node, ()


def _node_of(file: Path) -> str | None:
    for node in cmds.ls(type="audio") or []:
        named = cmds.getAttr(f"{node}.filename")
        if named and Path(str(named)) == file:
            return str(node)
    return None


def _legal(text: str) -> str:
    name = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in text)
    return name if name[:1].isalpha() else f"sfp_{name}"
