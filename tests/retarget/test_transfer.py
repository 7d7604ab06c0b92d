"""Motion of one face on another: same proportions, other proportions, shut is shut, rest is rest."""

import numpy as np
import pytest

from sfp_core.character.character import Character
from sfp_core.landmarks import LandmarkSequence
from sfp_core.retarget import Strength, retargeted
from sfp_core.retarget.measures import measured, measures, places
from sfp_core.retarget.neutral import neutral_of
from sfp_core.retarget.ranges import ranges_of_character, ranges_of_clip
from sfp_core.retarget.transfer import carried, likeness, sides_alike_at_rest


def test_a_clip_of_the_character_itself_comes_back_to_its_controllers(toon: Character, clip: LandmarkSequence) -> None:
    span = toon.rig.maximum - toon.rig.minimum
    error = np.abs(toon.controllers(retargeted(clip, toon).points) - toon.controllers(clip.points)) / span
    assert error.max() < 1e-4  # the character is recognised, so nothing is lost


def test_a_strangers_clip_drives_the_same_controllers(
    toon: Character, foreign: LandmarkSequence, played: np.ndarray
) -> None:
    assert likeness(foreign.points, neutral_of(foreign.points), toon.face.neutral) == 0
    found = toon.controllers(retargeted(foreign, toon).points)
    for name, least in (("jaw.ty", 0.9), ("lf_brow_in.ty", 0.9), ("rg_up_lid.ty", 0.9)):
        k = toon.rig.index(name)
        assert np.corrcoef(found[:, k], played[:, k])[0, 1] > least, name


def test_rest_is_rest_exactly(toon: Character, foreign: LandmarkSequence) -> None:
    own, neutral = ranges_of_character(toon), neutral_of(foreign.points)
    seen = ranges_of_clip(foreign.points, neutral, own)
    assert np.array_equal(carried(neutral[None], seen, own)[0], toon.face.neutral)


@pytest.mark.parametrize("scale", [0.4, 1.0, 2.5])
def test_shut_lids_and_lips_are_shut_at_any_strength(
    toon: Character, foreign: LandmarkSequence, shut: tuple[int, int], scale: float
) -> None:
    points = foreign.points
    own, neutral = ranges_of_character(toon), neutral_of(points)
    seen = ranges_of_clip(points, neutral, own)
    together = neutral.copy()
    for upper, lower in ((89, 95), (90, 94), (91, 93)):
        together[lower, 1] = together[upper, 1]
    lids, lips = places(span="lid"), places(span="lip_gap")
    moved = carried(together[None], seen, own, strength=Strength(jaw=scale, lips=scale))
    assert np.allclose(measured(moved)[0, lips], 0.0, atol=1e-9)
    blink = measured(carried(points[shut[0] : shut[1] + 1], seen, own))[:, lids]
    assert (blink <= own.shut[lids] + 0.1 * own.at_rest[lids]).all()


def test_a_brow_that_nobody_raises_does_not_make_noise_into_acting(toon: Character, foreign: LandmarkSequence) -> None:
    own, neutral = ranges_of_character(toon), neutral_of(foreign.points)
    noise = np.random.default_rng(3).normal(0, 0.003, (200, 98, 2))
    seen = ranges_of_clip(neutral + noise, neutral, own)
    brows = places(part="brows")
    before = measured(neutral + noise)[:, brows].std(axis=0)
    after = measured(carried(neutral + noise, seen, own))[:, brows].std(axis=0)
    assert (after < 1.5 * before).all()  # its own range here is about 0.003, and the character's 0.04 to 0.09


def test_the_most_of_the_source_is_the_most_of_the_character(toon: Character, foreign: LandmarkSequence) -> None:
    own, neutral = ranges_of_character(toon), neutral_of(foreign.points)
    raised = np.repeat(neutral[None], 50, axis=0)
    raised[25:, 33:51, 1] -= 0.3  # far beyond what people do
    seen = ranges_of_clip(raised, neutral, own)
    brows = places(part="brows")
    change = measured(carried(raised, seen, own))[-1, brows] - own.at_rest[brows]
    assert np.allclose(change, own.up[brows], rtol=1e-6)


