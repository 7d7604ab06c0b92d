"""A film of one cast member drives another: how well lips, lids and brows follow.

A seeded performance of the source is drawn, encoded and read back; the engine `video` makes a take of the target from
it; the target, posed by that take's keys, is measured with exact landmarks, and so is the source.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from sfp_core.animate import AnimateRequest, animate
from sfp_core.character.character import Character
from sfp_core.errors import SfpError
from sfp_core.face import LOWER_LIDS, UPPER_LIDS
from sfp_core.formats.curves_json import read_curves_json
from sfp_core.geometry import normalize
from sfp_core.heads.actions import ACTIONS
from sfp_core.heads.expressions import VISEMES, expression
from sfp_core.heads.head import PosedHead
from sfp_core.heads.landmarks98 import landmarks98
from sfp_core.layout import WFLW_98
from sfp_core.render.beauty import render_beauty
from sfp_core.render.film import write_film
from sfp_core.rigs.procedural import ProceduralCharacter
from sfp_core.target import CURVES
from sfp_core.timing import frame_count, parse_fps
from training.benchmarks.table import Figure

_FEELINGS = ("neutral", "happy", "sad", "surprise", "angry", "neutral", "afraid", "disgust")
_KEPT = ("mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch")
_FEELING_SECONDS, _VISEME_SECONDS, _BLINK_SECONDS, _RAISE_SECONDS = 1.1, 0.16, 1.4, 1.6
_CLOSING_SECONDS, _SHUT_SECONDS, _OPENING_SECONDS = 0.08, 0.04, 0.16
_TURN_DEG = np.array([4.0, 7.0, 3.0])  # pitch, yaw, roll: amplitude of the slow motion
_TURN_HZ = (0.15, 0.45)
_BROWS = list(range(33, 51))


@dataclass(frozen=True)
class VideoRecipe:
    """The `[video]` table of a mapper recipe.

    Attributes
    ----------
    source, target : str
        Built-in characters; the target's bundle is driven.
    size_px : int
        Side of the film's pictures, even.
    """

    source: str = "bruno"
    target: str = "toon"
    seconds: int = 4
    fps: str = "24"
    seed: int = 5151
    size_px: int = 288

    def __post_init__(self) -> None:
        if self.source == self.target:
            raise SfpError(f"video recipe: source and target are both {self.source}; expected two characters")
        if self.seconds < 2 or self.size_px < 64 or self.size_px % 2:
            raise SfpError(
                f"video recipe: {self.seconds} s of {self.size_px} px; expected at least 2 s and an even size from 64"
            )
        parse_fps(self.fps)

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return parse_fps(self.fps)


@dataclass(frozen=True)
class Performance:
    """What an actor does: strengths of all actions (T, A) and the head's pitch, yaw, roll (T, 3) degrees."""

    actions: np.ndarray
    head_deg: np.ndarray

    def posed(self, actor: ProceduralCharacter, frame: int) -> PosedHead:
        """The actor's head at a frame."""
        row = zip(ACTIONS, self.actions[frame].tolist(), strict=True)
        return actor.head.pose({name: value for name, value in row if value})


def performance(recipe: VideoRecipe) -> Performance:
    """Feelings that come and go, speech over them, blinks, raised brows and a slowly turning head."""
    rng = np.random.default_rng([recipe.seed, 1])
    times = np.arange(frame_count(recipe.seconds, recipe.rate) - 1) / float(recipe.rate)
    feeling = _track(times, _feelings(rng, recipe.seconds), _FEELING_SECONDS)
    speech = _track(times, _visemes(rng, recipe.seconds), _VISEME_SECONDS)
    mouth = np.array([name.startswith(("mouth", "jaw", "tongue")) for name in ACTIONS])
    kept = np.array([name.startswith(_KEPT) for name in ACTIONS])
    actions = feeling * np.where(mouth, np.where(kept, 0.65, 0.15), 1.0) + speech  # as `expressions.spoken` mixes them
    blinks = _bumps(times, rng, _BLINK_SECONDS, _CLOSING_SECONDS, _SHUT_SECONDS, _OPENING_SECONDS)
    raises = _bumps(times, rng, _RAISE_SECONDS, 0.15, 0.1, 0.3) * rng.uniform(0.5, 1.0)
    for side in ("Left", "Right"):
        _at_least(actions, f"eyeBlink{side}", blinks)
        _at_least(actions, f"browOuterUp{side}", raises)
    _at_least(actions, "browInnerUp", raises)
    hz, phase = rng.uniform(*_TURN_HZ, size=(2, 3)), rng.uniform(0, 2 * np.pi, size=(2, 3))
    turn = np.sin(2 * np.pi * hz[:, None] * times[:, None] + phase[:, None]).mean(axis=0)
    return Performance(np.clip(actions, 0.0, 1.0), turn * _TURN_DEG)


def _feelings(rng: np.random.Generator, seconds: int) -> list[Mapping[str, float]]:
    count = int(np.ceil(seconds / _FEELING_SECONDS)) + 2
    order = ["neutral", *rng.permutation(_FEELINGS)]
    return [expression(str(order[place % len(order)]), "slight" if place % 3 else "clear") for place in range(count)]


