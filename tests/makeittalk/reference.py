"""MakeItTalk's networks as slow NumPy in double precision, step by step from the equations; no torch module is used.

Tensors come as a dict of arrays with the published names. Run as a program, it compares every network and block of
`makeittalk_bridge` with these on random checkpoints and writes the largest differences as one JSON object.
"""

import json
import math
import sys
from collections.abc import Mapping

import numpy as np

Tensors = Mapping[str, np.ndarray]


def under(tensors: Tensors, name: str) -> dict[str, np.ndarray]:
    """The tensors of one part, without its name."""
    return {key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")}


def sigmoid(value: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-value))


def leaky(value: np.ndarray, slope: float) -> np.ndarray:
    return np.where(value > 0, value, slope * value)


def linear(value: np.ndarray, part: Tensors) -> np.ndarray:
    return value @ part["weight"].T + part["bias"]


def lstm_layer(steps: np.ndarray, weight_ih, weight_hh, bias_ih, bias_hh) -> np.ndarray:  # (L, C) -> (L, H)
    """i, f, o = sigmoid, g = tanh of W x + b + U h + d; c = f c + i g; h = o tanh(c); rows are in the order i f g o."""
    hidden = weight_hh.shape[1]
    h, c = np.zeros(hidden), np.zeros(hidden)
    said = []
    for step in steps:
        gates = weight_ih @ step + bias_ih + weight_hh @ h + bias_hh
        i, f, g, o = gates.reshape(4, hidden)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        said.append(h)
    return np.array(said)


