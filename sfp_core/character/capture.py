"""Captures: pictures of a rig's poses with their controller values, `capture.json` beside them."""

import io
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, get_args

import numpy as np
from PIL import Image

from sfp_core.character.poses import POSE_KINDS, Pose, PoseKind
from sfp_core.errors import SfpError, listed
from sfp_core.files import read_json, write_json, written_whole
from sfp_core.rig import ControllerSpec, RigSpec, Unit

CAPTURE_FILE = "capture.json"
FORMAT, VERSION = "sfp.capture", 1
_JPEG_QUALITY = 95
_LISTED_DOUBLES = 5
_SLACK = 1e-6  # of a controller's range: what other programs lose by printing numbers

Progress = Callable[[int, int], None]
"""Called with (done, total)."""


class Poseable(Protocol):
    """What can be posed and seen: the built-in characters, and any rig we render ourselves."""

    @property
    def rig(self) -> RigSpec:
        """The controllers."""

    def picture(self, values: np.ndarray, *, size: int = 256) -> np.ndarray:
        """Controller values (K,) to (size, size, 3) uint8 RGB."""


@dataclass(frozen=True)
class CapturedPose:
    """One picture: its file, relative to the capture's folder, and the pose it shows."""

    picture: str
    pose: Pose


@dataclass(frozen=True)
class Capture:
    """Pictures of a rig with the controller values they show.

    Attributes
    ----------
    rig : RigSpec
    source : str
        The program that made the pictures, for people.
    fov_deg : float
        Field of view of the camera, degrees.
    size : (width, height)
        Of the pictures, pixels.
    poses : tuple of CapturedPose
        At least one of them neutral.
    unlimited : tuple of str
        Controllers whose limits are a proposal: the rig itself sets none.
    hidden : tuple of str
        Controllers that move no landmark, such as the tongue's: they are not mapped.
    """

    rig: RigSpec
    source: str
    fov_deg: float
    size: tuple[int, int]
    poses: tuple[CapturedPose, ...]
    unlimited: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def values(self) -> np.ndarray:
        """(P, K) float64 controller values of all poses, controller units."""
        return np.stack([captured.pose.values for captured in self.poses])

    @property
    def kinds(self) -> tuple[PoseKind, ...]:
        """Kind of every pose."""
        return tuple(captured.pose.kind for captured in self.poses)


def capture_character(
    character: Poseable,
    poses: Sequence[Pose],
    folder: Path,
    *,
    size: int = 256,
    fov_deg: float = 22.0,
    source: str = "sfp",
    hidden: tuple[str, ...] = (),
    progress: Progress | None = None,
    helpers: int = 0,
    again: Callable[[], Poseable] | None = None,
) -> Capture:
    """Render the poses to `folder` and write `capture.json`; pictures that are there already are kept.

    Parameters
    ----------
    size : int
        Side of the square pictures, pixels.
    fov_deg : float
        What the character's camera has, for the record.
    helpers : int
        Processes beside this one that render their share; the pictures are the same.
    again : callable, optional
        Makes the same character in such a process (it is sent there, so it must be picklable); without it there are
        no helpers.

    Raises
    ------
    SfpError
        The folder holds a capture of other poses, or pictures of another look of this character.
    """
    captured = tuple(CapturedPose(f"{number:05d}.jpg", pose) for number, pose in enumerate(poses))
    capture = Capture(character.rig, source, fov_deg, (size, size), captured, hidden=hidden)
    content, path = _to_json(capture), Path(folder) / CAPTURE_FILE
    if path.exists() and read_json(path) != content:
        raise SfpError(f"{path}: holds a capture of other poses; delete the folder or choose another")
    write_json(path, content)
    _refuse_other_look(character, captured[0], path.parent, size)
    hands = 1 + (helpers if again and any(not (path.parent / one.picture).exists() for one in captured) else 0)
    if hands == 1 or again is None:
        _rendered(character, captured, path.parent, size, progress)
        return capture
    # Spawned, not forked: compiled loops keep threads that do not survive a fork.
    with ProcessPoolExecutor(hands - 1, mp_context=get_context("spawn")) as pool:
        others = [
            pool.submit(_rendered_elsewhere, again, captured[number::hands], path.parent, size)
            for number in range(1, hands)
        ]
        own = (lambda done, _: progress(min(hands * done, len(captured)), len(captured))) if progress else None
        _rendered(character, captured[::hands], path.parent, size, own)
        for other in others:
            other.result()
    return capture


