"""Speaking faces with feelings, for rigs whose controllers have names that we know."""

import numpy as np
import pytest

from sfp_core.character.expression_poses import Repertoire, expression_poses
from sfp_core.character.poses import pose_set
from sfp_core.heads.actions import ARKIT_52
from sfp_core.heads.expressions import EXPRESSION_NAMES, VISEMES
from sfp_core.rig import ControllerSpec, RigSpec
from sfp_core.rigs.arkit import arkit_rig
from sfp_core.rigs.panel import panel_rig
from sfp_core.rigs.profiles.profile import profile_named

VRM_WORDS = ("happy", "angry", "sad", "surprised", "aa", "ih", "ou", "ee", "oh", "blink", "blinkLeft", "blinkRight")
VRM = RigSpec("vrm", tuple(ControllerSpec(f"Face.{word}", 0.0, 1.0, 0.0, "none") for word in VRM_WORDS))
RIGS = {"panel": panel_rig("a"), "arkit": arkit_rig("a"), "vrm": VRM, "mery": profile_named("mery").rig}
PLAIN = RigSpec("plain", tuple(ControllerSpec(f"c{i}.tx", -1.0, 1.0) for i in range(52)))


@pytest.mark.parametrize("name", RIGS)
def test_the_same_stream_gives_the_same_faces_within_limits(name: str) -> None:
    rig = RIGS[name]
    first, again = (expression_poses(rig, count=200, rng=np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(first, again)
    values = np.array(first)
    assert values.shape == (200, len(rig.names))
    assert ((values >= rig.minimum) & (values <= rig.maximum)).all()
    assert len(np.unique(values, axis=0)) > 190
    assert (values != rig.neutral).any(axis=1).mean() > 0.98


@pytest.mark.parametrize("name", ["panel", "arkit", "mery", "vrm"])
def test_a_set_of_a_known_rig_has_four_in_ten_of_its_rest_as_faces_of_kind_dense(name: str) -> None:
    rig = RIGS[name]
    poses = pose_set(rig, count=500, seed=2)
    rest = [pose for pose in poses if pose.kind in ("sparse", "dense")]
    faces = expression_poses(rig, count=round(0.4 * len(rest)), rng=np.random.default_rng((2, 1)))
    assert len(poses) == 500
    assert np.array_equal([pose.values for pose in poses[-len(faces) :]], faces)
    assert all(pose.kind == "dense" for pose in poses[-len(faces) :])


def test_other_poses_of_a_known_rig_are_those_of_a_rig_without_names() -> None:
    """Only names differ: sweeps and the first random poses are the same, faces take the place of the last."""
    named = RigSpec("named", tuple(ControllerSpec(name, 0.0, 1.0) for name in ARKIT_52))
    plain = RigSpec("plain", tuple(ControllerSpec(f"c{i}.tx", 0.0, 1.0) for i in range(52)))
    first, second = pose_set(named, count=400, seed=3), pose_set(plain, count=400, seed=3)
    swept = sum(pose.kind == "sweep" for pose in second) + 12
    few = sum(pose.kind == "sparse" for pose in first)
    assert few < sum(pose.kind == "sparse" for pose in second)
    assert np.array_equal(
        [pose.values for pose in first[: swept + few]], [pose.values for pose in second[: swept + few]]
    )


def test_a_rig_without_known_names_has_no_faces() -> None:
    assert Repertoire.of(PLAIN).empty
    assert expression_poses(PLAIN, count=10, rng=np.random.default_rng(0)) == []


def test_action_rigs_show_all_feelings_and_all_lip_shapes() -> None:
    for name in ("panel", "arkit"):
        repertoire = Repertoire.of(RIGS[name])
        assert set(EXPRESSION_NAMES[1:]) | {"wink_left", "wink_right", "squint"} <= {n for _, n in repertoire.feelings}
        assert {n for _, n in repertoire.visemes} == set(VISEMES) - {"sil"}
        assert repertoire.blinks and repertoire.looks


def test_vrm_shows_what_it_has_words_for() -> None:
    repertoire = Repertoire.of(VRM)
    expected = {"sad", "surprise", "happy", "angry", "half", "wink_left", "wink_right"}
    assert {name for _, name in repertoire.feelings} == expected
    assert {"aa", "ih", "ou", "ee", "oh", "E"} <= {name for _, name in repertoire.visemes}
    assert not {"PP", "FF"} & {name for _, name in repertoire.visemes}  # a closed mouth is no word of VRM


def test_faces_speak_at_half_strength_or_more_on_most_poses() -> None:
    """VRM's vowels are words of their own, so that the strength of a lip shape can be read off."""
    values = np.array(expression_poses(VRM, count=600, rng=np.random.default_rng(4)))
    vowels = values[:, [VRM.index(f"Face.{vowel}") for vowel in ("aa", "ih", "ou", "ee", "oh")]].max(axis=1)
    feelings = values[:, [VRM.index(f"Face.{word}") for word in ("happy", "angry", "sad", "surprised")]].max(axis=1)
    shown = feelings[feelings > 0]
    assert shown.min() >= 0.5 and shown.max() <= 1.0 and shown.max() > 0.98
    assert 0.85 < (vowels > 0).mean() < 0.95  # one in ten is silent
    assert vowels.max() > 0.98
    assert ((vowels > 0) & (feelings > 0)).mean() > 0.4


def test_both_sides_alike_one_side_alone_blinks_and_glances_are_all_there() -> None:
    rig = RIGS["arkit"]
    values = np.array(expression_poses(rig, count=600, rng=np.random.default_rng(5)))
    left, right = (values[:, rig.index(f"mouthSmile{side}")] for side in ("Left", "Right"))
    smiling = np.maximum(left, right) > 0.2
    uneven = np.abs(left - right) > 0.1
    assert 0.1 < uneven[smiling].mean() < 0.6
    assert (left > right + 0.1).any() and (right > left + 0.1).any()
    blinks = np.minimum(values[:, rig.index("eyeBlinkLeft")], values[:, rig.index("eyeBlinkRight")])
    assert 0.05 < (blinks > 0.5).mean() < 0.4
    looks = values[:, [k for k, name in enumerate(rig.names) if name.startswith("eyeLook")]]
    assert 0.3 < (looks > 0).any(axis=1).mean() < 0.4


def test_a_smile_gives_way_to_the_lips_of_speech() -> None:
    """Under a lip shape at strength s, a corner keeps 1 - 0.35 s of its smile; the jaw is the lip shape's."""
    rig = RIGS["arkit"]
    values = np.array(expression_poses(rig, count=1500, rng=np.random.default_rng(6)))
    pucker, smile = (values[:, rig.index(name)] for name in ("mouthPucker", "mouthSmileLeft"))
    assert smile[pucker > 0.8].max() < 0.75 < smile.max()


def test_two_vocabularies_on_one_rig_are_both_used() -> None:
    visemes = tuple(ControllerSpec(f"viseme_{name}", 0.0, 1.0) for name in list(VISEMES)[:15])
    rig = RigSpec("both", (*(ControllerSpec(name, 0.0, 1.0) for name in ARKIT_52), *visemes))
    values = np.array(expression_poses(rig, count=300, rng=np.random.default_rng(7)))
    by_viseme = (values[:, 52:] > 0).any(axis=1).mean()
    assert 0.3 < by_viseme < 0.6
    assert (values[:, 52:] > 0).any(axis=0).sum() == 14  # all but silence
