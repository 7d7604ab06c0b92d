"""Fit the kernels of `sfp_core.speech.kernels` to captured motion, and each again without one clip for the benchmark.

    SFP_SHARED_DATA=DIR python -m training.fit_articulation

Writes sfp_core/data/articulation.json (fitted on all clips) and training/results/speech/articulation-1.json (one set of
kernels for each clip, which was left out, and one that never saw an animator's curves). Takes half a minute, most of
it to hear the clips.

Every movement is ridge regression towards a prior: half the rules and half the loudness (JALI's split), which for
lips that round comes early. Jaw and rounding are fitted to an animator's curves (FACEGOOD), the opening to the lips of
talking people (GRID), towards half the jaw and half the rules. How strongly is chosen among the training clips alone,
by leaving out one of them after the other. Regression is shy, so each movement is stretched in the end until its 98th
percentile is that of the captures.
"""

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.files import write_json
from sfp_core.speech import listen
from sfp_core.speech.articulators import articulate
from sfp_core.speech.kernels import COLUMNS, LAGS_SECONDS, MOVEMENTS, RULED, Kernels
from training.captures import Capture, animator_names, animators, shared_data, talker_names, talkers

SHIPPED = Path(__file__).parents[1] / "sfp_core" / "data" / "articulation.json"
FOLDS = Path(__file__).parent / "results" / "speech" / "articulation-1.json"
TRANSFER = "no animator"
"""Name of the fold that was fitted on talking people alone."""

_LAGS = len(LAGS_SECONDS)
_RULES_INSIST, _LOUDNESS_INSISTS, _PHONES_INSIST, _SMOOTH = 0.3, 3.0, 10.0, 0.3
_EARLY = -0.06  # seconds; lips that round are there before the voice (JALI: protrusion takes 150 ms)
_STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0)

Source = Literal["talkers", "animators"]


@dataclass(frozen=True)
class Example:
    """One clip heard in one way: what is known about it, and what moved; all (T, ...) float64.

    Attributes
    ----------
    evidence : (T, COLUMNS)
    moved : mapping of movement to (T,)
        0 at rest, 1 at the clip's 98th percentile; only the movements that this clip shows.
    """

    clip: str
    source: Source
    evidence: np.ndarray
    moved: Mapping[str, np.ndarray]


def examples_of(captures: Sequence[Capture]) -> list[Example]:
    """Every capture as heard by sound alone, and with its transcript where there is one."""
    found = []
    for one in captures:
        for transcript in (None, one.transcript) if one.transcript else (None,):
            articulation = articulate(listen(one.sound, transcript), kernels=nothing_fitted())
            found.append(Example(one.name, one.source, articulation.evidence_at(one.times), one.moved))
    return found


def nothing_fitted() -> Kernels:
    """Kernels that move nothing."""
    return Kernels(np.zeros((COLUMNS, len(MOVEMENTS))), {})


def fit(examples: Sequence[Example], provenance: Mapping[str, object] | None = None) -> Kernels:
    """Kernels of all movements, fitted on these examples alone."""
    talkers_, animators_ = ([one for one in examples if one.source == source] for source in ("talkers", "animators"))
    if not talkers_:
        raise SfpError("fit_articulation: no captured talker; expected at least two clips")
    jaw = _prior(jaw=0.5, loudness={0.0: 0.5})
    rounding = _prior(spread=-0.5, protrude=0.5, loudness={_EARLY: 0.5})
    if animators_:
        jaw, rounding = ridge(animators_, "jaw", jaw), ridge(animators_, "rounding", rounding)
    opening = ridge(talkers_, "opening", 0.5 * jaw + _prior(jaw=0.4, upper_lip=0.1, lower_lip=0.1))
    weights = np.stack([_stretched(talkers_, opening), *(_stretched(examples, one) for one in (jaw, rounding))], axis=1)
    return Kernels(weights, dict(provenance or {}))


def _stretched(examples: Sequence[Example], weights: np.ndarray) -> np.ndarray:
    """Weights whose movement is 1 at the 98th percentile, on average over the examples."""
    reached = [float(np.percentile(one.evidence @ weights, 98)) for one in examples]
    return np.asarray(weights / np.mean(reached))


def ridge(examples: Sequence[Example], movement: str, prior: np.ndarray) -> np.ndarray:
    """Weights (COLUMNS,) of one movement: as near to the prior as the strength says that did best inside.

    A constant of each clip is left out of the fit: no two people, cameras and animators agree on where rest is.
    """
    clips = sorted({one.clip for one in examples})
    sums = {clip: _sums([one for one in examples if one.clip == clip], movement) for clip in clips}
    best = max(_STRENGTHS, key=lambda strength: _inside(examples, sums, movement, prior, strength))
    return _solved(list(sums.values()), prior, best)


