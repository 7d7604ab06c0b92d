"""Curves: the evaluator beside two others, and how few keys speech takes, how fast, with closures that close."""

import importlib.util
import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import get_args

import numpy as np

from sfp_core.animate import demo_request
from sfp_core.character.character import Character
from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.reduce import Reduced, dense_curve, pin_ends, reduce_curves, turning_points
from sfp_core.curves.smooth import event_frames, smooth, smoothing_named
from sfp_core.geometry import inter_ocular
from sfp_core.landmarks import Event, EventKind
from sfp_core.layout import WFLW_98
from sfp_core.motion import from_sound
from sfp_core.progress import Progress
from sfp_core.rig import ControllerCurves, ControllerSpec, Keys, RigSpec, TangentType
from sfp_core.rigs.procedural import ProceduralCharacter
from sfp_core.speech import Style
from sfp_core.timing import frame_count, parse_fps
from training.benchmarks.oracles import usd_values
from training.benchmarks.rivals import douglas_peucker, greedy_hermite, played
from training.benchmarks.table import Figure
from training.settings import from_table, read_toml

RECIPE = Path(__file__).parents[1] / "testsets" / "curves-1.toml"
PARTS = ("evaluator", "keys", "closures", "speed")
GOLDEN = "maya/animx_golden/maya_curve_golden.json"  # inside the development data
# Points of WFLW that lie opposite each other: inner lips, and the lids of both eyes.
_LIPS = ((89, 95), (90, 94), (91, 93))
_LIDS = ((61, 67), (62, 66), (63, 65), (69, 75), (70, 74), (71, 73))
_USD_TYPES: tuple[TangentType, ...] = ("auto", "spline", "clamped", "plateau", "linear", "flat")
_TIMES = 3  # the best of so many runs counts


@dataclass(frozen=True)
class SpeechRecipe:
    """The `[speech]` table; `shared` are pairs of sound and transcript inside the development data."""

    character: str
    fps: str
    seed: int
    tolerance: float
    moves: float
    heights: tuple[str, ...]
    shared: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ClosuresRecipe:
    """The `[closures]` table."""

    wider: float


@dataclass(frozen=True)
class EvaluatorRecipe:
    """The `[evaluator]` table."""

    seed: int
    curves: int
    keys: int
    samples: int


@dataclass(frozen=True)
class SpeedRecipe:
    """The `[speed]` table."""

    controllers: int
    seconds: int


@dataclass(frozen=True)
class CurvesBenchmark:
    """A curves recipe as in `training/testsets`."""

    name: str
    version: int
    speech: SpeechRecipe
    closures: ClosuresRecipe
    evaluator: EvaluatorRecipe
    speed: SpeedRecipe


@dataclass(frozen=True)
class Clip:
    """Smoothed curves of one spoken line, its events, and their keys.

    Attributes
    ----------
    spoken_seconds : float
        Without the silences.
    pins : tuple of K int arrays
        What the events hold; the ends of its runs are keys.
    """

    name: str
    curves: ControllerCurves
    events: tuple[Event, ...]
    spoken_seconds: float
    pins: tuple[np.ndarray, ...]
    keyed: tuple[Reduced, ...]

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.curves.frames / float(self.curves.fps)


def read_recipe(path: Path = RECIPE) -> CurvesBenchmark:
    """The frozen recipe."""
    return from_table(CurvesBenchmark, read_toml(path), where=path.name)


def run(*, parts: Iterable[str]) -> list[Figure]:
    """The figures of the curves, in the order of their table.

    Parameters
    ----------
    parts : of `PARTS`
        What to measure.
    """
    recipe, wanted = read_recipe(), set(parts)
    figures: list[Figure] = []
    if "evaluator" in wanted:
        figures += [animx_figure(), usd_figure(recipe.evaluator)]
    if wanted & {"keys", "closures", "speed"}:
        clips = spoken_clips(recipe.speech, shared=bool(wanted & {"keys", "closures"}))
        if "keys" in wanted:
            figures += key_figures(recipe.speech, clips)
        if "closures" in wanted:
            figures.append(closure_figure(recipe, clips))
        if "speed" in wanted:
            figures.append(speed_figure(recipe, clips[0]))
    return figures


