"""From a take's numbers to the scene's and back: rate, start frame, UI units, limits. Changes nothing."""

from __future__ import annotations

from fractions import Fraction

from .curves import Key, Keys, at_rate, limited, rounded
from .rig import Target


def placed_keys(target: Target, ratio: Fraction, first_frame: int, *, additive: bool = False) -> tuple[Keys, bool]:
    """The keys of a controller in frames and UI units of the scene.

    Parameters
    ----------
    ratio : Fraction
        The scene's rate / the take's.
    additive : bool
        As differences from neutral.

    Returns
    -------
    keys : Keys
    limited : bool
        Whether the scene's limits were narrower than the motion.
    """
    scale = target.scale
    base = target.motion.neutral * scale if additive else 0.0
    moved = _mapped(at_rate(target.motion.keys, ratio), scale=scale, frame=float(first_frame), value=-base)
    low, high = (None if end is None else end - base for end in (target.minimum, target.maximum))
    within = limited(moved, low, high)
    return rounded(within), within != moved


def taken_keys(target: Target, keys: Keys, ratio: Fraction, first_frame: int, *, additive: bool = False) -> Keys:
    """The way back: a curve of the scene in frames and units of the take."""
    base = target.motion.neutral * target.scale if additive else 0.0
    in_take = [
        Key(
            (key.frame - first_frame) / float(ratio),
            (key.value + base) / target.scale,
            key.in_type,
            key.out_type,
            key.in_slope / target.scale,
            key.out_slope / target.scale,
        )
        for key in keys
    ]
    return rounded(in_take)


def _mapped(keys: Keys, *, scale: float, frame: float, value: float) -> Keys:
    """Values and slopes times `scale`; then later by `frame`, and higher by `value`."""
    return tuple(
        Key(
            key.frame + frame,
            key.value * scale + value,
            key.in_type,
            key.out_type,
            key.in_slope * scale,
            key.out_slope * scale,
        )
        for key in keys
    )
