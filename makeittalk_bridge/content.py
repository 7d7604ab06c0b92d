"""The content branch: how the lips of a face move for what is said.

Shapes: N mel frames, B windows, W frames a window, 80 mel bands, 204 = 68 landmarks x (x, y, z).
"""

import torch
from torch import Tensor, nn

from makeittalk_bridge.recurrent import frame_lstm, last_step

FACE_SIZE = 204
_MEL_BANDS, _PRIOR, _HIDDEN = 80, 161, 256
_SLOPE = 0.2


class Content(nn.Module):
    """The branch; its keys are those of `model_g_face_id` in `ckpt_content_branch.pth`."""

    def __init__(self) -> None:
        super().__init__()
        self.fc_prior = nn.Sequential(
            nn.Linear(_MEL_BANDS, 256), nn.BatchNorm1d(256), nn.LeakyReLU(_SLOPE), nn.Linear(256, _PRIOR)
        )
        self.bilstm = frame_lstm(_PRIOR, hidden=_HIDDEN, layers=3)  # one way only, whatever its name says
        self.fc = nn.Sequential(
            nn.Linear(_HIDDEN + FACE_SIZE, 512),
            nn.BatchNorm1d(512),
            nn.LeakyReLU(_SLOPE),
            nn.Linear(512, 256),
            nn.BatchNorm1d(256),
            nn.LeakyReLU(_SLOPE),
            nn.Linear(256, FACE_SIZE),
        )

    def prior(self, frames: Tensor) -> Tensor:  # (N, 80)
        """What the LSTM hears of each mel frame, (N, 161).

        It looks at frames one by one, so that it is computed once for the 18 windows that share a frame.
        """
        heard: Tensor = self.fc_prior(frames)
        return heard

    def forward(self, windows: Tensor, face: Tensor) -> Tensor:  # (B, W, 161) of `prior`, (204,)
        """How far each landmark moves from the face, (B, 204)."""
        said = last_step(self.bilstm, windows)
        moved: Tensor = self.fc(torch.cat((said, face.expand(len(said), -1)), dim=1))
        return moved
