"""The mapper: test poses of every shipped character seen by the detector and given back, speed, onboarding, video."""

import copy
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from sfp_core.character.anchor import anchored
from sfp_core.character.capture import Capture, capture_character
from sfp_core.character.character import Character
from sfp_core.character.drawn import drawn_rig
from sfp_core.character.fit import INVISIBLE_BELOW
from sfp_core.character.observe import Observation, observe
from sfp_core.character.poses import Pose
from sfp_core.character.refine import RefineConfig
from sfp_core.character.score import FAILED_MSE, Score, score
from sfp_core.detect.detector import Detector
from sfp_core.errors import SfpError
from sfp_core.geometry import normalize
from sfp_core.layout import WFLW_98, ibug68_from_wflw98
from sfp_core.rigs.procedural import FOV_DEG, ProceduralCharacter, character_names
from training.benchmarks.known_curves import true_effect
from training.benchmarks.made_up import made_up_character, made_up_motion
from training.benchmarks.mapper_poses import FacesRecipe, PosesRecipe, poses_of
from training.benchmarks.onboarding import OnboardingRecipe, onboarding_figures
from training.benchmarks.performance import VideoRecipe, video_figures
from training.benchmarks.table import Figure
from training.settings import from_table, read_toml

RECIPE = Path(__file__).parents[1] / "testsets" / "mapper-1.toml"
PARTS = ("poses", "speed", "onboarding", "video")


@dataclass(frozen=True)
class SpeedRecipe:
    """The `[speed]` table: the size of the made-up character and how many frames it maps."""

    controllers: int
    frames: int
    hidden: int
    components: int
    seed: int


@dataclass(frozen=True)
class MapperRecipe:
    """A mapper recipe as in `training/testsets`."""

    name: str
    version: int
    poses: PosesRecipe
    speed: SpeedRecipe
    onboarding: OnboardingRecipe
    video: VideoRecipe
    faces: FacesRecipe

    def limited(self, count: int) -> "MapperRecipe":
        """At most `count` test poses, for a quick look; not the frozen figures."""
        poses = replace(self.poses, count=min(self.poses.count, count), neutral=min(self.poses.neutral, count))
        return replace(
            self,
            poses=poses,
            speed=replace(self.speed, frames=min(self.speed.frames, 20 * count)),
            onboarding=replace(self.onboarding, poses=min(self.onboarding.poses, max(count, 150))),
        )


def read_recipe(path: Path = RECIPE) -> MapperRecipe:
    """The frozen recipe."""
    return from_table(MapperRecipe, read_toml(path), where=path.name)


def run(
    *,
    parts: Iterable[str],
    characters: Sequence[str] = (),
    detector: Path | None = None,
    limit: int | None = None,
    processes: int = 2,
) -> list[Figure]:
    """The figures of the issue's table in its order.

    Parameters
    ----------
    parts : of `PARTS`
    characters : sequence of str
        Names or paths of bundles; else all that are shipped.
    limit : int, optional
        At most so many test poses, for a quick look.
    """
    recipe, wanted = read_recipe(), set(parts)
    if limit is not None:
        recipe = recipe.limited(limit)
    figures: list[Figure] = []
    if "poses" in wanted:
        eyes = Detector.load(detector)
        results = [
            measured(Character.load(name), recipe, eyes, processes=processes)
            for name in characters or shipped_and_drawn()
        ]
        figures += pose_figures(results)
    if "onboarding" in wanted:
        figures += onboarding_figures(recipe.onboarding)
    if "speed" in wanted:
        figures += speed_figures(recipe.speed)
    if "video" in wanted:
        figures += video_figures(recipe.video)
    return figures


def shipped_and_drawn() -> tuple[str, ...]:
    """Bundles of the package whose character we can draw."""
    return tuple(name for name in Character.names() if name in character_names())


@dataclass(frozen=True)
class Seen:
    """Test poses as the detector sees them.

    Attributes
    ----------
    capture : Capture
        Neutral poses, then the test poses third by third.
    third : (P,) int64
        Which third a pose belongs to; -1 for neutral.
    observation : Observation
    counted : (K,) bool
        Controllers that move a true landmark.
    """

    capture: Capture
    third: np.ndarray
    observation: Observation
    counted: np.ndarray


