"""Train the landmark detector.

`python -m training.train_detector training/configs/compact.toml --data DIR --run RUN [--resume] [--steps N]`

DIR holds train.txt and val.txt in WFLW's line format and the pictures in images/ (as training.synth writes them).
Without --data, the table [data] of CONFIG lists the files to train on, in the formats of `training.readers`.
RUN receives config.json, metrics.jsonl, a checkpoint every five minutes and at the end detector.safetensors.
Ctrl-C leaves a checkpoint; the same command with --resume goes on from it, to the same end as an unbroken run.
"""

import argparse
import math
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

import cv2
import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import nn

from sfp_core.detect.codec import Codec, CodecConfig, nearest_landmarks
from sfp_core.detect.crop import CropRegion, tight_box
from sfp_core.detect.detector import to_input, write_detector
from sfp_core.detect.network import NetworkConfig, StackedHourglass
from sfp_core.errors import SfpError
from sfp_core.files import read_json
from sfp_core.geometry import inter_ocular, nme
from sfp_core.layout import WFLW_98
from training.augment import AugmentConfig, plain_crops, weighted_crops
from training.detector_data import FaceSet, read_split
from training.detector_losses import LossConfig, total_loss
from training.readers.sources import DataConfig, load_sources
from training.run_folder import RunFolder, WeightAverage, git_state
from training.settings import from_table, read_toml

Schedule = Literal["cosine", "steps"]


@dataclass(frozen=True)
class OptimiserConfig:
    """How steps are taken.

    Attributes
    ----------
    kind : str
        "adam" or "adamw".
    rate, weight_decay : float
        Learning rate at its highest, and decay of convolution weights.
    schedule : str
        "cosine" falls to zero; "steps" divides by 10 at each share of the run in `decays_at`.
    warmup_steps : int
        Steps over which the rate rises from zero.
    decays_at : tuple of float
        For "steps", shares of the run.
    clip : float
        Largest norm of the gradient; 0 leaves it alone.
    """

    kind: Literal["adam", "adamw"] = "adamw"
    rate: float = 2e-3
    weight_decay: float = 1e-3
    schedule: Schedule = "cosine"
    warmup_steps: int = 100
    decays_at: tuple[float, ...] = ()
    clip: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in ("adam", "adamw") or self.schedule not in get_args(Schedule):
            raise SfpError(f"optimiser: kind {self.kind!r} and schedule {self.schedule!r} are not both known")

    def rate_at(self, step: int, steps: int) -> float:
        """The learning rate of a step (from 0) of a run of `steps`."""
        warm = min(1.0, (step + 1) / self.warmup_steps) if self.warmup_steps else 1.0
        if self.schedule == "cosine":
            return self.rate * warm * 0.5 * (1 + math.cos(math.pi * step / steps))
        return self.rate * warm * 0.1 ** sum(step >= share * steps for share in self.decays_at)


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


