"""A glTF document made into one posable figure: world-space vertices, faces, colours, textures, displacements."""

from dataclasses import dataclass

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.render.paint import Paint
from sfp_core.rigs.gltf.accessors import Accessors
from sfp_core.rigs.gltf.document import Document
from sfp_core.rigs.gltf.entry import Entry
from sfp_core.rigs.gltf.morphs import Displacements, Drive, Gathering, drives
from sfp_core.rigs.gltf.scene import Scene
from sfp_core.rigs.gltf.skin import placing
from sfp_core.rigs.gltf.textures import Material, Materials
from sfp_core.rigs.gltf.vrm import Vrm

_MOST_VERTICES = 2_000_000
_TRIANGLES, _STRIP, _FAN = 4, 5, 6
_SAME_DIRECTION = 4.0  # normals of a seam agree to a quarter


@dataclass(frozen=True, eq=False)
class Figure:
    """All that is drawn of a document, at targets of 0.

    Attributes
    ----------
    drives : list of Drive
        One for every controller.
    points : (V, 3) float64
        World space, turned to the viewer.
    moves : Displacements
    faces : (F, 3) int32
    colours : (V, 3) float64
        sRGB 0..1.
    gloss : (F,) float64
    parts : (F,) uint8
    paint : Paint
    on_head : (V,) float64
        Share of the head's joints; all 0 where no head is named.
    """

    drives: list[Drive]
    points: np.ndarray
    moves: Displacements
    faces: np.ndarray
    colours: np.ndarray
    gloss: np.ndarray
    parts: np.ndarray
    paint: Paint
    on_head: np.ndarray


@dataclass(frozen=True, eq=False)
class _Piece:
    """One primitive under one node."""

    points: np.ndarray
    faces: np.ndarray
    colours: np.ndarray  # linear and opacity
    uv: np.ndarray
    keys: np.ndarray
    on_head: np.ndarray
    material: Material


def read_figure(document: Document) -> Figure:
    """The figure of a document's scene.

    Raises
    ------
    SfpError
        Anything of the document that is wrong, and a document without morph targets or without a face to draw.
    """
    accessors, scene, vrm = Accessors(document), Scene.of(document), Vrm.of(document)
    materials = Materials(document)
    shown = [
        (number, scene.nodes[number], document.one("meshes", scene.nodes[number], "mesh"))
        for number in scene.shown
        if "mesh" in scene.nodes[number]
    ]
    where = str(document.path)
    controllers = drives(shown, scene.names, vrm, where)
    users: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for k, drive in enumerate(controllers):
        for node, target, strength in drive.targets:
            users.setdefault((node, target), []).append((k, strength))
    head = _head_nodes(scene, vrm)
    # VRM 0.x looks along -z, all others along +z, to the viewer.
    turn = np.diag([-1.0, 1.0, -1.0]) if vrm and vrm.version == 0 else np.eye(3)
    pieces: list[_Piece] = []
    gathering = Gathering(len(controllers), where)
    first = 0
    for number, _, mesh in shown:
        for primitive in mesh.children("primitives"):
            mode = primitive.integer("mode", _TRIANGLES, high=6)
            if mode < _TRIANGLES:  # points and lines
                continue
            piece = _piece(
                document, accessors, scene, materials, number, primitive, mode, turn, head, gathering, users, first
            )
            first += len(piece.points)
            if first > _MOST_VERTICES:
                raise SfpError(f"{where}: more than {_MOST_VERTICES} vertices; expected a lighter file")
            pieces.append(piece)
    if not any(len(piece.faces) for piece in pieces):
        raise SfpError(f"{where}: there is no triangle in its scene")
    return _joined(controllers, pieces, gathering.whole(), materials)