def plain_correlations(examples: Sequence[Example], clip: str) -> dict[str, list[float]]:
    """What ridge regression on phones and loudness alone reaches on a clip that it did not see, by movement.

    One number for each way the clip was heard: by sound alone, then with its transcript. No prior, no rules, nothing of
    another source; the rival that the kernels have to beat.
    """
    own = [one for one in examples if one.clip == clip]
    blind = [
        Example(one.clip, one.source, one.evidence * (np.arange(COLUMNS) >= len(RULED)), one.moved)
        for one in examples
        if one.source == own[0].source and one.clip != clip
    ]
    found = {}
    for movement in ("opening",) if own[0].source == "talkers" else ("jaw", "rounding"):
        weights = ridge(blind, movement, np.zeros(COLUMNS))
        found[movement] = [
            round(float(np.corrcoef(one.evidence @ weights, one.moved[movement])[0, 1]), 4) for one in own
        ]
    return found


def _inside(
    examples: Sequence[Example],
    sums: Mapping[str, tuple[np.ndarray, np.ndarray]],
    movement: str,
    prior: np.ndarray,
    strength: float,
) -> float:
    """Mean correlation of each clip with what the others predict."""
    scores = []
    for left_out in sums:
        weights = _solved([one for clip, one in sums.items() if clip != left_out], prior, strength)
        scores += [
            np.corrcoef(one.evidence @ weights, one.moved[movement])[0, 1] for one in examples if one.clip == left_out
        ]
    return float(np.mean(scores))


def _sums(examples: Sequence[Example], movement: str) -> tuple[np.ndarray, np.ndarray]:
    square, product = np.zeros((COLUMNS, COLUMNS)), np.zeros(COLUMNS)
    for one in examples:
        evidence = one.evidence - one.evidence.mean(axis=0)
        square += evidence.T @ evidence
        product += evidence.T @ one.moved[movement]
    return square, product


def _solved(sums: Sequence[tuple[np.ndarray, np.ndarray]], prior: np.ndarray, strength: float) -> np.ndarray:
    square = np.sum([one[0] for one in sums], axis=0)
    product = np.sum([one[1] for one in sums], axis=0)
    change = np.linalg.solve(square + strength * _penalty(), product - square @ prior)
    return np.asarray(prior + change)


def _penalty() -> np.ndarray:
    """(COLUMNS, COLUMNS): the cost of a change from the prior; kernels that jump from lag to lag cost more."""
    bends = np.diff(np.eye(_LAGS), n=2, axis=0)
    row = np.eye(_LAGS) + _SMOOTH * bends.T @ bends
    cost = np.zeros((COLUMNS, COLUMNS))
    cost[: len(RULED), : len(RULED)] = _RULES_INSIST * np.eye(len(RULED))
    for number, first in enumerate(range(len(RULED), COLUMNS, _LAGS)):
        cost[first : first + _LAGS, first : first + _LAGS] = (_LOUDNESS_INSISTS if number < 2 else _PHONES_INSIST) * row
    return cost


def _prior(*, loudness: Mapping[float, float] | None = None, **rules: float) -> np.ndarray:
    """Shares of the rules, and of the loudness by lag."""
    prior = np.zeros(COLUMNS)
    for rule, share in rules.items():
        prior[RULED.index(rule)] = share
    for lag, share in (loudness or {}).items():
        prior[len(RULED) + LAGS_SECONDS.index(lag)] = share
    return prior


def rows_as_lines(content: object) -> str:
    """JSON for people: every row of numbers on one line."""
    text = json.dumps(content, indent=1, allow_nan=False)
    return re.sub(
        r"\[[^\[\]{}\"]*\]", lambda row: " ".join(row.group().split()).replace("[ ", "[").replace(" ]", "]"), text
    )


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args(arguments)
    try:
        data = shared_data()
        captures = [*talkers(data), *animators(data)]
        examples = examples_of(captures)
        folds, plain = {}, {}
        for left_out in (*talker_names(data), *animator_names(data), TRANSFER):
            seen = [one for one in examples if _may_see(one, left_out)]
            folds[left_out] = fit(seen, {"left_out": left_out}).to_json()
            if left_out != TRANSFER:
                plain[left_out] = plain_correlations(examples, left_out)
            print(f"without {left_out}", file=sys.stderr)
        sources = {one.name: f"{one.source}, {one.licence}" for one in captures}
        shipped = fit(examples, {"program": "python -m training.fit_articulation", "clips": sources})
        record = {"format": "sfp.articulation-folds", "version": 1, "plain_ridge_r": plain, "folds": folds}
        write_json(FOLDS, record, encode=rows_as_lines)
        write_json(SHIPPED, shipped.to_json(), encode=rows_as_lines)
    except SfpError as error:
        print(f"fit_articulation: error: {error}", file=sys.stderr)
        return 1
    return 0


def _may_see(example: Example, left_out: str) -> bool:
    return example.source == "talkers" if left_out == TRANSFER else example.clip != left_out


if __name__ == "__main__":
    sys.exit(main())
