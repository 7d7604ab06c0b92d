"""Pieces of a head: what holds still is made once, what moves brings a function for its vertices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from sfp_core.render.mesh import Mesh, merged

if TYPE_CHECKING:
    from sfp_core.heads.actions import ActionState
    from sfp_core.heads.head import Skin

Move: TypeAlias = "Callable[[ActionState, Skin], np.ndarray]"


@dataclass(frozen=True, eq=False)
class Piece:
    """A part of a head.

    Attributes
    ----------
    mesh : Mesh
        At rest; its faces, colours and gloss hold in every pose.
    move : callable or None
        Its vertices (V, 3) in a pose; None where it never moves.
    """

    mesh: Mesh
    move: Move | None = None


@dataclass(frozen=True, eq=False)
class Assembly:
    """All pieces of a head as one mesh whose vertices alone change."""

    rest: Mesh
    moves: tuple[Move, ...]
    still: np.ndarray

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> Assembly:
        """Moving pieces first, still ones behind them."""
        moving = [piece for piece in pieces if piece.move is not None]
        still = merged([piece.mesh for piece in pieces if piece.move is None])
        return cls(
            rest=merged([*(piece.mesh for piece in moving), still]),
            moves=tuple(piece.move for piece in moving if piece.move is not None),
            still=still.vertices,
        )

    def mesh(self, state: ActionState, skin: Skin) -> Mesh:
        """The mesh in a pose."""
        rest = self.rest
        vertices = np.concatenate([*(move(state, skin) for move in self.moves), self.still])
        return Mesh(vertices, rest.faces, rest.colours, rest.gloss, rest.parts)


@dataclass(frozen=True, eq=False)
class Rider:
    """Points that ride on the skin: their resting place plus what the nearest skin vertices move.

    Attributes
    ----------
    rest : (n, 3) float64
    nearest : (n, k) int
        Skin vertices.
    weights : (n, k, 1) float64
        Rows sum to 1.
    neutral : (V, 3) float64
        The resting skin.
    """

    rest: np.ndarray
    nearest: np.ndarray
    weights: np.ndarray
    neutral: np.ndarray

    @classmethod
    def on(
        cls, neutral: np.ndarray, rest: np.ndarray, *, allowed: np.ndarray, roots: np.ndarray | None = None
    ) -> Rider:
        """Attach points `rest` (n, 3) to the three nearest vertices of `allowed` (m,) on the skin `neutral` (V, 3).

        `roots` (n, 3), where given, are the places that hold the points, so that a whole lock can hang on its root.
        """
        from scipy.spatial import cKDTree  # costs start-up where no beard is worn

        distance, index = cKDTree(neutral[allowed]).query(rest if roots is None else roots, k=3)
        weights = 1.0 / (distance + 5e-3) ** 2
        return cls(rest, allowed[index], (weights / weights.sum(axis=1, keepdims=True))[..., None], neutral)

    def __call__(self, state: ActionState, skin: Skin) -> np.ndarray:
        """The points in a pose, (n, 3)."""
        return self.on_skin(skin.vertices)

    def on_skin(self, vertices: np.ndarray) -> np.ndarray:
        """The points on a posed skin (V, 3), (n, 3)."""
        moved = vertices[self.nearest] - self.neutral[self.nearest]
        return np.asarray(self.rest + (moved * self.weights).sum(axis=1))
