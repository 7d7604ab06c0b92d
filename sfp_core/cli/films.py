"""The parts of `sfp detect` and `sfp draw` that are about films: one face through all pictures."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sfp_core.cli.talk import say
from sfp_core.errors import SfpError

if TYPE_CHECKING:
    import numpy as np

    from sfp_core.detect.detector import Detector
    from sfp_core.formats.detections_json import Box
    from sfp_core.progress import Progress

_SUFFIXES = (
    *(".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".ts", ".mts", ".m2ts"),
    *(".3gp", ".ogv"),
)


def is_film(source: Path) -> bool:
    """Whether this names a film rather than a picture or a folder."""
    return source.suffix.lower() in _SUFFIXES and not source.is_dir()


def check_film_output(output: Path) -> None:
    """Raise SfpError where the landmarks of a film cannot be written as asked."""
    if output.suffix.lower() != ".npz":
        raise SfpError(f"{output}: the landmarks of a film are written as .npz; got {output.suffix or 'no suffix'}")


def detect_in_film(
    source: Path,
    detector: "Detector",
    report: "Progress",
    *,
    box: "Box | None" = None,
    output: Path | None = None,
    raw: bool = False,
) -> None:
    """One face through a film, to .npz; frames without it are bridged and have confidence 0."""
    from sfp_core.detect.films import Film
    from sfp_core.detect.follow import followed, sequence_of

    film = Film.open(source)
    with report.stage("detect", total=film.frames or None) as step:
        faces = followed(film, detector, box=box, steadied=not raw, step=step)
    seen = [face for face in faces if face is not None]
    if not seen:
        raise SfpError(f"{source}: no face found; if there is one, say where in the first frame: --box X0 Y0 X1 Y1")
    sequence = sequence_of(film, faces, detector, steadied=not raw)
    told = f"face in {len(seen)} of {len(faces)} frames, confidence {sequence.confidence.mean():.2f}"
    if output is None:
        print(f"{source}: {told}; -o FILE.npz keeps its landmarks")
        return
    from sfp_core.formats.landmarks_npz import write_landmarks_npz

    write_landmarks_npz(output, sequence)
    say(f"wrote {output} ({told})")


def draw_in_film(landmarks: Path, source: Path, output: Path, report: "Progress", *, numbers: bool) -> int:
    """The film with its landmarks on every frame, and its sound; frames in which the face was not seen stay bare.

    Returns the number of frames.
    """
    if landmarks.suffix.lower() != ".npz":
        raise SfpError(f"{landmarks}: landmarks of a film are .npz, as sfp detect {source} -o FILE.npz writes them")
    import numpy as np

    from sfp_core.detect.draw import draw_landmarks
    from sfp_core.detect.films import SPARE_FRAMES, Film
    from sfp_core.formats.landmarks_npz import read_landmarks_npz
    from sfp_core.landmarks import Landmarks
    from sfp_core.render.film import write_film

    film, sequence = Film.open(source), read_landmarks_npz(landmarks)
    if sequence.space != "image":
        raise SfpError(f"{landmarks}: is in {sequence.space} space; expected image space, as sfp detect writes it")
    belongs = f"{landmarks}: {sequence.frames} frames at {sequence.fps} fps, but {source} has"
    if sequence.fps != film.fps or (film.frames and abs(sequence.frames - film.frames) > SPARE_FRAMES):
        raise SfpError(f"{belongs} {film.frames or 'frames'} at {film.fps}; they do not belong together")

    def pictures() -> "Iterator[np.ndarray]":
        count = 0
        for index, picture in enumerate(film.pictures()):
            if index >= sequence.frames:
                raise SfpError(f"{belongs} more; they do not belong together")
            height, width = (size // 2 * 2 for size in picture.shape[:2])  # H.264 needs even sizes
            face = Landmarks(sequence.points[index], sequence.layout, "image", sequence.confidence[index])
            seen = [face] if face.confidence.any() else []
            yield draw_landmarks(np.ascontiguousarray(picture[:height, :width]), seen, numbers=numbers)
            count += 1
        if count < sequence.frames:
            raise SfpError(f"{belongs} {count}; they do not belong together")

    with report.stage("draw", total=sequence.frames) as step:
        write_film(output, pictures(), fps=film.fps, sound=source if film.sound else None, progress=step)
    return sequence.frames
