"""Turned heads, seen from the front: exact landmarks of procedural heads."""

from fractions import Fraction

import numpy as np
import pytest

from sfp_core.geometry import normalize
from sfp_core.landmarks import LandmarkSequence
from sfp_core.layout import WFLW_98
from sfp_core.retarget import canonical, frontal
from sfp_core.retarget.measures import measured
from sfp_core.rigs.procedural import ProceduralCharacter

ANGLES = np.stack(
    [8 * np.sin(np.linspace(0, 4 * np.pi, 25)), 18 * np.sin(np.linspace(0, 2 * np.pi, 25)), np.linspace(-6, 6, 25)],
    axis=1,
)


def _turning(name: str) -> tuple[LandmarkSequence, np.ndarray]:
    """A head that turns and does nothing else, its jaw a little open, and its landmarks seen from the front."""
    character = ProceduralCharacter.named(name)
    values = character.rig.neutral.astype(np.float64)
    values[character.rig.index("jaw.ty")] = -0.4
    points = np.stack([character.landmarks(values, head_deg=tuple(angles)) for angles in ANGLES])
    return LandmarkSequence(points, Fraction(24), WFLW_98, "image"), normalize(character.landmarks(values), WFLW_98)[0]


@pytest.mark.parametrize("name", ["toon", "bruno", "santi"])
def test_a_turning_head_with_one_expression_measures_nearly_the_same(name: str) -> None:
    sequence, front = _turning(name)
    plain = np.abs(measured(canonical(sequence).points) - measured(front))
    faced = np.abs(measured(frontal(sequence).points) - measured(front))
    assert faced.mean() < 0.012  # of the eyes' distance; 0.035 and more as filmed
    assert faced.mean() < plain.mean() / 2.5
    assert faced.max() < 0.5 * plain.max()


@pytest.mark.parametrize("name", ["toon", "bruno"])
def test_the_angles_are_those_of_the_head(name: str) -> None:
    found = frontal(_turning(name)[0]).head_deg
    assert found is not None
    # Depths are those of a mean head, so sizes are off by up to a quarter; signs and times are not.
    for axis, slack in ((0, 3.5), (1, 5.0), (2, 2.0)):
        assert np.abs(found[:, axis] - ANGLES[:, axis]).max() < slack
        assert np.corrcoef(found[:, axis], ANGLES[:, axis])[0, 1] > 0.95


def test_a_head_that_looks_at_the_viewer_is_not_turned() -> None:
    character = ProceduralCharacter.named("toon")
    points = np.repeat(character.landmarks(character.rig.neutral)[None], 12, axis=0)
    still = frontal(LandmarkSequence(points, Fraction(24), WFLW_98, "image"))
    assert still.head_deg is not None
    assert np.abs(still.head_deg).max() < 0.1
    assert np.abs(still.points[0] - normalize(points[0], WFLW_98)[0]).max() < 1e-3


def test_canonical_landmarks_hold_no_turn_and_stay() -> None:
    sequence = canonical(_turning("toon")[0])
    assert frontal(sequence) is sequence
