"""The two layers of controllers, panel and ARKit: names, order, what each one moves, mirroring."""

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.heads.actions import ARKIT_52
from sfp_core.layout import WFLW_98
from sfp_core.rigs.arkit import actions_of, arkit_rig
from sfp_core.rigs.procedural import LAYERS, Controls, ProceduralCharacter, controller_names

# A shipped mapper was fitted to these, in this order: they stay.
# fmt: off
PANEL_NAMES = [
    "jaw.tx", "jaw.ty", "jaw.tz", "mouth.tx", "mouth.ty", "mouth_pucker.ty", "mouth_funnel.ty", "mouth_close.ty",
    "lf_corner.tx", "rg_corner.tx", "lf_corner.ty", "rg_corner.ty", "lf_lip_press.ty", "rg_lip_press.ty",
    "lf_up_lip.ty", "rg_up_lip.ty", "up_lip.ty", "up_lip_inout.ty", "lf_lo_lip.ty", "rg_lo_lip.ty", "lo_lip.ty",
    "lo_lip_inout.ty", "chin.ty", "lf_cheek.ty", "rg_cheek.ty", "lf_cheek_puff.tx", "rg_cheek_puff.tx", "lf_nose.ty",
    "rg_nose.ty", "lf_up_lid.ty", "rg_up_lid.ty", "lf_lo_lid.ty", "rg_lo_lid.ty", "lf_eye.tx", "rg_eye.tx",
    "lf_eye.ty", "rg_eye.ty", "lf_brow_in.ty", "rg_brow_in.ty", "lf_brow_in.tx", "rg_brow_in.tx", "lf_brow_mid.ty",
    "rg_brow_mid.ty", "lf_brow_out.ty", "rg_brow_out.ty", "tongue.ty", "tongue.tz",
]
# fmt: on
# Seen only over an open jaw: what opens it, by layer.
NEEDS_JAW = {"mouth_close.ty": ("jaw.ty", -0.6), "mouthClose": ("jawOpen", 0.6)}
ONE_WAY = {"panel": ("jaw.tx", "mouth.tx"), "arkit": ()}  # in the middle, but with a side: mirroring turns the sign


@pytest.fixture(scope="module", params=list(LAYERS))
def character(request: pytest.FixtureRequest) -> ProceduralCharacter:
    return ProceduralCharacter.named("toon", controls=request.param)


def test_the_panel_keeps_names_and_order() -> None:
    assert list(ProceduralCharacter.named("toon").rig.names) == PANEL_NAMES


def test_arkit_controllers_are_the_52_names_from_0_to_1() -> None:
    rig = arkit_rig("toon")
    assert rig.names == ARKIT_52
    assert (rig.minimum == 0).all() and (rig.maximum == 1).all() and (rig.neutral == 0).all()
    assert actions_of(np.linspace(0, 1, 52)) == dict(zip(ARKIT_52[1:], np.linspace(0, 1, 52)[1:].tolist(), strict=True))


def test_both_layers_together_have_99_controllers() -> None:
    names = controller_names()
    assert len(names) == len(set(names)) == 99


def test_layers_agree_where_they_mean_the_same() -> None:
    by_panel, by_arkit = (ProceduralCharacter.named("toon", controls=layer) for layer in LAYERS)
    first, second = by_panel.rig.neutral.copy(), by_arkit.rig.neutral.copy()
    for panel_name, arkit_name, value in (("jaw.ty", "jawOpen", -0.7), ("lf_corner.ty", "mouthSmileLeft", 0.8)):
        first[by_panel.rig.index(panel_name)] = value
        second[by_arkit.rig.index(arkit_name)] = abs(value)
    assert np.array_equal(by_panel.landmarks(first), by_arkit.landmarks(second))


def test_every_controller_moves_a_landmark_by_half_a_pixel_but_the_hidden_ones(character: ProceduralCharacter) -> None:
    rig = character.rig
    still = set()
    for index, spec in enumerate(rig.controllers):
        base = rig.neutral.copy()
        if spec.name in NEEDS_JAW:
            opener, value = NEEDS_JAW[spec.name]
            base[rig.index(opener)] = value
        before = character.landmarks(base, size=256)
        for limit in {spec.minimum, spec.maximum} - {spec.neutral}:
            values = base.copy()
            values[index] = limit
            if np.linalg.norm(character.landmarks(values, size=256) - before, axis=1).max() <= 0.5:
                still.add(spec.name)
    assert still == set(character.hidden)


def test_mirrored_controllers_give_the_mirrored_face(character: ProceduralCharacter) -> None:
    rig, rng = character.rig, np.random.default_rng(5)
    values = rig.from_unit(rng.uniform(0, 1, len(rig.names)))
    swapped = values[[rig.index(rig.mirror[name]) for name in rig.names]]
    for middle in ONE_WAY[character.controls]:
        swapped[rig.index(middle)] *= -1
    points = character.landmarks(values, size=256)
    mirrored = character.landmarks(swapped, size=256)[list(WFLW_98.mirror)]
    mirrored[:, 0] = 256 - mirrored[:, 0]
    assert np.abs(points - mirrored)[33:].max() < 0.3
    assert np.abs(points - mirrored)[60:98].max() < 1e-3  # vertices


@pytest.mark.parametrize("controls", ["maya", ""])
def test_unknown_controls_are_refused(controls: Controls) -> None:
    with pytest.raises(SfpError, match="are unknown; expected one of panel, arkit"):
        ProceduralCharacter.named("toon", controls=controls)
