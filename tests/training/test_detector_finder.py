"""The training program of the face finder."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sfp_core.detect.finder import Finder, FinderConfig, FinderNetwork, decode_boxes, overlap
from training.augment import AugmentConfig
from training.detector_data import FaceSet, read_split
from training.finder_scenes import SceneConfig, background, make_batch, make_scene
from training.settings import from_table, read_toml
from training.train_finder import (
    FinderRunConfig,
    FinderTraining,
    encode_boxes,
    finder_loss,
    generalised_overlap,
    train,
    validate,
)

CONFIG = Path(__file__).parents[2] / "training" / "configs" / "finder.toml"


@pytest.fixture(scope="module")
def faces(drawn_data: Callable[[int], Path]) -> FaceSet:
    return read_split(drawn_data(8), "train")


def test_targets_decode_to_their_boxes_and_cost_nothing_when_met() -> None:
    boxes = [[(10.5, 20.0, 50.0, 70.5), (90.0, 90.0, 150.0, 159.0)], [], [(-20.0, -10.0, 40.0, 60.0)]]
    targets = encode_boxes(boxes, 20)
    assert (targets.heat == 1).sum((1, 2)).tolist() == [2, 0, 1]
    maps = torch.zeros(3, 5, 20, 20)
    maps[:, 0] = torch.where(targets.heat == 1, 30.0, -30.0)
    for box, (scene, row, column) in zip(targets.boxes, targets.where.tolist(), strict=True):
        x0, y0, x1, y1 = box
        values = [(x0 + x1) / 2 - column - 0.5, (y0 + y1) / 2 - row - 0.5, (x1 - x0).log(), (y1 - y0).log()]
        maps[scene, 1:, row, column] = torch.stack(values)
    scores, decoded = decode_boxes(maps)
    found = decoded[scores > 0.5] * 8
    assert torch.allclose(found, torch.tensor([box for scene in boxes for box in scene]), atol=1e-3)
    assert finder_loss(maps, targets, box_weight=1.0).item() == pytest.approx(0, abs=1e-4)
    wrong = maps.clone()
    wrong[0, 0, 5, 15] = 5.0  # a face where there is none
    assert finder_loss(wrong, targets, box_weight=1.0).item() > 0.5


def test_scenes_without_faces_teach_as_well() -> None:
    maps = torch.zeros(1, 5, 20, 20, requires_grad=True)
    loss = finder_loss(maps, encode_boxes([[]], 20), box_weight=1.0)
    loss.backward()  # type: ignore[no-untyped-call]
    assert maps.grad is not None
    assert (maps.grad[0, 0] > 0).all()


def test_the_overlap_of_boxes_apart_grows_as_they_come_near() -> None:
    box = torch.tensor([[0.0, 0, 2, 2]]).expand(4, 4)
    others = torch.tensor([[9.0, 0, 11, 2], [4, 0, 6, 2], [1, 0, 3, 2], [0, 0, 2, 2]])
    values = generalised_overlap(box, others)
    assert torch.allclose(values, torch.tensor([-7 / 11, -1 / 3, 1 / 3, 1.0]))


def test_boxes_hold_the_faces_that_are_seen(faces: FaceSet) -> None:
    """A face pasted on a background changes the picture inside its box, and boxes keep apart."""
    config = SceneConfig(whole=0.0, empty=0.0, decoys=0.0)
    sizes = []
    for seed in range(40):
        scene, boxes = make_scene(faces, config=config, rng=np.random.default_rng(seed))
        bare = background(config.size_px, _after_kind(seed))
        assert boxes
        for box in boxes:
            x0, y0, x1, y1 = (int(np.clip(v, 0, 159)) for v in box)
            assert (scene[y0 : y1 + 1, x0 : x1 + 1] != bare[y0 : y1 + 1, x0 : x1 + 1]).any(2).mean() > 0.5
            sizes.append(max(box[2] - box[0], box[3] - box[1]))
        assert all(overlap(a, b) < 0.2 for i, a in enumerate(boxes) for b in boxes[:i])
    assert min(sizes) < 30 < 80 < max(sizes)


def _after_kind(seed: int) -> np.random.Generator:
    rng = np.random.default_rng(seed)
    rng.random()  # a scene first draws its kind
    return rng


def test_shares_of_scenes_are_as_asked(faces: FaceSet) -> None:
    config = SceneConfig(whole=0.3, empty=0.3)
    counts = [len(make_scene(faces, config=config, rng=np.random.default_rng([9, seed]))[1]) for seed in range(300)]
    assert 0.2 < np.mean(np.array(counts) == 0) < 0.4
    assert max(counts) == config.most_faces
    scenes, boxes = make_batch(faces, 3, config=config, augment=AugmentConfig(), rng=np.random.default_rng(0))
    assert scenes.shape == (3, 160, 160, 3) and scenes.dtype == np.uint8 and len(boxes) == 3


def test_the_config_builds_and_is_small() -> None:
    config = from_table(FinderTraining, read_toml(CONFIG), where="finder.toml")
    assert sum(p.numel() for p in FinderNetwork(config.network).parameters()) <= 300_000


def test_training_lowers_the_loss_resumes_and_writes_weights(tmp_path: Path, drawn_data: Callable[[int], Path]) -> None:
    config = FinderTraining(
        network=FinderConfig(channels=(4, 8, 8, 8, 8)),
        scenes=SceneConfig(size_px=96, smallest_px=30.0, largest_px=80.0, most_faces=1, decoys=0.0, empty=0.0),
        run=FinderRunConfig(steps=60, batch=4, threads=1, rate=1e-2, warmup_steps=5, validation_scenes=4, log_every=1),
    )
    data = drawn_data(8)
    weights = train(config, data, tmp_path / "run", resume=False)
    assert Finder.load(weights).network.config == config.network
    lines = (tmp_path / "run" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    losses = [json.loads(line)["loss"] for line in lines[:-1]]
    assert np.mean(losses[-10:]) < 0.75 * np.mean(losses[:3])
    assert set(json.loads(lines[-1])) == {"step", "val_recall", "val_false_per_scene"}
    assert train(config, data, tmp_path / "run", resume=True).exists()  # nothing left to do


def test_validation_counts_what_is_found_and_what_is_false(faces: FaceSet) -> None:
    network = FinderNetwork(FinderConfig(channels=(4, 4, 8, 8, 8))).eval()
    config = FinderTraining(run=FinderRunConfig(validation_scenes=5))
    with torch.no_grad():
        network.maps.weight.zero_()
        network.maps.bias.copy_(torch.tensor([-9.0, 0, 0, 2, 2]))  # type: ignore[union-attr]
    assert validate(network, faces, config) == {"val_recall": 0.0, "val_false_per_scene": 0.0}
    with torch.no_grad():
        network.maps.bias.copy_(torch.tensor([9.0, 0, 0, 0, 0]))  # type: ignore[union-attr]
    figures = validate(network, faces, replace(config))
    assert figures["val_recall"] == 0.0  # boxes of one cell are no faces
    assert figures["val_false_per_scene"] > 10


def test_all_faces_of_a_shared_picture_are_in_its_scene(faces: FaceSet) -> None:
    points = np.stack([faces.points[0] * 0.4, faces.points[0] * 0.4 + np.array([30, 0]), faces.points[1]])
    shared = FaceSet([faces.pictures[0], faces.pictures[0], faces.pictures[1]], points.astype(np.float32))
    rng = np.random.default_rng(0)
    counts = {len(make_scene(shared, config=SceneConfig(whole=1.0), rng=rng)[1]) for _ in range(40)}
    assert counts == {1, 2}
