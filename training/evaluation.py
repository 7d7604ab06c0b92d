"""All figures of one detector on one labelled set, from the true and the found landmarks."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.layout import IBUG_68, WFLW_98, Layout, ibug68_from_wflw98
from training.labelled_sets import LabelledSet
from training.measures import (
    OpeningError,
    Score,
    crop_sides,
    opening_errors,
    point_errors,
    profiles,
    regions,
    scale,
    score,
)

MEASURES: Mapping[str, str] = {"98": "all 98 points", "51": "inner 51 of 68", "68": "all 68 points"}
_DECIMALS = 4


@dataclass(frozen=True)
class Row:
    """Scores of some faces.

    Attributes
    ----------
    kind, name : str
    fair : Score
        Of the faces that are no profiles.
    profiles : int
    every : Score
        Profiles included.
    """

    kind: str
    name: str
    fair: Score
    profiles: int
    every: Score


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a detector's answers are worth.

    Attributes
    ----------
    data : LabelledSet
    detector, boxes : str
        Which weights, and which boxes they were given, for people to read.
    found : (n, N, 2) float64
        In the layout of the set, image space.
    measures : mapping of str to (n,) float
        Errors of each face by a key of `MEASURES`; the first is the one that rows and worst faces go by.
    profile : (n,) bool
    box_error : (n,) float
        Mean distance over the square root of the true box's area: fair to profiles, too.
    rows : tuple of Row
        The groups of the set.
    regions : mapping of str to Score
        Without profiles.
    openings : mapping of str to OpeningError
        Without profiles; empty where there are none.
    """

    data: LabelledSet
    detector: str
    boxes: str
    found: np.ndarray
    measures: Mapping[str, np.ndarray]
    profile: np.ndarray
    box_error: np.ndarray
    rows: tuple[Row, ...]
    regions: Mapping[str, Score]
    openings: Mapping[str, OpeningError]

    @property
    def main(self) -> str:
        """The first key of `measures`."""
        return next(iter(self.measures))

    def errors(self, key: str, *, with_profiles: bool = False) -> np.ndarray:
        """Errors of one measure, (n,) or those of the faces that are no profiles."""
        return self.measures[key] if with_profiles else self.measures[key][~self.profile]

    def worst(self, count: int, *, profiles: bool = False) -> list[int]:
        """Indices of the worst faces, worst first: of those that are no profiles, or of profiles by `box_error`."""
        error = self.box_error if profiles else self.measures[self.main]
        candidates = np.flatnonzero(self.profile == profiles)
        return [int(index) for index in candidates[np.argsort(-error[candidates], kind="stable")][:count]]

    def record(self) -> dict[str, Any]:
        """The figures for programs; NME, median and failing rate in percent, null where no face gives a figure."""
        content: dict[str, Any] = {
            "data": self.data.name,
            "layout": self.data.layout.name,
            "detector": self.detector,
            "boxes": self.boxes,
            "faces": len(self.data),
            "answered": int(np.isfinite(self.found).all(axis=(1, 2)).sum()),
            "profiles": int(self.profile.sum()),
        }
        for key in self.measures:
            one = score(self.errors(key))
            content |= {f"nme{key}": one.nme, f"median{key}": one.median, f"fr10_{key}": one.fr10}
            content |= {f"auc10_{key}": one.auc10, f"nme{key}_with_profiles": self._every(key).nme}
        content["box_error_profiles"] = 100 * float(self.box_error[self.profile].mean()) if self.profile.any() else None
        content["regions"] = {name: one.nme for name, one in self.regions.items()}
        content["openings"] = {name: asdict(one) for name, one in self.openings.items()}
        content["groups"] = {}
        for row in self.rows:
            told = {**asdict(row.fair), "profiles": row.profiles, "nme_with_profiles": row.every.nme}
            content["groups"].setdefault(row.kind, {})[row.name] = told
        return _plain(content)  # type: ignore[no-any-return]

    def _every(self, key: str) -> Score:
        return score(self.errors(key, with_profiles=True))


def _plain(value: Any) -> Any:
    """Numbers rounded, NaN as null."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, float):
        return round(value, _DECIMALS) if isfinite(value) else None
    return value


def evaluate(data: LabelledSet, found98: np.ndarray, *, detector: str, boxes: str) -> Evaluation:
    """Compare found with true landmarks.

    Parameters
    ----------
    data : LabelledSet
        With its labelled boxes, also where the detector was given others: profiles are told by them.
    found98 : (n, 98, 2) float
        Image space. Truth of 68 points is compared with the 68 points that these imply.
    detector, boxes : str
        See `Evaluation`.

    Raises
    ------
    SfpError
        Numbers that do not match the set or are not finite.
    """
    found98 = np.asarray(found98, dtype=np.float64)
    if found98.shape != (len(data), WFLW_98.count, 2) or not np.isfinite(found98).all():
        raise SfpError(f"{data.name}: found {found98.shape} numbers; expected finite ones, ({len(data)}, 98, 2)")
    layout = data.layout
    found = found98 if layout is WFLW_98 else ibug68_from_wflw98(found98)
    sides = crop_sides(data.boxes)
    scales = scale(data.points, sides, layout)
    profile = profiles(data.points, sides, layout)
    errors = point_errors(found, data.points, scales)
    measures = _measures(data, found98, errors, scales)
    first = next(iter(measures.values()))
    fair = ~profile
    return Evaluation(
        data=data,
        detector=detector,
        boxes=boxes,
        found=found,
        measures=measures,
        profile=profile,
        box_error=errors.mean(axis=1) * scales / np.sqrt(np.prod(np.ptp(data.points, axis=1), axis=1)),
        rows=tuple(_row(group.kind, group.name, first, group.members, profile) for group in data.groups),
        regions={name: score(errors[fair][:, where].mean(axis=1)) for name, where in regions(layout).items()},
        openings=_openings(found[fair], data.points[fair], scales[fair], layout),
    )


def _measures(data: LabelledSet, found98: np.ndarray, errors: np.ndarray, scales: np.ndarray) -> dict[str, np.ndarray]:
    """Truth of 98 points is measured by all of them and, for rivals that find 68, by the 68 that they imply."""
    inner = IBUG_68.group("inner_51")
    if data.layout is WFLW_98:
        errors68 = point_errors(ibug68_from_wflw98(found98), ibug68_from_wflw98(data.points), scales)
        return {"98": errors.mean(axis=1), "51": errors68[:, inner].mean(axis=1), "68": errors68.mean(axis=1)}
    return {"51": errors[:, inner].mean(axis=1), "68": errors.mean(axis=1)}


def _row(kind: str, name: str, errors: np.ndarray, members: np.ndarray, profile: np.ndarray) -> Row:
    fair = score(errors[members & ~profile])
    return Row(kind, name, fair, int((members & profile).sum()), score(errors[members]))


def _openings(found: np.ndarray, true: np.ndarray, scales: np.ndarray, layout: Layout) -> dict[str, OpeningError]:
    return opening_errors(found, true, scales, layout) if len(found) else {}
