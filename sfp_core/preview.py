"""The pictures of a take in time order, drawn in worker processes where there are cores, with flat memory."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.rig import RigSpec
from sfp_core.timing import frame_at_or_before

if TYPE_CHECKING:
    from sfp_core.rigs.drawable import Drawable
    from sfp_core.rigs.procedural import Controls

PREVIEW_SIZE = 720
_CHUNK = 4  # frames a task: large enough that the way between processes costs nothing, small enough to stop soon
_WORTH_WORKERS = 96  # below this many frames the start of the workers takes longer than they save


@dataclass(frozen=True)
class Scene:
    """Who is drawn, and how large.

    Attributes
    ----------
    character : str
        A built-in name, or a .glb, .gltf or .vrm file.
    controls : "panel" or "arkit"
        What poses a built-in character.
    size : int
        Side of the pictures, pixels.
    supersample : int
        Samples a pixel and axis.
    """

    character: str
    controls: "Controls" = "panel"
    size: int = PREVIEW_SIZE
    supersample: int = 2


def scene_of(rig: RigSpec, file: Path | None = None) -> Scene | None:
    """The scene that shows a rig; None for a rig that we cannot draw.

    Parameters
    ----------
    file : Path, optional
        The glTF file that holds the rig; else it is looked for among the built-in characters.

    Raises
    ------
    SfpError
        The file cannot be used, or has other controllers than the rig.
    """
    from sfp_core.character.drawn import drawn_rig, same_rig  # loads the renderer: only for a film

    if file is not None:
        scene = Scene(str(file))
        same_rig(rig, _character(scene.character, scene.controls), where=f"{file}: rig {rig.name}")
        return scene
    try:
        drawn = drawn_rig(rig)
    except SfpError:  # a rig of theirs, or of another version, that has a built-in name
        return None
    return None if drawn is None else Scene(drawn.name, drawn.controls)


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def pictures(
    scene: Scene, values: np.ndarray, head_deg: np.ndarray | None = None, *, processes: int = 1
) -> Generator[np.ndarray, None, None]:
    """The frames of a film, drawn one after the other or ahead of the reader, never more than a few in memory.

    Parameters
    ----------
    values : (T, K) float64
        Controller units.
    head_deg : (T, 3) float64 or None
        Pitch, yaw, roll; None leaves the head at rest.
    processes : int
        With 2 or more, that many workers draw (started anew, so a program that calls this needs the usual
        `if __name__ == "__main__":`); a short film is drawn in this process all the same.

    Yields
    ------
    (S, S, 3) uint8 RGB
    """
    angles = np.zeros((len(values), 3)) if head_deg is None else head_deg
    if processes < 2 or len(values) < _WORTH_WORKERS:
        yield from _drawn(scene, values, angles)
        return
    with _workers(processes) as workers:
        waiting: deque[Future[list[np.ndarray]]] = deque()
        for begin in range(0, len(values), _CHUNK):
            part = slice(begin, begin + _CHUNK)
            waiting.append(workers.submit(_draw_chunk, scene, values[part], angles[part]))
            if len(waiting) > 2 * processes:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def beside(
    left: Iterable[np.ndarray], right: Iterable[np.ndarray], *, fps: tuple[Fraction, Fraction]
) -> Iterator[np.ndarray]:
    """Two films in one, for as long as the right one lasts.

    Parameters
    ----------
    left : iterable of (H, W, 3) uint8 RGB
        Brought to the height of the right one, keeping its shape; the last picture stays where it ends early.
    right : iterable of (S, V, 3) uint8 RGB
        S and V even.
    fps : (Fraction, Fraction)
        Their rates; the result has the right one's. To the left is the picture that is shown at that time.

    Yields
    ------
    (S, U + V, 3) uint8 RGB, U even
    """
    source = iter(left)
    shown: np.ndarray | None = None
    taken = -1
    for index, picture in enumerate(right):
        wanted = frame_at_or_before(Fraction(index) / fps[1], fps[0])
        while taken < wanted:
            following = next(source, None)
            if following is None:
                break
            taken += 1
            shown = following
        if shown is None:
            yield picture
        else:
            yield np.concatenate([_at_height(shown, picture.shape[0]), picture], axis=1)


def _at_height(picture: np.ndarray, height: int) -> np.ndarray:
    """The picture at this height, its width rounded to an even number of pixels."""
    from PIL import Image  # only where two films are shown together

    width = max(2, 2 * round(picture.shape[1] * height / picture.shape[0] / 2))
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))


@lru_cache(maxsize=1)
def _character(name: str, controls: "Controls") -> "Drawable":
    from sfp_core.rigs.drawable import drawable_named  # loads the renderer

    return drawable_named(name, controls=controls)()  # a worker draws one character, many times


def _drawn(scene: Scene, values: np.ndarray, head_deg: np.ndarray) -> Iterator[np.ndarray]:
    character = _character(scene.character, scene.controls)
    for row, (pitch, yaw, roll) in zip(values, head_deg, strict=True):
        angles = (float(pitch), float(yaw), float(roll))
        yield character.portrait(row, size=scene.size, head_deg=angles, supersample=scene.supersample)


@contextmanager
def _workers(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Workers that leave Ctrl-C to this process; dropped at once when the block ends badly."""
    context = multiprocessing.get_context("spawn")  # fork would copy the locks of the threads of BLAS and Numba
    workers = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin)
    try:
        with _interrupts_ignored():  # inherited by the workers, which start at the first tasks
            for _ in range(processes):
                workers.submit(_nothing)
        yield workers
    finally:
        workers.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # only there may signals be set
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _nothing() -> None:
    """A task that makes a worker start."""


def _draw_chunk(scene: Scene, values: np.ndarray, head_deg: np.ndarray) -> list[np.ndarray]:
    return list(_drawn(scene, values, head_deg))
