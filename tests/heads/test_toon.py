"""The built-in character: its panel, its pictures, its exact landmarks."""

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.layout import WFLW_98
from sfp_core.rigs.panel import PANEL, actions_of
from sfp_core.rigs.procedural import ProceduralCharacter, character_names


@pytest.fixture(scope="module")
def toon() -> ProceduralCharacter:
    return ProceduralCharacter.named("toon")


def _values(toon: ProceduralCharacter, **strengths: float) -> np.ndarray:
    values = toon.rig.neutral.copy()
    for name, value in strengths.items():
        values[toon.rig.index(name.replace("__", "."))] = value
    return values


def test_toon_is_built_in_with_at_least_40_controllers(toon: ProceduralCharacter) -> None:
    assert "toon" in character_names()
    assert len(toon.rig.controllers) >= 40
    assert np.array_equal(toon.rig.neutral, np.zeros(len(PANEL)))


def test_unknown_character_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(SfpError, match=r"'mery' is not built in; expected one of .*toon"):
        ProceduralCharacter.named("mery")


def test_every_controller_moves_the_landmarks_by_half_a_pixel_or_changes_the_picture(toon: ProceduralCharacter) -> None:
    rest = toon.landmarks(toon.rig.neutral, size=256)
    for index, spec in enumerate(toon.rig.controllers):
        for limit in {spec.minimum, spec.maximum} - {0.0}:
            values = toon.rig.neutral.copy()
            values[index] = limit
            base = rest
            if spec.name in ("mouth_close.ty", "tongue.ty"):  # seen with the jaw open
                values[toon.rig.index("jaw.ty")] = -0.6
                base = toon.landmarks(_values(toon, jaw__ty=-0.6), size=256)
            moved = np.linalg.norm(toon.landmarks(values, size=256) - base, axis=1).max()
            if spec.name == "tongue.ty":
                opened = toon.picture(_values(toon, jaw__ty=-0.6), size=128, supersample=1).astype(int)
                assert np.abs(toon.picture(values, size=128, supersample=1) - opened).max() > 40
            elif spec.name == "tongue.tz":
                closed = toon.picture(toon.rig.neutral, size=128, supersample=1).astype(int)
                assert np.abs(toon.picture(values, size=128, supersample=1) - closed).max() > 40
            else:
                assert moved > 0.5, f"{spec.name} = {limit:g} moves {moved:.2f} px"


def test_mirrored_controllers_give_the_mirrored_face(toon: ProceduralCharacter) -> None:
    rng = np.random.default_rng(5)
    values = toon.rig.from_unit(rng.uniform(0, 1, len(PANEL)))
    swapped = values.copy()
    for index, name in enumerate(toon.rig.names):
        swapped[toon.rig.index(toon.rig.mirror[name])] = values[index]
    for middle in ("jaw.tx", "mouth.tx"):
        swapped[toon.rig.index(middle)] *= -1
    points = toon.landmarks(values, size=256)
    mirrored = toon.landmarks(swapped, size=256)[list(WFLW_98.mirror)]
    mirrored[:, 0] = 256 - mirrored[:, 0]
    assert np.abs(points - mirrored).max() < 0.3
    assert np.abs(points - mirrored)[60:98].max() < 1e-3  # vertices


def test_left_is_the_character_s_left(toon: ProceduralCharacter) -> None:
    rest, wink = toon.landmarks(toon.rig.neutral), toon.landmarks(_values(toon, lf_up_lid__ty=-1.0))
    assert wink[70, 1] > rest[70, 1] + 5  # WFLW's right eye, on the image's right
    assert np.abs(wink[60:68] - rest[60:68]).max() < 1e-9


def test_landmarks_lie_on_what_is_drawn(toon: ProceduralCharacter) -> None:
    values = _values(toon, jaw__ty=-0.8)
    for head_deg in ((0.0, 0.0, 0.0), (8.0, 30.0, -12.0), (-10.0, -25.0, 10.0)):
        picture = toon.picture(values, size=256, head_deg=head_deg).astype(float)
        points = toon.landmarks(values, size=256, head_deg=head_deg)
        pupil = picture[tuple(points[[96, 97]][:, ::-1].astype(int).T)]
        assert (pupil.max(axis=1) < 130).all()  # pupils are black under a highlight
        inside = points[88:96].mean(axis=0)[::-1].astype(int)
        red, green, _ = picture[tuple(inside)]
        assert red > green + 20  # tongue or the inside of the mouth, not skin-white or background
        above = points[[62, 70]] + (0, 8)
        white_or_iris = picture[tuple(above[:, ::-1].astype(int).T)]
        assert (white_or_iris[:, 0] - white_or_iris[:, 2] < 25).all()  # not skin, which is far redder than blue


def test_the_same_pose_gives_the_same_bytes(toon: ProceduralCharacter) -> None:
    values = _values(toon, jaw__ty=-0.5)
    again = ProceduralCharacter.named("toon").picture(values, size=96)
    assert toon.picture(values, size=96).tobytes() == again.tobytes()


def test_controllers_on_one_action_add_up() -> None:
    names = [controller.name for controller in PANEL]
    values = np.zeros(len(PANEL))
    values[names.index("lf_corner.ty")] = 0.5
    assert actions_of(values) == {"mouthSmileLeft": 0.5}
    values[names.index("lf_corner.ty")] = -0.25
    assert actions_of(values) == {"mouthFrownLeft": 0.25}
