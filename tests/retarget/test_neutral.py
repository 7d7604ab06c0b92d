"""The face at rest, found in its own motion."""

import numpy as np
import pytest

from sfp_core.character.character import Character
from sfp_core.landmarks import LandmarkSequence
from sfp_core.retarget.neutral import neutral_of, usual_value


def test_blinks_and_speech_do_not_move_the_neutral(toon: Character) -> None:
    points = np.repeat(toon.face.neutral[None], 40, axis=0)
    points[5:30, 94, 1] += 0.2  # speaks most of the time
    points[12:17, [61, 62, 63], 1] += 0.25  # a blink
    assert np.allclose(neutral_of(points), toon.face.neutral, atol=1e-12)


def test_brows_that_are_up_for_a_third_of_the_clip_rest_where_they_are_else(toon: Character) -> None:
    rng = np.random.default_rng(1)
    points = np.repeat(toon.face.neutral[None], 90, axis=0) + rng.normal(0, 0.002, (90, 98, 2))
    points[30:65, 33:51, 1] -= np.linspace(0.02, 0.1, 35)[:, None]
    error = np.abs(neutral_of(points) - toon.face.neutral)[33:51].max()
    assert error < 0.004  # two deviations of the noise; the raise is 0.1


def test_the_neutral_of_a_clip_of_the_character_is_its_own(toon: Character, clip: LandmarkSequence) -> None:
    apart = np.linalg.norm(neutral_of(clip.points) - toon.face.neutral, axis=1)
    # Brows are left out: in this clip they are up most of the time, which is then their rest.
    assert apart[51:76].max() < 0.03  # raised brows pull the lids by 0.02; a blink is 0.2
    # Two thirds of the frames with the lips nearest together are at rest; in the others the lips purse.
    assert apart[76:96].max() < 0.06


@pytest.mark.parametrize("values", [[3.0], [1.0, 1.0, 9.0], [0.0, 5.0, 5.1, 5.2, 9.0]], ids=str)
def test_the_usual_value_lies_where_values_are_densest(values: list[float]) -> None:
    expected = {1: 3.0, 3: 1.0, 5: 5.1}[len(values)]
    assert usual_value(np.array(values)) == pytest.approx(expected, abs=0.11)