def drawn_as(character: Character) -> ProceduralCharacter:
    """What draws this character. Raises SfpError where its controllers are not those of a built-in one."""
    drawn = drawn_rig(character.rig)
    if drawn is None:
        raise SfpError(
            f"character {character.rig.name}: not a built-in rig, so its result cannot be drawn again; expected one of "
            f"{', '.join(shipped_and_drawn())}"
        )
    return drawn


def seen_poses(
    drawn: ProceduralCharacter, recipe: MapperRecipe, detector: Detector, folder: Path, *, processes: int
) -> Seen:
    """Render the test poses to `folder` and detect their landmarks, as `observe` does for a capture."""
    counted = true_effect(drawn) > INVISIBLE_BELOW
    made = poses_of(recipe.poses, recipe.faces, drawn.rig, np.flatnonzero(counted))
    resting = [Pose("neutral", drawn.rig.neutral.astype(np.float64))] * recipe.poses.neutral
    third = [np.full(len(resting), -1), *(np.full(len(poses), i) for i, poses in enumerate(made.values()))]
    capture = capture_character(
        drawn,
        [*resting, *(pose for poses in made.values() for pose in poses)],
        folder,
        size=recipe.poses.picture_px,
        fov_deg=FOV_DEG,
        source="mapper benchmark",
        helpers=processes - 1,
        again=partial(ProceduralCharacter.named, drawn.name, controls=drawn.controls),
    )
    return Seen(capture, np.concatenate(third), observe(capture, folder, detector), counted)


@dataclass(frozen=True)
class Stage:
    """What one way of mapping gives on the test poses."""

    name: str
    score: Score
    thirds: tuple[float, ...]
    """MSE over that of always answering neutral, by third."""
    neutral_error: float
    cycle_nme: float


@dataclass(frozen=True)
class Measured:
    """All figures of one character."""

    character: Character
    stages: tuple[Stage, ...]
    invisible_share: float
    hidden_by_bundle: tuple[str, ...]
    """Controllers that move a true landmark, but that the bundle leaves out; they are counted all the same."""
    not_seen: int
    other_detector: bool


Mapped = Callable[[np.ndarray], np.ndarray]


def ways_of_mapping(character: Character) -> dict[str, Mapped]:
    """Image landmarks (P, 98, 2) to controller values, every picture by itself."""
    alone = RefineConfig(iterations=0)
    shipped = replace(character.refine, smoothness=0.0)  # pictures, no film: nothing joins one to the next
    return {
        "mapper alone": lambda points: character.controllers(points, refine=alone),
        "refined": lambda points: character.controllers(points, refine=shipped),
        "refined, from 68 points": lambda points: character.controllers(ibug68_from_wflw98(points), refine=shipped),
    }


def measured(character: Character, recipe: MapperRecipe, detector: Detector, *, processes: int) -> Measured:
    """Render, detect, map, and draw the landmarks of the result again."""
    drawn = drawn_as(character)
    with tempfile.TemporaryDirectory() as folder:
        seen = seen_poses(drawn, recipe, detector, Path(folder), processes=processes)
    names = np.array(character.rig.names)
    left_out = np.isin(names, character.invisible) & seen.counted
    return Measured(
        character,
        tuple(stage_of(name, mapped, seen, drawn) for name, mapped in ways_of_mapping(character).items()),
        float((~seen.counted).mean()),
        tuple(str(name) for name in names[left_out]),
        len(seen.observation.problems),
        character.detector_sha256 != detector.sha256,
    )


def stage_of(name: str, mapped: Mapped, seen: Seen, drawn: ProceduralCharacter) -> Stage:
    """Score one way of mapping."""
    rig, used = seen.capture.rig, seen.observation.used
    third = seen.third[used]
    answered, truth = mapped(seen.observation.points), seen.capture.values[used]
    shares, true_shares = rig.to_unit(answered), rig.to_unit(truth)
    moving = third >= 0
    whole = score(rig, shares[moving], true_shares[moving], counted=seen.counted)
    ratios = []
    for number in range(third.max() + 1):
        part = score(rig, shares[third == number], true_shares[third == number], counted=seen.counted)
        ratios.append(part.mse / part.neutral_mse)
    off = np.abs(shares - rig.to_unit(rig.neutral))[~moving]
    return Stage(name, whole, tuple(ratios), float(off.max()), cycle_nme(drawn, answered[moving], truth[moving]))


