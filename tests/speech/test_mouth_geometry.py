import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.face import Face, lip_aperture, mouth_width
from sfp_core.layout import IBUG_68, WFLW_98
from sfp_core.speech.mouth import Expression, Poser
from sfp_core.speech.visemes import ARTICULATORS, JAW, LOWER_LIP, PROTRUDE, SPREAD, UPPER_LIP


def _expression(frames: int = 1, **changes: object) -> Expression:
    fields: dict[str, np.ndarray] = {
        "articulators": np.zeros((frames, len(ARTICULATORS))),
        "seal": np.zeros(frames),
        "tuck": np.zeros(frames),
        "lids": np.zeros(frames),
        "brows": np.zeros(frames),
        "gaze": np.zeros((frames, 2)),
    }
    return Expression(**{**fields, **{name: np.asarray(value, dtype=float) for name, value in changes.items()}})


def _articulated(**values: float) -> np.ndarray:
    row = np.zeros((1, len(ARTICULATORS)))
    for name, value in values.items():
        row[0, ARTICULATORS.index(name)] = value
    return row


def _random(frames: int) -> Expression:
    random = np.random.default_rng(0)
    articulators = random.uniform(0, 1, (frames, len(ARTICULATORS)))
    articulators[:, SPREAD] = random.uniform(-1, 1, frames)
    return _expression(frames, articulators=articulators, brows=random.uniform(0, 1, frames))


def test_rest_is_neutral_to_the_last_bit(face: Face) -> None:
    assert np.allclose(Poser(face).pose(_expression(3)), face.neutral, rtol=0, atol=1e-15)


def test_both_sides_move_alike(face: Face) -> None:
    expression = _random(50)
    points = Poser(face).pose(expression)
    mirrored = (points * [-1, 1])[:, list(WFLW_98.mirror)]
    assert np.abs(mirrored - points).max() < 1e-12


def test_whole_opening_is_the_reach(face: Face) -> None:
    wide = Poser(face).pose(_expression(articulators=_articulated(jaw=1, upper_lip=1, lower_lip=1)))
    assert lip_aperture(wide)[0] == pytest.approx(face.reach["mouth_open"], abs=1e-12)
    assert lip_aperture(Poser(face).pose(_random(200))).max() <= face.reach["mouth_open"] + 1e-12


def test_width_stays_within_reach(face: Face) -> None:
    neutral = mouth_width(face.neutral)
    change = mouth_width(Poser(face).pose(_random(500))) - neutral
    assert -face.reach["mouth_narrow"] - 1e-12 <= change.min() < 0 < change.max() <= face.reach["mouth_wide"] + 1e-12
    spread = Poser(face).pose(_expression(articulators=_articulated(spread=1)))
    narrow = Poser(face).pose(_expression(articulators=_articulated(spread=-1, protrude=1)))
    assert mouth_width(spread)[0] - neutral == pytest.approx(face.reach["mouth_wide"])
    assert neutral - mouth_width(narrow)[0] == pytest.approx(face.reach["mouth_narrow"])


def test_seal_closes_whatever_the_jaw_does(face: Face) -> None:
    expression = _random(200)
    sealed = Expression(**{**expression.__dict__, "seal": np.ones(200), "tuck": np.linspace(0, 1, 200)})
    points = Poser(face).pose(sealed)
    for upper, lower in ((89, 95), (90, 94), (91, 93)):
        assert np.abs(points[:, upper] - points[:, lower]).max() < 1e-12


def test_seal_closes_a_face_whose_neutral_mouth_is_ajar(face: Face) -> None:
    neutral = face.neutral.copy()
    neutral[[93, 94, 95], 1] += 0.06
    ajar = Face(neutral, WFLW_98, face.reach)
    assert lip_aperture(Poser(ajar).pose(_expression(seal=[1.0])))[0] < 1e-12


def test_tuck_leaves_a_slit(face: Face) -> None:
    points = Poser(face).pose(_expression(articulators=_articulated(jaw=0.6), tuck=[1.0]))
    assert 0 < lip_aperture(points)[0] < 0.1 * face.reach["mouth_open"]


def test_lips_never_cross(face: Face) -> None:
    points = Poser(face).pose(_random(500))
    assert (points[:, [95, 94, 93], 1] >= points[:, [89, 90, 91], 1] - 1e-12).all()
    assert (points[:, 85, 1] > points[:, 94, 1]).all() and (points[:, 79, 1] < points[:, 90, 1]).all()
    assert (np.diff(points[:, 76:83, 0], axis=1) > 0).all()


def test_jaw_takes_the_chin_along_and_leaves_the_eyes(face: Face) -> None:
    move = Poser(face).pose(_expression(articulators=_articulated(jaw=1)))[0] - face.neutral
    assert 0.2 < move[16, 1] <= move[94, 1] <= face.reach["mouth_open"]
    assert (np.diff(move[7:17, 1]) > 0).all() and not move[[0, 1, 31, 32]].any()
    assert not move[33:76].any() and 0 < move[76, 1] < 0.3 * move[94, 1]


def test_blink_shuts_both_eyes(face: Face) -> None:
    points = Poser(face).pose(_expression(lids=[1.0], gaze=[[0.1, 0.1]]))[0]
    assert np.allclose(points[[61, 62, 63, 69, 70, 71]], points[[67, 66, 65, 75, 74, 73]], atol=1e-12)
    assert np.array_equal(points[[60, 64, 68, 72]], face.neutral[[60, 64, 68, 72]])


def test_brows_and_pupils_move_by_their_share(face: Face) -> None:
    move = Poser(face).pose(_expression(brows=[1.0], gaze=[[0.1, 0.0]]))[0] - face.neutral
    assert move[35, 1] == pytest.approx(-face.reach["brow_up"])
    assert move[96] == pytest.approx([0.03, 0]) and move[97] == pytest.approx([0.03, 0])  # a tenth of 0.3


def test_each_articulator_does_its_own(face: Face) -> None:
    assert {JAW, SPREAD, PROTRUDE, UPPER_LIP, LOWER_LIP} == set(range(5))
    upper = Poser(face).pose(_expression(articulators=_articulated(upper_lip=1)))[0] - face.neutral
    lower = Poser(face).pose(_expression(articulators=_articulated(lower_lip=1)))[0] - face.neutral
    assert upper[90, 1] < 0 == upper[94, 1] and lower[94, 1] > 0 == lower[90, 1]
    round_lips = Poser(face).pose(_expression(articulators=_articulated(protrude=1)))[0]
    thick = (round_lips[85, 1] - round_lips[94, 1]) / (face.neutral[85, 1] - face.neutral[94, 1])
    assert 1.1 < thick < 1.5


def test_other_layouts_are_refused(face: Face) -> None:
    with pytest.raises(SfpError, match="wflw98"):
        Poser(Face(np.zeros((68, 2)), IBUG_68, face.reach))
