"""Make a data set of stylised faces in the likeness of FLSC: pictures, landmarks, and all that is known about them.

`python -m training.synth --count 24000 --out DIR --seed 1 --families toon,anny --processes 2`

DIR/images holds the pictures. DIR/train.txt, val.txt and test.txt have one line a face in WFLW's format: 196
coordinates (pixels), box x_min y_min x_max y_max, six attribute flags (pose expression illumination make-up occlusion
blur), picture name. DIR/train.jsonl and so on tell everything (FORMATS.md, `sfp.faces`). The splits share no
character; `toon` is in the training split alone. DIR/subsets lists the test faces by attribute and look;
DIR/family_train.txt and family_test.txt hold one family out.

A run that was stopped goes on when the same command is given again.
"""

import argparse
import multiprocessing
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from sfp_core.errors import SfpError
from training.dataset import DatasetConfig, begin, finish, make_chunk
from training.faces.family import FAMILIES
from training.faces.recipe import RECIPES

_Job = tuple[int, DatasetConfig, str]


def _make(job: _Job) -> int:
    chunk, config, out = job
    make_chunk(chunk, config=config, out=Path(out))
    return chunk


def make_dataset(out: Path, config: DatasetConfig, *, count: int, processes: int) -> Iterator[int]:
    """Make at least `count` pictures (whole chunks); yields how many are there after every chunk.

    Raises
    ------
    SfpError
        `out` holds a data set of another config, or the disk refuses.
    """
    begin(out, config)
    jobs: list[_Job] = [(chunk, config, str(out)) for chunk in range(config.chunks(count))]
    if processes <= 1:
        yield from ((done + 1) * config.per_chunk for done, _ in enumerate(map(_make, jobs)))
    else:
        # Spawned, not forked: compiled loops and OpenCV keep threads that do not survive a fork.
        with multiprocessing.get_context("spawn").Pool(min(processes, len(jobs)), _start) as pool:
            yield from ((done + 1) * config.per_chunk for done, _ in enumerate(pool.imap_unordered(_make, jobs)))
    finish(out, config, count=count)


def _start() -> None:
    """Of every process: one thread, since the processes are as many as the cores."""
    import cv2

    cv2.setNumThreads(1)


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, required=True, help="pictures, rounded up to whole chunks of 120")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--families", default="toon", help=f"some of {','.join(FAMILIES)} (toon)")
    parser.add_argument(
        "--hold-out", default="anny", choices=FAMILIES, help="family that family_train.txt lacks (anny)"
    )
    parser.add_argument("--recipe", default="default", choices=sorted(RECIPES))
    parser.add_argument("--size", type=int, default=256, help="side of the pictures, pixels (256)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    try:
        config = DatasetConfig(
            seed=options.seed,
            families=tuple(name.strip() for name in options.families.split(",") if name.strip()),
            recipe=options.recipe,
            size=options.size,
            held_out=options.hold_out,
        )
        if options.count < 1:
            raise SfpError(f"--count {options.count}: expected at least 1 picture")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns) as progress:
            task = progress.add_task("pictures", total=config.chunks(options.count) * config.per_chunk)
            steps = make_dataset(options.out, config, count=options.count, processes=options.processes)
            for done in steps:
                progress.update(task, completed=done)
    except SfpError as error:
        print(f"synth: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("synth: stopped; go on with the same command", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
