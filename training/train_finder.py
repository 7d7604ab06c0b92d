"""Train the face finder.

`python -m training.train_finder training/configs/finder.toml --data DIR --run RUN [--resume] [--steps N]`

DIR is a data set as for training.train_detector; scenes are composed of its pictures while training. RUN receives
config.json, metrics.jsonl, a checkpoint, and at the end finder.safetensors.
"""

import argparse
import math
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from rich.console import Console
from rich.progress import track
from torch import Tensor, nn

from sfp_core.detect.crop import Box
from sfp_core.detect.finder import STRIDE_PX, Finder, FinderConfig, FinderNetwork, decode_boxes, write_finder
from sfp_core.detect.runtime import to_input
from sfp_core.errors import SfpError
from sfp_core.files import read_json
from training.augment import AugmentConfig
from training.detector_data import FaceSet, read_split
from training.finder_scenes import SceneConfig, make_batch, make_scene
from training.run_folder import RunFolder, WeightAverage, git_state
from training.settings import from_table, read_toml

_FOUND_OVERLAP = 0.5  # intersection over union from which on a face counts as found


@dataclass(frozen=True)
class FinderRunConfig:
    """How long and how: AdamW with a cosine schedule."""

    steps: int = 2000
    batch: int = 32
    seed: int = 1
    threads: int = 2
    rate: float = 3e-3
    weight_decay: float = 1e-3
    warmup_steps: int = 100
    average_decay: float = 0.995
    box_weight: float = 1.0
    log_every: int = 50
    validation_scenes: int = 300


