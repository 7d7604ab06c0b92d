"""AutoVC's generator: the same words in another voice, as mel frames.

Shapes: B sounds, T mel frames (a multiple of 16), 80 mel bands, 256 numbers of a voice, 257 classes of pitch.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from makeittalk_bridge.convolution import normed_convolution
from makeittalk_bridge.recurrent import frame_lstm

MEL_BANDS, VOICE_SIZE, PITCH_CLASSES = 80, 256, 257
CODE_FRAMES = 16  # one code stands for so many frames: too few numbers to carry the voice along
_CODE_SIZE = 16  # in each direction
_WIDTH = 512


class ContentEncoder(nn.Module):
    """What is said, as one code for 16 frames."""

    def __init__(self) -> None:
        super().__init__()
        widths = (MEL_BANDS + VOICE_SIZE, _WIDTH, _WIDTH)
        self.convolutions = nn.ModuleList([normed_convolution(width, _WIDTH) for width in widths])
        self.lstm = frame_lstm(_WIDTH, hidden=_CODE_SIZE, layers=2, both_ways=True)

    def forward(self, mel: Tensor, voice: Tensor) -> Tensor:  # (B, T, 80), (B, 256)
        """(B, T / 16, 32): the forward LSTM where a stretch ends, beside the backward one where it begins."""
        heard = torch.cat((mel, voice.unsqueeze(1).expand(-1, mel.shape[1], -1)), dim=2).transpose(1, 2)  # (B, 336, T)
        for convolution in self.convolutions:
            heard = F.relu(convolution(heard))
        codes, _ = self.lstm(heard.transpose(1, 2))  # (B, T, 32)
        ends = codes[:, CODE_FRAMES - 1 :: CODE_FRAMES, :_CODE_SIZE]
        begins = codes[:, ::CODE_FRAMES, _CODE_SIZE:]
        return torch.cat((ends, begins), dim=2)


class Projection(nn.Module):
    """A linear layer under the name it has in the checkpoint."""

    def __init__(self, size_in: int, size_out: int) -> None:
        super().__init__()
        self.linear_layer = nn.Linear(size_in, size_out)

    def forward(self, frames: Tensor) -> Tensor:  # (B, T, size_in)
        """(B, T, size_out)."""
        projected: Tensor = self.linear_layer(frames)
        return projected


class SpeechDecoder(nn.Module):
    """Mel frames from codes, a voice and the pitch."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = frame_lstm(2 * _CODE_SIZE + VOICE_SIZE + PITCH_CLASSES, hidden=_WIDTH, layers=3)
        self.linear_projection = Projection(_WIDTH, MEL_BANDS)

    def forward(self, told: Tensor) -> Tensor:  # (B, T, 545)
        """(B, T, 80)."""
        said, _ = self.lstm(told)
        mel: Tensor = self.linear_projection(said)
        return mel


class Postnet(nn.Module):
    """Five convolutions that add the detail which the decoder leaves out."""

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            [
                normed_convolution(MEL_BANDS, _WIDTH),
                *(normed_convolution(_WIDTH, _WIDTH) for _ in range(3)),
                normed_convolution(_WIDTH, MEL_BANDS, groups=5),
            ]
        )

    def forward(self, mel: Tensor) -> Tensor:  # (B, T, 80)
        """The detail alone, (B, T, 80)."""
        *inner, last = self.convolutions
        signal = mel.transpose(1, 2)
        for convolution in inner:
            signal = torch.tanh(convolution(signal))
        detail: Tensor = last(signal).transpose(1, 2)
        return detail


class AutoVC(nn.Module):
    """The generator; its keys are those of `model` in `ckpt_autovc.pth`."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = ContentEncoder()
        self.decoder = SpeechDecoder()
        self.postnet = Postnet()

    def forward(self, mel: Tensor, voice: Tensor, pitch: Tensor, target: Tensor) -> Tensor:
        """The sound in the target's voice.

        Parameters
        ----------
        mel : (B, T, 80)
            T is a multiple of 16.
        voice, target : (B, 256)
            Who speaks, and who shall seem to.
        pitch : (B, T, 257)
            One of 257 classes a frame, as a one-hot row.

        Returns
        -------
        (B, T, 80)
        """
        codes = self.encoder(mel, voice).repeat_interleave(CODE_FRAMES, dim=1)  # (B, T, 32)
        spoken = target.unsqueeze(1).expand(-1, mel.shape[1], -1)
        decoded: Tensor = self.decoder(torch.cat((codes, spoken, pitch), dim=2))
        refined: Tensor = decoded + self.postnet(decoded)
        return refined
