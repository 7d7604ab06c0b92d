"""Measure a detector on labelled faces and write a page about it.

`python -m training.evaluate DATA [--split test] [--weights FILE] [--limit N] [--jitter SEED] -o report.html`

DATA is a data set of `training.synth`, any folder with SPLIT.txt in WFLW's line format and images/, or a folder with
landmarks68.json. The detector is given the labelled boxes, or with `--jitter` ones moved and enlarged by chance. The
last line printed is one JSON object; `--json` writes it to a file, too.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from sfp_core.detect.crop import checked_box
from sfp_core.detect.detector import Detector
from sfp_core.detect.pictures import read_picture
from sfp_core.errors import SfpError
from sfp_core.files import write_json, write_text
from training.detector_data import PIXEL_CENTRE_OFFSET
from training.evaluation import MEASURES, Evaluation, evaluate
from training.labelled_sets import LabelledSet, as_given, read_labelled
from training.measures import Score, score
from training.report_page import page


def find(detector: Detector, data: LabelledSet) -> np.ndarray:
    """Landmarks (n, 98, 2), image space, that the detector finds in the boxes of a set.

    Raises
    ------
    SfpError
        A picture that cannot be read, a box outside its picture, or a detector of another layout.
    """
    if detector.layout.name != "wflw98":
        raise SfpError(f"the detector finds {detector.layout.name}; expected weights for wflw98")
    found = detector.detect_many(_pictures(data), data.boxes)
    return np.stack([one.landmarks.points for one in found])


def _pictures(data: LabelledSet) -> Iterator[np.ndarray]:
    """The picture of each face; one that faces in a row share is read once."""
    last, picture = None, np.zeros((0, 0, 3), np.uint8)
    faces = zip(data.pictures, data.boxes, strict=True)
    console = Console(stderr=True)
    for path, box in track(faces, "faces", total=len(data), console=console, transient=True):
        if path != last:
            last, picture = path, read_picture(path)
        checked_box(box, width=picture.shape[1], height=picture.shape[0], where=f"{path}: box")
        yield picture


def measure(
    folder: Path,
    *,
    split: str,
    weights: Path | None = None,
    limit: int | None = None,
    jitter: int | None = None,
    pixel_offset: float = 0.0,
) -> tuple[Evaluation, Detector]:
    """Read the set, run the detector, and compare.

    Parameters
    ----------
    folder, split, pixel_offset
        See `read_labelled`.
    weights : Path, optional
        The shipped ones where left out.
    limit : int, optional
        At most so many faces.
    jitter : int, optional
        Seed of `jittered_boxes`; the labelled boxes where left out.
    """
    whole = read_labelled(folder, split, pixel_offset=pixel_offset)
    detector = Detector.load(weights)
    data, given, told = as_given(whole, jitter=jitter, limit=limit)
    name = "shipped" if weights is None else weights.name
    title = f"{name} ({detector.sha256[:12]})" if detector.sha256 else name
    return evaluate(data, find(detector, given), detector=title, boxes=told), detector


def text_table(result: Evaluation) -> str:
    """The figures for the screen."""
    lines = [f"{'':34}{'faces':>7}{'NME %':>9}{'median':>9}{'FR10 %':>9}{'AUC10':>9}"]
    for key in result.measures:
        lines.append(_text_row(MEASURES[key], score(result.errors(key))))
    if result.profile.any():
        lines.append(_text_row("  with profiles", score(result.errors(result.main, with_profiles=True))))
        lines.append(
            _text_row("  profiles alone", score(result.errors(result.main, with_profiles=True)[result.profile]))
        )
    lines += [_text_row(name, one) for name, one in result.regions.items()]
    lines += [_text_row(f"{row.kind} {row.name}", row.fair) for row in result.rows]
    for name, one in result.openings.items():
        lines.append(
            f"{f'opening of {name}':34}error {one.error:.2f} %, bias {one.bias:+.2f} %, r {one.correlation:.3f}"
        )
    return "\n".join(lines)


def _text_row(name: str, one: Score) -> str:
    return f"{name:34}{one.faces:7d}{one.nme:9.2f}{one.median:9.2f}{one.fr10:9.2f}{one.auc10:9.4f}"


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="evaluate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder of labelled faces")
    parser.add_argument("--split", default="test", help="which list of the folder (test)")
    parser.add_argument("--weights", type=Path, help="a detector's weights (the shipped ones)")
    parser.add_argument("--limit", type=int, metavar="N", help="at most so many faces, spread over the set")
    parser.add_argument("--jitter", type=int, metavar="SEED", help="boxes moved and enlarged by chance")
    centres = "the list counts pixel centres as whole numbers, as WFLW's own lists do"
    parser.add_argument("--pixel-centres", action="store_true", help=centres)
    parser.add_argument("-o", "--out", type=Path, help="page to write, .html")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args(arguments)
    try:
        for name, least in (("limit", 1), ("jitter", 0)):
            if (number := getattr(options, name)) is not None and number < least:
                raise SfpError(f"--{name} {number}: expected {least} or more")
        result, detector = measure(
            options.data,
            split=options.split,
            weights=options.weights,
            limit=options.limit,
            jitter=options.jitter,
            pixel_offset=PIXEL_CENTRE_OFFSET if options.pixel_centres else 0.0,
        )
        record = result.record()
        if options.out is not None:
            write_text(options.out, page(result, detector.training))
        if options.json is not None:
            write_json(options.json, record)
    except SfpError as error:
        print(f"evaluate: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("evaluate: stopped", file=sys.stderr)
        return 130
    print(text_table(result))
    print(json.dumps(record, allow_nan=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
