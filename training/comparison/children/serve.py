"""Answers for a detector off the shelf, as a child process in an environment where that detector is installed.

`PYTHON -I serve.py BACKEND.py [MODEL]`; BACKEND.py is a file beside this one. Nothing of ours is imported, and of
theirs only NumPy and what the backend names. The grammar is Python 3.8's. One JSON object a line:

* first, on stdout: `{"ready": "mediapipe 0.10.14"}`, or `{"missing": "mediapipe", "reason": "..."}`, or
  `{"failed": "..."}`, and the program ends;
* on stdin: `{"picture": "FILE.npy", "box": [x0, y0, x1, y1]}`; (H, W, 3) uint8 RGB, pixel 0 covers [0, 1);
* on stdout: `{"points": [[x, y], ...] or null, "tries": 2, "ms": 12.3}`, in the picture's pixels; null means that no
  face was found in any crop. The milliseconds are of cutting and finding, not of reading the file.

A backend has `NAME`, `PACKAGE` (to import), `MARGINS`, and `load(model)`, which gives a function of a crop and the box
in it that finds (68, 2) points or None. Crops are squares around the box's centre, the longer side times each of
`MARGINS` in turn until a face is found; they are not resized, and beyond the picture its border is repeated.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def cut(picture: Any, box: list[float], margin: float) -> tuple[Any, tuple[int, int]]:
    """The square crop (S, S, 3) around a box, and where its corner (x, y) lies in the picture."""
    import numpy as np

    height, width = picture.shape[:2]
    x0, y0, x1, y1 = box
    side = max(16, round(max(x1 - x0, y1 - y0) * margin))
    left, top = (round((low + high) / 2 - side / 2) for low, high in ((x0, x1), (y0, y1)))
    columns = np.clip(np.arange(left, left + side), 0, width - 1)
    rows = np.clip(np.arange(top, top + side), 0, height - 1)
    return np.ascontiguousarray(picture[rows[:, None], columns]), (left, top)


def answer(find: Any, margins: tuple[float, ...], picture: Any, box: list[float]) -> dict[str, Any]:
    """One face: what the backend finds in the first crop in which it finds anything."""
    started = time.perf_counter()
    points = None
    tries = 0
    for margin in margins:
        tries += 1
        crop, (left, top) = cut(picture, box, margin)
        points = find(crop, (box[0] - left, box[1] - top, box[2] - left, box[3] - top))
        if points is not None:
            points = [[float(x) + left, float(y) + top] for x, y in points]
            break
    return {"points": points, "tries": tries, "ms": 1000 * (time.perf_counter() - started)}


def _backend(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("backend", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _started(backend: Any, model: str | None) -> tuple[dict[str, str], Any]:
    """The first line to say, and the function that finds, or None."""
    for name in ("numpy", backend.PACKAGE):
        try:
            package = importlib.import_module(name)
        except ImportError as error:
            return {"missing": name, "reason": str(error)}, None
    try:
        find = backend.load(model)
    except Exception as error:  # the boundary: whatever it is, the parent tells it in one line
        kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        return {"failed": f"{kind}{error}"}, None
    return {"ready": f"{backend.NAME} {getattr(package, '__version__', '')}".strip()}, find


def main(arguments: list[str]) -> int:
    """Serve until stdin ends; returns the exit code."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # what packages print goes to stderr, so that it cannot come between our lines
    backend = _backend(Path(__file__).resolve().parent / arguments[0])
    told, find = _started(backend, arguments[1] if len(arguments) > 1 else None)
    lines.write(json.dumps(told) + "\n")
    if find is None:
        return 1
    import numpy as np

    path, picture = "", None
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["picture"] != path:
            path, picture = asked["picture"], np.load(asked["picture"], allow_pickle=False)
        lines.write(json.dumps(answer(find, backend.MARGINS, picture, asked["box"])) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
