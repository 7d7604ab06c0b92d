"""Faces that no detector was trained on, made from a frozen recipe and not stored."""

import hashlib
import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from sfp_core.errors import SfpError
from training.faces.family import random_subject
from training.faces.recipe import recipe_named
from training.faces.scene import CastMember, Shot, random_shot

_TRIES = 8  # to draw a picture in which enough of the face is seen
_MARK = 4  # fourth word of the seeds: no training set seeds itself with four words that end so


@dataclass(frozen=True)
class UnseenRecipe:
    """The `[unseen]` table."""

    name: str
    seed: int
    faces: int
    each: int
    families: tuple[str, ...]
    recipe: str
    size_px: int
    jitter_seed: int

    @property
    def characters(self) -> int:
        """How many people the faces are of."""
        return -(-self.faces // self.each)


@dataclass(frozen=True, eq=False)
class UnseenFace:
    """One face: its picture (S, S, 3) uint8, its landmarks (98, 2) in image space, and what it is.

    `look` is "render" or the name of a drawn look; `yaw_deg` is the head's.
    """

    picture: np.ndarray
    points: np.ndarray
    look: str
    family: str
    occluded: bool
    yaw_deg: float


_Job = tuple[UnseenRecipe, tuple[str, ...], int]


def available(families: Sequence[str]) -> tuple[str, ...]:
    """Those of the families that can be made here; all but the first need the file of anny heads."""
    from training.anny.store import default_path

    return tuple(families) if default_path().is_file() else tuple(families)[:1]


def unseen_faces(recipe: UnseenRecipe, *, families: tuple[str, ...], processes: int) -> Iterator[UnseenFace]:
    """The faces in order, always the same ones; made by so many processes."""
    jobs: list[_Job] = [(recipe, families, character) for character in range(recipe.characters)]
    left = recipe.faces
    for faces in _made(jobs, processes):
        yield from faces[:left]
        left -= len(faces[:left])


def _made(jobs: list[_Job], processes: int) -> Iterator[list[UnseenFace]]:
    if processes <= 1:
        yield from map(_of_character, jobs)
        return
    # Spawned, not forked: compiled loops and OpenCV keep threads that do not survive a fork.
    with multiprocessing.get_context("spawn").Pool(min(processes, len(jobs)), cv2.setNumThreads, (1,)) as pool:
        yield from pool.imap(_of_character, jobs, chunksize=2)


def _of_character(job: _Job) -> list[UnseenFace]:
    recipe, families, character = job
    subject, beside = (_member(recipe, families, number) for number in (character, character + 1))
    return [_face([subject, beside], recipe, character, turn) for turn in range(recipe.each)]


def _member(recipe: UnseenRecipe, families: tuple[str, ...], number: int) -> CastMember:
    rng = np.random.default_rng([recipe.seed, number, 0, _MARK])
    return CastMember(f"{recipe.name}-{number:04d}", random_subject(families[number % len(families)], rng))


def _face(cast: list[CastMember], recipe: UnseenRecipe, character: int, turn: int) -> UnseenFace:
    """A picture of the first of the cast with enough of the face in it, as the data set lists faces."""
    for attempt in range(_TRIES):
        rng = np.random.default_rng([recipe.seed, character, 1 + turn * _TRIES + attempt, _MARK])
        shot = random_shot(cast, rng, size=recipe.size_px, recipe=recipe_named(recipe.recipe))
        main = shot.annotation.faces[0]
        if main.listed((recipe.size_px, recipe.size_px)):
            return UnseenFace(
                _as_stored(shot),
                main.points,
                shot.annotation.look,
                main.family,
                bool(shot.annotation.occluder),
                float(main.head_deg[1]),
            )
    raise SfpError(f"{recipe.name}: character {character} is not to be seen in {_TRIES} pictures; a defect")


def _as_stored(shot: Shot) -> np.ndarray:
    """The picture after JPEG at the quality it would be stored with."""
    stored = cv2.imencode(".jpg", shot.picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(shot.jpeg_quality)])[1]
    return np.ascontiguousarray(np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR))[..., ::-1])


def fingerprint(points: np.ndarray) -> str:
    """Eight hexadecimal digits that tell whether two runs had the same faces, to a tenth of a pixel."""
    return hashlib.sha256(np.round(points * 10).astype(np.int32).tobytes()).hexdigest()[:8]
