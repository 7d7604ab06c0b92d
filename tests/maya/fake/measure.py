"""What applying a long take costs in the fake; `training.benchmarks.maya` starts it. Last line: a JSON object.

python tests/maya/fake/measure.py --attributes 100 --seconds 60
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[2] / "maya_plugin" / "scripts")]

from sfp_maya.apply import ApplyOptions, apply_take  # noqa: E402
from sfp_maya.curves import Key  # noqa: E402
from sfp_maya.take_file import Channel, Take  # noqa: E402

from maya_fake.mery import controllers, reference_mery  # noqa: E402
from maya_fake.registry import COMMANDS  # noqa: E402
from maya_fake.scene import SESSION  # noqa: E402


def long_take(attributes: int, seconds: float) -> Take:
    """Keys every 2 to 9 frames on Mery's first controllers, of the types that `sfp` writes."""
    numbers = random.Random(0)
    frames = int(seconds * 24) + 1
    channels = []
    for entry in controllers()[:attributes]:
        low, high = float(str(entry["minimum"])), float(str(entry["maximum"]))
        keys, frame = [], 0
        while frame < frames:
            kind = numbers.choice(["auto", "auto", "linear", "flat"])
            keys.append(Key(float(frame), round(numbers.uniform(low, high), 4), kind, kind))
            frame += numbers.randint(2, 9)
        name, unit = str(entry["name"]), str(entry["unit"])
        channels.append(Channel(name, "speech", unit, (low, high), float(str(entry["neutral"])), tuple(keys), 0.0, ()))
    return Take(Path("long/take.curves.json"), "mery", Fraction(24), frames, None, {"speech": 1.0}, tuple(channels))


def main() -> None:
    """Measure the default way and the one without a layer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attributes", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    take = long_take(options.attributes, options.seconds)
    found: dict[str, object] = {"fake_commands_checked": len(COMMANDS)}
    with tempfile.TemporaryDirectory() as folder:
        for mode in ("override", "direct"):
            reference_mery(Path(folder))
            SESSION.calls.clear()
            began = time.process_time()
            report = apply_take(take, namespace="mery", start_frame=1, options=ApplyOptions(mode=mode))
            found[mode] = {
                "seconds": time.process_time() - began,
                "commands": sum(SESSION.calls.values()),
                "keys": report.keys,
                "keyed": len(report.keyed),
                "undo_steps": len(SESSION.undos),
            }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
