"""Compare ways to find landmarks at the same budget: rivals, ablations, retraining against fine-tuning.

`python -m training.study training/studies/rivals.toml --data DIR --runs RUNS [--only NAME ...] [--stop-after N]`

Every entry of a study is trained on the same faces, in the same order, for the same number of steps of the same batch;
its learning rate is the one, of the study's rates, whose short first run validates best. Then it is measured once on
faces of characters that none was trained on or chosen by. RUNS receives one folder an entry and rate, where a stopped
study goes on; what is done is written to training/results/NAME.json with the learning curves, and `python -m
training.study STUDY --page FILE.html` draws it.
"""

import argparse
import sys
from pathlib import Path

from sfp_core.errors import SfpError
from sfp_core.files import read_json, write_text
from training.machine import machine_for
from training.study.page import page
from training.study.plan import read_study
from training.study.running import RESULTS, run_study


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", type=Path, help="a file of training/studies")
    parser.add_argument("--data", type=Path, help="a data set of training.synth")
    parser.add_argument("--runs", type=Path, help="folder for the runs")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these entries alone, done or not")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results (training/results)")
    parser.add_argument("--stop-after", type=int, help="stop a run after so many steps; the same command goes on")
    parser.add_argument("--page", type=Path, help="draw what was recorded as an HTML page, and train nothing")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:NUMBER (auto)")
    parser.add_argument("--precision", default="auto", help="auto, float32, bfloat16, float16 (auto)")
    options = parser.parse_args(arguments)
    try:
        study = read_study(options.study)
        if options.page:
            write_text(options.page, page(read_json(options.results / f"{study.name}.json")))
            print(options.page)
            return 0
        if options.data is None or options.runs is None:
            raise SfpError("--data and --runs are needed to train; --page alone draws what is recorded")
        with machine_for(options.device, options.precision) as machine:
            path = run_study(
                study,
                options.data,
                options.runs,
                only=options.only,
                results=options.results,
                machine=machine,
                stop_after=options.stop_after,
            )
        print(path)
    except SfpError as error:
        print(f"study: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("study: stopped; go on with the same command", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
