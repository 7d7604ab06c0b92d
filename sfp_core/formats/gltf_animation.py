"""glTF: a copy of the character's own .glb, .gltf or .vrm file with the take as an animation in it."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sfp_core.curves.knots import knots_of
from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.take import Channel, Take, flattened
from sfp_core.errors import SfpError
from sfp_core.formats.gltf_container import Container
from sfp_core.formats.gltf_sampling import Samples, Sum, sampled
from sfp_core.formats.maya_names import short_attribute
from sfp_core.rigs.gltf.document import Document
from sfp_core.rigs.gltf.entry import Entry
from sfp_core.rigs.gltf.figure import read_figure
from sfp_core.rigs.gltf.morphs import Drive, clean_name
from sfp_core.rigs.gltf.scene import Scene
from sfp_core.rigs.gltf.vrm import Vrm
from sfp_core.rigs.vocabulary.arkit import ARKIT
from sfp_core.rigs.vocabulary.naming import compact, last_part

log = logging.getLogger(__name__)

_TURNS = ("rx", "ry", "rz")


@dataclass(frozen=True, eq=False)
class _Track:
    """A channel of the animation: which property of which node, and its keys."""

    node: int
    path: str
    samples: Samples


def write_gltf_animation(path: Path, take: Take, *, model: Path, start_frame: int = 0) -> Path:
    """Write a copy of a model with the take as one more animation.

    Layers are merged. A controller moves the morph targets that the rig of this model calls by its name
    (`rigs.gltf.character`), else those that say the same: the same word behind the last dot, or the same of ARKit's
    52. Controllers `NODE.rx`, `.ry`, `.rz` in degrees turn the node of that name, in Maya's order xyz, on top of how
    it stands in the file; `head` is the head bone of a VRM file too. What has no place in the model is left out with a
    warning. Targets that no controller moves keep the weights that the file gives them.

    Morph weights are the curves themselves (see `gltf_sampling`), rotations a quaternion for every frame. The
    animation is as long as the take: frame i is at (start_frame + i) / fps seconds.

    Parameters
    ----------
    path : Path
        Ends in .glb or .vrm for a binary model, in .gltf for a model of text; not the model itself. In another folder
        than the model's only where the model names no files.
    model : Path
        The character's .glb, .gltf or .vrm file.
    start_frame : int
        At least 0, since glTF has no times below.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    SfpError
        What the reader of glTF files refuses, a take none of whose controllers has a place in the model, a path that
        does not fit the model, or a file that cannot be written.
    """
    path, model = Path(path), Path(model)
    if start_frame < 0:
        raise SfpError(f"{path}: start frame {start_frame}; expected at least 0, glTF has no times below 0")
    document = Document.load(model)
    drives = read_figure(document).drives
    scene, vrm = Scene.of(document), Vrm.of(document)
    document.all("animations")  # refused here where it is no list of objects
    container = Container.read(model)
    _check_place(path, model, document, packed=container.packed)
    take = flattened(take)
    moved = _moved_targets(take, drives)
    turned = _turned_nodes(take, scene, vrm)
    placed = {channel.controller for channel in (*moved.values(), *(one for ones in turned.values() for one in ones))}
    lost = [channel.controller for channel in take.channels if channel.controller not in placed]
    if not placed:
        own = _some([drive.name for drive in drives])
        raise SfpError(f"{model}: it has none of the take's {len(lost)} controllers ({_some(lost)}); its own are {own}")
    if lost:
        log.warning("%s: %d of the take's controllers have no place in it: %s", model, len(lost), _some(lost))
    tracks = [
        *_weight_tracks(take, document, scene, drives, moved, start_frame),
        *_turn_tracks(take, scene, turned, start_frame),
    ]
    container.add_animation(_animation(container, take, tracks, name=path.stem, start_frame=start_frame))
    container.write(path)
    return path


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def _check_place(path: Path, model: Path, document: Document, *, packed: bool) -> None:
    suffixes = (".glb", ".vrm") if packed else (".gltf",)
    if path.suffix.lower() not in suffixes:
        raise SfpError(f"{path}: expected a file that ends in {' or '.join(suffixes)}, as {model.name} is of that kind")
    if path.resolve() == model.resolve():
        raise SfpError(f"{path}: this is the model itself; write to another file")
    uris = [entry.text("uri") for key in ("buffers", "images") for entry in document.all(key)]
    beside = [uri for uri in uris if uri and not uri.startswith("data:")]
    if beside and path.parent.resolve() != model.parent.resolve():
        raise SfpError(
            f"{path}: {model.name} needs {beside[0][:60]!r} in its own folder; write there, or pack the model as .glb"
        )


def _moved_targets(take: Take, drives: Sequence[Drive]) -> dict[str, Channel]:
    """Which channel moves which of the rig's controllers, by its name there."""
    names = {drive.name for drive in drives}
    moved = {channel.controller: channel for channel in take.channels if channel.controller in names}
    alike: dict[str, Channel] = {}
    for channel in take.channels:
        if channel.controller not in moved:
            alike.setdefault(_said(channel.controller), channel)
    for drive in drives:
        if drive.name not in moved and _said(drive.name) in alike:
            moved[drive.name] = alike[_said(drive.name)]
    return moved


def _said(name: str) -> str:
    """What a controller's name says, the same for all that may stand for one another."""
    return ARKIT.word_of(name) or compact(last_part(name)) or name


