"""The published checkpoints as a table of facts, and files of random numbers in that layout.

The names and shapes are those that the original's own classes write (yzhou359/MakeItTalk at fad2fe4); nothing here
is taken from the modules under test.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

Shapes = dict[str, tuple[int, ...]]

FILES = {"autovc": "ckpt_autovc.pth", "content": "ckpt_content_branch.pth", "speaker": "ckpt_speaker_branch.pth"}
KEYS = {"autovc": "model", "content": "model_g_face_id", "speaker": "G"}
PARAMETERS = {"autovc": 14_320_960, "content": 1_965_677, "speaker": 3_000_908}  # 14.3, 1.97 and 3.0 million
TEXTS = ("obama_emb.txt", "STD_FACE_LANDMARKS.txt", "MEAN_STD_AUTOVC_RETRAIN_MEL_AU.txt")
CHECKOUT = {
    **{name: "examples/ckpt" for name in FILES.values()},
    "obama_emb.txt": "src/autovc/retrain_version",
    "STD_FACE_LANDMARKS.txt": "src/dataset/utils",
    "MEAN_STD_AUTOVC_RETRAIN_MEL_AU.txt": "src/dataset/utils",
}


def _linear(name: str, size_in: int, size_out: int) -> Shapes:
    return {f"{name}.weight": (size_out, size_in), f"{name}.bias": (size_out,)}


def _lstm(name: str, size_in: int, hidden: int, *, layers: int, both_ways: bool = False) -> Shapes:
    shapes: Shapes = {}
    for layer in range(layers):
        width = size_in if layer == 0 else hidden * (1 + both_ways)
        for end in ("", "_reverse") if both_ways else ("",):
            shapes[f"{name}.weight_ih_l{layer}{end}"] = (4 * hidden, width)
            shapes[f"{name}.weight_hh_l{layer}{end}"] = (4 * hidden, hidden)
            shapes[f"{name}.bias_ih_l{layer}{end}"] = (4 * hidden,)
            shapes[f"{name}.bias_hh_l{layer}{end}"] = (4 * hidden,)
    return shapes


def _convolution(name: str, size_in: int, size_out: int) -> Shapes:
    return {
        f"{name}.0.conv.weight": (size_out, size_in, 5),
        f"{name}.0.conv.bias": (size_out,),
        f"{name}.1.weight": (size_out,),
        f"{name}.1.bias": (size_out,),
    }


def _batch_norm(name: str, size: int) -> Shapes:
    vectors = {f"{name}.{part}": (size,) for part in ("weight", "bias", "running_mean", "running_var")}
    return {**vectors, f"{name}.num_batches_tracked": ()}


def _norm(name: str) -> Shapes:
    return {f"{name}.alpha": (64,), f"{name}.bias": (64,)}


def _attention(name: str) -> Shapes:
    return {
        key: shape
        for part in ("q_linear", "v_linear", "k_linear", "out")
        for key, shape in _linear(f"{name}.{part}", 64, 64).items()
    }


def _transformer(name: str, size_in: int, *, norms: int, attentions: tuple[str, ...]) -> Shapes:
    shapes = _linear(f"{name}.embed.embed", size_in, 64)
    shapes[f"{name}.pe.pe"] = (1, 512, 64)
    for layer in (f"{name}.layers.0", f"{name}.layers.1"):
        for index in range(norms):
            shapes |= _norm(f"{layer}.norm_{index + 1}")
        for attention in attentions:
            shapes |= _attention(f"{layer}.{attention}")
        shapes |= _linear(f"{layer}.ff.linear_1", 64, 2048) | _linear(f"{layer}.ff.linear_2", 2048, 64)
    return shapes | _norm(f"{name}.norm")


SHAPES: dict[str, Shapes] = {
    "autovc": {
        **_convolution("encoder.convolutions.0", 336, 512),
        **_convolution("encoder.convolutions.1", 512, 512),
        **_convolution("encoder.convolutions.2", 512, 512),
        **_lstm("encoder.lstm", 512, 16, layers=2, both_ways=True),
        **_lstm("decoder.lstm", 545, 512, layers=3),
        **_linear("decoder.linear_projection.linear_layer", 512, 80),
        **_convolution("postnet.convolutions.0", 80, 512),
        **_convolution("postnet.convolutions.1", 512, 512),
        **_convolution("postnet.convolutions.2", 512, 512),
        **_convolution("postnet.convolutions.3", 512, 512),
        **_convolution("postnet.convolutions.4", 512, 80),
    },
    "content": {
        **_linear("fc_prior.0", 80, 256),
        **_batch_norm("fc_prior.1", 256),
        **_linear("fc_prior.3", 256, 161),
        **_lstm("bilstm", 161, 256, layers=3),
        **_linear("fc.0", 460, 512),
        **_batch_norm("fc.1", 512),
        **_linear("fc.3", 512, 256),
        **_batch_norm("fc.4", 256),
        **_linear("fc.6", 256, 204),
    },
    "speaker": {
        **_lstm("audio_content_encoder", 80, 256, layers=3),
        **_linear("spk_emb_encoder.0", 256, 256),
        **_linear("spk_emb_encoder.2", 256, 128),
        **_linear("spk_emb_encoder.4", 128, 128),
        **_transformer("encoder", 512, norms=2, attentions=("attn",)),
        **_transformer("decoder", 204, norms=3, attentions=("attn_1", "attn_2")),
        **_linear("out.0", 192, 512),
        **_linear("out.2", 512, 256),
        **_linear("out.4", 256, 204),
    },
}
_NOT_PARAMETERS = ("running_mean", "running_var", "num_batches_tracked", "pe")


def is_parameter(name: str) -> bool:
    """Whether a tensor was trained; the others are statistics and the position table."""
    return name.rsplit(".", 1)[-1] not in _NOT_PARAMETERS


def random_tensors(network: str, seed: int) -> dict[str, torch.Tensor]:
    """Numbers at which every part of a network matters: gains near 1, weights that keep the size of what they see."""
    rng = np.random.default_rng(seed)
    tensors: dict[str, torch.Tensor] = {}
    for name, shape in SHAPES[network].items():
        if not shape:
            tensors[name] = torch.tensor(1000)
            continue
        values = rng.normal(size=shape)
        if name.endswith(("running_var", "alpha")) or (name.endswith("weight") and len(shape) == 1):
            values = 1 + 0.2 * np.tanh(values)
        elif len(shape) == 1:
            values *= 0.1
        elif not name.endswith(".pe"):
            values /= np.sqrt(np.prod(shape[1:]))
        if name == "postnet.convolutions.4.1.weight":
            values *= 0.2  # the postnet adds detail to mel frames in 0..1
        tensors[name] = torch.from_numpy(values.astype(np.float32))
    return tensors


def write_folder(folder: Path, *, seed: int = 0, checkout: bool = False) -> Path:
    """All six files with random numbers, flat or where a checkout has them."""

    def place(name: str) -> Path:
        path = folder / CHECKOUT[name] / name if checkout else folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    for index, (network, file) in enumerate(FILES.items()):
        write_checkpoint(place(file), network, random_tensors(network, seed + index))
    rng = np.random.default_rng(seed)
    np.savetxt(place("obama_emb.txt"), np.abs(rng.normal(size=256)) / 16)
    np.savetxt(place("STD_FACE_LANDMARKS.txt"), rng.normal(size=(68, 3)))
    statistics = np.concatenate([rng.normal(0.5, 0.1, 80), rng.uniform(0.1, 0.3, 80)])
    np.savetxt(place("MEAN_STD_AUTOVC_RETRAIN_MEL_AU.txt"), statistics)
    return folder


def write_checkpoint(path: Path, network: str, tensors: Mapping[str, torch.Tensor]) -> Path:
    """A checkpoint as the original's training writes it, with what else stands in it."""
    content: dict[str, object] = {KEYS[network]: dict(tensors), "epoch": 100}
    if network == "speaker":
        content["G"] = {**tensors, "comb_mlp.0.weight": torch.zeros(512, 384), "comb_mlp.0.bias": torch.zeros(512)}
    torch.save(content, path)
    return path
