"""USD files, looked at with usd-core: Maya's curves, the skeleton's weights, and that its validators find no fault."""

import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.take import Layer, SoundReference, Take, flattened
from sfp_core.errors import SfpError
from sfp_core.formats.usd import blend_shapes, controls, identifier, write_usd
from tests.formats.random_keys import channel, random_keys, take_of

START = 1001


@pytest.fixture(scope="module")
def pxr() -> Any:
    """usd-core, where it is there."""
    pytest.importorskip("pxr.Usd", reason='usd-core is not installed; pip install "stylized-face-point[usd]"')
    from pxr import Sdf, Tf, Usd, UsdGeom, UsdMedia, UsdSkel

    return SimpleNamespace(Sdf=Sdf, Tf=Tf, Usd=Usd, UsdGeom=UsdGeom, UsdMedia=UsdMedia, UsdSkel=UsdSkel)


def some_take(*, fps: Fraction = Fraction(24), sound: SoundReference | None = None, frames: int = 200) -> Take:
    rng = np.random.default_rng(7)
    return take_of(
        channel("jaw.ty", random_keys(rng, 50, limits=(-1.0, 1.0), first=-9), (-1.0, 1.0), 0.25, "linear"),
        channel("jaw.rx", random_keys(rng, 20, limits=(-30.0, 30.0)), (-30.0, 30.0), 5.0, "angle_deg"),
        channel("lid.translateY", random_keys(rng, 5), (0.0, 1.0), 0.8, "linear"),
        channel("Face.open", random_keys(rng, 40), neutral=0.5),
        channel("Face.still", None, neutral=0.125),
        channel("browInnerUp", random_keys(rng, 1), neutral=0),
        channel("jawLeft", random_keys(rng, 9, limits=(-0.3, 0.8)), (-0.4, 0.9)),
        fps=fps,
        sound=sound,
        frames=frames,
    )


def opened(pxr: Any, path: Path) -> Any:
    stage = pxr.Usd.Stage.Open(str(path))
    assert stage, path
    return stage


def attribute_of(stage: Any, name: str) -> Any:
    attribute = stage.GetPrimAtPath("/toon/Controls").GetAttribute(name)
    assert attribute, name
    return attribute


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(24000, 1001)], ids=["24", "23.976"])
@pytest.mark.parametrize("suffix", [".usda", ".usdc", ".usd"])
def test_every_spline_is_mayas_curve_between_frames_too(pxr: Any, tmp_path: Path, suffix: str, fps: Fraction) -> None:
    take = some_take(fps=fps)
    stage = opened(pxr, write_usd(tmp_path / f"take{suffix}", take, start_frame=START))
    rng = np.random.default_rng(0)
    for one in take.channels:
        attribute = attribute_of(stage, one.controller.replace(".", ":"))
        if one.keys.count == 0:
            assert not attribute.HasSpline() and attribute.Get(START + 3.5) == one.neutral
            continue
        assert attribute.HasSpline()
        frames = one.keys.frames
        places = np.concatenate([rng.uniform(frames[0] - 9, frames[-1] + 9, 1500), frames, np.arange(take.frames)])
        played = np.array([attribute.Get(START + place) for place in places.tolist()])
        # Adding 1001 to a place rounds it by 1e-13 frames; slopes are below 100 a frame. A jump can be mistaken by as
        # much: places are drawn, so that none lies so near to one but the keys themselves, which are exact.
        np.testing.assert_allclose(played, evaluate(one.keys, places, fps), rtol=0, atol=1e-9)


def test_weights_are_those_of_the_take_at_every_frame(pxr: Any, tmp_path: Path) -> None:
    take = some_take()
    stage = opened(pxr, write_usd(tmp_path / "take.usdc", take, start_frame=START))
    cache = pxr.UsdSkel.Cache()
    root = pxr.UsdSkel.Root(stage.GetDefaultPrim())
    assert cache.Populate(root, pxr.Usd.PrimDefaultPredicate)
    animation = cache.GetSkelQuery(pxr.UsdSkel.Skeleton.Get(stage, "/toon/Skeleton")).GetAnimQuery()
    assert list(animation.GetBlendShapeOrder()) == ["open", "still", "browInnerUp", "jawLeft"]
    controllers = ["Face.open", "Face.still", "browInnerUp", "jawLeft"]
    assert list(animation.GetPrim().GetCustomDataByKey("controllers")) == controllers
    samples = pxr.UsdSkel.Animation(animation.GetPrim()).GetBlendShapeWeightsAttr().GetTimeSamples()
    assert samples == [START + frame for frame in range(take.frames)]
    curves = take.curves(take.rig_spec())
    column = [curves.rig.index(name) for name in controllers]
    for frame in (0, 1, 77, take.frames - 1):
        weights = np.array(animation.ComputeBlendShapeWeights(START + frame))
        np.testing.assert_array_equal(weights, curves.values[frame, column].astype(np.float32))


