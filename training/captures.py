"""Captured mouths of the development data: talking people (GRID) and an animator's curves (FACEGOOD)."""

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np

from sfp_core.errors import SfpError

_GRID_FPS, _FACEGOOD_FPS = 25, 30
_ROUNDED = ("mouth_pucker_", "mouth_funnel_", "mouth_oh_c", "mouth_oo_c")
_JAW = "mouth_stretch_c"


@dataclass(frozen=True)
class Capture:
    """One clip whose mouth is known.

    Attributes
    ----------
    transcript : str
        Empty where it is not known.
    measured : mapping of name to (T,) float64
        As in the data's README: `aperture`, `width`, `chin` in shares of the outer eye corners' distance (talkers), or
        `jaw` and `rounding` as the animator keyed them.
    moved : mapping of movement to (T,) float64
        The same as movements of `kernels.MOVEMENTS`: 0 at rest, 1 at the clip's 98th percentile.
    """

    name: str
    source: Literal["talkers", "animators"]
    licence: str
    sound: Path
    transcript: str
    fps: Fraction
    measured: Mapping[str, np.ndarray]
    moved: Mapping[str, np.ndarray]

    @property
    def times(self) -> np.ndarray:
        """(T,) float64 seconds of the frames."""
        return np.arange(len(next(iter(self.measured.values())))) / float(self.fps)


def shared_data() -> Path:
    """The speech folder of the development data. Raises SfpError where there is none."""
    named = os.environ.get("SFP_SHARED_DATA")
    if not named or not (Path(named) / "speech").is_dir():
        raise SfpError("SFP_SHARED_DATA: is not set to a folder with speech/; expected the development data")
    return Path(named) / "speech"


def talker_names(data: Path) -> list[str]:
    """Clips of talking people, each another person."""
    return [row.split("\t")[0] for row in _rows(data)]


def animator_names(data: Path) -> list[str]:
    """Clips with an animator's curves."""
    return sorted(path.stem for path in (data / "facegood").glob("*.wav"))


def talkers(data: Path) -> list[Capture]:
    """GRID: real faces, followed by a face mesh of 478 points."""
    return [_talker(data / "grid", *row.split("\t")) for row in _rows(data)]


def animators(data: Path) -> list[Capture]:
    """FACEGOOD: curves of a Maya rig."""
    return [_animator(data / "facegood", name) for name in animator_names(data)]


def _rows(data: Path) -> list[str]:
    return (data / "grid" / "transcripts.tsv").read_text(encoding="utf-8").splitlines()


def _talker(folder: Path, name: str, transcript: str) -> Capture:
    points = np.load(folder / f"{name}_mp478.npz", allow_pickle=False)["lm"][..., :2].astype(np.float64)

    def apart(one: int, other: int) -> np.ndarray:
        distance = np.linalg.norm(points[:, one] - points[:, other], axis=1)
        return np.asarray(distance / np.linalg.norm(points[:, 33] - points[:, 263], axis=1))

    measured = {"aperture": apart(13, 14), "width": apart(61, 291), "chin": apart(152, 6)}
    moved = {
        "opening": _from_rest(measured["aperture"]),
        "jaw": _from_rest(measured["chin"]),
        "rounding": 1 - _from_rest(measured["width"]),
    }
    return Capture(
        name, "talkers", "CC BY 4.0", folder / f"{name}.mpg", transcript, Fraction(_GRID_FPS), measured, moved
    )


def _animator(folder: Path, name: str) -> Capture:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the files were written by Python 2
        names = [str(one) for one in np.load(folder / "shirley_1015_bs_name.npy", allow_pickle=False)]
        curves = np.load(folder / f"bs_value_{name}.npy", allow_pickle=False)
    rounded = [place for place, one in enumerate(names) if one.startswith(_ROUNDED)]
    measured = {"jaw": curves[:, names.index(_JAW)], "rounding": curves[:, rounded].mean(axis=1)}
    moved = {name: values / np.percentile(values, 98) for name, values in measured.items()}
    return Capture(name, "animators", "MIT", folder / f"{name}.wav", "", Fraction(_FACEGOOD_FPS), measured, moved)


def _from_rest(values: np.ndarray) -> np.ndarray:
    low, high = np.percentile(values, (2, 98))
    return np.asarray((values - low) / (high - low))
