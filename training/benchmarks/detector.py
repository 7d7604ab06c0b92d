"""The detector: unseen faces, portraits, speed, the finder, and films that keep still but blink."""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from sfp_core.detect.crop import Box, tight_box
from sfp_core.detect.detector import Detector
from sfp_core.detect.finder import Finder
from sfp_core.detect.pictures import read_picture
from sfp_core.detect.steady import steady
from sfp_core.geometry import inter_ocular
from sfp_core.layout import IBUG_68, WFLW_98, ibug68_from_wflw98
from sfp_core.rigs.procedural import ProceduralCharacter
from training.benchmarks.recorded import recorded_figures
from training.benchmarks.table import Figure
from training.benchmarks.unseen import UnseenFace, UnseenRecipe, available, fingerprint, unseen_faces
from training.detector_data import FaceSet
from training.faces.background import random_background
from training.faces.identities import random_identity
from training.faces.recipe import DEFAULT
from training.faces.scene import random_face
from training.finder_scenes import SceneConfig, make_scene
from training.labelled_sets import jittered_boxes, read_labelled
from training.measures import crop_sides, openings, point_errors, profiles, regions, scale, score
from training.settings import from_table, read_toml

RECIPE = Path(__file__).parents[1] / "testsets" / "detector-1.toml"
PARTS = ("unseen", "recorded", "portraits", "speed", "finder", "films")
_BATCH = 32
_DECOY_HEADS = 12
_SEEN_SHARE = 0.02  # of the inter-ocular distance: a movement the detector itself sees less of says nothing of a filter


@dataclass(frozen=True)
class PortraitsRecipe:
    """The `[portraits]` table."""

    jitter_seed: int
    found_iou: float


@dataclass(frozen=True)
class SpeedRecipe:
    """The `[speed]` table."""

    threads: int
    runs: int


@dataclass(frozen=True)
class ScenesRecipe:
    """The `[scenes]` table."""

    seed: int
    count: int
    size_px: int


@dataclass(frozen=True)
class FlickerRecipe:
    """The `[flicker]` table; noise in grey levels of 255."""

    seed: int
    stills: int
    copies: int
    noise: float
    jitter_px: float
    fps: int


@dataclass(frozen=True)
class BlinkRecipe:
    """The `[blink]` table."""

    seed: int
    characters: int
    size_px: int
    rest: int
    blink_frames: int
    closure_frames: int


@dataclass(frozen=True)
class DetectorRecipe:
    """A detector recipe as in `training/testsets`."""

    name: str
    version: int
    unseen: UnseenRecipe
    portraits: PortraitsRecipe
    speed: SpeedRecipe
    scenes: ScenesRecipe
    flicker: FlickerRecipe
    blink: BlinkRecipe

    def limited(self, count: int) -> "DetectorRecipe":
        """At most `count` of everything, for a quick look; not the frozen figures."""
        return replace(
            self,
            unseen=replace(self.unseen, faces=min(self.unseen.faces, count)),
            speed=replace(self.speed, runs=min(self.speed.runs, count)),
            scenes=replace(self.scenes, count=min(self.scenes.count, count)),
            flicker=replace(
                self.flicker, stills=min(self.flicker.stills, count), copies=min(self.flicker.copies, max(count, 12))
            ),
            blink=replace(self.blink, characters=min(self.blink.characters, count)),
        )


def read_recipe(path: Path = RECIPE) -> DetectorRecipe:
    """The frozen recipe."""
    return from_table(DetectorRecipe, read_toml(path), where=path.name)


def run(*, parts: Iterable[str], detector: Path | None, limit: int | None = None, processes: int = 2) -> list[Figure]:
    """The figures of the issue's table in its order; `parts` are of `PARTS`."""
    recipe, wanted = read_recipe(), set(parts)
    if limit is not None:
        recipe = recipe.limited(limit)
    eyes = Detector.load(detector)
    figures: list[Figure] = []
    if "unseen" in wanted:
        figures += unseen_figures(recipe.unseen, eyes, processes=processes)
    if "recorded" in wanted:
        figures += recorded_figures()
    shared = os.environ.get("SFP_SHARED_DATA")
    folder = Path(shared) / "faces" / "portraits" if shared else None
    if "portraits" in wanted:
        figures += portrait_figures(recipe.portraits, eyes, folder, limit) if folder else [_without("portraits")]
    if "speed" in wanted:
        figures.append(speed_figure(recipe.speed, eyes))
    if "finder" in wanted:
        finder = Finder.load()
        figures += [recall_figure(recipe.portraits, finder, folder, limit)] if folder else [_without("finder_recall")]
        figures.append(false_figure(recipe.scenes, finder))
    if "films" in wanted:
        figures += flicker_figures(recipe.flicker, recipe.unseen, eyes)
        figures += blink_figures(recipe.blink, recipe.flicker, eyes)
    return figures


