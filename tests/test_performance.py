"""The engine `video` as a library: gaps are told, events kept, wrong requests refused."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sfp_core.animate import AnimateRequest
from sfp_core.character.character import Character
from sfp_core.detect.crop import tight_box
from sfp_core.detect.detector import Detection, Detector
from sfp_core.detect.films import Film
from sfp_core.errors import SfpError
from sfp_core.landmarks import Landmarks
from sfp_core.layout import WFLW_98
from sfp_core.motion import from_film
from sfp_core.progress import Progress
from sfp_core.render.film import write_film
from sfp_core.retarget import Strength

FILM = Path("face.mp4")


class Knowing(Detector):
    """Sees the landmarks of a known clip, picture by picture, and nothing in the pictures that are named."""

    def __init__(self, points: np.ndarray, missing: set[int]) -> None:
        self.points, self.missing, self.sha256, self.layout = points, missing, "", WFLW_98

    def track(self, frames: Iterator[np.ndarray], *_: object, **__: object) -> list[Detection | None]:  # type: ignore[override]
        seen: list[Detection | None] = []
        for index, _ in enumerate(frames):
            face = self.points[index] * 100 + 160
            found = Detection(Landmarks(face, WFLW_98), tight_box(face))
            seen.append(None if index in self.missing else found)
        return seen


@pytest.fixture
def film(tmp_path: Path) -> Film:
    """48 grey pictures."""
    return Film.open(
        write_film(tmp_path / "grey.mp4", (np.full((64, 64, 3), 90, np.uint8) for _ in range(48)), fps=Fraction(24))
    )


def _seen_by(monkeypatch: pytest.MonkeyPatch, points: np.ndarray, missing: set[int]) -> None:
    monkeypatch.setattr(Detector, "load", lambda *_, **__: Knowing(points, missing))


def _jaw(toon: Character) -> tuple[np.ndarray, int]:
    values = np.tile(toon.rig.neutral.astype(np.float64), (48, 1))
    k = toon.rig.index("jaw.ty")
    values[:, k] = -0.35 + 0.35 * np.cos(np.arange(48) / 4)
    return values, k


def test_gaps_are_bridged_and_told(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    toon = Character.load("toon")
    values, k = _jaw(toon)
    whole, holey = [], []
    for missing, result in ((set[int](), whole), ({10, 11, 30}, holey)):
        _seen_by(monkeypatch, toon.landmarks(values), missing)
        result.append(from_film(film, toon, fps=None, strength=Strength(), report=Progress()))
    assert whole[0].warnings == ()
    assert holey[0].warnings == ("no face in 3 of 48 frames (10 to 11, 30); bridged",)
    assert np.abs(holey[0].values[:, k] - whole[0].values[:, k]).max() < 0.1  # two frames of a slow jaw


def test_a_film_of_the_character_gives_back_its_jaw(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    toon = Character.load("toon")
    values, k = _jaw(toon)
    _seen_by(monkeypatch, toon.landmarks(values), set())
    motion = from_film(film, toon, fps=None, strength=Strength(), report=Progress())
    assert (motion.fps, motion.values.shape) == (Fraction(24), values.shape)
    assert np.corrcoef(motion.values[:, k], values[:, k])[0, 1] > 0.98
    assert np.abs(motion.head_deg).max() < 3  # the jaw alone turns no head


def test_no_face_at_all_is_an_error(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    toon = Character.load("toon")
    _seen_by(monkeypatch, toon.landmarks(_jaw(toon)[0]), set(range(48)))
    with pytest.raises(SfpError) as caught:
        from_film(film, toon, fps=None, strength=Strength(), report=Progress())
    assert str(caught.value) == f"{film.path}: no face found in 48 frames; expected a film of one face"


@pytest.mark.parametrize(
    ("request_of", "told"),
    [
        ({"engine": "video"}, "engine video: no film given; expected: sfp animate FILM --engine video -o TAKE"),
        (
            {"engine": "video", "video": FILM, "transcript": "a"},
            "engine video: takes the motion as it is, so --transcript says nothing; leave it out",
        ),
        (
            {"engine": "video", "video": FILM, "landmarks": Path("a.npz")},
            "engine video: makes landmarks itself; leave --landmarks out, or use --engine landmarks",
        ),
        (
            {"sound": FILM, "side_by_side": True},
            "engine speech: has no use for --side-by-side; use --engine video",
        ),
        (
            {"engine": "video", "video": FILM, "side_by_side": True, "preview": False},
            "--side-by-side and --no-preview: there is no preview to show it in; give one of the two",
        ),
        (
            {"sound": FILM, "strength": Strength(brows=2)},
            "engine speech: has no strength for brows; expected jaw or lips (the others are for landmarks and films)",
        ),
    ],
    ids=["no film", "transcript", "landmarks", "side by side", "no preview", "brows"],
)
def test_requests_that_make_no_sense_are_refused(request_of: dict, told: str) -> None:
    with pytest.raises(SfpError) as caught:
        AnimateRequest(Path("take"), **request_of)
    assert str(caught.value) == told


def test_strength_of_speech_is_its_style() -> None:
    request = AnimateRequest(Path("take"), sound=FILM, strength=Strength(jaw=1.5, lips=0.5))
    assert (request.spoken_style.jaw, request.spoken_style.lips, request.spoken_style.brows) == (1.5, 0.5, 1.0)
