"""The pipeline: sound, film or landmarks -> controllers of the character -> smooth, sparse keys -> a take's files."""

import contextlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args

import numpy as np

from sfp_core.character.character import Character
from sfp_core.character.layers import layers_of
from sfp_core.curves.kept import with_edits_of
from sfp_core.curves.smooth import smooth, smoothing_named
from sfp_core.curves.take import SoundReference, Take, build_take
from sfp_core.errors import SfpError, listed
from sfp_core.files import sha256_of, write_json
from sfp_core.formats.curves_json import read_curves_json, write_curves_json
from sfp_core.formats.maya_anim import write_maya_anim
from sfp_core.formats.maya_ascii import write_maya_ascii
from sfp_core.hearing import spoken_of, warnings_of
from sfp_core.motion import DEFAULT_FPS, LandmarkSource, Motion, from_film, from_landmarks, from_sound
from sfp_core.preview import Scene, beside, pictures, scene_of
from sfp_core.progress import Progress, Step
from sfp_core.retarget import PARTS, Strength, StrengthPart
from sfp_core.rig import ControllerCurves, RigSpec
from sfp_core.speech import Style
from sfp_core.summary import Summary, peak_mb
from sfp_core.target import ANIM, CURVES, MAYA, PREVIEW, SUMMARY, TakeFile, Target, target_at

if TYPE_CHECKING:
    from sfp_core.detect.films import Film

Engine = Literal["speech", "landmarks", "video", "makeittalk"]

_SPOKEN_PARTS: tuple[StrengthPart, ...] = ("jaw", "lips")  # what `Style` and `Strength` both turn up and down


@dataclass(frozen=True)
class AnimateRequest:
    """What to animate, with what, and where to.

    Attributes
    ----------
    target : Path
        A folder, or one file (.ma, .json, .mp4); see `target_at`.
    sound : Path or None
        Needed by the engines `speech` and `makeittalk`; with the others it is only put to the take. A film's own sound
        is put to it where none is given.
    video : Path or None
        The film of a face, for the engine `video`.
    landmarks : LandmarkSource or None
        For the engine `landmarks` an `.npz` of moving landmarks, 68 or 98; for `makeittalk` what makes them of the
        sound (the library knows no engine of that room itself).
    transcript : str or None
        What is said, or the name of a text file with it.
    phones : Path or None
        Known phones, `.TextGrid` or `.json`; then nothing is recognised.
    character : str
        A built-in name or a path.
    rig : Path or None
        The glTF or VRM file that the preview draws, for a character made of one.
    fps : Fraction or None
        None: 24, or the rate of the film or of the landmarks.
    strength : Strength
        How far each part of a filmed performance goes; for speech jaw and lips, beside those of `style`.
    side_by_side : bool
        The film to the left in the preview; for the engine `video`.
    tolerance : float
        Largest error of the keys, share of a controller's range.
    weights : mapping of str to float
        Of the take's layers; 1 where not given.
    keep : bool
        Replace a take that is there, but keep what is marked in it as edited, and its layers' weights where
        `weights` says nothing.
    force : bool
        Replace whatever take is there.
    """

    target: Path
    sound: Path | None = None
    video: Path | None = None
    engine: Engine = "speech"
    landmarks: LandmarkSource | None = None
    transcript: str | None = None
    phones: Path | None = None
    character: str = "toon"
    rig: Path | None = None
    fps: Fraction | None = None
    style: Style = field(default_factory=Style)
    strength: Strength = field(default_factory=Strength)
    seed: int = 0
    tolerance: float = 0.01
    preview: bool = True
    side_by_side: bool = False
    weights: Mapping[str, float] = field(default_factory=dict)
    keep: bool = False
    force: bool = False

    def __post_init__(self) -> None:
        if self.keep and self.force:
            raise SfpError("--keep and --force: one keeps what was edited, the other does not; give one of the two")
        if self.engine in ("speech", "makeittalk") and self.sound is None:
            raise SfpError(f"engine {self.engine}: no sound given; expected a sound file")
        if self.engine == "landmarks" and self.landmarks is None:
            raise SfpError("engine landmarks: no landmarks given; expected --landmarks FILE.npz")
        if self.engine == "video" and self.video is None:
            raise SfpError("engine video: no film given; expected: sfp animate FILM --engine video -o TAKE")
        if self.engine == "makeittalk" and self.landmarks is None:
            raise SfpError("engine makeittalk: nothing given that makes its landmarks; expected --makeittalk DIR")
        taken_by = ("landmarks",) if isinstance(self.landmarks, Path) else ("landmarks", "makeittalk")
        if self.landmarks is not None and self.engine not in taken_by:
            raise SfpError(
                f"engine {self.engine}: makes landmarks itself; leave --landmarks out, or use --engine landmarks"
            )
        if self.engine != "video" and (self.video is not None or self.side_by_side):
            what = "a film" if self.video is not None else "--side-by-side"
            raise SfpError(f"engine {self.engine}: has no use for {what}; use --engine video")
        if self.side_by_side and not self.preview:
            raise SfpError("--side-by-side and --no-preview: there is no preview to show it in; give one of the two")
        if self.rig is not None and not self.preview:
            raise SfpError("--rig and --no-preview: the rig's file is only for the preview; give one of the two")
        spoken = {"--transcript": self.transcript, "--phones": self.phones}
        unused = [name for name, value in spoken.items() if value is not None]
        if self.style != Style() or self.seed:
            unused.append("--jaw, --lips, --seed or --no-blinks")
        if self.engine != "speech" and unused:
            raise SfpError(
                f"engine {self.engine}: takes the motion as it is, so {unused[0]} says nothing; leave it out"
            )
        others = [part for part in PARTS if part not in _SPOKEN_PARTS and self.strength.of(part) != 1]
        if self.engine == "speech" and others:
            raise SfpError(
                f"engine speech: has no strength for {others[0]}; expected {' or '.join(_SPOKEN_PARTS)} "
                "(the others are for landmarks and films)"
            )
        twice = [part for part in _SPOKEN_PARTS if self.strength.of(part) != 1 and getattr(self.style, part) != 1]
        if twice:
            raise SfpError(f"--{twice[0]} and --strength {twice[0]}: say the same; give one of the two")

    @property
    def spoken_style(self) -> Style:
        """The style of speech, with the strengths that it has."""
        chosen = {part: getattr(self.style, part) * self.strength.of(part) for part in _SPOKEN_PARTS}
        return replace(self.style, **chosen)


