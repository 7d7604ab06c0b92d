"""The scene's state is borrowed: what is changed for the time of the work is put back, whatever happens."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Iterator

from maya import cmds

from .errors import SfpMayaError
from .scene import current_frame, in_batch


@contextmanager
def one_undo(name: str) -> Iterator[None]:
    """Everything inside is one step of undo. If it fails, the step is taken back at once, and the scene is as before.

    Raises
    ------
    SfpMayaError
        In place of any error of Maya, saying whether the scene was put back. Others pass as they are.
    """
    recorded = bool(cmds.undoInfo(query=True, state=True))
    cmds.undoInfo(openChunk=True, chunkName=name)
    try:
        yield
    except BaseException as error:
        cmds.undoInfo(closeChunk=True)
        if recorded:
            cmds.undo()
        if isinstance(error, (SfpMayaError, KeyboardInterrupt, SystemExit)):
            raise
        state = "the scene is as it was" if recorded else "undo is off, so the scene may be half changed: do not save"
        raise SfpMayaError(f"{name}: Maya refused: {' '.join(str(error).split())}; {state}") from error
    cmds.undoInfo(closeChunk=True)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Selection, time and auto-key stay; while inside nothing is drawn or evaluated ahead. To be used in `one_undo`."""
    selection = list(cmds.ls(selection=True, long=True) or [])
    time = current_frame()
    keying = bool(cmds.autoKeyframe(query=True, state=True))
    mode = _evaluation_mode()
    drawn = not in_batch()
    if keying:
        cmds.autoKeyframe(state=False)
    try:
        if mode != "off":
            cmds.evaluationManager(mode="off")
        if drawn:
            cmds.refresh(suspend=True)
        yield
    finally:
        if drawn:
            cmds.refresh(suspend=False)
        if mode != "off":
            cmds.evaluationManager(mode=mode)
        if keying:
            cmds.autoKeyframe(state=True)
        if current_frame() != time:
            cmds.currentTime(time)
        _select_again(selection)


def _evaluation_mode() -> str:
    """One of off, serial and parallel; Maya gives a list of one in some versions."""
    mode = cmds.evaluationManager(query=True, mode=True)
    return str(mode if isinstance(mode, str) else next(iter(mode)))


def _select_again(selection: list[str]) -> None:
    if list(cmds.ls(selection=True, long=True) or []) == selection:
        return
    there = cmds.ls(selection, long=True) if selection else []
    if there:
        cmds.select(there, replace=True)
    else:
        cmds.select(clear=True)
