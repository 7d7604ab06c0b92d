"""The seven expressions, lip shapes, lids and gaze: told apart, monotonic, one-sided where they should be."""

import itertools

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.heads.actions import ACTIONS
from sfp_core.heads.expressions import (
    EXPRESSION_NAMES,
    EXPRESSIONS,
    LIDS,
    MOUTHS,
    STRENGTHS,
    VISEMES,
    Strength,
    blended,
    expression,
    gaze,
    mirrored,
    one_sided,
    spoken,
)
from sfp_core.heads.head import Head
from sfp_core.heads.identity import Identity, Shape
from sfp_core.heads.landmarks98 import landmarks98
from sfp_core.layout import WFLW_98

OCULUS_15 = ["sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou"]
FRONT = np.eye(3)
SHAPES = {
    "usual": Shape(),
    "big eyes": Shape(eye_radius=0.33, eye_x=0.37, mouth_half_width=0.20, brow_y=0.58),
    "wide jaw": Shape(jaw_width=0.76, chin_y=-1.0, jaw_y=-0.70, eye_radius=0.20, mouth_half_width=0.38, mouth_y=-0.62),
}


@pytest.fixture(scope="module", params=list(SHAPES))
def head(request: pytest.FixtureRequest) -> Head:
    return Head(Identity(SHAPES[request.param]))


def _points(head: Head, strengths: dict[str, float]) -> np.ndarray:
    """(98, 2) in pixels of a picture 256 high that the head fills."""
    return landmarks98(head.pose(strengths), FRONT)[:, :2] * (256 / head.frame()[1])


def _opening(points: np.ndarray) -> np.ndarray:
    """Height of both eyes' openings, image's left first."""
    return np.array([np.linalg.norm(points[62] - points[66]), np.linalg.norm(points[70] - points[74])])


@pytest.mark.parametrize("strength", STRENGTHS)
def test_every_expression_differs_from_every_other_by_more_than_a_detector_errs(head: Head, strength: Strength) -> None:
    """Root mean square over brows, lids and mouth, in pixels of a head 256 high."""
    inner = np.r_[33:51, 60:98]
    seen = {name: _points(head, expression(name, strength))[inner] for name in EXPRESSION_NAMES}
    least = 0.8 if strength == "slight" else 1.5
    for first, second in itertools.combinations(EXPRESSION_NAMES, 2):
        apart = np.sqrt(((seen[first] - seen[second]) ** 2).sum(axis=1).mean())
        assert apart > least, f"{first} and {second}: {apart:.2f} px"


@pytest.mark.parametrize("name", [name for name in EXPRESSION_NAMES if name != "neutral"])
def test_a_stronger_expression_moves_the_face_further(head: Head, name: str) -> None:
    rest = _points(head, {})
    moved = [np.linalg.norm(_points(head, expression(name, strength)) - rest) for strength in STRENGTHS]
    assert 0 < moved[0] < moved[1] < moved[2]
    assert moved[1] > 1.3 * moved[0]


def test_what_an_expression_does_is_what_facs_says(head: Head) -> None:
    rest = _points(head, {})
    seen = {name: _points(head, face) for name, face in EXPRESSIONS.items()}
    corners, inner_brows, outer_brows = [76, 82], [37, 38, 42, 50], [33, 46]

    def up(name: str, points: list[int]) -> float:
        return float((seen[name] - rest)[points, 1].mean())  # world y is up

    assert up("happy", corners) > 2 > -2 > up("sad", corners)
    assert (_opening(seen["happy"]) < 0.95 * _opening(rest)).all()
    assert up("sad", inner_brows) > 3 > up("sad", outer_brows)
    assert (_opening(seen["sad"]) < 0.95 * _opening(rest)).all()
    assert up("angry", inner_brows) < -3
    for wide in ("surprise", "afraid"):
        assert up(wide, inner_brows) > 3
        assert (_opening(seen[wide]) > _opening(rest)).all()
    width = {name: np.linalg.norm(points[76] - points[82]) for name, points in seen.items()}
    assert width["surprise"] < np.linalg.norm(rest[76] - rest[82]) < width["afraid"]  # what tells the two apart
    assert up("disgust", [79]) > 2  # the upper lip


