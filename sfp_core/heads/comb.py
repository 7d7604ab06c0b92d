"""Combing: the shell of hair over a scalp with its grooves, the hair that hangs from it, and locks on both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sfp_core.heads.domain import smoothstep
from sfp_core.heads.fitting import Fitting
from sfp_core.heads.grooming import Growth, grow, hairline_elevation, lock_surface, ray, taper
from sfp_core.heads.identity import Look, Wear
from sfp_core.heads.solids import grid_faces, solid, unit
from sfp_core.render.mesh import Mesh, Part

_COLUMNS, _ROWS = 84, 22
HAIR_GLOSS = 0.16
_TUCK = 0.03  # the shell's edge goes so far under the skin, head units
FACE = 1.12  # azimuth, rad, within which hanging hair would cover the face


@dataclass(frozen=True, eq=False)
class Comb:
    """The maker of one head's hair: its measures, its random numbers and its colours."""

    fit: Fitting
    look: Look
    wear: Wear
    rng: np.random.Generator

    @property
    def volume(self) -> float:
        """How far the shell stands off, head units."""
        return self.wear.hair_volume

    def paint(self, along: np.ndarray, shade: np.ndarray, streak: np.ndarray) -> np.ndarray:
        """Colours (n, 3): from the root's colour to the tip's, times shade, times 1 + streak."""
        root = np.asarray(self.look.hair)
        tip = np.asarray(self.look.hair_tip)
        tip = root * 1.12 + 0.02 if (tip < 0).all() else tip
        mixed = root * (1 - along[:, None]) + tip * along[:, None]
        return np.asarray(mixed * (shade * (1 + streak))[:, None])

    def edge(self, azimuth: np.ndarray) -> np.ndarray:
        """Elevation of the hairline, rad."""
        return hairline_elevation(azimuth, self.wear.hairline)

    def locks(
        self,
        roots: np.ndarray,
        towards: np.ndarray,
        growth: Growth,
        *,
        width: float,
        steps: int = 9,
        flatness: float = 0.5,
        spread: float = 0.25,
        tip: float = 2.2,
        bend: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> Mesh:
        """Locks that grow from `roots` (L, 3); `spread` varies their lengths and widths, `bend` moves their paths."""
        count = len(roots)
        scale = 1 + spread * self.rng.uniform(-1, 1, count)
        paths = grow(self.fit, roots, towards, growth, steps=steps, scale=scale)
        if bend is not None:
            paths = bend(paths)
        return self.painted_locks(
            paths, width * (1 + 0.6 * spread * self.rng.uniform(-1, 1, (count, 1))), flatness=flatness, tip=tip
        )

    def painted_locks(
        self, paths: np.ndarray, width: np.ndarray | float, *, flatness: float, tip: float = 2.2, sides: int = 6
    ) -> Mesh:
        """Locks along given paths (L, P, 3)."""
        count, steps = paths.shape[:2]
        vertices, faces, along, shade = lock_surface(
            paths, width * taper(steps, tip=tip), flatness=flatness, sides=sides
        )
        own = np.repeat(self.rng.uniform(-0.14, 0.14, count), steps * sides)
        strand = np.tile(self.rng.uniform(-0.07, 0.07, sides), count * steps)
        return solid(vertices, faces, self.paint(along, shade, own + strand), gloss=HAIR_GLOSS, part=Part.HAIR)

    def scalp(self, azimuth: np.ndarray, elevation: np.ndarray, lift: float | None = None) -> np.ndarray:
        """Places on the hair's shell (n, 3), by default half-way into its thickness."""
        return self.fit.on_skin(ray(azimuth, elevation), 0.6 * self.volume if lift is None else lift)

    def shell(
        self,
        strands: Callable[[np.ndarray], np.ndarray],
        *,
        height: Callable[[np.ndarray], np.ndarray] | None = None,
        groove: float = 0.22,
        low: Callable[[np.ndarray], np.ndarray] | None = None,
        share: float = 1.0,
    ) -> Mesh:
        """The closed cap of hair.

        Parameters
        ----------
        strands : callable
            A number for directions (n, 3) that is constant along a strand; grooves run where its fraction is 0.
        height : callable or None
            Factor of the volume at directions (n, 3).
        groove : float
            Depth of the grooves, share of the thickness.
        low : callable or None
            Elevation of the edge by azimuth, where it is not the hairline.
        """
        azimuth = np.linspace(0, 2 * np.pi, _COLUMNS, endpoint=False)
        edge = (low or self.edge)(azimuth)
        rows = np.linspace(0.0, 1.0, _ROWS) ** 0.85
        elevation = np.pi / 2 - rows[:, None] * (np.pi / 2 - edge[None])
        out = ray(np.broadcast_to(azimuth, elevation.shape), elevation).reshape(-1, 3)
        down = np.broadcast_to(rows[:, None], elevation.shape).ravel()
        strand = strands(out)
        round_top = np.abs(np.sin(np.pi * strand))  # 0 in a groove
        fine = np.sin(2 * np.pi * (strand * 3.1 + 0.3))
        thickness = np.full(len(out), self.volume * share) if height is None else self.volume * share * height(out)
        thickness = thickness * (1 - groove * (1 - round_top**0.7)) * np.sqrt(np.clip(1 - down**7, 0.0, 1.0))
        thickness = np.maximum(thickness, 0.012) - (_TUCK + 0.012) * (down > 0.999) + 0.004 * fine * (down < 0.9)
        vertices = self.fit.on_skin(out, thickness)
        root = 1 - 0.35 * smoothstep(down, 0.75, 1.0)
        shade = root * (0.62 + 0.38 * round_top**0.5)
        number = np.floor(strand).astype(np.int64) % 64
        streak = self.rng.uniform(-0.12, 0.12, 64)[number] + 0.06 * fine
        colours = self.paint(0.25 * smoothstep(down, 0.0, 0.6), shade, streak)
        return solid(vertices, grid_faces(_ROWS, _COLUMNS)[:, ::-1], colours, gloss=HAIR_GLOSS, part=Part.HAIR)

    def curtain(self, length: float, *, curl: float = 0.0, wave: float = 0.0, front: float = FACE) -> Mesh:
        """Hair that hangs all around but before the face: an outer and an inner wall that meet at their edges."""
        columns, steps = 32, 11
        azimuth = np.linspace(front, 2 * np.pi - front, columns)
        elevation = np.maximum(self.edge(azimuth) + 0.35, 0.42)
        roots = self.scalp(azimuth, elevation, 0.55 * self.volume)
        towards = ray(azimuth, elevation - 1.3)
        growth = Growth(length, pull=(0.0, -0.5, 0.0), clearance=0.52 * self.volume, cling=0.4)
        outer = grow(self.fit, roots, towards, growth, steps=steps)
        along = np.linspace(0, 1, steps + 1)[None, :, None]
        sideways = unit(outer * (1.0, 0.0, 1.0))
        ripple = np.sin(np.linspace(0, 14 * np.pi, columns))[:, None, None] * 0.025 * (0.3 + along)
        ends = np.sin(np.linspace(0, 23 * np.pi, columns))[:, None, None] * 0.05 * along**3
        outer = (
            outer
            + sideways * (ripple - curl * along**4 + wave * 0.07 * np.sin(12.0 * along + 1.0))
            + (np.array([0.0, 1.0, 0.0]) * ends)
        )
        inner = outer - sideways * (0.11 * (1 - along**3) + 0.004)
        loop = np.concatenate([outer, inner[::-1]]).transpose(1, 0, 2)  # (steps + 1, 2 * columns, 3)
        faces = grid_faces(steps + 1, 2 * columns)[:, ::-1]
        shade = np.concatenate([np.full(columns, 0.80), np.full(columns, 0.45)])
        groove = 1 - 0.16 * np.concatenate([np.cos(np.linspace(0, 28 * np.pi, columns))] * 2)
        shades = np.broadcast_to(shade * groove, (steps + 1, 2 * columns)).ravel()
        down = np.broadcast_to(np.linspace(0.2, 1, steps + 1)[:, None], (steps + 1, 2 * columns)).ravel()
        colours = self.paint(down, shades, np.zeros(len(down)))
        return solid(loop.reshape(-1, 3), faces, colours, gloss=HAIR_GLOSS, part=Part.HAIR)

    def hanging(
        self, length: float, count: int, width: float, *, wave: float = 0.0, curl: float = 0.0, tip: float = 2.2
    ) -> Mesh:
        """Long locks from the crown over the sides and the back."""
        azimuth = np.linspace(FACE * 0.93, 2 * np.pi - FACE * 0.93, count) + self.rng.uniform(-0.06, 0.06, count)
        elevation = 0.95 + 0.25 * self.rng.uniform(-1, 1, count)
        roots = self.scalp(azimuth, elevation, 0.75 * self.volume)
        growth = Growth(length + 0.72, pull=(0.0, -0.42, 0.0), clearance=0.78 * self.volume + 0.02, cling=0.4)
        return self.locks(
            roots, ray(azimuth, elevation - 1.45), growth, width=width, steps=13, flatness=0.30, tip=tip, spread=0.10,
            bend=lambda paths: self.waved(paths, wave, curl),
        )  # fmt: skip

    def waved(self, paths: np.ndarray, wave: float, curl: float) -> np.ndarray:
        """Paths that swing sideways and turn in at their ends."""
        along = np.linspace(0, 1, paths.shape[1])[None, :, None]
        sideways = unit(paths * (1.0, 0.0, 1.0))
        across = unit(np.cross(sideways, (0.0, 1.0, 0.0)))
        phase = self.rng.uniform(0, 2 * np.pi, (len(paths), 1, 1))
        swing = wave * smoothstep(along, 0.25, 0.6)
        moved = paths + across * swing * 0.10 * np.sin(15 * along + phase)
        return np.asarray(moved + sideways * (swing * 0.07 * np.cos(15 * along + phase) - curl * along**5))


def parted(comb: Comb, *, place: float, count: float) -> Callable[[np.ndarray], np.ndarray]:
    """Strands that run down on both sides of a parting at x = `place` (of a direction)."""
    jitter = comb.rng.uniform(0, 10)

    def strands(out: np.ndarray) -> np.ndarray:
        from_front = np.arctan2(out[:, 2] + 0.15, out[:, 1] + 0.75)
        return (
            count * from_front + 0.25 * np.sin(3 * (out[:, 0] - place) + jitter) + np.where(out[:, 0] > place, 0.5, 0)
        )

    return strands


def whorled(comb: Comb, *, count: int, swirl: float = 0.8) -> Callable[[np.ndarray], np.ndarray]:
    """Strands that leave a whorl at the crown in all directions."""
    jitter = comb.rng.uniform(0, 10)

    def strands(out: np.ndarray) -> np.ndarray:
        x, z = out[:, 0] - 0.06, out[:, 2] + 0.30
        away = np.arctan2(x, z) / (2 * np.pi)
        return np.asarray(count * (away + swirl * 0.12 * out[:, 1]) + 0.3 * np.sin(9 * away * 2 * np.pi + jitter))

    return strands


def drawn_to(comb: Comb, tie: np.ndarray, *, count: int) -> Callable[[np.ndarray], np.ndarray]:
    """Strands that run together at the direction `tie` (3,)."""
    axis = unit(tie)
    a = unit(np.cross(axis, (0.0, 0.9, 0.43)))
    b = np.cross(axis, a)

    def strands(out: np.ndarray) -> np.ndarray:
        return np.asarray(count * np.arctan2(out @ a, out @ b) / (2 * np.pi))

    return strands


def combed_back(comb: Comb, *, count: float) -> Callable[[np.ndarray], np.ndarray]:
    """Strands from the forehead to the back."""
    jitter = comb.rng.uniform(0, 10)

    def strands(out: np.ndarray) -> np.ndarray:
        return np.asarray(count * np.arctan2(out[:, 0], out[:, 1] + 0.25) + 0.2 * np.sin(4 * out[:, 2] + jitter))

    return strands
