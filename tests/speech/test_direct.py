"""Controllers that speech drives past the landmarks."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.rig import ControllerSpec, RigSpec
from sfp_core.rigs.panel import DIRECT, panel_rig
from sfp_core.speech.articulators import Style
from sfp_core.speech.cascade import Heard
from sfp_core.speech.direct import DIRECT_ARTICULATORS, articulate_direct, driven

FPS = Fraction(24)
RIG = RigSpec("x", (ControllerSpec("tongue.ty", -1, 1, 0.5), ControllerSpec("tongue.rz", 0, 40, 0, "angle_deg")))


Say = Callable[[str], Heard]


def _at(heard: Heard, *seconds: float) -> dict[str, np.ndarray]:
    return articulate_direct(heard, fps=FPS).at(np.array(seconds))


@pytest.mark.parametrize(
    ("symbol", "articulator"),
    [
        *[(symbol, "tongue_tip") for symbol in ("T", "D", "N", "L")],
        *[(symbol, "tongue_back") for symbol in ("K", "G", "NG")],
        *[(symbol, "tongue_out") for symbol in ("TH", "DH")],
        *[(symbol, "protrude") for symbol in ("UW", "W", "SH")],
        *[(symbol, "lip_in") for symbol in ("F", "V")],
        *[(symbol, "lip_out") for symbol in ("SH", "CH", "OW", "ER", "R")],
        *[(symbol, "seal") for symbol in ("P", "B", "M")],
        *[(symbol, "teeth") for symbol in ("S", "Z", "SH", "CH")],
    ],
)
def test_each_sound_moves_its_articulator_and_silence_none(said: Say, symbol: str, articulator: str) -> None:
    found = _at(said(f"_:0.2 AA:0.2 {symbol}:0.2 AA:0.2 _:0.2"), 0.05, 0.22, 0.5, 0.95)  # lips round 0.1 s ahead
    assert tuple(found) == DIRECT_ARTICULATORS
    silent, open_vowel, spoken, after = found[articulator]
    assert spoken > 0.6
    assert open_vowel < 0.25
    assert silent < 0.02 and after < 0.02


def test_blocks_make_no_difference_and_all_is_within_0_and_1(said: Say) -> None:
    heard = said("_ TH IH S IH Z AH K UW L F IH SH M AE P _")
    articulation, times = articulate_direct(heard, fps=FPS), np.arange(38) / 24
    whole = articulation.at(times)
    for name, values in whole.items():
        parts = np.concatenate([articulation.at(block)[name] for block in (times[:5], times[5:19], times[19:])])
        assert np.allclose(values, parts, atol=1e-12)
        assert values.min() >= 0 and values.max() <= 1
    assert articulation.at(np.zeros(0))["seal"].shape == (0,)


def test_a_short_closure_is_whole_on_one_frame(said: Say) -> None:
    heard = said("_:0.05 AA:0.05 B:0.03 AA:0.05 _:0.07")
    seal = articulate_direct(heard, fps=FPS).at(np.arange(7) / 24)["seal"]
    assert seal.max() == 1.0


def test_a_tongue_between_the_teeth_is_not_behind_them(said: Say) -> None:
    found = _at(said("_:0.2 AA:0.2 TH:0.2 AA:0.2 _:0.2"), 0.5)
    assert found["tongue_out"][0] == 1.0 and found["tongue_tip"][0] == 0.0


def test_lips_of_a_style_protrude_less_but_the_tongue_goes_on(said: Say) -> None:
    heard = said("_:0.2 N:0.2 UW:0.2 N:0.2 _:0.2")
    usual, still = (articulate_direct(heard, fps=FPS, style=style) for style in (Style(), Style(lips=0.0)))
    times = np.array([0.3, 0.5])
    assert usual.at(times)["protrude"][1] > 0.5 and (still.at(times)["protrude"] == 0).all()
    assert np.array_equal(usual.at(times)["tongue_tip"], still.at(times)["tongue_tip"])


def test_changes_add_up_in_units_of_the_controller_and_stay_within_limits() -> None:
    direct = {
        "tongue_tip": {"tongue.ty": 0.4, "tongue.rz": 25.0},
        "tongue_back": {"tongue.ty": -1.0, "tongue.rz": 25.0},
    }
    moved = {"tongue_tip": np.array([0.0, 0.5, 1.0, 1.0]), "tongue_back": np.array([0.0, 0.0, 0.0, 1.0])}
    changes = driven(direct, moved, RIG)
    assert changes == pytest.approx(np.array([[0, 0], [0.2, 12.5], [0.4, 25], [-0.6, 40]]))
    assert driven({"tongue_tip": {"tongue.ty": 9.0}}, moved, RIG)[2].tolist() == [0.5, 0.0]  # 0.5 + 0.5 is the limit
    assert driven({}, moved, RIG).tolist() == [[0, 0]] * 4


def test_only_what_no_landmark_shows_is_driven() -> None:
    direct = {"tongue_tip": {"tongue.ty": 0.4, "tongue.rz": 25.0}}
    changes = driven(direct, {"tongue_tip": np.ones(2)}, RIG, only=("tongue.rz",))
    assert changes.tolist() == [[0.0, 25.0]] * 2


def test_tables_that_name_what_there_is_not_are_refused() -> None:
    with pytest.raises(SfpError, match="direct table of x: no articulator 'nose'; expected tongue_tip"):
        driven({"nose": {"tongue.ty": 1.0}}, {"tongue_tip": np.ones(2)}, RIG)
    with pytest.raises(SfpError, match=r"rig x: no controller 'ear\.tx'"):
        driven({"tongue_tip": {"ear.tx": 1.0}}, {"tongue_tip": np.ones(2)}, RIG)


def test_the_panel_says_l_with_its_tongue_up_and_th_with_its_tongue_out(said: Say) -> None:
    rig = panel_rig("toon")
    found = _at(said("_:0.2 AA:0.2 L:0.2 AA:0.2 TH:0.2 AA:0.2 _:0.2"), 0.05, 0.5, 0.9)
    changes = driven(DIRECT, found, rig)
    assert changes[:, rig.index("tongue.ty")] == pytest.approx([0.0, 0.9, 0.0], abs=0.15)
    assert changes[:, rig.index("tongue.tz")] == pytest.approx([0.0, 0.0, 0.22], abs=0.01)
    assert (np.delete(changes, [rig.index("tongue.ty"), rig.index("tongue.tz")], axis=1) == 0).all()
