"""What is installed and what is missing: the facts of `sfp doctor`."""

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path

from sfp_core import __version__

# Distribution -> what does not work without it.
_LIBRARIES: Mapping[str, str] = {
    "numpy": "everything",
    "scipy": "everything",
    "numba": "drawing the built-in character",
    "av": "reading sound and writing films",
    "pocketsphinx": "phones of a spoken line",
    "safetensors": "reading weights",
    "pillow": "reading and writing pictures",
    "opencv-python-headless": "finding faces in pictures",
    "torch": "finding landmarks in pictures, and training",
    "scikit-learn": "training",
    "librosa": "training",
}
_EXTRAS: Mapping[str, str] = {
    "onnxruntime": "detection takes twice as long, in torch: pip install onnxruntime",
    "usd-core": "USD files: pip install 'stylized-face-point[usd]'",
    "PySide6-Essentials": "the window outside Maya: pip install 'stylized-face-point[ui]'",
}
# File in the package's data -> what does not work without it.
_DATA: Mapping[str, str] = {
    "detector.safetensors": "sfp detect, sfp character train",
    "finder.safetensors": "finding faces where no box is given",
    "characters/toon.character": "sfp animate with the built-in character",
    "demo/line.wav": "sfp demo",
}


@dataclass(frozen=True)
class Finding:
    """One line of the report. `missing` is empty, or says what does not work and what to do."""

    name: str
    value: str
    missing: str = ""
    needed: bool = True


def findings() -> list[Finding]:
    """The report, top to bottom. Nothing is imported or loaded for it."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    result = [
        Finding("sfp", __version__),
        Finding("python", f"{platform.python_version()} ({sys.executable})"),
        Finding("machine", machine),
    ]
    result += [_library(name, purpose, needed=True) for name, purpose in _LIBRARIES.items()]
    result += [_library(name, purpose, needed=False) for name, purpose in _EXTRAS.items()]
    return result + [_data(name, purpose) for name, purpose in _DATA.items()]


def _library(name: str, purpose: str, *, needed: bool) -> Finding:
    try:
        return Finding(name, metadata.version(name), needed=needed)
    except metadata.PackageNotFoundError:
        return Finding(name, "not installed", purpose, needed)


def _data(name: str, purpose: str) -> Finding:
    path = Path(str(resources.files("sfp_core"))) / "data" / name
    if path.is_file():
        return Finding(name, f"{path.stat().st_size / 1e6:.1f} MB")
    return Finding(name, "not there", f"{purpose}; in a checkout: make weights")