def _without(name: str) -> Figure:
    return Figure(f" {name}", float("nan"), note="not measured: SFP_SHARED_DATA names no development data", unit="")


def _trained(detector: Detector) -> str:
    return f"{detector.training.get('faces', '?')} faces, {detector.training.get('steps', '?')} steps"


def unseen_figures(recipe: UnseenRecipe, detector: Detector, *, processes: int) -> list[Figure]:
    """`nme_unseen` in percent, without profiles, and what it is made of: parts of the face, looks, families."""
    families = available(recipe.families)
    boxes: list[np.ndarray] = []
    faces: list[UnseenFace] = []
    found: list[np.ndarray] = []
    made = unseen_faces(recipe, families=families, processes=processes)
    draws = np.random.default_rng(recipe.jitter_seed).integers(0, 2**31, recipe.faces)
    while batch := list(islice(made, _BATCH)):
        for face in batch:
            seed = int(draws[len(boxes)])
            boxes.append(jittered_boxes(np.array([tight_box(face.points)]), seed)[0])
        answers = detector.detect_many([face.picture for face in batch], boxes[-len(batch) :])
        found += [answer.landmarks.points for answer in answers]
        faces += [replace(face, picture=np.empty(0, np.uint8)) for face in batch]  # no more pictures than one batch
    truth = np.stack([face.points for face in faces])
    sides = crop_sides(np.array([tight_box(face.points) for face in faces]))
    profile = profiles(truth, sides, WFLW_98)
    errors = point_errors(np.stack(found), truth, scale(truth, sides, WFLW_98))
    per_face, fair = errors.mean(axis=1), ~profile
    looks = np.array([face.look for face in faces])
    yaw = float(np.std([face.yaw_deg for face in faces]))
    missing = "" if families == tuple(recipe.families) else f"; ONLY {'+'.join(families)}: no file of anny heads here"
    people = -(-len(faces) // recipe.each)
    note = (
        f"{recipe.name} {fingerprint(truth)}: {fair.sum()} faces, {people} characters of {'+'.join(families)}, "
        f"yaw std {yaw:.0f} deg, {100 * (looks != 'render').mean():.0f} % drawn, jittered boxes{missing}"
    )
    whole = score(per_face[fair])
    figures = [Figure("nme_unseen", whole.nme, "%", 4.0, 2.5, _trained(detector), note)]
    told = f"median {whole.median:.2f} %, AUC10 {whole.auc10:.3f}"
    figures.append(Figure("  failing (FR10)", whole.fr10, "%", note=told))
    box_errors = errors[profile].mean(axis=1) if profile.any() else np.empty(0)
    if profile.any():
        note = f"{len(box_errors)} faces with eye corners nearer than a tenth of the crop; not in the figures above"
        figures.append(Figure("  profiles", score(box_errors).nme, "%", note=note))
    for name, where in regions(WFLW_98).items():
        figures.append(Figure(f"  {name}", score(errors[fair][:, where].mean(axis=1)).nme, "%", note="of all faces"))
    groups = {"rendered": looks == "render", "drawn or painted": looks != "render"}
    groups |= {f"look {look}": looks == look for look in sorted(set(looks) - {"render"})}
    groups |= {f"family {family}": np.array([face.family == family for face in faces]) for family in families}
    groups["occluded"] = np.array([face.occluded for face in faces])
    for name, members in groups.items():
        count = int((members & fair).sum())
        if count:
            figures.append(Figure(f"  {name}", score(per_face[members & fair]).nme, "%", note=f"{count} faces"))
    return figures


def portrait_figures(
    recipe: PortraitsRecipe, detector: Detector, folder: Path, limit: int | None = None
) -> list[Figure]:
    """`nme51_portraits`, `median51_portraits` and `answered_portraits`."""
    data = read_labelled(folder, "test")
    boxes = data.jittered(recipe.jitter_seed).boxes[:limit]
    pictures = [read_picture(path) for path in data.pictures[:limit]]
    found = np.stack([face.landmarks.points for face in detector.detect_many(pictures, boxes)])
    truth = data.points[:limit]
    errors = point_errors(ibug68_from_wflw98(found), truth, inter_ocular(truth, IBUG_68))
    inner = score(errors[:, IBUG_68.group("inner_51")].mean(axis=1))
    answered = int(np.isfinite(found).all(axis=(1, 2)).sum())
    note = f"{len(found)} portraits, true boxes jittered with seed {recipe.jitter_seed}, none of them trained on"
    fitted = _trained(detector)
    figures = [
        Figure("nme51_portraits", inner.nme, "%", 9.0, 6.5, fitted, note),
        Figure("median51_portraits", inner.median, "%", 6.5, 4.5, fitted, "MediaPipe 0.10.14: mean 8.1, median 4.6"),
        Figure("answered_portraits", answered, "", 36, 36, note=f"of {len(found)}", more_is_better=True),
        Figure("  all 68", score(errors.mean(axis=1)).nme, "%", note="contours are defined differently"),
    ]
    for name, where in regions(IBUG_68).items():
        figures.append(Figure(f"  {name}", score(errors[:, where].mean(axis=1)).nme, "%", note="of the portraits"))
    return figures


def speed_figure(recipe: SpeedRecipe, detector: Detector) -> Figure:
    """`faces_per_s`: one face at a time, from a picture and a box to landmarks, by the median run."""
    picture = np.random.default_rng(0).integers(0, 256, (320, 320, 3)).astype(np.uint8)
    threads = torch.get_num_threads()
    torch.set_num_threads(recipe.threads)
    try:
        for _ in range(3):
            detector.detect(picture, (40, 40, 280, 280))
        seconds = []
        for _ in range(recipe.runs):
            began = time.perf_counter()
            detector.detect(picture, (40, 40, 280, 280))
            seconds.append(time.perf_counter() - began)
    finally:
        torch.set_num_threads(threads)
    median = float(np.median(seconds))
    note = f"one face at a time, {recipe.threads} threads, crop and decoding included; {1000 * median:.1f} ms"
    return Figure("faces_per_s", 1 / median, "", 36, 60, note=note, more_is_better=True)


def recall_figure(recipe: PortraitsRecipe, finder: Finder, folder: Path, limit: int | None = None) -> Figure:
    """`finder_recall`: in how many portraits some box is the face's."""
    data = read_labelled(folder, "test")
    found = 0
    for path, box in zip(data.pictures[:limit], data.boxes[:limit], strict=True):
        faces = finder.find(read_picture(path))
        found += any(_iou(face.box, tight_box(box.reshape(2, 2))) > recipe.found_iou for face in faces)
    note = f"of {len(data.boxes[:limit])} portraits, IoU over {recipe.found_iou:g}"
    return Figure("finder_recall", found, "", 30, 35, note=note, more_is_better=True)


def _iou(box: Box, other: Box) -> float:
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = sum((b[2] - b[0]) * (b[3] - b[1]) for b in (box, other))
    return width * height / (areas - width * height)


def false_figure(recipe: ScenesRecipe, finder: Finder) -> Figure:
    """`finder_false`: faces found a picture where there is none."""
    counts = [len(finder.find(scene)) for scene in empty_scenes(recipe)]
    note = f"{len(counts)} scenes without a face, {sum(count > 0 for count in counts)} of them with a false one"
    return Figure("finder_false", float(np.mean(counts)), "", 0.1, 0.02, note=note)


def empty_scenes(recipe: ScenesRecipe) -> Iterator[np.ndarray]:
    """Pictures without a face, in turn a background of the data set and a finder's scene with decoys."""
    rng = np.random.default_rng(recipe.seed)
    heads = [
        random_face(ProceduralCharacter("", random_identity(rng)).head, rng, size=128) for _ in range(_DECOY_HEADS)
    ]
    faces = FaceSet([head.picture for head in heads], np.stack([head.points for head in heads]).astype(np.float32))
    config = SceneConfig(size_px=recipe.size_px, whole=0.0, empty=1.0)
    for number in range(recipe.count):
        if number % 2:
            yield make_scene(faces, config=config, rng=rng)[0]
        else:
            yield random_background(rng, recipe.size_px, recipe=DEFAULT)[1]


def flicker_figures(recipe: FlickerRecipe, unseen: UnseenRecipe, detector: Detector) -> list[Figure]:
    """`flicker`: how far landmarks move from copy to copy of a still, percent of the inter-ocular distance."""
    rng = np.random.default_rng(recipe.seed)
    some = replace(unseen, faces=recipe.stills)
    raw: list[float] = []
    filtered: list[float] = []
    for face in unseen_faces(some, families=available(unseen.families), processes=1):
        # A profile has next to no inter-ocular distance; as everywhere, a tenth of the crop is the least.
        unit = max(float(inter_ocular(face.points, WFLW_98)), 0.1 * float(crop_sides(_boxes(face.points))[0]))
        points = _copies(face.picture, tight_box(face.points), recipe.copies, recipe, rng, detector)
        for kept, film in ((raw, points), (filtered, steady(points, np.arange(len(points)) / recipe.fps))):
            kept.append(100 * float(np.linalg.norm(np.diff(film, axis=0), axis=2).mean()) / unit)
    note = f"{len(raw)} stills, {recipe.copies} copies, noise {recipe.noise:g}/255, boxes +-{recipe.jitter_px:g} px"
    return [
        Figure("flicker", float(np.mean(filtered)), "%", 0.3, 0.1, note=note),
        Figure("  without the filter", float(np.mean(raw)), "%", note=f"worst still filtered: {max(filtered):.3f} %"),
    ]


def _boxes(points: np.ndarray) -> np.ndarray:
    return np.array([tight_box(points)])


def _copies(
    picture: np.ndarray, box: Box, count: int, recipe: FlickerRecipe, rng: np.random.Generator, detector: Detector
) -> np.ndarray:
    """Landmarks (count, 98, 2) of noisy copies of a picture in boxes that tremble."""

    def noisy() -> np.ndarray:
        noise = rng.standard_normal(picture.shape, dtype=np.float32) * recipe.noise
        return np.asarray(np.clip(picture + noise, 0, 255).round().astype(np.uint8))

    boxes = [np.array(box) + np.tile(rng.uniform(-1, 1, 2) * recipe.jitter_px, 2) for _ in range(count)]
    found = detector.detect_many((noisy() for _ in range(count)), boxes, batch=8)
    return np.stack([face.landmarks.points for face in found])


def blink_figures(recipe: BlinkRecipe, noise: FlickerRecipe, detector: Detector) -> list[Figure]:
    """`blink_kept`: share of a movement's depth that the filter leaves, percent; the worse of blink and closure."""
    rng = np.random.default_rng(recipe.seed)
    kept: dict[str, list[float]] = {"blink": [], "closure": []}
    depths: dict[str, list[float]] = {"blink": [], "closure": []}
    for _ in range(recipe.characters):
        character = ProceduralCharacter("", random_identity(rng), controls="arkit")
        rest, shut = _values(character), _values(character, eyeBlinkLeft=1.0, eyeBlinkRight=1.0)
        agape = _values(character, jawOpen=0.45)
        cases = (
            ("blink", rest, shut, recipe.blink_frames, ("left_eye", "right_eye")),
            ("closure", agape, rest, recipe.closure_frames, ("mouth",)),
        )
        for name, before, within, frames, parts in cases:
            film = []
            for values, count in ((before, recipe.rest), (within, frames), (before, recipe.rest)):
                box = tight_box(character.landmarks(values, size=recipe.size_px))
                picture = character.picture(values, size=recipe.size_px)
                film.append(_copies(picture, box, count, noise, rng, detector))
            raw = np.concatenate(film)
            filtered = steady(raw, np.arange(len(raw)) / noise.fps)
            event = slice(recipe.rest, recipe.rest + frames)
            depth, left = (_depth(points, parts, event) for points in (raw, filtered))
            depths[name].append(100 * depth)
            if depth > _SEEN_SHARE:
                kept[name].append(100 * left / depth)
    means = {name: float(np.mean(shares)) for name, shares in kept.items() if shares}
    figures = []
    if len(means) == len(kept):
        note = f"{recipe.blink_frames}-frame blink, {recipe.closure_frames}-frame closure; the worse of the two means"
        figures.append(Figure("blink_kept", min(means.values()), "%", 80, 95, note=note, more_is_better=True))
    for name, shares in kept.items():
        seen = (
            f"{len(shares)} of {recipe.characters} that the detector sees; depth {np.mean(depths[name]):.1f} % of eyes"
        )
        worst = f"; worst {min(shares):.1f} %" if shares else ""
        figures.append(Figure(f"  {name}", means.get(name, float("nan")), "%", note=seen + worst))
    return figures


def _values(character: ProceduralCharacter, **controllers: float) -> np.ndarray:
    values = character.rig.neutral.copy()
    for name, value in controllers.items():
        values[character.rig.names.index(name)] = value
    return np.asarray(values)


def _depth(points: np.ndarray, parts: tuple[str, ...], event: slice) -> float:
    """By how much an opening falls during the event, share of the inter-ocular distance."""
    opening = np.mean([openings(points, WFLW_98)[part] for part in parts], axis=0)
    outside = np.delete(opening, np.r_[event])
    return float((np.median(outside) - opening[event].mean()) / np.median(inter_ocular(points, WFLW_98)))