def animx_figure() -> Figure:
    """`animx_error`: against values that Autodesk's AnimX gave for random curves, recorded in the development data."""
    shared = os.environ.get("SFP_SHARED_DATA")
    if not shared or not (Path(shared) / GOLDEN).exists():
        return _not_measured("animx_error", f"needs SFP_SHARED_DATA with {GOLDEN}")
    recorded = json.loads((Path(shared) / GOLDEN).read_text(encoding="utf-8"))
    worst, count = 0.0, 0
    for curve in recorded:
        frames, values, in_types, in_slopes, out_types, out_slopes = zip(*curve["keys"], strict=True)
        keys = Keys(np.array(frames), np.array(values), in_types, out_types, np.array(in_slopes), np.array(out_slopes))
        samples = np.array(curve["samples"])
        rate = Fraction(curve["fps"]).limit_denominator(2000)
        worst = max(worst, float(np.abs(evaluate(keys, samples[:, 0], rate) - samples[:, 1]).max()))
        count += len(samples)
    return Figure("animx_error", worst, "", 1e-9, 1e-13, note=f"{len(recorded)} curves of AnimX, {count} values")


def usd_figure(recipe: EvaluatorRecipe) -> Figure:
    """`usd_error`: against usd-core's `Ts` on random curves."""
    if importlib.util.find_spec("pxr") is None:
        return _not_measured("usd_error", "needs usd-core: pip install usd-core")
    rng = np.random.default_rng(recipe.seed)
    worst = 0.0
    for number in range(recipe.curves):
        kinds: tuple[TangentType, ...] = (_USD_TYPES[number % len(_USD_TYPES)],) * recipe.keys
        frames = np.cumsum(rng.integers(1, 12, recipe.keys))
        zeros = np.zeros(recipe.keys)
        keys = Keys(frames, rng.uniform(-1, 1, recipe.keys), kinds, kinds, zeros, zeros)
        at = rng.uniform(frames[0] - 5, frames[-1] + 5, recipe.samples)
        rate = Fraction(24)
        worst = max(worst, float(np.abs(evaluate(keys, at, rate) - usd_values(keys, at, rate)).max()))
    note = f"{recipe.curves} curves of {recipe.keys} keys, {', '.join(_USD_TYPES)}"
    return Figure("usd_error", worst, "", 1e-9, 1e-13, note=note)


def _not_measured(key: str, why: str) -> Figure:
    return Figure(f" {key}", float("nan"), "", note=f"not measured: {why}")


def spoken_clips(recipe: SpeechRecipe, *, shared: bool) -> list[Clip]:
    """The built-in line, and the clips of the development data where they are here and `shared` asks for them."""
    character = Character.load(recipe.character)
    demo = demo_request(Path("unused"))
    assert demo.sound is not None and demo.transcript is not None
    lines = [(demo.sound, demo.transcript)]
    folder = os.environ.get("SFP_SHARED_DATA")
    if shared and folder:
        for sound, text in recipe.shared:
            lines.append((Path(folder) / sound, (Path(folder) / text).read_text(encoding="utf-8").strip()))
    return [spoken_clip(recipe, character, sound, text) for sound, text in lines]


def spoken_clip(recipe: SpeechRecipe, character: Character, sound: Path, transcript: str) -> Clip:
    """One line, made, smoothed and keyed as `sfp animate` does."""
    motion = from_sound(
        sound,
        character,
        transcript=transcript,
        phones=None,
        fps=parse_fps(recipe.fps),
        style=Style(),
        seed=recipe.seed,
        report=Progress(),
    )
    assert motion.heard is not None
    dense = ControllerCurves(character.rig, motion.fps, 0.0, motion.values)
    curves = smooth(dense, smoothing_named("normal", character.rig.names), events=motion.events)
    pins = event_frames(motion.events, curves)
    keyed = reduce_curves(curves, tolerance=recipe.tolerance, pinned=pins)
    spoken = float(motion.seconds) * motion.heard.track.speech_share
    return Clip(sound.name, curves, motion.events, spoken, pins, keyed)


