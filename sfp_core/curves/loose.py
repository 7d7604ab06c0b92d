"""Curves from elsewhere: keys by controller name, without limits and layers, and the take that they make."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

import numpy as np

from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.take import Channel, Layer, SoundReference, Take
from sfp_core.errors import SfpError
from sfp_core.rig import Keys, RigSpec, Unit

_SUBSTEPS = 8  # places between two keys that are looked at for the range of a curve
_MOST_FRAMES = 10_000_000  # more than a hundred hours at 24 a second
_ROOM = 0.05  # limits that nobody states lie this share of the curve's range beyond it


@dataclass(frozen=True)
class LooseCurves:
    """Animation curves as a file from elsewhere has them.

    Attributes
    ----------
    keys : mapping of str to Keys
        By controller, without namespace. Frames are those of the file.
    units : mapping of str to Unit
        Where the file tells; "none" elsewhere.
    fps : Fraction
        Frames a second of the keys.
    start_frame : float
        The frame that becomes frame 0 of a take.
    sound : SoundReference or None
        Where the file names one.
    """

    keys: Mapping[str, Keys]
    units: Mapping[str, Unit]
    fps: Fraction
    start_frame: float = 0.0
    sound: SoundReference | None = None


def take_of(curves: LooseCurves, *, rig: RigSpec | None = None, name: str = "imported", where: str = "curves") -> Take:
    """A take of loose curves, on one layer.

    Parameters
    ----------
    rig : RigSpec, optional
        Gives limits, neutral and unit of the controllers it has; the others are left out. Without it every curve
        becomes a channel whose limits are its own range and some room, and whose neutral is 0 where that is inside.
    where : str
        What messages name, e.g. the file.

    Raises
    ------
    SfpError
        No curves, none that the rig has, or keys further apart than any clip is long.
    """
    if not any(keys.count for keys in curves.keys.values()):
        raise SfpError(f"{where}: no animation curves with keys in it; expected at least one")
    wanted = [one for one in curves.keys if rig is None or one in rig.names]
    if not wanted and rig is not None:
        raise SfpError(
            f"{where}: none of its {len(curves.keys)} curves ({', '.join(sorted(curves.keys)[:3])}, ...) is a "
            f"controller of {rig.name} ({', '.join(rig.names[:3])}, ...); map their names, or name its character"
        )
    last = max(float(keys.frames[-1]) for keys in curves.keys.values() if keys.count)
    frames = max(ceil(last - curves.start_frame - 1e-9), 0) + 1
    if frames > _MOST_FRAMES:
        raise SfpError(f"{where}: its last key is at frame {last:g}; expected at most {_MOST_FRAMES} frames")
    channels = []
    for one in wanted:
        keys = _moved(curves.keys[one], -curves.start_frame)
        if rig is None:
            limits, neutral = _own_range(keys, curves.fps)
            channels.append(Channel(one, "imported", curves.units.get(one, "none"), limits, neutral, keys))
        else:
            spec = rig.controllers[rig.index(one)]
            channels.append(Channel(one, "imported", spec.unit, (spec.minimum, spec.maximum), spec.neutral, keys))
    title = rig.name if rig is not None else name
    return Take(title, curves.fps, frames, curves.sound, (Layer("imported"),), tuple(channels))


def _moved(keys: Keys, by: float) -> Keys:
    return replace(keys, frames=keys.frames + by)


def _own_range(keys: Keys, fps: Fraction) -> tuple[tuple[float, float], float]:
    """Limits that hold the curve between its keys too, and a neutral within them."""
    low = high = 0.0
    if keys.count:
        places = np.linspace(0, 1, _SUBSTEPS + 1)[:-1]
        between = keys.frames[:-1, None] + places * np.diff(keys.frames)[:, None]
        played = np.concatenate([evaluate(keys, between.ravel(), fps), keys.values])
        low, high = float(played.min()), float(played.max())
    room = _ROOM * max(high - low, 1.0 if high == low else 0.0)
    return (low - room, high + room), float(np.clip(0.0, low, high))