@dataclass(frozen=True)
class TakeResult:
    """What was made: the take, its figures, and where it lies."""

    take: Take
    summary: Summary
    path: Path


def engine_named(name: str) -> Engine:
    """The engine of this name. Raises SfpError for one that there is not."""
    if name not in get_args(Engine):
        raise SfpError(f"engine {name} is unknown; expected {', '.join(get_args(Engine))}")
    return cast(Engine, name)


def demo_request(target: Path, *, preview: bool = True, force: bool = False) -> AnimateRequest:
    """The built-in line, spoken by the built-in character."""
    folder = Path(str(resources.files("sfp_core"))) / "data" / "demo"
    text = (folder / "line.txt").read_text(encoding="utf-8")
    return AnimateRequest(target, folder / "line.wav", transcript=text, preview=preview, force=force)


def animate(
    request: AnimateRequest, progress: Progress | None = None, *, began_s: float | None = None, processes: int = 1
) -> TakeResult:
    """Make a take and write its files; nothing is left when it fails.

    Parameters
    ----------
    began_s : float, optional
        `time.perf_counter()` at the start of the process, for `startup_s`; now, where not given.
    processes : int
        Workers for the preview; see `preview.pictures`.

    Raises
    ------
    SfpError
        Anything about the input that does not fit, or a disk that refuses.
    """
    report = progress or Progress()
    began_s = time.perf_counter() if began_s is None else began_s
    target = target_at(request.target, force=request.force or request.keep)
    old = _old_take(target) if request.keep else None
    character = Character.load(request.character)
    film = _film_of(request)
    sound = request.sound or (film.path if film is not None and film.sound else None)
    startup_s = time.perf_counter() - began_s

    film_wanted = target.only == PREVIEW or (target.wants(PREVIEW) and request.preview)
    scene = scene_of(character.rig, request.rig) if film_wanted else None
    if target.only == PREVIEW and scene is None:
        raise SfpError(
            f"{request.target}: {character.rig.name} is no rig that this program can draw, so no film of it; where it "
            "is a .glb, .gltf or .vrm file, name that with --rig"
        )
    motion = _performed(request, film, character, report)
    with report.stage("keys"):
        dense = ControllerCurves(character.rig, motion.fps, 0.0, motion.values)
        smoothed = smooth(dense, smoothing_named("normal", character.rig.names), events=motion.events)
        take = build_take(
            smoothed,
            events=motion.events,
            tolerance=request.tolerance,
            sound=_sound_reference(sound, target),
            layer=layers_of(character, main=request.engine),
        )
        take = replace(take, spoken=spoken_of(motion.heard.track) if motion.heard is not None else None)
        lost: tuple[str, ...] = ()
        if old is not None:
            take, lost = with_edits_of(take, old)
        take = _weighted(take, request.weights)
    warnings = _warnings(motion, undrawable=character.rig.name if film_wanted and scene is None else "")
    if lost:
        warnings = (*warnings, f"edited, but no longer there to be kept: {listed(lost)}")
    for warning in warnings:
        report.warning(warning)
    with target.opened() as paths:
        with report.stage("files"):
            _write_keys(take, paths, group=not _of_maya(character))
        if scene is not None:
            with report.stage("preview", total=take.frames) as step:
                _write_film(
                    paths[PREVIEW],
                    take,
                    character.rig,
                    scene,
                    head_deg=motion.head_deg,
                    sound=sound,
                    left=film if request.side_by_side else None,
                    processes=processes,
                    step=step,
                )
        summary = _summary(request, motion, take, report, startup_s=startup_s, warnings=warnings)
        if SUMMARY in paths:
            write_json(paths[SUMMARY], summary.to_json())
    return TakeResult(take, summary, target.path)


