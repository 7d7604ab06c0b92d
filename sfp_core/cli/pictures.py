"""`sfp detect` and `sfp draw`: landmarks of faces in pictures and films."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sfp_core.cli.detected import check_output, entry_of, read_found, write_found
from sfp_core.cli.films import check_film_output, detect_in_film, draw_in_film, is_film
from sfp_core.cli.options import ProgressOption, refuse_folder
from sfp_core.cli.talk import reporting, say
from sfp_core.errors import SfpError

if TYPE_CHECKING:
    from sfp_core.detect.detector import Detector
    from sfp_core.formats.detections_json import Box, BoxedFace

_NAMED = 5  # bad pictures in the last line; every one has a line of its own before


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
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="To this file: .json, .txt (WFLW's lines) or .npz; of a film .npz."
        ),
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Of a film: leave the detector's jitter in.")] = False,
    weights: Annotated[
        Path | None, typer.Option("--weights", metavar="FILE", help="Other weights than the shipped ones.")
    ] = None,
    yunet: Annotated[
        Path | None,
        typer.Option("--yunet", metavar="FILE", help="Look for faces with your YuNet (.onnx), not the shipped finder."),
    ] = None,
    progress: ProgressOption = "auto",
) -> None:
    """Find the landmarks of faces in pictures, or of one face through a film."""
    with reporting(progress) as report:
        if output is not None:
            refuse_folder(output)
            (check_film_output if is_film(source) else check_output)(output)
        if is_film(source):
            if boxes is not None or json:
                raise SfpError(f"{source}: a film gives one face as .npz; expected no --boxes and no --json")
            from sfp_core.detect.films import Film

            Film.open(source)  # what is wrong with it is told before the weights are loaded
            detector = _detector(weights, yunet, with_finder=True)
            detect_in_film(source, detector, report, box=box, output=output, raw=raw)
            return
        if raw:
            raise SfpError(f"detect: --raw is for films; {source} is none")
        if box is not None and (boxes is not None or source.is_dir()):
            raise SfpError("detect: --box is for one picture; for several give --boxes FILE.json")
        names = _named_pictures(source)
        given = {name: [box] for name in names} if box is not None else _given_boxes(boxes, source, names)
        if not source.is_dir():
            from sfp_core.detect.pictures import read_picture

            read_picture(source)  # what is wrong with it is told before the weights are loaded
        found: dict[str, list[BoxedFace]] = {}
        problems: dict[str, str] = {}
        with report.stage("detect", total=len(names)) as step:
            detector = _detector(weights, yunet, with_finder=not set(names) <= set(given))
            for done, (name, path) in enumerate(names.items()):
                try:
                    found[name] = _faces(detector, path, given.get(name))
                except SfpError as error:
                    if not source.is_dir():
                        raise
                    problems[name] = str(error)
                step(done + 1)
        if output is not None:
            write_found(output, found, detector_sha256=detector.sha256)
        elif json:
            from sfp_core.formats import detections_json

            print(detections_json.as_text(found), end="")
        else:
            _print_lines(found)
        if not source.is_dir() and not found[str(source)]:
            raise SfpError(f"{source}: no face found; if there is one, say where: --box X0 Y0 X1 Y1")
        if len(problems) == 1:
            raise SfpError(next(iter(problems.values())))
        for problem in problems.values():
            report.warning(problem)
        if problems:
            shown = ", ".join(list(problems)[:_NAMED]) + (" ..." if len(problems) > _NAMED else "")
            raise SfpError(
                f"{source}: {len(problems)} of {len(names)} pictures could not be used ({shown}); the others are done"
            )


def _named_pictures(source: Path) -> dict[str, Path]:
    """Pictures by the name they get in the result: as given, or relative to the folder."""
    if not source.is_dir():
        return {str(source): source}
    from sfp_core.detect.pictures import SUFFIXES, pictures_in

    paths = pictures_in(source)
    if not paths:
        raise SfpError(f"{source}: no pictures in this folder; expected files {' '.join(SUFFIXES)}")
    return {path.relative_to(source).as_posix(): path for path in paths}


def _given_boxes(boxes: Path | None, source: Path, names: dict[str, Path]) -> "dict[str, list[Box]]":
    """Boxes by the names of the result. A file for a whole folder serves for one of its pictures, too."""
    if boxes is None:
        return {}
    from sfp_core.formats import detections_json

    given = detections_json.read_boxes(boxes)
    if not source.is_dir():
        entry = entry_of(source, given)
        if entry is None and given:
            say(f"warning: {boxes}: has no entry for {source}, e.g. {source.name!r}; its faces are looked for")
        return {} if entry is None else {str(source): entry}
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise SfpError(f"{boxes}: {unknown[0]!r} is no picture of {source}; expected e.g. {next(iter(names))!r}")
    return given


def _detector(weights: Path | None, yunet: Path | None, *, with_finder: bool) -> "Detector":
    from sfp_core.detect.detector import Detector
    from sfp_core.detect.finder import Finder

    if yunet is not None:
        from sfp_core.detect.yunet import YuNet

        return Detector.load(weights, finder=YuNet(yunet))
    return Detector.load(weights, finder=Finder.load() if with_finder else None)


def _faces(detector: "Detector", path: Path, boxes: "list[Box] | None") -> "list[BoxedFace]":
    from sfp_core.detect.crop import checked_box
    from sfp_core.detect.pictures import read_picture
    from sfp_core.formats.detections_json import BoxedFace

    picture = read_picture(path)
    height, width = picture.shape[:2]
    try:
        for index, box in enumerate(boxes or []):
            where = f"box {index + 1} of {len(boxes)}" if boxes and len(boxes) > 1 else "box"
            checked_box(box, width=width, height=height, where=where)
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
    landmarks: Annotated[Path, typer.Argument(metavar="LANDMARKS", help="JSON or .npz of sfp detect; of a film .npz.")],
    picture: Annotated[Path, typer.Argument(metavar="PICTURE|VIDEO", help="What they were found in.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The picture or film to write.")],
    numbers: Annotated[bool, typer.Option("--numbers", help="Write each landmark's number beside it.")] = False,
    progress: ProgressOption = "auto",
) -> None:
    """Draw landmarks on their picture, or through their film."""
    with reporting(progress) as report:
        refuse_folder(output)
        for source in (landmarks, picture):
            if output.exists() and source.exists() and output.samefile(source):
                raise SfpError(f"{output}: is what is read here, and would be lost; choose another -o")
        if is_film(picture):
            frames = draw_in_film(landmarks, picture, output, report, numbers=numbers)
            told = f"{frames} {'frame' if frames == 1 else 'frames'}"
        else:
            faces = _draw_in_picture(landmarks, picture, output, numbers=numbers)
            told = f"{faces} {'face' if faces == 1 else 'faces'}"
        if progress != "json":
            report.close()
            say(f"wrote {output} ({told})")


def _draw_in_picture(landmarks: Path, picture: Path, output: Path, *, numbers: bool) -> int:
    """The picture with the landmarks of its faces; returns how many."""
    from PIL import Image

    from sfp_core.detect.draw import draw_landmarks
    from sfp_core.detect.pictures import read_picture
    from sfp_core.files import written_whole

    if Image.registered_extensions().get(output.suffix.lower()) not in Image.SAVE:
        raise SfpError(f"{output}: pictures are written as .png, .jpg and the like; got {output.suffix or 'no suffix'}")
    by_name = read_found(landmarks)
    faces = entry_of(picture, by_name)
    if faces is None:
        known = ", ".join(list(by_name)[:3]) or "no picture"
        raise SfpError(f"{landmarks}: has no entry for {picture}; it has {known}")
    drawn = draw_landmarks(read_picture(picture), [face.landmarks for face in faces], numbers=numbers)
    with written_whole(output) as temporary:
        Image.fromarray(drawn).save(temporary)
    return len(faces)
