"""98 landmarks from 68: exact where the layouts meet, near the truth elsewhere."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.landmarks import LandmarkSequence
from sfp_core.layout import IBUG_68, WFLW_98, ibug68_from_wflw98
from sfp_core.retarget.whole import as_wflw98, wflw98_from_ibug68
from sfp_core.rigs.procedural import ProceduralCharacter, character_names


def test_the_68_come_back_exactly() -> None:
    points = np.random.default_rng(0).normal(size=(5, 68, 2))
    assert np.abs(ibug68_from_wflw98(wflw98_from_ibug68(points)) - points).max() < 1e-12


def test_turn_size_place_and_mirror_pass_through() -> None:
    points = np.random.default_rng(1).normal(size=(68, 2))
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    moved = wflw98_from_ibug68(3 * points @ turn.T + (5, -2))
    assert np.abs(moved - (3 * wflw98_from_ibug68(points) @ turn.T + (5, -2))).max() < 1e-12
    mirrored = wflw98_from_ibug68(points[list(IBUG_68.mirror)] * (-1, 1))
    assert np.abs(mirrored - wflw98_from_ibug68(points)[list(WFLW_98.mirror)] * (-1, 1)).max() < 1e-12


@pytest.mark.parametrize("name", character_names())
def test_a_face_is_near_its_own_98(name: str) -> None:
    character = ProceduralCharacter.named(name)
    rig = character.rig
    rng = np.random.default_rng(0)
    poses = [rig.neutral, *(rig.from_unit(rng.uniform(0.2, 0.8, len(rig.names))) for _ in range(3))]
    for number, values in enumerate(poses):
        truth = character.landmarks(values)
        apart = np.linalg.norm(wflw98_from_ibug68(ibug68_from_wflw98(truth)) - truth, axis=1)
        apart /= np.linalg.norm(truth[72] - truth[60])
        lids = np.r_[60:76]
        assert apart[:33].max() < 0.05  # between contour points 0.3 apart
        assert apart[lids].max() < 0.02
        assert apart[33:51].max() < 0.08  # thickness of a brow
        assert number > 0 or apart[96:].max() < 0.02  # looking ahead, as at rest; where it looks, 68 do not tell
        assert apart[[*range(51, 60), *range(76, 96)]].max() == pytest.approx(0, abs=1e-9)


def test_a_sequence_keeps_what_else_it_says() -> None:
    rng = np.random.default_rng(2)
    small = LandmarkSequence(
        rng.normal(size=(4, 68, 2)),
        Fraction(125, 2),
        IBUG_68,
        "image",
        confidence=np.full((4, 68), 0.5),
        head_deg=rng.normal(size=(4, 3)),
        info={"source": "test"},
    )
    whole = as_wflw98(small)
    assert whole.layout is WFLW_98
    assert np.allclose(whole.confidence, 0.5)
    kept = replace(whole, points=small.points, confidence=small.confidence, layout=IBUG_68)
    assert np.array_equal(kept.head_deg, small.head_deg)  # type: ignore[arg-type]
    assert (kept.fps, kept.space, kept.info) == (small.fps, small.space, small.info)
    assert as_wflw98(whole) is whole


def test_other_shapes_are_refused() -> None:
    with pytest.raises(SfpError, match=r"expected \(\.\.\., 68, 2\) numbers, got \(98, 2\)"):
        wflw98_from_ibug68(np.zeros((98, 2)))