def _piece(
    document: Document,
    accessors: Accessors,
    scene: Scene,
    materials: Materials,
    node: int,
    primitive: Entry,
    mode: int,
    turn: np.ndarray,
    head: set[int],
    gathering: Gathering,
    users: dict[tuple[int, int], list[tuple[int, float]]],
    first: int,
) -> _Piece:
    """Read one primitive; the displacements of its targets go to `gathering`, for vertices from `first` on."""
    attributes = primitive.child("attributes")
    positions = accessors.floats(attributes, "POSITION", (3,))
    count = len(positions)
    place = placing(document, accessors, scene, node, primitive, count=count)
    with np.errstate(over="ignore", invalid="ignore"):
        points = place.points(positions) @ turn.T
        for target, entry in enumerate(primitive.children("targets")):
            if "POSITION" not in entry:
                continue
            rows = accessors.rows(entry, "POSITION", 3, count=count)
            deltas = place.displacements(rows.indices, rows.values) @ turn.T
            if not np.isfinite(deltas).all() or np.abs(deltas).max(initial=0.0) > 1e12:
                raise SfpError(f"{entry.where}: displacements are beyond all numbers")
            for controller, strength in users.get((node, target), ()):
                gathering.add(controller, first + rows.indices, strength * deltas)
    if not np.isfinite(points).all() or np.abs(points).max(initial=0.0) > 1e12:
        raise SfpError(f"{primitive.where}: vertices stand at places beyond all numbers")
    material = materials.of(primitive)
    normals = np.zeros((count, 3))
    if "NORMAL" in attributes:
        normals = accessors.floats(attributes, "NORMAL", (3,), count=count)
    colours = np.ones((count, 4))
    if "COLOR_0" in attributes:
        given = accessors.floats(attributes, "COLOR_0", (3, 4), count=count)
        colours[:, : given.shape[1]] = np.clip(given, 0.0, 1.0)
    uv = np.zeros((count, 2))
    if material.texture >= 0 and f"TEXCOORD_{material.uv}" in attributes:
        uv = material.places(accessors.floats(attributes, f"TEXCOORD_{material.uv}", (2,), count=count))
    faces = _faces(accessors, primitive, mode, count)
    if np.linalg.det(scene.world[node][:3, :3]) < 0:
        faces = faces[:, ::-1]  # a mirrored node turns its faces inside out
    colours = colours * material.colour
    if material.cutoff > 0:
        faces = faces[colours[faces, 3].max(axis=1) >= material.cutoff]
    on_head = sum((share for joint, share in place.joints.items() if joint in head), np.zeros(count))
    keys = np.concatenate([points + 0.0, np.rint(_SAME_DIRECTION * np.clip(normals, -1, 1)) + 0.0], axis=1)
    return _Piece(points, faces, colours, uv, keys, on_head, material)


def _faces(accessors: Accessors, primitive: Entry, mode: int, count: int) -> np.ndarray:
    """(F, 3) int64."""
    if "indices" in primitive:
        corners = accessors.integers(primitive, "indices", 1, below=count)[:, 0]
    else:
        corners = np.arange(count)
    if mode == _TRIANGLES:
        return corners[: len(corners) // 3 * 3].reshape(-1, 3)
    if len(corners) < 3:
        return np.zeros((0, 3), dtype=np.int64)
    if mode == _FAN:
        return np.stack([np.full(len(corners) - 2, corners[0]), corners[1:-1], corners[2:]], axis=1)
    strip = np.stack([corners[:-2], corners[1:-1], corners[2:]], axis=1)
    strip[1::2] = strip[1::2, [1, 0, 2]]
    return strip


def _head_nodes(scene: Scene, vrm: Vrm | None) -> set[int]:
    """The head's joint and all below it; empty where none is named."""
    if vrm and vrm.head >= 0:
        return scene.below(vrm.head)
    named = [number for number in scene.order() if "mesh" not in scene.nodes[number] and _is_head(scene.names[number])]
    return scene.below(named[0]) if named else set()


def _is_head(name: str) -> bool:
    """`Head`, `mixamorig:Head`, `J_Bip_C_Head`, `head.x`, but not `HeadTop_End`."""
    words = "".join(sign if sign.isalnum() else " " for sign in name.casefold()).split()
    return "head" in words and "end" not in words and "top" not in words


def _joined(controllers: list[Drive], pieces: list[_Piece], moves: Displacements, materials: Materials) -> Figure:
    firsts = np.cumsum([0, *(len(piece.points) for piece in pieces)])
    linear = np.concatenate([piece.colours[:, :3] for piece in pieces])
    _, first, inverse = np.unique(
        np.concatenate([piece.keys for piece in pieces]), axis=0, return_index=True, return_inverse=True
    )

    def per_face(value: "object", piece: _Piece) -> np.ndarray:
        return np.full(len(piece.faces), value)

    return Figure(
        drives=controllers,
        points=np.concatenate([piece.points for piece in pieces]),
        moves=moves,
        faces=np.concatenate([piece.faces + start for piece, start in zip(pieces, firsts, strict=False)]).astype(
            np.int32
        ),
        colours=np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055),
        gloss=np.concatenate([per_face(piece.material.gloss, piece) for piece in pieces]),
        parts=np.concatenate([per_face(int(piece.material.part), piece) for piece in pieces]).astype(np.uint8),
        paint=Paint(
            uv=np.concatenate([piece.uv for piece in pieces]),
            texture=np.concatenate([per_face(piece.material.texture, piece) for piece in pieces]),
            one_sided=np.concatenate([per_face(piece.material.one_sided, piece) for piece in pieces]),
            weld=first[inverse.reshape(-1)],
            textures=tuple(materials.textures),
        ),
        on_head=np.concatenate([piece.on_head for piece in pieces]),
    )
