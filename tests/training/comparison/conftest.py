"""Environments with stand-ins for packages off the shelf: real child processes, nothing installed."""

import subprocess
import sys
import sysconfig
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

# A mesh of 478 vertices around the coloured patch of the crop: vertex v is at x = left + width * (v % 22) / 21,
# y = top + height * (v // 22) / 21 of it. No patch, no face. As in the package, x and y are shares of the crop.
FAKE_MEDIAPIPE = """
    from types import SimpleNamespace as Some
    import os, sys, time
    import numpy as np

    __version__ = "0.0.test"

    class FaceMesh:
        def __init__(self, static_image_mode, max_num_faces, refine_landmarks, min_detection_confidence):
            assert static_image_mode and refine_landmarks and 0 < min_detection_confidence < 1
            self.most = max_num_faces

        def process(self, crop):
            print("noise on stdout", flush=True)
            assert crop.dtype == np.uint8 and crop.ndim == 3 and crop.flags["C_CONTIGUOUS"]
            height, width = crop.shape[:2]
            colours = [c for c in range(1, 1 + self.most) if (crop[..., 0] == c).any()]
            if (crop[..., 1] == 9).any():  # a picture that it chokes on
                sys.stderr.write("first words\\nfatal: no such graph\\n")
                sys.stderr.flush()
                os._exit(3)
            if (crop[..., 1] == 8).any():
                time.sleep(60)
            if (crop[..., 1] == 7).any() and crop.shape[0] < 90:  # only seen with room around it
                colours = []
            return Some(multi_face_landmarks=[self.face(crop, c, width, height) for c in colours] or None)

        def face(self, crop, colour, width, height):
            ys, xs = np.nonzero(crop[..., 0] == colour)
            left, right, top, bottom = xs.min(), xs.max() + 1, ys.min(), ys.max() + 1
            v = np.arange(478)
            x = (left + (right - left) * (v % 22) / 21) / width
            y = (top + (bottom - top) * (v // 22) / 21) / height
            return Some(landmark=[Some(x=a, y=b, z=0.0) for a, b in zip(x.tolist(), y.tolist())])

    solutions = Some(face_mesh=Some(FaceMesh=FaceMesh))
"""

# The predictor puts point i at the rectangle's corner plus (i, 2 i) pixels; the finder knows one colour.
FAKE_DLIB = """
    from types import SimpleNamespace as Some
    import numpy as np

    __version__ = "19.test"

    class rectangle:
        def __init__(self, left, top, right, bottom):
            self.at = (left, top, right, bottom)
        def left(self): return self.at[0]
        def top(self): return self.at[1]
        def area(self):
            width, height = self.at[2] - self.at[0] + 1, self.at[3] - self.at[1] + 1
            return max(width, 0) * max(height, 0)
        def intersect(self, other):
            (a, b, c, d), (e, f, g, h) = self.at, other.at
            return rectangle(max(a, e), max(b, f), min(c, g), min(d, h))

    def get_frontal_face_detector():
        def find(crop, enlarged):
            ys, xs = np.nonzero(crop[..., 0] == 2)
            return [rectangle(xs.min(), ys.min(), xs.max(), ys.max())] if len(xs) else []
        return find

    class shape_predictor:
        def __init__(self, path):
            if open(path, "rb").read(4) != b"good":
                raise RuntimeError("Unable to open " + path)
        def __call__(self, crop, box):
            part = lambda i: Some(x=box.left() + i, y=box.top() + 2 * i)
            return Some(num_parts=68, part=part)
"""

FAKE_FAN = """
    from types import SimpleNamespace as Some
    import numpy as np

    LandmarksType = Some(TWO_D="2")

    class FaceAlignment:
        def __init__(self, kind, device="cuda", face_detector="sfd", compile=True):
            assert (kind, device, face_detector, compile) == ("2", "cpu", "folder", False)
        def get_landmarks_from_image(self, crop, detected_faces):
            (box,) = detected_faces
            corner = np.array(box[:2])
            return [corner + np.stack([np.arange(68.0), 3 * np.arange(68.0)], 1)]
"""

FAKE_FAN_WITHOUT_NET = """
    from types import SimpleNamespace as Some
    from urllib.error import URLError

    LandmarksType = Some(TWO_D="2")

    class FaceAlignment:
        def __init__(self, *arguments, **more):
            raise URLError("no network")
"""


PACKAGES: dict[str, dict[str, str]] = {
    "mediapipe": {"mediapipe": FAKE_MEDIAPIPE},
    "dlib": {"dlib": FAKE_DLIB},
    "face-alignment": {"face_alignment": FAKE_FAN},
    "face-alignment without net": {"face_alignment": FAKE_FAN_WITHOUT_NET},
    "nothing": {},
}


@pytest.fixture(scope="session")
def python_with(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """A Python in an environment of its own, with one of `PACKAGES` and, except for "nothing", with NumPy."""
    made: dict[str, str] = {}

    def make(name: str) -> str:
        if name not in made:
            folder = tmp_path_factory.mktemp("environment")
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(folder)], check=True)
            (site,) = folder.glob("lib/python*/site-packages")
            if PACKAGES[name]:
                (site / "rest.pth").write_text(sysconfig.get_paths()["purelib"], encoding="utf-8")
            for package, source in PACKAGES[name].items():
                (site / f"{package}.py").write_text(textwrap.dedent(source), encoding="utf-8")
            made[name] = str(folder / "bin" / "python")
        return made[name]

    return make


@pytest.fixture
def patch(tmp_path: Path) -> Callable[..., Path]:
    """Writes a black picture with patches that the fakes see as faces; `mood` (green) says how they take it."""

    def draw(
        name: str,
        *boxes: tuple[int, int, int, int],
        mood: int = 0,
        colour: int = 1,
        size: tuple[int, int] = (200, 160),
    ) -> Path:
        pixels = np.zeros((size[1], size[0], 3), np.uint8)
        for number, (x0, y0, x1, y1) in enumerate(boxes):
            pixels[y0:y1, x0:x1] = (colour + number, mood, 0)
        Image.fromarray(pixels).save(tmp_path / name)
        return tmp_path / name

    return draw
