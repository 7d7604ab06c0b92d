"""The outline of a sound against one made the slow way."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sfp_core.report.waveform import FULL, outline, waveform_of
from sfp_core.speech.audio import SPEECH_HZ, read_blocks


def test_the_outline_is_the_lowest_and_highest_sample_of_every_2_ms(line: Path) -> None:
    made = waveform_of(line)
    samples = np.concatenate(list(read_blocks(line)))
    assert made.rate == 500
    spans = [samples[start : start + 32] for start in range(0, len(samples), 32)]
    assert made.low.tolist() == [int(np.floor(FULL * span.min())) for span in spans]
    assert made.high.tolist() == [int(np.ceil(FULL * span.max())) for span in spans]


@pytest.mark.parametrize("cuts", [(), (16000,), (32, 64, 9600)], ids=str)
def test_blocks_make_no_difference(cuts: tuple[int, ...]) -> None:
    samples = np.random.default_rng(0).normal(0, 0.5, 20_011).astype(np.float32)
    whole, pieces = outline([samples]), outline(np.split(samples, cuts))
    assert (whole.low.tolist(), whole.high.tolist()) == (pieces.low.tolist(), pieces.high.tolist())
    assert whole.low.min() == -FULL  # what is louder than full is drawn as full


def test_an_hour_takes_wider_spans_and_keeps_its_peaks() -> None:
    loud = 1234.5678
    blocks = [np.zeros(30 * SPEECH_HZ, np.float32) for _ in range(120)]
    blocks[int(loud) // 30][round(loud % 30 * SPEECH_HZ)] = 0.5
    made = outline(blocks)
    assert len(made.high) <= 1 << 18
    assert len(made.high) / made.rate >= 3600
    (peak,) = np.flatnonzero(made.high)
    assert Fraction(int(peak)) / made.rate <= loud < Fraction(int(peak) + 1) / made.rate
    assert made.high[peak] == 64


def test_no_sound_at_all_has_no_spans() -> None:
    assert len(outline([]).low) == 0
