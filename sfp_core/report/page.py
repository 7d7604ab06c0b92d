"""The page: the template, the style and the script of the package's data, filled with a take."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from sfp_core.errors import SfpError
from sfp_core.files import write_text
from sfp_core.progress import Progress
from sfp_core.report.data import figures, take_data
from sfp_core.report.found import Found, find
from sfp_core.report.media import Media, film_media, sound_media
from sfp_core.report.waveform import Waveform, waveform_of

# The script, in the order in which its files build on one another.
_SCRIPTS = (
    *("curves.js", "clock.js", "view.js", "paint.js", "lanes.js", "row.js", "rows.js", "side.js"),
    *("page.js", "pointer.js", "hints.js", "controls.js", "address.js", "main.js"),
)


@dataclass(frozen=True)
class Report:
    """A page that was written.

    Attributes
    ----------
    size_bytes : int
        Of the whole page, film and sound included.
    warnings : tuple of str
        What the page warns of.
    """

    path: Path
    channels: int
    keys: int
    size_bytes: int
    warnings: tuple[str, ...]


def write_report(
    place: Path, output: Path, *, film: bool = True, size: int | None = None, progress: Progress | None = None
) -> Report:
    """Write the report of a take.

    Parameters
    ----------
    place : Path
        The take's folder, or its .curves.json.
    output : Path
        The page; replaced where it is there.
    film : bool
        Whether the folder's film is put on the page.
    size : int, optional
        Largest side of that film, pixels; a larger one is made smaller.

    Raises
    ------
    SfpError
        No take, or a disk that refuses. A sound or a film that cannot be used is a warning on the page.
    """
    report = progress or Progress()
    found = find(place)
    warnings = list(found.warnings)
    with report.stage("sound"):
        waveform = _waveform(found, warnings)
    with report.stage("film", total=found.take.frames) as step:
        moving = _film(found, size, step, warnings) if film else None
        heard = None if waveform is None or (moving is not None and moving.sound) else _heard(found, warnings)
    text = page(found, waveform, film=moving, sound=heard, warnings=warnings)
    write_text(output, text)
    return Report(
        Path(output), len(found.take.channels), found.take.key_count, Path(output).stat().st_size, tuple(warnings)
    )


def page(
    found: Found,
    waveform: Waveform | None = None,
    *,
    film: Media | None = None,
    sound: Media | None = None,
    warnings: list[str] | None = None,
) -> str:
    """The page as text: no other file and no network is needed, and its policy forbids both.

    Parameters
    ----------
    film, sound : Media, optional
        What is played; the sound only where the film has none.
    warnings : list of str, optional
        What the page warns of; those of `found` where not given.
    """
    style, script = _data("report.css"), _script()
    content = take_data(found.take, waveform) | {
        "name": found.name,
        "warnings": list(found.warnings) if warnings is None else warnings,
        "figures": figures(found.summary),
        "sound": Path(found.take.sound.file).name if found.take.sound is not None else "",
    }
    policy = (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; img-src data:; "
        "media-src data:; base-uri 'none'; form-action 'none'"
    )
    return _filled(
        _data("report.html"),
        {
            "policy": html.escape(policy),
            "title": html.escape(_encodable(f"{found.name} - {found.take.rig}")),
            "style": style,
            "film": _element("video", "film", film),
            "sound": _element("audio", "sound", sound),
            "data": embedded_json(content),
            "script": script,
        },
    )


def embedded_json(content: Any) -> str:
    """JSON that can stand in a script element: ASCII, and without a character that HTML reads."""
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _waveform(found: Found, warnings: list[str]) -> Waveform | None:
    if found.sound is None:
        return None
    try:
        return waveform_of(found.sound)
    except SfpError as error:
        warnings.append(str(error))
        return None


def _film(found: Found, size: int | None, step: Any, warnings: list[str]) -> Media | None:
    if found.film is None:
        return None
    take = found.take
    try:
        media, doubts = film_media(found.film, frames=take.frames, fps=take.fps, size=size, progress=step)
    except SfpError as error:
        warnings.append(f"{error}; the page goes without the film")
        return None
    warnings.extend(doubts)
    return media


def _heard(found: Found, warnings: list[str]) -> Media | None:
    assert found.sound is not None  # it has a waveform
    try:
        return sound_media(found.sound)
    except SfpError as error:
        warnings.append(f"{error}; the page is silent")
        return None


def _element(tag: str, name: str, media: Media | None) -> str:
    """The element that plays, or nothing."""
    if media is None:
        return ""
    return f'<{tag} id="{name}" preload="auto" {"playsinline " if tag == "video" else ""}src="{media.uri}"></{tag}>'


def _script() -> str:
    body = "\n".join(_data(name) for name in _SCRIPTS)
    return f'(() => {{\n"use strict";\n{body}\n}})();\n'


def _data(name: str) -> str:
    return (resources.files("sfp_core") / "data" / "report" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """The hash by which the page's policy knows its own script and style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _encodable(text: str) -> str:
    """Text that can be written as UTF-8; names of files may hold what cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _filled(template: str, parts: Mapping[str, str]) -> str:
    """The template with its `{{name}}` replaced, in one pass: what is put in is not looked at again."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)