def test_a_wink_shuts_one_eye_only(head: Head) -> None:
    rest = _opening(_points(head, {}))
    right_image, left_image = _opening(_points(head, LIDS["wink_left"])), _opening(_points(head, LIDS["wink_right"]))
    assert right_image[1] < 1e-6 < 0.9 * rest[0] < right_image[0]  # the character's left is on the image's right
    assert left_image[0] < 1e-6 < 0.9 * rest[1] < left_image[1]
    assert _opening(_points(head, LIDS["blink"])).max() < 1e-6
    half = _opening(_points(head, LIDS["half"])) / rest
    assert ((half > 0.2) & (half < 0.8)).all()


def test_gaze_moves_the_pupils_there_and_the_upper_lids_with_them(head: Head) -> None:
    rest = _points(head, {})
    for axis, goal in ((0, (1.0, 0.0)), (0, (-1.0, 0.0)), (1, (0.0, 1.0)), (1, (0.0, -1.0))):
        moved = _points(head, gaze(*goal)) - rest
        assert (moved[[96, 97], axis] * goal[axis] > 4).all()
        assert (np.abs(moved[[96, 97], 1 - axis]) < 1).all()
    assert (_points(head, gaze(0, 1)) - rest)[[62, 70], 1].min() > 0.5
    assert (_points(head, gaze(0, -1)) - rest)[[62, 70], 1].max() < -1


@pytest.mark.parametrize(
    "table", [EXPRESSIONS, VISEMES, MOUTHS, LIDS], ids=["expressions", "visemes", "mouths", "lids"]
)
def test_tables_hold_known_actions_within_their_limits(table: dict[str, dict[str, float]]) -> None:
    for face in table.values():
        assert set(face) <= set(ACTIONS)
        assert all(0.0 < value <= 1.0 for value in face.values())


def test_visemes_are_complete_and_told_apart() -> None:
    assert list(VISEMES)[:15] == OCULUS_15
    head = Head(Identity())
    lips = {name: _points(head, face)[76:96] for name, face in VISEMES.items()}
    hidden = {frozenset(pair) for pair in (("DD", "nn"), ("DD", "kk"), ("kk", "nn"), ("nn", "TH"), ("DD", "TH"))}
    for first, second in itertools.combinations(VISEMES, 2):
        apart = np.linalg.norm(lips[first] - lips[second], axis=1).max()
        assert apart > 1.0 or {first, second} in hidden, f"{first} and {second}: {apart:.2f} px"  # those: the tongue


def test_mirroring_a_face_mirrors_its_landmarks(head: Head) -> None:
    face = one_sided(blended([(expression("disgust", "extreme"), 0.7), (gaze(0.6, 0.2), 1.0)]), "Left", other=0.2)
    points, other = _points(head, face), _points(head, mirrored(face))[list(WFLW_98.mirror)] * (-1, 1)
    assert np.abs(points - other)[33:].max() < 0.3
    assert mirrored(mirrored(face)) == face


def test_one_sided_holds_back_one_side_and_leaves_the_middle() -> None:
    face = one_sided(expression("surprise") | {"mouthRight": 0.5}, "Left", other=0.5)
    assert face["browOuterUpRight"] == pytest.approx(0.5 * face["browOuterUpLeft"])
    assert (face["jawOpen"], face["mouthRight"]) == (expression("surprise")["jawOpen"], 0.5)


def test_speech_closes_the_lips_of_a_shouting_face() -> None:
    head = Head(Identity())
    angry = expression("angry", "extreme")
    gap = [np.ptp(_points(head, face)[[90, 94], 1]) for face in (angry, spoken(angry, VISEMES["PP"]))]
    assert gap[1] < 0.5 * gap[0]
    assert spoken(angry, VISEMES["PP"])["browDownLeft"] == angry["browDownLeft"]


def test_unknown_names_are_refused_with_those_there_are() -> None:
    with pytest.raises(SfpError, match="expression 'smug' is unknown; expected one of neutral, sad"):
        expression("smug")
    with pytest.raises(SfpError, match="strength 'huge' is unknown; expected one of slight, clear, extreme"):
        expression("happy", "huge")  # type: ignore[arg-type]
