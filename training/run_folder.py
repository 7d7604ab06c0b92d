"""The folder of a training run: resolved configuration, metrics, checkpoints that a broken run goes on from."""

import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sfp_core.errors import SfpError
from sfp_core.files import read_json, write_json, written_whole

CHECKPOINT_SECONDS = 300.0

_MAY_CHANGE = ("steps", "threads")  # keys of the table "run" with which a run may go on differently


class RunFolder:
    """Where one run writes.

    A run draws every random number from a generator seeded by (seed, step), so that model, average, optimiser and
    step are its whole state and a resumed run takes the very steps of an unbroken one.
    """

    def __init__(self, path: Path, config: Mapping[str, Any], *, resume: bool, writes: bool = True) -> None:
        """Open a new run, or an old one to go on.

        Of several processes of one run one `writes` and finds out whether it may; the others only read.

        A run may go on with another number of steps (its schedule then follows the new one) or threads.

        Raises
        ------
        SfpError
            A run is there and `resume` is off, or it was made with another configuration.
        """
        self.path = Path(path)
        self.checkpoint_path = self.path / "checkpoint.pt"
        self._metrics_path = self.path / "metrics.jsonl"
        self._last_checkpoint = time.monotonic()
        if not writes:
            return
        config_path = self.path / "config.json"
        plain = json.loads(json.dumps(config))
        if config_path.exists():
            if not resume:
                raise SfpError(f"{self.path}: holds a run already; go on with --resume or choose another folder")
            if _fixed_part(read_json(config_path)) != _fixed_part(plain):
                raise SfpError(f"{config_path}: the run was begun with another configuration; choose another folder")
            write_json(config_path, plain)
        else:
            write_json(config_path, plain)
            write_json(self.path / "origin.json", {"git": git_state(), "torch": torch.__version__})

    def log(self, values: Mapping[str, float | int]) -> None:
        """Append one line to metrics.jsonl."""
        with self._metrics_path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(values) + "\n")

    def forget_after(self, step: int) -> None:
        """Drop the metrics of steps above `step`, which a resumed run takes again."""
        if self._metrics_path.exists():
            lines = self._metrics_path.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step]
            with written_whole(self._metrics_path) as temporary:
                temporary.write_text("".join(kept), encoding="utf-8")

    def checkpoint_due(self) -> bool:
        """Whether five minutes have passed since the last checkpoint."""
        return time.monotonic() - self._last_checkpoint > CHECKPOINT_SECONDS

    def save(self, state: Mapping[str, Any]) -> None:
        """Write the checkpoint whole."""
        with written_whole(self.checkpoint_path) as temporary:
            torch.save(dict(state), temporary)
        self._last_checkpoint = time.monotonic()

    def load(self) -> dict[str, Any] | None:
        """The checkpoint, or None when the run has not come so far."""
        if not self.checkpoint_path.exists():
            return None
        return dict(torch.load(self.checkpoint_path, weights_only=True, map_location="cpu"))


def _fixed_part(config: Mapping[str, Any]) -> dict[str, Any]:
    run = {key: value for key, value in config.get("run", {}).items() if key not in _MAY_CHANGE}
    return {**config, "run": run}


def git_state() -> str:
    """The commit of the checkout with "+changes" when files differ from it; "unknown" outside one."""
    here = Path(__file__).parent
    try:
        commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=True)
        status = subprocess.run(["git", "status", "--porcelain"], cwd=here, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return commit.stdout.strip() + ("+changes" if status.stdout.strip() else "")


class WeightAverage:
    """Exponential moving average of a network's weights, warmed up so that the first steps do not linger."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.state = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Take the average of a checkpoint, wherever it was saved."""
        for name, tensor in self.state.items():
            tensor.copy_(state[name])

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Take in the weights after `step` (from 0). Statistics of batch normalisation are averaged alike."""
        decay = min(self.decay, (1 + step) / (10 + step))
        averaged: list[Tensor] = []
        current: list[Tensor] = []
        for name, tensor in network.state_dict().items():
            if tensor.is_floating_point():
                averaged.append(self.state[name])
                current.append(tensor)
            else:
                self.state[name].copy_(tensor)
        torch._foreach_lerp_(averaged, current, 1 - decay)
