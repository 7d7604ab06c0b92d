"""A take, or animation from elsewhere, on a character that we draw: who plays it, and the value of every controller."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from sfp_core.curves.take import Take
from sfp_core.errors import SfpError
from sfp_core.formats.opening import open_take
from sfp_core.preview import PREVIEW_SIZE, Scene
from sfp_core.rig import RigSpec
from sfp_core.rigs.drawable import drawable_named
from sfp_core.rigs.gltf.document import SUFFIXES
from sfp_core.rigs.procedural import CONTROLS, Controls

PLAYER = "toon"
"""Who plays curves that do not say whose they are."""


@dataclass(frozen=True)
class Playback:
    """What is needed to film a take.

    Attributes
    ----------
    sound : Path or None
        Where the take says that its sound lies.
    values : (T, K) float64
        Of the scene's rig, controller units.
    left_out : tuple of str
        Curves of the file that this rig has no controller for.
    """

    take: Take
    sound: Path | None
    scene: Scene
    values: np.ndarray
    left_out: tuple[str, ...] = ()


def playback_of(
    path: Path, *, shown: str | None = None, fps: Fraction | None = None, size: int = PREVIEW_SIZE
) -> Playback:
    """Open animation and find who plays it.

    Parameters
    ----------
    shown : str, optional
        A built-in character, or a glTF file. Else a take's own rig, and `PLAYER` for curves from elsewhere.
    fps : Fraction, optional
        The rate of a table that does not say its own.

    Raises
    ------
    SfpError
        Nothing that can be opened, or no controllers that the two have in common.
    """
    opened = open_take(path, fps=fps)
    names = [channel.controller for channel in opened.take.channels]
    foreign = opened.loose is not None
    who = shown or (PLAYER if foreign else opened.take.rig)
    controls, rig = _rig_of(who, names)
    take = opened.fitted(rig) if foreign or shown is None else _on(opened.take, rig, path)
    left_out = tuple(sorted(set(names) - {channel.controller for channel in take.channels}))
    scene = Scene(who, controls=controls, size=size + size % 2)
    return Playback(take, opened.sound, scene, take.curves(rig).values, left_out)


def _rig_of(who: str, names: Iterable[str]) -> tuple[Controls, RigSpec]:
    """The rig of a character; of the two layers of controllers of a built-in one, that which has more of the names."""
    if Path(who).suffix.lower() in SUFFIXES:
        return "panel", drawable_named(who)().rig
    wanted = set(names)
    rigs = [(controls, drawable_named(who, controls=controls)().rig) for controls in CONTROLS]
    return max(rigs, key=lambda one: len(wanted & set(one[1].names)))


def _on(take: Take, rig: RigSpec, path: Path) -> Take:
    """The channels of a take that another rig has too; refused where limits or neutral differ."""
    specs = {spec.name: spec for spec in rig.controllers}
    shared = tuple(channel for channel in take.channels if channel.controller in specs)
    if not shared:
        raise SfpError(f"{path}: none of its controllers is one of {rig.name}; expected a take for such a rig")
    for channel in shared:
        spec = specs[channel.controller]
        if (spec.minimum, spec.maximum, spec.neutral) != (*channel.limits, channel.neutral):
            raise SfpError(
                f"{path}: {channel.controller} goes from {channel.limits[0]:g} to {channel.limits[1]:g} and rests at "
                f"{channel.neutral:g}, but on {rig.name} from {spec.minimum:g} to {spec.maximum:g} at {spec.neutral:g}"
            )
    return Take(take.rig, take.fps, take.frames, take.sound, take.layers, shared, take.spoken)
