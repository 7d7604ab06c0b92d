import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.geometry import Similarity, inter_ocular, nme, normalize
from sfp_core.layout import IBUG_68, WFLW_98

BOTH = pytest.mark.parametrize("layout", [WFLW_98, IBUG_68], ids=lambda layout: layout.name)


def face(layout, seed=0):
    """A made-up upright face in pixels."""
    points = np.random.default_rng(seed).normal(size=(layout.count, 2)) * 40 + 128
    points[layout.outer_eye_left], points[layout.outer_eye_right] = (90, 120), (160, 118)
    return points


@BOTH
def test_canonical_eyes_are_level_one_apart_and_centred(layout):
    canonical, _ = normalize(face(layout), layout)
    assert canonical[layout.outer_eye_left] == pytest.approx([-0.5, 0.0], abs=1e-14)
    assert canonical[layout.outer_eye_right] == pytest.approx([0.5, 0.0], abs=1e-14)


@BOTH
def test_normalizing_undoes_any_turn_scale_and_shift(layout):
    rng = np.random.default_rng(1)
    expected, _ = normalize(face(layout), layout)
    for _ in range(20):
        moved = Similarity(rng.uniform(0.1, 9), rng.uniform(-3, 3), rng.normal(size=2) * 100).apply(face(layout))
        assert normalize(moved, layout)[0] == pytest.approx(expected, abs=1e-11)


def test_normalizing_is_a_similarity_without_mirroring():
    points = face(WFLW_98)
    canonical, similarity = normalize(points, WFLW_98)
    across = np.linalg.norm(points[:, None] - points[None], axis=-1)
    assert np.linalg.norm(canonical[:, None] - canonical[None], axis=-1) == pytest.approx(similarity.scale * across)

    def area(p):  # of a triangle; its sign tells a mirror image
        return np.linalg.det(np.stack([p[1] - p[0], p[2] - p[0]]))

    assert area(canonical[:3]) == pytest.approx(area(points[:3]) * similarity.scale**2)


def test_an_upright_face_is_only_scaled_and_shifted_so_y_stays_down():
    points = face(WFLW_98)
    points[WFLW_98.outer_eye_right] = (160, 120)
    canonical, similarity = normalize(points, WFLW_98)
    assert similarity.angle_rad == 0.0
    assert canonical == pytest.approx((points - [125, 120]) / 70)


def test_the_way_back_and_forth_agree():
    points = face(WFLW_98)
    canonical, similarity = normalize(points, WFLW_98)
    assert similarity.invert(canonical) == pytest.approx(points, abs=1e-11)
    assert similarity.apply(points) == pytest.approx(canonical, abs=1e-13)
    batch = np.stack([points, points + 3])
    assert similarity.invert(similarity.apply(batch)) == pytest.approx(batch, abs=1e-11)


def test_a_positive_angle_turns_clockwise_to_the_eye():
    # y is down: clockwise takes the right (1, 0) to the bottom (0, 1)
    assert Similarity(1.0, np.pi / 2, np.zeros(2)).apply(np.array([1.0, 0.0])) == pytest.approx([0.0, 1.0])


def test_opening_the_mouth_does_not_change_the_rest():
    points = face(WFLW_98)
    opened = points.copy()
    opened[WFLW_98.group("mouth")] += [0, 25]
    rest = np.setdiff1d(np.arange(98), WFLW_98.group("mouth"))
    assert np.array_equal(normalize(points, WFLW_98)[0][rest], normalize(opened, WFLW_98)[0][rest])


def test_nme_of_a_shift_is_its_length_over_the_eye_distance():
    truth = np.stack([face(WFLW_98, 0), face(WFLW_98, 1) * 2])
    distance = inter_ocular(truth, WFLW_98)
    assert distance == pytest.approx(np.hypot(70, 2) * np.array([1, 2]))
    assert nme(truth + np.array([3, 4]), truth, WFLW_98) == pytest.approx(5 / distance)
    assert nme(truth, truth, WFLW_98).tolist() == [0.0, 0.0]
    one = truth.copy()
    one[:, 5] += [98, 0]
    assert nme(one, truth, WFLW_98) == pytest.approx(1 / distance)


def test_nme_is_the_same_in_every_space():
    truth, predicted = face(WFLW_98), face(WFLW_98, 2)
    _, similarity = normalize(truth, WFLW_98)
    assert nme(similarity.apply(predicted), similarity.apply(truth), WFLW_98) == pytest.approx(
        nme(predicted, truth, WFLW_98)
    )


def test_faces_without_a_scale_are_refused():
    points = face(WFLW_98)
    with pytest.raises(SfpError, match=r"expected \(98, 2\) numbers for wflw98, got \(68, 2\)"):
        normalize(points[:68], WFLW_98)
    points[60] = points[72]
    with pytest.raises(SfpError, match="the face has no scale"):
        normalize(points, WFLW_98)
    points[60] = np.nan
    with pytest.raises(SfpError, match="the face has no scale"):
        normalize(points, WFLW_98)
