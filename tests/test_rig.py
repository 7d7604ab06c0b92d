from fractions import Fraction

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.rig import ControllerCurves, ControllerSpec, Keys, RigSpec

RIG = RigSpec(
    "test",
    (
        ControllerSpec("lf.ty", -1, 1),
        ControllerSpec("rg.ty", -1, 1),
        ControllerSpec("lid.ty", 0.0, 5.0, 4.0, "angle_deg"),
    ),
    {"lf.ty": "rg.ty", "rg.ty": "lf.ty", "lid.ty": "lid.ty"},
)


def test_arrays_follow_the_order_of_the_controllers():
    assert RIG.names == ("lf.ty", "rg.ty", "lid.ty")
    assert (RIG.minimum.tolist(), RIG.maximum.tolist(), RIG.neutral.tolist()) == ([-1, -1, 0], [1, 1, 5], [0, 0, 4])
    assert [RIG.index(name) for name in RIG.names] == [0, 1, 2]


def test_shares_and_values_are_inverse_and_limits_are_0_and_1():
    values = np.random.default_rng(0).normal(size=(4, 7, 3))
    assert RIG.from_unit(RIG.to_unit(values)) == pytest.approx(values, abs=1e-14)
    assert RIG.to_unit(np.stack([RIG.minimum, RIG.maximum])).tolist() == [[0, 0, 0], [1, 1, 1]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", 0, 1), "the name is empty"),
        (("a.b", 1, 1), "minimum 1 must be below maximum 1"),
        (("a.b", 0, 1, 2), "neutral 2 is outside its limits 0 to 1"),
        (("a.b", 0, float("inf")), "must be finite"),
        (("a.b", float("nan"), 1), "must be finite"),
        (("a.b", 0, 1, 0, "deg"), "unit 'deg'; expected one of linear, angle_deg, none"),
    ],
)
def test_controllers_that_cannot_be_are_refused(arguments, message):
    with pytest.raises(SfpError, match=message):
        ControllerSpec(*arguments)


def test_rigs_that_cannot_be_are_refused():
    one = ControllerSpec("a.b", 0, 1)
    with pytest.raises(SfpError, match=r"named twice: a\.b"):
        RigSpec("x", (one, one))
    with pytest.raises(SfpError, match="no controllers"):
        RigSpec("x", ())
    with pytest.raises(SfpError, match="both ways"):
        RigSpec("x", (one, ControllerSpec("c.d", 0, 1)), {"a.b": "c.d"})
    with pytest.raises(SfpError, match="no controller 'z'"):
        RIG.index("z")


def test_curves_are_checked_copied_and_locked():
    values = np.tile(RIG.neutral, (5, 1))
    curves = ControllerCurves(RIG, Fraction(24), 0.0, values)
    values[0] = 99
    assert curves.values[0].tolist() == [0, 0, 4]
    assert curves.frames == 5
    with pytest.raises(ValueError, match="read-only"):
        curves.values[0] = 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((3, 1, 1.5), r"rg\.ty is 1\.5 at frame 3; expected -1 to 1"),
        ((2, 2, np.nan), r"lid\.ty is nan at frame 2"),
        ((0, 2, -1e-6), r"lid\.ty is -1e-06 at frame 0"),
    ],
)
def test_values_outside_limits_are_refused_with_their_place(change, message):
    values = np.tile(RIG.neutral, (5, 1))
    values[change[0], change[1]] = change[2]
    with pytest.raises(SfpError, match=message):
        ControllerCurves(RIG, Fraction(24), 0.0, values)


def test_rounding_outside_limits_is_forgiven():
    values = np.tile(RIG.neutral, (5, 1))
    values[0, 0] = 1 + 1e-12
    assert ControllerCurves(RIG, Fraction(24), 0.0, values).values[0, 0] == 1 + 1e-12


def test_wrong_shapes_and_rates_are_refused():
    with pytest.raises(SfpError, match=r"expected \(frames, 3\) values, got \(5, 2\)"):
        ControllerCurves(RIG, Fraction(24), 0.0, np.zeros((5, 2)))
    with pytest.raises(SfpError, match="fps must be a Fraction above 0, got 24"):
        ControllerCurves(RIG, 24, 0.0, np.tile(RIG.neutral, (5, 1)))


def test_keys_are_checked_copied_and_locked():
    frames = np.array([0.0, 2, 5])
    keys = Keys(frames, np.zeros(3), ("auto",) * 3, ("flat",) * 3, np.zeros(3), np.zeros(3))
    frames[0] = 4
    assert keys.frames.tolist() == [0, 2, 5]
    assert keys.count == 3
    with pytest.raises(ValueError, match="read-only"):
        keys.values[0] = 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frames": [0, 2, 2]}, "frames must rise"),
        ({"frames": [0, 2, np.inf]}, "frames must be 3 finite numbers"),
        ({"values": [0, 1]}, "values must be 3 finite numbers"),
        ({"in_types": ("auto", "auto")}, "in_types must be 3 of auto, linear"),
        ({"out_types": ("auto", "auto", "smooth")}, "out_types must be 3 of"),
        ({"in_slopes": [0, np.nan, 0]}, "in_slopes must be 3 finite numbers"),
    ],
)
def test_keys_that_cannot_be_are_refused(changes, message):
    good = {
        "frames": [0, 1, 2],
        "values": [0, 0, 0],
        "in_types": ("auto",) * 3,
        "out_types": ("auto",) * 3,
        "in_slopes": [0, 0, 0],
        "out_slopes": [0, 0, 0],
    }
    with pytest.raises(SfpError, match=message):
        Keys(**good | changes)
