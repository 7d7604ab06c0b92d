"""`sfp detect` and `sfp draw`: landmarks of faces in pictures and films."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sfp_core.cli.options import ProgressOption, refuse_folder
from sfp_core.cli.talk import reporting, say
from sfp_core.errors import SfpError

if TYPE_CHECKING:
    import numpy as np

    from sfp_core.detect.detector import Detector
    from sfp_core.formats.detections_json import Box, BoxedFace
    from sfp_core.progress import Progress

_FILMS = (".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg")


def detect(
    source: Annotated[
        Path, typer.Argument(metavar="PICTURE|FOLDER|VIDEO", help="A picture, a folder of pictures, or a film.")
    ],
    box: Annotated[
        tuple[float, float, float, float] | None,
        typer.Option("--box", metavar="X0 Y0 X1 Y1", help="Where the face is, pixels; else it is looked for."),
    ] = None,
    boxes: Annotated[
        Path | None, typer.Option("--boxes", metavar="FILE", help="Boxes by picture (.json); others are looked for.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON on stdout instead of a line a face.")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="JSON to this file; of a film .npz.")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Of a film: leave the detector's jitter in.")] = False,
    weights: Annotated[
        Path | None, typer.Option("--weights", metavar="FILE", help="Other weights than the shipped ones.")
    ] = None,
    progress: ProgressOption = "auto",
) -> None:
    """Find the landmarks of faces in pictures, or of one face through a film."""
    with reporting(progress) as report:
        if source.suffix.lower() in _FILMS and not source.is_dir():
            if boxes is not None or json:
                raise SfpError(f"{source}: a film gives one face as .npz; expected no --boxes and no --json")
            _detect_in_film(source, box, output, weights, raw, report)
            return
        if raw:
            raise SfpError(f"detect: --raw is for films; {source} is none")
        if box is not None and (boxes is not None or source.is_dir()):
            raise SfpError("detect: --box is for one picture; for several give --boxes FILE.json")
        if output is not None:
            refuse_folder(output)
        names = _named_pictures(source)
        from sfp_core.formats import detections_json

        given = detections_json.read_boxes(boxes) if boxes is not None else {}
        unknown = sorted(set(given) - set(names))
        if unknown:
            raise SfpError(f"{boxes}: {unknown[0]!r} is no picture of {source}; expected e.g. {next(iter(names))!r}")
        if box is not None:
            given = {name: [box] for name in names}
        from sfp_core.detect.pictures import read_picture

        if not source.is_dir():
            read_picture(source)  # what is wrong with it is told before the weights are loaded
        found: dict[str, list[BoxedFace]] = {}
        problems = []
        with report.stage("detect", total=len(names)) as step:
            detector = _detector(weights, with_finder=not set(names) <= set(given))
            for done, (name, path) in enumerate(names.items()):
                try:
                    found[name] = _faces(detector, path, given.get(name))
                except SfpError as error:
                    if not source.is_dir():
                        raise
                    problems.append(str(error))
                step(done + 1)
        if json or output is not None:
            text = detections_json.as_text(found)
            if output is None:
                print(text, end="")
            else:
                from sfp_core.files import write_text

                write_text(output, text)
        else:
            _print_lines(found)
        if not source.is_dir() and not found[str(source)]:
            problems.append(f"{source}: no face found; if there is one, say where: --box X0 Y0 X1 Y1")
        if len(problems) == 1:
            raise SfpError(problems[0])
        for problem in problems:
            report.warning(problem)
        if problems:
            raise SfpError(f"{source}: {len(problems)} of {len(names)} pictures could not be used; the others are done")


def _named_pictures(source: Path) -> dict[str, Path]:
    """Pictures by the name they get in the result: as given, or relative to the folder."""
    from sfp_core.detect.pictures import SUFFIXES

    if source.is_dir():
        paths = sorted(path for path in source.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
        if not paths:
            raise SfpError(f"{source}: no pictures in this folder; expected files {' '.join(SUFFIXES)}")
        return {path.relative_to(source).as_posix(): path for path in paths}
    return {str(source): source}


def _detect_in_film(
    source: Path,
    box: "Box | None",
    output: Path | None,
    weights: Path | None,
    raw: bool,
    report: "Progress",
) -> None:
    """One face through a film, to .npz; frames without it are bridged and have confidence 0."""
    if output is not None:
        refuse_folder(output)
        if output.suffix.lower() != ".npz":
            raise SfpError(f"{output}: the landmarks of a film are written as .npz; got {output.suffix or 'no suffix'}")
    import numpy as np

    from sfp_core.detect.films import Film
    from sfp_core.detect.steady import without_gaps
    from sfp_core.landmarks import LandmarkSequence

    film = Film.open(source)
    detector = _detector(weights, with_finder=True)
    with report.stage("detect", total=film.frames or None) as step:

        def frames() -> "Iterator[np.ndarray]":
            for index, picture in enumerate(film.pictures()):
                yield picture
                step(index + 1)

        faces = detector.track(frames(), box, fps=film.fps, steadied=not raw)
    seen = [face for face in faces if face is not None]
    if not seen:
        raise SfpError(f"{source}: no face found; if there is one, say where in the first frame: --box X0 Y0 X1 Y1")
    count = detector.layout.count
    points = np.stack([face.landmarks.points if face else np.full((count, 2), np.nan) for face in faces])
    confidence = np.stack([face.landmarks.confidence if face else np.zeros(count) for face in faces])
    sequence = LandmarkSequence(
        without_gaps(points, np.arange(len(faces)) / float(film.fps)),
        film.fps,
        detector.layout,
        "image",
        confidence,
        info={"source": source.name, "detector_sha256": detector.sha256, "filter": "none" if raw else "steady"},
    )
    told = f"face in {len(seen)} of {len(faces)} frames, confidence {confidence.mean():.2f}"
    if output is None:
        print(f"{source}: {told}; -o FILE.npz keeps its landmarks")
        return
    from sfp_core.formats.landmarks_npz import write_landmarks_npz

    write_landmarks_npz(output, sequence)
    say(f"wrote {output} ({told})")


def _detector(weights: Path | None, *, with_finder: bool) -> "Detector":
    from sfp_core.detect.detector import Detector
    from sfp_core.detect.finder import Finder

    return Detector.load(weights, finder=Finder.load() if with_finder else None)


def _faces(detector: "Detector", path: Path, boxes: "list[Box] | None") -> "list[BoxedFace]":
    from sfp_core.detect.pictures import read_picture
    from sfp_core.formats.detections_json import BoxedFace

    picture = read_picture(path)
    try:
        faces = (
            detector.detect(picture)
            if boxes is None
            else [face for box in boxes for face in detector.detect(picture, box)]
        )
    except SfpError as error:
        raise SfpError(f"{path}: {error}") from error
    return [BoxedFace(face.landmarks, face.box) for face in faces]


def _print_lines(found: "dict[str, list[BoxedFace]]") -> None:
    for name, faces in found.items():
        if not faces:
            print(f"{name}: no face")
        for face in faces:
            edges = " ".join(f"{edge:.0f}" for edge in face.box)
            print(f"{name}: face in {edges}, confidence {face.landmarks.confidence.mean():.2f}")


def draw(
    landmarks: Annotated[Path, typer.Argument(metavar="LANDMARKS", help="JSON of sfp detect; of a film .npz.")],
    picture: Annotated[Path, typer.Argument(metavar="PICTURE|VIDEO", help="What they were found in.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The picture or film to write.")],
    numbers: Annotated[bool, typer.Option("--numbers", help="Write each landmark's number beside it.")] = False,
) -> None:
    """Draw landmarks on their picture, or through their film."""
    refuse_folder(output)
    if picture.suffix.lower() in _FILMS:
        _draw_in_film(landmarks, picture, output, numbers=numbers)
        return
    if landmarks.suffix.lower() == ".npz":
        raise SfpError(f"{landmarks}: landmarks in time belong to a film; {picture} is none")
    from sfp_core.formats import detections_json

    by_name = detections_json.read(landmarks)
    faces = _entry_of(picture, by_name)
    if faces is None:
        known = ", ".join(list(by_name)[:3]) or "no picture"
        raise SfpError(f"{landmarks}: has no entry for {picture}; it has {known}")
    from PIL import Image

    from sfp_core.detect.draw import draw_landmarks
    from sfp_core.detect.pictures import read_picture
    from sfp_core.files import written_whole

    drawn = draw_landmarks(read_picture(picture), [face.landmarks for face in faces], numbers=numbers)
    if output.suffix.lower() not in Image.registered_extensions():
        raise SfpError(f"{output}: pictures are written as .png, .jpg and the like; got {output.suffix or 'no suffix'}")
    with written_whole(output) as temporary:
        Image.fromarray(drawn).save(temporary)
    say(f"wrote {output} ({len(faces)} {'face' if len(faces) == 1 else 'faces'})")


def _draw_in_film(landmarks: Path, source: Path, output: Path, *, numbers: bool) -> None:
    """The film with its landmarks on every frame, and its sound; frames in which the face was not seen stay bare."""
    if landmarks.suffix.lower() != ".npz":
        raise SfpError(f"{landmarks}: landmarks of a film are .npz, as sfp detect {source} -o FILE.npz writes them")
    import numpy as np

    from sfp_core.detect.draw import draw_landmarks
    from sfp_core.detect.films import Film
    from sfp_core.formats.landmarks_npz import read_landmarks_npz
    from sfp_core.landmarks import Landmarks
    from sfp_core.render.film import write_film

    film, sequence = Film.open(source), read_landmarks_npz(landmarks)
    if sequence.space != "image":
        raise SfpError(f"{landmarks}: is in {sequence.space} space; expected image space, as sfp detect writes it")
    if film.frames and sequence.frames != film.frames:
        raise SfpError(f"{landmarks}: {sequence.frames} frames, but {source} has {film.frames}; they do not belong")

    def pictures() -> "Iterator[np.ndarray]":
        for index, picture in enumerate(film.pictures()):
            if index >= sequence.frames:
                raise SfpError(f"{landmarks}: {sequence.frames} frames, but {source} has more; they do not belong")
            height, width = (size // 2 * 2 for size in picture.shape[:2])  # H.264 needs even sizes
            face = Landmarks(sequence.points[index], sequence.layout, "image", sequence.confidence[index])
            seen = [face] if face.confidence.any() else []
            yield draw_landmarks(np.ascontiguousarray(picture[:height, :width]), seen, numbers=numbers)

    write_film(output, pictures(), fps=film.fps, sound=source if film.sound else None)
    say(f"wrote {output} ({sequence.frames} frames)")


def _entry_of(picture: Path, by_name: "dict[str, list[BoxedFace]]") -> "list[BoxedFace] | None":
    """The faces of a picture: by its path as given, by the end of its path, or the only entry there is."""
    if str(picture) in by_name:
        return by_name[str(picture)]
    ends = [
        name for name in by_name if picture.resolve().as_posix().endswith("/" + name) or Path(name).name == picture.name
    ]
    if len(ends) == 1:
        return by_name[ends[0]]
    return None
