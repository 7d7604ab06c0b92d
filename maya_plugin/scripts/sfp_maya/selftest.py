"""`mayapy -m sfp_maya.selftest [-o RESULT.json]`: everything the tool does, on a scene that it builds itself.

**Not yet run in Maya.** Until somebody has, the points at risk are: whether a curve's arrays can be set outside of a
file (the last step tells; without it every key is a command), what `animLayer -layeredPlug` gives back,
whether `setKeyframe -insert` keeps a curve's shape, and that undo takes all back in one step.

The scene that is open is left for a new one: run it in batch, or save first.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import traceback
import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

from . import __version__
from .curves import Curve, Key, shifted
from .errors import SfpMayaError

_SPACE = "sfpSelftest"
_FIRST = 101
_FRAMES = 49
_CLOSE = 1e-4  # Maya keeps values as doubles, but some of its blend nodes work in single precision
_JAW = (Key(0, 0), Key(6, -0.7, "auto", "flat"), Key(9, -0.7, "flat", "auto"), Key(20, 0.2), Key(48, 0))
_TURN = (Key(0, 0), Key(12, 20, "fixed", "fixed", 15.0, 15.0), Key(48, -5, "linear", "linear"))


def main(arguments: list[str] | None = None) -> int:
    """Run all steps and write the result; returns 0 where all went well."""
    parser = argparse.ArgumentParser(prog="mayapy -m sfp_maya.selftest", description="Check the tool in this Maya.")
    parser.add_argument("-o", "--output", type=Path, default=Path("sfp_selftest.json"), help="where the result goes")
    options = parser.parse_args(arguments)
    from maya import standalone

    standalone.initialize(name="python")
    try:
        result = run()
    finally:
        standalone.uninitialize()
    options.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for step in result["steps"]:
        print(
            f"{'ok    ' if step['ok'] else 'FAILED'} {step['name']}{': ' + step['message'] if step['message'] else ''}"
        )
    print(f"Maya {result['maya']}, Python {result['python']}: {options.output}")
    return 0 if all(step["ok"] for step in result["steps"]) else 1


def run() -> dict[str, Any]:
    """All steps; a step that fails is told, and the next one begins with a new scene."""
    from maya import cmds

    cmds.undoInfo(state=True)
    steps = []
    with tempfile.TemporaryDirectory(prefix="sfp_selftest_") as name:
        for step in (_on_a_layer, _undone, _run_again, _directly, _sound, _in_bulk):
            message, ok = "", True
            try:
                _build_scene()
                message = step(_write_take(Path(name))) or ""
            except Exception as error:
                ok, message = False, f"{type(error).__name__}: {error}"
                traceback.print_exc()
            steps.append({"name": step.__name__.strip("_").replace("_", " "), "ok": ok, "message": message})
    return {
        "format": "sfp.maya_selftest",
        "version": 1,
        "tool": __version__,
        "maya": str(cmds.about(version=True)),
        "python": sys.version.split()[0],
        "platform": sys.platform,
        "steps": steps,
    }


def _build_scene() -> None:
    """Two controls in a namespace: one animated outside of the clip, one with a locked attribute."""
    from maya import cmds

    cmds.file(new=True, force=True)
    cmds.namespace(add=_SPACE)
    for name in ("jaw", "head"):
        cmds.createNode("transform", name=f"{_SPACE}:{name}")
    for frame, value in ((1, 0.5), (40, -0.25), (300, 0.75)):
        cmds.setKeyframe(f"{_SPACE}:jaw", attribute="translateY", time=frame, value=value)
    cmds.setAttr(f"{_SPACE}:head.translateX", lock=True)
    cmds.select(f"{_SPACE}:head", replace=True)


def _write_take(folder: Path) -> Path:
    """A take of 49 frames at 24 fps, with 2 s of silence."""
    sound = folder / "line.wav"
    with wave.open(str(sound), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(16000)
        stream.writeframes(bytes(2 * 2 * 16000))
    content = {
        "format": "sfp.curves",
        "version": 1,
        "rig": "selftest",
        "fps": "24",
        "frames": _FRAMES,
        "sound": {"file": "line.wav", "sha256": "", "offset_seconds": 0},
        "layers": [{"name": "speech", "weight": 1}],
        "channels": [
            _channel("jaw.translateY", "linear", 1.0, _JAW),
            _channel("head.rotateZ", "angle_deg", 30.0, _TURN),
            _channel("head.translateX", "linear", 1.0, _JAW),
        ],
    }
    path = folder / "take.curves.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _channel(controller: str, unit: str, limit: float, keys: tuple[Key, ...]) -> dict[str, Any]:
    entries = [
        [key.frame, key.value, key.in_type, key.out_type, *([key.in_slope, key.out_slope] if key.fixed else [])]
        for key in keys
    ]
    return {
        "controller": controller,
        "layer": "speech",
        "unit": unit,
        "limits": [-limit, limit],
        "neutral": 0,
        "keys": entries,
        "worst_error": 0,
    }


def _apply(path: Path, **options: Any) -> Any:
    from .apply import ApplyOptions, apply_take
    from .rig import find_namespace
    from .take_file import motions, read_take

    take = read_take(path)
    namespace = find_namespace(motions(take), _selection())
    return apply_take(take, namespace=namespace, start_frame=_FIRST, options=ApplyOptions(**options))


def _selection() -> list[str]:
    from maya import cmds

    return list(cmds.ls(selection=True, long=True) or [])


def _value(attribute: str, frame: float) -> float:
    from maya import cmds

    return float(cmds.getAttr(f"{_SPACE}:{attribute}", time=frame))


def _outside() -> list[float]:
    """What the controls do before and after the clip and its hand-over frames."""
    frames = [*range(1, _FIRST - 3, 7), _FIRST - 4, _FIRST + _FRAMES + 3, *range(_FIRST + _FRAMES + 4, 320, 9)]
    return [_value(name, frame) for name in ("jaw.translateY", "head.rotateZ") for frame in frames]


def _expect(found: float, wanted: float, what: str) -> None:
    if abs(found - wanted) > _CLOSE * max(1.0, abs(wanted)):
        raise SfpMayaError(f"{what}: {found:.9g}; expected {wanted:.9g}")


def _as_the_take() -> None:
    """Every frame of the clip, and between frames."""
    for name, keys in (("jaw.translateY", _JAW), ("head.rotateZ", _TURN)):
        curve = Curve(shifted(keys, _FIRST), Fraction(24))
        for half in range(2 * _FRAMES - 1):
            frame = _FIRST + half / 2.0
            _expect(_value(name, frame), curve.value(frame), f"{name} at frame {frame}")


def _unchanged(before: list[float]) -> None:
    for found, wanted in zip(_outside(), before):
        _expect(found, wanted, "outside of the clip")


def _on_a_layer(path: Path) -> str:
    """Keys on a layer of their own: inside as the take says, outside as before; the locked attribute is told."""
    before, selected = _outside(), _selection()
    report = _apply(path)
    _as_the_take()
    _unchanged(before)
    if [one.controller for one in report.skipped] != ["head.translateX"] or _selection() != selected:
        raise SfpMayaError(f"skipped {report.skipped}, selection {_selection()}")
    return f"layer {report.layer}, {report.keys} keys"


def _undone(path: Path) -> None:
    """One undo takes everything back."""
    from maya import cmds

    before = _outside(), sorted(cmds.ls(type="animCurve") or []), sorted(cmds.ls(type="animLayer") or [])
    _apply(path)
    cmds.undo()
    after = _outside(), sorted(cmds.ls(type="animCurve") or []), sorted(cmds.ls(type="animLayer") or [])
    if after != before:
        raise SfpMayaError(f"after undo: {after}; expected {before}")


def _run_again(path: Path) -> str:
    """A curve that was changed by hand is kept, told, and handed back to the take."""
    from maya import cmds

    from .layers import curve_into, layered_plug
    from .rerun import hand_back
    from .take_file import read_take

    layer = _apply(path).layer
    curve = curve_into(layered_plug(layer, f"{_SPACE}:jaw.translateY"))
    cmds.setKeyframe(curve, time=_FIRST + 15, value=-0.4)
    if hand_back(layer) != ("jaw.translateY",):
        raise SfpMayaError("the changed curve was not handed back")
    report = _apply(path)
    _expect(_value("jaw.translateY", _FIRST + 15), -0.4, "the changed key")
    if report.kept != ("jaw.translateY",) or report.layer != layer:
        raise SfpMayaError(f"kept {report.kept} on {report.layer}; expected jaw.translateY on {layer}")
    if _apply(path, replace_all=True).kept:
        raise SfpMayaError("a changed curve was kept in spite of `replace all`")
    return f"edited spans {read_take(path).channels[0].edited}"


def _directly(path: Path) -> None:
    """Without a layer: the same inside and outside."""
    before = _outside()
    _apply(path, mode="direct")
    _as_the_take()
    _unchanged(before)


def _sound(path: Path) -> str:
    """The sound begins at the clip's first frame."""
    from maya import cmds

    node = _apply(path).sound_node
    _expect(float(cmds.getAttr(f"{node}.offset")), _FIRST, "the sound's frame")
    return str(node)


def _in_bulk(path: Path) -> str:
    """How this Maya takes curves; either is right, one is fast."""
    from .scene_curves import curve_writer

    return "curves in bulk" if curve_writer(Fraction(24)).in_bulk else "one command a key"


if __name__ == "__main__":
    sys.exit(main())
