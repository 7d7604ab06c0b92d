"""`maya.mel`: the scripts that the module evaluates: what a global variable of Maya's interface holds."""

from __future__ import annotations

import re
from typing import Any

from maya_fake.interface_commands import MAIN_WINDOW, SHELVES
from maya_fake.scene import SESSION

_GLOBALS = {"gPlayBackSlider": "timeControl1", "gShelfTopLevel": SHELVES, "gMainWindow": MAIN_WINDOW}


def eval(script: str) -> Any:
    """The names of the time slider, of the shelves and of the window; there are none in batch."""
    asked = re.match(r"\$\w+ = \$(\w+)$", script)
    if asked and asked.group(1) in _GLOBALS:
        if SESSION.batch:
            raise RuntimeError(f"${asked.group(1)} is undefined")
        return _GLOBALS[asked.group(1)]
    raise RuntimeError(f"Cannot find procedure in: {script}")
