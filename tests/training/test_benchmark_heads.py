"""The heads benchmark: its frozen recipe, its figures and its bounds."""

from dataclasses import replace

import pytest

from training import benchmark
from training.benchmarks import heads
from training.benchmarks.table import Figure


def test_recipe_is_frozen() -> None:
    recipe = heads.read_recipe()
    assert (recipe.name, recipe.version, recipe.speed.seed, recipe.broken.seed) == ("heads", 1, 40961, 20261)
    assert (recipe.speed.size, recipe.speed.supersample, recipe.speed.processes) == (256, 2, 2)
    assert (recipe.beauty.size, recipe.broken.identities) == (720, 2000)


def test_counts_keep_their_bounds() -> None:
    figures = {figure.key: figure for figure in heads.count_figures()}
    assert set(figures) == {"characters", "controllers", "looks"}
    assert all(figure.verdict in ("aim", "ok") for figure in figures.values())


def test_more_is_better_where_it_is() -> None:
    assert Figure("images_per_s", 30, "", 25, 60, more_is_better=True).verdict == "ok"
    assert Figure("images_per_s", 61, "", 25, 60, more_is_better=True).verdict == "aim"
    assert Figure("images_per_s", 24, "", 25, 60, more_is_better=True).verdict == "MISSED"
    assert Figure("beauty_ms", 61, "", 150, 60).verdict == "ok"


@pytest.mark.slow
def test_small_runs_measure_all_that_the_table_asks_for() -> None:
    recipe = heads.read_recipe()
    small = replace(recipe.speed, size=64, characters=1, pictures=2, chunks=1, plain_chunks=1)
    speed = heads.speed_figures(small)
    broken = heads.broken_figures(replace(recipe.broken, identities=8), processes=2)
    beauty = heads.beauty_figure(replace(recipe.beauty, size=128, frames=2))
    values = {figure.key: figure.value for figure in [*speed, *broken, beauty] if not figure.key.startswith(" ")}
    assert set(values) == {"images_per_s", "plain_images_per_s", "broken_share", "beauty_ms"}
    assert values["images_per_s"] > 0.5
    assert values["broken_share"] <= 100


def test_parts_of_another_benchmark_are_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmark.main(["heads", "--parts", "clip"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("benchmark: error: --parts clip")
    assert said.count("\n") == 1
