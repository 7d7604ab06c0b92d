"""Animation is opened by what it is, and fitted to a rig's own names and limits."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.take import Take, build_take
from sfp_core.errors import SfpError
from sfp_core.formats.curves_csv import write_curves_csv
from sfp_core.formats.curves_json import write_curves_json
from sfp_core.formats.maya_anim import write_maya_anim
from sfp_core.formats.maya_ascii import write_maya_ascii
from sfp_core.formats.opening import open_take
from sfp_core.formats.studio_library import write_studio_library
from sfp_core.rig import ControllerCurves, ControllerSpec, RigSpec

RIG = RigSpec(
    "mery",
    (
        ControllerSpec("jaw_ctl.translateY", -1.0, 1.0, 0.0, "linear"),
        ControllerSpec("lid_ctl.translateY", 0.0, 1.0, 0.8, "linear"),
    ),
)
FPS = Fraction(24)


@pytest.fixture
def take() -> Take:
    times = np.arange(48) / 24
    values = np.stack([0.8 * np.sin(7 * times), np.clip(0.8 - times, 0, 1)], axis=1)
    return build_take(ControllerCurves(RIG, FPS, 0.0, values))


WRITERS = {
    "take.curves.json": write_curves_json,
    "a.anim": write_maya_anim,
    "a.ma": lambda path, take: write_maya_ascii(path, take, group=False),
    "a.csv": write_curves_csv,
    "clip.anim": write_studio_library,
}


@pytest.mark.parametrize("name", WRITERS)
def test_whatever_the_file_the_rig_moves_the_same(take: Take, tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name, take)
    opened = open_take(tmp_path / name, rig=RIG).take
    assert opened.fps == FPS
    assert np.abs(opened.curves(RIG).values - take.curves(RIG).values).max() < 1e-9
    assert [channel.limits for channel in opened.channels] == [(-1.0, 1.0), (0.0, 1.0)]


def test_a_folder_of_a_take_is_opened(take: Take, tmp_path: Path) -> None:
    write_curves_json(tmp_path / "take.curves.json", take)
    assert open_take(tmp_path).path == tmp_path / "take.curves.json"


def test_without_a_rig_limits_hold_the_curve_between_keys_too(take: Take, tmp_path: Path) -> None:
    write_maya_anim(tmp_path / "a.anim", take)
    for channel in open_take(tmp_path / "a.anim").take.channels:
        played = evaluate(channel.keys, np.linspace(0, 47, 2000), FPS)
        assert channel.limits[0] < played.min() <= played.max() < channel.limits[1]
        assert channel.limits[0] <= channel.neutral <= channel.limits[1]


def test_curves_of_no_controller_of_the_rig(take: Take, tmp_path: Path) -> None:
    write_curves_csv(tmp_path / "a.csv", take)
    other = RigSpec("other", (ControllerSpec("nose.ty", -1.0, 1.0, 0.0, "linear"),))
    with pytest.raises(SfpError, match=r"a\.csv: none of its 2 curves .* is a controller of other"):
        open_take(tmp_path / "a.csv", rig=other)


def test_a_key_beyond_any_clip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("frame,seconds,jaw.ty\n0,0,0\n48000000,2000000,1\n", encoding="utf-8")
    with pytest.raises(SfpError, match=r"a\.csv: .*frame"):
        open_take(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("name", "message"),
    [("gone.ma", "no such file"), ("a.fbx", r"\.fbx; expected"), ("empty", "a folder without take.curves.json")],
)
def test_what_is_no_animation(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "a.fbx").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SfpError, match=message):
        open_take(tmp_path / name)
