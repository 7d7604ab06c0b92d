"""A character that is trained from a capture gets the table of what speech drives past the landmarks."""

from pathlib import Path
from typing import Any

import pytest

from sfp_core.character.capture import capture_character
from sfp_core.character.character import Character
from sfp_core.character.create import train_from_capture
from sfp_core.character.fit import FitConfig
from sfp_core.character.fit_forward import ForwardConfig
from sfp_core.character.fit_mapper import MapperConfig
from sfp_core.character.poses import pose_set
from sfp_core.rig import ControllerSpec, RigSpec

QUICK = FitConfig(forward=ForwardConfig(steps=10, hidden=16), mapper=MapperConfig(hidden=16, steps=10, made=500))
# The stand-in rig's controllers under ARKit's names, in its own order; what they move does not matter here.
ARKIT_NAMES = (
    *("jawOpen", "jawLeft", "mouthStretchLeft", "mouthStretchRight", "mouthSmileLeft", "mouthSmileRight"),
    *("eyeWideLeft", "eyeWideRight", "browOuterUpLeft", "browOuterUpRight", "mouthPucker", "tongueOut"),
)


@pytest.mark.parametrize("given", [None, {}, {"protrude": {"mouthPucker": 1.0}}], ids=["by name", "none", "own"])
def test_the_table_is_told_by_names_unless_it_is_given(
    dots: Any, detector_of: Any, tmp_path: Path, given: dict[str, dict[str, float]] | None
) -> None:
    specs = [
        ControllerSpec(name, spec.minimum, spec.maximum, spec.neutral, spec.unit)
        for name, spec in zip(ARKIT_NAMES, dots.rig.controllers, strict=True)
    ]
    named = type(dots)(rig=RigSpec("named", tuple(specs)))
    capture_character(named, pose_set(named.rig, count=150, seed=0), tmp_path, size=64)
    target = tmp_path / "named.character"
    train_from_capture(tmp_path, target, detector=detector_of(named), direct=given, config=QUICK)
    expected = {"tongue_out": {"tongueOut": 0.45}} if given is None else given
    assert Character.load(target).direct == expected
