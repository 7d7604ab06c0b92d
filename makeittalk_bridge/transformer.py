"""The transformer of the speaker-aware branch, as its checkpoint has it.

It differs from the paper "Attention is all you need" in three places, each marked: where the norm stands, how the
norm divides, and the exponents of the position table. Shapes: B sequences, L steps, D features, H heads.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LONGEST_STEPS = 512  # rows of the position table
_FEED_FORWARD = 2048
_NORM_EPSILON = 1e-6


def position_table(steps: int, features: int) -> Tensor:
    """(1, steps, features): sin(p / 10000^(2i/D)) at even i, cos(p / 10000^(2i/D)) at odd i.

    The usual table has exponents i/D for the pair (i, i + 1); here each feature has its own, twice as large.
    """
    place = torch.arange(steps, dtype=torch.float64, device="cpu").unsqueeze(1)
    feature = torch.arange(features, dtype=torch.float64, device="cpu")
    angle = place / 10000.0 ** (2.0 * feature / features)
    return torch.where(feature % 2 == 0, angle.sin(), angle.cos()).float().unsqueeze(0)


class Embedding(nn.Module):
    """From what is known of a step to D features."""

    def __init__(self, size_in: int, features: int) -> None:
        super().__init__()
        self.embed = nn.Linear(size_in, features)

    def forward(self, steps: Tensor) -> Tensor:  # (B, L, size_in)
        """(B, L, D)."""
        embedded: Tensor = self.embed(steps)
        return embedded


class Position(nn.Module):
    """Makes the features sqrt(D) times as large and adds the table, which is part of the checkpoint."""

    pe: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        self.register_buffer("pe", position_table(LONGEST_STEPS, features))

    def forward(self, steps: Tensor) -> Tensor:  # (B, L, D)
        """(B, L, D); L is at most LONGEST_STEPS."""
        return steps * math.sqrt(steps.shape[-1]) + self.pe[:, : steps.shape[1]]


class Norm(nn.Module):
    """Each step at mean 0 and deviation 1, then a gain and an offset for each feature.

    The deviation is the unbiased one (over D - 1), and epsilon is added to it, not to the variance.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))

    def forward(self, steps: Tensor) -> Tensor:  # (B, L, D)
        """(B, L, D)."""
        centred = steps - steps.mean(-1, keepdim=True)
        return self.alpha * centred / (steps.std(-1, keepdim=True) + _NORM_EPSILON) + self.bias


class Attention(nn.Module):
    """Each step becomes a mixture of all steps, in every head another one."""

    def __init__(self, features: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_linear = nn.Linear(features, features)
        self.v_linear = nn.Linear(features, features)
        self.k_linear = nn.Linear(features, features)
        self.out = nn.Linear(features, features)

    def forward(self, steps: Tensor) -> Tensor:  # (B, L, D)
        """(B, L, D)."""
        query = self._split(self.q_linear(steps))
        key = self._split(self.k_linear(steps))
        value = self._split(self.v_linear(steps))
        mixed = F.scaled_dot_product_attention(query, key, value)  # softmax(q k' / sqrt(D/H)) v
        joined: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return joined

    def _split(self, steps: Tensor) -> Tensor:
        return steps.view(*steps.shape[:2], self.heads, -1).transpose(1, 2)  # (B, H, L, D/H)


class FeedForward(nn.Module):
    """Two layers on each step alone."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.linear_1 = nn.Linear(features, _FEED_FORWARD)
        self.linear_2 = nn.Linear(_FEED_FORWARD, features)

    def forward(self, steps: Tensor) -> Tensor:  # (B, L, D)
        """(B, L, D)."""
        fed: Tensor = self.linear_2(F.relu(self.linear_1(steps)))
        return fed


class EncoderLayer(nn.Module):
    """Attention and feed-forward, each added to its input; the norm stands before each, not after the sum."""

    def __init__(self, features: int, heads: int) -> None:
        super().__init__()
        self.norm_1 = Norm(features)
        self.norm_2 = Norm(features)
        self.attn = Attention(features, heads)
        self.ff = FeedForward(features)

    def forward(self, steps: Tensor) -> Tensor:  # (B, L, D)
        """(B, L, D)."""
        attended: Tensor = steps + self.attn(self.norm_1(steps))
        fed: Tensor = attended + self.ff(self.norm_2(attended))
        return fed


class Encoder(nn.Module):
    """The sequence, each step knowing of all others."""

    def __init__(self, size_in: int, features: int, *, layers: int, heads: int) -> None:
        super().__init__()
        self.embed = Embedding(size_in, features)
        self.pe = Position(features)
        self.layers = nn.ModuleList([EncoderLayer(features, heads) for _ in range(layers)])
        self.norm = Norm(features)

    def forward(self, steps: Tensor) -> Tensor:  # (B, L, size_in)
        """(B, L, D); L is at most LONGEST_STEPS."""
        steps = self.pe(self.embed(steps))
        for layer in self.layers:
            steps = layer(steps)
        normed: Tensor = self.norm(steps)
        return normed


class UnusedDecoderLayer(nn.Module):
    """Weights that the checkpoint carries and nobody uses."""

    def __init__(self, features: int, heads: int) -> None:
        super().__init__()
        self.norm_1 = Norm(features)
        self.norm_2 = Norm(features)
        self.norm_3 = Norm(features)
        self.attn_1 = Attention(features, heads)
        self.attn_2 = Attention(features, heads)
        self.ff = FeedForward(features)


class UnusedDecoder(nn.Module):
    """A decoder that was built and never called; here only so that the names of a checkpoint have their places."""

    def __init__(self, size_in: int, features: int, *, layers: int, heads: int) -> None:
        super().__init__()
        self.embed = Embedding(size_in, features)
        self.pe = Position(features)
        self.layers = nn.ModuleList([UnusedDecoderLayer(features, heads) for _ in range(layers)])
        self.norm = Norm(features)
