"""Strengths as people write them."""

import pytest

from sfp_core.errors import SfpError
from sfp_core.retarget import Strength, strength_from


def test_texts_become_factors() -> None:
    assert strength_from(["jaw=1.2", "brows=0"]) == Strength(jaw=1.2, brows=0.0)
    assert strength_from(["jaw=1.2 lips=.5,lids=2"]) == Strength(jaw=1.2, lips=0.5, lids=2.0)
    assert strength_from([]) == Strength()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ears=1", "--strength ears=1: no part 'ears'; expected one of jaw, lips, corners, lids, brows, gaze, head"),
        ("jaw", "--strength jaw: expected PART=VALUE, such as jaw=1.2"),
        ("jaw=much", "--strength jaw=much: 'much' is no number; expected 0 to 3"),
        ("jaw=1,jaw=2", "--strength jaw=2: jaw is given twice; give it once"),
        ("jaw=3.5", "strength jaw is 3.5; expected 0 to 3, where 1 is as it is"),
        ("jaw=nan", "strength jaw is nan; expected 0 to 3, where 1 is as it is"),
    ],
)
def test_what_makes_no_sense_is_told(text: str, told: str) -> None:
    with pytest.raises(SfpError) as caught:
        strength_from([text])
    assert str(caught.value) == told
