"""The training loop, the same for our detector and its rivals: same faces, crops, steps, batches and validation.

A *trainee* is what a network needs to be trained here: how it is made, its loss, and how landmarks are read from it.
Letters: B crops of S pixels a side, N landmarks.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, cast

import cv2
import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn

from sfp_core.detect.runtime import to_input
from sfp_core.errors import SfpError
from sfp_core.geometry import inter_ocular, nme
from sfp_core.layout import WFLW_98
from training.augment import AugmentConfig, plain_crops, weighted_crops
from training.detector_data import FaceSet
from training.machine import Machine
from training.optimiser import OptimiserConfig, make_optimiser, set_rate
from training.run_folder import RunFolder, WeightAverage

_LOOK_AT_ONCE = 64  # faces validated in one batch


class Trainee(Protocol):
    """A kind of network that finds landmarks.

    Attributes
    ----------
    input_px : int
        S, side of the crops.
    """

    @property
    def input_px(self) -> int:
        """S."""

    def make(self) -> nn.Module:
        """A fresh network on the CPU; its weights come from torch's own generator."""

    def loss(
        self, network: nn.Module, crops: Tensor, points: Tensor, weights: Tensor | None
    ) -> tuple[Tensor, dict[str, float]]:
        """The loss of a batch, and its parts for the log.

        `network` may be wrapped. Crops (B, 3, S, S) in [-1, 1]; points (B, N, 2) in crop pixels; weights (B, N), how
        much each landmark counts, None: all count 1.
        """

    def landmarks(self, network: nn.Module, crops: Tensor) -> Tensor:
        """Landmarks (B, N, 2) in crop pixels."""


