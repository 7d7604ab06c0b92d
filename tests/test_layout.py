import json
import os
from pathlib import Path

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.layout import IBUG_68, LAYOUTS, WFLW_98, Layout, ibug68_from_wflw98, layout_named

BOTH = pytest.mark.parametrize("layout", [WFLW_98, IBUG_68], ids=lambda layout: layout.name)


@BOTH
def test_mirror_is_an_involution_that_swaps_the_sides(layout):
    mirror = np.array(layout.mirror)
    assert np.array_equal(mirror[mirror], np.arange(layout.count))
    for name in layout.groups:
        other = name.replace("left", "right") if "left" in name else name.replace("right", "left")
        assert set(mirror[layout.group(name)]) == set(layout.group(other)), name
    assert mirror[layout.outer_eye_left] == layout.outer_eye_right


@BOTH
def test_groups_are_within_the_layout_and_have_no_doubles(layout):
    for name in layout.groups:
        group = layout.group(name)
        assert len(set(group)) == len(group)
        assert set(group) <= set(range(layout.count))


def test_wflw_groups_cover_every_landmark_once():
    single = (
        "contour",
        "left_brow",
        "right_brow",
        "nose",
        "left_eye",
        "right_eye",
        "mouth",
        "left_pupil",
        "right_pupil",
    )
    assert sorted(np.concatenate([WFLW_98.group(name) for name in single])) == list(range(98))
    for whole, parts in (("nose", ("nose_bridge", "nose_base")), ("mouth", ("outer_lip", "inner_lip"))):
        assert WFLW_98.group(whole).tolist() == np.concatenate([WFLW_98.group(part) for part in parts]).tolist()


def symmetric_face(layout):
    """A made-up face that is its own mirror image about x = 0."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(layout.count, 2))
    mirror = np.array(layout.mirror)
    return (points + points[mirror] * [-1, 1]) / 2


@BOTH
def test_a_symmetric_face_stays_when_flipped_and_reindexed(layout):
    face = symmetric_face(layout)
    assert (face * [-1, 1])[list(layout.mirror)] == pytest.approx(face)


def test_conversion_to_68_commutes_with_mirroring():
    points = np.random.default_rng(1).normal(size=(5, 98, 2))
    one = ibug68_from_wflw98(points[:, list(WFLW_98.mirror)])
    assert one == pytest.approx(ibug68_from_wflw98(points)[:, list(IBUG_68.mirror)])


def test_conversion_to_68_commutes_with_moving_and_scaling():
    points = np.random.default_rng(2).normal(size=(98, 2))
    assert ibug68_from_wflw98(points * 3 + [5, -2]) == pytest.approx(ibug68_from_wflw98(points) * 3 + [5, -2])


def test_conversion_keeps_groups_together():
    for name in ("contour", "left_brow", "right_brow", "left_eye", "right_eye", "mouth", "nose"):
        marked = np.zeros((98, 2))
        marked[WFLW_98.group(name)] = 1.0
        touched = np.flatnonzero(ibug68_from_wflw98(marked)[:, 0] > 0)
        assert touched.tolist() == IBUG_68.group(name).tolist(), name


def test_facts_equal_those_of_the_development_data():
    path = Path(os.environ.get("SFP_SHARED_DATA", "/nowhere")) / "faces/wflw/wflw98.json"
    if not path.exists():
        pytest.skip("SFP_SHARED_DATA with faces/wflw is not here")
    facts = json.loads(path.read_text(encoding="utf-8"))
    assert list(WFLW_98.mirror) == facts["flip98"]
    for theirs, ours in (
        ("contour", "contour"),
        ("brow_image_left", "left_brow"),
        ("brow_image_right", "right_brow"),
        ("nose_bridge", "nose_bridge"),
        ("nose_base", "nose_base"),
        ("eye_image_left", "left_eye"),
        ("eye_image_right", "right_eye"),
        ("mouth_outer", "outer_lip"),
        ("mouth_inner", "inner_lip"),
    ):
        first, last = facts["groups"][theirs]
        assert WFLW_98.group(ours).tolist() == list(range(first, last + 1))
    assert [WFLW_98.outer_eye_left, WFLW_98.outer_eye_right] == facts["interocular"]
    # On the mean face, 68 points made by interpolation lie near the ones taken over directly.
    mean = np.array(facts["meanface_wflw98"])
    direct = mean[facts["map68_from_98_direct"]]
    distance = np.linalg.norm(ibug68_from_wflw98(mean) - direct, axis=1)
    assert distance.max() < 0.25 * np.linalg.norm(mean[72] - mean[60])
    same = np.setdiff1d(np.arange(68), [*range(17, 27), *range(36, 48)])
    assert distance[same].max() < 1e-12


def test_wrong_input_is_told():
    with pytest.raises(SfpError, match="'wflw99' is unknown; expected one of wflw98, ibug68"):
        layout_named("wflw99")
    with pytest.raises(SfpError, match="no group 'ear'; it has contour"):
        WFLW_98.group("ear")
    with pytest.raises(SfpError, match=r"expected \(..., 98, 2\) numbers, got \(68, 2\)"):
        ibug68_from_wflw98(np.zeros((68, 2)))
    with pytest.raises(SfpError, match=r"must be a permutation of 0\.\.2"):
        Layout("x", 3, {}, (0, 0, 2), 0, 1)
    with pytest.raises(SfpError, match="mirroring twice"):
        Layout("x", 3, {}, (1, 2, 0), 0, 1)
    assert all(layout_named(name) is layout for name, layout in LAYOUTS.items())


def test_layouts_cannot_be_changed():
    with pytest.raises(TypeError):
        WFLW_98.groups["mouth"] = (1,)
