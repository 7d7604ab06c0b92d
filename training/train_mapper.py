"""Fit landmarks -> controllers on a capture and write NAME.character: a thin front of `sfp_core.character`.

    python -m training.train_mapper runs/toon --capture toon -o sfp_core/data/characters/toon.character

CAPTURE_DIR holds `capture.json` and its pictures; with `--capture NAME` they are made first from a built-in character.
Both the pictures and what is detected in them are kept there, so a broken run goes on where it stopped. What is
printed at the end was measured on poses that the fit has not seen, landmarks detected.
"""

import argparse
import sys
from pathlib import Path

from sfp_core.character.create import POSES, SEED, capture_built_in, train_from_capture
from sfp_core.character.fit import FitReport
from sfp_core.character.score import FAILED_MSE
from sfp_core.errors import SfpError
from sfp_core.files import read_json


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("capture", type=Path, metavar="CAPTURE_DIR")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="NAME.character")
    parser.add_argument("--force", action="store_true", help="replace a bundle that is there")
    parser.add_argument("--detector", type=Path, help="detector weights instead of the shipped ones")
    parser.add_argument("--box", type=float, nargs=4, metavar=("X0", "Y0", "X1", "Y1"), help="neutral face, pixels")
    parser.add_argument("--direct", type=Path, help='JSON {"articulator": {"controller": change}} for the bundle')
    parser.add_argument("--capture", dest="built_in", metavar="NAME", help="render this built-in character first")
    parser.add_argument("--poses", type=int, default=POSES, help=f"for --capture ({POSES})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"for --capture ({SEED})")
    options = parser.parse_args(arguments)
    try:
        _run(options)
    except SfpError as error:
        print(f"train_mapper: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("train_mapper: stopped; the same command goes on", file=sys.stderr)
        return 130
    return 0


def _run(options: argparse.Namespace) -> None:
    if options.output.exists() and not options.force:
        raise SfpError(f"{options.output}: is already there; give --force to replace it, or another name")
    told = _Lines()
    if options.built_in:
        capture_built_in(options.built_in, options.capture, poses=options.poses, seed=options.seed, progress=told)
    from sfp_core.detect.detector import Detector

    _, report, observation = train_from_capture(
        options.capture,
        options.output,
        detector=Detector.load(options.detector),
        box=tuple(options.box) if options.box else None,
        direct=read_json(options.direct) if options.direct else None,
        progress=told,
    )
    for problem in observation.problems:
        print(f"not used: {problem}", file=sys.stderr)
    print(report_text(report))
    print(f"wrote {options.output} ({options.output.stat().st_size / 1e6:.2f} MB)")


class _Lines:
    """Progress as a line whenever a tenth of a stage is done."""

    def __init__(self) -> None:
        self.told: tuple[str, int] = ("", -1)

    def __call__(self, stage: str, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if (stage, tenth) != self.told:
            self.told = (stage, tenth)
            print(f"{stage}: {done} of {total}", file=sys.stderr, flush=True)


def report_text(report: FitReport) -> str:
    """The report for people: figures, then every controller, the worst first."""
    lines = [
        f"on {report.mapper.poses} poses that the fit has not seen; controllers scaled to [0, 1] by their ranges",
        f"{'':34}{'mapper':>10}{'refined':>10}{'of 68':>10}",
    ]
    scores = (report.mapper, report.refined, report.refined_68)
    lines += [f"{name:34}" + "".join(f"{getter(score):10.4f}" for score in scores) for name, getter in _FIGURES]
    lines.append(f"{'neutral pictures off neutral, most':34}{report.neutral_error:10.4f}")
    lines.append(f"{'detection spread at neutral, %':34}{100 * report.noise:10.4f}")
    lines.append(f"{'forward model off detection, %':34}{100 * report.forward_error:10.4f}")
    lines.append(f"invisible, held at neutral: {', '.join(report.invisible) or 'none'}")
    lines.append(f"{'controller':24}{'error':>8}{'neutral':>9}{'ratio':>7}   (mean over poses that move it)")
    by_ratio = sorted(report.mapper.controllers, key=lambda one: one.neutral_error and -one.error / one.neutral_error)
    for one in by_ratio:
        ratio = one.error / one.neutral_error if one.neutral_error else 0.0
        lines.append(f"{one.name:24}{one.error:8.3f}{one.neutral_error:9.3f}{ratio:7.2f}")
    return "\n".join(lines)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


_FIGURES = (
    ("MSE", lambda score: score.mse),
    ("MSE over always answering neutral", lambda score: _share(score.mse, score.neutral_mse)),
    (f"failing rate (MSE > {FAILED_MSE}), %", lambda score: 100 * score.failing_rate),
    ("mean error of moved controllers", lambda score: score.mean_error),
    ("  over always answering neutral", lambda score: _share(score.mean_error, score.neutral_mean_error)),
)


if __name__ == "__main__":
    sys.exit(main())
