"""The figures of several methods on one labelled set, so that faces a method does not find are not hidden.

Errors and profiles are those of `training.evaluation`: our own row is what `training.evaluate` says. NME and median are
over the faces that a method answered; failing rate and area are over all faces, and one without an answer fails.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.layout import IBUG_68, Layout, ibug68_from_wflw98
from training.comparison.methods import Answers
from training.labelled_sets import LabelledSet
from training.measures import crop_sides, point_errors, profiles, scale, score

MAIN = "51"  # the inner points, which every method has
_DECIMALS = 4


def matched(found: np.ndarray, found_layout: Layout, true: np.ndarray, true_layout: Layout) -> tuple[np.ndarray, ...]:
    """Found and true points (n, N, 2) in one layout: 98 points where both have them, else the 68 that they imply."""
    if found_layout is true_layout:
        return found, true
    sides = ((found, found_layout), (true, true_layout))
    return tuple(points if layout is IBUG_68 else ibug68_from_wflw98(points) for points, layout in sides)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Methods on a set.

    Attributes
    ----------
    data : LabelledSet
        With its labelled boxes.
    boxes : str
        Which boxes the methods were given, for people to read.
    answers : tuple of Answers
        Ours first.
    profile : (n,) bool
        Faces that are counted apart, as in `training.evaluation`.
    errors : tuple of mapping of str to (n,) float
        Of each method, by a key of `training.evaluation.MEASURES`; NaN where it found no face.
    """

    data: LabelledSet
    boxes: str
    answers: tuple[Answers, ...]
    profile: np.ndarray
    errors: tuple[Mapping[str, np.ndarray], ...]

    @property
    def fair(self) -> np.ndarray:
        """Indices of the faces that are no profiles."""
        return np.flatnonzero(~self.profile)

    def with_missing(self, number: int, key: str) -> np.ndarray:
        """Errors of a method's fair faces, infinite where it found none."""
        errors = self.errors[number][key][self.fair]
        return np.where(np.isfinite(errors), errors, np.inf)

    def figures(self, number: int) -> dict[str, Any]:
        """What a method comes to; NME, median and failing rate in percent, null where there is no figure."""
        answers = self.answers[number]
        common = np.all([one[MAIN][self.fair] < np.inf for one in self.errors], axis=0)
        content: dict[str, Any] = {
            "layout": answers.layout.name,
            "faces": len(self.data),
            "answered": int(answers.answered.sum()),
            "profiles": int(self.profile.sum()),
        }
        for key in (MAIN, "68", "98"):
            told = dict.fromkeys((f"nme{key}", f"median{key}", f"fr10_{key}", f"auc10_{key}"))
            if key in self.errors[number]:
                every = self.with_missing(number, key)
                found, missing_fails = score(every[np.isfinite(every)]), score(every)
                values = (found.nme, found.median, missing_fails.fr10, missing_fails.auc10)
                told = dict(zip(told, values, strict=True))
            content |= told
        content["nme51_common"] = score(self.errors[number][MAIN][self.fair][common]).nme
        content["faces_common"] = int(common.sum())
        content["ms"] = float(np.median(answers.milliseconds))
        return {name: _plain(value) for name, value in content.items()}

    def record(self) -> dict[str, dict[str, Any]]:
        """The figures of every method by its name."""
        return {answers.name: self.figures(number) for number, answers in enumerate(self.answers)}

    def hardest(self, count: int) -> list[int]:
        """The fair faces with the largest error of ours, worst first."""
        errors = self.with_missing(0, MAIN)
        return [int(index) for index in self.fair[np.argsort(-errors, kind="stable")][:count]]

    def spread(self, count: int, *, without: Sequence[int] = ()) -> list[int]:
        """So many of the other fair faces, evenly over the set and in its order."""
        others = np.setdiff1d(self.fair, np.asarray(without, dtype=int))
        if len(others) <= count:
            return [int(index) for index in others]
        return [int(index) for index in others[np.linspace(0, len(others) - 1, count).round().astype(int)]]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DECIMALS) if isfinite(value) else None
    return value


def compare(data: LabelledSet, answers: Sequence[Answers], *, boxes: str) -> Comparison:
    """Measure every method's answers against the truth.

    Raises
    ------
    SfpError
        Answers to another number of faces.
    """
    wrong = [one.name for one in answers if len(one.points) != len(data)]
    if wrong:
        raise SfpError(f"{data.name}: {', '.join(wrong)} answered another number of faces than {len(data)}")
    sides = crop_sides(data.boxes)
    scales = scale(data.points, sides, data.layout)
    errors = tuple(_errors(one, data, scales) for one in answers)
    return Comparison(data, boxes, tuple(answers), profiles(data.points, sides, data.layout), errors)


def _errors(answers: Answers, data: LabelledSet, scales: np.ndarray) -> dict[str, np.ndarray]:
    found, true = matched(answers.points, answers.layout, data.points, data.layout)
    errors = {}
    if found.shape[1] != IBUG_68.count:
        errors["98"] = point_errors(found, true, scales).mean(axis=1)
        found, true = ibug68_from_wflw98(found), ibug68_from_wflw98(true)
    of_points = point_errors(found, true, scales)
    return {**errors, MAIN: of_points[:, IBUG_68.group("inner_51")].mean(axis=1), "68": of_points.mean(axis=1)}


def text_table(result: Comparison) -> str:
    """The figures for the screen."""
    record = result.record()
    wide = max(len("method"), *(len(name) for name in record)) + 2
    common = next(iter(record.values()))["faces_common"]
    head = ("answered", "NME51 %", "median51", "FR10 %", "AUC10", "common %", "NME68 %", "NME98 %", "ms/face")
    lines = [f"{'method':{wide}}" + "".join(f"{name:>10}" for name in head)]
    for name, one in record.items():
        keys = ("nme51", "median51", "fr10_51", "auc10_51", "nme51_common", "nme68", "nme98", "ms")
        decimals = (2, 2, 2, 4, 2, 2, 2, 1)
        cells = [number(one[key], places) for key, places in zip(keys, decimals, strict=True)]
        answered = f"{one['answered']}/{one['faces']}"
        lines.append(f"{name:{wide}}{answered:>10}" + "".join(f"{cell:>10}" for cell in cells))
    lines.append(
        f"NME, median: answered faces. FR10, AUC10: of the inner 51, no answer fails. common: NME51 of {common}"
    )
    lines[-1] += " faces that all answered."
    return "\n".join(lines)


def number(value: float | None, decimals: int = 2) -> str:
    """A figure for people; a dash where there is none."""
    return "-" if value is None else f"{value:.{decimals}f}"
