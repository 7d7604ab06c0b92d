"""The convolution that AutoVC is made of: five frames wide, then a group norm.

Shapes: B sounds, C channels, T mel frames.
"""

from torch import Tensor, nn

_KERNEL_FRAMES = 5


class Convolution(nn.Module):
    """A convolution over time that keeps the length: zeros stand before the first frame and after the last."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels_in, channels_out, _KERNEL_FRAMES, padding=_KERNEL_FRAMES // 2)

    def forward(self, signal: Tensor) -> Tensor:  # (B, C, T)
        """The filtered signal, (B, channels_out, T)."""
        filtered: Tensor = self.conv(signal)
        return filtered


def normed_convolution(channels_in: int, channels_out: int, *, groups: int = 32) -> nn.Sequential:
    """A convolution and a group norm.

    The norm takes mean and variance over the channels of a group *and all frames*: what is converted together is
    normed together, and no frame can be converted alone.
    """
    return nn.Sequential(Convolution(channels_in, channels_out), nn.GroupNorm(groups, channels_out))
