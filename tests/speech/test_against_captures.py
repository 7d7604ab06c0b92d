"""Development data: hand-labelled phones. Skipped where the data are absent.

Captured mouths are in `training.benchmark speech`, with kernels that were fitted without the clip.
"""

import difflib
from pathlib import Path

import numpy as np
import pytest

from sfp_core.formats import textgrid
from sfp_core.speech import PhoneTrack, listen


def _onset_errors(truth: PhoneTrack, found: PhoneTrack) -> np.ndarray:
    first, second = ([phone for phone in track.phones if phone.symbol] for track in (truth, found))
    matcher = difflib.SequenceMatcher(
        None, [phone.symbol for phone in first], [phone.symbol for phone in second], autojunk=False
    )
    pairs = [(block.a + step, block.b + step) for block in matcher.get_matching_blocks() for step in range(block.size)]
    return np.abs([second[b].start_seconds - first[a].start_seconds for a, b in pairs])


@pytest.mark.parametrize(("name", "median", "share"), [("acoustic_corpus", 0.0101, 0.84), ("cold_corpus3", 0.02, 0.65)])
def test_alignment_agrees_with_labels(shared_data: Path, name: str, median: float, share: float) -> None:
    folder = shared_data / "speech" / "mfa"
    found = listen(folder / f"{name}.wav", folder / f"{name}.lab").track
    errors = _onset_errors(textgrid.read(folder / f"{name}.TextGrid"), found)
    assert found.rung == "align" and len(errors) > 190
    assert np.median(errors) <= median and (errors <= 0.0201).mean() >= share
