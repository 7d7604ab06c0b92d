"""Devices, half precision, and several processes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from sfp_core.detect.network import StageMaps
from sfp_core.errors import SfpError
from training.machine import Machine, machine_for

CPU = torch.device("cpu")
ROOT = Path(__file__).parents[2]


class _Maps(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(64, 64)

    def forward(self, values: torch.Tensor) -> list[StageMaps]:
        out = self.layer(values)
        return [StageMaps(out, out + 1, cells=torch.ones(2, dtype=torch.int64))]


def test_half_precision_computes_in_half_and_answers_in_float32() -> None:
    torch.manual_seed(0)
    network, values = _Maps(), torch.randn(3, 64)
    exact = network(values)[0]
    half = Machine(CPU, "bfloat16").wrapped(network)(values)[0]
    assert half.position.dtype == half.offset.dtype == torch.float32
    assert half.cells is not None and half.cells.dtype == torch.int64
    error = (half.position - exact.position).abs().max()
    assert 0 < error < 0.05  # bfloat16 has 8 bits, and the sums are of the order of 1
    half.position.sum().backward()
    assert network.layer.weight.grad is not None and network.layer.weight.grad.dtype == torch.float32


def test_one_process_in_full_precision_wraps_nothing() -> None:
    network = _Maps()
    assert Machine(CPU).wrapped(network) is network


def test_shares_are_the_batch() -> None:
    indices = np.arange(11)
    shares = [Machine(CPU, rank=rank, world=3).share(indices) for rank in range(3)]
    assert sorted(np.concatenate(shares)) == list(indices)


@pytest.mark.parametrize(
    ("device", "precision", "told"),
    [
        ("tpu9", "auto", "not a device"),
        ("meta", "auto", "cpu and cuda alone"),
        ("cpu", "int8", "float32, bfloat16, float16"),
    ],
)
def test_what_is_not_there_is_told(device: str, precision: str, told: str) -> None:
    with pytest.raises(SfpError, match=told), machine_for(device, precision):
        pass


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_gpu_that_is_not_there_is_told() -> None:
    with pytest.raises(SfpError, match="0 are seen here"), machine_for("cuda:1", "auto"):
        pass


_PROGRAM = """
import sys
import torch
from torch import nn
from training.machine import machine_for

with machine_for("cpu") as machine:
    torch.manual_seed(5)
    network, values, wanted = nn.Linear(4, 3), torch.randn(6, 4), torch.randn(6, 3)
    mine = machine.share(torch.arange(6))
    called = machine.wrapped(network)  # kept: its hooks average the gradients
    (called(values[mine]) - wanted[mine]).square().mean().backward()
    alone = nn.Linear(4, 3)
    alone.load_state_dict(network.state_dict())
    (alone(values) - wanted).square().mean().backward()
    assert machine.world == 2, machine
    assert torch.allclose(network.weight.grad, alone.weight.grad, atol=1e-6)
    print(f"rank {machine.rank} agrees", flush=True)
"""


def torchrun(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)


def test_two_processes_have_the_gradient_of_the_whole_batch(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{_PROGRAM}", encoding="utf-8")
    done = torchrun(str(program))
    assert done.returncode == 0, done.stderr[-2000:]
    assert [done.stdout.count(f"rank {rank} agrees") for rank in (0, 1)] == [1, 1]
