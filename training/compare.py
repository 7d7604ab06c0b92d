"""Compare our detector with rivals on labelled faces, and write a page with sheets of faces.

`python -m training.compare DATA [--split test] [--jitter SEED] [--limit N] [--ours NAME=WEIGHTS ...]
[--rival NAME=WEIGHTS ...] [--shelf mediapipe=PYTHON] [--shelf dlib=PYTHON,MODEL.dat] [--shelf face-alignment=PYTHON]
-o page.html [--json FILE]`

DATA is what `training.evaluate` takes, and every method gets the same pictures and boxes. The shipped detector always
takes part. A rival off the shelf runs as a child process of the PYTHON that has it installed. The last line printed
is one JSON object, the figures of each method by its name; `--json` writes it to a file, too.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from sfp_core.errors import SfpError
from sfp_core.files import write_json, write_text
from training.comparison.figures import Comparison, compare, text_table
from training.comparison.methods import Method, ask, ours, rival
from training.comparison.page import page
from training.comparison.shelf import Shelf, ShelfChoice
from training.detector_data import PIXEL_CENTRE_OFFSET
from training.labelled_sets import as_given, read_labelled

SHIPPED = "ours"


def named_weights(option: str, text: str) -> tuple[str, Path]:
    """`NAME=WEIGHTS` of an option. Raises SfpError for anything else."""
    name, _, path = text.partition("=")
    if not name or not path:
        raise SfpError(f"{option} {text}: expected NAME=WEIGHTS")
    return name, Path(path)


def run(options: argparse.Namespace) -> Comparison:
    """Read the set, start the methods, ask them, and measure.

    Raises
    ------
    SfpError
        A malformed option, an unusable set, or a method that cannot be started or fails.
    """
    own = [named_weights("--ours", text) for text in options.ours]
    rivals = [named_weights("--rival", text) for text in options.rival]
    shelf = [ShelfChoice.parsed(text) for text in options.shelf]
    _refuse_twice([SHIPPED, *(name for name, _ in own + rivals), *(one.kind for one in shelf)])
    offset = PIXEL_CENTRE_OFFSET if options.pixel_centres else 0.0
    whole = read_labelled(options.data, options.split, pixel_offset=offset)
    data, given, boxes = as_given(whole, jitter=options.jitter, limit=options.limit)
    with ExitStack() as stack:
        children = [stack.enter_context(Shelf(one, timeout_s=options.timeout)) for one in shelf]
        methods: list[Method] = [ours(SHIPPED), *(ours(name, path) for name, path in own)]
        methods += [rival(name, path) for name, path in rivals]
        _start(children)
        answers = ask([*methods, *children], given)
    return compare(data, answers, boxes=boxes)


def _start(children: Sequence[Shelf]) -> None:
    """Wait for all children; what is wrong with any of them is told together."""
    problems = []
    for child in children:
        try:
            child.started()
        except SfpError as error:
            problems.append(str(error))
    if problems:
        raise SfpError("; ".join(problems))


def _refuse_twice(names: Sequence[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise SfpError(f"methods named twice: {', '.join(twice)}; every method needs a name of its own")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder of labelled faces")
    parser.add_argument("--split", default="test", help="which list of the folder (test)")
    parser.add_argument("--jitter", type=int, metavar="SEED", help="boxes moved and enlarged by chance")
    parser.add_argument("--limit", type=int, metavar="N", help="at most so many faces, spread over the set")
    named: dict[str, object] = {"action": "append", "default": []}
    parser.add_argument("--ours", metavar="NAME=WEIGHTS", help="another detector of ours", **named)  # type: ignore[arg-type]
    parser.add_argument("--rival", metavar="NAME=WEIGHTS", help="a rival trained here", **named)  # type: ignore[arg-type]
    shelf = "a detector off the shelf and the Python that has it: mediapipe, dlib (with its model) or face-alignment"
    parser.add_argument("--shelf", metavar="KIND=PYTHON[,MODEL]", help=shelf, **named)  # type: ignore[arg-type]
    timeout = "how long a detector off the shelf may take for a face (60)"
    parser.add_argument("--timeout", type=float, default=60.0, metavar="SECONDS", help=timeout)
    centres = "the list counts pixel centres as whole numbers, as WFLW's own lists do"
    parser.add_argument("--pixel-centres", action="store_true", help=centres)
    parser.add_argument("-o", "--out", type=Path, required=True, help="page to write, .html")
    parser.add_argument("--json", type=Path, help="file for the figures")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        for name, least in (("limit", 1), ("jitter", 0), ("timeout", 0.001)):
            if (number := getattr(options, name)) is not None and not number >= least:
                raise SfpError(f"--{name} {number}: expected {least} or more")
        result = run(options)
        record = result.record()
        write_text(options.out, page(result))
        if options.json is not None:
            write_json(options.json, record)
    except SfpError as error:
        print(f"compare: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("compare: stopped", file=sys.stderr)
        return 130
    print(text_table(result))
    print(json.dumps(record, allow_nan=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
