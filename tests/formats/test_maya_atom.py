"""`.atom` files, seen by another reader."""

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.formats.maya_atom import write_maya_atom
from tests.formats.anim_reader import read_atom
from tests.formats.random_keys import channel, random_keys, take_of

RNG = np.random.default_rng(3)
TAKE = take_of(
    channel("jaw.translateY", random_keys(RNG, 50, limits=(-1.0, 1.0)), (-1.0, 1.0), unit="linear"),
    channel("jaw.open", random_keys(RNG, 3), unit="none"),
    channel("lid.ty", None, (0.0, 1.0), 0.8, "linear"),
    channel("jaw.rx", random_keys(RNG, 20, limits=(-30.0, 30.0)), (-30.0, 30.0), unit="angle_deg"),
    channel("jaw.rz", None, (-30.0, 30.0), 5.25, "angle_deg"),
    channel("|face|brow.sy", None, (0.0, 2.0), 1.0),
)


@pytest.mark.parametrize("start", [0, 101])
def test_another_reader_sees_every_key_bit_for_bit_and_what_rests(tmp_path: Path, start: int) -> None:
    header, nodes = read_atom(write_maya_atom(tmp_path / "a.atom", TAKE, start_frame=start).read_text("utf-8"))
    assert header == {
        "atomVersion": "1.0",
        "mayaVersion": "2022",
        "mayaSceneFile": "",
        "timeUnit": "film",
        "linearUnit": "cm",
        "angularUnit": "deg",
        "startTime": str(start),
        "endTime": str(start + 199),
    }
    assert {name: list(attributes) for name, (_, _, attributes) in nodes.items()} == {
        "jaw": ["translateY", "open", "rotateX", "rotateZ"],
        "lid": ["translateY"],
        "|face|brow": ["scaleY"],
    }
    assert {name: depth for name, (depth, _, _) in nodes.items()} == {"jaw": 1, "lid": 1, "|face|brow": 2}
    assert nodes["lid"][2]["translateY"] == ("static", 0.8)
    assert nodes["jaw"][2]["rotateZ"] == ("static", 5.25)
    assert nodes["|face|brow"][2]["scaleY"] == ("static", 1.0)
    for attribute, index, output in (("translateY", 0, "linear"), ("open", 1, "unitless"), ("rotateX", 3, "angular")):
        kind, settings, found = nodes["jaw"][2][attribute]
        keys = TAKE.channels[index].keys
        assert (kind, settings["output"], settings["weighted"]) == ("anim", output, "0")
        assert [key[0] for key in found] == (keys.frames + start).tolist()
        assert [key[1] for key in found] == keys.values.tolist()
        assert [key[2:4] for key in found] == list(zip(keys.in_types, keys.out_types, strict=True))
        for key, slope_in, slope_out in zip(found, keys.in_slopes, keys.out_slopes, strict=True):
            for side, angle in key[5].items():
                slope = {"in": slope_in, "out": slope_out}[side]
                assert math.tan(math.radians(angle)) * 24 == pytest.approx(slope, rel=1e-10)


def test_namespaces_rates_and_what_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    take = replace(TAKE, fps=Fraction(72))
    path = write_maya_atom(tmp_path / "a.atom", take, namespace="shot:mery")
    header, nodes = read_atom(path.read_text("utf-8"))
    assert list(nodes) == ["shot:mery:jaw", "shot:mery:lid", "|shot:mery:face|shot:mery:brow"]
    assert header["timeUnit"] == "75fps"
    seconds = np.array([key[0] for key in nodes["shot:mery:jaw"][2]["open"][2]]) / 75
    assert seconds == pytest.approx(TAKE.channels[1].keys.frames / 72, abs=1e-12)
    assert "no time unit for 72 fps" in caplog.text and "no Maya has confirmed" in caplog.text


def test_a_name_cannot_leave_its_place(tmp_path: Path) -> None:
    keys = random_keys(RNG, 2, kinds=("auto",))
    names = ["a }\n}\ndagNode { persp.ty", "b; c.tx", "Größe.tx", "browInnerUp"]
    path = write_maya_atom(tmp_path / "a.atom", take_of(*(channel(name, keys) for name in names)))
    assert path.read_bytes().isascii()
    _, nodes = read_atom(path.read_text("ascii"))
    assert list(nodes) == ["a_____dagNode___persp", "b__c", "Gr__e", "toon_face"]


def test_a_namespace_that_is_none_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match="namespace 'a b'"):
        write_maya_atom(tmp_path / "a.atom", TAKE, namespace="a b")
    assert list(tmp_path.iterdir()) == []
