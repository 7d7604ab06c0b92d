from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from makeittalk_bridge.autovc import AutoVC
from makeittalk_bridge.content import Content
from makeittalk_bridge.networks import load_networks
from makeittalk_bridge.recurrent import windows_of
from makeittalk_bridge.speaker import Speaker
from makeittalk_bridge.transformer import position_table
from sfp_core.errors import SfpError
from tests.makeittalk import reference
from tests.makeittalk.layout import PARAMETERS, SHAPES, is_parameter

MAKERS: dict[str, Callable[[], nn.Module]] = {"autovc": AutoVC, "content": Content, "speaker": Speaker}


@pytest.mark.parametrize("name", MAKERS)
def test_keys_and_shapes_are_those_of_the_published_checkpoint(name: str) -> None:
    found = {key: tuple(tensor.shape) for key, tensor in MAKERS[name]().state_dict().items()}
    assert found == SHAPES[name]


@pytest.mark.parametrize("name", MAKERS)
def test_parameters_are_as_many_as_published(name: str) -> None:
    assert sum(parameter.numel() for parameter in MAKERS[name]().parameters()) == PARAMETERS[name]
    table = {key: np.prod(shape, dtype=int) for key, shape in SHAPES[name].items() if is_parameter(key)}
    assert sum(table.values()) == PARAMETERS[name]


@pytest.fixture(scope="module")
def differences() -> dict[str, float]:
    return reference.differences()


@pytest.mark.parametrize(
    "block",
    [
        "lstm",
        "lstm both ways",
        "convolution and group norm",
        "codes",
        "postnet",
        "transformer",
        "autovc",
        "content",
        "speaker",
    ],
)
def test_block_agrees_with_its_equations(differences: dict[str, float], block: str) -> None:
    assert differences[block] < 1e-5  # single precision against double


def test_position_table_is_that_of_the_equations() -> None:
    table = position_table(512, 64)[0].numpy()
    assert np.abs(table - reference.position_table(512, 64)).max() < 1e-7
    assert torch.equal(Speaker().encoder.pe.pe[0], torch.from_numpy(table))


def test_windows_begin_at_every_frame() -> None:
    frames = torch.arange(60.0).reshape(20, 3)
    windows = windows_of(frames)
    assert windows.shape == (3, 18, 3)
    assert all(torch.equal(window, frames[i : i + 18]) for i, window in enumerate(windows))


def test_building_a_network_touches_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("asked for a GPU")

    monkeypatch.setattr(torch.Tensor, "cuda", refuse)
    monkeypatch.setattr(nn.Module, "cuda", refuse)
    for make in MAKERS.values():
        assert {parameter.device.type for parameter in make().parameters()} == {"cpu"}


def test_a_device_that_is_not_there_is_told_in_one_line(flat_folder: Path) -> None:
    with pytest.raises(SfpError, match=r"^device warp: torch cannot use it here; expected cpu, or cuda") as told:
        load_networks(flat_folder, device="warp")
    assert "\n" not in str(told.value)


@pytest.mark.gpu
def test_a_gpu_says_the_same(flat_folder: Path) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no GPU here")
    rng = np.random.default_rng(0)
    heard, voice = (torch.from_numpy(rng.normal(size=size).astype(np.float32)) for size in ((300, 256), (256,)))
    frames = torch.from_numpy(rng.normal(size=(60, 80)).astype(np.float32))
    mel, pitch = torch.rand(1, 64, 80), torch.eye(257)[:64].unsqueeze(0)
    said = []
    for device in ("cpu", "cuda"):
        networks = load_networks(flat_folder, device=device)
        on = [tensor.to(device) for tensor in (heard, voice, frames, mel, pitch)]
        with torch.inference_mode():
            answers = (
                networks.speaker(on[0], on[1]),
                networks.content(windows_of(networks.content.prior(on[2])), on[1][:204]),
                networks.autovc(on[3], on[1].unsqueeze(0), on[4], on[1].unsqueeze(0)),
            )
        said.append([answer.cpu().numpy() for answer in answers])
    for cpu, gpu in zip(*said, strict=True):
        assert np.abs(cpu - gpu).max() < 1e-2  # convolutions on a GPU round to TF32
