"""Train the landmark detector.

`python -m training.train_detector training/configs/compact.toml --data DIR --run RUN [--resume] [--steps N]`

DIR holds train.txt and val.txt in WFLW's line format and the pictures in images/ (as training.synth writes them).
Without --data, the table [data] of CONFIG lists the files to train on, in the formats of `training.readers`.
RUN receives config.json, metrics.jsonl, a checkpoint every five minutes and at the end detector.safetensors.
Ctrl-C leaves a checkpoint; the same command with --resume goes on from it, to the same end as an unbroken run.

Two modes, as in the paper: *retrain* begins with chance, *fine-tune* (--fine-tune WEIGHTS) with weights trained before.
A GPU is used where there is one, with half precision; several of them by
`torchrun --nproc-per-node N -m -- training.train_detector CONFIG ...` (without `--` torchrun takes --run for its own).
"""

import argparse
import sys
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from sfp_core.detect.codec import Codec, CodecConfig, nearest_landmarks
from sfp_core.detect.detector_file import write_detector
from sfp_core.detect.network import NetworkConfig, StackedHourglass
from sfp_core.errors import SfpError
from sfp_core.files import read_json, sha256_of
from sfp_core.layout import WFLW_98
from training.augment import AugmentConfig
from training.detector_data import FaceSet, read_split
from training.detector_losses import LossConfig
from training.detector_trainee import DetectorTrainee, begin_with, mean_face
from training.harness import Fitted, RunConfig, fit
from training.machine import Machine, machine_for
from training.optimiser import OptimiserConfig
from training.readers.sources import DataConfig, load_sources
from training.run_folder import RunFolder, git_state
from training.settings import from_table, read_toml


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


def read_data(config: DetectorTraining, data: Path | None, *, prefix: str = "") -> tuple[FaceSet, FaceSet]:
    """The faces to train on and to validate on: of the folder, or of the sources in the configuration.

    `prefix` stands before the names of the folder's lists: "family_" trains without the family that was held out.

    Raises
    ------
    SfpError
        Both or neither are given, or labels and pictures that cannot be used.
    """
    if data is not None and config.data.sources:
        raise SfpError("data: --data and the configuration's data.sources are both given; leave one out")
    if data is not None:
        return read_split(data, f"{prefix}train"), read_split(data, f"{prefix}val")
    if not config.data.sources:
        raise SfpError("data: none given; use --data DIR or list sources in the configuration's table [data]")
    largest = config.network.input_px * 5 // 4  # a box is at most 0.96 of the crop that is drawn the closest
    return load_sources(config.data, "train", closeup_px=largest), load_sources(config.data, "val", closeup_px=largest)


def train(
    config: DetectorTraining,
    data: Path | None,
    run: Path,
    *,
    resume: bool,
    stop_after: int | None = None,
    fine_tune: Path | None = None,
    prefix: str = "",
    machine: Machine | None = None,
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
    fine_tune : Path, optional
        Weights of a detector to begin with, instead of chance.
    prefix : str
        See `read_data`.
    machine : Machine, optional
        Default: this process alone, on the CPU.

    Returns
    -------
    Path
        The weights; not there when stopped before the end.

    Raises
    ------
    SfpError
        Data that cannot be used, a run folder of another run, weights that do not fit, or a loss that is not finite.
    """
    if config.network.layout != WFLW_98.name:
        raise SfpError(f"network.layout is {config.network.layout!r}; training lists have {WFLW_98.name!r}")
    machine = machine or Machine(torch.device("cpu"))
    trained_on = asdict(config.data) if data is None else str(data) + (f" {prefix}" if prefix else "")
    begun_with = {} if fine_tune is None else {"fine_tuned_from": sha256_of(Path(fine_tune))}
    settings = {**asdict(config), "data": trained_on, **begun_with}
    folder = RunFolder(run, settings, resume=resume, writes=machine.first)
    weights_path = folder.path / "detector.safetensors"

    console = Console(stderr=True, quiet=not machine.first)
    console.print(f"reading {data or f'{len(config.data.sources)} sources'}")
    training_faces, validation_faces = read_data(config, data, prefix=prefix)
    neighbours = nearest_landmarks(mean_face(training_faces), config.network.neighbours)
    codec = Codec(config.codec, grid=config.network.grid, neighbours=neighbours)
    earlier: dict[str, Any] = {}

    def put_weights(network: torch.nn.Module) -> None:
        assert fine_tune is not None
        earlier.update(begin_with(network, fine_tune))

    fitted = fit(
        DetectorTrainee(config.network, codec, config.loss),
        training_faces,
        validation_faces,
        folder,
        optimiser=config.optimiser,
        augment=config.augment,
        run=config.run,
        machine=machine,
        console=console,
        begin_with=put_weights if fine_tune is not None else None,
        stop_after=stop_after,
    )
    if fitted is not None and machine.first:
        assert isinstance(fitted.network, StackedHourglass)
        record = _training_record(config, data, fitted, faces=len(training_faces), prefix=prefix)
        lineage = {**begun_with, "earlier_training": earlier} if earlier else {}
        write_detector(
            weights_path,
            fitted.network,
            config.codec,
            neighbours,
            {**record, **lineage},
            upright=config.augment.upright,
        )
        nme, minutes = fitted.figures["val_nme_percent"], fitted.seconds / 60
        console.print(f"{weights_path}: validation NME {nme:.2f} % after {minutes:.1f} min")
    return weights_path


def _training_record(
    config: DetectorTraining, data: Path | None, fitted: Fitted, *, faces: int, prefix: str = ""
) -> dict[str, Any]:
    """What is written into weights about how they came to be."""
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
        "data": made_of | ({"lists": prefix} if prefix else {}),
        "faces": faces,
        "steps": fitted.steps,
        "minutes": round(fitted.seconds / 60, 1),
        **fitted.figures,
        "config": settings,
        "git": git_state(),
        "torch": torch.__version__,
    }


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path, help="a file of training/configs")
    parser.add_argument("--data", type=Path, help="folder with train.txt, val.txt and images/; else the table [data]")
    parser.add_argument("--lists", default="", metavar="PREFIX", help="of the lists: family_ holds a family out")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint of the run, if it has one")
    parser.add_argument("--steps", type=int, help="length of the run; the schedule follows it")
    parser.add_argument("--stop-after", type=int, help="leave a checkpoint after this step and stop")
    parser.add_argument("--rate", type=float, help="highest learning rate, instead of the configuration's")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:NUMBER (auto)")
    parser.add_argument("--precision", default="auto", help="auto, float32, bfloat16, float16 (auto)")
    parser.add_argument("--fine-tune", type=Path, metavar="WEIGHTS", help="begin with these weights of a detector")
    options = parser.parse_args(arguments)
    try:
        config = read_config(options.config)
        if options.steps:
            config = replace(config, run=replace(config.run, steps=options.steps))
        if options.rate:
            config = replace(config, optimiser=replace(config.optimiser, rate=options.rate))
        with machine_for(options.device, options.precision) as machine:
            train(
                config,
                options.data,
                options.run,
                resume=options.resume,
                stop_after=options.stop_after,
                fine_tune=options.fine_tune,
                prefix=options.lists,
                machine=machine,
            )
    except SfpError as error:
        print(f"train_detector: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("train_detector: stopped; go on with --resume", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
