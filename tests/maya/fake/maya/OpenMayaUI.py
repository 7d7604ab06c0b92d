"""`maya.OpenMayaUI`: the widget that a panel is being made in, as a pointer."""

from __future__ import annotations

from maya_fake.interface_commands import INTERFACE


class MQtUtil:
    """Qt objects of Maya's interface."""

    @staticmethod
    def getCurrentParent() -> int:
        """API: MQtUtil::getCurrentParent; a null pointer is an error in the caller."""
        try:
            from shiboken6 import getCppPointer
        except ModuleNotFoundError:
            from shiboken2 import getCppPointer
        return int(getCppPointer(INTERFACE.parent)[0])  # one for each of its two bases
