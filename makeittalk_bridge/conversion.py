"""Every sound in the one voice that the branches know, by AutoVC, in pieces of about a minute."""

from collections.abc import Callable

import numpy as np
import torch

from makeittalk_bridge.autovc import PITCH_CLASSES, AutoVC
from makeittalk_bridge.hearing import Heard
from makeittalk_bridge.spans import joined, one_after_another, overlapping

_LONGEST = 4096  # mel frames in one piece, 65.5 s
_OVERLAP = 256
_MULTIPLE = 32  # a piece is made so long with zeros


def in_target_voice(
    heard: Heard,
    autovc: AutoVC,
    target: np.ndarray,
    *,
    device: torch.device,
    overlaps: bool = True,
    progress: Callable[[float], None] | None = None,
) -> np.ndarray:
    """The mel frames of the same words, spoken by the target.

    Parameters
    ----------
    target : (256,) float32
    overlaps : bool
        Fade each piece into the next; otherwise they touch, as in the original.
    progress : callable, optional
        Is told the share done, rising in [0, 1].

    Returns
    -------
    (T, 80) float64
    """
    count = len(heard.mel)
    spans = (
        overlapping(count, longest=_LONGEST, overlap=_OVERLAP)
        if overlaps
        else one_after_another(count, longest=_LONGEST)
    )
    voice = torch.from_numpy(heard.levelled_voice).to(device).unsqueeze(0)
    towards = torch.from_numpy(target).to(device).unsqueeze(0)
    pieces = []
    for done, span in enumerate(spans, start=1):
        mel, pitch = (
            torch.from_numpy(_padded(part)).to(device).unsqueeze(0)
            for part in (heard.mel[span], _one_hot(heard.pitch[span]))
        )
        with torch.inference_mode():
            converted = autovc(mel, voice, pitch, towards)
        pieces.append(converted[0, : span.stop - span.start].cpu().numpy())
        if progress is not None:
            progress(done / len(spans))
    return joined(pieces, spans)


def _one_hot(classes: np.ndarray) -> np.ndarray:
    return np.asarray(np.eye(PITCH_CLASSES, dtype=np.float32)[classes])


def _padded(frames: np.ndarray) -> np.ndarray:
    return np.pad(frames, ((0, -len(frames) % _MULTIPLE), (0, 0)))
