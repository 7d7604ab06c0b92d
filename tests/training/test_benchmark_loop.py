"""The loop benchmark: its truth, its table, and a loop whose detector is perfect."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sfp_core.rigs.procedural import ProceduralCharacter
from training import benchmark
from training.benchmarks.known_curves import KnownTake, known_takes, smooth_motion
from training.benchmarks.loop import LoopErrors, answered, loop_errors, read_recipe, split_faces, unseen_faces
from training.benchmarks.table import Figure, table_text


@pytest.fixture(scope="module")
def toon() -> ProceduralCharacter:
    return ProceduralCharacter.named("toon")


Takes = tuple[list[KnownTake], list[KnownTake]]


@pytest.fixture(scope="module")
def takes(toon: ProceduralCharacter) -> Takes:
    """Named and drawn takes."""
    return known_takes(read_recipe().curves, toon)


def test_recipe_is_frozen_and_known_to_the_character(toon: ProceduralCharacter) -> None:
    recipe = read_recipe()
    assert (recipe.name, recipe.version, recipe.curves.seed, recipe.faces.seed) == ("loop", 1, 20251, 77077)
    assert len(set(recipe.curves.named)) == 20
    assert set(recipe.curves.named) <= set(toon.rig.names)
    assert recipe.faces.count == 500


def test_each_moved_controller_crosses_half_its_range_inside_its_limits_and_others_rest(
    toon: ProceduralCharacter,
) -> None:
    recipe, rig = read_recipe().curves, toon.rig
    moved = [rig.index(name) for name in recipe.named]
    curves = smooth_motion(recipe, rig, moved, np.random.default_rng(0))
    crossed = np.ptp(curves.values, axis=0) / (rig.maximum - rig.minimum)
    assert (crossed[moved] >= 0.5 - 1e-9).all()
    assert (crossed[moved] <= 0.8 + 1e-9).all()
    assert not np.delete(crossed, moved).any()
    assert (curves.values.min(axis=0) <= rig.neutral + 1e-9).all()
    assert (curves.values.max(axis=0) >= rig.neutral - 1e-9).all()
    steps = np.abs(np.diff(curves.values[:, moved], axis=0)) / (rig.maximum - rig.minimum)[moved]
    assert steps.max() < 0.2  # smooth: no jump between frames


def test_drawn_takes_move_twenty_visible_controllers_and_repeat_by_seed(
    toon: ProceduralCharacter, takes: Takes
) -> None:
    named, drawn = takes
    again = known_takes(read_recipe().curves, toon)[1]
    assert [len(take.moved) for take in named + drawn] == [20] * 4
    assert not {"tongue.ty", "tongue.tz"} & {toon.rig.names[k] for take in drawn for k in take.moved}
    for first, second in zip(drawn, again, strict=True):
        assert np.array_equal(first.curves.values, second.curves.values)
    assert not np.array_equal(drawn[0].moved, drawn[1].moved)


class _Perfect:
    """A character whose mapper knows the answer."""

    def __init__(self, toon: ProceduralCharacter, values: np.ndarray) -> None:
        self.rig, self.values = toon.rig, values

    def controllers(self, points: np.ndarray, *, refine: Any = None) -> np.ndarray:
        assert points.shape == (len(self.values), 98, 2)
        return self.values


def test_a_perfect_mapper_loses_only_what_keys_lose(toon: ProceduralCharacter, takes: Takes) -> None:
    take = takes[0][0]
    points = np.tile(toon.landmarks(toon.rig.neutral), (take.curves.frames, 1, 1))
    perfect: Any = _Perfect(toon, take.curves.values)
    stages = answered(take, points, perfect)
    assert np.array_equal(stages["mapper alone"], take.curves.values)
    errors = loop_errors([take], [points], perfect)
    assert errors.moved["as shipped"] == 0
    assert 0 < errors.moved["keys, read back"] < 0.01
    assert errors.every["keys, read back"] < errors.moved["keys, read back"]


def test_always_answering_neutral_scores_one(toon: ProceduralCharacter, takes: Takes) -> None:
    take = takes[0][0]
    points = np.tile(toon.landmarks(toon.rig.neutral), (take.curves.frames, 1, 1))
    still: Any = _Perfect(toon, np.tile(toon.rig.neutral, (take.curves.frames, 1)))
    errors: LoopErrors = loop_errors([take], [points], still)
    assert errors.moved["keys, read back"] == pytest.approx(errors.neutral, rel=1e-12)


def test_faces_on_the_fly_repeat_and_lie_in_their_pictures() -> None:
    from dataclasses import replace

    recipe = replace(read_recipe().faces, count=3, each=2)
    images, truth = unseen_faces(recipe)
    again = unseen_faces(recipe)
    assert [image.shape for image in images] == [(192, 192, 3)] * 3
    assert all(np.array_equal(one, other) for one, other in zip(images, again[0], strict=True))
    assert np.array_equal(truth, again[1])
    assert ((truth > -60) & (truth < 252)).mean() > 0.99


def test_faces_of_a_data_set_are_read_from_its_test_list(tmp_path: Path) -> None:
    from dataclasses import replace

    from PIL import Image

    from training.annotations import wflw_line

    images, truth = unseen_faces(replace(read_recipe().faces, count=2, each=1))
    (tmp_path / "images").mkdir()
    lines = []
    for number, (image, points) in enumerate(zip(images, truth, strict=True)):
        Image.fromarray(image).save(tmp_path / "images" / f"{number}.png")
        lines.append(wflw_line(points, f"{number}.png"))
    (tmp_path / "test.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    read, points = split_faces(tmp_path, 500)
    assert all(np.array_equal(one, other) for one, other in zip(read, images, strict=True))
    assert np.allclose(points, truth, atol=2e-3)


def test_table_ends_in_one_json_object_without_the_indented_rows() -> None:
    figures = [
        Figure("loop_error", 0.05, "", 0.08, 0.04, "8000 poses", "20 controllers"),
        Figure("  mapper alone", 0.06, ""),
        Figure("nme_unseen", 7.0, "%", 6.0, 4.0),
        Figure("rtf", 0.09, "", 0.5, 0.1),
    ]
    lines = table_text(figures).splitlines()
    assert json.loads(lines[-1]) == {"loop_error": 0.05, "nme_unseen": 7.0, "rtf": 0.09}
    assert "MISSED" in lines[3]
    assert "20 controllers; fitted on 8000 poses" in lines[1]
    assert [one.verdict for one in figures] == ["ok", "", "MISSED", "aim"]


def test_unknown_character_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmark.main(["loop", "--parts", "curves", "--character", "nobody"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("benchmark: error: character 'nobody' is unknown")
    assert said.err.count("\n") == 1
