"""The whole loop: known curves -> rendered frames -> detect -> map -> smooth -> keys -> the same curves.

Beside it the detector's error on faces of characters it has never seen, and the speed of `sfp animate`. Nothing is
trained here; what the shipped weights were fitted on is printed.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sfp_core.character.character import Character
from sfp_core.character.refine import RefineConfig
from sfp_core.curves.smooth import smooth, smoothing_named
from sfp_core.curves.take import build_take
from sfp_core.detect.crop import tight_box
from sfp_core.detect.detector import Detector
from sfp_core.errors import SfpError
from sfp_core.files import read_json
from sfp_core.formats.curves_json import read_curves_json, write_curves_json
from sfp_core.geometry import nme
from sfp_core.heads.head import Head
from sfp_core.landmarks import LandmarkSequence
from sfp_core.layout import WFLW_98
from sfp_core.retarget import canonical
from sfp_core.rig import ControllerCurves
from sfp_core.rigs.procedural import ProceduralCharacter
from training.benchmarks.known_curves import CurvesRecipe, KnownTake, known_takes, pictures
from training.benchmarks.table import Figure
from training.detector_data import read_split
from training.faces.identities import random_identity
from training.faces.scene import random_face
from training.settings import from_table, read_toml

RECIPE = Path(__file__).parents[1] / "testsets" / "loop-1.toml"
PARTS = ("curves", "faces", "clip")


@dataclass(frozen=True)
class FacesRecipe:
    """The `[faces]` table of a loop recipe."""

    count: int
    each: int
    seed: int
    picture_px: int


@dataclass(frozen=True)
class ClipRecipe:
    """The `[clip]` table: paths inside the development data."""

    shared_sound: str
    shared_transcript: str


@dataclass(frozen=True)
class LoopRecipe:
    """A loop recipe as in `training/testsets`."""

    name: str
    version: int
    curves: CurvesRecipe
    faces: FacesRecipe
    clip: ClipRecipe


def read_recipe(path: Path = RECIPE) -> LoopRecipe:
    """The frozen recipe."""
    return from_table(LoopRecipe, read_toml(path), where=path.name)


def run(*, faces: Path | None, character: str, detector: Path | None, parts: Iterable[str]) -> list[Figure]:
    """The figures of issue "one spoken line in", in the order of its table.

    Parameters
    ----------
    faces : Path, optional
        A data set of `training.synth` whose test.txt is used instead of faces made on the fly.
    character : str
        Name or path of the bundle of the recipe's character.
    detector : Path, optional
        Weights instead of the shipped ones.
    parts : of `PARTS`
        What to measure.
    """
    recipe, wanted = read_recipe(), set(parts)
    figures: list[Figure] = []
    if "clip" in wanted:
        figures += clip_figures(recipe.clip)
    if wanted & {"curves", "faces"}:
        eyes = Detector.load(detector)
        if "curves" in wanted:
            figures += curve_figures(recipe.curves, Character.load(character), eyes)
        if "faces" in wanted:
            figures.append(unseen_figure(recipe.faces, eyes, faces))
    return figures


def follow(detector: Detector, frames: Iterable[np.ndarray]) -> np.ndarray:
    """Landmarks (T, 98, 2) of one face in a film, image space: followed as films are, but not steadied."""
    faces = detector.track(frames, steadied=False)
    lost = [number for number, face in enumerate(faces) if face is None]
    if lost:
        raise SfpError(f"frame {lost[0]}: the finder finds no face; expected one in every frame")
    return np.stack([face.landmarks.points for face in faces if face is not None])


def answered(take: KnownTake, points_image: np.ndarray, character: Character) -> dict[str, np.ndarray]:
    """Controller values (T, K) by stage of the loop."""
    seen = canonical(LandmarkSequence(points_image, take.curves.fps, WFLW_98, "image"))
    stages = {
        "mapper alone": character.controllers(seen.points, refine=RefineConfig(iterations=0)),
        "refined": character.controllers(seen.points, refine=RefineConfig()),
        "as shipped": character.controllers(seen.points),
    }
    dense = ControllerCurves(character.rig, take.curves.fps, 0.0, stages["as shipped"])
    keyed = build_take(smooth(dense, smoothing_named("normal", character.rig.names)), layer="video")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "take.curves.json"
        write_curves_json(path, keyed)
        stages["keys, read back"] = np.asarray(read_curves_json(path).curves(character.rig).values)
    return stages


@dataclass(frozen=True)
class LoopErrors:
    """Mean absolute errors, shares of the range: of each stage over moved and over all controllers, and of neutral."""

    moved: Mapping[str, float]
    every: Mapping[str, float]
    neutral: float


def loop_errors(takes: list[KnownTake], seen: list[np.ndarray], character: Character) -> LoopErrors:
    """Errors over all frames of the takes."""
    rig = character.rig
    span = rig.maximum - rig.minimum
    moved: dict[str, list[float]] = {}
    every: dict[str, list[float]] = {}
    neutral = []
    for take, points in zip(takes, seen, strict=True):
        truth = take.curves.values
        neutral.append(float((np.abs(rig.neutral - truth) / span)[:, take.moved].mean()))
        for stage, values in answered(take, points, character).items():
            error = np.abs(values - truth) / span
            moved.setdefault(stage, []).append(float(error[:, take.moved].mean()))
            every.setdefault(stage, []).append(float(error.mean()))
    return LoopErrors(
        {stage: float(np.mean(errors)) for stage, errors in moved.items()},
        {stage: float(np.mean(errors)) for stage, errors in every.items()},
        float(np.mean(neutral)),
    )


def curve_figures(recipe: CurvesRecipe, character: Character, detector: Detector) -> list[Figure]:
    """`loop_error` and `loop_vs_neutral`, and what they are made of."""
    drawn_character = ProceduralCharacter.named(recipe.character)
    if drawn_character.rig.names != character.rig.names:
        raise SfpError(f"character {character.rig.name}: its controllers are not those of {recipe.character}")
    fitted = f"{character.training.get('poses', '?')} poses of {character.rig.name}, none of them here"
    if character.detector_sha256 != detector.sha256:
        fitted += "; BY ANOTHER DETECTOR"
    sides: list[LoopErrors] = []
    for takes in known_takes(recipe, drawn_character):
        seen = [follow(detector, pictures(take, drawn_character, recipe.picture_px)) for take in takes]
        sides.append(loop_errors(takes, seen, character))
    named, drawn = sides
    last = "keys, read back"
    figures = [
        Figure("loop_error", named.moved[last], "", 0.08, 0.04, fitted, "the 20 named controllers, share of range"),
        Figure("loop_vs_neutral", named.moved[last] / named.neutral, "", 0.35, 0.2, fitted, "the same over neutral's"),
    ]
    for stage in named.moved:
        figures.append(Figure(f"  {stage}", named.moved[stage], "", note="the 20 named controllers"))
    figures.append(Figure("  all 47", named.every[last], "", note="keys; controllers at rest included"))
    figures.append(Figure("loop_error_drawn", drawn.moved[last], "", note="20 controllers drawn from the visible ones"))
    figures.append(
        Figure("loop_vs_neutral_drawn", drawn.moved[last] / drawn.neutral, "", note="the same over neutral's")
    )
    return figures


def unseen_figure(recipe: FacesRecipe, detector: Detector, folder: Path | None) -> Figure:
    """`nme_unseen`: NME98 in percent on faces of characters that were never trained on, in their labelled boxes."""
    images, truth = unseen_faces(recipe) if folder is None else split_faces(folder, recipe.count)
    found = detector.detect_many(images, [tight_box(face) for face in truth])
    errors = nme(np.stack([face.landmarks.points for face in found]), truth, WFLW_98)
    data = detector.training.get("data", {})
    source = f"seed {recipe.seed}" if folder is None else f"{folder}/test.txt"
    return Figure(
        "nme_unseen",
        100 * float(errors.mean()),
        "%",
        6.0,
        4.0,
        f"{detector.training.get('faces', '?')} faces, {json.dumps(data)}",
        f"{len(truth)} faces, {source}; median {100 * float(np.median(errors)):.2f} %",
    )


def unseen_faces(recipe: FacesRecipe) -> tuple[list[np.ndarray], np.ndarray]:
    """Pictures and exact landmarks of characters drawn from the recipe's seed."""
    images: list[np.ndarray] = []
    truth: list[np.ndarray] = []
    for number in range(-(-recipe.count // recipe.each)):
        rng = np.random.default_rng([recipe.seed, number, 1])  # three words: no training set seeds itself like this
        head = Head(random_identity(rng))
        for _ in range(min(recipe.each, recipe.count - len(images))):
            face = random_face(head, rng, size=recipe.picture_px)
            images.append(face.picture)
            truth.append(face.points)
    return images, np.stack(truth)


def split_faces(folder: Path, count: int) -> tuple[list[np.ndarray], np.ndarray]:
    """At most `count` faces of the test split of a data set, spread evenly over it."""
    faces = read_split(folder, "test")
    chosen = np.unique(np.linspace(0, len(faces) - 1, min(count, len(faces))).round().astype(int))
    return [faces.pictures[index] for index in chosen], np.asarray(faces.points[chosen], dtype=np.float64)


def clip_figures(recipe: ClipRecipe) -> list[Figure]:
    """`rtf`, `startup_s` and `peak_mb` of `sfp animate --no-preview` as a process of its own."""
    shared = os.environ.get("SFP_SHARED_DATA")
    if shared:
        sound = Path(shared) / recipe.shared_sound
        transcript = (Path(shared) / recipe.shared_transcript).read_text(encoding="utf-8").strip()
    else:
        from sfp_core.animate import demo_request  # the whole pipeline, needed for its built-in line alone

        request = demo_request(Path("unused"))
        assert request.sound is not None and request.transcript is not None
        sound, transcript = request.sound, request.transcript
    with tempfile.TemporaryDirectory() as folder:
        take = Path(folder) / "take"
        command = [sys.executable, "-m", "sfp_core", "animate", str(sound), "--transcript", transcript]
        ended = subprocess.run([*command, "--no-preview", "-o", str(take)], capture_output=True, text=True, check=False)
        if ended.returncode:
            raise SfpError(f"sfp animate {sound.name}: ended with {ended.returncode}: {_last_line(ended.stderr)}")
        summary: Mapping[str, Any] = read_json(take / "summary.json")
    note = f"{sound.name}, {summary['seconds']:.1f} s, with transcript, no film"
    return [
        Figure("rtf", float(summary["rtf"]), "", 0.5, 0.1, note=note),
        Figure("startup_s", float(summary["startup_s"]), "s", 3.0, 1.0, note="until the first stage begins"),
        Figure("peak_mb", float(summary["peak_mb"]), "MB", 1000.0, 500.0, note="main process, 10^6 bytes"),
    ]


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[-1]