def lstm(steps: np.ndarray, part: Tensors) -> np.ndarray:
    """Layers on layers; with `_reverse` tensors, each layer is a forward half beside a backward half."""
    layer = 0
    while f"weight_ih_l{layer}" in part:
        halves = []
        for end in ("", "_reverse"):
            names = [f"{kind}_l{layer}{end}" for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
            if names[0] in part:
                order = slice(None, None, -1) if end else slice(None)
                halves.append(lstm_layer(steps[order], *(part[name] for name in names))[order])
        steps = np.concatenate(halves, axis=1)
        layer += 1
    return steps


def convolution(signal: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:  # (C, T) -> (O, T)
    """y[o, t] = b[o] + sum over c, k of w[o, c, k] x[c, t + k - 2], x = 0 outside."""
    frames = signal.shape[1]
    padded = np.pad(signal, ((0, 0), (2, 2)))
    return bias[:, None] + sum(weight[:, :, k] @ padded[:, k : k + frames] for k in range(5))


def group_norm(signal: np.ndarray, groups: int, gain: np.ndarray, offset: np.ndarray) -> np.ndarray:  # (C, T)
    """(x - mean) / sqrt(variance + 1e-5) over a group's channels and all frames; then per channel."""
    normed = np.empty(signal.shape)
    size = len(signal) // groups
    for first in range(0, len(signal), size):
        group = signal[first : first + size]
        normed[first : first + size] = (group - group.mean()) / math.sqrt(group.var() + 1e-5)
    return gain[:, None] * normed + offset[:, None]


def batch_norm(rows: np.ndarray, part: Tensors) -> np.ndarray:
    """With the statistics of training."""
    return part["weight"] * (rows - part["running_mean"]) / np.sqrt(part["running_var"] + 1e-5) + part["bias"]


def normed_convolution(signal: np.ndarray, part: Tensors, groups: int) -> np.ndarray:
    filtered = convolution(signal, part["0.conv.weight"], part["0.conv.bias"])
    return group_norm(filtered, groups, part["1.weight"], part["1.bias"])


def standard_norm(steps: np.ndarray, part: Tensors) -> np.ndarray:
    """alpha (x - mean) / (s + 1e-6) + bias, s over D - 1."""
    centred = steps - steps.mean(axis=-1, keepdims=True)
    deviation = np.sqrt((centred**2).sum(axis=-1, keepdims=True) / (steps.shape[-1] - 1))
    return part["alpha"] * centred / (deviation + 1e-6) + part["bias"]


def position_table(steps: int, features: int) -> np.ndarray:
    table = np.zeros((steps, features))
    for place in range(steps):
        for i in range(0, features, 2):
            table[place, i] = math.sin(place / 10000 ** (2 * i / features))
            table[place, i + 1] = math.cos(place / 10000 ** (2 * (i + 1) / features))
    return table


def attention(steps: np.ndarray, part: Tensors, heads: int) -> np.ndarray:  # (L, D)
    query, key, value = (linear(steps, under(part, f"{name}_linear")) for name in "qkv")
    width = steps.shape[1] // heads
    mixed = []
    for head in range(heads):
        columns = slice(head * width, (head + 1) * width)
        scores = query[:, columns] @ key[:, columns].T / math.sqrt(width)
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        mixed.append(shares / shares.sum(axis=1, keepdims=True) @ value[:, columns])
    return linear(np.concatenate(mixed, axis=1), under(part, "out"))


def feed_forward(steps: np.ndarray, part: Tensors) -> np.ndarray:
    return linear(np.maximum(linear(steps, under(part, "linear_1")), 0), under(part, "linear_2"))


def transformer(steps: np.ndarray, part: Tensors, *, heads: int = 2, layers: int = 2) -> np.ndarray:  # (L, size_in)
    steps = linear(steps, under(part, "embed.embed"))
    steps = steps * math.sqrt(steps.shape[1]) + part["pe.pe"][0, : len(steps)]
    for index in range(layers):
        layer = under(part, f"layers.{index}")
        steps = steps + attention(standard_norm(steps, under(layer, "norm_1")), under(layer, "attn"), heads)
        steps = steps + feed_forward(standard_norm(steps, under(layer, "norm_2")), under(layer, "ff"))
    return standard_norm(steps, under(part, "norm"))


def perceptron(value: np.ndarray, part: Tensors, slope: float) -> np.ndarray:
    indices = sorted({int(name.split(".")[0]) for name in part})
    for index in indices[:-1]:
        value = leaky(linear(value, under(part, str(index))), slope)
    return linear(value, under(part, str(indices[-1])))


def postnet(mel: np.ndarray, part: Tensors) -> np.ndarray:  # (T, 80)
    signal = mel.T
    for index in range(4):
        signal = np.tanh(normed_convolution(signal, under(part, f"convolutions.{index}"), 32))
    return normed_convolution(signal, under(part, "convolutions.4"), 5).T


def autovc_codes(mel: np.ndarray, voice: np.ndarray, part: Tensors) -> np.ndarray:  # -> (T / 16, 32)
    signal = np.concatenate([mel.T, np.repeat(voice[:, None], len(mel), axis=1)])
    for index in range(3):
        signal = np.maximum(normed_convolution(signal, under(part, f"convolutions.{index}"), 32), 0)
    both = lstm(signal.T, under(part, "lstm"))
    return np.array([np.concatenate([both[t + 15, :16], both[t, 16:]]) for t in range(0, len(mel), 16)])


def autovc(mel: np.ndarray, voice: np.ndarray, pitch: np.ndarray, target: np.ndarray, tensors: Tensors) -> np.ndarray:
    codes = autovc_codes(mel, voice, under(tensors, "encoder"))
    told = np.array([np.concatenate([codes[t // 16], target, pitch[t]]) for t in range(len(mel))])
    decoded = linear(
        lstm(told, under(tensors, "decoder.lstm")), under(tensors, "decoder.linear_projection.linear_layer")
    )
    return decoded + postnet(decoded, under(tensors, "postnet"))


def content(window: np.ndarray, face: np.ndarray, tensors: Tensors) -> np.ndarray:  # (18, 80), (204,) -> (204,)
    prior = leaky(batch_norm(linear(window, under(tensors, "fc_prior.0")), under(tensors, "fc_prior.1")), 0.2)
    said = lstm(linear(prior, under(tensors, "fc_prior.3")), under(tensors, "bilstm"))[-1]
    value = np.concatenate([said, face])
    for first, norm in (("fc.0", "fc.1"), ("fc.3", "fc.4")):
        value = leaky(batch_norm(linear(value, under(tensors, first)), under(tensors, norm)), 0.2)
    return linear(value, under(tensors, "fc.6"))


def speaker(windows: np.ndarray, voice: np.ndarray, tensors: Tensors) -> np.ndarray:  # (L, 18, 80), (256,) -> (L, 204)
    heard = np.array([lstm(window, under(tensors, "audio_content_encoder"))[-1] for window in windows])
    style = perceptron(voice, under(tensors, "spk_emb_encoder"), 0.02)
    steps = np.array([np.concatenate([one, style, np.zeros(128)]) for one in heard])
    encoded = transformer(steps, under(tensors, "encoder"))
    return perceptron(np.concatenate([encoded, np.zeros((len(encoded), 128))], axis=1), under(tensors, "out"), 0.02)


def differences(seed: int = 0) -> dict[str, float]:
    """The largest difference between each block of the bridge and its equations, on random weights and inputs."""
    import torch

    from makeittalk_bridge.autovc import AutoVC
    from makeittalk_bridge.content import Content
    from makeittalk_bridge.recurrent import windows_of
    from makeittalk_bridge.speaker import Speaker
    from tests.makeittalk.layout import random_tensors

    rng = np.random.default_rng(seed)
    networks = {"autovc": AutoVC(), "content": Content(), "speaker": Speaker()}
    truth = {}
    for index, (name, network) in enumerate(networks.items()):
        tensors = random_tensors(name, seed + index)
        network.load_state_dict(tensors)
        network.eval()
        truth[name] = {key: value.double().numpy() for key, value in tensors.items()}
    vc, lips, head = networks["autovc"], networks["content"], networks["speaker"]

    mel, voice, target = rng.uniform(size=(64, 80)), rng.normal(size=256), rng.normal(size=256)
    pitch = np.eye(257)[rng.integers(0, 257, 64)]
    frames = rng.normal(size=(50, 80))
    windows = np.array([frames[i : i + 18] for i in range(33)])
    face, steps = rng.normal(size=204), rng.normal(size=(40, 512))
    signal = rng.normal(size=(512, 30))

    def single(array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array.astype(np.float32))

    def batch(array: np.ndarray) -> torch.Tensor:
        return single(array)[None]

    with torch.inference_mode():
        pairs = {
            "lstm": (lips.bilstm(batch(steps[:, :161]))[0][0], lstm(steps[:, :161], under(truth["content"], "bilstm"))),
            "lstm both ways": (
                vc.encoder.lstm(batch(signal.T))[0][0],
                lstm(signal.T, under(truth["autovc"], "encoder.lstm")),
            ),
            "convolution and group norm": (
                vc.encoder.convolutions[1](batch(signal))[0],
                normed_convolution(signal, under(truth["autovc"], "encoder.convolutions.1"), 32),
            ),
            "codes": (
                vc.encoder(batch(mel), batch(voice))[0],
                autovc_codes(mel, voice, under(truth["autovc"], "encoder")),
            ),
            "postnet": (vc.postnet(batch(mel))[0], postnet(mel, under(truth["autovc"], "postnet"))),
            "transformer": (head.encoder(batch(steps))[0], transformer(steps, under(truth["speaker"], "encoder"))),
            "autovc": (
                vc(batch(mel), batch(voice), batch(pitch), batch(target))[0],
                autovc(mel, voice, pitch, target, truth["autovc"]),
            ),
            "content": (
                lips(windows_of(lips.prior(single(frames))), single(face)),
                np.array([content(window, face, truth["content"]) for window in windows]),
            ),
            "speaker": (
                head(head.heard(windows_of(single(frames))), single(voice)),
                speaker(windows, voice, truth["speaker"]),
            ),
        }
    return {name: float(np.abs(ours.numpy() - equations).max()) for name, (ours, equations) in pairs.items()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(differences()) + "\n")
