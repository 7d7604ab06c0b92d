"""StylizedFacePoint in Maya: takes of `sfp` become keys on a rig. Not yet run in Maya; see the README beside it.

Standard library, `maya` and Qt alone; Python 3.7 grammar (Maya 2022). The heavy work is done by `sfp`, a child process
in a Python environment of its own.
"""

from __future__ import annotations

__version__ = "0.1.0"