def _old_take(target: Target) -> Take | None:
    """The take that is there to be kept in part; None where nothing is there yet."""
    if not target.path.exists():
        return None
    if target.only not in (None, CURVES):
        raise SfpError(f"{target.path}: --keep needs the keys of the take that is there; expected a folder or .json")
    path = target.path / CURVES if target.only is None else target.path
    return read_curves_json(path) if path.is_file() else None


def _weighted(take: Take, weights: Mapping[str, float]) -> Take:
    """The take with these weights of its layers."""
    names = [layer.name for layer in take.layers]
    unknown = sorted(set(weights) - set(names))
    if unknown:
        raise SfpError(f"--layer {unknown[0]}: the take has no such layer; expected {', '.join(names)}")
    return replace(take, layers=tuple(replace(one, weight=weights.get(one.name, one.weight)) for one in take.layers))


def _film_of(request: AnimateRequest) -> "Film | None":
    if request.video is None:
        return None
    from sfp_core.detect.films import Film  # opens films: not for speech

    return Film.open(request.video)


def _performed(request: AnimateRequest, film: "Film | None", character: Character, report: Progress) -> Motion:
    if film is not None:
        return from_film(film, character, fps=request.fps, strength=request.strength, report=report)
    if request.landmarks is not None:
        return from_landmarks(request.landmarks, character, fps=request.fps, strength=request.strength, report=report)
    assert request.sound is not None  # AnimateRequest has seen to it
    return from_sound(
        request.sound,
        character,
        transcript=request.transcript,
        phones=request.phones,
        fps=request.fps or DEFAULT_FPS,
        style=request.spoken_style,
        seed=request.seed,
        report=report,
    )


def _sound_reference(sound: Path | None, target: Target) -> SoundReference | None:
    """The sound as seen from the take, so that both may move together."""
    if sound is None:
        return None
    folder = target.path if target.only is None else target.path.parent
    try:
        name = Path(os.path.relpath(sound, folder)).as_posix()
    except ValueError:  # Windows: on another drive
        name = sound.resolve().as_posix()
    return SoundReference(name, sha256_of(sound))


def _warnings(motion: Motion, *, undrawable: str) -> tuple[str, ...]:
    warnings = [*motion.warnings, *(warnings_of(motion.heard) if motion.heard is not None else ())]
    if undrawable:
        warnings.append(
            f"no preview: {undrawable} is no rig that this program can draw (--rig FILE draws that of a glTF file)"
        )
    return tuple(warnings)


def _of_maya(character: Character) -> bool:
    """Whether its rig lives in Maya, so that keys find their nodes there."""
    return str(character.training.get("source", "")).lower().startswith("maya")


def _write_keys(take: Take, paths: Mapping[TakeFile, Path], *, group: bool) -> None:
    if CURVES in paths:
        write_curves_json(paths[CURVES], take)
    if MAYA in paths:
        write_maya_ascii(paths[MAYA], take, group=group)
    if ANIM in paths:
        write_maya_anim(paths[ANIM], take)


def _write_film(
    path: Path,
    take: Take,
    rig: RigSpec,
    scene: Scene,
    *,
    head_deg: np.ndarray,
    sound: Path | None,
    left: "Film | None",
    processes: int,
    step: Step,
) -> None:
    """Film what the keys play, so that what was lost by reducing them is seen; on request with a film to the left."""
    from sfp_core.render.film import write_film

    values = take.curves(rig).values
    with contextlib.closing(pictures(scene, values, head_deg, processes=processes)) as drawn:
        frames = drawn if left is None else beside(left.pictures(), drawn, fps=(left.fps, take.fps))
        write_film(path, frames, fps=take.fps, sound=sound, progress=step)


def _summary(
    request: AnimateRequest,
    motion: Motion,
    take: Take,
    report: Progress,
    *,
    startup_s: float,
    warnings: tuple[str, ...],
) -> Summary:
    track = motion.heard.track if motion.heard is not None else None
    seconds = float(motion.seconds)
    worked_s = sum(spent for name, spent in report.stage_seconds.items() if name != "preview")
    return Summary(
        seconds=seconds,
        fps=str(take.fps),
        frames=take.frames,
        engine=request.engine,
        rung=track.rung if track is not None else "",
        speech_share=track.speech_share if track is not None else 0.0,
        unknown_words=track.unknown_words if track is not None else (),
        warnings=warnings,
        stage_seconds=report.stage_seconds,
        startup_s=startup_s,
        rtf=worked_s / seconds if seconds else 0.0,
        peak_mb=peak_mb(),
        channels=len(take.channels),
        moving_channels=take.moving_channels,
        keys=take.key_count,
        worst_error=take.worst_error,
    )
