"""Measure what is shipped; never trains.

    python -m training.benchmark heads [--parts speed beauty broken counts]
    python -m training.benchmark loop [--faces DIR] [--parts curves faces clip]
    python -m training.benchmark mapper [--character NAME] [--limit N] [--parts poses speed onboarding video]
    python -m training.benchmark detector [--detector FILE] [--limit N] [--parts unseen recorded portraits speed ...]
    python -m training.benchmark curves [--parts evaluator keys closures speed]
    python -m training.benchmark speech [--parts talkers animators phones keys speed]
    python -m training.benchmark makeittalk [--parts blocks stills speed]
    python -m training.benchmark maya

`heads`: how fast the data set and beauty frames are made, how many random identities are broken, and how many
characters, controllers and looks there are.

`loop`: known curves of `toon` -> rendered frames -> detect -> map -> keys -> the same curves; the detector on unseen
characters; real-time factor, start-up and memory of `sfp animate`. A table, then one JSON object as the last line.
With SFP_SHARED_DATA the clip is the development data's, else the built-in line.

`mapper`: 1,000 test poses of every shipped character (of --character alone where it is given) rendered, detected,
mapped, refined and drawn again; frames a second; how long a glTF file takes to become a character; a video of one
character that drives another.

`detector`: landmarks on 1,000 faces of characters never trained on and on the portraits of SFP_SHARED_DATA, faces a
second, the finder, and what the film filter takes and leaves. --limit N measures at most N of everything. What needs
long training (rivals, ablations, the unseen family) is printed as recorded in training/results; --retrain --faces DIR
--runs RUNS repeats the studies first (hours).

`curves`: the curve evaluator beside AnimX's recorded values (SFP_SHARED_DATA) and usd-core (where it is installed);
keys that the built-in line takes, with SFP_SHARED_DATA two clips of it more, beside Ramer-Douglas-Peucker and a greedy
fit of cubics; closures that still close; the speed of key reduction.

`speech`: mouths against captured ones (SFP_SHARED_DATA), each with kernels that were fitted without its clip; phones
against labels; closures, lag, speed and spectrum of the keys that `toon` gets; real-time factor and start-up.

`makeittalk`: its rebuilt networks beside slow references of the equations, stills of the cast through the swap, and,
with random weights of the published layout, real-time factor and memory.

`maya`: what the plug-in costs to apply 100 attributes x 60 s, counted in the strict fake of tests/maya, since there is
no Maya here; and how long its child process takes to start.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from sfp_core.errors import SfpError
from training.benchmarks import curves, detector, heads, loop, makeittalk, mapper, maya, speech
from training.benchmarks.table import Figure, table_text
from training.study.plan import read_study
from training.study.running import run_study

BENCHMARKS = ("heads", "detector", "mapper", "loop", "curves", "speech", "makeittalk", "maya")


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=BENCHMARKS)
    parser.add_argument("--faces", type=Path, help="a data set of training.synth; its test.txt is used")
    parser.add_argument("--character", help="bundle to measure (loop: toon; mapper: all shipped)")
    parser.add_argument("--detector", type=Path, help="weights instead of the shipped ones")
    parser.add_argument("--limit", type=int, help="detector, mapper: at most so many of everything, for a quick look")
    parser.add_argument("--retrain", action="store_true", help="detector: run the recorded studies anew, on --faces")
    parser.add_argument("--runs", type=Path, default=Path("runs/studies"), help="folder for --retrain (runs/studies)")
    parser.add_argument("--parts", nargs="+", help="measure only these")
    options = parser.parse_args(arguments)
    known = {
        "heads": heads.PARTS,
        "detector": detector.PARTS,
        "mapper": mapper.PARTS,
        "loop": loop.PARTS,
        "curves": curves.PARTS,
        "speech": speech.PARTS,
        "makeittalk": makeittalk.PARTS,
        "maya": maya.PARTS,
    }[options.name]
    parts = tuple(options.parts or known)
    try:
        unknown = [part for part in parts if part not in known]
        if unknown:
            raise SfpError(f"--parts {' '.join(unknown)}: {options.name} has {' '.join(known)}")
        if options.limit is not None and options.limit < 1:
            raise SfpError(f"--limit {options.limit}: expected at least 1")
        if options.retrain:
            _retrain(options.name, options.faces, options.runs)
        named = (options.character,) if options.character else ()
        seen = {"detector": options.detector, "limit": options.limit}
        running: dict[str, Callable[[], list[Figure]]] = {
            "heads": lambda: heads.run(parts=parts),
            "detector": lambda: detector.run(parts=parts, **seen),
            "mapper": lambda: mapper.run(parts=parts, characters=named, **seen),
            "curves": lambda: curves.run(parts=parts),
            "speech": lambda: speech.run(parts=parts),
            "makeittalk": lambda: makeittalk.run(parts=parts),
            "maya": lambda: maya.run(parts=parts),
            "loop": lambda: loop.run(
                faces=options.faces, character=options.character or "toon", detector=options.detector, parts=parts
            ),
        }
        figures = running[options.name]()
    except SfpError as error:
        print(f"benchmark: error: {error}", file=sys.stderr)
        return 1
    print(table_text(figures))
    return 0


def _retrain(name: str, faces: Path | None, runs: Path) -> None:
    """Run every study anew; results go to training/results."""
    if name != "detector" or faces is None:
        raise SfpError("--retrain: only `detector --faces DIR` has recorded figures to repeat")
    for path in sorted((Path(__file__).parent / "studies").glob("*.toml")):
        study = read_study(path)
        run_study(study, faces, runs / study.name, only=[entry.name for entry in study.entries])


if __name__ == "__main__":
    sys.exit(main())
