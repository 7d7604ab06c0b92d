"""What `usd` writes, by means of usd-core. Importing this module needs the extra `usd`."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from pxr import Gf, Sdf, Tf, Ts, Usd, UsdGeom, UsdMedia, UsdSkel, UsdUtils, Vt

from sfp_core.curves.knots import knots_of
from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.take import SoundReference, Take
from sfp_core.errors import SfpError
from sfp_core.files import written_whole
from sfp_core.formats.usd import Control, Shapes, identifier
from sfp_core.rig import Keys

_METERS_PER_UNIT = 0.01  # Maya's centimetre


def write_stage(
    path: Path, take: Take, controls: Sequence[Control], shapes: Shapes, *, start_frame: int, splines: bool
) -> None:
    """Write a take without layers; see `usd.write_usd`."""
    # Keeps usd-core's remarks from the terminal, such as that a spline needs a newer version of .usdc; errors raise.
    remarks = UsdUtils.CoalescingDiagnosticDelegate()
    try:
        stage = _stage(take, start_frame)
        root = _root(stage, take, shapes)
        if shapes.names:
            _animation(stage, root, shapes, start_frame)
        _controls(stage, root, take, controls, start_frame=start_frame, splines=splines)
        if take.sound is not None:
            _sound(stage, root, take.sound, take.fps, start_frame)
        with written_whole(path) as temporary:
            stage.GetRootLayer().Export(str(temporary))
    except Tf.ErrorException as error:
        raise SfpError(f"{path}: usd-core refuses to write this take ({_reason(error)})") from error
    finally:
        del remarks


def _stage(take: Take, start_frame: int) -> Any:
    stage = Usd.Stage.CreateInMemory()
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, _METERS_PER_UNIT)
    stage.SetTimeCodesPerSecond(float(take.fps))
    stage.SetFramesPerSecond(float(take.fps))
    stage.SetStartTimeCode(start_frame)
    stage.SetEndTimeCode(start_frame + take.frames - 1)
    return stage


def _root(stage: Any, take: Take, shapes: Shapes) -> Any:
    path = Sdf.Path.absoluteRootPath.AppendChild(identifier(take.rig))
    root = (UsdSkel.Root if shapes.names else UsdGeom.Xform).Define(stage, path).GetPrim()
    root.SetCustomData({"rig": take.rig, "fps": str(take.fps), "frames": take.frames})
    stage.SetDefaultPrim(root)
    return root


def _animation(stage: Any, root: Any, shapes: Shapes, start_frame: int) -> None:
    """A skeleton of one joint that never moves, since blend shapes are animated through a skeleton, and its weights."""
    animation = UsdSkel.Animation.Define(stage, root.GetPath().AppendChild("Animation"))
    animation.CreateBlendShapesAttr(Vt.TokenArray(shapes.names))
    animation.GetPrim().SetCustomDataByKey("controllers", Vt.StringArray(shapes.controllers))
    weights = animation.CreateBlendShapeWeightsAttr()
    for frame, row in enumerate(shapes.weights):
        weights.Set(Vt.FloatArray.FromNumpy(row), start_frame + frame)
    skeleton = UsdSkel.Skeleton.Define(stage, root.GetPath().AppendChild("Skeleton"))
    rest = Vt.Matrix4dArray([Gf.Matrix4d(1.0)])
    skeleton.CreateJointsAttr(Vt.TokenArray(["head"]))
    skeleton.CreateBindTransformsAttr(rest)
    skeleton.CreateRestTransformsAttr(rest)
    binding = UsdSkel.BindingAPI.Apply(skeleton.GetPrim())
    binding.CreateAnimationSourceRel().SetTargets([animation.GetPath()])


def _controls(
    stage: Any, root: Any, take: Take, controls: Sequence[Control], *, start_frame: int, splines: bool
) -> None:
    """An attribute for every controller, on a prim without type, so that none of its own can be in the way."""
    prim = stage.DefinePrim(root.GetPath().AppendChild("Controls"))
    for control in controls:
        channel = control.channel
        attribute = prim.CreateAttribute(control.name, Sdf.ValueTypeNames.Double, True)
        attribute.Set(float(channel.neutral))
        attribute.SetCustomDataByKey("controller", channel.controller)
        attribute.SetCustomDataByKey("unit", channel.unit)
        attribute.SetCustomDataByKey("limits", Gf.Vec2d(*channel.limits))
        attribute.SetCustomDataByKey("neutral", float(channel.neutral))
        if channel.keys.count == 0:
            continue
        if splines:
            attribute.SetSpline(_spline(channel.keys, take.fps, start_frame))
        else:
            frames = np.arange(take.frames if channel.keys.count > 1 else 1, dtype=np.float64)
            for frame, value in enumerate(evaluate(channel.keys, frames, take.fps).tolist()):
                attribute.Set(value, start_frame + frame)


def _spline(keys: Keys, fps: Fraction, start_frame: int) -> Any:
    """Bézier segments whose handles are a third of their length: those are Maya's curves, and time runs evenly.

    Not USD's own Hermite segments, which the first releases with splines could not evaluate.
    """
    knots = knots_of(replace(keys, frames=start_frame + keys.frames), fps)
    thirds = np.diff(knots.frames) / 3.0
    spline = Ts.Spline("double")
    for frame, value, in_slope, out_slope, held, before, after in zip(
        knots.frames.tolist(),
        knots.values.tolist(),
        knots.in_slopes.tolist(),
        knots.out_slopes.tolist(),
        knots.held.tolist(),
        [0.0, *thirds.tolist()],
        [*thirds.tolist(), 0.0],
        strict=True,
    ):
        spline.SetKnot(
            Ts.Knot(
                typeName="double",
                time=frame,
                value=value,
                nextInterp=Ts.InterpHeld if held else Ts.InterpCurve,
                preTanWidth=before,
                preTanSlope=in_slope,
                postTanWidth=after,
                postTanSlope=out_slope,
            )
        )
    return spline


def _sound(stage: Any, root: Any, sound: SoundReference, fps: Fraction, start_frame: int) -> None:
    audio = UsdMedia.SpatialAudio.Define(stage, root.GetPath().AppendChild("Sound"))
    audio.CreateFilePathAttr(Sdf.AssetPath(_anchored(sound.file)))
    audio.CreateAuralModeAttr(UsdMedia.Tokens.nonSpatial)
    audio.CreatePlaybackModeAttr(UsdMedia.Tokens.onceFromStart)
    audio.CreateStartTimeAttr(Sdf.TimeCode(start_frame + sound.offset_seconds * float(fps)))


def _anchored(file: str) -> str:
    """A path that is looked for beside the file that names it, not in places where USD looks for assets."""
    file = file.replace("\\", "/")
    return file if file.startswith((".", "/")) or ":" in file else f"./{file}"


def _reason(error: BaseException) -> str:
    """What usd-core says, without the place in its source."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return line.rpartition(" : ")[2].strip("'")[:120]
