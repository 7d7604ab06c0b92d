"""What the command `sfpAnimate` does, apart from being a command."""

from __future__ import annotations

import json
from pathlib import Path

from maya import cmds

from .animate import Press, animate, land, selected_nodes
from .apply import ApplyOptions
from .scene import current_frame
from .worker import Progress


def run(
    *,
    audio: str,
    character: str,
    start_frame: float | None = None,
    namespace: str | None = None,
    take: str | None = None,
    transcript: str = "",
    mode: str = "override",
    replace_all: bool = False,
    keys_only: bool = False,
) -> str:
    """Animate the selected character; returns the report as JSON. `keys_only`: the take is there, only apply it."""
    press = Press(
        Path(audio),
        character,
        int(round(current_frame() if start_frame is None else start_frame)),
        nodes=selected_nodes(),
        namespace=namespace,
        take=Path(take) if take else None,
        transcript=transcript,
        options=ApplyOptions(mode=mode, replace_all=replace_all),
    )
    report = land(press) if keys_only else animate(press, told=_tell)
    for line in report.lines():
        print(f"sfp: {line}")
    return json.dumps(report.as_json())


def _tell(event: Progress) -> None:
    if event.kind == "warning":
        cmds.warning(f"sfp: {event.message}")
