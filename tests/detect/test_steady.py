"""The filter for films: it takes the jitter and leaves blinks, closing lips, steps and gaps."""

import numpy as np
import pytest

from sfp_core.detect.steady import Steadiness, steady, without_gaps
from sfp_core.errors import SfpError
from sfp_core.layout import WFLW_98

FPS = 24
FRAMES = 96
NOISE_PX = 0.5  # the eyes are 100 px apart: 0.5 %, what a detector on noisy frames has
UPPER_LIDS, UPPER_LIP = [61, 62, 63, 69, 70, 71], [89, 90, 91]
SECONDS = np.arange(FRAMES) / FPS


def _face() -> np.ndarray:
    """(98, 2) of a still face: parts apart from each other, outer eye corners 100 px apart."""
    face = np.random.default_rng(3).uniform(40, 160, (98, 2))
    face[60], face[72] = (50, 80), (150, 80)
    return face


def _film(*, noise: float = NOISE_PX, seed: int = 1) -> np.ndarray:
    return _face() + np.random.default_rng(seed).normal(0, noise, (FRAMES, 98, 2)) if noise else _still()


def _still() -> np.ndarray:
    return np.repeat(_face()[None], FRAMES, axis=0)


def _kept(index: list[int], depth: float, shape: list[float]) -> float:
    """Share of a movement's depth that is left after filtering, without the noise of the frames around."""
    moved = _film()
    start = 40
    for frame, share in enumerate(shape):
        moved[start + frame, index, 1] += depth * share
    result = steady(moved, SECONDS)
    deepest = start + int(np.argmax(shape))
    rest = _face()[index, 1].mean()
    return float((result[deepest, index, 1].mean() - rest) / (moved[deepest, index, 1].mean() - rest))


def test_what_stands_still_stays() -> None:
    assert np.allclose(steady(_still(), SECONDS), _still(), atol=1e-9)


def test_noise_falls_to_a_quarter_and_its_flicker_to_a_fiftieth() -> None:
    """A Gaussian of 6 frames leaves (2 sqrt(pi) 6)^-1/2 = 0.22 of white noise and 0.018 of its motion."""
    noisy = _film()
    result = steady(noisy, SECONDS)
    inner = slice(18, -18)  # as far as the filter reaches; nearer to the ends it is one-sided
    assert (result - _face())[inner].std() < 0.27 * NOISE_PX
    assert np.diff(result, axis=0)[inner].std() < 0.025 * np.diff(noisy, axis=0).std()


def test_noise_that_a_whole_part_shares_falls_too() -> None:
    """Detectors move all points of an eye together; the similarity then has two degrees of freedom a frame."""
    rng = np.random.default_rng(5)
    shared = _still()
    for group in ("left_eye", "right_eye", "nose", "inner_lip", "outer_lip", "contour", "left_brow", "right_brow"):
        shared[:, WFLW_98.group(group)] += rng.normal(0, NOISE_PX, (FRAMES, 1, 2))
    result = steady(shared, SECONDS)
    eye = WFLW_98.group("left_eye")
    assert np.diff(result[:, eye], axis=0).std() < 0.12 * np.diff(shared[:, eye], axis=0).std()


@pytest.mark.parametrize("shape", [[1, 1, 1], [0.5, 1, 0.5]], ids=["shut", "passing"])
def test_a_blink_of_three_frames_keeps_its_depth(shape: list[float]) -> None:
    assert _kept(UPPER_LIDS, 9.0, shape) >= 0.95


def test_lips_closed_for_two_frames_keep_their_depth() -> None:
    assert _kept(UPPER_LIP, 6.0, [1, 1]) >= 0.95


def test_a_step_comes_at_its_frame() -> None:
    stepping = _film()
    stepping[48:, 76:96, 1] += 8.0
    result = steady(stepping, SECONDS)[:, 76:96, 1].mean(axis=1) - _face()[76:96, 1].mean()
    assert (result[:48] < 1.0).all() and (result[48:] > 7.0).all()


def test_time_has_no_direction() -> None:
    film = _film() + 3 * np.sin(SECONDS * 9)[:, None, None]
    backwards = steady(film[::-1], SECONDS)[::-1]
    assert np.allclose(steady(film, SECONDS), backwards, atol=1e-9)


def test_a_head_that_moves_fast_keeps_its_way_and_its_lids_are_still_steadied() -> None:
    way = np.stack([60 * np.sin(SECONDS * 2), 20 * np.cos(SECONDS * 3)], axis=1)[:, None]
    noisy = _film() + way
    result = steady(noisy, SECONDS)
    assert np.abs((result - way - _face()).mean(axis=1)).max() < 0.6  # px, where the head moves 5 a frame
    lids = result[:, UPPER_LIDS] - result[:, WFLW_98.group("nose")].mean(axis=1, keepdims=True)
    before = noisy[:, UPPER_LIDS] - noisy[:, WFLW_98.group("nose")].mean(axis=1, keepdims=True)
    assert np.diff(lids, axis=0).std() < 0.2 * np.diff(before, axis=0).std()


