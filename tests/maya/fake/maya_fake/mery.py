"""A rig with Mery's names in the fake: 60 controls with 100 attributes, from the profile that the project ships."""

from __future__ import annotations

import json
from pathlib import Path

from .scene import SESSION, TRANSFORM

ROOT = Path(__file__).parents[4]
PROFILE = ROOT / "sfp_core" / "data" / "profiles" / "mery.json"
GROUP = "Mery_grp_cn_facials_controls"


def controllers() -> list[dict[str, object]]:
    """The profile's controllers."""
    content = json.loads(PROFILE.read_text(encoding="utf-8"))
    return list(content["controllers"])


def make_mery(*, limits: bool = True) -> None:
    """The rig at the top of the scene, without namespace; limits of the profile on. Not through commands: no undo."""
    SESSION.make("transform", GROUP)
    for entry in controllers():
        name, _, attribute = str(entry["name"]).partition(".")
        if not SESSION.matches(name):
            node = SESSION.make("transform", name, GROUP)
            for long in TRANSFORM:
                node.attributes[long].keyable = False  # riggers hide what is not to be used
        node = SESSION.node(name)
        node.attributes[attribute].keyable = True
        unit = SESSION.internal_per_ui(node.attributes[attribute].kind)
        node.attributes[attribute].value = float(str(entry["neutral"])) * unit
        if limits:
            node.limits[attribute] = [entry["minimum"], entry["maximum"], True, True]


def reference_mery(folder: Path, namespace: str = "mery", *, locked: tuple = ()) -> None:  # type: ignore[type-arg]
    """A new scene with the rig referenced under a namespace; `locked` attributes are locked in its file."""
    SESSION.restart()
    make_mery()
    for plug in locked:
        node, long = SESSION.plug(plug)
        node.attributes[long].locked = True
    path = folder / "mery.ma"
    SESSION.save(path)
    SESSION.restart()
    from .registry import COMMANDS

    COMMANDS["file"](path.as_posix(), reference=True, namespace=namespace)