@dataclass(frozen=True)
class DetectorTraining:
    """A whole configuration file."""

    network: NetworkConfig = field(default_factory=NetworkConfig)
    codec: CodecConfig = field(default_factory=CodecConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    run: RunConfig = field(default_factory=RunConfig)
    data: DataConfig = field(default_factory=DataConfig)


def read_config(path: Path) -> DetectorTraining:
    """A configuration file. Raises SfpError for unknown keys and values that do not fit."""
    return from_table(DetectorTraining, read_toml(path), where=str(path))


def batch_of_step(count: int, batch: int, *, step: int, seed: int) -> np.ndarray:
    """Indices (batch,) of a step: each face once an epoch, in an order drawn for that epoch."""
    per_epoch = max(count // batch, 1)
    epoch, place = divmod(step, per_epoch)
    order = np.random.default_rng([seed, 0, epoch]).permutation(count)
    return np.resize(order, max(count, batch))[place * batch : (place + 1) * batch]


def mean_face(faces: FaceSet) -> np.ndarray:
    """Mean landmarks (98, 2) of faces in their crops of side 1."""
    crops = (CropRegion.of_box(tight_box(points)).to_crop(points, 1) for points in faces.points)
    return np.asarray(np.mean(list(crops), axis=0))


@torch.inference_mode()
def validate(network: StackedHourglass, codec: Codec, faces: FaceSet, *, most: int) -> dict[str, float]:
    """NME and failing rate, in percent, in the crops of the true boxes of at most `most` faces, spread evenly."""
    chosen = np.unique(np.linspace(0, len(faces) - 1, min(most, len(faces))).round().astype(int))
    size, errors = network.config.input_px, []
    for start in range(0, len(chosen), 64):
        crops, points = plain_crops(faces, chosen[start : start + 64], size_px=size)
        maps = network(channels_last(to_input(crops)), votes=codec.config.votes)[-1]
        found = codec.decode(maps).numpy() * (size / network.config.grid)
        errors.append(
            _errors(found, points, None if faces.weights is None else faces.weights[chosen[start : start + 64]])
        )
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


def read_data(config: DetectorTraining, data: Path | None) -> tuple[FaceSet, FaceSet]:
    """The faces to train on and to validate on: of the folder, or of the sources in the configuration.

    Raises
    ------
    SfpError
        Both or neither are given, or labels and pictures that cannot be used.
    """
    if data is not None and config.data.sources:
        raise SfpError("data: --data and the configuration's data.sources are both given; leave one out")
    if data is not None:
        return read_split(data, "train"), read_split(data, "val")
    if not config.data.sources:
        raise SfpError("data: none given; use --data DIR or list sources in the configuration's table [data]")
    largest = config.network.input_px * 5 // 4  # a box is at most 0.96 of the crop that is drawn the closest
    return load_sources(config.data, "train", closeup_px=largest), load_sources(config.data, "val", closeup_px=largest)


def channels_last(crops: torch.Tensor) -> torch.Tensor:
    """The same numbers in the order of memory that convolutions on CPUs like."""
    return crops.contiguous(memory_format=torch.channels_last)


def make_optimiser(network: nn.Module, config: OptimiserConfig) -> torch.optim.Optimizer:
    """Adam or AdamW; biases and normalisation do not decay."""
    decayed = [p for p in network.parameters() if p.ndim > 1]
    kept = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": config.weight_decay}, {"params": kept, "weight_decay": 0.0}]
    kind = torch.optim.AdamW if config.kind == "adamw" else torch.optim.Adam
    return kind(groups, lr=config.rate, foreach=True)


def train(
    config: DetectorTraining, data: Path | None, run: Path, *, resume: bool, stop_after: int | None = None
) -> Path:
    """Train and write RUN/detector.safetensors.

    Parameters
    ----------
    config : DetectorTraining
        With a network for `WFLW_98`.
    data : Path or None
        Folder, see the top of this file; None: the sources of `config.data`.
    run : Path
        Folder of the run.
    resume : bool
        Go on from the checkpoint of `run`, or begin when there is none.
    stop_after : int, optional
        Leave a checkpoint after this step and stop.

    Returns
    -------
    Path
        The weights; not there when stopped before the end.

    Raises
    ------
    SfpError
        Data that cannot be used, a run folder of another run, or a loss that is not finite.
    """
    if config.network.layout != WFLW_98.name:
        raise SfpError(f"network.layout is {config.network.layout!r}; training lists have {WFLW_98.name!r}")
    torch.set_num_threads(config.run.threads)
    cv2.setNumThreads(1)  # its own threads would fight with torch's
    trained_on = asdict(config.data) if data is None else str(data)
    folder = RunFolder(run, {**asdict(config), "data": trained_on}, resume=resume)
    weights_path = folder.path / "detector.safetensors"

    console = Console(stderr=True)
    console.print(f"reading {data or f'{len(config.data.sources)} sources'}")
    training_faces, validation_faces = read_data(config, data)
    steps = config.run.steps or round(config.run.epochs * (len(training_faces) // config.run.batch))
    console.print(f"{len(training_faces)} faces to train on, {len(validation_faces)} to validate, {steps} steps")

    torch.manual_seed(config.run.seed)  # the first weights are the one thing drawn from torch's own generator
    network = StackedHourglass(config.network)
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
    neighbours = nearest_landmarks(mean_face(training_faces), config.network.neighbours)
    codec = Codec(config.codec, grid=config.network.grid, neighbours=neighbours)
    optimiser = make_optimiser(network, config.optimiser)
    average = WeightAverage(network, config.run.average_decay)
    averaged = StackedHourglass(config.network).eval()
    averaged = averaged.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    step, seconds = 0, 0.0
    if (checkpoint := folder.load()) is not None:
        network.load_state_dict(checkpoint["network"])
        optimiser.load_state_dict(checkpoint["optimiser"])
        average.state = checkpoint["average"]
        step, seconds = checkpoint["step"], checkpoint["seconds"]
        folder.forget_after(step)
        console.print(f"going on after step {step}")

    def save() -> None:
        state = {"network": network.state_dict(), "optimiser": optimiser.state_dict(), "average": average.state}
        folder.save({**state, "step": step, "seconds": seconds})

    def look(most: int) -> dict[str, float]:
        averaged.load_state_dict(average.state)
        return validate(averaged, codec, validation_faces, most=most)

    size, cells_per_px = config.network.input_px, config.network.grid / config.network.input_px
    network.train()
    with _progress(console) as progress:
        bar = progress.add_task("training", total=steps, completed=step, note="")
        try:
            while step < steps and step != stop_after:
                begun = time.monotonic()
                rng = np.random.default_rng([config.run.seed, 1, step])
                indices = batch_of_step(len(training_faces), config.run.batch, step=step, seed=config.run.seed)
                crops, points, weights = weighted_crops(
                    training_faces, indices, size_px=size, config=config.augment, rng=rng
                )
                prepared = time.monotonic()

                targets = codec.encode(torch.from_numpy(points) * cells_per_px)
                stages = network(channels_last(to_input(crops)), cells=targets.cells)
                point_weight = None if training_faces.weights is None else torch.from_numpy(weights)
                loss, parts = total_loss(stages, targets, codec, config.loss, point_weight=point_weight)
                if not torch.isfinite(loss):
                    raise SfpError(f"step {step}: the loss is {loss.item()}; lower optimiser.rate in the configuration")
                rate = config.optimiser.rate_at(step, steps)
                for group in optimiser.param_groups:
                    group["lr"] = rate
                optimiser.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]
                if config.optimiser.clip:
                    nn.utils.clip_grad_norm_(network.parameters(), config.optimiser.clip)
                optimiser.step()
                average.update(network, step)

                step += 1
                took = time.monotonic() - begun
                seconds += took
                note = f"loss {loss.item():.4f}  {took * 1000:.0f} ms"
                progress.update(bar, completed=step, note=note)
                if step % config.run.log_every == 0 or step == 1:
                    shown = {name: round(value, 6) for name, value in parts.items()}
                    timing = {"ms": round(took * 1000), "data_ms": round((prepared - begun) * 1000)}
                    folder.log({"step": step, "loss": loss.item(), **shown, "rate": rate, **timing})
                if step % config.run.validate_every == 0 and step < steps:
                    figures = look(config.run.validate_faces)
                    folder.log({"step": step, **figures})
                    console.print(f"step {step}: validation NME {figures['val_nme_percent']:.2f} %")
                if folder.checkpoint_due():
                    save()
        finally:
            save()
    if step < steps:
        console.print(f"stopped after step {step}; go on with --resume")
        return weights_path
    figures = look(len(validation_faces))
    folder.log({"step": step, **figures})
    record = _training_record(config, data, steps=steps, seconds=seconds, figures=figures, faces=len(training_faces))
    write_detector(weights_path, averaged, config.codec, neighbours, record)
    console.print(f"{weights_path}: validation NME {figures['val_nme_percent']:.2f} % after {seconds / 60:.1f} min")
    return weights_path


def _progress(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    return Progress(*columns, console=console)


def _training_record(
    config: DetectorTraining, data: Path | None, *, steps: int, seconds: float, figures: dict[str, float], faces: int
) -> dict[str, Any]:
    """What is written into the weights about how they came to be."""
    settings = asdict(config)
    sources = settings.pop("data")["sources"]
    if data is None:  # names only: where they lay on this machine is nobody's business
        made_of: dict[str, Any] = {"sources": [{**source, "list": Path(source["list"]).name} for source in sources]}
        for source in made_of["sources"]:
            source.pop("pictures")
    elif (recipe_path := Path(data) / "recipe.json").exists():
        made_of = read_json(recipe_path)
    else:
        made_of = {"folder": Path(data).name}
    return {
        "data": made_of,
        "faces": faces,
        "steps": steps,
        "minutes": round(seconds / 60, 1),
        **figures,
        "config": settings,
        "git": git_state(),
        "torch": torch.__version__,
    }


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path, help="a file of training/configs")
    parser.add_argument("--data", type=Path, help="folder with train.txt, val.txt and images/; else the table [data]")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint of the run, if it has one")
    parser.add_argument("--steps", type=int, help="length of the run; the schedule follows it")
    parser.add_argument("--stop-after", type=int, help="leave a checkpoint after this step and stop")
    options = parser.parse_args(arguments)
    try:
        config = read_config(options.config)
        if options.steps:
            config = replace(config, run=replace(config.run, steps=options.steps))
        train(config, options.data, options.run, resume=options.resume, stop_after=options.stop_after)
    except SfpError as error:
        print(f"train_detector: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("train_detector: stopped; go on with --resume", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