def _visemes(rng: np.random.Generator, seconds: int) -> list[Mapping[str, float]]:
    count = int(np.ceil(seconds / _VISEME_SECONDS)) + 2
    names = rng.choice(list(VISEMES), size=count)
    pause = rng.random(count) < 0.15
    return [VISEMES["sil" if quiet else str(name)] for name, quiet in zip(names, pause, strict=True)]


def _track(times: np.ndarray, faces: list[Mapping[str, float]], each_seconds: float) -> np.ndarray:
    """(T, A): from face to face by a raised cosine, each reached after `each_seconds`."""
    table = np.array([[face.get(name, 0.0) for name in ACTIONS] for face in faces])
    place = times / each_seconds
    before = place.astype(int)
    share = (0.5 - 0.5 * np.cos(np.pi * (place - before)))[:, None]
    return np.asarray(table[before] * (1 - share) + table[before + 1] * share)


def _bumps(
    times: np.ndarray, rng: np.random.Generator, apart: float, rise: float, hold: float, fall: float
) -> np.ndarray:
    """(T,) in [0, 1]: something that happens every `apart` seconds or so."""
    total = np.zeros(len(times))
    moment = rng.uniform(0.4, 0.8) * apart
    while moment < times[-1]:
        outside = np.maximum((moment - times) / rise, (times - moment - hold) / fall)
        total = np.maximum(total, 0.5 + 0.5 * np.cos(np.pi * np.clip(outside, 0.0, 1.0)))
        moment += rng.uniform(0.7, 1.3) * apart
    return total


def _at_least(actions: np.ndarray, name: str, values: np.ndarray) -> None:
    column = ACTIONS.index(name)
    actions[:, column] = np.maximum(actions[:, column], values)


def pictures(played: Performance, actor: ProceduralCharacter, size: int) -> Iterator[np.ndarray]:
    """The performance as (size, size, 3) uint8 frames."""
    for frame, (pitch, yaw, roll) in enumerate(played.head_deg.tolist()):
        mesh = played.posed(actor, frame).mesh()
        yield render_beauty(mesh, actor.camera((pitch, yaw, roll)), width=size, height=size, supersample=2)


@dataclass(frozen=True)
class Followed:
    """What a face shows over time, each (T,) float64, inter-ocular distances: seen from the front, exact."""

    lips: np.ndarray
    lids: np.ndarray
    brows: np.ndarray


def followed(points: np.ndarray) -> Followed:
    """Lip aperture, lid opening and brow height of canonical landmarks (T, 98, 2)."""
    lids = points[:, LOWER_LIDS, 1] - points[:, UPPER_LIDS, 1]
    return Followed(points[:, 94, 1] - points[:, 90, 1], lids.mean(axis=1), -points[:, _BROWS, 1].mean(axis=1))


def shown_by_actor(played: Performance, actor: ProceduralCharacter) -> Followed:
    """The truth of the source, head turns left out."""
    camera = actor.camera()
    posed = (played.posed(actor, frame) for frame in range(len(played.actions)))
    images = (camera.project(landmarks98(head, camera.rotation), 256, 256)[0] for head in posed)
    return followed(np.stack([normalize(points, WFLW_98)[0] for points in images]))


def shown_by_values(values: np.ndarray, character: ProceduralCharacter) -> Followed:
    """What a built-in character shows under controller values (T, K)."""
    return followed(np.stack([normalize(character.landmarks(row), WFLW_98)[0] for row in values]))


def video_figures(recipe: VideoRecipe | None = None) -> list[Figure]:
    """`video_r`, the lowest of three correlations, and the three."""
    recipe = recipe or VideoRecipe()
    character = Character.load(recipe.target)
    drawn = ProceduralCharacter.named(recipe.target)
    if drawn.rig.names != character.rig.names:
        raise SfpError(f"character {character.rig.name}: its controllers are not those of {recipe.target}")
    actor, played = ProceduralCharacter.named(recipe.source), performance(recipe)
    with tempfile.TemporaryDirectory() as folder:
        film, take = Path(folder) / "source.mp4", Path(folder) / "take"
        write_film(film, pictures(played, actor, recipe.size_px), fps=recipe.rate)
        animate(AnimateRequest(take, video=film, engine="video", character=recipe.target, preview=False))
        values = read_curves_json(take / CURVES).curves(character.rig).values
    truth, shown = shown_by_actor(played, actor), shown_by_values(values, drawn)
    each = {
        "lip aperture": _correlation(truth.lips, shown.lips),
        "lid opening": _correlation(truth.lids, shown.lids),
        "brow height": _correlation(truth.brows, shown.brows),
    }
    note = f"{recipe.source} drives {recipe.target}, {len(values)} frames at {recipe.fps} fps, film to keys"
    fitted = f"{character.training.get('poses', '?')} poses of {character.rig.name}"
    figures = [Figure("video_r", min(each.values()), "", 0.85, 0.95, fitted, note, more_is_better=True)]
    return figures + [Figure(f"  {name}", value, "", note="correlation") for name, value in each.items()]


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Pearson's; 0 where one of the two does not move."""
    if len(one) != len(other):
        raise SfpError(f"video figures: the film has {len(one)} frames, but the take {len(other)}")
    if min(np.ptp(one), np.ptp(other)) < 1e-9:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
