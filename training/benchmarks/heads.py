"""The generator: pictures a second, milliseconds a beauty frame, broken identities, and how much there is to choose."""

import multiprocessing
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import BrokenBarrierError

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.heads.soundness import faults
from sfp_core.render.beauty import render_beauty
from sfp_core.render.looks import LOOKS
from sfp_core.rigs.procedural import CONTROLS, ProceduralCharacter, character_names, controller_names
from training.benchmarks.table import Figure
from training.dataset import DatasetConfig, begin, make_chunk
from training.faces.identities import random_identity
from training.faces.poses import sample_pose
from training.settings import from_table, read_toml

RECIPE = Path(__file__).parents[1] / "testsets" / "heads-1.toml"
PARTS = ("speed", "beauty", "broken", "counts")

_TRAINING_CHUNK = 2  # the first one of the training split
_LONGEST_WAIT_S = 240.0


@dataclass(frozen=True)
class SpeedRecipe:
    """The `[speed]` table; chunks are of one process."""

    seed: int
    processes: int
    size: int
    supersample: int
    characters: int
    pictures: int
    chunks: int
    plain_chunks: int


@dataclass(frozen=True)
class BeautyRecipe:
    """The `[beauty]` table."""

    character: str
    seed: int
    size: int
    frames: int


@dataclass(frozen=True)
class BrokenRecipe:
    """The `[broken]` table."""

    seed: int
    identities: int


@dataclass(frozen=True)
class HeadsRecipe:
    """A heads recipe as in `training/testsets`."""

    name: str
    version: int
    speed: SpeedRecipe
    beauty: BeautyRecipe
    broken: BrokenRecipe


def read_recipe(path: Path = RECIPE) -> HeadsRecipe:
    """The frozen recipe."""
    return from_table(HeadsRecipe, read_toml(path), where=path.name)


def run(*, parts: Iterable[str]) -> list[Figure]:
    """The figures of the issue's table in its order; `parts` are of `PARTS`."""
    recipe, wanted = read_recipe(), set(parts)
    figures: list[Figure] = []
    if "speed" in wanted:
        figures += speed_figures(recipe.speed)
    if "beauty" in wanted:
        figures.append(beauty_figure(recipe.beauty))
    if "broken" in wanted:
        figures += broken_figures(recipe.broken, processes=recipe.speed.processes)
    if "counts" in wanted:
        figures += count_figures()
    return figures


def speed_figures(recipe: SpeedRecipe) -> list[Figure]:
    """`images_per_s` and `plain_images_per_s`."""
    made = f"{recipe.size} px, {recipe.supersample**2} samples a pixel, {recipe.processes} processes"
    who = f"a new character every {recipe.pictures}, JPEG and annotations written"
    full, full_cpu = _pictures_per_second(recipe, "default", recipe.chunks)
    plain, plain_cpu = _pictures_per_second(recipe, "plain", recipe.plain_chunks)
    note, plain_note = f"default recipe, {made}, {who}", f"plain heads, {made}, {who}"
    return [
        Figure("images_per_s", full, "", 25, 60, note=note, more_is_better=True),
        Figure("  processor time", full_cpu, "ms", note="of one process, for one picture"),
        Figure("plain_images_per_s", plain, "", 60, 120, note=plain_note, more_is_better=True),
        Figure("  processor time", plain_cpu, "ms", note="of one process, for one picture"),
    ]


def _pictures_per_second(recipe: SpeedRecipe, name: str, chunks: int) -> tuple[float, float]:
    """Pictures a second of all processes together, and processor milliseconds for one picture."""
    config = DatasetConfig(
        seed=recipe.seed,
        recipe=name,
        size=recipe.size,
        supersample=recipe.supersample,
        characters=recipe.characters,
        pictures=recipe.pictures,
    )
    # Spawned, not forked: compiled loops and OpenCV keep threads that do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        begin(out, config)
        ready, spent = context.Barrier(recipe.processes + 1), context.SimpleQueue()
        workers = [
            context.Process(target=_work, args=(number, chunks, config, out, ready, spent))
            for number in range(recipe.processes)
        ]
        for worker in workers:
            worker.start()
        try:
            ready.wait(_LONGEST_WAIT_S)
        except BrokenBarrierError as error:
            raise SfpError(f"heads: a process that makes {name} pictures ended with an error, told above") from error
        began = time.perf_counter()
        for worker in workers:
            worker.join(_LONGEST_WAIT_S)
        seconds = time.perf_counter() - began
        if any(worker.exitcode != 0 for worker in workers):
            raise SfpError(f"heads: a process that makes {name} pictures ended with an error, told above")
        processor_s = sum(spent.get() for _ in workers)
    count = recipe.processes * chunks * config.per_chunk
    return count / seconds, 1000 * processor_s / count


