"""How both branches hear: an LSTM over each window of mel frames, of which the last step is kept.

Shapes: B windows, W frames a window, C channels, H hidden units.
"""

from torch import Tensor, nn

WINDOW_FRAMES = 18  # window i is frames i .. i + 17 and speaks for frame i, so 0.288 s are looked ahead


def frame_lstm(channels: int, *, hidden: int, layers: int, both_ways: bool = False) -> nn.LSTM:
    """An LSTM over (B, W, C)."""
    return nn.LSTM(channels, hidden, layers, batch_first=True, bidirectional=both_ways)


def last_step(lstm: nn.LSTM, windows: Tensor) -> Tensor:  # (B, W, C)
    """What the LSTM says at the last frame of each window, (B, H); every window starts from zero."""
    outputs, _ = lstm(windows)
    last: Tensor = outputs[:, -1]
    return last


def windows_of(frames: Tensor) -> Tensor:  # (N, C)
    """Every window of WINDOW_FRAMES frames, (N - 17, W, C); a view, no copy."""
    return frames.unfold(0, WINDOW_FRAMES, 1).transpose(1, 2)