def test_the_stage_says_when_and_how_large(pxr: Any, tmp_path: Path) -> None:
    take = some_take(fps=Fraction(30000, 1001))
    stage = opened(pxr, write_usd(tmp_path / "take.usda", take, start_frame=-5))
    assert stage.GetTimeCodesPerSecond() == stage.GetFramesPerSecond() == 30000 / 1001
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (-5, 194)
    assert stage.GetDefaultPrim().GetPath() == pxr.Sdf.Path("/toon")
    assert pxr.UsdGeom.GetStageUpAxis(stage) == "Y" and pxr.UsdGeom.GetStageMetersPerUnit(stage) == 0.01
    data = stage.GetDefaultPrim().GetCustomData()
    assert (data["rig"], data["fps"], data["frames"]) == ("toon", "30000/1001", 200)


def test_limits_neutral_and_unit_are_kept_with_every_controller(pxr: Any, tmp_path: Path) -> None:
    take = some_take()
    stage = opened(pxr, write_usd(tmp_path / "take.usdc", take))
    for one in take.channels:
        attribute = attribute_of(stage, one.controller.replace(".", ":"))
        data = attribute.GetCustomData()
        assert (data["controller"], data["unit"], data["neutral"]) == (one.controller, one.unit, one.neutral)
        assert tuple(data["limits"]) == one.limits and isinstance(data["neutral"], float)
        assert attribute.GetTypeName() == pxr.Sdf.ValueTypeNames.Double
        assert attribute.Get() == one.neutral  # what programs show that do not know splines


def test_the_sound_lies_beside_the_file_and_starts_at_its_offset(pxr: Any, tmp_path: Path) -> None:
    (tmp_path / "a line.wav").write_bytes(b"RIFF")
    take = some_take(sound=SoundReference("a line.wav", "", 0.5))
    stage = opened(pxr, write_usd(tmp_path / "take.usda", take, start_frame=START))
    sound = pxr.UsdMedia.SpatialAudio.Get(stage, "/toon/Sound")
    file = sound.GetFilePathAttr().Get()
    assert Path(file.resolvedPath) == tmp_path / "a line.wav"
    assert file.path == "./a line.wav"  # else USD looks where it keeps its assets
    assert sound.GetStartTimeAttr().Get().GetValue() == START + 12
    assert (sound.GetAuralModeAttr().Get(), sound.GetPlaybackModeAttr().Get()) == ("nonSpatial", "onceFromStart")


def faults(pxr: Any, stage: Any) -> list[str]:
    """What all of usd-core's validators find."""
    validation = pytest.importorskip("pxr.UsdValidation", reason="this usd-core has no validators")
    try:
        validators = validation.ValidationRegistry().GetOrLoadAllValidators()
    except pxr.Tf.ErrorException:
        pytest.skip("this usd-core comes without the libraries of its validators")
    assert len(validators) > 10
    return [f"{e.GetName()}: {e.GetMessage()}" for e in validation.ValidationContext(validators).Validate(stage)]


@pytest.mark.parametrize("splines", [True, False])
@pytest.mark.parametrize("suffix", [".usda", ".usdc"])
def test_validators_find_no_fault(pxr: Any, tmp_path: Path, suffix: str, splines: bool) -> None:
    (tmp_path / "line.wav").write_bytes(b"RIFF")
    take = some_take(sound=SoundReference("line.wav"))
    path = write_usd(tmp_path / f"take{suffix}", take, namespace="shot:mery", splines=splines)
    assert faults(pxr, opened(pxr, path)) == []
    plain = replace(take, channels=take.channels[:2])
    stage = opened(pxr, write_usd(tmp_path / f"plain{suffix}", plain, splines=splines))
    assert faults(pxr, stage) == []
    assert stage.GetDefaultPrim().GetTypeName() == "Xform" and not stage.GetPrimAtPath("/toon/Skeleton")


def test_validators_do_look(pxr: Any, tmp_path: Path) -> None:
    stage = opened(pxr, write_usd(tmp_path / "take.usda", some_take()))
    stage.ClearMetadata("metersPerUnit")
    stage.GetPrimAtPath("/toon/Skeleton").RemoveAPI(pxr.UsdSkel.BindingAPI)
    assert len(faults(pxr, stage)) == 2


def test_without_splines_there_is_a_sample_for_every_frame(pxr: Any, tmp_path: Path) -> None:
    take = some_take()
    path = write_usd(tmp_path / "take.usda", take, start_frame=START, splines=False)
    assert "spline" not in path.read_text(encoding="utf-8")
    stage = opened(pxr, path)
    for one in take.channels:
        attribute = attribute_of(stage, one.controller.replace(".", ":"))
        count = {0: 0, 1: 1}.get(one.keys.count, take.frames)
        assert attribute.GetNumTimeSamples() == count
        if count:
            frames = np.arange(take.frames)
            played = [attribute.Get(float(START + frame)) for frame in frames]
            assert np.array_equal(played, evaluate(one.keys, frames, take.fps))


def test_a_namespace_stands_before_the_names(pxr: Any, tmp_path: Path) -> None:
    stage = opened(pxr, write_usd(tmp_path / "take.usda", some_take(), namespace="shot:mery"))
    attribute = attribute_of(stage, "shot:mery:jaw:ty")
    assert attribute.GetCustomDataByKey("controller") == "jaw.ty"
    with pytest.raises(SfpError, match=r"namespace 'a b'; expected letters, digits and _"):
        write_usd(tmp_path / "other.usda", some_take(), namespace="a b")