def cycle_nme(drawn: ProceduralCharacter, answered: np.ndarray, truth: np.ndarray) -> float:
    """Mean distance (%, of inter-ocular) between the true landmarks of result and target, laid on each other by the
    points that do not move with speech."""
    shown, wanted = (np.stack([drawn.landmarks(values) for values in both]) for both in (answered, truth))
    neutral = normalize(drawn.landmarks(drawn.rig.neutral), WFLW_98)[0]
    distance = np.linalg.norm(anchored(shown, neutral) - anchored(wanted, neutral), axis=-1)
    return 100 * float(distance.mean())


def pose_figures(results: Sequence[Measured]) -> list[Figure]:
    """The figures of the issue's table: of the worst character, then of each by itself."""
    if not results:
        raise SfpError("mapper: no bundle is shipped whose character can be drawn; name one with --character")
    kinds: tuple[tuple[str, str, float | None, float | None, Callable[[Stage], float], str], ...] = (
        ("failing_rate", "%", 3.0, 0.5, lambda one: 100 * one.score.failing_rate, f"poses with MSE > {FAILED_MSE}"),
        ("mse", "", 0.01, 0.004, lambda one: one.score.mse, "controllers scaled to [0, 1]"),
        ("mse_vs_neutral", "", 0.25, 0.1, lambda one: one.score.mse / one.score.neutral_mse, "over neutral's MSE"),
        ("cycle_nme", "%", 3.0, 1.5, lambda one: one.cycle_nme, "true landmarks of the result drawn again"),
        ("neutral_error", "", 0.05, 0.02, lambda one: one.neutral_error, "neutral pictures off neutral, the most"),
    )
    figures = []
    for key, unit, least, aim, getter, note in kinds:
        values = [{stage.name: getter(stage) for stage in one.stages} for one in results]
        worst = max(range(len(results)), key=lambda i: values[i]["refined"])  # used at once
        name = results[worst].character.rig.name
        told = f"{note}; refined, as shipped; the worst of {len(results)}: {name}"
        figures.append(Figure(key, values[worst]["refined"], unit, least, aim, _fitted(results[worst]), told))
        figures += [
            Figure(f"  {one.character.rig.name}: {stage}", value, unit)
            for one, of_one in zip(results, values, strict=True)
            for stage, value in of_one.items()
        ]
        if key == "mse_vs_neutral":
            figures += _thirds(results)
    figures.append(_invisible(results))
    return figures


def _thirds(results: Sequence[Measured]) -> list[Figure]:
    return [
        Figure(f"  {one.character.rig.name}: {word}", stage.thirds[number], "", note=f"mse_vs_neutral, {stage.name}")
        for one in results
        for stage in one.stages
        if stage.name == "refined"
        for number, word in enumerate(("sweeps", "faces", "crowds"))
    ]


def _invisible(results: Sequence[Measured]) -> Figure:
    worst = max(results, key=lambda one: one.invisible_share)
    hidden = sorted({name for one in results for name in one.hidden_by_bundle})
    note = f"share of controllers that move no true landmark ({INVISIBLE_BELOW:.1%} of inter-ocular), left out"
    note += f"; held at neutral by a bundle, but counted: {', '.join(hidden)}" if hidden else ""
    lost = sum(one.not_seen for one in results)
    return Figure(
        "invisible_share", worst.invisible_share, "", note=note + (f"; {lost} pictures not seen" if lost else "")
    )


def _fitted(one: Measured) -> str:
    poses = one.character.training.get("poses", "?")
    return f"{poses} poses of {one.character.rig.name}, none of them here" + (
        "; BY ANOTHER DETECTOR" if one.other_detector else ""
    )


def speed_figures(recipe: SpeedRecipe) -> list[Figure]:
    """`frames_per_s`: a clip of smooth motion through a made-up character of many controllers, refined."""
    character = made_up_character(
        recipe.controllers, hidden=recipe.hidden, components=recipe.components, seed=recipe.seed
    )
    points = made_up_motion(character, recipe.frames, seed=recipe.seed)
    character.controllers(points[:64])
    seconds = {}
    for name, refine in (("refined", None), ("mapper alone", RefineConfig(iterations=0))):
        fresh = copy.copy(character)
        began = time.perf_counter()
        fresh.controllers(points, refine=refine)
        seconds[name] = time.perf_counter() - began
    note = f"{recipe.controllers} controllers, {recipe.frames} frames at once, {character.refine.iterations} iterations"
    return [
        Figure("frames_per_s", recipe.frames / seconds["refined"], "", 200, 1000, note=note, more_is_better=True),
        Figure("  mapper alone", recipe.frames / seconds["mapper alone"], "", more_is_better=True),
    ]