def test_frames_without_the_face_stay_empty_and_disturb_nothing() -> None:
    film = _film()
    film[30:36] = np.nan
    result = steady(film, SECONDS)
    assert np.isnan(result[30:36]).all() and np.isfinite(np.delete(result, range(30, 36), axis=0)).all()
    assert np.allclose(result[60:], steady(_film(), SECONDS)[60:], atol=0.1)  # px; the noise level is measured anew
    filled = without_gaps(result, SECONDS)
    halfway = (6 * result[29] + result[36]) / 7
    assert np.allclose(filled[30], halfway) and np.isfinite(filled).all()


@pytest.mark.parametrize(("peak_deg_s", "least"), [(10.0, 0.95), (40.0, 0.99)])
def test_a_head_that_turns_keeps_its_amplitude_and_its_speed(peak_deg_s: float, least: float) -> None:
    """A head of 90 px radius turns to and fro, 0.4 times a second; at 10 deg/s many points move less than the noise."""
    speed = 2 * np.pi * 0.4
    yaw = np.radians(peak_deg_s) / speed * np.sin(speed * SECONDS)[:, None]
    face = _face() - 100.0
    depth = np.sqrt(np.maximum(0.0, 90.0**2 - face[:, 0] ** 2))  # px; a cylinder
    turned = np.stack([face[:, 0] * np.cos(yaw) + depth * np.sin(yaw), np.repeat(face[None, :, 1], FRAMES, 0)], -1)
    result = steady(turned + np.random.default_rng(1).normal(0, NOISE_PX, turned.shape), SECONDS)
    place, truth = result.mean(axis=1)[:, 0], turned.mean(axis=1)[:, 0]  # of all points: hardly any noise
    assert _share(place, truth - truth.mean()) == pytest.approx(1.0, abs=0.01)
    assert _share(np.diff(result, axis=0), np.diff(turned, axis=0)) > least


@pytest.mark.parametrize(("depth_px", "least"), [(2.0, 0.65), (3.0, 0.93), (4.0, 0.98)])
def test_lips_that_speak_move_as_far_as_they_did(depth_px: float, least: float) -> None:
    """Up and down 2.5 times a second; a filter in one pass keeps 0.61, 0.80 and 0.88."""
    talking, rise = _film(), depth_px * np.sin(2 * np.pi * 2.5 * SECONDS)
    talking[:, UPPER_LIP, 1] += rise[:, None]
    assert _share(steady(talking, SECONDS)[:, UPPER_LIP, 1].mean(axis=1), rise) > least


def _share(found: np.ndarray, truth: np.ndarray) -> float:
    """How much of a motion is in `found`: least squares."""
    return float(((found - found.mean(axis=0)) * truth).sum() / (truth * truth).sum())


def test_an_uneven_rate_is_followed_in_seconds() -> None:
    """Every frame twice as far apart in one half: the filter reaches half as many frames there."""
    rng = np.random.default_rng(8)
    seconds = np.concatenate([np.arange(60) / 48, 60 / 48 + np.arange(36) / 12]) + rng.uniform(0, 1e-3, 96)
    result = steady(_film(), seconds) - _face()
    quick, slow = result[8:50].std(), result[66:-4].std()
    assert quick < 0.8 * slow < 0.8 * NOISE_PX


def test_a_mouth_that_never_rests_is_not_taken_for_noise() -> None:
    talking = _film()
    words = 6.0 * np.sign(np.sin(np.arange(FRAMES) * np.pi / 2 + 0.1))  # two frames open, two shut, all the time
    talking[:, UPPER_LIP, 1] += words[:, None]
    result = steady(talking, SECONDS)[:, UPPER_LIP, 1].mean(axis=1) - _face()[UPPER_LIP, 1].mean()
    assert np.mean(result * np.sign(words)) > 0.8 * 6.0


def test_few_frames_and_a_filter_switched_off_change_nothing() -> None:
    assert np.array_equal(steady(_film()[:4], SECONDS[:4]), _film()[:4])
    assert np.array_equal(steady(_film(), SECONDS, setting=Steadiness(tau_seconds=0)), _film())
    assert steady(np.empty((0, 98, 2)), np.empty(0)).shape == (0, 98, 2)


def test_bad_input_is_told_in_one_line() -> None:
    with pytest.raises(SfpError, match=r"expected points \(T, 98, 2\)"):
        steady(np.zeros((5, 68, 2)), np.arange(5))
    with pytest.raises(SfpError, match="must be finite and rise"):
        steady(_film(), np.zeros(FRAMES))
    broken = _film()
    broken[7, 3] = np.nan
    with pytest.raises(SfpError, match="frame 7 has numbers that are not finite"):
        steady(broken, SECONDS)
    with pytest.raises(SfpError, match="none of the frames"):
        without_gaps(np.full((3, 98, 2), np.nan), np.arange(3.0))
    with pytest.raises(SfpError, match="steadiness: tau_seconds"):
        Steadiness(tau_seconds=-1)