@dataclass(frozen=True)
class FinderTraining:
    """A whole configuration file."""

    network: FinderConfig = field(default_factory=FinderConfig)
    scenes: SceneConfig = field(default_factory=SceneConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    run: FinderRunConfig = field(default_factory=FinderRunConfig)


@dataclass(frozen=True)
class FinderTargets:
    """What is taught: `heat` (B, H, W), 1 at centres, Gaussian around them; `boxes` (M, 4) at cells `where` (M, 3)."""

    heat: Tensor
    boxes: Tensor
    where: Tensor


def encode_boxes(boxes: list[list[Box]], cells: int) -> FinderTargets:
    """Targets for the boxes, in pixels, of each scene of `cells` x `cells` cells.

    As in CenterNet (Zhou et al. 2019) cells near a centre are blamed less; the box is taught in the 3 x 3 cells around
    the centre.
    """
    heat = torch.zeros(len(boxes), cells, cells)
    centres = torch.arange(cells) + 0.5
    taught, where = [], []
    for scene, in_scene in enumerate(boxes):
        for box in in_scene:
            x0, y0, x1, y1 = (value / STRIDE_PX for value in box)
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
            column, row = (min(max(int(value), 0), cells - 1) for value in (x, y))
            sigma = max(max(x1 - x0, y1 - y0) / 10, 0.5)
            blob = torch.exp(-((centres[None] - x) ** 2 + (centres[:, None] - y) ** 2) / (2 * sigma**2))
            heat[scene] = torch.maximum(heat[scene], blob.clamp(max=0.99))
            heat[scene, row, column] = 1.0
            for r in range(max(row - 1, 0), min(row + 2, cells)):
                for c in range(max(column - 1, 0), min(column + 2, cells)):
                    where.append((scene, r, c))
                    taught.append((x0, y0, x1, y1))
    return FinderTargets(heat, torch.tensor(taught).view(-1, 4), torch.tensor(where, dtype=torch.int64).view(-1, 3))


def finder_loss(maps: Tensor, targets: FinderTargets, *, box_weight: float) -> Tensor:
    """CenterNet's focal loss of the scores, plus one minus the overlap (GIoU) of the boxes."""
    logit, heat = maps[:, 0], targets.heat
    score = logit.sigmoid()
    centre = heat == 1
    hit = F.softplus(-logit) * (1 - score) ** 2
    false = F.softplus(logit) * score**2 * (1 - heat) ** 4
    focal = torch.where(centre, hit, false).sum() / centre.sum().clamp(min=1)
    if not len(targets.boxes):
        return focal
    scene, row, column = targets.where.unbind(1)
    found = decode_boxes(maps)[1][scene, row, column]
    return focal + box_weight * (1 - generalised_overlap(found, targets.boxes)).mean()


def generalised_overlap(boxes: Tensor, others: Tensor) -> Tensor:
    """GIoU (Rezatofighi et al. 2019) of boxes (M, 4) with others (M, 4): (M,) in (-1, 1]."""
    shared = (torch.minimum(boxes[:, 2:], others[:, 2:]) - torch.maximum(boxes[:, :2], others[:, :2])).clamp(min=0)
    hull = torch.maximum(boxes[:, 2:], others[:, 2:]) - torch.minimum(boxes[:, :2], others[:, :2])
    intersection, hull_area = shared.prod(1), hull.prod(1)
    union = (boxes[:, 2:] - boxes[:, :2]).prod(1) + (others[:, 2:] - others[:, :2]).prod(1) - intersection
    return intersection / union - (hull_area - union) / hull_area


def validate(network: FinderNetwork, faces: FaceSet, config: FinderTraining) -> dict[str, float]:
    """Recall and false boxes on scenes of the validation pictures, found as users find them."""
    finder = Finder(network)
    rng = np.random.default_rng([config.run.seed, 2])
    found, wanted, false = 0, 0, 0
    for _ in range(config.run.validation_scenes):
        scene, boxes = make_scene(faces, config=config.scenes, rng=rng)
        answers = torch.tensor([face.box for face in finder.find(scene)]).view(-1, 4)
        truth = torch.tensor(boxes).view(-1, 4)
        hits = torch.zeros(len(truth), len(answers), dtype=torch.bool)
        for i, box in enumerate(truth):
            hits[i] = _overlap_over_union(answers, box.expand_as(answers)) > _FOUND_OVERLAP
        found, wanted = found + int(hits.any(1).sum()), wanted + len(truth)
        false += int((~hits.any(0)).sum())
    scenes = config.run.validation_scenes
    return {"val_recall": round(found / max(wanted, 1), 4), "val_false_per_scene": round(false / max(scenes, 1), 4)}


def _overlap_over_union(boxes: Tensor, others: Tensor) -> Tensor:
    shared = (torch.minimum(boxes[:, 2:], others[:, 2:]) - torch.maximum(boxes[:, :2], others[:, :2])).clamp(min=0)
    union = (boxes[:, 2:] - boxes[:, :2]).prod(1) + (others[:, 2:] - others[:, :2]).prod(1) - shared.prod(1)
    return shared.prod(1) / union


def train(config: FinderTraining, data: Path, run: Path, *, resume: bool) -> Path:
    """Train and write RUN/finder.safetensors; the path of it. Raises SfpError as `train_detector.train` does."""
    torch.set_num_threads(config.run.threads)
    cv2.setNumThreads(1)  # its own threads would fight with torch's
    folder = RunFolder(run, {**asdict(config), "data": str(data)}, resume=resume)
    console = Console(stderr=True)
    training_faces, validation_faces = read_split(data, "train"), read_split(data, "val")
    steps, cells = config.run.steps, config.scenes.size_px // STRIDE_PX

    torch.manual_seed(config.run.seed)  # the first weights are the one thing drawn from torch's own generator
    network = FinderNetwork(config.network).train()
    average = WeightAverage(network, config.run.average_decay)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=config.run.rate, weight_decay=config.run.weight_decay, foreach=True
    )
    first, seconds = 0, 0.0
    if (checkpoint := folder.load()) is not None:
        network.load_state_dict(checkpoint["network"])
        optimiser.load_state_dict(checkpoint["optimiser"])
        average.state = checkpoint["average"]
        first, seconds = checkpoint["step"], checkpoint["seconds"]
        folder.forget_after(first)

    done = first

    def save() -> None:
        state = {"network": network.state_dict(), "optimiser": optimiser.state_dict(), "average": average.state}
        folder.save({**state, "step": done, "seconds": seconds})

    try:
        for step in track(range(first, steps), description="finder", console=console):
            begun = time.monotonic()
            rng = np.random.default_rng([config.run.seed, 1, step])
            scenes, boxes = make_batch(
                training_faces, config.run.batch, config=config.scenes, augment=config.augment, rng=rng
            )
            prepared = time.monotonic()
            inputs = to_input(scenes).contiguous(memory_format=torch.channels_last)
            loss = finder_loss(network(inputs), encode_boxes(boxes, cells), box_weight=config.run.box_weight)
            if not torch.isfinite(loss):
                raise SfpError(f"step {step}: the loss is {loss.item()}; lower run.rate in the configuration")
            warm = min(1.0, (step + 1) / config.run.warmup_steps)
            for group in optimiser.param_groups:
                group["lr"] = config.run.rate * warm * 0.5 * (1 + math.cos(math.pi * step / steps))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            average.update(network, step)
            done, took = step + 1, time.monotonic() - begun
            seconds += took
            if done % config.run.log_every == 0 or done == 1:
                timing = {"ms": round(took * 1000), "data_ms": round((prepared - begun) * 1000)}
                folder.log({"step": done, "loss": round(loss.item(), 6), **timing})
            if folder.checkpoint_due():
                save()
    finally:
        save()
    network.load_state_dict(average.state)
    figures = validate(network.eval(), validation_faces, config)
    folder.log({"step": done, **figures})
    recipe_path = Path(data) / "recipe.json"
    record = {
        "data": read_json(recipe_path) if recipe_path.exists() else {"folder": Path(data).name},
        "steps": steps,
        "minutes": round(seconds / 60, 1),
        **figures,
        "config": asdict(config),
        "git": git_state(),
        "torch": torch.__version__,
    }
    weights_path = folder.path / "finder.safetensors"
    write_finder(weights_path, network, record)
    console.print(
        f"{weights_path}: found {figures['val_recall']:.1%} of the faces with "
        f"{figures['val_false_per_scene']:.3f} false boxes a scene after {seconds / 60:.1f} min"
    )
    return weights_path


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path, help="training/configs/finder.toml or one like it")
    parser.add_argument("--data", type=Path, required=True, help="folder with train.txt, val.txt and images/")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint of the run, if it has one")
    parser.add_argument("--steps", type=int, help="length of the run; the schedule follows it")
    options = parser.parse_args(arguments)
    try:
        config = from_table(FinderTraining, read_toml(options.config), where=str(options.config))
        if options.steps:
            config = replace(config, run=replace(config.run, steps=options.steps))
        train(config, options.data, options.run, resume=options.resume)
    except SfpError as error:
        print(f"train_finder: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("train_finder: stopped; go on with --resume", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