def test_names_of_any_kind_become_legal_and_are_kept_beside(pxr: Any, tmp_path: Path) -> None:
    names = ("visibility", "1st|jaw.ty", "1st_jaw.ty", "笑い", "怒り", 'a"b\\.x y', "Face.eyeWide", "Teeth.eyeWide")
    keys = random_keys(np.random.default_rng(0), 4)
    take = take_of(*(channel(name, keys) for name in names), rig="7 ロボット")
    stage = opened(pxr, write_usd(tmp_path / "take.usdc", take))
    root = stage.GetDefaultPrim()
    assert root.GetName() == "______" and root.GetCustomDataByKey("rig") == "7 ロボット"
    found = stage.GetPrimAtPath(root.GetPath().AppendChild("Controls")).GetAuthoredAttributes()
    assert {one.GetCustomDataByKey("controller") for one in found} == set(names)
    assert {one.GetName() for one in found} >= {"visibility", "_st_jaw:ty", "_st_jaw:ty_2", "__", "___2"}
    shapes = pxr.UsdSkel.Animation.Get(stage, root.GetPath().AppendChild("Animation"))
    order = list(shapes.GetBlendShapesAttr().Get())
    assert order == ["visibility", "__", "___2", "x_y", "Face_eyeWide", "Teeth_eyeWide"]
    assert faults(pxr, stage) == []


def test_identifiers_are_those_that_usd_makes(pxr: Any) -> None:
    rng = np.random.default_rng(0)
    letters = list('aZ_09 .:|-é笑"\\\n')
    for _ in range(500):
        text = "".join(rng.choice(letters, rng.integers(0, 6)))
        # usd-core counts bytes where we count letters.
        assert identifier(text) == pxr.Tf.MakeValidIdentifier(text.replace("é", "-").replace("笑", "-"))


def test_layers_are_merged(pxr: Any, tmp_path: Path) -> None:
    take = some_take()
    extra = replace(channel("Face.open", random_keys(np.random.default_rng(3), 30), neutral=0.5), layer="blinks")
    take = replace(take, layers=(Layer("speech", 0.5), Layer("blinks", 0.75)), channels=(*take.channels, extra))
    stage = opened(pxr, write_usd(tmp_path / "take.usdc", take))
    attribute = attribute_of(stage, "Face:open")
    curves = take.curves(take.rig_spec())
    played = [attribute.Get(float(frame)) for frame in range(take.frames)]
    wanted = curves.values[:, curves.rig.index("Face.open")]
    np.testing.assert_allclose(played, wanted, atol=0.003)  # merged curves are keyed anew within 0.002
    np.testing.assert_array_equal(blend_shapes(flattened(take)).weights[:, 0], np.float32(played))


def test_which_controllers_are_blend_shapes_is_told_by_range_unit_and_name() -> None:
    keys = random_keys(np.random.default_rng(0), 3)
    shapes = (
        channel("Face.open", keys),
        channel("Head_jawOpen", keys, (0.0, 0.9)),
        channel("m.joy", keys, unit="linear"),
    )
    others = (
        channel("lid.ty", keys, unit="linear"),
        channel("lid.scaleX", keys),
        channel("jaw.turn", keys, unit="angle_deg"),
        channel("Face.wide", keys, (-1.0, 1.0)),
    )
    found = blend_shapes(take_of(*others, *shapes))
    assert found.controllers == ("Face.open", "Head_jawOpen", "m.joy")
    assert [one.channel.controller for one in controls(take_of(*others, *shapes))] == [
        one.controller for one in (*others, *shapes)
    ]


def test_writing_says_nothing_and_is_the_same_every_time(
    pxr: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for suffix in (".usda", ".usdc"):
        first = write_usd(tmp_path / f"first{suffix}", some_take())
        second = write_usd(tmp_path / f"second{suffix}", some_take())
        assert first.read_bytes() == second.read_bytes()
    assert capfd.readouterr() == ("", "")


def test_what_usd_cannot_hold_is_refused_and_leaves_nothing(pxr: Any, tmp_path: Path) -> None:
    take = some_take(sound=SoundReference("line\x01.wav"))
    with pytest.raises(
        SfpError, match=r"take\.usda: usd-core refuses to write this take \(.*control character"
    ) as caught:
        write_usd(tmp_path / "take.usda", take)
    assert "\n" not in str(caught.value) and not list(tmp_path.iterdir())


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match=r"take\.usdz: expected a file that ends in \.usda, \.usdc, \.usd"):
        write_usd(tmp_path / "take.usdz", some_take())


def test_without_usd_core_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sfp_core.formats.usd_stage", raising=False)
    monkeypatch.setitem(sys.modules, "pxr", None)
    with pytest.raises(SfpError) as caught:
        write_usd(tmp_path / "take.usda", some_take())
    assert str(caught.value).endswith('writing USD needs usd-core; pip install "stylized-face-point[usd]"')