@pytest.mark.parametrize("part", ["jaw", "lips", "corners", "brows", "gaze"])
def test_a_part_without_strength_rests_and_the_others_stay(
    toon: Character, foreign: LandmarkSequence, part: str
) -> None:
    full = measured(retargeted(foreign, toon).points)
    less = measured(retargeted(foreign, toon, strength=Strength(**{part: 0.0})).points)
    rest = measured(toon.face.neutral)
    own = np.array([one.part == part for one in measures()])
    opening = np.where(own, np.maximum(less - rest, 0) if part == "jaw" else np.abs(less - rest), 0)
    assert opening.max() < 1e-9
    assert np.allclose(less[:, ~own], full[:, ~own], atol=1e-9)
    assert np.abs(full[:, own] - rest[own]).max() > 1e-3


def test_closing_lips_and_blinks_become_events(
    toon: Character, foreign: LandmarkSequence, shut: tuple[int, int], closed: tuple[int, int]
) -> None:
    events = {event.kind: event for event in retargeted(foreign, toon).events}
    assert set(events) == {"blink", "lip_seal"}
    for kind, (first, last) in (("blink", shut), ("lip_seal", closed)):
        assert events[kind].start_seconds * 24 == pytest.approx(first, abs=1)
        assert events[kind].end_seconds * 24 == pytest.approx(last, abs=1)


def test_lips_part_in_the_characters_own_way(toon: Character, foreign: LandmarkSequence) -> None:
    """A face whose lips part without a jaw: the character opens its jaw, and its lips no further than before."""
    own, neutral = ranges_of_character(toon), neutral_of(foreign.points)
    parted = np.repeat(neutral[None], 3, axis=0)
    parted[1:, [84, 85, 86, 87, 83, 93, 94, 95], 1] += np.array([[0.1], [0.2]])
    seen = ranges_of_clip(foreign.points, neutral, own)
    opening = toon.face.motion["mouth_open"]
    before, after = (measured(carried(parted, seen, own, opening=way)) for way in (None, opening))
    jaw, gap = places(span="jaw"), places(name="lip_gap_middle")
    assert np.allclose(carried(parted, seen, own, opening=opening)[0], toon.face.neutral, atol=1e-12)
    assert np.allclose(after[:, gap], before[:, gap], atol=1e-9)
    way = measured(toon.face.neutral + opening) - own.at_rest
    asked = 0.6 * (after[:, gap] - own.at_rest[gap]) * way[jaw] / np.linalg.norm(opening[94] - opening[90])
    lowered = after[:, jaw] - own.at_rest[jaw]
    assert (lowered[1:] > before[1:, jaw] - own.at_rest[jaw] + 0.01).all()
    assert np.allclose(lowered, asked, atol=0.02)  # how far the jaw of this measure goes is not quite straight


def test_a_mouth_lifted_all_along_is_even_and_a_smirk_is_kept(toon: Character, foreign: LandmarkSequence) -> None:
    own, neutral = ranges_of_character(toon), neutral_of(foreign.points)
    seen = ranges_of_clip(foreign.points, neutral, own)
    corner = places(name="corner_left")
    lifted = np.repeat(neutral[None], 9, axis=0)
    lifted[:, 76, 1] -= 0.04
    lifted[4, 76, 1] -= 0.06  # one frame's smirk
    uneven = measured(lifted) - seen.at_rest
    uneven = uneven[:, corner] - uneven[:, places(name="corner_right")]
    after = measured(sides_alike_at_rest(lifted, seen)) - seen.at_rest
    after = after[:, corner] - after[:, places(name="corner_right")]
    assert np.allclose(np.delete(after, 4), 0.0, atol=1e-9)
    assert np.allclose(after[4], uneven[4] - np.median(uneven), atol=1e-9) and abs(after[4, 0]) > 0.03