@dataclass(frozen=True)
class RunConfig:
    """How long, on what share of the machine, and how often to look.

    Attributes
    ----------
    epochs : float
        Length of the run when `steps` is 0.
    steps, batch, seed, threads : int
        Steps of the run; faces a step; seed of all chance; threads of torch.
    average_decay : float
        Of the moving average of the weights that is validated and written.
    validate_every, validate_faces : int
        Steps between validations; faces in each but the last, which takes all.
    log_every : int
        Steps between lines in metrics.jsonl.
    """

    epochs: float = 60.0
    steps: int = 0
    batch: int = 32
    seed: int = 1
    threads: int = 2
    average_decay: float = 0.998
    validate_every: int = 500
    validate_faces: int = 400
    log_every: int = 50

    def steps_for(self, faces: int) -> int:
        """Steps of a run on so many faces."""
        return self.steps or round(self.epochs * (faces // self.batch))


@dataclass(frozen=True)
class Fitted:
    """What came of a run.

    Attributes
    ----------
    network : nn.Module
        The averaged weights, on the CPU, in eval mode.
    steps : int
    seconds : float
        Spent in steps.
    figures : mapping of str to float
        Of the last validation.
    """

    network: nn.Module
    steps: int
    seconds: float
    figures: Mapping[str, float]


def batch_of_step(count: int, batch: int, *, step: int, seed: int) -> np.ndarray:
    """Indices (batch,) of a step: each face once an epoch, in an order drawn for that epoch."""
    per_epoch = max(count // batch, 1)
    epoch, place = divmod(step, per_epoch)
    order = np.random.default_rng([seed, 0, epoch]).permutation(count)
    return np.resize(order, max(count, batch))[place * batch : (place + 1) * batch]


def channels_last(crops: Tensor) -> Tensor:
    """The same numbers in the order of memory that convolutions like."""
    return crops.contiguous(memory_format=torch.channels_last)


@torch.inference_mode()
def validate(
    trainee: Trainee,
    network: nn.Module,
    faces: FaceSet,
    *,
    most: int,
    device: torch.device | None = None,
    upright: bool = False,
) -> dict[str, float]:
    """NME and failing rate, in percent, in the crops of the true boxes of at most `most` faces, spread evenly.

    `upright`: in crops turned with the face.
    """
    chosen = np.unique(np.linspace(0, len(faces) - 1, min(most, len(faces))).round().astype(int))
    errors = []
    for start in range(0, len(chosen), _LOOK_AT_ONCE):
        some = chosen[start : start + _LOOK_AT_ONCE]
        crops, points = plain_crops(faces, some, size_px=trainee.input_px, upright=upright)
        found = trainee.landmarks(network, channels_last(to_input(crops).to(device)))
        weights = None if faces.weights is None else faces.weights[some]
        errors.append(_errors(found.cpu().double().numpy(), points, weights))
    every = np.concatenate(errors)
    return {
        "val_nme_percent": round(float(every.mean()) * 100, 4),
        "val_median_percent": round(float(np.median(every)) * 100, 4),
        "val_fr10_percent": round(float((every > 0.1).mean()) * 100, 4),
        "val_faces": len(every),
    }


def _errors(found: np.ndarray, points: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """NME (B,) over the landmarks whose places are known: those of weight above 0."""
    if weights is None:
        return nme(found, points, WFLW_98)
    known = weights > 0
    distances = np.linalg.norm(found - points, axis=-1)
    return np.asarray((distances * known).sum(1) / np.maximum(known.sum(1), 1) / inter_ocular(points, WFLW_98))


def fit(
    trainee: Trainee,
    training_faces: FaceSet,
    validation_faces: FaceSet,
    folder: RunFolder,
    *,
    optimiser: OptimiserConfig,
    augment: AugmentConfig,
    run: RunConfig,
    machine: Machine,
    console: Console,
    begin_with: Callable[[nn.Module], None] | None = None,
    stop_after: int | None = None,
) -> Fitted | None:
    """Train to the end, or until stopped; goes on from the folder's checkpoint when there is one.

    Parameters
    ----------
    begin_with : callable, optional
        Puts weights into the fresh network: fine-tuning.
    stop_after : int, optional
        Leave a checkpoint after this step and stop.

    Returns
    -------
    Fitted or None
        None when stopped before the end.

    Raises
    ------
    SfpError
        A loss that is not finite.
    """
    torch.set_num_threads(run.threads)
    cv2.setNumThreads(1)  # its own threads would fight with torch's
    steps, device = run.steps_for(len(training_faces)), machine.device
    console.print(f"{len(training_faces)} faces to train on, {len(validation_faces)} to validate, {steps} steps")

    torch.manual_seed(run.seed)  # the first weights are the one thing drawn from torch's own generator
    network, averaged = trainee.make(), trainee.make().eval()
    if begin_with is not None:
        begin_with(network)
    network, averaged = _placed(network, device), _placed(averaged, device)
    steps_of = make_optimiser(network, optimiser)
    average = WeightAverage(network, run.average_decay)
    scaler = torch.amp.GradScaler(device.type, enabled=machine.scales_gradients)

    step, seconds = 0, 0.0
    if (checkpoint := folder.load()) is not None:
        network.load_state_dict(checkpoint["network"])
        steps_of.load_state_dict(checkpoint["optimiser"])
        average.load(checkpoint["average"])
        if machine.scales_gradients:
            scaler.load_state_dict(checkpoint["scaler"])
        step, seconds = checkpoint["step"], checkpoint["seconds"]
        if machine.first:
            folder.forget_after(step)
        console.print(f"going on after step {step}")
    called = machine.wrapped(network)  # what the loss calls; its parameters are the network's own

    def save() -> None:
        if machine.first:
            states = {"network": network.state_dict(), "optimiser": steps_of.state_dict(), "average": average.state}
            folder.save({**states, "scaler": scaler.state_dict(), "step": step, "seconds": seconds})

    def look(most: int) -> dict[str, float]:
        averaged.load_state_dict(average.state)
        return validate(trainee, averaged, validation_faces, most=most, device=device, upright=augment.upright)

    network.train()
    with _progress(console) as progress:
        bar = progress.add_task("training", total=steps, completed=step, note="")
        try:
            while step < steps and step != stop_after:
                begun = time.monotonic()
                rng = np.random.default_rng([run.seed, 1, step, machine.rank] if machine.rank else [run.seed, 1, step])
                indices = machine.share(batch_of_step(len(training_faces), run.batch, step=step, seed=run.seed))
                drawn = weighted_crops(training_faces, indices, size_px=trainee.input_px, config=augment, rng=rng)
                crops = channels_last(to_input(drawn[0]).to(device))
                points, weights = (torch.from_numpy(part).to(device) for part in drawn[1:])
                prepared = time.monotonic()

                known = None if training_faces.weights is None else weights
                loss, parts = trainee.loss(called, crops, points, known)
                if not torch.isfinite(loss):
                    raise SfpError(f"step {step}: the loss is {loss.item()}; lower optimiser.rate in the configuration")
                rate = optimiser.rate_at(step, steps)
                set_rate(steps_of, rate)
                steps_of.zero_grad(set_to_none=True)
                scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
                scaler.unscale_(steps_of)
                if optimiser.clip:
                    nn.utils.clip_grad_norm_(network.parameters(), optimiser.clip)
                scaler.step(steps_of)
                scaler.update()
                average.update(network, step)

                step += 1
                took = time.monotonic() - begun
                seconds += took
                progress.update(bar, completed=step, note=f"loss {loss.item():.4f}  {took * 1000:.0f} ms")
                if machine.first and (step % run.log_every == 0 or step == 1):
                    shown = {name: round(value, 6) for name, value in parts.items()}
                    timing = {"ms": round(took * 1000), "data_ms": round((prepared - begun) * 1000)}
                    folder.log({"step": step, "loss": loss.item(), **shown, "rate": rate, **timing})
                if machine.first and step % run.validate_every == 0 and step < steps:
                    figures = look(run.validate_faces)
                    folder.log({"step": step, **figures})
                    console.print(f"step {step}: validation NME {figures['val_nme_percent']:.2f} %")
                if folder.checkpoint_due():
                    save()
        finally:
            save()
    if step < steps:
        console.print(f"stopped after step {step}; go on with --resume")
        return None
    figures = look(len(validation_faces))
    if machine.first:
        folder.log({"step": step, **figures})
    return Fitted(averaged.cpu(), step, seconds, figures)


def _placed(network: nn.Module, device: torch.device) -> nn.Module:
    placed = network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub
    return cast(nn.Module, placed)


def _progress(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    return Progress(*columns, console=console)
