import pytest

from sfp_core.curves.parts import held_by, part_of


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("jaw.ty", "jaw"),
        ("Mery_ac_cn_jaw_control.translateY", "jaw"),
        ("lf_up_lid.ty", "lids"),
        ("Mery_ac_lf_supfLid_move_sg.translateY", "lids"),
        ("eyeBlinkLeft", "lids"),
        ("lf_eye.tx", "gaze"),
        ("eyeLookUpLeft", "gaze"),
        ("rg_brow_in.ty", "brows"),
        ("browInnerUp", "brows"),
        ("up_lip.ty", "lips"),
        ("mouth_close.ty", "lips"),
        ("mouthPucker", "lips"),
        ("lf_corner.tx", "corners"),
        ("mouthSmileLeft", "corners"),
        ("tongue.tz", "tongue"),
        ("lf_cheek_puff.tx", "cheeks"),
        ("head.rx", "head"),
        ("wobble.amount", "other"),
    ],
)
def test_part_of_known_names(name, part):
    assert part_of(name) == part


def test_seals_hold_lips_and_jaw_but_nothing_sideways_and_blinks_hold_lids():
    names = ("jaw.ty", "jaw.tx", "up_lip.ty", "mouth.translateX", "lf_up_lid.ty", "lf_brow.ty")
    assert held_by("lip_seal", names).tolist() == [True, False, True, False, False, False]
    assert held_by("lip_tuck", names).tolist() == held_by("lip_seal", names).tolist()
    assert held_by("blink", names).tolist() == [False, False, False, False, True, False]
