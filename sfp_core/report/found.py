"""What lies in a take's folder: the keys, and the sound, the film and the summary that belong to them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sfp_core.curves.take import Take
from sfp_core.errors import SfpError
from sfp_core.files import read_json, sha256_of
from sfp_core.formats.curves_json import read_curves_json
from sfp_core.target import CURVES, PREVIEW, SUMMARY


@dataclass(frozen=True)
class Found:
    """A take, and what was found beside it.

    Attributes
    ----------
    name : str
        Of the folder, or of the file where that is not named as in a folder.
    sound, film : Path or None
        None where there is none, or where it is missing; the latter is among the warnings.
    summary : dict
        What `summary.json` holds; empty without one.
    warnings : tuple of str
        Those of the run that made the take, and what is missing now.
    """

    name: str
    take: Take
    sound: Path | None
    film: Path | None
    summary: dict[str, Any]
    warnings: tuple[str, ...]


def find(place: Path) -> Found:
    """Open a take's folder or its .curves.json. Raises SfpError where there is no take that can be read.

    Film and summary are looked for only beside a file that is named as `sfp animate` names it in a folder: elsewhere
    they are another take's.
    """
    place = Path(place)
    path = place / CURVES if place.is_dir() else place
    take = read_curves_json(path)
    warnings: list[str] = []
    in_folder = path.name == CURVES
    summary = _summary(path.with_name(SUMMARY), warnings) if in_folder else {}
    sound = _sound(take, path.parent, warnings)
    film = path.with_name(PREVIEW)
    name = path.absolute().parent.name if in_folder else path.name.removesuffix(".json").removesuffix(".curves")
    return Found(
        name or take.rig, take, sound, film if in_folder and film.is_file() else None, summary, tuple(warnings)
    )


def _summary(path: Path, warnings: list[str]) -> dict[str, Any]:
    """The summary, whose own warnings are put to ours; a broken one is a warning, since the page goes without."""
    try:
        content = read_json(path)
    except SfpError as error:
        told = str(error).replace(str(path), path.name)  # the page may travel: it names no folders
        warnings.append(f"{told}; the figures of the run are left out")
        return {}
    said = content.get("warnings", [])
    warnings.extend(str(one) for one in (said if isinstance(said, list) else [said]))
    return content


def _sound(take: Take, folder: Path, warnings: list[str]) -> Path | None:
    if take.sound is None:
        return None
    path = folder / take.sound.file
    try:
        there = path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        there = False
    if not there:
        warnings.append(f"{take.sound.file}: the sound of this take is not there, so it cannot be heard or drawn")
        return None
    if take.sound.sha256 and sha256_of(path) != take.sound.sha256:
        warnings.append(f"{take.sound.file}: is not the sound that this take was made with; it was changed since")
    return path
