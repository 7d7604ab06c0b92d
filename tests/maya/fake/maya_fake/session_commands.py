"""Commands about the program: undo, evaluation, drawing, files, plug-ins, preferences."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

from .registry import command
from .scene import SESSION


@command("openChunk", "closeChunk", "chunkName", "state", undoable=False)
def undoInfo(
    mode: str, *, openChunk: bool = False, closeChunk: bool = False, chunkName: str = "", state: bool | None = None
) -> Any:
    # Commands: undoInfo: -state off forgets the queue
    if mode == "query":
        return SESSION.undo_on
    if openChunk:
        SESSION.open_chunk(chunkName)
    if closeChunk:
        SESSION.close_chunk()
    if state is not None:
        SESSION.undo_on = bool(state)
        if not state:
            SESSION.flush_undo()
    return None


@command(undoable=False)
def undo(mode: str) -> None:
    # Commands: undo
    if SESSION.depth:
        raise RuntimeError("undo: inside of a chunk")
    SESSION.undo()


@command(undoable=False)
def redo(mode: str) -> None:
    # Commands: redo
    SESSION.redo()


@command("mode", undoable=False)
def evaluationManager(call: str, *, mode: Any) -> Any:
    # Commands: evaluationManager: -mode off, serial or parallel; a list when asked
    if call == "query":
        return [SESSION.evaluation]
    if mode not in ("off", "serial", "parallel"):
        raise RuntimeError(f"evaluationManager: Invalid mode {mode}")
    SESSION.evaluation = mode
    return None


@command("suspend", undoable=False)
def refresh(mode: str, *, suspend: bool | None = None) -> None:
    # Commands: refresh
    if suspend is not None:
        SESSION.suspended = bool(suspend)


@command("batch", "version", "apiVersion", "operatingSystem", undoable=False)
def about(mode: str, **flags: bool) -> Any:
    # Commands: about
    (flag,) = flags
    return {"batch": SESSION.batch, "version": "fake", "apiVersion": 0, "operatingSystem": sys.platform}[flag]


@command(undoable=False)
def warning(mode: str, text: str) -> None:
    # Commands: warning
    SESSION.warnings.append(text)


@command("exists", "stringValue", "query", undoable=False)
def optionVar(
    mode: str,
    *,
    exists: str | None = None,
    stringValue: tuple[str, str] | None = None,
    query: str | None = None,
) -> Any:
    # Commands: optionVar: kept in the user's preferences, not in the scene
    if exists is not None:
        return exists in SESSION.options
    if query is not None:
        return SESSION.options.get(query, 0)
    if stringValue is not None:
        SESSION.options[stringValue[0]] = stringValue[1]
    return None


@command("open", "save", "rename", "new", "force", "type", "reference", "namespace", undoable=False)
def file(
    mode: str,
    *paths: str,
    open: bool = False,
    save: bool = False,
    rename: str = "",
    new: bool = False,
    force: bool = False,
    type: str = "",
    reference: bool = False,
    namespace: str = "",
) -> Any:
    # Commands: file: opening, making and referencing forget the undo queue
    if rename:
        SESSION.scene_name = rename
    if save:
        SESSION.save(Path(SESSION.scene_name))
        return SESSION.scene_name
    if open:
        SESSION.state = SESSION.load(Path(paths[0]))
        SESSION.scene_name = paths[0]
    if new:
        SESSION.state.__init__()  # type: ignore[misc]
    if reference:
        _reference(Path(paths[0]), namespace)
    if open or new or reference:
        SESSION.flush_undo()
    return None


def _reference(path: Path, namespace: str) -> None:
    """Nodes of another scene under a namespace; they cannot be deleted, nor unlocked."""
    other = SESSION.load(path)
    state = SESSION.state
    state.namespaces.add(namespace)
    numbers: dict[int, int] = {}
    for number in sorted(other.nodes):
        state.made += 1
        numbers[number] = state.made
    for number, node in other.nodes.items():
        node.number = numbers[number]
        node.name = f"{namespace}:{node.name}"
        node.parent = None if node.parent is None else numbers[node.parent]
        node.referenced = True
        state.nodes[node.number] = node
    for into, out in other.sources.items():
        state.sources[numbers[into[0]], into[1]] = (numbers[out[0]], out[1])


@command("add", undoable=False)
def namespace(mode: str, *, add: str) -> str:
    # Commands: namespace
    SESSION.state.namespaces.add(add)
    return add


@command(undoable=False)
def loadPlugin(mode: str, path: str) -> Any:
    # Commands: loadPlugin. A Python plug-in may end up in sys.modules under the stem of its file
    stem = Path(path).stem
    spec = importlib.util.spec_from_file_location(stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[stem] = module
    spec.loader.exec_module(module)
    module.initializePlugin(stem)
    SESSION.plugins[stem] = module
    return [stem]


@command(undoable=False)
def unloadPlugin(mode: str, stem: str) -> Any:
    # Commands: unloadPlugin
    SESSION.plugins.pop(stem).uninitializePlugin(stem)
    return [stem]