def _work(
    number: int,
    chunks: int,
    config: DatasetConfig,
    out: Path,
    ready: Barrier,
    spent: "multiprocessing.queues.SimpleQueue[float]",
) -> None:
    """Of one process: a small chunk so that compiled loops are loaded, then those that count."""
    import cv2

    cv2.setNumThreads(1)
    try:
        with tempfile.TemporaryDirectory() as folder:
            small = DatasetConfig(
                seed=config.seed + 1, recipe=config.recipe, size=config.size, characters=2, pictures=12
            )
            begin(Path(folder), small)
            make_chunk(_TRAINING_CHUNK + number, config=small, out=Path(folder))
    except BaseException:
        ready.abort()  # nobody waits for a process that will not come
        raise
    ready.wait(_LONGEST_WAIT_S)
    began = time.process_time()
    for turn in range(chunks):
        make_chunk(_TRAINING_CHUNK + number * chunks + turn, config=config, out=out)
    spent.put(time.process_time() - began)


def beauty_figure(recipe: BeautyRecipe) -> Figure:
    """`beauty_ms`: the median over poses, everything from action strengths to pixels."""
    character = ProceduralCharacter.named(recipe.character)
    rng = np.random.default_rng(recipe.seed)
    times = []
    for number in range(recipe.frames + 1):
        strengths = sample_pose(rng).strengths
        camera = character.camera((0.0, float(rng.uniform(-30, 30)), 0.0))
        began = time.perf_counter()
        mesh = character.head.pose(strengths).mesh()
        render_beauty(mesh, camera, width=recipe.size, height=recipe.size, outline=True)
        if number:  # the first one loads compiled loops
            times.append(1000 * (time.perf_counter() - began))
    note = f"{recipe.frames} frames of {recipe.character} at {recipe.size} px with pose, outlines on; fastest"
    return Figure("beauty_ms", float(np.median(times)), "ms", 150, 60, note=f"{note} {min(times):.0f}")


def broken_figures(recipe: BrokenRecipe, *, processes: int) -> list[Figure]:
    """`broken_share`, and the faults that were found."""
    rng = np.random.default_rng(recipe.seed)
    identities = [random_identity(rng) for _ in range(recipe.identities)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        found = pool.map(faults, identities, chunksize=25)
    broken = [one for one in found if one]
    kinds: dict[str, int] = {}
    for one in broken:
        for fault in one:
            kind = fault.split(":")[0]
            kinds[kind] = kinds.get(kind, 0) + 1
    share = 100 * len(broken) / len(identities)
    note = f"of {len(identities)} random identities, by sfp_core.heads.soundness"
    return [
        Figure("broken_share", share, "%", 1, 0.2, note=note),
        *(Figure(f"  {kind[:20]}", count, "", note="identities") for kind, count in sorted(kinds.items())),
    ]


def count_figures() -> list[Figure]:
    """`characters`, `controllers` and `looks`."""
    characters = character_names()
    layers = {name: len(ProceduralCharacter.named(characters[0], controls=name).rig.names) for name in CONTROLS}
    controllers = len(controller_names())
    of_which = ", ".join(f"{count} {name}" for name, count in layers.items())
    return [
        Figure("characters", len(characters), "", 6, 12, note=", ".join(characters), more_is_better=True),
        Figure("controllers", controllers, "", 40, 100, note=f"of each of them: {of_which}", more_is_better=True),
        Figure("looks", len(LOOKS), "", 8, 12, note=", ".join(LOOKS), more_is_better=True),
    ]
