"""Animation from any file that holds some: takes, Maya's .anim and .ma, Studio Library, tables, Live Link Face."""

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from sfp_core.curves.loose import LooseCurves, take_of
from sfp_core.curves.take import Take
from sfp_core.errors import SfpError
from sfp_core.formats.curves_csv import read_curves_csv
from sfp_core.formats.curves_json import read_curves_json
from sfp_core.formats.live_link import read_live_link
from sfp_core.formats.maya_anim import read_maya_anim
from sfp_core.formats.maya_plugs import as_rig_names
from sfp_core.formats.maya_read import read_maya_ascii
from sfp_core.formats.studio_library import read_studio_library
from sfp_core.rig import RigSpec
from sfp_core.target import CURVES

SUFFIXES = (".json", ".anim", ".ma", ".csv")
CLIP_CURVES = "animation.ma"
"""What a clip of Studio Library has beside its pose.json."""


@dataclass(frozen=True)
class OpenedTake:
    """A take, and the file that it was read from: a sound is named relative to that file's folder.

    Attributes
    ----------
    loose : LooseCurves or None
        What `take` was made of, where it came from elsewhere.
    """

    take: Take
    path: Path
    loose: LooseCurves | None = None

    @property
    def sound(self) -> Path | None:
        """Where the take's sound should lie."""
        return self.path.parent / self.take.sound.file if self.take.sound is not None else None

    def fitted(self, rig: RigSpec) -> Take:
        """The take with the limits and neutral of a rig, and its controllers alone, where it came from elsewhere."""
        if self.loose is None:
            return self.take
        where = self.path.parent if self.path.name == CLIP_CURVES else self.path  # a clip is its folder
        return take_of(as_rig_names(self.loose, rig), rig=rig, where=str(where))


def open_take(path: Path, *, rig: RigSpec | None = None, fps: Fraction | None = None) -> OpenedTake:
    """Read a take's folder, or a file of animation.

    Parameters
    ----------
    rig : RigSpec, optional
        Whose limits and neutral curves from elsewhere get, and whose controllers alone are taken.
    fps : Fraction, optional
        The rate of a table that does not say its own.

    Raises
    ------
    SfpError
        Not there, of no known kind, or broken; names file and place.
    """
    path = Path(path)
    file = path
    if path.is_dir():
        file = next((path / name for name in (CURVES, CLIP_CURVES) if (path / name).is_file()), path)
        if file == path:
            raise SfpError(f"{path}: a folder without {CURVES}; expected a take's, or a clip of Studio Library")
    elif not path.is_file():
        raise SfpError(f"{path}: no such file; expected a take's folder or a file {' '.join(SUFFIXES)}")
    suffix = file.suffix.lower()
    if suffix == ".json":
        return OpenedTake(read_curves_json(file), file)
    if suffix not in SUFFIXES:
        raise SfpError(f"{path}: {suffix or 'no suffix'}; expected a take's folder or a file {' '.join(SUFFIXES)}")
    curves = _read(path, file, fps)
    opened = OpenedTake(take_of(curves, name=file.stem, where=str(path)), file, curves)
    return opened if rig is None else replace(opened, take=opened.fitted(rig))


def _read(path: Path, file: Path, fps: Fraction | None) -> LooseCurves:
    if file.name == CLIP_CURVES:
        return read_studio_library(path)
    if file.suffix.lower() == ".anim":
        return read_maya_anim(file)
    if file.suffix.lower() == ".ma":
        return read_maya_ascii(file)
    if _is_live_link(file):
        return read_live_link(file, fps=fps)
    return read_curves_csv(file, fps=fps)


def _is_live_link(file: Path) -> bool:
    """Whether a table begins with the app's own first columns."""
    with file.open(encoding="utf-8-sig", errors="replace") as stream:
        header = stream.readline(4096).lower().replace(" ", "")
    return header.startswith("timecode,blendshapecount")
