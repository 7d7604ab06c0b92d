"""Known controller curves and the pictures they make: the truth of the loop benchmark."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sfp_core.character.fit import INVISIBLE_BELOW
from sfp_core.errors import SfpError
from sfp_core.geometry import inter_ocular
from sfp_core.layout import WFLW_98
from sfp_core.rig import ControllerCurves, RigSpec
from sfp_core.rigs.procedural import ProceduralCharacter
from sfp_core.timing import frame_count, parse_fps

_WAVES = 4  # sinusoids in a curve


@dataclass(frozen=True)
class CurvesRecipe:
    """The `[curves]` table of a loop recipe; shares are of a controller's range, rates in Hz."""

    character: str
    seed: int
    fps: str
    seconds: int
    picture_px: int
    span: tuple[float, ...]
    slowest_hz: float
    fastest_hz: float
    named_takes: int
    drawn_takes: int
    drawn: int
    named: tuple[str, ...]

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return parse_fps(self.fps)


@dataclass(frozen=True)
class KnownTake:
    """Curves that are known, and the places of the controllers they move."""

    curves: ControllerCurves
    moved: np.ndarray


def known_takes(recipe: CurvesRecipe, character: ProceduralCharacter) -> tuple[list[KnownTake], list[KnownTake]]:
    """The takes of the named controllers, and those of drawn ones."""
    unknown = [name for name in recipe.named if name not in character.rig.names]
    if unknown:
        raise SfpError(f"loop recipe: {recipe.character} has no controllers {', '.join(unknown)}")
    named = np.array([character.rig.index(name) for name in recipe.named])
    visible = np.flatnonzero(true_effect(character) > INVISIBLE_BELOW)
    takes = []
    for number in range(recipe.named_takes + recipe.drawn_takes):
        rng = np.random.default_rng([recipe.seed, number])
        drawn = number >= recipe.named_takes
        moved = np.sort(rng.choice(visible, size=recipe.drawn, replace=False)) if drawn else named
        takes.append(KnownTake(smooth_motion(recipe, character.rig, moved, rng), moved))
    return takes[: recipe.named_takes], takes[recipe.named_takes :]


def smooth_motion(
    recipe: CurvesRecipe, rig: RigSpec, moved: Sequence[int] | np.ndarray, rng: np.random.Generator
) -> ControllerCurves:
    """Sums of a few sinusoids, each controller crossing exactly its drawn share of the range."""
    frames = frame_count(recipe.seconds, recipe.rate) - 1
    seconds = np.arange(frames) / float(recipe.rate)
    values = np.tile(rig.neutral.astype(np.float64), (frames, 1))
    for k in moved:
        hz = rng.uniform(recipe.slowest_hz, recipe.fastest_hz, size=_WAVES)
        phase, weight = rng.uniform(0, 2 * np.pi, size=_WAVES), rng.uniform(0.3, 1.0, size=_WAVES)
        wave = (weight * np.sin(2 * np.pi * hz * seconds[:, None] + phase)).sum(axis=1)
        wave = (wave - wave.min()) / np.ptp(wave)
        low, high, rest = rig.minimum[k], rig.maximum[k], rig.neutral[k]
        width = rng.uniform(recipe.span[0], recipe.span[1]) * (high - low)
        start = rng.uniform(max(low, rest - width), min(high - width, rest))
        values[:, k] = np.clip(start + width * wave, low, high)
    return ControllerCurves(rig, recipe.rate, 0.0, values)


def pictures(take: KnownTake, character: ProceduralCharacter, size: int) -> Iterator[np.ndarray]:
    """The frames of a take, (size, size, 3) uint8."""
    for values in take.curves.values:
        yield character.picture(values, size=size)


def true_effect(character: ProceduralCharacter) -> np.ndarray:
    """(K,) by how much a controller's full range moves the exact landmark that it moves most, shares of inter-ocular.

    Seen from neutral and with the jaw half open, since some controllers act on an open mouth only.
    """
    rig = character.rig
    rest = rig.neutral.astype(np.float64)
    bases = [rest]
    if "jaw.ty" in rig.names:
        opened = rest.copy()
        opened[rig.index("jaw.ty")] = (rig.minimum + rest)[rig.index("jaw.ty")] / 2
        bases.append(opened)
    unit = float(inter_ocular(character.landmarks(rest), WFLW_98))
    effect = np.zeros(len(rig.names))
    for base in bases:
        at_base = character.landmarks(base)
        for k in range(len(rig.names)):
            ends = []
            for bound in (rig.minimum[k], rig.maximum[k]):
                posed = base.copy()
                posed[k] = bound
                ends.append(character.landmarks(posed) if bound != base[k] else at_base)
            pairs = ((ends[0], at_base), (ends[1], at_base), (ends[0], ends[1]))
            moved = max(float(np.linalg.norm(one - other, axis=1).max()) for one, other in pairs)
            effect[k] = max(effect[k], moved / unit)
    return effect
