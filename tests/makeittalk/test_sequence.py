"""A talk as landmarks in time: the head told apart, rates, events."""

from fractions import Fraction

import numpy as np
import pytest

from makeittalk_bridge.hearing import FPS
from makeittalk_bridge.predict import Talk
from makeittalk_bridge.sequence import landmarks_of
from makeittalk_bridge.template import AS_SEEN, template_of
from sfp_core.geometry import normalize
from sfp_core.layout import IBUG_68, ibug68_from_wflw98
from sfp_core.rigs.procedural import ProceduralCharacter

FRAMES = 101
SECONDS = np.arange(FRAMES) / 62.5
ANGLES = np.stack(
    [6 * np.sin(2 * np.pi * SECONDS / 1.6), 12 * np.sin(2 * np.pi * SECONDS / 0.8), 5 * np.sin(2 * np.pi * SECONDS)],
    axis=1,
)


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    """(T, 68, 2) canonical: a jaw that opens and shuts, seen from the front."""
    return np.stack([normalize(face, IBUG_68)[0] for face in _faces(turned=False)])


@pytest.fixture(scope="module")
def talk() -> Talk:
    """The same by a head that turns, in the template's space, with depth that nothing may look at."""
    faces = _faces(turned=True)
    left, right = faces[0, 0], faces[0, 16]
    flat = (faces - (left + right) / 2) * 1.6 / (right[0] - left[0])
    depth = np.random.default_rng(0).normal(size=(*flat.shape[:2], 1))
    points = np.concatenate([flat, depth], axis=2)
    assert np.allclose(points[0, :, :2], template_of(faces[0], points[0], options=AS_SEEN).points[:, :2])
    return Talk(points, points[0], (30, 80))


def _faces(*, turned: bool) -> np.ndarray:
    character = ProceduralCharacter.named("toon")
    values = character.rig.neutral.astype(np.float64)
    faces = []
    for second, angles in zip(SECONDS, ANGLES, strict=True):
        values[character.rig.index("jaw.ty")] = -0.25 + 0.25 * np.cos(2 * np.pi * second * 2)
        faces.append(character.landmarks(values, head_deg=tuple(angles) if turned else (0.0, 0.0, 0.0)))
    return ibug68_from_wflw98(np.stack(faces))


def test_the_head_is_told_apart_from_the_face(talk: Talk, truth: np.ndarray) -> None:
    sequence = landmarks_of(talk)
    assert (sequence.layout, sequence.space, sequence.fps) == (IBUG_68, "canonical", Fraction(125, 2))
    assert sequence.head_deg is not None
    for axis, slack in ((0, 3.0), (1, 4.0), (2, 2.0)):  # depths are those of a mean head
        assert np.abs(sequence.head_deg[:, axis] - ANGLES[:, axis]).max() < slack
        assert np.corrcoef(sequence.head_deg[:, axis], ANGLES[:, axis])[0, 1] > 0.97
    apart = np.linalg.norm(sequence.points - truth, axis=2)
    assert apart.mean() < 0.02  # inter-ocular distances
    opening = sequence.points[:, 66, 1] - sequence.points[:, 62, 1]
    assert np.corrcoef(opening, truth[:, 66, 1] - truth[:, 62, 1])[0, 1] > 0.99


def test_with_its_head_it_is_the_talk_without_depth(talk: Talk) -> None:
    sequence = landmarks_of(talk, head_apart=False)
    assert np.array_equal(sequence.points, talk.points[:, :, :2])
    assert (sequence.space, sequence.head_deg) == ("image", None)


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(24000, 1001), Fraction(25), Fraction(60)], ids=str)
def test_another_rate_is_reached_by_time(talk: Talk, fps: Fraction) -> None:
    sequence = landmarks_of(talk, fps=fps, head_apart=False)
    assert sequence.fps == fps
    assert sequence.frames == int(Fraction(FRAMES - 1) / FPS * fps) + 1
    times = np.arange(sequence.frames) / float(fps)
    for point in (8, 33, 62):
        expected = np.interp(times, SECONDS, talk.points[:, point, 1])
        assert np.abs(sequence.points[:, point, 1] - expected).max() < 1e-9


def test_blinks_are_events_in_seconds_at_any_rate(talk: Talk) -> None:
    for fps in (None, Fraction(24)):
        events = landmarks_of(talk, fps=fps).events
        assert [(event.kind, event.start_seconds) for event in events] == [("blink", 30 / 62.5), ("blink", 80 / 62.5)]
