"""What a run computes on: CPU or GPU, one process or several under torchrun, full or half precision.

`torchrun --nproc-per-node 4 -m training.train_detector CONFIG ...` starts one process a GPU; each draws its share of
every batch, and the gradients are averaged (DistributedDataParallel). The first process alone writes and talks.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal, cast, get_args

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from sfp_core.errors import SfpError

Precision = Literal["float32", "bfloat16", "float16"]


@dataclass(frozen=True)
class Machine:
    """Where and how exactly a run computes.

    Attributes
    ----------
    device : torch.device
    precision : str
        Of convolutions and matrix products (AMP); losses, weights and their average are float32 always.
    rank, world : int
        This process, and how many there are.
    """

    device: torch.device
    precision: Precision = "float32"
    rank: int = 0
    world: int = 1

    @property
    def first(self) -> bool:
        """Whether this process writes and talks."""
        return self.rank == 0

    @property
    def scales_gradients(self) -> bool:
        """Whether small gradients would vanish: float16 alone needs the loss made larger."""
        return self.precision == "float16"

    def wrapped(self, network: nn.Module) -> nn.Module:
        """The network as the loss calls it: in this precision, its gradients shared among the processes.

        Parameters stay those of `network`; what comes out is float32.
        """
        if self.world > 1:
            ids = [self.device.index] if self.device.type == "cuda" else None
            if self.device.type == "cuda":
                network = nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]
            network = DistributedDataParallel(network, device_ids=ids)
        return network if self.precision == "float32" else _HalfPrecision(network, self)

    def share(self, indices: Any) -> Any:
        """Of a batch (an array), the part of this process."""
        return indices[self.rank :: self.world]


class _HalfPrecision(nn.Module):
    """A network under autocast whose results are float32 again, so that losses and decoding lose nothing."""

    def __init__(self, network: nn.Module, machine: Machine) -> None:
        super().__init__()
        self.network = network
        self._device = machine.device.type
        self._dtype = torch.bfloat16 if machine.precision == "bfloat16" else torch.float16

    def forward(self, *arguments: Any, **named: Any) -> Any:
        """Whatever the network gives, with every half-precision tensor in it as float32."""
        with torch.autocast(self._device, self._dtype):
            result = self.network(*arguments, **named)
        return _as_float32(result)


def _as_float32(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.float() if value.is_floating_point() else value
    if isinstance(value, list | tuple):
        return type(value)(_as_float32(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _as_float32(getattr(value, one.name)) for one in fields(value)})
    return value


@contextmanager
def machine_for(device: str = "auto", precision: str = "auto") -> Iterator[Machine]:
    """The machine this process has its part of; joins the others under torchrun, and leaves them at the end.

    Parameters
    ----------
    device : str
        "auto" takes a GPU where there is one; or "cpu", "cuda", "cuda:1".
    precision : str
        "auto" is bfloat16 on GPUs that have it, float16 on other GPUs and float32 on CPUs.

    Raises
    ------
    SfpError
        A device or precision that is not known or not there.
    """
    world, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    chosen = _device(device, local_rank=int(os.environ.get("LOCAL_RANK", "0")) if world > 1 else None)
    if precision == "auto":
        halves = chosen.type == "cuda"
        precision = ("bfloat16" if torch.cuda.is_bf16_supported() else "float16") if halves else "float32"
    if precision not in get_args(Precision):
        raise SfpError(f"--precision {precision}: expected auto or one of {', '.join(get_args(Precision))}")
    machine = Machine(chosen, cast(Precision, precision), rank, world)
    if world == 1:
        yield machine
        return
    if chosen.type == "cuda":
        torch.cuda.set_device(chosen)
    dist.init_process_group("nccl" if chosen.type == "cuda" else "gloo")
    try:
        yield machine
    finally:
        dist.destroy_process_group()


def _device(name: str, *, local_rank: int | None) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise SfpError(f"--device {name}: not a device; expected auto, cpu, cuda or cuda:NUMBER") from error
    if device.type == "cuda":
        count = torch.cuda.device_count()
        index = local_rank if local_rank is not None else device.index or 0
        if index >= count:
            raise SfpError(f"--device {name}: no such GPU; {count} are seen here (use --device cpu)")
        return torch.device("cuda", index)
    if device.type != "cpu":
        raise SfpError(f"--device {name}: training runs on cpu and cuda alone")
    return device
