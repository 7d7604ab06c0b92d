"""A take: the keys of all controllers for one clip, in layers, with the sound they belong to."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType

import numpy as np

from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.reduce import reduce_curves
from sfp_core.curves.smooth import event_frames
from sfp_core.errors import SfpError
from sfp_core.landmarks import Event
from sfp_core.rig import ControllerCurves, ControllerSpec, Keys, RigSpec, Unit
from sfp_core.timing import frame_at_or_before

_LARGEST_WEIGHT = 3.0


@dataclass(frozen=True)
class SoundReference:
    """The sound of a take.

    Attributes
    ----------
    file : str
        As the take's file shall name it.
    sha256 : str
        64 hexadecimal digits, or "" where unknown.
    offset_seconds : float
        When the sound starts, after frame 0.
    """

    file: str
    sha256: str = ""
    offset_seconds: float = 0.0


@dataclass(frozen=True)
class Layer:
    """A part of the performance that can be turned up and down on its own."""

    name: str
    weight: float = 1.0


@dataclass(frozen=True)
class Channel:
    """The keys of one controller on one layer.

    Attributes
    ----------
    limits : tuple of float
        Lowest and highest value.
    keys : Keys
        None at all where the controller rests at neutral.
    worst_error : float
        Largest distance of the keys from what was keyed, a share of the range.
    edited : tuple of (float, float)
        First and last frame of what a person has changed and wants to keep; see `curves.kept`.
    """

    controller: str
    layer: str
    unit: Unit
    limits: tuple[float, float]
    neutral: float
    keys: Keys
    worst_error: float = 0.0
    edited: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Spoken:
    """What is said in a take, for programs that show mouths or text.

    Attributes
    ----------
    words, phones : tuple of (float, float, str)
        Start and end in seconds of the take (frame 0 is at 0 s), and the word in lower case or the ARPABET symbol
        without stress. Phones have no gaps; silence is `""`.
    """

    words: tuple[tuple[float, float, str], ...] = ()
    phones: tuple[tuple[float, float, str], ...] = ()

    def __post_init__(self) -> None:
        for name in ("words", "phones"):
            time = -np.inf
            for index, (start, end, text) in enumerate(getattr(self, name)):
                if not (np.isfinite([start, end]).all() and time - 1e-6 <= start < end):
                    raise SfpError(
                        f"{name}[{index}]: {text!r} at {start} to {end} s; expected it to start at or after {time} s "
                        "and to end later"
                    )
                time = end


@dataclass(frozen=True)
class Take:
    """The result for one clip. Frame 0 is at 0 s; a curve goes on unchanged before its first and after its last key.

    Attributes
    ----------
    rig : str
        Name of the rig.
    frames : int
        T; the last frame is T - 1.
    channels : tuple of Channel
        At most one for each controller and layer.
    spoken : Spoken or None
        What is said, where that is known.
    """

    rig: str
    fps: Fraction
    frames: int
    sound: SoundReference | None
    layers: tuple[Layer, ...]
    channels: tuple[Channel, ...]
    spoken: Spoken | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.fps, Fraction) or self.fps <= 0:
            raise SfpError(f"take of {self.rig}: fps must be a Fraction above 0, got {self.fps!r}")
        if self.frames < 1:
            raise SfpError(f"take of {self.rig}: {self.frames} frames; expected at least 1")
        names = [layer.name for layer in self.layers]
        if len(set(names)) != len(names) or not all(np.isfinite(layer.weight) for layer in self.layers):
            raise SfpError(f"take of {self.rig}: layers must have names of their own and finite weights, got {names}")
        seen: dict[tuple[str, str], Channel] = {}
        specs: dict[str, Channel] = {}
        for channel in self.channels:
            place = f"take of {self.rig}: channel {channel.controller} on layer {channel.layer}"
            if channel.layer not in names:
                raise SfpError(f"{place}: there is no such layer; the take has {', '.join(names) or 'none'}")
            if (channel.controller, channel.layer) in seen:
                raise SfpError(f"{place}: is there twice")
            seen[channel.controller, channel.layer] = channel
            first = specs.setdefault(channel.controller, channel)
            if (first.limits, first.neutral, first.unit) != (channel.limits, channel.neutral, channel.unit):
                raise SfpError(f"{place}: limits, neutral or unit differ from those on layer {first.layer}")
            spec_of(channel)
            if any(not (np.isfinite(span).all() and span[0] <= span[1]) for span in channel.edited):
                raise SfpError(f"{place}: edited {list(channel.edited)}; expected first and last frames, in order")

    @property
    def key_count(self) -> int:
        """Keys of all channels together."""
        return sum(channel.keys.count for channel in self.channels)

    @property
    def moving_channels(self) -> int:
        """How many channels have two keys or more."""
        return sum(channel.keys.count > 1 for channel in self.channels)

    @property
    def worst_error(self) -> float:
        """The largest error of all channels, a share of the range; 0 without channels."""
        return max((channel.worst_error for channel in self.channels), default=0.0)

    def curves(self, rig: RigSpec, *, fps: Fraction | None = None) -> ControllerCurves:
        """Dense values of a rig's controllers: neutral + sum over layers of weight * (value - neutral), in limits.

        Parameters
        ----------
        rig : RigSpec
            Must have all of the take's controllers; others stay at their neutral.
        fps : Fraction, optional
            Another rate than the take's; frame i is at i / fps then too.

        Returns
        -------
        ControllerCurves
            From 0 s to the last whole frame within the take.
        """
        missing = sorted({channel.controller for channel in self.channels} - set(rig.names))
        if missing:
            raise SfpError(
                f"take of {self.rig}: rig {rig.name} lacks {len(missing)} of its controllers ({', '.join(missing[:5])}"
                f"{', ...' if len(missing) > 5 else ''}); expected a take made for this rig"
            )
        rate = fps or self.fps
        count = frame_at_or_before(Fraction(self.frames - 1) / self.fps, rate) + 1
        places = np.arange(count) * float(self.fps / rate)
        index = {name: number for number, name in enumerate(rig.names)}
        weights = {layer.name: layer.weight for layer in self.layers}
        values = np.tile(rig.neutral, (count, 1))
        plain = self.plain_channels()
        for channel in self.channels:
            if channel.keys.count:
                played, column = evaluate(channel.keys, places, self.fps), index[channel.controller]
                if channel.controller in plain:  # the sum below would round
                    values[:, column] = played
                else:
                    values[:, column] += weights[channel.layer] * (played - channel.neutral)
        return ControllerCurves(rig, rate, 0.0, np.clip(values, rig.minimum, rig.maximum))

    def plain_channels(self) -> dict[str, Channel]:
        """Controllers that are on one layer only, and that of weight 1."""
        counts = Counter(channel.controller for channel in self.channels)
        weights = {layer.name: layer.weight for layer in self.layers}
        return {c.controller: c for c in self.channels if counts[c.controller] == 1 and weights[c.layer] == 1.0}

    def rig_spec(self) -> RigSpec:
        """The rig as far as the take knows it: its controllers in order of appearance."""
        first = {channel.controller: channel for channel in reversed(self.channels)}
        names = dict.fromkeys(channel.controller for channel in self.channels)
        return RigSpec(self.rig, tuple(spec_of(first[name]) for name in names))


def spec_of(channel: Channel) -> ControllerSpec:
    """The controller that a channel moves."""
    return ControllerSpec(channel.controller, *channel.limits, channel.neutral, channel.unit)


def build_take(
    curves: ControllerCurves,
    *,
    events: Sequence[Event] = (),
    tolerance: float | np.ndarray = 0.01,
    sound: SoundReference | None = None,
    layer: str | Sequence[str] = "speech",
    weights: Mapping[str, float] = MappingProxyType({}),
) -> Take:
    """Sparse keys for dense curves, as a take. Every controller gets one channel.

    Parameters
    ----------
    curves : ControllerCurves
        (T, K), already smoothed; frame 0 of the take is its first frame.
    events : sequence of Event
        Closures and blinks whose values are kept exactly on the controllers they hold. In the curves' time.
    tolerance : float or (K,) float
        Largest error, a share of the controller's range.
    layer : str or sequence of K str
        The layer of all controllers, or of each; the take has them in order of appearance.
    weights : mapping of str to float
        Of layers; 1 where not given.
    """
    names = (layer,) * len(curves.rig.controllers) if isinstance(layer, str) else tuple(layer)
    reduced = reduce_curves(curves, tolerance=tolerance, pinned=event_frames(events, curves))
    channels = tuple(
        Channel(spec.name, name, spec.unit, (spec.minimum, spec.maximum), spec.neutral, one.keys, one.worst_error)
        for spec, name, one in zip(curves.rig.controllers, names, reduced, strict=True)
    )
    layers = tuple(Layer(name, weights.get(name, 1.0)) for name in dict.fromkeys(names))
    return Take(curves.rig.name, curves.fps, curves.frames, sound, layers, channels)


def join_layers(takes: Sequence[Take]) -> Take:
    """One take of several with layers of different names, for the same rig, rate and length; the first one's sound.

    A channel without keys is left out where another layer has the controller.
    """
    if not takes:
        raise SfpError("takes to join: none; expected at least one")
    first = takes[0]
    for other in takes[1:]:
        if (other.rig, other.fps, other.frames) != (first.rig, first.fps, first.frames):
            raise SfpError(
                f"takes to join: {first.rig} at {first.fps} fps with {first.frames} frames, but "
                f"{other.rig} at {other.fps} with {other.frames}; expected the same rig, rate and length"
            )
    everything = [channel for take in takes for channel in take.channels]
    keyed = {channel.controller for channel in everything if channel.keys.count}
    channels: list[Channel] = []
    resting: set[str] = set()
    for channel in everything:
        if channel.keys.count or channel.controller not in keyed | resting:
            channels.append(channel)
            resting.add(channel.controller)
    return Take(
        first.rig,
        first.fps,
        first.frames,
        first.sound,
        tuple(layer for take in takes for layer in take.layers),
        tuple(channels),
        first.spoken,
    )


def flattened(take: Take, *, tolerance: float = 0.002) -> Take:
    """The same motion on one layer of weight 1, for programs that know no layers.

    Controllers on one layer of weight 1 keep their keys; others are keyed anew within `tolerance`, a share of the
    range.
    """
    best = take.plain_channels()
    mixed = tuple(channel for channel in take.channels if channel.controller not in best)
    if mixed:
        some = replace(take, channels=mixed)
        best |= {c.controller: c for c in build_take(some.curves(some.rig_spec()), tolerance=tolerance).channels}
    names = dict.fromkeys(channel.controller for channel in take.channels)
    channels = tuple(replace(best[name], layer="all") for name in names)
    return replace(take, layers=(Layer("all"),), channels=channels)


def weights_from(texts: Iterable[str]) -> dict[str, float]:
    """Weights of layers as people write them, `blinks=0.5`. Raises SfpError for other text."""
    weights: dict[str, float] = {}
    for text in texts:
        name, equals, number = text.partition("=")
        try:
            weights[name] = float(number)
        except ValueError as error:
            raise SfpError(f"--layer {text}: expected NAME=WEIGHT, such as blinks=0.5") from error
        if not equals or not 0 <= weights[name] <= _LARGEST_WEIGHT:
            raise SfpError(f"--layer {text}: expected a weight of 0 to {_LARGEST_WEIGHT:g}, where 1 is as it is")
    return weights
