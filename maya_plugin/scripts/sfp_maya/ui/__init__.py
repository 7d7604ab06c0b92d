"""The window, of plain Qt widgets: in Maya a dockable panel, outside a program of its own. Only here is Qt imported.

`host.Host` is what the window knows of where it runs; `maya_host` and `outside` are the two places.
"""

from __future__ import annotations
