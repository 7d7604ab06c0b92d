"""Counterparts by name."""

import pytest

from sfp_core.rigs.arkit import arkit_rig
from sfp_core.rigs.mirrors import mirrors
from sfp_core.rigs.panel import panel_rig


@pytest.mark.parametrize("rig", [arkit_rig("a"), panel_rig("b")], ids=["arkit", "panel"])
def test_names_alone_give_the_mirror_tables_of_our_own_rigs(rig) -> None:
    assert mirrors(rig.names) == dict(rig.mirror)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Face.eyeBlinkLeft", "Face.eyeBlinkRight"),
        ("Face.eyeBlink_L", "Face.eyeBlink_R"),
        ("Face.Fcl_EYE_Close_L", "Face.Fcl_EYE_Close_R"),
        ("Face.eyeBlinkL", "Face.eyeBlinkR"),
        ("Face.left_smile", "Face.right_smile"),
        ("Face.eyeblinkleft", "Face.eyeblinkright"),
        ("Face.ウィンク左", "Face.ウィンク右"),
        ("L_brow.ty", "R_brow.ty"),
        ("lid_l.rx", "lid_r.rx"),
        ("Face.brow.L.001", "Face.brow.R.001"),
        ("browL.liftLeft", "browR.liftRight"),
        ("vrm.blink_l", "vrm.blink_r"),
    ],
)
def test_both_sides_name_each_other(left: str, right: str) -> None:
    assert mirrors([left, "Face.jawOpen", right]) == {left: right, "Face.jawOpen": "Face.jawOpen", right: left}


def test_a_side_without_its_other_half_has_no_counterpart() -> None:
    assert mirrors(["Face.winkLeft", "Face.smile_R"]) == {}


@pytest.mark.parametrize("name", ["Face.bright", "Face.leftover", "Face.viseme_RR", "Face.SIL", "Face.Fcl_ALL_Joy"])
def test_words_that_only_look_like_sides_are_in_the_middle(name: str) -> None:
    assert mirrors([name]) == {name: name}