def _rendered(
    character: Poseable, captured: Sequence[CapturedPose], folder: Path, size: int, progress: Progress | None
) -> None:
    """Render what is not there yet."""
    for done, entry in enumerate(captured):
        target = folder / entry.picture
        if not target.exists():
            with written_whole(target) as temporary:
                temporary.write_bytes(_jpeg(character.picture(entry.pose.values, size=size)))
        if progress:
            progress(done + 1, len(captured))


def _rendered_elsewhere(
    again: Callable[[], Poseable], captured: Sequence[CapturedPose], folder: Path, size: int
) -> None:
    """In a process of its own: its share of the poses."""
    _rendered(again(), captured, folder, size, None)


def _jpeg(picture: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return stream.getvalue()


def _refuse_other_look(character: Poseable, first: CapturedPose, folder: Path, size: int) -> None:
    """Half a capture from before a change of the character must not be completed with pictures from after it."""
    target = folder / first.picture
    if target.exists() and target.read_bytes() != _jpeg(character.picture(first.pose.values, size=size)):
        raise SfpError(f"{target}: shows the character as it no longer looks; delete {folder} and capture again")


def write_capture(folder: Path, capture: Capture) -> Path:
    """Write `capture.json` for pictures that are made elsewhere; returns its path."""
    path = Path(folder) / CAPTURE_FILE
    write_json(path, _to_json(capture))
    return path


def _to_json(capture: Capture) -> dict[str, Any]:
    rig = capture.rig
    return {
        "format": FORMAT,
        "version": VERSION,
        "rig": rig.name,
        "source": capture.source,
        "camera": {"fov_deg": float(capture.fov_deg), "size": list(capture.size)},
        "controllers": [
            {
                "name": spec.name,
                "minimum": float(spec.minimum),
                "maximum": float(spec.maximum),
                "limited": spec.name not in capture.unlimited,
                "neutral": float(spec.neutral),
                "unit": spec.unit,
                "mirror": rig.mirror.get(spec.name),
                **({"hidden": True} if spec.name in capture.hidden else {}),
            }
            for spec in rig.controllers
        ],
        "poses": [
            {
                "picture": captured.picture,
                "kind": captured.pose.kind,
                "values": {
                    spec.name: round(float(value), 9)
                    for spec, value in zip(rig.controllers, captured.pose.values, strict=True)
                    if value != spec.neutral
                },
            }
            for captured in capture.poses
        ],
    }


def read_capture(path: Path) -> Capture:
    """Read a capture from its folder or its `capture.json`.

    Raises
    ------
    SfpError
        In one line, all problems found (the first few in full), each with its place.
    """
    path = Path(path)
    path = path / CAPTURE_FILE if path.is_dir() else path
    reader = _Reader(read_json(path, format_name=FORMAT, version=VERSION))
    capture = reader.read()
    if reader.problems:
        raise SfpError(f"{path}: {listed(reader.problems)}")
    assert capture is not None  # no problem was found
    return capture


class _Reader:
    """Turns the JSON object into a `Capture`, collecting problems."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content
        self.problems: list[str] = []
        self.strangers = 0  # poses that name controllers of another rig

    def read(self) -> Capture | None:
        name = self._text(self.content, "rig", "rig")
        specs = [self._controller(entry, f"controllers[{i}]") for i, entry in enumerate(self._list("controllers"))]
        fov_deg, size = self._camera()
        if self.problems:  # values cannot be judged against controllers that are wrong
            return None
        try:
            rig = RigSpec(name, tuple(spec for spec in specs if spec), self._mirror())
        except SfpError as error:
            self.problems.append(str(error))
            return None
        poses = tuple(self._pose(entry, rig, f"poses[{i}]") for i, entry in enumerate(self._list("poses")))
        if self.strangers > 1:
            self.problems.insert(
                0,
                f"poses: {self.strangers} of {len(poses)} name controllers that rig {rig.name!r} has not: two rigs in "
                "one capture? capture each into a folder of its own",
            )
        pictures = [captured.picture for captured in poses]
        for double in sorted(p for p, times in Counter(pictures).items() if p and times > 1)[:_LISTED_DOUBLES]:
            self.problems.append(f"poses: picture {double!r} is named twice")
        if not any(captured.pose.kind == "neutral" for captured in poses):
            self.problems.append('poses: none is neutral; expected at least one of kind "neutral"')
        source = self.content.get("source")
        unlimited = tuple(str(c["name"]) for c in self._list("controllers") if c.get("limited") is False)
        hidden = tuple(str(c["name"]) for c in self._list("controllers") if c.get("hidden") is True)
        return Capture(rig, source if isinstance(source, str) else "", fov_deg, size, poses, unlimited, hidden)

    def _list(self, key: str) -> list[Any]:
        entries = self.content.get(key)
        if isinstance(entries, list) and entries:
            return entries
        problem = f"{key}: expected a list with at least one entry, got {type(entries).__name__}"
        if problem not in self.problems:
            self.problems.append(problem)
        return []

    def _text(self, entry: Mapping[str, Any], key: str, where: str) -> str:
        text = entry.get(key)
        if isinstance(text, str) and text:
            return text
        self.problems.append(f"{where}: expected a text, got {text!r}")
        return ""

    def _number(self, entry: Mapping[str, Any], key: str, where: str) -> float:
        number = entry.get(key)
        if isinstance(number, (int, float)) and not isinstance(number, bool) and math.isfinite(number):
            return float(number)
        self.problems.append(f"{where}.{key}: expected a number, got {number!r}")
        return math.nan

    def _camera(self) -> tuple[float, tuple[int, int]]:
        camera = self.content.get("camera")
        if not isinstance(camera, dict):
            self.problems.append(f"camera: expected an object, got {type(camera).__name__}")
            return math.nan, (0, 0)
        size = camera.get("size")
        if not (isinstance(size, list) and len(size) == 2 and all(isinstance(n, int) and n > 0 for n in size)):
            self.problems.append(f"camera.size: expected [width, height] in pixels, got {size!r}")
            size = [0, 0]
        return self._number(camera, "fov_deg", "camera"), (size[0], size[1])

    def _controller(self, entry: Any, where: str) -> ControllerSpec | None:
        if not isinstance(entry, dict):
            self.problems.append(f"{where}: expected an object, got {type(entry).__name__}")
            return None
        name = self._text(entry, "name", f"{where}.name")
        if ":" in name:
            self.problems.append(f"{where}.name: {name!r} carries a namespace; write the name without it")
        low, high = self._number(entry, "minimum", where), self._number(entry, "maximum", where)
        neutral = self._number(entry, "neutral", where)
        if math.isnan(low + high + neutral):
            return None
        unit = entry.get("unit", "linear")
        if unit not in get_args(Unit):
            self.problems.append(f"{where}.unit: {unit!r}; expected one of {', '.join(get_args(Unit))}")
            return None
        try:
            return ControllerSpec(name, low, high, neutral, unit)
        except SfpError as error:
            self.problems.append(f"{where}: {error}")
            return None

    def _mirror(self) -> dict[str, str]:
        entries = self._list("controllers")
        return {str(entry["name"]): str(entry["mirror"]) for entry in entries if entry.get("mirror") is not None}

    def _pose(self, entry: Any, rig: RigSpec, where: str) -> CapturedPose:
        if not isinstance(entry, dict):
            self.problems.append(f"{where}: expected an object, got {type(entry).__name__}")
            return CapturedPose("", Pose("table", rig.neutral))
        picture = self._text(entry, "picture", f"{where}.picture")
        parts = PurePosixPath(picture)
        if parts.is_absolute() or ".." in parts.parts or "\\" in picture or ":" in picture:
            self.problems.append(f"{where}.picture: {picture!r} leaves the folder; expected a name inside it")
        kind = entry.get("kind", "table")
        if kind not in POSE_KINDS:
            self.problems.append(f"{where}.kind: {kind!r}; expected one of {', '.join(POSE_KINDS)}")
            kind = "table"
        values = self._values(entry.get("values", {}), rig, f"{where}.values")
        if kind == "neutral" and not np.array_equal(values, rig.neutral):
            self.problems.append(f"{where}: is called neutral, but its values are not")
        elif np.array_equal(values, rig.neutral):
            kind = "neutral"
        return CapturedPose(picture, Pose(kind, values))

    def _values(self, given: Any, rig: RigSpec, where: str) -> np.ndarray:
        values = rig.neutral.astype(np.float64)
        if not isinstance(given, dict):
            self.problems.append(f"{where}: expected an object, got {type(given).__name__}")
            return values
        self.strangers += any(name not in rig.names for name in given)
        for name in given:
            if name not in rig.names:
                self.problems.append(f"{where}: no controller {name!r} in this capture")
                continue
            value, k = self._number(given, name, where), rig.index(name)
            low, high = rig.minimum[k], rig.maximum[k]
            if not (value >= low - _SLACK * (high - low) and value <= high + _SLACK * (high - low)):
                if math.isfinite(value):
                    self.problems.append(f"{where}.{name}: {value:g}, expected {low:g} to {high:g}")
                continue
            values[k] = min(max(value, low), high)
        return values