@dataclass(frozen=True)
class Counts:
    """Keys of one controller in one clip by each method, and the worst error of each, shares of the range."""

    name: str
    seconds: float
    spoken_seconds: float
    keys: dict[str, int]
    errors: dict[str, float]


def counted(recipe: SpeechRecipe, clip: Clip) -> list[Counts]:
    """What each controller that moves takes."""
    rig, results = clip.curves.rig, []
    for index, spec in enumerate(rig.controllers):
        values, span = clip.curves.values[:, index], float(spec.maximum - spec.minimum)
        if np.ptp(values) <= recipe.moves * span:
            continue
        allowed, target = recipe.tolerance * span, dense_curve(values)
        kept = np.union1d(pin_ends(clip.pins[index]), turning_points(values / allowed, 2.0))
        methods = {
            "ours": clip.keyed[index].keys,
            "rdp": douglas_peucker(values, target, kept=kept, allowed=allowed),
            "hermite": greedy_hermite(values, target, kept=kept, allowed=allowed),
        }
        errors = {
            name: float(np.abs(_played(keys, clip.curves) - target).max()) / span for name, keys in methods.items()
        }
        keys = {name: one.count for name, one in methods.items()} | {"every": len(values)}
        results.append(Counts(spec.name, clip.seconds, clip.spoken_seconds, keys, errors))
    return results


def _played(keys: Keys, curves: ControllerCurves) -> np.ndarray:
    """Slopes of `fixed` keys are per frame here; those of the other types do not depend on the rate."""
    return played(keys, curves.frames)


def key_figures(recipe: SpeechRecipe, clips: Sequence[Clip]) -> list[Figure]:
    """`keys_vs_rdp`, `keys_per_s`, `keys_per_s_jaw`, and the other methods for the table alone."""
    each = [counted(recipe, clip) for clip in clips]
    every = [one for counts in each for one in counts]
    heights = [one for one in every if one.name in recipe.heights]
    told = f"{', '.join(clip.name for clip in clips)}; tolerance {100 * recipe.tolerance:g} %"
    worst = {name: 100 * max(one.errors[name] for one in every) for name in every[0].errors}
    figures = [
        Figure("keys_vs_rdp", _total(every, "ours") / _total(every, "rdp"), "", 0.7, 0.5, note=told),
        Figure(
            "keys_per_s", _rate(every, "ours"), "1/s", 5.0, 3.5, note=f"each of {len(every)} channels; pauses included"
        ),
        Figure("keys_per_s_jaw", _rate(heights, "ours"), "1/s", 7.0, 5.0, note=f"each of {', '.join(recipe.heights)}"),
        Figure("  ours, worst error", worst["ours"], "%", note="of the range, at and between frames"),
    ]
    for clip, counts in zip(clips, each, strict=True):
        ratio = _total(counts, "ours") / _total(counts, "rdp")
        figures.append(Figure(f"  {clip.name[:16]} vs rdp", ratio, "", note=f"{_rate(counts, 'ours'):.2f} keys/s"))
    spoken = _total(every, "ours") / sum(one.spoken_seconds for one in every)
    figures.append(Figure("  per spoken second", spoken, "1/s", note="all keys over the time without silences"))
    for method, name in (("rdp", "RDP, linear"), ("hermite", "greedy Hermite"), ("every", "every frame")):
        lost = f"worst error {worst[method]:.2f} %" if method in worst else "exact"
        figures.append(Figure(f"  {name}", _rate(every, method), "1/s", note=f"the same channels and pins; {lost}"))
    return figures


def _total(counts: Sequence[Counts], method: str) -> int:
    return sum(one.keys[method] for one in counts)


def _rate(counts: Sequence[Counts], method: str) -> float:
    """Keys a second of one channel."""
    return _total(counts, method) / sum(one.seconds for one in counts)


