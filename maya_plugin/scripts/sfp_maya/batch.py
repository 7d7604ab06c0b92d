"""Without a window: `mayapy -m sfp_maya.batch --scene in.ma --audio x.wav --character c --out out.ma`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from .errors import SfpMayaError


def main(arguments: list[str] | None = None) -> int:
    """Open, animate, save; returns the exit code. The scene that was opened is never written over unless asked for."""
    options = _parser().parse_args(arguments)
    from maya import standalone

    standalone.initialize(name="python")
    try:
        report = _animated(options)
    except SfpMayaError as error:
        print(f"sfp_maya: error: {error}", file=sys.stderr)
        if error.details:
            print(error.details, file=sys.stderr)
        return 1
    finally:
        standalone.uninitialize()
    print(report)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mayapy -m sfp_maya.batch", description=__doc__)
    parser.add_argument("--scene", type=Path, required=True, help="the scene with the character")
    parser.add_argument("--audio", type=Path, required=True, help="the recording")
    parser.add_argument("--character", required=True, help="a .character file, or the name of a built-in one")
    parser.add_argument("--out", type=Path, required=True, help="the scene to write, .ma or .mb")
    parser.add_argument("--namespace", help="of the character, where more than one fits")
    parser.add_argument("--start", type=int, default=1, help="frame that the sound starts at (1)")
    parser.add_argument("--take", type=Path, help="folder of the take (beside the recording)")
    parser.add_argument("--transcript", default="", help="what is said, as text or a text file")
    parser.add_argument("--mode", default="override", choices=("override", "additive", "direct"))
    parser.add_argument("--replace-all", action="store_true", help="replace what an animator has changed, too")
    parser.add_argument("--environment", default="", help="the Python environment of sfp")
    return parser


def _animated(options: argparse.Namespace) -> str:
    from maya import cmds

    from .animate import Press, animate
    from .apply import ApplyOptions
    from .settings import choose_environment

    types = {".ma": "mayaAscii", ".mb": "mayaBinary"}
    if options.out.suffix.lower() not in types:
        raise SfpMayaError(f"--out {options.out}: expected a name that ends in .ma or .mb")
    if not options.scene.is_file():
        raise SfpMayaError(f"{options.scene}: no such scene")
    if options.environment:
        choose_environment(options.environment)
    cmds.file(options.scene.resolve().as_posix(), open=True, force=True)
    press = Press(
        options.audio,
        options.character,
        options.start,
        namespace=options.namespace,
        take=options.take,
        transcript=options.transcript,
        options=ApplyOptions(mode=options.mode, replace_all=options.replace_all),
    )
    report = animate(press, told=lambda event: print(f"{event.kind} {event.stage} {event.message}", file=sys.stderr))
    try:
        cmds.file(rename=options.out.resolve().as_posix())
        cmds.file(save=True, force=True, type=types[options.out.suffix.lower()])
    except RuntimeError as error:
        raise SfpMayaError(f"{options.out}: cannot be saved ({' '.join(str(error).split())})") from error
    return json.dumps(report.as_json())


if __name__ == "__main__":
    sys.exit(main())
