"""From what was heard and a still face to a talking one: 68 landmarks at 62.5 frames a second.

Shapes: N mel frames, T = N - 18 landmark frames, B windows at once, 204 = 68 landmarks x (x, y, z).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from makeittalk_bridge.blinks import blink_frames, closure
from makeittalk_bridge.conversion import in_target_voice
from makeittalk_bridge.hearing import FPS, Heard
from makeittalk_bridge.networks import Networks
from makeittalk_bridge.postprocess import PostProcessing, composed, finished
from makeittalk_bridge.recurrent import WINDOW_FRAMES, windows_of
from makeittalk_bridge.spans import joined, one_after_another, overlapping
from makeittalk_bridge.speaker import SPEECH_CODE
from makeittalk_bridge.transformer import LONGEST_STEPS
from sfp_core.errors import SfpError
from sfp_core.landmarks import Event, LandmarkSequence
from sfp_core.layout import IBUG_68

Windows = Literal["overlapping", "original"]

_VOICE_SCALE = 3.0  # the original's emb_coef: voices are told apart more strongly than in training
_SHORTEST_SEGMENT = 10  # the original drops a shorter rest
_OVERLAP = LONGEST_STEPS // 2
_BATCH = 256  # windows at once
_CONVERSION_SHARE = 0.5  # of the time, for progress


@dataclass(frozen=True)
class Talk:
    """A talking face; frame i is at i / 62.5 s.

    Attributes
    ----------
    points : (T, 68, 3) float64
        In the template's space: y down, head motion contained.
    template : (68, 3) float64
        The face it was made from.
    blinks : tuple of int
        Frames in which the lids are shut.
    """

    points: np.ndarray
    template: np.ndarray
    blinks: tuple[int, ...]

    def sequence(self) -> LandmarkSequence:
        """The same as seen from the front, for everything that takes landmarks; blinks become events."""
        times = [float(frame / FPS) for frame in self.blinks]
        return LandmarkSequence(
            self.points[:, :, :2],
            FPS,
            IBUG_68,
            "image",
            events=tuple(Event("blink", time, time) for time in times),
            info={"source": "makeittalk"},
        )


def predict(
    heard: Heard,
    networks: Networks,
    template: np.ndarray,
    *,
    options: PostProcessing | None = None,
    windows: Windows = "overlapping",
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Talk:
    """A face that says what was heard, `heard.frames` frames of it.

    Parameters
    ----------
    template : (68, 3) float
        The face with its mouth shut, normalised: jaw ends (0 and 16) 1.6 apart about the origin, y down, depth of the
        standard face.
    windows : str
        The speaker-aware branch sees 8.2 s at once. "overlapping": such stretches fade into each other, and rest and
        smoothing are those of the whole clip. "original": stretches touch, head and mouth may jump there, and a rest
        below 10 frames is dropped.
    seed : int
        Of the blinks.
    progress : callable, optional
        Is told the share done, rising in [0, 1].

    Raises
    ------
    SfpError
        A template that is no 68 finite points, a sound too short for a frame, or a network whose numbers run over.
    """
    face = _checked_template(template)
    if windows not in get_args(Windows):
        raise SfpError(f"windows {windows!r}: expected one of {', '.join(get_args(Windows))}")
    if heard.frames < (_SHORTEST_SEGMENT if windows == "original" else 1):
        raise SfpError(
            f"the sound gives {max(heard.frames, 0)} landmark frames; expected at least "
            f"{_SHORTEST_SEGMENT if windows == 'original' else 1}; let silence follow it"
        )
    options = options or PostProcessing()
    tell = progress or (lambda share: None)
    mel = in_target_voice(
        heard,
        networks.autovc,
        networks.target_voice,
        device=networks.device,
        overlaps=windows == "overlapping",
        progress=lambda share: tell(share * _CONVERSION_SHARE),
    )
    with np.errstate(over="ignore", invalid="ignore"):  # the branches' answers are looked at
        standing = ((mel - networks.mel_means) / networks.mel_deviations).astype(np.float32)
    content, codes = _branches(
        standing, face, networks, lambda share: tell(_CONVERSION_SHARE + share * (1 - _CONVERSION_SHARE))
    )
    points = _composed(content, codes, heard.voice, face, networks, options, windows)
    shut = blink_frames(len(points), np.random.default_rng(seed)) if options.blinks else []
    return Talk(finished(points, closure(len(points), shut), options=options), face, tuple(shut))


def _checked_template(template: np.ndarray) -> np.ndarray:
    face = np.array(template, dtype=np.float64)
    if face.shape != (IBUG_68.count, 3) or not np.isfinite(face).all():
        raise SfpError(f"template: {face.shape}, or not finite; expected 68 points as (x, y, z)")
    face.setflags(write=False)
    return face


def _branches(
    mel: np.ndarray, face: np.ndarray, networks: Networks, tell: Callable[[float], None]
) -> tuple[np.ndarray, np.ndarray]:
    """What the content branch says, (T, 68, 3), and what the speaker-aware one hears, (T, 256) float32."""
    still = torch.from_numpy(face.reshape(-1).astype(np.float32)).to(networks.device)
    count = len(mel) - WINDOW_FRAMES
    said, heard = np.empty((count, face.size), np.float32), np.empty((count, SPEECH_CODE), np.float32)
    with torch.inference_mode():
        for span, frames in _batches(mel, networks.device):
            said[span] = networks.content(windows_of(networks.content.prior(frames)), still).cpu().numpy()
            heard[span] = networks.speaker.heard(windows_of(frames)).cpu().numpy()
            tell(span.stop / count)
    return _as_points(_finite(said)), heard


def _batches(mel: np.ndarray, device: torch.device) -> Iterator[tuple[slice, Tensor]]:
    """Spans of landmark frames and the mel frames that their windows cover; the very last mel frame is in none."""
    for span in one_after_another(len(mel) - WINDOW_FRAMES, longest=_BATCH):
        yield span, torch.from_numpy(mel[span.start : span.stop + WINDOW_FRAMES - 1]).to(device)


def _composed(
    content: np.ndarray,
    codes: np.ndarray,
    voice: np.ndarray,
    face: np.ndarray,
    networks: Networks,
    options: PostProcessing,
    windows: Windows,
) -> np.ndarray:
    spoken = torch.from_numpy(voice).to(networks.device) * _VOICE_SCALE

    def pose(span: slice) -> np.ndarray:
        with torch.inference_mode():
            moved: Tensor = networks.speaker(torch.from_numpy(codes[span]).to(networks.device), spoken)
        return _finite(moved.cpu().numpy())

    if windows == "original":
        spans = one_after_another(len(codes), longest=LONGEST_STEPS)
        kept = [span for span in spans if span.stop - span.start >= _SHORTEST_SEGMENT]
        return np.concatenate([composed(content[span], _as_points(pose(span)), face, options=options) for span in kept])
    spans = overlapping(len(codes), longest=LONGEST_STEPS, overlap=_OVERLAP)
    return composed(content, _as_points(joined([pose(span) for span in spans], spans)), face, options=options)


def _finite(answers: np.ndarray) -> np.ndarray:
    if not np.isfinite(answers).all():
        raise SfpError("the networks' numbers run over (NaN or infinite); expected MakeItTalk's own checkpoints")
    return answers


def _as_points(flat: np.ndarray) -> np.ndarray:
    return flat.astype(np.float64).reshape(len(flat), -1, 3)
