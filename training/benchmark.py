"""Measure what is shipped; never trains.

    python -m training.benchmark loop [--faces DIR] [--parts curves faces clip]

`loop`: known curves of `toon` -> rendered frames -> detect -> map -> keys -> the same curves; the detector on unseen
characters; real-time factor, start-up and memory of `sfp animate`. A table, then one JSON object as the last line.
With SFP_SHARED_DATA the clip is the development data's, else the built-in line.
"""

import argparse
import sys
from pathlib import Path

from sfp_core.errors import SfpError
from training.benchmarks import loop
from training.benchmarks.table import table_text

BENCHMARKS = ("loop",)


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=BENCHMARKS)
    parser.add_argument("--faces", type=Path, help="a data set of training.synth; its test.txt is used")
    parser.add_argument("--character", default="toon", help="bundle to measure (toon)")
    parser.add_argument("--detector", type=Path, help="weights instead of the shipped ones")
    parser.add_argument("--parts", nargs="+", choices=loop.PARTS, default=loop.PARTS, help="measure only these")
    options = parser.parse_args(arguments)
    try:
        figures = loop.run(
            faces=options.faces, character=options.character, detector=options.detector, parts=options.parts
        )
    except SfpError as error:
        print(f"benchmark: error: {error}", file=sys.stderr)
        return 1
    print(table_text(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