def _turned_nodes(take: Take, scene: Scene, vrm: Vrm | None) -> dict[int, list[Channel]]:
    """The channels that turn nodes. A node that is placed by a matrix cannot be animated."""
    nodes = {"head": vrm.head} if vrm and vrm.head >= 0 else {}
    nodes |= {clean_name(name): number for number, name in reversed(list(enumerate(scene.names))) if name}
    turned: dict[int, list[Channel]] = {}
    for channel in take.channels:
        name, _, attribute = channel.controller.rpartition(".")
        node = nodes.get(name, -1)
        turns = channel.unit == "angle_deg" and short_attribute(attribute) in _TURNS
        if turns and node >= 0 and "matrix" not in scene.nodes[node]:
            turned.setdefault(node, []).append(channel)
    return turned


def _weight_tracks(
    take: Take,
    document: Document,
    scene: Scene,
    drives: Sequence[Drive],
    moved: Mapping[str, Channel],
    start_frame: int,
) -> list[_Track]:
    """Morph weights of every node that has a target which the take moves."""
    numbers: dict[tuple[int, int], Sum] = {}
    for drive in drives:
        channel = moved.get(drive.name)
        keyed = channel is not None and channel.keys.count > 0
        knots = knots_of(channel.keys, take.fps) if channel is not None and keyed else None
        rest = channel.neutral if channel is not None else drive.neutral
        for node, target, strength in drive.targets:
            so_far = numbers.get((node, target), Sum(0.0))
            if knots is None:
                numbers[node, target] = Sum(so_far.constant + strength * rest, so_far.curves)
            else:
                numbers[node, target] = Sum(so_far.constant, (*so_far.curves, (strength, knots)))
    driven = {place[:2] for drive in drives if drive.name in moved for place in drive.targets}
    tracks = []
    for node in sorted({number for number, _ in driven}):
        mesh = document.one("meshes", scene.nodes[node], "mesh")
        own = _own_weights(scene.nodes[node], mesh)
        row = [numbers[node, k] if (node, k) in driven else Sum(weight) for k, weight in enumerate(own)]
        samples = sampled(row, frames=take.frames, fps=take.fps, start_frame=start_frame)
        tracks.append(_Track(node, "weights", samples))
    return tracks


def _own_weights(node: Entry, mesh: Entry) -> list[float]:
    """The weights that a file gives the targets of a node."""
    count = len(mesh.children("primitives")[0].children("targets"))
    told = node.many_numbers("weights") or mesh.many_numbers("weights")
    return [*told, *[0.0] * count][:count]


def _turn_tracks(take: Take, scene: Scene, turned: Mapping[int, Sequence[Channel]], start_frame: int) -> list[_Track]:
    """Rotations of nodes, a quaternion for every frame."""
    frames = np.arange(take.frames, dtype=np.float64)
    seconds = ((start_frame + frames) / float(take.fps)).astype(np.float32)
    tracks = []
    for node, channels in turned.items():
        degrees = np.zeros((take.frames, 3))
        for channel in channels:
            axis = _TURNS.index(short_attribute(last_part(channel.controller)))
            if channel.keys.count:
                degrees[:, axis] = evaluate(channel.keys, frames, take.fps) - channel.neutral
        rest = scene.nodes[node].numbers("rotation", (0.0, 0.0, 0.0, 1.0))
        turns = _product(np.broadcast_to(rest / np.linalg.norm(rest), (take.frames, 4)), _quaternions(degrees))
        still = bool((turns == turns[0]).all())
        count = 1 if still else take.frames
        tracks.append(_Track(node, "rotation", Samples("LINEAR", seconds[:count], turns[:count].astype(np.float32))))
    return tracks


def _quaternions(degrees: np.ndarray) -> np.ndarray:
    """Turns about x, then y, then z, (T, 3) degrees, as (T, 4) x, y, z, w; each near the one before."""
    half = np.deg2rad(degrees) / 2.0
    result = np.tile([0.0, 0.0, 0.0, 1.0], (len(degrees), 1))
    for axis in range(3):
        one = np.zeros_like(result)
        one[:, axis], one[:, 3] = np.sin(half[:, axis]), np.cos(half[:, axis])
        result = _product(one, result)
    backwards = (result[1:] * result[:-1]).sum(axis=1) < 0.0
    result[1:] *= np.where(np.cumsum(backwards) % 2, -1.0, 1.0)[:, None]
    return result


def _product(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Quaternions (T, 4) that turn as `second` does, then as `first`."""
    vector, scalar = first[:, :3], first[:, 3:]
    other, real = second[:, :3], second[:, 3:]
    turned = scalar * other + real * vector + np.cross(vector, other)
    return np.concatenate([turned, scalar * real - (vector * other).sum(axis=1, keepdims=True)], axis=1)


def _animation(
    container: Container, take: Take, tracks: Sequence[_Track], *, name: str, start_frame: int
) -> dict[str, Any]:
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []
    inputs: dict[bytes, int] = {}  # meshes of one face often share their times
    for track in tracks:
        seconds, values = track.samples.seconds, track.samples.values
        times = seconds.tobytes()
        if times not in inputs:
            inputs[times] = container.add_array(seconds, limits=True)
        output = container.add_array(values if track.path == "rotation" else values.reshape(-1))
        samplers.append({"input": inputs[times], "interpolation": track.samples.interpolation, "output": output})
        channels.append({"sampler": len(samplers) - 1, "target": {"node": track.node, "path": track.path}})
    extras = {"rig": take.rig, "fps": str(take.fps), "frames": take.frames, "start_frame": start_frame}
    return {"name": name, "channels": channels, "samplers": samplers, "extras": extras}
