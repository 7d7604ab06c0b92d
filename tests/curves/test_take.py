from fractions import Fraction

import numpy as np
import pytest

from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.take import Channel, Layer, SoundReference, Take, build_take, flattened, join_layers
from sfp_core.errors import SfpError
from sfp_core.landmarks import Event
from sfp_core.rig import ControllerCurves, ControllerSpec, Keys, RigSpec

FPS = Fraction(24)
RIG = RigSpec(
    "test",
    (
        ControllerSpec("jaw.ty", -1.0, 0.0, 0.0),
        ControllerSpec("up_lid.ty", 0.0, 1.0, 0.8),
        ControllerSpec("head.rx", -30.0, 30.0, 5.0, "angle_deg"),
    ),
)


def wave(frames=120, fps=FPS):
    time = np.arange(frames) / float(fps)
    values = np.stack([-0.5 + 0.5 * np.cos(9 * time), 0.5 + 0.4 * np.sin(5 * time), 5 + 20 * np.sin(2 * time)], axis=1)
    return ControllerCurves(RIG, fps, 0.0, values)


def keys(*pairs):
    auto = ("auto",) * len(pairs)
    zeros = np.zeros(len(pairs))
    return Keys(np.array([f for f, _ in pairs]), np.array([v for _, v in pairs]), auto, auto, zeros, zeros)


def test_built_take_plays_the_curves_within_tolerance():
    curves = wave()
    take = build_take(curves, tolerance=0.01, sound=SoundReference("a.wav"))
    back = take.curves(RIG)
    assert back.frames == curves.frames
    assert back.fps == FPS
    assert (np.abs(back.values - curves.values) <= 0.01 * (RIG.maximum - RIG.minimum) + 1e-12).all()
    assert take.worst_error <= 0.01
    assert take.key_count < 120
    assert take.moving_channels == 3
    assert take.rig_spec() == RigSpec("test", RIG.controllers)


def test_events_are_exact_in_the_take():
    curves = wave()
    take = build_take(curves, events=(Event("lip_seal", 1.0, 1.05), Event("blink", 2.0, 2.2)), tolerance=0.05)
    back = take.curves(RIG).values
    assert np.array_equal(back[[24, 25], 0], curves.values[[24, 25], 0])
    assert np.array_equal(back[[48, 52], 1], curves.values[[48, 52], 1])


def test_layers_add_up_around_neutral_and_stay_within_limits():
    lid = ("up_lid.ty", "linear", (0.0, 1.0), 0.8)

    def channel(layer, *pairs):
        name, unit, limits, neutral = lid
        return Channel(name, layer, unit, limits, neutral, keys(*pairs))

    take = Take(
        "test",
        FPS,
        11,
        None,
        (Layer("speech", 0.5), Layer("blinks", 1.0)),
        (channel("speech", (0, 0.6), (10, 1.0)), channel("blinks", (0, 0.8), (10, 0.0))),
    )
    got = take.curves(RIG).values
    frames = np.arange(11.0)
    expected = 0.8 + 0.5 * (evaluate(take.channels[0].keys, frames, FPS) - 0.8)
    expected += evaluate(take.channels[1].keys, frames, FPS) - 0.8
    assert got[:, 1] == pytest.approx(np.clip(expected, 0, 1), abs=1e-15)
    assert got[:, 0].tolist() == [0.0] * 11  # not in the take: neutral
    assert got[:, 2].tolist() == [5.0] * 11
    louder = Take("test", FPS, 11, None, (Layer("speech", 9.0), Layer("blinks")), take.channels).curves(RIG).values
    assert louder.min() >= 0.0
    assert (louder[:, 1] == np.clip(louder[:, 1], 0, 1)).all()


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001), Fraction(60), Fraction(12)])
def test_another_rate_samples_the_same_curve_at_exact_times(rate):
    take = build_take(wave(), tolerance=0.001)
    got = take.curves(RIG, fps=rate)
    last = Fraction(119) / FPS
    assert Fraction(got.frames - 1) / rate <= last < Fraction(got.frames) / rate
    for index in (0, 7, got.frames - 1):
        at = np.array([float(index / rate * FPS)])
        assert got.values[index, 0] == pytest.approx(evaluate(take.channels[0].keys, at, FPS)[0], abs=1e-12)


def test_joined_layers_play_the_sum_and_flattening_keeps_it():
    speech = build_take(wave(), layer="speech")
    still = np.tile(RIG.neutral, (120, 1))
    still[40:44, 1] = [0.4, 0.0, 0.0, 0.4]
    blinks = build_take(ControllerCurves(RIG, FPS, 0.0, still), layer="blinks", weights={"blinks": 0.5})
    both = join_layers([speech, blinks])
    assert [layer.name for layer in both.layers] == ["speech", "blinks"]
    assert [(c.controller, c.layer) for c in both.channels if c.layer == "blinks"] == [("up_lid.ty", "blinks")]
    expected = speech.curves(RIG).values + blinks.curves(RIG).values - RIG.neutral
    assert both.curves(RIG).values == pytest.approx(np.clip(expected, RIG.minimum, RIG.maximum), abs=1e-12)
    flat = flattened(both, tolerance=0.002)
    assert flat.layers == (Layer("all"),)
    assert flat.channels[0].keys is both.channels[0].keys  # alone on a layer of weight 1: untouched
    error = np.abs(flat.curves(RIG).values - both.curves(RIG).values) / (RIG.maximum - RIG.minimum)
    assert error.max() <= 0.002 + 1e-12


def test_resting_controllers_appear_once_when_joined():
    still = ControllerCurves(RIG, FPS, 0.0, np.tile(RIG.neutral, (10, 1)))
    both = join_layers([build_take(still, layer="a"), build_take(still, layer="b")])
    assert [(c.controller, c.layer) for c in both.channels] == [(name, "a") for name in RIG.names]
    assert both.key_count == 0
    assert np.array_equal(both.curves(RIG).values, still.values)


def test_faults_are_told_with_their_place():
    channel = build_take(wave()).channels[0]
    with pytest.raises(SfpError, match=r"jaw.ty on layer speech: there is no such layer; the take has other"):
        Take("test", FPS, 5, None, (Layer("other"),), (channel,))
    with pytest.raises(SfpError, match="is there twice"):
        Take("test", FPS, 5, None, (Layer("speech"),), (channel, channel))
    with pytest.raises(SfpError, match="0 frames"):
        Take("test", FPS, 0, None, (), ())
    with pytest.raises(SfpError, match="names of their own"):
        Take("test", FPS, 5, None, (Layer("a"), Layer("a")), ())
    with pytest.raises(SfpError, match="fps must be a Fraction"):
        Take("test", 24, 5, None, (), ())
    other = RigSpec("other", (ControllerSpec("x.y", 0, 1),))
    with pytest.raises(SfpError, match=r"rig other lacks 3 of its controllers \(head.rx, jaw.ty, up_lid.ty\)"):
        build_take(wave()).curves(other)
    with pytest.raises(SfpError, match="expected the same rig, rate and length"):
        join_layers([build_take(wave()), build_take(wave(60), layer="b")])
