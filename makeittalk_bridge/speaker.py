"""The speaker-aware branch: how this voice's head and face move while it speaks.

Shapes: B windows of W mel frames, L consecutive windows (at most 512), 80 mel bands, 256 numbers of a voice,
204 = 68 landmarks x (x, y, z).
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from makeittalk_bridge.recurrent import frame_lstm, last_step
from makeittalk_bridge.transformer import Encoder, UnusedDecoder

SPEECH_CODE = 256  # numbers that are heard in a window
_MEL_BANDS, _VOICE, _STYLE, _NOISE = 80, 256, 128, 128
_FEATURES, _HEADS, _LAYERS, _FACE_SIZE = 64, 2, 2, 204
_SLOPE = 0.02


def _perceptron(*sizes: int) -> nn.Sequential:
    """Linear layers with leaky ReLUs between them."""
    layers: list[nn.Module] = [nn.Linear(sizes[0], sizes[1])]
    for size_in, size_out in pairwise(sizes[1:]):
        layers += [nn.LeakyReLU(_SLOPE), nn.Linear(size_in, size_out)]
    return nn.Sequential(*layers)


class Speaker(nn.Module):
    """The branch; its keys are those of `G` in `ckpt_speaker_branch.pth`, without `comb_mlp`.

    In training, noise stood beside the codes and features; the original leaves it at zero when it is used, and so
    does this.
    """

    def __init__(self) -> None:
        super().__init__()
        self.audio_content_encoder = frame_lstm(_MEL_BANDS, hidden=SPEECH_CODE, layers=3)
        self.spk_emb_encoder = _perceptron(_VOICE, 256, 128, _STYLE)
        self.encoder = Encoder(SPEECH_CODE + _STYLE + _NOISE, _FEATURES, layers=_LAYERS, heads=_HEADS)
        self.decoder = UnusedDecoder(_FACE_SIZE, _FEATURES, layers=_LAYERS, heads=_HEADS)
        self.out = _perceptron(_FEATURES + _NOISE, 512, 256, _FACE_SIZE)

    def heard(self, windows: Tensor) -> Tensor:  # (B, W, 80)
        """What is heard in each window, (B, 256); one window does not depend on another."""
        return last_step(self.audio_content_encoder, windows)

    def forward(self, heard: Tensor, voice: Tensor) -> Tensor:  # (L, 256) of `heard`, (256,)
        """How far each landmark moves from the face, (L, 204); every window looks at all L of them."""
        style = self.spk_emb_encoder(voice).expand(len(heard), -1)  # (L, 128)
        noise = heard.new_zeros(len(heard), _NOISE)
        encoded = self.encoder(torch.cat((heard, style, noise), dim=1).unsqueeze(0)).squeeze(0)  # (L, 64)
        moved: Tensor = self.out(torch.cat((encoded, noise), dim=1))
        return moved