def closure_figure(recipe: CurvesBenchmark, clips: Sequence[Clip]) -> Figure:
    """`closure`: percent of closures and blinks whose gap is as small with the keys as it was before."""
    drawn = ProceduralCharacter.named(recipe.speech.character)
    unit = float(inter_ocular(drawn.landmarks(drawn.rig.neutral), WFLW_98))
    widened: dict[EventKind, list[float]] = {kind: [] for kind in get_args(EventKind)}
    for clip in clips:
        keyed = keyed_values(clip)
        for event in clip.events:
            frames = np.unique(np.concatenate(event_frames([event], clip.curves)))
            if len(frames):
                pairs = _LIDS if event.kind == "blink" else _LIPS
                gaps = [[_gap(drawn, row[frame], pairs) for frame in frames] for row in (clip.curves.values, keyed)]
                widened[event.kind].append(max(np.subtract(gaps[1], gaps[0])) / unit)
    every = [one for some in widened.values() for one in some]
    told = ", ".join(f"{len(some)} {kind}" for kind, some in widened.items())
    kept = 100.0 * float(np.mean([one <= recipe.closures.wider for one in every]))
    note = f"{told}; widest opens by {100 * max(every):.2f} % of the eye distance"
    return Figure("closure", kept, "%", 99.0, 100.0, note=note, more_is_better=True)


def keyed_values(clip: Clip) -> np.ndarray:
    """What the keys play, (T, K)."""
    values = np.tile(clip.curves.rig.neutral, (clip.curves.frames, 1))
    for index, one in enumerate(clip.keyed):
        if one.keys.count:
            values[:, index] = evaluate(one.keys, np.arange(clip.curves.frames), clip.curves.fps)
    return values


def _gap(character: ProceduralCharacter, values: np.ndarray, pairs: Sequence[tuple[int, int]]) -> float:
    """Largest distance down from the upper to the lower point of a pair, at least 0."""
    points = character.landmarks(values)
    return max(0.0, max(float(points[lower, 1] - points[upper, 1]) for upper, lower in pairs))


def speed_figure(recipe: CurvesBenchmark, clip: Clip) -> Figure:
    """`reduce_s`: seconds for many controllers of a long take."""
    curves, pins = long_take(recipe, clip)
    spent = []
    reduced: tuple[Reduced, ...] = ()
    for _ in range(_TIMES):
        began = time.process_time()
        reduced = reduce_curves(curves, tolerance=recipe.speech.tolerance, pinned=pins)
        spent.append(time.process_time() - began)
    keys = sum(one.keys.count for one in reduced)
    note = (
        f"{recipe.speed.controllers} controllers x {recipe.speed.seconds} s at {curves.fps} fps, {keys} keys; one "
        f"core's time, best of {_TIMES}, the first took {spent[0]:.2f} s"
    )
    return Figure("reduce_s", min(spent), "s", 3.0, 1.0, note=note)


def long_take(recipe: CurvesBenchmark, clip: Clip) -> tuple[ControllerCurves, list[np.ndarray]]:
    """A clip's moving curves and pins, forth and back, each controller from another frame on."""
    rig = clip.curves.rig
    span = rig.maximum - rig.minimum
    moving = np.flatnonzero(np.ptp(clip.curves.values, axis=0) > recipe.speech.moves * span)
    frames = frame_count(recipe.speed.seconds, clip.curves.fps) - 1
    source = np.arange(clip.curves.frames)
    specs, columns, pins = [], [], []
    for number in range(recipe.speed.controllers):
        index = moving[number % len(moving)]
        spec = rig.controllers[index]
        start = number // len(moving) * 7
        at = np.pad(source, (0, start + frames), mode="reflect")[start : start + frames]
        specs.append(ControllerSpec(f"{number}.{spec.name}", spec.minimum, spec.maximum, spec.neutral, spec.unit))
        columns.append(clip.curves.values[at, index])
        pins.append(np.flatnonzero(np.isin(at, clip.pins[index])))
    return ControllerCurves(RigSpec(rig.name, tuple(specs)), clip.curves.fps, 0.0, np.stack(columns, axis=1)), pins
