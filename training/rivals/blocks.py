"""The blocks that the rivals are made of."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sfp_core.detect.network import conv_norm


class BasicBlock(nn.Module):
    """ResNet-18's and HRNet's: two 3x3 convolutions plus the input (He et al., CVPR 2016)."""

    def __init__(self, entry: int, width: int, *, stride: int = 1) -> None:
        super().__init__()
        self.path = nn.Sequential(conv_norm(entry, width, 3, stride=stride), conv_norm(width, width, 3, active=False))
        same = entry == width and stride == 1
        self.skip = nn.Identity() if same else conv_norm(entry, width, 1, stride=stride, active=False)

    def forward(self, features: Tensor) -> Tensor:
        """(B, entry, H, W) -> (B, width, H / stride, W / stride)."""
        return F.relu(self.path(features) + self.skip(features), inplace=True)


class ConvBlock(nn.Module):
    """AWing's: three 3x3 convolutions one after the other, their outputs side by side, plus the input.

    Normalisation and ReLU come before each (Bulat and Tzimiropoulos, ICCV 2017).
    """

    def __init__(self, entry: int, width: int) -> None:
        super().__init__()
        sizes = ((entry, width // 2), (width // 2, width // 4), (width // 4, width // 4))
        self.parts = nn.ModuleList(_norm_conv(before, after, 3) for before, after in sizes)
        self.skip = nn.Identity() if entry == width else _norm_conv(entry, width, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(B, entry, H, W) -> (B, width, H, W)."""
        outputs, last = [], features
        for part in self.parts:
            last = part(last)
            outputs.append(last)
        return torch.cat(outputs, 1) + self.skip(features)  # type: ignore[no-any-return]  # modules are untyped


def _norm_conv(entry: int, width: int, size: int) -> nn.Sequential:
    conv = nn.Conv2d(entry, width, size, padding=size // 2, bias=False)
    return nn.Sequential(nn.BatchNorm2d(entry), nn.ReLU(inplace=True), conv)


def begin_as_resnet(module: nn.Module) -> None:
    """Draw the first weights of all convolutions as ResNets trained from nothing do."""
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")
