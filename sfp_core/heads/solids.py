"""Simple surfaces that the parts of a head are made of: tubes, locks, spheres and swept grids."""

from collections.abc import Sequence

import numpy as np

from sfp_core.render.mesh import Mesh, Part


def solid(vertices: np.ndarray, faces: np.ndarray, colours: object, *, gloss: float, part: Part) -> Mesh:
    """A mesh of one part and gloss; `colours` is one colour or (V, 3), sRGB, clipped to 0..1."""
    painted = np.broadcast_to(np.asarray(colours, dtype=np.float32), (len(vertices), 3))
    return Mesh(
        vertices,
        faces,
        np.clip(painted, 0.0, 1.0),
        np.full(len(faces), gloss, dtype=np.float32),
        np.full(len(faces), part, dtype=np.uint8),
    )


def grid_faces(rows: int, columns: int, *, closed: bool = True) -> np.ndarray:
    """Triangles of `rows` rows of `columns` vertices, (n, 3); `closed` joins the last column to the first."""
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns if closed else columns - 1), indexing="ij")
    a, b = i * columns + j, i * columns + (j + 1) % columns
    return np.concatenate(
        [np.stack([a, a + columns, b], -1).reshape(-1, 3), np.stack([b, a + columns, b + columns], -1).reshape(-1, 3)]
    )


def disc_faces(count: int, first: int, centre: int) -> np.ndarray:
    """Triangles from `count` vertices around, starting at `first`, to the vertex `centre`, (count, 3)."""
    j = np.arange(count)
    return np.stack([first + j, first + (j + 1) % count, np.full(count, centre)], axis=-1)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors (..., 3) at length 1; 0 stays 0."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12))


def tube(path: np.ndarray, radius: np.ndarray, *, sides: int, flatness: float) -> tuple[np.ndarray, np.ndarray]:
    """A tube along a path (m, 3), closed at its ends by its taper: vertices and faces, outside counter-clockwise."""
    tangent = unit(np.gradient(path, axis=0))
    a = unit(np.cross(tangent, (0.0, 0.0, 1.0)))
    b = np.cross(a, tangent)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    ring = np.cos(angle)[:, None] * a[:, None] + flatness * np.sin(angle)[:, None] * b[:, None]
    vertices = path[:, None] + radius[:, None, None] * ring
    return vertices.reshape(-1, 3), grid_faces(len(path), sides)


def ring_tube(path: np.ndarray, radius: float, *, sides: int, outwards: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A closed ring of even thickness along the closed path (m, 3); `outwards` (m, 3) fixes its cross-sections."""
    tangent = unit(np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0))
    a = unit(np.cross(tangent, outwards))
    b = np.cross(tangent, a)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    ring = np.cos(angle)[:, None] * a[:, None] + np.sin(angle)[:, None] * b[:, None]
    rows = path[:, None] + radius * ring
    vertices = np.concatenate([rows, rows[:1]]).reshape(-1, 3)
    return vertices, grid_faces(len(path) + 1, sides)[:, ::-1]


def locks(
    paths: np.ndarray, normals: np.ndarray, widths: np.ndarray, *, sides: int = 6, flatness: float = 0.45
) -> tuple[np.ndarray, np.ndarray]:
    """Many flat tapered tubes at once.

    Parameters
    ----------
    paths, normals : (L, P, 3)
        Middle lines, and which way each lock's broad side looks.
    widths : (L, P)
        Half widths; 0 at an end closes it.
    flatness : float
        Half thickness, share of the half width.

    Returns
    -------
    vertices : (L * P * sides, 3)
        Lock by lock, ring by ring; side 0 of a ring is the outermost along the normal.
    faces : (n, 3) int
    """
    count, length = paths.shape[:2]
    tangent = unit(np.gradient(paths, axis=1))
    side = unit(np.cross(tangent, normals))
    up = np.cross(side, tangent)
    angle = np.arange(sides) * 2 * np.pi / sides
    ring = np.sin(angle)[:, None] * side[:, :, None] + flatness * np.cos(angle)[:, None] * up[:, :, None]
    vertices = paths[:, :, None] + widths[:, :, None, None] * ring
    faces = grid_faces(length, sides)[:, ::-1]
    starts = np.arange(count)[:, None, None] * (length * sides)
    return vertices.reshape(-1, 3), (faces[None] + starts).reshape(-1, 3)


def sphere(radius: Sequence[float], *, around: int, down: int) -> tuple[np.ndarray, np.ndarray]:
    """An ellipsoid about the origin: vertices and faces; its poles lie on the y axis."""
    longitude = np.linspace(0, 2 * np.pi, around, endpoint=False)
    latitude = np.linspace(0, np.pi, down)
    x = np.outer(np.sin(latitude), np.cos(longitude))
    z = np.outer(np.sin(latitude), np.sin(longitude))
    y = np.repeat(np.cos(latitude)[:, None], around, axis=1)
    faces = grid_faces(down, around)[:, ::-1]
    return np.stack([x, y, z], -1).reshape(-1, 3) * np.asarray(radius), faces


def capsule(
    start: np.ndarray, end: np.ndarray, radii: tuple[float, float], *, around: int = 10
) -> tuple[np.ndarray, np.ndarray]:
    """A rod with round ends."""
    axis = end - start
    length = float(np.linalg.norm(axis))
    turn = np.linspace(-np.pi / 2, np.pi / 2, 9)
    along = np.where(turn < 0, radii[0] * np.sin(turn), length + radii[1] * np.sin(turn))
    radius = np.where(turn < 0, radii[0], radii[1]) * np.cos(turn)
    forward = axis / max(length, 1e-9)
    a = unit(np.cross(forward, (0.31, 0.17, 0.93)))
    b = np.cross(a, forward)
    angle = np.linspace(0, 2 * np.pi, around, endpoint=False)
    ring = np.cos(angle)[:, None] * a + np.sin(angle)[:, None] * b
    rows = start + along[:, None, None] * forward + radius[:, None, None] * ring
    return rows.reshape(-1, 3), grid_faces(len(turn), around)


def mirrored(mesh: Mesh) -> Mesh:
    """The mesh on the other side of the middle plane x = 0."""
    return Mesh(mesh.vertices * np.array([-1.0, 1.0, 1.0]), mesh.faces[:, ::-1], mesh.colours, mesh.gloss, mesh.parts)
