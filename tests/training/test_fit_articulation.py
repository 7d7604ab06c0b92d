"""Fitting kernels: a truth that was built in is found again, and nothing left out is seen."""

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.files import read_json
from sfp_core.speech.kernels import COLUMNS, MOVEMENTS, Kernels
from training.fit_articulation import FOLDS, TRANSFER, Example, fit, ridge


def _examples(weights: np.ndarray, rng: np.random.Generator, *, clips: int = 4) -> list[Example]:
    made = []
    for number in range(clips):
        evidence = rng.uniform(size=(1500, COLUMNS))
        moved = evidence @ weights + rng.normal(scale=0.02, size=1500) + number  # each clip rests somewhere else
        made.append(Example(str(number), "talkers", evidence, {"opening": moved}))
    return made


def test_a_built_in_kernel_is_found_again_wherever_clips_rest() -> None:
    rng = np.random.default_rng(3)
    weights = np.zeros(COLUMNS)
    weights[5:14] = np.hanning(9)
    found = ridge(_examples(weights, rng), "opening", np.zeros(COLUMNS))
    assert np.abs(found - weights).max() < 0.05  # a kernel that is missed is off by 1


def test_without_evidence_the_prior_stays() -> None:
    examples = [Example(str(n), "talkers", np.zeros((20, COLUMNS)), {"opening": np.arange(20.0)}) for n in range(2)]
    prior = np.linspace(-1, 1, COLUMNS)
    with np.errstate(invalid="ignore"):
        assert np.allclose(ridge(examples, "opening", prior), prior)


def test_every_fold_of_the_file_reads_and_differs() -> None:
    folds = read_json(FOLDS)["folds"]
    read = {name: Kernels.from_json(one, where=name) for name, one in folds.items()}
    assert len(read) == 12 and TRANSFER in read
    assert {one.provenance["left_out"] for one in read.values()} == set(folds)
    weights = np.stack([one.weights for one in read.values()])
    assert weights.shape == (12, COLUMNS, len(MOVEMENTS))
    assert len({one.tobytes() for one in weights}) == 12


def test_no_talker_is_told() -> None:
    with pytest.raises(SfpError, match="no captured talker"):
        fit([])
