"""The still face in the template's space: exact landmarks of the built-in heads."""

import numpy as np
import pytest

from makeittalk_bridge.template import (
    AS_SEEN,
    TemplateOptions,
    eye_opening,
    mouth_opening,
    template_of,
    with_mouth_shut,
)
from sfp_core.errors import SfpError
from sfp_core.layout import ibug68_from_wflw98
from sfp_core.rigs.procedural import ProceduralCharacter, character_names

STANDARD = np.random.default_rng(0).normal(size=(68, 3))
UNTOUCHED = TemplateOptions(thin_lips_px=0, open_eyes_px=0)


def _face(name: str = "toon", *, size: int = 256, **controllers: float) -> np.ndarray:
    """(68, 2) of a built-in head in a picture of this size, controllers as shares of the way to their lower end."""
    character = ProceduralCharacter.named(name)
    values = character.rig.neutral.astype(np.float64)
    for controller, share in controllers.items():
        index = character.rig.index(controller.replace("__", "."))
        values[index] = share * character.rig.minimum[index]
    return ibug68_from_wflw98(character.landmarks(values, size=size))


def test_jaw_ends_are_1_6_apart_about_the_origin_and_depth_is_a_tenth_of_the_standard_face() -> None:
    points = _face("bruno")
    template = template_of(points, STANDARD).points
    assert template[16, 0] - template[0, 0] == pytest.approx(1.6)
    assert np.abs(template[0, :2] + template[16, :2]).max() < 1e-12
    assert template[8, 1] > template[27, 1]  # y down: the chin under the nose
    assert np.array_equal(template[:, 2], 0.1 * STANDARD[:, 2])


def test_the_original_s_arithmetic_gives_the_same() -> None:
    points = _face("santi")
    x = points[:, 0]
    scale, shift = 1.6 / (x[0] - x[16]), -(points[0] + points[16]) / 2
    expected = -(points + shift) * scale  # as the original's norm_input_face
    assert np.abs(template_of(points, STANDARD, options=AS_SEEN).points[:, :2] - expected).max() < 1e-12


def test_on_a_picture_of_256_pixels_the_tweaks_are_the_original_s_pixels() -> None:
    points = _face()
    options = TemplateOptions(close_mouth=False, level=False, crop_per_face=256 / np.ptp(points, axis=0).max())
    tweaked = points.copy()
    tweaked[49:54, 1] += 1
    tweaked[55:60, 1] -= 1
    tweaked[[37, 38, 43, 44], 1] -= 2
    tweaked[[40, 41, 46, 47], 1] += 2
    expected = template_of(tweaked, STANDARD, options=AS_SEEN).points
    assert np.abs(template_of(points, STANDARD, options=options).points - expected).max() < 1e-12


@pytest.mark.parametrize("options", [None, AS_SEEN], ids=["default", "as seen"])
def test_size_and_place_in_the_picture_do_not_matter(options: TemplateOptions | None) -> None:
    points = _face(jaw__ty=0.5)
    truth = template_of(points, STANDARD, options=options).points
    assert np.abs(template_of(7.5 * points + (300, -40), STANDARD, options=options).points - truth).max() < 1e-12


def test_a_tilted_face_is_levelled() -> None:
    points = _face()
    turn = np.deg2rad(12)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    truth = template_of(points, STANDARD).points
    assert np.abs(template_of(points @ matrix.T, STANDARD).points - truth).max() < 1e-3  # the crop's size hangs on it


@pytest.mark.parametrize("name", character_names())
def test_an_open_mouth_is_shut_as_the_face_shuts_it(name: str) -> None:
    rest = template_of(_face(name), STANDARD, options=AS_SEEN).points
    opened = template_of(_face(name, jaw__ty=0.6), STANDARD, options=AS_SEEN).points
    shut = template_of(_face(name, jaw__ty=0.6), STANDARD, options=UNTOUCHED)
    assert mouth_opening(shut.points[:, :2]) == 0
    lips = np.r_[48:68]
    before = np.linalg.norm((opened - rest)[lips, :2], axis=1).mean()
    after = np.linalg.norm((shut.points - rest)[lips, :2], axis=1).mean()
    assert after < 0.2 * before
    apart = (
        np.linalg.norm((opened - rest)[:17, :2], axis=1).mean(),
        np.linalg.norm((shut.points - rest)[:17, :2], axis=1).mean(),
    )
    assert apart[1] < 0.5 * apart[0]  # the chin comes up, too
    assert [warning for warning in shut.warnings if "the mouth is open; it was shut" in warning]


def test_a_shut_mouth_stays_as_it_is() -> None:
    points = _face()
    assert np.abs(with_mouth_shut(points) - points).max() < 1e-9
    assert template_of(points, STANDARD).warnings == ()


def test_shut_eyes_are_named() -> None:
    points = _face(lf_up_lid__ty=1.0, rg_up_lid__ty=1.0)
    assert eye_opening(points).max() < 0.1
    (warning,) = template_of(points, STANDARD, where="a.png").warnings
    assert warning.startswith("a.png: an eye is shut")
    (wink,) = template_of(_face(lf_up_lid__ty=1.0), STANDARD).warnings
    assert "an eye is shut" in wink


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.zeros((98, 2)), r"a\.png: landmarks of shape \(98, 2\), or not finite; expected 68 points"),
        (np.full((68, 2), np.nan), "or not finite; expected 68 points"),
        (np.zeros((68, 2)), r"a\.png: the jaw's right end is not right of its left end; expected an upright face"),
    ],
    ids=["98", "nan", "one place"],
)
def test_what_is_no_face_is_refused(points: np.ndarray, message: str) -> None:
    with pytest.raises(SfpError, match=message):
        template_of(points, STANDARD, where="a.png")


def test_options_are_checked() -> None:
    with pytest.raises(SfpError, match="template: open_eyes_px is nan; expected a finite number of at least 0"):
        TemplateOptions(open_eyes_px=float("nan"))
