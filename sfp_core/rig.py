"""What a rig is to us: named controllers with limits, and their values over time.

Left and right of a *controller* are the character's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from sfp_core.errors import SfpError

Unit = Literal["linear", "angle_deg", "none"]


@dataclass(frozen=True)
class ControllerSpec:
    """One animatable number of a rig.

    Attributes
    ----------
    name : str
        `node.attribute`, without namespace.
    minimum, maximum, neutral : float
        In `unit`; minimum <= neutral <= maximum and minimum < maximum. Zero is not neutral on every rig.
    """

    name: str
    minimum: float
    maximum: float
    neutral: float = 0.0
    unit: Unit = "linear"

    def __post_init__(self) -> None:
        if not self.name:
            raise SfpError("controller: the name is empty; expected node.attribute")
        if self.unit not in get_args(Unit):
            raise SfpError(f"controller {self.name}: unit {self.unit!r}; expected one of {', '.join(get_args(Unit))}")
        if not np.isfinite([self.minimum, self.maximum, self.neutral]).all():
            raise SfpError(f"controller {self.name}: limits and neutral must be finite numbers")
        if not self.minimum < self.maximum:
            raise SfpError(
                f"controller {self.name}: minimum {self.minimum:g} must be below maximum {self.maximum:g}; "
                "leave out controllers that cannot move"
            )
        if not self.minimum <= self.neutral <= self.maximum:
            raise SfpError(
                f"controller {self.name}: neutral {self.neutral:g} is outside its limits "
                f"{self.minimum:g} to {self.maximum:g}"
            )


@dataclass(frozen=True)
class RigSpec:
    """A rig's controllers, in the order in which arrays hold them.

    Attributes
    ----------
    mirror : mapping of str to str
        A controller's counterpart on the other side of the face; a controller in the middle is its own.
    """

    name: str
    controllers: tuple[ControllerSpec, ...]
    mirror: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [controller.name for controller in self.controllers]
        doubles = sorted({name for name in names if names.count(name) > 1})
        if doubles:
            raise SfpError(f"rig {self.name}: controllers named twice: {', '.join(doubles)}")
        if not names:
            raise SfpError(f"rig {self.name}: it has no controllers; expected at least one")
        for name, other in self.mirror.items():
            if name not in names or other not in names or self.mirror.get(other) != name:
                raise SfpError(f"rig {self.name}: mirror {name} -> {other} must name two controllers, both ways")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Controller names in order."""
        return tuple(controller.name for controller in self.controllers)

    @cached_property
    def minimum(self) -> np.ndarray:
        """(K,) float64."""
        return np.array([controller.minimum for controller in self.controllers])

    @cached_property
    def maximum(self) -> np.ndarray:
        """(K,) float64."""
        return np.array([controller.maximum for controller in self.controllers])

    @cached_property
    def neutral(self) -> np.ndarray:
        """(K,) float64."""
        return np.array([controller.neutral for controller in self.controllers])

    def index(self, name: str) -> int:
        """Place of a controller. Raises SfpError for an unknown name."""
        if name not in self.names:
            raise SfpError(f"rig {self.name}: no controller {name!r}")
        return self.names.index(name)

    def to_unit(self, values: np.ndarray) -> np.ndarray:
        """(..., K) values in controller units to shares of the range, [0, 1] inside the limits."""
        return np.asarray((values - self.minimum) / (self.maximum - self.minimum))

    def from_unit(self, shares: np.ndarray) -> np.ndarray:
        """(..., K) shares of the range to controller units."""
        return np.asarray(self.minimum + shares * (self.maximum - self.minimum))


@dataclass(frozen=True)
class ControllerCurves:
    """Controller values at a constant rate: frame i is at start_seconds + i / fps.

    Attributes
    ----------
    values : (T, K) float64
        Controller units, within the rig's limits (values outside are refused; 1e-9 of the range is forgiven).
    """

    rig: RigSpec
    fps: Fraction
    start_seconds: float
    values: np.ndarray

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        if values.ndim != 2 or values.shape[1] != len(self.rig.controllers):
            raise SfpError(
                f"curves of {self.rig.name}: expected (frames, {len(self.rig.controllers)}) values, got {values.shape}"
            )
        if not isinstance(self.fps, Fraction) or self.fps <= 0:
            raise SfpError(f"curves of {self.rig.name}: fps must be a Fraction above 0, got {self.fps!r}")
        slack = 1e-9 * (self.rig.maximum - self.rig.minimum)
        inside = (values >= self.rig.minimum - slack) & (values <= self.rig.maximum + slack)  # False for NaN
        if not inside.all():
            frame, controller = np.argwhere(~inside)[0]
            spec = self.rig.controllers[controller]
            raise SfpError(
                f"curves of {self.rig.name}: {spec.name} is {values[frame, controller]:g} at frame {frame}; "
                f"expected {spec.minimum:g} to {spec.maximum:g}"
            )
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    @property
    def frames(self) -> int:
        """T, the number of frames."""
        return len(self.values)


TangentType = Literal["auto", "linear", "flat", "step", "stepnext", "spline", "clamped", "plateau", "fixed"]


@dataclass(frozen=True)
class Keys:
    """The keys of one controller: what an animator sees in the graph editor.

    Attributes
    ----------
    frames : (n,) float64
        Rising; whole numbers unless sub-frames were asked for.
    values : (n,) float64
        Controller units.
    in_types, out_types : tuple of str
        Tangent types, Maya's words.
    in_slopes, out_slopes : (n,) float64
        Units per second; read only where the type is `fixed`.
    """

    frames: np.ndarray
    values: np.ndarray
    in_types: tuple[TangentType, ...]
    out_types: tuple[TangentType, ...]
    in_slopes: np.ndarray
    out_slopes: np.ndarray

    def __post_init__(self) -> None:
        count = len(self.frames)
        for name in ("frames", "values", "in_slopes", "out_slopes"):
            array = np.array(getattr(self, name), dtype=np.float64)
            if array.shape != (count,) or not np.isfinite(array).all():
                raise SfpError(f"keys: {name} must be {count} finite numbers, got {array.tolist()}")
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if count and (np.diff(self.frames) <= 0).any():
            raise SfpError(f"keys: frames must rise, got {self.frames.tolist()}")
        known = get_args(TangentType)
        for name in ("in_types", "out_types"):
            types = getattr(self, name)
            if len(types) != count or any(kind not in known for kind in types):
                raise SfpError(f"keys: {name} must be {count} of {', '.join(known)}, got {types}")

    @property
    def count(self) -> int:
        """n, the number of keys."""
        return len(self.frames)
